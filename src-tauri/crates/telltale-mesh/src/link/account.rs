//! An account on an XMPP server, checked before anything is sent, and what can keep a link from standing.

use super::tls;
use std::fmt;
use std::sync::Arc;
use telltale_core::model::{MeshRefusal, MeshTls, MeshTrust};
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;
use xmpp_parsers::jid::{BareJid, Jid, ResourcePart};

/// An account, and how its server is reached.
#[derive(Clone)]
pub struct Account {
    /// Bare JID, `name@server`.
    pub jid: String,
    /// The password. It leaves this computer only as a proof (SCRAM), except when an account is registered.
    pub password: String,
    /// `host` or `host:port`; `None`: what DNS says of the JID's domain.
    pub server: Option<String>,
    /// How the connection is encrypted.
    pub tls: MeshTls,
    /// Who vouches for the server.
    pub trust: MeshTrust,
    /// The resource to ask for; `None`: the server picks one.
    pub resource: Option<String>,
}

/// Says everything but the password.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("jid", &self.jid)
            .field("server", &self.server)
            .field("tls", &self.tls)
            .field("trust", &self.trust)
            .field("resource", &self.resource)
            .finish_non_exhaustive()
    }
}

/// Why there is no link; each text is plain English, for a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// The account cannot be used as it is written: its address, server, authority or pin.
    #[error("{0}")]
    Invalid(String),
    /// It cannot stand until its owner changes something.
    #[error("{problem}")]
    Refused {
        /// What is in the way.
        why: MeshRefusal,
        /// In words.
        problem: String,
    },
    /// The server cannot be reached, or the connection broke; it may work later.
    #[error("{0}")]
    Broken(String),
    /// The name to register is taken.
    #[error("the name {0} is taken on this server")]
    NameTaken(String),
    /// The server lets nobody register by the app.
    #[error("the server does not let the app make an account: {0}")]
    NoRegistration(String),
}

impl LinkError {
    pub(super) fn refused(why: MeshRefusal, problem: impl Into<String>) -> Self {
        Self::Refused {
            why,
            problem: problem.into(),
        }
    }

    /// It broke; what is said comes from the system or the server.
    pub(super) fn broke(what: &str, because: impl fmt::Display) -> Self {
        Self::Broken(format!("{what}: {because}"))
    }
}

/// Where the server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// What the SRV records of the domain say, else the domain itself.
    Domain(String),
    /// This host; no port: the usual one.
    Host(String, Option<u16>),
}

/// An account that was checked, ready to be used as often as the link has to be made.
pub(super) struct Checked {
    pub(super) jid: BareJid,
    /// With the resource, where one is asked for.
    pub(super) identity: Jid,
    pub(super) password: String,
    pub(super) place: Place,
    pub(super) tls: MeshTls,
    pub(super) config: Arc<ClientConfig>,
    /// Whom the certificate must name: the domain, wherever the server is reached.
    pub(super) name: ServerName<'static>,
}

impl TryFrom<Account> for Checked {
    type Error = LinkError;

    fn try_from(account: Account) -> Result<Self, LinkError> {
        let jid = BareJid::new(&account.jid)
            .ok()
            .filter(|jid| jid.node().is_some())
            .ok_or_else(|| LinkError::Invalid(format!("`{}` is no address; it is written name@server", account.jid)))?;
        let identity = match &account.resource {
            None => Jid::from(jid.clone()),
            Some(resource) => {
                let part = ResourcePart::new(resource)
                    .map_err(|e| LinkError::Invalid(format!("`{resource}` cannot be a resource: {e}")))?;
                Jid::from(jid.with_resource(&part))
            }
        };
        let domain = jid.domain().as_str().to_owned();
        let name = ServerName::try_from(domain.trim_matches(['[', ']']).to_owned())
            .map_err(|_| LinkError::Invalid(format!("`{domain}` is no name that a certificate can have")))?;
        let place = match account.server.as_deref().map(str::trim).filter(|s| !s.is_empty()) {
            None => Place::Domain(domain),
            Some(server) => place(server)?,
        };
        Ok(Self {
            identity,
            jid,
            password: account.password,
            place,
            tls: account.tls,
            config: speaking(tls::config(&account.trust)?, account.tls),
            name,
        })
    }
}

/// Direct TLS says what will be spoken within (XEP-0368): one port may serve several protocols.
fn speaking(mut config: Arc<ClientConfig>, tls: MeshTls) -> Arc<ClientConfig> {
    if tls == MeshTls::Direct {
        Arc::make_mut(&mut config).alpn_protocols = vec![b"xmpp-client".to_vec()];
    }
    config
}

/// Reads `host`, `host:port`, `[v6]`, `[v6]:port` and a bare IPv6 address.
fn place(server: &str) -> Result<Place, LinkError> {
    let wrong = || LinkError::Invalid(format!("`{server}` is no server; it is written host or host:port"));
    let (host, port) = if let Some(rest) = server.strip_prefix('[') {
        match rest.split_once(']').ok_or_else(wrong)? {
            (host, "") => (host, None),
            (host, port) => (host, Some(port.strip_prefix(':').ok_or_else(wrong)?)),
        }
    } else {
        match server.split_once(':') {
            Some((_, rest)) if rest.contains(':') => (server, None),
            Some((host, port)) => (host, Some(port)),
            None => (server, None),
        }
    };
    let port = port.map(str::parse::<u16>).transpose().map_err(|_| wrong())?;
    let odd = |c: char| c.is_whitespace() || c.is_control() || "/@\"'<>[]".contains(c);
    if host.is_empty() || host.contains(odd) || port == Some(0) {
        return Err(wrong());
    }
    Ok(Place::Host(host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(jid: &str, server: Option<&str>) -> Account {
        Account {
            jid: jid.to_owned(),
            password: "s3cret".to_owned(),
            server: server.map(str::to_owned),
            tls: MeshTls::StartTls,
            trust: MeshTrust::Pin {
                sha256: "ab".repeat(32),
            },
            resource: None,
        }
    }

    #[test]
    fn a_server_is_a_host_with_or_without_a_port() {
        let host = |host: &str, port| Ok(Place::Host(host.to_owned(), port));
        assert_eq!(place("xmpp.example.org"), host("xmpp.example.org", None));
        assert_eq!(place("127.0.0.1:5299"), host("127.0.0.1", Some(5299)));
        assert_eq!(place("[::1]:5299"), host("::1", Some(5299)));
        assert_eq!(place("[::1]"), host("::1", None));
        assert_eq!(place("2001:db8::1"), host("2001:db8::1", None));
        for wrong in [
            "",
            "host:",
            "host:0",
            "host:70000",
            "a b",
            "http://host",
            "[::1",
            "[::1]x",
            "a@b",
        ] {
            assert!(place(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_account_is_checked_before_anything_is_sent() {
        for wrong in ["", "server.example", "@server.example", "name@", "a b@c"] {
            assert!(
                matches!(Checked::try_from(account(wrong, None)), Err(LinkError::Invalid(_))),
                "{wrong}"
            );
        }
        let checked = Checked::try_from(account("Probe@Example.ORG", None)).expect("an account");
        assert_eq!(checked.jid.to_string(), "probe@example.org");
        assert_eq!(checked.place, Place::Domain("example.org".to_owned()));

        let mut pinned = account("a@b", None);
        pinned.trust = MeshTrust::Pin {
            sha256: "xyz".to_owned(),
        };
        assert!(Checked::try_from(pinned).is_err());
        let mut authority = account("a@b", None);
        authority.trust = MeshTrust::Authority { pem: "no".to_owned() };
        assert!(Checked::try_from(authority).is_err());
    }

    #[test]
    fn direct_tls_says_what_is_spoken_within() {
        let spoken = |tls| {
            let account = Account {
                tls,
                ..account("a@b", None)
            };
            Checked::try_from(account)
                .expect("an account")
                .config
                .alpn_protocols
                .clone()
        };
        assert_eq!(spoken(MeshTls::Direct), [b"xmpp-client".to_vec()]);
        assert!(spoken(MeshTls::StartTls).is_empty());
    }

    #[test]
    fn what_is_printed_of_an_account_has_no_password() {
        assert!(!format!("{:?}", account("a@b", None)).contains("s3cret"));
    }
}
