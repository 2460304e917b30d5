// Timelines made fit for the eye: no more bars than can be told apart.

import type { Bucket, Timeline } from '$ui/ipc/bindings'

export type Series = { seconds: number; bars: { at: number; sent: number; received: number; packets: number }[] }

/** Widths that a person reads at a glance, in seconds. */
const WIDTHS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400, 604_800]

/** Joins neighbouring steps until at most `most` bars are left. Nothing is lost: the sums stay the same. */
export function thinned(timeline: Timeline, most: number): Series {
  const width = timeline.bucket_seconds || 1
  const whole = timeline.buckets.length * width
  const wished = WIDTHS.find((one) => one >= width && whole / one <= most) ?? whole / most
  const join = Math.max(1, Math.ceil(wished / width))
  const bars: Series['bars'] = []
  for (let i = 0; i < timeline.buckets.length; i += join) {
    bars.push({ at: (timeline.start ?? 0) + i * width * 1000, ...sum(timeline.buckets.slice(i, i + join)) })
  }
  return { seconds: join * width, bars }
}

function sum(buckets: readonly Bucket[]): Bucket {
  const all = { sent: 0, received: 0, packets: 0 }
  for (const one of buckets) {
    all.sent += one.sent
    all.received += one.received
    all.packets += one.packets
  }
  return all
}

/** The bar with most octets, both ways; null when there is none. */
export function busiest(series: Series): Series['bars'][number] | null {
  return series.bars.reduce<Series['bars'][number] | null>(
    (best, bar) => (best && best.sent + best.received >= bar.sent + bar.received ? best : bar),
    null,
  )
}
