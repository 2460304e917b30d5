//! Questions of ours (IQ) that wait for an answer: each is answered once, by whom it was asked, or is over in time.

use super::AgentError;
use super::caps::Announced;
use super::order::Reply;
use std::collections::HashMap;
use tokio::time::Instant;
use uuid::Uuid;
use xmpp_parsers::jid::{FullJid, Jid};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::StanzaError;

/// Questions that wait at most.
const MAX_WAITING: usize = 256;

/// What was asked, and for whom.
pub(super) enum Asked {
    /// Our owner's.
    Owner(Reply<Option<Element>>),
    /// Our list on the server.
    Roster,
    /// What somebody's announcement means.
    Abilities(FullJid, Announced),
    /// An item with a message of the outbox (its id) was published.
    Published(String),
    /// A topic is followed again after a login.
    Follow(Topic),
    /// What a topic keeps.
    Missed(Topic),
    /// The server has these messages of the outbox, for an agent that confirms nothing.
    Handed(Vec<String>),
    /// Nothing depends on the answer.
    Nothing,
}

/// A node of a service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Topic {
    pub(super) service: String,
    pub(super) node: String,
}

struct Question {
    to: Option<Jid>,
    until: Instant,
    asked: Asked,
}

/// All that wait.
#[derive(Default)]
pub(super) struct Questions(HashMap<String, Question>);

impl Questions {
    /// Remembers a question (`to`: nobody is our own account); its id. What cannot be asked now comes back.
    pub(super) fn add(&mut self, to: Option<Jid>, asked: Asked, until: Instant) -> Result<String, Asked> {
        if self.0.len() >= MAX_WAITING {
            return Err(asked);
        }
        let id = Uuid::new_v4().to_string();
        self.0.insert(id.clone(), Question { to, until, asked });
        Ok(id)
    }

    /// What was asked, if this answer is of whom it was asked; `own` is our address.
    pub(super) fn answered(&mut self, id: &str, from: Option<&Jid>, own: &FullJid) -> Option<Asked> {
        let fits = match (&self.0.get(id)?.to, from) {
            (Some(to), Some(from)) => to == from,
            (Some(to), None) => to.as_str() == own.to_bare().as_str(),
            (None, None) => true,
            (None, Some(from)) => {
                let ours = [own.as_str(), own.domain().as_str()];
                ours.contains(&from.as_str()) || from.as_str() == own.to_bare().as_str()
            }
        };
        fits.then(|| self.0.remove(id)).flatten().map(|q| q.asked)
    }

    /// Those whose time is over.
    pub(super) fn overdue(&mut self, now: Instant) -> Vec<(Option<Jid>, Asked)> {
        let over = self.0.extract_if(|_, question| question.until <= now);
        over.map(|(_, question)| (question.to, question.asked)).collect()
    }

    /// All of them: the link is gone, and so are the answers.
    pub(super) fn all(&mut self) -> Vec<Asked> {
        self.0.drain().map(|(_, question)| question.asked).collect()
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many were asked what this announcement means.
    pub(super) fn about(&self, announced: &Announced) -> usize {
        let same = |q: &&Question| matches!(&q.asked, Asked::Abilities(_, about) if about == announced);
        self.0.values().filter(same).count()
    }

    /// Whether this one is being asked what it can do.
    pub(super) fn asks(&self, jid: &FullJid) -> bool {
        let asked = |q: &Question| matches!(&q.asked, Asked::Abilities(whom, _) if whom == jid);
        self.0.values().any(asked)
    }
}

/// A refusal in words: the condition of RFC 6120, and what the other side says of it.
pub(super) fn refusal(error: StanzaError) -> AgentError {
    let element = Element::from(error);
    let mut condition = "undefined-condition".to_owned();
    let mut text = String::new();
    for child in element.children().filter(|c| c.has_ns(ns::XMPP_STANZAS)) {
        if child.name() == "text" {
            text = super::xml::said(&child.text());
        } else {
            child.name().clone_into(&mut condition);
        }
    }
    AgentError::Refused(if text.is_empty() {
        condition
    } else {
        format!("{condition}: {text}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn jid(text: &str) -> Jid {
        Jid::new(text).expect("an address")
    }

    #[test]
    fn an_answer_counts_once_and_of_whom_was_asked_alone() {
        let own = FullJid::new("me@x/r").expect("an address");
        let mut questions = Questions::default();
        let until = Instant::now();
        let to = jid("c@x/1");
        let Ok(id) = questions.add(Some(to.clone()), Asked::Nothing, until) else {
            panic!("there is room");
        };
        for liar in [Some(jid("c@x/2")), Some(jid("c@x")), Some(jid("liar@x/1")), None] {
            assert!(questions.answered(&id, liar.as_ref(), &own).is_none());
        }
        assert!(questions.answered("other", Some(&to), &own).is_none());
        assert!(questions.answered(&id, Some(&to), &own).is_some());
        assert!(questions.answered(&id, Some(&to), &own).is_none());
        for server in [None, Some(jid("me@x")), Some(jid("x")), Some(jid("me@x/r"))] {
            let Ok(id) = questions.add(None, Asked::Roster, until) else {
                panic!("there is room");
            };
            assert!(questions.answered(&id, Some(&jid("c@x")), &own).is_none());
            assert!(questions.answered(&id, server.as_ref(), &own).is_some());
        }
        assert!(questions.is_empty());
    }

    #[test]
    fn questions_are_over_in_time_and_never_too_many() {
        let mut questions = Questions::default();
        let now = Instant::now();
        let added = (0..1_000).filter(|_| {
            questions
                .add(None, Asked::Nothing, now + Duration::from_secs(1))
                .is_ok()
        });
        assert_eq!(added.count(), MAX_WAITING);
        assert!(questions.overdue(now).is_empty());
        assert_eq!(questions.overdue(now + Duration::from_secs(1)).len(), MAX_WAITING);
    }
}
