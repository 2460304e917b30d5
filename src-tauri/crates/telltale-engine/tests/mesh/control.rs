//! Checks that agents ask of each other: only what the owner allows, answered once.

use super::{Seat, jid, server, until};
use serde_json::{Value, json};
use std::net::TcpListener;
use telltale_core::model::{
    Behaviour, Check, DraftMessage, Limits, MeshMessage, Missed, Overlap, Probe, ProbePolicy, Reach, RunsOn, Verdict,
};

fn reach(port: u16) -> Check {
    Check::Reachability {
        host: "127.0.0.1".to_owned(),
        how: Reach::Tcp { port },
        attempts: 1,
    }
}

fn request(to: &str, body: &Value) -> DraftMessage {
    DraftMessage {
        to: jid(to),
        performative: "request".to_owned(),
        ontology: "telltale.control/1".to_owned(),
        thread: Some("th-1".to_owned()),
        body: body.to_string(),
    }
}

async fn allow(seat: &Seat, kinds: &[&str]) {
    let policy = ProbePolicy {
        remote_kinds: kinds.iter().map(|k| (*k).to_owned()).collect(),
        ..ProbePolicy::default()
    };
    seat.engine.save_probe_policy(policy).await.expect("stored");
}

/// What was answered in the conversation, oldest first.
async fn answers(seat: &Seat) -> Vec<MeshMessage> {
    let mut said = seat.messages().await;
    said.retain(|m| m.thread == "th-1" && m.performative != "request");
    said.reverse();
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_is_carried_out_for_others_as_far_as_the_owner_allows() {
    let Some(server) = server(&["asker", "probe"]) else {
        return;
    };
    let asker = Seat::join(&server, "asker", "correlator", &["store"]).await;
    let probe = Seat::join(&server, "probe", "probe", &["reachability"]).await;
    asker.sees("probe").await;
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("its number").port();
    let wish = json!({ "do": "check", "check": reach(port) });

    asker
        .engine
        .send_message(request("probe", &wish))
        .await
        .expect("on its way");
    until("it is refused", || async { !answers(&asker).await.is_empty() }).await;
    let refused = answers(&asker).await;
    assert_eq!(refused[0].performative, "refuse", "{refused:?}");
    assert!(
        refused[0].body.contains("reachability"),
        "it says why: {}",
        refused[0].body
    );
    assert!(probe.ids().await.is_empty(), "and nothing was done");

    allow(&probe, &["reachability"]).await;
    asker
        .engine
        .send_message(request("probe", &wish))
        .await
        .expect("on its way");
    until("its result is there", || async {
        answers(&asker).await.iter().any(|m| m.performative == "inform")
    })
    .await;
    let said: Vec<_> = answers(&asker).await.into_iter().map(|m| m.performative).collect();
    assert_eq!(said, ["refuse", "agree", "inform"]);
    let results = asker.results().await;
    assert_eq!(
        results.len(),
        1,
        "it came as an answer, and as a result for who keeps them: it counts once"
    );
    assert_eq!(results[0].agent, jid("probe"));
    assert_eq!(results[0].verdict, Verdict::Expected, "{:?}", results[0]);

    let nonsense = json!({ "do": "rm -rf" });
    asker
        .engine
        .send_message(request("probe", &nonsense))
        .await
        .expect("on its way");
    until("it is not understood", || async {
        answers(&asker).await.iter().any(|m| m.performative == "not-understood")
    })
    .await;
    asker.engine.close().await;
    probe.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_runs_where_the_role_is() {
    let Some(server) = server(&["asker", "here", "there"]) else {
        return;
    };
    let asker = Seat::join(&server, "asker", "correlator", &["store"]).await;
    asker.engine.begin();
    let here = Seat::join(&server, "here", "probe", &["reachability"]).await;
    let there = Seat::join(&server, "there", "probe", &["reachability"]).await;
    allow(&here, &["reachability"]).await;
    asker.sees("here").await;
    asker.sees("there").await;
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("its number").port();
    let probe = Probe {
        id: String::new(),
        revision: 0,
        name: "The door".to_owned(),
        check: reach(port),
        behaviour: Behaviour::OneShot { at: None },
        missed: Missed::default(),
        overlap: Overlap::default(),
        limits: Limits::default(),
        expected: None,
        runs_on: RunsOn::EveryAgent {
            role: "probe".to_owned(),
        },
        enabled: true,
    };
    let probe = asker.engine.save_probe(probe).await.expect("stored");
    asker.engine.run_probe(&probe.id).await.expect("asked for");
    until("each has answered", || async { asker.results().await.len() == 2 }).await;
    let results = asker.results().await;
    assert!(
        results
            .iter()
            .all(|r| r.probe == probe.id && r.probe_name == "The door")
    );
    let by = |name: &str| results.iter().find(|r| r.agent == jid(name)).expect("a result").clone();
    assert_eq!(by("here").verdict, Verdict::Expected);
    let refused = by("there");
    assert_eq!(refused.verdict, Verdict::Failed);
    assert!(
        refused.problem.expect("why").contains("refuses"),
        "the owner there does not allow it"
    );
    for seat in [asker, here, there] {
        seat.engine.close().await;
    }
}
