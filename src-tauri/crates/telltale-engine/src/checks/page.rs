//! One HTTP request and its answer, to exactly the address that was given: no redirect is followed, no proxy asked, no cookie kept.
//!
//! Used by `http` and `tampering`. Over TLS nothing is said before the server was judged good: a request may carry a token.

use super::certificate::sha256;
use super::place::{ascii, connect, is_host, ms, some_addresses, why};
use super::text::{hex, named, of_octets};
use super::tls::{Judged, judge, show};
use super::trust::Authorities;
use super::{CheckContext, Problem};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, ACCEPT_ENCODING, CONNECTION, HOST, HeaderName, HeaderValue, USER_AGENT};
use hyper::{Method, Request, Response, Uri};
use hyper_util::rt::TokioIo;
use ring::digest::{Context, SHA256};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::future::poll_fn;
use std::pin::Pin;
use std::str::FromStr;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

/// Octets and lines of an answer's head.
const MAX_HEAD: usize = 64 << 10;
const MAX_HEADERS: usize = 100;
/// Octets of a body that are kept for looking into; all that are read count for its hash.
const KEPT: usize = 64 << 10;
/// Octets of an address.
const MAX_URL: usize = 4_096;
/// Request headers that the connection itself decides on.
const OURS: [&str; 6] = [
    "connection",
    "content-length",
    "transfer-encoding",
    "upgrade",
    "te",
    "trailer",
];

/// An address of a page, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) tls: bool,
    pub(super) host: String,
    pub(super) port: u16,
    /// Path and query.
    path: String,
    /// As the `Host` header has it.
    authority: String,
}

/// Takes an address apart. `Err`: what is wrong with it.
pub(super) fn address(url: &str) -> Result<Address, String> {
    let uri = (url.len() <= MAX_URL)
        .then(|| Uri::from_str(&in_ascii(url)).ok())
        .flatten();
    let uri = uri.ok_or("this is no address of a page")?;
    let tls = match uri.scheme_str() {
        Some("http") => false,
        Some("https") => true,
        _ => return Err("an address begins with http:// or https://".to_owned()),
    };
    let authority = uri.authority().ok_or("the address names no host")?;
    if authority.as_str().contains('@') {
        return Err("a name and password do not belong into an address; use a header".to_owned());
    }
    let host = authority.host().to_owned();
    if !is_host(&host) {
        return Err("the address names no host".to_owned());
    }
    Ok(Address {
        tls,
        port: authority.port_u16().unwrap_or(if tls { 443 } else { 80 }),
        path: uri
            .path_and_query()
            .map_or_else(|| "/".to_owned(), |p| p.as_str().to_owned()),
        authority: authority.as_str().to_owned(),
        host,
    })
}

/// An address as it is sent (RFC 3987 section 3.1): a host in the form of DNS, other letters of the world as octets of UTF-8.
fn in_ascii(url: &str) -> Cow<'_, str> {
    let Some((scheme, rest)) = url.split_once("://").filter(|_| !url.is_ascii()) else {
        return Cow::Borrowed(url);
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (host, port) = authority.split_at(authority.rfind(':').unwrap_or(authority.len()));
    let mut sent = format!("{scheme}://{}{port}", ascii(host));
    for c in path.chars() {
        if c.is_ascii() {
            sent.push(c);
        } else {
            for octet in c.encode_utf8(&mut [0; 4]).bytes() {
                // Writing to a String cannot fail.
                let _ = write!(sent, "%{octet:02X}");
            }
        }
    }
    Cow::Owned(sent)
}

/// Whether a request may carry such a header. `Err`: why not.
pub(super) fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), String> {
    let shown = named(name);
    let name = HeaderName::from_str(name).map_err(|_| format!("{shown} is no name of a header"))?;
    if OURS.contains(&name.as_str()) {
        return Err(format!("the header {shown} is the connection's own"));
    }
    let value =
        HeaderValue::from_str(value).map_err(|_| format!("the header {shown} has a value that none can have"))?;
    Ok((name, value))
}

/// What was asked for.
pub(super) struct Ask<'a> {
    pub(super) address: &'a Address,
    pub(super) method: &'a str,
    pub(super) headers: &'a [(String, String)],
    /// Octets of a body that are read.
    pub(super) most: usize,
}

/// What a server answered.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) status: u16,
    pub(super) version: String,
    /// By name, lower case; values as they came, made text.
    pub(super) headers: BTreeMap<String, Vec<String>>,
    pub(super) body: Content,
    pub(super) ip: String,
    pub(super) first_byte_ms: f64,
    pub(super) total_ms: f64,
}

/// A body.
#[derive(Debug)]
pub(super) struct Content {
    /// Octets that were read.
    pub(super) octets: usize,
    pub(super) sha256: String,
    /// Whether there was more than was read.
    pub(super) cut: bool,
    /// Its beginning.
    pub(super) beginning: Vec<u8>,
}

impl Page {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .get(name)
            .and_then(|values| values.first())
            .map(String::as_str)
    }

    /// The title of a page of HTML.
    pub(super) fn title(&self) -> Option<String> {
        let is_html = self.header("content-type").is_some_and(|t| t.contains("html"));
        let text = String::from_utf8_lossy(&self.body.beginning);
        let lower = text.to_ascii_lowercase();
        let from = lower.find("<title").filter(|_| is_html)?;
        let from = from + lower.get(from..)?.find('>')? + 1;
        let len = lower.get(from..)?.find("</title")?;
        let words: Vec<_> = text.get(from..from + len)?.split_whitespace().collect();
        (!words.is_empty()).then(|| words.join(" "))
    }
}

/// An answer, or a server that is not to be spoken to.
pub(super) enum Fetched {
    Page(Box<Page>, Option<Judged>),
    /// Nothing was said to it.
    NotTrusted(Box<Judged>),
}

pub(super) async fn fetch(ask: &Ask<'_>, context: &CheckContext, until: Instant) -> Result<Fetched, Problem> {
    let address = ask.address;
    let began = Instant::now();
    if !address.tls {
        let addresses = some_addresses(&address.host, address.port, until).await?;
        let stream = connect(&addresses, until).await?;
        let ip = stream.peer_addr().map(|a| a.ip().to_string()).unwrap_or_default();
        let page = speak(stream, ask, ip, began, until).await?;
        return Ok(Fetched::Page(Box::new(page), None));
    }
    let authorities: Authorities = context.authorities().await?;
    let shown = show(&address.host, address.port, None, &[b"http/1.1"], until).await?;
    let judged = judge(&shown, &authorities, context.now);
    if !judged.is_good() {
        return Ok(Fetched::NotTrusted(Box::new(judged)));
    }
    let ip = shown.stream.get_ref().0.peer_addr();
    let ip = ip.map(|a| a.ip().to_string()).unwrap_or_default();
    let page = speak(shown.stream, ask, ip, began, until).await?;
    Ok(Fetched::Page(Box::new(page), Some(judged)))
}

/// The connection's own work, which ends with whoever waits for its answer.
struct Work(JoinHandle<()>);

impl Drop for Work {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn speak<S>(stream: S, ask: &Ask<'_>, ip: String, began: Instant, until: Instant) -> Result<Page, Problem>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let who = named(&ask.address.host);
    let late = |_| Problem::TimedOut(format!("{who} did not answer in time"));
    let broken = |e: hyper::Error| Problem::Failed(format!("{who} does not speak HTTP as it should: {}", in_words(&e)));
    let request = request(ask)?;
    let shaken = http1::Builder::new()
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_HEADERS)
        .handshake::<_, String>(TokioIo::new(stream));
    let (mut sender, connection) = timeout_at(until, shaken).await.map_err(late)?.map_err(broken)?;
    let _work = Work(tokio::spawn(async move {
        // What goes wrong on it is told to who waits for the answer.
        let _ = connection.await;
    }));
    let answer = timeout_at(until, sender.send_request(request)).await;
    let answer = answer.map_err(late)?.map_err(broken)?;
    let first_byte_ms = ms(began.elapsed());
    let (status, version, headers) = (answer.status().as_u16(), answer.version(), texts(&answer));
    let body = timeout_at(until, content(answer.into_body(), ask.most)).await;
    Ok(Page {
        status,
        version: format!("{version:?}"),
        headers,
        body: body.map_err(late)?.map_err(broken)?,
        ip,
        first_byte_ms,
        total_ms: ms(began.elapsed()),
    })
}

fn in_words(error: &hyper::Error) -> String {
    if error.is_incomplete_message() {
        return "it ended the connection in the middle".to_owned();
    }
    let cause = std::error::Error::source(error).and_then(|c| c.downcast_ref::<std::io::Error>());
    cause.map_or_else(|| named(&error.to_string()), why)
}

fn request(ask: &Ask<'_>) -> Result<Request<String>, Problem> {
    let invalid = |because: String| Problem::Invalid(because);
    let method = Method::from_bytes(ask.method.as_bytes()).map_err(|_| invalid("this is no method".to_owned()))?;
    let mut request = Request::new(String::new());
    *request.method_mut() = method;
    *request.uri_mut() = Uri::from_str(&ask.address.path).map_err(|_| invalid("this is no path".to_owned()))?;
    let headers = request.headers_mut();
    for (name, value) in ask.headers {
        let (name, value) = header(name, value).map_err(invalid)?;
        headers.append(name, value);
    }
    let standing = [
        (HOST, ask.address.authority.as_str()),
        (USER_AGENT, "Telltale"),
        (ACCEPT, "*/*"),
        (ACCEPT_ENCODING, "identity"),
        (CONNECTION, "close"),
    ];
    for (name, value) in standing {
        if !headers.contains_key(&name) {
            let value = HeaderValue::from_str(value).map_err(|_| invalid("the address names no host".to_owned()))?;
            headers.insert(name, value);
        }
    }
    Ok(request)
}

fn texts(answer: &Response<Incoming>) -> BTreeMap<String, Vec<String>> {
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in answer.headers() {
        let values = texts.entry(name.as_str().to_owned()).or_default();
        values.push(of_octets(value.as_bytes(), 500));
    }
    texts
}

async fn content(mut body: Incoming, most: usize) -> Result<Content, hyper::Error> {
    let mut hash = Context::new(&SHA256);
    let (mut octets, mut cut, mut beginning) = (0, false, Vec::new());
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let frame = frame?;
        let Some(data) = frame.data_ref() else { continue };
        let read = data.get(..most.saturating_sub(octets)).unwrap_or(data);
        hash.update(read);
        octets += read.len();
        let kept = read.get(..KEPT.saturating_sub(beginning.len())).unwrap_or(read);
        beginning.extend_from_slice(kept);
        if read.len() < data.len() {
            cut = true;
            break;
        }
    }
    Ok(Content {
        octets,
        sha256: if octets == 0 {
            sha256(&[])
        } else {
            hex(hash.finish().as_ref())
        },
        cut,
        beginning,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_apart_or_refused() {
        let good = address("https://example.org:8443/a/b?c=d#e").expect("an address");
        assert_eq!(
            (
                good.tls,
                good.host.as_str(),
                good.port,
                good.path.as_str(),
                good.authority.as_str()
            ),
            (true, "example.org", 8443, "/a/b?c=d", "example.org:8443")
        );
        let plain = address("http://[2001:db8::1]").expect("an address");
        assert_eq!(
            (plain.tls, plain.host.as_str(), plain.port),
            (false, "[2001:db8::1]", 80)
        );
        let french = address("https://café.fr:8443/carte/été?q=thé").expect("an address");
        assert_eq!(
            (french.host.as_str(), french.port, french.path.as_str()),
            ("xn--caf-dma.fr", 8443, "/carte/%C3%A9t%C3%A9?q=th%C3%A9")
        );
        assert_eq!(french.authority, "xn--caf-dma.fr:8443");
        assert!(address("https://me:sécret@example.org/").is_err());
        let long = format!("http://example.org/{}", "a".repeat(MAX_URL));
        for bad in [
            "",
            "example.org",
            "ftp://example.org/",
            "http://",
            "http://me:secret@example.org/",
            long.as_str(),
        ] {
            assert!(address(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_header_cannot_begin_a_second_request() {
        assert!(header("X-Token", "abc").is_ok());
        assert!(header("X-Token", "abc\r\nHost: elsewhere").is_err());
        assert!(header("Content-Length", "5").is_err());
        assert!(header("a b", "c").is_err());
    }
}
