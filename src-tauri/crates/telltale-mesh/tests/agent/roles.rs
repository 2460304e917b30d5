//! Agents that find each other by role, and the way of a message when one of them goes.

use crate::disk::Disk;
use crate::world::{Member, TestClock, config, draft, member, role, start, there, until};
use std::sync::Arc;
use std::time::Duration;
use telltale_core::model::{Delivery, Show};
use telltale_mesh::agent::TopicRoute;
use telltale_mesh::link::Memory;
use telltale_mesh::{Destination, Keeper};
use tokio::time::{Instant, sleep};

const GROUP: [&str; 4] = ["probe@mesh", "c1@mesh", "c2@mesh", "observer@mesh"];

fn server() -> Memory {
    let memory = Memory::new("mesh");
    memory.group(&GROUP);
    memory
}

async fn sees_correlators(probe: &Member, wanted: usize) {
    until("correlators are found", || async {
        probe.agent.holders("correlator", "store").await.len() == wanted
    })
    .await;
}

/// Which of two has got messages, that one first.
fn chosen<'a>(c1: &'a Member, c2: &'a Member) -> (&'a Member, &'a Member, &'static str) {
    if c1.got() > 0 {
        (c1, c2, "c1@mesh")
    } else {
        (c2, c1, "c2@mesh")
    }
}

#[tokio::test(start_paused = true)]
async fn three_agents_with_nothing_but_an_account_find_each_others_roles() {
    let memory = server();
    let disks: Vec<Arc<Disk>> = (0..3).map(|_| Arc::default()).collect();
    let probe = member(&memory, "probe@mesh", "probe", &disks[0]);
    let correlator = member(&memory, "c1@mesh", "correlator", &disks[1]);
    let observer = member(&memory, "observer@mesh", "observer", &disks[2]);
    let began = Instant::now();
    for agent in [&probe, &observer] {
        until("the correlator is found", || async {
            agent.agent.holders("correlator", "store").await == ["c1@mesh"]
        })
        .await;
    }
    until("the probe is found", || async {
        correlator.agent.holders("probe", "dns").await == ["probe@mesh"]
    })
    .await;
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    let seen = correlator.sees("observer@mesh").await.expect("it is known");
    assert_eq!(seen.role.as_deref(), Some("observer"));
    assert_eq!(seen.software.as_deref(), Some("Telltale 1"));
    assert!(seen.trusted && there(Some(&seen)));
    assert!(
        correlator.agent.holders("correlator", "").await.is_empty(),
        "not oneself"
    );
    let own = &correlator.agent.agents().await[0];
    assert!(own.own && own.jid == "c1@mesh");
}

#[tokio::test(start_paused = true)]
async fn presence_load_and_status_are_told() {
    let memory = server();
    let probe = member(&memory, "probe@mesh", "probe", &Arc::default());
    let correlator = member(&memory, "c1@mesh", "correlator", &Arc::default());
    sees_correlators(&probe, 1).await;
    for load in 0..100 {
        correlator.agent.set_presence(Show::Away, "two probes run", load).await;
    }
    until("it is away", || async {
        probe
            .sees("c1@mesh")
            .await
            .is_some_and(|a| a.show == Show::Away && a.load == Some(99))
    })
    .await;
    let seen = probe.sees("c1@mesh").await.expect("it is known");
    assert_eq!(seen.status, "two probes run");
    correlator.agent.set_presence(Show::Busy, "", 99).await;
    sees_correlators(&probe, 0).await;
    correlator.agent.close().await;
    until("it is gone", || async { !there(probe.sees("c1@mesh").await.as_ref()) }).await;
    assert!(probe.sees("c1@mesh").await.is_some_and(|a| a.last_seen.is_some()));
}

#[tokio::test(start_paused = true)]
async fn when_the_chosen_one_leaves_another_takes_over_and_nothing_is_lost() {
    let memory = server();
    let disks: Vec<Arc<Disk>> = (0..3).map(|_| Arc::default()).collect();
    let probe = member(&memory, "probe@mesh", "probe", &disks[0]);
    let c1 = member(&memory, "c1@mesh", "correlator", &disks[1]);
    let c2 = member(&memory, "c2@mesh", "correlator", &disks[2]);
    sees_correlators(&probe, 2).await;
    for n in 0..300 {
        probe
            .agent
            .tell(draft(n), role("correlator"))
            .await
            .expect("it is queued");
    }
    until("some have come", || async { c1.got() + c2.got() >= 50 }).await;
    let (first, second, _) = chosen(&c1, &c2);
    assert_eq!(second.got(), 0, "one is chosen, not both");
    first.agent.close().await;
    let left = Instant::now();
    for n in 300..400 {
        probe
            .agent
            .tell(draft(n), role("correlator"))
            .await
            .expect("it is queued");
    }
    until("the other takes over", || async { second.got() > 0 }).await;
    assert!(left.elapsed() < Duration::from_secs(10), "{:?}", left.elapsed());
    until("all have come", || async { disks[0].outbox() == 0 }).await;
    counted_once(&[first, second], 400);
    let log = probe.notes.lock().expect("notes").log.join("\n");
    assert!(
        log.contains("direct to c1@mesh") && log.contains("direct to c2@mesh"),
        "{log}"
    );
}

#[tokio::test(start_paused = true)]
async fn when_the_chosen_one_is_killed_and_nobody_notices_another_takes_over() {
    let memory = server();
    let disks: Vec<Arc<Disk>> = (0..3).map(|_| Arc::default()).collect();
    let probe = member(&memory, "probe@mesh", "probe", &disks[0]);
    let c1 = member(&memory, "c1@mesh", "correlator", &disks[1]);
    let c2 = member(&memory, "c2@mesh", "correlator", &disks[2]);
    sees_correlators(&probe, 2).await;
    probe
        .agent
        .tell(draft(0), role("correlator"))
        .await
        .expect("it is queued");
    until("the first has come", || async {
        c1.got() + c2.got() == 1 && disks[0].outbox() == 0
    })
    .await;
    let (_, second, name) = chosen(&c1, &c2);
    memory.kill(name);
    let killed = Instant::now();
    for n in 1..200 {
        probe
            .agent
            .tell(draft(n), role("correlator"))
            .await
            .expect("it is queued");
    }
    until("the other takes over", || async { second.got() > 0 }).await;
    assert!(killed.elapsed() < Duration::from_secs(10), "{:?}", killed.elapsed());
    until("all have come", || async { disks[0].outbox() == 0 }).await;
    counted_once(&[&c1, &c2], 200);
}

#[tokio::test(start_paused = true)]
async fn what_nobody_can_take_waits_on_the_disk_until_somebody_appears() {
    let memory = server();
    let disk: Arc<Disk> = Arc::default();
    let probe = member(&memory, "probe@mesh", "probe", &disk);
    for n in 0..1_000 {
        probe
            .agent
            .tell(draft(n), role("correlator"))
            .await
            .expect("it is queued");
    }
    sleep(Duration::from_mins(1)).await;
    assert_eq!(disk.outbox(), 1_000);
    assert_eq!(probe.agent.counts().await.outbox, 1_000);
    // For somebody else there is a way all the same.
    let observer = member(&memory, "observer@mesh", "observer", &Arc::default());
    probe
        .agent
        .tell(draft(0), role("observer"))
        .await
        .expect("it is queued");
    until("the observer has its message", || async { observer.got() == 1 }).await;
    let correlator = member(&memory, "c1@mesh", "correlator", &Arc::default());
    until("all have come", || async { disk.outbox() == 0 }).await;
    counted_once(&[&correlator], 1_000);
    let notes = correlator.notes.lock().expect("notes");
    let order: Vec<u64> = notes.messages.iter().filter_map(|m| m.body["n"].as_u64()).collect();
    assert!(order.is_sorted(), "oldest first");
    let told = probe.notes.lock().expect("notes");
    assert!(
        told.log
            .iter()
            .any(|l| l.contains("outbox: nobody who is there has the role correlator"))
    );
    assert!(
        told.told
            .iter()
            .any(|(_, delivery, _)| *delivery == Delivery::Confirmed)
    );
}

#[tokio::test(start_paused = true)]
async fn who_has_the_role_itself_keeps_its_messages() {
    let memory = server();
    let disk: Arc<Disk> = Arc::default();
    let c1 = member(&memory, "c1@mesh", "correlator", &disk);
    let c2 = member(&memory, "c2@mesh", "correlator", &Arc::default());
    until("the other is there", || async {
        c1.agent.holders("correlator", "").await.len() == 1
    })
    .await;
    c1.agent.tell(draft(7), role("correlator")).await.expect("it is queued");
    until("it has come", || async { c1.got() == 1 && disk.outbox() == 0 }).await;
    assert_eq!(c2.got(), 0);
    assert_eq!(c1.notes.lock().expect("notes").messages[0].from, "c1@mesh");
}

#[tokio::test(start_paused = true)]
async fn a_message_for_one_agent_waits_for_that_one() {
    let memory = server();
    let disk: Arc<Disk> = Arc::default();
    let probe = member(&memory, "probe@mesh", "probe", &disk);
    let to = Destination::Agent("c2@mesh".to_owned());
    let c1 = member(&memory, "c1@mesh", "correlator", &Arc::default());
    sees_correlators(&probe, 1).await;
    probe.agent.tell(draft(1), to).await.expect("it is queued");
    assert!(
        probe.agent.send_now(draft(2), "c2@mesh").await.is_err(),
        "it is not there"
    );
    let why = probe.agent.send_now(draft(3), "c1@mesh").await.expect("it is there");
    assert!(why.starts_with("direct to c1@mesh/"), "{why}");
    let c2 = member(&memory, "c2@mesh", "correlator", &Arc::default());
    until("it has come", || async { c2.got() == 1 && disk.outbox() == 0 }).await;
    assert_eq!(c1.got(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_for_many_goes_to_a_topic_and_where_that_is_refused_to_one() {
    let memory = server();
    let disk: Arc<Disk> = Arc::default();
    let correlator = member(&memory, "c1@mesh", "correlator", &Arc::default());
    until("it stands", || async { there(correlator.agent.agents().await.first()) }).await;
    let listed = telltale_mesh::agent::Access::Listed {
        publishers: vec!["probe@mesh".to_owned()],
        readers: vec!["observer@mesh".to_owned()],
    };
    let service = "pubsub.mesh";
    correlator
        .agent
        .create_topic(service, "results", &listed)
        .await
        .expect("a topic");
    let mut following = config("observer@mesh", "observer", &TestClock::new());
    following.follows.push((service.to_owned(), "results".to_owned()));
    let observer = start(following, memory.transport("observer@mesh"), &Arc::default());
    let route = |node: &str| TopicRoute {
        ontology: "telltale.result/1".to_owned(),
        service: service.to_owned(),
        node: node.to_owned(),
    };
    let mut publishing = config("probe@mesh", "probe", &TestClock::new());
    publishing.routes = vec![route("results")];
    let probe = start(publishing, memory.transport("probe@mesh"), &disk);
    sees_correlators(&probe, 1).await;
    sleep(Duration::from_secs(1)).await;
    probe
        .agent
        .tell(draft(1), role("correlator"))
        .await
        .expect("it is queued");
    until("it is published", || async { disk.outbox() == 0 }).await;
    until("it is heard", || async {
        !observer.notes.lock().expect("notes").items.is_empty()
    })
    .await;
    assert_eq!(correlator.got(), 0);
    assert_eq!(observer.notes.lock().expect("notes").items[0].1, "{\"n\":1}");
    // The topic goes: the next message goes straight to who has the role.
    correlator
        .agent
        .remove_topic(service, "results")
        .await
        .expect("it is ours");
    probe
        .agent
        .tell(draft(2), role("correlator"))
        .await
        .expect("it is queued");
    until("it has come", || async { correlator.got() == 1 && disk.outbox() == 0 }).await;
    let told = probe.notes.lock().expect("notes");
    let channels: Vec<&str> = told.told.iter().filter_map(|(_, _, c)| c.as_deref()).collect();
    assert!(channels[0].starts_with("topic results at pubsub.mesh"), "{channels:?}");
    assert!(
        channels.last().expect("one").starts_with("direct to c1@mesh/"),
        "{channels:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_draft_that_nobody_could_read_is_refused_at_once() {
    let memory = server();
    let disk: Arc<Disk> = Arc::default();
    let probe = member(&memory, "probe@mesh", "probe", &disk);
    let mut large = draft(1);
    large.body = serde_json::Value::String("x".repeat(70_000));
    let mut unnamed = draft(2);
    unnamed.id = "1".to_owned();
    for wrong in [large, unnamed] {
        assert!(probe.agent.tell(wrong, role("correlator")).await.is_err());
    }
    let nobody = Destination::Agent("no address@".to_owned());
    assert!(probe.agent.tell(draft(3), nobody).await.is_err());
    assert_eq!(disk.destinations().await.expect("a disk"), []);
}

/// Each message was handed over once by each who got it, and none is missing.
pub(crate) fn counted_once(all: &[&Member], sent: usize) {
    let mut ids = std::collections::HashSet::new();
    for member in all {
        for (id, times) in member.notes.lock().expect("notes").counted() {
            assert_eq!(times, 1, "{id} was handed over {times} times");
            ids.insert(id);
        }
    }
    assert_eq!(ids.len(), sent);
}
