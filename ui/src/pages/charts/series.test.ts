import { describe, expect, it } from 'vitest'
import { busiest, thinned } from './series'

const timeline = (n: number, width = 1) => ({
  start: 1_000,
  bucket_seconds: width,
  buckets: Array.from({ length: n }, (_, i) => ({ sent: i, received: 2 * i, packets: 1 })),
})

describe('a thinned timeline', () => {
  it.each([0, 1, 119, 120, 121, 719, 1_200])('of %s steps keeps every octet in few bars', (n) => {
    const series = thinned(timeline(n), 120)
    expect(series.bars.length).toBeLessThanOrEqual(120)
    expect(series.bars.reduce((sum, bar) => sum + bar.sent, 0)).toBe(n === 0 ? 0 : (n * (n - 1)) / 2)
  })
  it('has widths that can be read', () => {
    expect(thinned(timeline(720), 120).seconds).toBe(10)
    expect(thinned(timeline(1_200, 64), 120).seconds).toBeGreaterThanOrEqual(640)
  })
  it('says when each bar begins', () => {
    expect(
      thinned(timeline(720), 120)
        .bars.slice(0, 2)
        .map((bar) => bar.at),
    ).toEqual([1_000, 11_000])
  })
})

it('knows its busiest bar', () => {
  expect(busiest(thinned(timeline(5), 120))?.at).toBe(5_000)
  expect(busiest(thinned(timeline(0), 120))).toBeNull()
})
