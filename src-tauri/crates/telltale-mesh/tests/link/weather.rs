//! Connections break, servers fall and come back, lines go silent: the link says so, and stands again.

use crate::middle::Middle;
use crate::peer::{Peer, account};
use crate::prosody::{Options, Prosody};
use std::time::Duration;
use telltale_mesh::link::{LinkEvent, LinkOrder, Stanza, XmppTransport};
use xmpp_parsers::jid::Jid;
use xmpp_parsers::message::{Lang, Message};
use xmpp_parsers::presence::Presence;

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_killed_is_found_again() {
    let Some(mut server) = Prosody::start(&Options::users(&["anna", "bert"])) else {
        return;
    };
    let (mut anna, _) = Peer::online(account(&server, "anna", server.port)).await;
    let (mut bert, _) = Peer::online(account(&server, "bert", server.tls_port)).await;
    server.kill();
    assert!(anna.breaks().await.contains("broke"));
    bert.breaks().await;
    // What is sent meanwhile is dropped, and blocks nobody.
    for n in 0..1_000 {
        anna.send(Stanza::Presence(
            Presence::available().with_priority(i8::try_from(n % 100).unwrap_or(0)),
        ))
        .await;
    }
    let Some(LinkEvent::Offline { attempt, retry_ms, .. }) = anna.event().await else {
        panic!("a failed try is told");
    };
    assert!(attempt >= 2 && retry_ms > 0 && retry_ms < 60_000);
    server.start_again();
    let (_, resumed) = anna.stands().await;
    assert!(!resumed, "the server forgot everything");
    let (to, _) = bert.stands().await;
    bert.send(Stanza::Presence(Presence::available())).await;
    anna.say(&to, "there again").await;
    assert_eq!(bert.hears().await, "there again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_was_cut_is_resumed_and_nothing_is_lost() {
    let Some(server) = Prosody::start(&Options::users(&["anna", "bert"])) else {
        return;
    };
    let middle = Middle::before(&server).await;
    let (mut anna, is_anna) = Peer::online(account(&server, "anna", middle.port)).await;
    let (bert, _) = Peer::online(account(&server, "bert", server.port)).await;
    middle.cut();
    for n in 0..50 {
        bert.say(&is_anna, &n.to_string()).await;
    }
    let (again, resumed) = anna.stands().await;
    assert!(resumed && again == is_anna);
    for n in 0..50 {
        assert_eq!(anna.hears().await, n.to_string());
    }
    assert!(middle.connections() >= 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_went_silent_is_held_to_be_dead() {
    let Some(server) = Prosody::start(&Options::users(&["anna"])) else {
        return;
    };
    let middle = Middle::before(&server).await;
    let second = Duration::from_secs(1);
    let transport = XmppTransport::new(account(&server, "anna", middle.port)).expect("an account");
    let mut anna = Peer::over(transport.with_patience(second, 5 * second));
    anna.stands().await;
    // A server that is only quiet answers when it is asked.
    tokio::time::sleep(3 * second).await;
    assert!(anna.link.events.try_recv().is_err(), "a quiet line still stands");
    middle.silence();
    anna.breaks().await;
    assert!(anna.stands().await.1, "the session is resumed on a new connection");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_dies_under_load_holds_up_nobody_for_good() {
    let Some(server) = Prosody::start(&Options::users(&["anna", "bert"])) else {
        return;
    };
    let middle = Middle::before(&server).await;
    let second = Duration::from_secs(1);
    let transport = XmppTransport::new(account(&server, "anna", middle.port)).expect("an account");
    let mut anna = Peer::over(transport.with_patience(second, 5 * second));
    anna.stands().await;
    let (_bert, to) = Peer::online(account(&server, "bert", server.port)).await;
    middle.silence();
    let orders = anna.link.send.clone();
    let message = Message::chat(Some(Jid::from(to))).with_body(Lang::default(), "x".repeat(8_000));
    let flood = tokio::spawn(async move {
        for _ in 0..3_000 {
            let order = LinkOrder::Send(Box::new(Stanza::Message(message.clone())));
            orders.send(order).await.expect("the link runs");
        }
    });
    anna.breaks().await;
    let flooded = tokio::time::timeout(Duration::from_millis(250), flood).await;
    flooded.expect("what cannot be sent is dropped").expect("a flood");
    anna.stands().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_is_dropped_ends_its_link() {
    let Some(server) = Prosody::start(&Options::users(&["anna"])) else {
        return;
    };
    let (mut anna, _) = Peer::online(account(&server, "anna", server.port)).await;
    let (nobody, _) = tokio::sync::mpsc::channel::<LinkOrder>(1);
    drop(std::mem::replace(&mut anna.link.send, nobody));
    while let Some(event) = anna.event().await {
        if matches!(event, LinkEvent::Closed) {
            return;
        }
    }
    panic!("the link did not say that it closed");
}
