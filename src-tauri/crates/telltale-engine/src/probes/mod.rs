//! Probes: what is checked again and again, by behaviours that act in time.
//!
//! Called by the shells through [`crate::Engine`], and by the mesh's desk for requests of other agents ([`Engine::run_once`]). Each probe has one
//! behaviour, a task of its own ([`behaviour`]); what is due when is said by `telltale_core::schedule`, whose policies (missed runs, overlap,
//! a clock that is set, sleep) stand there in full, are chosen by each probe's `missed` and `overlap`, and are counted in
//! `BehaviourNow`. Never here: how a check is carried out (`crate::checks`), SQL, messages.
//!
//! What the engine adds to those policies:
//!
//! * **Nothing runs twice, nothing is lost.** A run is remembered on the disk before it begins, with the id that its result will have. Killed
//!   at any moment, the program finds at its next start whether the result is there (then the run had ended) or not (then it was
//!   missed, and its probe says what becomes of it).
//! * **A full disk** stops no check that has begun: its result is kept in memory and stored again every few seconds; until it is stored, the
//!   behaviour begins no other run, counts what overlaps, and says so.
//! * **Sleep and a set clock** are noticed within two seconds of waking: timers of the system stand still in sleep.
//! * **Run now** does not move the rhythm. While a run goes on, such wishes wait in the mailbox, and one run answers them all. A paused
//!   probe runs once and stays paused; a killed one begins anew. Wishes are not kept beyond the end of the program.
//! * **Kill** breaks the run off, with a result that says so, and empties the mailbox. **Pause** lets the run end.
//! * **Turns**: [`desk`] limits the runs at one time; those beyond wait, and begin when one ends.
//! * **Results** are kept up to [`RESULTS_OF_ONE`] of one probe by one agent, [`RESULTS_OF_AGENT`] of one other agent, [`RESULTS_IN_ALL`] in
//!   all and [`RESULTS_DAYS`] days, oldest removed first, once an hour and after [`LOOK_AFTER`] new ones; how many went is counted. Readers
//!   with a cursor read long before that.

mod audit;
mod behaviour;
mod carry;
mod clock;
mod desk;
mod told;

pub(crate) use desk::Desk;

use crate::stamps::Changed;
use crate::store::{ResultLimits, StoredProbe};
use crate::{Engine, EngineError, checks, now};
use behaviour::Order;
use carry::Errand;
use std::collections::BTreeSet;
use std::time::Duration;
use telltale_core::model::{
    Behaviour, BehaviourNow, Check, Expectation, Limits, Missed, Overlap, Probe, ProbePolicy, ProbeResult, RunsOn,
    Timestamp,
};
use telltale_core::probe_file;
use telltale_core::schedule::{Course, Remembered, Stopped};
use tokio::sync::watch;
use uuid::Uuid;

/// Probes of one computer: each has a task, and a person looks through a few.
const MAX_PROBES: usize = 1_000;
/// Results kept of one probe by one agent: two weeks of one a minute.
pub(crate) const RESULTS_OF_ONE: u32 = 20_000;
/// Results kept of one other agent, or of one token: who floods pushes nobody else's results out.
pub(crate) const RESULTS_OF_AGENT: u32 = 100_000;
/// Results kept in all: at most some GB on the disk, mostly far less.
pub(crate) const RESULTS_IN_ALL: u32 = 500_000;
/// Days that results are kept: a year can be compared with the one before.
pub(crate) const RESULTS_DAYS: u32 = 800;
/// Rest between two looks at how many results there are, unless so many have come before.
const LOOK_AT_RESULTS: Duration = Duration::from_hours(1);
const LOOK_AFTER: i64 = 50_000;

impl Engine {
    /// Starts the behaviours of all probes, and what limits their results.
    pub(crate) fn begin_probes(&self) {
        let engine = self.clone();
        self.inner.runtime.spawn(async move {
            let mut begun = engine.inner.probes.begun.lock().await;
            if *begun {
                return;
            }
            *begun = true;
            let desk = &engine.inner.probes;
            desk.watch(desk.clocks().watch_jumps());
            desk.watch(engine.clone().limit_results());
            match engine.inner.store.probes().await {
                Ok(all) => {
                    for stored in all {
                        engine.set_going(stored).await;
                    }
                }
                Err(e) => tracing::error!("probes cannot be read, and none runs: {e}"),
            }
            engine.changed(Changed::Probes);
        });
    }

    async fn limit_results(self) {
        let mut newest = self.newest_result();
        loop {
            let seen = *newest.borrow_and_update();
            let day = 86_400_000_000_000_i64;
            let limits = ResultLimits {
                of_one: RESULTS_OF_ONE,
                of_agent: RESULTS_OF_AGENT,
                in_all: RESULTS_IN_ALL,
                since: Timestamp(now().0.saturating_sub(day * i64::from(RESULTS_DAYS))),
            };
            match self.inner.store.limit_results(limits).await {
                Ok(0) => {}
                Ok(gone) => {
                    tracing::info!("{gone} old results were removed to stay within their limits");
                    self.changed(Changed::Results);
                }
                Err(e) => tracing::warn!("old results cannot be removed: {e}"),
            }
            // Ends with the engine, which is held here.
            let _ = tokio::time::timeout(LOOK_AT_RESULTS, many(&mut newest, seen)).await;
        }
    }

    async fn set_going(&self, stored: StoredProbe) {
        match self.quiet(&stored).await {
            Ok((now, past)) => self.inner.probes.begin(self, (stored.probe, past), now).await,
            Err(e) => tracing::error!("probe {} does not run: {e}", stored.probe.id),
        }
    }

    /// All probes with their behaviours, in the order in which they were made.
    pub async fn probes(&self) -> Result<Vec<BehaviourNow>, EngineError> {
        let mut all = Vec::new();
        for stored in self.inner.store.probes().await? {
            all.push(self.behaviour(&stored).await?);
        }
        Ok(all)
    }

    /// One probe with its behaviour.
    pub async fn probe(&self, id: &str) -> Result<BehaviourNow, EngineError> {
        self.behaviour(&self.stored_probe(id).await?).await
    }

    /// Stores a probe, new (its id is empty) or changed; its id and revision are set here. Where its times have changed, it begins anew.
    pub async fn save_probe(&self, mut probe: Probe) -> Result<Probe, EngineError> {
        probe.name = probe.name.trim().to_owned();
        examine(&probe)?;
        let begun = self.inner.probes.begun.lock().await;
        probe.revision = 1;
        if probe.id.is_empty() {
            probe.id = Uuid::new_v4().to_string();
        }
        let before = self.inner.store.probe(&probe.id).await?;
        if let Some(before) = &before {
            probe.revision = before.probe.revision.saturating_add(1);
        } else if self.inner.store.probes().await?.len() >= MAX_PROBES {
            return Err(EngineError::InvalidInput(format!("there can be {MAX_PROBES} probes")));
        }
        self.inner.store.save_probe(&probe, now()).await?;
        if *begun && !self.tell_behaviour(&probe).await {
            self.set_going(self.stored_probe(&probe.id).await?).await;
        }
        self.changed(Changed::Probes);
        Ok(probe)
    }

    async fn tell_behaviour(&self, probe: &Probe) -> bool {
        let order = Order::Become(Box::new(probe.clone()));
        self.inner.probes.order(&probe.id, order).await
    }

    /// Removes a probe; it can be brought back by [`Self::restore_probe`] until the program is started the next time. Its results stay; a
    /// run that goes on is broken off.
    pub async fn remove_probe(&self, id: &str) -> Result<(), EngineError> {
        let _begun = self.inner.probes.begun.lock().await;
        if !self.inner.store.set_probe_removed(id, Some(now())).await? {
            return Err(EngineError::NoSuchProbe(id.to_owned()));
        }
        self.inner.probes.end_one(id).await;
        self.changed(Changed::Probes);
        Ok(())
    }

    /// Brings a removed probe back.
    pub async fn restore_probe(&self, id: &str) -> Result<(), EngineError> {
        let begun = self.inner.probes.begun.lock().await;
        if !self.inner.store.set_probe_removed(id, None).await? {
            return Err(EngineError::NoSuchProbe(id.to_owned()));
        }
        if *begun {
            self.set_going(self.stored_probe(id).await?).await;
        }
        self.changed(Changed::Probes);
        Ok(())
    }

    /// Lets a probe run now; while it runs, the wish waits in its mailbox. One that was killed is started again by this.
    pub async fn run_probe(&self, id: &str) -> Result<(), EngineError> {
        self.stored_probe(id).await?;
        if self.inner.probes.order(id, Order::Run).await {
            return Ok(());
        }
        Err(EngineError::InvalidInput(
            "probes do not run in this program".to_owned(),
        ))
    }

    /// Pauses a probe, or lets it go on; a run that goes on is carried to its end. One that was killed goes on, too.
    pub async fn pause_probe(&self, id: &str, paused: bool) -> Result<(), EngineError> {
        let _begun = self.inner.probes.begun.lock().await;
        let stored = self.stored_probe(id).await?;
        let mut probe = stored.probe;
        probe.enabled = !paused;
        self.inner.store.save_probe(&probe, now()).await?;
        if !self.tell_behaviour(&probe).await && !paused {
            self.stop_in_store(id, &stored.state, None).await?;
        }
        if !paused {
            self.inner.probes.order(id, Order::Revive).await;
        }
        self.changed(Changed::Probes);
        Ok(())
    }

    /// Breaks off the run that goes on, and stops the behaviour until it is started again by hand.
    pub async fn kill_probe(&self, id: &str) -> Result<(), EngineError> {
        let _begun = self.inner.probes.begun.lock().await;
        let stored = self.stored_probe(id).await?;
        if !self.inner.probes.order(id, Order::Kill).await {
            self.stop_in_store(id, &stored.state, Some(Stopped::Killed)).await?;
        }
        self.changed(Changed::Probes);
        Ok(())
    }

    /// Changes what a behaviour remembers that does not act.
    async fn stop_in_store(&self, id: &str, state: &str, stopped: Option<Stopped>) -> Result<(), EngineError> {
        let mut past = remembered(state);
        if past.stopped != Some(Stopped::Finished) {
            past.stopped = stopped;
        }
        self.remember(id, &past).await
    }

    /// Carries a check out now; its result is not stored, and nothing is compared with what was before.
    pub async fn try_check(
        &self,
        check: Check,
        limits: Limits,
        expected: Option<Expectation>,
    ) -> Result<ProbeResult, EngineError> {
        let probe = Probe {
            id: String::new(),
            revision: 1,
            name: probe_file::kind(&check).to_owned(),
            check,
            behaviour: Behaviour::OneShot { at: None },
            missed: Missed::Skip,
            overlap: Overlap::Skip,
            limits,
            expected,
            runs_on: RunsOn::Here,
            enabled: true,
        };
        let due = self.inner.probes.clocks().clock.now().wall;
        self.run_once(probe, due, Uuid::new_v4().to_string()).await
    }

    /// Carries a probe out once, now and here, whoever runs it otherwise, and compares with what this computer found of it before. The result
    /// gets this id, and is not stored. Whether the owner allows it is the caller's to know; which programs, is looked at here.
    pub(crate) async fn run_once(&self, probe: Probe, due: Timestamp, id: String) -> Result<ProbeResult, EngineError> {
        examine(&probe)?;
        let clock = self.inner.probes.clocks().clock;
        let errand = Errand { probe, due, result: id };
        self.carry_out_in_turn(&errand, || clock.now()).await
    }

    /// Stores the probes of a file, paused: Telltale's own JSON, Pumpkin's or Scandale's. All or none; one whose id is there already is
    /// changed by it.
    pub async fn import_probes(&self, text: &str) -> Result<Vec<Probe>, EngineError> {
        let mut probes = probe_file::read(text).map_err(|e| EngineError::InvalidInput(e.to_string()))?;
        for probe in &mut probes {
            probe.enabled = false;
            examine(probe)?;
        }
        self.have_room(&probes).await?;
        let mut saved = Vec::new();
        for probe in probes {
            saved.push(self.save_probe(probe).await?);
        }
        Ok(saved)
    }

    /// Whether all of these can be stored beside what is there.
    async fn have_room(&self, probes: &[Probe]) -> Result<(), EngineError> {
        let mut ids: BTreeSet<String> = self
            .inner
            .store
            .probes()
            .await?
            .into_iter()
            .map(|s| s.probe.id)
            .collect();
        let nameless = probes.iter().filter(|p| p.id.is_empty()).count();
        ids.extend(probes.iter().filter(|p| !p.id.is_empty()).map(|p| p.id.clone()));
        if ids.len() + nameless > MAX_PROBES {
            return Err(EngineError::InvalidInput(format!("there can be {MAX_PROBES} probes")));
        }
        Ok(())
    }

    /// What the owner of this computer allows.
    pub async fn probe_policy(&self) -> Result<ProbePolicy, EngineError> {
        self.inner.store.probe_policy().await
    }

    /// Stores what the owner of this computer allows.
    pub async fn save_probe_policy(&self, policy: ProbePolicy) -> Result<(), EngineError> {
        examine_policy(&policy)?;
        self.inner.store.save_probe_policy(&policy).await?;
        self.inner.probes.tell_policy().await;
        self.changed(Changed::Probes);
        Ok(())
    }

    async fn stored_probe(&self, id: &str) -> Result<StoredProbe, EngineError> {
        let stored = self.inner.store.probe(id).await?;
        stored.ok_or_else(|| EngineError::NoSuchProbe(id.to_owned()))
    }

    /// A behaviour as it shows itself; where it does not act, as it is remembered.
    async fn behaviour(&self, stored: &StoredProbe) -> Result<BehaviourNow, EngineError> {
        match self.inner.probes.shown(&stored.probe.id) {
            // A change that its task has not read yet is shown at once.
            Some(shown) => Ok(BehaviourNow {
                probe: stored.probe.clone(),
                ..shown
            }),
            None => Ok(self.quiet(stored).await?.0),
        }
    }

    /// A behaviour that does not act, and what it remembers.
    async fn quiet(&self, stored: &StoredProbe) -> Result<(BehaviourNow, Remembered), EngineError> {
        let past = remembered(&stored.state);
        let moment = self.inner.probes.clocks().clock.now();
        let course = Course::begin(told::plan(&stored.probe), past.clone(), moment);
        let mut shown = told::now(&stored.probe, &course, moment);
        shown.last = self.inner.store.newest_of_probe(&stored.probe.id).await?;
        shown.problem = if self.works_alone() {
            told::hindrance(&stored.probe, &self.inner.store.probe_policy().await?)
        } else {
            Some(
                "Another Telltale works with this data already: it runs the probes, and nothing runs from here."
                    .to_owned(),
            )
        };
        Ok((shown, past))
    }
}

/// What a behaviour remembers; one whose state cannot be read begins anew.
fn remembered(state: &str) -> Remembered {
    serde_json::from_str(state).unwrap_or_default()
}

/// Comes back when so many results came after number `seen` that their limits should be looked at.
async fn many(newest: &mut watch::Receiver<i64>, seen: i64) {
    let came = newest.wait_for(|seq| seq.saturating_sub(seen) >= LOOK_AFTER).await;
    drop(came);
}

/// Refuses a probe with values that a probe may not have, also one that this computer cannot know the times of.
pub(crate) fn examine(probe: &Probe) -> Result<(), EngineError> {
    let wrong = |e: String| EngineError::InvalidInput(e);
    probe_file::check(probe).map_err(|e| wrong(e.to_string()))?;
    checks::examine(&probe.check).map_err(|e| wrong(e.to_string()))?;
    if !probe.id.is_empty() && Uuid::parse_str(&probe.id).is_err() {
        return Err(wrong("the id of a probe is a UUID".to_owned()));
    }
    match told::zone(probe) {
        Ok(_) => Ok(()),
        Err(name) => Err(wrong(format!("this computer knows no time zone “{name}”"))),
    }
}

/// Refuses what an owner cannot allow.
pub(crate) fn examine_policy(policy: &ProbePolicy) -> Result<(), EngineError> {
    let wrong = |what: String| Err(EngineError::InvalidInput(what));
    for (name, path) in &policy.programs {
        if name.is_empty() || name.contains('/') || name.chars().any(char::is_control) {
            return wrong(format!("“{name}” is no name of a program"));
        }
        if !path.starts_with('/') {
            return wrong(format!(
                "{name}: a program is named by its absolute path, and “{path}” is none"
            ));
        }
    }
    match policy
        .remote_kinds
        .iter()
        .find(|kind| !probe_file::KINDS.contains(&kind.as_str()))
    {
        Some(kind) => wrong(format!("“{kind}” is no kind of check")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
