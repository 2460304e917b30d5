import { describe, expect, it } from 'vitest'
import { bars, HEIGHT, SECONDS } from './pulse'

const rate = (sent: number, received: number) => ({ sent, received, packets: 1 })

describe('bars', () => {
  it('puts the newest second at the right edge', () => {
    expect(bars([rate(1, 0), rate(1, 0)]).map((bar) => bar.x)).toEqual([SECONDS - 2, SECONDS - 1])
  })

  it('leaves out seconds without traffic', () => {
    expect(bars([rate(0, 0), rate(0, 5), rate(0, 0)])).toHaveLength(1)
  })

  it('measures both sides with one scale, and quiet seconds stay visible', () => {
    const [quiet, loud] = bars([rate(100, 0), rate(0, 10_000)])
    expect(loud?.down).toBe(HEIGHT / 2)
    expect(quiet?.up).toBeCloseTo(HEIGHT / 20)
  })

  it('shows the last seconds of more', () => {
    expect(bars(Array.from({ length: 500 }, () => rate(1, 1)))).toHaveLength(SECONDS)
  })
})
