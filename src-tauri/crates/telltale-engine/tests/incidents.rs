//! Rules and incidents over a real store, the engine opened, closed and opened again.
#![allow(missing_docs)]

use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use telltale_core::model::{
    Aggregate, Condition, GroupKey, Incident, IncidentState, ProbeResult, ResultFilter, ResultVia, Rule, Timestamp,
    Verdict,
};
use telltale_engine::{Engine, EngineError, now};

const SECOND: i64 = 1_000_000_000;

fn result(id: &str, agent: &str, verdict: Verdict, ago_s: i64) -> ProbeResult {
    let at = Timestamp(now().0 - ago_s * SECOND);
    ProbeResult {
        id: id.to_owned(),
        probe: "p".to_owned(),
        probe_name: "Web".to_owned(),
        kind: "http".to_owned(),
        agent: agent.to_owned(),
        target: "example.org".to_owned(),
        due: at,
        started: at,
        ended: at,
        verdict,
        exit_code: None,
        problem: None,
        summary: format!("{agent} was here"),
        changed: Vec::new(),
        facts: Value::Null,
        via: ResultVia::Http,
    }
}

fn rule(when: Condition) -> Rule {
    Rule {
        id: String::new(),
        revision: 0,
        name: " Web is down ".to_owned(),
        enabled: true,
        of: ResultFilter::default(),
        per: vec![GroupKey::Target],
        when,
        calm_s: 0,
    }
}

fn two_fail() -> Condition {
    Condition::Agree {
        k: 2,
        of: 0,
        within_s: 600,
        verdicts: vec![Verdict::Failed],
    }
}

async fn begun(folder: &Path) -> Engine {
    let engine = Engine::open(folder).await.unwrap();
    engine.begin();
    engine
}

async fn all(engine: &Engine) -> Vec<Incident> {
    engine.incidents(false, 0, 500).await.unwrap().0
}

/// Waits until the incidents are as wanted.
#[track_caller]
fn until(engine: &Engine, wanted: impl Fn(&[Incident]) -> bool) -> impl Future<Output = Vec<Incident>> {
    let caller = std::panic::Location::caller();
    let engine = engine.clone();
    async move {
        let mut changes = engine.changes();
        let wait = async {
            loop {
                let there = all(&engine).await;
                if wanted(&there) {
                    return there;
                }
                changes.changed().await.unwrap();
            }
        };
        let done = tokio::time::timeout(Duration::from_mins(1), wait).await;
        let Ok(there) = done else {
            panic!("{caller}: there is {:#?}", all(&engine).await);
        };
        there
    }
}

/// Waits until the reader has judged everything that is stored: until this marker of an own rule is an incident.
async fn judged(engine: &Engine) {
    let marker = uuid();
    let mut mark = rule(Condition::Threshold {
        field: String::new(),
        by: Aggregate::Count,
        above: true,
        limit: 0.0,
        window_s: 3_600,
    });
    mark.of.kind = Some(marker.clone());
    let mark = engine.save_rule(mark).await.unwrap();
    let seen = ProbeResult {
        kind: marker,
        target: "marker".to_owned(),
        ..result(&uuid(), "marker", Verdict::Expected, 0)
    };
    engine.take_result(&seen).await.unwrap();
    until(engine, |all| all.iter().any(|i| i.rule == mark.id)).await;
    engine.remove_rule(&mark.id).await.unwrap();
}

fn uuid() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("00000000-0000-4000-8000-{:012}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Those of one rule.
fn of<'a>(all: &'a [Incident], rule: &Rule) -> Vec<&'a Incident> {
    all.iter().filter(|i| i.rule == rule.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_lives_and_outlives_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let engine = begun(folder.path()).await;
    let rule = engine.save_rule(rule(two_fail())).await.unwrap();
    assert_eq!((rule.revision, rule.name.as_str()), (1, "Web is down"));
    let incidents = engine.stamps().incidents;
    engine.take_result(&result("1", "a", Verdict::Failed, 2)).await.unwrap();
    engine.take_result(&result("2", "b", Verdict::Failed, 1)).await.unwrap();
    let open = until(&engine, |all| all.len() == 1).await.remove(0);
    assert_eq!(
        (open.state, open.evidence_total, open.rule_revision),
        (IncidentState::Open, 2, 1)
    );
    assert!(engine.stamps().incidents > incidents, "a page is told");
    assert!(
        !engine.take_result(&result("2", "b", Verdict::Failed, 0)).await.unwrap(),
        "counts once"
    );
    engine.close().await;

    let engine = begun(folder.path()).await;
    judged(&engine).await;
    let there = all(&engine).await;
    assert_eq!(of(&there, &rule), [&open], "as it was, not opened again");
    engine
        .take_result(&result("3", "a", Verdict::Expected, 0))
        .await
        .unwrap();
    let there = until(&engine, |all| all.iter().all(|i| i.state == IncidentState::Closed)).await;
    assert_eq!(of(&there, &rule)[0].id, open.id);
    assert_eq!(engine.incidents(true, 0, 10).await.unwrap(), (vec![], 0));
    assert_eq!(engine.incident(&open.id).await.unwrap().history.len(), 2);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_while_nobody_read_is_read_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    // Before there is a rule: no news.
    engine
        .take_result(&result("old", "z", Verdict::Failed, 1_000))
        .await
        .unwrap();
    let rule = engine.save_rule(rule(two_fail())).await.unwrap();
    engine.take_result(&result("1", "a", Verdict::Failed, 2)).await.unwrap();
    engine.take_result(&result("2", "b", Verdict::Failed, 1)).await.unwrap();
    engine
        .take_result(&result("3", "c", Verdict::Failed, 601))
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(
        all(&engine).await.is_empty(),
        "nothing works by itself before it begins"
    );
    engine.begin();
    let there = until(&engine, |all| !all.is_empty()).await;
    assert_eq!(of(&there, &rule)[0].evidence_total, 2, "one is older than the window");
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_closed_stays_closed() {
    let folder = tempfile::tempdir().unwrap();
    let engine = begun(folder.path()).await;
    let rule = engine.save_rule(rule(two_fail())).await.unwrap();
    engine.take_result(&result("1", "a", Verdict::Failed, 2)).await.unwrap();
    engine.take_result(&result("2", "b", Verdict::Failed, 1)).await.unwrap();
    let open = until(&engine, |all| all.len() == 1).await.remove(0);
    engine.close_incident(&open.id).await.unwrap();
    engine.close_incident(&open.id).await.unwrap();
    let closed = engine.incident(&open.id).await.unwrap();
    assert_eq!(closed.state, IncidentState::ClosedByHand);
    assert_eq!(closed.history.len(), 2, "twice is once");
    engine
        .take_result(&result("late", "c", Verdict::Failed, 5))
        .await
        .unwrap();
    judged(&engine).await;
    assert_eq!(of(&all(&engine).await, &rule).len(), 1);
    engine.close().await;

    let engine = begun(folder.path()).await;
    engine
        .take_result(&result("later", "d", Verdict::Failed, 5))
        .await
        .unwrap();
    judged(&engine).await;
    assert_eq!(of(&all(&engine).await, &rule).len(), 1, "also after a start");
    engine.take_result(&result("3", "a", Verdict::Failed, 0)).await.unwrap();
    engine.take_result(&result("4", "b", Verdict::Failed, 0)).await.unwrap();
    until(&engine, |all| {
        all.iter().any(|i| i.state == IncidentState::Open && i.rule == rule.id)
    })
    .await;
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_keeps_its_revisions_and_what_it_opened() {
    let folder = tempfile::tempdir().unwrap();
    let engine = begun(folder.path()).await;
    let first = engine.save_rule(rule(two_fail())).await.unwrap();
    engine.take_result(&result("1", "a", Verdict::Failed, 2)).await.unwrap();
    engine.take_result(&result("2", "b", Verdict::Failed, 1)).await.unwrap();
    until(&engine, |all| all.len() == 1).await;

    assert_eq!(
        engine.save_rule(first.clone()).await.unwrap().revision,
        1,
        "nothing changed"
    );
    let named = Rule {
        name: "Another name".to_owned(),
        ..first.clone()
    };
    let named = engine.save_rule(named).await.unwrap();
    assert_eq!(named.revision, 2);
    let there = all(&engine).await;
    assert_eq!(
        (there.len(), there[0].state, there[0].rule_revision),
        (1, IncidentState::Open, 1),
        "it goes on"
    );

    let mut wider = named.clone();
    wider.per = vec![GroupKey::Probe];
    let wider = engine.save_rule(wider).await.unwrap();
    let there = all(&engine).await;
    let open: Vec<_> = there.iter().filter(|i| i.state == IncidentState::Open).collect();
    assert_eq!(
        (there.len(), open.len(), open[0].rule_revision),
        (2, 1, 3),
        "what it looks at now is so, too"
    );
    let closed = there.iter().find(|i| i.state == IncidentState::Closed).unwrap();
    assert_eq!(closed.history.last().unwrap().conclusion, "The rule was changed.");

    let off = engine
        .save_rule(Rule {
            enabled: false,
            ..wider.clone()
        })
        .await
        .unwrap();
    assert!(all(&engine).await.iter().all(|i| i.state == IncidentState::Closed));
    let revisions = engine.rule_revisions(&off.id).await.unwrap();
    assert_eq!(revisions.iter().map(|r| r.revision).collect::<Vec<_>>(), [4, 3, 2, 1]);
    assert_eq!(revisions[3], first);

    engine.save_rule(Rule { enabled: true, ..wider }).await.unwrap();
    until(&engine, |all| all.len() == 3).await;
    engine.remove_rule(&off.id).await.unwrap();
    assert!(engine.rules().await.unwrap().is_empty());
    assert!(all(&engine).await.iter().all(|i| i.state == IncidentState::Closed));
    engine.restore_rule(&off.id).await.unwrap();
    until(&engine, |all| all.len() == 4).await;
    engine.remove_rule(&off.id).await.unwrap();
    engine.close().await;

    let engine = begun(folder.path()).await;
    assert!(
        matches!(engine.restore_rule(&off.id).await, Err(EngineError::NoSuchRule(_))),
        "gone for good"
    );
    assert_eq!(
        engine.rule_revisions(&off.id).await.unwrap().len(),
        5,
        "incidents name them"
    );
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_is_tried_on_what_is_stored_and_nothing_comes_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    for (n, verdict) in [Verdict::Failed, Verdict::Failed, Verdict::Expected, Verdict::Failed]
        .into_iter()
        .enumerate()
    {
        let agent = ["a", "b", "a", "a"][n];
        engine
            .take_result(&result(&n.to_string(), agent, verdict, 100 - i64::try_from(n).unwrap()))
            .await
            .unwrap();
    }
    let said = engine.try_rule(rule(two_fail())).await.unwrap();
    let states: Vec<_> = said.iter().map(|i| i.state).collect();
    assert_eq!(states, [IncidentState::Open, IncidentState::Closed], "newest first");
    assert!(all(&engine).await.is_empty() && engine.rules().await.unwrap().is_empty());
    let wrong = Condition::Silent { after_s: 0 };
    assert!(matches!(
        engine.try_rule(rule(wrong)).await,
        Err(EngineError::InvalidInput(_))
    ));
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_told_without_any_result() {
    let folder = tempfile::tempdir().unwrap();
    let engine = begun(folder.path()).await;
    let rule = engine.save_rule(rule(Condition::Silent { after_s: 1 })).await.unwrap();
    engine
        .take_result(&result("1", "a", Verdict::Expected, 0))
        .await
        .unwrap();
    let there = until(&engine, |all| !all.is_empty()).await;
    assert_eq!(
        of(&there, &rule)[0].conclusion,
        "No result about example.org came for 1 second."
    );
    engine
        .take_result(&result("2", "a", Verdict::Expected, 0))
        .await
        .unwrap();
    until(&engine, |all| all[0].state == IncidentState::Closed).await;
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_ids_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    assert!(matches!(
        engine.incident("x").await,
        Err(EngineError::NoSuchIncident(_))
    ));
    assert!(matches!(
        engine.close_incident("x").await,
        Err(EngineError::NoSuchIncident(_))
    ));
    assert!(matches!(engine.remove_rule("x").await, Err(EngineError::NoSuchRule(_))));
    assert!(matches!(
        engine.restore_rule("x").await,
        Err(EngineError::NoSuchRule(_))
    ));
    assert!(matches!(
        engine.rule_revisions("x").await,
        Err(EngineError::NoSuchRule(_))
    ));
    let named = Rule {
        id: "x".to_owned(),
        ..rule(two_fail())
    };
    assert!(matches!(
        engine.save_rule(named).await,
        Err(EngineError::InvalidInput(_))
    ));
    engine.close().await;
}

/// The engine is closed in the midst of results again and again: what one long run concludes is concluded, once.
#[tokio::test(flavor = "multi_thread")]
async fn however_often_it_is_interrupted_each_incident_is_there_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut engine = begun(folder.path()).await;
    let rule = engine
        .save_rule(Rule {
            per: vec![GroupKey::Target, GroupKey::Agent],
            ..rule(Condition::Changed {
                field: Some("/x".to_owned()),
            })
        })
        .await
        .unwrap();
    let mut wanted = 0;
    for n in 0..300_u32 {
        let x = n / 7;
        wanted += u32::from(n > 0 && x != (n - 1) / 7);
        let mut one = result(&n.to_string(), "a", Verdict::Expected, 0);
        one.ended = Timestamp(one.ended.0 - SECOND + i64::from(n));
        one.facts = json!({ "x": x });
        engine.take_result(&one).await.unwrap();
        if n % 23 == 0 {
            engine.close().await;
            engine = begun(folder.path()).await;
        }
    }
    judged(&engine).await;
    let there = all(&engine).await;
    let found = of(&there, &rule);
    assert_eq!(found.len(), wanted as usize);
    assert!(
        found
            .iter()
            .all(|i| i.evidence_total == 1 && i.state == IncidentState::Closed)
    );
    engine.close().await;
}
