//! Records put together: overlapping exports give the most of each count and the widest span, never a sum.

use super::record::{Network, Record, Touch};
use crate::{
    limits::{MAX_REPORTED_ACCESSES, MAX_REPORTED_APPS, MAX_REPORTED_DOMAINS},
    model::{Access, AccessCategory, AppReport, Initiator, ReportTally, ReportedApp, ReportedDomain, Timestamp},
};
use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
};

type Text = Arc<str>;
/// Domain, context, who began it: what makes two lines one row.
type DomainKey = (Text, Option<Text>, Option<Initiator>);
/// The pairing number, and what was used; a number is not trusted to be told once.
type AccessKey = (Text, AccessCategory);

/// All that was said so far.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    apps: BTreeMap<Text, Parts>,
    domains: usize,
    accesses: usize,
    /// Records that a limit dropped.
    pub(super) dropped: u32,
}

#[derive(Debug, Default)]
struct Parts {
    domains: BTreeMap<DomainKey, ReportedDomain>,
    accesses: BTreeMap<AccessKey, Access>,
}

impl Gathered {
    /// What an earlier report said.
    pub(super) fn of(report: AppReport) -> Self {
        let mut all = Self {
            dropped: report.tally.dropped,
            ..Self::default()
        };
        for app in report.apps {
            for domain in app.domains {
                all.domain(&app.bundle, domain);
            }
            for access in app.accesses {
                all.access(&app.bundle, access);
            }
        }
        all
    }

    /// Adds one record.
    pub(super) fn take(&mut self, record: Record) {
        match record {
            Record::Network(Network {
                bundle,
                domain,
                context,
                owner,
                may_profile,
                initiator,
                hits,
                first,
                last,
            }) => self.domain(
                &bundle,
                ReportedDomain {
                    domain,
                    context,
                    owner,
                    may_profile,
                    initiator,
                    hits,
                    first,
                    last,
                },
            ),
            Record::Access(Touch {
                bundle,
                broadcaster,
                category,
                id,
                begin,
                end,
            }) => self.access(
                &bundle,
                Access {
                    category,
                    id,
                    broadcaster,
                    begin,
                    end,
                },
            ),
        }
    }

    fn app(&mut self, bundle: &Text) -> Option<&mut Parts> {
        if !self.apps.contains_key(bundle) && self.apps.len() >= MAX_REPORTED_APPS {
            self.dropped = self.dropped.saturating_add(1);
            return None;
        }
        Some(self.apps.entry(Arc::clone(bundle)).or_default())
    }

    fn domain(&mut self, bundle: &Text, new: ReportedDomain) {
        let full = self.domains >= MAX_REPORTED_DOMAINS;
        let Some(app) = self.app(bundle) else { return };
        let key = (Arc::clone(&new.domain), new.context.clone(), new.initiator);
        match app.domains.entry(key) {
            Entry::Occupied(mut known) => merge_domain(known.get_mut(), new),
            Entry::Vacant(_) if full => self.dropped = self.dropped.saturating_add(1),
            Entry::Vacant(free) => {
                free.insert(new);
                self.domains = self.domains.saturating_add(1);
            }
        }
    }

    fn access(&mut self, bundle: &Text, new: Access) {
        let full = self.accesses >= MAX_REPORTED_ACCESSES;
        let Some(app) = self.app(bundle) else { return };
        match app.accesses.entry((Arc::clone(&new.id), new.category)) {
            Entry::Occupied(mut known) => merge_access(known.get_mut(), new),
            Entry::Vacant(_) if full => self.dropped = self.dropped.saturating_add(1),
            Entry::Vacant(free) => {
                free.insert(new);
                self.accesses = self.accesses.saturating_add(1);
            }
        }
    }

    /// As a report; an app of which nothing fitted is none.
    pub(super) fn report(self, tally: ReportTally) -> AppReport {
        let app = |(bundle, parts): (Text, Parts)| {
            let mut accesses: Vec<Access> = parts.accesses.into_values().collect();
            accesses.sort_by_key(|a| (a.begin.or(a.end), a.category));
            let domains: Vec<_> = parts.domains.into_values().collect();
            (!domains.is_empty() || !accesses.is_empty()).then_some(ReportedApp {
                bundle,
                domains,
                accesses,
            })
        };
        AppReport {
            apps: self.apps.into_iter().filter_map(app).collect(),
            tally: ReportTally {
                dropped: self.dropped,
                ..tally
            },
        }
    }
}

fn merge_domain(known: &mut ReportedDomain, new: ReportedDomain) {
    // Owner and kind as the later report has them: Apple's list is kept up to date.
    let later = new.last >= known.last;
    known.owner = newer(later, known.owner.take(), new.owner);
    known.may_profile = newer(later, known.may_profile, new.may_profile);
    known.hits = known.hits.max(new.hits);
    known.first = known.first.min(new.first);
    known.last = known.last.max(new.last);
}

fn merge_access(known: &mut Access, new: Access) {
    known.begin = earliest(known.begin, new.begin);
    known.end = known.end.max(new.end);
    known.broadcaster = known.broadcaster.take().or(new.broadcaster);
}

fn newer<T>(later: bool, known: Option<T>, new: Option<T>) -> Option<T> {
    if later { new.or(known) } else { known.or(new) }
}

fn earliest(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
