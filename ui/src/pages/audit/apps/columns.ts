// The columns of the app table, and how they are ordered here (the whole list comes at once).

import { bytes, count } from '$ui/format/numbers'
import { folded } from '$ui/format/words'
import { language, t } from '$ui/i18n/language.svelte'
import type { AccessView, App, AppRow } from '$ui/ipc/bindings'
import { SvelteMap } from 'svelte/reactivity'
import type { Column } from '$ui/parts/table/column'
import { to, type Ask } from '$ui/state/route.svelte'

export const AWAY = ['flows', 'package']

/** What an app is called. */
export const title = (row: Pick<AppRow, 'label' | 'package' | 'key'>): string => row.label ?? row.package ?? row.key

/** Key of an app that the capture marks, as the engine makes it. */
export const keyOf = (app: App): string => `uid:${app.uid}`

/** Names of the reported apps that were listed so far, by key: a chip has only the key. */
const called = new SvelteMap<string, string>()

export function remember(rows: readonly AppRow[]): void {
  for (const row of rows) if (row.basis === 'inferred') called.set(row.key, title(row))
}

/** What a key names, for a chip: the app that the capture marks, else what the report calls it. */
export function nameOfKey(key: string, apps: readonly App[]): string {
  const app = apps.find((one) => keyOf(one) === key)
  return app?.label ?? app?.package ?? called.get(key) ?? key.replace(/^(ios|uid):/, '')
}

/** Link to one app's own page. */
export const toApp = (audit: number, key: string): string => to(audit, 'apps', { app: key })

/** Sensors and data that were used, in a few words. */
export const used = (accesses: readonly AccessView[]): string =>
  accesses.map((one) => t('apps.used', { what: t(`access.${one.category}`), times: one.times })).join(', ')

/** The columns; what only the phone's own report says has one where there is something in it. */
export function columns(rows: { marks: boolean; accesses: boolean }): Column<AppRow>[] {
  const lang = language.now
  const track = (least: number, part: number) => ({ least, track: `minmax(${least}px, ${part}fr)`, sortable: true })
  const number = { ...track(96, 0.8), numeric: true }
  return [
    { key: 'name', label: t('column.app'), ...track(220, 3), fixed: true, text: title },
    { key: 'known', label: t('column.app.known'), ...track(110, 0.8), text: (row) => t(`basis.${row.basis}`) },
    { key: 'servers', label: t('column.servers'), ...number, text: (row) => count(row.servers, lang) },
    { key: 'companies', label: t('column.companies'), ...number, text: (row) => count(row.companies, lang) },
    { key: 'trackers', label: t('column.trackers'), ...number, text: (row) => count(row.tracker_companies, lang) },
    { key: 'sent_bytes', label: t('column.sent'), ...number, text: (row) => bytes(row.sent_bytes, lang) },
    { key: 'received_bytes', label: t('column.received'), ...number, text: (row) => bytes(row.received_bytes, lang) },
    ...(rows.accesses
      ? [{ key: 'used', label: t('column.used'), ...track(200, 2.4), text: (row: AppRow) => used(row.accesses) }]
      : []),
    ...(rows.marks
      ? [{ key: 'flows', label: t('column.flows'), ...number, text: (row: AppRow) => count(row.flows, lang) }]
      : []),
    { key: 'package', label: t('column.package'), ...track(200, 2), text: (row) => row.package ?? '' },
  ]
}

const VALUE: Record<string, (row: AppRow) => string | number> = {
  known: (row) => row.basis,
  servers: (row) => row.servers,
  companies: (row) => row.companies,
  trackers: (row) => row.tracker_companies,
  sent_bytes: (row) => row.sent_bytes,
  received_bytes: (row) => row.received_bytes,
  used: (row) => row.accesses.reduce((all, one) => all + one.times, 0),
  flows: (row) => row.flows,
  package: (row) => row.package ?? '',
}

/** The rows that match, in the order wished for. */
export function arranged(rows: readonly AppRow[], ask: Ask, sort: { key: string; descending: boolean }): AppRow[] {
  const word = folded(ask.search ?? '')
  const value = VALUE[sort.key] ?? ((row: AppRow) => folded(title(row)))
  const sign = sort.descending ? -1 : 1
  return rows
    .filter((row) => folded(`${row.label ?? ''} ${row.package ?? ''}`).includes(word))
    .sort((a, b) => {
      const [x, y] = [value(a), value(b)]
      const order = typeof x === 'string' ? x.localeCompare(String(y), language.now) : x - Number(y)
      return order * sign || b.servers - a.servers
    })
}
