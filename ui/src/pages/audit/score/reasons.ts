// A score's reasons in words.

import { decimal, share } from '$ui/format/numbers'
import { duration } from '$ui/format/times'
import { known, language, t } from '$ui/i18n/language.svelte'
import type { Reason } from '$ui/ipc/bindings'

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

/** Whether the reason counts rows that the server table can show. */
export const hasRows = ({ rows }: Reason): boolean => rows.purposes.length > 0 || rows.clear_text || rows.unnamed
