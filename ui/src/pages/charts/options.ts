// Charts of an audit as options of the chart library. Pure: colours and words come in.

import type { Option } from '$ui/parts/chart/draw'
import { between, type Palette } from '$ui/parts/chart/palette'
import type { Series } from './series'

type Words = { sent: string; received: string; bytes: (n: number) => string }
type TimeWords = Words & { clock: (ms: number) => string; short: (ms: number) => string }

// Rich text instead of markup: names chosen by strangers stay text in tooltips too.
export const tooltip = (colors: Palette) => ({
  renderMode: 'richText' as const,
  confine: true,
  backgroundColor: colors.surface,
  borderColor: colors.line,
  textStyle: { color: colors.ink, fontFamily: colors.font, fontSize: 13 },
})

export const small = (colors: Palette) => ({ color: colors.soft, fontFamily: colors.font, fontSize: 12 })

/** Sent above the line, received below it. */
export function upDown(series: Series, words: TimeWords, colors: Palette): Option {
  const short = (at: number) => words.short(series.bars[at]?.at ?? 0)
  return {
    grid: { left: 8, right: 12, top: 28, bottom: 8, containLabel: true },
    tooltip: {
      ...tooltip(colors),
      trigger: 'axis',
      axisPointer: { type: 'shadow', shadowStyle: { color: colors.hover, opacity: 0.6 } },
      formatter: (items) => {
        const bar = series.bars[(Array.isArray(items) ? items[0] : items)?.dataIndex ?? 0]
        if (!bar) return ''
        return `${words.clock(bar.at)}\n↑ ${words.sent} ${words.bytes(bar.sent)}\n↓ ${words.received} ${words.bytes(bar.received)}`
      },
    },
    xAxis: {
      type: 'category',
      data: series.bars.map((_, at) => short(at)),
      axisLine: { onZero: true, lineStyle: { color: colors.soft } },
      axisTick: { show: false },
      axisLabel: { ...small(colors), hideOverlap: true, interval: (at, label) => at === 0 || label !== short(at - 1) },
    },
    yAxis: {
      type: 'value',
      splitNumber: 4,
      axisLabel: { ...small(colors), formatter: (value: number) => words.bytes(Math.abs(value)) },
      splitLine: { lineStyle: { color: colors.line } },
    },
    series: [
      bars(
        `↑ ${words.sent}`,
        series.bars.map((bar) => bar.sent),
        colors.sent,
      ),
      bars(
        `↓ ${words.received}`,
        series.bars.map((bar) => -bar.received),
        colors.received,
      ),
    ],
  }
}

function bars(name: string, data: number[], color: string) {
  return {
    name,
    type: 'bar' as const,
    stack: 'both',
    data,
    itemStyle: { color },
    barCategoryGap: '15%',
    barMaxWidth: 24,
  }
}

export type Rank = { name: string; sent: number; received: number }

/** One pair of bars a name: sent above, received below. */
export function ranking(ranks: readonly Rank[], words: Words, colors: Palette): Option {
  const one = (name: string, of: (rank: Rank) => number, color: string) => ({
    name,
    type: 'bar' as const,
    data: ranks.map(of),
    itemStyle: { color, borderRadius: [0, 2, 2, 0] },
    barWidth: 9,
    barGap: '20%',
    label: {
      show: true,
      position: 'right' as const,
      ...small(colors),
      formatter: ({ value }: { value?: unknown }) => words.bytes(Number(value)),
    },
  })
  return {
    grid: { left: 4, right: 76, top: 4, bottom: 4, containLabel: true },
    tooltip: { show: false },
    xAxis: { type: 'value', show: false },
    yAxis: {
      type: 'category',
      inverse: true,
      data: ranks.map((rank) => rank.name),
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { color: colors.ink, fontFamily: colors.font, fontSize: 13, width: 170, overflow: 'truncate' },
      triggerEvent: true,
    },
    series: [
      one(words.sent, (rank) => rank.sent, colors.sent),
      one(words.received, (rank) => rank.received, colors.received),
    ],
  }
}

export type Land = { code: string; name: string; servers: string; bytes: number; spot?: [number, number] }

/** Countries coloured by their share; those too small for the map as dots. */
export function worldMap(lands: readonly Land[], words: Words, colors: Palette): Option {
  const most = Math.max(1, ...lands.map((land) => land.bytes))
  // A root keeps small shares visible beside one that is a thousand times larger.
  const tone = (land: Land) =>
    between(colors.land, colors.accent, 0.25 + 0.75 * Math.sqrt(Math.sqrt(land.bytes / most)))
  const drawn = lands.filter((land) => !land.spot)
  return {
    tooltip: {
      ...tooltip(colors),
      trigger: 'item',
      formatter: (item) => {
        const name = Array.isArray(item) ? '' : item.name
        const land = lands.find((one) => one.code === name)
        return land ? `${land.name}\n${land.servers}\n${words.bytes(land.bytes)}` : ''
      },
    },
    geo: {
      map: 'world',
      roam: false,
      left: 0,
      right: 0,
      top: 0,
      bottom: 0,
      preserveAspect: 'contain',
      aspectScale: 0.86,
      itemStyle: { areaColor: colors.land, borderColor: colors['land-edge'], borderWidth: 0.6 },
      emphasis: { disabled: true },
      regions: drawn.map((land) => ({ name: land.code, itemStyle: { areaColor: tone(land) } })),
      tooltip: { show: true },
    },
    series: [
      {
        type: 'scatter',
        coordinateSystem: 'geo',
        symbolSize: 9,
        data: lands.flatMap((land) =>
          land.spot
            ? [
                {
                  name: land.code,
                  value: land.spot,
                  itemStyle: { color: tone(land), borderColor: colors.surface, borderWidth: 1 },
                },
              ]
            : [],
        ),
      },
    ],
  }
}
