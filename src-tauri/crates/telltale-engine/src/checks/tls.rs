//! Whom does a TLS server say it is: its certificates, who vouches for them, when they end.
//!
//! Facts: `host`, `port`, `server_name` (asked for), `trusted` (this computer's authorities vouch for the chain), `publicly_trusted` (so do
//! the public ones), `why` (where it is not trusted), `name_matches`, `valid_now`, `expires` (RFC 3339), `expires_soon` (within
//! `warn_days`), `issuer`, `key_sha256` (hex, of the first certificate; what a pin names), `version`, `cipher`, `chain` (as
//! `certificate` has it; the server's own first). Measured: `days_left`, `address`, `handshake_ms`.
//!
//! Whatever certificate a server shows is looked at; nothing but the handshake is ever said over such a connection.

use super::certificate::{Read, read};
use super::place::{ascii, bare, connect, ms, some_addresses, why};
use super::text::named;
use super::trust::{Authorities, provider, vouched};
use super::{Found, Problem};
use jiff::Timestamp as Moment;
use serde_json::json;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use telltale_core::model::Timestamp;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::client::verify_server_name;
use tokio_rustls::rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};

/// Certificates of a chain that are looked at.
const MAX_CHAIN: usize = 10;
/// Seconds of a day.
const DAY: i64 = 86_400;

/// A server that has shown its certificates.
pub(super) struct Shown {
    pub(super) stream: TlsStream<TcpStream>,
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) name: ServerName<'static>,
    address: SocketAddr,
    took: Duration,
}

/// What is thought of it.
pub(super) struct Judged {
    /// Why this computer does not trust it.
    pub(super) mistrust: Option<String>,
    pub(super) publicly_trusted: bool,
    pub(super) name_matches: bool,
    pub(super) first: Read,
}

impl Judged {
    /// Whether something may be said to this server.
    pub(super) fn is_good(&self) -> bool {
        self.mistrust.is_none() && self.name_matches
    }

    /// Why it is not good, for a sentence.
    pub(super) fn fault(&self) -> String {
        match &self.mistrust {
            Some(because) => because.clone(),
            None => "its certificate is for another name".to_owned(),
        }
    }
}

/// Connects and lets the server show its certificates. `alpn`: what it is then to be spoken to in.
pub(super) async fn show(
    host: &str,
    port: u16,
    server_name: Option<&str>,
    alpn: &[&[u8]],
    until: Instant,
) -> Result<Shown, Problem> {
    let asked = ascii(bare(server_name.unwrap_or(host))).into_owned();
    let wrong = format!("{} is no name that a certificate could be for", named(&asked));
    let name = ServerName::try_from(asked).map_err(|_| Problem::Invalid(wrong))?;
    let addresses = some_addresses(host, port, until).await?;
    let stream = connect(&addresses, until).await?;
    let address = stream
        .peer_addr()
        .map_err(|e| Problem::Failed(format!("no connection: {}", why(&e))))?;
    let witness = Arc::new(Witness {
        provider: provider(),
        seen: Mutex::default(),
    });
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|e| Problem::Failed(e.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(witness.clone())
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|p| p.to_vec()).collect();
    let began = Instant::now();
    let shaken = timeout_at(
        until,
        TlsConnector::from(Arc::new(config)).connect(name.clone(), stream),
    )
    .await;
    let who = format!("{} port {port}", named(host));
    let stream = shaken
        .map_err(|_| Problem::TimedOut(format!("{who} did not finish the TLS handshake in time")))?
        .map_err(|e| Problem::Failed(format!("the TLS handshake with {who} failed: {}", why(&e))))?;
    let chain = std::mem::take(&mut *witness.seen.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(Shown {
        stream,
        chain,
        name,
        address,
        took: began.elapsed(),
    })
}

pub(super) fn judge(shown: &Shown, authorities: &Authorities, now: Timestamp) -> Judged {
    let seconds = u64::try_from(now.0 / 1_000_000_000).unwrap_or_default();
    let at = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    let vouch = |roots| vouched(roots, &shown.chain, &shown.name, at);
    let first = shown.chain.first();
    let name_matches = first.is_some_and(|first| {
        let parsed = ParsedCertificate::try_from(first);
        parsed.is_ok_and(|parsed| verify_server_name(&parsed, &shown.name).is_ok())
    });
    Judged {
        mistrust: vouch(&authorities.of_computer).err(),
        publicly_trusted: vouch(&authorities.public).is_ok(),
        name_matches,
        first: read(first.map(AsRef::as_ref).unwrap_or_default()),
    }
}

pub(super) async fn look(
    (host, port, server_name): (&str, u16, Option<&str>),
    warn_days: u32,
    (authorities, now): (&Authorities, Timestamp),
    until: Instant,
) -> Result<Found, Problem> {
    let shown = show(host, port, server_name, &[], until).await?;
    let judged = judge(&shown, authorities, now);
    let first = &judged.first;
    let seconds = now.0 / 1_000_000_000;
    let days_left = first.not_after.map(|end| (end - seconds).div_euclid(DAY));
    let valid_now =
        first.not_before.is_some_and(|from| from <= seconds) && first.not_after.is_some_and(|e| seconds <= e);
    let expires = first.not_after.and_then(|end| Moment::from_second(end).ok());
    let expires_soon = days_left.is_none_or(|days| days < i64::from(warn_days));
    let chain: Vec<_> = shown.chain.iter().take(MAX_CHAIN).map(|c| read(c).facts).collect();
    let (_, session) = shown.stream.get_ref();
    let mut facts = json!({
        "host": host,
        "port": port,
        "server_name": shown.name.to_str(),
        "trusted": judged.mistrust.is_none(),
        "publicly_trusted": judged.publicly_trusted,
        "name_matches": judged.name_matches,
        "valid_now": valid_now,
        "expires": expires.map(|e| e.to_string()),
        "expires_soon": expires_soon,
        "issuer": first.issuer,
        "key_sha256": first.key_sha256,
        "version": session.protocol_version().map(|v| format!("{v:?}").replace("v1_", " 1.")),
        "cipher": session.negotiated_cipher_suite().map(|c| format!("{:?}", c.suite())),
        "chain": chain,
        "measured": {
            "days_left": days_left,
            "address": shown.address.ip().to_string(),
            "handshake_ms": ms(shown.took),
        },
    });
    if let Some(because) = &judged.mistrust {
        facts["why"] = because.as_str().into();
    }
    let said = summary(host, &judged, days_left, expires_soon);
    Ok(Found::of(facts, said))
}

fn summary(host: &str, judged: &Judged, days_left: Option<i64>, expires_soon: bool) -> String {
    let (host, issuer) = (named(host), named(&judged.first.issuer));
    let ends = match days_left {
        Some(days @ ..0) => format!("it ended {} days ago", -days),
        Some(days) if expires_soon => format!("it ends soon, in {days} days"),
        Some(days) => format!("it is valid for {days} more days"),
        None => "nobody knows when it ends".to_owned(),
    };
    match (&judged.mistrust, judged.name_matches) {
        (None, true) if judged.publicly_trusted => format!("{host} shows a certificate of {issuer}; {ends}."),
        (None, true) => format!(
            "{host} shows a certificate of {issuer}, which this computer trusts, but the public authorities do not; {ends}."
        ),
        (None, false) => format!("{host} shows a certificate for another name, of {issuer}; {ends}."),
        (Some(because), _) => format!("{host} shows a certificate of {issuer} that is not trusted: {because}; {ends}."),
    }
}

/// Takes whatever a server shows, so that it can be looked at; still holds the server to having the key of it.
#[derive(Debug)]
struct Witness {
    provider: Arc<CryptoProvider>,
    seen: Mutex<Vec<CertificateDer<'static>>>,
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain = std::iter::once(end_entity).chain(intermediates);
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) =
            chain.take(MAX_CHAIN).map(|c| c.clone().into_owned()).collect();
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
