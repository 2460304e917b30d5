//! JA4: a short fingerprint of a client's TLS library, out of its hello.
//!
//! Only JA4 for TLS clients, which its authors (`FoxIO`) gave under the BSD 3-clause licence; nothing of JA4+ (other licence) may come here.
//! Source: <https://github.com/FoxIO-LLC/ja4/blob/main/technical_details/JA4.md>.

use crate::tls::ClientHello;
use std::fmt;

/// A fingerprint such as `t13d1516h2_8daaf6152771_e5627efa2ab1`: 36 ASCII characters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ja4([u8; 36]);

/// What carried the hello.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// TLS over TCP, `t`.
    Tcp,
    /// QUIC, `q`.
    Quic,
    /// DTLS, `d`.
    Dtls,
}

/// Cipher suites, and extensions, that a fingerprinted hello may have at most. The registries hold some 370 suites and 70
/// extensions; the list must be sorted without the heap, and a stranger may send 32,767.
pub const MAX_NUMBERS: usize = 512;

impl Ja4 {
    /// The fingerprint of a hello; `None` when the hello is not whole or has more than [`MAX_NUMBERS`] of a kind.
    pub fn of(hello: &ClientHello<'_>, carrier: Carrier) -> Option<Self> {
        let _ = (hello, carrier);
        todo!()
    }

    /// The characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Ja4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Ja4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ja4({self})")
    }
}
