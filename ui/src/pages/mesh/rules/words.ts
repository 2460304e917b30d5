// Rules and incidents in sentences.

import type { BehaviourNow, GroupKey, ResultFilter, Rule } from '$ui/ipc/bindings'
import { locale } from '$ui/format/numbers'
import { duration } from '$ui/format/times'
import { plain } from '$ui/format/words'
import { language, t } from '$ui/i18n/language.svelte'
import { place, said } from '$ui/i18n/said'
import { agentWords, kindWords, verdictsWords } from '../bits/words'

/** Name of a probe by its id; the id where it is gone. */
export type Names = (id: string) => string

export const namesOf =
  (probes: readonly BehaviourNow[]): Names =>
  (id) =>
    plain(probes.find((one) => one.probe.id === id)?.probe.name ?? id, 60)

const list = (words: readonly string[]): string =>
  new Intl.ListFormat(locale(language.now), { type: 'conjunction' }).format(words)

/** "check: DNS, target: x", or "all results". */
export function filterWords(of: ResultFilter, names: Names): string {
  const parts = [
    of.probe ? t('rule.of.probe', { name: names(of.probe) }) : '',
    of.kind ? t('rule.of.kind', { name: kindWords(of.kind) }) : '',
    of.target ? t('rule.of.target', { name: plain(of.target, 60) }) : '',
    of.agent ? t('rule.of.agent', { name: agentWords(of.agent) }) : '',
    of.verdicts?.length ? t('rule.of.verdicts', { name: verdictsWords(of.verdicts) }) : '',
  ].filter(Boolean)
  return parts.length > 0 ? list(parts) : t('rule.of.all')
}

export const fieldWords = (field: string | null): string => (field ? plain(place(field), 60) : t('rule.field.any'))

/** When the rule opens an incident. */
export function whenWords({ when }: Rule, names: Names): string {
  const lang = language.now
  switch (when.kind) {
    case 'agree': {
      const said = { n: when.k, time: duration(when.within_s, lang), verdicts: verdictsWords(when.verdicts) }
      return when.of > 0 ? t('rule.when.agree.of', { ...said, of: when.of }) : t('rule.when.agree', said)
    }
    case 'changed':
      return t('rule.when.changed', { field: fieldWords(when.field) })
    case 'silent':
      return t('rule.when.silent', { time: duration(when.after_s, lang) })
    case 'threshold': {
      const said = { time: duration(when.window_s, lang), limit: when.limit }
      const what = when.by === 'count' ? t('rule.by.count') : t('rule.when.of', { by: t(`rule.by.${when.by}`), field: fieldWords(when.field) }) // prettier-ignore
      return t(when.above ? 'rule.when.above' : 'rule.when.below', { ...said, what })
    }
    case 'sequence':
      return t('rule.when.sequence', {
        time: duration(when.within_s, lang),
        steps: when.steps.map((step) => filterWords(step, names)).join(' → '),
      })
  }
}

export const aboutWords = (about: readonly [GroupKey, string][], names: Names): string =>
  about
    .map(([key, value]) =>
      t(`rule.of.${key}`, {
        name: key === 'probe' ? names(value) : key === 'agent' ? agentWords(value) : plain(said(value), 60),
      }),
    )
    .join(', ')
