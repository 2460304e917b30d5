//! From an account to an encrypted stream: which host (SRV records), TCP, STARTTLS (RFC 6120 section 5) or direct TLS (XEP-0368).

use super::account::{Checked, LinkError, Place};
use super::guarded::{Guarded, Overheard};
use futures_util::{SinkExt, StreamExt};
use hickory_resolver::TokioResolver;
use hickory_resolver::proto::rr::RData;
use std::borrow::Cow;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use telltale_core::model::{MeshRefusal, MeshTls};
use tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::{CertificateError, Error as TlsError, ProtocolVersion};
use tokio_xmpp::xmlstream::{
    ReadError, RecvFeaturesError, StreamHeader, Timeouts, XmppStream, XmppStreamElement, initiate_stream,
};
use xmpp_parsers::ns::JABBER_CLIENT;
use xmpp_parsers::starttls::{Nonza, Request};
use xmpp_parsers::stream_features::StreamFeatures;

/// Waiting for one address to answer.
const TCP: Duration = Duration::from_secs(10);
/// Waiting for what DNS says of the domain.
const SRV: Duration = Duration::from_secs(5);
/// Hosts of one domain that are tried.
const HOSTS: usize = 8;
/// Addresses of one host that are tried.
const ADDRESSES: usize = 8;

/// An encrypted connection.
pub(super) type Wire = Guarded<TlsStream<TcpStream>>;

/// An encrypted stream, before its login.
pub(super) struct Secured {
    pub(super) stream: XmppStream<Wire>,
    pub(super) features: StreamFeatures,
    /// What ties a login to this very connection (RFC 9266, `tls-exporter`); TLS 1.3 alone has it.
    pub(super) exporter: Option<Vec<u8>>,
}

/// Makes an encrypted stream to the account's server.
pub(super) async fn dial(account: &Checked, heard: &Arc<Overheard>, timeouts: Timeouts) -> Result<Secured, LinkError> {
    let tcp = reach(account).await?;
    let tcp = match account.tls {
        MeshTls::Direct => tcp,
        MeshTls::StartTls => start_tls(account, Guarded::new(tcp, Arc::clone(heard)), timeouts).await?,
    };
    let tls = TlsConnector::from(Arc::clone(&account.config))
        .connect(account.name.clone(), tcp)
        .await
        .map_err(|e| tls_error(account, &e))?;
    let exporter = exporter(&tls);
    let (features, stream) = open(account, Guarded::new(tls, Arc::clone(heard)), timeouts).await?;
    Ok(Secured {
        stream,
        features,
        exporter,
    })
}

/// Opens an XML stream and hears what the server offers.
pub(super) async fn open<Io: AsyncBufRead + AsyncWrite + Unpin>(
    account: &Checked,
    io: Io,
    timeouts: Timeouts,
) -> Result<(StreamFeatures, XmppStream<Io>), LinkError> {
    let header = StreamHeader {
        to: Some(Cow::Borrowed(account.jid.domain().as_str())),
        from: None,
        id: None,
    };
    let broke = |e: io::Error| LinkError::broke("the server does not speak XMPP as it should", e);
    let stream = initiate_stream(io, JABBER_CLIENT, header, timeouts)
        .await
        .map_err(broke)?;
    stream.recv_features().await.map_err(|e| match e {
        RecvFeaturesError::Io(e) => broke(e),
        RecvFeaturesError::StreamError(e) => LinkError::broke("the server ended the connection", e),
    })
}

/// The next element of a stream that is still being set up.
pub(super) async fn next<Io>(stream: &mut XmppStream<Io>) -> Result<XmppStreamElement, LinkError>
where
    Io: AsyncBufRead + AsyncWrite + Unpin,
{
    loop {
        return match stream.next().await {
            Some(Ok(element)) => match element.into_read_error() {
                Ok(XmppStreamElement::StreamError(e)) => Err(LinkError::broke("the server ended the connection", e)),
                Ok(element) => Ok(element),
                Err(e) => Err(LinkError::broke("the server said what cannot be understood", e)),
            },
            Some(Err(ReadError::SoftTimeout)) => continue,
            Some(Err(e)) => Err(LinkError::broke("the connection broke", e)),
            None => Err(LinkError::Broken("the server closed the connection".to_owned())),
        };
    }
}

/// Asks for encryption on an open connection.
async fn start_tls<S>(account: &Checked, io: Guarded<S>, timeouts: Timeouts) -> Result<S, LinkError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (features, mut stream) = open(account, io, timeouts).await?;
    if !features.can_starttls() {
        return Err(LinkError::refused(
            MeshRefusal::NoEncryption,
            "the server offers no encryption on this connection",
        ));
    }
    stream
        .send(&XmppStreamElement::Starttls(Nonza::Request(Request)))
        .await
        .map_err(|e| LinkError::broke("the connection broke", e))?;
    match next(&mut stream).await? {
        XmppStreamElement::Starttls(Nonza::Proceed(_)) => Ok(stream.into_inner().into_inner()),
        _ => Err(LinkError::Broken(
            "the server offers encryption and then refuses it".to_owned(),
        )),
    }
}

fn exporter(tls: &TlsStream<TcpStream>) -> Option<Vec<u8>> {
    let (_, connection) = tls.get_ref();
    if connection.protocol_version() != Some(ProtocolVersion::TLSv1_3) {
        return None;
    }
    connection
        .export_keying_material(vec![0; 32], b"EXPORTER-Channel-Binding", None)
        .ok()
}

/// What went wrong while encryption was made; a certificate that nobody vouches for is for the owner to settle.
fn tls_error(account: &Checked, error: &io::Error) -> LinkError {
    let domain = account.jid.domain();
    let said = error.get_ref().and_then(|e| e.downcast_ref::<TlsError>());
    let Some(TlsError::InvalidCertificate(why)) = said else {
        return LinkError::broke("the encryption of the connection failed", error);
    };
    let problem = match why {
        CertificateError::UnknownIssuer => "nobody whom this account trusts vouches for the server".to_owned(),
        CertificateError::ApplicationVerificationFailure => "the server's key is not the pinned one".to_owned(),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!("the server's certificate is not for {domain}")
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "the server's certificate has expired".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "the server's certificate is not valid yet; is this computer's clock right?".to_owned()
        }
        other => format!("the server's certificate cannot be trusted: {other}"),
    };
    LinkError::refused(MeshRefusal::Certificate, problem)
}

/// A TCP connection to the first host that answers.
async fn reach(account: &Checked) -> Result<TcpStream, LinkError> {
    let mut problem = "it has no address".to_owned();
    for (host, port) in hosts(account).await? {
        let addresses = match lookup_host((host.as_str(), port)).await {
            Ok(addresses) => addresses,
            Err(e) => {
                problem = format!("{host}: {e}");
                continue;
            }
        };
        for address in addresses.take(ADDRESSES) {
            match timeout(TCP, TcpStream::connect(address)).await {
                Ok(Ok(tcp)) => {
                    // Stanzas are small, and each waits for an answer.
                    let _ = tcp.set_nodelay(true);
                    return Ok(tcp);
                }
                Ok(Err(e)) => problem = format!("{host} port {port}: {e}"),
                Err(_) => problem = format!("{host} port {port} does not answer"),
            }
        }
    }
    Err(LinkError::Broken(format!("the server cannot be reached ({problem})")))
}

/// Hosts to try, the best first: what the account says, else the domain's SRV records (RFC 6120 section 3.2.1), else the domain.
async fn hosts(account: &Checked) -> Result<Vec<(String, u16)>, LinkError> {
    let (record, usual) = match account.tls {
        MeshTls::StartTls => ("_xmpp-client._tcp", 5222),
        MeshTls::Direct => ("_xmpps-client._tcp", 5223),
    };
    let domain = match &account.place {
        Place::Host(host, port) => return Ok(vec![(host.clone(), port.unwrap_or(usual))]),
        Place::Domain(domain) => domain,
    };
    let itself = vec![(domain.trim_matches(['[', ']']).to_owned(), usual)];
    // An address, and a name without a dot (`localhost`), have no SRV records.
    if domain.starts_with('[') || !domain.contains('.') || domain.parse::<std::net::IpAddr>().is_ok() {
        return Ok(itself);
    }
    let found = timeout(SRV, records(format!("{record}.{domain}."))).await;
    match found.ok().flatten() {
        Some(records) if !records.is_empty() => in_order(records)
            .ok_or_else(|| LinkError::Broken(format!("{domain} says that it offers no such connection"))),
        _ => Ok(itself),
    }
}

/// The order in which records are tried (RFC 2782): the lowest priority first, and of those alike the one with the greatest weight.
/// `None`: the domain says that there is no such service.
fn in_order(mut records: Vec<Srv>) -> Option<Vec<(String, u16)>> {
    records.retain(|record| !record.host.is_empty());
    records.sort_by_key(|record| (record.priority, std::cmp::Reverse(record.weight)));
    let hosts: Vec<_> = records.into_iter().take(HOSTS).map(|r| (r.host, r.port)).collect();
    (!hosts.is_empty()).then_some(hosts)
}

/// One SRV record (RFC 2782).
struct Srv {
    /// Without the last dot; empty: decidedly not available.
    host: String,
    port: u16,
    priority: u16,
    weight: u16,
}

async fn records(name: String) -> Option<Vec<Srv>> {
    let resolver = TokioResolver::builder_tokio().ok()?.build().ok()?;
    let answer = resolver.srv_lookup(name).await.ok()?;
    let records = answer.answers().iter().filter_map(|record| match &record.data {
        RData::SRV(srv) => Some(Srv {
            host: srv.target.to_ascii().trim_end_matches('.').to_owned(),
            port: srv.port,
            priority: srv.priority,
            weight: srv.weight,
        }),
        _ => None,
    });
    Some(records.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn srv(host: &str, priority: u16, weight: u16) -> Srv {
        Srv {
            host: host.to_owned(),
            port: 5222,
            priority,
            weight,
        }
    }

    #[test]
    fn hosts_are_tried_by_priority_and_weight() {
        let records = vec![srv("c", 20, 100), srv("b", 10, 1), srv("a", 10, 50)];
        let hosts: Vec<String> = in_order(records)
            .expect("hosts")
            .into_iter()
            .map(|(host, _)| host)
            .collect();
        assert_eq!(hosts, ["a", "b", "c"]);
        let many = (0..100).map(|n| srv(&format!("h{n}"), n, 0)).collect();
        assert_eq!(in_order(many).map(|hosts| hosts.len()), Some(HOSTS));
    }

    #[test]
    fn a_single_dot_says_that_there_is_no_such_service() {
        assert_eq!(in_order(vec![srv("", 0, 0)]), None);
    }
}
