//! The way of changed rows from an audit's thread into the store: one step at a time, kept until it is stored.
//!
//! Called by [`crate::audits`] and [`crate::live`]. The thread never waits for the disk while it reads: a slow one gets a bigger step,
//! not a queue. A store that fails (disk full) is asked again, and meanwhile the problem is told. Never here: SQL.

use crate::audits::Running;
use crate::store::{KnownOwners, Store};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use telltale_core::audit::Changes;
use telltale_core::model::Summary;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Rests between tries to store a step that failed: the first, and the longest.
const FIRST_REST: Duration = Duration::from_millis(200);
const LONGEST_REST: Duration = Duration::from_secs(2);
/// Tries of one step once nothing more will come: about three seconds, for which a person waits at the end.
const TRIES_AT_THE_END: u32 = 5;

/// What is stored together.
pub(crate) struct Step {
    pub(crate) changes: Changes,
    /// `None`: that of an earlier step is good enough for now.
    pub(crate) summary: Option<Arc<Summary>>,
}

/// The end at which steps are handed over.
pub(crate) struct Steps {
    to: mpsc::Sender<Step>,
    handed: u64,
    stored: Arc<AtomicU64>,
}

impl Steps {
    /// Starts the task that stores; `changed` is called after each step that was stored or failed. The task ends once the steps do, or
    /// gives one up.
    pub(crate) fn start(
        id: u32,
        store: Arc<Store>,
        running: Arc<Running>,
        runtime: &Handle,
        changed: crate::Changed,
    ) -> (Self, JoinHandle<()>) {
        let (to, taken) = mpsc::channel(1);
        let stored = Arc::new(AtomicU64::new(0));
        let task = runtime.spawn(store_steps(id, store, taken, running, Arc::clone(&stored), changed));
        (Self { to, handed: 0, stored }, task)
    }

    /// Hands over a step if there is room; else (`false`) `make` is not called, and a later step holds what this one would.
    pub(crate) fn offer(&mut self, make: impl FnOnce() -> Step) -> bool {
        let Ok(room) = self.to.try_reserve() else { return false };
        self.handed += 1;
        room.send(make());
        true
    }

    /// Hands over the last step, waiting for room. Only a task that gave up refuses it, and then the problem is told already.
    pub(crate) fn last(mut self, step: Step) {
        self.handed += 1;
        let _ = self.to.blocking_send(step);
    }

    /// Whether everything handed over is on the disk.
    pub(crate) fn all_stored(&self) -> bool {
        self.stored.load(Ordering::Acquire) == self.handed
    }
}

async fn store_steps(
    id: u32,
    store: Arc<Store>,
    mut steps: mpsc::Receiver<Step>,
    running: Arc<Running>,
    stored: Arc<AtomicU64>,
    changed: crate::Changed,
) {
    let mut owners = KnownOwners::default();
    while let Some(step) = steps.recv().await {
        let (mut rest, mut tries) = (FIRST_REST, 0);
        while let Err(e) = store
            .write(id, &step.changes, step.summary.as_deref(), &mut owners)
            .await
        {
            // Their rows went back with the transaction.
            owners = KnownOwners::default();
            if tries == 0 {
                tracing::error!("audit {id} cannot be stored: {e}");
            }
            running.now().problem = Some(e.to_string());
            changed();
            tries = if running.ends() { tries + 1 } else { 1 };
            if tries >= TRIES_AT_THE_END {
                return;
            }
            tokio::time::sleep(rest).await;
            rest = (rest * 2).min(LONGEST_REST);
        }
        running.now().problem = None;
        stored.fetch_add(1, Ordering::Release);
        store.forget_order();
        changed();
    }
}
