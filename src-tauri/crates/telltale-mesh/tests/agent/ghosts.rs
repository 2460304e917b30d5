//! Agents whose process is gone while their server does not know: they are there, announce what they can do, and never answer.

use crate::disk::Disk;
use crate::world::TestClock;
use crate::world::{Raw, config, draft, member, role, start, until};
use std::sync::Arc;
use std::time::Duration;
use telltale_mesh::link::{Memory, Stanza};
use tokio::time::Instant;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::presence::Presence;

/// What a live correlator announces; the correlator is gone when this comes back.
async fn announcement(memory: &Memory) -> Element {
    let mut observer = Raw::open(memory, "observer@mesh").await;
    observer.send(Presence::available()).await;
    let correlator = member(memory, "z@mesh", "correlator", &Arc::default());
    let found = loop {
        let Some(Stanza::Presence(presence)) = observer.next().await else {
            panic!("a presence comes");
        };
        if let Some(caps) = presence.payloads.iter().find(|e| e.is("c", ns::CAPS)) {
            break caps.clone();
        }
    };
    correlator.agent.close().await;
    found
}

async fn ghost(memory: &Memory, jid: &str, caps: &Element) -> Raw {
    let ghost = Raw::open(memory, jid).await;
    let mut presence = Presence::available();
    presence.payloads.push(caps.clone());
    ghost.send(presence).await;
    ghost
}

/// A mesh with silent ghosts of these accounts, then a live correlator, then a probe that knows nobody: how long it takes to know the role
/// of the live one.
async fn learns_after(ghosts: &[String]) -> Duration {
    let memory = Memory::new("mesh");
    let mut group: Vec<&str> = ghosts.iter().map(String::as_str).collect();
    group.extend(["observer@mesh", "probe@mesh", "z@mesh"]);
    memory.group(&group);
    let caps = announcement(&memory).await;
    let mut silent = Vec::new();
    for jid in ghosts {
        silent.push(ghost(&memory, jid, &caps).await);
    }
    let live = member(&memory, "z@mesh", "correlator", &Arc::default());
    until("it stands", || async {
        live.agent.agents().await[0].resource.is_some()
    })
    .await;
    let disk: Arc<Disk> = Arc::default();
    let probe = start(
        config("probe@mesh", "probe", &TestClock::new()),
        memory.transport("probe@mesh"),
        &disk,
    );
    let began = Instant::now();
    until("the live one is known", || async {
        probe
            .sees("z@mesh")
            .await
            .is_some_and(|a| a.role.as_deref() == Some("correlator"))
    })
    .await;
    let took = began.elapsed();
    // And what it has to say comes to one that lives.
    probe
        .agent
        .tell(draft(1), role("correlator"))
        .await
        .expect("it is queued");
    until("it has come", || async { live.got() == 1 && disk.outbox() == 0 }).await;
    took
}

fn accounts(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("g{n:02}@mesh")).collect()
}

#[tokio::test(start_paused = true)]
async fn a_live_agent_among_ghosts_is_known_within_two_seconds() {
    for count in [1, 3, 7] {
        let took = learns_after(&accounts(count)).await;
        assert!(took <= Duration::from_millis(2_100), "{count} ghosts: {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_crowd_of_ghosts_is_passed_over_in_a_few_steps() {
    let took = learns_after(&accounts(30)).await;
    assert!(took <= Duration::from_secs(7), "{took:?}");
}

/// One account at several places: all but the last are gone.
#[tokio::test(start_paused = true)]
async fn ghosts_of_its_own_account_do_not_hide_a_live_agent() {
    let ghosts: Vec<String> = std::iter::repeat_n("z@mesh".to_owned(), 5).collect();
    let took = learns_after(&ghosts).await;
    assert!(took <= Duration::from_millis(2_100), "{took:?}");
}

/// More ghosts than are asked at the same time: those that have used up their questions do not stand in the way.
#[tokio::test(start_paused = true)]
async fn who_was_asked_in_vain_keeps_nobody_from_being_asked() {
    let took = learns_after(&accounts(60)).await;
    assert!(took <= Duration::from_secs(40), "{took:?}");
}
