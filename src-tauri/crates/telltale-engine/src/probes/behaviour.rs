//! One behaviour: a task that lets its probe run when the course says so, and obeys its owner meanwhile.
//!
//! Its state lies in the task alone; what others see is a copy ([`Shown`]), made anew after each step. What it must remember stands on the
//! disk before a run begins and after its result does, so that a kill at any moment neither loses nor doubles a run.

use super::carry::{Errand, longest};
use super::clock::Clocks;
use super::desk::{Heard, Shown};
use super::told::{hindrance, now, plan, zone};
use crate::stamps::Changed;
use crate::{Engine, EngineError};
use std::time::Duration;
use telltale_core::model::{Probe, ProbeResult, RunsOn, Timestamp, Verdict};
use telltale_core::schedule::{Course, Moment, Remembered, Stopped};
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinError, JoinSet};
use uuid::Uuid;

/// Rest before a result that could not be stored is stored again.
const STORE_AGAIN: Duration = Duration::from_secs(5);
/// A course that rests without an end is looked at once in so long.
const LONGEST_REST: Duration = Duration::from_hours(24);
/// Seconds beyond a run's own limit that other agents have to answer.
const WAY_BACK: Duration = Duration::from_mins(2);

/// What a behaviour is told to do.
#[derive(Debug)]
pub(super) enum Order {
    /// Run now, or as soon as the present run has ended.
    Run,
    /// Break off what runs, and stop.
    Kill,
    /// Begin anew, if it was killed.
    Revive,
    /// The probe has changed.
    Become(Box<Probe>),
    /// What the owner allows has changed.
    Policy,
    /// End: the program does, or the probe is removed.
    Leave,
}

/// How a run ended.
enum Outcome {
    /// Here, with a result.
    Here(Box<Result<ProbeResult, EngineError>>),
    /// Elsewhere: results come by themselves; what stands in the way, for a person.
    Elsewhere(Option<String>),
}

/// The run that goes on.
struct Run {
    errand: Errand,
    since: Timestamp,
}

/// A behaviour, as its task holds it.
pub(super) struct Behaviour {
    pub(super) engine: Engine,
    clocks: Clocks,
    probe: Probe,
    course: Course,
    /// The plan has changed while a run went on.
    another_plan: bool,
    /// Wishes to run now that wait in the mailbox: one run answers them all.
    wishes: u32,
    run: Option<Run>,
    runs: JoinSet<Outcome>,
    /// A result that the store could not take yet.
    unsaved: Option<ProbeResult>,
    /// What is to be remembered could not be stored: no run sets out before it is.
    unremembered: bool,
    /// When the run was due that the end of the program broke off: others may have been asked already.
    broken_off: Option<Timestamp>,
    heard: watch::Receiver<Heard>,
    shown: Shown,
    /// What the store said, what the probe itself says, what the last try elsewhere said.
    trouble: Option<String>,
    hindrance: Option<String>,
    elsewhere: Option<String>,
}

impl Behaviour {
    /// Goes on with what is remembered.
    pub(super) async fn begin(
        engine: Engine,
        clocks: Clocks,
        (probe, mut past): (Probe, Remembered),
        (shown, heard): (Shown, watch::Receiver<Heard>),
    ) -> Self {
        // The result is on the disk: the run had ended, and only that was not remembered.
        if let Some(run) = &past.under_way
            && matches!(engine.inner.store.result(&run.result).await, Ok(Some(_)))
        {
            past.under_way = None;
            past.runs = past.runs.saturating_add(1);
        }
        let broken_off = past.under_way.as_ref().map(|run| run.due);
        let course = Course::begin(plan(&probe), past, clocks.clock.now());
        Self {
            hindrance: None,
            trouble: None,
            elsewhere: None,
            another_plan: false,
            wishes: 0,
            run: None,
            runs: JoinSet::new(),
            unsaved: None,
            unremembered: false,
            broken_off,
            engine,
            clocks,
            probe,
            course,
            heard,
            shown,
        }
    }

    /// Acts until it is told to leave.
    pub(super) async fn act(mut self, mut orders: mpsc::Receiver<Order>) {
        let clock = self.clocks.clock.clone();
        let mut jumps = self.clocks.jumps();
        self.look_at_policy().await;
        loop {
            let now = self.now();
            self.look(now).await;
            self.show();
            let until = now.awake + self.rest(now);
            tokio::select! {
                biased;
                order = orders.recv() => match order {
                    Some(Order::Leave) | None => return,
                    Some(order) => self.obey(order).await,
                },
                Some(outcome) = self.runs.join_next() => self.came_back(outcome).await,
                () = clock.sleep_until(until) => {}
                _ = jumps.changed() => {}
            }
        }
    }

    fn now(&self) -> Moment {
        self.clocks.clock.now()
    }

    fn rest(&self, now: Moment) -> Duration {
        if self.unsaved.is_some() || self.unremembered {
            return STORE_AGAIN;
        }
        let rest = self.course.rest(now).filter(|_| self.is_on());
        // A clock may be a little ahead of the timer: what is due in a moment is not asked for without a rest.
        rest.unwrap_or(LONGEST_REST)
            .clamp(Duration::from_millis(5), LONGEST_REST)
    }

    /// Whether its times count: it is neither paused nor without a known time zone.
    fn is_on(&self) -> bool {
        self.probe.enabled && zone(&self.probe).is_ok()
    }

    async fn look(&mut self, now: Moment) {
        if let Some(result) = self.unsaved.take() {
            self.keep(result).await;
        }
        let before = self.course.remembered().clone();
        if let Ok(zone) = zone(&self.probe) {
            self.course.move_to(zone);
        }
        let due = if self.is_on() { self.course.look(now) } else { None };
        let wished = self.wishes > 0;
        if (due.is_some() || wished) && self.run.is_none() && self.unsaved.is_none() {
            // One run answers the wishes and the time that has come.
            self.wishes = 0;
            self.start(due.unwrap_or(now.wall), now);
        }
        if *self.course.remembered() != before || self.unremembered {
            self.remember().await;
        }
        // A run whose result waits for the store has been carried out; one that nobody would remember would be carried out again after a kill.
        if self.run.is_some() && self.runs.is_empty() && self.unsaved.is_none() && !self.unremembered {
            self.set_out();
        }
    }

    /// A run begins; it sets out as soon as that is remembered.
    fn start(&mut self, due: Timestamp, now: Moment) {
        let result = Uuid::new_v4().to_string();
        self.course.started(due, result.clone());
        self.elsewhere = None;
        self.run = Some(Run {
            errand: Errand {
                probe: self.probe.clone(),
                due,
                result,
            },
            since: now.wall,
        });
    }

    fn set_out(&mut self) {
        let Some(run) = &self.run else { return };
        let (engine, errand, clock) = (self.engine.clone(), run.errand.clone(), self.clocks.clock.clone());
        let heard = self.heard.clone();
        let again = self.broken_off == Some(errand.due);
        self.runs.spawn(async move {
            match errand.probe.runs_on {
                RunsOn::Here => Outcome::Here(Box::new(engine.carry_out_in_turn(&errand, || clock.now()).await)),
                RunsOn::Role { .. } | RunsOn::EveryAgent { .. } => {
                    Box::pin(elsewhere(&engine, (&errand, again), heard, &|| clock.now())).await
                }
            }
        });
    }

    async fn came_back(&mut self, outcome: Result<Outcome, JoinError>) {
        let Some(run) = &self.run else { return };
        let now = self.now().wall;
        let failed = |why: &str| run.errand.failed(run.since, now, why);
        let result = match outcome {
            Ok(Outcome::Here(result)) => result.unwrap_or_else(|e| failed(&e.to_string())),
            Ok(Outcome::Elsewhere(problem)) => {
                self.elsewhere = problem;
                return self.ended(None).await;
            }
            Err(e) => {
                tracing::error!("a run of probe {} crashed: {e}", self.probe.id);
                failed("the check crashed, which is an error of this program")
            }
        };
        self.keep(result).await;
    }

    /// Stores a result; where that fails, it is kept here and nothing else runs until it is stored.
    async fn keep(&mut self, result: ProbeResult) {
        match self.engine.take_result(&result).await {
            Ok(_) => self.ended(Some(result)).await,
            Err(e) => {
                self.trouble = Some(format!(
                    "The last result could not be stored and is stored again soon: {e}"
                ));
                self.unsaved = Some(result);
            }
        }
    }

    /// The run has ended, and its result is stored.
    async fn ended(&mut self, result: Option<ProbeResult>) {
        self.trouble = None;
        self.course.ended(self.now());
        if self.another_plan {
            self.another_plan = false;
            self.course = Course::anew(plan(&self.probe), self.course.remembered(), self.now());
        }
        self.remember().await;
        self.run = None;
        if let Some(result) = result {
            self.shown.tell(&result);
        }
    }

    async fn obey(&mut self, order: Order) {
        match order {
            Order::Run => {
                self.revive().await;
                self.wishes = self.wishes.saturating_add(1);
            }
            Order::Revive => self.revive().await,
            Order::Kill => self.kill().await,
            Order::Become(probe) => self.become_another(*probe).await,
            Order::Policy => self.look_at_policy().await,
            Order::Leave => {}
        }
    }

    async fn kill(&mut self) {
        self.runs.shutdown().await;
        let broken = self.unsaved.take().or_else(|| {
            let run = self.run.as_ref()?;
            let now = self.clocks.clock.now().wall;
            Some(
                run.errand
                    .empty(run.since, now, Verdict::Killed, "It was broken off by hand."),
            )
        });
        if let Some(broken) = broken {
            self.keep(broken).await;
        }
        self.wishes = 0;
        // It begins with its present plan when it begins anew, and not when a result that waits is stored.
        self.another_plan = false;
        self.course.stop(Stopped::Killed);
        self.remember().await;
    }

    async fn become_another(&mut self, probe: Probe) {
        let before = std::mem::replace(&mut self.probe, probe);
        self.look_at_policy().await;
        let plan_of = |p: &Probe| (p.behaviour.clone(), p.missed, p.overlap);
        let another = plan_of(&before) != plan_of(&self.probe);
        let resumed = self.probe.enabled && !before.enabled;
        let finished = self.course.remembered().stopped == Some(Stopped::Finished);
        if !another && (!resumed || finished) {
            return;
        }
        if self.course.is_running() {
            self.another_plan = true;
        } else {
            self.anew().await;
        }
    }

    async fn revive(&mut self) {
        if self.course.remembered().stopped == Some(Stopped::Killed) {
            self.anew().await;
        }
    }

    async fn anew(&mut self) {
        self.course = Course::anew(plan(&self.probe), self.course.remembered(), self.now());
        self.remember().await;
    }

    async fn look_at_policy(&mut self) {
        let policy = self.engine.inner.store.probe_policy().await.unwrap_or_default();
        self.hindrance = hindrance(&self.probe, &policy);
    }

    async fn remember(&mut self) {
        let stored = self.engine.remember(&self.probe.id, self.course.remembered()).await;
        let before = std::mem::replace(&mut self.unremembered, stored.is_err());
        match stored {
            Err(e) => {
                tracing::warn!("the state of probe {} cannot be stored: {e}", self.probe.id);
                // That a result waits says more.
                if self.unsaved.is_none() {
                    self.trouble = Some(format!("Its state cannot be stored, and is stored again soon: {e}"));
                }
            }
            Ok(()) if before && self.unsaved.is_none() => self.trouble = None,
            Ok(()) => {}
        }
    }

    fn show(&self) {
        let mut state = now(&self.probe, &self.course, self.now());
        state.running_since = self.run.as_ref().map(|run| run.since);
        state.mailbox = self.wishes.saturating_add(u32::from(self.course.has_waiting()));
        let problems = [&self.trouble, &self.hindrance, &self.elsewhere];
        state.problem = problems.into_iter().flatten().next().cloned();
        if self.shown.show(state) {
            self.engine.changed(Changed::Probes);
        }
    }
}

/// Has a probe carried out by who has its role, and waits until each of those who were asked has answered. `again`: the end of the program
/// broke this run off, and whom it asked before is not asked twice.
async fn elsewhere(
    engine: &Engine,
    (errand, again): (&Errand, bool),
    mut heard: watch::Receiver<Heard>,
    clock: &(dyn Fn() -> Moment + Sync),
) -> Outcome {
    heard.borrow_and_update();
    let before = if again {
        engine.asked_before(&errand.probe, errand.due).await
    } else {
        Ok(None)
    };
    let asked = match before {
        Ok(Some(asked)) => Ok(asked),
        Ok(None) => engine.ask_agents(&errand.probe, errand.due).await,
        Err(e) => Err(e),
    };
    let asked = match asked {
        Ok(asked) => asked,
        Err(e) => {
            let now = clock().wall;
            return Outcome::Here(Box::new(Ok(errand.failed(now, now, &e.to_string()))));
        }
    };
    let answers = async {
        let all = |heard: &Heard| heard.of(errand.due) >= asked.agents.len();
        // The sender goes with the behaviour, which then needs no answer.
        let _ = heard.wait_for(all).await;
    };
    let own = async {
        if !asked.here {
            return None;
        }
        let own = engine.carry_out_in_turn(errand, clock).await;
        // It does not wait in memory for the others: what fails here is stored at the end, as any result is.
        if let Ok(own) = &own
            && let Err(e) = engine.take_result(own).await
        {
            tracing::warn!("a result is stored later: {e}");
        }
        Some(own)
    };
    let all = async { tokio::join!(own, tokio::time::timeout(longest(&errand.probe) + WAY_BACK, answers)) };
    match Box::pin(all).await {
        (Some(own), _) => Outcome::Here(Box::new(own)),
        (None, _) if asked.waiting => Outcome::Elsewhere(Some(
            "Nobody has the role now; the request waits until somebody does.".to_owned(),
        )),
        (None, Err(_)) => Outcome::Elsewhere(Some("Not all who were asked have answered in time.".to_owned())),
        (None, Ok(())) => Outcome::Elsewhere(None),
    }
}
