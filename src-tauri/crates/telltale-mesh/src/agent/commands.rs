//! Ad-hoc commands (XEP-0050) that others give: an agent's state for all who are let in, what it does and control for those whom the
//! owner names.
//!
//! They are not encrypted end to end, so the server could forge them: that is why control is nobody's unless the owner says so, and why
//! it is a choice of four words and a probe's name, never a command line.

use super::answers::Answer;
use super::caps::COMMANDS;
use super::does;
use super::heard::{Heard, Settled};
use super::task::Task;
use super::xml::{MAX_NAME, around, element, said};
use std::collections::HashMap;
use std::time::Duration;
use telltale_core::model::{ControlAction, Show};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};
use uuid::Uuid;
use xmpp_parsers::data_forms::{DataForm, DataFormType, Field, FieldType, Option_};
use xmpp_parsers::jid::Jid;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns::DATA_FORMS;
use xmpp_parsers::stanza_error::DefinedCondition;

const STATUS: &str = "urn:telltale:command:status";
pub(super) const BEHAVIOURS: &str = "urn:telltale:command:behaviours";
pub(super) const CONTROL: &str = "urn:telltale:command:control";
/// A dialogue that is not ended is forgotten after this time.
const SESSION: Duration = Duration::from_mins(10);
/// Dialogues at the same time at most.
const MAX_SESSIONS: usize = 64;
/// Commands that wait for the owner at the same time at most.
const MAX_UNDER_WAY: usize = 16;
/// The owner's answer is waited for so long: less than others wait for ours.
const PATIENCE: Duration = Duration::from_secs(10);

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
pub(super) struct Commanded {
    to: Jid,
    id: String,
    answer: Answer,
}

/// What somebody may do beyond asking for the state.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Allowed {
    see: bool,
    control: bool,
}

/// The name of a command, for people.
pub(super) fn name(node: &str) -> Option<&'static str> {
    match node {
        STATUS => Some("State of this agent"),
        BEHAVIOURS => Some("What this agent does"),
        CONTROL => Some("Run, pause, resume or break off a probe"),
        _ => None,
    }
}

/// Commands that somebody may give: node and name.
pub(super) fn offered(to: Allowed) -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = [(STATUS, true), (BEHAVIOURS, to.see), (CONTROL, to.control)];
    all.into_iter()
        .filter_map(|(node, may)| Some((node, name(node).filter(|_| may)?)))
}

/// The word of an action, as forms have it.
pub(super) const fn word(action: ControlAction) -> &'static str {
    match action {
        ControlAction::Run => "run",
        ControlAction::Pause => "pause",
        ControlAction::Resume => "resume",
        ControlAction::Kill => "kill",
    }
}

const ACTIONS: [ControlAction; 4] = [
    ControlAction::Run,
    ControlAction::Pause,
    ControlAction::Resume,
    ControlAction::Kill,
];

impl Task {
    pub(super) fn allowed(&self, jid: &Jid) -> Allowed {
        let who = jid.to_bare();
        Allowed {
            see: self.peers.may_see(&who),
            control: self.peers.may_control(&who),
        }
    }

    /// Somebody who is let in gives a command. `None`: it is answered later.
    pub(super) fn command(&mut self, from: &Jid, id: &str, payload: &Element) -> Option<Answer> {
        let node = payload.attr("node").unwrap_or_default();
        let session = payload.attr("sessionid").unwrap_or_default();
        let ended = matches!(payload.attr("action"), Some("cancel"));
        let may = self.allowed(from);
        match node {
            STATUS => Some(Ok(Some(self.state()))),
            BEHAVIOURS if !may.see => Some(self.not_allowed("no_sight")),
            CONTROL if !may.control => Some(self.not_allowed("no_control")),
            CONTROL | BEHAVIOURS if ended => {
                self.sessions.end(session, from);
                Some(Ok(Some(command(node, session, "canceled", []))))
            }
            BEHAVIOURS => self.tell_behaviours(from, id, may),
            // Some programs say no action when they send the form: a form is what counts.
            CONTROL => match payload.get_child("x", DATA_FORMS) {
                None => Some(self.begin_control(from)),
                Some(form) => self.control(from, id, session, form),
            },
            _ => Some(Err(DefinedCondition::ItemNotFound)),
        }
    }

    fn not_allowed(&mut self, word: &'static str) -> Answer {
        self.count(word);
        Err(DefinedCondition::Forbidden)
    }

    /// Sends the answer to a command on which the owner was asked.
    pub(super) fn commanded(&mut self, done: Commanded) {
        self.commanding = self.commanding.saturating_sub(1);
        self.reply(Some(done.to), done.id, done.answer);
    }

    /// Asks the owner, and answers when it has. `None`, or why it is not asked.
    fn ask_owner<T: Send + 'static>(
        &mut self,
        (to, id): (&Jid, &str),
        question: impl FnOnce(oneshot::Sender<T>) -> Heard,
        answer: impl FnOnce(Option<T>) -> Answer + Send + 'static,
    ) -> Option<Answer> {
        if self.commanding >= MAX_UNDER_WAY {
            self.count("too_many_commands");
            return Some(Err(DefinedCondition::ResourceConstraint));
        }
        self.commanding += 1;
        let (reply, answered) = oneshot::channel();
        self.hear(question(reply));
        let back = self.settled.clone();
        let (to, id) = (to.clone(), id.to_owned());
        tokio::spawn(async move {
            let said = timeout(PATIENCE, answered).await.ok().and_then(Result::ok);
            let answer = answer(said);
            let _ = back.send(Settled::Commanded(Commanded { to, id, answer }));
        });
        None
    }

    fn tell_behaviours(&mut self, from: &Jid, id: &str, may: Allowed) -> Option<Answer> {
        let asks = from.to_bare().to_string();
        self.ask_owner(
            (from, id),
            |answer| Heard::Behaviours { from: asks, answer },
            move |all| {
                let form = does::form(&all.ok_or(DefinedCondition::InternalServerError)?, may.control);
                Ok(Some(command(
                    BEHAVIOURS,
                    &Uuid::new_v4().to_string(),
                    "completed",
                    [form],
                )))
            },
        )
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
        action.options = ACTIONS
            .map(|action| Option_ {
                label: None,
                value: word(action).to_owned(),
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
        let wanted = field(form, "action");
        let probe = field(form, "probe");
        let action = ACTIONS.into_iter().find(|action| word(*action) == wanted);
        let Some(action) = action.filter(|_| !probe.is_empty() && probe.len() <= MAX_NAME) else {
            return Some(Err(DefinedCondition::BadRequest));
        };
        let (who, session) = (from.to_bare().to_string(), session.to_owned());
        self.ask_owner(
            (from, id),
            |answer| Heard::Control {
                from: who,
                action,
                probe,
                answer,
            },
            move |words| {
                Ok(Some(note(
                    &session,
                    words.unwrap_or_else(|| Err("it was not done".to_owned())),
                )))
            },
        )
    }
}

/// What became of a wish to control.
fn note(session: &str, words: Result<String, String>) -> Element {
    let (kind, words) = match words {
        Ok(words) => ("info", words),
        Err(words) => ("error", words),
    };
    let mut note = element("note", COMMANDS, &[("type", kind)]);
    note.append_text(said(&words));
    command(CONTROL, session, "completed", [note])
}

fn command(node: &str, session: &str, status: &str, inner: impl IntoIterator<Item = Element>) -> Element {
    let told = [("node", node), ("sessionid", session), ("status", status)];
    around("command", COMMANDS, &told, inner)
}

/// The first value of a field of a form, or of an item in it.
pub(super) fn field(form: &Element, name: &str) -> String {
    let mut fields = form.children().filter(|c| c.is("field", DATA_FORMS));
    let field = fields.find(|f| f.attr("var") == Some(name));
    let value = field.and_then(|f| f.get_child("value", DATA_FORMS));
    value.map(Element::text).unwrap_or_default()
}
