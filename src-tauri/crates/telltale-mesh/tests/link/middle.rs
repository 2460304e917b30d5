//! Stands between an agent and its server, and can cut, silence and add to what passes. It has the server's own certificate.

use crate::prosody::Prosody;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// What is done to every connection that passes.
#[derive(Clone, Debug)]
enum Act {
    /// Both ends are dropped without a word.
    Cut,
    /// Nothing passes any more, but nobody hangs up.
    Silence,
    /// This is said to the agent, as if the server had said it.
    Add(Vec<u8>),
}

/// One who stands in the middle, for direct TLS.
pub(crate) struct Middle {
    pub(crate) port: u16,
    acts: broadcast::Sender<Act>,
    connections: Arc<AtomicUsize>,
}

impl Middle {
    pub(crate) async fn before(server: &Prosody) -> Self {
        let pem = |name: &str| fs::read(server.certificate(name)).expect("a certificate");
        let chain = vec![CertificateDer::from_pem_slice(&pem("srv.crt")).expect("the certificate")];
        let key = PrivateKeyDer::from_pem_slice(&pem("srv.key")).expect("the key");
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let accepting = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .expect("TLS")
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .expect("a certificate with its key");
        let mut roots = RootCertStore::empty();
        let authority = CertificateDer::from_pem_slice(&pem("ca.crt")).expect("the authority");
        roots.add(authority).expect("the authority");
        let calling = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("TLS")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let ends = (
            TlsAcceptor::from(Arc::new(accepting)),
            TlsConnector::from(Arc::new(calling)),
        );

        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let (acts, _) = broadcast::channel(64);
        let connections = Arc::new(AtomicUsize::new(0));
        let (shared, counted, onwards) = (acts.clone(), Arc::clone(&connections), server.tls_port);
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(pass(tcp, onwards, ends.clone(), shared.subscribe()));
            }
        });
        Self {
            port,
            acts,
            connections,
        }
    }

    /// Connections so far.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn cut(&self) {
        self.acts.send(Act::Cut).expect("a connection");
    }

    pub(crate) fn silence(&self) {
        self.acts.send(Act::Silence).expect("a connection");
    }

    pub(crate) fn add(&self, xml: impl Into<Vec<u8>>) {
        self.acts.send(Act::Add(xml.into())).expect("a connection");
    }
}

async fn pass(
    agent: TcpStream,
    server: u16,
    (accepting, calling): (TlsAcceptor, TlsConnector),
    mut acts: broadcast::Receiver<Act>,
) -> Option<()> {
    let mut agent = accepting.accept(agent).await.ok()?;
    let tcp = TcpStream::connect(("127.0.0.1", server)).await.ok()?;
    let name = ServerName::try_from("localhost").ok()?;
    let mut server = calling.connect(name, tcp).await.ok()?;
    let (mut said, mut answered) = ([0; 16_384], [0; 16_384]);
    loop {
        tokio::select! {
            octets = agent.read(&mut said) => {
                let octets = octets.ok().filter(|&n| n > 0)?;
                server.write_all(said.get(..octets)?).await.ok()?;
                server.flush().await.ok()?;
            }
            octets = server.read(&mut answered) => {
                let octets = octets.ok().filter(|&n| n > 0)?;
                agent.write_all(answered.get(..octets)?).await.ok()?;
                agent.flush().await.ok()?;
            }
            act = acts.recv() => match act.ok()? {
                Act::Cut => return None,
                Act::Silence => std::future::pending().await,
                Act::Add(xml) => {
                    agent.write_all(&xml).await.ok()?;
                    agent.flush().await.ok()?;
                }
            },
        }
    }
}
