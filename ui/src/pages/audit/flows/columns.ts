// The columns of the flow table. `sent` and `received` are the device's, whoever spoke first.

import { bytes } from '$ui/format/numbers'
import { clock, duration } from '$ui/format/times'
import { language, t } from '$ui/i18n/language.svelte'
import type { Endpoint, FlowRow, Tally } from '$ui/ipc/bindings'
import type { Column } from '$ui/parts/table/column'

export const AWAY = ['remote', 'ja4', 'alpn', 'duration']

/** Whether the near side spoke first; without a device on either side, who spoke first is the near one. */
const near = ({ flow }: FlowRow): boolean => flow.device_is_initiator || flow.device === null

/** The side that is not the device. */
export const remote = (row: FlowRow): Endpoint => (near(row) ? row.flow.responder : row.flow.initiator)
export const out = (row: FlowRow): Tally => (near(row) ? row.flow.from_initiator : row.flow.from_responder)
export const back = (row: FlowRow): Tally => (near(row) ? row.flow.from_responder : row.flow.from_initiator)

/** Address and port; the brackets keep an IPv6 address and its port apart. */
export const endpoint = ({ address, port }: Endpoint): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`

export const title = (row: FlowRow): string => row.flow.name ?? remote(row).address

export const seconds = ({ flow }: FlowRow): number => ((flow.last ?? 0) - (flow.first ?? 0)) / 1000

/** The columns; the app's where any is known, wider where a word beside it says how. */
export function columns(apps: boolean, inferred = false): Column<FlowRow>[] {
  const lang = language.now
  const track = (least: number, part: number) => ({ least, track: `minmax(${least}px, ${part}fr)` })
  const sorts = { sortable: true }
  const number = { ...track(96, 0.7), numeric: true }
  return [
    { key: 'name', label: t('column.remote'), ...track(220, 3), ...sorts, fixed: true, text: title },
    { key: 'company', label: t('column.company'), ...track(130, 1.6), ...sorts, text: (row) => row.company ?? '' },
    ...(apps
      ? [
          {
            key: 'app',
            label: t('column.app'),
            ...track(inferred ? 210 : 130, 1.6),
            sortable: !inferred,
            text: (row: FlowRow) => row.app ?? '',
          },
        ]
      : []),
    {
      key: 'protocol',
      label: t('column.protocol'),
      ...track(130, 1.2),
      ...sorts,
      text: ({ flow }) => t(`protocol.${flow.protocol}`),
    },
    { key: 'remote', label: t('column.address'), ...track(170, 2), text: (row) => endpoint(remote(row)) },
    { key: 'first', label: t('column.start'), ...number, ...sorts, text: ({ flow }) => clock(flow.first, lang) },
    {
      key: 'duration',
      label: t('column.duration'),
      ...number,
      ...track(130, 1),
      text: (row) => duration(seconds(row), lang),
    },
    { key: 'sent_bytes', label: t('column.sent'), ...number, ...sorts, text: (row) => bytes(out(row).ip_bytes, lang) },
    {
      key: 'received_bytes',
      label: t('column.received'),
      ...number,
      ...sorts,
      text: (row) => bytes(back(row).ip_bytes, lang),
    },
    {
      key: 'state',
      label: t('column.state'),
      ...track(150, 1.4),
      text: ({ flow }) => (flow.tcp ? t(`tcp.${flow.tcp}`) : flow.transport.toUpperCase()),
    },
    { key: 'ja4', label: t('column.ja4'), ...track(320, 2), text: ({ flow }) => flow.ja4 ?? '' },
    { key: 'alpn', label: 'ALPN', ...track(80, 0.6), text: ({ flow }) => flow.alpn ?? '' },
  ]
}
