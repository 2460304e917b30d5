// What could not be seen, as lines: which counter, in which part of the page, in which unit.

import type { AuditView } from '$ui/ipc/bindings'
import type { Ask } from '$ui/state/route.svelte'
import type { Covered } from '../../bits/coverage'

export const PARTS = {
  hidden: ['encrypted_dns_flows', 'ech_hellos', 'tunnel_bytes', 'encrypted_radio_packets'],
  lost: [
    'started_before',
    'dropped_by_kernel',
    'dropped_by_interface',
    'cut_packets',
    'undecoded_packets',
    'later_fragments',
    'time_went_back',
    'other_ip_packets',
    'non_ip_packets',
  ],
  limits: ['evicted_flows', 'abandoned_streams', 'dropped_names'],
} as const

export type Part = keyof typeof PARTS
export type LineKey = (typeof PARTS)[Part][number]

export function value({ summary }: AuditView, key: LineKey): number {
  const all: Record<string, unknown> = { ...summary.counts, ...summary.coverage }
  return typeof all[key] === 'number' ? all[key] : 0
}

/** The rows behind a line, where a table can show them. */
export const ROWS: Partial<Record<LineKey | Covered, Ask>> = {
  encrypted_dns_flows: { purposes: ['resolver'] },
  tunnel_bytes: { purposes: ['tunnel'] },
  tunnel: { purposes: ['tunnel'] },
  address: { unnamed: true },
}
