//! DTLS records and the fragments of handshake messages in them (RFC 6347, RFC 9147, connection ids: RFC 9146).
//!
//! Called by `telltale-core` with single datagrams; it puts a hello's fragments together (as it does QUIC's CRYPTO octets) and gives the
//! body to [`ClientHello::parse_dtls`](crate::tls::ClientHello::parse_dtls). Never here: anything kept between two datagrams.

use crate::tls::{HandshakeKind, Version};
use crate::{DissectError, Layer, reader::Reader};

/// One record of a datagram.
#[derive(Clone, Copy, Debug)]
pub enum Record<'a> {
    /// A record in the clear that holds handshake messages or parts of them.
    Handshake {
        /// Version of the record, which is no promise: first hellos say DTLS 1.0.
        version: Version,
        /// Its content; see [`fragments`].
        content: &'a [u8],
    },
    /// An alert in the clear: level and description (RFC 5246 section 7.2).
    Alert {
        /// 1 warning, 2 fatal.
        level: u8,
        /// What is wrong (IANA "TLS Alerts").
        description: u8,
    },
    /// `ChangeCipherSpec`: what follows in this direction is encrypted.
    ChangeCipherSpec,
    /// Encrypted, of DTLS up to 1.2, or with a connection id, or with DTLS 1.3's short header.
    Encrypted,
}

/// A handshake message or a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment<'a> {
    /// What the message is.
    pub kind: HandshakeKind,
    /// Octets of the whole message's body.
    pub message_len: u32,
    /// Number of the message in its direction; a hello is 0, the one with the cookie 1.
    pub message_sequence: u16,
    /// Octets of the body before this part.
    pub offset: u32,
    /// This part of the body.
    pub octets: &'a [u8],
}

impl Fragment<'_> {
    /// True when the fragment is the whole message.
    pub fn is_whole(&self) -> bool {
        self.offset == 0 && u32::try_from(self.octets.len()) == Ok(self.message_len)
    }
}

/// The records of a datagram. Ends after an error.
pub const fn records(datagram: &[u8]) -> Records<'_> {
    Records {
        rest: datagram,
        offset: 0,
    }
}

/// The handshake messages and parts of messages in a record's content. Ends after an error.
pub const fn fragments(content: &[u8]) -> Fragments<'_> {
    Fragments {
        rest: content,
        offset: 0,
    }
}

/// True when `datagram` starts with a record header of DTLS 1.0 to 1.3 in the clear (or a record with a connection id). Cheap; rarely
/// true of other UDP. DTLS 1.3's short header is too short to know: it counts only in a flow that began with a hello.
pub fn looks_like_record(datagram: &[u8]) -> bool {
    let _ = datagram;
    todo!()
}

/// Iterator of [`records`].
#[derive(Clone, Copy, Debug)]
pub struct Records<'a> {
    rest: &'a [u8],
    offset: u32,
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, DissectError>;

    fn next(&mut self) -> Option<Self::Item> {
        let _ = Reader::at_offset(Layer::Dtls, self.rest, self.offset);
        todo!()
    }
}

/// Iterator of [`fragments`].
#[derive(Clone, Copy, Debug)]
pub struct Fragments<'a> {
    rest: &'a [u8],
    offset: u32,
}

impl<'a> Iterator for Fragments<'a> {
    type Item = Result<Fragment<'a>, DissectError>;

    fn next(&mut self) -> Option<Self::Item> {
        let _ = Reader::at_offset(Layer::Dtls, self.rest, self.offset);
        todo!()
    }
}
