//! The system's keyring: the Secret Service of freedesktop.org, version 0.2, over the session's D-Bus (GNOME Keyring, KDE Wallet,
//! `KeePassXC`).
//!
//! Secrets travel in the service's plain session: the bus is a socket of this user alone. Whoever is asked to open a keyring has time to
//! do it. Never here: files, which account.

use std::collections::HashMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;
use tokio::time::timeout;
use zbus::export::futures_core::Stream as _;
use zbus::export::serde::Serialize;
use zbus::{
    Connection, DynamicType, MatchRule, Message, MessageStream, OwnedObjectPath, OwnedVariant, Variant, conn, fdo,
    message,
};

const NAME: &str = "org.freedesktop.secrets";
const ROOT: &str = "/org/freedesktop/secrets";
const SERVICE: &str = "org.freedesktop.Secret.Service";
const COLLECTION: &str = "org.freedesktop.Secret.Collection";
const ITEM: &str = "org.freedesktop.Secret.Item";
const PROMPT: &str = "org.freedesktop.Secret.Prompt";
/// "No object", where one may be missing.
const NOTHING: &str = "/";

/// A service that lives answers so soon; a service that is started first, too.
const ANSWER: Duration = Duration::from_secs(10);
/// A person who is asked for the keyring's password.
const PERSON: Duration = Duration::from_mins(2);
/// Items of one account that are looked at.
const MAX_ITEMS: usize = 16;

/// A secret as it travels: session, parameters, value, kind.
type Secret = (OwnedObjectPath, Vec<u8>, Vec<u8>, String);
/// Items that are open, and items that are locked.
type Found = (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>);

/// Why the keyring did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum KeyringError {
    /// There is none: no session bus, nobody who offers it, or no collection in it.
    #[error("this computer has no keyring")]
    Absent,
    /// Nobody opened it.
    #[error("the system's keyring was not opened")]
    Closed,
    /// It refused; the text is its own.
    #[error("the system's keyring refused: {0}")]
    Refused(String),
    /// It does not answer.
    #[error("the system's keyring does not answer")]
    Silent,
}

/// An open conversation with the keyring.
pub(super) struct Keyring {
    connection: Connection,
    session: OwnedObjectPath,
}

impl Keyring {
    /// Begins a conversation; the service is started where it can be.
    pub(super) async fn open() -> Result<Self, KeyringError> {
        Self::over(conn::Builder::session()).await
    }

    /// Begins a conversation on the bus at this address.
    #[cfg(test)]
    pub(super) async fn open_at(address: &str) -> Result<Self, KeyringError> {
        Self::over(conn::Builder::address(address)).await
    }

    async fn over(bus: conn::Builder<'_>) -> Result<Self, KeyringError> {
        // A bus that does not answer is none.
        let Ok(Ok(connection)) = timeout(ANSWER, bus.build()).await else {
            return Err(KeyringError::Absent);
        };
        let opened: (OwnedVariant, OwnedObjectPath) =
            ask(&connection, ROOT, SERVICE, "OpenSession", &("plain", Variant::from(""))).await?;
        Ok(Self {
            connection,
            session: opened.1,
        })
    }

    /// Stores a password in the default collection; one of the same account is replaced.
    pub(super) async fn keep(&self, owner: &str, account: &str, password: &str) -> Result<(), KeyringError> {
        let collection: OwnedObjectPath = self.ask(ROOT, SERVICE, "ReadAlias", &("default",)).await?;
        if collection.as_str() == NOTHING {
            return Err(KeyringError::Absent);
        }
        self.unlock(std::slice::from_ref(&collection)).await?;
        let label = format!("Telltale: {account}");
        let properties: HashMap<&str, Variant<'_>> = HashMap::from([
            ("org.freedesktop.Secret.Item.Label", Variant::from(label.as_str())),
            (
                "org.freedesktop.Secret.Item.Attributes",
                Variant::from(attributes(owner, account)),
            ),
        ]);
        let kind = "text/plain; charset=utf8";
        let secret = (&self.session, Vec::<u8>::new(), password.as_bytes(), kind);
        let made: (OwnedObjectPath, OwnedObjectPath) = self
            .ask(
                collection.as_str(),
                COLLECTION,
                "CreateItem",
                &(properties, secret, true),
            )
            .await?;
        self.prompt(&made.1).await
    }

    /// The password of an account.
    pub(super) async fn find(&self, owner: &str, account: &str) -> Result<Option<String>, KeyringError> {
        let (open, locked) = self.search(owner, account).await?;
        let item = match (open.first(), locked.first()) {
            (Some(item), _) => item,
            (None, Some(item)) => {
                self.unlock(std::slice::from_ref(item)).await?;
                item
            }
            (None, None) => return Ok(None),
        };
        let secret: (Secret,) = self.ask(item.as_str(), ITEM, "GetSecret", &(&self.session,)).await?;
        let (_, _, value, _) = secret.0;
        let text =
            String::from_utf8(value).map_err(|_| KeyringError::Refused("what it holds is no text".to_owned()))?;
        Ok(Some(text))
    }

    /// Removes the password of an account.
    pub(super) async fn forget(&self, owner: &str, account: &str) -> Result<(), KeyringError> {
        let (open, locked) = self.search(owner, account).await?;
        if !locked.is_empty() {
            self.unlock(&locked).await?;
        }
        for item in open.iter().chain(&locked).take(MAX_ITEMS) {
            let prompt: OwnedObjectPath = self.ask(item.as_str(), ITEM, "Delete", &()).await?;
            self.prompt(&prompt).await?;
        }
        Ok(())
    }

    /// Locks the default collection.
    #[cfg(test)]
    pub(super) async fn lock(&self) {
        let collection: OwnedObjectPath = self
            .ask(ROOT, SERVICE, "ReadAlias", &("default",))
            .await
            .expect("its path");
        let _: (Vec<OwnedObjectPath>, OwnedObjectPath) = self
            .ask(ROOT, SERVICE, "Lock", &(vec![collection],))
            .await
            .expect("locked");
    }

    async fn search(&self, owner: &str, account: &str) -> Result<Found, KeyringError> {
        self.ask(ROOT, SERVICE, "SearchItems", &(attributes(owner, account),))
            .await
    }

    /// Opens what is locked; a person may be asked.
    async fn unlock(&self, objects: &[OwnedObjectPath]) -> Result<(), KeyringError> {
        let opened: (Vec<OwnedObjectPath>, OwnedObjectPath) = self.ask(ROOT, SERVICE, "Unlock", &(objects,)).await?;
        self.prompt(&opened.1).await
    }

    /// Lets the service ask its person, where it wants to, and waits for the answer.
    async fn prompt(&self, prompt: &OwnedObjectPath) -> Result<(), KeyringError> {
        if prompt.as_str() == NOTHING {
            return Ok(());
        }
        let rule = MatchRule::builder()
            .msg_type(message::Type::Signal)
            .path(prompt.as_str())
            .interface(PROMPT)
            .member("Completed")
            .build()
            .map_err(|e| refused(&e))?;
        let mut answers = MessageStream::for_match_rule(rule, &self.connection, None)
            .await
            .map_err(|e| refused(&e))?;
        let _: () = self.ask(prompt.as_str(), PROMPT, "Prompt", &("",)).await?;
        let answer = timeout(PERSON, poll_fn(|cx| Pin::new(&mut answers).poll_next(cx))).await;
        let Ok(Some(Ok(answer))) = answer else {
            return Err(KeyringError::Closed);
        };
        let (dismissed, _): (bool, OwnedVariant) = answer.body().deserialize().map_err(|e| refused(&e))?;
        if dismissed { Err(KeyringError::Closed) } else { Ok(()) }
    }

    async fn ask<B, A>(&self, path: &str, interface: &str, method: &str, body: &B) -> Result<A, KeyringError>
    where
        B: Serialize + DynamicType + Sync,
        A: Answer,
    {
        ask(&self.connection, path, interface, method, body).await
    }
}

/// Whatever can be the body of an answer.
trait Answer: for<'m> zbus::export::serde::Deserialize<'m> + zbus::Type {}
impl<T: for<'m> zbus::export::serde::Deserialize<'m> + zbus::Type> Answer for T {}

async fn ask<B, A>(
    connection: &Connection,
    path: &str,
    interface: &str,
    method: &str,
    body: &B,
) -> Result<A, KeyringError>
where
    B: Serialize + DynamicType + Sync,
    A: Answer,
{
    let call = connection.call_method(Some(NAME), path, Some(interface), method, body);
    let answer: Message = match timeout(ANSWER, call).await {
        Ok(answer) => answer.map_err(|e| refused(&e))?,
        Err(_) => return Err(KeyringError::Silent),
    };
    answer.body().deserialize().map_err(|e| refused(&e))
}

/// By what an item is found again.
fn attributes<'a>(owner: &'a str, account: &'a str) -> HashMap<&'static str, &'a str> {
    HashMap::from([("application", "telltale"), ("folder", owner), ("account", account)])
}

fn refused(error: &zbus::Error) -> KeyringError {
    match error {
        zbus::Error::FDO(error) => match &**error {
            fdo::Error::ServiceUnknown(_)
            | fdo::Error::NameHasNoOwner(_)
            | fdo::Error::SpawnServiceNotFound(_)
            | fdo::Error::Disconnected(_) => KeyringError::Absent,
            fdo::Error::NoReply(_) | fdo::Error::Timeout(_) => KeyringError::Silent,
            other => KeyringError::Refused(other.to_string()),
        },
        zbus::Error::MethodError(name, text, _) => {
            let name = name.as_str();
            if name.starts_with("org.freedesktop.DBus.Error.Spawn") || name.ends_with(".ServiceUnknown") {
                return KeyringError::Absent;
            }
            if name.ends_with(".IsLocked") {
                return KeyringError::Closed;
            }
            KeyringError::Refused(text.clone().unwrap_or_else(|| name.to_owned()))
        }
        zbus::Error::InputOutput(_) => KeyringError::Absent,
        other => KeyringError::Refused(other.to_string()),
    }
}
