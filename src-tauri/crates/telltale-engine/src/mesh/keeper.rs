//! The agent's memory: outbox and window in the store, with what must be asked for each message held in memory.
//!
//! Called by the agent of `telltale-mesh` through [`Keeper`]. A process that is killed loses nothing that was answered; a full disk
//! makes an answer an error, after which nothing has changed.

use crate::now;
use crate::store::{SeenRows, Store};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use telltale_core::model::{Delivery, MeshMessage, Timestamp};
use telltale_mesh::message::{Draft, Number, Window};
use telltale_mesh::{Destination, Keeper, KeeperError, Kept, Queued, Seen, Sighted};

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

    /// A message of ours is given up: it is sent no more.
    pub(super) async fn forget(&self, id: &str) -> Result<(), crate::EngineError> {
        self.store.unqueue_messages(&[id.to_owned()]).await
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

/// A message of ours as the page shows it.
fn shown(message: &Queued) -> Option<MeshMessage> {
    let draft: Draft = serde_json::from_str(&message.draft).ok()?;
    let (peer, channel) = match &message.to {
        Destination::Agent(jid) => (jid.clone(), String::new()),
        Destination::Role { role, .. } => (String::new(), format!("to the role {role}")),
    };
    Some(MeshMessage {
        id: draft.id,
        peer,
        at: message.queued,
        delivery: Delivery::Waiting,
        performative: draft.performative,
        ontology: draft.ontology,
        language: "json".to_owned(),
        thread: draft.thread,
        body: draft.body.to_string(),
        channel,
        problem: None,
    })
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
            let shown: Vec<_> = messages.iter().filter_map(shown).collect();
            if self.store.queue_messages(messages, &shown).await.map_err(failed)? {
                return Ok(());
            }
            Err(failed("too many messages wait in the outbox"))
        })
    }

    fn destinations(&self) -> Kept<'_, Vec<(Destination, u32)>> {
        Box::pin(async { self.store.waited_for().await.map_err(failed) })
    }

    fn waiting<'a>(&'a self, to: &'a Destination, limit: u32) -> Kept<'a, Vec<Queued>> {
        Box::pin(async move { self.store.waiting_messages(to, limit).await.map_err(failed) })
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    const DAY_NS: i64 = 86_400_000_000_000;

    async fn open(folder: &Path) -> (Arc<Store>, StoreKeeper) {
        let store = Store::open(&folder.join("telltale.sqlite")).await.expect("a store");
        let store = Arc::new(store);
        let keeper = StoreKeeper::open(Arc::clone(&store)).await.expect("a keeper");
        (store, keeper)
    }

    fn message(boot: u64, seq: u64, id: &str) -> Sighted {
        Sighted {
            from: "probe@localhost".to_owned(),
            boot,
            seq,
            id: id.to_owned(),
        }
    }

    fn queued(id: &str) -> Queued {
        Queued {
            id: id.to_owned(),
            to: Destination::Role {
                role: "correlator".to_owned(),
                duty: "store".to_owned(),
            },
            draft: "{}".to_owned(),
            queued: Timestamp(5),
            tries: 0,
        }
    }

    async fn see(keeper: &StoreKeeper, message: &Sighted) -> Seen {
        keeper.see(message, now()).await.expect("an answer")
    }

    #[tokio::test]
    async fn what_was_settled_outlives_a_restart_and_what_was_only_seen_comes_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let (store, keeper) = open(folder.path()).await;
        let (first, second) = (message(1, 1, "a"), message(1, 2, "b"));
        assert_eq!(see(&keeper, &first).await, Seen::New);
        assert_eq!(see(&keeper, &first).await, Seen::Meanwhile);
        assert_eq!(see(&keeper, &second).await, Seen::New);
        keeper.settle(std::slice::from_ref(&first), now()).await.expect("kept");
        assert_eq!(see(&keeper, &first).await, Seen::Before);
        keeper.unsee(&second).await.expect("taken back");
        assert_eq!(see(&keeper, &second).await, Seen::New);
        store.close().await;

        let (_store, keeper) = open(folder.path()).await;
        assert_eq!(see(&keeper, &first).await, Seen::Before);
        assert_eq!(
            see(&keeper, &message(9, 1, "a")).await,
            Seen::Before,
            "sent again after a restart"
        );
        assert_eq!(see(&keeper, &second).await, Seen::New, "it was never handled");
        assert_eq!(
            see(&keeper, &message(1, 1, "c")).await,
            Seen::TooOld,
            "a used number is no new message"
        );
        let other = Sighted {
            from: "other@localhost".to_owned(),
            ..first
        };
        assert_eq!(see(&keeper, &other).await, Seen::New, "each sender has its own ids");
    }

    #[tokio::test]
    async fn an_hour_on_the_clock_neither_loses_nor_doubles() {
        let folder = tempfile::tempdir().expect("a folder");
        let (store, keeper) = open(folder.path()).await;
        let noon = Timestamp(1_800_000_000 * 1_000_000_000);
        let hour = 3_600_000_000_000;
        let times = [0, hour, -hour, 0].map(|d| Timestamp(noon.0 + d));
        for (n, at) in (1..).zip(times) {
            let new = message(1, n, &format!("id {n}"));
            assert_eq!(keeper.see(&new, at).await.expect("an answer"), Seen::New);
            keeper.settle(&[new], at).await.expect("kept");
            for old in 1..=n {
                let again = message(2, 100 * n + old, &format!("id {old}"));
                assert_eq!(keeper.see(&again, at).await.expect("an answer"), Seen::Before);
            }
        }
        let mut boots = Vec::new();
        for at in times {
            boots.push(store.next_boot(at).await.expect("a number"));
        }
        assert!(boots.is_sorted_by(|a, b| a < b), "{boots:?}");
        store
            .forget_seen(Timestamp(noon.0 + 6 * DAY_NS))
            .await
            .expect("looked at");
        assert_eq!(store.seen().await.expect("rows").ids.len(), 4);
        store
            .forget_seen(Timestamp(noon.0 + 8 * DAY_NS))
            .await
            .expect("looked at");
        assert_eq!(store.seen().await.expect("rows").ids.len(), 0, "after seven days");
    }

    #[tokio::test]
    async fn the_outbox_outlives_a_restart_in_its_order() {
        let folder = tempfile::tempdir().expect("a folder");
        let (store, keeper) = open(folder.path()).await;
        let mut direct = queued("3");
        direct.to = Destination::Agent("corr@localhost".to_owned());
        keeper
            .queue(&[queued("2"), queued("1"), direct.clone()])
            .await
            .expect("kept");
        keeper.queue(&[queued("1")]).await.expect("kept once");
        keeper.tried(&["1".to_owned()]).await.expect("kept");
        keeper.unqueue(&["2".to_owned()]).await.expect("gone");
        store.close().await;

        let (store, keeper) = open(folder.path()).await;
        let mut tried = queued("1");
        tried.tries = 1;
        let to = [tried.to.clone(), direct.to.clone()];
        let mut destinations = keeper.destinations().await.expect("rows");
        destinations.sort_by_key(|(to, _)| matches!(to, Destination::Agent(_)));
        assert_eq!(destinations, to.clone().map(|to| (to, 1)));
        assert_eq!(keeper.waiting(&to[0], 10).await.expect("rows"), [tried]);
        assert_eq!(keeper.waiting(&to[1], 10).await.expect("rows"), [direct]);
        assert_eq!(keeper.waiting(&to[1], 0).await.expect("rows"), []);
        let many: Vec<_> = (0..6_000).map(|n| queued(&format!("many {n}"))).collect();
        assert!(keeper.queue(&many).await.is_err(), "it is full");
        assert_eq!(
            store.waiting_messages_count().await.expect("a number"),
            2,
            "all or none"
        );
    }

    #[tokio::test]
    async fn a_full_disk_changes_nothing_and_loses_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let (store, keeper) = open(folder.path()).await;
        keeper.queue(&[queued("before")]).await.expect("kept");
        store.limit_pages(1).await.expect("as full as it is");
        let large: Vec<_> = (0..50)
            .map(|n| Queued {
                draft: "x".repeat(10_000),
                ..queued(&format!("large {n}"))
            })
            .collect();
        assert!(keeper.queue(&large).await.is_err());
        let many: Vec<_> = (0..2_000)
            .map(|n| message(1, n, &format!("a long id of a message {n}")))
            .collect();
        for message in &many {
            assert_eq!(see(&keeper, message).await, Seen::New);
        }
        assert!(keeper.settle(&many, now()).await.is_err());
        assert_eq!(store.waiting_messages_count().await.expect("a number"), 1);
        assert_eq!(store.seen().await.expect("rows").ids.len(), 0, "all or none");
        assert_eq!(see(&keeper, &many[0]).await, Seen::Meanwhile, "it is not confirmed");

        store.limit_pages(1_000_000).await.expect("room again");
        keeper.queue(&large).await.expect("kept");
        keeper.settle(&many, now()).await.expect("kept");
        assert_eq!(see(&keeper, &many[0]).await, Seen::Before);
        assert_eq!(store.waiting_messages_count().await.expect("a number"), 51);
    }
}
