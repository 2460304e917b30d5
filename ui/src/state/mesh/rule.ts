// Rules as a form: what a new one begins with, and what is wrong with one. Pure.

import type { Condition, ResultFilter, Rule } from '$ui/ipc/bindings'

export const ANY: ResultFilter = { probe: null, kind: null, target: null, agent: null, verdicts: [] }
export const CONDITIONS = ['agree', 'changed', 'silent', 'threshold', 'sequence'] as const
export const AGGREGATES = ['count', 'sum', 'mean', 'min', 'max'] as const
export const STARTS = ['agree', 'changed', 'silent', 'slow', 'sequence'] as const
export type Start = (typeof STARTS)[number]
export const MOST_STEPS = 8

/** What each kind of condition begins with. */
export const BEGIN: Record<Condition['kind'], Condition> = {
  agree: { kind: 'agree', k: 2, of: 0, within_s: 1_800, verdicts: ['unexpected'] },
  changed: { kind: 'changed', field: null },
  silent: { kind: 'silent', after_s: 3_600 },
  threshold: { kind: 'threshold', field: '', by: 'count', above: true, limit: 3, window_s: 3_600 },
  sequence: {
    kind: 'sequence',
    steps: [
      { ...ANY, verdicts: ['unexpected'] },
      { ...ANY, verdicts: ['failed', 'timed_out'] },
    ],
    within_s: 3_600,
  },
}

/** A rule to begin with; its name comes from the page. */
export function begun(start: Start, name: string): Rule {
  const rule: Rule = {
    id: '',
    revision: 1,
    name,
    enabled: true,
    of: ANY,
    per: ['target'],
    when: BEGIN[start === 'slow' ? 'threshold' : start],
    calm_s: 0,
  }
  switch (start) {
    case 'agree':
      return { ...rule, calm_s: 600 }
    case 'changed':
      return { ...rule, of: { ...ANY, kind: 'tls' }, per: ['probe'] }
    case 'silent':
      return { ...rule, per: ['agent'] }
    case 'slow':
      return {
        ...rule,
        of: { ...ANY, kind: 'reachability' },
        when: {
          kind: 'threshold',
          field: '/measured/rtt_ms/mean',
          by: 'mean',
          above: true,
          limit: 100,
          window_s: 1_800,
        },
        calm_s: 600,
      }
    case 'sequence':
      return rule
  }
}

const whole = (n: number, least: number): boolean => Number.isInteger(n) && n >= least

/** What is wrong; null where nothing is. */
export function ruleFault(rule: Rule): 'name' | 'time' | 'count' | 'verdicts' | 'field' | 'limit' | 'steps' | null {
  const { when } = rule
  if (rule.name.trim() === '') return 'name'
  if (!whole(rule.calm_s, 0)) return 'time'
  switch (when.kind) {
    case 'agree':
      if (!whole(when.k, 1) || !whole(when.of, 0) || (when.of > 0 && when.of < when.k)) return 'count'
      if (when.verdicts.length === 0) return 'verdicts'
      return whole(when.within_s, 1) ? null : 'time'
    case 'changed':
      return when.field !== null && !when.field.startsWith('/') ? 'field' : null
    case 'silent':
      return whole(when.after_s, 1) ? null : 'time'
    case 'threshold':
      if (when.by !== 'count' && !when.field.startsWith('/')) return 'field'
      if (!Number.isFinite(when.limit)) return 'limit'
      return whole(when.window_s, 1) ? null : 'time'
    case 'sequence':
      if (when.steps.length < 2 || when.steps.length > MOST_STEPS) return 'steps'
      return whole(when.within_s, 1) ? null : 'time'
  }
}
