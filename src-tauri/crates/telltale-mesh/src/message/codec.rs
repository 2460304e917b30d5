//! A message as an XMPP stanza, and back. Whatever a stranger sends is either read whole or refused with a [`Refusal`].

use super::{Draft, Envelope, MAX_BODY, Received, Refusal};
use crate::Sighted;
use serde_json::Value;
use telltale_core::model::Timestamp;
use uuid::Uuid;
use xmpp_parsers::data_forms::{DataForm, DataFormType, Field, FieldType};
use xmpp_parsers::jid::{BareJid, Jid};
use xmpp_parsers::message::{Id, Lang, Message, MessageType};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;

/// Version of the envelope.
const VERSION: u32 = 1;
/// Title of SPADE's form; it has no `FORM_TYPE`.
const TITLE: &str = "spade:x:metadata";
/// The form's field for the conversation; SPADE does not use `<thread/>`.
const THREAD: &str = "_thread_node";
/// What a message to a role begins its `to` with.
const ROLE: &str = "role:";
/// Fields of a form at most; SPADE's own has four, metadata of others some more.
const MAX_FIELDS: usize = 32;
/// Octets of one of the words around a body: performative, ontology, language, conversation.
const MAX_WORD: usize = 256;
/// Characters of a stanza's id from which on it is taken to be unique: shorter ones are counters that begin anew with each start.
const UNIQUE_ID: usize = 8;
/// Octets of a text at most once `&`, `<` and `>` are written as XML wants them: servers end the connection above 256 kB a stanza, and a
/// message that ends the connection each time it is sent would keep all others from arriving.
const MAX_ESCAPED: usize = 196_608;
/// What all envelopes have, so that one that lacks something is refused, and any other JSON is just a text.
const MARKS: [&str; 5] = ["v", "id", "boot", "seq", "perf"];

/// What stands around a body in SPADE's form. What is empty is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// FIPA performative.
    pub performative: String,
    /// Ontology.
    pub ontology: String,
    /// Language of the body.
    pub language: String,
    /// The conversation.
    pub thread: String,
}

/// A message that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// What it says.
    pub received: Received,
    /// By what it is known again; `None`: it has nothing unique. One without an envelope has boot and number 0, and counts by its id.
    pub sighted: Option<Sighted>,
}

/// The envelope of a draft; `to` is a bare JID, or a role.
pub fn envelope(
    draft: &Draft,
    from: &BareJid,
    to: &crate::Destination,
    boot: u64,
    seq: u64,
    now: Timestamp,
) -> Envelope {
    Envelope {
        v: VERSION,
        id: draft.id.clone(),
        from: from.to_string(),
        to: match to {
            crate::Destination::Agent(jid) => jid.clone(),
            crate::Destination::Role { role, .. } => format!("{ROLE}{role}"),
        },
        boot,
        seq,
        ts: moment(now),
        perf: draft.performative.clone(),
        onto: draft.ontology.clone(),
        thread: draft.thread.clone(),
        body: draft.body.clone(),
    }
}

/// RFC 3339, UTC.
pub(crate) fn moment(at: Timestamp) -> String {
    jiff::Timestamp::from_nanosecond(i128::from(at.0)).map_or_else(|_| String::new(), |at| format!("{at:.3}"))
}

/// The stanza of an envelope, for one that reads envelopes.
pub fn encode(to: &Jid, envelope: &Envelope) -> Result<Message, Refusal> {
    let body = serde_json::to_string(envelope).map_err(|_| Refusal::Malformed)?;
    let body = for_xml(body);
    let form = Form {
        performative: envelope.perf.clone(),
        ontology: envelope.onto.clone(),
        language: "json".to_owned(),
        thread: envelope.thread.clone(),
    };
    stanza(to, &envelope.id, &form, body)
}

/// The stanza of a draft for one that reads no envelopes (SPADE): the body is all of the text.
pub fn encode_plain(to: &Jid, draft: &Draft) -> Result<Message, Refusal> {
    let (language, body) = match &draft.body {
        Value::String(text) => ("text", text.clone()),
        other => ("json", for_xml(other.to_string())),
    };
    let form = Form {
        performative: draft.performative.clone(),
        ontology: draft.ontology.clone(),
        language: language.to_owned(),
        thread: draft.thread.clone(),
    };
    stanza(to, &draft.id, &form, body)
}

fn stanza(to: &Jid, id: &str, form: &Form, body: String) -> Result<Message, Refusal> {
    if body.len() > MAX_BODY || escaped(&body) > MAX_ESCAPED {
        return Err(Refusal::TooLarge);
    }
    if id.len() > MAX_WORD || ![id, &body].iter().all(|text| text.chars().all(in_xml)) {
        return Err(Refusal::Malformed);
    }
    let mut message = Message::chat(to.clone());
    message.id = Some(Id(id.to_owned()));
    message.bodies.insert(Lang::new(), body);
    message.payloads.push(form.element()?);
    Ok(message)
}

/// Whether XML 1.0 can say a character; one that it cannot ends the connection. It also turns a return into a line feed, so that is left
/// to JSON, which escapes it.
pub(crate) fn in_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

/// JSON text without the two characters that JSON may say as they are and XML may not; they can only stand within its strings.
fn for_xml(json: String) -> String {
    if json.chars().all(in_xml) {
        return json;
    }
    json.replace('\u{FFFE}', "\\ufffe").replace('\u{FFFF}', "\\uffff")
}

/// Octets of a text once it is written as XML.
fn escaped(text: &str) -> usize {
    let more = text.bytes().map(|b| match b {
        b'&' | b'<' | b'>' => 4,
        _ => 0,
    });
    text.len() + more.sum::<usize>()
}

impl Form {
    fn element(&self) -> Result<Element, Refusal> {
        let pairs = [
            ("performative", &self.performative),
            ("ontology", &self.ontology),
            ("language", &self.language),
            (THREAD, &self.thread),
        ];
        if pairs.iter().any(|(_, value)| value.len() > MAX_WORD) {
            return Err(Refusal::FormTooLarge);
        }
        if !pairs.iter().all(|(_, value)| value.chars().all(in_xml)) {
            return Err(Refusal::Malformed);
        }
        let said = pairs.iter().filter(|(_, value)| !value.is_empty());
        let form = DataForm {
            type_: DataFormType::Form,
            title: Some(TITLE.to_owned()),
            instructions: None,
            fields: said
                .map(|(name, value)| Field::new(name, FieldType::TextSingle).with_value(value))
                .collect(),
        };
        Ok(form.into())
    }

    /// Reads SPADE's form out of a stanza; `None` where there is none. Of two fields of one name the first counts.
    pub fn of(message: &Message) -> Result<Option<Self>, Refusal> {
        let titled = |x: &&Element| x.is("x", ns::DATA_FORMS) && title(x) == TITLE;
        let Some(x) = message.payloads.iter().find(titled) else {
            return Ok(None);
        };
        let mut form = Self::default();
        for (n, field) in x.children().filter(|c| c.is("field", ns::DATA_FORMS)).enumerate() {
            if n >= MAX_FIELDS {
                return Err(Refusal::FormTooLarge);
            }
            let place = match field.attr("var") {
                Some("performative") => &mut form.performative,
                Some("ontology") => &mut form.ontology,
                Some("language") => &mut form.language,
                Some(THREAD) => &mut form.thread,
                _ => continue,
            };
            let value = field.get_child("value", ns::DATA_FORMS).map(Element::text);
            let value = value.unwrap_or_default();
            if value.len() > MAX_WORD {
                return Err(Refusal::FormTooLarge);
            }
            if place.is_empty() {
                *place = value;
            }
        }
        Ok(Some(form))
    }
}

fn title(form: &Element) -> String {
    form.get_child("title", ns::DATA_FORMS)
        .map(Element::text)
        .unwrap_or_default()
}

/// Reads a stanza that came for `ours`, whose role is `role`. Who may send what is not looked at here.
pub fn decode(message: &Message, ours: &BareJid, role: &str, at: Timestamp) -> Result<Decoded, Refusal> {
    if message.type_ == MessageType::Error {
        return Err(Refusal::Bounced);
    }
    let text = message.get_best_body(vec![]).map(|(_, text)| text.as_str());
    let text = text.filter(|text| !text.is_empty()).ok_or(Refusal::NoBody)?;
    let sender = message.from.as_ref().ok_or(Refusal::NoSender)?;
    if text.len() > MAX_BODY {
        return Err(Refusal::TooLarge);
    }
    let form = Form::of(message)?;
    let body = serde_json::from_str::<Value>(text);
    let outside = Outside {
        from: sender.to_bare(),
        resource: sender.resource().map(ToString::to_string),
        at,
    };
    match body {
        Ok(Value::Object(fields)) if MARKS.iter().all(|mark| fields.contains_key(*mark)) => {
            let envelope = serde_json::from_value(Value::Object(fields)).map_err(|_| Refusal::Malformed)?;
            enveloped(envelope, form.as_ref(), outside, ours, role)
        }
        body => {
            let body = body.unwrap_or_else(|_| Value::String(text.to_owned()));
            Ok(plain(message, body, form.unwrap_or_default(), outside))
        }
    }
}

/// What the server says of a message.
struct Outside {
    from: BareJid,
    resource: Option<String>,
    at: Timestamp,
}

fn enveloped(
    envelope: Envelope,
    form: Option<&Form>,
    outside: Outside,
    ours: &BareJid,
    role: &str,
) -> Result<Decoded, Refusal> {
    if envelope.v != VERSION {
        return Err(Refusal::Version);
    }
    let id = Uuid::parse_str(&envelope.id)
        .map_err(|_| Refusal::Malformed)?
        .to_string();
    let words = [&envelope.perf, &envelope.onto, &envelope.thread];
    if envelope.perf.is_empty() || words.iter().any(|w| w.len() > MAX_WORD || w.contains(char::is_control)) {
        return Err(Refusal::Malformed);
    }
    // Compared as JIDs: the server's form of one is folded, the sender's need not be.
    if BareJid::new(&envelope.from).ok().as_ref() != Some(&outside.from) {
        return Err(Refusal::Forged);
    }
    let for_us = match envelope.to.strip_prefix(ROLE) {
        Some(wanted) => !wanted.is_empty() && wanted == role,
        None => BareJid::new(&envelope.to).ok().as_ref() == Some(ours),
    };
    if !for_us {
        return Err(Refusal::NotOurs);
    }
    if form
        .is_some_and(|f| f.performative != envelope.perf || f.ontology != envelope.onto || f.thread != envelope.thread)
    {
        return Err(Refusal::Disagrees);
    }
    let from = outside.from.to_string();
    let sighted = Sighted {
        from: from.clone(),
        boot: envelope.boot,
        seq: envelope.seq,
        id: id.clone(),
    };
    let received = Received {
        from,
        resource: outside.resource,
        at: outside.at,
        id,
        performative: envelope.perf,
        ontology: envelope.onto,
        language: "json".to_owned(),
        thread: envelope.thread,
        body: envelope.body,
        enveloped: true,
    };
    Ok(Decoded {
        received,
        sighted: Some(sighted),
    })
}

fn plain(message: &Message, body: Value, form: Form, outside: Outside) -> Decoded {
    let from = outside.from.to_string();
    let said = message.id.as_ref().map(|id| id.0.as_str());
    let unique = said.filter(|id| (UNIQUE_ID..=MAX_WORD).contains(&id.len()));
    let sighted = unique.map(|id| Sighted {
        from: from.clone(),
        boot: 0,
        seq: 0,
        id: id.to_owned(),
    });
    let thread = message.thread.as_ref().map(|t| t.id.clone());
    let thread = thread.filter(|t| form.thread.is_empty() && t.len() <= MAX_WORD);
    let received = Received {
        from,
        resource: outside.resource,
        at: outside.at,
        id: unique.map_or_else(|| Uuid::new_v4().to_string(), ToOwned::to_owned),
        performative: form.performative,
        ontology: form.ontology,
        language: form.language,
        thread: thread.unwrap_or(form.thread),
        body,
        enveloped: false,
    };
    Decoded { received, sighted }
}
