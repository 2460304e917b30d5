//! The desk over a mesh in memory: several engines in one process, each with a store of its own.

use telltale_core::model::{ProbeResult, ResultVia, Timestamp, Verdict};

/// A result as a probe of this computer finds it.
pub(super) fn result(id: &str) -> ProbeResult {
    ProbeResult {
        id: id.to_owned(),
        probe: "b7e1f1d4-52c1-4c7e-9d58-111111111111".to_owned(),
        probe_name: "Is the printer there".to_owned(),
        kind: "reachability".to_owned(),
        agent: "local".to_owned(),
        target: "printer".to_owned(),
        due: Timestamp(1_000_000_000),
        started: Timestamp(1_000_000_000),
        ended: Timestamp(2_000_000_000),
        verdict: Verdict::Expected,
        exit_code: None,
        problem: None,
        summary: "The printer answered.".to_owned(),
        changed: Vec::new(),
        facts: serde_json::json!({ "answered": 3 }),
        via: ResultVia::Here,
    }
}
