// Times and durations as a person reads them. Pure: "now" comes in.

import { locale, type Lang, type Num } from './numbers'

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]

/** "3 minutes ago"; within the minute "now". */
export function relative(ms: Num, now: number, lang: Lang): string {
  if (ms == null) return ''
  const seconds = (ms - now) / 1000
  const words = new Intl.RelativeTimeFormat(locale(lang), { numeric: 'auto' })
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size) return words.format(Math.round(seconds / size), unit)
  }
  return words.format(0, 'second')
}

/** Date and time to the second, with the zone. */
export function exact(ms: Num, lang: Lang): string {
  if (ms == null) return ''
  return new Intl.DateTimeFormat(locale(lang), {
    dateStyle: 'long',
    timeStyle: 'long',
  }).format(ms)
}

/** Day and minute, for lists. */
export function moment(ms: Num, lang: Lang): string {
  if (ms == null) return ''
  return new Intl.DateTimeFormat(locale(lang), { dateStyle: 'medium', timeStyle: 'short' }).format(ms)
}

/** The day. */
export function date(ms: Num, lang: Lang): string {
  return ms == null ? '' : new Intl.DateTimeFormat(locale(lang), { dateStyle: 'medium' }).format(ms)
}

/** Time of day, to the second. */
export function clock(ms: Num, lang: Lang): string {
  if (ms == null) return ''
  return new Intl.DateTimeFormat(locale(lang), { timeStyle: 'medium' }).format(ms)
}

/** Time of day, to the minute. */
export function minute(ms: Num, lang: Lang): string {
  if (ms == null) return ''
  return new Intl.DateTimeFormat(locale(lang), { timeStyle: 'short' }).format(ms)
}

/** Day of the week and time of day, where the days of a week are told apart. */
export function weekTime(ms: Num, lang: Lang): string {
  if (ms == null) return ''
  return new Intl.DateTimeFormat(locale(lang), { weekday: 'short', hour: 'numeric', minute: '2-digit' }).format(ms)
}

function unit(value: number, name: 'second' | 'minute' | 'hour' | 'day', lang: Lang, digits = 0): string {
  return new Intl.NumberFormat(locale(lang), {
    style: 'unit',
    unit: name,
    unitDisplay: 'long',
    maximumFractionDigits: digits,
  }).format(value)
}

/** A length of time in at most two units: "12 minutes", "3 hours 5 minutes". */
export function duration(seconds: Num, lang: Lang): string {
  const s = Math.max(0, seconds ?? 0)
  if (s < 10) return unit(s, 'second', lang, 1)
  if (s < 60) return unit(Math.round(s), 'second', lang)
  const minutes = Math.round(s / 60)
  if (minutes < 60) return unit(minutes, 'minute', lang)
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return two(unit(hours, 'hour', lang), minutes % 60, 'minute', lang)
  return two(unit(Math.floor(hours / 24), 'day', lang), hours % 24, 'hour', lang)
}

function two(big: string, rest: number, name: 'minute' | 'hour', lang: Lang): string {
  return rest ? `${big} ${unit(rest, name, lang)}` : big
}

/** An ISO date as a day; the text itself when it is none. */
export function day(iso: string, lang: Lang): string {
  const ms = Date.parse(iso)
  return Number.isNaN(ms)
    ? iso
    : new Intl.DateTimeFormat(locale(lang), { dateStyle: 'long', timeZone: 'UTC' }).format(ms)
}
