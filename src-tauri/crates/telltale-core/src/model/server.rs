//! Servers: one row for each name (or nameless address) that a device talked to.

use super::{Basis, DeviceId, NameSource, Purpose, Timestamp};
use serde::{Deserialize, Serialize};
use std::{net::IpAddr, sync::Arc};

/// Number of a server row within its audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(transparent)]
pub struct ServerId(pub u32);

/// What a table says of a server, and which table: the catalogue, a list, or the network registration.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Claim {
    /// The set that says so: `catalogue`, or the key of a set in the data manifest (`third-party-web`, `adguard`, `asn`, `country`).
    pub set: Arc<str>,
    /// What it was matched by: the domain pattern, address range or AS number.
    pub matched: Arc<str>,
    /// How sure that is; what a set says is at most *reputed*.
    pub basis: Basis,
}

/// Who is behind a name or an address: what [`crate::enrich`] found. Fields that nobody knows are `None`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Owner {
    /// Registrable domain of the name (eTLD+1, by the public suffix list).
    pub registrable_domain: Option<Arc<str>>,
    /// Company behind it, as people know it.
    pub company: Option<Arc<str>>,
    /// The company that owns that one, where the catalogue knows it.
    pub parent: Option<Arc<str>>,
    /// ISO 3166-1 code of the company's head office.
    pub home_country: Option<Arc<str>>,
    /// What people call it (YouTube, Firebase Analytics).
    pub service: Option<Arc<str>>,
    /// What it is there for.
    pub purpose: Purpose,
    /// One plain sentence on what it does, in English.
    pub what_en: Option<Arc<str>>,
    /// The same in French.
    pub what_fr: Option<Arc<str>>,
    /// How the catalogue knows, `kind: text`.
    pub how: Option<Arc<str>>,
    /// Whether it measures or follows people (by purpose, or by a list).
    pub tracker: bool,
    /// Number of the network (autonomous system) that the address is in.
    pub as_number: Option<u32>,
    /// Organisation that runs that network.
    pub organisation: Option<Arc<str>>,
    /// ISO 3166-1 code of the country in which the network is registered; not where the machine stands.
    pub country: Option<Arc<str>>,
    /// Which sets said so, best first.
    pub claims: Vec<Claim>,
}

/// One name (or nameless address) that one device talked to: its flows added up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Server {
    /// Its number.
    pub id: ServerId,
    /// The device that talked to it.
    pub device: DeviceId,
    /// Its name; `None` when only the address is known.
    pub name: Option<Arc<str>>,
    /// Best source of that name.
    pub name_source: Option<NameSource>,
    /// Addresses that served it, in order of appearance, at most [`crate::limits::MAX_SERVER_ADDRESSES`].
    #[cfg_attr(feature = "specta", specta(type = Vec<String>))]
    pub addresses: Vec<IpAddr>,
    /// Who is behind it.
    pub owner: Arc<Owner>,
    /// The address is on the same local network as the device (printer, router).
    pub local: bool,
    /// Octets at IP level that the device sent.
    pub sent_bytes: u64,
    /// Octets at IP level that the device received.
    pub received_bytes: u64,
    /// Packets that the device sent.
    pub sent_packets: u64,
    /// Packets that the device received.
    pub received_packets: u64,
    /// Flows.
    pub flows: u32,
    /// Octets of these flows that went in clear text.
    pub clear_text_bytes: u64,
    /// Time of the first packet.
    pub first: Timestamp,
    /// Time of the last packet.
    pub last: Timestamp,
}
