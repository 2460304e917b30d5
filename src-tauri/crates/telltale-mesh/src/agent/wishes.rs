//! What the owner wants of the agent, carried out.

use super::order::{Order, Reply};
use super::questions::{Asked, Topic};
use super::rules::Rules;
use super::task::Task;
use super::xml::element;
use super::{AgentError, Heard};
use crate::link::Stanza;
use crate::message::{Draft, MAX_BODY, encode, envelope};
use crate::{Destination, Queued};
use telltale_core::model::{AgentNow, Delivery, MeshPolicy, Subscription};
use tokio::time::Instant;
use uuid::Uuid;
use xmpp_parsers::iq::Iq;
use xmpp_parsers::jid::{BareJid, Jid};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::presence::{Presence, Type};

/// Namespace of a subscription that was invited (XEP-0379).
pub(super) const PREAUTH: &str = "urn:xmpp:pars:0";
/// Drafts below this are surely small enough with an envelope around them.
const SURELY_SMALL: usize = MAX_BODY / 2;

impl Task {
    pub(super) async fn order(&mut self, order: Order) {
        match order {
            Order::Tell(drafts, reply) => {
                let told = self.tell_all(drafts).await;
                let _ = reply.send(told);
            }
            Order::SendNow(draft, jid, reply) => {
                let sent = self.send_now(&draft, &jid);
                let _ = reply.send(sent);
            }
            Order::Presence { show, status, load } => {
                let status = super::xml::said(&status);
                if (show, load) != (self.show, self.load) || status != self.status {
                    (self.show, self.status, self.load) = (show, status, load);
                    self.presence_changed();
                }
            }
            Order::Policy(policy) => self.new_policy(policy),
            Order::Agents(reply) => {
                let all = std::iter::once(self.own_now()).chain(self.peers.now());
                let _ = reply.send(all.collect());
            }
            Order::Holders(to, reply) => {
                let holders = match &to {
                    Destination::Role { role, duty } => self.peers.holders(role, duty),
                    Destination::Agent(_) => Vec::new(),
                };
                let _ = reply.send(holders.iter().map(|c| c.jid.to_bare().to_string()).collect());
            }
            Order::Counts(reply) => {
                let _ = reply.send(self.counts());
            }
            Order::Subscribe(jid, reply) => {
                let _ = reply.send(self.subscribe(&jid));
            }
            Order::Unsubscribe(jid, reply) => {
                let _ = reply.send(self.unsubscribe(&jid));
            }
            Order::Answer(jid, yes, reply) => {
                let _ = reply.send(self.answer(&jid, yes));
            }
            Order::Ask {
                to,
                set,
                payload,
                reply,
            } => self.ask_for_owner(to, set, payload, reply),
            Order::Command { to, payload, reply } => self.command_for_owner(&to, payload, reply),
            Order::Follow {
                service,
                node,
                follow,
                reply,
            } => {
                let _ = reply.send(self.follow(Topic::new(&service, &node), follow));
            }
            // The loop itself ends with it.
            Order::Close(reply) => {
                let _ = reply.send(());
            }
        }
    }

    async fn tell_all(&mut self, drafts: Vec<(Draft, Destination)>) -> Result<(), AgentError> {
        let now = self.now();
        let mut queued = Vec::with_capacity(drafts.len());
        for (draft, to) in &drafts {
            queued.push(Queued {
                id: draft.id.clone(),
                draft: self.checked(draft, to)?,
                to: to.clone(),
                queued: now,
                tries: 0,
            });
        }
        self.keeper.queue(&queued).await?;
        for ((draft, to), queued) in drafts.into_iter().zip(queued) {
            if self.lanes.flies(&draft.id) {
                continue;
            }
            let open = self.is_open(&to);
            self.lanes.queued(&to, draft, queued.draft.len(), open);
            self.stirred.insert(to);
        }
        Ok(())
    }

    /// The draft as it is stored, if it can be said to somebody.
    fn checked(&self, draft: &Draft, to: &Destination) -> Result<String, AgentError> {
        let invalid = |why: &str| AgentError::Invalid(why.to_owned());
        if Uuid::parse_str(&draft.id).map(|id| id.to_string()) != Ok(draft.id.clone()) {
            return Err(invalid("the id of a message is a UUID"));
        }
        if let Destination::Agent(jid) = to {
            super::xml::bare(jid)?;
        }
        let text = serde_json::to_string(draft).map_err(|e| AgentError::Invalid(e.to_string()))?;
        if text.len() > SURELY_SMALL || draft.performative.is_empty() {
            let sent = envelope(draft, &self.own, to, u64::MAX, u64::MAX, self.now());
            encode(&Jid::from(self.own.clone()), &sent)
                .map_err(|e| AgentError::Invalid(format!("the message: {e}")))?;
        }
        Ok(text)
    }

    fn send_now(&mut self, draft: &Draft, jid: &str) -> Result<String, AgentError> {
        let jid = super::xml::bare(jid)?;
        if self.peers.standing(&jid) == super::rules::Standing::Denied {
            return Err(AgentError::Stranger(jid.to_string()));
        }
        if self.online.is_none() || self.boot.is_none() {
            return Err(AgentError::Offline);
        }
        let choice = self.choose_for(&jid);
        let super::channel::Channel::Direct(to) = choice.channel else {
            return Err(AgentError::Absent(jid.to_string()));
        };
        let message = self.stanza(&to, draft, &Destination::Agent(jid.to_string()))?;
        if !self.send(message) {
            return Err(AgentError::Busy);
        }
        self.peers.count_sent(&jid);
        Ok(choice.why)
    }

    fn new_policy(&mut self, policy: MeshPolicy) {
        self.peers.set_rules(Rules::new(&policy, self.inviter.as_ref()));
        self.config.policy = policy;
        let asking = self.peers.now().filter(|a| a.subscription == Subscription::Asks);
        let asking: Vec<BareJid> = asking.filter_map(|a| BareJid::new(&a.jid).ok()).collect();
        for jid in asking {
            match self.peers.standing(&jid) {
                super::rules::Standing::Trusted => self.approve(&jid),
                super::rules::Standing::Denied => self.refuse(&jid),
                super::rules::Standing::Unknown => {}
            }
        }
        self.look_up();
        self.stir_lanes();
        self.stir_pages();
    }

    fn subscribe(&mut self, jid: &BareJid) -> Result<(), AgentError> {
        if *jid == self.own {
            return Err(AgentError::Invalid("that is this computer itself".to_owned()));
        }
        if self.online.is_none() {
            return Err(AgentError::Offline);
        }
        let token = match &self.config.invited {
            Some((inviter, token)) if BareJid::new(inviter.trim()).ok().as_ref() == Some(jid) => Some(token.clone()),
            _ => None,
        };
        let mut asks = Presence::new(Type::Subscribe).with_to(Jid::from(jid.clone()));
        if let Some(token) = token {
            asks.payloads.push(element("preauth", PREAUTH, &[("token", &token)]));
        }
        self.send(asks);
        self.peers.answered(jid);
        self.send(Presence::new(Type::Subscribed).with_to(Jid::from(jid.clone())));
        self.stir_pages();
        Ok(())
    }

    fn unsubscribe(&mut self, jid: &BareJid) -> Result<(), AgentError> {
        if self.online.is_none() {
            return Err(AgentError::Offline);
        }
        let item = element(
            "item",
            xmpp_parsers::ns::ROSTER,
            &[("jid", jid.as_str()), ("subscription", "remove")],
        );
        let query = super::xml::around("query", xmpp_parsers::ns::ROSTER, &[], [item]);
        // The server tells the other side of both ends of it (RFC 6121 section 2.5).
        self.ask(None, true, query, Asked::Nothing);
        self.refuse(jid);
        Ok(())
    }

    fn answer(&mut self, jid: &BareJid, yes: bool) -> Result<(), AgentError> {
        if self.online.is_none() {
            return Err(AgentError::Offline);
        }
        if yes {
            self.approve(jid);
        } else {
            self.refuse(jid);
        }
        Ok(())
    }

    /// It may see our presence, and is asked for its own.
    pub(super) fn approve(&mut self, jid: &BareJid) {
        self.send(Presence::new(Type::Subscribed).with_to(Jid::from(jid.clone())));
        if !self.peers.shown(jid) {
            self.send(Presence::new(Type::Subscribe).with_to(Jid::from(jid.clone())));
        }
        self.peers.answered(jid);
        self.stir_pages();
    }

    /// It may not see our presence.
    pub(super) fn refuse(&mut self, jid: &BareJid) {
        self.send(Presence::new(Type::Unsubscribed).with_to(Jid::from(jid.clone())));
        self.peers.answered(jid);
        self.stir_pages();
    }

    /// Gives another agent a command, at the place where it is spoken to.
    fn command_for_owner(&mut self, to: &BareJid, payload: Element, reply: Reply<Option<Element>>) {
        let there = self.peers.there(to);
        let problem = match there {
            _ if self.online.is_none() => AgentError::Offline,
            _ if !self.peers.trusts(to) => AgentError::Stranger(to.to_string()),
            None => AgentError::Absent(to.to_string()),
            Some(there) => return self.ask(Some(there.jid), true, payload, Asked::Owner(reply)),
        };
        let _ = reply.send(Err(problem));
    }

    fn ask_for_owner(&mut self, to: Jid, set: bool, payload: Element, reply: Reply<Option<Element>>) {
        if self.online.is_none() {
            let _ = reply.send(Err(AgentError::Offline));
            return;
        }
        self.ask(Some(to), set, payload, Asked::Owner(reply));
    }

    /// Asks a question; one that cannot be asked now is over at once.
    pub(super) fn ask(&mut self, to: Option<Jid>, set: bool, payload: Element, asked: Asked) {
        let wait = self.config.limits.answer;
        let id = match self.questions.add(to.clone(), asked, Instant::now(), wait) {
            Ok(id) => id,
            Err(asked) => {
                self.count("too_many_questions");
                return self.not_answered(asked, AgentError::Busy);
            }
        };
        let question = if set {
            Iq::Set {
                from: None,
                to,
                id,
                payload,
            }
        } else {
            Iq::Get {
                from: None,
                to,
                id,
                payload,
            }
        };
        self.send(Stanza::Iq(question));
    }

    fn follow(&mut self, topic: Topic, follow: bool) -> Result<(), AgentError> {
        if !follow {
            self.follows.remove(&topic);
            return Ok(());
        }
        if self.follows.len() >= super::MAX_FOLLOWS && !self.follows.contains(&topic) {
            return Err(AgentError::Invalid("too many topics are followed".to_owned()));
        }
        self.follows.insert(topic.clone());
        self.ask_missed(topic);
        Ok(())
    }

    fn own_now(&self) -> AgentNow {
        let abilities = &self.ours.abilities;
        AgentNow {
            jid: self.own.to_string(),
            resource: self.online.as_ref().map(|jid| jid.resource().to_string()),
            name: self.config.name.clone(),
            role: abilities.role.clone(),
            duties: abilities.duties.clone(),
            show: match self.online {
                Some(_) => self.show,
                None => telltale_core::model::Show::Offline,
            },
            status: self.status.clone(),
            load: Some(self.load),
            software: Some(self.config.software.clone()),
            last_seen: self.online.as_ref().map(|_| self.now()),
            subscription: Subscription::None,
            trusted: true,
            received: 0,
            sent: 0,
            own: true,
        }
    }

    /// Tells what became of a message.
    pub(super) fn told(
        &mut self,
        id: &str,
        peer: Option<String>,
        delivery: Delivery,
        channel: Option<String>,
        problem: Option<String>,
    ) {
        self.tell(Heard::Told {
            id: id.to_owned(),
            peer,
            delivery,
            channel,
            problem,
        });
    }
}
