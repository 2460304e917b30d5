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
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// It came before and was handled: it is confirmed again and goes no further.
    Before,
    /// A copy of it is being handled: it goes no further, and is confirmed with that one.
    Meanwhile,
    /// Its number lies before the window of its sender's boot: a replay, refused.
    TooOld,
}

/// One message that came, as the window remembers it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sighted {
    /// Bare JID of the authenticated sender.
    pub from: String,
    /// The number of the sender's start.
    pub boot: u64,
    /// The message's number within it.
    pub seq: u64,
    /// The message's id.
    pub id: String,
}

/// Keeps an agent's outbox and window of seen messages. Each answer is given once the disk has it, but for [`Self::see`]. Those that take
/// several do all or none: one step on the disk for many messages.
pub trait Keeper: Send + Sync + 'static {
    /// The number of this start of the agent: grows with each call, never repeats.
    fn boot(&self) -> Kept<'_, u64>;
    /// Puts messages into the outbox; once it is answered, they survive a restart. One whose id is there already stays as it is.
    fn queue<'a>(&'a self, messages: &'a [Queued]) -> Kept<'a, ()>;
    /// For whom messages wait, and how many for each.
    fn destinations(&self) -> Kept<'_, Vec<(Destination, u32)>>;
    /// What waits for one of them, oldest first, at most `limit`. The agent reads it when there is somebody to take it: what waits for
    /// nobody stays on the disk, and is in nobody's way.
    fn waiting<'a>(&'a self, to: &'a Destination, limit: u32) -> Kept<'a, Vec<Queued>>;
    /// These were sent once more.
    fn tried<'a>(&'a self, ids: &'a [String]) -> Kept<'a, ()>;
    /// Confirmed, or given up: they leave the outbox.
    fn unqueue<'a>(&'a self, ids: &'a [String]) -> Kept<'a, ()>;
    /// Looks whether a message from an authenticated sender came before. A new one is held in memory from now on, so that a second copy
    /// of it goes no further while the first is being handled. The window: ids for seven days, and the last 4,096 numbers of each of a
    /// sender's last boots. A message that is sent again has its id, and a new number.
    fn see<'a>(&'a self, message: &'a Sighted, at: Timestamp) -> Kept<'a, Seen>;
    /// These were handled and what they did is on the disk: they are remembered for good, and may be confirmed once this is answered.
    /// What was seen and not settled when the process dies is new again when it comes again: nothing is confirmed and lost.
    fn settle<'a>(&'a self, messages: &'a [Sighted], at: Timestamp) -> Kept<'a, ()>;
    /// Takes back what [`Self::see`] held: the message could not be handled, and will come again.
    fn unsee<'a>(&'a self, message: &'a Sighted) -> Kept<'a, ()>;
}
