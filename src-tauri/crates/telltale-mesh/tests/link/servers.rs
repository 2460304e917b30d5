//! A link stands on a real server, carries what it is given, and is gone when it is closed.

use crate::ejabberd::Ejabberd;
use crate::peer::{Peer, account};
use crate::prosody::{DOMAIN, Options, Prosody, password};
use std::fs;
use std::time::Duration;
use telltale_core::model::{MeshTls, MeshTrust};
use telltale_mesh::link::{Account, LinkEvent, Stanza, key_pin};
use tokio::runtime::Handle;
use tokio::time::sleep;
use xmpp_parsers::presence::Type;

#[tokio::test(flavor = "multi_thread")]
async fn both_ways_of_encryption_stand_and_carry_messages() {
    let Some(server) = Prosody::start(&Options::users(&["anna", "bert"])) else {
        return;
    };
    let (anna, from) = Peer::online(account(&server, "anna", server.port)).await;
    let (mut bert, to) = Peer::online(account(&server, "bert", server.tls_port)).await;
    assert_eq!(from.to_bare().to_string(), "anna@localhost");
    anna.say(&to, "over two ways").await;
    assert_eq!(bert.hears().await, "over two ways");
    anna.close().await;
    bert.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_resource_that_is_asked_for_is_given() {
    let Some(server) = Prosody::start(&Options::users(&["anna"])) else {
        return;
    };
    let mut wanted = account(&server, "anna", server.port);
    wanted.resource = Some("telltale-1".to_owned());
    let (_anna, jid) = Peer::online(wanted).await;
    assert_eq!(jid.to_string(), "anna@localhost/telltale-1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pinned_key_is_enough() {
    let Some(server) = Prosody::start(&Options::users(&["anna"])) else {
        return;
    };
    let der = fs::read(server.certificate("srv.der")).expect("the certificate");
    let mut pinned = account(&server, "anna", server.port);
    pinned.trust = MeshTrust::Pin {
        sha256: key_pin(&der).expect("a pin"),
    };
    Peer::online(pinned).await.0.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_messages_arrive_in_order_in_both_directions_at_once() {
    const MESSAGES: usize = 3_000;
    let Some(server) = Prosody::start(&Options::users(&["anna", "bert"])) else {
        return;
    };
    let (mut anna, anna_is) = Peer::online(account(&server, "anna", server.port)).await;
    let (mut bert, bert_is) = Peer::online(account(&server, "bert", server.tls_port)).await;
    let talk = async |peer: &mut Peer, to| {
        let mut heard = 0;
        for n in 0..MESSAGES {
            peer.say(to, &n.to_string()).await;
            // Sent faster than heard, as a flood of results would be; what comes waits.
            if n % 3 == 0 {
                assert_eq!(peer.hears().await, heard.to_string());
                heard += 1;
            }
        }
        while heard < MESSAGES {
            assert_eq!(peer.hears().await, heard.to_string());
            heard += 1;
        }
    };
    tokio::join!(talk(&mut anna, &bert_is), talk(&mut bert, &anna_is));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_closes_is_seen_to_leave_and_leaves_no_task_behind() {
    let Some(server) = Prosody::start(&Options::users(&["anna", "bert"]).in_one_group()) else {
        return;
    };
    let (mut bert, _) = Peer::online(account(&server, "bert", server.port)).await;
    let before = Handle::current().metrics().num_alive_tasks();
    let (anna, _) = Peer::online(account(&server, "anna", server.port)).await;
    anna.close().await;
    loop {
        let Some(LinkEvent::Stanza(stanza)) = bert.event().await else {
            continue;
        };
        if let Stanza::Presence(presence) = *stanza
            && presence.type_ == Type::Unavailable
        {
            assert!(presence.from.is_some_and(|from| from.to_string().starts_with("anna@")));
            break;
        }
    }
    // One that is closed while its server is away has a stream that waits for a connection.
    let mut away = account(&server, "anna", server.port);
    away.server = Some(format!("127.0.0.1:{}", crate::prosody::free_port()));
    let mut anna = Peer::open(away);
    anna.breaks().await;
    anna.close().await;
    for _ in 0..100 {
        if Handle::current().metrics().num_alive_tasks() <= before {
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("tasks of closed links still run");
}

#[tokio::test(flavor = "multi_thread")]
async fn ejabberd_is_a_server_like_another() {
    let Some(server) = Ejabberd::start(&["anna", "bert"]) else {
        return;
    };
    let at = |user: &str| Account {
        jid: format!("{user}@{DOMAIN}"),
        password: password(user),
        server: Some(format!("127.0.0.1:{}", server.port)),
        tls: MeshTls::StartTls,
        trust: MeshTrust::Authority {
            pem: server.authority(),
        },
        resource: None,
    };
    let (anna, _) = Peer::online(at("anna")).await;
    let (mut bert, to) = Peer::online(at("bert")).await;
    for n in 0..500 {
        anna.say(&to, &n.to_string()).await;
    }
    for n in 0..500 {
        assert_eq!(bert.hears().await, n.to_string());
    }

    let mut wrong = at("anna");
    wrong.password = "wrong".to_owned();
    let (why, _) = Peer::open(wrong).refused().await;
    assert_eq!(why, telltale_core::model::MeshRefusal::Credentials);

    let mut new = at("carl");
    new.password = "a new password".to_owned();
    telltale_mesh::link::register(&new)
        .await
        .expect("an account is made in band");
    Peer::online(new).await.0.close().await;
}
