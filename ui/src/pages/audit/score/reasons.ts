// A score's reasons in words.

import { decimal, share } from '$ui/format/numbers'
import { duration } from '$ui/format/times'
import { known, language, t } from '$ui/i18n/language.svelte'
import type { Reason } from '$ui/ipc/bindings'
import { to, toRows, type Tab } from '$ui/state/route.svelte'

/** What the reason is. */
export function reasonTitle(reason: Reason): string {
  const key = `reason.${reason.key}`
  return known(key) ? t(key) : reason.key
}

/** What was measured, with its unit. */
export function reasonValue({ key, value }: Reason): string {
  const word = `reason.${key}.value`
  const n = value ?? 0
  if (key === 'pandore_pause' && n === 0) return t('reason.pandore_pause.value.none')
  if (!known(word)) return decimal(n, language.now, 3)
  return t(word, {
    n,
    share: share(n, 100, language.now),
    time: duration(n, language.now),
    rate: decimal(n, language.now, 3),
  })
}

/** Reasons that count whole tables. */
const WHOLE: Record<string, Tab> = { companies: 'companies', pandore_servers: 'servers' }

/** Link to the rows that a reason counts; null when it counts none that a table shows. */
export function reasonLink(audit: number, { key, rows }: Reason): string | null {
  if (rows.purposes.length > 0 || rows.clear_text || rows.unnamed) return toRows(audit, rows)
  const tab = WHOLE[key]
  return tab ? to(audit, tab) : null
}
