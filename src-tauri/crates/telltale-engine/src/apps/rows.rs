//! Apps as rows.

use super::types::{AccessSum, AppDomain, AppRow, ImportedReport, ServerApp};
use super::{Laid, key_of_app, key_of_bundle, marked_name};
use crate::store::MarkedSums;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use telltale_core::apple::{CLOCK_TOLERANCE_NS, known_name};
use telltale_core::model::{Access, AccessCategory, App, AppId, Basis, ReportedApp, ServerId, Span, Timestamp};

/// What a person calls an app of the report.
pub(super) fn shown(bundle: &str) -> String {
    known_name(bundle).unwrap_or(bundle).to_owned()
}

/// The apps that the capture marks.
pub(super) fn marked(apps: &[App], sums: &BTreeMap<AppId, MarkedSums>) -> Vec<AppRow> {
    apps.iter()
        .map(|app| {
            let sum = sums.get(&app.id).copied().unwrap_or_default();
            AppRow {
                key: key_of_app(app),
                label: app.label.clone(),
                package: app.package.clone(),
                basis: Basis::Observed,
                sent_bytes: app.sent_bytes,
                received_bytes: app.received_bytes,
                servers: sum.servers,
                companies: sum.companies,
                tracker_companies: sum.tracker_companies,
                flows: app.flows,
                shared_servers: 0,
                domains: 0,
                unseen_domains: 0,
                profiling_domains: 0,
                span: sum.span,
                accesses: Vec::new(),
            }
        })
        .collect()
}

/// The apps of the phone's report; `during` is the audit's time.
pub(super) fn reported(laid: &Laid, during: Option<Span>) -> Vec<AppRow> {
    let by_id: BTreeMap<ServerId, _> = laid.servers.iter().map(|s| (s.id, s)).collect();
    let apps = laid.stored.report.apps.iter().zip(&laid.joined.apps);
    apps.map(|(app, joined)| {
        let mut row = AppRow {
            key: key_of_bundle(&app.bundle),
            label: known_name(&app.bundle).map(str::to_owned),
            package: Some(app.bundle.to_string()),
            basis: Basis::Inferred,
            sent_bytes: 0,
            received_bytes: 0,
            servers: count(joined.servers.len()),
            companies: 0,
            tracker_companies: 0,
            flows: 0,
            shared_servers: 0,
            domains: 0,
            unseen_domains: 0,
            profiling_domains: 0,
            span: span(app.domains.iter().map(|d| (d.first, d.last))),
            accesses: accesses(&app.accesses, during),
        };
        let (mut companies, mut trackers) = (BTreeSet::new(), BTreeSet::new());
        for server in joined.servers.iter().filter_map(|id| by_id.get(id)) {
            companies.extend(&server.company);
            if server.purpose.is_tracker() {
                trackers.extend(&server.company);
            }
            if laid.joined.apps_of(server.id).len() > 1 {
                row.shared_servers += 1;
            } else {
                row.sent_bytes = row.sent_bytes.saturating_add(server.sent_bytes);
                row.received_bytes = row.received_bytes.saturating_add(server.received_bytes);
            }
        }
        (row.companies, row.tracker_companies) = (count(companies.len()), count(trackers.len()));
        count_domains(&mut row, app, &joined.domains);
        row
    })
    .collect()
}

/// Counts an app's domains, each once however many contexts it has.
fn count_domains(row: &mut AppRow, app: &ReportedApp, joined: &[telltale_core::apple::JoinedDomain]) {
    let (mut all, mut seen, mut profiling) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (domain, joined) in app.domains.iter().zip(joined) {
        all.insert(&domain.domain);
        if !joined.servers.is_empty() || joined.below > 0 {
            seen.insert(&domain.domain);
        }
        if domain.may_profile == Some(true) {
            profiling.insert(&domain.domain);
        }
    }
    row.domains = count(all.len());
    row.unseen_domains = count(all.len() - seen.len());
    row.profiling_domains = count(profiling.len());
}

/// Accesses added up by what was used, most often first.
fn accesses(list: &[Access], during: Option<Span>) -> Vec<AccessSum> {
    let mut sums: BTreeMap<AccessCategory, AccessSum> = BTreeMap::new();
    for access in list {
        let (begin, end) = (access.begin.or(access.end), access.end.or(access.begin));
        let sum = sums.entry(access.category).or_insert(AccessSum {
            category: access.category,
            times: 0,
            during: 0,
            open: 0,
            first: begin,
            last: end,
        });
        sum.times = sum.times.saturating_add(1);
        sum.open = sum.open.saturating_add(u32::from(access.end.is_none()));
        sum.first = sum.first.min(begin);
        sum.last = sum.last.max(end);
        // One whose end was not told is known to have been there when it began, and no longer.
        if let (Some(begin), Some(end), Some(audit)) = (begin, end, during) {
            let inside = begin.since(audit.last) <= CLOCK_TOLERANCE_NS && audit.first.since(end) <= CLOCK_TOLERANCE_NS;
            sum.during = sum.during.saturating_add(u32::from(inside));
        }
    }
    let mut sums: Vec<AccessSum> = sums.into_values().collect();
    sums.sort_by_key(|s| (Reverse(s.during), Reverse(s.times), s.category));
    sums
}

/// The domains of one app of the report.
pub(super) fn domains(laid: &Laid, bundle: &str) -> Vec<AppDomain> {
    let apps = &laid.stored.report.apps;
    let Some(at) = apps.iter().position(|a| &*a.bundle == bundle) else {
        return Vec::new();
    };
    let mut rows: Vec<AppDomain> = apps[at]
        .domains
        .iter()
        .zip(&laid.joined.apps[at].domains)
        .map(|(domain, joined)| {
            let others: BTreeSet<usize> = joined
                .servers
                .iter()
                .flat_map(|s| laid.joined.apps_of(*s))
                .copied()
                .filter(|other| *other != at)
                .collect();
            AppDomain {
                reported: domain.clone(),
                servers: joined.servers.clone(),
                below: joined.below,
                shared_with: others.into_iter().map(|other| shown(&apps[other].bundle)).collect(),
            }
        })
        .collect();
    rows.sort_by_key(|row| (row.servers.is_empty(), row.below == 0, Reverse(row.reported.hits)));
    rows
}

/// What was imported, in a few numbers.
pub(super) fn imported(laid: &Laid) -> ImportedReport {
    let report = &laid.stored.report;
    let domains = || report.apps.iter().flat_map(|app| &app.domains);
    let accesses = report.apps.iter().flat_map(|app| &app.accesses);
    let times = accesses.filter_map(|a| Some((a.begin.or(a.end)?, a.end.or(a.begin)?)));
    let matched: BTreeSet<ServerId> = laid
        .joined
        .apps
        .iter()
        .flat_map(|a| a.servers.iter().copied())
        .collect();
    ImportedReport {
        file: laid.stored.file.clone(),
        files: laid.stored.files,
        apps: count(report.apps.len()),
        domains: count(domains().map(|d| &d.domain).collect::<BTreeSet<_>>().len()),
        matched_servers: count(matched.len()),
        tally: report.tally,
        span: span(domains().map(|d| (d.first, d.last)).chain(times)),
    }
}

/// A marked app on a server's page.
pub(super) fn server_app(app: &App, flows: u32) -> ServerApp {
    ServerApp {
        key: key_of_app(app),
        name: marked_name(app).cloned().unwrap_or_else(|| format!("UID {}", app.uid)),
        basis: Basis::Observed,
        flows,
    }
}

/// An app of the report on a server's page.
pub(super) fn reported_server_app(app: &ReportedApp) -> ServerApp {
    ServerApp {
        key: key_of_bundle(&app.bundle),
        name: shown(&app.bundle),
        basis: Basis::Inferred,
        flows: 0,
    }
}

/// Most octets first; among those without, most servers, then most domains.
pub(super) fn order(apps: &mut [AppRow]) {
    apps.sort_by_cached_key(|a| {
        let octets = a.sent_bytes.saturating_add(a.received_bytes);
        (Reverse(octets), Reverse(a.servers), Reverse(a.domains), a.key.clone())
    });
}

fn span(times: impl Iterator<Item = (Timestamp, Timestamp)>) -> Option<(Timestamp, Timestamp)> {
    times.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
