// A backend without an engine, for tests and for looking: `?fake=typical|big|reading|damaged|empty|nobody|hostile|first|
// failing`, with `&lang=fr` and `&theme=dark`; the wishes of live audits stand in the files beside. Built in only in the mode `fake`.

import type { Backend } from '../backend'
import type { ServerDetail, SettingsView } from '../bindings'
import { apps } from './apps'
import { changed, follow, get, nextId, read, removed, rows, view, views } from './audits'
import { devices } from './devices'
import { doors } from './doors'
import { hotspot } from './hotspot'
import { correlation } from './incidents'
import { keeping, leaving } from './keeping'
import { live, met } from './live'
import { mesh } from './mesh'
import { appsOf } from './named'
import { answerFlows, answerServers } from './query'
import { probes } from './probes'
import { flowsOf, owner } from './rows'
import { pandore } from './score'
import { SAMPLES } from './names'
import { timeline } from './summary'
import { DATA_SETS, PANDORE } from './texts'
import { fail, kind, pause, wish } from './wish'

let settings: SettingsView = {
  language: wish('lang', 'en'),
  theme: wish('theme', 'light'),
  score_profile: 'telltale',
  pandore: PANDORE,
  recording: 'full',
  recording_limit_mb: 2_000,
  keep_audits_days: null,
  keep_recordings_days: 30,
  notices: false,
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
    apps: appsOf(server),
    flow_total: flows.length,
    flows,
    timeline: timeline(server.sent_bytes, server.received_bytes, (server.last - server.first) / 1000 + 1, server.id),
  } // prettier-ignore
}

export const fake: Backend = {
  ...devices,
  ...hotspot,
  ...live,
  ...keeping,
  ...apps,
  ...probes,
  ...correlation,
  ...mesh,
  ...doors,
  start_page: async () =>
    kind === 'failing'
      ? fail('store', 'The disk is full.')
      : { audits: [...views.values()].map((one) => one.card), leaving: leaving() },
  open_from_command_line: async () => null,
  pick_capture: async () => '/home/you/captures/new.pcapng',
  open_capture: async (path, again) => {
    await pause(60)
    if (path.endsWith('.png')) fail('not_a_capture', 'it looks like a picture', 'picture')
    const earlier = views.get(1)
    if (earlier && !again) return { kind: 'before', card: earlier.card }
    const id = nextId()
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
    return answerServers(met(audit), query)
  },
  server: async (_audit, server) => detail(server),
  flows: async (audit, query) => answerFlows(met(audit), query),
  cancel: async (audit) => {
    const one = get(audit)
    changed([{ ...one, card: { ...one.card, state: 'cancelled' }, progress: null, summary: { ...one.summary, source: { ...one.summary.source, cancelled: true } } }])
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
    changed([view(audit, get(audit).card.name, 0.05)])
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
  notify: async (title, body) => void Object.assign(globalThis, { notified: { title, body } }),
  follow: async (onUpdate) => follow(onUpdate),
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
