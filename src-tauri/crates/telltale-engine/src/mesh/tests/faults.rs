//! Stanzas that are lost, doubled and swapped, links that are cut, disks that are full: each result is counted once.

use super::{Seat, hub, jid, until};
use std::time::Duration;
use telltale_mesh::link::Faults;
use tokio::time::sleep;

/// Pages of the store's file when there is room enough.
const ROOM: u32 = 1_000_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_line_and_cuts_neither_lose_nor_double() {
    let hub = hub(&["probe", "corr"]);
    let bad = Faults {
        lost: 10,
        twice: 20,
        swapped: 20,
    };
    hub.faults(&jid("probe"), bad);
    hub.faults(&jid("corr"), bad);
    let corr = Seat::join(&hub, "corr", "correlator", &["store"]).await;
    let probe = Seat::join(&hub, "probe", "probe", &[]).await;
    let mut wanted = Vec::new();
    for n in 0..60_u64 {
        wanted.push(probe.find().await);
        match n {
            20 => hub.cut(&jid("corr")),
            30 => hub.mend(&jid("corr")),
            40 => hub.cut(&jid("probe")),
            45 => hub.mend(&jid("probe")),
            _ => {}
        }
        sleep(Duration::from_millis(n % 40)).await;
    }
    wanted.sort();
    hub.faults(&jid("probe"), Faults::default());
    hub.faults(&jid("corr"), Faults::default());
    until("all are there", || async { corr.ids().await == wanted }).await;
    probe.settled().await;
    assert_eq!(corr.ids().await, wanted);
    probe.engine.close().await;
    corr.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_confirms_nothing_and_what_came_comes_again() {
    let hub = hub(&["probe", "corr"]);
    let corr = Seat::join(&hub, "corr", "correlator", &["store"]).await;
    let probe = Seat::join(&hub, "probe", "probe", &[]).await;
    let mut wanted = vec![probe.find().await];
    until("the first is there", || async { corr.ids().await == wanted }).await;
    probe.settled().await;

    corr.engine.inner.store.limit_pages(1).await.expect("as full as it is");
    // Far more than the pages that are there still hold.
    for _ in 0..300 {
        wanted.push(probe.find().await);
    }
    wanted.sort();
    sleep(Duration::from_millis(500)).await;
    assert!(corr.ids().await.len() < 301, "there is no room");
    assert!(
        probe.engine.mesh().await.expect("the mesh").outbox > 0,
        "and nothing is confirmed that is not kept"
    );
    corr.engine.inner.store.limit_pages(ROOM).await.expect("room again");
    until("all are there", || async { corr.ids().await == wanted }).await;
    probe.settled().await;

    // The same on the other side: what cannot be put into the outbox stays among the results, and is told once there is room.
    let mut large = super::result("00000000-0000-4000-8000-000000000000");
    large.facts = serde_json::json!({ "text": "x".repeat(50_000) });
    let store = &probe.engine.inner.store;
    probe.engine.take_result(&large).await.expect("taken in");
    store.limit_pages(1).await.expect("as full as it is");
    sleep(Duration::from_millis(300)).await;
    store.limit_pages(ROOM).await.expect("room again");
    wanted.push(large.id);
    wanted.sort();
    until("the large one is there", || async { corr.ids().await == wanted }).await;
    probe.settled().await;
    probe.engine.close().await;
    corr.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_a_kill_broke_off_is_answered_after_the_restart() {
    let hub = hub(&["asker", "probe"]);
    let asker = Seat::join(&hub, "asker", "correlator", &["store"]).await;
    let probe = Seat::join(&hub, "probe", "probe", &["reachability"]).await;
    probe.may_be_asked().await;
    probe.engine.mesh_leave().await.expect("away");
    // As it stands on the disk when the process dies after it was confirmed.
    let id = "5f9619ff-8b86-4d01-b42d-00cf4fc964ff";
    let request = crate::store::Request {
        peer: jid("asker"),
        id: id.to_owned(),
        thread: "th-9".to_owned(),
        body: r#"{"do":"check","check":{"kind":"reachability","host":"127.0.0.1","how":{"by":"tcp","port":1},"attempts":1}}"#
            .to_owned(),
        at: crate::now(),
    };
    let store = &probe.engine.inner.store;
    let taken = store.take_in(&[], vec![request.clone()]).await.expect("stored");
    assert_eq!((taken.new.len(), taken.beyond.len()), (1, 0));
    let again = store.take_in(&[], vec![request]).await.expect("it stands already");
    assert_eq!((again.new.len(), again.beyond.len()), (0, 0));
    probe.enter(&hub, "probe", "probe", &["reachability"]).await;
    until("its result is there", || async { asker.ids().await == [id] }).await;
    until("it is answered", || async {
        store.requests().await.expect("rows").is_empty()
    })
    .await;
    let said: Vec<_> = asker
        .messages()
        .await
        .into_iter()
        .filter(|m| m.thread == "th-9")
        .collect();
    assert_eq!(said.len(), 2, "agreed, and informed: {said:?}");
    probe.engine.close().await;
    asker.engine.close().await;
    drop(probe.folder);
}
