// Network devices whose counters move, the phones on them, the right to capture, and filters. `?devices=many|none|failing`,
// `?phones=0|20`, `?rights=missing|declined|no_program|cannot_here`.

import type { Backend } from '../backend'
import type { DeviceKind, DeviceView, FilterProblem, Joined, RightsView } from '../bindings'
import { HOSTILE } from './names'
import { fail, kind, pause, wish } from './wish'

const began = Date.now()

/** Octets that passed until now: a rate that breathes, and never goes back. */
function passed(rate: number, seed: number): number {
  const s = (Date.now() - began) / 1000
  const wave = (speed: number, part: number) => (part * (1 - Math.cos(speed * s + seed))) / speed
  return Math.round(rate * (400 + s + wave(1.9, 0.5) + wave(0.61, 0.4)))
}

function device(
  name: string,
  of: DeviceKind,
  rate: number,
  more: Partial<DeviceView> = {},
): (seed: number) => DeviceView {
  return (seed) => ({
    name,
    kind: of,
    description: null,
    mac: null,
    addresses: [],
    up: true,
    default_route: false,
    likely: false,
    received_bytes: passed(rate, seed),
    sent_bytes: passed(rate / 9, seed + 2),
    ...more,
  })
}

const FEW = [
  device('wlan0', 'hotspot', 240_000, {
    description: 'Intel Wi-Fi 6 AX200', mac: 'a4:c3:f0:11:22:33', addresses: ['10.42.0.1/24', 'fe80::a6c3:f0ff:fe11:2233/64'], likely: true,
  }),
  device('enp3s0', 'ethernet', 310_000, {
    description: 'Realtek RTL8111', mac: '00:e0:4c:68:01:20', addresses: ['192.168.1.20/24', '2a01:e0a:1::20/64'], default_route: true,
  }),
  device('wlan1', 'wifi', 0, { description: 'TP-Link Archer T2U', mac: '50:3e:aa:09:14:0c', up: false }),
  device('usb0', 'usb_tether', 1_800, { description: 'Pixel 7', mac: '02:11:22:33:44:55', addresses: ['192.168.42.129/24'] }),
  device('wg0', 'vpn', 4_000, { addresses: ['10.8.0.2/32'] }),
  device('docker0', 'virtual', 0, { addresses: ['172.17.0.1/16'], up: false }),
  device('virbr0', 'virtual', 0, { addresses: ['192.168.122.1/24'], up: false }),
  device('lo', 'loopback', 900, { addresses: ['127.0.0.1/8', '::1/128'] }),
] // prettier-ignore

const MANY = [
  ...FEW,
  ...Array.from({ length: 16 }, (_, i) => device(`enp${5 + i}s0`, 'ethernet', i * 700, { up: i % 3 === 0, addresses: i % 3 ? [] : [`10.${i}.0.1/24`] })),
  ...Array.from({ length: 16 }, (_, i) => device(`veth${(0x51ab + i * 977).toString(16)}`, 'virtual', i * 40)),
] // prettier-ignore

const NAMES: readonly [string | null, string | null][] = [
  ['Anna’s phone', null],
  [null, 'Samsung Electronics'],
  ['Pixel-7', null],
  [null, null],
  ['iPad-de-Lea', 'Apple'],
]

let asked: number | null = null

/** One joins some seconds after they are first asked for, the next soon after. */
function phones(): Joined[] {
  const most = Number(wish('phones', '2'))
  const wait = Number(wish('wait', '4'))
  asked ??= Date.now()
  const seconds = (Date.now() - asked) / 1000
  return Array.from({ length: most }, (_, i) => {
    const [name, maker] = kind === 'hostile' ? [HOSTILE[i % HOSTILE.length]!, null] : NAMES[i % NAMES.length]!
    const round = i >= NAMES.length && name ? ` ${Math.floor(i / NAMES.length) + 1}` : ''
    return {
      mac: `${i % 2 ? '3c' : '16'}:cb:33:1a:9d:${(i + 2).toString(16).padStart(2, '0')}`,
      addresses: [`10.42.0.${17 + i}`, `fe80::14cb:33ff:fe1a:${(0x9d02 + i).toString(16)}`],
      name: name && name + round,
      maker,
    }
  }).slice(0, Math.max(0, Math.floor((seconds - wait) / (most > 5 ? 0.2 : 3)) + 1))
}

let rights: RightsView = {
  ready: { kind: 'ready' } as const,
  missing: { kind: 'missing', program: '/usr/lib/telltale/telltale-capd' } as const,
  declined: { kind: 'missing', program: '/usr/lib/telltale/telltale-capd' } as const,
  no_program: { kind: 'no_program' } as const,
  cannot_here: { kind: 'cannot_here', why: 'no_suid_mount' } as const,
}[wish('rights', 'ready')] ?? { kind: 'ready' }

export const mayCapture = (): boolean => rights.kind === 'ready'

const KNOWN =
  /^(host|net|port|portrange|src|dst|tcp|udp|icmp6?|ip6?|arp|ether|and|or|not|less|greater|mask|[()!=<>]|[\d./:a-f-]+)$/i

function problem(expression: string): FilterProblem | null {
  if (expression.length > 4_000)
    return { at: 4_000, length: 0, kind: 'too_long', message: 'the expression is longer than 4000 characters' }
  const words = [...expression.matchAll(/[()]|[^\s()]+/g)]
  for (const [i, word] of words.entries()) {
    const after = words[i - 1]?.[0].toLowerCase()
    const at = { at: word.index, length: word[0].length }
    if (KNOWN.test(word[0])) continue
    if (after === 'host') return { ...at, kind: 'host_name', message: `unknown host '${word[0]}'` }
    return { ...at, kind: 'unknown_word', message: `unknown word '${word[0]}'` }
  }
  if (/\b(and|or|not|host|port|net)\s*$/i.test(expression))
    return { at: expression.trimEnd().length, length: 0, kind: 'incomplete', message: 'syntax error at the end' }
  return null
}

export const devices = {
  devices: async () => {
    const how = wish('devices')
    if (how === 'failing') fail('device', 'The network devices could not be listed.')
    return (how === 'none' ? [] : how === 'many' ? MANY : FEW).map((one, i) => one(i))
  },
  rights: async () => rights,
  grant_rights: async () => {
    await pause(600)
    if (wish('rights') === 'missing') rights = { kind: 'ready' }
    return rights
  },
  check_filter: async (expression) => {
    await pause(20)
    return problem(expression)
  },
  joined: async () => phones(),
} satisfies Partial<Backend>
