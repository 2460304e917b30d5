// A backend without an engine, for tests and for looking: `?fake=typical|big|reading|damaged|empty|nobody|hostile|first|
// failing`, with `&lang=fr` and `&theme=dark`. Built in only in the mode `fake`.

import type { Backend } from '../backend'
import type { AuditView, CommandError, LiveUpdate, Server, ServerDetail, SettingsView } from '../bindings'
import { answerFlows, answerServers } from './query'
import { flowsOf, owner, servers } from './rows'
import { pandore } from './score'
import { SAMPLES } from './names'
import { summary, timeline } from './summary'
import { DATA_SETS, PANDORE } from './texts'

const wish = new URLSearchParams(location.search)
const kind = wish.get('fake') || 'typical'

const COUNT: Record<string, number> = { big: 100_000, long: 2_000, empty: 0, nobody: 0 }
const rows: Server[] = servers(COUNT[kind] ?? SAMPLES.length, kind === 'hostile')
let settings: SettingsView = {
  language: wish.get('lang') ?? 'en',
  theme: wish.get('theme') ?? 'light',
  score_profile: 'telltale',
  pandore: PANDORE,
}

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms))
const fail = (code: CommandError['code'], message: string, detail = ''): never => {
  throw { code, detail, message } satisfies CommandError
}

function view(id: number, name: string, part = 1): AuditView {
  const made = summary(rows, part)
  if (kind === 'damaged')
    Object.assign(made.source, { stopped: 'a block claims 4294967295 octets', stopped_at: 10_481_920 })
  if (kind === 'several') {
    const [one] = made.devices
    made.devices = ['Pixel-7', 'iPad de Léa', null].map((name, id) => ({
      ...one!,
      id,
      name,
      addresses: [`192.168.42.${17 + id}`],
      mac_random: id < 2,
      maker: id < 2 ? null : 'Samsung Electronics',
    }))
    for (const row of rows) row.device = row.id % 3
  }
  if (kind === 'nobody') made.counts.packets = 1_204
  if (kind === 'empty') Object.assign(made.counts, { packets: 0, bytes: 0 })
  const reading = part < 1
  return {
    card: {
      id,
      name,
      description: id === 1 ? 'Quarter of an hour with video and news' : '',
      opened_ms: Date.now() - id * 7_400_000,
      first_ms: made.span?.first ?? null,
      last_ms: made.span?.last ?? null,
      state: reading ? 'reading' : 'done',
      grade: made.score.grade,
      servers: made.servers,
      companies: made.company_count,
      tracker_companies: made.tracker_companies,
      bytes: made.counts.bytes,
    },
    summary: made,
    problem: kind === 'unstored' ? 'The disk is full.' : null,
    progress: reading
      ? {
          read_bytes: 61_200_000 * part,
          total_bytes: 61_200_000,
          packets: made.counts.packets,
          seconds_left: 20 * (1 - part),
        }
      : null,
  }
}

const views = new Map<number, AuditView>()
if (kind !== 'first') {
  views.set(
    1,
    view(1, kind === 'hostile' ? '<b>evil</b>\u202egnp.exe' : 'Evening with the Pixel', kind === 'reading' ? 0.4 : 1),
  )
  views.set(2, view(2, 'iPhone at rest.pcap'))
  views.set(3, view(3, 'Old tablet'))
}
const removed = new Map<number, AuditView>()
let tell: (update: LiveUpdate) => void = () => {}
let revision = 0

function changed(...audits: AuditView[]): void {
  for (const one of audits) views.set(one.card.id, one)
  revision += 1
  tell({ revision, audits, removed: [] })
}

const get = (id: number): AuditView => views.get(id) ?? fail('no_such_audit', 'There is no audit with this number.')

async function read(id: number): Promise<void> {
  for (let part = 0.1; part < 1 && views.get(id)?.card.state !== 'cancelled'; part += 0.1) {
    await pause(250)
    if (views.get(id)?.card.state !== 'cancelled') changed(view(id, `opened-${id}.pcapng`, part))
  }
  if (views.get(id)?.card.state === 'reading') changed(view(id, `opened-${id}.pcapng`))
}

function detail(id: number): ServerDetail {
  const server = rows[id] ?? fail('no_such_audit', 'There is no such server.')
  const flows = flowsOf(server, id * 20)
  const named = server.name ?? ''
  return {
    server,
    dns: named
      ? [{ name: named, kind: 'dns', addresses: server.addresses, aliases: ['edge.example-cdn.net'], device: 0, first: server.first - 40, last: server.first }]
      : [],
    hellos: flows
      .filter(({ flow }) => flow.protocol === 'tls' || flow.protocol === 'quic')
      .map(({ flow }) => ({ via: flow.protocol === 'tls' ? 'tls' : 'quic', sni: flow.name, server: flow.responder, alpn: ['h2', 'http/1.1'], ja4: flow.ja4, ech: flow.ech, flow: flow.id, at: flow.first })),
    http_hosts: server.clear_text_bytes
      ? [{ host: named, server: flows[0]!.flow.responder, user_agent: 'Mozilla/5.0 (Android 15; Mobile; rv:140.0)', requests: 3, flow: flows[0]!.flow.id, first: server.first }]
      : [],
    flow_total: flows.length,
    flows,
    timeline: timeline(server.sent_bytes, server.received_bytes, (server.last - server.first) / 1000 + 1, server.id),
  } // prettier-ignore
}

export const fake: Backend = {
  start_page: async () =>
    kind === 'failing' ? fail('store', 'The disk is full.') : { audits: [...views.values()].map((one) => one.card) },
  open_from_command_line: async () => null,
  pick_capture: async () => '/home/you/captures/new.pcapng',
  open_capture: async (path, again) => {
    await pause(60)
    if (path.endsWith('.png')) fail('not_a_capture', 'it looks like a picture', 'picture')
    const earlier = views.get(1)
    if (earlier && !again) return { kind: 'before', card: earlier.card }
    const id = Math.max(0, ...views.keys()) + 1
    views.set(id, view(id, `opened-${id}.pcapng`, 0.05))
    void read(id)
    return { kind: 'started', id }
  }, // prettier-ignore
  open_example: async () => {
    if (!views.has(1)) views.set(1, view(1, 'Example'))
    return { kind: 'started', id: 1 }
  },
  audit: async (id) => get(id),
  servers: async (audit, query) => {
    get(audit)
    if (kind === 'failing') fail('store', 'The records could not be read: the disk is full.')
    await pause(4)
    return answerServers(rows, query)
  },
  server: async (_audit, server) => detail(server),
  flows: async (_audit, query) => answerFlows(rows, query),
  cancel: async (audit) => {
    const one = get(audit)
    changed({ ...one, card: { ...one.card, state: 'cancelled' }, progress: null, summary: { ...one.summary, source: { ...one.summary.source, cancelled: true } } })
  }, // prettier-ignore
  rename: async (audit, name, description) => {
    const one = get(audit)
    views.set(audit, { ...one, card: { ...one.card, name, description } })
  },
  remove: async (audit) => {
    removed.set(audit, get(audit))
    views.delete(audit)
  },
  restore: async (audit) => {
    views.set(audit, removed.get(audit) ?? fail('no_such_audit', 'It is gone.'))
  },
  set_devices: async (audit) => {
    changed(view(audit, get(audit).card.name, 0.05))
    void read(audit)
  },
  score: async (audit, profile, set) =>
    profile === 'telltale' ? get(audit).summary.score : pandore(get(audit).summary.pandore, set ?? settings.pandore),
  settings: async () => settings,
  save_settings: async (next) => void (settings = next),
  lookup: async (queries) =>
    queries.map((query) => {
      const sample = SAMPLES.find((one) => one.name?.endsWith(query.trim().toLowerCase()))
      return {
        query,
        owner: sample ? owner(sample) : /[.:]/.test(query) ? owner({ ...SAMPLES.at(-1)!, name: query }) : null,
      }
    }),
  data_sets: async () => DATA_SETS,
  save_report: async (_audit, format) => `/home/you/Documents/pixel-evening.${format}`,
  save_image: async (name, image, base64) => {
    Object.assign(globalThis, { saved: { image, base64 } })
    return `/home/you/Pictures/${name}.${image}`
  },
  follow: async (onUpdate) => {
    tell = onUpdate
    if (kind === 'reading') void pause(Number(wish.get('hold') ?? 400)).then(() => read(1))
  },
  on_drop: (react) => {
    addEventListener('dragover', (event) => (event.preventDefault(), react('over', [])))
    addEventListener('dragleave', (event) => event.relatedTarget === null && react('leave', []))
    addEventListener('drop', (event) => {
      event.preventDefault()
      react(
        'drop',
        [...(event.dataTransfer?.files ?? [])].map((file) => `/dropped/${file.name}`),
      )
    })
  },
}
