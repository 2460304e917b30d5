// Live audits that grow while they are looked at. `?live=watching|paused|device_gone|capture_ended|asleep|program_ended|
// stream_ended|disk_full|dropped|door|nobody|interrupted|several` has audits under way at the beginning, `?hold=MS` sets the beat.

import type { Backend } from '../backend'
import type {
  AuditView,
  Gap,
  GapReason,
  LiveRequest,
  LiveState,
  LiveView,
  Notice,
  Rate,
  RecordingView,
} from '../bindings'
import { changed, get, nextId, rows, view, views } from './audits'
import { mayCapture } from './devices'
import { seeded } from './rows'
import { fail, pause, wish } from './wish'

const REASONS: readonly GapReason[] = ['device_gone', 'capture_ended', 'asleep', 'program_ended', 'stream_ended']
const BEAT = Number(wish('hold', '1000'))
/** Seconds after which a fake audit has met all its servers. */
const WHOLE = 240

/** What the fake remembers of one live audit. */
type Watch = {
  request: LiveRequest
  began: number
  watched: number
  state: LiveState
  since: number
  gaps: Gap[]
  recent: Rate[]
  how: string
}
const watches = new Map<number, Watch>()

const plain: LiveRequest = {
  source: { kind: 'device', name: 'wlan0' },
  filter: { kind: 'all' },
  name: '',
  description: '',
  connection: 'hotspot',
  duration_s: null,
  recording: 'full',
}

function sourceName({ source }: LiveRequest): string {
  if (source.kind === 'device') return source.name
  return source.kind === 'http' ? source.url : `${source.kind}://${source.bind}:${source.port}`
}

function recording({ request, watched, how }: Watch): RecordingView | null {
  if (request.recording === 'off') return null
  const full = how === 'disk_full'
  return {
    bytes: Math.round(watched * (request.recording === 'full' ? 410_000 : 38_000)),
    files: 1 + Math.floor(watched / 120),
    dropped_bytes: how === 'dropped' ? 1_600_000_000 : 0,
    since_ms: how === 'dropped' ? Date.now() - 3_600_000 : null,
    missed_packets: full ? 18_204 : 0,
    problem: full ? 'No space left on device (os error 28)' : null,
  }
}

function liveView(watch: Watch): LiveView {
  const { request, state } = watch
  const door = request.source.kind === 'device' ? null : sourceName(request)
  return {
    state,
    since_ms: watch.since,
    problem: state.kind === 'waiting' ? `${sourceName(request)}: no such device` : null,
    ends_ms: request.duration_s === null ? null : watch.began + request.duration_s * 1000,
    watched_s: watch.watched,
    recent: watch.recent,
    recording: recording(watch),
    door:
      door === null
        ? null
        : {
            address: door,
            peer: watch.watched > 4 ? '10.42.0.17' : null,
            refused: 2,
            lost: 3,
            joined_late: wish('late') === '1',
          },
  }
}

function make(id: number, watch: Watch): AuditView {
  const { request, how } = watch
  const part = how === 'nobody' ? 0 : Math.min(1, watch.watched / WHOLE)
  const made = view(id, request.name || `${sourceName(request)}, today`, part)
  const shift = watch.began - (made.summary.span?.first ?? watch.began)
  for (const contact of made.summary.contacts) contact.at += shift
  made.summary.timeline.start += shift
  made.summary.span = part > 0 ? { first: watch.began, last: Date.now() } : null
  Object.assign(made.summary.source, {
    file: null,
    sha256: null,
    file_bytes: 0,
    interfaces: [sourceName(request)],
    gaps: watch.gaps,
    live: {
      source: sourceName(request),
      filter: request.filter.kind === 'expression' ? request.filter.expression : request.filter.kind === 'phones' ? 'ether host 16:cb:33:1a:9d:02' : null,
      connection: request.connection,
      snap_len: request.recording === 'headers' ? 96 : null,
      began: watch.began,
      ended: null,
    },
  }) // prettier-ignore
  Object.assign(made.card, {
    description: request.description,
    opened_ms: watch.began,
    first_ms: made.summary.span?.first ?? null,
    last_ms: made.summary.span?.last ?? null,
    state: 'live',
    live_source: sourceName(request),
    recording_bytes: recording(watch)?.bytes ?? 0,
  })
  return { ...made, progress: null, live: liveView(watch) }
}

function ended(id: number, watch: Watch, state: 'done' | 'interrupted'): AuditView {
  const made = make(id, watch)
  if (made.summary.source.live) made.summary.source.live.ended = state === 'done' ? Date.now() : null
  return { ...made, card: { ...made.card, state }, live: null }
}

function newWatch(request: LiveRequest, ago = 0, how = 'watching', state: LiveState = { kind: 'watching' }): Watch {
  const random = seeded(ago + 1)
  const recent = Array.from({ length: Math.min(120, Math.floor(ago)) }, () => rate(random))
  const began = Date.now() - ago * 1000
  const gaps: Gap[] = ago > 60 ? [{ from: began + 20_000, to: began + 31_000, reason: 'paused' }] : []
  if (state.kind === 'waiting') gaps.push({ from: Date.now() - 8_000, to: null, reason: state.reason })
  return { request, began, watched: ago, state, since: Date.now() - Math.min(ago, 8) * 1000, gaps, recent, how }
}

function rate(random: () => number): Rate {
  const received = Math.round(random() ** 3 * 900_000)
  return { sent: Math.round(received / 11 + random() * 9_000), received, packets: Math.ceil(received / 900) }
}

function become(id: number, state: LiveState): void {
  const watch = watches.get(id) ?? fail('no_such_audit', 'This audit is not live.')
  const open = watch.gaps.at(-1)
  if (open?.to === null) open.to = Date.now()
  if (state.kind === 'paused') watch.gaps.push({ from: Date.now(), to: null, reason: 'paused' })
  Object.assign(watch, { state, since: Date.now() })
  changed([make(id, watch)])
}

/** News of the fake: each company that measures or follows once, when its first server appears. */
function news(id: number, before: AuditView | undefined, now: AuditView): Notice[] {
  const told = before?.summary.tracker_companies ?? 0
  const [company] = now.summary.companies.filter((one) => one.group === 'follows' && one.name).slice(told)
  return now.summary.tracker_companies > told && company?.name
    ? [{ kind: 'tracker', audit: id, company: company.name }]
    : []
}

async function run(id: number): Promise<void> {
  const random = seeded(id)
  await pause(Math.min(BEAT, 300))
  for (let watch = watches.get(id); watch; watch = watches.get(id)) {
    if (watch.state.kind === 'opening') become(id, { kind: 'watching' })
    if (watch.state.kind === 'watching') {
      watch.watched += 1
      watch.recent = [...watch.recent.slice(-119), rate(random)]
      const before = views.get(id)
      const now = make(id, watch)
      changed([now], news(id, before, now))
      if (watch.request.duration_s !== null && watch.watched >= watch.request.duration_s) void live.stop(id)
    }
    await pause(BEAT)
  }
}

function begin(id: number, watch: Watch): void {
  watches.set(id, watch)
  views.set(id, make(id, watch))
  void run(id)
}

export const live = {
  start_live: async (request) => {
    await pause(120)
    if (request.source.kind === 'device' && !mayCapture()) fail('no_rights', 'Telltale may not look at packets.')
    if (wish('start_error')) fail('door', 'the address is in use', wish('start_error'))
    const id = nextId()
    begin(id, newWatch(request, 0, 'watching', { kind: 'opening' }))
    changed([get(id)])
    return id
  },
  pause: async (audit) => become(audit, { kind: 'paused' }),
  resume: async (audit) => {
    const old = views.get(audit)
    if (old?.card.state !== 'interrupted') return become(audit, { kind: 'watching' })
    const watch = newWatch({ ...plain, name: old.card.name }, 90)
    watch.gaps.push({ from: Date.now() - 600_000, to: Date.now(), reason: 'program_ended' })
    begin(audit, watch)
    changed([get(audit)])
  },
  stop: async (audit) => {
    const watch = watches.get(audit) ?? fail('no_such_audit', 'This audit is not live.')
    become(audit, { kind: 'ending' })
    await pause(150)
    watches.delete(audit)
    changed([ended(audit, watch, 'done')])
  },
} satisfies Partial<Backend>

/** The server rows that an audit has met by now. */
export function met(audit: number): typeof rows {
  return views.get(audit)?.live ? rows.slice(0, views.get(audit)!.summary.servers) : rows
}

const how = wish('live')
const waits = REASONS.find((reason) => reason === how)
if (how === 'several') {
  begin(4, newWatch({ ...plain, name: 'Anna’s phone', duration_s: 900 }, 64))
  const usb: LiveRequest = { ...plain, source: { kind: 'device', name: 'usb0' }, connection: 'usb', recording: 'off' }
  begin(5, newWatch({ ...usb, name: 'Tablet by cable' }, 130, 'watching', { kind: 'paused' }))
  const tcp: LiveRequest = { ...plain, source: { kind: 'tcp', bind: '10.42.0.1', port: 1234 }, connection: 'mobile' }
  begin(6, newWatch({ ...tcp, name: 'Pixel on the road' }, 30, 'door', { kind: 'waiting', reason: 'stream_ended' }))
} else if (how && how !== 'interrupted') {
  const door: LiveRequest['source'] = { kind: 'udp', bind: '10.42.0.1', port: 1234 }
  const request: LiveRequest = { ...plain, name: 'Anna’s phone', source: how === 'door' ? door : plain.source }
  const state: LiveState = waits
    ? { kind: 'waiting', reason: waits }
    : how === 'paused'
      ? { kind: 'paused' }
      : { kind: 'watching' }
  begin(4, newWatch(request, how === 'nobody' || how === 'door' ? 2 : 64, how, state))
}
if (how === 'interrupted' || how === 'several')
  views.set(7, ended(7, newWatch({ ...plain, name: 'Night on the hotspot' }, 90), 'interrupted'))
