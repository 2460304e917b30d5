//! Who is known, as others ask for it: by role, by name, for a page. Pure.

use super::{Peer, Peers, Resource};
use crate::agent::caps::Abilities;
use crate::agent::channel::{Candidate, rank};
use std::sync::Arc;
use telltale_core::model::{AgentNow, Show, Subscription};
use xmpp_parsers::jid::{BareJid, Jid};
use xmpp_parsers::roster::Subscription as Listed;

impl Peers {
    /// What somebody can do at a place: what the owner says before what it says itself.
    fn abilities(&self, jid: &BareJid, peer: &Peer, resource: Option<&Resource>) -> Option<Arc<Abilities>> {
        let said = resource
            .and_then(|r| r.abilities.clone())
            .filter(|a| a.envelopes || a.role.is_some());
        let said = said.or_else(|| peer.registered.clone());
        match self.rules.role(jid) {
            None => said,
            Some(role) => Some(Arc::new(Abilities {
                role: Some(role.to_owned()),
                any_duty: true,
                ..said.as_deref().cloned().unwrap_or_default()
            })),
        }
    }

    /// Those who have a role and can do a duty (empty: any), are there, let in, and neither busy nor away for long; the best first.
    pub(in crate::agent) fn holders(&self, role: &str, duty: &str) -> Vec<Candidate> {
        let mut holders: Vec<Candidate> = self
            .known
            .iter()
            .filter(|(jid, _)| self.trusts(jid))
            .filter_map(|(jid, peer)| {
                let able = |r: &&Resource| {
                    let here = matches!(r.show, Show::Chat | Show::Available | Show::Away);
                    here && self.abilities(jid, peer, Some(r)).is_some_and(|a| a.fit(role, duty))
                };
                candidate(
                    jid,
                    peer,
                    peer.resources.iter().filter(able).max_by_key(|r| r.priority)?,
                )
            })
            .collect();
        rank(self.own.as_str(), &mut holders);
        holders
    }

    /// Where somebody is, if it is there.
    pub(in crate::agent) fn there(&self, jid: &BareJid) -> Option<Candidate> {
        let peer = self.known.get(jid)?;
        candidate(jid, peer, peer.best()?)
    }

    /// Whether it reads envelopes and confirms them, and we would believe it.
    pub(in crate::agent) fn reads_envelopes(&self, jid: &Jid) -> bool {
        let bare = jid.to_bare();
        let Some(peer) = self.known.get(&bare).filter(|_| self.trusts(&bare)) else {
            return false;
        };
        let resource = match jid.resource() {
            Some(name) => peer.resources.iter().find(|r| *r.name == *name.as_str()),
            None => peer.best(),
        };
        self.abilities(&bare, peer, resource).is_some_and(|a| a.envelopes)
    }

    /// Everybody as a page shows them.
    pub(in crate::agent) fn now(&self) -> impl Iterator<Item = AgentNow> {
        self.known.iter().map(|(jid, peer)| self.agent(jid, peer))
    }

    fn agent(&self, jid: &BareJid, peer: &Peer) -> AgentNow {
        let best = peer.best();
        let trusted = self.trusts(jid);
        let abilities = self.abilities(jid, peer, best).filter(|_| trusted);
        let name = peer.name.as_deref().or_else(|| jid.node().map(AsRef::as_ref));
        AgentNow {
            jid: jid.to_string(),
            resource: best.map(|r| r.name.to_string()),
            name: name.unwrap_or_default().to_owned(),
            role: abilities.as_ref().and_then(|a| a.role.clone()),
            duties: abilities.as_ref().map(|a| a.duties.clone()).unwrap_or_default(),
            show: best.map_or(Show::Offline, |r| r.show),
            status: best.map(|r| r.status.to_string()).unwrap_or_default(),
            load: best.and_then(|r| r.load),
            software: abilities.and_then(|a| a.software.clone()),
            last_seen: peer.last_seen,
            subscription: match (&peer.listed, peer.asks, peer.asked) {
                (_, true, _) => Subscription::Asks,
                (Some(Listed::Both), ..) => Subscription::Both,
                (Some(Listed::To), ..) => Subscription::To,
                (_, _, true) => Subscription::Asked,
                (Some(Listed::From), ..) => Subscription::From,
                _ => Subscription::None,
            },
            trusted,
            received: peer.received,
            sent: peer.sent,
            own: false,
        }
    }
}

fn candidate(jid: &BareJid, peer: &Peer, resource: &Resource) -> Option<Candidate> {
    Some(Candidate {
        jid: jid.with_resource_str(&resource.name).ok()?.into(),
        show: resource.show,
        load: resource.load.unwrap_or(0),
        silent: peer.silent,
    })
}
