//! What is worth telling while it happens: a tracker or a clear-text host that this audit did not know.
//!
//! Called by [`super::watch`]; [`Notices`] is where the shell's follower takes them from.

use super::types::Notice;
use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use telltale_core::model::{HttpHost, Summary, Timestamp};

/// Notices of one audit within a minute at most: more is no notice but noise. All of it stands in the audit.
const PER_MINUTE: usize = 4;
const MINUTE: Duration = Duration::from_mins(1);
/// Notices that wait for the follower; older ones are dropped first.
const MAX_WAITING: usize = 64;
/// Companies and hosts remembered of one audit; beyond, nothing new is told.
const MAX_KNOWN: usize = 10_000;

/// Notices of all audits that nobody took yet.
#[derive(Debug, Default)]
pub(crate) struct Notices(Mutex<VecDeque<Notice>>);

impl Notices {
    pub(super) fn push(&self, notice: Notice) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= MAX_WAITING {
            waiting.pop_front();
        }
        waiting.push_back(notice);
    }

    pub(crate) fn take(&self) -> Vec<Notice> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.drain(..).collect()
    }
}

/// What one audit has met.
#[derive(Debug)]
pub(super) struct Met {
    audit: u32,
    trackers: BTreeSet<Arc<str>>,
    hosts: BTreeSet<Arc<str>>,
    told: VecDeque<Duration>,
    /// What came up to here, by the packets' own clock, is no news: the program was ended since.
    old: Timestamp,
}

impl Met {
    pub(super) const fn new(audit: u32) -> Self {
        Self {
            audit,
            trackers: BTreeSet::new(),
            hosts: BTreeSet::new(),
            told: VecDeque::new(),
            old: Timestamp(i64::MIN),
        }
    }

    /// What came up to `at` is met, and no news.
    pub(super) const fn is_old_until(&mut self, at: Timestamp) {
        self.old = at;
    }

    /// Companies among the newest contacts that were not met before.
    pub(super) fn contacts(&mut self, summary: &Summary, now: Duration) -> Vec<Notice> {
        let newest = summary.contacts.iter().filter(|c| c.purpose.is_tracker());
        let companies = newest.filter_map(|c| Some((c.at, c.company.as_ref()?)));
        // Oldest first: what one company was met by long ago counts, not what it was met by since.
        let new = companies
            .rev()
            .filter(|(at, company)| meet(&mut self.trackers, company) && *at > self.old);
        let notice = |(_, company): (Timestamp, &Arc<str>)| Notice::Tracker {
            audit: self.audit,
            company: company.to_string(),
        };
        let new = new.map(notice).collect();
        self.limit(new, now)
    }

    /// Clear-text hosts that were not met before.
    pub(super) fn hosts(&mut self, hosts: &[(u32, HttpHost)], now: Duration) -> Vec<Notice> {
        let new = hosts
            .iter()
            .filter(|(_, h)| meet(&mut self.hosts, &h.host) && h.first > self.old);
        let notice = |(_, h): &(u32, HttpHost)| Notice::ClearText {
            audit: self.audit,
            host: h.host.to_string(),
        };
        let new = new.map(notice).collect();
        self.limit(new, now)
    }

    fn limit(&mut self, mut new: Vec<Notice>, now: Duration) -> Vec<Notice> {
        while self.told.front().is_some_and(|at| now.saturating_sub(*at) >= MINUTE) {
            self.told.pop_front();
        }
        new.truncate(PER_MINUTE.saturating_sub(self.told.len()));
        self.told.extend(new.iter().map(|_| now));
        new
    }
}

fn meet(known: &mut BTreeSet<Arc<str>>, name: &Arc<str>) -> bool {
    known.len() < MAX_KNOWN && known.insert(Arc::clone(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use telltale_core::model::{Endpoint, FlowId};

    fn host(name: &str) -> (u32, HttpHost) {
        let server = Endpoint {
            address: "192.0.2.1".parse().unwrap(),
            port: 80,
        };
        let host = HttpHost {
            host: name.into(),
            server,
            user_agent: None,
            requests: 1,
            flow: FlowId(1),
            first: Timestamp(0),
        };
        (1, host)
    }

    #[test]
    fn each_is_told_once_and_only_some_a_minute() {
        let mut met = Met::new(7);
        let at = Duration::from_secs;
        assert_eq!(met.hosts(&[host("a"), host("a"), host("b")], at(1)).len(), 2);
        assert_eq!(met.hosts(&[host("a")], at(2)), []);
        let many: Vec<_> = ["c", "d", "e", "f"].map(host).into();
        assert_eq!(met.hosts(&many, at(3)).len(), 2, "four a minute");
        assert_eq!(met.hosts(&[host("g")], at(59)), []);
        let told = met.hosts(&[host("h")], at(64));
        let host = "h".to_owned();
        assert_eq!(told, [Notice::ClearText { audit: 7, host }]);
    }

    #[test]
    fn what_was_met_before_the_program_ended_is_no_news() {
        let mut met = Met::new(7);
        met.is_old_until(Timestamp(100));
        let mut late = host("b");
        late.1.first = Timestamp(101);
        let told = met.hosts(&[host("a"), late], Duration::ZERO);
        assert!(matches!(&told[..], [Notice::ClearText { host, .. }] if host == "b"));
    }

    #[test]
    fn nobody_takes_them_and_the_memory_stays_small() {
        let notices = Notices::default();
        for n in 0..1_000 {
            let host = n.to_string();
            notices.push(Notice::ClearText { audit: 1, host });
        }
        let taken = notices.take();
        assert_eq!(taken.len(), MAX_WAITING);
        assert!(matches!(taken.last(), Some(Notice::ClearText { host, .. }) if host == "999"));
        assert_eq!(notices.take(), []);
    }
}
