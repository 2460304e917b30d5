//! HTTP/1 heads (RFC 9112) in clear text: which host was asked for, and what the asking program calls itself.
//!
//! Called by `telltale-core` with the start of a stream (or of a message, when requests follow one another), and with
//! SSDP's datagrams, which have the same form. Never here: bodies, cookies' values, or a stream's state.

use crate::{DissectError, ErrorKind, Layer};

/// Header fields of one head that are read; later ones are passed over. Browsers send under 40.
pub const MAX_FIELDS: usize = 128;

/// The head of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestHead<'a> {
    /// Method, for instance `GET`.
    pub method: &'a str,
    /// Request target as sent: a path, a whole URL (to a proxy), `*`, or `host:port` (of CONNECT).
    pub target: &'a str,
    /// Host asked for, with its port if one was given: of the target where that names it (RFC 9112 section 3.2.2), else
    /// the `Host` field.
    pub host: Option<&'a str>,
    /// `User-Agent`.
    pub user_agent: Option<&'a [u8]>,
    /// Octets of the body, where `Content-Length` tells.
    pub content_length: Option<u64>,
    /// The body comes in chunks, its length is unknown.
    pub chunked: bool,
    /// The connection changes its protocol after this request, if the server agrees (`CONNECT`, `Upgrade`).
    pub upgrade: bool,
    /// Octets of the head, with the empty line; 0 while the head is not whole.
    pub head_len: usize,
}

/// Reads a whole request head.
///
/// # Errors
/// Truncated while the head goes on behind `stream`; malformed where this is no HTTP/1 request.
pub fn request_head(stream: &[u8]) -> Result<RequestHead<'_>, DissectError> {
    let _ = stream;
    Err(DissectError {
        layer: Layer::Http,
        offset: 0,
        kind: ErrorKind::Malformed("not a request"),
    })
}

/// What there is of a head that will not become whole (cut by the snap length, segments lost, longer than the caller keeps).
/// `None` when the request line is not whole or this is no HTTP/1 request.
pub fn request_head_so_far(stream: &[u8]) -> Option<RequestHead<'_>> {
    let _ = stream;
    None
}

/// Cheap test of a stream's first octets: a known method and a space. False positives: other text protocols that begin
/// with these words (RTSP's OPTIONS; SIP's too), which [`request_head`] refuses by the version.
pub fn looks_like_request(stream: &[u8]) -> bool {
    let _ = stream;
    false
}

/// The status code of a response's first line (RFC 9112 section 4), where `stream` begins with one.
pub fn response_status(stream: &[u8]) -> Option<u16> {
    let _ = stream;
    None
}

/// True when `stream` begins with the client's HTTP/2 preface (RFC 9113 section 3.4).
pub fn is_http2_preface(stream: &[u8]) -> bool {
    let _ = stream;
    false
}
