//! What an agent does, as a form that any XMPP client shows (XEP-0050, XEP-0004): written for those who may see it, asked of others and
//! read. Beside it, the wish to control one behaviour of another agent.

use super::caps::COMMANDS;
use super::commands::{BEHAVIOURS, CONTROL, field, name, word};
use super::order::Order;
use super::xml::{MAX_NAME, around, bare, element, said, with_text};
use super::{Agent, AgentError};
use crate::message::moment;
use std::collections::BTreeSet;
use telltale_core::model::{AgentBehaviour, AgentDoes, BehaviourState, ControlAction, Timestamp, Verdict};
use xmpp_parsers::jid::BareJid;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns::DATA_FORMS;

/// Behaviours that are told, or taken of another agent, at most; the others are counted. As many of the longest stay below the 256 kB
/// that servers take.
pub(super) const MAX_TOLD: usize = 100;
/// Columns of the form: name, type, and label for people.
const COLUMNS: [(&str, &str, &str); 9] = [
    ("id", "text-single", "Id"),
    ("name", "text-single", "Name"),
    ("kind", "text-single", "Check"),
    ("acts", "text-single", "Acts"),
    ("state", "text-single", "State"),
    ("next", "text-single", "Next run"),
    ("last", "text-single", "Last verdict"),
    ("ended", "text-single", "Last run"),
    ("runs", "text-single", "Runs"),
];
const STATES: [(BehaviourState, &str); 5] = [
    (BehaviourState::Waiting, "waiting"),
    (BehaviourState::Running, "running"),
    (BehaviourState::Paused, "paused"),
    (BehaviourState::Killed, "killed"),
    (BehaviourState::Finished, "finished"),
];
const VERDICTS: [(Verdict, &str); 5] = [
    (Verdict::Expected, "expected"),
    (Verdict::Unexpected, "unexpected"),
    (Verdict::Failed, "failed"),
    (Verdict::TimedOut, "timed_out"),
    (Verdict::Killed, "killed"),
];

impl Agent {
    /// Asks an agent (bare JID) what it does.
    pub async fn behaviours(&self, jid: &str) -> Result<AgentDoes, AgentError> {
        let asks = element("command", COMMANDS, &[("node", BEHAVIOURS), ("action", "execute")]);
        match self.give(&bare(jid)?, asks).await {
            Ok(answer) => Ok(answer.as_ref().and_then(read).unwrap_or(AgentDoes::Unable)),
            Err(AgentError::Forbidden(_)) => Ok(AgentDoes::Refused),
            Err(AgentError::Refused(_)) => Ok(AgentDoes::Unable),
            Err(AgentError::Silent(_)) => Ok(AgentDoes::Silent),
            Err(AgentError::Absent(_)) => Ok(AgentDoes::Absent),
            Err(AgentError::Stranger(_)) => Ok(AgentDoes::Stranger),
            Err(e) => Err(e),
        }
    }

    /// Has an agent (bare JID) do something with one of its behaviours; its words.
    pub async fn control(&self, jid: &str, action: ControlAction, id: &str) -> Result<String, AgentError> {
        let jid = bare(jid)?;
        if id.is_empty() || id.len() > MAX_NAME {
            return Err(AgentError::Invalid("that is no behaviour".to_owned()));
        }
        let begins = element("command", COMMANDS, &[("node", CONTROL), ("action", "execute")]);
        let begun = self.give(&jid, begins).await?;
        let session = begun.as_ref().and_then(|c| c.attr("sessionid"));
        let session = session.filter(|s| s.len() <= MAX_NAME).unwrap_or_default();
        let fields = [("action", word(action)), ("probe", id)].map(|(name, value)| value_of(name, None, value));
        let form = around("x", DATA_FORMS, &[("type", "submit")], fields);
        let told = [("node", CONTROL), ("sessionid", session), ("action", "complete")];
        let done = self.give(&jid, around("command", COMMANDS, &told, [form])).await?;
        let note = done.as_ref().and_then(|c| c.get_child("note", COMMANDS));
        let words = note.map(|n| said(&n.text())).unwrap_or_default();
        match note.and_then(|n| n.attr("type")) {
            Some("error") => Err(AgentError::Refused(words)),
            _ => Ok(words),
        }
    }

    async fn give(&self, to: &BareJid, payload: Element) -> Result<Option<Element>, AgentError> {
        let to = to.clone();
        self.order(|reply| Order::Command { to, payload, reply }).await
    }
}

/// What is told of all behaviours.
pub(super) fn form(all: &[AgentBehaviour], may_control: bool) -> Element {
    let total = all.len().to_string();
    let heads = COLUMNS.map(|(name, kind, label)| {
        let told = [("var", name), ("type", kind), ("label", label)];
        element("field", DATA_FORMS, &told)
    });
    let rows = all.iter().take(MAX_TOLD).map(|one| {
        let cells = COLUMNS.iter().zip(cells(one));
        let cells = cells.map(|((name, ..), value)| value_of(name, None, &value));
        around("item", DATA_FORMS, &[], cells)
    });
    let inner = [
        with_text("title", DATA_FORMS, name(BEHAVIOURS).unwrap_or_default()),
        value_of("total", Some(("text-single", "Behaviours in all")), &total),
        value_of(
            "control",
            Some(("boolean", "You may control them")),
            if may_control { "1" } else { "0" },
        ),
        around("reported", DATA_FORMS, &[], heads),
    ];
    around("x", DATA_FORMS, &[("type", "result")], inner.into_iter().chain(rows))
}

/// The cells of a row, in the order of [`COLUMNS`].
fn cells(one: &AgentBehaviour) -> [String; 9] {
    let time = |at: Option<Timestamp>| at.map(moment).unwrap_or_default();
    let verdict = one.last.and_then(|v| VERDICTS.iter().find(|(one, _)| *one == v));
    let state = STATES.iter().find(|(state, _)| *state == one.state);
    [
        one.id.clone(),
        one.name.clone(),
        one.kind.clone(),
        one.acts.clone(),
        state.map(|(_, word)| *word).unwrap_or_default().to_owned(),
        time(one.next),
        verdict.map(|(_, word)| *word).unwrap_or_default().to_owned(),
        time(one.ended),
        one.runs.to_string(),
    ]
}

fn value_of(name: &str, head: Option<(&str, &str)>, value: &str) -> Element {
    let (kind, label) = head.unwrap_or_default();
    let told = [("var", name), ("type", kind), ("label", label)];
    let told = told.into_iter().filter(|(_, value)| !value.is_empty());
    let told: Vec<(&str, &str)> = told.collect();
    around("field", DATA_FORMS, &told, [with_text("value", DATA_FORMS, value)])
}

/// What another agent tells; `None`: nothing that can be understood. Rows that say no id or no state, or an id once more, are left out.
fn read(command: &Element) -> Option<AgentDoes> {
    let form = command.get_child("x", DATA_FORMS)?;
    if form.attr("type") != Some("result") {
        return None;
    }
    let mut ids = BTreeSet::new();
    let items = || form.children().filter(|c| c.is("item", DATA_FORMS));
    let count = items().count();
    let rows = items().take(MAX_TOLD).filter_map(row);
    let rows: Vec<AgentBehaviour> = rows.filter(|row| ids.insert(row.id.clone())).collect();
    let claimed = field(form, "total").trim().parse().unwrap_or(0_u32);
    let known = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Some(AgentDoes::Told {
        left_out: claimed.max(known(count)).saturating_sub(known(rows.len())),
        may_control: matches!(field(form, "control").trim(), "1" | "true"),
        rows,
    })
}

fn row(item: &Element) -> Option<AgentBehaviour> {
    let cell = |name: &str| said(field(item, name).trim());
    let id = field(item, "id");
    if id.is_empty() || id.len() > MAX_NAME {
        return None;
    }
    let (state, last) = (cell("state"), cell("last"));
    Some(AgentBehaviour {
        id,
        name: cell("name"),
        kind: cell("kind"),
        acts: cell("acts"),
        state: STATES.iter().find(|(_, word)| *word == state)?.0,
        next: time(&cell("next")),
        last: VERDICTS
            .iter()
            .find(|(_, word)| *word == last)
            .map(|(verdict, _)| *verdict),
        ended: time(&cell("ended")),
        runs: cell("runs").parse().unwrap_or(0),
    })
}

fn time(text: &str) -> Option<Timestamp> {
    let at: jiff::Timestamp = text.parse().ok()?;
    i64::try_from(at.as_nanosecond()).ok().map(Timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(n: usize) -> AgentBehaviour {
        AgentBehaviour {
            id: format!("id-{n}"),
            name: "Is it <there> & \u{1}well".to_owned(),
            kind: "reachability".to_owned(),
            acts: "periodic".to_owned(),
            state: BehaviourState::Waiting,
            next: Some(Timestamp(1_790_000_000_125_000_000)),
            last: Some(Verdict::TimedOut),
            ended: None,
            runs: 7,
        }
    }

    fn answer(form: &str) -> Element {
        let form = format!("<x xmlns='jabber:x:data' type='result'>{form}</x>");
        let command = format!("<command xmlns='http://jabber.org/protocol/commands'>{form}</command>");
        command.parse().expect("XML")
    }

    fn told(command: &Element) -> (Vec<AgentBehaviour>, u32, bool) {
        match read(command) {
            Some(AgentDoes::Told {
                rows,
                left_out,
                may_control,
            }) => (rows, left_out, may_control),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_told_is_read_and_what_lies_beyond_the_limit_is_counted() {
        let all: Vec<AgentBehaviour> = (0..MAX_TOLD + 7).map(one).collect();
        let written = String::from(&form(&all, true));
        assert!(written.len() < 256_000, "{}", written.len());
        let (rows, left_out, may_control) = told(&around("command", COMMANDS, &[], [form(&all, true)]));
        assert_eq!((rows.len(), left_out, may_control), (MAX_TOLD, 7, true));
        let clean = AgentBehaviour {
            name: "Is it <there> & well".to_owned(),
            ..one(3)
        };
        assert_eq!(rows[3], clean);
        let (rows, left_out, may_control) = told(&around("command", COMMANDS, &[], [form(&[], false)]));
        assert_eq!((rows, left_out, may_control), (Vec::new(), 0, false));
    }

    #[test]
    fn the_longest_names_fit_into_what_servers_take() {
        let long = AgentBehaviour {
            id: "8f14e45f-ceea-467f-9575-1f0a1b2c3d4e".to_owned(),
            name: "&".repeat(1_000),
            runs: u32::MAX,
            ..one(0)
        };
        let written = String::from(&form(&vec![long; MAX_TOLD], true));
        assert!(written.len() < 256_000, "{}", written.len());
    }

    #[test]
    fn a_hostile_form_says_little_and_breaks_nothing() {
        let cell = |name: &str, value: &str| format!("<field var='{name}'><value>{value}</value></field>");
        let row = |id: &str, state: &str| format!("<item>{}{}</item>", cell("id", id), cell("state", state));
        let long = "x".repeat(300);
        let rows = [
            row("a", "waiting"),
            row("a", "running"),
            row("", "waiting"),
            row(&long, "waiting"),
            row("b", "dancing"),
            "<item/>".to_owned(),
            format!(
                "<item>{}{}{}{}{}</item>",
                cell("id", "c"),
                cell("state", "killed"),
                cell("next", "99999999-01-01T00:00:00Z"),
                cell("runs", "-1"),
                cell("last", "maybe"),
            ),
        ];
        let (read_rows, left_out, may_control) = told(&answer(&rows.concat()));
        let ids: Vec<&str> = read_rows.iter().map(|r| r.id.as_str()).collect();
        assert_eq!((ids, left_out, may_control), (vec!["a", "c"], 5, false));
        assert_eq!(
            (read_rows[1].next, read_rows[1].last, read_rows[1].runs),
            (None, None, 0)
        );
        let many: String = (0..5_000).map(|n| row(&n.to_string(), "waiting")).collect();
        let (read_rows, left_out, _) = told(&answer(&(many + &cell("total", "4294967296"))));
        assert_eq!((read_rows.len(), left_out), (MAX_TOLD, 4_900));
        let (read_rows, left_out, _) = told(&answer(&cell("total", "4294967295")));
        assert_eq!((read_rows.len(), left_out), (0, u32::MAX));
        let other: Element = "<command xmlns='http://jabber.org/protocol/commands'/>"
            .parse()
            .expect("XML");
        assert_eq!(read(&other), None);
    }
}
