//! The outbox in flight: for each destination what was taken from the disk and not confirmed yet. Pure: time is an argument.
//!
//! What waits for nobody stays on the disk. Of what can be sent, so much is held as fills the way to the other side and back.

use crate::message::Draft;
use crate::{Destination, Queued};
use std::collections::{HashMap, VecDeque};
use std::time::Duration;
use telltale_core::model::Timestamp;
use tokio::time::Instant;
use xmpp_parsers::jid::BareJid;

/// Messages in flight for one destination at most.
pub(super) const WINDOW: usize = 256;
/// Octets of them at most.
const MAX_OCTETS: usize = 4_000_000;
/// The longest wait before a message is sent again.
const LONGEST: Duration = Duration::from_mins(1);
/// Whoever got a message may confirm it; so many are remembered of each.
const MAX_RECEIVERS: usize = 4;
/// A message that was sent and is older than this is given up: those who got it may have forgotten that they did.
const TOO_OLD_NS: i64 = 6 * 86_400 * 1_000_000_000;

/// Where a message that was sent is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// With an agent that confirms.
    Peer(BareJid),
    /// Given to the server for an agent that confirms nothing.
    Server(BareJid),
    /// With our own owner.
    Local,
    /// With the service of a topic.
    Topic,
}

/// A message in flight.
#[derive(Clone, Debug)]
pub(super) struct Flying {
    pub(super) draft: Draft,
    octets: usize,
    /// Times that it was sent.
    pub(super) tries: u32,
    pub(super) sent: Option<(Way, Instant)>,
    /// Not before this.
    not_before: Option<Instant>,
    receivers: Vec<BareJid>,
}

/// What waits for one destination.
#[derive(Debug, Default)]
pub(super) struct Lane {
    /// On the disk, and not in flight.
    pub(super) stored: u32,
    pub(super) flying: VecDeque<Flying>,
    octets: usize,
    /// Why it goes the way it goes, as it was last told.
    pub(super) told: String,
}

impl Lane {
    /// How many more may be taken from the disk.
    pub(super) fn room(&self) -> usize {
        if self.octets >= MAX_OCTETS {
            0
        } else {
            WINDOW.saturating_sub(self.flying.len())
        }
    }

    /// Whether it is worth going to the disk for more.
    pub(super) fn wants_more(&self) -> bool {
        self.stored > 0 && self.octets < MAX_OCTETS && self.flying.len() <= WINDOW / 2
    }

    /// Takes what the disk said waits, of `asked` that it was asked for; what cannot be read comes back, to be given up.
    pub(super) fn fill(&mut self, queued: Vec<Queued>, asked: usize, now: Timestamp) -> Vec<(String, &'static str)> {
        let all = queued.len() < asked;
        let mut given_up = Vec::new();
        let mut taken: u32 = 0;
        for message in queued {
            if self.flying.iter().any(|f| f.draft.id == message.id) {
                continue;
            }
            taken = taken.saturating_add(1);
            if message.tries > 0 && now.since(message.queued) > TOO_OLD_NS {
                given_up.push((message.id, "nobody confirmed it in six days"));
            } else {
                match serde_json::from_str(&message.draft) {
                    Ok(draft) => self.push(draft, message.draft.len(), message.tries),
                    Err(_) => given_up.push((message.id, "it cannot be read any more")),
                }
            }
        }
        self.stored = if all {
            0
        } else {
            self.stored.saturating_sub(taken).max(1)
        };
        given_up
    }

    fn push(&mut self, draft: Draft, octets: usize, tries: u32) {
        self.octets = self.octets.saturating_add(octets);
        self.flying.push_back(Flying {
            draft,
            octets,
            tries,
            sent: None,
            not_before: None,
            receivers: Vec::new(),
        });
    }

    /// The next that is not sent, from place `from` on.
    pub(super) fn next_unsent(&self, from: usize, now: Instant) -> Option<usize> {
        let due = |f: &Flying| f.sent.is_none() && f.not_before.is_none_or(|at| at <= now);
        (from..self.flying.len()).find(|at| self.flying.get(*at).is_some_and(due))
    }

    /// It was sent that way.
    pub(super) fn sent(&mut self, at: usize, way: Way, now: Instant) {
        let Some(flying) = self.flying.get_mut(at) else {
            return;
        };
        if let Way::Peer(peer) = &way
            && !flying.receivers.contains(peer)
        {
            flying.receivers.truncate(MAX_RECEIVERS - 1);
            flying.receivers.insert(0, peer.clone());
        }
        flying.tries = flying.tries.saturating_add(1);
        flying.not_before = None;
        flying.sent = Some((way, now));
    }

    /// Takes one out that has arrived, or is given up.
    pub(super) fn take(&mut self, id: &str) -> Option<Flying> {
        let at = self.flying.iter().position(|f| f.draft.id == id)?;
        let flying = self.flying.remove(at)?;
        self.octets = self.octets.saturating_sub(flying.octets);
        Some(flying)
    }

    /// Lets go of what was never sent: nobody can take it now, and the disk has it.
    pub(super) fn let_go(&mut self) {
        let before = self.flying.len();
        self.flying.retain(|f| f.sent.is_some() || !f.receivers.is_empty());
        let gone = before.saturating_sub(self.flying.len());
        self.stored = self.stored.saturating_add(u32::try_from(gone).unwrap_or(u32::MAX));
        self.octets = self.flying.iter().map(|f| f.octets).sum();
        if self.flying.is_empty() {
            self.flying.shrink_to_fit();
        }
    }

    fn is_over(&self) -> bool {
        self.stored == 0 && self.flying.is_empty()
    }
}

/// All destinations.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    pub(super) all: HashMap<Destination, Lane>,
    /// Where each message in flight is.
    of: HashMap<String, Destination>,
}

impl Lanes {
    /// A message was put on the disk; it is taken from memory where nothing is before it and the way is open.
    pub(super) fn queued(&mut self, to: &Destination, draft: Draft, octets: usize, open: bool) {
        let lane = self.all.entry(to.clone()).or_default();
        if open && lane.stored == 0 && lane.room() > 0 {
            self.of.insert(draft.id.clone(), to.clone());
            lane.push(draft, octets, 0);
        } else {
            lane.stored = lane.stored.saturating_add(1);
        }
    }

    /// Whether this message is in flight.
    pub(super) fn flies(&self, id: &str) -> bool {
        self.of.contains_key(id)
    }

    /// Takes what the disk said waits; what is given up comes back.
    pub(super) fn fill(
        &mut self,
        to: &Destination,
        queued: Vec<Queued>,
        asked: usize,
        now: Timestamp,
    ) -> Vec<(String, &'static str)> {
        let Some(lane) = self.all.get_mut(to) else {
            return Vec::new();
        };
        let before = lane.flying.len();
        let given_up = lane.fill(queued, asked, now);
        for flying in lane.flying.iter().skip(before) {
            self.of.insert(flying.draft.id.clone(), to.clone());
        }
        given_up
    }

    /// Which of these messages a peer may confirm; they are in flight no more.
    pub(super) fn confirmed(&mut self, by: &BareJid, ids: &[String]) -> Vec<(String, Destination)> {
        let mut taken = Vec::new();
        for id in ids {
            if let Some((destination, _)) = self.take_if(id, |f| f.receivers.contains(by)) {
                taken.push((id.clone(), destination));
            }
        }
        taken
    }

    /// Takes a message out of flight.
    pub(super) fn take(&mut self, id: &str) -> Option<(Destination, Flying)> {
        self.take_if(id, |_| true)
    }

    fn take_if(&mut self, id: &str, fits: impl Fn(&Flying) -> bool) -> Option<(Destination, Flying)> {
        let to = self.of.get(id)?;
        let lane = self.all.get_mut(to)?;
        if !lane.flying.iter().find(|f| f.draft.id == id).is_some_and(fits) {
            return None;
        }
        let flying = lane.take(id)?;
        let to = self.of.remove(id)?;
        if lane.is_over() {
            self.all.remove(&to);
        }
        Some((to, flying))
    }

    /// What left the flight could not be taken off the disk: it will be read and sent again.
    pub(super) fn put_back(&mut self, to: &Destination) {
        let lane = self.all.entry(to.clone()).or_default();
        lane.stored = lane.stored.saturating_add(1);
    }

    /// Nobody can take what waits for this destination now.
    pub(super) fn let_go(&mut self, to: &Destination) {
        let Some(lane) = self.all.get_mut(to) else {
            return;
        };
        lane.let_go();
        let flying: std::collections::HashSet<&str> = lane.flying.iter().map(|f| f.draft.id.as_str()).collect();
        self.of.retain(|id, of| of != to || flying.contains(id.as_str()));
        if lane.is_over() {
            self.all.remove(to);
        }
    }

    /// Everything that went a way that is gone is to be sent anew.
    pub(super) fn unsent(&mut self, gone: impl Fn(&Way) -> bool) {
        for flying in self.all.values_mut().flat_map(|lane| &mut lane.flying) {
            if flying.sent.as_ref().is_some_and(|(way, _)| gone(way)) {
                flying.sent = None;
                flying.not_before = None;
            }
        }
    }

    /// One that was refused, or not handled: to be sent anew after a while. How often it was sent; `None`: it is not in flight.
    pub(super) fn later(&mut self, id: &str, now: Instant) -> Option<u32> {
        let lane = self.all.get_mut(self.of.get(id)?)?;
        let flying = lane.flying.iter_mut().find(|f| f.draft.id == id)?;
        flying.sent = None;
        flying.not_before = Some(now + pause(Duration::from_secs(1), flying.tries));
        Some(flying.tries)
    }

    /// For whom a message is, and whether it went to this peer; `None`: it is not in flight.
    pub(super) fn went_to(&self, id: &str, peer: &BareJid) -> Option<(Destination, bool)> {
        let to = self.of.get(id)?;
        let flying = self.all.get(to)?.flying.iter().find(|f| f.draft.id == id)?;
        let handed = matches!(&flying.sent, Some((Way::Server(jid), _)) if jid == peer);
        Some((to.clone(), handed || flying.receivers.contains(peer)))
    }

    /// A message in flight, and for whom it is.
    pub(super) fn draft(&self, id: &str) -> Option<(&Destination, &Draft)> {
        let (to, lane) = self.all.get_key_value(self.of.get(id)?)?;
        let flying = lane.flying.iter().find(|f| f.draft.id == id)?;
        Some((to, &flying.draft))
    }

    /// Those that were not confirmed in time, by way; they are to be sent anew. `answers` says whether somebody was heard from since
    /// it was sent something: then this one was lost, and is not waited for longer and longer.
    pub(super) fn overdue(
        &mut self,
        wait: Duration,
        now: Instant,
        answers: impl Fn(&BareJid, Instant) -> bool,
    ) -> Vec<(Way, Instant)> {
        let mut ways: Vec<(Way, Instant)> = Vec::new();
        for flying in self.all.values_mut().flat_map(|lane| &mut lane.flying) {
            // What our own owner has, it has; it says when it is done.
            let Some((way, at)) = flying.sent.as_ref().filter(|(way, _)| *way != Way::Local) else {
                continue;
            };
            let tries = match way {
                Way::Peer(peer) if answers(peer, *at) => 0,
                _ => flying.tries.saturating_sub(1),
            };
            if now.saturating_duration_since(*at) < pause(wait, tries) {
                continue;
            }
            match ways.iter_mut().find(|(known, _)| known == way) {
                Some((_, since)) => *since = (*since).min(*at),
                None => ways.push((way.clone(), *at)),
            }
            flying.sent = None;
        }
        ways
    }

    /// Ids of those in flight that were sent, of these.
    pub(super) fn still_flying(&self, ids: &mut Vec<String>) {
        ids.retain(|id| self.of.contains_key(id));
    }

    /// Whether anything is in flight.
    pub(super) fn any_flying(&self) -> bool {
        !self.of.is_empty()
    }

    /// How many wait, in flight or on the disk.
    pub(super) fn len(&self) -> u32 {
        let one = |lane: &Lane| {
            lane.stored
                .saturating_add(u32::try_from(lane.flying.len()).unwrap_or(u32::MAX))
        };
        self.all.values().fold(0, |sum, lane| sum.saturating_add(one(lane)))
    }
}

/// The wait after so many tries: twice as long each time.
fn pause(first: Duration, tries: u32) -> Duration {
    first.saturating_mul(1_u32 << tries.min(8)).min(LONGEST.max(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(id: &str) -> Draft {
        Draft {
            id: id.to_owned(),
            performative: "inform".to_owned(),
            ontology: "o".to_owned(),
            thread: String::new(),
            body: serde_json::Value::Null,
        }
    }

    fn queued(id: &str, tries: u32, at: Timestamp) -> Queued {
        Queued {
            id: id.to_owned(),
            to: to(),
            draft: serde_json::to_string(&draft(id)).expect("JSON"),
            queued: at,
            tries,
        }
    }

    fn to() -> Destination {
        Destination::Role {
            role: "correlator".to_owned(),
            duty: String::new(),
        }
    }

    fn jid(text: &str) -> BareJid {
        BareJid::new(text).expect("an address")
    }

    fn send_all(lanes: &mut Lanes, peer: &str, now: Instant) -> usize {
        let lane = lanes.all.get_mut(&to()).expect("a lane");
        let mut sent = 0;
        while let Some(at) = lane.next_unsent(0, now) {
            lane.sent(at, Way::Peer(jid(peer)), now);
            sent += 1;
        }
        sent
    }

    #[test]
    fn only_who_got_a_message_can_confirm_it() {
        let mut lanes = Lanes::default();
        let now = Instant::now();
        lanes.queued(&to(), draft("1"), 10, true);
        assert_eq!(send_all(&mut lanes, "c1@x", now), 1);
        assert!(lanes.confirmed(&jid("liar@x"), &["1".to_owned()]).is_empty());
        lanes.unsent(|way| *way == Way::Peer(jid("c1@x")));
        assert_eq!(send_all(&mut lanes, "c2@x", now), 1);
        assert_eq!(
            lanes.confirmed(&jid("c1@x"), &["1".to_owned()]).len(),
            1,
            "late, but it has it"
        );
        assert!(lanes.confirmed(&jid("c2@x"), &["1".to_owned()]).is_empty());
        assert!(lanes.all.is_empty() && !lanes.any_flying());
    }

    #[test]
    fn what_waits_for_nobody_stays_on_the_disk() {
        let mut lanes = Lanes::default();
        for n in 0..1_000 {
            lanes.queued(&to(), draft(&n.to_string()), 10, n < 100);
        }
        assert_eq!(lanes.len(), 1_000);
        assert_eq!(lanes.all[&to()].flying.len(), 100);
        lanes.let_go(&to());
        assert_eq!(lanes.len(), 1_000);
        assert!(!lanes.any_flying());
    }

    #[test]
    fn the_disk_is_read_as_far_as_the_window_goes() {
        let mut lanes = Lanes::default();
        let now = Instant::now();
        for n in 0..300 {
            lanes.queued(&to(), draft(&format!("{n:03}")), 10, n < 2);
        }
        let lane = &lanes.all[&to()];
        assert!(lane.wants_more());
        let asked = lane.flying.len() + lane.room();
        let rows = (0..asked)
            .map(|n| queued(&format!("{n:03}"), 0, Timestamp(0)))
            .collect();
        assert!(lanes.fill(&to(), rows, asked, Timestamp(0)).is_empty());
        assert_eq!(lanes.all[&to()].flying.len(), WINDOW);
        assert_eq!(lanes.len(), 300);
        assert_eq!(send_all(&mut lanes, "c@x", now), WINDOW);
        let ids: Vec<String> = (0..WINDOW).map(|n| format!("{n:03}")).collect();
        assert_eq!(lanes.confirmed(&jid("c@x"), &ids).len(), WINDOW);
        let rows = (WINDOW..300).map(|n| queued(&n.to_string(), 0, Timestamp(0))).collect();
        lanes.fill(&to(), rows, WINDOW, Timestamp(0));
        assert_eq!(lanes.all[&to()].stored, 0);
        assert_eq!(lanes.len(), 300 - u32::try_from(WINDOW).expect("small"));
    }

    #[test]
    fn what_is_not_confirmed_is_sent_again_later_and_later() {
        let mut lanes = Lanes::default();
        let (mut now, wait) = (Instant::now(), Duration::from_secs(4));
        lanes.queued(&to(), draft("1"), 10, true);
        let mut waits = Vec::new();
        for _ in 0..6 {
            send_all(&mut lanes, "c@x", now);
            let sent = now;
            while lanes.overdue(wait, now, |_, _| false).is_empty() {
                now += Duration::from_millis(500);
            }
            waits.push((now - sent).as_secs());
        }
        assert_eq!(waits, [4, 8, 16, 32, 60, 60]);
        send_all(&mut lanes, "c@x", now);
        now += wait;
        assert_eq!(
            lanes.overdue(wait, now, |_, _| true).len(),
            1,
            "it was lost, and its receiver is alive"
        );
        send_all(&mut lanes, "c@x", now);
        assert_eq!(lanes.later("1", now), Some(8));
        assert_eq!(send_all(&mut lanes, "c@x", now), 0);
        assert_eq!(send_all(&mut lanes, "c@x", now + LONGEST), 1);
    }

    #[test]
    fn what_was_sent_and_is_too_old_is_given_up_and_what_was_never_sent_is_not() {
        let mut lanes = Lanes::default();
        for n in 0..3 {
            lanes.queued(&to(), draft(&n.to_string()), 10, false);
        }
        let mut broken = queued("2", 0, Timestamp(0));
        broken.draft = "{".to_owned();
        let rows = vec![queued("0", 1, Timestamp(0)), queued("1", 0, Timestamp(0)), broken];
        let late = Timestamp(TOO_OLD_NS + 1);
        let given_up = lanes.fill(&to(), rows, WINDOW, late);
        let ids: Vec<&str> = given_up.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids, ["0", "2"]);
        assert_eq!(lanes.len(), 1);
    }
}
