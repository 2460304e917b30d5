// Which language the window speaks, and how a key becomes a sentence in it.

import { count, type Lang } from '$ui/format/numbers'
import { en } from './en'
import { fr } from './fr'
import type { Key, Message, Messages } from './message'

const TEXTS: Record<Lang, Messages> = { en, fr }

export type Params = Record<string, string | number>

/** A piece of a sentence: fixed words, or the place of a parameter. */
export type Piece = { words: string } | { slot: string }

const plurals: Record<Lang, Intl.PluralRules> = { en: new Intl.PluralRules('en'), fr: new Intl.PluralRules('fr') }

class Language {
  now = $state<Lang>('en')

  /** Takes `en`, `fr`, or anything else for the system's own language. */
  choose(wish: string): void {
    this.now = wish === 'en' || wish === 'fr' ? wish : navigator.language.toLowerCase().startsWith('fr') ? 'fr' : 'en'
    document.documentElement.lang = this.now
  }
}

export const language = new Language()

/** The form of a message for `n`: an exact zero if it has one, else what the language's plural rule says. */
export function form(message: Message, n: number, lang: Lang): string {
  if (typeof message === 'string') return message
  if (n === 0 && message.zero !== undefined) return message.zero
  return plurals[lang].select(n) === 'one' ? message.one : message.other
}

/** The sentence of a key. Numbers are written as the language writes them; `n` chooses the plural. */
export function t(key: Key, params: Params = {}): string {
  return pieces(key, params)
    .map((piece) => ('words' in piece ? piece.words : shown(params[piece.slot], piece.slot)))
    .join('')
}

function shown(value: string | number | undefined, slot: string): string {
  if (value === undefined) return `{${slot}}`
  return typeof value === 'number' ? count(value, language.now) : value
}

/** French signs that stand apart from their word, and yet never begin or end a line without it. */
export const tied = (text: string, lang: Lang): string =>
  lang === 'fr' ? text.replace(/ (?=[:;?!»])|(?<=«) /g, '\u00a0') : text

/** The sentence of a key cut at its slots, so that a page can put links there. */
export function pieces(key: Key, params: Params = {}): Piece[] {
  const message = TEXTS[language.now][key]
  const text = tied(form(message, Number(params.n ?? 1), language.now), language.now)
  return text
    .split(/(\{\w+\})/)
    .filter(Boolean)
    .map((part) => (/^\{\w+\}$/.test(part) ? { slot: part.slice(1, -1) } : { words: part }))
}

/** Whether a key exists; for keys that are made from values of the bridge. */
export function known(key: string): key is Key {
  return Object.hasOwn(en, key)
}
