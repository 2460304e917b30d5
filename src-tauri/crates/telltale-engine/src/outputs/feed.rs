//! The reader: takes what is new from the store and queues it for the outputs.
//!
//! It has a cursor in the store for results and one for changes of incidents. While no output wants a kind, its cursor rests; the first
//! one that does begins with what comes from then on.

use super::{message, wants};
use crate::stamps::Changed;
use crate::store::{NewDelivery, QueueLimits, Store};
use crate::{Engine, EngineError, Inner};
use serde::Serialize;
use std::sync::{Arc, Weak};
use std::time::Duration;
use telltale_core::model::{Output, OutputNow};
use tokio::sync::Notify;
use tokio::time::sleep;
use uuid::Uuid;

/// Kinds, as they stand in a message and in the queue.
pub(super) const RESULT: &str = "result";
pub(super) const INCIDENT: &str = "incident";
/// Names of the cursors.
const RESULTS: &str = "outputs/results";
const INCIDENTS: &str = "outputs/incidents";
/// Rows that are taken at once.
const AT_ONCE: u32 = 100;
/// What may wait for one output: about a day of a result every ten seconds, and no disk is filled by a server that is gone.
const LIMITS: QueueLimits = QueueLimits {
    deliveries: 10_000,
    octets: 50_000_000,
};
/// Pause after the store failed: the disk is full, say.
const PAUSE: Duration = Duration::from_secs(5);

/// Cursors that have rested because nobody wanted their kind, and begin now because this output does.
pub(super) async fn resting(
    store: &Store,
    there: &[OutputNow],
    output: &Output,
) -> Result<Vec<(&'static str, i64)>, EngineError> {
    let begins = |kind| wants(output, kind) && !there.iter().any(|o| wants(&o.output, kind));
    let mut begin = Vec::new();
    if begins(RESULT) {
        begin.push((RESULTS, store.newest_result().await?));
    }
    if begins(INCIDENT) {
        begin.push((INCIDENTS, store.newest_incident_change().await?));
    }
    Ok(begin)
}

/// Reads as long as the engine is there.
pub(super) async fn read(engine: Weak<Inner>, changed: Arc<Notify>) {
    let Some(inner) = engine.upgrade() else { return };
    let mut results = inner.newest_result.subscribe();
    let mut incidents = inner.newest_incident.subscribe();
    drop(inner);
    loop {
        let Some(inner) = engine.upgrade() else { return };
        let fed = feed(&Engine { inner }).await;
        match fed {
            // There may be more.
            Ok(true) => continue,
            Ok(false) => {}
            Err(e) => {
                tracing::warn!("what is to be sent on cannot be queued: {e}");
                sleep(PAUSE).await;
                continue;
            }
        }
        let woken = tokio::select! {
            () = changed.notified() => true,
            more = results.changed() => more.is_ok(),
            more = incidents.changed() => more.is_ok(),
        };
        if !woken {
            return;
        }
    }
}

/// Takes one step of each kind; `true`: there may be more.
async fn feed(engine: &Engine) -> Result<bool, EngineError> {
    let store = &engine.inner.store;
    let outputs: Vec<Output> = store.outputs().await?.into_iter().map(|o| o.output).collect();
    let wanted = |kind| outputs.iter().any(|o| wants(o, kind));
    let mut more = false;
    if wanted(RESULT) {
        let rows = store.results_after(store.cursor(RESULTS).await?, AT_ONCE).await?;
        more |= queue(engine, &outputs, (RESULTS, RESULT), &rows).await?;
    }
    if wanted(INCIDENT) {
        let rows = store
            .incident_changes_after(store.cursor(INCIDENTS).await?, AT_ONCE)
            .await?;
        more |= queue(engine, &outputs, (INCIDENTS, INCIDENT), &rows).await?;
    }
    Ok(more)
}

async fn queue<T: Serialize + Sync>(
    engine: &Engine,
    outputs: &[Output],
    (reader, kind): (&str, &'static str),
    rows: &[(i64, T)],
) -> Result<bool, EngineError> {
    let Some((last, _)) = rows.last() else { return Ok(false) };
    let mut deliveries = Vec::new();
    for (_, row) in rows {
        let row = serde_json::to_value(row)?;
        for output in outputs.iter().filter(|o| wants(o, kind)) {
            let delivery = Uuid::new_v4().to_string();
            deliveries.push(NewDelivery {
                output: output.id.clone(),
                body: message(&delivery, kind, &row),
                delivery,
                kind,
            });
        }
    }
    engine.inner.store.queue(reader, *last, &deliveries, LIMITS).await?;
    engine.inner.outputs.senders.ring().await;
    engine.changed(Changed::Doors);
    Ok(rows.len() == AT_ONCE as usize)
}
