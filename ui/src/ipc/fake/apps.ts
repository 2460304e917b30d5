// The apps of the fake's audits: by the capture's own marks, and by the phone's own report.

import type { Backend } from '../backend'
import type { AccessCategory, AccessView, AppDetail, AppDomain, AppRow, ImportedReport, Server } from '../bindings'
import { get, rows } from './audits'
import { named, report, type Named } from './named'
import { fail, kind, wish } from './wish'

const sum = (list: readonly Server[], of: (row: Server) => number) => list.reduce((all, row) => all + of(row), 0)
const companies = (list: readonly Server[]) => new Set(list.flatMap((row) => row.owner.company ?? [])).size
const DAY = 86_400_000

const use = (category: AccessCategory, times: number, during: number, at: number, open = 0): AccessView => ({
  category,
  times,
  during,
  open,
  first_ms: at - 5 * DAY,
  last_ms: at,
})

function accesses(app: Named, at: number): AccessView[] {
  if (app.package === 'com.burbn.instagram') {
    return [
      use('camera', 9, 2, at),
      use('microphone', 4, 1, at, 1),
      use('photos', 31, 0, at - DAY),
      use('contacts', 1, 0, at - DAY),
    ]
  }
  if (app.package === 'fr.example.meteo') return [use('location', 212, 14, at)]
  return app.package === 'com.apple.camera'
    ? [use('camera', 3, 0, at - 2 * DAY), use('screen_recording', 1, 0, at - DAY)]
    : []
}

function appRow(app: Named, audit: number): AppRow {
  const { apps, span } = get(audit).summary
  const mine = rows.filter(app.of)
  const others = (row: Server) => named().filter((one) => one.basis === 'inferred' && one.of(row)).length > 1
  const own = app.basis === 'inferred' ? mine.filter((row) => !others(row)) : mine
  const mark = apps.find((one) => `uid:${one.uid}` === app.key)
  const inferred = app.basis === 'inferred'
  return {
    key: app.key,
    label: kind === 'hostile' && app.label ? '<i>Safe</i>\u202egnp.exe' : app.label,
    package: app.package,
    basis: app.basis,
    sent_bytes: mark?.sent_bytes ?? sum(own, (row) => row.sent_bytes),
    received_bytes: mark?.received_bytes ?? sum(own, (row) => row.received_bytes),
    servers: mine.length,
    companies: companies(mine),
    tracker_companies: companies(mine.filter((row) => row.owner.tracker)),
    flows: inferred ? 0 : sum(mine, (row) => row.flows),
    shared_servers: mine.length - own.length,
    domains: inferred ? mine.length + 4 : 0,
    unseen_domains: inferred ? 3 : 0,
    profiling_domains: inferred ? mine.filter((row) => row.owner.tracker).length : 0,
    first_ms: (span?.first ?? 0) - (inferred ? 2 * DAY : 0),
    last_ms: span?.last ?? null,
    accesses: accesses(app, span?.last ?? 0),
  }
}

function domains(app: Named): AppDomain[] {
  const seen = rows.filter(app.of).map((row) => ({
    domain: row.name ?? '',
    context: app.label === 'Safari' ? 'www.lemonde.fr' : null,
    owner: row.owner.tracker ? row.owner.company : null,
    may_profile: row.owner.tracker,
    initiator: app.label === 'Safari' ? ('person' as const) : ('app' as const),
    hits: 3 + ((row.id * 13) % 90),
    first_ms: row.first - 2 * DAY,
    last_ms: row.last,
    servers: [row.id],
    below: 0,
    shared_with: named().flatMap((one) => (one.key !== app.key && one.basis === 'inferred' && one.of(row) ? [one.label ?? one.package ?? ''] : [])),
  }))
  const elsewhere = (domain: string, below: number): AppDomain => ({ ...seen[0]!, domain, servers: [], below, shared_with: [], may_profile: null, owner: null, context: null })
  return seen.length ? [...seen, elsewhere('facebook.com', 2), elsewhere('edge-mqtt.example.net', 0), elsewhere('cdn.example.org', 0), elsewhere('static.example.org', 0)] : []
} // prettier-ignore

function imported(audit: number): ImportedReport | null {
  if (!report.imported) return null
  const { span } = get(audit).summary
  const apps = named().filter((app) => app.basis === 'inferred')
  return {
    file: 'App_Privacy_Report_v4_2026-11-20T18_20_00.ndjson',
    files: 1,
    apps: apps.length,
    domains: 61,
    matched_servers: rows.filter((row) => apps.some((app) => app.of(row))).length,
    bad_lines: wish('lines') === 'bad' ? 3 : 0,
    unknown_lines: wish('lines') === 'bad' ? 12 : 0,
    dropped: 0,
    first_ms: (span?.first ?? 0) - 7 * DAY,
    last_ms: span?.last ?? null,
  }
}

export const apps = {
  apps: async (audit) => ({
    apps: named()
      .map((app) => appRow(app, audit))
      .sort((a, b) => b.sent_bytes + b.received_bytes - a.sent_bytes - a.received_bytes),
    imported: imported(audit),
  }),
  app: async (audit, key): Promise<AppDetail> => {
    const app = named().find((one) => one.key === key) ?? fail('invalid_input', 'This app is not part of the audit.')
    return { app: appRow(app, audit), domains: app.basis === 'inferred' ? domains(app) : [] }
  },
  import_app_report: async (audit) => {
    if (wish('import') === 'wrong') fail('app_report', 'the file is no App Privacy Report', 'foreign')
    report.imported = true
    return imported(audit)
  },
  remove_app_report: async () => {
    report.imported = false
  },
} satisfies Partial<Backend>
