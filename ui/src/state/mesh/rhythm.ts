// When a probe runs, as a form: fields, and how they become a behaviour and back. Pure.

import type { Behaviour } from '$ui/ipc/bindings'
import { lines, wholeNumber } from './checks'

export type Rhythm = {
  kind: Behaviour['kind']
  /** Of `one_shot`: a local date and time as a form has it, empty for "when I say so". */
  at: string
  by: 'period' | 'calendar'
  /** Of a period, or of the pause after each end. */
  length: string
  unit: Unit
  weekdays: readonly number[]
  times: string
  zone: string
}

export const UNITS = { seconds: 1, minutes: 60, hours: 3_600, days: 86_400 } as const
export type Unit = keyof typeof UNITS
/** A year. */
const MOST_S = 31_536_000
const MOST_TIMES = 48
const TIME = /^([01]?\d|2[0-3]):[0-5]\d$/

export const RHYTHM: Rhythm = {
  kind: 'periodic',
  at: '',
  by: 'period',
  length: '15',
  unit: 'minutes',
  weekdays: [],
  times: '08:00',
  zone: '',
}

export function rhythmOf(behaviour: Behaviour): Rhythm {
  if (behaviour.kind === 'one_shot') return { ...RHYTHM, kind: 'one_shot', at: local(behaviour.at) }
  if (behaviour.kind === 'cyclic') return { ...RHYTHM, kind: 'cyclic', ...measure(behaviour.pause_s) }
  const { every } = behaviour
  if (every.by === 'period') return { ...RHYTHM, ...measure(every.period_s) }
  return { ...RHYTHM, by: 'calendar', weekdays: every.weekdays, times: every.times.join(', '), zone: every.zone ?? '' }
}

/** The largest unit that needs no part of itself. */
export function measure(seconds: number): { length: string; unit: Unit } {
  const unit = (['days', 'hours', 'minutes'] as const).find((one) => seconds % UNITS[one] === 0) ?? 'seconds'
  return { length: `${seconds / UNITS[unit]}`, unit }
}

export function secondsOf(length: string, unit: Unit): number | null {
  const count = wholeNumber(length, 1, MOST_S)
  const seconds = count === null ? NaN : count * UNITS[unit]
  return seconds <= MOST_S ? seconds : null
}

const timesOf = (text: string): string[] => lines(text.replaceAll(/[,;\s]+/g, '\n'))

/** Which field is wrong; null where none is. */
export function rhythmFault(rhythm: Rhythm): 'at' | 'length' | 'times' | 'zone' | null {
  if (rhythm.kind === 'one_shot') return rhythm.at && Number.isNaN(Date.parse(rhythm.at)) ? 'at' : null
  if (rhythm.kind === 'cyclic' || rhythm.by === 'period')
    return secondsOf(rhythm.length, rhythm.unit) === null ? 'length' : null
  const times = timesOf(rhythm.times)
  if (times.length === 0 || times.length > MOST_TIMES || !times.every((one) => TIME.test(one))) return 'times'
  return rhythm.zone.trim() && !isZone(rhythm.zone.trim()) ? 'zone' : null
}

function isZone(zone: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }))
  } catch {
    return false
  }
}

/** The behaviour that the fields mean; only of fields without a fault. */
export function behaviourOf(rhythm: Rhythm): Behaviour {
  if (rhythm.kind === 'one_shot') return { kind: 'one_shot', at: rhythm.at ? Date.parse(rhythm.at) : null }
  const seconds = secondsOf(rhythm.length, rhythm.unit) ?? 0
  if (rhythm.kind === 'cyclic') return { kind: 'cyclic', pause_s: seconds }
  if (rhythm.by === 'period') return { kind: 'periodic', every: { by: 'period', period_s: seconds } }
  const times = timesOf(rhythm.times).map((one) => one.padStart(5, '0'))
  const weekdays = [...rhythm.weekdays].sort((a, b) => a - b)
  return { kind: 'periodic', every: { by: 'calendar', weekdays, times, zone: rhythm.zone.trim() || null } }
}

/** A time as a field of a form has it: local, to the minute. */
function local(ms: number | null): string {
  if (ms === null) return ''
  const date = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000)
  return date.toISOString().slice(0, 16)
}
