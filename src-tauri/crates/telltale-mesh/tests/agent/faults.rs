//! What breaks on the way, or at one end, at any point: nothing is lost, nothing is counted twice.

use crate::disk::Disk;
use crate::roles::counted_once;
use crate::world::{Member, TestClock, config, draft, member, role, start, there, until};
use std::sync::Arc;
use std::time::Duration;
use telltale_mesh::agent::{Agent, Heard};
use telltale_mesh::link::{Faults, Memory};
use tokio::sync::mpsc;
use tokio::time::sleep;

fn server() -> Memory {
    let memory = Memory::new("mesh");
    memory.group(&["probe@mesh", "c1@mesh"]);
    memory
}

async fn tell(probe: &Member, numbers: std::ops::Range<usize>) {
    for n in numbers {
        probe
            .agent
            .tell(draft(n), role("correlator"))
            .await
            .expect("it is queued");
    }
}

#[tokio::test(start_paused = true)]
async fn loss_copies_and_another_order_both_ways() {
    let memory = server();
    let bad = Faults {
        lost: 15,
        twice: 15,
        swapped: 20,
    };
    memory.faults("probe@mesh", bad);
    memory.faults("c1@mesh", bad);
    let disk: Arc<Disk> = Arc::default();
    let correlator = member(&memory, "c1@mesh", "correlator", &Arc::default());
    let probe = member(&memory, "probe@mesh", "probe", &disk);
    tell(&probe, 0..2_000).await;
    until("all are confirmed", || async { disk.outbox() == 0 }).await;
    assert!(memory.lost() > 100);
    counted_once(&[&correlator], 2_000);
}

#[tokio::test(start_paused = true)]
async fn the_network_is_cut_again_and_again() {
    let memory = server();
    let disk: Arc<Disk> = Arc::default();
    let correlator = member(&memory, "c1@mesh", "correlator", &Arc::default());
    let probe = member(&memory, "probe@mesh", "probe", &disk);
    let weather = memory.clone();
    let stormy = tokio::spawn(async move {
        for n in 0..40_u64 {
            let who = ["probe@mesh", "c1@mesh"][usize::from(n % 3 == 0)];
            weather.cut(who);
            sleep(Duration::from_millis(50)).await;
            weather.mend(who);
            sleep(Duration::from_millis(120)).await;
        }
    });
    for part in 0..20 {
        tell(&probe, part * 100..(part + 1) * 100).await;
        sleep(Duration::from_millis(200)).await;
    }
    stormy.await.expect("it ends");
    until("all are confirmed", || async { disk.outbox() == 0 }).await;
    counted_once(&[&correlator], 2_000);
}

#[tokio::test(start_paused = true)]
async fn the_sender_is_killed_at_any_point() {
    let memory = server();
    let disk: Arc<Disk> = Arc::default();
    let correlator = member(&memory, "c1@mesh", "correlator", &Arc::default());
    for run in 0..10 {
        let probe = member(&memory, "probe@mesh", "probe", &disk);
        tell(&probe, run * 100..(run + 1) * 100).await;
        sleep(Duration::from_millis(run as u64 * 7)).await;
        // Its process dies: nothing more comes of it, and the next start has its disk.
        memory.kill("probe@mesh");
        drop(probe);
        disk.after_a_kill();
    }
    let _probe = member(&memory, "probe@mesh", "probe", &disk);
    until("all are confirmed", || async { disk.outbox() == 0 }).await;
    counted_once(&[&correlator], 1_000);
}

#[tokio::test(start_paused = true)]
async fn the_receiver_is_killed_before_and_after_it_has_stored() {
    let memory = server();
    let (ours, theirs): (Arc<Disk>, Arc<Disk>) = Default::default();
    let probe = member(&memory, "probe@mesh", "probe", &ours);
    tell(&probe, 0..1_000).await;
    let mut handled = std::collections::HashSet::new();
    for run in 0..12 {
        // An owner that is killed while it holds messages: it stored some, and some receipts were never given.
        let (heard, mut ear) = mpsc::channel(8);
        let settings = config("c1@mesh", "correlator", &TestClock::new());
        let transport = memory.transport("c1@mesh");
        let _agent = Agent::start(settings, transport, Arc::clone(&theirs) as _, heard).expect("an address");
        let last = run == 11;
        let mut taken = 0;
        while ours.outbox() > 0 && (last || taken < 90) {
            match tokio::time::timeout(Duration::from_secs(30), ear.recv()).await {
                Ok(Some(Heard::Message(message, receipt))) => {
                    taken += 1;
                    // What an owner does is idempotent by id: it may do it and die before it says so.
                    handled.insert(message.id.clone());
                    if last || taken % 10 != 0 {
                        receipt.done();
                    } else {
                        std::mem::forget(receipt);
                    }
                }
                Ok(Some(_)) => {}
                Ok(None) | Err(_) => break,
            }
        }
        if !last {
            memory.kill("c1@mesh");
            theirs.after_a_kill();
            memory.notice("c1@mesh");
        }
    }
    assert_eq!(ours.outbox(), 0);
    assert_eq!(handled.len(), 1_000);
}

#[tokio::test(start_paused = true)]
async fn a_receipt_that_is_dropped_lets_the_message_come_again() {
    let memory = server();
    let disk: Arc<Disk> = Arc::default();
    let (heard, mut ear) = mpsc::channel(8);
    let settings = config("c1@mesh", "correlator", &TestClock::new());
    let _agent =
        Agent::start(settings, memory.transport("c1@mesh"), Arc::new(Disk::default()), heard).expect("an address");
    let probe = member(&memory, "probe@mesh", "probe", &disk);
    tell(&probe, 0..1).await;
    let mut times = 0;
    while let Some(heard) = ear.recv().await {
        if let Heard::Message(_, receipt) = heard {
            times += 1;
            if times == 3 {
                receipt.done();
                break;
            }
        }
    }
    until("it is confirmed", || async { disk.outbox() == 0 }).await;
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_confirms_nothing_and_loses_nothing() {
    let memory = server();
    let (ours, theirs): (Arc<Disk>, Arc<Disk>) = Default::default();
    let correlator = member(&memory, "c1@mesh", "correlator", &theirs);
    let probe = member(&memory, "probe@mesh", "probe", &ours);
    until("it is found", || async {
        probe.agent.holders("correlator", "").await.len() == 1
    })
    .await;
    theirs.set_full(true);
    tell(&probe, 0..50).await;
    sleep(Duration::from_secs(30)).await;
    assert_eq!(ours.outbox(), 50, "nothing that could not be remembered was confirmed");
    theirs.set_full(false);
    until("all are confirmed", || async { ours.outbox() == 0 }).await;
    {
        let notes = correlator.notes.lock().expect("notes");
        assert_eq!(notes.counted().len(), 50);
        assert!(notes.log.iter().any(|l| l.contains("the disk is full")));
    }
    ours.set_full(true);
    assert!(
        probe.agent.tell(draft(0), role("correlator")).await.is_err(),
        "the owner is told"
    );
    ours.set_full(false);
    tell(&probe, 50..60).await;
    until("they have come", || async { ours.outbox() == 0 }).await;
}

#[tokio::test(start_paused = true)]
async fn clocks_that_jump_an_hour_change_nothing() {
    let memory = server();
    let disk: Arc<Disk> = Arc::default();
    let (ours, theirs) = (TestClock::new(), TestClock::new());
    let correlator = start(
        config("c1@mesh", "correlator", &theirs),
        memory.transport("c1@mesh"),
        &Arc::default(),
    );
    let probe = start(
        config("probe@mesh", "probe", &ours),
        memory.transport("probe@mesh"),
        &disk,
    );
    for (n, jump) in [(0, 3_600), (1, -7_200), (2, 3_600), (3, 0)] {
        tell(&probe, n * 100..(n + 1) * 100).await;
        ours.jump(jump);
        theirs.jump(-jump);
        sleep(Duration::from_millis(300)).await;
    }
    until("all are confirmed", || async { disk.outbox() == 0 }).await;
    counted_once(&[&correlator], 400);
    assert_eq!(correlator.agent.counts().await.refused, []);
    assert!(there(probe.sees("c1@mesh").await.as_ref()));
}

#[tokio::test(start_paused = true)]
async fn an_owner_who_does_not_listen_stops_nothing_but_its_own_messages() {
    let memory = server();
    let disk: Arc<Disk> = Arc::default();
    let (heard, mut ear) = mpsc::channel(1);
    let settings = config("c1@mesh", "correlator", &TestClock::new());
    let deaf =
        Agent::start(settings, memory.transport("c1@mesh"), Arc::new(Disk::default()), heard).expect("an address");
    let probe = member(&memory, "probe@mesh", "probe", &disk);
    tell(&probe, 0..3_000).await;
    sleep(Duration::from_secs(20)).await;
    // It still answers what its owner asks, and its owner can go on.
    assert!(there(deaf.agents().await.first()));
    deaf.tell(draft(1), role("observer")).await.expect("it is queued");
    let mut taken = std::collections::HashSet::new();
    while taken.len() < 3_000 {
        if let Some(Heard::Message(message, receipt)) = ear.recv().await {
            taken.insert(message.id.clone());
            receipt.done();
        }
    }
    until("all are confirmed", || async { disk.outbox() == 0 }).await;
}
