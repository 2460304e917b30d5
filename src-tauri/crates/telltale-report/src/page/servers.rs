//! The rows: clear text, devices, apps, and every server.

use super::bits::{Pen, fill, inline, name, name_mark, owner_mark, purpose_tag, section};
use maud::{Markup, html};
use std::{cmp::Reverse, collections::BTreeMap};
use telltale_core::model::{Device, Outcome, Server, Summary};

/// Rows of the server table: a person scrolls no further, and a page of 100,000 rows would not open.
const MAX_SERVERS: usize = 500;
/// Rows of the clear-text table.
const MAX_CLEAR: usize = 200;
/// Addresses shown of a device.
const MAX_ADDRESSES: usize = 12;

/// The name, else the first address; with the mark that says how it is known.
fn server_name(pen: Pen, server: &Server, devices: &[Device]) -> Markup {
    let unmarked = match (&server.name, server.addresses.first()) {
        (Some(text), _) => name(text),
        (None, Some(address)) => html! { span class="mono" { (address) } },
        (None, None) => html! { (pen.text.unnamed) },
    };
    html! {
        (unmarked)
        span class="sub" {
            @match server.name_source {
                Some(source) => { (name_mark(pen, source)) }
                None => { (pen.text.unnamed) }
            }
            @if server.local { " · " (pen.text.local) }
            @if let Some(device) = devices.iter().find(|d| devices.len() > 1 && d.id == server.device) {
                " · " (device_label(device))
            }
        }
    }
}

/// Its own name, else its first address.
fn device_label(device: &Device) -> Markup {
    match (&device.name, device.addresses.first()) {
        (Some(known), _) => inline(known),
        (None, Some(address)) => html! { (address) },
        (None, None) => html! { (device.id.0) },
    }
}

fn company(pen: Pen, server: &Server) -> Markup {
    let owner = &server.owner;
    html! {
        @match (&owner.company, &owner.organisation) {
            (Some(company), _) => {
                (name(company))
                span class="sub" {
                    @if let Some(service) = owner.service.as_deref().filter(|s| Some(*s) != owner.company.as_deref()) {
                        (inline(service)) " "
                    }
                    (owner_mark(pen, owner))
                }
            }
            (None, Some(organisation)) => {
                span class="soft" { (pen.text.rows.network) " " (name(organisation)) }
                span class="sub" { (owner_mark(pen, owner)) }
            }
            (None, None) => { span class="soft" { (pen.text.unknown) } }
        }
    }
}

pub(super) fn all(pen: Pen, outcome: &Outcome) -> Markup {
    let (t, devices) = (&pen.text.rows, &outcome.summary.devices);
    let mut rows: Vec<&Server> = outcome.servers.iter().collect();
    rows.sort_by_key(|s| (Reverse(s.sent_bytes.saturating_add(s.received_bytes)), s.id));
    let shown = rows.len().min(MAX_SERVERS);
    let lead = if rows.is_empty() {
        pen.text.time.none
    } else {
        t.servers_text
    };
    let body = html! {
        @if shown < rows.len() {
            p class="small soft" {
                (fill(t.first_of, &[&pen.language.whole(shown as u64), &pen.language.whole(rows.len() as u64)]))
            }
        }
        @if shown > 0 {
            div class="scroll" { table class="wide" {
                thead { tr {
                    th scope="col" { (t.server) }
                    th scope="col" { (pen.text.parties.company) }
                    th scope="col" { (pen.text.parties.purpose) }
                    th scope="col" { (pen.text.parties.registered_in) }
                    th scope="col" class="num" { (pen.text.flows) }
                    th scope="col" class="num" { (pen.text.sent) }
                    th scope="col" class="num" { (pen.text.received) }
                } }
                tbody { @for server in &rows[..shown] { (server_row(pen, server, devices)) } }
            } }
        }
    };
    section("servers", t.servers, lead, &body)
}

fn server_row(pen: Pen, server: &Server, devices: &[Device]) -> Markup {
    html! {
        tr {
            th scope="row" { (server_name(pen, server, devices)) }
            td { (company(pen, server)) }
            td { (purpose_tag(pen, server.owner.purpose)) }
            td { @if let Some(code) = &server.owner.country { (inline(&pen.language.country(code))) } }
            td class="num" { (pen.language.whole(server.flows.into())) }
            td class="num" { (pen.language.octets(server.sent_bytes)) }
            td class="num" { (pen.language.octets(server.received_bytes)) }
        }
    }
}

/// Servers with clear-text octets, and how many requests were seen under each name.
pub(super) fn clear_text(pen: Pen, outcome: &Outcome) -> Markup {
    let t = &pen.text.rows;
    let mut requests: BTreeMap<&str, u64> = BTreeMap::new();
    for host in &outcome.http_hosts {
        let name = host.host.rsplit_once(':').map_or(&*host.host, |(name, _)| name);
        let count = requests.entry(name).or_default();
        *count = count.saturating_add(host.requests.into());
    }
    let mut rows: Vec<&Server> = outcome
        .servers
        .iter()
        .filter(|s| s.clear_text_bytes > 0 && !s.local)
        .collect();
    rows.sort_by_key(|s| (Reverse(s.clear_text_bytes), s.id));
    if rows.is_empty() {
        return section("clear", t.clear, t.no_clear, &html! {});
    }
    let body = html! {
        div class="scroll" { table {
            thead { tr {
                th scope="col" { (t.server) }
                th scope="col" { (pen.text.parties.company) }
                th scope="col" { (pen.text.parties.purpose) }
                th scope="col" class="num" { (t.requests) }
                th scope="col" class="num" { (t.clear_bytes) }
            } }
            tbody { @for server in rows.iter().take(MAX_CLEAR) { tr {
                th scope="row" { (server_name(pen, server, &outcome.summary.devices)) }
                td { (company(pen, server)) }
                td { (purpose_tag(pen, server.owner.purpose)) }
                td class="num" {
                    @if let Some(count) = server.name.as_deref().and_then(|n| requests.get(n)) { (pen.language.whole(*count)) }
                    @else { "–" }
                }
                td class="num" { (pen.language.octets(server.clear_text_bytes)) }
            } } }
        } }
        @if rows.len() > MAX_CLEAR {
            p class="small soft" { (fill(pen.text.more_rows, &[&(rows.len() - MAX_CLEAR).to_string()])) }
        }
    };
    section("clear", t.clear, t.clear_text, &body)
}

pub(super) fn devices(pen: Pen, summary: &Summary) -> Markup {
    let t = &pen.text.rows;
    let lead = if summary.devices.is_empty() {
        t.no_devices
    } else {
        t.devices_text
    };
    let body = html! { @for device in &summary.devices { (one_device(pen, device)) } };
    section("devices", t.devices, lead, &body)
}

fn one_device(pen: Pen, device: &Device) -> Markup {
    let t = &pen.text.rows;
    html! {
        dl class="facts device" {
            dt { (t.device) }
            dd {
                @match &device.name {
                    Some(known) => {
                        strong { (inline(known)) }
                        @if let Some(source) = device.name_source {
                            span class="soft" { " (" ((pen.text.device_name_source)(source)) ")" }
                        }
                    }
                    None => { (pen.text.unnamed) }
                }
            }
            dt { (t.addresses) }
            dd class="mono" {
                @for (index, address) in device.addresses.iter().take(MAX_ADDRESSES).enumerate() {
                    @if index > 0 { ", " } (address)
                }
                @if device.addresses.len() > MAX_ADDRESSES { " +" (device.addresses.len() - MAX_ADDRESSES) }
            }
            @if let Some(mac) = &device.mac {
                dt { (t.hardware) }
                dd {
                    span class="mono" { (inline(mac)) }
                    @if device.mac_random { span class="soft" { " (" (t.random) ")" } }
                    @if let Some(maker) = &device.maker { span class="soft" { " (" (t.maker) " " (inline(maker)) ")" } }
                }
            }
            @if let Some(why) = (pen.text.because)(&device.because) { dt { (t.why) } dd { (why) } }
            dt { (pen.text.sent) " / " (pen.text.received) }
            dd {
                (pen.language.octets(device.sent_bytes)) " / " (pen.language.octets(device.received_bytes)) " · "
                (pen.language.counted(device.flows.into(), pen.text.flow))
            }
        }
    }
}

pub(super) fn apps(pen: Pen, summary: &Summary) -> Markup {
    let t = &pen.text.rows;
    if summary.apps.is_empty() {
        return html! {};
    }
    let mut rows: Vec<_> = summary.apps.iter().collect();
    rows.sort_by_key(|a| (Reverse(a.sent_bytes.saturating_add(a.received_bytes)), a.id));
    let body = html! {
        div class="scroll" { table {
            thead { tr {
                th scope="col" { (t.app) }
                th scope="col" class="num" { (pen.text.flows) }
                th scope="col" class="num" { (pen.text.sent) }
                th scope="col" class="num" { (pen.text.received) }
            } }
            tbody { @for app in rows.iter().take(MAX_CLEAR) { tr {
                th scope="row" {
                    @match (&app.label, &app.package) {
                        (Some(label), _) => { (name(label)) }
                        (None, Some(package)) => { (name(package)) }
                        (None, None) => { "uid " (app.uid) }
                    }
                    @if let (Some(_), Some(package)) = (&app.label, &app.package) { span class="sub mono" { (inline(package)) } }
                }
                td class="num" { (pen.language.whole(app.flows.into())) }
                td class="num" { (pen.language.octets(app.sent_bytes)) }
                td class="num" { (pen.language.octets(app.received_bytes)) }
            } } }
        } }
        @if rows.len() > MAX_CLEAR {
            p class="small soft" { (fill(pen.text.more_rows, &[&(rows.len() - MAX_CLEAR).to_string()])) }
        }
    };
    section("apps", t.apps, t.apps_text, &body)
}
