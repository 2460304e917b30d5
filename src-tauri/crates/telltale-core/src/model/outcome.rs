//! A whole audit as data: the summary that a first page needs, and the rows behind it.

use super::{
    App, AppReport, Counts, Coverage, Device, DeviceId, Endpoint, Flow, FlowId, Gap, LiveFacts, PandoreFacts, Purpose,
    PurposeGroup, Score, Server, Timestamp,
};
use serde::{Deserialize, Serialize};
use std::{net::IpAddr, sync::Arc};

/// First and last packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Span {
    /// Earliest time stamp.
    pub first: Timestamp,
    /// Latest time stamp.
    pub last: Timestamp,
}

/// Where the packets came from; the engine fills it in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct SourceFacts {
    /// File name without its folder.
    pub file: Option<String>,
    /// SHA-256 of the file as it lies on the disk, lower-case hex.
    pub sha256: Option<String>,
    /// Octets of the file.
    pub file_bytes: u64,
    /// `pcap` or `pcapng`, with `gzip` or `zstd` behind a plus sign when packed.
    pub format: String,
    /// Names of the link types seen.
    pub link_types: Vec<String>,
    /// Interfaces as the file names them.
    pub interfaces: Vec<String>,
    /// Where and why reading stopped before the end of the file, in plain English; `None` when all was read.
    pub stopped: Option<String>,
    /// Octet at which it stopped, within the unpacked file.
    pub stopped_at: Option<u64>,
    /// The user cancelled the reading: the audit covers a part of the file.
    pub cancelled: bool,
    /// How it was watched; `None` for an audit of a file.
    pub live: Option<LiveFacts>,
    /// Times of a live audit in which nothing could be seen, in order, at most [`crate::limits::MAX_GAPS_SHOWN`].
    pub gaps: Vec<Gap>,
}

/// Up and down over time, for all devices; `buckets` starts at `start` and has no holes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Timeline {
    /// Start of the first bucket.
    pub start: Timestamp,
    /// Width of a bucket in seconds; doubled whenever more than [`crate::limits::MAX_TIMELINE_BUCKETS`] would be needed.
    pub bucket_seconds: u32,
    /// Octets in each.
    pub buckets: Vec<Bucket>,
}

/// One step of a timeline: octets at IP level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Bucket {
    /// Sent by the devices.
    pub sent: u64,
    /// Received by the devices.
    pub received: u64,
    /// Packets, both ways.
    pub packets: u32,
}

/// A company and all its servers; `name` is `None` for what nobody could attribute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Company {
    /// Company, or the network's organisation when no company is known (then `by_network`).
    pub name: Option<Arc<str>>,
    /// Only the network's registration names it: the company that rents machines there may be another.
    pub by_network: bool,
    /// ISO 3166-1 code of its head office.
    pub home_country: Option<Arc<str>>,
    /// Purposes of its servers, most octets first.
    pub purposes: Vec<Purpose>,
    /// Worst group of these.
    pub group: PurposeGroup,
    /// Server rows.
    pub servers: u32,
    /// Flows.
    pub flows: u32,
    /// Octets sent to it.
    pub sent_bytes: u64,
    /// Octets received from it.
    pub received_bytes: u64,
}

/// One country of registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct CountryShare {
    /// ISO 3166-1 alpha-2; `None` where the table does not know.
    pub country: Option<Arc<str>>,
    /// Server rows.
    pub servers: u32,
    /// Octets sent.
    pub sent_bytes: u64,
    /// Octets received.
    pub received_bytes: u64,
}

/// One purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct PurposeShare {
    /// The purpose.
    pub purpose: Purpose,
    /// Companies with at least one such server.
    pub companies: u32,
    /// Server rows.
    pub servers: u32,
    /// Octets sent.
    pub sent_bytes: u64,
    /// Octets received.
    pub received_bytes: u64,
}

/// A server's first appearance, for "newest contacts".
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Contact {
    /// When it was first seen.
    pub at: Timestamp,
    /// Its name or address.
    pub name: Arc<str>,
    /// Company, if known.
    pub company: Option<Arc<str>>,
    /// Purpose.
    pub purpose: Purpose,
    /// Device that talked to it.
    pub device: DeviceId,
}

/// What a first page needs; small whatever the size of the capture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Summary {
    /// Where the packets came from.
    pub source: SourceFacts,
    /// First and last packet; `None` when there was none.
    pub span: Option<Span>,
    /// Counters.
    pub counts: Counts,
    /// How much could be named.
    pub coverage: Coverage,
    /// Audited devices.
    pub devices: Vec<Device>,
    /// Apps that the capture names.
    pub apps: Vec<App>,
    /// Server rows in all.
    pub servers: u32,
    /// Flows in all.
    pub flows: u32,
    /// Companies in all (rows of `companies` that have a name).
    pub company_count: u32,
    /// Companies whose servers measure or follow.
    pub tracker_companies: u32,
    /// Companies, most octets first, at most [`crate::limits::MAX_COMPANIES`].
    pub companies: Vec<Company>,
    /// Countries of registration, most octets first.
    pub countries: Vec<CountryShare>,
    /// Purposes, in the order of [`Purpose::ALL`], those that occur.
    pub purposes: Vec<PurposeShare>,
    /// Up and down over time.
    pub timeline: Timeline,
    /// Newest contacts, newest first, at most [`crate::limits::MAX_CONTACTS`].
    pub contacts: Vec<Contact>,
    /// What Pandore's formula needs.
    pub pandore: PandoreFacts,
    /// The default score.
    pub score: Score,
}

/// Which kind of DNS a name was learned from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum DnsKind {
    /// Unicast DNS.
    Dns,
    /// Multicast DNS.
    Mdns,
    /// LLMNR.
    Llmnr,
}

/// A name and the addresses that DNS gave for it, CNAME chains followed; one row a name, kind and asking device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct DnsAnswer {
    /// Name asked for, lower case, without the last dot.
    pub name: Arc<str>,
    /// Kind.
    pub kind: DnsKind,
    /// Addresses, sorted.
    #[cfg_attr(feature = "specta", specta(type = Vec<String>))]
    pub addresses: Vec<IpAddr>,
    /// Names passed on the way (CNAME), in order.
    pub aliases: Vec<Arc<str>>,
    /// Who asked (the receiver of the answer).
    pub device: Option<DeviceId>,
    /// When the first answer came.
    pub first: Timestamp,
    /// When the last answer came.
    pub last: Timestamp,
}

/// How a `ClientHello` travelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum HelloVia {
    /// TLS over TCP.
    Tls,
    /// IETF QUIC.
    Quic,
    /// Google QUIC.
    Gquic,
    /// DTLS.
    Dtls,
}

/// One `ClientHello`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Hello {
    /// How it travelled.
    pub via: HelloVia,
    /// Server name; `None` when none was sent.
    pub sni: Option<Arc<str>>,
    /// Who it was sent to.
    pub server: Endpoint,
    /// ALPN values offered, in order.
    pub alpn: Vec<Arc<str>>,
    /// JA4 (not for Google QUIC, which has no TLS hello).
    pub ja4: Option<Arc<str>>,
    /// Encrypted `ClientHello` present (extension 0xfe0d, not GREASE as far as can be told).
    pub ech: bool,
    /// The flow that carried it.
    pub flow: FlowId,
    /// When its last octet came.
    pub at: Timestamp,
}

/// One host that was asked in clear-text HTTP/1, with what the first such request said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct HttpHost {
    /// `Host` header (or the host of an absolute target), lower case, port kept as sent.
    pub host: Arc<str>,
    /// Who was asked.
    pub server: Endpoint,
    /// `User-Agent` of the first request.
    pub user_agent: Option<Arc<str>>,
    /// Requests with this host to this server.
    pub requests: u32,
    /// The flow of the first request.
    pub flow: FlowId,
    /// When the first came.
    pub first: Timestamp,
}

/// A whole audit: what is stored, exported and compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The first page.
    pub summary: Summary,
    /// All flows, by id.
    pub flows: Vec<Flow>,
    /// All server rows, by id.
    pub servers: Vec<Server>,
    /// DNS answers, by time of first answer.
    pub dns: Vec<DnsAnswer>,
    /// Hellos, in order of time.
    pub hellos: Vec<Hello>,
    /// Clear-text hosts.
    pub http_hosts: Vec<HttpHost>,
    /// The phone's own report of its apps, where one was imported; no packet says any of it.
    pub apps_imported: Option<AppReport>,
}
