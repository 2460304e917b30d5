//! Strangers, floods, lies, replays, and messages that are too large or none: none is let in, and everybody else is served.

use crate::disk::Disk;
use crate::roles::counted_once;
use crate::world::{Member, Raw, TestClock, config, draft, member, role, start, there, until};
use std::sync::Arc;
use std::time::Duration;
use telltale_core::model::{MeshPolicy, Timestamp};
use telltale_mesh::Destination;
use telltale_mesh::link::{Memory, Stanza};
use telltale_mesh::message::{Draft, encode, encode_plain, envelope};
use tokio::time::sleep;
use xmpp_parsers::iq::Iq;
use xmpp_parsers::jid::{BareJid, Jid};
use xmpp_parsers::message::{Lang, Message};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::presence::{Presence, Type};

const TO: &str = "c1@mesh";

fn server() -> Memory {
    let memory = Memory::new("mesh");
    memory.group(&["probe@mesh", TO, "evil@mesh"]);
    memory
}

fn to() -> Jid {
    Jid::new(TO).expect("an address")
}

/// A message of this boot and number, as an agent would send it.
fn message(from: &str, draft: &Draft, boot: u64, seq: u64) -> Message {
    let from = BareJid::new(from).expect("an address");
    let for_one = Destination::Agent(TO.to_owned());
    encode(&to(), &envelope(draft, &from, &for_one, boot, seq, Timestamp(0))).expect("a message")
}

async fn correlator(memory: &Memory) -> (Member, Arc<Disk>) {
    let disk: Arc<Disk> = Arc::default();
    let correlator = member(memory, TO, "correlator", &disk);
    until("it stands", || async { there(correlator.agent.agents().await.first()) }).await;
    (correlator, disk)
}

/// Everybody else is served.
async fn others_are_served(memory: &Memory, correlator: &Member) {
    let disk: Arc<Disk> = Arc::default();
    let before = correlator.got();
    let probe = member(memory, "probe@mesh", "probe", &disk);
    for n in 0..50 {
        probe
            .agent
            .tell(draft(n), role("correlator"))
            .await
            .expect("it is queued");
    }
    until("the honest one is served", || async { disk.outbox() == 0 }).await;
    assert_eq!(correlator.got(), before + 50);
}

#[tokio::test(start_paused = true)]
async fn a_stranger_is_not_let_in_and_learns_nothing() {
    let memory = server();
    let (correlator, _) = correlator(&memory).await;
    let mut stranger = Raw::open(&memory, "stranger@mesh").await;
    stranger.send(Presence::available()).await;
    stranger.send(message("stranger@mesh", &draft(1), 1, 1)).await;
    stranger.send(encode_plain(&to(), &draft(2)).expect("a message")).await;
    let place = correlator.agent.agents().await[0]
        .resource
        .clone()
        .expect("it is there");
    let full = Jid::new(&format!("{TO}/{place}")).expect("an address");
    let asks: Element = "<query xmlns='http://jabber.org/protocol/disco#info'/>"
        .parse()
        .expect("XML");
    let question = Iq::Get {
        from: None,
        to: Some(full),
        id: "q".to_owned(),
        payload: asks,
    };
    stranger.send(question).await;
    let answer = stranger.next().await;
    assert!(
        matches!(&answer, Some(Stanza::Iq(Iq::Error { error, .. }))
            if error.defined_condition == xmpp_parsers::stanza_error::DefinedCondition::ServiceUnavailable),
        "{answer:?}"
    );
    assert_eq!(correlator.got(), 0);
    assert_eq!(correlator.refused("stranger").await, 3);
    others_are_served(&memory, &correlator).await;
}

#[tokio::test(start_paused = true)]
async fn one_who_floods_is_let_in_as_fast_as_allowed_and_nobody_waits_for_it() {
    let memory = server();
    let mut settings = config(TO, "correlator", &TestClock::new());
    settings.limits.messages = telltale_mesh::message::Rate { per_s: 10, burst: 100 };
    let correlator = start(settings, memory.transport(TO), &Arc::default());
    until("it stands", || async { there(correlator.agent.agents().await.first()) }).await;
    let evil = Raw::open(&memory, "evil@mesh").await;
    for n in 0..20_000_u64 {
        evil.send(message("evil@mesh", &draft(1), 1, n + 1)).await;
    }
    others_are_served(&memory, &correlator).await;
    assert!(correlator.got() < 300, "{}", correlator.got());
    until("the rest was refused", || async {
        correlator.refused("flood").await > 19_000
    })
    .await;
    // Presence and questions are a flood, too.
    for n in 0..2_000 {
        let mut presence = Presence::available();
        presence.set_status("", format!("{n}"));
        evil.send(presence).await;
    }
    until("that, too", || async { correlator.refused("flood").await > 20_500 }).await;
}

#[tokio::test(start_paused = true)]
async fn who_lies_about_its_role_has_none() {
    let memory = server();
    let disk: Arc<Disk> = Arc::default();
    let probe = member(&memory, "probe@mesh", "probe", &disk);
    let liar = async |jid: &str, honest: bool| {
        let mut liar = Raw::open(&memory, jid).await;
        let mut presence = Presence::available();
        let caps =
            "<c xmlns='http://jabber.org/protocol/caps' node='n' hash='sha-1' ver='QgayPKawpkPSDYmwT/WM94uAlu0='/>";
        presence.payloads.push(caps.parse().expect("XML"));
        liar.send(presence).await;
        let mut asked = 0;
        while let Some(stanza) = liar.next().await {
            let Stanza::Iq(Iq::Get { from, id, .. }) = stanza else {
                continue;
            };
            asked += 1;
            let answer = "<query xmlns='http://jabber.org/protocol/disco#info'><identity category='automation' type='x'/>\
                <feature var='urn:telltale:mesh:1'/><feature var='urn:telltale:role:correlator'/></query>";
            let answer = Iq::Result {
                from: None,
                to: from,
                id,
                payload: honest.then(|| answer.parse().expect("XML")),
            };
            liar.send(answer).await;
        }
        (liar, asked)
    };
    // One who is let in, and whose answer is not what it announced; and a stranger, who is not even asked.
    let (_evil, asked) = liar("evil@mesh", true).await;
    assert_eq!(asked, 2, "it is asked once more, and then left");
    let (_mute, asked) = liar("evil@mesh", false).await;
    assert_eq!(asked, 2);
    let (_stranger, asked) = liar("stranger@mesh", true).await;
    assert_eq!(asked, 0);
    probe
        .agent
        .tell(draft(1), role("correlator"))
        .await
        .expect("it is queued");
    sleep(Duration::from_secs(30)).await;
    assert!(probe.agent.holders("correlator", "").await.is_empty());
    assert_eq!(disk.outbox(), 1, "it got nothing");
    assert!(probe.refused("other_than_announced").await >= 2);
    let (correlator, _) = correlator(&memory).await;
    until("the honest one has it", || async { correlator.got() == 1 }).await;
}

async fn next_iq(raw: &mut Raw) -> Iq {
    loop {
        if let Stanza::Iq(iq) = raw.next().await.expect("an answer") {
            return iq;
        }
    }
}

/// The hash of XEP-0115 is the same when features are put into a form: who answers so for somebody else's hash would take the role of all who
/// announce it.
#[tokio::test(start_paused = true)]
async fn who_answers_for_anothers_announcement_takes_nobodys_role() {
    let memory = server();
    let (first, _) = correlator(&memory).await;
    let mut evil = Raw::open(&memory, "evil@mesh").await;
    evil.send(Presence::available()).await;
    // What the correlator announces, and what it answers.
    let place = first.agent.agents().await[0].resource.clone().expect("it is there");
    let full = Jid::new(&format!("{TO}/{place}")).expect("an address");
    let caps = loop {
        if let Some(Stanza::Presence(presence)) = evil.next().await
            && presence.from.as_ref() == Some(&full)
            && let Some(caps) = presence.payloads.into_iter().find(|e| e.name() == "c")
        {
            break caps;
        }
    };
    let info = "http://jabber.org/protocol/disco#info";
    let question = Iq::Get {
        from: None,
        to: Some(full),
        id: "q".to_owned(),
        payload: format!("<query xmlns='{info}'/>").parse().expect("XML"),
    };
    evil.send(question).await;
    let honest = loop {
        if let Iq::Result { payload, .. } = next_iq(&mut evil).await {
            break payload.expect("what it can do");
        }
    };
    first.agent.close().await;

    let mut features: Vec<&str> = honest.children().filter_map(|c| c.attr("var")).collect();
    features.sort_unstable();
    let at = features
        .iter()
        .position(|f| f.starts_with("urn:telltale:"))
        .expect("its own");
    let (kept, hidden) = features.split_at(at);
    let all = |list: &[&str], one: fn(&str) -> String| list.iter().map(|f| one(f)).collect::<Vec<_>>().concat();
    let kept = all(kept, |f| format!("<feature var='{f}'/>"));
    let values = all(&hidden[2..], |f| format!("<value>{f}</value>"));
    let lie = format!(
        "<query xmlns='{info}'><identity category='automation' type='telltale' name='Telltale 1'/>{kept}\
         <x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'><value>{}</value></field>\
         <field var='{}' type='text-multi'>{values}</field></x></query>",
        hidden[0], hidden[1]
    );
    let probe = member(&memory, "probe@mesh", "probe", &Arc::default());
    until("it stands", || async { there(probe.agent.agents().await.first()) }).await;
    let mut presence = Presence::available();
    presence.payloads.push(caps);
    evil.send(presence).await;
    loop {
        if let Iq::Get { from, id, payload, .. } = next_iq(&mut evil).await
            && payload.attr("node").is_some()
        {
            let mut told: Element = lie.parse().expect("XML");
            let node = xmpp_parsers::minidom::rxml::NcName::try_from("node").expect("a name");
            told.set_attr(
                xmpp_parsers::minidom::rxml::Namespace::NONE,
                node,
                payload.attr("node").map(str::to_owned),
            );
            let answer = Iq::Result {
                from: None,
                to: from,
                id,
                payload: Some(told),
            };
            evil.send(answer).await;
            break;
        }
    }
    sleep(Duration::from_secs(1)).await;
    assert_eq!(probe.refused("other_than_announced").await, 0, "the hash is the same");
    assert!(
        probe.agent.holders("correlator", "").await.is_empty(),
        "it has no role itself"
    );
    let (_second, _) = correlator(&memory).await;
    until("the honest one has its role", || async {
        probe.agent.holders("correlator", "").await == [TO]
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_was_said_before_is_not_counted_again_and_what_others_said_is_not_believed() {
    let memory = server();
    let (correlator, _) = correlator(&memory).await;
    let evil = Raw::open(&memory, "evil@mesh").await;
    let first = draft(1);
    for _ in 0..20 {
        evil.send(message("evil@mesh", &first, 1, 5)).await;
    }
    until("it has come", || async { correlator.got() == 1 }).await;
    sleep(Duration::from_secs(1)).await;
    for _ in 0..20 {
        evil.send(message("evil@mesh", &first, 1, 5)).await;
        evil.send(message("evil@mesh", &first, 9, 1)).await;
    }
    // A number that was said before, with another id, and the words of another.
    evil.send(message("evil@mesh", &draft(2), 1, 5)).await;
    evil.send(message("probe@mesh", &draft(3), 1, 1)).await;
    let mut elsewhere = message("evil@mesh", &draft(4), 1, 6);
    let text = elsewhere
        .bodies
        .values()
        .next()
        .expect("a body")
        .replace(TO, "other@mesh");
    elsewhere.bodies.insert(Lang::new(), text);
    evil.send(elsewhere).await;
    until("all was refused", || async {
        correlator.refused("not_ours").await == 1
    })
    .await;
    assert_eq!(correlator.refused("replay").await, 1);
    assert_eq!(correlator.refused("forged").await, 1);
    assert_eq!(correlator.got(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_too_large_or_no_message_is_refused() {
    let memory = server();
    let (correlator, _) = correlator(&memory).await;
    let evil = Raw::open(&memory, "evil@mesh").await;
    let text = |text: String| Message::chat(Some(to())).with_body(Lang::new(), text);
    evil.send(text("x".repeat(1_000_000))).await;
    evil.send(text(r#"{"v":1,"id":"no","boot":1,"seq":1,"perf":"inform"}"#.to_owned()))
        .await;
    evil.send(text(r#"{"v":9,"id":"8f14e45f-ceea-467f-9575-1f0a1b2c3d4e","from":"evil@mesh","to":"c1@mesh","boot":1,"seq":1,"ts":"","perf":"inform","onto":"","thread":"","body":1}"#.to_owned())).await;
    let mut deep = text("1".to_owned());
    for _ in 0..100 {
        let form = "<x xmlns='jabber:x:data' type='form'><title>spade:x:metadata</title></x>";
        let mut form: Element = form.parse().expect("XML");
        for _ in 0..100 {
            form.append_child(
                "<field xmlns='jabber:x:data' var='x'><value>1</value></field>"
                    .parse()
                    .expect("XML"),
            );
        }
        deep.payloads.push(form);
    }
    evil.send(deep).await;
    evil.send(Message::chat(Some(to()))).await;
    until("all was refused", || async {
        correlator.refused("form_too_large").await == 1
    })
    .await;
    assert_eq!(correlator.refused("too_large").await, 1);
    assert_eq!(correlator.refused("malformed").await, 1);
    assert_eq!(correlator.refused("version").await, 1);
    assert_eq!(correlator.got(), 0);
    others_are_served(&memory, &correlator).await;
}

#[tokio::test(start_paused = true)]
async fn nobody_confirms_or_brings_back_a_message_that_it_did_not_get() {
    let memory = server();
    let disk: Arc<Disk> = Arc::default();
    let probe = member(&memory, "probe@mesh", "probe", &disk);
    until("it stands", || async { there(probe.agent.agents().await.first()) }).await;
    // Whoever has the role is there and says nothing; another one says that it has what was sent.
    let silent = member(&memory, TO, "correlator", &Arc::default());
    until("it is found", || async {
        probe.agent.holders("correlator", "").await.len() == 1
    })
    .await;
    memory.kill(TO);
    let sent = draft(1);
    probe
        .agent
        .tell(sent.clone(), role("correlator"))
        .await
        .expect("it is queued");
    let evil = Raw::open(&memory, "evil@mesh").await;
    let lie = telltale_mesh::message::receipt(std::slice::from_ref(&sent.id), "t");
    let probe_jid = Jid::new("probe@mesh").expect("an address");
    evil.send(encode_plain(&probe_jid, &lie).expect("a message")).await;
    let mut bounce = Message::error(Some(probe_jid));
    bounce.id = Some(xmpp_parsers::message::Id(sent.id));
    evil.send(bounce).await;
    until("the lie has come", || async { probe.refused("bounced").await == 1 }).await;
    assert_eq!(disk.outbox(), 1);
    drop(silent);
}

#[tokio::test(start_paused = true)]
async fn who_is_refused_by_the_owner_is_out_from_then_on() {
    let memory = server();
    let (correlator, _) = correlator(&memory).await;
    let evil = Raw::open(&memory, "evil@mesh").await;
    evil.send(message("evil@mesh", &draft(1), 1, 1)).await;
    until("it has come", || async { correlator.got() == 1 }).await;
    let policy = MeshPolicy {
        roster_group: true,
        deny: vec!["evil@mesh".to_owned()],
        ..MeshPolicy::default()
    };
    correlator.agent.set_policy(policy).await;
    let mut asks = Presence::new(Type::Subscribe);
    asks.to = Some(to());
    evil.send(message("evil@mesh", &draft(2), 1, 2)).await;
    evil.send(asks).await;
    until("it is out", || async { correlator.refused("denied").await == 1 }).await;
    assert_eq!(correlator.refused("stranger").await, 1);
    assert_eq!(correlator.got(), 1);
    assert!(correlator.sees("evil@mesh").await.is_some_and(|a| !a.trusted));
    counted_once(&[&correlator], 1);
}
