//! The agent's memory: outbox and window in the store, with what must be asked for each message held in memory.
//!
//! Called by the agent of `telltale-mesh` through [`Keeper`]. A process that is killed loses nothing that was answered; a full disk
//! makes an answer an error, after which nothing has changed.

use crate::now;
use crate::store::{SeenRows, Store};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use telltale_core::model::Timestamp;
use telltale_mesh::message::{Number, Window};
use telltale_mesh::{Keeper, KeeperError, Kept, Queued, Seen, Sighted};

/// Messages settled between two looks at what can be forgotten.
const FORGET_EVERY: u32 = 2_000;

/// Hashes in memory, and senders with their numbers, before all is read anew: some more than the disk keeps.
const MAX_HASHES: usize = 250_000;
const MAX_HELD_WINDOWS: usize = 2_500;

/// Keeps an agent's outbox and window in the store.
pub(crate) struct StoreKeeper {
    store: Arc<Store>,
    memory: Mutex<Memory>,
    /// Settling reads numbers, writes them, and remembers them: one after the other.
    settling: tokio::sync::Mutex<()>,
    hasher: RandomState,
}

#[derive(Default)]
struct Memory {
    /// Hashes of senders and ids that are on the disk, so that a message that is new is known to be without asking it. Two may share one
    /// by chance: so the disk is asked when a hash is here. Some 3 MB at the limit.
    ids: HashSet<u64>,
    windows: BTreeMap<String, Window>,
    /// Senders and ids of messages that are being handled, and their numbers.
    held: BTreeSet<(String, String)>,
    settled: u32,
}

impl StoreKeeper {
    /// Reads what the agent must remember.
    pub(crate) async fn open(store: Arc<Store>) -> Result<Self, crate::EngineError> {
        store.forget_seen(now()).await?;
        let keeper = Self {
            memory: Mutex::default(),
            settling: tokio::sync::Mutex::default(),
            hasher: RandomState::new(),
            store,
        };
        keeper.remember(keeper.store.seen().await?);
        Ok(keeper)
    }

    fn remember(&self, rows: SeenRows) {
        let ids = rows.ids.iter().map(|(peer, id)| self.hash(peer, id)).collect();
        // Numbers that cannot be read any more begin anew: the ids still stand.
        let windows = rows
            .windows
            .into_iter()
            .map(|(peer, numbers)| (peer, Window::from_bytes(&numbers).unwrap_or_default()))
            .collect();
        let mut memory = self.memory();
        memory.ids = ids;
        memory.windows = windows;
    }

    fn hash(&self, peer: &str, id: &str) -> u64 {
        self.hasher.hash_one((peer, id))
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What can be said without the disk; `None`: it must be asked.
    fn see_in_memory(&self, message: &Sighted) -> Option<Seen> {
        let hash = self.hash(&message.from, &message.id);
        let mut memory = self.memory();
        let key = (message.from.clone(), message.id.clone());
        if memory.held.contains(&key) {
            return Some(Seen::Meanwhile);
        }
        if memory.ids.contains(&hash) {
            return None;
        }
        Some(memory.hold(key, message))
    }

    async fn settle_all(&self, messages: &[Sighted], at: Timestamp) -> Result<(), crate::EngineError> {
        let one_by_one = self.settling.lock().await;
        let mut changed: BTreeMap<&str, Window> = BTreeMap::new();
        {
            let memory = self.memory();
            for message in messages.iter().filter(|m| m.boot != 0) {
                let before = || memory.windows.get(&message.from).cloned().unwrap_or_default();
                let window = changed.entry(&message.from).or_insert_with(before);
                window.take(message.boot, message.seq);
            }
        }
        let rows: Vec<_> = changed
            .iter()
            .map(|(peer, window)| (*peer, window.to_bytes()))
            .collect();
        self.store.settle(messages, &rows, at).await?;
        let forget = {
            let hashes: Vec<_> = messages.iter().map(|m| self.hash(&m.from, &m.id)).collect();
            let mut memory = self.memory();
            memory.ids.extend(hashes);
            for message in messages {
                memory.held.remove(&(message.from.clone(), message.id.clone()));
            }
            for (peer, window) in changed {
                memory.windows.insert(peer.to_owned(), window);
            }
            memory.settled = memory
                .settled
                .saturating_add(u32::try_from(messages.len()).unwrap_or(u32::MAX));
            memory.settled >= FORGET_EVERY
        };
        if forget {
            self.memory().settled = 0;
            self.store.forget_seen(at).await?;
            // A hash of what was forgotten costs a look at the disk and no more; only too many of them are worth reading all again.
            let many = {
                let memory = self.memory();
                memory.ids.len() > MAX_HASHES || memory.windows.len() > MAX_HELD_WINDOWS
            };
            if many {
                self.remember(self.store.seen().await?);
            }
        }
        drop(one_by_one);
        Ok(())
    }
}

impl Memory {
    /// Holds a message whose id is new, if its number is, too.
    fn hold(&mut self, key: (String, String), message: &Sighted) -> Seen {
        let window = self.windows.get(&message.from);
        let number = window.map_or(Number::New, |w| w.look(message.boot, message.seq));
        // A number that was seen with another id is no copy of anything that was handled: it is not confirmed.
        if message.boot != 0 && number != Number::New {
            return Seen::TooOld;
        }
        self.held.insert(key);
        Seen::New
    }
}

fn failed(e: impl std::fmt::Display) -> KeeperError {
    KeeperError(e.to_string())
}

impl Keeper for StoreKeeper {
    fn boot(&self) -> Kept<'_, u64> {
        Box::pin(async { self.store.next_boot(now()).await.map_err(failed) })
    }

    fn queue<'a>(&'a self, messages: &'a [Queued]) -> Kept<'a, ()> {
        Box::pin(async {
            if self.store.queue_messages(messages).await.map_err(failed)? {
                return Ok(());
            }
            Err(failed("too many messages wait in the outbox"))
        })
    }

    fn waiting(&self, limit: u32) -> Kept<'_, Vec<Queued>> {
        Box::pin(async move { self.store.waiting_messages(limit).await.map_err(failed) })
    }

    fn tried<'a>(&'a self, ids: &'a [String]) -> Kept<'a, ()> {
        Box::pin(async { self.store.messages_tried(ids).await.map_err(failed) })
    }

    fn unqueue<'a>(&'a self, ids: &'a [String]) -> Kept<'a, ()> {
        Box::pin(async { self.store.unqueue_messages(ids).await.map_err(failed) })
    }

    fn see<'a>(&'a self, message: &'a Sighted, _: Timestamp) -> Kept<'a, Seen> {
        Box::pin(async {
            if let Some(seen) = self.see_in_memory(message) {
                return Ok(seen);
            }
            if self.store.was_seen(&message.from, &message.id).await.map_err(failed)? {
                return Ok(Seen::Before);
            }
            let key = (message.from.clone(), message.id.clone());
            Ok(self.memory().hold(key, message))
        })
    }

    fn settle<'a>(&'a self, messages: &'a [Sighted], at: Timestamp) -> Kept<'a, ()> {
        Box::pin(async move { self.settle_all(messages, at).await.map_err(failed) })
    }

    fn unsee<'a>(&'a self, message: &'a Sighted) -> Kept<'a, ()> {
        Box::pin(async {
            let key = (message.from.clone(), message.id.clone());
            self.memory().held.remove(&key);
            Ok(())
        })
    }
}
