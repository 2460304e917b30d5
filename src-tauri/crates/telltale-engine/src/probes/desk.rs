//! The table of all behaviours: who asks for one finds it here.

use super::behaviour::{Behaviour, Order};
use super::clock::Clocks;
use crate::{Engine, EngineError};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use telltale_core::model::{BehaviourNow, Probe, ProbeResult, ResultVia, Timestamp};
use telltale_core::schedule::Remembered;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinHandle;

/// Runs at one time, audits apart: each may hold sockets, a program and its memory. More wait for their turn.
const MAX_RUNS: usize = 32;
/// Orders that a behaviour has not read yet; who orders waits for room.
const MAX_ORDERS: usize = 64;
/// Answers of other agents that are remembered of one run.
const MAX_ANSWERS: usize = 4_096;
/// Runs whose answers are remembered: the present one, and late ones before it.
const MAX_RUNS_HEARD: usize = 8;
/// How long a behaviour has to leave, at the end of the program.
const TO_LEAVE: Duration = Duration::from_secs(5);

/// What came back from other agents for the last runs: when each was due, and the ids of its results. Due times need not grow: a clock may
/// be set back.
#[derive(Clone, Debug, Default)]
pub(super) struct Heard(VecDeque<(Timestamp, BTreeSet<String>)>);

impl Heard {
    /// Answers to the run that was due then. A due time that travelled as JSON is rounded.
    pub(super) fn of(&self, due: Timestamp) -> usize {
        let run = self.0.iter().find(|(at, _)| same(*at, due));
        run.map_or(0, |(_, results)| results.len())
    }

    fn hear(&mut self, result: &ProbeResult) {
        let known = self.0.iter().position(|(at, _)| same(*at, result.due));
        let at = known.unwrap_or_else(|| {
            if self.0.len() >= MAX_RUNS_HEARD {
                self.0.pop_front();
            }
            self.0.push_back((result.due, BTreeSet::new()));
            self.0.len() - 1
        });
        if let Some((_, results)) = self.0.get_mut(at).filter(|(_, results)| results.len() < MAX_ANSWERS) {
            results.insert(result.id.clone());
        }
    }
}

fn same(one: Timestamp, other: Timestamp) -> bool {
    const ROUNDED: u64 = 1_000_000;
    one.since(other).unsigned_abs() < ROUNDED
}

/// What a behaviour shows.
#[derive(Clone)]
pub(super) struct Shown(Arc<Mutex<(BehaviourNow, Option<ProbeResult>)>>);

impl Shown {
    fn new(mut now: BehaviourNow) -> Self {
        let last = now.last.take();
        Self(Arc::new(Mutex::new((now, last))))
    }

    fn lock(&self) -> MutexGuard<'_, (BehaviourNow, Option<ProbeResult>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> BehaviourNow {
        let shown = self.lock();
        BehaviourNow {
            last: shown.1.clone(),
            ..shown.0.clone()
        }
    }

    /// Shows a state (without the last result); whether it is another than before.
    pub(super) fn show(&self, state: BehaviourNow) -> bool {
        let mut shown = self.lock();
        let another = shown.0 != state;
        shown.0 = state;
        another
    }

    /// Shows a result, if it is the newest.
    pub(super) fn tell(&self, result: &ProbeResult) {
        let mut shown = self.lock();
        if shown.1.as_ref().is_none_or(|last| last.ended <= result.ended) {
            shown.1 = Some(result.clone());
        }
    }
}

/// A behaviour, as others reach it.
struct Handle {
    orders: mpsc::Sender<Order>,
    shown: Shown,
    heard: watch::Sender<Heard>,
    task: JoinHandle<()>,
}

/// All behaviours of this computer.
pub(crate) struct Desk {
    clocks: Mutex<Clocks>,
    list: Mutex<BTreeMap<String, Handle>>,
    /// Held while behaviours begin and probes change: `true` once they act.
    pub(super) begun: tokio::sync::Mutex<bool>,
    /// What else goes on while behaviours act.
    watches: Mutex<Vec<JoinHandle<()>>>,
    pub(super) turns: Semaphore,
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            clocks: Mutex::new(Clocks::computer()),
            list: Mutex::default(),
            begun: tokio::sync::Mutex::new(false),
            watches: Mutex::default(),
            turns: Semaphore::new(MAX_RUNS),
        }
    }
}

impl Desk {
    pub(super) fn clocks(&self) -> Clocks {
        self.clocks.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lets behaviours that begin later live by another clock.
    #[cfg(test)]
    pub(super) fn set_clocks(&self, clocks: Clocks) {
        *self.clocks.lock().unwrap_or_else(PoisonError::into_inner) = clocks;
    }

    fn list(&self) -> MutexGuard<'_, BTreeMap<String, Handle>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How a behaviour shows itself; `None`: it does not act.
    pub(super) fn shown(&self, id: &str) -> Option<BehaviourNow> {
        self.list().get(id).map(|handle| handle.shown.now())
    }

    /// Gives an order; whether there was somebody to take it.
    pub(super) async fn order(&self, id: &str, order: Order) -> bool {
        let orders = self.list().get(id).map(|handle| handle.orders.clone());
        match orders {
            Some(orders) => orders.send(order).await.is_ok(),
            None => false,
        }
    }

    /// Tells all of another policy.
    pub(super) async fn tell_policy(&self) {
        let all: Vec<_> = self.list().values().map(|handle| handle.orders.clone()).collect();
        for orders in all {
            // One that has just left needs no policy.
            let _ = orders.send(Order::Policy).await;
        }
    }

    /// Results came in; whose of other agents belong to a probe of this computer, it hears of.
    pub(crate) fn heard(&self, results: &[ProbeResult]) {
        let list = self.list();
        for result in results.iter().filter(|r| r.via != ResultVia::Here) {
            if let Some(handle) = list.get(&result.probe) {
                handle.shown.tell(result);
                handle.heard.send_modify(|heard| heard.hear(result));
            }
        }
    }

    /// Begins a behaviour.
    pub(super) async fn begin(&self, engine: &Engine, (probe, past): (Probe, Remembered), now: BehaviourNow) {
        let id = probe.id.clone();
        let shown = Shown::new(now);
        let heard = watch::Sender::new(Heard::default());
        let listens = (shown.clone(), heard.subscribe());
        let behaviour = Behaviour::begin(engine.clone(), self.clocks(), (probe, past), listens).await;
        let (orders, read) = mpsc::channel(MAX_ORDERS);
        let task = tokio::spawn(behaviour.act(read));
        let handle = Handle {
            orders,
            shown,
            heard,
            task,
        };
        self.list().insert(id, handle);
    }

    /// Begins what goes on beside the behaviours, until they end.
    pub(super) fn watch(&self, watch: impl Future<Output = ()> + Send + 'static) {
        let mut watches = self.watches.lock().unwrap_or_else(PoisonError::into_inner);
        watches.push(tokio::spawn(watch));
    }

    /// Ends a behaviour; its run is broken off without a result.
    pub(super) async fn end_one(&self, id: &str) {
        let handle = self.list().remove(id);
        if let Some(handle) = handle {
            leave(handle).await;
        }
    }

    /// Ends all of them: what runs is broken off and begins again with the program, as its probe says of missed runs.
    pub(crate) async fn end(&self) {
        let mut begun = self.begun.lock().await;
        *begun = false;
        let all = std::mem::take(&mut *self.list());
        for handle in all.into_values() {
            leave(handle).await;
        }
        for task in self.watches.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            task.abort();
        }
    }
}

async fn leave(handle: Handle) {
    // One that has crashed has left already.
    let _ = handle.orders.send(Order::Leave).await;
    let mut task = handle.task;
    if tokio::time::timeout(TO_LEAVE, &mut task).await.is_err() {
        task.abort();
    }
}

impl Engine {
    /// Stores what a behaviour remembers.
    pub(super) async fn remember(&self, id: &str, past: &Remembered) -> Result<(), EngineError> {
        let state = serde_json::to_string(past)?;
        self.inner.store.set_probe_state(id, &state).await
    }
}

#[cfg(test)]
mod tests {
    use super::super::carry::Errand;
    use super::*;
    use telltale_core::model::{Behaviour, Check, Limits, Missed, Overlap, RunsOn, Verdict};

    fn answer(id: &str, due: i64) -> ProbeResult {
        let errand = Errand {
            probe: Probe {
                id: String::new(),
                revision: 1,
                name: String::new(),
                check: Check::Trace {
                    host: String::new(),
                    max_hops: 1,
                },
                behaviour: Behaviour::OneShot { at: None },
                missed: Missed::Once,
                overlap: Overlap::Skip,
                limits: Limits::default(),
                expected: None,
                runs_on: RunsOn::Here,
                enabled: true,
            },
            due: Timestamp(due),
            result: id.to_owned(),
        };
        errand.empty(Timestamp(0), Timestamp(0), Verdict::Expected, "")
    }

    #[test]
    fn answers_belong_to_the_run_that_was_due_then() {
        const HOUR: i64 = 3_600_000_000_000;
        let mut heard = Heard::default();
        for (id, due) in [
            ("a", HOUR),
            ("b", HOUR + 100),
            ("a", HOUR),
            ("c", 2 * HOUR),
            ("d", HOUR - 7),
        ] {
            heard.hear(&answer(id, due));
        }
        let counted = [HOUR, 2 * HOUR, 3 * HOUR].map(|due| heard.of(Timestamp(due)));
        assert_eq!(
            counted,
            [3, 1, 0],
            "rounded times are the same, and each answer counts once"
        );
        for n in 10..10 + i64::try_from(MAX_RUNS_HEARD).unwrap() {
            heard.hear(&answer("x", n * HOUR));
        }
        assert_eq!(
            (heard.of(Timestamp(HOUR)), heard.0.len()),
            (0, MAX_RUNS_HEARD),
            "the oldest goes"
        );
        // The clock was set back: an earlier due time is as good.
        heard.hear(&answer("y", HOUR));
        assert_eq!(heard.of(Timestamp(HOUR)), 1);
    }
}
