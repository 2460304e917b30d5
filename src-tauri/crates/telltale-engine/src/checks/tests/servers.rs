//! Servers that the checks are let loose on: they do what their test says, well or badly.

use hickory_resolver::proto::op::{Message, MessageType, OpCode, ResponseCode};
use hickory_resolver::proto::rr::{RData, Record, RecordType};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, PublicKeyData, date_time_ymd,
};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

/// What a DNS server answers to a question.
pub(super) type Zone = fn(&Message) -> Vec<Vec<u8>>;

/// A DNS server on UDP and TCP of `address`. Over UDP it sends each of the zone's datagrams; over TCP the last one, with its length.
pub(super) async fn dns_on(address: &str, zone: Zone) -> SocketAddr {
    // The same port on both; another program may have one of them.
    let (udp, tcp) = loop {
        let udp = UdpSocket::bind(address).await.expect("a UDP port");
        if let Ok(tcp) = TcpListener::bind(udp.local_addr().expect("its address")).await {
            break (udp, tcp);
        }
    };
    let address = udp.local_addr().expect("its address");
    tokio::spawn(async move {
        let mut heard = [0; 2_000];
        while let Ok((octets, from)) = udp.recv_from(&mut heard).await {
            let Ok(question) = Message::from_vec(&heard[..octets]) else {
                continue;
            };
            for answer in zone(&question) {
                udp.send_to(&answer, from).await.ok();
            }
        }
    });
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = tcp.accept().await {
            let Ok(len) = stream.read_u16().await else { continue };
            let mut heard = vec![0; usize::from(len)];
            if stream.read_exact(&mut heard).await.is_err() {
                continue;
            }
            let Ok(mut question) = Message::from_vec(&heard) else {
                continue;
            };
            // How a zone knows that this one came over TCP.
            question.metadata.checking_disabled = true;
            let answer = zone(&question).pop().unwrap_or_default();
            let len = u16::try_from(answer.len()).expect("an answer of DNS");
            stream.write_u16(len).await.ok();
            stream.write_all(&answer).await.ok();
        }
    });
    address
}

pub(super) async fn dns(zone: Zone) -> SocketAddr {
    dns_on("127.0.0.1:0", zone).await
}

/// An answer with these records of the question's name.
pub(super) fn answer(question: &Message, code: ResponseCode, records: &[(RecordType, &str)]) -> Message {
    let mut answer = Message::new(question.metadata.id, MessageType::Response, OpCode::Query);
    answer.metadata.response_code = code;
    answer.metadata.recursion_available = true;
    answer.add_queries(question.queries.clone());
    let name = question.queries[0].name().clone();
    for (kind, text) in records {
        let data = match kind {
            RecordType::A => RData::A(text.parse().expect("an address")),
            RecordType::AAAA => RData::AAAA(text.parse().expect("an address")),
            RecordType::TXT => RData::TXT(hickory_resolver::proto::rr::rdata::TXT::new(vec![(*text).to_owned()])),
            other => panic!("no {other} here"),
        };
        answer.add_answer(Record::from_rdata(name.clone(), 300, data));
    }
    answer
}

pub(super) fn octets(message: &Message) -> Vec<u8> {
    message.to_vec().expect("octets")
}

/// A server that writes these octets to whoever sent a request, and closes; the requests come back.
pub(super) async fn tcp(answer: Vec<u8>) -> (SocketAddr, tokio::sync::mpsc::UnboundedReceiver<String>) {
    tcp_on("127.0.0.1:0", answer).await
}

pub(super) async fn tcp_on(
    address: &str,
    answer: Vec<u8>,
) -> (SocketAddr, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind(address).await.expect("a TCP port");
    let address = listener.local_addr().expect("its address");
    let (heard, requests) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (answer, heard) = (answer.clone(), heard.clone());
            tokio::spawn(async move {
                let request = request(&mut stream).await;
                heard.send(request).ok();
                stream.write_all(&answer).await.ok();
                stream.shutdown().await.ok();
            });
        }
    });
    (address, requests)
}

/// The head of a request.
async fn request(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> String {
    let mut heard = Vec::new();
    let mut one = [0; 1];
    while !heard.ends_with(b"\r\n\r\n") && stream.read_exact(&mut one).await.is_ok() {
        heard.push(one[0]);
    }
    String::from_utf8_lossy(&heard).into_owned()
}

/// An authority of a test's own.
pub(super) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate with its key.
pub(super) struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: Vec<u8>,
    /// Hex of SHA-256 of the public key.
    pub(super) pin: String,
}

/// A certificate's parameters: names, and the years it begins and ends in (on 1 December).
pub(super) fn params(names: &[&str], (from, to): (i32, i32)) -> CertificateParams {
    let names: Vec<_> = names.iter().map(|n| (*n).to_owned()).collect();
    let mut params = CertificateParams::new(names).expect("parameters");
    params.not_before = date_time_ymd(from, 12, 1);
    params.not_after = date_time_ymd(to, 12, 1);
    params.distinguished_name.push(DnType::CommonName, "a server of a test");
    params
}

impl Authority {
    pub(super) fn new(name: &str) -> Self {
        let mut params = params(&[], (2020, 2040));
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::OrganizationName, name);
        let key = KeyPair::generate().expect("a key");
        Self {
            issuer: CertifiedIssuer::self_signed(params, key).expect("an authority"),
        }
    }

    pub(super) fn roots(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).expect("a root");
        Arc::new(roots)
    }

    pub(super) fn identity(&self, params: &CertificateParams) -> Identity {
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        Identity::new(vec![certificate.der().clone(), self.issuer.der().clone()], &key)
    }
}

impl Identity {
    fn new(chain: Vec<CertificateDer<'static>>, key: &KeyPair) -> Self {
        Self {
            chain,
            pin: crate::checks::certificate::sha256(&key.subject_public_key_info()),
            key: key.serialize_der(),
        }
    }

    pub(super) fn self_signed(params: &CertificateParams) -> Self {
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        Self::new(vec![certificate.der().clone()], &key)
    }
}

/// A TLS server that answers a request with these octets.
pub(super) async fn tls_on(
    address: &str,
    identity: &Identity,
    answer: &'static [u8],
) -> (SocketAddr, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let key = PrivateKeyDer::Pkcs8(identity.key.clone().into());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(identity.chain.clone(), key)
        .expect("a certificate");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(address).await.expect("a TCP port");
    let address = listener.local_addr().expect("its address");
    let (heard, requests) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, heard) = (acceptor.clone(), heard.clone());
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    return;
                };
                let request = request(&mut stream).await;
                heard.send(request).ok();
                stream.write_all(answer).await.ok();
                stream.shutdown().await.ok();
            });
        }
    });
    (address, requests)
}

pub(super) async fn tls(identity: &Identity) -> SocketAddr {
    tls_on("127.0.0.1:0", identity, b"").await.0
}

/// Takes connections and says nothing, ever.
pub(super) async fn silent() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a TCP port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async move {
        let mut held: Vec<TcpStream> = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            held.push(stream);
        }
    });
    address
}
