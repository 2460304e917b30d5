//! Subscriptions: who is let in by name, by an invitation, or because the owner says so; and topics and commands.

use crate::disk::Disk;
use crate::world::{Member, Raw, TestClock, config, draft, member, role, start, there, until};
use std::sync::Arc;
use std::time::Duration;
use telltale_core::model::{MeshPolicy, Subscription};
use telltale_mesh::agent::Access;
use telltale_mesh::link::{Memory, Stanza};
use tokio::time::sleep;
use xmpp_parsers::iq::Iq;
use xmpp_parsers::jid::Jid;
use xmpp_parsers::minidom::Element;

fn policy(allow: &[&str]) -> MeshPolicy {
    MeshPolicy {
        allow: allow.iter().map(|&jid| jid.to_owned()).collect(),
        ..MeshPolicy::default()
    }
}

/// An agent that is in no group.
fn alone(memory: &Memory, jid: &str, name: &str, policy: MeshPolicy, disk: &Arc<Disk>) -> Member {
    let mut settings = config(jid, name, &TestClock::new());
    settings.policy = policy;
    start(settings, memory.transport(jid), disk)
}

async fn subscription(member: &Member, jid: &str) -> Option<Subscription> {
    member.sees(jid).await.map(|a| a.subscription)
}

#[tokio::test(start_paused = true)]
async fn who_is_on_the_list_of_the_other_is_let_in_without_asking() {
    let memory = Memory::new("mesh");
    let disk: Arc<Disk> = Arc::default();
    let correlator = alone(
        &memory,
        "c1@mesh",
        "correlator",
        policy(&["probe@mesh"]),
        &Arc::default(),
    );
    let probe = alone(&memory, "probe@mesh", "probe", policy(&["*@mesh"]), &disk);
    until("both stand", || async { there(probe.agent.agents().await.first()) }).await;
    probe.agent.subscribe("c1@mesh").await.expect("it is asked");
    until("they see each other", || async {
        subscription(&probe, "c1@mesh").await == Some(Subscription::Both)
            && subscription(&correlator, "probe@mesh").await == Some(Subscription::Both)
    })
    .await;
    probe
        .agent
        .tell(draft(1), role("correlator"))
        .await
        .expect("it is queued");
    until("it has come", || async { correlator.got() == 1 && disk.outbox() == 0 }).await;
    assert!(correlator.notes.lock().expect("notes").asks.is_empty());
    probe.agent.unsubscribe("c1@mesh").await.expect("it is told");
    until("it is off the list", || async { probe.sees("c1@mesh").await.is_none() }).await;
    until("on the other side, too", || async {
        !there(correlator.sees("probe@mesh").await.as_ref())
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_stranger_waits_for_the_owner_and_an_invitation_is_shown() {
    let memory = Memory::new("mesh");
    let correlator = alone(&memory, "c1@mesh", "correlator", policy(&[]), &Arc::default());
    let mut settings = config("new@mesh", "probe", &TestClock::new());
    settings.policy = policy(&[]);
    settings.invited = Some(("c1@mesh".to_owned(), "s3cret".to_owned()));
    let new = start(settings, memory.transport("new@mesh"), &Arc::default());
    until("the owner is asked", || async {
        !correlator.notes.lock().expect("notes").asks.is_empty()
    })
    .await;
    let asked = ("new@mesh".to_owned(), Some("s3cret".to_owned()));
    assert_eq!(correlator.notes.lock().expect("notes").asks, [asked]);
    assert_eq!(subscription(&correlator, "new@mesh").await, Some(Subscription::Asks));
    assert!(!there(new.sees("c1@mesh").await.as_ref()), "it sees nothing yet");
    // The invitation is good: the owner's rules name it from now on, which also answers it.
    correlator.agent.set_policy(policy(&["new@mesh"])).await;
    until("they see each other", || async {
        new.agent.holders("correlator", "").await == ["c1@mesh"]
            && correlator.agent.holders("probe", "").await == ["new@mesh"]
    })
    .await;
    let other = alone(&memory, "other@mesh", "probe", policy(&[]), &Arc::default());
    until("it stands", || async { there(other.agent.agents().await.first()) }).await;
    other.agent.subscribe("c1@mesh").await.expect("it is asked");
    until("the owner is asked", || async {
        correlator.notes.lock().expect("notes").asks.len() == 2
    })
    .await;
    correlator.agent.answer("other@mesh", false).await.expect("it is told");
    sleep(Duration::from_secs(1)).await;
    assert!(!there(other.sees("c1@mesh").await.as_ref()));
    assert_ne!(subscription(&correlator, "other@mesh").await, Some(Subscription::Asks));
    other.agent.subscribe("c1@mesh").await.expect("it is asked");
    until("the owner is asked again", || async {
        correlator.notes.lock().expect("notes").asks.len() == 3
    })
    .await;
    correlator.agent.answer("other@mesh", true).await.expect("it is told");
    until("it sees us", || async { there(other.sees("c1@mesh").await.as_ref()) }).await;
    // To see somebody's presence is not to be let in.
    assert!(other.agent.holders("correlator", "").await.is_empty());
}

const SERVICE: &str = "pubsub.mesh";

/// One who owns the topic `incidents`, one who may read it, and one who may not.
async fn around_a_topic(memory: &Memory) -> [Member; 3] {
    let all = [
        ("c1@mesh", "correlator"),
        ("reader@mesh", "observer"),
        ("stranger@mesh", "observer"),
    ];
    let all = all.map(|(jid, name)| alone(memory, jid, name, policy(&[]), &Arc::default()));
    for member in &all {
        until("it stands", || async { there(member.agent.agents().await.first()) }).await;
    }
    let listed = Access::Listed {
        publishers: vec![],
        readers: vec!["reader@mesh".to_owned()],
    };
    for _ in 0..2 {
        let made = all[0].agent.create_topic(SERVICE, "incidents", &listed).await;
        made.expect("a topic; again: it stays");
    }
    all
}

async fn publish(owner: &Member, n: u32) {
    let body = serde_json::json!(n);
    let done = owner.agent.publish(SERVICE, "incidents", &n.to_string(), &body).await;
    done.expect("it is ours");
}

fn heard(member: &Member) -> Vec<String> {
    let notes = member.notes.lock().expect("notes");
    notes.items.iter().map(|(_, body)| body.clone()).collect()
}

#[tokio::test(start_paused = true)]
async fn topics_have_rules() {
    let memory = Memory::new("mesh");
    let [owner, reader, stranger] = around_a_topic(&memory).await;
    assert_eq!(owner.agent.topic_services().await.expect("an answer"), [SERVICE]);
    publish(&owner, 1).await;
    let agent = &stranger.agent;
    assert!(
        agent
            .publish(SERVICE, "incidents", "x", &serde_json::json!(1))
            .await
            .is_err()
    );
    assert!(agent.follow(SERVICE, "incidents", true).await.is_err());
    assert!(agent.topic_items(SERVICE, "incidents", 10).await.is_err());
    assert!(agent.remove_topic(SERVICE, "incidents").await.is_err());
    assert!(agent.topic_nodes(SERVICE).await.expect("an answer").is_empty());
    assert_eq!(
        reader.agent.topic_nodes(SERVICE).await.expect("an answer"),
        ["incidents"]
    );
    let kept = reader
        .agent
        .topic_items(SERVICE, "incidents", 10)
        .await
        .expect("it may");
    assert_eq!(kept.len(), 1);
    assert!(kept[0].publisher.as_deref().is_some_and(|p| p.starts_with("c1@mesh")));
    owner
        .agent
        .remove_topic(SERVICE, "incidents")
        .await
        .expect("it is ours");
    assert!(reader.agent.topic_items(SERVICE, "incidents", 10).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn who_is_taken_off_the_list_of_a_topic_reads_no_more() {
    let memory = Memory::new("mesh");
    let [owner, reader, _] = around_a_topic(&memory).await;
    publish(&owner, 1).await;
    reader.agent.follow(SERVICE, "incidents", true).await.expect("it may");
    until("what was there is heard", || async { heard(&reader) == ["1"] }).await;
    let nobody = Access::Listed {
        publishers: vec![],
        readers: vec![],
    };
    let made = owner.agent.create_topic(SERVICE, "incidents", &nobody).await;
    made.expect("it is ours");
    publish(&owner, 2).await;
    sleep(Duration::from_secs(1)).await;
    assert!(reader.agent.topic_items(SERVICE, "incidents", 10).await.is_err());
    assert!(reader.agent.follow(SERVICE, "incidents", true).await.is_err());
    assert_eq!(heard(&reader), ["1"]);
    publish(&owner, 3).await;
}

#[tokio::test(start_paused = true)]
async fn what_was_missed_of_a_topic_is_caught_up() {
    let memory = Memory::new("mesh");
    let [owner, reader, _] = around_a_topic(&memory).await;
    publish(&owner, 1).await;
    reader.agent.follow(SERVICE, "incidents", true).await.expect("it may");
    until("what was there is heard", || async { heard(&reader) == ["1"] }).await;
    publish(&owner, 2).await;
    until("the next, too", || async { heard(&reader) == ["1", "2"] }).await;
    memory.cut("reader@mesh");
    publish(&owner, 3).await;
    owner
        .agent
        .retract(SERVICE, "incidents", "1")
        .await
        .expect("it is ours");
    memory.mend("reader@mesh");
    until("what was missed is caught up", || async {
        heard(&reader) == ["1", "2", "2", "3"]
    })
    .await;
    owner
        .agent
        .retract(SERVICE, "incidents", "2")
        .await
        .expect("it is ours");
    let retracted = || async { heard(&reader).last().is_some_and(|l| l == "retracted 2") };
    until("it is taken back", retracted).await;
    reader
        .agent
        .follow(SERVICE, "incidents", false)
        .await
        .expect("it is over");
    publish(&owner, 4).await;
    sleep(Duration::from_secs(1)).await;
    assert!(!heard(&reader).contains(&"4".to_owned()));
}

async fn command(raw: &mut Raw, to: &Jid, xml: &str) -> Result<Element, String> {
    let question = Iq::Set {
        from: None,
        to: Some(to.clone()),
        id: "c".to_owned(),
        payload: xml.parse().expect("XML"),
    };
    raw.send(question).await;
    loop {
        match raw.next().await {
            Some(Stanza::Iq(Iq::Result { payload, .. })) => return payload.ok_or_else(|| "nothing".to_owned()),
            Some(Stanza::Iq(Iq::Error { error, .. })) => return Err(format!("{:?}", error.defined_condition)),
            Some(_) => {}
            None => return Err("no answer".to_owned()),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn commands_tell_the_state_to_those_let_in_and_obey_those_whom_the_owner_names() {
    let memory = Memory::new("mesh");
    memory.group(&["c1@mesh", "person@mesh", "other@mesh"]);
    let mut settings = config("c1@mesh", "correlator", &TestClock::new());
    settings.policy.may_control = vec!["person@mesh".to_owned()];
    let agent = start(settings, memory.transport("c1@mesh"), &Arc::default());
    until("it stands", || async { there(agent.agent.agents().await.first()) }).await;
    let place = agent.agent.agents().await[0].resource.clone().expect("it is there");
    let to = Jid::new(&format!("c1@mesh/{place}")).expect("an address");
    let mut person = Raw::open(&memory, "person@mesh").await;
    let mut other = Raw::open(&memory, "other@mesh").await;
    let xml = |node: &str, more: &str, inner: &str| {
        format!(
            "<command xmlns='http://jabber.org/protocol/commands' node='urn:telltale:command:{node}' {more}>{inner}</command>"
        )
    };
    let state = command(&mut other, &to, &xml("status", "action='execute'", ""))
        .await
        .expect("it may");
    assert!(String::from(&state).contains("correlator"));
    let refused = command(&mut other, &to, &xml("control", "action='execute'", "")).await;
    assert_eq!(refused, Err("Forbidden".to_owned()));
    let began = command(&mut person, &to, &xml("control", "action='execute'", ""))
        .await
        .expect("it may");
    let session = began.attr("sessionid").expect("a dialogue").to_owned();
    let form = "<x xmlns='jabber:x:data' type='submit'><field var='action'><value>pause</value></field>\
                <field var='probe'><value>p1</value></field></x>";
    // The dialogue of one is not another's.
    let stolen = xml("control", &format!("sessionid='{session}'"), form);
    assert!(command(&mut other, &to, &stolen).await.is_err());
    // Some programs say no action when they send the form.
    let done = command(&mut person, &to, &stolen).await.expect("it may");
    assert!(String::from(&done).contains("Pause p1"), "{}", String::from(&done));
    assert!(
        command(&mut person, &to, &stolen).await.is_err(),
        "a dialogue ends once"
    );
    let unknown = command(&mut person, &to, &xml("shell", "", "")).await;
    assert_eq!(unknown, Err("ItemNotFound".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn leaving_confirms_what_is_safe_and_says_goodbye() {
    let memory = Memory::new("mesh");
    memory.group(&["c1@mesh", "probe@mesh"]);
    let disk: Arc<Disk> = Arc::default();
    let correlator = member(&memory, "c1@mesh", "correlator", &Arc::default());
    let probe = member(&memory, "probe@mesh", "probe", &disk);
    for n in 0..20 {
        probe
            .agent
            .tell(draft(n), role("correlator"))
            .await
            .expect("it is queued");
    }
    until("they have come", || async { correlator.got() == 20 }).await;
    correlator.agent.close().await;
    until("all are confirmed", || async { disk.outbox() == 0 }).await;
    assert!(correlator.agent.tell(draft(0), role("observer")).await.is_err());
    let phases = correlator.notes.lock().expect("notes").phases.clone();
    assert_eq!(phases.last(), Some(&telltale_core::model::MeshPhase::Off));
}
