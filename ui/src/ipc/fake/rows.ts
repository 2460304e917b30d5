// Rows of an audit made from the samples with a seeded generator: the same every time.

import type { Flow, FlowProtocol, FlowRow, Owner, Server } from '../bindings'
import { flowApp, marks } from './named'
import { HOSTILE, SAMPLES, type Sample } from './names'

export const START = Date.UTC(2026, 10, 20, 18, 4, 12)
export const MINUTES = 12

/** A small generator of numbers from 0 to 1 (mulberry32). */
export function seeded(seed: number): () => number {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const TRACKS = ['crash', 'analytics', 'engagement', 'telemetry', 'attribution', 'advertising', 'profiling', 'social']

export function owner(sample: Sample): Owner {
  const [as_number, organisation, country] = sample.network
  const domain = sample.name?.split('.').slice(-2).join('.') ?? null
  return {
    registrable_domain: domain,
    company: sample.company,
    parent: sample.company === 'Adjust' ? 'AppLovin' : null,
    home_country: sample.home,
    service: sample.service,
    purpose: sample.purpose,
    what_en: sample.what?.[0] ?? null,
    what_fr: sample.what?.[1] ?? null,
    how: sample.company ? 'vendor-docs: the company’s own documentation names these hosts' : null,
    tracker: TRACKS.includes(sample.purpose),
    as_number,
    organisation,
    country,
    claims: [
      ...(sample.company && domain ? [{ set: 'catalogue', matched: domain, basis: 'reputed' as const }] : []),
      ...(TRACKS.includes(sample.purpose) && domain
        ? [{ set: 'third-party-web', matched: domain, basis: 'reputed' as const }]
        : []),
      { set: 'asn', matched: `AS${as_number}`, basis: 'reputed' },
      { set: 'country', matched: country, basis: 'reputed' },
    ],
  }
}

const HEAVY = /googlevideo|tiktokcdn|cdninstagram|lemde|whatsapp/

/** One server row. Past the samples, names are numbered so that any length can be had. */
export function serverRow(id: number, random: () => number, hostile = false): Server {
  const base = SAMPLES[id % SAMPLES.length]!
  const round = Math.floor(id / SAMPLES.length)
  const bad = hostile && id < HOSTILE.length * 2 && id % 2 === 0 ? HOSTILE[id / 2] : undefined
  const name = bad ?? (round > 0 && base.name ? `n${round}.${base.name}` : base.name)
  const sample: Sample = { ...base, name, company: bad ? HOSTILE[0]! : base.company }
  const scale = HEAVY.test(base.name ?? '') ? 40 : 1
  const sent = Math.round(800 + random() ** 3 * 180_000 * Math.sqrt(scale))
  const received = Math.round(1_500 + random() ** 3 * 700_000 * scale)
  const first = START + Math.floor(random() * MINUTES * 40_000)
  const flows = 1 + Math.floor(random() ** 2 * 14)
  const four = `${[23, 34, 52, 104, 142, 157, 185, 216][id % 8]}.${(id * 7) % 250}.${(id * 13) % 250}.${1 + (id % 250)}`
  return {
    id,
    device: 0,
    name,
    name_source: sample.source ?? (bad ? 'sni' : null),
    addresses: id % 3 === 0 ? [four, `2a00:1450:4007:80e::${(0x2000 + id).toString(16)}`] : [four],
    owner: owner(sample),
    local: false,
    sent_bytes: sent,
    received_bytes: received,
    sent_packets: Math.ceil(sent / 420),
    received_packets: Math.ceil(received / 1_100),
    flows,
    clear_text_bytes: base.source === 'http_host' ? sent + received : 0,
    first,
    last: Math.min(START + MINUTES * 60_000, first + Math.floor(random() * 500_000)),
  }
}

export function servers(length: number, hostile = false): Server[] {
  const random = seeded(7)
  return Array.from({ length }, (_, id) => serverRow(id, random, hostile))
}

function protocolOf(server: Server, n: number): FlowProtocol {
  if (server.owner.purpose === 'resolver') return 'dns_over_tls'
  if (server.clear_text_bytes > 0) return 'http'
  if (server.name_source === 'quic_sni') return 'quic'
  return server.name === null && n % 2 === 0 ? 'unknown' : 'tls'
}

/** The flows of one server, first ids first. */
export function flowsOf(server: Server, firstId: number): FlowRow[] {
  const random = seeded(server.id + 100)
  return Array.from({ length: server.flows }, (_, n) => {
    const protocol = protocolOf(server, n)
    const udp = protocol === 'quic'
    const first = server.first + Math.floor(random() * (server.last - server.first))
    const sent = Math.round(server.sent_bytes / server.flows)
    const received = Math.round(server.received_bytes / server.flows)
    const tally = (bytes: number) => ({ packets: Math.ceil(bytes / 700), bytes: bytes + 14, ip_bytes: bytes })
    const address = server.addresses[n % server.addresses.length]!
    const flow: Flow = {
      id: firstId + n,
      transport: udp ? 'udp' : 'tcp',
      initiator: {
        address: address.includes(':') ? '2a01:e0a:1::17' : '192.168.42.17',
        port: 40_000 + ((server.id * 31 + n) % 20_000),
      },
      responder: { address, port: protocol === 'http' ? 80 : protocol === 'dns_over_tls' ? 853 : 443 },
      from_initiator: tally(sent),
      from_responder: tally(received),
      first,
      last: Math.min(server.last, first + Math.floor(random() * 90_000)),
      tcp: udp ? null : n % 7 === 6 ? 'reset' : n % 5 === 4 ? 'midstream' : 'closed',
      tunnel: null,
      protocol,
      name: server.name,
      name_source: server.name_source,
      alpn: protocol === 'tls' ? 'h2' : udp ? 'h3' : null,
      ja4: protocol === 'tls' ? 't13d1516h2_8daaf6152771_e5627efa2ab1' : null,
      ech: server.id % 17 === 3,
      device: 0,
      device_is_initiator: true,
      server: server.id,
      app: marks ? server.id % 5 : null,
    }
    return { flow, company: server.owner.company, purpose: server.owner.purpose, ...flowApp(server) }
  })
}
