//! Rules and incidents: what results say together.
//!
//! Called by the shells through [`crate::Engine`]. One reader takes each result from the store once, in the order in which they came, and
//! gives it to the rules at work (`telltale_core::correlate`); what changed of incidents is stored in one transaction with how far it
//! read. Whatever goes wrong, the rules begin anew from the store, as after a start: a kill neither loses nor doubles an incident. Who
//! follows incidents reads the store's numbered changes. Never here: SQL, what a rule means.

mod begin;
mod reader;
mod rules;
#[cfg(test)]
mod tests;

use crate::stamps::Changed;
use crate::{Engine, EngineError, now};
use std::sync::Arc;
use telltale_core::correlate::{Change, Correlator, Counted, Ending, closed};
use telltale_core::model::{Incident, IncidentState};
use tokio::sync::{Mutex, Notify, watch};
use tokio::task::JoinHandle;

/// What works for incidents.
#[derive(Default)]
pub(crate) struct Desk {
    /// The rules at work. `None`: they begin from what the store has. Held while memory and store are changed together.
    at_work: Mutex<Option<Correlator>>,
    /// Rung when rules have changed: the reader may have something to do now.
    changed: Arc<Notify>,
    /// The reader, once it has begun.
    reader: Mutex<Option<JoinHandle<()>>>,
}

impl Desk {
    /// Ends the reader; what it did not read, it reads the next time.
    pub(crate) async fn end(&self) {
        if let Some(reader) = self.reader.lock().await.take() {
            reader.abort();
            // It was told to end; how it did says nothing.
            let _ = reader.await;
        }
    }
}

impl Engine {
    /// Starts the reader; called by [`Engine::begin`].
    pub(crate) fn begin_incidents(&self) {
        let engine = self.clone();
        self.inner.runtime.spawn(async move {
            let desk = &engine.inner.incidents;
            let mut reader = desk.reader.lock().await;
            if reader.is_none() {
                let reads = reader::read(
                    Arc::downgrade(&engine.inner),
                    engine.newest_result(),
                    Arc::clone(&desk.changed),
                );
                *reader = Some(engine.inner.runtime.spawn(reads));
            }
        });
    }

    /// A page of incidents, the newest first, and how many there are. Rows at most: 500.
    pub async fn incidents(
        &self,
        open_only: bool,
        offset: u32,
        limit: u32,
    ) -> Result<(Vec<Incident>, u32), EngineError> {
        self.inner.store.incidents(open_only, offset, limit).await
    }

    /// One incident.
    pub async fn incident(&self, id: &str) -> Result<Incident, EngineError> {
        let stored = self.inner.store.incident(id).await?;
        stored.ok_or_else(|| EngineError::NoSuchIncident(id.to_owned()))
    }

    /// Closes an incident by hand: what it was opened for opens none again. One that has closed already stays as it is.
    pub async fn close_incident(&self, id: &str) -> Result<(), EngineError> {
        let mut at_work = self.inner.incidents.at_work.lock().await;
        let stored = self.incident(id).await?;
        if stored.state != IncidentState::Open {
            return Ok(());
        }
        let time = now();
        let changes = match &mut *at_work {
            Some(all) => {
                all.advance(time);
                let own = all.close_by_hand(id);
                let mut changes = all.changes();
                if !own && changes.iter().all(|c| c.incident.id != id) {
                    changes.push(closed(stored, time, Ending::ByHand));
                }
                changes
            }
            None => vec![closed(stored, time, Ending::ByHand)],
        };
        let told = self.inner.store.conclude(&changes, None).await;
        if told.is_err() {
            *at_work = None;
        }
        drop(at_work);
        self.tell_incidents(&changes, told?);
        self.inner.incidents.changed.notify_one();
        Ok(())
    }

    /// What rules had to leave out since the program began: results that came too late, and what a limit made them forget.
    pub async fn correlation_counts(&self) -> Counted {
        let at_work = self.inner.incidents.at_work.lock().await;
        at_work.as_ref().map(Correlator::counted).unwrap_or_default()
    }

    /// Tells when an incident was opened, updated or closed: the number of that change. A reader looks into the store from its cursor on
    /// (`store::incident_changes_after`); the number may jump.
    pub(crate) fn newest_incident(&self) -> watch::Receiver<i64> {
        self.inner.newest_incident.subscribe()
    }

    /// Changes of incidents are stored: whoever follows is told.
    fn tell_incidents(&self, changes: &[Change], newest: Option<i64>) {
        if let Some(seq) = newest {
            self.inner.newest_incident.send_if_modified(|newest| {
                let grew = seq > *newest;
                *newest = seq.max(*newest);
                grew
            });
        }
        if !changes.is_empty() {
            self.changed(Changed::Incidents);
        }
    }
}
