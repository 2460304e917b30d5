//! Servers that lie during the login get neither the password nor our processor.

use crate::fake::{Fake, HEAD, Script};
use crate::peer::Peer;
use crate::prosody::there;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::time::{Duration, Instant};
use telltale_core::model::{MeshRefusal, MeshTls, MeshTrust};
use telltale_mesh::link::{Account, LinkEvent};

const SCRAM: &str = "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\
                     <mechanism>PLAIN</mechanism><mechanism>SCRAM-SHA-256</mechanism></mechanisms></stream:features>";

async fn calls(script: Script) -> Option<Peer> {
    if !there(&["openssl"]) {
        return None;
    }
    let server = Fake::start(script).await;
    Some(Peer::open(Account {
        jid: "anna@localhost".to_owned(),
        password: "s3cret".to_owned(),
        server: Some(format!("127.0.0.1:{}", server.port)),
        tls: MeshTls::Direct,
        trust: MeshTrust::Authority {
            pem: server.authority(),
        },
        resource: None,
    }))
}

/// The text of an `<auth/>` or `<response/>`, decoded.
fn decoded(said: &str) -> String {
    let text = said.rsplit_once("</").and_then(|(text, _)| text.rsplit_once('>'));
    let text = text.expect("an element").1;
    String::from_utf8(STANDARD.decode(text).expect("base64")).expect("text")
}

/// A challenge whose nonce goes on from the one in `said`, where there is `more` of it; else it is of another login.
fn challenge(said: &str, more: &str, rounds: &str) -> String {
    let said = decoded(said);
    let ours = if more.is_empty() {
        "another"
    } else {
        said.rsplit_once("r=").expect("a nonce").1
    };
    let text = format!("r={ours}{more},s={},i={rounds}", STANDARD.encode("salt"));
    let text = STANDARD.encode(text);
    format!("<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{text}</challenge>")
}

fn offers_scram(said: &str) -> Option<String> {
    said.ends_with('>').then(|| format!("{HEAD}{SCRAM}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_wants_a_billion_rounds_gets_none() {
    let begun = Instant::now();
    let script: Script = |said, answered| match answered {
        0 => offers_scram(said),
        1 => said.contains("</auth>").then(|| challenge(said, "more", "4000000000")),
        _ => None,
    };
    let Some(mut anna) = calls(script).await else {
        return;
    };
    let problem = anna.breaks().await;
    assert!(problem.contains("makes no sense"), "{problem}");
    assert!(begun.elapsed() < Duration::from_mins(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_wants_a_proof_that_is_quick_to_guess_from_gets_none() {
    let script: Script = |said, answered| match answered {
        0 => offers_scram(said),
        1 => said.contains("</auth>").then(|| challenge(said, "more", "1")),
        _ => None,
    };
    let Some(mut anna) = calls(script).await else {
        return;
    };
    let (why, problem) = anna.refused().await;
    assert_eq!(why, MeshRefusal::NoSafeLogin);
    assert!(problem.contains("1 rounds"), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_answers_another_login_gets_nothing() {
    let script: Script = |said, answered| match answered {
        0 => offers_scram(said),
        1 => said.contains("</auth>").then(|| challenge(said, "", "4096")),
        _ => None,
    };
    let Some(mut anna) = calls(script).await else {
        return;
    };
    let problem = anna.breaks().await;
    assert!(problem.contains("makes no sense"), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_lets_everybody_in_does_not_know_the_password() {
    let script: Script = |said, answered| match answered {
        0 => offers_scram(said),
        1 => said.contains("</auth>").then(|| challenge(said, "more", "4096")),
        2 => said.contains("</response>").then(|| {
            let proof = if decoded(said).contains("s3cret") {
                "it got the password".to_owned()
            } else {
                STANDARD.encode(format!("v={}", STANDARD.encode([7; 32])))
            };
            format!("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{proof}</success>")
        }),
        _ => None,
    };
    let Some(mut anna) = calls(script).await else {
        return;
    };
    let (why, problem) = anna.refused().await;
    assert_eq!(why, MeshRefusal::NoSafeLogin);
    assert!(problem.contains("without proving"), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_no_server_is_told() {
    let scripts: [Script; 3] = [
        |_, _| Some("<stream:stream ".repeat(2_000)),
        |_, _| Some("HTTP/1.1 400 Bad Request\r\n\r\n<html>".to_owned()),
        |said, answered| (answered == 0 && said.ends_with('>')).then(|| format!("{HEAD}<stream:features/>")),
    ];
    for script in scripts {
        let Some(mut anna) = calls(script).await else {
            return;
        };
        match anna.event().await {
            Some(LinkEvent::Offline { .. }) => {}
            Some(LinkEvent::Refused { why, .. }) => assert_eq!(why, MeshRefusal::NoSafeLogin),
            other => panic!("{other:?}"),
        }
    }
}
