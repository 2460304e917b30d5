// The apps of the fake's audits: by the capture's own marks. `?apps=none` has none.

import type { Backend } from '../backend'
import type { AppRow, ImportedReport } from '../bindings'
import { get } from './audits'
import { wish } from './wish'

let imported: ImportedReport | null = null

function appRows(audit: number): AppRow[] {
  const { apps, span } = get(audit).summary
  if (wish('apps') === 'none') return []
  return apps.map((app) => ({
    key: `uid:${app.uid}`,
    label: app.label,
    package: app.package,
    basis: 'observed',
    sent_bytes: app.sent_bytes,
    received_bytes: app.received_bytes,
    servers: 12 - app.id,
    companies: 7 - app.id,
    tracker_companies: 5 - app.id,
    unseen_domains: 0,
    shared_servers: 0,
    flows: app.flows,
    first_ms: span?.first ?? null,
    last_ms: span?.last ?? null,
    accesses: [],
  }))
}

export const apps = {
  apps: async (audit) => ({ apps: appRows(audit), imported }),
  import_app_report: async (audit) => {
    const { span, servers } = get(audit).summary
    imported = {
      file: 'App_Privacy_Report_v4_2026-11-20.ndjson',
      apps: 14,
      domains: 96,
      matched_servers: Math.round(servers * 0.7),
      bad_lines: 0,
      first_ms: span?.first ?? null,
      last_ms: span?.last ?? null,
    }
    return imported
  },
  remove_app_report: async () => {
    imported = null
  },
} satisfies Partial<Backend>
