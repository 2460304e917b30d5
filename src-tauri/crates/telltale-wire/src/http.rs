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
    /// the `Host` field; that also where the target only has an address.
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

/// Reads a whole request head. Header lines that are no header are passed over, as servers do.
///
/// # Errors
/// Truncated while the head goes on behind `stream`; malformed where this is no HTTP/1 request.
pub fn request_head(stream: &[u8]) -> Result<RequestHead<'_>, DissectError> {
    let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
    let mut request = httparse::Request::new(&mut fields);
    let head_len = match parse(stream, &mut request) {
        Ok(httparse::Status::Complete(len)) => len,
        Ok(httparse::Status::Partial) => return Err(incomplete(stream)),
        Err(httparse::Error::TooManyHeaders) => end_of_head(stream).ok_or_else(|| incomplete(stream))?,
        Err(error) => return Err(not_http(error)),
    };
    head(&request, head_len).ok_or_else(|| not_http(httparse::Error::Version))
}

/// What there is of a head that will not become whole (cut by the snap length, segments lost, longer than the caller keeps).
/// `None` when the request line is not whole or this is no HTTP/1 request.
pub fn request_head_so_far(stream: &[u8]) -> Option<RequestHead<'_>> {
    let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
    let mut request = httparse::Request::new(&mut fields);
    match parse(stream, &mut request) {
        Ok(httparse::Status::Complete(len)) => head(&request, len),
        Ok(httparse::Status::Partial) | Err(httparse::Error::TooManyHeaders) => head(&request, 0),
        Err(_) => None,
    }
}

/// Methods that open a request: RFC 9110, PATCH, those of `WebDAV` that phones' calendars use, and those of `UPnP`.
const METHODS: [&[u8]; 15] = [
    b"GET ",
    b"POST ",
    b"HEAD ",
    b"PUT ",
    b"DELETE ",
    b"OPTIONS ",
    b"CONNECT ",
    b"PATCH ",
    b"TRACE ",
    b"PROPFIND ",
    b"REPORT ",
    b"M-SEARCH ",
    b"NOTIFY ",
    b"SUBSCRIBE ",
    b"UNSUBSCRIBE ",
];

/// Cheap test of a stream's first octets: a known method and a space, or the beginning of that. False positives: other text
/// protocols that begin with these words (RTSP's OPTIONS; SIP's too), which [`request_head`] refuses by the version.
#[inline]
pub fn looks_like_request(stream: &[u8]) -> bool {
    stream.first().is_some_and(u8::is_ascii_uppercase)
        && METHODS
            .iter()
            .any(|method| stream.starts_with(method) || method.starts_with(stream))
}

/// The status code of a response's first line (RFC 9112 section 4), where `stream` begins with one.
#[inline]
pub fn response_status(stream: &[u8]) -> Option<u16> {
    let [major_minor, b' ', a, b, c, ..] = stream.strip_prefix(b"HTTP/1.")? else {
        return None;
    };
    let code = std::str::from_utf8(&[*a, *b, *c]).ok()?.parse().ok()?;
    (major_minor.is_ascii_digit() && (100..1000).contains(&code)).then_some(code)
}

/// True when `stream` begins with the client's HTTP/2 preface (RFC 9113 section 3.4).
#[inline]
pub fn is_http2_preface(stream: &[u8]) -> bool {
    stream.starts_with(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
}

fn parse<'a>(stream: &'a [u8], request: &mut httparse::Request<'_, 'a>) -> httparse::Result<usize> {
    httparse::ParserConfig::default()
        .allow_multiple_spaces_in_request_line_delimiters(true)
        .ignore_invalid_headers_in_requests(true)
        .parse_request(request, stream)
}

/// The fields that Telltale tells; `None` before the request line was whole.
fn head<'a>(request: &httparse::Request<'_, 'a>, head_len: usize) -> Option<RequestHead<'a>> {
    request.version?;
    let (method, target) = (request.method?, request.path?);
    let mut head = RequestHead {
        method,
        target,
        host: None,
        user_agent: None,
        content_length: None,
        chunked: false,
        upgrade: method == "CONNECT",
        head_len,
    };
    for field in request.headers.iter().take_while(|field| !field.name.is_empty()) {
        let is = |name| field.name.eq_ignore_ascii_case(name);
        if is("Host") {
            // The first one: a second is an error or an attack (RFC 9112 section 3.2).
            head.host = head.host.or_else(|| text(field.value));
        } else if is("User-Agent") {
            head.user_agent = Some(field.value);
        } else if is("Content-Length") {
            head.content_length = text(field.value).and_then(|value| value.parse().ok());
        } else if is("Transfer-Encoding") {
            head.chunked |= field.value.to_ascii_lowercase().ends_with(b"chunked");
        } else if is("Upgrade") {
            head.upgrade = true;
        }
    }
    let by_target = target_host(method, target);
    // To a proxy some apps give the address that they looked up, and the name beside it: the name says more.
    let keeps_name = by_target.is_some_and(is_address) && head.host.is_some_and(|host| !is_address(host));
    if !keeps_name {
        head.host = by_target.or(head.host);
    }
    Some(head)
}

/// Whether a host, with or without port, is an address rather than a name.
fn is_address(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    host.starts_with('[') || name.parse::<std::net::Ipv4Addr>().is_ok()
}

/// Host and port in the target: of CONNECT all of it, of a whole URL what stands between `//` and the path, without a
/// user's name.
fn target_host<'a>(method: &str, target: &'a str) -> Option<&'a str> {
    let authority = if method == "CONNECT" {
        target
    } else {
        let (scheme, rest) = target.split_once("://")?;
        if !scheme.bytes().all(|octet| octet.is_ascii_alphanumeric()) {
            return None; // a path with a URL inside
        }
        rest.split(['/', '?', '#']).next()?
    };
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    (!host.is_empty()).then_some(host)
}

fn text(value: &[u8]) -> Option<&str> {
    std::str::from_utf8(value.trim_ascii())
        .ok()
        .filter(|value| !value.is_empty())
}

/// Octets up to and with the empty line.
fn end_of_head(stream: &[u8]) -> Option<usize> {
    let (at, len) = [&b"\r\n\r\n"[..], b"\n\n"]
        .into_iter()
        .filter_map(|line| {
            Some((
                stream.windows(line.len()).position(|window| window == line)?,
                line.len(),
            ))
        })
        .min()?;
    at.checked_add(len)
}

fn incomplete(stream: &[u8]) -> DissectError {
    let have = u32::try_from(stream.len()).unwrap_or(u32::MAX);
    let kind = ErrorKind::Truncated {
        need: have.saturating_add(1),
        have,
    };
    DissectError {
        layer: Layer::Http,
        offset: 0,
        kind,
    }
}

fn not_http(error: httparse::Error) -> DissectError {
    let rule = match error {
        httparse::Error::Version => "the request line ends with HTTP/1.0 or HTTP/1.1",
        httparse::Error::Token => "a method and a target begin the head",
        _ => "header fields have names and values",
    };
    DissectError {
        layer: Layer::Http,
        offset: 0,
        kind: ErrorKind::Malformed(rule),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GET: &[u8] = b"GET /a?b HTTP/1.1\r\nHost: www.Example.com:8080\r\nUser-Agent: Dalvik/2.1\r\n\r\nbody";

    #[test]
    fn a_request_tells_host_and_agent() {
        let head = request_head(GET).unwrap();
        assert_eq!((head.method, head.target), ("GET", "/a?b"));
        assert_eq!(head.host, Some("www.Example.com:8080"));
        assert_eq!(head.user_agent, Some(&b"Dalvik/2.1"[..]));
        assert_eq!((head.content_length, head.chunked, head.upgrade), (None, false, false));
        assert_eq!(&GET[head.head_len..], b"body");
    }

    #[test]
    fn every_prefix_is_incomplete_and_never_wrong() {
        for len in 0..GET.len() - 4 {
            let kind = request_head(&GET[..len]).unwrap_err().kind;
            assert!(matches!(kind, ErrorKind::Truncated { .. }), "{len} {kind:?}");
        }
    }

    #[test]
    fn a_cut_head_gives_whole_fields_only() {
        assert_eq!(request_head_so_far(b"GET / HTT"), None);
        assert_eq!(request_head_so_far(b"GET / HTTP/1.1\r\nHost: exam").unwrap().host, None);
        let head = request_head_so_far(b"GET / HTTP/1.1\r\nHost: example.com\r\nUser-Ag").unwrap();
        assert_eq!(
            (head.host, head.user_agent, head.head_len),
            (Some("example.com"), None, 0)
        );
    }

    #[test]
    fn bodies_are_announced() {
        let head = request_head(b"POST / HTTP/1.1\r\ncontent-length: 12\r\n\r\n").unwrap();
        assert_eq!((head.content_length, head.chunked), (Some(12), false));
        let head = request_head(b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n").unwrap();
        assert_eq!((head.content_length, head.chunked), (None, true));
    }

    #[test]
    fn a_proxy_is_told_the_host_in_the_target() {
        let host = |request| request_head(request).unwrap().host;
        assert_eq!(
            host(b"CONNECT mail.example:443 HTTP/1.1\r\nHost: x\r\n\r\n"),
            Some("mail.example:443")
        );
        assert!(request_head(b"CONNECT a:1 HTTP/1.1\r\n\r\n").unwrap().upgrade);
        assert_eq!(
            host(b"CONNECT 192.0.2.7:443 HTTP/1.1\r\nHost: mail.example:443\r\n\r\n"),
            Some("mail.example:443")
        );
        assert_eq!(
            host(b"CONNECT 192.0.2.7:443 HTTP/1.1\r\nHost: 192.0.2.8\r\n\r\n"),
            Some("192.0.2.7:443")
        );
        assert_eq!(
            host(b"GET http://u:p@a.example:81/b HTTP/1.1\r\nHost: x\r\n\r\n"),
            Some("a.example:81")
        );
        assert_eq!(
            host(b"GET http://[2001:db8::1]?q HTTP/1.1\r\n\r\n"),
            Some("[2001:db8::1]")
        );
        assert_eq!(host(b"GET /r?u=http://evil/ HTTP/1.1\r\nHost: x\r\n\r\n"), Some("x"));
        assert_eq!(host(b"GET / HTTP/1.0\r\n\r\n"), None);
        assert_eq!(host(b"GET / HTTP/1.1\r\nHost: \r\n\r\n"), None);
    }

    #[test]
    fn the_first_host_counts() {
        let head = request_head(b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n").unwrap();
        assert_eq!(head.host, Some("a"));
    }

    #[test]
    fn broken_header_lines_are_passed_over() {
        let head = request_head(b"GET / HTTP/1.1\r\nbro ken\xff\r\nHost: a\r\n\r\n").unwrap();
        assert_eq!(head.host, Some("a"));
    }

    #[test]
    fn more_fields_than_are_read_are_passed_over() {
        let mut request = b"GET / HTTP/1.1\r\nHost: a\r\n".to_vec();
        request.extend(b"X: y\r\n".repeat(MAX_FIELDS));
        let open = request.len();
        request.extend(b"Host: b\r\n\r\nbody");
        let head = request_head(&request).unwrap();
        assert_eq!((head.host, &request[head.head_len..]), (Some("a"), &b"body"[..]));
        assert!(matches!(
            request_head(&request[..open]).unwrap_err().kind,
            ErrorKind::Truncated { .. }
        ));
        assert_eq!(request_head_so_far(&request[..open]).unwrap().host, Some("a"));
    }

    #[test]
    fn what_is_no_http_1_is_refused() {
        for stream in [
            &b"\x16\x03\x01\x02\x00\x01\x00"[..],
            b"OPTIONS rtsp://a RTSP/1.0\r\n\r\n",
            b"SSH-2.0-OpenSSH_9.2\r\n",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"GET / HTTP/9.1\r\n\r\n",
        ] {
            assert!(
                matches!(request_head(stream).unwrap_err().kind, ErrorKind::Malformed(_)),
                "{stream:?}"
            );
        }
    }

    #[test]
    fn first_octets_tell_requests_responses_and_http_2() {
        assert!(
            looks_like_request(b"GET /") && looks_like_request(b"PO") && looks_like_request(b"M-SEARCH * HTTP/1.1")
        );
        assert!(!looks_like_request(b"") && !looks_like_request(b"GETX") && !looks_like_request(b"\x16\x03"));
        assert_eq!(response_status(b"HTTP/1.1 404 Not Found\r\n"), Some(404));
        assert_eq!(response_status(b"HTTP/1.0 200\r\n"), Some(200));
        for stream in [
            &b"HTTP/2 200"[..],
            b"HTTP/1.1 20",
            b"HTTP/1.1 abc",
            b"HTTP/1.1 +12",
            b"HTTP/1.1 012",
        ] {
            assert_eq!(response_status(stream), None);
        }
        assert!(is_http2_preface(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0"));
        assert!(!is_http2_preface(b"PRI * HTTP/2.0\r\n\r\n"));
    }
}
