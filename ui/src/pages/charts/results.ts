// Charts of results as options of the chart library. Pure: colours and words come in.

import type { Verdict } from '$ui/ipc/bindings'
import type { Option } from '$ui/parts/chart/draw'
import type { Palette } from '$ui/parts/chart/palette'
import type { Bars, Line } from '$ui/state/mesh/series'
import { small, tooltip } from './options'

type Words = {
  verdict: (verdict: Verdict) => string
  agent: (agent: string) => string
  clock: (ms: number) => string
  short: (ms: number) => string
  number: (value: number) => string
}

/** What the colours say is said by the place too: as expected above the line, everything else below it. */
export const VERDICT_COLORS: readonly (readonly [Verdict, keyof Omit<Palette, 'font'>])[] = [
  ['expected', 'needed'],
  ['unexpected', 'follows'],
  ['failed', 'soft'],
  ['timed_out', 'measures'],
  ['killed', 'unknown'],
]

const axis = (colors: Palette, words: Words) => ({
  axisLabel: { ...small(colors), formatter: (value: number) => words.number(Math.abs(value)) },
  splitLine: { lineStyle: { color: colors.line } },
})

export function verdictBars({ bars }: Bars, words: Words, colors: Palette): Option {
  const short = (at: number) => words.short(bars[at]?.at ?? 0)
  return {
    grid: { left: 8, right: 32, top: 12, bottom: 8, containLabel: true },
    tooltip: {
      ...tooltip(colors),
      trigger: 'axis',
      axisPointer: { type: 'shadow', shadowStyle: { color: colors.hover, opacity: 0.6 } },
      formatter: (items) => {
        const bar = bars[(Array.isArray(items) ? items[0] : items)?.dataIndex ?? 0]
        if (!bar) return ''
        const counted = VERDICT_COLORS.filter(([verdict]) => bar.counts[verdict] > 0)
        return [
          words.clock(bar.at),
          ...counted.map(([one]) => `${words.verdict(one)}: ${words.number(bar.counts[one])}`),
        ].join('\n')
      },
    },
    xAxis: {
      type: 'category',
      data: bars.map((_, at) => short(at)),
      axisLine: { onZero: true, lineStyle: { color: colors.soft } },
      axisTick: { show: false },
      axisLabel: { ...small(colors), hideOverlap: true, interval: (at, label) => at === 0 || label !== short(at - 1) },
    },
    yAxis: { type: 'value', splitNumber: 4, minInterval: 1, ...axis(colors, words) },
    series: VERDICT_COLORS.map(([verdict, color]) => ({
      name: words.verdict(verdict),
      type: 'bar' as const,
      stack: 'all',
      data: bars.map((bar) => (verdict === 'expected' ? bar.counts[verdict] : -bar.counts[verdict])),
      itemStyle: { color: colors[color] },
      barMaxWidth: 24,
      barCategoryGap: '15%',
    })),
  }
}

/** Lines that can be told apart on one chart. */
export const MOST_LINES = 5
const LINES = ['accent', 'follows', 'measures', 'needed', 'unknown'] as const
const SYMBOLS = ['circle', 'rect', 'triangle', 'diamond', 'emptyCircle']

export function numberLines(lines: readonly Line[], words: Words, colors: Palette): Option {
  return {
    grid: { left: 8, right: 120, top: 12, bottom: 8, containLabel: true },
    tooltip: {
      ...tooltip(colors),
      trigger: 'item',
      formatter: (item) => {
        const one = Array.isArray(item) ? item[0] : item
        const [ms, value] = (one?.value ?? [0, 0]) as [number, number]
        return `${one?.seriesName ?? ''}\n${words.clock(ms)}\n${words.number(value)}`
      },
    },
    xAxis: {
      type: 'time',
      axisLine: { lineStyle: { color: colors.soft } },
      axisLabel: { ...small(colors), hideOverlap: true, formatter: (value: number) => words.short(value) },
    },
    yAxis: { type: 'value', scale: true, splitNumber: 4, ...axis(colors, words), axisLabel: { ...small(colors), formatter: (value: number) => words.number(value) } },
    series: lines.slice(0, MOST_LINES).map((line, i) => ({
      name: words.agent(line.agent),
      type: 'line' as const,
      data: line.dots.map((dot) => [dot.at, dot.value]),
      symbol: SYMBOLS[i] ?? 'circle',
      symbolSize: 5,
      lineStyle: { color: colors[LINES[i] ?? 'accent'], width: 2 },
      itemStyle: { color: colors[LINES[i] ?? 'accent'] },
      endLabel: { show: true, ...small(colors), formatter: '{a}', width: 110, overflow: 'truncate' as const },
    })),
  } // prettier-ignore
}
