//! Resolvers that agree, lie, fail, and send what is no answer.

use super::servers::{answer, dns, octets};
use super::{context, look};
use crate::checks::{Found, Problem};
use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::RecordType;
use std::net::SocketAddr;
use telltale_core::model::Check;

async fn ask(record: &str, resolvers: &[SocketAddr], timeout_s: u32) -> Found {
    let check = Check::Dns {
        name: "www.example.org".to_owned(),
        record: record.to_owned(),
        resolvers: resolvers.iter().map(ToString::to_string).collect(),
    };
    look(&check, timeout_s, &context()).await
}

fn honest(question: &Message) -> Vec<Vec<u8>> {
    let records = [(RecordType::A, "203.0.113.8"), (RecordType::A, "203.0.113.7")];
    vec![octets(&answer(question, ResponseCode::NoError, &records))]
}

/// As `honest`, in another order.
fn turned(question: &Message) -> Vec<Vec<u8>> {
    let records = [(RecordType::A, "203.0.113.7"), (RecordType::A, "203.0.113.8")];
    vec![octets(&answer(question, ResponseCode::NoError, &records))]
}

fn liar(question: &Message) -> Vec<Vec<u8>> {
    vec![octets(&answer(
        question,
        ResponseCode::NoError,
        &[(RecordType::A, "10.0.0.1")],
    ))]
}

fn denier(question: &Message) -> Vec<Vec<u8>> {
    vec![octets(&answer(question, ResponseCode::NXDomain, &[]))]
}

fn mute(_question: &Message) -> Vec<Vec<u8>> {
    Vec::new()
}

#[tokio::test]
async fn resolvers_that_say_the_same_agree_in_any_order() {
    let (one, two) = (dns(honest).await, dns(turned).await);
    let found = ask("A", &[one, two], 5).await;
    assert_eq!(found.facts["agree"], true, "{found:?}");
    assert_eq!(
        found.facts["answers"],
        serde_json::json!(["203.0.113.7", "203.0.113.8"])
    );
    assert_eq!(found.facts["resolvers"][1]["code"], "NOERROR");
    assert_eq!(found.facts["measured"]["resolvers"][0]["ttl_s"], 300);
    assert!(found.problem.is_none());
}

#[tokio::test]
async fn the_one_that_says_something_else_is_named() {
    let all = [
        dns(liar).await,
        dns(honest).await,
        dns(turned).await,
        dns(mute).await,
        dns(denier).await,
    ];
    let found = ask("A", &all, 2).await;
    assert_eq!(found.facts["agree"], false);
    assert_eq!(
        found.facts["different"],
        serde_json::json!([all[0].to_string(), all[4].to_string()])
    );
    assert_eq!(found.facts["silent"], serde_json::json!([all[3].to_string()]));
    assert_eq!(found.facts["resolvers"][4]["code"], "NXDOMAIN");
    assert!(found.summary.starts_with("2 of 4 resolvers"), "{}", found.summary);
    assert!(found.problem.is_none());
}

#[tokio::test]
async fn nobody_who_answers_is_a_problem() {
    let silent = dns(mute).await;
    let closed = SocketAddr::from(([127, 0, 0, 1], 1));
    let found = ask("A", &[silent, closed], 1).await;
    assert!(matches!(found.problem, Some(Problem::Failed(_))), "{found:?}");
    assert_eq!(found.facts["resolvers"][1]["why"], "it refuses");
}

#[tokio::test]
async fn what_is_no_answer_to_the_question_is_let_pass() {
    let found = ask("A", &[dns(forged_before).await], 5).await;
    assert_eq!(
        found.facts["answers"],
        serde_json::json!(["203.0.113.7", "203.0.113.8"]),
        "{found:?}"
    );
}

/// Garbage, a cut answer, another id, another question, an echo; then the answer.
fn forged_before(question: &Message) -> Vec<Vec<u8>> {
    let good = octets(&answer(question, ResponseCode::NoError, &[(RecordType::A, "10.6.6.6")]));
    let mut other_id = good.clone();
    other_id[0] ^= 0xff;
    let mut other_name = good.clone();
    other_name[13] ^= 0x01;
    let mut all = vec![
        vec![0xff; 700],
        good[..good.len() / 2].to_vec(),
        Vec::new(),
        other_id,
        other_name,
    ];
    all.push(octets(question));
    all.extend(honest(question));
    all
}

/// Too long for a datagram: over UDP it is told to be cut, over TCP there are many records.
fn long(question: &Message) -> Vec<Vec<u8>> {
    let texts: Vec<_> = (100..160).map(|n| format!("{n}{}", "x".repeat(50))).collect();
    let records: Vec<_> = texts.iter().map(|t| (RecordType::TXT, t.as_str())).collect();
    let over_tcp = question.metadata.checking_disabled;
    let mut message = answer(question, ResponseCode::NoError, if over_tcp { &records } else { &[] });
    message.metadata.truncation = !over_tcp;
    vec![octets(&message)]
}

#[tokio::test]
async fn an_answer_that_is_too_long_comes_over_tcp() {
    let found = ask("TXT", &[dns(long).await], 5).await;
    assert_eq!(found.facts["answers"].as_array().map(Vec::len), Some(60), "{found:?}");
}

/// Text that would clear a terminal, or turn the direction of writing.
fn painter(question: &Message) -> Vec<Vec<u8>> {
    let text = "\u{1b}[2J\u{7}\r\n\u{202e}evil \u{0}";
    vec![octets(&answer(
        question,
        ResponseCode::NoError,
        &[(RecordType::TXT, text)],
    ))]
}

#[tokio::test]
async fn control_characters_of_a_record_are_written_out() {
    let found = ask("TXT", &[dns(painter).await], 5).await;
    let text = found.facts["answers"][0].as_str().expect("a text");
    assert!(text.contains("evil") && text.contains("\\u{1b}[2J"), "{text:?}");
    assert!(!text.contains('\u{202e}'), "{text:?}");
}

#[tokio::test]
async fn no_answer_makes_the_reader_fall() {
    // Every octet of an answer turned, one after the other: some are answers, none is a panic.
    let question = {
        let mut question = Message::query();
        let name = crate::checks::resolver::name("www.example.org").expect("a name");
        question.add_query(hickory_resolver::proto::op::Query::query(name, RecordType::A));
        question
    };
    let good = honest(&question).remove(0);
    for at in 0..good.len() {
        for turned in [0x01, 0x80, 0xff] {
            let mut bad = good.clone();
            bad[at] ^= turned;
            if let Ok(message) = Message::from_vec(&bad) {
                let read = crate::checks::resolver::read(&message, RecordType::A, std::time::Duration::ZERO);
                assert!(read.records.len() <= 100);
            }
        }
    }
}
