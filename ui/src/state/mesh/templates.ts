// Probes for ordinary questions, ready to be filled in. Pure: words come in from the page.

import type { DeviceView, Missed, Overlap } from '$ui/ipc/bindings'
import { DEFAULTS, type Fields, type Kind } from './checks'
import type { Wanted } from './expect'
import { RHYTHM, type Rhythm } from './rhythm'

export type Template = {
  key: TemplateKey
  kind: Kind
  fields: Fields
  rhythm: Rhythm
  wanted: Wanted
  missed: Missed
  overlap: Overlap
  /** The program must be allowed on this computer first. */
  needsLeave?: boolean
}

export const TEMPLATE_KEYS = ['router', 'certificate', 'dns', 'tampering', 'site', 'route', 'night', 'home'] as const
export type TemplateKey = (typeof TEMPLATE_KEYS)[number]

const NOTHING: Wanted = { field: '', is: 'none', value: '' }
const every = (length: string, unit: Rhythm['unit']): Rhythm => ({ ...RHYTHM, length, unit })

/** All of them; `router` is this network's likely router, or nothing. */
export function templates(router: string): Template[] {
  const one = (key: TemplateKey, kind: Kind, fields: Fields, rhythm: Rhythm, wanted: Wanted = NOTHING): Template => ({
    key,
    kind,
    fields: { ...DEFAULTS[kind], ...fields },
    rhythm,
    wanted,
    missed: 'skip',
    overlap: 'skip',
  })
  return [
    one('router', 'reachability', { host: router }, every('5', 'minutes'), {
      field: '/reachable',
      is: 'equals',
      value: 'true',
    }),
    { ...one('certificate', 'tls', {}, every('6', 'hours')), missed: 'once' },
    one('dns', 'dns', {}, every('1', 'hours')),
    one('tampering', 'tampering', { dns_name: 'one.one.one.one', dns_expected: '1.1.1.1\n1.0.0.1', tls_host: 'www.wikipedia.org' }, every('30', 'minutes'), {
      field: '/tampered',
      is: 'equals',
      value: 'false',
    }),
    one('site', 'http', {}, every('15', 'minutes'), { field: '/status', is: 'equals', value: '200' }),
    one('route', 'trace', {}, every('6', 'hours')),
    { ...one('night', 'audit', { seconds: '3600' }, { ...RHYTHM, by: 'calendar', times: '03:00' }), missed: 'once' },
    {
      ...one('home', 'command', { program: 'nmap', args: '-sn\n-oX\n-\n{target}', target: network(router), form: 'nmap_xml' }, every('1', 'hours')),
      needsLeave: true,
    },
  ] // prettier-ignore
}

const network = (router: string): string => (router ? router.replace(/\.\d+$/, '.0/24') : '')

/** The likely address of the router: the first of the network through which this computer reaches the internet. A guess, that
 * the form says to be one. */
export function likelyRouter(devices: readonly DeviceView[]): string {
  const way = devices.find((one) => one.default_route)
  const address = way?.addresses.find((one) => /^\d+\.\d+\.\d+\.\d+\/\d+$/.test(one))
  return address ? address.replace(/\.\d+\/\d+$/, '.1') : ''
}
