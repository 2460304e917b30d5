// Roles, duties and refusals in words; those of the owner's own making as they are.

import { plain } from '$ui/format/words'
import { known, t } from '$ui/i18n/language.svelte'

const word = (key: string, text: string): string => (known(key) ? t(key) : plain(text, 60))

export const roleWords = (role: string | null): string => (role === null ? t('role.none') : word(`role.${role}`, role))

export const dutyWords = (duty: string): string => {
  const check = `check.${duty}`
  return known(check) ? t(check) : word(`duty.${duty}`, duty)
}

/** How another agent says that a behaviour acts in time. */
export const actsWords = (acts: string): string => word(`agents.acts.${acts}`, acts)

export const refusedWords = (why: string): string => word(`refused.${why}`, why.replaceAll('_', ' '))
