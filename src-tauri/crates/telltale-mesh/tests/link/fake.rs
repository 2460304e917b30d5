//! A server that lies during the login: it says line after line of a script, over real encryption.

use crate::prosody::certificates;
use std::fs;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// What begins every stream.
pub(crate) const HEAD: &str = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
                               xmlns:stream='http://etherx.jabber.org/streams' version='1.0' id='1' from='localhost'>";

/// Answers what an agent says: given its words since the last answer, and how often was answered.
pub(crate) type Script = fn(said: &str, answered: usize) -> Option<String>;

/// A lying server, for direct TLS.
pub(crate) struct Fake {
    folder: TempDir,
    pub(crate) port: u16,
}

impl Fake {
    pub(crate) async fn start(script: Script) -> Self {
        let folder = TempDir::new().expect("a folder");
        certificates(folder.path());
        let pem = |name: &str| fs::read(folder.path().join("certs").join(name)).expect("a certificate");
        let chain = vec![CertificateDer::from_pem_slice(&pem("srv.crt")).expect("the certificate")];
        let key = PrivateKeyDer::from_pem_slice(&pem("srv.key")).expect("the key");
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("TLS")
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .expect("a certificate with its key");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("its address").port();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                tokio::spawn(lie(tcp, acceptor.clone(), script));
            }
        });
        Self { folder, port }
    }

    pub(crate) fn authority(&self) -> String {
        fs::read_to_string(self.folder.path().join("certs/ca.crt")).expect("the authority")
    }
}

async fn lie(tcp: TcpStream, acceptor: TlsAcceptor, script: Script) -> Option<()> {
    let mut agent = acceptor.accept(tcp).await.ok()?;
    let (mut said, mut answered, mut chunk) = (String::new(), 0, [0; 4_096]);
    loop {
        let octets = agent.read(&mut chunk).await.ok().filter(|&n| n > 0)?;
        said.push_str(&String::from_utf8_lossy(chunk.get(..octets)?));
        if let Some(answer) = script(&said, answered) {
            answered += 1;
            said.clear();
            agent.write_all(answer.as_bytes()).await.ok()?;
            agent.flush().await.ok()?;
        }
    }
}
