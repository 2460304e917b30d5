//! The table of all behaviours: who asks for one finds it here.

use super::behaviour::{Behaviour, Order};
use super::clock::Clocks;
use crate::{Engine, EngineError};
use std::collections::{BTreeMap, BTreeSet};
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
/// How long a behaviour has to leave, at the end of the program.
const TO_LEAVE: Duration = Duration::from_secs(5);

/// What came back from other agents for the newest due time.
#[derive(Clone, Debug, Default)]
pub(super) struct Heard {
    due: Timestamp,
    results: BTreeSet<String>,
}

impl Heard {
    /// Answers to the run that was due then. A due time that travelled as JSON is rounded.
    pub(super) fn of(&self, due: Timestamp) -> usize {
        if same(self.due, due) { self.results.len() } else { 0 }
    }

    fn hear(&mut self, result: &ProbeResult) {
        if !same(self.due, result.due) {
            if result.due < self.due {
                return;
            }
            *self = Self {
                due: result.due,
                results: BTreeSet::new(),
            };
        }
        if self.results.len() < MAX_ANSWERS {
            self.results.insert(result.id.clone());
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
