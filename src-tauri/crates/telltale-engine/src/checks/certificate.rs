//! One certificate as facts.
//!
//! Of each: `subject`, `issuer`, `serial` (hex), `not_before`, `not_after` (RFC 3339, UTC), `names` (DNS names and addresses it is for),
//! `names_left_out` (where there are more), `key` (`RSA 2048`, `EC P-256`, `Ed25519` ...), `signature` (the algorithm), `authority`
//! (whether it may sign others), `sha256` (of the whole), `key_sha256` (of its `SubjectPublicKeyInfo`, what a pin names). One that cannot
//! be read has `sha256` and `unreadable`.

use super::text::{hex, plain};
use jiff::Timestamp as Moment;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use std::net::IpAddr;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::objects::{oid_registry, oid2sn};
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use x509_parser::time::ASN1Time;

/// Names of one certificate that are told.
const MAX_NAMES: usize = 100;
/// Characters of a distinguished name, and octets of a serial number (RFC 5280 section 4.1.2.2 allows 20).
const MAX_DN: usize = 300;
const MAX_SERIAL: usize = 20;

/// What is asked of a certificate beyond its facts.
pub(super) struct Read {
    pub(super) facts: Value,
    /// Hex of SHA-256 of its public key.
    pub(super) key_sha256: Option<String>,
    /// Who issued it, in short.
    pub(super) issuer: String,
    /// Seconds since the epoch.
    pub(super) not_before: Option<i64>,
    pub(super) not_after: Option<i64>,
}

/// Hex of SHA-256.
pub(super) fn sha256(octets: &[u8]) -> String {
    hex(digest(&SHA256, octets).as_ref())
}

pub(super) fn read(der: &[u8]) -> Read {
    let Ok((_, certificate)) = X509Certificate::from_der(der) else {
        return Read {
            facts: json!({ "sha256": sha256(der), "unreadable": true }),
            key_sha256: None,
            issuer: "nobody that could be read".to_owned(),
            not_before: None,
            not_after: None,
        };
    };
    let key_sha256 = sha256(certificate.public_key().raw);
    let validity = certificate.validity();
    let (names, left_out) = names(&certificate);
    let serial = certificate.raw_serial();
    let mut facts = json!({
        "subject": plain(&certificate.subject().to_string(), MAX_DN),
        "issuer": plain(&certificate.issuer().to_string(), MAX_DN),
        "serial": hex(serial.get(..MAX_SERIAL + 1).unwrap_or(serial)),
        "not_before": moment(validity.not_before),
        "not_after": moment(validity.not_after),
        "names": names,
        "key": key(&certificate),
        "signature": algorithm(&certificate.signature_algorithm.algorithm),
        "authority": certificate.is_ca(),
        "sha256": sha256(der),
        "key_sha256": key_sha256,
    });
    if left_out > 0 {
        facts["names_left_out"] = left_out.into();
    }
    Read {
        facts,
        key_sha256: Some(key_sha256),
        issuer: issuer(&certificate),
        not_before: Some(validity.not_before.timestamp()),
        not_after: Some(validity.not_after.timestamp()),
    }
}

/// RFC 3339; null where the year is one that no calendar holds.
fn moment(time: ASN1Time) -> Option<String> {
    Moment::from_second(time.timestamp()).ok().map(|m| m.to_string())
}

/// The organisation that issued it, else its common name.
fn issuer(certificate: &X509Certificate<'_>) -> String {
    let issuer = certificate.issuer();
    let told = issuer.iter_organization().chain(issuer.iter_common_name());
    let mut texts = told.filter_map(|a| a.as_str().ok());
    texts.next().map_or_else(|| issuer.to_string(), str::to_owned)
}

/// The names it is for, and how many more there are.
fn names(certificate: &X509Certificate<'_>) -> (Vec<String>, usize) {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else {
        return (Vec::new(), 0);
    };
    let all = &extension.value.general_names;
    let texts = all.iter().filter_map(|name| match name {
        GeneralName::DNSName(name) => Some(plain(name, 253)),
        GeneralName::IPAddress(octets) => address(octets).map(|ip| ip.to_string()),
        _ => None,
    });
    let texts: Vec<_> = texts.collect();
    let left_out = texts.len().saturating_sub(MAX_NAMES);
    (texts.into_iter().take(MAX_NAMES).collect(), left_out)
}

fn address(octets: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    four.or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from)).ok()
}

/// The kind of public key with its size.
fn key(certificate: &X509Certificate<'_>) -> String {
    let key = certificate.public_key();
    match key.parsed() {
        Ok(PublicKey::RSA(rsa)) => format!("RSA {}", rsa.key_size()),
        Ok(PublicKey::EC(_)) => {
            let curve = key.algorithm.parameters.as_ref().and_then(|p| p.as_oid().ok());
            match curve.map(|c| c.to_id_string()).as_deref() {
                Some("1.2.840.10045.3.1.7") => "EC P-256".to_owned(),
                Some("1.3.132.0.34") => "EC P-384".to_owned(),
                Some("1.3.132.0.35") => "EC P-521".to_owned(),
                _ => "EC".to_owned(),
            }
        }
        _ => match key.algorithm.algorithm.to_id_string().as_str() {
            "1.3.101.112" => "Ed25519".to_owned(),
            "1.3.101.113" => "Ed448".to_owned(),
            other => plain(other, 60),
        },
    }
}

fn algorithm(oid: &x509_parser::oid_registry::Oid<'_>) -> String {
    oid2sn(oid, oid_registry()).map_or_else(|_| plain(&oid.to_id_string(), 60), str::to_owned)
}
