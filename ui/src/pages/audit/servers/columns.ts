// The columns of the server table.

import { bytes, count } from '$ui/format/numbers'
import { clock } from '$ui/format/times'
import { country } from '$ui/format/words'
import { language, t } from '$ui/i18n/language.svelte'
import type { Device, Server } from '$ui/ipc/bindings'
import type { Column } from '$ui/parts/table/column'
import { nameBasis } from '../../bits/basis'

export const AWAY = ['service', 'addresses', 'first', 'last', 'clear_text_bytes']

/** What a row is called: its name, else its first address. */
export const title = (row: Server): string => row.name ?? row.addresses[0] ?? t('word.unnamed')

/** Who is behind it: the company, else the network's owner, else that it is near. */
export const behind = (row: Server): string =>
  row.owner.company ?? row.owner.organisation ?? (row.local ? t('word.local') : '')

/** What a device is called: the name that it gave itself, else its first address. */
export function deviceName(devices: readonly Device[], id: number | null): string {
  const device = devices.find((one) => one.id === id)
  return device?.name ?? device?.addresses[0] ?? ''
}

/** How the name is known, in a word. */
const known = (row: Server): string => (row.name_source ? t(`basis.${nameBasis(row.name_source)}`) : t('word.unnamed'))

/** The columns; with several devices also the one that each row belongs to. */
export function columns(devices: readonly Device[]): Column<Server>[] {
  const lang = language.now
  const track = (least: number, part: number) => ({ least, track: `minmax(${least}px, ${part}fr)`, sortable: true })
  const number = { ...track(92, 0.8), numeric: true }
  return [
    { key: 'name', label: t('column.name'), ...track(200, 4), fixed: true, text: title },
    { key: 'known', label: t('column.known'), track: '100px', least: 100, text: known },
    { key: 'company', label: t('column.company'), ...track(120, 2), text: behind },
    { key: 'service', label: t('column.service'), ...track(130, 2), text: (row) => row.owner.service ?? '' },
    ...(devices.length > 1
      ? [
          {
            key: 'device',
            label: t('column.device'),
            ...track(120, 1.5),
            sortable: false,
            text: (row: Server) => deviceName(devices, row.device),
          },
        ]
      : []),
    { key: 'purpose', label: t('column.purpose'), ...track(204, 2), text: (row) => t(`purpose.${row.owner.purpose}`) },
    { key: 'sent_bytes', label: t('column.sent'), ...number, text: (row) => bytes(row.sent_bytes, lang) },
    { key: 'received_bytes', label: t('column.received'), ...number, text: (row) => bytes(row.received_bytes, lang) },
    { key: 'flows', label: t('column.flows'), ...number, ...track(68, 0.6), text: (row) => count(row.flows, lang) },
    { key: 'country', label: t('column.country'), ...track(120, 2), text: (row) => country(row.owner.country, lang) },
    {
      key: 'addresses',
      label: t('column.address'),
      ...track(150, 2),
      sortable: false,
      text: (row) => row.addresses.join(' '),
    },
    { key: 'first', label: t('column.first'), ...number, text: (row) => clock(row.first, lang) },
    { key: 'last', label: t('column.last'), ...number, text: (row) => clock(row.last, lang) },
    { key: 'clear_text_bytes', label: t('column.clear'), ...number, text: (row) => bytes(row.clear_text_bytes, lang) },
  ]
}
