// The fake's audits: made of the rows, read in steps, told to the window as the engine tells them.

import type { AuditView, LiveUpdate, Notice, Server, Stamps } from '../bindings'
import { SAMPLES } from './names'
import { servers } from './rows'
import { summary } from './summary'
import { fail, kind, pause, wish } from './wish'

const COUNT: Record<string, number> = { big: 100_000, long: 2_000, empty: 0, nobody: 0 }
export const rows: Server[] = servers(COUNT[kind] ?? SAMPLES.length, kind === 'hostile')

export const views = new Map<number, AuditView>()
export const removed = new Map<number, AuditView>()
let tell: (update: LiveUpdate) => void = () => {}
let revision = 0

/** An audit of a file, of which `part` (0 to 1) was read. */
export function view(id: number, name: string, part = 1): AuditView {
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
      live_source: null,
      recording_bytes: 0,
      keep: false,
    },
    summary: made,
    live: null,
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

/** Stores audits and tells the window. */
export function changed(audits: AuditView[], notices: Notice[] = []): void {
  for (const one of audits) views.set(one.card.id, one)
  revision += 1
  tell({ revision, audits, removed: [], notices, stamps: { ...stamps } })
}

const stamps: Stamps = { probes: 1, results: 1, mesh: 1, incidents: 1, doors: 1 }

/** Tells the window that something of these subjects has changed. */
export function stamp(...subjects: (keyof Stamps)[]): void {
  for (const subject of subjects) stamps[subject] += 1
  changed([])
}

export const get = (id: number): AuditView =>
  views.get(id) ?? fail('no_such_audit', 'There is no audit with this number.')

export const nextId = (): number => Math.max(0, ...views.keys()) + 1

export async function read(id: number): Promise<void> {
  for (let part = 0.1; part < 1 && views.get(id)?.card.state !== 'cancelled'; part += 0.1) {
    await pause(250)
    if (views.get(id)?.card.state !== 'cancelled') changed([view(id, `opened-${id}.pcapng`, part)])
  }
  if (views.get(id)?.card.state === 'reading') changed([view(id, `opened-${id}.pcapng`)])
}

/** The window follows from now on. */
export function follow(onUpdate: (update: LiveUpdate) => void): void {
  tell = onUpdate
  if (kind === 'reading') void pause(Number(wish('hold', '400'))).then(() => read(1))
}

if (kind !== 'first') {
  const name = kind === 'hostile' ? '<b>evil</b>\u202egnp.exe' : 'Evening with the Pixel'
  views.set(1, view(1, name, kind === 'reading' ? 0.4 : 1))
  views.set(2, view(2, 'iPhone at rest.pcap'))
  views.set(3, view(3, 'Old tablet'))
}
