//! What an agent needs kept on the disk: its outbox, and which messages it has seen. The engine's store does it; tests do it in memory.

use std::future::Future;
use std::pin::Pin;
use telltale_core::model::Timestamp;

/// The store failed: disk full, damaged. The message is neither confirmed nor forgotten; it is tried again.
#[derive(Debug, thiserror::Error)]
#[error("what the mesh must remember cannot be stored: {0}")]
pub struct KeeperError(pub String);

/// Answer of a keeper.
pub type Kept<'a, T> = Pin<Box<dyn Future<Output = Result<T, KeeperError>> + Send + 'a>>;

/// A message that waits to be confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queued {
    /// Its id, a UUID.
    pub id: String,
    /// Bare JID, or the role that it is for.
    pub to: Destination,
    /// The body of the envelope with what stands around it: `message::Draft` as JSON.
    pub draft: String,
    /// When it was queued.
    pub queued: Timestamp,
    /// Times that it was sent.
    pub tries: u32,
}

/// Whom a message is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Destination {
    /// This agent, by bare JID.
    Agent(String),
    /// Whoever has this role and can do this duty (empty: any).
    Role {
        /// The role.
        role: String,
        /// The duty; empty: any.
        duty: String,
    },
}

/// What a keeper says of a message that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// New: it is remembered from now on.
    New,
    /// It came before: it is confirmed again and goes no further.
    Before,
    /// Its number lies before the window of its sender's boot: a replay, refused.
    TooOld,
}

/// Keeps an agent's outbox and window of seen messages. Each answer is given once the disk has it.
pub trait Keeper: Send + Sync + 'static {
    /// The number of this start of the agent: grows with each call, never repeats.
    fn boot(&self) -> Kept<'_, u64>;
    /// Puts a message into the outbox; once it is answered, the message survives a restart.
    fn queue<'a>(&'a self, message: &'a Queued) -> Kept<'a, ()>;
    /// What waits, oldest first, at most `limit`.
    fn waiting(&self, limit: u32) -> Kept<'_, Vec<Queued>>;
    /// A message was sent once more.
    fn tried<'a>(&'a self, id: &'a str) -> Kept<'a, ()>;
    /// Confirmed, or given up: it leaves the outbox.
    fn unqueue<'a>(&'a self, id: &'a str) -> Kept<'a, ()>;
    /// Looks whether a message from an authenticated sender came before, and remembers it. The window: ids for seven days, and the
    /// last 4,096 numbers of each of a sender's last boots.
    fn see<'a>(&'a self, from: &'a str, boot: u64, seq: u64, id: &'a str, at: Timestamp) -> Kept<'a, Seen>;
    /// Takes back what [`Self::see`] remembered: the message could not be handled, and will come again.
    fn unsee<'a>(&'a self, from: &'a str, boot: u64, seq: u64, id: &'a str) -> Kept<'a, ()>;
}
