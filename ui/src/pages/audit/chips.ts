// What a link narrows a table to, as chips that can be taken away.

import { country, plain } from '$ui/format/words'
import type { AuditView, Purpose } from '$ui/ipc/bindings'
import { known, language, t } from '$ui/i18n/language.svelte'
import { route, type Ask } from '$ui/state/route.svelte'
import { GROUPS, PURPOSES } from '../bits/purposes'
import { nameOfKey } from './apps/columns'
import { deviceName } from './servers/columns'

export type Chip = { key: string; label: string; remove: () => void }

const chip = (key: keyof Ask, label: string): Chip => ({ key, label, remove: () => route.refine({ [key]: undefined }) })

/** One chip for each wish; purposes that make up a whole group are one chip. */
export function chips(ask: Ask, view: AuditView): Chip[] {
  const out: Chip[] = purposeChips(ask.purposes ?? [])
  if (ask.group) {
    const word = `group.${ask.group}`
    out.push(chip('group', t('filter.group', { name: known(word) ? t(word) : t('overview.count.trackers') })))
  }
  if (ask.company !== undefined) {
    out.push(chip('company', t('filter.company', { name: plain(ask.company, 60) || t('word.company.unknown') })))
  }
  if (ask.country !== undefined) {
    const name = country(ask.country, language.now) || t('word.unknown')
    out.push(chip('country', t('filter.country', { name })))
  }
  if (ask.device !== undefined) {
    out.push(chip('device', t('filter.device', { name: plain(deviceName(view.summary.devices, ask.device), 60) })))
  }
  if (ask.server !== undefined) out.push(chip('server', t('filter.server', { name: `№ ${ask.server}` })))
  if (ask.app !== undefined) {
    out.push(chip('app', t('filter.app', { name: plain(nameOfKey(ask.app, view.summary.apps), 60) })))
  }
  if (ask.clear_text) out.push(chip('clear_text', t('filter.clear_text')))
  if (ask.unnamed) out.push(chip('unnamed', t('filter.unnamed')))
  return out
}

function purposeChips(purposes: readonly string[]): Chip[] {
  const left = new Set(purposes)
  const without = (gone: readonly string[]) => () =>
    route.refine({ purposes: purposes.filter((one) => !gone.includes(one)) })
  const whole = GROUPS.filter((group) => group !== 'unknown' && PURPOSES[group].every((one) => left.has(one)))
  const groups = whole.map((group) => {
    for (const one of PURPOSES[group]) left.delete(one)
    return { key: group, label: t('filter.group', { name: t(`group.${group}`) }), remove: without(PURPOSES[group]) }
  })
  const single = [...left]
    .filter((one): one is Purpose => known(`purpose.${one}`))
    .map((one) => ({ key: one, label: t('filter.purpose', { name: t(`purpose.${one}`) }), remove: without([one]) }))
  return [...groups, ...single]
}
