//! The audit as a check: a device is watched, or a capture file read, as any audit is; its result points at it.
//!
//! Facts: `grade`; `trackers`, the names of companies that measure or follow, sorted, at most [`MAX_NAMED`]; `follows`, those that follow
//! across apps and sites; below `measured` the `audit` (its number: the page of audits has it), `servers`, `companies`,
//! `tracker_companies`, `flows`, `packets`, `bytes` and `seconds`.

use crate::checks::{Found, MEASURED, Problem};
use crate::{AuditState, Engine, EngineError, LiveRequest, LiveSource, Opened, PacketFilter, Recording};
use serde_json::{Value, json};
use std::path::Path;
use telltale_core::model::{AuditSource, Connection, Probe, PurposeGroup, Summary};

/// Companies that are named.
const MAX_NAMED: usize = 100;

/// Carries an audit out, and waits for its end; dropped, it ends the audit.
pub(super) async fn carry_out(engine: &Engine, probe: &Probe, source: &AuditSource, seconds: u32) -> Found {
    match audit(engine, probe, source, seconds).await {
        Ok((id, summary)) => found(id, &summary),
        Err(e) => {
            let said = e.to_string();
            let problem = match e {
                EngineError::NoRights(_) => Problem::NotAllowed(said),
                EngineError::InvalidInput(_) | EngineError::Capture(_) => Problem::Invalid(said),
                _ => Problem::Failed(said),
            };
            Found {
                summary: format!("It could not be carried out: {problem}."),
                problem: Some(problem),
                ..Found::default()
            }
        }
    }
}

async fn audit(
    engine: &Engine,
    probe: &Probe,
    source: &AuditSource,
    seconds: u32,
) -> Result<(u32, Summary), EngineError> {
    let id = match source {
        AuditSource::Device { device } => {
            let request = LiveRequest {
                source: LiveSource::Device { name: device.clone() },
                filter: PacketFilter::All,
                name: String::new(),
                description: probe.name.clone(),
                connection: Connection::Other,
                duration_s: Some(seconds),
                recording: Recording::Off,
            };
            engine.start_live(request).await?
        }
        AuditSource::File { path } => match engine.open_capture(Path::new(path), false).await? {
            Opened::Started(id) => id,
            Opened::Before(card) => card.id,
        },
    };
    let under_way = UnderWay { engine, id };
    under_way.ended().await;
    drop(under_way);
    let now = engine.audit(id).await?;
    let nothing_seen = now.summary.counts.packets == 0 && !now.summary.source.gaps.is_empty();
    match (now.problem, now.card.state) {
        (Some(problem), _) => Err(EngineError::Device(problem)),
        (None, AuditState::Cancelled) => Err(EngineError::Device("the audit was broken off".to_owned())),
        (None, _) if nothing_seen => Err(EngineError::Device("the device could not be watched".to_owned())),
        (None, _) => Ok((id, Summary::clone(&now.summary))),
    }
}

/// An audit that goes on; whoever drops it ends the audit.
struct UnderWay<'a> {
    engine: &'a Engine,
    id: u32,
}

impl UnderWay<'_> {
    async fn ended(&self) {
        let mut changes = self.engine.changes();
        while self.engine.running().get(&self.id).is_some_and(|r| !r.now().over) {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.engine.cancel(self.id);
    }
}

fn found(id: u32, summary: &Summary) -> Found {
    let named = |wanted: fn(PurposeGroup) -> bool| {
        let companies = summary.companies.iter().filter(|c| wanted(c.group) && !c.by_network);
        let mut names: Vec<&str> = companies.filter_map(|c| c.name.as_deref()).collect();
        names.sort_unstable();
        names.truncate(MAX_NAMED);
        Value::from(names)
    };
    let grade = summary.score.grade;
    let span = summary.span.map_or(0, |s| s.last.since(s.first) / 1_000_000_000);
    let mut facts = json!({
        "grade": grade,
        "trackers": named(|g| matches!(g, PurposeGroup::Measures | PurposeGroup::Follows)),
        "follows": named(|g| g == PurposeGroup::Follows),
    });
    facts[MEASURED] = json!({
        "audit": id,
        "servers": summary.servers,
        "companies": summary.company_count,
        "tracker_companies": summary.tracker_companies,
        "flows": summary.flows,
        "packets": summary.counts.packets,
        "bytes": summary.coverage.bytes,
        "seconds": span,
    });
    let grade = grade.map_or_else(|| "no grade".to_owned(), |g| format!("grade {g:?}"));
    Found {
        facts,
        summary: format!(
            "{} servers of {} companies were contacted, {} of them measure or follow: {grade}.",
            summary.servers, summary.company_count, summary.tracker_companies
        ),
        ..Found::default()
    }
}
