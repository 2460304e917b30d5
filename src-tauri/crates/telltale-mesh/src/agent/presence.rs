//! The link's own events, and presence: ours, and that of others; the list on the server; who is asked what it can do.

use super::caps::Announced;
use super::peers::{self, Verdict};
use super::questions::{Asked, Topic};
use super::rules::Standing;
use super::task::Task;
use super::topics;
use super::wishes::PREAUTH;
use super::xml::{element, said, with_text};
use super::{AgentError, Heard};
use crate::link::{Link, LinkEvent, Stanza, due};
use std::time::Duration;
use telltale_core::model::{MeshPhase, Show};
use tokio::time::Instant;
use xmpp_parsers::disco::DiscoInfoQuery;
use xmpp_parsers::jid::{BareJid, FullJid, Jid};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::presence::{Presence, Show as XmppShow, Type};
use xmpp_parsers::roster::Roster;

/// How many runs go on; a child of our presence.
const LOAD: &str = "urn:telltale:load:0";
/// A name for people (XEP-0172).
const NICK: &str = "http://jabber.org/protocol/nick";
/// Changes of our presence are told at most once in this time.
const PRESENCE_EVERY: Duration = Duration::from_secs(2);

impl Task {
    pub(super) async fn event(&mut self, event: LinkEvent, link: &mut Option<Link>) {
        match event {
            LinkEvent::Online { jid, resumed } => self.is_online(jid, resumed),
            LinkEvent::Stanza(stanza) => match *stanza {
                Stanza::Message(message) => self.message(message).await,
                Stanza::Presence(presence) => self.presence(&presence),
                Stanza::Iq(iq) => self.iq(iq).await,
            },
            LinkEvent::Offline {
                problem,
                attempt,
                retry_ms,
            } => {
                let next = Some(due(self.now(), retry_ms));
                self.is_offline();
                self.hear(Heard::Phase(MeshPhase::Connecting {
                    attempt,
                    problem: Some(problem),
                    next,
                }));
            }
            LinkEvent::Refused { why, problem } => {
                self.is_offline();
                self.hear(Heard::Phase(MeshPhase::Refused { why, problem }));
                *link = None;
            }
            LinkEvent::Closed => {
                self.is_offline();
                self.hear(Heard::Phase(MeshPhase::Off));
                *link = None;
            }
        }
    }

    fn is_online(&mut self, jid: FullJid, resumed: bool) {
        self.online = Some(jid);
        self.bad_routes.clear();
        if !resumed {
            self.peers.nobody_is_there();
            // What was on its way may have arrived or not: it is sent anew, and counted once by whoever gets it.
            self.lanes.unsent(|way| *way != super::lanes::Way::Local);
            self.undone.clear();
            self.listed = false;
            self.ask_roster();
            for topic in self.follows.clone() {
                self.follow_again(topic);
            }
        }
        // In a session that goes on it may have changed while nothing could be sent; a new one shows itself when it knows the others.
        self.send_presence();
        let since = self.now();
        self.hear(Heard::Phase(MeshPhase::Online { since }));
        self.look_up();
        self.stir_lanes();
        self.stir_pages();
    }

    fn is_offline(&mut self) {
        self.online = None;
        self.drop_out();
        for asked in self.questions.all() {
            if let Asked::Published(id) = &asked {
                self.lanes.later(id, Instant::now());
            }
            self.not_answered(asked, AgentError::Offline);
        }
        // Who was there is told anew when the link stands; until then nobody can be reached.
        self.lanes.unsent(|way| matches!(way, super::lanes::Way::Server(_)));
        self.stir_pages();
    }

    /// Our presence is not as before.
    pub(super) fn presence_changed(&mut self) {
        let now = Instant::now();
        let next = self.presence_sent.map_or(now, |sent| (sent + PRESENCE_EVERY).max(now));
        self.presence_due = self.presence_due.or(Some(next));
        self.stir_pages();
    }

    pub(super) fn send_presence(&mut self) {
        self.presence_due = None;
        // Who is there is told once, as an answer to this: before the list is known, it would be taken for strangers.
        if self.online.is_none() || !self.listed {
            return;
        }
        self.presence_sent = Some(Instant::now());
        let mut presence = Presence::available();
        presence.show = match self.show {
            Show::Chat => Some(XmppShow::Chat),
            Show::Away => Some(XmppShow::Away),
            Show::ExtendedAway => Some(XmppShow::Xa),
            Show::Busy => Some(XmppShow::Dnd),
            Show::Available | Show::Offline => None,
        };
        if !self.status.is_empty() {
            presence.set_status(String::new(), self.status.clone());
        }
        presence.payloads.push(self.ours.element());
        presence
            .payloads
            .push(element("load", LOAD, &[("runs", &self.load.to_string())]));
        if !self.config.name.is_empty() {
            presence.payloads.push(with_text("nick", NICK, &self.config.name));
        }
        self.send(presence);
    }

    pub(super) fn presence(&mut self, presence: &Presence) {
        let Some(from) = presence.from.clone() else {
            return;
        };
        let bare = from.to_bare();
        if bare == self.own {
            return;
        }
        // Leaving is never too much: who left is sent nothing.
        let leaves = matches!(presence.type_, Type::Unavailable | Type::Error | Type::Unsubscribed);
        let now = self.now();
        if !leaves && !self.question_rates.take(bare.as_str(), now) {
            return self.count("flood");
        }
        match presence.type_ {
            Type::None => self.is_there(&from, presence),
            Type::Unavailable | Type::Error => self.left(&from),
            Type::Unsubscribed => self.left(&Jid::from(bare)),
            Type::Subscribe => self.wants_to_see_us(&bare, presence),
            Type::Subscribed | Type::Unsubscribe | Type::Probe => {}
        }
    }

    fn is_there(&mut self, from: &Jid, presence: &Presence) {
        let Ok(full) = from.clone().try_into_full() else {
            return;
        };
        let payloads = &presence.payloads;
        let announced = Announced::of(payloads);
        let abilities = announced.as_ref().and_then(|a| self.known.get(a));
        let child = |name: &str, ns: &str| payloads.iter().find(|e| e.is(name, ns));
        let told = peers::Presence {
            show: show(presence.show.as_ref()),
            status: presence.statuses.values().next().map(|s| said(s)).unwrap_or_default(),
            load: child("load", LOAD).and_then(|e| e.attr("runs")?.parse().ok()),
            priority: presence.priority.0,
            nick: child("nick", NICK).map(|e| said(&e.text())).filter(|n| !n.is_empty()),
            announced,
            abilities,
        };
        let now = self.now();
        if !self.peers.available(&full, told, now) {
            return self.count("stranger");
        }
        self.look_up_of(Some(&full.to_bare()));
        self.stir_lanes();
        self.stir_pages();
    }

    fn left(&mut self, from: &Jid) {
        let now = self.now();
        let nowhere = self.peers.unavailable(from, now);
        let bare = from.to_bare();
        if nowhere {
            self.lanes.unsent(|way| *way == super::lanes::Way::Peer(bare.clone()));
        }
        self.stir_lanes();
        self.stir_pages();
    }

    fn wants_to_see_us(&mut self, jid: &BareJid, presence: &Presence) {
        let preauth = presence.payloads.iter().find(|e| e.is("preauth", PREAUTH));
        let token = preauth
            .and_then(|e| e.attr("token"))
            .filter(|t| t.len() <= super::xml::MAX_NAME);
        match self.peers.standing(jid) {
            Standing::Trusted => self.approve(jid),
            Standing::Denied => {
                self.count("denied");
                self.refuse(jid);
            }
            Standing::Unknown if self.peers.ask(jid) => {
                self.hear(Heard::Asks {
                    jid: jid.to_string(),
                    token: token.map(ToOwned::to_owned),
                });
                self.stir_pages();
            }
            Standing::Unknown => self.count("too_many_asked"),
        }
    }

    /// The server's list came (nothing: it is not told, and what was known of it stays). We show ourselves, and those who invited us are asked,
    /// if they do not show themselves yet.
    pub(super) fn roster(&mut self, payload: Option<Element>) {
        if let Some(roster) = payload.and_then(|e| Roster::try_from(e).ok()) {
            let left_out = self.peers.set_roster(roster.items);
            if left_out > 0 {
                self.log(format!("the server's list is too long: {left_out} of it are left out"));
            }
        }
        self.roster_changed();
        self.listed = true;
        self.send_presence();
        if let Some((jid, token)) = self.config.invited.clone()
            && let Ok(inviter) = BareJid::new(jid.trim())
            && !self.peers.seen(&inviter)
        {
            let mut asks = Presence::new(Type::Subscribe).with_to(Jid::from(inviter));
            asks.payloads.push(element("preauth", PREAUTH, &[("token", &token)]));
            self.send(asks);
        }
    }

    pub(super) fn roster_changed(&mut self) {
        self.look_up();
        self.stir_lanes();
        self.stir_pages();
    }

    /// Asks what was announced and is not known yet.
    pub(super) fn look_up(&mut self) {
        self.look_up_of(None);
    }

    /// The same of one agent alone: each presence of hundreds is looked at once.
    fn look_up_of(&mut self, of: Option<&BareJid>) {
        // Who was never asked comes before who did not answer: it may be gone, and its server has not noticed.
        for round in 0..peers::MAX_QUESTIONS {
            let (known, questions) = (&self.known, &self.questions);
            let mut asked_now: Vec<(FullJid, Announced)> = Vec::new();
            let asked = self.peers.unknown(of, |jid, announced, times| {
                if let Some(abilities) = known.get(announced) {
                    return Verdict::Known(abilities);
                }
                if times != round || !questions.room_for(jid, announced, &asked_now) {
                    return Verdict::Wait;
                }
                asked_now.push((jid.clone(), announced.clone()));
                Verdict::Ask
            });
            for (jid, announced) in asked {
                let query = DiscoInfoQuery {
                    node: announced.question(),
                };
                let to = Some(Jid::from(jid.clone()));
                self.ask(to, false, query.into(), Asked::Abilities(jid, announced));
            }
        }
    }

    fn ask_roster(&mut self) {
        let query = element("query", xmpp_parsers::ns::ROSTER, &[]);
        self.ask(None, false, query, Asked::Roster);
    }

    /// What this agent cannot do without, and was not answered: the link broke, the server was slow, too much was asked at once.
    pub(super) fn ask_again(&mut self) {
        if self.online.is_none() {
            return;
        }
        for asked in std::mem::take(&mut self.undone) {
            match asked {
                Asked::Roster => self.ask_roster(),
                Asked::Follow(topic) if self.follows.contains(&topic) => self.follow_again(topic),
                Asked::Missed(topic) if self.follows.contains(&topic) => self.ask_missed(topic),
                _ => {}
            }
        }
    }

    fn follow_again(&mut self, topic: Topic) {
        let Ok(service) = Jid::new(&topic.service) else {
            return;
        };
        let query = topics::following(&topic.node, self.own.as_str());
        self.ask(Some(service), true, query, Asked::Follow(topic));
    }

    /// Asks for what a topic keeps.
    pub(super) fn ask_missed(&mut self, topic: Topic) {
        let Ok(service) = Jid::new(&topic.service) else {
            return;
        };
        let query = topics::wanted(&topic.node, topics::KEPT_ITEMS);
        self.ask(Some(service), false, query, Asked::Missed(topic));
    }
}

const fn show(show: Option<&XmppShow>) -> Show {
    match show {
        None => Show::Available,
        Some(XmppShow::Chat) => Show::Chat,
        Some(XmppShow::Away) => Show::Away,
        Some(XmppShow::Xa) => Show::ExtendedAway,
        Some(XmppShow::Dnd) => Show::Busy,
    }
}
