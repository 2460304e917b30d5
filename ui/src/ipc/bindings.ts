// Stand-in for the generated file, with the same names; replaced by what the shell's test writes.

export type AuditState = 'reading' | 'done' | 'cancelled' | 'interrupted'
export type Basis = 'observed' | 'inferred' | 'reputed'
export type NameSource = 'sni' | 'quic_sni' | 'http_host' | 'certificate' | 'dns' | 'reverse_dns'
export type Purpose =
  | 'service' | 'system' | 'delivery' | 'security' | 'resolver' | 'tunnel' | 'crash' | 'analytics'
  | 'engagement' | 'telemetry' | 'attribution' | 'advertising' | 'profiling' | 'social' | 'unknown'
export type PurposeGroup = 'needed' | 'measures' | 'follows' | 'unknown'
export type Grade = 'A' | 'B' | 'C' | 'D' | 'E'
export type Timestamp = number
export type DeviceId = number
export type ServerId = number
export type FlowId = number
export type AppId = number
export type TransportKind = 'tcp' | 'udp'
export type TcpState = 'opening' | 'established' | 'midstream' | 'closing' | 'closed' | 'reset'
export type FlowProtocol =
  | 'dns' | 'mdns' | 'llmnr' | 'dns_over_tls' | 'dns_over_https' | 'dns_over_quic' | 'http' | 'http2' | 'tls'
  | 'dtls' | 'quic' | 'google_quic' | 'stun' | 'dhcp' | 'ntp' | 'wire_guard' | 'open_vpn' | 'ipsec' | 'ssdp'
  | 'tunnel' | 'unknown'
export type DeviceNameSource = 'dhcp' | 'mdns'
export type DnsKind = 'dns' | 'mdns' | 'llmnr'
export type HelloVia = 'tls' | 'quic' | 'gquic' | 'dtls'
export type ReportFormat = 'json' | 'csv' | 'html'
export type ErrorCode = 'not_a_capture' | 'file' | 'no_such_audit' | 'invalid_input' | 'store'

export type Tally = { packets: number; bytes: number; ip_bytes: number }
export type Counts = {
  packets: number; bytes: number; captured_bytes: number; non_ip_packets: number; encrypted_radio_packets: number
  undecoded_packets: number; cut_packets: number; later_fragments: number; dropped_by_kernel: number
  dropped_by_interface: number; evicted_flows: number; abandoned_streams: number; dropped_names: number
  time_went_back: number
}
export type Coverage = {
  bytes: number; observed_name_bytes: number; inferred_name_bytes: number; address_only_bytes: number
  tunnel_bytes: number; encrypted_dns_flows: number; ech_hellos: number; started_before: number
  clear_text_bytes: number
}
export type Endpoint = { address: string; port: number }
export type Flow = {
  id: FlowId; transport: TransportKind; initiator: Endpoint; responder: Endpoint; from_initiator: Tally
  from_responder: Tally; first: Timestamp; last: Timestamp; tcp: TcpState | null; tunnel: FlowId | null
  protocol: FlowProtocol; name: string | null; name_source: NameSource | null; alpn: string | null
  ja4: string | null; ech: boolean; device: DeviceId | null; device_is_initiator: boolean
  server: ServerId | null; app: AppId | null
}
export type Device = {
  id: DeviceId; addresses: string[]; mac: string | null; mac_random: boolean; maker: string | null
  name: string | null; name_source: DeviceNameSource | null; because: string; sent_bytes: number
  received_bytes: number; flows: number
}
export type App = {
  id: AppId; uid: number; label: string | null; package: string | null; sent_bytes: number
  received_bytes: number; flows: number
}
export type Span = { first: Timestamp; last: Timestamp }
export type SourceFacts = {
  file: string | null; sha256: string | null; file_bytes: number; format: string; link_types: string[]
  interfaces: string[]; stopped: string | null; stopped_at: number | null; cancelled: boolean
}
export type Bucket = { sent: number; received: number; packets: number }
export type Timeline = { start: Timestamp; bucket_seconds: number; buckets: Bucket[] }
export type Company = {
  name: string | null; by_network: boolean; home_country: string | null; purposes: Purpose[]; group: PurposeGroup
  servers: number; flows: number; sent_bytes: number; received_bytes: number
}
export type CountryShare = { country: string | null; servers: number; sent_bytes: number; received_bytes: number }
export type PurposeShare = {
  purpose: Purpose; companies: number; servers: number; sent_bytes: number; received_bytes: number
}
export type Contact = { at: Timestamp; name: string; company: string | null; purpose: Purpose; device: DeviceId }
export type RowFilter = { purposes: Purpose[]; clear_text: boolean; unnamed: boolean }
export type Reason = { key: string; value: number; points: number; max: number; rows: RowFilter }
export type Score = {
  profile: string; points: number | null; grade: Grade | null; worst_grade: Grade | null; reasons: Reason[]
}
export type PandoreFacts = {
  gaps: number; gap_seconds: number; bytes: number; remotes: number; seconds: number; packets: number
}
export type Summary = {
  source: SourceFacts; span: Span | null; counts: Counts; coverage: Coverage; devices: Device[]; apps: App[]
  servers: number; flows: number; company_count: number; tracker_companies: number; companies: Company[]
  countries: CountryShare[]; purposes: PurposeShare[]; timeline: Timeline; contacts: Contact[]
  pandore: PandoreFacts; score: Score
}
export type DnsAnswer = {
  name: string; kind: DnsKind; addresses: string[]; aliases: string[]; device: DeviceId | null
  first: Timestamp; last: Timestamp
}
export type Hello = {
  via: HelloVia; sni: string | null; server: Endpoint; alpn: string[]; ja4: string | null; ech: boolean
  flow: FlowId; at: Timestamp
}
export type HttpHost = {
  host: string; server: Endpoint; user_agent: string | null; requests: number; flow: FlowId; first: Timestamp
}
export type Claim = { set: string; matched: string; basis: Basis }
export type Owner = {
  registrable_domain: string | null; company: string | null; parent: string | null; home_country: string | null
  service: string | null; purpose: Purpose; what_en: string | null; what_fr: string | null; how: string | null
  tracker: boolean; as_number: number | null; organisation: string | null; country: string | null; claims: Claim[]
}
export type Server = {
  id: ServerId; device: DeviceId; name: string | null; name_source: NameSource | null; addresses: string[]
  owner: Owner; local: boolean; sent_bytes: number; received_bytes: number; sent_packets: number
  received_packets: number; flows: number; clear_text_bytes: number; first: Timestamp; last: Timestamp
}
export type AuditCard = {
  id: number; name: string; description: string; opened_ms: number; first_ms: number | null
  last_ms: number | null; state: AuditState; grade: Grade | null; servers: number; companies: number
  tracker_companies: number; bytes: number
}
export type Progress = { read_bytes: number; total_bytes: number; packets: number; seconds_left: number | null }
export type AuditView = { card: AuditCard; summary: Summary; progress: Progress | null }
export type Opened = { kind: 'started'; id: number } | { kind: 'before'; card: AuditCard }
export type TableQuery = {
  search: string; sort: string; descending: boolean; filter: RowFilter; company: string | null
  country: string | null; device: DeviceId | null; server: ServerId | null; offset: number; limit: number
}
export type ServerPage = { total: number; rows: Server[] }
export type FlowRow = { flow: Flow; company: string | null; purpose: Purpose; app: string | null }
export type FlowPage = { total: number; rows: FlowRow[] }
export type ServerDetail = {
  server: Server; dns: DnsAnswer[]; hellos: Hello[]; http_hosts: HttpHost[]; flow_total: number
  flows: FlowRow[]; timeline: Timeline
}
export type LookupRow = { query: string; owner: Owner | null }
export type DataSetView = {
  key: string; name: string; version: string; date: string; licence: string; attribution: string; rows: number
}
export type PandoreSettings = {
  reference_pause_s: number; reference_rate_mib_s: number; reference_servers: number; weight_pause: number
  weight_rate: number; weight_servers: number; slope: number; harmonic: boolean
}
export type SettingsView = { language: string; theme: string; score_profile: string; pandore: PandoreSettings }
export type LiveUpdate = { revision: number; audits: AuditView[]; removed: number[]; show: number | null }
export type CommandError = { code: ErrorCode; message: string }
