// A summary that fits the rows, as the engine would make it.

import type { Company, Purpose, PurposeGroup, Server, Summary, Timeline } from '../bindings'
import { marks } from './named'
import { MINUTES, seeded, START } from './rows'
import { score } from './score'

const GROUPS: Record<Purpose, PurposeGroup> = {
  service: 'needed', system: 'needed', delivery: 'needed', security: 'needed', resolver: 'needed', tunnel: 'needed',
  crash: 'measures', analytics: 'measures', engagement: 'measures', telemetry: 'measures',
  attribution: 'follows', advertising: 'follows', profiling: 'follows', social: 'follows', unknown: 'unknown',
} // prettier-ignore
const ORDER = Object.keys(GROUPS) as Purpose[]
const WORST: readonly PurposeGroup[] = ['follows', 'measures', 'needed', 'unknown']

const sum = (rows: readonly Server[], of: (row: Server) => number) => rows.reduce((all, row) => all + of(row), 0)

function by<K>(rows: readonly Server[], key: (row: Server) => K): Map<K, Server[]> {
  const out = new Map<K, Server[]>()
  for (const row of rows) {
    const mine = out.get(key(row))
    if (mine) mine.push(row)
    else out.set(key(row), [row])
  }
  return out
}

const totals = (rows: readonly Server[]) => ({
  servers: rows.length,
  sent_bytes: sum(rows, (row) => row.sent_bytes),
  received_bytes: sum(rows, (row) => row.received_bytes),
})

function companies(rows: readonly Server[]): Company[] {
  return [...by(rows, (row) => row.owner.company ?? row.owner.organisation ?? '')]
    .map(([name, mine]) => {
      const purposes = [...new Set(mine.map((row) => row.owner.purpose))]
      return {
        ...totals(mine),
        name: name || null,
        by_network: mine[0]!.owner.company === null,
        home_country: mine[0]!.owner.home_country,
        purposes,
        group: WORST.find((group) => purposes.some((purpose) => GROUPS[purpose] === group)) ?? 'unknown',
        flows: sum(mine, (row) => row.flows),
      }
    })
    .sort((a, b) => b.sent_bytes + b.received_bytes - a.sent_bytes - a.received_bytes)
}

export function timeline(sent: number, received: number, seconds: number, seed = 3): Timeline {
  const random = seeded(seed)
  const n = Math.max(1, Math.ceil(seconds))
  const busy = Array.from({ length: n }, (_, i) => random() ** 5 * (i % 97 < 40 ? 3 : 0.25) + 0.001)
  const whole = busy.reduce((a, b) => a + b, 0)
  return {
    start: START,
    bucket_seconds: 1,
    buckets: busy.map((part, i) => ({
      sent: Math.round((sent * (part + busy[(i + 3) % n]! * 0.4)) / whole / 1.4),
      received: Math.round((received * part) / whole),
      packets: Math.round((part / whole) * 40_000),
    })),
  }
}

/** `part`: how much of the file was read, 0 to 1. */
export function summary(all: readonly Server[], part = 1): Summary {
  const rows = all.slice(0, Math.ceil(all.length * part))
  const { sent_bytes, received_bytes } = totals(rows)
  const bytes = sent_bytes + received_bytes
  const list = companies(rows)
  const packets = sum(rows, (row) => row.sent_packets + row.received_packets)
  const of = (test: (row: Server) => boolean) => sum(rows.filter(test), (row) => row.sent_bytes + row.received_bytes)
  return {
    source: {
      file: 'pixel-evening.pcapng', sha256: 'b1946ac92492d2347c6235b4d2611184'.repeat(2), file_bytes: 61_200_000,
      format: 'pcapng', link_types: ['Ethernet'], interfaces: ['wlan0'], stopped: null, stopped_at: null, cancelled: false, live: null, gaps: [],
    }, // prettier-ignore
    span: rows.length ? { first: START, last: START + MINUTES * 60_000 * part } : null,
    counts: {
      packets, bytes: bytes + packets * 14, captured_bytes: bytes + packets * 14, non_ip_packets: 214, encrypted_radio_packets: 0,
      undecoded_packets: 3, cut_packets: 0, later_fragments: 0, other_ip_packets: 12, dropped_by_kernel: 128, dropped_by_interface: 0,
      evicted_flows: 0, abandoned_streams: 1, dropped_names: 0, time_went_back: 0,
    }, // prettier-ignore
    coverage: {
      bytes,
      observed_name_bytes: of(
        (row) => row.name !== null && row.name_source !== 'dns' && row.owner.purpose !== 'tunnel',
      ),
      inferred_name_bytes: of((row) => row.name_source === 'dns'),
      address_only_bytes: of((row) => row.name === null),
      tunnel_bytes: of((row) => row.owner.purpose === 'tunnel'),
      encrypted_dns_flows: rows.length ? 6 : 0,
      ech_hellos: rows.length ? 4 : 0,
      started_before: rows.length ? 9 : 0,
      clear_text_bytes: of((row) => row.clear_text_bytes > 0),
    },
    devices: rows.length
      ? [{
          id: 0, addresses: ['192.168.42.17', '2a01:e0a:1::17', 'fe80::14cb:33ff:fe1a:9d02'], mac: '16:cb:33:1a:9d:02',
          mac_random: true, maker: null, name: 'Pixel-7', name_source: 'dhcp', because: 'private_address',
          sent_bytes, received_bytes, flows: sum(rows, (row) => row.flows),
        }]
      : [], // prettier-ignore
    apps: rows.length && marks
      ? ['YouTube', 'WhatsApp', 'Le Monde', 'TikTok', 'Google Play services'].map((label, id) => ({
          id, uid: 10_000 + id, label, package: null, sent_bytes: Math.round(sent_bytes / (id + 3)),
          received_bytes: Math.round(received_bytes / (id + 3)), flows: 40 - id * 7,
        }))
      : [], // prettier-ignore
    servers: rows.length,
    flows: sum(rows, (row) => row.flows),
    company_count: list.length,
    tracker_companies: list.filter((one) => one.group === 'measures' || one.group === 'follows').length,
    companies: list.slice(0, 2_000),
    countries: [...by(rows, (row) => row.owner.country)]
      .map(([country, mine]) => ({ country, ...totals(mine) }))
      .sort((a, b) => b.received_bytes - a.received_bytes),
    purposes: ORDER.flatMap((purpose) => {
      const mine = rows.filter((row) => row.owner.purpose === purpose)
      return mine.length
        ? [{ purpose, companies: new Set(mine.map((row) => row.owner.company)).size, ...totals(mine) }]
        : []
    }),
    timeline: rows.length
      ? timeline(sent_bytes, received_bytes, MINUTES * 60 * part)
      : { start: 0, bucket_seconds: 1, buckets: [] },
    contacts: rows.slice(-10).map((row) => ({
      at: row.first, name: row.name ?? row.addresses[0]!, company: row.owner.company, purpose: row.owner.purpose, device: 0,
    })), // prettier-ignore
    pandore: { gaps: 9, gap_seconds: 133, bytes, remotes: rows.length + 4, seconds: MINUTES * 60 * part, packets },
    score: score(rows),
  }
}
