//! Ad-hoc commands (XEP-0050): an agent's state for all who are let in, control for those whom the owner names.
//!
//! They are not encrypted end to end, so the server could forge them: that is why control is nobody's unless the owner says so, and why
//! it is a choice of three words and a probe's name, never a command line.

use super::answers::Answer;
use super::caps::COMMANDS;
use super::heard::{ControlAction, Heard, Settled};
use super::task::Task;
use super::xml::{MAX_NAME, around, bare, element, said};
use std::collections::HashMap;
use std::time::Duration;
use telltale_core::model::Show;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};
use uuid::Uuid;
use xmpp_parsers::data_forms::{DataForm, DataFormType, Field, FieldType, Option_};
use xmpp_parsers::jid::Jid;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns::DATA_FORMS;
use xmpp_parsers::stanza_error::DefinedCondition;

const STATUS: &str = "urn:telltale:command:status";
const CONTROL: &str = "urn:telltale:command:control";
/// A dialogue that is not ended is forgotten after this time.
const SESSION: Duration = Duration::from_mins(10);
/// Dialogues at the same time at most.
const MAX_SESSIONS: usize = 64;
/// The owner's answer is waited for so long.
const PATIENCE: Duration = Duration::from_secs(20);

/// Dialogues that wait for a form, each bound to who began it.
#[derive(Debug, Default)]
pub(super) struct Sessions(HashMap<String, (Jid, Instant)>);

impl Sessions {
    /// Begins one; `None`: there are too many.
    fn begin(&mut self, with: &Jid, now: Instant) -> Option<String> {
        self.0.retain(|_, (who, _)| who != with);
        if self.0.len() >= MAX_SESSIONS {
            return None;
        }
        let id = Uuid::new_v4().to_string();
        self.0.insert(id.clone(), (with.clone(), now + SESSION));
        Some(id)
    }

    /// Ends one, if it is of this one.
    fn end(&mut self, id: &str, with: &Jid) -> bool {
        let theirs = self.0.get(id).is_some_and(|(who, _)| who == with);
        theirs && self.0.remove(id).is_some()
    }

    /// Forgets those that were not ended.
    pub(super) fn forget(&mut self, now: Instant) {
        self.0.retain(|_, (_, until)| *until > now);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The owner's answer to a command, on its way to who gave it.
#[derive(Debug)]
pub(super) struct Controlled {
    pub(super) to: Jid,
    pub(super) id: String,
    session: String,
    words: Result<String, String>,
}

impl Controlled {
    pub(super) fn element(&self) -> Element {
        let (kind, words) = match &self.words {
            Ok(words) => ("info", words),
            Err(words) => ("error", words),
        };
        let mut note = element("note", COMMANDS, &[("type", kind)]);
        note.append_text(said(words));
        command(CONTROL, &self.session, "completed", [note])
    }
}

/// The name of a command, for people.
pub(super) fn name(node: &str) -> Option<&'static str> {
    match node {
        STATUS => Some("State of this agent"),
        CONTROL => Some("Run, pause or resume a probe"),
        _ => None,
    }
}

/// Commands that somebody may give: node and name.
pub(super) fn offered(control: bool) -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = [STATUS, CONTROL]
        .into_iter()
        .filter(move |node| control || *node == STATUS);
    all.filter_map(|node| Some((node, name(node)?)))
}

impl Task {
    pub(super) fn may_control(&self, jid: &Jid) -> bool {
        let who = jid.to_bare();
        let named = self
            .config
            .control
            .iter()
            .any(|jid| bare(jid).ok().as_ref() == Some(&who));
        named && self.peers.trusts(&who)
    }

    /// Somebody who is let in gives a command. `None`: it is answered later.
    pub(super) fn command(&mut self, from: &Jid, id: &str, payload: &Element) -> Option<Answer> {
        let node = payload.attr("node").unwrap_or_default();
        let session = payload.attr("sessionid").unwrap_or_default();
        let ended = matches!(payload.attr("action"), Some("cancel"));
        match node {
            STATUS => Some(Ok(Some(self.state()))),
            CONTROL if !self.may_control(from) => {
                self.count("no_control");
                Some(Err(DefinedCondition::Forbidden))
            }
            CONTROL if ended => {
                self.sessions.end(session, from);
                Some(Ok(Some(command(CONTROL, session, "canceled", []))))
            }
            // Some programs say no action when they send the form: a form is what counts.
            CONTROL => match payload.get_child("x", DATA_FORMS) {
                None => Some(self.begin_control(from)),
                Some(form) => self.control(from, id, session, form),
            },
            _ => Some(Err(DefinedCondition::ItemNotFound)),
        }
    }

    fn state(&self) -> Element {
        let abilities = &self.ours.abilities;
        let counts = self.counts();
        let refused: u32 = counts.refused.iter().fold(0, |sum, (_, n)| sum.saturating_add(*n));
        let show = match self.show {
            Show::Chat => "chat",
            Show::Available => "available",
            Show::Away => "away",
            Show::ExtendedAway => "xa",
            Show::Busy => "dnd",
            Show::Offline => "offline",
        };
        let facts = [
            ("role", abilities.role.clone().unwrap_or_default()),
            ("duties", abilities.duties.join(" ")),
            ("software", abilities.software.clone().unwrap_or_default()),
            ("show", show.to_owned()),
            ("status", self.status.clone()),
            ("load", self.load.to_string()),
            ("outbox", counts.outbox.to_string()),
            ("refused", refused.to_string()),
        ];
        let fields = facts.iter().map(|(name, value)| Field::text_single(name, value));
        let form = DataForm {
            type_: DataFormType::Result_,
            title: name(STATUS).map(ToOwned::to_owned),
            instructions: None,
            fields: fields.collect(),
        };
        command(STATUS, &Uuid::new_v4().to_string(), "completed", [form.into()])
    }

    fn begin_control(&mut self, from: &Jid) -> Answer {
        let session = self.sessions.begin(from, Instant::now());
        let session = session.ok_or(DefinedCondition::ResourceConstraint)?;
        let complete = element("complete", COMMANDS, &[]);
        let actions = around("actions", COMMANDS, &[("execute", "complete")], [complete]);
        let mut action = Field::new("action", FieldType::ListSingle);
        action.label = Some("What".to_owned());
        action.required = true;
        action.options = ["run", "pause", "resume"]
            .map(|word| Option_ {
                label: None,
                value: word.to_owned(),
            })
            .to_vec();
        let mut probe = Field::new("probe", FieldType::TextSingle);
        probe.label = Some("Id of the probe".to_owned());
        probe.required = true;
        let form = DataForm {
            type_: DataFormType::Form,
            title: name(CONTROL).map(ToOwned::to_owned),
            instructions: None,
            fields: vec![action, probe],
        };
        Ok(Some(command(CONTROL, &session, "executing", [actions, form.into()])))
    }

    fn control(&mut self, from: &Jid, id: &str, session: &str, form: &Element) -> Option<Answer> {
        if !self.sessions.end(session, from) {
            return Some(Err(DefinedCondition::BadRequest));
        }
        let action = match field(form, "action").as_str() {
            "run" => ControlAction::Run,
            "pause" => ControlAction::Pause,
            "resume" => ControlAction::Resume,
            _ => return Some(Err(DefinedCondition::BadRequest)),
        };
        let probe = field(form, "probe");
        if probe.is_empty() || probe.len() > MAX_NAME {
            return Some(Err(DefinedCondition::BadRequest));
        }
        let (answer, answered) = oneshot::channel();
        self.hear(Heard::Control {
            from: from.to_bare().to_string(),
            action,
            probe,
            answer,
        });
        let back = self.settled.clone();
        let (to, id, session) = (from.clone(), id.to_owned(), session.to_owned());
        tokio::spawn(async move {
            let words = match timeout(PATIENCE, answered).await {
                Ok(Ok(words)) => words,
                _ => Err("it was not done".to_owned()),
            };
            let _ = back.send(Settled::Controlled(Controlled { to, id, session, words }));
        });
        None
    }
}

fn command(node: &str, session: &str, status: &str, inner: impl IntoIterator<Item = Element>) -> Element {
    let told = [("node", node), ("sessionid", session), ("status", status)];
    around("command", COMMANDS, &told, inner)
}

/// The first value of a field of a form that was sent.
fn field(form: &Element, name: &str) -> String {
    let mut fields = form.children().filter(|c| c.is("field", DATA_FORMS));
    let field = fields.find(|f| f.attr("var") == Some(name));
    let value = field.and_then(|f| f.get_child("value", DATA_FORMS));
    value.map(Element::text).unwrap_or_default()
}
