//! Carries stanzas between an agent and the others: over an XMPP server, or through memory in tests.
//!
//! A [`Transport`] is opened once and then tells, by [`LinkEvent`]s, when it stands, when it does not, and what came. It reconnects by
//! itself. Never here: what a message means, who may speak to whom.

mod account;
mod backoff;
mod dial;
mod guarded;
mod login;
mod memory;
mod pem;
mod register;
mod sieve;
mod stream;
mod tls;
mod xmpp;

pub use account::{Account, LinkError};
pub use memory::{Faults, Memory};
pub use pem::{MAX_AUTHORITY, read_authority};
pub use register::register;
pub use sieve::{MAX_DEPTH, MAX_ELEMENTS, MAX_STANZA, MAX_TAG};
pub use tls::key_pin;
pub use tokio_xmpp::Stanza;
pub use xmpp::XmppTransport;

use telltale_core::model::{MeshRefusal, Timestamp};
use tokio::sync::mpsc;
use xmpp_parsers::jid::FullJid;

/// Stanzas that wait on their way out, and events that wait on their way in: a slow side slows the other, nothing grows.
pub const DEPTH: usize = 256;

/// Something that carries stanzas.
pub trait Transport: Send + 'static {
    /// Begins to connect, on the running tokio runtime; ends when [`Link::send`] is dropped or told to close.
    fn open(self: Box<Self>) -> Link;
}

/// Both ends of an opened transport.
pub struct Link {
    /// Takes stanzas.
    pub send: mpsc::Sender<LinkOrder>,
    /// Tells what happens.
    pub events: mpsc::Receiver<LinkEvent>,
}

/// What an agent wants of its link.
#[derive(Debug)]
pub enum LinkOrder {
    /// Send this. While the link does not stand it is dropped: what must arrive is sent again by the agent's outbox.
    Send(Box<Stanza>),
    /// Take leave (unavailable presence, end of stream) and end.
    Close,
}

/// What a link tells.
#[derive(Debug)]
pub enum LinkEvent {
    /// The link stands.
    Online {
        /// Who we are now, with the resource that the server gave.
        jid: FullJid,
        /// The stream was resumed (XEP-0198): presence and subscriptions still stand.
        resumed: bool,
    },
    /// A stanza came.
    Stanza(Box<Stanza>),
    /// The link does not stand; it is tried again.
    Offline {
        /// Why, in plain English.
        problem: String,
        /// Tries since it last stood.
        attempt: u32,
        /// In how long it is tried again, milliseconds.
        retry_ms: u64,
    },
    /// The link cannot stand until its owner changes something; it has ended.
    Refused {
        /// What is in the way.
        why: MeshRefusal,
        /// In plain English.
        problem: String,
    },
    /// It was closed as asked; the last event.
    Closed,
}

/// When something of the link is due again, told with an event; the agent adds its own clock.
pub const fn due(now: Timestamp, in_ms: u64) -> Timestamp {
    Timestamp(now.0.saturating_add_unsigned(in_ms.saturating_mul(1_000_000)))
}
