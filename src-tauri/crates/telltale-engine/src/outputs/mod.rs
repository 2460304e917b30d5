//! Outputs: where results and incidents are sent on.
//!
//! Called by the shells through [`crate::Engine`]. One reader takes what is new from the store and queues it there for each output that
//! wants it; each output has a sender of its own, so that one that is dead or slow holds up neither the engine nor another output. What
//! cannot be sent is tried again, later each time, and given up after a day of tries: that is counted and shown. Never here: SQL, what
//! a result means, a redirect that is followed.

mod backoff;
mod feed;
mod folder;
mod sender;
mod webhook;

use crate::stamps::Changed;
use crate::{Engine, EngineError, now};
use sender::Senders;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use telltale_core::model::{Output, OutputNow, OutputTo, OutputWhat};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use uuid::Uuid;

/// Outputs at most: each has a task, and each result is queued once for each.
const MAX_OUTPUTS: usize = 32;
/// Letters of an output's name, at most.
const MAX_NAME: usize = 200;

/// What works for the outputs.
#[derive(Default)]
pub(crate) struct Desk {
    senders: Senders,
    /// Rung when outputs have changed: the reader may have something to do now.
    changed: Arc<Notify>,
    /// The reader, once it has begun.
    feed: tokio::sync::Mutex<Option<JoinHandle<()>>>,
}

impl Desk {
    /// Ends what works; what waits stays in the store.
    pub(crate) async fn end(&self) {
        if let Some(feed) = self.feed.lock().await.take() {
            feed.abort();
            // It was told to end; how it did says nothing.
            let _ = feed.await;
        }
        self.senders.end().await;
    }
}

impl Engine {
    /// All outputs as they are now, in the order in which they were made.
    pub async fn outputs(&self) -> Result<Vec<OutputNow>, EngineError> {
        self.inner.store.outputs().await
    }

    /// Stores an output, a new one where its id is empty. It gets what comes from now on; what waits for it is tried at once.
    pub async fn save_output(&self, mut output: Output) -> Result<Output, EngineError> {
        output.name = output.name.trim().to_owned();
        check(&output)?;
        let store = &self.inner.store;
        let there = store.outputs().await?;
        if output.id.is_empty() {
            if there.len() >= MAX_OUTPUTS {
                return Err(EngineError::InvalidInput(format!(
                    "there are {MAX_OUTPUTS} outputs already"
                )));
            }
            output.id = Uuid::new_v4().to_string();
        } else if there.iter().all(|o| o.output.id != output.id) {
            return Err(EngineError::InvalidInput("this output is gone".to_owned()));
        }
        let readers = feed::resting(store, &there, &output).await?;
        store.save_output(&output, now(), &readers).await?;
        self.senders_follow().await?;
        self.changed(Changed::Doors);
        Ok(output)
    }

    /// Removes an output; what waits for it is not sent.
    pub async fn remove_output(&self, id: &str) -> Result<(), EngineError> {
        if !self.inner.store.remove_output(id).await? {
            return Err(EngineError::InvalidInput("this output is gone".to_owned()));
        }
        self.senders_follow().await?;
        self.changed(Changed::Doors);
        Ok(())
    }

    /// Sends a message that says that it is a trial, now and once, beside whatever waits.
    pub async fn try_output(&self, id: &str) -> Result<(), EngineError> {
        let gone = || EngineError::InvalidInput("this output is gone".to_owned());
        let output = self.inner.store.output(id).await?.ok_or_else(gone)?;
        let delivery = Uuid::new_v4().to_string();
        let body = message(&delivery, "trial", &json!({ "output": output.name }));
        let letter = sender::Letter {
            delivery,
            number: 0,
            kind: "trial".to_owned(),
            body,
        };
        let sent = sender::send(&output.to, &letter).await;
        sent.map_err(|failure| EngineError::Output(failure.problem))
    }

    /// Starts the reader and the senders; called by [`Engine::begin`].
    pub(crate) fn begin_outputs(&self) {
        let engine = self.clone();
        self.inner.runtime.spawn(async move {
            let mut feed = engine.inner.outputs.feed.lock().await;
            if feed.is_none() {
                let reads = feed::read(Arc::downgrade(&engine.inner), Arc::clone(&engine.inner.outputs.changed));
                *feed = Some(engine.inner.runtime.spawn(reads));
            }
            drop(feed);
            if let Err(e) = engine.senders_follow().await {
                tracing::warn!("outputs cannot be started: {e}");
            }
        });
    }

    /// Lets the senders and the reader follow the outputs as they are stored now; none before [`Self::begin_outputs`].
    async fn senders_follow(&self) -> Result<(), EngineError> {
        let desk = &self.inner.outputs;
        if desk.feed.lock().await.is_none() {
            return Ok(());
        }
        let outputs = self.inner.store.outputs().await?;
        let wanted = outputs.into_iter().map(|o| o.output).filter(|o| o.enabled).collect();
        desk.senders.follow(wanted, &Arc::downgrade(&self.inner)).await;
        desk.changed.notify_one();
        Ok(())
    }
}

/// What an output may be.
pub(crate) fn check(output: &Output) -> Result<(), EngineError> {
    let refuse = |what: String| Err(EngineError::InvalidInput(what));
    let letters = output.name.chars().count();
    if letters == 0 || letters > MAX_NAME || output.name.chars().any(char::is_control) {
        return refuse(format!("an output's name has 1 to {MAX_NAME} letters"));
    }
    match &output.to {
        OutputTo::Webhook { url } => webhook::target(url).map(|_| ()).map_err(EngineError::InvalidInput),
        OutputTo::Folder { path } if Path::new(path).is_absolute() => Ok(()),
        OutputTo::Folder { .. } => refuse("a folder is named from the root on".to_owned()),
    }
}

/// Whether an output wants this kind.
pub(crate) fn wants(output: &Output, kind: &str) -> bool {
    output.enabled
        && match output.what {
            OutputWhat::Both => true,
            OutputWhat::Results => kind == feed::RESULT,
            OutputWhat::Incidents => kind == feed::INCIDENT,
        }
}

/// What an output sends: `{"format": "telltale/1", "id": …, "kind": …, KIND: …}`.
fn message(delivery: &str, kind: &str, what: &Value) -> String {
    json!({ "format": "telltale/1", "id": delivery, "kind": kind, kind: what }).to_string()
}
