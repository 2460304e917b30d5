// The columns of the company table, and how they are ordered here (the whole list is in the summary).

import { bytes, count } from '$ui/format/numbers'
import { country, folded } from '$ui/format/words'
import { language, t } from '$ui/i18n/language.svelte'
import type { Company } from '$ui/ipc/bindings'
import type { Column } from '$ui/parts/table/column'
import { GROUPS } from '../../bits/purposes'

export const AWAY = ['flows']

export const title = (row: Company): string => row.name ?? t('word.company.unknown')

export function columns(): Column<Company>[] {
  const lang = language.now
  const track = (least: number, part: number) => ({ least, track: `minmax(${least}px, ${part}fr)`, sortable: true })
  const number = { ...track(100, 0.8), numeric: true }
  return [
    { key: 'name', label: t('column.company'), ...track(220, 3), fixed: true, text: title },
    { key: 'group', label: t('column.group'), ...track(204, 1.5), text: (row) => t(`group.${row.group}`) },
    {
      key: 'servers',
      label: t('column.servers'),
      ...number,
      ...track(90, 0.6),
      text: (row) => count(row.servers, lang),
    },
    { key: 'sent_bytes', label: t('column.sent'), ...number, text: (row) => bytes(row.sent_bytes, lang) },
    { key: 'received_bytes', label: t('column.received'), ...number, text: (row) => bytes(row.received_bytes, lang) },
    { key: 'flows', label: t('column.flows'), ...number, text: (row) => count(row.flows, lang) },
    { key: 'home', label: t('column.home'), ...track(140, 1.5), text: (row) => country(row.home_country, lang) },
  ]
}

/** The rows that match, in the order wished for. */
export function arranged(
  rows: readonly Company[],
  search: string,
  group: string | undefined,
  key: string,
  descending: boolean,
): Company[] {
  const word = folded(search)
  const tracking = (row: Company) => row.group === 'follows' || row.group === 'measures'
  const found = rows.filter(
    (row) =>
      folded(title(row)).includes(word) && (!group || (group === 'tracker' ? tracking(row) : row.group === group)),
  )
  const value = (row: Company): string | number => {
    if (key === 'group') return GROUPS.length - GROUPS.indexOf(row.group)
    if (key === 'home') return country(row.home_country, language.now)
    if (key === 'servers' || key === 'flows' || key === 'sent_bytes' || key === 'received_bytes') return row[key]
    return folded(title(row))
  }
  const sign = descending ? -1 : 1
  return found.sort((a, b) => {
    const [x, y] = [value(a), value(b)]
    const order = typeof x === 'string' ? x.localeCompare(String(y), language.now) : x - Number(y)
    return order * sign || b.sent_bytes - a.sent_bytes
  })
}
