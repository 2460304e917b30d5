//! Resource records of a DNS message, borrowed.

use super::Name;
use crate::{DissectError, Layer, Reader};
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
    /// Another type, or one whose octets are not as its type says; its number and octets.
    Other(u16, &'a [u8]),
}

impl<'a> RecordData<'a> {
    /// The texts of a TXT record; nothing for any other.
    pub fn texts(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let texts = if let Self::Txt(texts) = self { texts } else { &[][..] };
        vectors(texts)
    }
}

impl<'a> Record<'a> {
    /// Reads the record at `reader`, which began at the start of `message`, and passes over it.
    pub(super) fn read(message: &'a [u8], reader: &mut Reader<'a>, section: Section) -> Result<Self, DissectError> {
        let name = Name::read(message, reader)?;
        let (kind, class, ttl) = (reader.u16()?, reader.u16()?, reader.u32()?);
        let data = reader.sub_u16()?;
        let octets = data.rest();
        let data = record_data(kind, message, data).unwrap_or(RecordData::Other(kind, octets));
        let class = if matches!(data, RecordData::Opt) {
            class
        } else {
            class & 0x7fff
        };
        Ok(Self {
            section,
            name,
            class,
            ttl,
            data,
        })
    }
}

/// Type numbers (IANA "DNS Parameters") that are read.
mod kind {
    pub(super) const A: u16 = 1;
    pub(super) const CNAME: u16 = 5;
    pub(super) const PTR: u16 = 12;
    pub(super) const TXT: u16 = 16;
    pub(super) const AAAA: u16 = 28;
    pub(super) const SRV: u16 = 33;
    pub(super) const OPT: u16 = 41;
    pub(super) const SVCB: u16 = 64;
    pub(super) const HTTPS: u16 = 65;
}

/// What the octets of a record say; `None` where they are not as `kind` demands.
fn record_data<'a>(kind: u16, message: &'a [u8], data: Reader<'a>) -> Option<RecordData<'a>> {
    let mut r = data;
    let read = match kind {
        kind::A => RecordData::A(r.array::<4>().ok()?.into()),
        kind::AAAA => RecordData::Aaaa(r.array::<16>().ok()?.into()),
        kind::CNAME => RecordData::Cname(Name::read(message, &mut r).ok()?),
        kind::PTR => RecordData::Ptr(Name::read(message, &mut r).ok()?),
        kind::SRV => {
            r.skip(4).ok()?; // priority, weight
            RecordData::Srv {
                port: r.u16().ok()?,
                target: Name::read(message, &mut r).ok()?,
            }
        }
        kind::TXT => RecordData::Txt(r.take(r.len()).ok()?),
        kind::OPT => {
            r.skip(r.len()).ok()?;
            RecordData::Opt
        }
        kind::SVCB | kind::HTTPS => {
            let priority = r.u16().ok()?;
            let target = Name::read(message, &mut r).ok()?;
            let binding = ServiceBinding {
                priority,
                target,
                params: r.take(r.len()).ok()?,
            };
            if kind == kind::SVCB {
                RecordData::Svcb(binding)
            } else {
                RecordData::Https(binding)
            }
        }
        _ => return None,
    };
    r.is_empty().then_some(read)
}

/// An SVCB or HTTPS record (RFC 9460 section 2).
#[derive(Clone, Copy, Debug)]
pub struct ServiceBinding<'a> {
    /// 0: an alias of `target`; else the lower the better.
    pub priority: u16,
    /// Name of the endpoint; the root stands for the owner name itself.
    pub target: Name<'a>,
    params: &'a [u8],
}

impl<'a> ServiceBinding<'a> {
    /// Protocols offered (`alpn`), for instance `h3`, `h2`, `dot`.
    pub fn alpn(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        vectors(self.param(1).unwrap_or_default())
    }

    /// Addresses hinted (`ipv4hint`).
    pub fn ipv4_hints(&self) -> impl Iterator<Item = Ipv4Addr> + use<'a> {
        self.param(4)
            .unwrap_or_default()
            .as_chunks::<4>()
            .0
            .iter()
            .map(|octets| Ipv4Addr::from(*octets))
    }

    /// Addresses hinted (`ipv6hint`).
    pub fn ipv6_hints(&self) -> impl Iterator<Item = Ipv6Addr> + use<'a> {
        self.param(6)
            .unwrap_or_default()
            .as_chunks::<16>()
            .0
            .iter()
            .map(|octets| Ipv6Addr::from(*octets))
    }

    /// True when the endpoint publishes keys for Encrypted Client Hello (`ech`, RFC 9848).
    pub fn ech(&self) -> bool {
        self.param(5).is_some()
    }

    /// The value of one parameter (RFC 9460 section 14.3.2 numbers them).
    fn param(&self, wanted: u16) -> Option<&'a [u8]> {
        let mut r = Reader::new(Layer::Dns, self.params);
        while let (Ok(key), Ok(value)) = (r.u16(), r.vec_u16()) {
            if key == wanted {
                return Some(value);
            }
        }
        None
    }
}

/// Values that each stand behind a one-octet length; a cut one ends them.
fn vectors(octets: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut r = Reader::new(Layer::Dns, octets);
    std::iter::from_fn(move || r.vec_u8().ok())
}
