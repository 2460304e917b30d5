//! What one computer does, as another one asks for it and controls it: as far as its owner allows.

use super::{Seat, hub, jid, until};
use crate::EngineError;
use telltale_core::model::{
    AgentBehaviour, AgentDoes, Behaviour, BehaviourState, Check, ControlAction, Every, Limits, MeshPolicy, Missed,
    Overlap, Probe, Reach, RunsOn,
};

fn probe(name: &str) -> Probe {
    Probe {
        id: String::new(),
        revision: 1,
        name: name.to_owned(),
        check: Check::Reachability {
            host: "127.0.0.1".to_owned(),
            how: Reach::Tcp { port: 1 },
            attempts: 1,
        },
        behaviour: Behaviour::Periodic {
            every: Every::Period { period_s: 86_400 },
        },
        missed: Missed::Skip,
        overlap: Overlap::Skip,
        limits: Limits::default(),
        expected: None,
        runs_on: RunsOn::Here,
        enabled: true,
    }
}

async fn allow(seat: &Seat, may_see: &[&str], may_control: &[&str]) {
    let jids = |names: &[&str]| names.iter().map(|name| jid(name)).collect();
    let policy = MeshPolicy {
        roster_group: true,
        may_see: jids(may_see),
        may_control: jids(may_control),
        ..MeshPolicy::default()
    };
    seat.engine.mesh_save_policy(policy).await.expect("stored");
}

/// What `pi` tells; nothing where it tells nothing.
async fn told(seat: &Seat) -> Option<(Vec<AgentBehaviour>, bool)> {
    match seat.engine.agent_behaviours(&jid("pi")).await.expect("asked") {
        AgentDoes::Told { rows, may_control, .. } => Some((rows, may_control)),
        _ => None,
    }
}

async fn first(seat: &Seat) -> AgentBehaviour {
    told(seat).await.expect("it tells").0.remove(0)
}

async fn sees_pi(seat: &Seat) {
    until("it sees the agent", || async {
        let agents = seat.engine.agents().await.expect("agents");
        agents.iter().any(|a| a.jid == jid("pi") && a.resource.is_some())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_computer_does_is_told_and_controlled_as_its_owner_allows() {
    let hub = hub(&["pi", "desk", "boss"]);
    let pi = Seat::join(&hub, "pi", "probe", &[]).await;
    pi.engine.begin_probes();
    pi.engine
        .save_probe(probe("Is the garage there"))
        .await
        .expect("stored");
    let desk = Seat::join(&hub, "desk", "observer", &[]).await;
    let boss = Seat::join(&hub, "boss", "observer", &[]).await;
    for seat in [&desk, &boss] {
        sees_pi(seat).await;
        let answer = seat.engine.agent_behaviours(&jid("pi")).await.expect("asked");
        assert_eq!(answer, AgentDoes::Refused, "nobody may, unless the owner says so");
    }
    allow(&pi, &["desk"], &["boss"]).await;
    until("the rules count", || async {
        told(&desk).await.is_some() && told(&boss).await.is_some()
    })
    .await;
    let (rows, may_control) = told(&desk).await.expect("it tells");
    let [one] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!(
        (one.name.as_str(), one.kind.as_str()),
        ("Is the garage there", "reachability")
    );
    assert_eq!((one.acts.as_str(), may_control), ("periodic", false));
    assert!(told(&boss).await.is_some_and(|(_, may)| may));

    let give = async |seat: &Seat, action| seat.engine.control_agent(&jid("pi"), &one.id, action).await;
    let refused = give(&desk, ControlAction::Kill).await;
    assert!(
        matches!(&refused, Err(EngineError::Mesh(why)) if why.contains("does not let this computer")),
        "{refused:?}"
    );
    let runs = first(&boss).await.runs;
    give(&boss, ControlAction::Run).await.expect("it obeys");
    until("it has run", || async { first(&boss).await.runs > runs }).await;
    assert!(first(&desk).await.last.is_some());
    for (action, state) in [
        (ControlAction::Pause, BehaviourState::Paused),
        (ControlAction::Resume, BehaviourState::Waiting),
        (ControlAction::Kill, BehaviourState::Killed),
    ] {
        give(&boss, action).await.expect("it obeys");
        until("it has obeyed", || async { first(&desk).await.state == state }).await;
    }
    let nothing = boss
        .engine
        .control_agent(&jid("pi"), "no such probe", ControlAction::Run)
        .await;
    assert!(
        matches!(&nothing, Err(EngineError::Mesh(why)) if why.contains("did not do it")),
        "{nothing:?}"
    );
    // The rules are kept, and taken back at once.
    let stored = pi
        .engine
        .mesh()
        .await
        .expect("the mesh")
        .account
        .expect("an account")
        .policy;
    assert_eq!(
        (stored.may_see, stored.may_control),
        (vec![jid("desk")], vec![jid("boss")])
    );
    allow(&pi, &[], &[]).await;
    until("the rules count", || async { told(&boss).await.is_none() }).await;
    for seat in [pi, desk, boss] {
        seat.engine.close().await;
    }
}

#[test]
fn rules_that_were_stored_before_allow_nobody_to_see_or_control() {
    let before = r#"{"allow":["a@b"],"deny":[],"roster_group":true,"roles":[]}"#;
    let policy: MeshPolicy = serde_json::from_str(before).expect("as it was stored");
    assert_eq!(policy.allow, ["a@b"]);
    assert!(policy.may_see.is_empty() && policy.may_control.is_empty());
}
