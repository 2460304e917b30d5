//! Senders: one task for each output that is on, which sends what waits for it, one after the other.

use super::{backoff, folder, webhook};
use crate::stamps::Changed;
use crate::store::{Tried, Waiting};
use crate::{Engine, EngineError, Inner, now};
use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;
use telltale_core::model::{Output, OutputTo, Timestamp};
use tokio::sync::{Mutex, Notify};
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// Pause after the store failed.
const PAUSE: Duration = Duration::from_secs(5);

/// One message on its way.
pub(super) struct Letter {
    /// A UUID, the same at every try.
    pub(super) delivery: String,
    /// Grows from message to message.
    pub(super) number: i64,
    /// `result`, `incident` or `trial`.
    pub(super) kind: String,
    /// JSON.
    pub(super) body: String,
}

/// Why a message was not taken.
#[derive(Debug)]
pub(super) struct Failure {
    /// For a person.
    pub(super) problem: String,
    /// The other side will never take this one: it is not tried again.
    pub(super) for_good: bool,
    /// The other side wants to be left alone for so long.
    pub(super) not_before: Option<Duration>,
}

impl Failure {
    /// Something that may pass.
    pub(super) fn now(problem: impl Into<String>) -> Self {
        Self {
            problem: problem.into(),
            for_good: false,
            not_before: None,
        }
    }
}

/// Sends a message now and once.
pub(super) async fn send(to: &OutputTo, letter: &Letter) -> Result<(), Failure> {
    match to {
        OutputTo::Webhook { url } => webhook::post(url, letter).await,
        OutputTo::Folder { path } => folder::drop_file(path, letter).await,
    }
}

/// The tasks, by output.
#[derive(Default)]
pub(super) struct Senders(Mutex<BTreeMap<String, Sender>>);

struct Sender {
    output: Output,
    /// Rung when something new waits.
    bell: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Senders {
    /// A sender for each of these outputs and no others. One whose output was saved begins anew, and tries at once what waits.
    pub(super) async fn follow(&self, outputs: Vec<Output>, engine: &Weak<Inner>) {
        let mut senders = self.0.lock().await;
        senders.retain(|id, sender| outputs.iter().any(|o| o.id == *id && *o == sender.output));
        for output in outputs {
            if let Some(sender) = senders.get(&output.id) {
                sender.bell.notify_one();
                continue;
            }
            let bell = Arc::new(Notify::new());
            let task = tokio::spawn(work(output.clone(), engine.clone(), Arc::clone(&bell)));
            senders.insert(output.id.clone(), Sender { output, bell, task });
        }
    }

    /// Something new waits.
    pub(super) async fn ring(&self) {
        for sender in self.0.lock().await.values() {
            sender.bell.notify_one();
        }
    }

    /// Ends all of them.
    pub(super) async fn end(&self) {
        self.0.lock().await.clear();
    }
}

/// Sends what waits for one output, as long as the engine is there.
async fn work(output: Output, engine: Weak<Inner>, bell: Arc<Notify>) {
    loop {
        let Some(inner) = engine.upgrade() else { return };
        let engine_now = Engine { inner };
        let pause = match step(&output, &engine_now).await {
            Ok(Step::Went) => continue,
            Ok(Step::Nothing) => None,
            Ok(Step::Until(pause)) => Some(pause),
            Err(e) => {
                tracing::warn!("the queue of output {} cannot be read or written: {e}", output.id);
                Some(PAUSE)
            }
        };
        drop(engine_now);
        match pause {
            // What is queued behind a message that waits does not overtake it, so the bell says nothing new.
            Some(pause) => sleep(pause).await,
            None => bell.notified().await,
        }
    }
}

enum Step {
    /// There may be more.
    Went,
    /// Nothing waits.
    Nothing,
    /// The next try is due after this.
    Until(Duration),
}

async fn step(output: &Output, engine: &Engine) -> Result<Step, EngineError> {
    let store = &engine.inner.store;
    let Some(waiting) = store.next_delivery(&output.id).await? else {
        return Ok(Step::Nothing);
    };
    if let Some(pause) = waiting.next.and_then(|next| left(next, now())) {
        return Ok(Step::Until(pause));
    }
    let letter = Letter {
        delivery: waiting.delivery.clone(),
        number: waiting.seq,
        kind: waiting.kind.clone(),
        body: waiting.body.clone(),
    };
    let tried = match send(&output.to, &letter).await {
        Ok(()) => Tried::Sent,
        Err(failure) => failed(&waiting, failure),
    };
    store.tried(&output.id, waiting.seq, &tried).await?;
    engine.changed(Changed::Doors);
    Ok(Step::Went)
}

/// How long until a time; `None`: it has come, or lies further ahead than any wait, so that the clock was put back.
fn left(next: Timestamp, now: Timestamp) -> Option<Duration> {
    let left = Duration::from_nanos(u64::try_from(next.since(now)).unwrap_or(0));
    (!left.is_zero() && left <= backoff::LONGEST).then_some(left)
}

fn failed(waiting: &Waiting, failure: Failure) -> Tried {
    let attempts = waiting.attempts.saturating_add(1);
    if failure.for_good {
        return Tried::GivenUp(failure.problem);
    }
    let chance = uuid::Uuid::new_v4().as_fields().0;
    let Some(wait) = backoff::wait(attempts, chance) else {
        return Tried::GivenUp(failure.problem);
    };
    let wait = wait.max(failure.not_before.unwrap_or_default().min(backoff::LONGEST));
    let nanos = i64::try_from(wait.as_nanos()).unwrap_or(i64::MAX);
    Tried::Again {
        attempts,
        next: Timestamp(now().0.saturating_add(nanos)),
        problem: failure.problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_put_back_does_not_make_it_wait_for_it() {
        let second = 1_000_000_000;
        assert_eq!(
            left(Timestamp(5 * second), Timestamp(second)),
            Some(Duration::from_secs(4))
        );
        assert_eq!(left(Timestamp(5 * second), Timestamp(5 * second)), None);
        assert_eq!(left(Timestamp(5 * second), Timestamp(9 * second)), None);
        assert_eq!(left(Timestamp(3_700 * second), Timestamp(0)), None);
    }
}
