//! By what a live audit is led from outside: what the user wants, and a bell that wakes its thread.

use super::course::Wish;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

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

    /// Whether it is to end; leaves what was said for the next look.
    pub(super) fn is_to_stop(&self) -> bool {
        self.asked().wish == Wish::Stop
    }

    /// Waits until something is said, for so long at most.
    pub(super) fn wait(&self, most: Duration) {
        let asked = self.asked();
        // A poisoned lock only means that another thread panicked; what it guards is whole.
        drop(self.bell.wait_timeout_while(asked, most, |asked| !asked.new));
    }

    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
