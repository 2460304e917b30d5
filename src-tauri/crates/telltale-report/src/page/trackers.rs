//! Who measures or follows: one entry a company, with what its services do in one plain sentence each.

use super::bits::{Pen, fill, group_tag, inline, owner_mark, purpose_tag, section};
use maud::{Markup, html};
use std::{cmp::Reverse, collections::BTreeMap};
use telltale_core::model::{Owner, PurposeGroup, Server};

/// Companies listed; a person reads no more, and the CSV has all.
const MAX_COMPANIES: usize = 150;
/// Server names shown of one company.
const MAX_NAMES: usize = 6;
/// Services explained of one company.
const MAX_SERVICES: usize = 8;

/// A company's servers that are trackers.
struct Tracker<'a> {
    name: &'a str,
    servers: Vec<&'a Server>,
}

/// Who it is: the company, else the registrable domain, else the name or address.
fn who(server: &Server) -> Option<&str> {
    let owner: &Owner = &server.owner;
    owner
        .company
        .as_deref()
        .or(owner.registrable_domain.as_deref())
        .or(server.name.as_deref())
}

fn gather(servers: &[Server]) -> Vec<Tracker<'_>> {
    let mut by_name: BTreeMap<&str, Vec<&Server>> = BTreeMap::new();
    for server in servers.iter().filter(|s| s.owner.tracker) {
        if let Some(name) = who(server) {
            by_name.entry(name).or_default().push(server);
        }
    }
    let mut all: Vec<Tracker<'_>> = by_name
        .into_iter()
        .map(|(name, servers)| Tracker { name, servers })
        .collect();
    for tracker in &mut all {
        tracker.servers.sort_by_key(|s| Reverse((s.flows, s.sent_bytes)));
    }
    all.sort_by_key(|t| Reverse((t.follows(), t.flows(), t.sent())));
    all
}

impl Tracker<'_> {
    fn follows(&self) -> bool {
        self.servers
            .iter()
            .any(|s| s.owner.purpose.group() == PurposeGroup::Follows)
    }

    fn flows(&self) -> u64 {
        self.servers
            .iter()
            .map(|s| u64::from(s.flows))
            .fold(0, u64::saturating_add)
    }

    fn sent(&self) -> u64 {
        self.servers.iter().map(|s| s.sent_bytes).fold(0, u64::saturating_add)
    }

    fn received(&self) -> u64 {
        self.servers
            .iter()
            .map(|s| s.received_bytes)
            .fold(0, u64::saturating_add)
    }

    /// One server for each service, in order of weight.
    fn services(&self) -> Vec<&Server> {
        let mut seen: Vec<&Server> = Vec::new();
        for server in &self.servers {
            let same = |s: &&Server| s.owner.service == server.owner.service && s.owner.purpose == server.owner.purpose;
            if !seen.iter().any(same) {
                seen.push(server);
            }
            if seen.len() == MAX_SERVICES {
                break;
            }
        }
        seen
    }
}

pub(super) fn trackers(pen: Pen, servers: &[Server]) -> Markup {
    let t = &pen.text.parties;
    let all = gather(servers);
    if all.is_empty() {
        return section("trackers", t.trackers, t.no_trackers, &html! {});
    }
    let body = html! {
        ul class="trackers" { @for tracker in all.iter().take(MAX_COMPANIES) { (entry(pen, tracker)) } }
        @if all.len() > MAX_COMPANIES {
            p class="small soft" { (fill(pen.text.more_rows, &[&(all.len() - MAX_COMPANIES).to_string()])) }
        }
    };
    section("trackers", t.trackers, t.trackers_text, &body)
}

fn entry(pen: Pen, tracker: &Tracker<'_>) -> Markup {
    let t = pen.text;
    let group = if tracker.follows() {
        PurposeGroup::Follows
    } else {
        PurposeGroup::Measures
    };
    html! {
        li class="who" {
            p {
                b { (inline(tracker.name)) }
                (group_tag(pen, group))
                @if let Some(owner) = tracker.servers.first().map(|s| &s.owner) {
                    (owner_mark(pen, owner))
                    @if let Some(parent) = &owner.parent {
                        @let (before, after) = t.parties.owned_by.split_once("{}").unwrap_or((t.parties.owned_by, ""));
                        span class="small soft" { (before) (inline(parent)) (after) }
                    }
                }
            }
            @for server in tracker.services() { (service(pen, tracker, &server.owner)) }
            p class="through" {
                (t.parties.through) " "
                @for (index, server) in tracker.servers.iter().take(MAX_NAMES).enumerate() {
                    @if index > 0 { ", " }
                    @match (&server.name, server.addresses.first()) {
                        (Some(name), _) => { (inline(name)) }
                        (None, Some(address)) => { (address) }
                        (None, None) => { (t.unnamed) }
                    }
                }
                @if tracker.servers.len() > MAX_NAMES { " +" (tracker.servers.len() - MAX_NAMES) }
                " · " (pen.language.counted(tracker.flows(), t.flow))
                " · " (pen.language.octets(tracker.sent())) " ↑ · " (pen.language.octets(tracker.received())) " ↓"
            }
        }
    }
}

fn service(pen: Pen, tracker: &Tracker<'_>, owner: &Owner) -> Markup {
    let name = owner.service.as_deref().filter(|s| *s != tracker.name);
    html! {
        p class="what" {
            span class="kind" { (purpose_tag(pen, owner.purpose)) }
            span {
                @if let Some(name) = name { (inline(name)) (pen.text.colon) }
                @match pen.language.what(owner) {
                    Some(what) => { (inline(what)) }
                    None => { (pen.text.parties.no_sentence) }
                }
            }
        }
    }
}
