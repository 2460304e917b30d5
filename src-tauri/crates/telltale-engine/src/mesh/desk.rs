//! What the desk holds while the program runs: the agent, where the connection stands, which requests go on.

use super::keeper::StoreKeeper;
use crate::EngineError;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use telltale_core::model::{Invitation, MeshAccount, MeshPhase};
use telltale_mesh::agent::Agent;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::AbortHandle;
use tokio::time::Instant;

/// Checks that are carried out for others at the same time, at most; more wait.
const MAX_FOR_OTHERS: usize = 8;
/// The same for one other: it asks as much as it likes, and the others have their turn.
const MAX_FOR_ONE: usize = 4;

/// The desk; empty until its owner joins.
pub(crate) struct Desk {
    /// Held while the account is changed: joining and leaving come one after the other.
    pub(super) moves: tokio::sync::Mutex<()>,
    /// Where the connection stands.
    pub(super) phase: watch::Sender<MeshPhase>,
    /// Checks for others that may begin.
    turns: Arc<Semaphore>,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    joined: Option<Joined>,
    /// The last invitation that was read: it counts when an account on its server joins.
    invitation: Option<Invitation>,
    /// When our requests are given up. By a clock that nobody sets; after a restart their time begins anew.
    asks: BTreeMap<String, Instant>,
    /// Checks that may begin for each who asks.
    turns: BTreeMap<String, Arc<Semaphore>>,
    /// Topics of which this agent is the publisher.
    published: BTreeSet<(String, String)>,
    /// Topics that the server has, and when it was asked.
    found: Option<(Instant, Vec<(String, String)>)>,
}

/// An agent that was started.
#[derive(Clone)]
pub(super) struct Joined {
    pub(super) agent: Agent,
    pub(super) account: MeshAccount,
    pub(super) keeper: Arc<StoreKeeper>,
    pub(super) tasks: Arc<Tasks>,
}

/// Tasks that end with what started them.
#[derive(Default)]
pub(super) struct Tasks(Mutex<Vec<AbortHandle>>);

impl Tasks {
    pub(super) fn add(&self, task: AbortHandle) {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.retain(|t| !t.is_finished());
        tasks.push(task);
    }

    pub(super) fn end(&self) {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for task in tasks.drain(..) {
            task.abort();
        }
    }
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            moves: tokio::sync::Mutex::default(),
            phase: watch::Sender::new(MeshPhase::Off),
            turns: Arc::new(Semaphore::new(MAX_FOR_OTHERS)),
            held: Mutex::default(),
        }
    }
}

impl Desk {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The agent that was started last.
    pub(super) fn joined(&self) -> Result<Joined, EngineError> {
        self.held().joined.clone().ok_or_else(super::not_joined)
    }

    pub(super) fn set_joined(&self, joined: Option<Joined>) -> Option<Joined> {
        let mut held = self.held();
        held.published.clear();
        held.found = None;
        std::mem::replace(&mut held.joined, joined)
    }

    /// The account was changed while it is joined.
    pub(super) fn set_account(&self, account: &MeshAccount) {
        if let Some(joined) = &mut self.held().joined {
            joined.account = account.clone();
        }
    }

    pub(super) fn set_invitation(&self, invitation: Option<Invitation>) {
        self.held().invitation = invitation;
    }

    /// The last invitation that was read, if it is one to this server.
    pub(super) fn invitation(&self, domain: &str) -> Option<Invitation> {
        self.held()
            .invitation
            .clone()
            .filter(|i| i.domain.eq_ignore_ascii_case(domain))
    }

    /// Waits until a check may begin for this other; what comes back ends its turn.
    pub(super) async fn turn(&self, peer: &str) -> Option<(OwnedSemaphorePermit, OwnedSemaphorePermit)> {
        let own = {
            let mut held = self.held();
            held.turns.retain(|_, turns| Arc::strong_count(turns) > 1);
            let new = || Arc::new(Semaphore::new(MAX_FOR_ONE));
            Arc::clone(held.turns.entry(peer.to_owned()).or_insert_with(new))
        };
        let own = own.acquire_owned().await.ok()?;
        Some((own, Arc::clone(&self.turns).acquire_owned().await.ok()?))
    }

    pub(super) fn set_deadline(&self, ask: &str, at: Option<Instant>) {
        let mut held = self.held();
        match at {
            Some(at) => held.asks.insert(ask.to_owned(), at),
            None => held.asks.remove(ask),
        };
    }

    /// Requests of ours whose time is over.
    pub(super) fn overdue(&self, now: Instant) -> BTreeSet<String> {
        let held = self.held();
        let over = held.asks.iter().filter(|(_, at)| **at <= now);
        over.map(|(id, _)| id.clone()).collect()
    }

    pub(super) fn set_published(&self, service: &str, node: &str) {
        self.held().published.insert((service.to_owned(), node.to_owned()));
    }

    pub(super) fn published(&self) -> BTreeSet<(String, String)> {
        self.held().published.clone()
    }

    pub(super) fn set_found(&self, at: Instant, topics: Vec<(String, String)>) {
        self.held().found = Some((at, topics));
    }

    pub(super) fn found(&self) -> Option<(Instant, Vec<(String, String)>)> {
        self.held().found.clone()
    }
}
