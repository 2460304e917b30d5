//! The reader when the store fails it: what it would not store is judged again, and stored once.

use crate::{Engine, now};
use serde_json::Value;
use std::time::Duration;
use telltale_core::model::{
    Condition, GroupKey, Incident, IncidentState, ProbeResult, ResultFilter, ResultVia, Rule, Verdict,
};

fn failed(n: u32, target: &str) -> ProbeResult {
    ProbeResult {
        id: format!("result {n}"),
        probe: "p".to_owned(),
        probe_name: "Web".to_owned(),
        kind: "http".to_owned(),
        agent: format!("agent {n}"),
        target: target.to_owned(),
        due: now(),
        started: now(),
        ended: now(),
        verdict: Verdict::Failed,
        exit_code: None,
        problem: None,
        summary: String::new(),
        changed: Vec::new(),
        facts: Value::Null,
        via: ResultVia::Here,
    }
}

async fn open(engine: &Engine) -> Vec<Incident> {
    engine.incidents(true, 0, 500).await.expect("incidents are read").0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fills_and_empties_loses_nothing_and_doubles_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = Engine::open(folder.path()).await.expect("it opens");
    let rule = Rule {
        id: String::new(),
        revision: 0,
        name: "Web is down".to_owned(),
        enabled: true,
        of: ResultFilter::default(),
        per: vec![GroupKey::Target],
        when: Condition::Agree {
            k: 2,
            of: 0,
            within_s: 600,
            verdicts: vec![Verdict::Failed],
        },
        calm_s: 0,
    };
    engine.save_rule(rule).await.expect("a rule");
    // Long names, so that each incident needs pages of its own.
    let targets: Vec<_> = (0..40).map(|n| format!("{n} {}", "x".repeat(390))).collect();
    for (n, target) in (0_u32..).zip(&targets) {
        engine.take_result(&failed(n * 2, target)).await.expect("stored");
        engine.take_result(&failed(n * 2 + 1, target)).await.expect("stored");
    }
    engine.inner.store.limit_pages(1).await.expect("the disk is full");
    engine.begin();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(open(&engine).await.len() < targets.len(), "the disk was full");
    engine
        .inner
        .store
        .limit_pages(1_000_000)
        .await
        .expect("there is room again");
    let wait = async {
        while open(&engine).await.len() < targets.len() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(2), wait)
        .await
        .expect("it goes on by itself");
    let there = open(&engine).await;
    assert_eq!(there.len(), targets.len());
    assert!(
        there
            .iter()
            .all(|i| i.evidence_total == 2 && i.state == IncidentState::Open)
    );
    let told = engine
        .inner
        .store
        .incident_changes_after(0, 500)
        .await
        .expect("changes");
    assert_eq!(told.len(), targets.len(), "each was told once");
    let seqs: Vec<_> = told.iter().map(|(seq, _)| *seq).collect();
    assert!(seqs.is_sorted() && *engine.newest_incident().borrow() == seqs[seqs.len() - 1]);
    engine.close().await;
}
