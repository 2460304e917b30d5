//! Questions of ours (IQ) that wait for an answer: each is answered once, by whom it was asked, or is over in time.

use super::AgentError;
use super::caps::Announced;
use super::order::Reply;
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;
use xmpp_parsers::jid::{FullJid, Jid};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::StanzaError;

/// Questions that wait at most.
const MAX_WAITING: usize = 256;
/// Of them, those that ask agents what they can do: the rest is the owner's and the server's, however many are silent.
const MAX_ABILITIES: usize = 128;
/// Of those, to the places of one agent: nobody keeps others from being asked.
const MAX_OF_ONE: usize = 8;
/// Agents with the same announcement that are asked at first what it means: some may be gone, and the server does not know it yet.
const ASKED_AT_FIRST: usize = 4;
/// Agents with the same announcement that are asked at the same time at most.
const MAX_ABOUT: usize = 32;
/// Who has not answered after this time is no longer waited for before others are asked; its answer counts all the same.
const SLOW: Duration = Duration::from_millis(1_500);

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

impl Topic {
    /// The service in the form in which its server names it, so that its news are known to be of it.
    pub(super) fn new(service: &str, node: &str) -> Self {
        let service = service.trim();
        Self {
            service: Jid::new(service).map_or_else(|_| service.to_owned(), |jid| jid.to_string()),
            node: node.to_owned(),
        }
    }
}

struct Question {
    to: Option<Jid>,
    at: Instant,
    until: Instant,
    /// Others are asked meanwhile.
    slow: bool,
    asked: Asked,
}

/// All that wait.
#[derive(Default)]
pub(super) struct Questions(HashMap<String, Question>);

impl Questions {
    /// Remembers a question of `at` (`to`: nobody is our own account), to be answered within `wait`; its id. What cannot be asked now
    /// comes back.
    pub(super) fn add(&mut self, to: Option<Jid>, asked: Asked, at: Instant, wait: Duration) -> Result<String, Asked> {
        if self.0.len() >= MAX_WAITING {
            return Err(asked);
        }
        let id = Uuid::new_v4().to_string();
        let question = Question {
            to,
            at,
            until: at + wait,
            slow: false,
            asked,
        };
        self.0.insert(id.clone(), question);
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

    /// Who has just been silent for long enough that others are asked what they can do; and since when.
    pub(super) fn slow(&mut self, now: Instant) -> Vec<(FullJid, Instant)> {
        let waiting = self.0.values_mut().filter(|q| !q.slow && q.at + SLOW <= now);
        let slow = waiting.filter_map(|question| {
            let Asked::Abilities(whom, _) = &question.asked else {
                return None;
            };
            question.slow = true;
            Some((whom.clone(), question.at))
        });
        slow.collect()
    }

    /// Whether this one may be asked what its announcement means, when `also` are asked in the same step.
    pub(super) fn room_for(&self, jid: &FullJid, announced: &Announced, also: &[(FullJid, Announced)]) -> bool {
        let waiting = self.0.values().filter_map(|q| match &q.asked {
            Asked::Abilities(whom, about) => Some((whom, about, q.slow)),
            _ => None,
        });
        let also = also.iter().map(|(whom, about)| (whom, about, false));
        let (mut all, mut of_one, mut awaited, mut silent) = (0, 0, 0, 0);
        for (whom, about, slow) in waiting.chain(also) {
            if whom == jid {
                return false;
            }
            all += 1;
            of_one += usize::from(whom.node() == jid.node() && whom.domain() == jid.domain());
            awaited += usize::from(about == announced && !slow);
            silent += usize::from(about == announced && slow);
        }
        // As many again as are silent: a hundred that are gone are passed over in a few steps.
        let step = silent.max(ASKED_AT_FIRST);
        all < MAX_ABILITIES && of_one < MAX_OF_ONE && awaited < step && awaited + silent < MAX_ABOUT
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
    let forbidden = ["forbidden", "not-allowed", "not-authorized"].contains(&condition.as_str());
    let words = if text.is_empty() {
        condition
    } else {
        format!("{condition}: {text}")
    };
    if forbidden {
        AgentError::Forbidden(words)
    } else {
        AgentError::Refused(words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::caps::Ours;

    fn jid(text: &str) -> Jid {
        Jid::new(text).expect("an address")
    }

    #[test]
    fn an_answer_counts_once_and_of_whom_was_asked_alone() {
        let own = FullJid::new("me@x/r").expect("an address");
        let mut questions = Questions::default();
        let at = Instant::now();
        let to = jid("c@x/1");
        let wait = Duration::from_secs(1);
        let Ok(id) = questions.add(Some(to.clone()), Asked::Nothing, at, wait) else {
            panic!("there is room");
        };
        for liar in [Some(jid("c@x/2")), Some(jid("c@x")), Some(jid("liar@x/1")), None] {
            assert!(questions.answered(&id, liar.as_ref(), &own).is_none());
        }
        assert!(questions.answered("other", Some(&to), &own).is_none());
        assert!(questions.answered(&id, Some(&to), &own).is_some());
        assert!(questions.answered(&id, Some(&to), &own).is_none());
        for server in [None, Some(jid("me@x")), Some(jid("x")), Some(jid("me@x/r"))] {
            let Ok(id) = questions.add(None, Asked::Roster, at, wait) else {
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
        let added = (0..1_000).filter(|_| questions.add(None, Asked::Nothing, now, Duration::from_secs(1)).is_ok());
        assert_eq!(added.count(), MAX_WAITING);
        assert!(questions.overdue(now).is_empty());
        assert_eq!(questions.overdue(now + Duration::from_secs(1)).len(), MAX_WAITING);
    }

    /// Asks as many of `count` accounts with one announcement as there is room for; how many were asked.
    fn ask_all(questions: &mut Questions, announced: &Announced, names: &str, count: usize, now: Instant) -> usize {
        let mut asked = 0;
        for n in 0..count {
            let jid = FullJid::new(&format!("{names}{n}@x/r")).expect("an address");
            if questions.room_for(&jid, announced, &[]) {
                let about = Asked::Abilities(jid.clone(), announced.clone());
                asked += usize::from(
                    questions
                        .add(Some(jid.into()), about, now, Duration::from_secs(15))
                        .is_ok(),
                );
            }
        }
        asked
    }

    fn announced(role: &str) -> Announced {
        let ours = Ours::new(role, &[], "Telltale");
        Announced::of(&[ours.element()]).expect("capabilities")
    }

    #[test]
    fn the_silent_are_passed_over_in_growing_steps_and_still_have_their_time() {
        let (mut questions, one) = (Questions::default(), announced("probe"));
        let begun = Instant::now();
        let mut steps = Vec::new();
        for step in 0..6 {
            let now = begun + SLOW * step;
            let before = steps.last().copied().unwrap_or_default();
            assert_eq!(questions.slow(now).len(), before, "those of the step before");
            steps.push(ask_all(&mut questions, &one, "ghost", 1_000, now));
        }
        assert_eq!(steps, [ASKED_AT_FIRST, 4, 8, 16, 0, 0], "MAX_ABOUT in all");
        // Another announcement does not wait for them.
        assert_eq!(ask_all(&mut questions, &announced("store"), "other", 3, begun), 3);
        assert_eq!(questions.overdue(begun + Duration::from_secs(14)).len(), 0);
        assert_eq!(questions.0.len(), MAX_ABOUT + 3);
    }

    #[test]
    fn neither_one_agent_nor_all_of_them_take_the_room_of_others() {
        let (mut questions, now) = (Questions::default(), Instant::now());
        let mut of_one = 0;
        for n in 0..100 {
            let (jid, about) = (
                FullJid::new(&format!("a@x/{n}")).expect("an address"),
                announced(&format!("r{n}")),
            );
            if questions.room_for(&jid, &about, &[]) {
                let asked = Asked::Abilities(jid, about);
                of_one += usize::from(questions.add(None, asked, now, SLOW).is_ok());
            }
        }
        assert_eq!(of_one, MAX_OF_ONE);
        for n in 0..200 {
            ask_all(&mut questions, &announced(&format!("r{n}")), &format!("b{n}-"), 1, now);
        }
        assert_eq!(questions.0.len(), MAX_ABILITIES);
        assert!(
            questions.add(None, Asked::Roster, now, SLOW).is_ok(),
            "the server is still asked"
        );
    }
}
