//! TLS as far as it is sent in the clear: record framing, the hellos, and the server's certificate up to TLS 1.2.
//!
//! Called by `telltale-core` with the start of a stream put back together (and by [`crate::quic`] and [`crate::dtls`]
//! readers with a hello that lay elsewhere). Never here: keys, decryption, or the octets of a stream between two calls.
//! Sources: RFC 8446 (TLS 1.3), RFC 5246 (1.2), RFC 6066 (SNI), RFC 7301 (ALPN), RFC 9849 (ECH), RFC 8701 (GREASE).

mod client_hello;
mod record;
mod server;

pub use client_hello::{ClientHello, Ech, EchCipherSuite, Extension, ExtensionKind, Extensions, Names, Numbers};
pub use record::{Handshake, HandshakeKind, Handshakes, MAX_MESSAGE_LEN, Step, looks_like_record};
pub use server::{ServerHello, first_certificate};

/// A protocol version as it is written on the wire: 0x0303 is TLS 1.2, 0x0304 TLS 1.3, 0xfefd DTLS 1.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Version(pub u16);

impl Version {
    /// SSL 2.0.
    pub const SSL_2: Self = Self(0x0002);
    /// SSL 3.0.
    pub const SSL_3: Self = Self(0x0300);
    /// TLS 1.0.
    pub const TLS_1_0: Self = Self(0x0301);
    /// TLS 1.1.
    pub const TLS_1_1: Self = Self(0x0302);
    /// TLS 1.2.
    pub const TLS_1_2: Self = Self(0x0303);
    /// TLS 1.3.
    pub const TLS_1_3: Self = Self(0x0304);
    /// DTLS 1.0.
    pub const DTLS_1_0: Self = Self(0xfeff);
    /// DTLS 1.2.
    pub const DTLS_1_2: Self = Self(0xfefd);
    /// DTLS 1.3.
    pub const DTLS_1_3: Self = Self(0xfefc);

    /// TLS 1.3, DTLS 1.3, or one of TLS 1.3's drafts: what follows the `ServerHello` is encrypted.
    pub const fn is_1_3(self) -> bool {
        matches!(self.0, 0x0304 | 0xfefc | 0x7f00..=0x7fff | 0xfb17..=0xfb1a)
    }
}

/// A number that clients send to keep servers tolerant, and that means nothing (RFC 8701 section 2).
pub const fn is_grease(value: u16) -> bool {
    let [high, low] = value.to_be_bytes();
    high == low && low & 0x0f == 0x0a
}
