//! An invitation: one line that brings a new agent to the server of another one, and into its roster. Pure, except for chance.
//!
//! It looks like an address, so that a person sees to which server it leads:
//! `telltale-mesh:example.org?v=1&inviter=anna%40example.org&token=…&until=2026-12-01T12:00:00Z`, and, where they are not the usual,
//! `server`, `tls=direct`, `pin` (hex) or `ca` (an authority's certificate: base64url of its DER). It holds no password. Whoever has
//! the line may join until it ends, so it is given like a key. Never here: asking anybody, drawing a QR code.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::{SecureRandom, SystemRandom};
use std::collections::BTreeMap;
use telltale_core::model::{Invitation, MeshTls, MeshTrust, Timestamp};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use xmpp_parsers::jid::BareJid;

/// What an invitation begins with.
pub const SCHEME: &str = "telltale-mesh:";
/// Octets of a line at most: what a QR code holds (version 40, level L) and no more.
pub const MAX_LINE: usize = 2_953;
/// The version of this form.
const VERSION: &str = "1";
/// Certificates of one authority at most.
const MAX_CERTIFICATES: usize = 4;

/// Why a line is no invitation that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvitationError {
    /// It is something else.
    #[error("this is not an invitation: one begins with {SCHEME}")]
    Other,
    /// It was written by a newer Telltale.
    #[error("this invitation is of a newer Telltale")]
    Newer,
    /// It is damaged, or cannot be written; the text says what is wrong.
    #[error("this invitation is damaged: {0}")]
    Damaged(String),
    /// It ended.
    #[error("this invitation has ended; ask for a new one")]
    Ended,
}

fn damaged(what: impl Into<String>) -> InvitationError {
    InvitationError::Damaged(what.into())
}

/// A new token: 128 bits of chance, URL-safe. Fails where the system has none.
pub fn new_token() -> Result<String, InvitationError> {
    let mut octets = [0; 16];
    SystemRandom::new()
        .fill(&mut octets)
        .map_err(|_| damaged("this computer gives no random numbers"))?;
    Ok(URL_SAFE_NO_PAD.encode(octets))
}

/// Writes an invitation in one line. Fails where it would not be read again: an authority that is no certificate, or too long.
pub fn to_line(invitation: &Invitation) -> Result<String, InvitationError> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("v", VERSION);
    query.append_pair("inviter", &invitation.inviter);
    query.append_pair("token", &invitation.token);
    query.append_pair("until", &until_text(invitation.until)?);
    if let Some(server) = &invitation.server {
        query.append_pair("server", server);
    }
    if invitation.tls == MeshTls::Direct {
        query.append_pair("tls", "direct");
    }
    match &invitation.trust {
        MeshTrust::System => {}
        MeshTrust::Pin { sha256 } => {
            query.append_pair("pin", sha256);
        }
        MeshTrust::Authority { pem } => {
            for certificate in certificates(pem)? {
                query.append_pair("ca", &URL_SAFE_NO_PAD.encode(certificate));
            }
        }
    }
    let line = format!("{SCHEME}{}?{}", invitation.domain, query.finish());
    if line.len() > MAX_LINE {
        return Err(damaged(
            "it is longer than a QR code can hold; a pin is shorter than an authority",
        ));
    }
    // Nothing is given away that would not be read.
    parse(&line)?;
    Ok(line)
}

/// Reads a line, with the spaces that copying brings around it. `now` says whether it still holds.
pub fn from_line(line: &str, now: Timestamp) -> Result<Invitation, InvitationError> {
    let invitation = parse(line.trim())?;
    if invitation.until <= now {
        return Err(InvitationError::Ended);
    }
    Ok(invitation)
}

fn parse(line: &str) -> Result<Invitation, InvitationError> {
    let scheme = line.get(..SCHEME.len()).ok_or(InvitationError::Other)?;
    if !scheme.eq_ignore_ascii_case(SCHEME) {
        return Err(InvitationError::Other);
    }
    if line.len() > MAX_LINE {
        return Err(damaged("it is too long"));
    }
    let rest = line.get(SCHEME.len()..).unwrap_or_default();
    let (domain, query) = rest.split_once('?').ok_or_else(|| damaged("its end is missing"))?;
    let mut fields = Fields::read(query)?;
    match fields.one("v")?.as_deref() {
        Some(VERSION) => {}
        Some(_) => return Err(InvitationError::Newer),
        None => return Err(damaged("it has no version")),
    }
    let domain = plain_domain(domain)?;
    let inviter = fields.wanted("inviter")?;
    let inviter = BareJid::new(&inviter)
        .ok()
        .filter(|jid| jid.node().is_some())
        .ok_or_else(|| damaged("who invites has no address"))?;
    let token = fields.wanted("token")?;
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !(16..=128).contains(&token.len()) || !token.chars().all(fits) {
        return Err(damaged("its token is none"));
    }
    let until = until(&fields.wanted("until")?)?;
    let server = fields.one("server")?;
    if server
        .as_ref()
        .is_some_and(|s| s.is_empty() || s.len() > 260 || s.contains(char::is_whitespace))
    {
        return Err(damaged("its server is none"));
    }
    let tls = match fields.one("tls")?.as_deref() {
        None | Some("starttls") => MeshTls::StartTls,
        Some("direct") => MeshTls::Direct,
        // Never a connection without encryption, whatever an invitation says.
        Some(_) => return Err(damaged("its kind of encryption is unknown")),
    };
    Ok(Invitation {
        domain,
        server,
        tls,
        trust: trust(&mut fields)?,
        inviter: inviter.to_string(),
        token,
        until,
    })
}

/// The fields of a line by name; unknown ones are passed over.
struct Fields(BTreeMap<String, Vec<String>>);

impl Fields {
    fn read(query: &str) -> Result<Self, InvitationError> {
        let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if value.contains(char::is_control) || value.contains(char::REPLACEMENT_CHARACTER) {
                return Err(damaged(format!("`{name}` holds what is no text")));
            }
            fields.entry(name.into_owned()).or_default().push(value.into_owned());
        }
        Ok(Self(fields))
    }

    /// All values of a field.
    fn all(&mut self, name: &str) -> Vec<String> {
        self.0.remove(name).unwrap_or_default()
    }

    /// The value of a field that may be missing, but not come twice.
    fn one(&mut self, name: &str) -> Result<Option<String>, InvitationError> {
        let mut values = self.all(name);
        if values.len() > 1 {
            return Err(damaged(format!("`{name}` comes twice")));
        }
        Ok(values.pop())
    }

    fn wanted(&mut self, name: &str) -> Result<String, InvitationError> {
        self.one(name)?.ok_or_else(|| damaged(format!("`{name}` is missing")))
    }
}

fn plain_domain(domain: &str) -> Result<String, InvitationError> {
    let wrong = || damaged("its server has no name");
    let jid = BareJid::new(domain).map_err(|_| wrong())?;
    if jid.node().is_some() || domain.contains(['@', '/', '?', '#', '%']) {
        return Err(wrong());
    }
    Ok(jid.domain().as_str().to_owned())
}

fn trust(fields: &mut Fields) -> Result<MeshTrust, InvitationError> {
    let pin = fields.one("pin")?;
    let authority = fields.all("ca");
    match (pin, authority.as_slice()) {
        (None, []) => Ok(MeshTrust::System),
        (Some(sha256), []) => {
            if sha256.len() != 64 || !sha256.chars().all(|c| c.is_ascii_hexdigit()) {
                return Err(damaged("its pin is none"));
            }
            Ok(MeshTrust::Pin {
                sha256: sha256.to_ascii_lowercase(),
            })
        }
        (None, authority) if authority.len() <= MAX_CERTIFICATES => {
            let certificates: Result<Vec<_>, _> = authority.iter().map(|text| URL_SAFE_NO_PAD.decode(text)).collect();
            let certificates = certificates.map_err(|_| damaged("its authority is none"))?;
            Ok(MeshTrust::Authority {
                pem: certificates.iter().map(|der| pem(der)).collect(),
            })
        }
        _ => Err(damaged("it names more than one who vouches for the server")),
    }
}

fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, InvitationError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    match found {
        Ok(found) if !found.is_empty() && found.len() <= MAX_CERTIFICATES => Ok(found),
        _ => Err(damaged("the authority's certificate cannot be read")),
    }
}

/// RFC 7468.
fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut pem = "-----BEGIN CERTIFICATE-----\n".to_owned();
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at(rest.len().min(64));
        pem.push_str(line);
        pem.push('\n');
        rest = more;
    }
    pem + "-----END CERTIFICATE-----\n"
}

fn until_text(until: Timestamp) -> Result<String, InvitationError> {
    let at = jiff::Timestamp::from_nanosecond(i128::from(until.0)).map_err(|_| damaged("its end is no time"))?;
    Ok(format!("{at:.0}"))
}

fn until(text: &str) -> Result<Timestamp, InvitationError> {
    let at: jiff::Timestamp = text.parse().map_err(|_| damaged("its end is no time"))?;
    i64::try_from(at.as_nanosecond())
        .map(Timestamp)
        .map_err(|_| damaged("its end is no time"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-12-01T12:00:00Z.
    const UNTIL: Timestamp = Timestamp(1_796_126_400_000_000_000);
    const BEFORE: Timestamp = Timestamp(UNTIL.0 - 1);
    const LINE: &str = "telltale-mesh:example.org?v=1&inviter=anna%40example.org&token=0123456789abcdef-_\
                        &until=2026-12-01T12%3A00%3A00Z";

    fn invitation(trust: MeshTrust) -> Invitation {
        Invitation {
            domain: "example.org".to_owned(),
            server: None,
            tls: MeshTls::StartTls,
            trust,
            inviter: "anna@example.org".to_owned(),
            token: "0123456789abcdef-_".to_owned(),
            until: UNTIL,
        }
    }

    #[test]
    fn the_plain_one_reads_like_an_address() {
        let plain = invitation(MeshTrust::System);
        assert_eq!(to_line(&plain).as_deref(), Ok(LINE));
        assert_eq!(from_line(&format!("  {LINE}\n"), BEFORE), Ok(plain));
    }

    #[test]
    fn every_kind_comes_back_as_it_went() {
        let der: Vec<u8> = (0..700_u32).map(|n| (n % 251).to_le_bytes()[0]).collect();
        for trust in [
            MeshTrust::System,
            MeshTrust::Pin {
                sha256: "0a".repeat(32),
            },
            MeshTrust::Authority { pem: pem(&der) },
            MeshTrust::Authority {
                pem: pem(&der) + &pem(b"second"),
            },
        ] {
            let there = Invitation {
                server: Some("[2001:db8::1]:5223".to_owned()),
                tls: MeshTls::Direct,
                ..invitation(trust)
            };
            let line = to_line(&there).expect("a line");
            assert!(!line.contains(char::is_whitespace));
            assert_eq!(from_line(&line, BEFORE), Ok(there));
        }
    }

    #[test]
    fn one_that_ended_is_told() {
        assert_eq!(from_line(LINE, UNTIL), Err(InvitationError::Ended));
    }

    #[test]
    fn something_else_or_of_a_newer_one_is_told() {
        for other in ["", "https://example.org", "telltale-mes", "xmpp:anna@example.org", "é"] {
            assert_eq!(from_line(other, BEFORE), Err(InvitationError::Other), "{other}");
        }
        assert_eq!(
            from_line(&LINE.replace("v=1", "v=2"), BEFORE),
            Err(InvitationError::Newer)
        );
        assert!(
            from_line(&LINE.replace("telltale", "TELLTALE"), BEFORE).is_ok(),
            "QR codes have capitals"
        );
    }

    #[test]
    fn a_damaged_one_is_refused() {
        for (from, to) in [
            ("example.org?", "?"),
            ("example.org?", "a@example.org?"),
            ("example.org?", "example.org/x?"),
            ("v=1&", ""),
            ("v=1", "v=1&v=1"),
            ("anna%40", ""),
            ("0123456789abcdef", "short"),
            ("0123456789abcdef", "0123456789abcd f"),
            ("2026-12-01", "2026-13-01"),
            ("?v=1", "?v=1&tls=none"),
            ("?v=1", "?v=1&pin=00"),
            ("?v=1", "?v=1&ca=!"),
            ("?v=1", "?v=1&server="),
            ("?v=1", "?v=1&server=a%00b"),
            ("?v=1", "?v=1&server=a%ffb"),
            ("?v=1", "?v=1&inviter=eve%40example.org"),
        ] {
            let line = LINE.replace(from, to);
            assert_ne!(line, LINE, "{from}");
            let read = from_line(&line, BEFORE);
            assert!(matches!(read, Err(InvitationError::Damaged(_))), "{line}: {read:?}");
        }
        let pin = "0a".repeat(32);
        let both = LINE.replace("?v=1", &format!("?v=1&pin={pin}&ca=AAAA"));
        assert!(from_line(&both, BEFORE).is_err());
        assert!(from_line(&format!("{LINE}&x={}", "y".repeat(MAX_LINE)), BEFORE).is_err());
    }

    #[test]
    fn one_that_could_not_be_read_is_not_given_away() {
        let long: Vec<u8> = vec![7; 3_000];
        for wrong in [
            invitation(MeshTrust::Authority { pem: "no".to_owned() }),
            invitation(MeshTrust::Authority { pem: pem(&long) }),
            invitation(MeshTrust::Pin {
                sha256: "no".to_owned(),
            }),
            Invitation {
                token: "short".to_owned(),
                ..invitation(MeshTrust::System)
            },
        ] {
            assert!(to_line(&wrong).is_err());
        }
    }

    #[test]
    fn a_token_is_new_each_time() {
        let (one, other) = (new_token().expect("chance"), new_token().expect("chance"));
        assert!(one != other && one.len() == 22);
    }

    #[test]
    fn no_part_of_a_line_panics() {
        for end in 0..=LINE.len() {
            let _ = from_line(&LINE[..end], BEFORE);
            let _ = from_line(&LINE[end..], BEFORE);
        }
    }
}
