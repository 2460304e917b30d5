//! Messages that come: who may say something, how fast, what is read, what was said before; and what is confirmed.

use super::Heard;
use super::caps::Abilities;
use super::heard::{Receipt, Settled, Token};
use super::rules::word;
use super::task::Task;
use super::topics;
use crate::message::{MAX_RECEIPT_IDS, REGISTRY, Received, confirmed, decode, receipt};
use crate::{Destination, Seen, Sighted};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;
use telltale_core::model::Delivery;
use tokio::time::Instant;
use xmpp_parsers::jid::{BareJid, Jid};
use xmpp_parsers::message::{Message, MessageType};
use xmpp_parsers::ns::PUBSUB_EVENT;

/// A confirmation waits so long for others to the same agent.
const TOGETHER: Duration = Duration::from_millis(25);
/// So many do not wait.
const ENOUGH: usize = 128;
/// Duties that one registers with at most.
const MAX_DUTIES: usize = 32;
/// A message that came back so often is given up.
const MAX_BOUNCES: u32 = 8;

/// Messages that are safe here, and whose senders are to be told so.
#[derive(Debug, Default)]
pub(super) struct Receipts {
    waiting: BTreeMap<BareJid, Waiting>,
    due: Option<Instant>,
}

#[derive(Debug)]
struct Waiting {
    resource: Option<String>,
    thread: String,
    ids: Vec<String>,
}

impl Receipts {
    fn add(&mut self, to: BareJid, resource: Option<String>, thread: &str, id: String) {
        let waiting = self.waiting.entry(to).or_insert_with(|| Waiting {
            resource: None,
            thread: thread.to_owned(),
            ids: Vec::new(),
        });
        waiting.resource = resource;
        waiting.ids.push(id);
        let now = Instant::now();
        self.due = if waiting.ids.len() >= ENOUGH {
            Some(now)
        } else {
            self.due.or(Some(now + TOGETHER))
        };
    }

    /// When they are to be sent.
    pub(super) const fn due(&self) -> Option<Instant> {
        self.due
    }
}

impl Task {
    pub(super) async fn message(&mut self, message: Message) {
        let Some(from) = message.from.clone() else {
            return self.count("no_sender");
        };
        let bare = from.to_bare();
        if let Some(event) = message.payloads.iter().find(|e| e.is("event", PUBSUB_EVENT)) {
            return self.news(&from, event);
        }
        if message.type_ == MessageType::Error {
            return self.came_back(&bare, &message).await;
        }
        if bare == self.own {
            return self.count("own");
        }
        if !self.peers.trusts(&bare) {
            return self.count("stranger");
        }
        let at = self.now();
        if !self.message_rates.take(bare.as_str(), at) {
            return self.count("flood");
        }
        let role = self.ours.abilities.role.as_deref().unwrap_or_default();
        match decode(&message, &self.own, role, at) {
            // A chat state, a receipt of another program: nothing is said, and nothing is lost.
            Err(crate::message::Refusal::NoBody) => {}
            Err(refusal) => self.count(refusal.word()),
            Ok(decoded) => {
                if self.peers.heard_from(&bare, at, Instant::now()) {
                    self.stir_lanes();
                }
                self.take(bare, decoded.received, decoded.sighted).await;
            }
        }
    }

    async fn take(&mut self, from: BareJid, received: Received, sighted: Option<Sighted>) {
        if let Some(ids) = confirmed(&received) {
            return self.arrived(&ids, Some(&from), Delivery::Confirmed).await;
        }
        if let Some(sighted) = &sighted {
            match self.keeper.see(sighted, received.at).await {
                Ok(Seen::New) => {}
                Ok(Seen::Before) => {
                    if received.enveloped {
                        self.receipts
                            .add(from, received.resource, &received.thread, received.id);
                    }
                    return;
                }
                Ok(Seen::Meanwhile) => return,
                Ok(Seen::TooOld) => return self.count("replay"),
                Err(e) => {
                    self.count("not_stored");
                    return self.log(e.to_string());
                }
            }
        }
        let old = received.ontology == REGISTRY && !self.register(&from, &received.body);
        let token = Token::Came {
            sighted,
            confirm: received.enveloped,
            resource: received.resource.clone(),
            thread: received.thread.clone(),
        };
        let receipt = Receipt::new(token, self.settled.clone());
        if old {
            // It only says again who it is.
            receipt.done();
        } else {
            self.hear(Heard::Message(received, receipt));
        }
    }

    /// One that cannot announce what it can do (SPADE) says it: `{"role": "…", "duties": ["…"], "envelopes": true}`.
    /// `false`: it said the same before.
    fn register(&mut self, from: &BareJid, body: &Value) -> bool {
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        let duties = body.get("duties").and_then(Value::as_array).into_iter().flatten();
        let duties = duties.filter_map(|d| word(d.as_str()?)).take(MAX_DUTIES);
        let abilities = Abilities {
            role: text("role").and_then(word).map(ToOwned::to_owned),
            duties: duties.map(ToOwned::to_owned).collect(),
            software: text("software").map(super::xml::said),
            envelopes: body.get("envelopes").and_then(Value::as_bool).unwrap_or(false),
            any_duty: false,
        };
        let new = self.peers.register(from, abilities);
        if new {
            self.stir_lanes();
            self.stir_pages();
        }
        new
    }

    /// News of a topic; of those that are followed alone.
    fn news(&mut self, from: &Jid, event: &xmpp_parsers::minidom::Element) {
        let at = self.now();
        let Some(news) = topics::news(event, at) else {
            return;
        };
        let service = from.to_string();
        let followed = self.follows.iter().any(|t| t.service == service && t.node == news.node);
        if !followed {
            return self.count("not_followed");
        }
        let node = news.node;
        for item in news.items {
            self.hear(Heard::Item {
                service: service.clone(),
                node: node.clone(),
                item,
            });
        }
        for id in news.retracted {
            self.hear(Heard::Retracted {
                service: service.clone(),
                node: node.clone(),
                id,
            });
        }
    }

    /// One of ours could not be delivered.
    async fn came_back(&mut self, from: &BareJid, message: &Message) {
        let Some(id) = message.id.as_ref().map(|id| id.0.clone()) else {
            return;
        };
        let Some((to, ours)) = self.lanes.went_to(&id, from) else {
            return self.count("bounced");
        };
        if !ours {
            return self.count("bounced");
        }
        let now = Instant::now();
        let tries = self.lanes.later(&id, now).unwrap_or_default();
        match to {
            Destination::Role { .. } => {
                self.peers.is_silent(from, now);
                self.stirred.insert(to);
            }
            Destination::Agent(_) if tries >= MAX_BOUNCES => {
                self.give_up(&[(id, "it came back each time: nobody there takes messages")])
                    .await;
            }
            Destination::Agent(_) => {}
        }
    }

    /// What the owner says of messages that it was handed.
    pub(super) async fn settle(&mut self, all: Vec<Settled>) {
        let at = self.now();
        let (mut safe, mut confirm, mut own) = (Vec::new(), Vec::new(), Vec::new());
        for settled in all {
            match settled {
                Settled::Done(Token::Own(id)) => own.push(id),
                Settled::Undone(Token::Own(id)) => self.send_later(&[id]),
                Settled::Done(Token::Came {
                    sighted: Some(sighted),
                    confirm: wanted,
                    resource,
                    thread,
                }) => {
                    confirm.push((sighted.clone(), wanted, resource, thread));
                    safe.push(sighted);
                }
                Settled::Undone(Token::Came {
                    sighted: Some(sighted), ..
                }) => self.unsee(&sighted).await,
                Settled::Done(Token::Came { sighted: None, .. })
                | Settled::Undone(Token::Came { sighted: None, .. }) => {}
                Settled::Commanded(done) => self.commanded(done),
            }
        }
        if !own.is_empty() {
            self.arrived(&own, None, Delivery::Confirmed).await;
        }
        if safe.is_empty() {
            return;
        }
        if let Err(e) = self.keeper.settle(&safe, at).await {
            // Neither remembered nor confirmed: they come again.
            self.log(e.to_string());
            for sighted in &safe {
                self.unsee(sighted).await;
            }
            return;
        }
        for (sighted, wanted, resource, thread) in confirm {
            if let (true, Ok(to)) = (wanted, BareJid::new(&sighted.from)) {
                self.receipts.add(to, resource, &thread, sighted.id);
            }
        }
    }

    async fn unsee(&mut self, sighted: &Sighted) {
        if let Err(e) = self.keeper.unsee(sighted).await {
            self.log(e.to_string());
        }
    }

    /// Tells senders which of their messages are safe.
    pub(super) fn send_receipts(&mut self) {
        let all = std::mem::take(&mut self.receipts);
        for (to, waiting) in all.waiting {
            let with_resource = waiting.resource.as_deref().and_then(|r| to.with_resource_str(r).ok());
            let jid = with_resource.map_or_else(|| Jid::from(to.clone()), Jid::from);
            for ids in waiting.ids.chunks(MAX_RECEIPT_IDS) {
                let draft = receipt(ids, &waiting.thread);
                if let Ok(message) = self.stanza(&jid, &draft, &Destination::Agent(to.to_string())) {
                    self.send(message);
                }
            }
        }
    }
}
