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
    /// Truncated under 12 octets; unsupported where the operation is none that exists: then it is hardly DNS.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, DissectError> {
        let mut r = Reader::new(Layer::Dns, bytes);
        let message = Self {
            bytes,
            id: r.u16()?,
            flags: Flags(r.u16()?),
            questions: r.u16()?,
            answers: r.u16()?,
            authorities: r.u16()?,
            additionals: r.u16()?,
        };
        match message.flags.opcode() {
            0..=2 | 4..=6 => Ok(message),
            opcode => Err(r.unsupported(u32::from(opcode))),
        }
    }

    /// The questions, in order; an error ends them.
    pub fn questions(&self) -> impl Iterator<Item = Result<Question<'a>, DissectError>> + use<'a> {
        let message = *self;
        let (mut reader, mut left) = (message.behind_header(), message.questions);
        std::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            let question = Question::read(message.bytes, &mut reader);
            if question.is_err() {
                left = 0;
            }
            Some(question)
        })
    }

    /// All records of the answer, authority and additional sections, in order; an error (a cut or broken message) ends them.
    pub fn records(&self) -> impl Iterator<Item = Result<Record<'a>, DissectError>> + use<'a> {
        let message = *self;
        let mut reader = message.behind_header();
        let mut sections = [
            (Section::Answer, message.answers),
            (Section::Authority, message.authorities),
            (Section::Additional, message.additionals),
        ];
        let mut questions = message.questions;
        std::iter::from_fn(move || {
            while let Some(left) = questions.checked_sub(1) {
                questions = left;
                if let Err(error) = Question::read(message.bytes, &mut reader) {
                    (questions, sections) = (0, sections.map(|(section, _)| (section, 0)));
                    return Some(Err(error));
                }
            }
            let (section, left) = sections.iter_mut().find(|(_, left)| *left > 0)?;
            *left = left.saturating_sub(1);
            let record = Record::read(message.bytes, &mut reader, *section);
            if record.is_err() {
                sections = sections.map(|(section, _)| (section, 0));
            }
            Some(record)
        })
    }

    fn behind_header(&self) -> Reader<'a> {
        let mut reader = Reader::new(Layer::Dns, self.bytes);
        let _ = reader.skip(HEADER_LEN); // parsed before, so it is there
        reader
    }
}

impl<'a> Question<'a> {
    fn read(message: &'a [u8], reader: &mut Reader<'a>) -> Result<Self, DissectError> {
        let name = Name::read(message, reader)?;
        Ok(Self {
            name,
            kind: reader.u16()?,
            class: reader.u16()? & 0x7fff,
        })
    }
}

/// Octets of the header.
const HEADER_LEN: usize = 12;

/// The messages of a DNS stream over TCP or TLS, each behind a two-octet length (RFC 7766 section 8), and only whole ones.
/// With each message comes the number of octets of the stream up to its end, for a caller that keeps the rest.
pub fn tcp_messages(stream: &[u8]) -> impl Iterator<Item = (&[u8], usize)> {
    let mut r = Reader::new(Layer::Dns, stream);
    std::iter::from_fn(move || {
        let message = r.vec_u16().ok()?;
        Some((message, stream.len().saturating_sub(r.len())))
    })
}

#[cfg(test)]
mod tests;
