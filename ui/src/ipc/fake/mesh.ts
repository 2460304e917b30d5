// A mesh that stands, or not yet: `?mesh=none|connecting|credentials|certificate|no_safe_login|asks|many`; what other agents tell of
// themselves: `?does=told|look|none|many|refused|unable|silent|absent|stranger`.

import type { Backend } from '../backend'
import type {
  AgentBehaviour,
  AgentDoes,
  AgentNow,
  ControlAction,
  MeshAccount,
  MeshMessage,
  MeshNow,
  MeshPhase,
  MeshRefusal,
  Topic,
} from '../bindings'
import { stamp } from './audits'
import { code } from './hotspot'
import { HOSTILE } from './names'
import { uuid } from './probes'
import { fail, kind, pause, wish, work } from './wish'

const how = wish('mesh', kind === 'first' ? 'none' : 'online')
const HOUR = 3_600_000
const began = Date.now()

const ACCOUNT: MeshAccount = {
  jid: 'desk@mesh.example',
  server: null,
  tls: 'start_tls',
  trust: { by: 'system' },
  role: 'correlator',
  duties: ['correlate', 'store', 'dns', 'tls'],
  name: 'The desk',
  policy: {
    allow: ['*@mesh.example'],
    deny: ['flood@elsewhere.example'],
    roster_group: true,
    roles: [['spade@mesh.example', 'probe']],
    may_see: ['pi@mesh.example'],
    may_control: [],
  },
}

const REFUSED: Record<string, string> = {
  credentials: 'the name or the password is wrong',
  certificate: 'nobody whom this account trusts vouches for the server',
  no_safe_login: 'the server offers no login that keeps the password secret (SCRAM), but PLAIN',
}

function phase(): MeshPhase {
  if (how === 'none') return { phase: 'off' }
  if (how === 'connecting') return { phase: 'connecting', attempt: 3, problem: 'the server cannot be reached (mesh.example port 5222: Connection refused (os error 111))', next: Date.now() + 24_000 }
  if (how in REFUSED) return { phase: 'refused', why: how as MeshRefusal, problem: REFUSED[how]! }
  return { phase: 'online', since: began - 2 * HOUR }
} // prettier-ignore

let now: MeshNow = {
  account: how === 'none' ? null : ACCOUNT,
  phase: phase(),
  outbox: how === 'online' ? 0 : 4,
  refused: how === 'online' ? [['stranger', 3], ['too_large', 1], ['not_followed', 2]] : [],
  password_in: how === 'none' ? null : 'keyring',
} // prettier-ignore

function agent(jid: string, name: string, more: Partial<AgentNow> = {}): AgentNow {
  return {
    jid,
    resource: 'telltale',
    name,
    role: 'probe',
    duties: ['reachability', 'dns', 'tls'],
    show: 'available',
    status: '',
    load: 1,
    software: 'Telltale 0.1.0',
    last_seen: Date.now() - 4_000,
    subscription: 'both',
    trusted: true,
    received: 212,
    sent: 14,
    own: false,
    ...more,
  }
}

const GONE = { show: 'offline', resource: null, load: null } as const
let agents: AgentNow[] = [
  agent(ACCOUNT.jid, ACCOUNT.name, { own: true, role: ACCOUNT.role, duties: ACCOUNT.duties, load: 2, received: 0, sent: 0 }),
  agent('pi@mesh.example', 'Raspberry Pi in the hall'),
  agent('spade@mesh.example', 'spade', { software: null, duties: [], load: null, status: 'a SPADE agent' }),
  agent('attic@mesh.example', '', { ...GONE, last_seen: Date.now() - 30 * HOUR, received: 9 }),
  ...(how === 'asks' ? [agent('stranger@elsewhere.example', '', { ...GONE, subscription: 'asks', trusted: false, role: null, duties: [], software: null, last_seen: null, received: 0, sent: 0 })] : []),
  ...(how === 'many' ? Array.from({ length: 300 }, (_, i) => agent(`probe${i}@mesh.example`, `Probe ${i}`, i % 7 ? {} : GONE)) : []),
  ...(kind === 'hostile' ? HOSTILE.map((name, i) => agent(`evil${i}@mesh.example`, name, { status: name, software: name })) : []),
] // prettier-ignore

const does = wish('does', 'told')
let behaviours: AgentBehaviour[] = Array.from({ length: does === 'many' ? 100 : 4 }, (_, i) => ({
  id: uuid(700 + i),
  name: kind === 'hostile' ? HOSTILE[i % HOSTILE.length]! : ['Is the garage there', 'The shop’s certificate', 'Do all resolvers say the same', 'Who is at home'][i % 4]!,
  kind: kind === 'hostile' ? HOSTILE[0]! : ['reachability', 'tls', 'dns', 'command'][i % 4]!,
  acts: ['periodic', 'periodic', 'cyclic', 'one_shot'][i % 4]!,
  state: (['waiting', 'waiting', 'running', 'paused'] as const)[i % 4]!,
  next: i % 4 < 2 ? began + (i + 1) * 184_000 : null,
  last: ([ 'expected', 'unexpected', 'expected', null] as const)[i % 4]!,
  ended: i % 4 === 3 ? null : began - (i + 1) * 47_000,
  runs: [412, 31, 96, 0][i % 4]!,
})) // prettier-ignore

function told(jid: string): AgentDoes {
  const one = agents.find((agent) => agent.jid === jid)
  if (!one?.trusted) return { answer: 'stranger' }
  if (one.show === 'offline') return { answer: 'absent' }
  if (one.software === null) return { answer: 'unable' }
  if (does === 'none') return { answer: 'told', rows: [], left_out: 0, may_control: true }
  if (does === 'told' || does === 'look' || does === 'many')
    return { answer: 'told', rows: behaviours, left_out: does === 'many' ? 37 : 0, may_control: does !== 'look' }
  return { answer: does as 'refused' }
}

function control(id: string, action: ControlAction): void {
  const one = behaviours.find((row) => row.id === id)
  if (!one) return fail('mesh', `pi@mesh.example did not do it: there is no probe ${id}`)
  const state = ({ run: 'running', pause: 'paused', resume: 'waiting', kill: 'killed' } as const)[action]
  const next = state === 'waiting' ? Date.now() + 184_000 : null
  behaviours = behaviours.map((row) => (row.id === id ? { ...row, state, next } : row))
}

const BODIES = [
  { performative: 'inform', ontology: 'telltale.result/1', body: '{"v":1,"verdict":"expected","target":"www.lemonde.fr","summary":"3 resolvers say the same."}' },
  { performative: 'confirm', ontology: 'telltale.result/1', body: '{"ids":["00000000-0000-4000-8000-000000000064"]}' },
  { performative: 'request', ontology: 'telltale.control/1', body: '{"run":"00000000-0000-4000-8000-000000000003"}' },
  { performative: 'inform', ontology: 'garden', body: 'The tomatoes are <b>red</b>' },
] // prettier-ignore

let made = 5_000
let messages: MeshMessage[] =
  how === 'none'
    ? []
    : Array.from({ length: how === 'many' ? 2_000 : 60 }, (_, i) => ({
        id: uuid(made++),
        peer: ['pi@mesh.example', 'spade@mesh.example'][i % 2]!,
        at: began - i * 47_000,
        delivery: (['received', 'confirmed', 'received', 'received'] as const)[i % 4]!,
        ...BODIES[i % 4]!,
        language: i % 4 === 3 ? 'text' : 'json',
        thread: `th-${Math.floor(i / 4)}`,
        channel:
          i % 4 === 1
            ? 'direct to pi@mesh.example/telltale: has the role probe, available, load 1, of 1 the first'
            : '',
        problem: null,
        ...(kind === 'hostile' ? { body: HOSTILE[i % HOSTILE.length]!, ontology: HOSTILE[0]! } : {}),
      }))

const topics: Topic[] =
  how === 'none'
    ? []
    : [
        { service: 'pubsub.mesh.example', node: 'telltale/results', followed: true, publishes: true, items: 148, last: began - 60_000 },
        { service: 'pubsub.mesh.example', node: 'telltale/incidents', followed: true, publishes: false, items: 3, last: began - 5 * HOUR },
        { service: 'pubsub.mesh.example', node: 'garden', followed: false, publishes: false, items: 0, last: null },
      ] // prettier-ignore

const patch = (jid: string, more: Partial<AgentNow>): void => {
  agents = agents.map((one) => (one.jid === jid ? { ...one, ...more } : one))
  stamp('mesh')
}

async function join(account: MeshAccount, password: string | null): Promise<void> {
  now = { ...now, account, phase: { phase: 'connecting', attempt: 0, problem: null, next: null }, password_in: 'keyring' }
  stamp('mesh')
  await work(300)
  const wrong = password === 'wrong'
  now = { ...now, phase: wrong ? { phase: 'refused', why: 'credentials', problem: REFUSED.credentials! } : { phase: 'online', since: Date.now() } }
  agents = agents.map((one) => (one.own ? { ...one, ...account } : one))
  stamp('mesh')
} // prettier-ignore

export const mesh = {
  mesh: async () => now,
  mesh_join: async (account, password) => void join(account, password),
  mesh_register: async (account, password) => void join(account, password),
  mesh_leave: async () => {
    now = { ...now, phase: { phase: 'off' } }
    stamp('mesh')
  },
  mesh_forget: async () => {
    now = { ...now, account: null, phase: { phase: 'off' }, password_in: null }
    stamp('mesh')
  },
  mesh_save_policy: async (policy) => {
    if (now.account) now = { ...now, account: { ...now.account, policy } }
    stamp('mesh')
  },
  mesh_invite: async () => {
    const until = Date.now() + 24 * HOUR
    const invitation = { domain: 'mesh.example', server: null, tls: 'start_tls', trust: { by: 'system' }, inviter: ACCOUNT.jid, token: 'k3v9', until } as const
    return { invitation, line: 'telltale-mesh:mesh.example?by=desk%40mesh.example&token=k3v9&until=1796000000', qr: code() }
  },
  mesh_read_invitation: async (line) => {
    if (!line.trim().startsWith('telltale-mesh:')) fail('invalid_input', 'this is not an invitation: one begins with telltale-mesh:')
    const trust = { by: 'pin', sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' } as const
    return { domain: 'mesh.example', server: 'mesh.example:5223', tls: 'direct', trust, inviter: 'pi@mesh.example', token: 'k3v9', until: Date.now() + HOUR }
  },
  pick_authority: async () => {
    if (wish('authority') === 'key') fail('invalid_input', 'the authority’s certificate cannot be read: this is a private key; keep it to yourself')
    return '-----BEGIN CERTIFICATE-----\nMIIBmTCCAT+gAwIBAgIUcZPf\n-----END CERTIFICATE-----\n'
  },
  agents: async () => (now.account === null ? [] : agents),
  agent_behaviours: async (jid) => {
    await work(30)
    return told(jid)
  },
  control_agent: async (_jid, behaviour, action) => control(behaviour, action),
  subscribe: async (jid) => {
    if (agents.some((one) => one.jid === jid)) patch(jid, { subscription: 'asked' })
    else agents = [...agents, agent(jid, '', { ...GONE, subscription: 'asked', trusted: false, role: null, duties: [], last_seen: null })]
    stamp('mesh')
  },
  unsubscribe: async (jid) => patch(jid, { subscription: 'none' }),
  answer_subscription: async (jid, yes) => patch(jid, yes ? { subscription: 'both', trusted: true } : { subscription: 'none' }),
  messages: async (query) => {
    await pause(4)
    const search = (query.search ?? '').toLowerCase()
    const rows = messages.filter(
      (row) =>
        (!query.peer || row.peer === query.peer) &&
        (!query.thread || row.thread === query.thread) &&
        (!query.performative || row.performative === query.performative) &&
        (!search || [row.peer, row.body, row.ontology, row.thread].some((text) => text.toLowerCase().includes(search))),
    )
    return { rows: rows.slice(query.offset ?? 0, (query.offset ?? 0) + (query.limit ?? 100)), total: rows.length }
  },
  send_message: async (draft) => {
    const { to, ...more } = draft
    messages = [{ id: uuid(made++), peer: to, at: Date.now(), delivery: 'sent', language: 'json', channel: `direct to ${to}/telltale: it is there`, problem: null, ...more, thread: draft.thread ?? `th-${made}` }, ...messages]
    stamp('mesh')
  },
  topics: async () => topics.map((one) => ({ ...one })),
  topic_items: async (_service, node) =>
    Array.from({ length: node === 'garden' ? 0 : 12 }, (_, i) => ({ id: uuid(9_000 + i), publisher: i % 3 ? 'pi@mesh.example' : null, at: began - i * 600_000, body: BODIES[0]!.body })),
  follow_topic: async (service, node, on) => {
    const one = topics.find((topic) => topic.service === service && topic.node === node)
    if (one) one.followed = on
    stamp('mesh')
  },
} satisfies Partial<Backend> // prettier-ignore
