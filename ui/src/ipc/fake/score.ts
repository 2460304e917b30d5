// A score for the fake audits, with the reasons that the engine gives: made to look at, not to judge by.

import type { Grade, PandoreFacts, PandoreSettings, Purpose, Reason, RowFilter, Score, Server } from '../bindings'

const FOLLOWS: readonly Purpose[] = ['attribution', 'advertising', 'profiling', 'social']
const MEASURES: readonly Purpose[] = ['crash', 'analytics', 'engagement', 'telemetry']
const ALL: RowFilter = { purposes: [], clear_text: false, unnamed: false }

const gradeOf = (points: number): Grade => (['A', 'B', 'C', 'D', 'E'] as const)[Math.min(4, Math.floor(points / 20))]!

function reason(key: string, value: number, max: number, full: number, rows: Partial<RowFilter>): Reason {
  return { key, value, points: Math.min(max, (max * value) / full), max, rows: { ...ALL, ...rows } }
}

export function score(rows: readonly Server[]): Score {
  if (rows.length === 0) return { profile: 'telltale/1', points: null, grade: null, worst_grade: null, reasons: [] }
  const mine = (purposes: readonly Purpose[]) => rows.filter((row) => purposes.includes(row.owner.purpose))
  const companies = (some: readonly Server[]) => new Set(some.map((row) => row.owner.company)).size
  const share = (some: readonly Server[], of: (row: Server) => number) =>
    (100 * some.reduce((sum, row) => sum + of(row), 0)) / rows.reduce((sum, row) => sum + of(row), 0)
  const following = mine(FOLLOWS)
  const clear = rows.filter((row) => row.clear_text_bytes > 0)
  const unnamed = rows.filter((row) => row.name === null)
  const reasons = [
    reason('following_companies', companies(following), 30, 14, { purposes: [...FOLLOWS] }),
    reason(
      'following_flows',
      share(following, (row) => row.flows),
      20,
      50,
      { purposes: [...FOLLOWS] },
    ),
    reason(
      'following_sent',
      share(following, (row) => row.sent_bytes),
      10,
      25,
      { purposes: [...FOLLOWS] },
    ),
    reason('profiling_companies', companies(mine(['profiling'])), 10, 4, { purposes: ['profiling'] }),
    reason('measuring_companies', companies(mine(MEASURES)), 10, 14, { purposes: [...MEASURES] }),
    reason('clear_text_servers', clear.length, 10, 5, { clear_text: true }),
    reason(
      'unnamed_bytes',
      share(unnamed, (row) => row.received_bytes),
      5,
      50,
      { unnamed: true },
    ),
    reason('companies', companies(rows), 5, 50, {}),
  ].sort((a, b) => b.points - a.points)
  const points = reasons.reduce((sum, one) => sum + one.points, 0)
  return { profile: 'telltale/1', points, grade: gradeOf(points), worst_grade: gradeOf(points), reasons }
}

const sigmoid = (v: number, r: number, k: number) => {
  const reference = Math.min(r, 500)
  return (1 - Math.exp(-k * v)) / (1 + (Math.exp(k * reference) - 2) * Math.exp(-k * v))
}

export function pandore(facts: PandoreFacts, set: PandoreSettings): Score {
  if (facts.packets === 0) return { profile: 'pandore/1', points: null, grade: null, worst_grade: null, reasons: [] }
  const pause = facts.gaps ? facts.gap_seconds / facts.gaps : 1
  const rate = facts.bytes / Math.max(facts.seconds, 1) / 2 ** 20
  const weights = set.weight_pause + set.weight_rate + set.weight_servers || 1
  const part = (key: string, value: number, sub: number, weight: number): Reason => ({
    key,
    value,
    points: (sub * 100 * weight) / weights,
    max: (100 * weight) / weights,
    rows: ALL,
  })
  const reasons = [
    part('pandore_pause', pause, sigmoid(1 / pause, 1 / set.reference_pause_s, set.slope), set.weight_pause),
    part('pandore_rate', rate, sigmoid(rate, set.reference_rate_mib_s, set.slope), set.weight_rate),
    part(
      'pandore_servers',
      facts.remotes,
      sigmoid(facts.remotes, set.reference_servers, set.slope),
      set.weight_servers,
    ),
  ]
  const points = reasons.reduce((sum, one) => sum + one.points, 0)
  return { profile: 'pandore/1', points, grade: gradeOf(points), worst_grade: gradeOf(points), reasons }
}
