//! Takes whole handshake messages out of TLS records.
//!
//! Called by whoever holds the start of a stream. Never here: what a message says.

use super::{ClientHello, Version};
use crate::{DissectError, Layer, reader::Reader};

/// Handshake messages longer than this are not waited for. A `ClientHello` with post-quantum keys and a ticket stays below
/// 4 kB, a certificate chain below 20 kB; the length field would allow 16 MB of a stranger's choosing.
pub const MAX_MESSAGE_LEN: usize = 65_535;

/// Octets that a record may hold: 2^14, and what encryption adds at most (RFC 5246 section 6.2.3).
const MAX_RECORD_LEN: u16 = 16_384 + 2_048;

/// Type of a handshake message (IANA "TLS `HandshakeType`"). A newtype, since files hold any number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HandshakeKind(pub u8);

impl HandshakeKind {
    /// `ClientHello`.
    pub const CLIENT_HELLO: Self = Self(1);
    /// `ServerHello` or `HelloRetryRequest`.
    pub const SERVER_HELLO: Self = Self(2);
    /// DTLS's `HelloVerifyRequest`.
    pub const HELLO_VERIFY_REQUEST: Self = Self(3);
    /// `Certificate`.
    pub const CERTIFICATE: Self = Self(11);
    /// `ServerKeyExchange`, up to TLS 1.2.
    pub const SERVER_KEY_EXCHANGE: Self = Self(12);
    /// `ServerHelloDone`, up to TLS 1.2.
    pub const SERVER_HELLO_DONE: Self = Self(14);
}

/// One whole handshake message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handshake<'a> {
    /// What the message is.
    pub kind: HandshakeKind,
    /// Octets behind the four octets of type and length (of an SSL 2.0 hello: behind the two octets of length).
    pub body: &'a [u8],
    /// The hello is written in SSL 2.0's form (RFC 5246 appendix E.2), as clients did until about 2010.
    pub ssl_2: bool,
}

impl<'a> Handshake<'a> {
    /// The message as a `ClientHello`; `None` when it is another message.
    pub fn client_hello(&self) -> Option<Result<ClientHello<'a>, DissectError>> {
        (self.kind == HandshakeKind::CLIENT_HELLO).then(|| {
            if self.ssl_2 {
                ClientHello::parse_ssl_2(self.body)
            } else {
                ClientHello::parse(self.body)
            }
        })
    }
}

/// What [`Handshakes::next`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// A whole message; ask again for the next one.
    Message(Handshake<'a>),
    /// It is TLS so far, and the next message has not arrived wholly: ask again when the stream has grown. `begun` are the
    /// octets of that message behind its type and length which lie in the record at the end of the stream, for a reader who will get
    /// no more ([`ClientHello::parse_beginning`]); empty when nothing is known of it.
    Incomplete {
        /// Type of the message that has begun, when its first octet is there.
        kind: Option<HandshakeKind>,
        /// What is there of its body.
        begun: &'a [u8],
    },
    /// It is TLS, and no message in the clear follows: encryption, application data or an alert has begun, or the message is
    /// longer than [`MAX_MESSAGE_LEN`].
    Ended,
    /// The octets are no TLS records. Everything found before still stands.
    NotTls,
}

/// A place in a stream of TLS records: 24 octets, kept beside the stream. Each call gets the same stream from its start, as far as it has grown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Handshakes {
    /// Octets from the start of the stream to the record in which the next message starts.
    record: usize,
    /// Octets of that record's content that are read.
    within: usize,
    /// A `ChangeCipherSpec` has passed: only a hello can still be in the clear (middlebox compatibility, RFC 8446 appendix D.4).
    changed_cipher: bool,
}
