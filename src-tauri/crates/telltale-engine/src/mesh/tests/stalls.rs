//! Who goes away, asks without end, or meets a full disk at the worst moment: nobody else waits for it, nothing is done twice, nothing is
//! given up that was only late.

use super::{PATIENCE, Seat, hub, jid, until};
use crate::mesh::report::draft;
use crate::store::Request;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use telltale_mesh::Destination;
use telltale_mesh::message::{CONTROL, Draft};
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};

const ID: &str = "5f9619ff-8b86-4d01-b42d-00cf4fc964ff";

/// A place that can be reached, and how often it was.
async fn place() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let times = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&times);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    (port, times)
}

fn wish(port: u16) -> Value {
    let how = json!({ "by": "tcp", "port": port });
    json!({ "do": "check", "check": { "kind": "reachability", "host": "127.0.0.1", "how": how, "attempts": 1 } })
}

fn request(peer: &str, id: &str, port: u16) -> Request {
    Request {
        peer: jid(peer),
        id: id.to_owned(),
        thread: id.to_owned(),
        body: wish(port).to_string(),
        at: crate::now(),
    }
}

/// Asks the probe, by a message with this id.
async fn asks(from: &Seat, port: u16) {
    let joined = from.engine.inner.mesh.joined().expect("it joined");
    let said = Draft {
        id: ID.to_owned(),
        ..draft("request", CONTROL, ID, wish(port))
    };
    let to = Destination::Agent(jid("probe"));
    from.engine.tell(&joined, vec![(said, to)]).await.expect("on its way");
}

/// One who asks, and one who lets itself be asked.
async fn two() -> (Seat, Seat, telltale_mesh::link::Memory) {
    let hub = hub(&["asker", "probe", "gone"]);
    let asker = Seat::join(&hub, "asker", "correlator", &["store"]).await;
    let probe = Seat::join(&hub, "probe", "probe", &["reachability"]).await;
    probe.may_be_asked().await;
    (asker, probe, hub)
}

/// Messages that wait for one who is not there.
async fn wait_for_gone(seat: &Seat, messages: usize) -> Destination {
    let gone = Destination::Agent(jid("gone"));
    let joined = seat.engine.inner.mesh.joined().expect("it joined");
    let said = (0..messages).map(|n| (draft("inform", "other/1", "t", json!(n)), gone.clone()));
    seat.engine.tell(&joined, said.collect()).await.expect("they wait");
    gone
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_one_who_went_away_holds_up_no_result() {
    let (asker, probe, _hub) = two().await;
    let gone = wait_for_gone(&probe, 100).await;
    let found = probe.find().await;
    until("it is there", || async { asker.ids().await == [found.clone()] }).await;
    let waiting = probe.engine.inner.store.waiting_for(&gone).await.expect("a number");
    assert_eq!(waiting, 100);
    probe.engine.close().await;
    asker.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_and_takes_no_answer_fills_no_outbox() {
    let (asker, probe, _hub) = two().await;
    let (port, times) = place().await;
    let gone = wait_for_gone(&probe, 300).await;
    let store = &probe.engine.inner.store;
    let taken = store
        .take_in(&[], vec![request("gone", ID, port)])
        .await
        .expect("stored");
    let joined = probe.engine.inner.mesh.joined().expect("it joined");
    probe.engine.take_requests(&joined, taken.new, taken.beyond);
    until("it is done with", || async {
        store.requests().await.expect("rows").is_empty()
    })
    .await;
    assert_eq!(store.waiting_for(&gone).await.expect("a number"), 300);
    assert_eq!(times.load(Ordering::SeqCst), 1);
    probe.engine.close().await;
    asker.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_without_end_leaves_room_for_others() {
    let (asker, probe, _hub) = two().await;
    let store = &probe.engine.inner.store;
    let many = (0..300).map(|n| request("gone", &format!("{n}"), 1)).collect();
    let taken = store.take_in(&[], many).await.expect("stored");
    assert_eq!((taken.new.len(), taken.beyond.len()), (64, 236));
    let other = store.take_in(&[], vec![request("asker", ID, 1)]).await.expect("stored");
    assert_eq!((other.new.len(), other.beyond.len()), (1, 0));
    // Of those that are carried out at the same time, one has half at most.
    let desk = &probe.engine.inner.mesh;
    let mut turns = Vec::new();
    for _ in 0..4 {
        turns.push(desk.turn(&jid("gone")).await.expect("a turn"));
    }
    let fifth = timeout(Duration::from_millis(50), desk.turn(&jid("gone"))).await;
    assert!(fifth.is_err(), "it waits");
    let other = timeout(PATIENCE, desk.turn(&jid("asker"))).await;
    assert!(other.is_ok_and(|turn| turn.is_some()), "the other does not");
    drop(turns);
    let again = timeout(PATIENCE, desk.turn(&jid("gone"))).await;
    assert!(again.is_ok_and(|turn| turn.is_some()));
    probe.engine.close().await;
    asker.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_found_for_another_waits_for_a_full_disk_and_is_not_looked_for_again() {
    let (asker, probe, _hub) = two().await;
    let (port, times) = place().await;
    let store = &probe.engine.inner.store;
    store.refuse("results", true).await.expect("full");
    asks(&asker, port).await;
    until("it was carried out", || async { times.load(Ordering::SeqCst) == 1 }).await;
    // Long enough for what was found to meet the disk.
    sleep(Duration::from_millis(500)).await;
    assert_eq!(asker.ids().await, [] as [String; 0]);
    store.refuse("results", false).await.expect("room again");
    until("its result is there", || async { asker.ids().await == [ID] }).await;
    until("it is answered", || async {
        store.requests().await.expect("rows").is_empty()
    })
    .await;
    assert_eq!(times.load(Ordering::SeqCst), 1);
    probe.engine.close().await;
    asker.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_comes_again_after_a_kill_is_carried_out_once() {
    let (asker, probe, hub) = two().await;
    let (port, times) = place().await;
    probe.engine.mesh_leave().await.expect("away");
    // As it stands on the disk when the process dies before the request is confirmed: it comes again after the restart.
    let store = &probe.engine.inner.store;
    store
        .take_in(&[], vec![request("asker", ID, port)])
        .await
        .expect("stored");
    probe.enter(&hub, "probe", "probe", &["reachability"]).await;
    until("its result is there", || async { asker.ids().await == [ID] }).await;
    until("it is answered", || async {
        store.requests().await.expect("rows").is_empty()
    })
    .await;
    asks(&asker, port).await;
    asker.settled().await;
    // It came, too, where the desk was to be told and the keeper could not remember it.
    let again = store
        .take_in(&[], vec![request("asker", ID, port)])
        .await
        .expect("looked at");
    assert_eq!((again.new.len(), again.beyond.len()), (0, 0));
    assert_eq!(store.requests().await.expect("rows"), []);
    assert_eq!(times.load(Ordering::SeqCst), 1);
    probe.engine.close().await;
    asker.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn news_of_a_topic_wait_for_a_full_disk() {
    let (asker, probe, _hub) = two().await;
    let (service, node) = ("pubsub.mesh", crate::mesh::publish::RESULTS);
    until("it is followed", || async {
        probe.engine.follow_topic(service, node, true).await.is_ok()
    })
    .await;
    let store = &probe.engine.inner.store;
    store.refuse("mesh_items", true).await.expect("full");
    let found = asker.find().await;
    until("it is published", || async {
        let cursor = asker
            .engine
            .inner
            .store
            .cursor(crate::mesh::publish::RESULTS_READER)
            .await;
        cursor.expect("a number") > 0
    })
    .await;
    // Long enough for the news to meet the disk.
    sleep(Duration::from_millis(500)).await;
    assert_eq!(store.topic_items(service, node).await.expect("rows"), []);
    store.refuse("mesh_items", false).await.expect("room again");
    until("it is there", || async {
        let items = store.topic_items(service, node).await.expect("rows");
        items.iter().any(|item| item.id == found)
    })
    .await;
    probe.engine.close().await;
    asker.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_used_up_by_whom_it_lets_in_and_by_nobody_else() {
    let (asker, probe, _hub) = two().await;
    let engine = &asker.engine;
    let (invitation, _) = engine.mesh_invite().await.expect("an invitation");
    let joined = engine.inner.mesh.joined().expect("it joined");
    let allowed = async || {
        let account = engine.mesh().await.expect("the mesh").account;
        account.expect("an account").policy.allow
    };
    engine.inner.store.refuse("settings", true).await.expect("full");
    let failed = engine.let_invited_in(&joined, &jid("new"), &invitation.token).await;
    assert!(failed.is_err(), "it cannot be written down");
    engine.inner.store.refuse("settings", false).await.expect("room again");
    let come = async |who: &str, token: &str| {
        engine
            .let_invited_in(&joined, &jid(who), token)
            .await
            .expect("looked at");
    };
    come("liar", "AAAAAAAAAAAAAAAAAAAAAA").await;
    come("new", &invitation.token).await;
    assert_eq!(allowed().await, [jid("new")]);
    come("second", &invitation.token).await;
    assert_eq!(allowed().await, [jid("new")]);
    probe.engine.close().await;
    asker.engine.close().await;
}
