//! What the owner wants of the agent's task.

use super::AgentError;
use super::Counts;
use crate::Destination;
use crate::message::Draft;
use telltale_core::model::{AgentNow, MeshPolicy, Show};
use tokio::sync::oneshot;
use xmpp_parsers::jid::{BareJid, Jid};
use xmpp_parsers::minidom::Element;

/// Where an answer goes.
pub(super) type Reply<T> = oneshot::Sender<Result<T, AgentError>>;

/// One wish.
pub(super) enum Order {
    Tell(Vec<(Draft, Destination)>, Reply<()>),
    SendNow(Draft, String, Reply<String>),
    Presence {
        show: Show,
        status: String,
        load: u32,
    },
    Policy(MeshPolicy),
    Agents(oneshot::Sender<Vec<AgentNow>>),
    Holders(Destination, oneshot::Sender<Vec<String>>),
    Counts(oneshot::Sender<Counts>),
    Subscribe(BareJid, Reply<()>),
    Unsubscribe(BareJid, Reply<()>),
    Answer(BareJid, bool, Reply<()>),
    /// A question (IQ), and what the answer holds.
    Ask {
        to: Jid,
        set: bool,
        payload: Element,
        reply: Reply<Option<Element>>,
    },
    /// A command (XEP-0050) for an agent, wherever it is.
    Command {
        to: BareJid,
        payload: Element,
        reply: Reply<Option<Element>>,
    },
    /// The service was asked; from now on it is asked after each login.
    Follow {
        service: String,
        node: String,
        follow: bool,
        reply: Reply<()>,
    },
    Close(oneshot::Sender<()>),
}
