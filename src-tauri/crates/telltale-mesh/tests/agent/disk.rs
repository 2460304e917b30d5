//! What an agent must remember, in memory: it outlives the agent, like a disk, and can be full.
#![allow(dead_code, reason = "each test package uses its own part of it")]

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use telltale_core::model::Timestamp;
use telltale_mesh::message::{Number, Window};
use telltale_mesh::{Destination, Keeper, KeeperError, Kept, Queued, Seen, Sighted};

#[derive(Default)]
pub(crate) struct Disk {
    full: AtomicBool,
    content: Mutex<Content>,
}

#[derive(Default)]
struct Content {
    boot: u64,
    next: u64,
    /// In the order in which they were queued.
    outbox: BTreeMap<u64, Queued>,
    ids: HashMap<String, u64>,
    seen: HashSet<(String, String)>,
    windows: HashMap<String, Window>,
    held: HashSet<(String, String)>,
}

impl Disk {
    pub(crate) fn set_full(&self, full: bool) {
        self.full.store(full, Ordering::SeqCst);
    }

    /// Messages in the outbox.
    pub(crate) fn outbox(&self) -> usize {
        self.lock().outbox.len()
    }

    /// The process died: what it held in memory is gone.
    pub(crate) fn after_a_kill(&self) {
        self.lock().held.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write<T>(&self, change: impl FnOnce(&mut Content) -> T) -> Result<T, KeeperError> {
        if self.full.load(Ordering::SeqCst) {
            return Err(KeeperError("the disk is full".to_owned()));
        }
        Ok(change(&mut self.lock()))
    }
}

fn now<'a, T: Send + 'a>(done: Result<T, KeeperError>) -> Kept<'a, T> {
    Box::pin(std::future::ready(done))
}

impl Keeper for Disk {
    fn boot(&self) -> Kept<'_, u64> {
        now(self.write(|c| {
            c.boot += 1;
            c.boot
        }))
    }

    fn queue<'a>(&'a self, messages: &'a [Queued]) -> Kept<'a, ()> {
        now(self.write(|c| {
            for message in messages {
                if !c.ids.contains_key(&message.id) {
                    c.next += 1;
                    c.ids.insert(message.id.clone(), c.next);
                    c.outbox.insert(c.next, message.clone());
                }
            }
        }))
    }

    fn destinations(&self) -> Kept<'_, Vec<(Destination, u32)>> {
        let mut all: HashMap<Destination, u32> = HashMap::new();
        for message in self.lock().outbox.values() {
            *all.entry(message.to.clone()).or_default() += 1;
        }
        now(Ok(all.into_iter().collect()))
    }

    fn waiting<'a>(&'a self, to: &'a Destination, limit: u32) -> Kept<'a, Vec<Queued>> {
        let content = self.lock();
        let waiting = content.outbox.values().filter(|m| m.to == *to).take(limit as usize);
        now(Ok(waiting.cloned().collect()))
    }

    fn tried<'a>(&'a self, ids: &'a [String]) -> Kept<'a, ()> {
        now(self.write(|c| {
            for id in ids {
                if let Some(message) = c.ids.get(id).and_then(|at| c.outbox.get_mut(at)) {
                    message.tries += 1;
                }
            }
        }))
    }

    fn unqueue<'a>(&'a self, ids: &'a [String]) -> Kept<'a, ()> {
        now(self.write(|c| {
            for id in ids {
                if let Some(at) = c.ids.remove(id) {
                    c.outbox.remove(&at);
                }
            }
        }))
    }

    fn see<'a>(&'a self, message: &'a Sighted, _: Timestamp) -> Kept<'a, Seen> {
        let key = (message.from.clone(), message.id.clone());
        let mut content = self.lock();
        let number = content
            .windows
            .get(&message.from)
            .map_or(Number::New, |w| w.look(message.boot, message.seq));
        let seen = if content.held.contains(&key) {
            Seen::Meanwhile
        } else if content.seen.contains(&key) {
            Seen::Before
        } else if message.boot != 0 && number != Number::New {
            Seen::TooOld
        } else {
            content.held.insert(key);
            Seen::New
        };
        now(Ok(seen))
    }

    fn settle<'a>(&'a self, messages: &'a [Sighted], _: Timestamp) -> Kept<'a, ()> {
        now(self.write(|c| {
            for message in messages {
                let key = (message.from.clone(), message.id.clone());
                c.held.remove(&key);
                c.seen.insert(key);
                if message.boot != 0 {
                    let window = c.windows.entry(message.from.clone()).or_default();
                    window.take(message.boot, message.seq);
                }
            }
        }))
    }

    fn unsee<'a>(&'a self, message: &'a Sighted) -> Kept<'a, ()> {
        self.lock().held.remove(&(message.from.clone(), message.id.clone()));
        now(Ok(()))
    }
}
