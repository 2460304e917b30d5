//! Webhook: one POST of JSON for each message, over TLS wherever it leaves this computer. No redirect is followed.

use super::sender::{Failure, Letter};
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap, RETRY_AFTER, USER_AGENT};
use hyper::{Method, Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Time to take a connection, its TLS included, and for the whole of it.
const CONNECT: Duration = Duration::from_secs(10);
const WHOLE: Duration = Duration::from_secs(30);
/// Octets of an answer's head, at most.
const MAX_HEAD: usize = 16 << 10;
/// Letters of an address that somebody types, at most.
const MAX_URL: usize = 2_000;
/// Says which delivery it is: the same at every try, so that the other side can count it once.
const DELIVERY: &str = "telltale-delivery";
/// Says which kind it is.
const KIND: &str = "telltale-kind";

/// Where a message goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    host: String,
    port: u16,
    secure: bool,
    /// What `Host` says.
    authority: String,
    /// Path and query.
    path: String,
}

/// Reads an address: `https://`, or `http://` on this computer.
pub(super) fn target(url: &str) -> Result<Target, String> {
    let wrong = |why: &str| Err(format!("the address {why}"));
    let url = url.trim();
    let Some(uri) = (url.len() <= MAX_URL).then(|| url.parse::<Uri>().ok()).flatten() else {
        return wrong("is not one that can be asked");
    };
    let Some(authority) = uri.authority() else {
        return wrong("begins with https://");
    };
    if authority.as_str().contains('@') {
        return wrong("has a name or a password in it, which would be shown; put what it needs behind the host");
    }
    let secure = match uri.scheme_str() {
        Some("https") => true,
        Some("http") if is_here(authority.host()) => false,
        Some("http") => return wrong("begins with https://: http:// goes to this computer only"),
        _ => return wrong("begins with https://"),
    };
    let named = authority.host().trim_start_matches('[').trim_end_matches(']');
    let port = authority.port_u16().unwrap_or(if secure { 443 } else { 80 });
    if named.is_empty() || port == 0 || ServerName::try_from(named.to_owned()).is_err() {
        return wrong("names no host");
    }
    Ok(Target {
        host: named.to_owned(),
        port,
        secure,
        authority: authority.as_str().to_owned(),
        path: uri.path_and_query().map_or("/", |p| p.as_str()).to_owned(),
    })
}

/// Whether a host is this computer itself.
fn is_here(host: &str) -> bool {
    let numbers = host.trim_start_matches('[').trim_end_matches(']');
    numbers.parse::<IpAddr>().map_or_else(
        |_| host.eq_ignore_ascii_case("localhost"),
        |ip| ip.to_canonical().is_loopback(),
    )
}

/// Sends a message; the other side has it when it answers with a status of 200 to 299.
pub(super) async fn post(url: &str, letter: &Letter) -> Result<(), Failure> {
    let target = target(url).map_err(Failure::now)?;
    let tls = if target.secure { Some(trusting().await?) } else { None };
    post_to(&target, tls, letter).await
}

/// Believes whom this computer believes. Its list is some hundred files, so it is read once.
async fn trusting() -> Result<Arc<ClientConfig>, Failure> {
    static TRUSTING: OnceCell<Arc<ClientConfig>> = OnceCell::const_new();
    let read = || async {
        let roots = spawn_blocking(|| {
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            roots
        });
        let roots = roots.await.map_err(|e| Failure::now(e.to_string()))?;
        if roots.is_empty() {
            return Err(Failure::now(
                "this computer has no list of authorities, so that no server can be believed",
            ));
        }
        believing(roots)
    };
    TRUSTING.get_or_try_init(read).await.cloned()
}

fn believing(roots: RootCertStore) -> Result<Arc<ClientConfig>, Failure> {
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| Failure::now(e.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

async fn post_to(target: &Target, tls: Option<Arc<ClientConfig>>, letter: &Letter) -> Result<(), Failure> {
    let slow = |_| Failure::now(format!("{} did not answer in time", target.host));
    let whole = async {
        let stream = timeout(CONNECT, connect(target)).await.map_err(slow)??;
        let Some(tls) = tls else {
            return exchange(target, stream, letter).await;
        };
        let name = ServerName::try_from(target.host.clone()).map_err(|e| Failure::now(e.to_string()))?;
        let stream = timeout(CONNECT, TlsConnector::from(tls).connect(name, stream))
            .await
            .map_err(slow)?;
        let stream = stream.map_err(|e| Failure::now(format!("no safe connection with {}: {e}", target.host)))?;
        exchange(target, stream, letter).await
    };
    timeout(WHOLE, whole).await.map_err(slow)?
}

async fn connect(target: &Target) -> Result<TcpStream, Failure> {
    let failed = |e: std::io::Error| Failure::now(format!("{} cannot be reached: {e}", target.host));
    let mut last = None;
    for address in lookup_host((target.host.as_str(), target.port)).await.map_err(failed)? {
        // Whatever a name is said to be: clear text does not leave this computer.
        if !target.secure && !address.ip().to_canonical().is_loopback() {
            continue;
        }
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(e) => last = Some(e),
        }
    }
    Err(last.map_or_else(|| Failure::now(format!("{} has no address", target.host)), failed))
}

async fn exchange<S>(target: &Target, stream: S, letter: &Letter) -> Result<(), Failure>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let broken = |e: hyper::Error| Failure::now(format!("{} broke off: {e}", target.host));
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(MAX_HEAD)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(broken)?;
    let request = Request::builder()
        .method(Method::POST)
        .uri(&target.path)
        .header(HOST, &target.authority)
        .header(USER_AGENT, concat!("telltale/", env!("CARGO_PKG_VERSION")))
        .header(CONTENT_TYPE, "application/json")
        .header(DELIVERY, &letter.delivery)
        .header(KIND, &letter.kind)
        .body(letter.body.clone())
        .map_err(|e| Failure::now(e.to_string()))?;
    let mut answer = Box::pin(sender.send_request(request));
    let mut connection = Box::pin(connection);
    let answer = tokio::select! {
        answer = &mut answer => answer,
        // The connection ends first where the answer is the last that came on it.
        _ = &mut connection => answer.await,
    };
    let answer = answer.map_err(broken)?;
    judge(answer.status(), answer.headers())
}

/// What an answer means for the message.
fn judge(status: StatusCode, headers: &HeaderMap) -> Result<(), Failure> {
    if status.is_success() {
        return Ok(());
    }
    let seconds = headers
        .get(RETRY_AFTER)
        .and_then(|v| v.to_str().ok()?.trim().parse().ok());
    Err(Failure {
        problem: format!("it answered with status {}", status.as_u16()),
        // This very message is refused. All else (a wrong address, a login that has run out) its owner can put right.
        for_good: matches!(
            status,
            StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE | StatusCode::UNPROCESSABLE_ENTITY
        ),
        not_before: seconds.map(Duration::from_secs),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
    use std::net::SocketAddr;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::rustls::ServerConfig;
    use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

    #[test]
    fn an_address_leaves_this_computer_over_tls_only() {
        let asked = |url: &str| {
            let target = target(url)?;
            Ok::<_, String>((target.host, target.port, target.secure, target.path))
        };
        let fine = |host: &str, port, secure, path: &str| Ok((host.to_owned(), port, secure, path.to_owned()));
        assert_eq!(asked("https://example.org"), fine("example.org", 443, true, "/"));
        assert_eq!(
            asked(" https://example.org:8443/a?b=c#d "),
            fine("example.org", 8443, true, "/a?b=c")
        );
        assert_eq!(asked("https://[2001:db8::1]/x"), fine("2001:db8::1", 443, true, "/x"));
        assert_eq!(asked("http://localhost:9000/"), fine("localhost", 9000, false, "/"));
        assert_eq!(asked("http://127.0.0.1/x"), fine("127.0.0.1", 80, false, "/x"));
        assert_eq!(asked("http://[::1]:80/"), fine("::1", 80, false, "/"));
        for wrong in [
            "",
            "example.org",
            "/path",
            "http://example.org/",
            "http://192.168.1.1/",
            "http://localhost.example/",
            "https://name:secret@example.org/",
            "https://:443/",
            "https://exa mple.org/",
            "https://example.org:0/",
            "file:///x",
            &format!("https://example.org/{}", "x".repeat(MAX_URL)),
        ] {
            assert!(target(wrong).is_err(), "{wrong}");
        }
        let said = target("https://name:secret@example.org/").expect_err("refused");
        assert!(!said.contains("secret"));
    }

    #[test]
    fn what_an_answer_means() {
        let with = |status: u16| judge(StatusCode::from_u16(status).expect("a status"), &HeaderMap::new());
        assert!(with(200).is_ok() && with(204).is_ok());
        for again in [301, 401, 403, 404, 408, 410, 429, 500, 503] {
            assert!(!with(again).expect_err("no").for_good, "{again}");
        }
        for refused in [400, 413, 422] {
            assert!(with(refused).expect_err("no").for_good, "{refused}");
        }
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, "120".parse().expect("a value"));
        let busy = judge(StatusCode::SERVICE_UNAVAILABLE, &headers).expect_err("no");
        assert_eq!(busy.not_before, Some(Duration::from_mins(2)));
    }

    /// A server for this name, and the authority that vouches for it.
    async fn server(name: &str) -> (SocketAddr, CertificateDer<'static>) {
        let mut authority = CertificateParams::new(Vec::new()).expect("parameters");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority =
            CertifiedIssuer::self_signed(authority, KeyPair::generate().expect("a key")).expect("an authority");
        let key = KeyPair::generate().expect("a key");
        let certificate = CertificateParams::new(vec![name.to_owned()])
            .and_then(|p| p.signed_by(&key, &authority))
            .expect("a certificate");
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).expect("a key"),
            )
            .expect("a server");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let at = listener.local_addr().expect("an address");
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if let Ok(mut stream) = acceptor.accept(stream).await {
                    let mut came = [0; 4_096];
                    let _ = stream.read(&mut came).await;
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
                    let _ = stream.shutdown().await;
                }
            }
        });
        (at, authority.der().clone())
    }

    async fn sent(name: &str, at: SocketAddr, roots: Vec<CertificateDer<'static>>) -> Result<(), Failure> {
        let mut target = target(&format!("https://{name}:{}/", at.port())).map_err(Failure::now)?;
        // The name is asked for, the loopback is spoken to.
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(roots);
        let letter = Letter {
            delivery: "1".to_owned(),
            number: 1,
            kind: "trial".to_owned(),
            body: "{}".to_owned(),
        };
        target.authority = name.to_owned();
        post_to(&target, Some(believing(store)?), &letter).await
    }

    #[tokio::test]
    async fn a_server_that_nobody_vouches_for_gets_nothing() {
        let (at, authority) = server("localhost").await;
        sent("localhost", at, vec![authority.clone()]).await.expect("believed");
        let failure = sent("localhost", at, Vec::new()).await.expect_err("no authority");
        assert!(
            failure.problem.contains("no safe connection") && !failure.for_good,
            "{failure:?}"
        );
        let (_, other) = server("localhost").await;
        sent("localhost", at, vec![other]).await.expect_err("another authority");
        let (at, authority) = server("other.example").await;
        sent("localhost", at, vec![authority]).await.expect_err("another name");
    }
}
