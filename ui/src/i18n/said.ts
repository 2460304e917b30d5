// What the engine says in English (summaries of results, problems, conclusions, reasons), in the language of the window.
//
// The engine writes sentences, for they go into results, logs and other programs as well, and are kept in stores and sent to other
// agents. As with gettext, the English sentence with its slots is the key: `fr/said/` has each of them as the engine's source has it,
// and a test compares the two. What is none of them (a stranger's text, another version's) stays as it is.

import { spelt } from '$ui/format/facts'
import { decimal } from '$ui/format/numbers'
import { said as french, names } from './fr/said'
import { form, language, tied } from './language.svelte'
import type { Message } from './message'

/** Sentences of the engine and what they are in another language; `n` chooses the plural. */
export type Sayings = Record<string, Message>

/** Slots that hold a number, written as the language writes it. */
const AMOUNTS: ReadonlySet<string> = new Set(
  'n all ms least most octets servers companies open load amount limit at'.split(' '),
)
/** Slots that hold a number which is a name. */
const FIGURES: ReadonlySet<string> = new Set(['port', 'status'])
/** Slots that hold a name, or a text that somebody chose: never looked into. */
const NAMES: ReadonlySet<string> = new Set('host name jid program path text field kind node service id code'.split(' '))
/** Slots that hold a place within facts, where they begin as a pointer does. */
const POINTERS: ReadonlySet<string> = new Set(['field', 'place'])
const NUMBER = /^-?\d+(\.\d+)?$/
/** Longer texts are none of the engine's. */
const LONGEST = 1_000
/** Sentences within a sentence, of which a stranger could make many. */
const MOST_WITHIN = 100
/** Letters below which a key by itself says too little to be known by. */
const TELLING = 6
/** Sentences that are remembered: a table asks for the same ones again and again. */
const MOST_KEPT = 2_000

/** A sentence cut at its slots: `words[i]` stands before `slots[i]`, the last of them at the end. */
type Pattern = { words: string[]; slots: string[]; message: Message; letters: number }

/** One sign each, so that places stay the same. */
const signs = (text: string): string => text.replaceAll("'", '’')

function pattern([key, message]: [string, Message]): Pattern {
  const parts = signs(key).split(/\{(\w+)\}/)
  const words = parts.filter((_, i) => i % 2 === 0)
  return { words, slots: parts.filter((_, i) => i % 2 === 1), message, letters: words.join('').length }
}

const whole = new Map(Object.entries(french).map(([key, message]) => [signs(key), message]))
const patterns = Object.entries(french)
  .filter(([key]) => key.includes('{'))
  .map(pattern)
  .sort((a, b) => b.letters - a.letters)

/** What lies in the slots, from left to right and never back: a hostile text costs no more than its length. */
function slotsOf({ words, slots }: Pattern, text: string): string[] | null {
  const bare = signs(text)
  if (!bare.startsWith(words[0]!)) return null
  let at = words[0]!.length
  const found: string[] = []
  for (const i of slots.keys()) {
    const next = words[i + 1]!
    const last = i === slots.length - 1
    let end = last ? bare.length - next.length : bare.indexOf(next, at)
    // Before what may follow, a sentence ends: "10.0.0.1. 2 did not answer."
    if (slots[i + 1] === 'rest')
      while (end >= 0 && !/^($|;? )/.test(bare.slice(end + next.length))) end = bare.indexOf(next, end + 1)
    if (end < at || (last && !bare.endsWith(next))) return null
    found.push(text.slice(at, end))
    at = end + next.length
  }
  return at === bare.length ? found : null
}

function filled(pattern: Pattern, text: string): string | null {
  const found = slotsOf(pattern, text)
  if (!found) return null
  const values: Record<string, string> = {}
  let known = pattern.letters >= TELLING
  for (const [i, slot] of pattern.slots.entries()) {
    const value = found[i]!
    const isNumber = AMOUNTS.has(slot) || FIGURES.has(slot)
    if (isNumber && !NUMBER.test(value)) return null
    values[slot] = AMOUNTS.has(slot) ? decimal(Number(value), language.now, 3) : value
    if (isNumber) known = true
    else if (POINTERS.has(slot) && value.startsWith('/')) values[slot] = place(value)
    else if (value !== '' && !NAMES.has(slot)) {
      values[slot] = spoken(value) ?? value
      known ||= values[slot] !== value
    }
  }
  if (!known) return null
  const n = found[pattern.slots.indexOf('n')] ?? '1'
  return tied(form(pattern.message, Number(n), language.now), language.now).replace(
    /\{(\w+)\}/g,
    (slot, name: string) => values[name] ?? slot,
  )
}

/** Several sentences in one, each by itself. */
function parted(text: string): string | null {
  for (const mark of ['; ', ', ', ': ']) {
    const at = text.indexOf(mark)
    if (at < 0) continue
    const [left, right] = [text.slice(0, at), text.slice(at + mark.length)]
    const [first, rest] = [spoken(left), spoken(right)]
    const between = mark === ', ' ? mark : tied(` ${mark}`, language.now)
    if (first !== null || rest !== null) return (first ?? left) + between + (rest ?? right)
  }
  return null
}

let within = 0

function spoken(text: string): string | null {
  within += 1
  if (within > MOST_WITHIN) return null
  const bare = text.trimStart()
  if (bare !== text) {
    const said = spoken(bare)
    return said === null ? null : text.slice(0, text.length - bare.length) + said
  }
  const plain = whole.get(signs(text))
  if (plain !== undefined) return tied(form(plain, 1, language.now), language.now)
  for (const one of patterns) {
    const said = filled(one, text)
    if (said !== null) return said
  }
  return parted(text)
}

const remembered = new Map<string, string>()

/** The name of a fact in the language of the window; of one that a program or another agent made up, as it is. */
export function factName(key: string): string {
  const name = key.replaceAll('_', ' ')
  return language.now === 'fr' && Object.hasOwn(names, name) ? names[name]! : name
}

/** A place within facts as a name for people: `/measured/rtt_ms/mean` is "rtt ms › mean". */
export const place = (pointer: string): string => spelt(pointer).map(factName).join(' › ')

/** A sentence of the engine in the language of the window. */
export function said(text: string | null | undefined): string {
  if (!text || language.now === 'en' || text.length > LONGEST) return text ?? ''
  let known = remembered.get(text)
  if (known === undefined) {
    if (remembered.size >= MOST_KEPT) remembered.clear()
    within = 0
    remembered.set(text, (known = spoken(text) ?? text))
  }
  return known
}

/** The same as a sentence of its own, for the reasons that the engine gives in the middle of others. */
export function sentence(text: string | null | undefined): string {
  const whole = said(text)
  // A word, and no name of a machine.
  const begun = /^\p{Ll}[\p{L}’']* /u.test(whole) ? whole.charAt(0).toUpperCase() + whole.slice(1) : whole
  return begun === '' || /[.!?…]$/.test(begun) ? begun : `${begun}.`
}
