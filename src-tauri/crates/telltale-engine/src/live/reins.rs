//! By what a live audit is led from outside: what the user wants, who wants to read it in peace, and a bell that wakes its thread.

use super::course::Wish;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::oneshot;

/// The reins of one live audit.
#[derive(Debug, Default)]
pub(crate) struct Reins {
    asked: Mutex<Asked>,
    bell: Condvar,
}

#[derive(Debug, Default)]
struct Asked {
    wish: Wish,
    /// Whether it was said since the thread looked.
    new: bool,
    /// It does not end, but leaves its place to another thread.
    leaves: bool,
    peace: Vec<Peace>,
}

/// As long as it is held, the rows of the audit stay as they are stored; packets are taken meanwhile.
pub(crate) struct Hold(#[allow(dead_code, reason = "its end is what counts")] Arc<()>);

/// Somebody wants the rows to stay as they are.
#[derive(Debug)]
pub(super) struct Peace {
    held: Weak<()>,
    /// Told once everything is stored.
    ready: Option<oneshot::Sender<()>>,
}

impl Peace {
    /// Whether it is still wanted.
    pub(super) fn lasts(&self) -> bool {
        self.held.strong_count() > 0
    }

    /// Everything is stored, and nothing is from now on.
    pub(super) fn tell(&mut self) {
        if let Some(ready) = self.ready.take() {
            // Who asked may be gone.
            ready.send(()).ok();
        }
    }
}

impl Reins {
    /// Nothing shall be seen for a while.
    pub(crate) fn pause(&self) {
        self.ask(Wish::Pause);
    }

    /// Packets shall be seen again; what is in the way is tried at once.
    pub(crate) fn watch(&self) {
        self.ask(Wish::Watch);
    }

    /// It shall end, whatever is said later.
    pub(crate) fn stop(&self) {
        self.ask(Wish::Stop);
    }

    /// Its thread shall end, so that another one can go on.
    pub(crate) fn leave(&self) {
        self.asked().leaves = true;
        self.stop();
    }

    /// Has everything stored and then nothing, until the hold is dropped; `None` when it ends meanwhile.
    pub(crate) async fn hold(&self) -> Option<Hold> {
        let hold = Hold(Arc::new(()));
        let (ready, told) = oneshot::channel();
        self.asked().peace.push(Peace {
            held: Arc::downgrade(&hold.0),
            ready: Some(ready),
        });
        self.bell.notify_all();
        told.await.ok().map(|()| hold)
    }

    fn ask(&self, wish: Wish) {
        let mut asked = self.asked();
        if asked.wish != Wish::Stop {
            asked.wish = wish;
        }
        asked.new = true;
        self.bell.notify_all();
    }

    /// What is wanted, and whether it was said since the last look.
    pub(super) fn look(&self) -> (Wish, bool) {
        let mut asked = self.asked();
        (asked.wish, std::mem::take(&mut asked.new))
    }

    /// Who wants peace since the last call.
    pub(super) fn take_peace(&self) -> Vec<Peace> {
        std::mem::take(&mut self.asked().peace)
    }

    /// Whether it is to end; leaves what was said for the next look.
    pub(super) fn is_to_stop(&self) -> bool {
        self.asked().wish == Wish::Stop
    }

    /// Whether another thread will go on.
    pub(super) fn leaves(&self) -> bool {
        self.asked().leaves
    }

    /// Whether a pause is wanted.
    pub(crate) fn is_paused(&self) -> bool {
        self.asked().wish == Wish::Pause
    }

    /// Waits until something is said, for so long at most.
    pub(super) fn wait(&self, most: Duration) {
        let asked = self.asked();
        let silent = |asked: &mut Asked| !asked.new && asked.peace.is_empty();
        // A poisoned lock only means that another thread panicked; what it guards is whole.
        drop(self.bell.wait_timeout_while(asked, most, silent));
    }

    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
