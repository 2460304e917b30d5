//! The mesh: agents that find each other by role over any XMPP server, and messages that are counted once.
//!
//! Three layers. [`link`] carries stanzas: an XMPP server over TLS, or memory in tests. [`message`] is pure: how a message looks on
//! the wire (SPADE's form, the JSON envelope), what is refused, what was seen before. [`agent`] is a member of the mesh: presence,
//! subscriptions, discovery, the choice of a channel, topics, delivery at least once. End-to-end encryption (OMEMO) will stand
//! between link and message: both sides already speak in whole messages and never look past them. Called by `telltale-engine`, which
//! keeps what must outlive the process (see [`Keeper`]). Never here: SQL, files of audits, the window, packets.
#![forbid(unsafe_code)]

pub mod agent;
pub mod invitation;
mod keeper;
pub mod link;
pub mod message;

pub use keeper::{Destination, Keeper, KeeperError, Kept, Queued, Seen, Sighted};
