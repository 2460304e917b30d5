//! Messages that go: each by the way that was chosen for it, again until it is confirmed, by another way where one is gone.

use super::channel::{self, Channel, Choice};
use super::heard::{Receipt, Token};
use super::lanes::{Lane, Way};
use super::questions::Asked;
use super::task::Task;
use super::topics::publication;
use super::xml::{bare, element};
use super::{AgentError, Heard};
use crate::Destination;
use crate::message::{Draft, Received, encode, encode_plain, envelope};
use std::collections::BTreeSet;
use telltale_core::model::Delivery;
use tokio::time::Instant;
use xmpp_parsers::jid::{BareJid, Jid};
use xmpp_parsers::message::Message;
use xmpp_parsers::ns::PING;

impl Task {
    /// The way to one agent.
    pub(super) fn choose_for(&self, jid: &BareJid) -> Choice {
        if *jid == self.own {
            return Choice {
                channel: Channel::Local,
                why: "local: it is for this computer itself".to_owned(),
            };
        }
        if self.peers.is_asked(jid) {
            return Choice {
                channel: Channel::Outbox,
                why: format!("outbox: {jid} is being asked what it can read"),
            };
        }
        let there = self.peers.there(jid);
        channel::by_name(&Jid::from(jid.clone()), there.as_ref(), self.peers.seen(jid))
    }

    fn choose(&self, to: &Destination) -> Choice {
        match to {
            Destination::Role { role, duty } => {
                let own = self.ours.abilities.fit(role, duty);
                channel::by_role(role, duty, own, &self.peers.holders(role, duty))
            }
            Destination::Agent(jid) => match bare(jid) {
                Ok(jid) => self.choose_for(&jid),
                Err(e) => Choice {
                    channel: Channel::Outbox,
                    why: format!("outbox: {e}"),
                },
            },
        }
    }

    /// Whether a message for this destination can be put on its way now.
    pub(super) fn is_open(&self, to: &Destination) -> bool {
        match self.choose(to).channel {
            Channel::Local => true,
            Channel::Direct(_) => self.online.is_some(),
            Channel::Outbox => self.is_routed(to),
        }
    }

    /// Whether some messages for this destination are published.
    fn is_routed(&self, to: &Destination) -> bool {
        let good = (0..self.config.routes.len()).any(|at| !self.bad_routes.contains(&at));
        self.online.is_some() && matches!(to, Destination::Role { .. }) && good
    }

    /// The topic where a message for all who have a role is published.
    fn route(&self, to: &Destination, draft: &Draft) -> Option<usize> {
        if !self.is_routed(to) || draft.performative != "inform" {
            return None;
        }
        let fits = |at: &usize| {
            let route = self.config.routes.get(*at);
            !self.bad_routes.contains(at) && route.is_some_and(|r| r.ontology == draft.ontology)
        };
        (0..self.config.routes.len()).find(fits)
    }

    /// The stanza for somebody: in an envelope, if it reads them.
    pub(super) fn stanza(&mut self, to: &Jid, draft: &Draft, destination: &Destination) -> Result<Message, AgentError> {
        let made = match self.boot.filter(|_| self.peers.reads_envelopes(to)) {
            Some(boot) => {
                self.seq = self.seq.saturating_add(1);
                let envelope = envelope(draft, &self.own, destination, boot, self.seq, self.now());
                encode(to, &envelope)
            }
            None => encode_plain(to, draft),
        };
        made.map_err(|refusal| AgentError::Invalid(format!("the message cannot be sent: {refusal}")))
    }

    /// Puts on their way as many messages as there is room for.
    pub(super) async fn pump(&mut self) {
        if self.stirred.is_empty() || self.boot.is_none() || self.out_room() == 0 {
            return;
        }
        // In one order, so that the same happens each time.
        let stirred: BTreeSet<Destination> = self.stirred.drain().collect();
        for to in stirred {
            self.pump_lane(to).await;
        }
    }

    async fn pump_lane(&mut self, to: Destination) {
        if !self.lanes.all.contains_key(&to) {
            return;
        }
        let choice = self.choose(&to);
        self.tell_choice(&to, &choice);
        let open = match choice.channel {
            Channel::Local => true,
            Channel::Direct(_) => self.online.is_some(),
            Channel::Outbox => false,
        };
        if !open && !self.is_routed(&to) {
            self.lanes.let_go(&to);
            return;
        }
        self.read_more(&to).await;
        let Some(mut lane) = self.lanes.all.remove(&to) else {
            return;
        };
        let given_up = self.send_lane(&to, &mut lane, &choice, open);
        self.lanes.all.insert(to, lane);
        self.give_up(&given_up).await;
    }

    /// Takes from the disk what waits for somebody who is there.
    async fn read_more(&mut self, to: &Destination) {
        let Some(lane) = self.lanes.all.get(to).filter(|lane| lane.wants_more()) else {
            return;
        };
        let asked = lane.flying.len().saturating_add(lane.room());
        let limit = u32::try_from(asked).unwrap_or(u32::MAX);
        match self.keeper.waiting(to, limit).await {
            Ok(queued) => {
                let now = self.now();
                let given_up = self.lanes.fill(to, queued, asked, now);
                self.give_up(&given_up).await;
            }
            Err(e) => self.log(e.to_string()),
        }
    }

    /// Sends what is not sent; what cannot be said comes back.
    fn send_lane(
        &mut self,
        to: &Destination,
        lane: &mut Lane,
        choice: &Choice,
        open: bool,
    ) -> Vec<(String, &'static str)> {
        let now = Instant::now();
        let (mut given_up, mut handed) = (Vec::new(), Vec::new());
        let mut from = 0;
        while let Some(at) = lane.next_unsent(from, now) {
            from = at.saturating_add(1);
            if self.out_room() == 0 {
                self.stirred.insert(to.clone());
                break;
            }
            let Some(draft) = lane.flying.get(at).map(|f| &f.draft) else {
                break;
            };
            let id = draft.id.clone();
            let sent = match (self.route(to, draft), &choice.channel) {
                (Some(route), _) => self.publish_draft(route, draft),
                (None, Channel::Local) => Some(self.hand_over(draft)),
                (None, Channel::Direct(jid)) if open => self.send_draft(jid, to, draft, &mut handed),
                (None, _) => continue,
            };
            match sent {
                Some((way, channel)) => {
                    let peer = match &way {
                        Way::Peer(jid) | Way::Server(jid) => Some(jid.to_string()),
                        Way::Local | Way::Topic => None,
                    };
                    self.tried.push(id.clone());
                    lane.sent(at, way, now);
                    let channel = channel.unwrap_or_else(|| choice.why.clone());
                    self.told(&id, peer, Delivery::Sent, Some(channel), None);
                }
                None => given_up.push((id, "it cannot be said in a message: it is too large")),
            }
        }
        if !handed.is_empty()
            && let Ok(server) = Jid::new(self.own.domain().as_str())
        {
            // A server answers in order: what it was given before this question, it has.
            self.ask(Some(server), false, element("ping", PING, &[]), Asked::Handed(handed));
        }
        given_up
    }

    fn send_draft(
        &mut self,
        jid: &Jid,
        to: &Destination,
        draft: &Draft,
        handed: &mut Vec<String>,
    ) -> Option<(Way, Option<String>)> {
        let confirms = self.peers.reads_envelopes(jid);
        let message = self.stanza(jid, draft, to).ok()?;
        self.send(message);
        let peer = jid.to_bare();
        self.peers.count_sent(&peer);
        if confirms {
            return Some((Way::Peer(peer), None));
        }
        handed.push(draft.id.clone());
        Some((Way::Server(peer), None))
    }

    fn publish_draft(&mut self, route: usize, draft: &Draft) -> Option<(Way, Option<String>)> {
        let route = self.config.routes.get(route)?.clone();
        let payload = publication(&route.node, &draft.id, &draft.body).ok()?;
        let service = Jid::new(&route.service).ok()?;
        self.ask(Some(service), true, payload, Asked::Published(draft.id.clone()));
        let why = format!(
            "topic {} at {}: {} goes to all who follow it",
            route.node, route.service, route.ontology
        );
        Some((Way::Topic, Some(why)))
    }

    /// This computer has the role itself: its owner is handed the message like one that came.
    fn hand_over(&mut self, draft: &Draft) -> (Way, Option<String>) {
        let received = Received {
            from: self.own.to_string(),
            resource: None,
            at: self.now(),
            id: draft.id.clone(),
            performative: draft.performative.clone(),
            ontology: draft.ontology.clone(),
            language: "json".to_owned(),
            thread: draft.thread.clone(),
            body: draft.body.clone(),
            enveloped: true,
        };
        let receipt = Receipt::new(Token::Own(draft.id.clone()), self.settled.clone());
        self.hear(Heard::Message(received, receipt));
        (Way::Local, None)
    }

    /// The way of a destination is told when it is another than before.
    fn tell_choice(&mut self, to: &Destination, choice: &Choice) {
        let now = match &choice.channel {
            Channel::Direct(jid) => jid.to_string(),
            Channel::Local => "local".to_owned(),
            Channel::Outbox => "outbox".to_owned(),
        };
        let Some(lane) = self.lanes.all.get_mut(to) else {
            return;
        };
        if lane.told != now {
            lane.told = now;
            self.log(format!("to {}: {}", channel::words(to), choice.why));
        }
    }

    /// These have arrived, as `by` says (nobody: whoever has them), and leave the outbox.
    pub(super) async fn arrived(&mut self, ids: &[String], by: Option<&BareJid>, delivery: Delivery) {
        let taken = match by {
            Some(by) => self.lanes.confirmed(by, ids),
            None => ids
                .iter()
                .filter_map(|id| Some((id.clone(), self.lanes.take(id)?.0)))
                .collect(),
        };
        if taken.is_empty() {
            return;
        }
        let (ids, destinations): (Vec<String>, Vec<Destination>) = taken.into_iter().unzip();
        if let Err(e) = self.keeper.unqueue(&ids).await {
            self.log(e.to_string());
            for to in &destinations {
                self.lanes.put_back(to);
            }
        } else {
            let peer = by.map(ToString::to_string);
            for id in &ids {
                self.told(id, peer.clone(), delivery, None, None);
            }
        }
        self.stirred.extend(destinations);
    }

    /// These will not be sent any more.
    pub(super) async fn give_up(&mut self, all: &[(String, &'static str)]) {
        if all.is_empty() {
            return;
        }
        let ids: Vec<String> = all.iter().map(|(id, _)| id.clone()).collect();
        if let Err(e) = self.keeper.unqueue(&ids).await {
            return self.log(e.to_string());
        }
        for (id, why) in all {
            self.lanes.take(id);
            self.told(id, None, Delivery::Failed, None, Some((*why).to_owned()));
        }
    }

    /// A topic did not take a message: the others of its kind go another way until the next login.
    pub(super) fn not_published(&mut self, id: &str, why: &AgentError) {
        let Some((to, draft)) = self.lanes.draft(id) else {
            return;
        };
        let (to, route) = (to.clone(), self.route(to, draft));
        if let Some(route) = route {
            self.bad_routes.insert(route);
        }
        self.log(format!("a topic took no message, it goes another way: {why}"));
        self.lanes.unsent(|way| *way == Way::Topic);
        self.stirred.insert(to);
    }

    /// These are sent again after a while.
    pub(super) fn send_later(&mut self, ids: &[String]) {
        let now = Instant::now();
        for id in ids {
            self.lanes.later(id, now);
        }
    }

    /// Looks for messages that were not confirmed in time.
    pub(super) async fn messages_overdue(&mut self) {
        self.count_tries().await;
        let now = Instant::now();
        let (lanes, peers) = (&mut self.lanes, &self.peers);
        let overdue = lanes.overdue(self.config.limits.confirm, now, |jid, since| peers.answers(jid, since));
        for (way, since) in overdue {
            if let Way::Peer(jid) = way
                && self.peers.is_silent(&jid, since)
            {
                self.log(format!("{jid} does not answer; others are asked before it"));
            }
        }
        self.stir_lanes();
    }

    /// Counts on the disk what was sent and not confirmed at once.
    pub(super) async fn count_tries(&mut self) {
        let mut tried = std::mem::take(&mut self.tried);
        self.lanes.still_flying(&mut tried);
        if tried.is_empty() {
            return;
        }
        if let Err(e) = self.keeper.tried(&tried).await {
            self.log(e.to_string());
        }
    }
}
