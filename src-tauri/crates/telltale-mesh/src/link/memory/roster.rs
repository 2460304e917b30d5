//! Lists and presence (RFC 6121), as far as agents use them.

use super::event;
use super::route::Server;
use xmpp_parsers::iq::Iq;
use xmpp_parsers::jid::{BareJid, FullJid, Jid};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::presence::{Presence, Type};
use xmpp_parsers::roster::{Ask, Group, Item, Roster, Subscription};

impl Server {
    pub(super) fn add_to_group(&mut self, jid: BareJid) {
        self.account(&jid);
        self.group.insert(jid);
    }

    fn in_group(&self, one: &BareJid, other: &BareJid) -> bool {
        one != other && self.group.contains(one) && self.group.contains(other)
    }

    /// Whether `one` sees the presence of `other`.
    fn sees(&self, one: &BareJid, other: &BareJid) -> bool {
        let listed = self.accounts.get(one).and_then(|a| a.list.get(other));
        self.in_group(one, other) || matches!(listed, Some((Subscription::To | Subscription::Both, _)))
    }

    fn item(&self, of: &BareJid, jid: &BareJid) -> Item {
        let listed = self.accounts.get(of).and_then(|a| a.list.get(jid)).cloned();
        let grouped = self.in_group(of, jid);
        let (subscription, asked) = listed.unwrap_or((Subscription::None, false));
        Item {
            jid: jid.clone(),
            name: None,
            subscription: if grouped { Subscription::Both } else { subscription },
            ask: if asked { Ask::Subscribe } else { Ask::None },
            groups: grouped.then(|| Group("Telltale".to_owned())).into_iter().collect(),
            approved: None,
        }
    }

    pub(super) fn list_of(&self, jid: &BareJid) -> Element {
        let listed = self.accounts.get(jid).into_iter().flat_map(|a| a.list.keys());
        let grouped = self.group.iter().filter(|other| self.in_group(jid, other));
        let mut all: Vec<&BareJid> = listed.chain(grouped).collect();
        all.sort();
        all.dedup();
        Roster {
            ver: None,
            items: all.into_iter().map(|other| self.item(jid, other)).collect(),
        }
        .into()
    }

    /// An account takes somebody off its list: both see nothing of each other any more.
    pub(super) fn change_list(&mut self, own: &BareJid, payload: Element) {
        let items = Roster::try_from(payload).map(|r| r.items).unwrap_or_default();
        for item in items.into_iter().filter(|i| i.subscription == Subscription::Remove) {
            let was = self.account(own).list.remove(&item.jid);
            self.push_item(own, &item);
            if matches!(was, Some((Subscription::To | Subscription::Both, _))) {
                self.lose(&item.jid, own, false);
            }
            if matches!(was, Some((Subscription::From | Subscription::Both, _))) {
                self.lose(&item.jid, own, true);
                self.say(own, &item.jid, Type::Unsubscribed);
            }
        }
    }

    /// `own` loses one half of what it has with `other`: seeing it (`to`), or being seen.
    fn lose(&mut self, own: &BareJid, other: &BareJid, to: bool) {
        if let Some((state, _)) = self.account(own).list.get_mut(other) {
            *state = match (state.clone(), to) {
                (Subscription::Both, true) => Subscription::From,
                (Subscription::Both, false) => Subscription::To,
                (Subscription::To, true) | (Subscription::From, false) => Subscription::None,
                (same, _) => same,
            };
            self.push(own, other);
        }
    }

    fn push(&mut self, own: &BareJid, other: &BareJid) {
        let item = self.item(own, other);
        self.push_item(own, &item);
    }

    fn push_item(&mut self, own: &BareJid, item: &Item) {
        let query: Element = Roster {
            ver: None,
            items: vec![item.clone()],
        }
        .into();
        for session in &mut self.account(own).sessions {
            let push = Iq::Set {
                from: Some(own.clone().into()),
                to: Some(session.jid.clone().into()),
                id: "push".to_owned(),
                payload: query.clone(),
            };
            session.push(event(push));
        }
    }

    fn say(&mut self, from: &BareJid, to: &BareJid, type_: Type) {
        let mut presence = Presence::new(type_);
        presence.from = Some(from.clone().into());
        self.hand(to, &presence);
    }

    /// Hands a presence to all sessions of an account that are there.
    fn hand(&mut self, to: &BareJid, presence: &Presence) {
        let Some(account) = self.accounts.get_mut(to) else {
            return;
        };
        for session in account.sessions.iter_mut().filter(|s| s.there()) {
            let mut presence = presence.clone();
            presence.to = Some(session.jid.clone().into());
            session.push(event(presence));
        }
    }

    /// Tells a presence to all who see it.
    pub(super) fn broadcast(&mut self, own: &BareJid, presence: &Presence) {
        let all: Vec<BareJid> = self
            .accounts
            .keys()
            .filter(|one| self.sees(one, own))
            .cloned()
            .collect();
        for one in all {
            self.hand(&one, presence);
        }
    }

    pub(super) fn presence(&mut self, own: &FullJid, presence: Presence) {
        let bare = own.to_bare();
        if let Some(to) = presence.to.clone().filter(|to| to.to_bare() != bare) {
            return self.directed(&bare, &to, presence);
        }
        match presence.type_ {
            Type::None => {
                let Some(session) = self.session(own) else {
                    return;
                };
                let first = session.presence.replace(presence.clone()).is_none();
                self.broadcast(&bare, &presence);
                if first {
                    self.hand_presences(own);
                    self.hand_kept(own);
                }
            }
            Type::Unavailable => self.gone(own),
            _ => {}
        }
    }

    /// Who is there of those whose presence a new session sees.
    fn hand_presences(&mut self, own: &FullJid) {
        let bare = own.to_bare();
        let seen = self.accounts.iter().filter(|(other, _)| self.sees(&bare, other));
        let sessions = seen.flat_map(|(_, account)| account.sessions.iter().filter(|s| s.there()));
        let presences: Vec<Presence> = sessions.filter_map(|s| s.presence.clone()).collect();
        if let Some(session) = self.session(own) {
            for presence in presences {
                session.push(event(presence));
            }
        }
    }

    fn directed(&mut self, own: &BareJid, to: &Jid, mut presence: Presence) {
        let other = to.to_bare();
        match presence.type_ {
            Type::Subscribe => {
                presence.from = Some(own.clone().into());
                presence.to = Some(other.clone().into());
                self.account(own)
                    .list
                    .entry(other.clone())
                    .or_insert((Subscription::None, false))
                    .1 = true;
                self.push(own, &other);
                let there = self
                    .accounts
                    .get(&other)
                    .is_some_and(|a| a.sessions.iter().any(super::route::Session::there));
                if there {
                    self.hand(&other, &presence);
                } else if self.accounts.contains_key(&other) {
                    self.keep(&other, presence);
                }
            }
            Type::Subscribed => self.let_see(own, &other),
            Type::Unsubscribed => {
                self.lose(own, &other, false);
                self.lose(&other, own, true);
                self.say(own, &other, Type::Unsubscribed);
            }
            Type::Unsubscribe => {
                self.lose(own, &other, true);
                self.lose(&other, own, false);
            }
            _ => self.hand(&other, &presence),
        }
    }

    /// `own` lets `other`, who asked, see its presence.
    fn let_see(&mut self, own: &BareJid, other: &BareJid) {
        let asked = self
            .accounts
            .get(other)
            .and_then(|a| a.list.get(own))
            .is_some_and(|(_, asked)| *asked);
        if !asked {
            return;
        }
        let gain = |state: &mut (Subscription, bool), to: bool| {
            state.0 = match (state.0.clone(), to) {
                (Subscription::None, true) => Subscription::To,
                (Subscription::None, false) => Subscription::From,
                (Subscription::From, true) | (Subscription::To, false) => Subscription::Both,
                (same, _) => same,
            };
            if to {
                state.1 = false;
            }
        };
        let empty = (Subscription::None, false);
        gain(
            self.account(own)
                .list
                .entry(other.clone())
                .or_insert_with(|| empty.clone()),
            false,
        );
        gain(self.account(other).list.entry(own.clone()).or_insert(empty), true);
        self.push(own, other);
        self.push(other, own);
        self.say(own, other, Type::Subscribed);
        let sessions = self.account(own).sessions.iter().filter(|s| s.there());
        let presences: Vec<Presence> = sessions.filter_map(|s| s.presence.clone()).collect();
        for presence in presences {
            self.hand(other, &presence);
        }
    }
}
