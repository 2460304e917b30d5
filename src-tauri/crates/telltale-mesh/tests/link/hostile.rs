//! What a hostile peer or server sends: nothing of it takes the link down for good, and what follows it arrives.

use crate::middle::Middle;
use crate::peer::{Peer, account};
use crate::prosody::{Options, Prosody};
use telltale_mesh::link::{LinkEvent, MAX_DEPTH, MAX_ELEMENTS, MAX_STANZA, MAX_TAG, Stanza};

#[tokio::test(flavor = "multi_thread")]
async fn stanzas_over_the_limits_are_left_out_and_the_next_one_arrives() {
    let Some(server) = Prosody::start(&Options::users(&["anna", "bert"])) else {
        return;
    };
    let middle = Middle::before(&server).await;
    let (mut anna, is_anna) = Peer::online(account(&server, "anna", middle.port)).await;
    let (bert, _) = Peer::online(account(&server, "bert", server.port)).await;
    let stanza = |inner: &str| format!("<message from='eve@localhost/x' type='chat'>{inner}<body>bad</body></message>");
    middle.add(stanza(&"x".repeat(2 * MAX_STANZA)));
    middle.add(stanza(&format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000))));
    middle.add(stanza(&format!(
        "{}{}",
        "<a>".repeat(MAX_DEPTH),
        "</a>".repeat(MAX_DEPTH)
    )));
    middle.add(stanza(&format!("<a b='{}'/>", "y".repeat(2 * MAX_TAG))));
    middle.add(stanza(&"<a/>".repeat(MAX_ELEMENTS)));
    // Let in, but what it says is of no use: the agent's to judge, not the link's.
    middle.add("<message type='nonsense'/><presence from='not an address @'/><iq/>");
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    bert.say(&is_anna, "good").await;
    assert_eq!(anna.hears().await, "good");
    assert_eq!(middle.connections(), 1, "the connection stood all the time");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_xml_ends_the_connection_and_a_new_one_is_made() {
    let Some(server) = Prosody::start(&Options::users(&["a0", "a1", "a2", "a3", "a4", "a5", "bert"])) else {
        return;
    };
    let (bert, _) = Peer::online(account(&server, "bert", server.port)).await;
    let wrong: [&[u8]; 6] = [
        b"<message></presence>",
        b"<message>&nobody;</message>",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]>",
        b"<message><body>\xff\xfe</body></message>",
        b"<unheard-of xmlns='urn:nobody'/>",
        b"</stream:stream>",
    ];
    for (n, xml) in wrong.into_iter().enumerate() {
        let middle = Middle::before(&server).await;
        let (mut anna, _) = Peer::online(account(&server, &format!("a{n}"), middle.port)).await;
        middle.add(xml);
        anna.breaks().await;
        let (is_anna, _) = anna.stands().await;
        bert.say(&is_anna, &n.to_string()).await;
        assert_eq!(anna.hears().await, n.to_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reason_why_a_server_throws_out_is_told() {
    let Some(server) = Prosody::start(&Options::users(&["anna"])) else {
        return;
    };
    let middle = Middle::before(&server).await;
    let (mut anna, _) = Peer::online(account(&server, "anna", middle.port)).await;
    middle.add(
        "<stream:error><system-shutdown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
         <text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>back at noon</text></stream:error></stream:stream>",
    );
    let problem = anna.breaks().await;
    assert!(problem.contains("back at noon"), "{problem}");
    anna.stands().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_megabyte_of_one_agent_disturbs_no_other() {
    let Some(server) = Prosody::start(&Options::users(&["anna", "bert", "eve"])) else {
        return;
    };
    let (mut anna, is_anna) = Peer::online(account(&server, "anna", server.port)).await;
    let (bert, _) = Peer::online(account(&server, "bert", server.port)).await;
    let (mut eve, _) = Peer::online(account(&server, "eve", server.port)).await;
    eve.say(&is_anna, &"z".repeat(1_048_576)).await;
    let problem = eve.breaks().await;
    assert!(!problem.is_empty());
    bert.say(&is_anna, "served").await;
    assert_eq!(anna.hears().await, "served");
    // Whoever sent it is not held up for ever by it either.
    eve.stands().await;
    eve.say(&is_anna, "small").await;
    assert_eq!(anna.hears().await, "small");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_to_the_links_own_questions_are_nobody_elses() {
    let Some(server) = Prosody::start(&Options::users(&["anna", "bert"])) else {
        return;
    };
    let middle = Middle::before(&server).await;
    let (mut anna, is_anna) = Peer::online(account(&server, "anna", middle.port)).await;
    let (bert, _) = Peer::online(account(&server, "bert", server.port)).await;
    middle.add("<iq type='result' id='xmpp-rs-stanzastream-liveness-probe-7' from='localhost'/>");
    bert.say(&is_anna, "next").await;
    loop {
        if let Some(LinkEvent::Stanza(stanza)) = anna.event().await {
            match *stanza {
                Stanza::Iq(iq) => panic!("{iq:?}"),
                Stanza::Message(_) => return,
                Stanza::Presence(_) => {}
            }
        }
    }
}
