//! Questions (IQ): answers to ours, and what others ask of us.

use super::caps::COMMANDS;
use super::questions::{Asked, refusal};
use super::task::Task;
use super::topics;
use super::xml::{around, element};
use super::{AgentError, Heard};
use telltale_core::model::Delivery;
use tokio::time::Instant;
use xmpp_parsers::disco::{DiscoInfoQuery, DiscoInfoResult};
use xmpp_parsers::iq::Iq;
use xmpp_parsers::jid::Jid;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::roster::Roster;
use xmpp_parsers::stanza_error::{DefinedCondition, ErrorType, StanzaError};

/// A question that will not be answered; whoever waits is told why.
pub(super) fn over(asked: Asked, why: AgentError) {
    if let Asked::Owner(reply) = asked {
        let _ = reply.send(Err(why));
    }
}

/// Questions that are asked again at most: the list, and each topic twice.
const MAX_UNDONE: usize = 1 + 2 * super::MAX_FOLLOWS;

/// What is answered to a question.
pub(super) type Answer = Result<Option<Element>, DefinedCondition>;

impl Task {
    pub(super) async fn iq(&mut self, iq: Iq) {
        match iq {
            Iq::Result { from, id, payload, .. } => self.answered(&id, from.as_ref(), Ok(payload)).await,
            Iq::Error { from, id, error, .. } => self.answered(&id, from.as_ref(), Err(refusal(error))).await,
            Iq::Get { from, id, payload, .. } => self.asked(from, id, false, payload),
            Iq::Set { from, id, payload, .. } => self.asked(from, id, true, payload),
        }
    }

    async fn answered(&mut self, id: &str, from: Option<&Jid>, answer: Result<Option<Element>, AgentError>) {
        let Some(own) = self.online.as_ref() else {
            return;
        };
        let Some(asked) = self.questions.answered(id, from, own) else {
            return self.count("no_such_question");
        };
        if let Asked::Abilities(jid, _) = &asked {
            self.peers.lives(&jid.to_bare(), Instant::now());
        }
        match (asked, answer) {
            (Asked::Owner(reply), answer) => {
                let _ = reply.send(answer);
            }
            (Asked::Roster, answer) => {
                let payload = answer.unwrap_or_else(|e| {
                    self.log(format!("the server does not tell its list: {e}"));
                    None
                });
                self.roster(payload);
            }
            (Asked::Abilities(jid, announced), Ok(payload)) => {
                let answer = payload.and_then(|e| DiscoInfoResult::try_from(e).ok());
                let alone = answer.as_ref().is_some_and(|a| !a.extensions.is_empty());
                match answer.and_then(|a| announced.verify(&a)) {
                    // The hash cannot tell a form from features: it says what this one can do, and of nobody else.
                    Some(abilities) if alone => self.peers.learn(&jid, &announced, abilities),
                    Some(abilities) => {
                        self.known.add(&announced, abilities);
                    }
                    None => {
                        self.count("other_than_announced");
                        self.log(format!("{jid} is not what it announced; it is not believed"));
                    }
                }
                self.stir_lanes();
                self.stir_pages();
                self.look_up();
            }
            (Asked::Abilities(..), Err(_)) => self.look_up(),
            (Asked::Published(id), Ok(_)) => self.arrived(&[id], None, Delivery::Confirmed).await,
            (Asked::Published(id), Err(e)) => self.not_published(&id, &e),
            (Asked::Follow(topic), Ok(_)) => self.ask_missed(topic),
            (Asked::Follow(topic), Err(e)) => {
                self.log(format!("the topic {} cannot be followed: {e}", topic.node));
            }
            (Asked::Missed(topic), Ok(payload)) => {
                let at = self.now();
                let items = payload.map(|e| topics::kept(&e, at)).unwrap_or_default();
                for item in items {
                    self.hear(Heard::Item {
                        service: topic.service.clone(),
                        node: topic.node.clone(),
                        item,
                    });
                }
            }
            (Asked::Handed(ids), Ok(_)) => self.arrived(&ids, None, Delivery::Sent).await,
            (Asked::Handed(ids), Err(_)) => self.send_later(&ids),
            (Asked::Missed(_), Err(e)) => self.log(format!("the server did not answer: {e}")),
            (Asked::Nothing, _) => {}
        }
    }

    /// A question will not be answered: whoever waits is told why, and what this agent cannot do without is asked again.
    pub(super) fn not_answered(&mut self, asked: Asked, why: AgentError) {
        match asked {
            Asked::Roster | Asked::Follow(_) | Asked::Missed(_) if self.undone.len() < MAX_UNDONE => {
                self.undone.push(asked);
            }
            other => over(other, why),
        }
    }

    /// Questions whose time is over; and where an agent has been silent for a while, others are asked.
    pub(super) fn questions_overdue(&mut self) {
        let now = Instant::now();
        let slow = self.questions.slow(now);
        for (jid, since) in &slow {
            self.peers.is_silent(&jid.to_bare(), *since);
        }
        if !slow.is_empty() {
            self.look_up();
        }
        for (to, asked) in self.questions.overdue(now) {
            match &asked {
                Asked::Abilities(..) => self.look_up(),
                Asked::Published(id) => self.send_later(std::slice::from_ref(id)),
                Asked::Handed(ids) => self.send_later(ids),
                Asked::Roster | Asked::Follow(_) | Asked::Missed(_) | Asked::Owner(_) | Asked::Nothing => {}
            }
            let whom = to.map_or_else(|| "the server".to_owned(), |to| to.to_string());
            self.not_answered(asked, AgentError::Silent(whom));
        }
    }

    /// Somebody asks something of us. Each question is answered, but for those of a flood.
    fn asked(&mut self, from: Option<Jid>, id: String, set: bool, payload: Element) {
        let server = from
            .as_ref()
            .is_none_or(|f| f.to_bare() == self.own || f.as_str() == self.own.domain().as_str());
        if !server {
            let now = self.now();
            let bare = from.as_ref().map(|f| f.to_bare().to_string()).unwrap_or_default();
            if !self.question_rates.take(&bare, now) {
                return self.count("flood");
            }
        }
        let trusted = from.as_ref().is_some_and(|f| self.peers.trusts(&f.to_bare()));
        let answer = if server && set && payload.is("query", ns::ROSTER) {
            self.roster_push(from.as_ref(), payload)
        } else if !server && !trusted {
            // A stranger does not even learn that somebody is there (RFC 6121 section 8.5.3.1).
            self.count("stranger");
            Err(DefinedCondition::ServiceUnavailable)
        } else if !set && payload.is("ping", ns::PING) {
            Ok(None)
        } else if !set && payload.is("query", ns::DISCO_INFO) {
            self.what_we_can(payload)
        } else if !set && payload.is("query", ns::DISCO_ITEMS) {
            self.what_there_is(from.as_ref(), &payload)
        } else if set && payload.is("command", COMMANDS) {
            match from.as_ref().map(|from| self.command(from, &id, &payload)) {
                // It is answered when the owner has answered.
                Some(None) => return,
                Some(Some(answer)) => answer,
                None => Err(DefinedCondition::Forbidden),
            }
        } else {
            Err(DefinedCondition::ServiceUnavailable)
        };
        self.reply(from, id, answer);
    }

    /// Sends the answer to a question.
    pub(super) fn reply(&mut self, to: Option<Jid>, id: String, answer: Answer) {
        let iq = match answer {
            Ok(payload) => Iq::Result {
                from: None,
                to,
                id,
                payload,
            },
            Err(condition) => Iq::Error {
                from: None,
                to,
                id,
                error: StanzaError {
                    type_: ErrorType::Cancel,
                    by: None,
                    defined_condition: condition,
                    texts: std::collections::BTreeMap::new(),
                    other: None,
                },
                payload: None,
            },
        };
        self.send(iq);
    }

    /// The list on the server is not as before. Only the server may say so.
    fn roster_push(&mut self, from: Option<&Jid>, payload: Element) -> Answer {
        if from.is_some_and(|f| f.as_str() != self.own.as_str()) {
            return Err(DefinedCondition::ServiceUnavailable);
        }
        let roster = Roster::try_from(payload).map_err(|_| DefinedCondition::BadRequest)?;
        for item in &roster.items {
            if !self.peers.set_item(item) {
                self.count("list_too_long");
            }
        }
        self.roster_changed();
        Ok(None)
    }

    fn what_we_can(&self, payload: Element) -> Answer {
        let query = DiscoInfoQuery::try_from(payload).map_err(|_| DefinedCondition::BadRequest)?;
        if query.node.is_none() || query.node == self.ours.node() {
            let answer = DiscoInfoResult {
                node: query.node,
                ..self.ours.answer.clone()
            };
            return Ok(Some(answer.into()));
        }
        let node = query.node.unwrap_or_default();
        let kind = if node == COMMANDS {
            "command-list"
        } else {
            "command-node"
        };
        if node != COMMANDS && super::commands::name(&node).is_none() {
            return Err(DefinedCondition::ItemNotFound);
        }
        let identity = [("category", "automation"), ("type", kind)];
        let inner = [
            element("identity", ns::DISCO_INFO, &identity),
            element("feature", ns::DISCO_INFO, &[("var", COMMANDS)]),
            element("feature", ns::DISCO_INFO, &[("var", ns::DATA_FORMS)]),
        ];
        Ok(Some(around("query", ns::DISCO_INFO, &[("node", &node)], inner)))
    }

    fn what_there_is(&self, from: Option<&Jid>, payload: &Element) -> Answer {
        let Some(node) = payload.attr("node") else {
            return Ok(Some(element("query", ns::DISCO_ITEMS, &[])));
        };
        if node != COMMANDS {
            return Err(DefinedCondition::ItemNotFound);
        }
        let own = self.online.as_ref().map(ToString::to_string).unwrap_or_default();
        let items = super::commands::offered(from.map(|f| self.allowed(f)).unwrap_or_default());
        let items = items.map(|(node, name)| {
            let told = [("jid", own.as_str()), ("node", node), ("name", name)];
            element("item", ns::DISCO_ITEMS, &told)
        });
        Ok(Some(around("query", ns::DISCO_ITEMS, &[("node", COMMANDS)], items)))
    }
}
