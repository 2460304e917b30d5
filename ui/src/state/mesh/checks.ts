// The kinds of checks as forms: which fields each has, what they may hold, and how they become a check and back. Pure.

import type { Check, OutputParser, Reach } from '$ui/ipc/bindings'

export type Kind = Check['kind']
/** In the order in which a person meets them. */
export const KINDS = ['reachability', 'tls', 'dns', 'tampering', 'http', 'trace', 'audit', 'command'] as const

/** What was typed: one text a field, lists with one entry a line. */
export type Fields = Readonly<Record<string, string>>

export type Field = {
  key: string
  type: 'text' | 'number' | 'select' | 'lines' | 'device'
  options?: readonly string[]
  least?: number
  most?: number
  /** May stay empty. */
  optional?: boolean
  /** Shown only where another field has this value. */
  when?: readonly [string, readonly string[]]
  placeholder?: string
}

const port: Field = { key: 'port', type: 'number', least: 1, most: 65_535 }
const host: Field = { key: 'host', type: 'text', placeholder: 'example.org' }

export const RECORDS = ['A', 'AAAA', 'CNAME', 'MX', 'TXT', 'NS', 'CAA', 'HTTPS'] as const

export const FIELDS: Record<Kind, readonly Field[]> = {
  reachability: [
    host,
    { key: 'by', type: 'select', options: ['icmp', 'tcp', 'udp'] },
    { ...port, when: ['by', ['tcp', 'udp']] },
    { key: 'attempts', type: 'number', least: 1, most: 20 },
  ],
  tls: [
    host,
    port,
    { key: 'server_name', type: 'text', optional: true },
    { key: 'warn_days', type: 'number', least: 0, most: 3_650 },
  ],
  dns: [
    { key: 'name', type: 'text', placeholder: 'example.org' },
    { key: 'record', type: 'select', options: RECORDS },
    { key: 'resolvers', type: 'lines', most: 16 },
  ],
  tampering: [
    { key: 'portal_url', type: 'text', optional: true },
    { key: 'dns_name', type: 'text', optional: true },
    { key: 'dns_expected', type: 'lines', optional: true },
    { key: 'tls_host', type: 'text', optional: true },
    { key: 'tls_pin', type: 'text', optional: true },
  ],
  http: [
    { key: 'url', type: 'text', placeholder: 'https://example.org/' },
    { key: 'method', type: 'select', options: ['GET', 'HEAD'] },
    { key: 'headers', type: 'lines', optional: true, placeholder: 'Accept: text/html' },
  ],
  trace: [host, { key: 'max_hops', type: 'number', least: 1, most: 64 }],
  audit: [
    { key: 'from', type: 'select', options: ['device', 'file'] },
    { key: 'device', type: 'device', when: ['from', ['device']] },
    { key: 'seconds', type: 'number', least: 1, most: 86_400, when: ['from', ['device']] },
    { key: 'path', type: 'text', when: ['from', ['file']], placeholder: 'phone.pcapng' },
  ],
  command: [
    { key: 'program', type: 'text', placeholder: 'nmap' },
    { key: 'args', type: 'lines', optional: true, placeholder: '-oX\n-\n{target}' },
    { key: 'target', type: 'text' },
    { key: 'form', type: 'select', options: ['lines', 'json', 'regex', 'nmap_xml'] },
    { key: 'pattern', type: 'text', when: ['form', ['regex']] },
  ],
}

/** What a new check of a kind begins with. */
export const DEFAULTS: Record<Kind, Fields> = {
  reachability: { host: '', by: 'icmp', port: '443', attempts: '3' },
  tls: { host: '', port: '443', server_name: '', warn_days: '14' },
  dns: { name: '', record: 'A', resolvers: 'system\n9.9.9.9\n1.1.1.1' },
  tampering: {
    portal_url: 'http://connectivitycheck.gstatic.com/generate_204',
    dns_name: '',
    dns_expected: '',
    tls_host: '',
    tls_pin: '',
  },
  http: { url: '', method: 'GET', headers: '' },
  trace: { host: '', max_hops: '30' },
  audit: { from: 'device', device: '', seconds: '600', path: '' },
  command: { program: '', args: '', target: '', form: 'lines', pattern: '' },
}

export const lines = (text: string | undefined): string[] =>
  (text ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)

/** Whether a field is in sight with these values. */
export const shown = (field: Field, fields: Fields): boolean =>
  !field.when || field.when[1].includes(fields[field.when[0]] ?? '')

/** A whole number in a text, or nothing. */
export function wholeNumber(text: string | undefined, least = 0, most = Number.MAX_SAFE_INTEGER): number | null {
  const value = /^\d{1,10}$/.test((text ?? '').trim()) ? Number(text) : NaN
  return value >= least && value <= most ? value : null
}

/** What is wrong with what was typed into a field; null where nothing is. */
export function fault(field: Field, text: string): 'missing' | 'number' | 'many' | 'url' | null {
  const value = text.trim()
  if (value === '') return field.optional ? null : 'missing'
  if (field.type === 'number' && wholeNumber(value, field.least, field.most) === null) return 'number'
  if (field.type === 'lines' && field.most !== undefined && lines(value).length > field.most) return 'many'
  if (field.key === 'url' && !/^https?:\/\/[^\s/]+/i.test(value)) return 'url'
  return null
}

export const faulty = (kind: Kind, fields: Fields): boolean =>
  FIELDS[kind].some((field) => shown(field, fields) && fault(field, fields[field.key] ?? '') !== null)

function reach(by: string, number: number): Reach {
  return by === 'tcp' || by === 'udp' ? { by, port: number } : { by: 'icmp' }
}

function parser(form: string, pattern: string): OutputParser {
  if (form === 'regex') return { form, pattern }
  return form === 'json' || form === 'nmap_xml' ? { form } : { form: 'lines' }
}

/** The check that the fields mean; only of fields without a fault. */
export function checkOf(kind: Kind, fields: Fields): Check {
  const text = (key: string) => (fields[key] ?? '').trim()
  const number = (key: string) => Number(text(key))
  const some = (key: string) => text(key) || null
  switch (kind) {
    case 'reachability':
      return { kind, host: text('host'), how: reach(text('by'), number('port')), attempts: number('attempts') }
    case 'tls':
      return {
        kind,
        host: text('host'),
        port: number('port'),
        server_name: some('server_name'),
        warn_days: number('warn_days'),
      }
    case 'dns':
      return { kind, name: text('name'), record: text('record'), resolvers: lines(fields.resolvers) }
    case 'tampering':
      return {
        kind,
        portal_url: some('portal_url'),
        dns_name: some('dns_name'),
        dns_expected: lines(fields.dns_expected),
        tls_host: some('tls_host'),
        tls_pin: some('tls_pin'),
      }
    case 'http':
      return { kind, url: text('url'), method: text('method'), headers: lines(fields.headers).map(header) }
    case 'trace':
      return { kind, host: text('host'), max_hops: number('max_hops') }
    case 'audit':
      return text('from') === 'file'
        ? { kind, source: { from: 'file', path: text('path') }, seconds: 86_400 }
        : { kind, source: { from: 'device', device: text('device') }, seconds: number('seconds') }
    case 'command':
      return {
        kind,
        program: text('program'),
        args: lines(fields.args),
        target: text('target'),
        parser: parser(text('form'), text('pattern')),
      }
  }
}

function header(line: string): [string, string] {
  const [name, ...value] = line.split(':')
  return [(name ?? '').trim(), value.join(':').trim()]
}

/** What would have to be typed for a check. */
export function fieldsOf(check: Check): Fields {
  const base = DEFAULTS[check.kind]
  switch (check.kind) {
    case 'reachability': {
      const { host, how, attempts } = check
      return { ...base, host, by: how.by, ...('port' in how ? { port: `${how.port}` } : {}), attempts: `${attempts}` }
    }
    case 'tls':
      return {
        host: check.host,
        port: `${check.port}`,
        server_name: check.server_name ?? '',
        warn_days: `${check.warn_days}`,
      }
    case 'dns':
      return { name: check.name, record: check.record, resolvers: check.resolvers.join('\n') }
    case 'tampering':
      return {
        portal_url: check.portal_url ?? '',
        dns_name: check.dns_name ?? '',
        dns_expected: check.dns_expected.join('\n'),
        tls_host: check.tls_host ?? '',
        tls_pin: check.tls_pin ?? '',
      }
    case 'http':
      return {
        url: check.url,
        method: check.method,
        headers: check.headers.map(([name, value]) => `${name}: ${value}`).join('\n'),
      }
    case 'trace':
      return { host: check.host, max_hops: `${check.max_hops}` }
    case 'audit':
      return check.source.from === 'file'
        ? { ...base, from: 'file', path: check.source.path }
        : { ...base, from: 'device', device: check.source.device, seconds: `${check.seconds}` }
    case 'command':
      return {
        program: check.program,
        args: check.args.join('\n'),
        target: check.target,
        form: check.parser.form,
        pattern: check.parser.form === 'regex' ? check.parser.pattern : '',
      }
  }
}

/** What is checked, for people. */
export function target(check: Check): string {
  switch (check.kind) {
    case 'reachability':
      return 'port' in check.how ? `${check.host}:${check.how.port}` : check.host
    case 'tls':
      return `${check.server_name ?? check.host}:${check.port}`
    case 'dns':
      return check.name
    case 'http':
      return check.url
    case 'trace':
      return check.host
    case 'tampering':
      return check.tls_host ?? check.dns_name ?? check.portal_url ?? ''
    case 'audit':
      return check.source.from === 'file' ? check.source.path : check.source.device
    case 'command':
      return check.target || check.program
  }
}
