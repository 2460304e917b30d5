//! What a server says in the clear: its `ServerHello`, and up to TLS 1.2 its certificate.
//!
//! Called with whole messages of [`super::Handshakes`]. Never here: what a certificate says ([`crate::certificate`]).

use super::Version;
use crate::{DissectError, Layer, reader::Reader};

/// The parts of a `ServerHello` that say what was agreed (RFC 8446 section 4.1.3, RFC 5246 section 7.4.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerHello<'a> {
    /// The version agreed: `supported_versions` where it is answered, the version field otherwise.
    pub version: Version,
    /// The cipher suite chosen (IANA number).
    pub cipher_suite: u16,
    /// The application protocol chosen, which only servers up to TLS 1.2 say in the clear.
    pub alpn: Option<&'a [u8]>,
    /// The server asks for a second `ClientHello` (RFC 8446 section 4.1.4).
    pub is_hello_retry_request: bool,
}

impl<'a> ServerHello<'a> {
    /// Reads the body of a `ServerHello` message, of TLS or DTLS.
    ///
    /// # Errors
    /// Truncated or malformed as the field says.
    pub fn parse(body: &'a [u8]) -> Result<Self, DissectError> {
        let mut r = Reader::new(Layer::Tls, body);
        let legacy_version = Version(r.u16()?);
        let random = r.array::<32>()?;
        // TLS 1.3's drafts up to 21 wrote their own version here and left the two unused fields away.
        let is_early_draft = legacy_version.0 >> 8 == 0x7f;
        if !is_early_draft && r.vec_u8()?.len() > 32 {
            return Err(r.malformed("a session id has at most 32 octets"));
        }
        let cipher_suite = r.u16()?;
        if !is_early_draft {
            r.skip(1)?; // compression method
        }
        let mut hello = Self {
            version: legacy_version,
            cipher_suite,
            alpn: None,
            is_hello_retry_request: random == HELLO_RETRY_REQUEST,
        };
        if r.is_empty() {
            return Ok(hello); // up to TLS 1.2 extensions are optional
        }
        let mut extensions = r.sub_u16()?;
        while !extensions.is_empty() {
            let kind = extensions.u16()?;
            let mut content = extensions.sub_u16()?;
            match kind {
                43 => hello.version = Version(content.u16()?),
                16 => hello.alpn = Some(content.sub_u16()?.vec_u8()?),
                _ => {}
            }
        }
        Ok(hello)
    }
}

/// The server's own certificate (DER) in the body of a `Certificate` message up to TLS 1.2 (RFC 5246 section 7.4.2: the sender's
/// comes first); `None` when the list is empty, as an anonymous client's is.
///
/// # Errors
/// Truncated, when a length points behind the message's end.
pub fn first_certificate(body: &[u8]) -> Result<Option<&[u8]>, DissectError> {
    let mut r = Reader::new(Layer::Tls, body);
    let list = r.vec_u24()?;
    if list.is_empty() {
        return Ok(None);
    }
    Reader::at_offset(Layer::Tls, list, 3).vec_u24().map(Some)
}

/// The random of a `ServerHello` that is a `HelloRetryRequest`: SHA-256 of that word (RFC 8446 section 4.1.3).
const HELLO_RETRY_REQUEST: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11,
    0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];
