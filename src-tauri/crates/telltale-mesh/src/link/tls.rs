//! Who vouches for the server: the system's authorities, one authority of the owner's, or one key. There is no way around.

use super::account::LinkError;
use super::pem::{self, wrong};
use ring::digest::{SHA256, digest};
use std::fmt::Write as _;
use std::sync::Arc;
use telltale_core::model::MeshTrust;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring as provider, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

/// How TLS is spoken with a server that `trust` vouches for.
pub(super) fn config(trust: &MeshTrust) -> Result<Arc<ClientConfig>, LinkError> {
    let provider = Arc::new(provider::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|e| LinkError::Invalid(format!("TLS cannot be spoken here: {e}")))?;
    let config = match trust {
        MeshTrust::System => builder.with_root_certificates(system_roots()).with_no_client_auth(),
        MeshTrust::Authority { pem } => builder
            .with_root_certificates(roots(&pem::usual(pem)?)?)
            .with_no_client_auth(),
        MeshTrust::Pin { sha256 } => {
            let pin = pin(sha256)?;
            builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Pinned { pin, provider }))
                .with_no_client_auth()
        }
    };
    Ok(Arc::new(config))
}

/// SHA-256 of a certificate's public key (`SubjectPublicKeyInfo`), hex: what a pin is.
///
/// Fails where `certificate` (DER) is none.
pub fn key_pin(certificate: &[u8]) -> Result<String, LinkError> {
    let certificate = CertificateDer::from(certificate);
    let parsed = ParsedCertificate::try_from(&certificate)
        .map_err(|e| LinkError::Invalid(format!("the certificate cannot be read: {e}")))?;
    Ok(hex(digest(&SHA256, &parsed.subject_public_key_info()).as_ref()))
}

fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    // An authority that rustls cannot read vouches for nobody.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

/// The authorities of a text in the usual form.
pub(super) fn roots(pem: &str) -> Result<RootCertStore, LinkError> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        roots.add(certificate.map_err(wrong)?).map_err(wrong)?;
    }
    if roots.is_empty() {
        return Err(wrong("there is none in the text"));
    }
    Ok(roots)
}

fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::with_capacity(64), |mut text, octet| {
        let _ = write!(text, "{octet:02x}");
        text
    })
}

/// Reads a pin: 64 hex digits, colons and spaces between them are allowed.
fn pin(text: &str) -> Result<[u8; 32], LinkError> {
    let wrong = || LinkError::Invalid("the pin is not a SHA-256 in 64 hex digits".to_owned());
    let digits: Vec<u8> = text
        .chars()
        .filter(|c| !matches!(c, ':' | ' '))
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()).ok_or_else(wrong))
        .collect::<Result<_, _>>()?;
    let octets: Vec<u8> = digits
        .chunks(2)
        .map(|pair| pair.iter().fold(0, |n, d| n << 4 | d))
        .collect();
    if digits.len() != 64 {
        return Err(wrong());
    }
    octets.try_into().map_err(|_| wrong())
}

/// Lets in the server that has one key, whatever name and dates its certificate has: the key is the name.
#[derive(Debug)]
struct Pinned {
    pin: [u8; 32],
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let key = ParsedCertificate::try_from(end_entity)?.subject_public_key_info();
        if digest(&SHA256, &key).as_ref() == self.pin {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_64_hex_digits() {
        assert_eq!(pin(&"0f".repeat(32)), Ok([0x0f; 32]));
        assert_eq!(pin(&"AB:".repeat(32)), Ok([0xab; 32]));
        for wrong in ["", "0f", &"0f".repeat(33), &"0g".repeat(32), &"0f".repeat(31)] {
            assert!(pin(wrong).is_err(), "{wrong}");
        }
        assert_eq!(pin(&hex(&[7; 32])), Ok([7; 32]));
    }
}
