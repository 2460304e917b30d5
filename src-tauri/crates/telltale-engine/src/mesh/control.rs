//! Checks that other agents ask for (`telltale.control/1`): agreed to or refused, carried out, answered.
//!
//! FIPA's request protocol: `request` is answered by `agree` or `refuse`, then by `inform` (the result) or `failure`. Only agents that the
//! owner's rules let in are heard at all, and only kinds of checks that the owner allows are carried out. A request stands on the disk
//! until it is answered: one that a kill broke off is carried out again, and its result has the id of the request, so that it counts once.

use super::desk::Joined;
use super::of_agent;
use super::report::{as_sent, draft};
use crate::stamps::Changed;
use crate::store::Request;
use crate::{Engine, EngineError, now};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::future::Future;
use std::time::Duration;
use telltale_core::model::{
    Behaviour, Check, Expectation, Limits, Missed, Overlap, Probe, ProbeResult, ResultVia, RunsOn, Timestamp,
};
use telltale_core::probe_file::kind;
use telltale_mesh::Destination;
use telltale_mesh::agent::AgentError;
use telltale_mesh::message::{CONTROL, RESULT};
use tokio::time::sleep;
use uuid::Uuid;

/// How soon what the store did not take is tried again.
const AGAIN: Duration = Duration::from_secs(1);
/// Answers that wait for one agent at most: one that asks and takes nothing must not fill the outbox for all others.
const MAX_UNTAKEN: u32 = 256;

/// What one agent may ask of another: the body of a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(super) enum Wish {
    /// Carry a probe out, once.
    Run {
        /// The probe; who carries it out, and when again, is not looked at.
        probe: Box<Probe>,
        /// When it was due.
        due: Timestamp,
    },
    /// Carry a check out that belongs to no probe.
    Check {
        /// What is checked.
        check: Box<Check>,
        /// How long and how large it may become.
        #[serde(default)]
        limits: Limits,
        /// What is expected.
        #[serde(default)]
        expected: Option<Expectation>,
    },
}

impl Wish {
    fn check(&self) -> &Check {
        match self {
            Self::Run { probe, .. } => &probe.check,
            Self::Check { check, .. } => check,
        }
    }
}

impl Engine {
    /// Carries out what others asked for before the program ended.
    pub(super) async fn go_on_for_others(&self, joined: &Joined) -> Result<(), EngineError> {
        for request in self.inner.store.requests().await? {
            self.begin_for_other(joined, request);
        }
        Ok(())
    }

    /// Begins to carry out a request that stands on the disk.
    pub(super) fn begin_for_other(&self, joined: &Joined, request: Request) {
        let (engine, member) = (self.clone(), joined.clone());
        let task = self.inner.runtime.spawn(async move {
            let turn = engine.inner.mesh.turn(&request.peer).await;
            if let Err(e) = engine.serve(&member, &request).await {
                tracing::warn!("the request of {} waits until the next start: {e}", request.peer);
            }
            drop(turn);
        });
        joined.tasks.add(task.abort_handle());
    }

    async fn serve(&self, joined: &Joined, request: &Request) -> Result<(), EngineError> {
        match stored(|| self.agreed(request)).await? {
            Ok(wish) => {
                self.answer(joined, request, "agree", CONTROL, json!({ "request": request.id }))
                    .await?;
                match self.carry_out_wish(joined, request, wish).await {
                    Ok(result) => {
                        // What was found waits for a full disk; it is not looked for again.
                        stored(|| self.take_result(&result)).await?;
                        let body = Value::Array(vec![as_sent(result, &joined.account.jid)?]);
                        self.answer(joined, request, "inform", RESULT, body).await?;
                    }
                    Err(EngineError::Store(e)) => return Err(EngineError::Store(e)),
                    Err(e) => {
                        let body = json!({ "request": request.id, "reason": e.to_string() });
                        self.answer(joined, request, "failure", CONTROL, body).await?;
                    }
                }
            }
            Err((performative, reason)) => self.decline(joined, request, performative, &reason).await?,
        }
        stored(|| self.inner.store.answered(&request.peer, &request.id)).await
    }

    /// What is asked, if the owner allows it; else how it is declined, and why.
    async fn agreed(&self, request: &Request) -> Result<Result<Wish, (&'static str, String)>, EngineError> {
        let wish: Wish = match serde_json::from_str(&request.body) {
            Ok(wish) => wish,
            Err(e) => {
                return Ok(Err((
                    "not-understood",
                    format!("this is no request that is known here: {e}"),
                )));
            }
        };
        let kind = kind(wish.check());
        let policy = self.probe_policy().await?;
        if !policy.remote_kinds.iter().any(|k| k == kind) {
            let reason = format!("the owner of this computer does not let others ask for checks of the kind {kind}");
            return Ok(Err(("refuse", reason)));
        }
        Ok(Ok(wish))
    }

    /// Says no to a request.
    async fn decline(
        &self,
        joined: &Joined,
        request: &Request,
        performative: &str,
        reason: &str,
    ) -> Result<(), EngineError> {
        let body = json!({ "request": request.id, "reason": reason });
        self.answer(joined, request, performative, CONTROL, body).await
    }

    async fn answer(
        &self,
        joined: &Joined,
        request: &Request,
        performative: &str,
        ontology: &str,
        body: Value,
    ) -> Result<(), EngineError> {
        let to = Destination::Agent(request.peer.clone());
        let said = draft(performative, ontology, &request.thread, body);
        loop {
            let waiting = stored(|| self.inner.store.waiting_for(&to)).await?;
            if waiting >= MAX_UNTAKEN {
                tracing::warn!("{} takes no answers: one more is left out", request.peer);
                return Ok(());
            }
            match joined.agent.tell_all(vec![(said.clone(), to.clone())]).await {
                Ok(()) => break,
                Err(AgentError::Store(e)) => {
                    tracing::warn!("the answer to {} waits: {e}", request.peer);
                    sleep(AGAIN).await;
                }
                Err(e) => return Err(of_agent(e)),
            }
        }
        self.changed(Changed::Mesh);
        Ok(())
    }

    async fn carry_out_wish(&self, joined: &Joined, request: &Request, wish: Wish) -> Result<ProbeResult, EngineError> {
        let (probe, due) = match wish {
            Wish::Run { probe, due } => (*probe, due),
            Wish::Check {
                check,
                limits,
                expected,
            } => (alone(*check, limits, expected), request.at),
        };
        // The request's id where it is one that a result may have; a request of SPADE's has whatever id it likes.
        let id = Uuid::parse_str(&request.id).unwrap_or_else(|_| Uuid::new_v4());
        let mut result = self.run_once(probe, due, id.to_string()).await?;
        result.agent.clone_from(&joined.account.jid);
        result.via = ResultVia::Here;
        Ok(result)
    }

    /// Requests that came and stand on the disk are begun; those beyond the limit are refused. Waits for nobody.
    pub(super) fn take_requests(&self, joined: &Joined, taken: Vec<Request>, beyond: Vec<Request>) {
        for request in taken {
            self.begin_for_other(joined, request);
        }
        if beyond.is_empty() {
            return;
        }
        let (engine, member) = (self.clone(), joined.clone());
        let task = self.inner.runtime.spawn(async move {
            for request in beyond {
                let reason = "too many requests wait already";
                if let Err(e) = engine.decline(&member, &request, "refuse", reason).await {
                    tracing::warn!("{} is not told that its request is refused: {e}", request.peer);
                }
            }
        });
        joined.tasks.add(task.abort_handle());
    }
}

/// Does something until the store does it; what else is wrong comes back.
async fn stored<T, F: Future<Output = Result<T, EngineError>>>(what: impl Fn() -> F) -> Result<T, EngineError> {
    loop {
        match what().await {
            Err(EngineError::Store(e)) => {
                tracing::warn!("a request waits for the store: {e}");
                sleep(AGAIN).await;
            }
            done => return done,
        }
    }
}

/// A check that belongs to no probe, as one.
fn alone(check: Check, limits: Limits, expected: Option<Expectation>) -> Probe {
    Probe {
        id: String::new(),
        revision: 1,
        name: kind(&check).to_owned(),
        check,
        behaviour: Behaviour::OneShot { at: None },
        missed: Missed::Skip,
        overlap: Overlap::Skip,
        limits,
        expected,
        runs_on: RunsOn::Here,
        enabled: true,
    }
}

/// A request as it is stored.
pub(super) fn request(message: &telltale_mesh::message::Received) -> Request {
    Request {
        peer: message.from.clone(),
        id: message.id.clone(),
        thread: if message.thread.is_empty() {
            message.id.clone()
        } else {
            message.thread.clone()
        },
        body: message.body.to_string(),
        at: now(),
    }
}
