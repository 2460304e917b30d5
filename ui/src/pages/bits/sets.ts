// Names of the sets that claims come from.

import { known, t } from '$ui/i18n/language.svelte'

/** The name of a set; its key where the window knows none. */
export function setName(set: string): string {
  const key = `server.set.${set}`
  return known(key) ? t(key) : set
}
