//! The one door through which results enter, and where they are asked for.
//!
//! Probes of this computer, the mesh and HTTP give a result to [`Engine::take_result`]; correlation, outputs and followers read what
//! came by its number (`store::results_after`), each with a cursor of its own, so that nothing is lost when one of them rests, fails or
//! the program is killed. Never here: what a result means.

use crate::stamps::Changed;
use crate::{Engine, EngineError, now};
use telltale_core::model::{ProbeResult, ResultPage, ResultQuery};
use tokio::sync::watch;

impl Engine {
    /// Takes a result in; `false`: it was there already, and counts once.
    pub async fn take_result(&self, result: &ProbeResult) -> Result<bool, EngineError> {
        Ok(self.take_results(std::slice::from_ref(result)).await? == 1)
    }

    /// Takes results in, all or none; how many were new.
    pub async fn take_results(&self, results: &[ProbeResult]) -> Result<usize, EngineError> {
        let added = self.inner.store.add_results(results, now()).await?;
        let Some(seq) = added.last else {
            return Ok(0);
        };
        self.inner.newest_result.send_if_modified(|newest| {
            let grew = seq > *newest;
            *newest = seq.max(*newest);
            grew
        });
        self.inner.probes.heard(results);
        self.changed(Changed::Results);
        Ok(added.new)
    }

    /// A page of results, newest first.
    pub async fn results(&self, query: &ResultQuery) -> Result<ResultPage, EngineError> {
        self.inner.store.results(query).await
    }

    /// One result.
    pub async fn result(&self, id: &str) -> Result<Option<ProbeResult>, EngineError> {
        self.inner.store.result(id).await
    }

    /// Tells when a result came in: its number. A reader looks into the store from its cursor on; the number may jump.
    pub(crate) fn newest_result(&self) -> watch::Receiver<i64> {
        self.inner.newest_result.subscribe()
    }

    /// Something beside the audits has changed.
    pub(crate) fn changed(&self, what: Changed) {
        self.inner.stamps.grow(what);
        self.inner.revision.send_modify(|r| *r += 1);
    }

    /// How often what has changed.
    pub fn stamps(&self) -> crate::Stamps {
        self.inner.stamps.now()
    }
}
