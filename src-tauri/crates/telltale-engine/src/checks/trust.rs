//! Whom this computer believes: lists of authorities, and what they say of a server's certificates.
//!
//! Two lists are asked, for they mean different things: the one of this computer, into which its owner, an employer or a program may
//! have put an authority of their own, and the public one (Mozilla's, as `webpki-roots` carries it).

use super::Problem;
use std::sync::Arc;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::ServerCertVerifier;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{CertificateError, Error, RootCertStore};

/// The two lists.
#[derive(Clone, Debug)]
pub(crate) struct Authorities {
    /// Whom this computer trusts.
    pub(crate) of_computer: Arc<RootCertStore>,
    /// Whom browsers trust in general.
    pub(crate) public: Arc<RootCertStore>,
}

impl Authorities {
    /// Reads this computer's list, on a thread of its own: it is some hundred files.
    pub(super) async fn load() -> Result<Self, Problem> {
        let read = tokio::task::spawn_blocking(|| {
            let mut of_computer = RootCertStore::empty();
            of_computer.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            of_computer
        });
        let of_computer = read
            .await
            .map_err(|_| Problem::Failed("this computer's list of authorities cannot be read".to_owned()))?;
        let public = webpki_roots::TLS_SERVER_ROOTS
            .iter()
            .cloned()
            .collect::<RootCertStore>();
        Ok(Self {
            of_computer: Arc::new(of_computer),
            public: Arc::new(public),
        })
    }
}

pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// Whether one of `roots` vouches for the chain at that time; the name is judged elsewhere. `Err`: why not, for a person.
pub(super) fn vouched(
    roots: &Arc<RootCertStore>,
    chain: &[CertificateDer<'_>],
    name: &ServerName<'_>,
    at: UnixTime,
) -> Result<(), String> {
    let Some((first, others)) = chain.split_first() else {
        return Err("it shows no certificate".to_owned());
    };
    let judge = WebPkiServerVerifier::builder_with_provider(roots.clone(), provider()).build();
    let judge = judge.map_err(|_| "there is no list of authorities to ask".to_owned())?;
    match judge.verify_server_cert(first, others, name, &[], at) {
        Ok(_)
        | Err(Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        )) => Ok(()),
        Err(Error::InvalidCertificate(because)) => Err(in_words(&because)),
        Err(other) => Err(super::text::named(&other.to_string())),
    }
}

fn in_words(because: &CertificateError) -> String {
    use CertificateError as C;
    match because {
        C::Expired | C::ExpiredContext { .. } => "a certificate has ended".to_owned(),
        C::NotValidYet | C::NotValidYetContext { .. } => "a certificate is not valid yet".to_owned(),
        C::UnknownIssuer => "no authority that is trusted has signed it".to_owned(),
        C::BadSignature => "a signature is wrong".to_owned(),
        C::BadEncoding => "a certificate cannot be read".to_owned(),
        C::InvalidPurpose | C::InvalidPurposeContext { .. } => "it is not meant for servers".to_owned(),
        C::Revoked => "it was revoked".to_owned(),
        C::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            "it is signed by nobody but itself".to_owned()
        }
        other => super::text::named(&other.to_string()),
    }
}
