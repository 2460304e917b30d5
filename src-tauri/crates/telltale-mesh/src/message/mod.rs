//! How a message looks on the wire and when it is refused. Pure: no clock, no network, no disk.
//!
//! A message is an XMPP `<message type="chat">` whose body is the JSON [`Envelope`] and which carries SPADE's form (`jabber:x:data`
//! titled `spade:x:metadata`) with performative, ontology, language and `_thread_node`. One of a SPADE agent has a body of any text and
//! no envelope. Never here: who is trusted (the agent's), sending.

mod codec;
mod rate;
mod receipt;
mod refusal;
mod template;
mod window;

pub use codec::{Decoded, Form, decode, encode, encode_plain, envelope};
pub(crate) use codec::{in_xml, moment};
pub use rate::{Bucket, Rate, Rates};
pub use receipt::{MAX_RECEIPT_IDS, confirmed, receipt};
pub use refusal::Refusal;
pub use template::Template;
pub use window::{BOOTS, NUMBERS, Number, Window};

use serde::{Deserialize, Serialize};
use telltale_core::model::Timestamp;

/// Results of probes; the body is a list of `ProbeResult`s (one of a single result alone is taken too). The engine's desk sends what
/// waits in as few messages as [`MAX_BODY`] allows: a message costs both ends far more than a result in it.
pub const RESULT: &str = "telltale.result/1";
/// Requests to run a probe, and the answers to them.
pub const CONTROL: &str = "telltale.control/1";
/// Who is here: agents that announce no capabilities (SPADE) register with it.
pub const REGISTRY: &str = "telltale.registry";
/// Confirmations.
pub const RECEIPT: &str = "telltale.receipt/1";
/// Incidents; the body is an `Incident`.
pub const INCIDENT: &str = "telltale.incident/1";

/// Octets of a message's body at most (64 kB): well below the stanza limits of servers.
pub const MAX_BODY: usize = 65_536;

/// What somebody wants said, before it is known to whom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// A UUID; the message keeps it however often it is sent.
    pub id: String,
    /// FIPA performative (SC00037J).
    pub performative: String,
    /// What it is about.
    pub ontology: String,
    /// The conversation.
    pub thread: String,
    /// The body.
    pub body: serde_json::Value,
}

/// What travels in the body of a message between two Telltales.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
    /// Version of this form: 1.
    pub v: u32,
    /// The message's UUID.
    pub id: String,
    /// Bare JID of the sender; must be the authenticated one.
    pub from: String,
    /// Bare JID of the receiver, or `role:` and the role; must be ours.
    pub to: String,
    /// The number of the sender's start.
    pub boot: u64,
    /// Grows by one with each message of that start.
    pub seq: u64,
    /// When it was sent, RFC 3339, UTC.
    pub ts: String,
    /// FIPA performative.
    pub perf: String,
    /// Ontology.
    pub onto: String,
    /// The conversation.
    pub thread: String,
    /// The body itself.
    pub body: serde_json::Value,
}

/// A message that came and was let in.
#[derive(Clone, Debug, PartialEq)]
pub struct Received {
    /// Bare JID of the sender, as the server says.
    pub from: String,
    /// Its resource.
    pub resource: Option<String>,
    /// When it came.
    pub at: Timestamp,
    /// The envelope's id; the stanza's, or a new one, where there is none.
    pub id: String,
    /// FIPA performative; empty where none was said.
    pub performative: String,
    /// Ontology; empty where none was said.
    pub ontology: String,
    /// Language; empty where none was said.
    pub language: String,
    /// The conversation; empty where none was said.
    pub thread: String,
    /// The body: the envelope's, else what the text says as JSON, else the text as a JSON string.
    pub body: serde_json::Value,
    /// Whether it came in an envelope (and is confirmed).
    pub enveloped: bool,
}
