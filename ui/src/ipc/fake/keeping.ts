// What is kept and what leaves: recordings, the keep mark, and `?leaving=1`.

import type { Backend } from '../backend'
import type { Leaving } from '../bindings'
import { changed, get, views } from './audits'
import { wish } from './wish'

const DAY = 86_400_000

/** What the user's own limit takes away next. */
export function leaving(): Leaving[] {
  if (!wish('leaving')) return []
  const due: Leaving[] = [
    { audit: 2, name: 'iPhone at rest.pcap', recording_only: true, at_ms: Date.now() + 2 * DAY },
    { audit: 3, name: 'Old tablet', recording_only: false, at_ms: Date.now() + 5 * DAY },
  ]
  return due.filter(({ audit }) => views.get(audit)?.card.keep === false)
}

const old = views.get(2)
if (old) Object.assign(old.card, { live_source: 'wlan0', recording_bytes: 182_400_000 })
if (!wish('leaving') && views.get(3)) views.get(3)!.card.keep = true

export const keeping = {
  keep: async (audit, keep) => {
    const one = get(audit)
    changed([{ ...one, card: { ...one.card, keep } }])
  },
  save_recording: async (audit) => `/home/you/Documents/${get(audit).card.name}.pcapng`,
  remove_recording: async (audit) => {
    const one = get(audit)
    changed([{ ...one, card: { ...one.card, recording_bytes: 0 } }])
  },
} satisfies Partial<Backend>
