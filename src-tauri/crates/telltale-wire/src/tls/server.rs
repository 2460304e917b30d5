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
