import { describe, expect, it } from 'vitest'
import type { ProbeResult, Verdict } from '$ui/ipc/bindings'
import { numbers, verdicts } from './series'

const NOON = Date.UTC(2026, 10, 22, 12)
const result = (minutes: number, verdict: Verdict, facts: unknown = null, agent = 'local') =>
  ({ ended: NOON + minutes * 60_000, verdict, facts, agent }) as ProbeResult

describe('verdicts over time', () => {
  it('are counted in bars of a width that a person reads', () => {
    const made = verdicts(
      [result(59, 'failed'), result(3, 'expected'), result(2, 'unexpected'), result(0, 'expected')],
      20,
    )
    expect(made.seconds).toBe(300)
    expect(made.bars).toHaveLength(12)
    expect(made.bars[0]).toMatchObject({ at: NOON, counts: { expected: 2, unexpected: 1 } })
    expect(made.bars.at(-1)?.counts.failed).toBe(1)
  })
  it.each([1, 10, 1_000, 100_000, 10_000_000])('lose nothing over %i minutes', (minutes) => {
    const all = Array.from({ length: 50 }, (_, i) => result((i * minutes) / 49, i % 2 ? 'expected' : 'failed'))
    const { bars } = verdicts(all, 60)
    expect(bars.length).toBeLessThanOrEqual(60)
    expect(bars.reduce((sum, bar) => sum + bar.counts.expected + bar.counts.failed, 0)).toBe(50)
  })
  it('are nothing without results', () => expect(verdicts([], 60).bars).toEqual([]))
})

it('draws a number of each agent, oldest first, and leaves out what has none', () => {
  const lines = numbers([result(2, 'expected', { ms: 3 }), result(1, 'failed', null), result(0, 'expected', { ms: 5 }), result(1, 'expected', { ms: 9 }, 'pi@x')], '/ms') // prettier-ignore
  expect(lines.map(({ agent, dots }) => [agent, dots.map((dot) => dot.value)])).toEqual([
    ['local', [5, 3]],
    ['pi@x', [9]],
  ])
})
