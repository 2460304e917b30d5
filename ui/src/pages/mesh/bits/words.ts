// Probes, behaviours and rules in words.

import type { Behaviour, Check, Expectation, RunsOn, Verdict } from '$ui/ipc/bindings'
import { locale } from '$ui/format/numbers'
import { duration, moment } from '$ui/format/times'
import { plain } from '$ui/format/words'
import { language, t } from '$ui/i18n/language.svelte'
import { place } from '$ui/i18n/said'
import { target } from '$ui/state/mesh/checks'
import { measure } from '$ui/state/mesh/rhythm'

/** Signs of a stranger's text that a sentence bears. */
const LONGEST = 80

/** "Reachable: 192.168.1.1". */
export const checkWords = (check: Check): string => {
  const what = plain(target(check), LONGEST)
  const kind = t(`check.${check.kind}`)
  return what ? t('word.pair', { name: kind, what }) : kind
}

/** A day of the week by its number, Monday 1. */
export function weekday(day: number, style: 'long' | 'short' = 'long'): string {
  // 1 January 2024 was a Monday.
  return new Intl.DateTimeFormat(locale(language.now), { weekday: style, timeZone: 'UTC' }).format(
    Date.UTC(2024, 0, day),
  )
}

const list = (words: readonly string[]): string =>
  new Intl.ListFormat(locale(language.now), { type: 'conjunction' }).format(words)

/** "Every 5 minutes". */
export function behaviourWords(behaviour: Behaviour): string {
  const lang = language.now
  if (behaviour.kind === 'one_shot')
    return behaviour.at === null ? t('rhythm.hand') : t('rhythm.once', { when: moment(behaviour.at, lang) })
  if (behaviour.kind === 'cyclic') return t('rhythm.cyclic', { time: duration(behaviour.pause_s, lang) })
  const { every } = behaviour
  if (every.by === 'period') {
    const { length, unit } = measure(every.period_s)
    return t(`rhythm.every.${unit}`, { n: Number(length) })
  }
  const times = list(every.times)
  const days = every.weekdays.length === 0 || every.weekdays.length === 7
  const at = days
    ? t('rhythm.daily', { times })
    : t('rhythm.weekly', { days: list(every.weekdays.map((day) => weekday(day))), times })
  return every.zone ? `${at} (${every.zone})` : at
}

export function runsWords(runs: RunsOn): string {
  if (runs.by === 'here') return t('runs.here')
  return t(`runs.${runs.by}`, { role: plain(runs.role, LONGEST) })
}

/** "status is 200". */
export function expectedWords({ field, test }: Expectation): string {
  const name = field === '' ? t('expect.all') : plain(place(field), LONGEST)
  switch (test.is) {
    case 'equals':
      return t('expect.says.equals', { name, value: plain(JSON.stringify(test.value), LONGEST) })
    case 'below':
    case 'above':
      return t(`expect.says.${test.is}`, { name, value: test.number })
    case 'contains':
      return t('expect.says.contains', { name, value: plain(test.text, LONGEST) })
    case 'unchanged':
      return t('expect.says.unchanged', { name })
  }
}

export const agentWords = (agent: string): string => (agent === 'local' ? t('word.here') : plain(agent, LONGEST))

export const kindWords = (kind: string): string => {
  const known = ['audit', 'reachability', 'dns', 'tls', 'http', 'trace', 'tampering', 'command'] as const
  const one = known.find((name) => name === kind)
  return one ? t(`check.${one}`) : plain(kind, LONGEST)
}

export const VERDICTS: readonly Verdict[] = ['expected', 'unexpected', 'failed', 'timed_out', 'killed']
export const verdictsWords = (verdicts: readonly Verdict[]): string => list(verdicts.map((one) => t(`verdict.${one}`)))
