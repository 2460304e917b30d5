//! The server: accounts, sessions, and where each stanza goes.

use super::topics::Topics;
use super::{Faults, event};
use crate::link::{LinkEvent, Stanza};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use tokio::sync::Notify;
use xmpp_parsers::disco::{DiscoInfoResult, DiscoItemsResult, Identity, Item};
use xmpp_parsers::iq::Iq;
use xmpp_parsers::jid::{BareJid, FullJid, Jid};
use xmpp_parsers::message::{Message, MessageType};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::presence::{Presence, Type};
use xmpp_parsers::roster::Subscription;
use xmpp_parsers::stanza_error::{DefinedCondition, ErrorType, StanzaError};

/// Events that wait for one session at most; beyond it they are lost, as with a server that has enough.
const MAX_EVENTS: usize = 200_000;

pub(super) struct Server {
    pub(super) domain: String,
    pub(super) accounts: BTreeMap<BareJid, Account>,
    pub(super) group: BTreeSet<BareJid>,
    pub(super) topics: Topics,
    pub(super) lost: u64,
    /// For faults: the same run has the same ones.
    dice: u64,
    sessions: u64,
}

#[derive(Default)]
pub(super) struct Account {
    /// Who is on the list, who sees whom, and whether it was asked.
    pub(super) list: BTreeMap<BareJid, (Subscription, bool)>,
    pub(super) sessions: Vec<Session>,
    pub(super) faults: Faults,
    /// Messages and requests to see its presence that came while it was away.
    offline: Vec<Stanza>,
}

pub(super) struct Session {
    pub(super) jid: FullJid,
    pub(super) presence: Option<Presence>,
    events: VecDeque<LinkEvent>,
    wake: Arc<Notify>,
    /// Its process is dead, and the server does not know.
    killed: bool,
    /// Its network is cut, and the server knows.
    pub(super) cut: bool,
    over: bool,
}

impl Session {
    pub(super) fn push(&mut self, event: LinkEvent) -> bool {
        if self.killed || self.cut || self.events.len() >= MAX_EVENTS {
            return false;
        }
        self.events.push_back(event);
        self.wake.notify_one();
        true
    }

    pub(super) fn there(&self) -> bool {
        self.presence.is_some() && !self.cut
    }
}

impl Server {
    pub(super) fn new(domain: &str) -> Self {
        Self {
            domain: domain.to_owned(),
            accounts: BTreeMap::new(),
            group: BTreeSet::new(),
            topics: Topics::default(),
            lost: 0,
            dice: 0x9e37_79b9_7f4a_7c15,
            sessions: 0,
        }
    }

    pub(super) fn service(&self) -> String {
        format!("pubsub.{}", self.domain)
    }

    pub(super) fn account(&mut self, jid: &BareJid) -> &mut Account {
        self.accounts.entry(jid.clone()).or_default()
    }

    pub(super) fn open(&mut self, jid: &BareJid, wake: Arc<Notify>) -> Option<FullJid> {
        self.sessions += 1;
        let full = jid.with_resource_str(&format!("s{}", self.sessions)).ok()?;
        // A new session of an account ends one whose process is dead, as a resource that is bound anew does.
        self.notice(jid);
        let mut session = Session {
            jid: full.clone(),
            presence: None,
            events: VecDeque::new(),
            wake,
            killed: false,
            cut: false,
            over: false,
        };
        session.push(LinkEvent::Online {
            jid: full.clone(),
            resumed: false,
        });
        self.account(jid).sessions.push(session);
        Some(full)
    }

    pub(super) fn session(&mut self, jid: &FullJid) -> Option<&mut Session> {
        let account = self.accounts.get_mut(&jid.to_bare())?;
        account.sessions.iter_mut().find(|s| s.jid == *jid)
    }

    /// Whether something waits for a session, and whether it is over.
    pub(super) fn waits(&mut self, jid: &FullJid) -> (bool, bool) {
        match self.session(jid) {
            Some(session) => (!session.events.is_empty(), session.over || session.killed),
            None => (false, true),
        }
    }

    pub(super) fn next_event(&mut self, jid: &FullJid) -> Option<LinkEvent> {
        self.session(jid)?.events.pop_front()
    }

    pub(super) fn leave(&mut self, jid: &FullJid) {
        self.gone(jid);
        if let Some(account) = self.accounts.get_mut(&jid.to_bare()) {
            account.sessions.retain(|s| s.jid != *jid);
        }
    }

    fn of(&mut self, jid: &BareJid) -> Vec<FullJid> {
        self.account(jid).sessions.iter().map(|s| s.jid.clone()).collect()
    }

    pub(super) fn cut(&mut self, jid: &BareJid) {
        for full in self.of(jid) {
            if let Some(session) = self.session(&full) {
                session.push(LinkEvent::Offline {
                    problem: "the network is cut".to_owned(),
                    attempt: 1,
                    retry_ms: 100,
                });
                session.cut = true;
            }
            self.gone(&full);
        }
    }

    pub(super) fn mend(&mut self, jid: &BareJid) {
        for session in &mut self.account(jid).sessions {
            session.cut = false;
            let jid = session.jid.clone();
            session.push(LinkEvent::Online { jid, resumed: false });
        }
    }

    pub(super) fn kill(&mut self, jid: &BareJid) {
        for session in &mut self.account(jid).sessions {
            session.killed = true;
            session.wake.notify_one();
        }
    }

    pub(super) fn notice(&mut self, jid: &BareJid) {
        for full in self.of(jid) {
            if self.session(&full).is_some_and(|s| s.killed) {
                self.leave(&full);
            }
        }
    }

    /// A stanza of a session.
    pub(super) fn take(&mut self, own: &FullJid, stanza: Stanza) {
        if self.session(own).is_none_or(|s| s.cut || s.killed) {
            return;
        }
        match stanza {
            Stanza::Message(mut message) => {
                message.from = Some(own.clone().into());
                self.message(message);
            }
            Stanza::Presence(mut presence) => {
                presence.from = Some(own.clone().into());
                self.presence(own, presence);
            }
            Stanza::Iq(iq) => self.iq(own, iq),
        }
    }

    /// A number from 0 to 99.
    fn roll(&mut self) -> u8 {
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 7;
        self.dice ^= self.dice << 17;
        u8::try_from(self.dice % 100).unwrap_or(0)
    }

    pub(super) fn message(&mut self, message: Message) {
        let Some(to) = message.to.clone() else {
            return;
        };
        let bare = to.to_bare();
        let Some(faults) = self.accounts.get(&bare).map(|a| a.faults) else {
            return self.bounce(message);
        };
        if self.roll() < faults.lost {
            self.lost += 1;
            return;
        }
        let twice = self.roll() < faults.twice;
        let swapped = self.roll() < faults.swapped;
        if twice {
            self.deliver(&to, message.clone(), swapped);
        }
        self.deliver(&to, message, swapped);
    }

    fn deliver(&mut self, to: &Jid, message: Message, swapped: bool) {
        let account = self.accounts.entry(to.to_bare()).or_default();
        let exact = account
            .sessions
            .iter()
            .position(|s| s.jid.as_str() == to.as_str() && !s.cut);
        let best = exact.or_else(|| account.sessions.iter().position(Session::there));
        let Some(session) = best.and_then(|at| account.sessions.get_mut(at)) else {
            if message.type_ == MessageType::Chat {
                account.offline.push(message.into());
            }
            return;
        };
        let before = session.events.len();
        if !session.push(event(message)) {
            self.lost += 1;
        } else if swapped && before > 0 {
            session.events.swap(before - 1, before);
        }
    }

    fn bounce(&mut self, mut message: Message) {
        if message.type_ == MessageType::Error {
            return;
        }
        std::mem::swap(&mut message.from, &mut message.to);
        message.type_ = MessageType::Error;
        message
            .payloads
            .push(error(DefinedCondition::ServiceUnavailable).into());
        if let Some(to) = message.to.clone() {
            self.deliver(&to, message, false);
        }
    }

    /// Keeps something for an account that is away.
    pub(super) fn keep(&mut self, jid: &BareJid, stanza: impl Into<Stanza>) {
        self.account(jid).offline.push(stanza.into());
    }

    /// A session is there for the first time: it gets what came while it was away.
    pub(super) fn hand_kept(&mut self, own: &FullJid) {
        let kept = std::mem::take(&mut self.account(&own.to_bare()).offline);
        if let Some(session) = self.session(own) {
            for stanza in kept {
                session.push(event(stanza));
            }
        }
    }

    pub(super) fn gone(&mut self, jid: &FullJid) {
        let was_there = self.session(jid).and_then(|s| s.presence.take()).is_some();
        if was_there {
            let mut presence = Presence::new(Type::Unavailable);
            presence.from = Some(jid.clone().into());
            self.broadcast(&jid.to_bare(), &presence);
        }
    }

    fn iq(&mut self, own: &FullJid, iq: Iq) {
        let (head, data) = iq.split();
        let Some(to) = head
            .to
            .clone()
            .filter(|to| to.as_str() != self.domain && to.as_str() != own.to_bare().as_str())
        else {
            return self.asked_of_server(own, &head.assemble(data));
        };
        if to.as_str() == self.service() {
            return self.asked_of_topics(own, &head.assemble(data));
        }
        let mut iq = head.assemble(data);
        *iq.from_mut() = Some(own.clone().into());
        let there = to.clone().try_into_full().ok();
        let there = there.filter(|full| self.session(full).is_some_and(|s| !s.cut));
        match there {
            Some(full) => {
                if let Some(session) = self.session(&full) {
                    session.push(event(iq));
                }
            }
            None => self.refuse(own, &iq, Some(to), DefinedCondition::ServiceUnavailable),
        }
    }

    fn asked_of_server(&mut self, own: &FullJid, iq: &Iq) {
        match iq {
            Iq::Get { payload, .. } if payload.is("query", ns::ROSTER) => {
                let list = self.list_of(&own.to_bare());
                self.answer(own, iq, None, Some(list));
            }
            Iq::Set { payload, .. } if payload.is("query", ns::ROSTER) => {
                let payload = payload.clone();
                self.answer(own, iq, None, None);
                self.change_list(&own.to_bare(), payload);
            }
            Iq::Get { payload, .. } if payload.is("ping", ns::PING) => {
                let server = Jid::new(&self.domain).ok();
                self.answer(own, iq, server, None);
            }
            Iq::Get { payload, .. } if payload.is("query", ns::DISCO_ITEMS) => {
                let items = Jid::new(&self.service()).ok().map(|jid| Item {
                    jid,
                    node: None,
                    name: None,
                });
                let found = DiscoItemsResult {
                    node: None,
                    items: items.into_iter().collect(),
                    rsm: None,
                };
                let server = Jid::new(&self.domain).ok();
                self.answer(own, iq, server, Some(found.into()));
            }
            Iq::Get { .. } | Iq::Set { .. } => self.refuse(own, iq, None, DefinedCondition::ServiceUnavailable),
            Iq::Result { .. } | Iq::Error { .. } => {}
        }
    }

    pub(super) fn answer(&mut self, own: &FullJid, iq: &Iq, from: Option<Jid>, payload: Option<Element>) {
        let answer = Iq::Result {
            from,
            to: Some(own.clone().into()),
            id: iq.id().to_owned(),
            payload,
        };
        if let Some(session) = self.session(own) {
            session.push(event(answer));
        }
    }

    pub(super) fn refuse(&mut self, own: &FullJid, iq: &Iq, from: Option<Jid>, condition: DefinedCondition) {
        if matches!(iq, Iq::Result { .. } | Iq::Error { .. }) {
            return;
        }
        let answer = Iq::Error {
            from,
            to: Some(own.clone().into()),
            id: iq.id().to_owned(),
            error: error(condition),
            payload: None,
        };
        if let Some(session) = self.session(own) {
            session.push(event(answer));
        }
    }
}

/// What a service of topics says of itself.
pub(super) fn service_says() -> Element {
    DiscoInfoResult {
        node: None,
        identities: vec![Identity {
            category: "pubsub".to_owned(),
            type_: "service".to_owned(),
            lang: None,
            name: None,
        }],
        features: std::iter::once(ns::PUBSUB.to_owned()).collect(),
        extensions: Vec::new(),
    }
    .into()
}

fn error(condition: DefinedCondition) -> StanzaError {
    StanzaError {
        type_: ErrorType::Cancel,
        by: None,
        defined_condition: condition,
        texts: BTreeMap::new(),
        other: None,
    }
}
