//! The apps of the phone's own report: a table of its own, since nothing in it was seen in the traffic.

use super::bits::{Pen, fill, inline, mark, name, section};
use crate::{reported::Reported, text::apps::AppTexts};
use maud::{Markup, html};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};
use telltale_core::{
    apple::{JoinedApp, known_name},
    model::{Basis, Outcome, ReportedApp},
};

/// Rows of the table; the JSON form has all.
const MAX_APPS: usize = 200;

struct Row<'a> {
    app: &'a ReportedApp,
    servers: usize,
    trackers: usize,
    domains: usize,
    shared: bool,
    sent: u64,
    received: u64,
}

pub(super) fn reported(pen: Pen, outcome: &Outcome) -> Markup {
    let Some(reported) = Reported::of(outcome) else {
        return html! {};
    };
    let t = pen.language.app_texts();
    let mut rows: Vec<Row<'_>> = reported
        .apps()
        .map(|(app, joined)| row(&reported, app, joined))
        .collect();
    rows.sort_by_key(|r| (Reverse(r.servers), Reverse(r.domains), r.app.bundle.clone()));
    let tally = reported.report.tally;
    let unread = tally
        .bad_lines
        .saturating_add(tally.unknown_lines)
        .saturating_add(tally.dropped);
    let whole = |n: usize| pen.language.whole(n as u64);
    let body = html! {
        p class="small soft" {
            (fill(t.read, &[&whole(rows.len()), &pen.language.whole(unread.into()), &pen.language.whole(tally.lines.into())]))
            " " (t.unread)
        }
        div class="scroll" { table {
            thead { tr {
                th scope="col" { (pen.text.rows.app) }
                th scope="col" class="num" { (t.domains) }
                th scope="col" class="num" { (pen.text.servers) }
                th scope="col" class="num" { (pen.text.trackers) }
                th scope="col" class="num" { (pen.text.sent) }
                th scope="col" class="num" { (pen.text.received) }
                th scope="col" { (t.used) }
            } }
            tbody { @for row in rows.iter().take(MAX_APPS) { tr {
                th scope="row" {
                    (name(known_name(&row.app.bundle).unwrap_or(&row.app.bundle)))
                    span class="sub" {
                        @if known_name(&row.app.bundle).is_some() { span class="mono" { (inline(&row.app.bundle)) } " " }
                        (mark(pen, Basis::Inferred, (pen.text.basis)(Basis::Inferred).1))
                    }
                }
                td class="num" { (whole(row.domains)) }
                td class="num" { (whole(row.servers)) }
                td class="num" { (whole(row.trackers)) }
                td class="num" { (octets(pen, t, row.shared, row.sent)) }
                td class="num" { (octets(pen, t, row.shared, row.received)) }
                td { (used(pen, t, row.app)) }
            } } }
        } }
        @if rows.len() > MAX_APPS {
            p class="small soft" { (fill(pen.text.more_rows, &[&(rows.len() - MAX_APPS).to_string()])) }
        }
    };
    section("reported-apps", t.title, t.lead, &body)
}

fn row<'a>(reported: &Reported<'a>, app: &'a ReportedApp, joined: &JoinedApp) -> Row<'a> {
    let mut trackers = BTreeSet::new();
    let (mut sent, mut received, mut shared) = (0_u64, 0_u64, false);
    for server in reported.rows(joined) {
        if server.owner.purpose.is_tracker() {
            trackers.extend(&server.owner.company);
        }
        if reported.is_shared(server.id) {
            shared = true;
        } else {
            sent = sent.saturating_add(server.sent_bytes);
            received = received.saturating_add(server.received_bytes);
        }
    }
    Row {
        app,
        servers: joined.servers.len(),
        trackers: trackers.len(),
        domains: app.domains.iter().map(|d| &d.domain).collect::<BTreeSet<_>>().len(),
        shared,
        sent,
        received,
    }
}

fn octets(pen: Pen, t: &AppTexts, shared: bool, n: u64) -> Markup {
    html! { @if shared { (t.shared) " " } (pen.language.octets(n)) }
}

/// What it used of the phone, and how often.
fn used(pen: Pen, t: &AppTexts, app: &ReportedApp) -> Markup {
    let mut times = BTreeMap::new();
    for access in &app.accesses {
        let count: &mut u64 = times.entry(access.category).or_default();
        *count = count.saturating_add(1);
    }
    html! {
        @for (index, (category, count)) in times.into_iter().enumerate() {
            @if index > 0 { ", " }
            ((t.access)(category)) " (" (pen.language.counted(count, t.times)) ")"
        }
    }
}
