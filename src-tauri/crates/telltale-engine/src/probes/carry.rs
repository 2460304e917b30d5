//! One run: a check is carried out here, and becomes a result.
//!
//! Called by behaviours, by a try and for other agents. Whoever drops the future breaks the run off.

use super::audit;
use crate::checks::{self, CheckContext, Found, Problem};
use crate::{Engine, EngineError};
use std::time::Duration;
use telltale_core::facts::{changed, expected};
use telltale_core::model::{Check, Probe, ProbeResult, ResultVia, Timestamp, Verdict};
use telltale_core::probe_file::{kind, target};
use telltale_core::schedule::Moment;

/// Who carries out what is carried out here.
pub(super) const LOCAL: &str = "local";

/// What is to be carried out, and under which id its result is kept.
#[derive(Clone, Debug)]
pub(super) struct Errand {
    pub(super) probe: Probe,
    pub(super) due: Timestamp,
    pub(super) result: String,
}

impl Errand {
    /// A result without anything found.
    pub(super) fn empty(&self, started: Timestamp, ended: Timestamp, verdict: Verdict, summary: &str) -> ProbeResult {
        let probe = &self.probe;
        ProbeResult {
            id: self.result.clone(),
            probe: probe.id.clone(),
            probe_name: probe.name.clone(),
            kind: kind(&probe.check).to_owned(),
            agent: LOCAL.to_owned(),
            target: target(&probe.check),
            due: self.due,
            started,
            ended,
            verdict,
            exit_code: None,
            problem: None,
            summary: summary.to_owned(),
            changed: Vec::new(),
            facts: serde_json::Value::Null,
            via: ResultVia::Here,
        }
    }

    /// A result that says why nothing was found.
    pub(super) fn failed(&self, started: Timestamp, ended: Timestamp, why: &str) -> ProbeResult {
        let mut result = self.empty(
            started,
            ended,
            Verdict::Failed,
            &format!("It could not be carried out: {why}."),
        );
        result.problem = Some(why.to_owned());
        result
    }
}

impl Engine {
    /// Carries an errand out as soon as it is its turn; an audit is limited by the engine's own number of live audits.
    pub(super) async fn carry_out_in_turn(
        &self,
        errand: &Errand,
        clock: impl Fn() -> Moment,
    ) -> Result<ProbeResult, EngineError> {
        let _turn = match errand.probe.check {
            Check::Audit { .. } => None,
            // It is never closed.
            _ => self.inner.probes.turns.acquire().await.ok(),
        };
        self.carry_out(errand, clock).await
    }

    /// Carries an errand out now. `clock` says when it began and ended.
    async fn carry_out(&self, errand: &Errand, clock: impl Fn() -> Moment) -> Result<ProbeResult, EngineError> {
        let started = clock().wall;
        let probe = &errand.probe;
        let policy = self.inner.store.probe_policy().await?;
        let found = match &probe.check {
            Check::Audit { source, seconds } => {
                let audit = audit::carry_out(self, probe, source, *seconds);
                tokio::time::timeout(longest(probe), audit)
                    .await
                    .unwrap_or_else(|_| too_long())
            }
            check => checks::carry_out(check, &probe.limits, &CheckContext::new(&policy, started)).await,
        };
        let before = self.before(probe).await?;
        Ok(self::result(errand, found, before.as_ref(), (started, clock().wall)))
    }

    /// The result before, if it was of the same check and found something.
    async fn before(&self, probe: &Probe) -> Result<Option<ProbeResult>, EngineError> {
        if probe.id.is_empty() {
            return Ok(None);
        }
        let before = self.inner.store.last_found_here(&probe.id).await?;
        Ok(before.filter(|r| r.kind == kind(&probe.check) && r.target == target(&probe.check)))
    }
}

/// What was found, with what was expected and what was before.
fn result(
    errand: &Errand,
    found: Found,
    before: Option<&ProbeResult>,
    (started, ended): (Timestamp, Timestamp),
) -> ProbeResult {
    let verdict = match &found.problem {
        None => Verdict::Expected,
        Some(Problem::TimedOut(_)) => Verdict::TimedOut,
        Some(_) => Verdict::Failed,
    };
    let mut result = errand.empty(started, ended, verdict, &found.summary);
    result.exit_code = found.exit_code;
    result.problem = found.problem.as_ref().map(ToString::to_string);
    result.facts = found.facts;
    if found.problem.is_some() {
        return result;
    }
    let before = before.map(|b| &b.facts);
    result.changed = before.map_or_else(Vec::new, |before| changed(before, &result.facts));
    let test = errand.probe.expected.as_ref();
    if let Some(Err(why)) = test.map(|test| expected(test, &result.facts, before)) {
        result.verdict = Verdict::Unexpected;
        result.problem = Some(why);
    }
    result
}

fn too_long() -> Found {
    let problem = Problem::TimedOut("the audit did not end in time".to_owned());
    Found {
        summary: format!("It could not be carried out: {problem}."),
        problem: Some(problem),
        ..Found::default()
    }
}

/// How long a run may take in all: an audit lasts as long as it watches, and is given the time to end.
pub(super) fn longest(probe: &Probe) -> Duration {
    const TO_END: u64 = 60;
    let seconds = match &probe.check {
        Check::Audit { seconds, .. } => u64::from(*seconds).max(u64::from(probe.limits.timeout_s)) + TO_END,
        _ => u64::from(probe.limits.timeout_s),
    };
    Duration::from_secs(seconds)
}
