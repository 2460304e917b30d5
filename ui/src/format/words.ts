// Names as a person reads them: countries, and text that a stranger chose.

import { locale, type Lang } from './numbers'

const names = new Map<Lang, Intl.DisplayNames>()

/** Name of a country by its ISO 3166-1 alpha-2 code; the code itself when it is none. */
export function country(code: string | null | undefined, lang: Lang): string {
  if (!code) return ''
  let known = names.get(lang)
  if (!known) names.set(lang, (known = new Intl.DisplayNames(locale(lang), { type: 'region' })))
  try {
    return known.of(code.toUpperCase()) ?? code
  } catch {
    return code
  }
}

// Controls, direction overrides, invisible joiners and line separators: a name could use them to look like another.
const ODD = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g

/** A stranger's text with every invisible character shown as a small box, and no longer than a table can bear. */
export function plain(text: string | null | undefined, longest = 300): string {
  const shown = (text ?? '').replace(ODD, '\u25af')
  return shown.length > longest ? shown.slice(0, longest) + '\u2026' : shown
}

/** Lower case without accents, for comparing what was typed. */
export function folded(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
}
