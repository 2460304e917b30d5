//! What an agent tells others of its behaviours, and has them control: only those whom its owner names.

use crate::world::{Member, Raw, TestClock, behaviours, config, member, start, there, until};
use std::sync::Arc;
use std::time::Duration;
use telltale_core::model::{AgentDoes, ControlAction, MeshPolicy};
use telltale_mesh::agent::AgentError;
use telltale_mesh::link::{Memory, Stanza};
use xmpp_parsers::iq::Iq;
use xmpp_parsers::jid::Jid;
use xmpp_parsers::presence::Presence;

const PI: &str = "pi@mesh";

fn named(all: &[&str]) -> Vec<String> {
    all.iter().map(|&jid| jid.to_owned()).collect()
}

/// An agent that does `does` things, and those who ask it.
async fn mesh(does: usize, policy: MeshPolicy) -> (Memory, Member, Vec<Member>) {
    let memory = Memory::new("mesh");
    memory.group(&[PI, "desk@mesh", "other@mesh", "boss@mesh"]);
    let mut settings = config(PI, "probe", &TestClock::new());
    settings.policy = MeshPolicy {
        roster_group: true,
        ..policy
    };
    let pi = start(settings, memory.transport(PI), &Arc::default());
    pi.notes.lock().expect("notes").does = does;
    let mut others = Vec::new();
    for jid in ["desk@mesh", "other@mesh", "boss@mesh"] {
        let other = member(&memory, jid, "observer", &Arc::default());
        until("it sees the agent", || async { there(other.sees(PI).await.as_ref()) }).await;
        others.push(other);
    }
    (memory, pi, others)
}

fn lists() -> MeshPolicy {
    MeshPolicy {
        may_see: named(&["desk@mesh"]),
        may_control: named(&["boss@mesh"]),
        ..MeshPolicy::default()
    }
}

#[tokio::test(start_paused = true)]
async fn behaviours_are_told_to_those_whom_the_owner_names() {
    let (_memory, pi, others) = mesh(2, lists()).await;
    let told = |may_control| AgentDoes::Told {
        rows: behaviours(2),
        left_out: 0,
        may_control,
    };
    let [desk, other, boss] = others.as_slice() else {
        panic!("three");
    };
    assert_eq!(desk.agent.behaviours(PI).await, Ok(told(false)));
    assert_eq!(boss.agent.behaviours(PI).await, Ok(told(true)), "who controls sees");
    assert_eq!(other.agent.behaviours(PI).await, Ok(AgentDoes::Refused));
    assert_eq!(pi.refused("no_sight").await, 1);
    // The owner thinks better of it, and that counts at once.
    let policy = MeshPolicy {
        roster_group: true,
        ..MeshPolicy::default()
    };
    pi.agent.set_policy(policy).await;
    assert_eq!(desk.agent.behaviours(PI).await, Ok(AgentDoes::Refused));
    assert_eq!(boss.agent.behaviours(PI).await, Ok(AgentDoes::Refused));
    let nobody = desk.agent.behaviours("nobody@mesh").await;
    assert_eq!(nobody, Ok(AgentDoes::Stranger));
    pi.agent.close().await;
    until("it has left", || async { !there(desk.sees(PI).await.as_ref()) }).await;
    assert_eq!(desk.agent.behaviours(PI).await, Ok(AgentDoes::Absent));
}

#[tokio::test(start_paused = true)]
async fn behaviours_are_controlled_by_those_whom_the_owner_names() {
    let (_memory, pi, others) = mesh(1, lists()).await;
    let [desk, other, boss] = others.as_slice() else {
        panic!("three");
    };
    for (action, word) in [
        (ControlAction::Run, "Run p0"),
        (ControlAction::Pause, "Pause p0"),
        (ControlAction::Resume, "Resume p0"),
        (ControlAction::Kill, "Kill p0"),
    ] {
        assert_eq!(boss.agent.control(PI, action, "p0").await, Ok(word.to_owned()));
    }
    for not in [desk, other] {
        let refused = not.agent.control(PI, ControlAction::Kill, "p0").await;
        assert!(matches!(refused, Err(AgentError::Forbidden(_))), "{refused:?}");
    }
    assert_eq!(pi.refused("no_control").await, 2);
    for wrong in ["", &"x".repeat(300)] {
        assert!(boss.agent.control(PI, ControlAction::Run, wrong).await.is_err());
    }
    let denied = MeshPolicy {
        roster_group: true,
        deny: named(&["boss@mesh"]),
        ..lists()
    };
    pi.agent.set_policy(denied).await;
    let refused = boss.agent.control(PI, ControlAction::Run, "p0").await;
    assert!(refused.is_err(), "who is not let in controls nothing");
    assert_eq!(boss.agent.behaviours(PI).await, Ok(AgentDoes::Unable));
}

#[tokio::test(start_paused = true)]
async fn a_thousand_behaviours_are_told_up_to_the_limit_and_counted() {
    let (_memory, _pi, others) = mesh(1_000, lists()).await;
    let told = others[0].agent.behaviours(PI).await;
    let Ok(AgentDoes::Told { rows, left_out, .. }) = told else {
        panic!("{told:?}");
    };
    assert_eq!((rows.len(), left_out), (100, 900));
}

/// One whose answers are nonsense, and one that never answers.
#[tokio::test(start_paused = true)]
async fn an_agent_that_answers_nonsense_or_nothing_is_told_apart() {
    let memory = Memory::new("mesh");
    memory.group(&["desk@mesh", "odd@mesh", "mute@mesh"]);
    let mut odd = Raw::open(&memory, "odd@mesh").await;
    let mute = Raw::open(&memory, "mute@mesh").await;
    odd.send(Presence::available()).await;
    mute.send(Presence::available()).await;
    let desk = member(&memory, "desk@mesh", "observer", &Arc::default());
    for jid in ["odd@mesh", "mute@mesh"] {
        until("it is seen", || async { there(desk.sees(jid).await.as_ref()) }).await;
    }
    assert_eq!(desk.agent.behaviours("mute@mesh").await, Ok(AgentDoes::Silent));
    let answers = [
        "<command xmlns='http://jabber.org/protocol/commands'/>",
        "<command xmlns='http://jabber.org/protocol/commands'><x xmlns='jabber:x:data' type='form'/></command>",
        "<query xmlns='jabber:iq:roster'/>",
    ];
    for answer in answers {
        let asking = desk.agent.clone();
        let asked = tokio::spawn(async move { asking.behaviours("odd@mesh").await });
        let (id, from) = loop {
            match odd.next().await {
                Some(Stanza::Iq(Iq::Set { id, from, .. })) => break (id, from),
                Some(_) => {}
                None => panic!("it is asked"),
            }
        };
        let answer = Iq::Result {
            from: None,
            to: from,
            id,
            payload: Some(answer.parse().expect("XML")),
        };
        odd.send(answer).await;
        assert_eq!(asked.await.expect("an answer"), Ok(AgentDoes::Unable));
    }
}

/// An owner that does not answer holds nobody up, and those who ask too much are refused.
#[tokio::test(start_paused = true)]
async fn commands_under_way_have_a_limit() {
    let memory = Memory::new("mesh");
    memory.group(&[PI, "boss@mesh"]);
    let mut settings = config(PI, "probe", &TestClock::new());
    settings.policy.may_see = named(&["*@mesh"]);
    let (heard, mut ear) = tokio::sync::mpsc::channel(64);
    let disk: Arc<crate::disk::Disk> = Arc::default();
    let pi = telltale_mesh::agent::Agent::start(settings, memory.transport(PI), disk, heard).expect("an address");
    let kept = tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Some(heard) = ear.recv().await {
            kept.push(heard);
        }
    });
    until("it stands", || async { there(pi.agents().await.first()) }).await;
    let place = pi.agents().await[0].resource.clone().expect("it is there");
    let to = Jid::new(&format!("{PI}/{place}")).expect("an address");
    let mut boss = Raw::open(&memory, "boss@mesh").await;
    for n in 0..40 {
        let command = "<command xmlns='http://jabber.org/protocol/commands' node='urn:telltale:command:behaviours'/>";
        let asks = Iq::Set {
            from: None,
            to: Some(to.clone()),
            id: n.to_string(),
            payload: command.parse().expect("XML"),
        };
        boss.send(asks).await;
    }
    let (mut busy, mut unanswered) = (0, 0);
    let began = tokio::time::Instant::now();
    while busy + unanswered < 40 {
        match boss.next().await {
            Some(Stanza::Iq(Iq::Error { error, .. })) => match format!("{:?}", error.defined_condition).as_str() {
                "ResourceConstraint" => busy += 1,
                _ => unanswered += 1,
            },
            Some(_) => {}
            None => assert!(began.elapsed() < Duration::from_mins(1), "{busy} {unanswered}"),
        }
    }
    assert_eq!((busy, unanswered), (24, 16));
    kept.abort();
}
