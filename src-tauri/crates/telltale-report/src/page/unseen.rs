//! What we could not see: how much could be named, what no capture shows, and what this one lost on the way.

use super::{
    bits::{Pen, figure, section},
    watched,
};
use crate::{
    ReportContext, ReportError,
    chart::{self, Look, parts, swatch},
};
use maud::{Markup, html};
use telltale_core::model::Summary;

pub(super) fn unseen(pen: Pen, summary: &Summary, context: &ReportContext<'_>) -> Result<Markup, ReportError> {
    let t = &pen.text.unseen;
    let body = html! {
        @if summary.coverage.bytes > 0 { (covered(pen, summary)?) }
        @if !summary.source.gaps.is_empty() { (watched::gaps(pen, &summary.source.gaps, context.made)) }
        h3 { (t.here) }
        (lost(pen, summary))
        h3 { (t.always) }
        ul class="hidden plain" {
            @for (what, why) in [pen.text.hidden.encrypted, pen.text.hidden.elsewhere] {
                li { div { strong { (what) } span { (why) } } }
            }
        }
    };
    Ok(section("unseen", t.title, t.text, &body))
}

fn covered(pen: Pen, summary: &Summary) -> Result<Markup, ReportError> {
    let t = &pen.text.unseen;
    let parts = parts(&summary.coverage, pen.text);
    let whole = parts.iter().map(|p| p.1).fold(0, u64::saturating_add);
    let keys = html! {
        p class="keys" {
            @for (index, (words, octets)) in parts.iter().enumerate() {
                @if *octets > 0 {
                    span { i class=(swatch(index)) aria-hidden="true" {} (pen.language.share(*octets, whole)) " " (words) }
                }
            }
        }
    };
    let table = html! {
        div class="scroll" { table {
            thead { tr {
                th scope="col" { (t.column) }
                th scope="col" class="num" { (pen.text.both) }
                th scope="col" class="num" { (pen.text.parties.share) }
            } }
            tbody { @for (words, octets) in parts { tr {
                th scope="row" { (words) }
                td class="num" { (pen.language.octets(octets)) }
                td class="num" { (pen.language.share(octets, whole)) }
            } } }
        } }
    };
    let svg = chart::coverage(&summary.coverage, pen.language, Look::Page)?;
    Ok(html! { h3 { (t.covered) } (figure(pen, t.covered, svg, &keys, &table)) })
}

/// Each counter that is not zero, with what it means.
fn lost(pen: Pen, summary: &Summary) -> Markup {
    let (h, c, v) = (&pen.text.hidden, &summary.counts, &summary.coverage);
    let rows = [
        (h.encrypted_dns, v.encrypted_dns_flows),
        (h.ech, v.ech_hellos),
        (h.started_before, v.started_before),
        (h.kernel, c.dropped_by_kernel),
        (h.interface, c.dropped_by_interface),
        (h.radio, c.encrypted_radio_packets),
        (h.cut, c.cut_packets),
        (h.undecoded, c.undecoded_packets),
        (h.abandoned, c.abandoned_streams),
        (h.dropped_names, c.dropped_names),
        (h.evicted, c.evicted_flows),
        (h.fragments, c.later_fragments),
        (h.other_ip, c.other_ip_packets),
        (h.non_ip, c.non_ip_packets),
        (h.time_went_back, c.time_went_back),
    ];
    let tunnel = v.tunnel_bytes;
    if tunnel == 0 && rows.iter().all(|r| r.1 == 0) {
        return html! { p class="lead" { (pen.text.unseen.none_here) } };
    }
    html! {
        ul class="hidden" {
            @if tunnel > 0 { (row(&pen.language.octets(tunnel), h.tunnel)) }
            @for (words, count) in rows { @if count > 0 { (row(&pen.language.whole(count), words)) } }
        }
    }
}

fn row(count: &str, (what, why): (&str, &str)) -> Markup {
    html! { li { b { (count) } div { strong { (what) } span { (why) } } } }
}
