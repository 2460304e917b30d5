// Results made fit for a chart. Pure.

import { at } from '$ui/format/facts'
import type { ProbeResult, Verdict } from '$ui/ipc/bindings'

export type Bar = { at: number; counts: Record<Verdict, number> }
export type Bars = { seconds: number; bars: Bar[] }
export type Dot = { at: number; value: number }
export type Line = { agent: string; dots: Dot[] }

/** Widths that a person reads at a glance, in seconds. */
const WIDTHS = [60, 300, 900, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 604_800, 2_629_800]

const none = (): Record<Verdict, number> => ({ expected: 0, unexpected: 0, failed: 0, timed_out: 0, killed: 0 })

/** How often which verdict came, in at most `most` bars from the first result to the last. */
export function verdicts(results: readonly ProbeResult[], most: number): Bars {
  const times = results.map((one) => one.ended)
  const first = times.reduce((a, b) => Math.min(a, b), Infinity)
  const last = times.reduce((a, b) => Math.max(a, b), -Infinity)
  if (!Number.isFinite(first)) return { seconds: WIDTHS[0]!, bars: [] }
  const span = (last - first) / 1000
  const seconds = WIDTHS.find((width) => span / width < most - 1) ?? Math.ceil(span / (most - 1))
  const width = seconds * 1000
  const begin = Math.floor(first / width) * width
  const bars = Array.from({ length: Math.floor((last - begin) / width) + 1 }, (_, i) => ({
    at: begin + i * width,
    counts: none(),
  }))
  for (const one of results) bars[Math.floor((one.ended - begin) / width)]!.counts[one.verdict] += 1
  return { seconds, bars }
}

/** A number of the facts over time, one line for each agent, oldest first; results without it are left out. */
export function numbers(results: readonly ProbeResult[], pointer: string): Line[] {
  const lines = new Map<string, Dot[]>()
  for (const one of results) {
    const value = at(one.facts, pointer)
    if (typeof value !== 'number') continue
    const dots = lines.get(one.agent) ?? []
    dots.push({ at: one.ended, value })
    lines.set(one.agent, dots)
  }
  return [...lines]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([agent, dots]) => ({ agent, dots: dots.sort((a, b) => a.at - b.at) }))
}
