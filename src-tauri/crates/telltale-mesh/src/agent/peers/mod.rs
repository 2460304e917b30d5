//! Who is known, who is there, and who of them is let in. Pure: what to send, the task knows.
//!
//! Small on purpose: an agent among hundreds knows hundreds.

mod view;

use crate::agent::caps::{Abilities, Announced};
use crate::agent::rules::{Rules, Standing};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use telltale_core::model::{Show, Timestamp};
use tokio::time::Instant;
use xmpp_parsers::jid::{BareJid, FullJid, Jid};
use xmpp_parsers::roster::{Ask, Item, Subscription as Listed};

/// Agents that are known at most; a server's list that is longer is cut.
const MAX_PEERS: usize = 2_000;
/// Resources of one agent at most.
const MAX_RESOURCES: usize = 8;
/// Strangers who wait for the owner's answer at most.
const MAX_ASKS: usize = 256;
/// Times that an agent is asked what it can do, when its answer is not what it announced or does not come.
pub(in crate::agent) const MAX_QUESTIONS: u8 = 2;

/// What somebody's presence says.
#[derive(Clone, Debug)]
pub(in crate::agent) struct Presence {
    pub(in crate::agent) show: Show,
    pub(in crate::agent) status: String,
    pub(in crate::agent) load: Option<u32>,
    pub(in crate::agent) priority: i8,
    pub(in crate::agent) nick: Option<String>,
    pub(in crate::agent) announced: Option<Announced>,
    /// What that means, where it is known.
    pub(in crate::agent) abilities: Option<Arc<Abilities>>,
}

/// One place where an agent is.
#[derive(Debug)]
struct Resource {
    name: Box<str>,
    show: Show,
    status: Box<str>,
    load: Option<u32>,
    priority: i8,
    /// What it announced, until it is known what that means.
    announced: Option<Box<Announced>>,
    questions: u8,
    abilities: Option<Arc<Abilities>>,
}

#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and there are thousands of these"
)]
struct Peer {
    name: Option<Box<str>>,
    listed: Option<Listed>,
    asked: bool,
    asks: bool,
    grouped: bool,
    silent: bool,
    /// When it last sent something, by the clock that nobody sets.
    heard: Option<Instant>,
    resources: Vec<Resource>,
    registered: Option<Arc<Abilities>>,
    last_seen: Option<Timestamp>,
    received: u32,
    sent: u32,
}

impl Peer {
    /// It shows us its presence.
    fn shows(&self) -> bool {
        matches!(self.listed, Some(Listed::To | Listed::Both))
    }

    fn sees(&self) -> bool {
        matches!(self.listed, Some(Listed::From | Listed::Both))
    }

    /// Nothing is known of it that is worth remembering.
    fn is_nobody(&self) -> bool {
        self.listed.is_none()
            && !self.asks
            && self.resources.is_empty()
            && self.registered.is_none()
            && self.last_seen.is_none()
    }

    /// The place where it is spoken to: one that reads envelopes before others, then as it says itself, then the one that was last heard
    /// of: an older one may be a process that died unnoticed.
    fn best(&self) -> Option<&Resource> {
        // They stand in the order in which they were heard of, and of equals the last is taken.
        let order = |r: &&Resource| (r.abilities.as_ref().is_some_and(|a| a.envelopes), r.priority);
        self.resources.iter().max_by_key(order)
    }
}

/// What is to be done about something that was announced.
pub(in crate::agent) enum Verdict {
    /// It means this.
    Known(Arc<Abilities>),
    /// Whoever announced it is asked.
    Ask,
    /// Others were asked about it already.
    Wait,
}

/// Everybody who is known.
#[derive(Debug)]
pub(in crate::agent) struct Peers {
    own: BareJid,
    rules: Rules,
    known: BTreeMap<BareJid, Peer>,
    asks: usize,
}

impl Peers {
    pub(in crate::agent) fn new(own: BareJid, rules: Rules) -> Self {
        Self {
            own,
            rules,
            known: BTreeMap::new(),
            asks: 0,
        }
    }

    pub(in crate::agent) fn set_rules(&mut self, rules: Rules) {
        self.rules = rules;
    }

    pub(in crate::agent) fn standing(&self, jid: &BareJid) -> Standing {
        let grouped = self.known.get(jid).is_some_and(|p| p.grouped && p.sees());
        self.rules.standing(jid, grouped)
    }

    pub(in crate::agent) fn trusts(&self, jid: &BareJid) -> bool {
        self.standing(jid) == Standing::Trusted
    }

    /// Whether it may see what this agent does.
    pub(in crate::agent) fn may_see(&self, jid: &BareJid) -> bool {
        self.rules.may_see(jid) && self.trusts(jid)
    }

    /// Whether it may control what this agent does.
    pub(in crate::agent) fn may_control(&self, jid: &BareJid) -> bool {
        self.rules.may_control(jid) && self.trusts(jid)
    }

    /// The server's list, whole; how many did not fit.
    pub(in crate::agent) fn set_roster(&mut self, items: Vec<Item>) -> usize {
        for peer in self.known.values_mut() {
            peer.listed = None;
            peer.grouped = false;
        }
        let refused = items.into_iter().filter(|item| !self.set_item(item)).count();
        self.known.retain(|_, peer| !peer.is_nobody());
        refused
    }

    /// One line of the server's list; `false`: there is no room for it.
    pub(in crate::agent) fn set_item(&mut self, item: &Item) -> bool {
        if item.jid == self.own {
            return true;
        }
        if item.subscription == Listed::Remove {
            self.forget(&item.jid);
            return true;
        }
        let Some(peer) = self.entry(&item.jid) else {
            return false;
        };
        peer.listed = Some(item.subscription.clone());
        peer.asked = item.ask == Ask::Subscribe;
        peer.grouped = !item.groups.is_empty();
        if let Some(name) = item.name.as_deref().filter(|n| !n.is_empty()) {
            peer.name = Some(crate::agent::xml::said(name).into());
        }
        if !peer.shows() {
            peer.resources.clear();
        }
        true
    }

    fn forget(&mut self, jid: &BareJid) {
        if self.known.remove(jid).is_some_and(|peer| peer.asks) {
            self.asks = self.asks.saturating_sub(1);
        }
    }

    /// Makes room: forgets who left long ago and is on no list. `None`: there is nobody like that.
    fn forget_one_who_left(&mut self) -> Option<()> {
        let left = |p: &&Peer| p.listed.is_none() && !p.asks && p.resources.is_empty();
        let oldest = self.known.iter().filter(|(_, peer)| left(peer));
        let (jid, _) = oldest.min_by_key(|(_, peer)| peer.last_seen)?;
        let jid = jid.clone();
        self.known.remove(&jid).map(drop)
    }

    fn entry(&mut self, jid: &BareJid) -> Option<&mut Peer> {
        if self.known.len() >= MAX_PEERS && !self.known.contains_key(jid) {
            self.forget_one_who_left()?;
        }
        Some(self.known.entry(jid.clone()).or_default())
    }

    /// Somebody asks and waits for the owner; `false`: too many wait already.
    pub(in crate::agent) fn ask(&mut self, jid: &BareJid) -> bool {
        let waits = self.known.get(jid).is_some_and(|p| p.asks);
        if waits {
            return true;
        }
        if self.asks >= MAX_ASKS {
            return false;
        }
        let Some(peer) = self.entry(jid) else {
            return false;
        };
        peer.asks = true;
        self.asks = self.asks.saturating_add(1);
        true
    }

    /// It waits no more.
    pub(in crate::agent) fn answered(&mut self, jid: &BareJid) {
        let Some(peer) = self.known.get_mut(jid) else {
            return;
        };
        if std::mem::take(&mut peer.asks) {
            self.asks = self.asks.saturating_sub(1);
        }
        if peer.is_nobody() {
            self.known.remove(jid);
        }
    }

    /// Whether we see its presence, or have asked for it.
    pub(in crate::agent) fn shown(&self, jid: &BareJid) -> bool {
        self.known.get(jid).is_some_and(|p| p.shows() || p.asked)
    }

    /// Whether we see its presence.
    pub(in crate::agent) fn seen(&self, jid: &BareJid) -> bool {
        self.known.get(jid).is_some_and(Peer::shows)
    }

    /// It is there. `false`: its presence is none of ours.
    pub(in crate::agent) fn available(&mut self, jid: &FullJid, told: Presence, now: Timestamp) -> bool {
        let bare = jid.to_bare();
        let ours = bare != self.own && (self.seen(&bare) || self.trusts(&bare));
        let Some(peer) = ours.then(|| self.entry(&bare)).flatten() else {
            return false;
        };
        peer.last_seen = Some(now);
        peer.silent = false;
        if let Some(nick) = told.nick.filter(|_| peer.listed.is_none() || peer.name.is_none()) {
            peer.name = Some(nick.into());
        }
        let name = jid.resource().as_str();
        let place = peer.resources.iter().position(|r| *r.name == *name);
        let mut resource = if let Some(at) = place {
            peer.resources.remove(at)
        } else {
            // The one that was not heard of for longest may be a process that died unnoticed; this one lives.
            if peer.resources.len() >= MAX_RESOURCES {
                peer.resources.remove(0);
            }
            Resource::new(name)
        };
        resource.show = told.show;
        resource.load = told.load;
        resource.priority = told.priority;
        resource.status = told.status.into();
        resource.announce(told.announced, told.abilities);
        // Most are at one place, and a list grows to four at once.
        peer.resources.reserve_exact(1);
        peer.resources.push(resource);
        true
    }

    /// One place of it is gone; `true`: it is nowhere any more.
    pub(in crate::agent) fn unavailable(&mut self, jid: &Jid, now: Timestamp) -> bool {
        let Some(peer) = self.known.get_mut(&jid.to_bare()) else {
            return false;
        };
        let before = peer.resources.len();
        match jid.resource() {
            Some(resource) => peer.resources.retain(|r| *r.name != *resource.as_str()),
            None => peer.resources.clear(),
        }
        if peer.resources.len() == before {
            return false;
        }
        peer.last_seen = Some(now);
        peer.resources.shrink_to_fit();
        peer.resources.is_empty()
    }

    /// The link was made anew: who is there will be told again.
    pub(in crate::agent) fn nobody_is_there(&mut self) {
        for peer in self.known.values_mut() {
            peer.resources.clear();
            peer.silent = false;
        }
    }

    /// What those who are let in announced and is not known yet: `judge` says what is to be done about each, and is told how often it was
    /// asked already; whom to ask comes back. Of one agent's places the one that was last heard of comes first.
    pub(in crate::agent) fn unknown(
        &mut self,
        of: Option<&BareJid>,
        mut judge: impl FnMut(&FullJid, &Announced, u8) -> Verdict,
    ) -> Vec<(FullJid, Announced)> {
        let mut asked = Vec::new();
        let all = of.map_or((Bound::Unbounded, Bound::Unbounded), |jid| {
            (Bound::Included(jid), Bound::Included(jid))
        });
        for (jid, peer) in self.known.range_mut::<BareJid, _>(all) {
            if peer.resources.iter().all(|r| r.announced.is_none()) {
                continue;
            }
            let grouped = peer.grouped && peer.sees();
            if self.rules.standing(jid, grouped) != Standing::Trusted {
                continue;
            }
            for resource in peer.resources.iter_mut().rev() {
                let (Some(announced), Ok(full)) =
                    (resource.announced.as_deref(), jid.with_resource_str(&resource.name))
                else {
                    continue;
                };
                match judge(&full, announced, resource.questions) {
                    Verdict::Known(abilities) => {
                        resource.abilities = Some(abilities);
                        resource.announced = None;
                    }
                    Verdict::Ask if resource.questions < MAX_QUESTIONS => {
                        resource.questions = resource.questions.saturating_add(1);
                        asked.push((full, announced.clone()));
                    }
                    Verdict::Ask | Verdict::Wait => {}
                }
            }
        }
        asked
    }

    /// What one place says of itself, and nobody else who announces the same.
    pub(in crate::agent) fn learn(&mut self, jid: &FullJid, announced: &Announced, abilities: Abilities) {
        let Some(peer) = self.known.get_mut(&jid.to_bare()) else {
            return;
        };
        let said = |r: &&mut Resource| *r.name == *jid.resource().as_str() && r.announced.as_deref() == Some(announced);
        if let Some(resource) = peer.resources.iter_mut().find(said) {
            resource.abilities = Some(Arc::new(abilities));
            resource.announced = None;
        }
    }

    /// One that cannot announce what it can do (SPADE) says it in a message. Only of those who are let in. `true`: it is new.
    pub(in crate::agent) fn register(&mut self, jid: &BareJid, abilities: Abilities) -> bool {
        let Some(peer) = self.trusts(jid).then(|| self.entry(jid)).flatten() else {
            return false;
        };
        if peer.registered.as_deref() == Some(&abilities) {
            return false;
        }
        peer.registered = Some(Arc::new(abilities));
        true
    }

    /// It sent a message: it is there and answers. `true`: it was held to be silent.
    pub(in crate::agent) fn heard_from(&mut self, jid: &BareJid, now: Timestamp, instant: Instant) -> bool {
        self.known.get_mut(jid).is_some_and(|peer| {
            peer.last_seen = Some(now);
            peer.heard = Some(instant);
            peer.received = peer.received.saturating_add(1);
            std::mem::take(&mut peer.silent)
        })
    }

    /// It answered a question.
    pub(in crate::agent) fn lives(&mut self, jid: &BareJid, instant: Instant) {
        if let Some(peer) = self.known.get_mut(jid) {
            peer.heard = Some(instant);
            peer.silent = false;
        }
    }

    /// It was sent something at `since` and has not answered, though it says that it is there. `true`: it is silent from now on.
    pub(in crate::agent) fn is_silent(&mut self, jid: &BareJid, since: Instant) -> bool {
        let answered = self.answers(jid, since);
        let Some(peer) = self.known.get_mut(jid) else {
            return false;
        };
        !answered && !std::mem::replace(&mut peer.silent, true)
    }

    /// Whether it was heard from since then.
    pub(in crate::agent) fn answers(&self, jid: &BareJid, since: Instant) -> bool {
        self.known
            .get(jid)
            .and_then(|peer| peer.heard)
            .is_some_and(|at| at >= since)
    }

    /// Somebody who is let in is there, and it is being asked what it can do.
    pub(in crate::agent) fn is_asked(&self, jid: &BareJid) -> bool {
        let asked = |r: &Resource| r.announced.is_some() && r.questions < MAX_QUESTIONS;
        self.trusts(jid) && self.known.get(jid).and_then(Peer::best).is_some_and(asked)
    }

    pub(in crate::agent) fn count_sent(&mut self, jid: &BareJid) {
        if let Some(peer) = self.known.get_mut(jid) {
            peer.sent = peer.sent.saturating_add(1);
        }
    }
}

impl Resource {
    fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            show: Show::Offline,
            status: "".into(),
            load: None,
            priority: 0,
            announced: None,
            questions: 0,
            abilities: None,
        }
    }

    /// What it announced with its last presence, and what that means, where it is known.
    fn announce(&mut self, announced: Option<Announced>, abilities: Option<Arc<Abilities>>) {
        let unknown = announced.filter(|_| abilities.is_none());
        if unknown.as_ref() != self.announced.as_deref() {
            self.questions = 0;
        }
        self.announced = unknown.map(Box::new);
        self.abilities = abilities;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::caps::Ours;
    use telltale_core::model::{AgentNow, MeshPolicy};
    use xmpp_parsers::roster::Group;

    fn jid(text: &str) -> BareJid {
        BareJid::new(text).expect("an address")
    }

    fn full(text: &str) -> FullJid {
        FullJid::new(text).expect("an address")
    }

    fn listed(who: &str, subscription: Listed, group: bool) -> Item {
        Item {
            jid: jid(who),
            name: None,
            subscription,
            ask: Ask::None,
            groups: group.then(|| Group("Telltale".to_owned())).into_iter().collect(),
            approved: None,
        }
    }

    fn peers() -> Peers {
        let policy = MeshPolicy {
            roster_group: true,
            deny: vec!["bad@x".to_owned()],
            ..MeshPolicy::default()
        };
        let mut peers = Peers::new(jid("me@x"), Rules::new(&policy, None));
        let roster = [("c1@x", true), ("c2@x", true), ("bad@x", true), ("friend@x", false)];
        peers.set_roster(
            roster
                .iter()
                .map(|(who, group)| listed(who, Listed::Both, *group))
                .collect(),
        );
        peers
    }

    fn plain() -> Presence {
        Presence {
            show: Show::Available,
            status: String::new(),
            load: None,
            priority: 0,
            nick: None,
            announced: None,
            abilities: None,
        }
    }

    fn here(peers: &mut Peers, who: &str, show: Show, role: &str) -> bool {
        let ours = Ours::new(role, &["store".to_owned()], "Telltale");
        let told = Presence {
            show,
            status: String::new(),
            load: Some(1),
            priority: 0,
            nick: None,
            announced: Announced::of(&[ours.element()]),
            abilities: Some(ours.abilities),
        };
        peers.available(&full(who), told, Timestamp(1))
    }

    fn holders(peers: &Peers) -> Vec<String> {
        let mut found: Vec<String> = peers
            .holders("correlator", "store")
            .iter()
            .map(|c| c.jid.to_string())
            .collect();
        found.sort();
        found
    }

    #[test]
    fn a_role_counts_only_of_those_who_are_let_in_and_there() {
        let mut peers = peers();
        assert!(here(&mut peers, "c1@x/a", Show::Available, "correlator"));
        here(&mut peers, "c2@x/a", Show::Busy, "correlator");
        here(&mut peers, "bad@x/a", Show::Available, "correlator");
        here(&mut peers, "friend@x/a", Show::Available, "correlator");
        assert!(!here(&mut peers, "stranger@x/a", Show::Available, "correlator"));
        assert_eq!(holders(&peers), ["c1@x/a"]);
        here(&mut peers, "c2@x/a", Show::Away, "correlator");
        assert_eq!(holders(&peers), ["c1@x/a", "c2@x/a"]);
        assert!(peers.unavailable(&full("c1@x/a").into(), Timestamp(2)));
        assert_eq!(holders(&peers), ["c2@x/a"]);
        let shown: Vec<AgentNow> = peers.now().filter(|a| a.role.is_some()).collect();
        assert_eq!(shown.len(), 1, "a page shows no role of those who are not let in");
    }

    #[test]
    fn a_role_that_the_owner_gives_counts_before_what_is_said() {
        let mut peers = peers();
        here(&mut peers, "c1@x/a", Show::Available, "probe");
        let policy = MeshPolicy {
            roster_group: true,
            roles: vec![("c1@x".to_owned(), "correlator".to_owned())],
            ..MeshPolicy::default()
        };
        peers.set_rules(Rules::new(&policy, None));
        assert_eq!(holders(&peers), ["c1@x/a"]);
        assert!(peers.holders("probe", "").is_empty());
        peers.register(
            &jid("c2@x"),
            Abilities {
                role: Some("observer".to_owned()),
                ..Abilities::default()
            },
        );
        peers.available(&full("c2@x/spade"), plain(), Timestamp(1));
        assert_eq!(peers.holders("observer", "").len(), 1);
    }

    #[test]
    fn who_does_not_answer_comes_last_until_it_is_heard_of() {
        let mut peers = peers();
        here(&mut peers, "c1@x/a", Show::Available, "correlator");
        here(&mut peers, "c2@x/a", Show::Away, "correlator");
        let sent = Instant::now();
        assert!(peers.is_silent(&jid("c1@x"), sent));
        assert!(!peers.is_silent(&jid("c1@x"), sent), "once");
        assert_eq!(peers.holders("correlator", "")[0].jid.to_string(), "c2@x/a");
        assert!(peers.heard_from(&jid("c1@x"), Timestamp(3), sent));
        assert!(!peers.is_silent(&jid("c1@x"), sent), "it answered");
        assert_eq!(peers.holders("correlator", "")[0].jid.to_string(), "c1@x/a");
    }

    #[test]
    fn nothing_that_strangers_do_takes_memory_without_end() {
        let mut peers = peers();
        let let_wait = (0..10_000).filter(|n| peers.ask(&jid(&format!("s{n}@x")))).count();
        assert_eq!(let_wait, MAX_ASKS);
        peers.answered(&jid("s0@x"));
        assert!(peers.ask(&jid("s9999@x")));
        for n in 0..10_000 {
            here(&mut peers, &format!("c1@x/{n}"), Show::Available, "probe");
            peers.set_item(&listed(&format!("r{n}@x"), Listed::Both, true));
        }
        assert!(peers.known.len() <= MAX_PEERS);
        let places = &peers.known[&jid("c1@x")].resources;
        assert_eq!(places.len(), MAX_RESOURCES);
        assert_eq!(&*places[MAX_RESOURCES - 1].name, "9999", "the newest lives");
    }

    #[test]
    fn who_left_long_ago_makes_room_for_who_comes() {
        let policy = MeshPolicy {
            allow: vec!["*@y".to_owned()],
            ..MeshPolicy::default()
        };
        let mut peers = Peers::new(jid("me@x"), Rules::new(&policy, None));
        peers.set_item(&listed("friend@y", Listed::Both, false));
        for n in 0..i64::try_from(2 * MAX_PEERS).expect("small") {
            let who = full(&format!("a{n}@y/r"));
            assert!(peers.available(&who, plain(), Timestamp(n)), "{n}");
            peers.unavailable(&who.into(), Timestamp(n));
        }
        assert_eq!(peers.known.len(), MAX_PEERS);
        assert!(peers.known.contains_key(&jid("friend@y")));
        for n in 0..MAX_PEERS {
            here(&mut peers, &format!("b{n}@y/r"), Show::Available, "probe");
        }
        assert!(
            !peers.available(&full("last@y/r"), plain(), Timestamp(0)),
            "all who are known are there"
        );
        assert_eq!(peers.known.len(), MAX_PEERS);
    }

    #[test]
    fn what_is_announced_is_asked_about_twice_at_most() {
        let mut peers = peers();
        let ours = Ours::new("correlator", &[], "Telltale");
        let announced = Announced::of(&[ours.element()]);
        for _ in 0..3 {
            let told = Presence {
                announced: announced.clone(),
                ..plain()
            };
            peers.available(&full("c1@x/a"), told, Timestamp(1));
        }
        assert_eq!(peers.unknown(None, |_, _, _| Verdict::Wait).len(), 0);
        assert_eq!(peers.unknown(None, |_, _, _| Verdict::Ask).len(), 1);
        assert_eq!(peers.unknown(None, |_, _, _| Verdict::Ask).len(), 1);
        assert_eq!(peers.unknown(None, |_, _, _| Verdict::Ask).len(), 0);
        assert_eq!(holders(&peers), Vec::<String>::new());
        // Both answers are on their way, and the first says it: that counts, though it may not be asked any more.
        assert_eq!(
            peers
                .unknown(None, |_, _, _| Verdict::Known(Arc::clone(&ours.abilities)))
                .len(),
            0
        );
        assert_eq!(peers.holders("correlator", "").len(), 1);
        let told = Presence {
            announced: None,
            abilities: Some(Arc::clone(&ours.abilities)),
            ..plain()
        };
        peers.available(&full("c1@x/a"), told, Timestamp(1));
        assert_eq!(peers.holders("correlator", "").len(), 1);
    }
}
