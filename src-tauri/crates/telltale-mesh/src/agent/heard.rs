//! What an agent tells its owner, and the receipt by which the owner says that a message is safe.

use crate::Sighted;
use crate::message::Received;
use telltale_core::model::{AgentBehaviour, ControlAction, Delivery, MeshPhase, Timestamp, TopicItem};
use tokio::sync::{mpsc, oneshot};

/// Something that happened.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "most of what is heard are messages, and few wait at a time"
)]
pub enum Heard {
    /// The link stands, or does not. [`MeshPhase::Off`] is the last that is heard of an agent.
    Phase(MeshPhase),
    /// A message was let in. It is confirmed once the receipt is done; a receipt that is dropped lets it come again.
    Message(Received, Receipt),
    /// What became of a message of ours; the word for a page, nothing has to be done.
    Told {
        /// Its id.
        id: String,
        /// Bare JID of who got it.
        peer: Option<String>,
        /// How far it is.
        delivery: Delivery,
        /// The channel, and why it was chosen.
        channel: Option<String>,
        /// Why it failed.
        problem: Option<String>,
    },
    /// Somebody asks to see our presence, whom the policy does not name. It waits for [`Agent::answer`](super::Agent::answer).
    Asks {
        /// Bare JID.
        jid: String,
        /// The token of an invitation, where it gave one; at most 256 octets.
        token: Option<String>,
    },
    /// An item of a topic that is followed; one that was missed comes, too, in the
    /// service's order, and one may come twice.
    Item {
        /// JID of the service.
        service: String,
        /// The node.
        node: String,
        /// The item.
        item: TopicItem,
    },
    /// An item was taken back.
    Retracted {
        /// JID of the service.
        service: String,
        /// The node.
        node: String,
        /// The item's id.
        id: String,
    },
    /// An agent that may control this one wants something done (ad-hoc command). Dropped unanswered: it is told that it was not done.
    Control {
        /// Bare JID.
        from: String,
        /// What with the probe.
        action: ControlAction,
        /// The probe's id.
        probe: String,
        /// What was done, or why not; for a person.
        answer: oneshot::Sender<Result<String, String>>,
    },
    /// An agent that may see it asks what this one does (ad-hoc command). Dropped unanswered: it is told that there is no answer.
    Behaviours {
        /// Bare JID.
        from: String,
        /// All behaviours; those beyond a limit are only counted.
        answer: oneshot::Sender<Vec<AgentBehaviour>>,
    },
    /// Something that is worth a line: plain English.
    Log {
        /// When.
        at: Timestamp,
        /// What.
        text: String,
    },
}

/// What an owner says of a message that it was handed.
#[derive(Debug)]
pub(super) enum Settled {
    /// It is safe: it may be confirmed.
    Done(Token),
    /// It is not: it will come again.
    Undone(Token),
    /// A command was carried out, or not.
    Commanded(super::commands::Commanded),
}

/// Which message a receipt is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// One that came over the link.
    Came {
        /// By what it is known again.
        sighted: Option<Sighted>,
        /// Whether it is confirmed: it came in an envelope.
        confirm: bool,
        /// The sender's resource.
        resource: Option<String>,
        /// The conversation.
        thread: String,
    },
    /// One of ours to ourselves: its id.
    Own(String),
}

/// Says that a message is safe. Dropped without a word, the message comes again.
#[derive(Debug)]
pub struct Receipt {
    token: Option<Token>,
    to: mpsc::UnboundedSender<Settled>,
}

impl Receipt {
    pub(super) fn new(token: Token, to: mpsc::UnboundedSender<Settled>) -> Self {
        Self { token: Some(token), to }
    }

    /// What the message meant is on the disk.
    pub fn done(mut self) {
        if let Some(token) = self.token.take() {
            // Nobody listens: the agent has ended, and the message comes again.
            let _ = self.to.send(Settled::Done(token));
        }
    }
}

impl Drop for Receipt {
    fn drop(&mut self) {
        if let Some(token) = self.token.take() {
            let _ = self.to.send(Settled::Undone(token));
        }
    }
}
