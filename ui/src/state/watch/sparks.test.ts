import { describe, expect, it } from 'vitest'
import type { DeviceView } from '$ui/ipc/bindings'
import { points, rate, SPARK_SECONDS, Sparks } from './sparks.svelte'

const device = (name: string, received_bytes: number, sent_bytes = 0) =>
  ({ name, received_bytes, sent_bytes }) as DeviceView

describe('what passes over a device', () => {
  it('is the growth of both counters by the time between two looks', () => {
    const sparks = new Sparks()
    sparks.take([device('wlan0', 1_000, 500)], 0)
    sparks.take([device('wlan0', 3_000, 1_500)], 2_000)
    expect(sparks.lines.get('wlan0')).toEqual([1_500])
  })

  it('is nothing when a counter went back or no time passed', () => {
    expect(rate({ octets: 9_000, at: 0 }, { octets: 10, at: 1_000 })).toBe(0)
    expect(rate({ octets: 10, at: 5 }, { octets: 90, at: 5 })).toBe(0)
  })

  it('holds a minute, and forgets devices that are gone', () => {
    const sparks = new Sparks()
    for (let at = 0; at < 200; at += 1) sparks.take([device('a', at * 10), device('b', 0)], at * 1_000)
    expect(sparks.lines.get('a')).toHaveLength(SPARK_SECONDS)
    sparks.take([device('a', 5_000)], 200_000)
    expect([...sparks.lines.keys()]).toEqual(['a'])
  })

  it('is drawn with the newest at the right and more above less', () => {
    expect(points([0, 50, 100], 59, 20)).toBe('57.0,20.0 58.0,10.0 59.0,0.0')
    expect(points([0, 0], 59, 20)).toBe('58.0,20.0 59.0,20.0')
  })
})
