// A score for the fake audits: made to look at, not to judge by.

import type { Grade, PandoreFacts, PandoreSettings, Purpose, Score, Server } from '../bindings'

const FOLLOWS: readonly Purpose[] = ['attribution', 'advertising', 'profiling', 'social']
const MEASURES: readonly Purpose[] = ['crash', 'analytics', 'engagement', 'telemetry']

const gradeOf = (points: number): Grade => (['A', 'B', 'C', 'D', 'E'] as const)[Math.min(4, Math.floor(points / 20))]!

export function score(rows: readonly Server[], bytes: number): Score {
  if (rows.length === 0) return { profile: 'telltale/1', points: null, grade: null, worst_grade: null, reasons: [] }
  const companies = (purposes: readonly Purpose[]) =>
    new Set(rows.filter((row) => purposes.includes(row.owner.purpose)).map((row) => row.owner.company)).size
  const clear = rows.reduce((sum, row) => sum + row.clear_text_bytes, 0)
  const reasons = [
    { key: 'following_companies', value: companies(FOLLOWS), points: Math.min(40, companies(FOLLOWS) * 4), max: 40, rows: { purposes: [...FOLLOWS], clear_text: false, unnamed: false } },
    { key: 'measuring_companies', value: companies(MEASURES), points: Math.min(20, companies(MEASURES) * 2), max: 20, rows: { purposes: [...MEASURES], clear_text: false, unnamed: false } },
    { key: 'clear_text_share', value: clear / bytes, points: 2, max: 20, rows: { purposes: [], clear_text: true, unnamed: false } },
    { key: 'unnamed_share', value: 0.04, points: 1.5, max: 10, rows: { purposes: [], clear_text: false, unnamed: true } },
  ] // prettier-ignore
  const points = reasons.reduce((sum, reason) => sum + reason.points, 0)
  return { profile: 'telltale/1', points, grade: gradeOf(points), worst_grade: gradeOf(points), reasons }
}

const sigmoid = (v: number, r: number, k: number) => {
  const reference = Math.min(r, 500)
  return (1 - Math.exp(-k * v)) / (1 + (Math.exp(k * reference) - 2) * Math.exp(-k * v))
}

export function pandore(facts: PandoreFacts, set: PandoreSettings): Score {
  if (facts.packets === 0) return { profile: 'pandore/1', points: null, grade: null, worst_grade: null, reasons: [] }
  const none = { purposes: [], clear_text: false, unnamed: false }
  const pause = facts.gaps ? facts.gap_seconds / facts.gaps : 1
  const rate = facts.bytes / Math.max(facts.seconds, 1) / 2 ** 20
  const weights = set.weight_pause + set.weight_rate + set.weight_servers || 1
  const part = (key: string, value: number, sub: number, weight: number) => ({
    key, value, points: (sub * 100 * weight) / weights, max: (100 * weight) / weights, rows: none,
  }) // prettier-ignore
  const reasons = [
    part('pause', pause, sigmoid(1 / pause, 1 / set.reference_pause_s, set.slope), set.weight_pause),
    part('rate', rate, sigmoid(rate, set.reference_rate_mib_s, set.slope), set.weight_rate),
    part('servers', facts.remotes, sigmoid(facts.remotes, set.reference_servers, set.slope), set.weight_servers),
  ]
  const points = reasons.reduce((sum, reason) => sum + reason.points, 0)
  return { profile: 'pandore/1', points, grade: gradeOf(points), worst_grade: gradeOf(points), reasons }
}
