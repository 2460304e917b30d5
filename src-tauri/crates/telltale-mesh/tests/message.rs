//! Messages on the wire: SPADE's form, the envelope, and what is refused. No network.

use serde_json::{Value, json};
use telltale_core::model::Timestamp;
use telltale_mesh::Destination;
use telltale_mesh::message::{
    CONTROL, Draft, Envelope, MAX_BODY, MAX_RECEIPT_IDS, RESULT, Received, Refusal, Template, confirmed, decode,
    encode, encode_plain, envelope, receipt,
};
use xmpp_parsers::jid::{BareJid, Jid};
use xmpp_parsers::message::Message;
use xmpp_parsers::minidom::Element;

/// What a SPADE 4.1 agent sends, taken down from its log.
const SPADE: &str = r#"<message xmlns="jabber:client" id="eb54c0de" xml:lang="en" to="spade1@localhost" from="spade2@localhost/spade" type="chat"><body>{"n":0,"pad":""}</body><x xmlns="jabber:x:data" type="form"><field var="performative" type="text-single"><value>inform</value></field><field var="ontology" type="text-single"><value>telltale</value></field><field var="language" type="text-single"><value>json</value></field><field var="_thread_node" type="text-single"><value>th-42</value></field><title>spade:x:metadata</title></x></message>"#;
const ID: &str = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff";
/// 2026-01-02T03:04:05.006Z
const NOW: Timestamp = Timestamp(1_767_323_045_006_000_000);

fn parse(xml: &str) -> Message {
    let element: Element = xml.parse().expect("XML");
    Message::try_from(element).expect("a message")
}

/// Over the wire and back.
fn carried(mut message: Message, from: &str) -> Message {
    message.from = Some(Jid::new(from).expect("a JID"));
    let xml = String::from(&Element::from(message));
    parse(&xml)
}

fn us() -> BareJid {
    BareJid::new("spade1@localhost").expect("a JID")
}

fn read(message: &Message) -> Result<Received, Refusal> {
    decode(message, &us(), "correlator", NOW).map(|d| d.received)
}

fn draft() -> Draft {
    Draft {
        id: ID.to_owned(),
        performative: "inform".to_owned(),
        ontology: RESULT.to_owned(),
        thread: "th-1".to_owned(),
        body: json!({ "summary": "<b>&amp; \u{1} \r\n \u{FFFE} \u{FFFF} é 猫 \u{1F408}" }),
    }
}

fn ours(draft: &Draft, to: &Destination) -> Envelope {
    let from = BareJid::new("probe1@localhost").expect("a JID");
    envelope(draft, &from, to, 9, 17, NOW)
}

fn to_us() -> Destination {
    Destination::Agent("spade1@localhost".to_owned())
}

fn jid() -> Jid {
    Jid::new("spade1@localhost/a").expect("a JID")
}

/// A stanza with this text, from `probe1@localhost`.
fn with_text(text: &str) -> Message {
    let draft = Draft {
        body: Value::String(text.to_owned()),
        ..draft()
    };
    let mut message = encode_plain(&jid(), &draft).expect("a stanza");
    message.payloads.clear();
    carried(message, "probe1@localhost/x")
}

fn with_envelope(change: impl FnOnce(&mut Value)) -> Message {
    let mut value = serde_json::to_value(ours(&draft(), &to_us())).expect("JSON");
    value["body"] = json!({});
    change(&mut value);
    with_text(&value.to_string())
}

#[test]
fn what_spade_sends_is_read() {
    let read = decode(&parse(SPADE), &us(), "", NOW).expect("let in");
    let message = read.received;
    assert_eq!(message.from, "spade2@localhost");
    assert_eq!(message.resource.as_deref(), Some("spade"));
    assert_eq!(message.body, json!({ "n": 0, "pad": "" }));
    assert_eq!(message.thread, "th-42");
    assert!(!message.enveloped);
    let sighted = read.sighted.expect("its id is unique");
    assert_eq!((sighted.boot, sighted.seq, sighted.id.as_str()), (0, 0, "eb54c0de"));
    let wanted = [
        ("performative", "inform"),
        ("ontology", "telltale"),
        ("language", "json"),
    ];
    let wanted = wanted.map(|(a, b)| (a.to_owned(), b.to_owned())).to_vec();
    assert!(Template::new(wanted).matches(&message));
}

#[test]
fn what_spade_reads_is_sent() {
    for message in [
        encode_plain(
            &jid(),
            &Draft {
                body: json!({ "n": 1 }),
                ..draft()
            },
        ),
        encode(&jid(), &ours(&draft(), &to_us())),
    ] {
        let xml = Element::from(message.expect("a stanza"));
        assert_eq!(xml.attr("type"), Some("chat"));
        let form = xml.get_child("x", "jabber:x:data").expect("the form");
        assert_eq!(form.attr("type"), Some("form"));
        let title = form.get_child("title", "jabber:x:data").expect("its title");
        assert_eq!(title.text(), "spade:x:metadata");
        let fields: Vec<_> = form
            .children()
            .filter_map(|f| Some((f.attr("var")?.to_owned(), f.get_child("value", "jabber:x:data")?.text())))
            .collect();
        let wanted = [
            ("performative", "inform"),
            ("ontology", RESULT),
            ("language", "json"),
            ("_thread_node", "th-1"),
        ];
        assert_eq!(fields, wanted.map(|(a, b)| (a.to_owned(), b.to_owned())));
        assert!(xml.get_child("thread", "jabber:client").is_none());
    }
}

#[test]
fn an_envelope_comes_back_as_it_was() {
    let drafted = draft();
    let envelope = ours(&drafted, &to_us());
    assert_eq!(envelope.ts, "2026-01-02T03:04:05.006Z");
    let sent = encode(&jid(), &envelope).expect("a stanza");
    let decoded = decode(&carried(sent, "Probe1@localhost/Pi"), &us(), "", NOW).expect("let in");
    let sighted = decoded.sighted.expect("a number");
    assert_eq!(
        (sighted.from.as_str(), sighted.boot, sighted.seq),
        ("probe1@localhost", 9, 17)
    );
    assert_eq!(sighted.id, ID);
    let message = decoded.received;
    assert_eq!(message.body, drafted.body, "with characters that XML cannot say");
    assert_eq!(
        (message.performative.as_str(), message.ontology.as_str()),
        ("inform", RESULT)
    );
    assert!(message.enveloped);
}

#[test]
fn a_message_to_a_role_is_for_who_has_it() {
    let role = |role: &str| Destination::Role {
        role: role.to_owned(),
        duty: "store".to_owned(),
    };
    for (to, wanted) in [("correlator", true), ("observer", false), ("", false)] {
        let sent = encode(&jid(), &ours(&draft(), &role(to))).expect("a stanza");
        let read = read(&carried(sent, "probe1@localhost"));
        assert_eq!(read.is_ok(), wanted, "{to}: {read:?}");
    }
    let sent = encode(&jid(), &ours(&draft(), &role(""))).expect("a stanza");
    let nobody = decode(&carried(sent, "probe1@localhost"), &us(), "", NOW);
    assert_eq!(nobody, Err(Refusal::NotOurs), "no role is no role");
}

#[test]
fn lies_are_refused() {
    let refused = |change: fn(&mut Value)| read(&with_envelope(change)).expect_err("refused");
    assert!(read(&with_envelope(|_| ())).is_ok());
    assert_eq!(refused(|e| e["from"] = json!("corr@localhost")), Refusal::Forged);
    assert_eq!(
        refused(|e| e["from"] = json!("probe1@localhost/other")),
        Refusal::Forged
    );
    assert_eq!(refused(|e| e["from"] = json!("@")), Refusal::Forged);
    assert_eq!(refused(|e| e["to"] = json!("spade2@localhost")), Refusal::NotOurs);
    assert_eq!(refused(|e| e["v"] = json!(2)), Refusal::Version);
    assert_eq!(refused(|e| e["v"] = json!("1")), Refusal::Malformed);
    assert_eq!(refused(|e| e["id"] = json!("../../etc")), Refusal::Malformed);
    assert_eq!(refused(|e| e["seq"] = json!(-1)), Refusal::Malformed);
    assert_eq!(refused(|e| e["boot"] = json!(1e30)), Refusal::Malformed);
    assert_eq!(refused(|e| e["perf"] = json!("")), Refusal::Malformed);
    assert_eq!(refused(|e| e["onto"] = json!("x".repeat(257))), Refusal::Malformed);
    assert_eq!(refused(|e| e["thread"] = json!("a\nb")), Refusal::Malformed);
    assert_eq!(refused(|e| e["to"] = Value::Null), Refusal::Malformed);

    let sent = encode(&jid(), &ours(&draft(), &to_us())).expect("a stanza");
    let xml = String::from(&Element::from(sent)).replace("<value>inform</value>", "<value>request</value>");
    let lying = carried(parse(&xml), "probe1@localhost");
    assert_eq!(read(&lying), Err(Refusal::Disagrees));
}

#[test]
fn two_spellings_of_an_id_are_one() {
    let upper = with_envelope(|e| e["id"] = json!(ID.to_uppercase()));
    let braced = with_envelope(|e| e["id"] = json!(format!("{{{ID}}}")));
    for message in [upper, braced] {
        assert_eq!(read(&message).expect("let in").id, ID);
    }
}

#[test]
fn what_is_too_large_is_neither_sent_nor_read() {
    let large = |text: String| Draft {
        body: Value::String(text),
        ..draft()
    };
    let fits = large("x".repeat(MAX_BODY));
    assert!(encode_plain(&jid(), &fits).is_ok());
    assert_eq!(encode(&jid(), &ours(&fits, &to_us())), Err(Refusal::TooLarge));
    assert_eq!(
        encode_plain(&jid(), &large("x".repeat(MAX_BODY + 1))),
        Err(Refusal::TooLarge)
    );
    let swelling = large("&".repeat(MAX_BODY - 10));
    assert_eq!(
        encode_plain(&jid(), &swelling),
        Err(Refusal::TooLarge),
        "five times as large as XML"
    );
    assert_eq!(
        encode_plain(&jid(), &large("a\u{1}".to_owned())),
        Err(Refusal::Malformed)
    );
    let long = Draft {
        thread: "t".repeat(300),
        ..draft()
    };
    assert_eq!(encode_plain(&jid(), &long), Err(Refusal::FormTooLarge));

    let xml = SPADE.replace(r#"{"n":0,"pad":""}"#, &"x".repeat(MAX_BODY + 1));
    assert_eq!(read(&parse(&xml)), Err(Refusal::TooLarge));
    let xml = SPADE.replace("th-42", &"t".repeat(300));
    assert_eq!(read(&parse(&xml)), Err(Refusal::FormTooLarge));
    let many = "<field var='a'><value/></field>".repeat(40);
    let xml = SPADE.replace("<title>", &format!("{many}<title>"));
    assert_eq!(read(&parse(&xml)), Err(Refusal::FormTooLarge));
}

#[test]
fn what_is_no_message_of_agents_is_told_apart() {
    assert_eq!(
        read(&parse(&SPADE.replace("type=\"chat\"", "type=\"error\""))),
        Err(Refusal::Bounced)
    );
    let silent = r#"<message xmlns="jabber:client" from="a@b"><active xmlns="http://jabber.org/protocol/chatstates"/></message>"#;
    assert_eq!(read(&parse(silent)), Err(Refusal::NoBody));
    let nobody = r#"<message xmlns="jabber:client"><body>x</body></message>"#;
    assert_eq!(read(&parse(nobody)), Err(Refusal::NoSender));
    let other = SPADE.replace("spade:x:metadata", "another form");
    assert_eq!(read(&parse(&other)).expect("a text").performative, "");
    let text = read(&with_text("not {json")).expect("a text");
    assert_eq!(text.body, json!("not {json"));
    let counter = decode(&parse(&SPADE.replace("eb54c0de", "7")), &us(), "", NOW).expect("let in");
    assert_eq!(
        counter.sighted, None,
        "an id that begins anew with each start is not unique"
    );
}

#[test]
fn receipts_name_what_arrived() {
    let ids: Vec<String> = (0..MAX_RECEIPT_IDS + 5)
        .map(|n| format!("{n:08x}-8b86-4d01-b42d-00cf4fc964ff"))
        .collect();
    let drafted = receipt(&ids, "");
    let sent = encode(&jid(), &ours(&drafted, &to_us())).expect("within the limits");
    let message = read(&carried(sent, "probe1@localhost")).expect("let in");
    assert_eq!(confirmed(&message).expect("a receipt"), ids[..MAX_RECEIPT_IDS]);
    let odd = Received {
        body: json!({ "ids": [1, "x", ID, null] }),
        ..message.clone()
    };
    assert_eq!(confirmed(&odd), Some(vec![ID.to_owned()]));
    let none = Received {
        body: json!([]),
        ..message.clone()
    };
    assert_eq!(confirmed(&none), Some(vec![]));
    let other = Received {
        ontology: CONTROL.to_owned(),
        ..message
    };
    assert_eq!(confirmed(&other), None);
}

#[test]
fn no_octets_make_it_panic_and_none_changed_pass_as_another_sender() {
    let sent = encode(&jid(), &ours(&draft(), &to_us())).expect("a stanza");
    let whole = String::from(&Element::from(carried(sent, "probe1@localhost/x")));
    let (mut read_back, mut refused) = (0, 0);
    for text in [whole.as_str(), SPADE] {
        for at in 0..text.len() {
            for new in [b'<', b'"', b'}', b'0', b'\\', 0xFF] {
                let mut bytes = text.as_bytes().to_vec();
                bytes[at] = new;
                let Ok(xml) = String::from_utf8(bytes) else { continue };
                let Ok(element) = xml.parse::<Element>() else { continue };
                let Ok(message) = Message::try_from(element) else {
                    continue;
                };
                match decode(&message, &us(), "correlator", NOW) {
                    Ok(decoded) => {
                        let from = message.from.as_ref().expect("a sender").to_bare().to_string();
                        assert_eq!(decoded.received.from, from);
                        read_back += 1;
                    }
                    Err(_) => refused += 1,
                }
            }
        }
    }
    assert!(read_back > 500 && refused > 100, "{read_back} read, {refused} refused");
    let deep = "[".repeat(60_000);
    assert!(read(&with_text(&deep)).expect("a text").body.is_string());
    let prefixes: Vec<_> = (0..whole.len()).filter(|n| whole.is_char_boundary(*n)).collect();
    let body = serde_json::to_string(&ours(&draft(), &to_us())).expect("JSON");
    for n in prefixes
        .into_iter()
        .filter(|n| *n > 0 && *n < body.len() && body.is_char_boundary(*n))
    {
        let cut: String = body[..n]
            .chars()
            .filter(|c| !c.is_control() && *c < '\u{FFFE}')
            .collect();
        assert!(read(&with_text(&cut)).is_ok(), "a cut envelope is just a text");
    }
}
