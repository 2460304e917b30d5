import { describe, expect, it } from 'vitest'
import type { DeviceView, HotspotView } from '$ui/ipc/bindings'
import { Plan, planOf } from './plan.svelte'

const device = (name: string, more: Partial<DeviceView> = {}) => ({ name, kind: 'wifi', ...more }) as DeviceView
const standing = { device: 'wlan0', ready: true, ended: null } as HotspotView

function onDevice(): Plan {
  const plan = new Plan()
  plan.way = 'device'
  plan.devices = [device('eth0', { kind: 'ethernet' }), device('wlan0', { kind: 'hotspot', likely: true })]
  return plan
}

describe('the plan of a live audit', () => {
  it('needs a hotspot that stands, and then watches everybody on it until stopped', () => {
    const plan = new Plan()
    expect(plan.need).toBe('watch.need.hotspot')
    plan.hotspot = { ...standing, ready: false }
    expect(plan.need).toBe('watch.need.hotspot')
    plan.hotspot = standing
    expect(plan.need).toBeNull()
    expect(plan.request('headers')).toEqual({
      source: { kind: 'device', name: 'wlan0' },
      filter: { kind: 'all' },
      name: '',
      description: '',
      connection: 'hotspot',
      duration_s: null,
      recording: 'headers',
    })
  })

  it('proposes the likely device, and follows the choice while that device is there', () => {
    const plan = onDevice()
    expect(plan.device).toBe('wlan0')
    plan.choose('eth0')
    expect([plan.device, plan.connection]).toEqual(['eth0', 'ethernet'])
    plan.devices = [device('wlan0', { likely: true })]
    expect(plan.device).toBe('wlan0')
    plan.devices = []
    expect(plan.need).toBe('watch.need.device')
  })

  it('watches chosen phones and typed addresses, and forgets phones of another device', () => {
    const plan = onDevice()
    plan.whom = 'phones'
    expect(plan.need).toBe('watch.need.phones')
    plan.toggle('16:cb:33:1a:9d:02')
    plan.typed = '10.42.0.9 fd00::/64'
    expect(plan.request('full').filter).toEqual({
      kind: 'phones',
      phones: ['16:cb:33:1a:9d:02', '10.42.0.9', 'fd00::/64'],
    })
    plan.typed = 'nonsense'
    expect(plan.need).toBe('watch.need.phones')
    plan.choose('eth0')
    expect(plan.phones).toEqual([])
  })

  it('starts with no filter that was not found good', () => {
    const plan = onDevice()
    plan.whom = 'expression'
    expect(plan.need).toBe('watch.need.filter')
    Object.assign(plan.filter, { text: 'tcp ', checked: 'tcp ' })
    expect(plan.need).toBeNull()
    expect(plan.request('full').filter).toEqual({ kind: 'expression', expression: 'tcp' })
  })

  it('opens a door for the phone’s own capture, or fetches it', () => {
    const plan = new Plan()
    plan.way = 'phone'
    expect(plan.need).toBe('watch.need.bind')
    plan.bind = 'fd00::1'
    expect([plan.need, plan.address]).toEqual([null, '[fd00::1]:1234'])
    expect(plan.request('full').source).toEqual({ kind: 'tcp', bind: 'fd00::1', port: 1234 })
    plan.port = '80'
    expect(plan.need).toBe('watch.need.bind')
    plan.door = 'http'
    expect(plan.need).toBe('watch.need.url')
    plan.url = ' http://10.0.0.5:8080/ '
    expect(plan.request('full').source).toEqual({ kind: 'http', url: 'http://10.0.0.5:8080/' })
    plan.door = 'file'
    expect(plan.need).toBe('watch.need.file')
  })

  it('lasts as long as was said', () => {
    const plan = onDevice()
    plan.duration = 900
    expect(plan.request('full').duration_s).toBe(900)
    plan.duration = 'own'
    expect(plan.request('full').duration_s).toBe(1_800)
    plan.minutes = '0'
    expect(plan.need).toBe('watch.need.duration')
  })

  it('is the same one for a window, and loses its name when it has begun', () => {
    const window = {}
    const plan = planOf(window)
    plan.name = 'Anna'
    plan.begun()
    expect(planOf(window)).toBe(plan)
    expect(plan.name).toBe('')
  })
})
