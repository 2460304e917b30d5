import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Polled } from './polled.svelte'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('something that is asked for again and again', () => {
  it('is asked at once, then once a second, and not when the page is left', async () => {
    const ask = vi.fn(async () => 1)
    const stop = new Polled<number>().begin(ask)
    await vi.advanceTimersByTimeAsync(3_500)
    expect(ask).toHaveBeenCalledTimes(4)
    stop()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(ask).toHaveBeenCalledTimes(4)
  })

  it('is never asked twice at a time', async () => {
    const ask = vi.fn(() => new Promise<number>((done) => setTimeout(() => done(1), 5_000)))
    const stop = new Polled<number>().begin(ask)
    await vi.advanceTimersByTimeAsync(4_900)
    expect(ask).toHaveBeenCalledTimes(1)
    stop()
  })

  it('drops an answer that comes after the page was left', async () => {
    const polled = new Polled<number>()
    const stop = polled.begin(() => new Promise<number>((done) => setTimeout(() => done(7), 100)))
    stop()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(polled.value).toBeNull()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('goes on for the page that came while the old one was leaving', async () => {
    const polled = new Polled<number>()
    const leave = polled.begin(async () => 1)
    const ask = vi.fn(async () => 2)
    const stop = polled.begin(ask)
    await vi.advanceTimersByTimeAsync(100)
    leave()
    await vi.advanceTimersByTimeAsync(2_000)
    expect(ask).toHaveBeenCalledTimes(3)
    stop()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('keeps the last answer through a failure, and goes on asking', async () => {
    const ask = vi.fn().mockResolvedValueOnce(3).mockRejectedValueOnce({ code: 'device', detail: '', message: 'gone' })
    const polled = new Polled<number>()
    const stop = polled.begin(ask.mockResolvedValue(4))
    await vi.advanceTimersByTimeAsync(1_000)
    expect([polled.value, polled.error?.code]).toEqual([3, 'device'])
    await vi.advanceTimersByTimeAsync(1_000)
    expect([polled.value, polled.error]).toEqual([4, null])
    stop()
  })
})
