//! Probes that other agents carry out: who is asked, and what is told of those who did not answer.

use super::control::Wish;
use super::desk::Joined;
use super::report::has;
use crate::stamps::Changed;
use crate::store::Ask;
use crate::{Engine, EngineError, now};
use std::time::Duration;
use telltale_core::model::{Behaviour, Check, Probe, ProbeResult, ResultVia, RunsOn, Timestamp, Verdict};
use telltale_core::probe_file::{kind, target};
use telltale_mesh::Destination;
use telltale_mesh::message::{CONTROL, Draft, Received};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

/// What an answer may take beyond what the check may: the way there and back, and the wait for its turn.
const GRACE: Duration = Duration::from_mins(1);
/// How long a request waits for somebody who has the role.
const WAIT: Duration = Duration::from_hours(7 * 24);
/// How often it is looked whose time is over.
const LOOK: Duration = Duration::from_secs(1);
/// Agents that one probe asks at most.
const MAX_ASKED: usize = 500;

/// What became of the wish to have a probe carried out by who has a role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// This computer has the role, too, and is one of those who shall: the caller carries it out.
    pub(crate) here: bool,
    /// Bare JIDs of the agents that were asked. What they find comes by `take_result`, one result for each; of one that refuses, fails or
    /// does not answer in time, a result comes that says so.
    pub(crate) agents: Vec<String>,
    /// Nobody has the role now: the request waits until somebody does (one-shot probes alone; others are due again anyway).
    pub(crate) waiting: bool,
}

impl Engine {
    /// Asks who has the role of `probe.runs_on`, and can do its kind of check, to carry it out once. Comes back as soon as the request is
    /// on the disk. Fails when the mesh is not joined, and when nobody has the role and the probe is not a one-shot.
    pub(crate) async fn ask_agents(&self, probe: &Probe, due: Timestamp) -> Result<Asked, EngineError> {
        let (role, every) = match &probe.runs_on {
            RunsOn::Here => {
                return Ok(Asked {
                    here: true,
                    ..Asked::default()
                });
            }
            RunsOn::Role { role } => (role, false),
            RunsOn::EveryAgent { role } => (role, true),
        };
        let joined = self.inner.mesh.joined()?;
        let duty = kind(&probe.check).to_owned();
        let mut asked = Asked {
            here: has(&joined, role, &duty),
            ..Asked::default()
        };
        if asked.here && !every {
            return Ok(asked);
        }
        let mut holders = joined.agent.holders(role, &duty).await;
        holders.truncate(if every { MAX_ASKED } else { 1 });
        let to = |jid: &String| (jid.clone(), Destination::Agent(jid.clone()));
        let anybody = Destination::Role {
            role: role.clone(),
            duty: duty.clone(),
        };
        let whom = match holders.as_slice() {
            [] if asked.here => return Ok(asked),
            [] if matches!(probe.behaviour, Behaviour::OneShot { .. }) => {
                asked.waiting = true;
                vec![(String::new(), anybody)]
            }
            [] => {
                let problem = format!("nobody in the mesh has the role {role} and can do checks of the kind {duty}");
                return Err(EngineError::Mesh(problem));
            }
            // To the role, not to the one: if that one leaves before it has the request, another gets it.
            [one] if !every => vec![(one.clone(), anybody)],
            all => all.iter().map(to).collect(),
        };
        asked.agents = holders;
        self.ask(&joined, probe, due, whom, asked.waiting).await?;
        Ok(asked)
    }

    /// Who was asked already to carry out the run that was due then, and has not answered; `None`: nobody was, or it cannot be known. What
    /// they find comes by `take_result`, as after [`Self::ask_agents`].
    pub(crate) async fn asked_before(&self, probe: &Probe, due: Timestamp) -> Result<Option<Asked>, EngineError> {
        let mut asks = self.inner.store.asks().await?;
        asks.retain(|ask| ask.probe.id == probe.id && ask.due == due);
        if asks.is_empty() && !self.inner.store.was_answered(&probe.id, due).await? {
            return Ok(None);
        }
        let every = matches!(&probe.runs_on, RunsOn::EveryAgent { role }
            if self.inner.mesh.joined().is_ok_and(|joined| has(&joined, role, kind(&probe.check))));
        Ok(Some(Asked {
            // Its own part had not ended: its result would be there.
            here: every,
            waiting: asks.iter().any(|ask| ask.agent.is_empty()),
            agents: asks
                .into_iter()
                .map(|ask| ask.agent)
                .filter(|a| !a.is_empty())
                .collect(),
        }))
    }

    /// Sends one request to each; remembered before it is sent, so that no answer comes to nobody.
    async fn ask(
        &self,
        joined: &Joined,
        probe: &Probe,
        due: Timestamp,
        whom: Vec<(String, Destination)>,
        waiting: bool,
    ) -> Result<(), EngineError> {
        let wish = Wish::Run {
            probe: Box::new(probe.clone()),
            due,
        };
        let body = serde_json::to_value(&wish)?;
        let (mut asks, mut drafts) = (Vec::new(), Vec::new());
        for (agent, to) in whom {
            let id = Uuid::new_v4().to_string();
            asks.push(Ask {
                id: id.clone(),
                agent,
                probe: probe.clone(),
                due,
                asked: now(),
            });
            let request = Draft {
                thread: id.clone(),
                id,
                performative: "request".to_owned(),
                ontology: CONTROL.to_owned(),
                body: body.clone(),
            };
            drafts.push((request, to));
        }
        self.inner.store.add_asks(&asks).await?;
        if let Err(e) = self.tell(joined, drafts).await {
            for ask in &asks {
                self.inner.store.remove_ask(&ask.id).await?;
            }
            return Err(e);
        }
        let time = if waiting { WAIT } else { allowed(probe) };
        for ask in &asks {
            self.inner.mesh.set_deadline(&ask.id, Some(Instant::now() + time));
        }
        Ok(())
    }

    /// Whether a message answers one of our requests: what it says is stored as a result where it is none itself, and the request is done.
    pub(super) async fn take_answer(&self, message: &Received, with_result: bool) -> Result<(), EngineError> {
        let over = with_result || matches!(message.performative.as_str(), "refuse" | "failure" | "not-understood");
        if !over || Uuid::parse_str(&message.thread).is_err() {
            return Ok(());
        }
        let asks = self.inner.store.asks().await?;
        // Only who was asked may answer; one to a role is answered by whoever got it.
        let mine =
            |ask: &&Ask| ask.id == message.thread && (ask.agent.is_empty() || ask.agent == message.from || role(ask));
        let Some(ask) = asks.iter().find(mine) else {
            return Ok(());
        };
        if !with_result {
            let reason = message.body["reason"].as_str().unwrap_or("it did not say why");
            let reason: String = reason.chars().filter(|c| !c.is_control()).take(500).collect();
            let did = if message.performative == "failure" {
                "could not do it"
            } else {
                "refuses"
            };
            let problem = format!("{} {did}: {reason}", message.from);
            self.take_result(&unanswered(ask, &message.from, Verdict::Failed, &problem))
                .await?;
        }
        self.end_ask(&ask.id).await
    }

    async fn end_ask(&self, id: &str) -> Result<(), EngineError> {
        self.inner.mesh.set_deadline(id, None);
        self.inner.store.remove_ask(id).await?;
        self.changed(Changed::Mesh);
        Ok(())
    }

    async fn give_up_overdue(&self, joined: &Joined) -> Result<(), EngineError> {
        let overdue = self.inner.mesh.overdue(Instant::now());
        if overdue.is_empty() {
            return Ok(());
        }
        let asks = self.inner.store.asks().await?;
        for ask in asks.iter().filter(|a| overdue.contains(&a.id)) {
            let agent = if ask.agent.is_empty() {
                &joined.account.jid
            } else {
                &ask.agent
            };
            let problem = if ask.agent.is_empty() {
                "nobody took the request".to_owned()
            } else {
                format!("{} did not answer in time", ask.agent)
            };
            self.take_result(&unanswered(ask, agent, Verdict::TimedOut, &problem))
                .await?;
            joined.keeper.forget(&ask.id).await?;
            self.end_ask(&ask.id).await?;
        }
        for id in overdue {
            self.inner.mesh.set_deadline(&id, None);
        }
        Ok(())
    }
}

/// Gives up requests whose time is over; those of an earlier start have theirs anew.
pub(super) async fn give_up(engine: Engine, joined: Joined) {
    match engine.inner.store.asks().await {
        Ok(asks) => {
            for ask in asks {
                let time = if ask.agent.is_empty() {
                    WAIT
                } else {
                    allowed(&ask.probe)
                };
                engine.inner.mesh.set_deadline(&ask.id, Some(Instant::now() + time));
            }
        }
        Err(e) => tracing::warn!("requests that were sent cannot be read: {e}"),
    }
    loop {
        sleep(LOOK).await;
        if let Err(e) = engine.give_up_overdue(&joined).await {
            tracing::warn!("requests that were not answered cannot be ended: {e}");
        }
    }
}

/// Whether a request went to a role.
fn role(ask: &Ask) -> bool {
    matches!(ask.probe.runs_on, RunsOn::Role { .. })
}

/// What an answer may take.
fn allowed(probe: &Probe) -> Duration {
    let watched = match probe.check {
        Check::Audit { seconds, .. } => seconds,
        _ => 0,
    };
    Duration::from_secs(u64::from(watched.max(probe.limits.timeout_s))) + GRACE
}

/// The result that stands for one that did not come. Its id follows from the request's, so that it is there once; it is another one than
/// the request's own, which is that of the real result: that may still come, late.
fn unanswered(ask: &Ask, agent: &str, verdict: Verdict, problem: &str) -> ProbeResult {
    let id = Uuid::parse_str(&ask.id).unwrap_or_default();
    let other = uuid::Builder::from_random_bytes((!id.as_u128()).to_be_bytes()).into_uuid();
    let at = now();
    ProbeResult {
        id: other.to_string(),
        probe: ask.probe.id.clone(),
        probe_name: ask.probe.name.clone(),
        kind: kind(&ask.probe.check).to_owned(),
        agent: agent.to_owned(),
        target: target(&ask.probe.check),
        due: ask.due,
        started: ask.asked,
        ended: at,
        verdict,
        exit_code: None,
        problem: Some(problem.to_owned()),
        summary: format!("There is no result: {problem}."),
        changed: Vec::new(),
        facts: serde_json::Value::Null,
        via: ResultVia::Mesh,
    }
}
