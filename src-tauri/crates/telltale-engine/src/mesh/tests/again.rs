//! A run of ours that the end of the program broke off: whom it asked before is not asked twice, and what was found here is not found twice.

use super::{Seat, hub, jid, until};
use crate::store::Ask;
use crate::{Engine, now};
use telltale_core::model::{
    Behaviour, BehaviourState, Check, Limits, Missed, Overlap, Probe, Reach, RunsOn, Timestamp,
};
use uuid::Uuid;

fn everybody() -> Probe {
    Probe {
        id: String::new(),
        revision: 1,
        name: "Is it there".to_owned(),
        check: Check::Reachability {
            host: "127.0.0.1".to_owned(),
            how: Reach::Tcp { port: 9 },
            attempts: 1,
        },
        behaviour: Behaviour::OneShot { at: None },
        missed: Missed::Once,
        overlap: Overlap::Skip,
        limits: Limits::default(),
        expected: None,
        runs_on: RunsOn::EveryAgent {
            role: "probe".to_owned(),
        },
        enabled: true,
    }
}

/// A run that was due then is under way, as the store remembers it.
async fn under_way(engine: &Engine, probe: &Probe, due: Timestamp) {
    let state = serde_json::json!({ "under_way": { "due": due.0, "result": Uuid::new_v4().to_string() } });
    let stored = engine.inner.store.set_probe_state(&probe.id, &state.to_string()).await;
    stored.expect("remembered");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_asked_twice_and_the_own_part_is_kept_at_once() {
    let hub = hub(&["a", "b"]);
    let mut seat = Seat::join(&hub, "a", "probe", &["reachability"]).await;
    let probe = seat.engine.save_probe(everybody()).await.expect("a probe");
    let due = Timestamp(1_700_000_000_000_000_000);
    let ask = Ask {
        id: Uuid::new_v4().to_string(),
        agent: jid("b"),
        probe: probe.clone(),
        due,
        asked: now(),
    };
    seat.engine
        .inner
        .store
        .add_asks(std::slice::from_ref(&ask))
        .await
        .expect("asked");
    under_way(&seat.engine, &probe, due).await;
    seat.engine.begin_probes();
    let state = async || seat.engine.probe(&probe.id).await.expect("a probe").state;
    until("the own part is kept while the other is waited for", async || {
        seat.ids().await.len() == 1 && state().await == BehaviourState::Running
    })
    .await;
    assert_eq!(seat.engine.inner.store.asks().await.expect("asks"), [ask]);
    let again = seat.messages().await.into_iter().any(|m| m.performative == "request");
    assert!(!again, "nobody is asked a second time");
    // The program ends before the other has answered.
    seat.engine.close().await;
    seat.engine = Engine::open(seat.folder.path()).await.expect("an engine");
    seat.engine.begin_probes();
    until("the run counts", async || {
        seat.engine.probe(&probe.id).await.expect("a probe").runs == 1
    })
    .await;
    assert_eq!(seat.ids().await.len(), 1);
    seat.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_answered_is_over_though_the_mesh_is_not_joined_yet() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = Engine::open(folder.path()).await.expect("an engine");
    let probe = engine.save_probe(everybody()).await.expect("a probe");
    let due = Timestamp(1_700_000_000_123_456_789);
    let mut answer = super::result(&Uuid::new_v4().to_string());
    (answer.probe, answer.due) = (probe.id.clone(), due);
    (answer.agent, answer.via) = (jid("b"), telltale_core::model::ResultVia::Mesh);
    engine.take_result(&answer).await.expect("taken in");
    under_way(&engine, &probe, due).await;
    engine.begin_probes();
    until("the run counts", async || {
        engine.probe(&probe.id).await.expect("a probe").runs == 1
    })
    .await;
    let all = engine.results(&telltale_core::model::ResultQuery::default()).await;
    assert_eq!(all.expect("results").total, 1, "no second one that says that it failed");
    engine.close().await;
}
