//! A member of the mesh: one task over a link, and the handle by which the engine's desk speaks with it.
//!
//! It says that it is there and what it can do (presence, capabilities), learns it of others, decides whom its owner's policy lets in,
//! chooses a channel for each message, and sends it until it is confirmed. Called by the engine's desk alone. Never here: SQL, what a
//! result or a request means, files, the system's clock ([`Clock`] comes in).

mod answers;
mod caps;
mod channel;
mod commands;
mod deliver;
mod does;
mod error;
mod heard;
mod lanes;
mod order;
mod peers;
mod presence;
mod questions;
mod receive;
mod rules;
mod task;
mod topics;
mod wishes;
mod xml;

pub use error::AgentError;
pub use heard::{Heard, Receipt};
pub use topics::KEPT_ITEMS;

use crate::link::Transport;
use crate::message::{Draft, Rate};
use crate::{Destination, Keeper};
use order::{Order, Reply};
use std::sync::Arc;
use std::time::Duration;
use task::{Ends, Task};
use telltale_core::model::{AgentNow, MeshPolicy, Show, Timestamp};
use tokio::sync::{mpsc, oneshot, watch};
use xml::bare;
use xmpp_parsers::jid::BareJid;

/// What time it is. For time stamps alone: whatever waits, waits by a clock that nobody sets.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Who an agent is, and whom it lets in.
#[derive(Clone)]
pub struct AgentConfig {
    /// Its bare JID.
    pub jid: String,
    /// A name for people.
    pub name: String,
    /// Its role: letters, digits, `-`, `_` and `.`, at most 64; others cannot be announced.
    pub role: String,
    /// What it does; words as the role's, at most 32.
    pub duties: Vec<String>,
    /// Program and version.
    pub software: String,
    /// Whom it lets in; and who may see and control what it does, by ad-hoc commands (XEP-0050). Those are not encrypted end to end: the
    /// server could forge them. All who are let in may ask for its state.
    pub policy: MeshPolicy,
    /// Who invited it (bare JID), and the token that proves it: they are asked at each login until they see each other.
    pub invited: Option<(String, String)>,
    /// Topics (service and node) that are followed: after each login they are asked for what was missed.
    pub follows: Vec<(String, String)>,
    /// What goes to a topic instead of to one who has the role.
    pub routes: Vec<TopicRoute>,
    /// Limits and waits.
    pub limits: AgentLimits,
    /// What time it is.
    pub clock: Clock,
}

/// Messages to a role that are published instead: one ontology, one topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicRoute {
    /// The ontology.
    pub ontology: String,
    /// JID of the service.
    pub service: String,
    /// The node.
    pub node: String,
}

/// Limits and waits of an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgentLimits {
    /// Messages of one agent that is let in; what comes faster is not let in, nor confirmed: it is sent again.
    pub messages: Rate,
    /// Questions (IQ) and changes of presence of one agent.
    pub questions: Rate,
    /// A message that was not confirmed after this time is sent again, to another who has the role where there is one.
    pub confirm: Duration,
    /// An answer to a question is waited for so long.
    pub answer: Duration,
}

impl Default for AgentLimits {
    fn default() -> Self {
        Self {
            messages: Rate {
                per_s: 2_000,
                burst: 8_000,
            },
            questions: Rate { per_s: 20, burst: 100 },
            confirm: Duration::from_secs(4),
            answer: Duration::from_secs(15),
        }
    }
}

/// Who may read a topic, and who may write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// All may read; the owner alone publishes.
    Open,
    /// These bare JIDs alone.
    Listed {
        /// May publish and read.
        publishers: Vec<String>,
        /// May read.
        readers: Vec<String>,
    },
}

/// What an agent has counted since it was started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Why something was not let in, one word each, and how often.
    pub refused: Vec<(String, u32)>,
    /// Messages that wait to be confirmed, or for somebody to appear.
    pub outbox: u32,
}

/// Wishes that wait for the agent's task.
const DEPTH: usize = 64;
/// Topics that are followed at most.
const MAX_FOLLOWS: usize = 200;

/// The handle of an agent; cheap to clone. The agent ends with [`Self::close`], or when the last handle is dropped.
#[derive(Clone)]
pub struct Agent {
    orders: mpsc::Sender<Order>,
    changes: watch::Receiver<u64>,
    jid: Arc<BareJid>,
    clock: Clock,
}

impl Agent {
    /// Starts an agent on the running tokio runtime. What happens is told to `heard`; while it is full, nothing more is read of the link.
    /// Fails where the JID is none.
    pub fn start(
        config: AgentConfig,
        transport: Box<dyn Transport>,
        keeper: Arc<dyn Keeper>,
        heard: mpsc::Sender<Heard>,
    ) -> Result<Self, AgentError> {
        let jid = Arc::new(bare(&config.jid)?);
        let clock = Arc::clone(&config.clock);
        let (orders, wishes) = mpsc::channel(DEPTH);
        let (revision, changes) = watch::channel(0);
        let (settled, receipts) = mpsc::unbounded_channel();
        let task = Task::new(config, BareJid::clone(&jid), keeper, revision, settled);
        let ends = Ends {
            orders: wishes,
            heard,
            settled: receipts,
        };
        tokio::spawn(task.run(transport, ends));
        Ok(Self {
            orders,
            changes,
            jid,
            clock,
        })
    }

    /// Says something to one agent, or to whoever has a role: once this is answered, it is in the outbox and survives a restart. It is
    /// sent as soon as somebody can take it, until it is confirmed. Fails when the outbox is full or cannot be written.
    pub async fn tell(&self, draft: Draft, to: Destination) -> Result<(), AgentError> {
        self.tell_all(vec![(draft, to)]).await
    }

    /// Says several things, all or none: one step on the disk.
    pub async fn tell_all(&self, drafts: Vec<(Draft, Destination)>) -> Result<(), AgentError> {
        self.order(|reply| Order::Tell(drafts, reply)).await
    }

    /// Says something to an agent (bare JID) that is there now, without the outbox; answers the channel with its reason. It may be lost.
    pub async fn send_now(&self, draft: Draft, jid: &str) -> Result<String, AgentError> {
        let jid = jid.to_owned();
        self.order(|reply| Order::SendNow(draft, jid, reply)).await
    }

    /// How this agent says it is; `load` is how many runs go on. Changes that come fast are told together.
    pub async fn set_presence(&self, show: Show, status: &str, load: u32) {
        let status = status.to_owned();
        let _ = self.orders.send(Order::Presence { show, status, load }).await;
    }

    /// Other rules of the owner's: they count from now on, also for those who are there already.
    pub async fn set_policy(&self, policy: MeshPolicy) {
        let _ = self.orders.send(Order::Policy(policy)).await;
    }

    /// Everybody who is known, this agent first.
    pub async fn agents(&self) -> Vec<AgentNow> {
        self.ask(Order::Agents).await.unwrap_or_default()
    }

    /// Grows whenever [`Self::agents`] says something else than before.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.clone()
    }

    /// Bare JIDs of those who have a role and can do a duty (empty: any), are there and let in; the best first. Not this agent itself.
    pub async fn holders(&self, role: &str, duty: &str) -> Vec<String> {
        let wanted = Destination::Role {
            role: role.to_owned(),
            duty: duty.to_owned(),
        };
        self.ask(|reply| Order::Holders(wanted, reply))
            .await
            .unwrap_or_default()
    }

    /// What was counted.
    pub async fn counts(&self) -> Counts {
        self.ask(Order::Counts).await.unwrap_or_default()
    }

    /// Asks an agent (bare JID) to let this one see its presence, and lets it see ours.
    pub async fn subscribe(&self, jid: &str) -> Result<(), AgentError> {
        let jid = bare(jid)?;
        self.order(|reply| Order::Subscribe(jid, reply)).await
    }

    /// Wants to see no more of an agent, shows it nothing more, and takes it off the list.
    pub async fn unsubscribe(&self, jid: &str) -> Result<(), AgentError> {
        let jid = bare(jid)?;
        self.order(|reply| Order::Unsubscribe(jid, reply)).await
    }

    /// Answers an agent that asked to see this one's presence. Whether it is let in, the policy alone says.
    pub async fn answer(&self, jid: &str, yes: bool) -> Result<(), AgentError> {
        let jid = bare(jid)?;
        self.order(|reply| Order::Answer(jid, yes, reply)).await
    }

    /// Takes leave: confirms what is safe, says goodbye, ends. What waits stays in the outbox.
    pub async fn close(&self) {
        let _ = self.ask(Order::Close).await;
    }

    fn jid(&self) -> &str {
        self.jid.as_str()
    }

    fn domain(&self) -> &str {
        self.jid.domain().as_str()
    }

    fn now(&self) -> Timestamp {
        (self.clock)()
    }

    async fn order<T>(&self, order: impl FnOnce(Reply<T>) -> Order) -> Result<T, AgentError> {
        let (reply, answer) = oneshot::channel();
        let sent = self.orders.send(order(reply)).await;
        sent.map_err(|_| AgentError::Closed)?;
        answer.await.map_err(|_| AgentError::Closed)?
    }

    async fn ask<T>(&self, order: impl FnOnce(oneshot::Sender<T>) -> Order) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        self.orders.send(order(reply)).await.ok()?;
        answer.await.ok()
    }
}
