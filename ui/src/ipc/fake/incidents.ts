// Rules and what they concluded. `?incidents=none|many`; of many, some were left out.

import type { Backend } from '../backend'
import type { Incident, Rule } from '../bindings'
import { stamp } from './audits'
import { HOSTILE } from './names'
import { allResults, uuid } from './probes'
import { fail, kind, pause, wish } from './wish'

const how = wish('incidents')
const HOUR = 3_600_000
const began = Date.now()
const ALL = { probe: null, kind: null, target: null, agent: null, verdicts: [] }

let rules: Rule[] = [
  { id: uuid(701), revision: 2, name: 'DNS is rewritten', enabled: true, of: { ...ALL, kind: 'dns' }, per: ['target'], when: { kind: 'agree', k: 2, of: 3, within_s: 1_800, verdicts: ['unexpected'] }, calm_s: 600 },
  { id: uuid(702), revision: 1, name: 'The certificate changed', enabled: true, of: { ...ALL, probe: uuid(2) }, per: ['probe'], when: { kind: 'changed', field: null }, calm_s: 0 },
  { id: uuid(703), revision: 1, name: 'An agent is silent', enabled: false, of: ALL, per: ['agent'], when: { kind: 'silent', after_s: 3_600 }, calm_s: 0 },
] // prettier-ignore
if (kind === 'first' || how === 'none') rules = []
const revisions = new Map<string, Rule[]>(
  rules.map((rule) => [
    rule.id,
    rule.revision > 1 ? [rule, { ...rule, revision: 1, name: 'DNS differs', calm_s: 0 }] : [rule],
  ]),
)
const removed = new Map<string, Rule>()

function incident(n: number, rule: Rule, ago: number, more: Partial<Incident> = {}): Incident {
  const opened = began - ago
  const evidence = allResults()
    .slice(n, n + 3)
    .map((row) => ({ result: row.id, agent: row.agent, at: row.ended, says: row.summary }))
  const conclusion =
    kind === 'hostile'
      ? HOSTILE[0]!
      : '2 of 3 agents that reported about www.lemonde.fr within 30 minutes agree: not as expected.'
  return {
    id: uuid(800 + n),
    rule: rule.id,
    rule_revision: rule.revision,
    rule_name: rule.name,
    about: [['target', 'www.lemonde.fr']],
    state: 'open',
    opened,
    updated: opened + 120_000,
    closed: null,
    conclusion,
    evidence,
    evidence_total: evidence.length + 20,
    history: [
      {
        at: opened,
        state: 'open',
        conclusion: '1 of 3 agents that reported about www.lemonde.fr within 30 minutes agree: not as expected.',
      },
      { at: opened + 120_000, state: 'open', conclusion },
    ],
    ...more,
  }
}

const closed = (at: number) => ({ state: 'closed', closed: at }) as const
let incidents: Incident[] = rules.length
  ? [
      incident(0, rules[0]!, 26 * 60_000),
      incident(1, rules[1]!, 5 * HOUR, {
        conclusion: 'Something changed about probe “My bank’s certificate”: /key_sha256 changed.',
        about: [['probe', uuid(2)]],
      }),
      ...Array.from({ length: how === 'many' ? 240 : 2 }, (_, i) =>
        incident(2 + i, rules[i % 2]!, (30 + i) * HOUR, closed(began - (29 + i) * HOUR)),
      ),
    ]
  : []

const find = (id: string): Incident =>
  incidents.find((one) => one.id === id) ?? fail('gone', `there is no incident ${id}`)

export const correlation = {
  rules: async () => rules,
  rule_revisions: async (id) => revisions.get(id) ?? fail('gone', `there is no rule ${id}`),
  save_rule: async (rule) => {
    await pause(20)
    const known = rules.find((one) => one.id === rule.id)
    const saved = { ...rule, id: rule.id || uuid(710 + revisions.size), revision: known ? known.revision + 1 : 1 }
    rules = known ? rules.map((one) => (one.id === rule.id ? saved : one)) : [...rules, saved]
    revisions.set(saved.id, [saved, ...(revisions.get(saved.id) ?? [])])
    stamp('incidents')
    return saved
  },
  remove_rule: async (id) => {
    removed.set(id, rules.find((one) => one.id === id) ?? fail('gone', `there is no rule ${id}`))
    rules = rules.filter((one) => one.id !== id)
    stamp('incidents')
  },
  restore_rule: async (id) => {
    rules = [...rules, removed.get(id) ?? fail('gone', `there is no rule ${id}`)]
    stamp('incidents')
  },
  try_rule: async (rule) => {
    await pause(60)
    return rule.when.kind === 'sequence' ? [] : [incident(40, rule, 3 * HOUR), incident(41, rule, 20 * HOUR, closed(began - 19 * HOUR))]
  },
  incidents: async (openOnly, offset, limit) => {
    await pause(4)
    const rows = incidents.filter((one) => !openOnly || one.state === 'open')
    const left = how === 'many' ? { late: 1, forgotten: 340 } : { late: 0, forgotten: 0 }
    return { rows: rows.slice(offset, offset + limit), total: rows.length, ...left }
  },
  incident: async (id) => find(id),
  close_incident: async (id) => {
    const one = find(id)
    const at = Date.now()
    const step = { at, state: 'closed_by_hand', conclusion: one.conclusion } as const
    incidents = incidents.map((row) => (row.id === id ? { ...row, state: 'closed_by_hand', closed: at, history: [...row.history, step] } : row))
    stamp('incidents')
  },
} satisfies Partial<Backend> // prettier-ignore
