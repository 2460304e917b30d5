//! The report's domains laid beside the servers of an audit.
//!
//! A server is joined with an app when its name is exactly one of the app's domains (or, nameless, its address is) and the times of
//! both overlap. That says: the phone reports that this app contacted this domain in that period; it does not say which octets were
//! the app's. Where several apps contacted the same domain, nothing is split. A name that lies *below* a reported domain is not
//! joined, since the report does not name it; it is counted, so that the reader knows that there was more.

use crate::model::{AppReport, ReportedDomain, ServerId, Timestamp};
use std::{collections::BTreeMap, net::IpAddr};

/// By how much the clocks of phone and computer may differ. Both set themselves by the network, mostly to the second; a laptop that
/// slept may lag by minutes until it has asked.
pub const CLOCK_TOLERANCE_NS: i64 = 120_000_000_000;

/// What joining needs of a server row.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// Its number.
    pub id: ServerId,
    /// Its name, lower case.
    pub name: Option<&'a str>,
    /// Its addresses.
    pub addresses: &'a [IpAddr],
    /// First packet.
    pub first: Timestamp,
    /// Last packet.
    pub last: Timestamp,
}

/// Which servers each app contacted, by the report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Joined {
    /// In the order of [`AppReport::apps`].
    pub apps: Vec<JoinedApp>,
    by_server: BTreeMap<ServerId, Vec<usize>>,
}

/// One app's servers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JoinedApp {
    /// In the order of [`crate::model::ReportedApp::domains`].
    pub domains: Vec<JoinedDomain>,
    /// All, by number, each once.
    pub servers: Vec<ServerId>,
}

/// One domain's servers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JoinedDomain {
    /// Server rows of exactly this name.
    pub servers: Vec<ServerId>,
    /// Server rows whose names lie below it and stand in no app's report: whose they are is not known.
    pub below: u32,
}

impl Joined {
    /// The apps (places in [`Self::apps`]) that the report names for a server; more than one: its octets cannot be told apart.
    pub fn apps_of(&self, server: ServerId) -> &[usize] {
        self.by_server.get(&server).map_or(&[], Vec::as_slice)
    }
}

/// Joins a report with server rows.
pub fn join<'a>(report: &AppReport, servers: impl IntoIterator<Item = Seen<'a>>) -> Joined {
    let mut by_domain: BTreeMap<&str, Vec<(usize, usize)>> = BTreeMap::new();
    let mut joined = Joined::default();
    for (a, app) in report.apps.iter().enumerate() {
        for (d, domain) in app.domains.iter().enumerate() {
            by_domain.entry(&domain.domain).or_default().push((a, d));
        }
        joined.apps.push(JoinedApp {
            domains: vec![JoinedDomain::default(); app.domains.len()],
            servers: Vec::new(),
        });
    }
    let of = |at: (usize, usize)| report.apps.get(at.0).and_then(|app| app.domains.get(at.1));
    let during = |name: &str, seen: &Seen<'_>| -> Vec<(usize, usize)> {
        let places = by_domain.get(name).map_or(&[][..], Vec::as_slice).iter().copied();
        places.filter(|at| of(*at).is_some_and(|d| overlap(d, seen))).collect()
    };
    for seen in servers {
        let mut found = match seen.name {
            Some(name) => during(name, &seen),
            None => seen
                .addresses
                .iter()
                .flat_map(|a| during(&a.to_string(), &seen))
                .collect(),
        };
        found.sort_unstable();
        found.dedup();
        for at in &found {
            joined.add(*at, seen.id);
        }
        if let (true, Some(name)) = (found.is_empty(), seen.name) {
            for (a, d) in parents(name).flat_map(|parent| during(parent, &seen)) {
                if let Some(domain) = joined.apps.get_mut(a).and_then(|app| app.domains.get_mut(d)) {
                    domain.below = domain.below.saturating_add(1);
                }
            }
        }
    }
    for app in &mut joined.apps {
        app.servers.sort_unstable();
    }
    joined
}

impl Joined {
    fn add(&mut self, (a, d): (usize, usize), server: ServerId) {
        let Some(app) = self.apps.get_mut(a) else { return };
        if let Some(domain) = app.domains.get_mut(d) {
            domain.servers.push(server);
        }
        let apps = self.by_server.entry(server).or_default();
        if !apps.contains(&a) {
            apps.push(a);
            app.servers.push(server);
        }
    }
}

fn overlap(domain: &ReportedDomain, seen: &Seen<'_>) -> bool {
    domain.first.since(seen.last) <= CLOCK_TOLERANCE_NS && seen.first.since(domain.last) <= CLOCK_TOLERANCE_NS
}

/// The names above a name: `b.c` and `c` of `a.b.c`.
fn parents(name: &str) -> impl Iterator<Item = &str> {
    name.match_indices('.')
        .filter_map(|(at, dot)| name.get(at.saturating_add(dot.len())..))
}
