import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Backend } from '$ui/ipc/backend'
import type { HotspotView } from '$ui/ipc/bindings'
import { Hotspot } from './hotspot.svelte'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const view = (more: Partial<HotspotView> = {}) =>
  ({ device: 'wlan0', ready: true, ended: null, ...more }) as HotspotView
const wish = { device: 'wlan0', ssid: 'T', password: '12345678', band5: false }

describe('the hotspot', () => {
  it('stands when it is ready, not while it is being made', async () => {
    let now = view({ ready: false })
    const hotspot = new Hotspot({ hotspot: async () => now } as Backend)
    const stop = hotspot.follow()
    await vi.advanceTimersByTimeAsync(0)
    expect([hotspot.now !== null, hotspot.stands]).toEqual([true, false])
    now = view()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(hotspot.stands).toBe(true)
    stop()
  })

  it('says why it is over, unless the person ended it here', async () => {
    let ended: string | null = 'sleep'
    const hotspot = new Hotspot({ hotspot: async () => view({ ready: false, ended }) } as Backend)
    const stop = hotspot.follow()
    await vi.advanceTimersByTimeAsync(0)
    expect([hotspot.now, hotspot.ended]).toEqual([null, 'sleep'])
    ended = 'stopped'
    await vi.advanceTimersByTimeAsync(1_000)
    expect([hotspot.now, hotspot.ended]).toEqual([null, null])
    stop()
  })

  it('keeps why it could not be made until the next try', async () => {
    const hotspot_start = vi
      .fn()
      .mockRejectedValueOnce({ code: 'hotspot', detail: 'band5_refused', message: '' })
      .mockResolvedValueOnce(view())
    const hotspot = new Hotspot({ hotspot_start } as unknown as Backend)
    await hotspot.make(wish)
    expect([hotspot.error?.detail, hotspot.making]).toEqual(['band5_refused', false])
    await hotspot.make(wish)
    expect([hotspot.error, hotspot.stands]).toEqual([null, true])
  })
})
