import { describe, expect, it } from 'vitest'
import type { Behaviour, Check, Expectation } from '$ui/ipc/bindings'
import { checkOf, DEFAULTS, fault, faulty, FIELDS, fieldsOf, KINDS, target } from './checks'
import { expectationOf, proposed, wantedFault, wantedOf } from './expect'
import { behaviourOf, RHYTHM, rhythmFault, rhythmOf } from './rhythm'
import { likelyRouter, templates } from './templates'

const CHECKS: Check[] = [
  { kind: 'reachability', host: 'a', how: { by: 'icmp' }, attempts: 3 },
  { kind: 'reachability', host: 'a', how: { by: 'tcp', port: 22 }, attempts: 1 },
  { kind: 'tls', host: 'a', port: 443, server_name: null, warn_days: 14 },
  { kind: 'tls', host: '192.0.2.1', port: 8443, server_name: 'bank.example', warn_days: 0 },
  { kind: 'dns', name: 'a', record: 'AAAA', resolvers: ['system', '9.9.9.9:53'] },
  { kind: 'http', url: 'https://a/', method: 'HEAD', headers: [['Accept', 'text/html: x'], ['X', '']] },
  { kind: 'trace', host: 'a', max_hops: 12 },
  { kind: 'tampering', portal_url: null, dns_name: 'a', dns_expected: ['1.1.1.1'], tls_host: 'b', tls_pin: null },
  { kind: 'command', program: 'nmap', args: ['-oX', '-', '{target}'], target: '10.0.0.0/24', parser: { form: 'nmap_xml' } },
  { kind: 'command', program: '/bin/x', args: [], target: 't', parser: { form: 'regex', pattern: '(?P<n>\\d+)' } },
  { kind: 'audit', source: { from: 'device', device: 'wlan0' }, seconds: 600 },
  { kind: 'audit', source: { from: 'file', path: '/x.pcap' }, seconds: 86_400 },
] // prettier-ignore

describe('a check', () => {
  it.each(CHECKS)('%j is the same after a walk through the form', (check) => {
    const fields = fieldsOf(check)
    expect(faulty(check.kind, fields)).toBe(false)
    expect(checkOf(check.kind, fields)).toEqual(check)
    expect(target(check)).not.toBe('')
  })

  it('of a new form lacks what only a person can say', () => {
    expect(KINDS.filter((kind) => !faulty(kind, DEFAULTS[kind]))).toEqual(['tampering'])
  })

  it('says what is wrong', () => {
    const field = (key: string) => FIELDS.reachability.find((one) => one.key === key)!
    expect(fault(field('host'), '  ')).toBe('missing')
    expect(fault(field('port'), '70000')).toBe('number')
    expect(fault(field('attempts'), '1.5')).toBe('number')
    expect(fault(FIELDS.http[0]!, 'example.org')).toBe('url')
    expect(fault(FIELDS.dns[2]!, Array(17).fill('1.1.1.1').join('\n'))).toBe('many')
  })
})

const BEHAVIOURS: Behaviour[] = [
  { kind: 'one_shot', at: null },
  { kind: 'one_shot', at: new Date(2026, 10, 22, 12, 30).getTime() },
  { kind: 'cyclic', pause_s: 90 },
  { kind: 'periodic', every: { by: 'period', period_s: 86_400 } },
  { kind: 'periodic', every: { by: 'calendar', weekdays: [1, 5], times: ['07:00', '19:30'], zone: 'Europe/Paris' } },
]

describe('a behaviour', () => {
  it.each(BEHAVIOURS)('%j is the same after a walk through the form', (behaviour) => {
    expect(behaviourOf(rhythmOf(behaviour))).toEqual(behaviour)
    expect(rhythmFault(rhythmOf(behaviour))).toBeNull()
  })

  it('says which field is wrong', () => {
    const calendar = { ...RHYTHM, by: 'calendar' } as const
    expect(rhythmFault({ ...RHYTHM, length: '0' })).toBe('length')
    expect(rhythmFault({ ...RHYTHM, length: '400', unit: 'days' })).toBe('length')
    expect(rhythmFault({ ...calendar, times: '24:00' })).toBe('times')
    expect(rhythmFault({ ...calendar, times: '' })).toBe('times')
    expect(rhythmFault({ ...calendar, zone: 'Mars/Olympus' })).toBe('zone')
    expect(behaviourOf({ ...calendar, times: '7:05; 19:00' })).toMatchObject({ every: { times: ['07:05', '19:00'] } })
  })
})

const EXPECTED: (Expectation | null)[] = [
  null,
  { field: '/status', test: { is: 'equals', value: 200 } },
  { field: '/name', test: { is: 'equals', value: 'a' } },
  { field: '/name', test: { is: 'equals', value: '200' } },
  { field: '/name', test: { is: 'equals', value: null } },
  { field: '/list', test: { is: 'equals', value: [1, 'b'] } },
  { field: '/rtt', test: { is: 'below', number: 12.5 } },
  { field: '/names', test: { is: 'contains', text: 'x' } },
  { field: '', test: { is: 'unchanged' } },
]

describe('an expectation', () => {
  it.each(EXPECTED)('%j is the same after a walk through the form', (expected) => {
    expect(expectationOf(wantedOf(expected))).toEqual(expected)
    expect(wantedFault(wantedOf(expected))).toBeNull()
  })

  it('is proposed by a click on a fact', () => {
    expect(expectationOf(proposed('/ok', true))).toEqual({ field: '/ok', test: { is: 'equals', value: true } })
    expect(expectationOf(proposed('/rtt', 12.3))).toEqual({ field: '/rtt', test: { is: 'below', number: 25 } })
    expect(expectationOf(proposed('/chain', ['a']))).toEqual({ field: '/chain', test: { is: 'unchanged' } })
  })

  it('says what is wrong', () => {
    expect(wantedFault({ field: 'status', is: 'equals', value: '1' })).toBe('field')
    expect(wantedFault({ field: '/a', is: 'below', value: 'x' })).toBe('value')
    expect(wantedFault({ field: '/a', is: 'contains', value: '' })).toBe('value')
  })
})

it('knows the likely router', () => {
  const device = { default_route: true, addresses: ['fe80::1/64', '192.168.1.20/24'] }
  expect(likelyRouter([device] as never)).toBe('192.168.1.1')
  expect(likelyRouter([])).toBe('')
  expect(templates('192.168.1.1').find((one) => one.key === 'home')?.fields.target).toBe('192.168.1.0/24')
})
