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

/// The server's own certificate (DER) in the body of a `Certificate` message up to TLS 1.2 (RFC 5246 section 7.4.2: the
/// sender's comes first); `None` when the list is empty, as an anonymous client's is.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    /// RFC 8448 section 3.
    fn rfc_8448() -> Vec<u8> {
        let mut body = vec![3, 3];
        body.extend([0xa6; 32]);
        body.extend([0, 0x13, 0x01, 0, 0, 0x2e, 0, 0x33, 0, 0x24, 0, 0x1d, 0, 0x20]);
        body.extend([0xc9; 32]);
        body.extend([0, 0x2b, 0, 2, 3, 4]);
        body
    }

    #[test]
    fn the_version_is_that_of_the_extension() {
        let body = rfc_8448();
        let hello = ServerHello::parse(&body).unwrap();
        assert_eq!((hello.version, hello.cipher_suite), (Version::TLS_1_3, 0x1301));
        assert!(hello.version.is_1_3() && !hello.is_hello_retry_request && hello.alpn.is_none());
    }

    #[test]
    fn every_truncation_is_an_error() {
        let body = rfc_8448();
        for len in (0..body.len()).filter(|len| *len != 38) {
            let error = ServerHello::parse(&body[..len]).unwrap_err();
            assert!(matches!(error.kind, ErrorKind::Truncated { .. }), "{len}");
        }
        assert_eq!(ServerHello::parse(&body[..38]).unwrap().version, Version::TLS_1_2);
    }

    #[test]
    fn a_hello_retry_request_is_told_by_its_random() {
        let mut body = rfc_8448();
        body[2..34].copy_from_slice(&HELLO_RETRY_REQUEST);
        assert!(ServerHello::parse(&body).unwrap().is_hello_retry_request);
        let sum = ring::digest::digest(&ring::digest::SHA256, b"HelloRetryRequest");
        assert_eq!(sum.as_ref(), HELLO_RETRY_REQUEST);
    }

    #[test]
    fn a_tls_1_2_server_names_the_protocol() {
        let body = [
            &[3, 3][..],
            &[1; 32],
            &[0, 0xc0, 0x2f, 0, 0, 9, 0, 16, 0, 5, 0, 3, 2, b'h', b'2'],
        ]
        .concat();
        let hello = ServerHello::parse(&body).unwrap();
        assert_eq!((hello.version, hello.alpn), (Version::TLS_1_2, Some(&b"h2"[..])));
    }

    #[test]
    fn a_session_id_longer_than_32_octets_is_refused() {
        let body = [&[3, 3][..], &[1; 32], &[33], &[2; 33], &[0xc0, 0x2f, 0]].concat();
        assert!(matches!(
            ServerHello::parse(&body).unwrap_err().kind,
            ErrorKind::Malformed(_)
        ));
    }

    #[test]
    fn the_first_certificate_is_the_servers() {
        let body = [0, 0, 10, 0, 0, 3, 1, 2, 3, 0, 0, 1, 9];
        assert_eq!(first_certificate(&body), Ok(Some(&[1, 2, 3][..])));
        assert_eq!(first_certificate(&[0, 0, 0]), Ok(None));
        for len in 0..body.len() {
            assert!(first_certificate(&body[..len]).is_err(), "{len}");
        }
        let error = first_certificate(&[0, 0, 4, 0, 0, 9, 1]).unwrap_err();
        assert_eq!(error.offset, 6);
    }
}
