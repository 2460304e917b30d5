// Probes whose results grow while they are looked at. `?probes=none|many|failing|asleep`, `?beat=MS` sets how fast they run.

import type { Backend } from '../backend'
import type { BehaviourNow, Check, Probe, ProbePolicy, ProbeResult, ResultQuery, Value, Verdict } from '../bindings'
import { stamp } from './audits'
import { HOSTILE } from './names'
import { seeded } from './rows'
import { fail, kind, pause, wish, work } from './wish'

const HOUR = 3_600_000
const LIMITS = { timeout_s: 30, output_bytes: 1_000_000, memory_mb: 256 }
const how = wish('probes')

export const uuid = (n: number): string => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`

function probe(n: number, name: string, check: Check, more: Partial<Probe> = {}): Probe {
  return {
    id: uuid(n),
    revision: 1,
    name,
    check,
    behaviour: { kind: 'periodic', every: { by: 'period', period_s: 300 } },
    missed: 'skip',
    overlap: 'skip',
    limits: LIMITS,
    expected: null,
    runs_on: { by: 'here' },
    enabled: true,
    ...more,
  }
}

const SAMPLES: Probe[] = [
  probe(1, 'Is my router there', { kind: 'reachability', host: '192.168.1.1', how: { by: 'icmp' }, attempts: 3 }, {
    expected: { field: '/reachable', test: { is: 'equals', value: true } },
  }),
  probe(2, 'My bank’s certificate', { kind: 'tls', host: 'www.bank.example', port: 443, server_name: null, warn_days: 14 }, {
    behaviour: { kind: 'periodic', every: { by: 'period', period_s: 21_600 } }, missed: 'once',
  }),
  probe(3, 'Do all resolvers say the same', { kind: 'dns', name: 'www.lemonde.fr', record: 'A', resolvers: ['system', '9.9.9.9', '1.1.1.1'] }, {
    runs_on: { by: 'every_agent', role: 'probe' }, behaviour: { kind: 'cyclic', pause_s: 900 }, overlap: 'wait',
  }),
  probe(4, 'The tablet at night', { kind: 'audit', source: { from: 'device', device: 'wlan0' }, seconds: 3_600 }, {
    behaviour: { kind: 'periodic', every: { by: 'calendar', weekdays: [1, 2, 3, 4, 5], times: ['03:00'], zone: null } },
  }),
  probe(5, 'What is at home', { kind: 'command', program: 'nmap', args: ['-sn', '-oX', '-', '{target}'], target: '192.168.1.0/24', parser: { form: 'nmap_xml' } }, {
    behaviour: { kind: 'one_shot', at: null },
  }),
] // prettier-ignore

/** What a check finds, and the sentence that the engine says of it. */
function found(check: Check, random: () => number, bad: boolean): { facts: Value; summary: string } {
  const ms = Math.round((4 + random() * 9 + (bad ? 40 : 0)) * 10) / 10
  switch (check.kind) {
    case 'reachability':
      return bad
        ? { facts: { host: check.host, by: 'icmp', reachable: false, state: 'silent', measured: { sent: 3, answered: 0, loss_percent: 100, rtt_ms: null } }, summary: `${check.host} did not answer any of 3 echo requests.` }
        : { facts: { host: check.host, by: 'icmp', reachable: true, state: 'answered', measured: { sent: 3, answered: 3, loss_percent: 0, rtt_ms: { min: ms - 1, mean: ms, max: ms + 3 } } }, summary: `${check.host} answered 3 of 3 echo requests, in ${ms} ms on average.` }
    case 'tls': {
      const issuer = bad ? 'CN=Café Wi-Fi' : 'CN=R11,O=Let’s Encrypt,C=US'
      const why = 'no authority that is trusted has signed it'
      const key = bad ? '9b0d77c4d3a1f0e8' : 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
      return { facts: { host: check.host, port: check.port, trusted: !bad, publicly_trusted: !bad, name_matches: true, issuer, key_sha256: key, ...(bad ? { why } : {}), chain: [{ names: [check.host, `api.${check.host}`], issuer }], measured: { days_left: 61 } }, summary: bad ? `${check.host} shows a certificate of ${issuer} that is not trusted: ${why}; it is valid for 61 more days.` : `${check.host} shows a certificate of ${issuer}; it is valid for 61 more days.` }
    }
    case 'dns':
      return { facts: { name: check.name, record: check.record, agree: !bad, answers: ['146.75.118.217'], different: bad ? ['system'] : [], silent: [], measured: { ms } }, summary: bad ? `1 of 3 resolvers (system) do not say of ${check.name} (${check.record}) what the others do: 146.75.118.217.` : `${check.resolvers.length} resolvers say the same of ${check.name} (${check.record}): 146.75.118.217.` }
    case 'http': {
      const host = check.url.replace(/^https?:\/\/|[/?].*$/g, '')
      return { facts: { url: check.url, status: bad ? 503 : 200, body: { octets: 18_204, sha256: 'a7ffc6f8bf1ed766', cut: false }, headers: { 'content-type': 'text/html' }, measured: { total_ms: ms } }, summary: `${host} answered ${bad ? 'that it has a fault' : 'as it should'} (status ${bad ? 503 : 200}), with a body of 18204 octets, in ${ms} ms.` }
    }
    case 'trace':
      return { facts: { host: check.host, reached: !bad, path: ['192.168.1.1', '80.10.255.1', null, '193.252.137.14'], measured: { hops: [1.2, ms, null, ms + 9] } }, summary: bad ? `The way to ${check.host} can be seen as far as 80.10.255.1, 2 hops away; then nobody answers.` : `${check.host} is 4 hops away.` }
    case 'tampering':
      return { facts: { tampered: bad, signs: bad ? ['captive_portal'] : [] }, summary: bad ? 'Somebody tampers with the traffic from here: a page was exchanged, as the login page of a hotspot does.' : 'No sign that anybody tampers with the traffic from here.' }
    case 'audit':
      return { facts: { grade: 'D', trackers: ['Adjust', 'Google Analytics'], follows: ['Adjust'], measured: { servers: 43, companies: 17, tracker_companies: 9, bytes: 1_204_000 } }, summary: '43 servers of 17 companies were contacted, 9 of them measure or follow: grade D.' }
    case 'command':
      return { facts: { program: `/usr/bin/${check.program}`, target: check.target, exit_code: 0, nmap: { hosts: [{ address: '192.168.1.1', state: 'up' }, { address: '192.168.1.17', state: 'up' }] } }, summary: `${check.program} ran: 2 of 256 hosts are up, with 7 open ports.` }
  }
} // prettier-ignore

let made = 100
const results: ProbeResult[] = []
const AGENTS = ['local', 'pi@mesh.example', 'desk@mesh.example']

export function result(of: Probe, ended: number, more: Partial<ProbeResult> = {}): ProbeResult {
  const random = seeded(made)
  const bad = random() < 0.08
  const what = found(of.check, random, bad)
  const took = 200 + random() * 900
  const verdict: Verdict = bad ? 'unexpected' : random() < 0.02 ? 'timed_out' : 'expected'
  return {
    id: uuid(made++),
    probe: of.id,
    probe_name: of.name,
    kind: of.check.kind,
    agent: 'local',
    target: 'host' in of.check ? of.check.host : 'name' in of.check ? of.check.name : 'target' in of.check ? of.check.target : of.check.kind,
    due: ended - took,
    started: ended - took,
    ended,
    verdict,
    exit_code: of.check.kind === 'command' ? 0 : null,
    problem: verdict === 'timed_out' ? 'it took longer than 30 s' : null,
    summary: verdict === 'timed_out' ? 'It could not be carried out: it took longer than 30 s.' : what.summary,
    changed: bad ? ['/reachable'] : [],
    facts: verdict === 'timed_out' ? null : what.facts,
    via: 'here',
    ...more,
  }
} // prettier-ignore

const now: BehaviourNow[] = []

function behaviour(one: Probe, more: Partial<BehaviourNow> = {}): BehaviourNow {
  const last = results.find((row) => row.probe === one.id) ?? null
  return {
    probe: one,
    state: one.enabled ? 'waiting' : 'paused',
    next: one.enabled && one.behaviour.kind !== 'one_shot' ? Date.now() + 184_000 : null,
    running_since: null,
    runs: results.filter((row) => row.probe === one.id).length,
    missed: 0,
    overlapped: 0,
    mailbox: 0,
    template: [['performative', 'request'], ['ontology', 'telltale.control/1'], ['probe', one.id]],
    last,
    problem: null,
    ...more,
  }
} // prettier-ignore

function begin(): void {
  const began = Date.now()
  const list = how === 'many' ? Array.from({ length: 60 }, (_, i) => ({ ...SAMPLES[i % 5]!, id: uuid(i + 1), name: `${SAMPLES[i % 5]!.name} ${i + 1}` })) : SAMPLES // prettier-ignore
  if (how === 'none' || kind === 'first') return
  for (const one of list) {
    const every = one.behaviour.kind === 'cyclic' ? 900_000 : one.check.kind === 'reachability' ? 300_000 : 6 * HOUR
    const most = one.check.kind === 'command' ? 1 : Math.min(how === 'many' ? 5 : 400, Math.floor((26 * HOUR) / every) + 2)
    for (let i = 0; i < most; i += 1) {
      const agent = one.runs_on.by === 'here' ? 'local' : AGENTS[i % AGENTS.length]!
      const odd = kind === 'hostile' ? { summary: HOSTILE[i % HOSTILE.length]!, target: HOSTILE[1]! } : {}
      results.push(result(one, began - 60_000 - i * every, { agent, via: agent === 'local' ? 'here' : 'mesh', ...odd }))
    }
  } // prettier-ignore
  results.sort((a, b) => b.ended - a.ended)
  now.push(...list.map((one) => behaviour(one)))
  const asleep = how === 'asleep' ? { missed: 14, overlapped: 3, mailbox: 1 } : {}
  if (now[0]) Object.assign(now[0], asleep)
  if (now[2]) Object.assign(now[2], { state: 'running', running_since: began - 2_000, next: null, mailbox: 1 })
  if (now[3]) Object.assign(now[3], { next: began + 9 * HOUR })
  if (now[4] && how !== 'many') Object.assign(now[4], { state: 'finished', problem: 'The owner of this computer has not allowed the program nmap.' }) // prettier-ignore
  if (kind === 'hostile' && now[0]) now[0].probe = { ...now[0].probe, name: HOSTILE[0]! }
  const beat = Number(wish('beat', '0'))
  if (beat > 0) setInterval(() => void run(list[0]!.id), beat)
}
begin()

const get = (id: string): BehaviourNow =>
  now.find((one) => one.probe.id === id) ?? fail('gone', `there is no probe ${id}`)

function change(id: string, more: Partial<BehaviourNow>): void {
  now[now.indexOf(get(id))] = { ...get(id), ...more }
  stamp('probes')
}

/** A result came in. */
export function take(row: ProbeResult): void {
  results.unshift(row)
  stamp('results')
}

async function run(id: string): Promise<void> {
  change(id, { state: 'running', running_since: Date.now() })
  await work(400)
  const one = now.find((row) => row.probe.id === id)
  if (one?.state !== 'running') return
  const last = result(one.probe, Date.now())
  take(last)
  change(id, { state: one.probe.behaviour.kind === 'one_shot' ? 'finished' : 'waiting', running_since: null, runs: one.runs + 1, last }) // prettier-ignore
}

let policy: Required<ProbePolicy> = { programs: [], remote_kinds: ['reachability', 'dns'] }
const removed = new Map<string, BehaviourNow>()

export const probeName = (id: string): string => now.find((one) => one.probe.id === id)?.probe.name ?? id
export const allResults = (): readonly ProbeResult[] => results

function matches(row: ProbeResult, query: ResultQuery): boolean {
  const search = (query.search ?? '').toLowerCase()
  return (
    (!query.probe || row.probe === query.probe) &&
    (!query.agent || row.agent === query.agent) &&
    (!query.target || row.target === query.target) &&
    (!query.verdict || row.verdict === query.verdict) &&
    (!query.changed || row.changed.length > 0) &&
    (query.from == null || row.ended >= query.from) &&
    (query.until == null || row.ended < query.until) &&
    (!search ||
      [row.probe_name, row.target, row.agent, row.summary].some((text) => text.toLowerCase().includes(search)))
  )
}

export const probes = {
  probes: async () => (how === 'failing' ? fail('store', 'the audits could not be stored or read: error returned from database: (code: 13) database or disk is full') : [...now]),
  save_probe: async (one) => {
    await pause(20)
    if (one.check.kind === 'command' && !policy.programs.some(([name]) => name === (one.check as { program: string }).program))
      fail('invalid_input', 'The owner of this computer has not allowed the program nmap.')
    const known = now.find((row) => row.probe.id === one.id)
    const saved = { ...one, id: one.id || uuid(made++), revision: known ? one.revision + 1 : 1 }
    if (known) change(one.id, { probe: saved })
    else now.unshift(behaviour(saved))
    stamp('probes')
    return saved
  },
  remove_probe: async (id) => {
    removed.set(id, get(id))
    now.splice(now.indexOf(get(id)), 1)
    stamp('probes')
  },
  restore_probe: async (id) => {
    now.push(removed.get(id) ?? fail('gone', `there is no probe ${id}`))
    stamp('probes')
  },
  run_probe: async (id) => void run(id),
  pause_probe: async (id, paused) => change(id, { state: paused ? 'paused' : 'waiting', probe: { ...get(id).probe, enabled: !paused }, next: paused ? null : Date.now() + 60_000, running_since: null }),
  kill_probe: async (id) => {
    const one = get(id)
    if (one.state === 'running') take(result(one.probe, Date.now(), { verdict: 'killed', summary: 'It was broken off by hand.', problem: null, facts: null }))
    change(id, { state: 'killed', running_since: null, next: null })
  },
  try_check: async (check, _limits, expected) => {
    await work(300)
    if (wish('try') === 'failing') return { ...result(probe(0, '', check), Date.now()), verdict: 'failed', problem: 'no connection to 10.0.0.1:443: the machine cannot be reached', facts: null, summary: 'It could not be carried out: no connection to 10.0.0.1:443: the machine cannot be reached.' }
    const one = { ...result(probe(0, '', check), Date.now()), changed: [] }
    const clean = found(check, seeded(3), false)
    return { ...one, ...clean, problem: null, verdict: expected?.test.is === 'below' ? 'unexpected' : 'expected' }
  },
  pick_probes: async () => {
    const one = { ...SAMPLES[0]!, id: uuid(made++), name: 'From pumpkin', enabled: false }
    now.unshift(behaviour(one))
    stamp('probes')
    return [one]
  },
  probe_policy: async () => policy,
  save_probe_policy: async (next) => {
    if (next.programs?.some(([, path]) => !path.startsWith('/'))) fail('invalid_input', 'nmap: a program is named by its absolute path, and “nmap” is none')
    policy = { programs: [], remote_kinds: [], ...next }
    stamp('probes')
  },
  results: async (query) => {
    await pause(4)
    const rows = results.filter((row) => matches(row, query))
    const offset = query.offset ?? 0
    return { rows: rows.slice(offset, offset + (query.limit ?? 100)), total: rows.length, removed: how === 'many' ? 12_000 : 0 }
  },
} satisfies Partial<Backend> // prettier-ignore
