//! Head, answer, counters and foot of the page.

use super::{
    bits::{Pen, fill, inline},
    watched,
};
use crate::{ReportContext, foreign::notes, text};
use maud::{Markup, html};
use telltale_core::model::Summary;

/// The user's title, else the file's name, else a word for neither.
pub(super) fn title(pen: Pen, summary: &Summary, context: &ReportContext<'_>) -> String {
    let file = summary.source.file.as_deref().unwrap_or_default();
    let found = [context.title, file].into_iter().find(|t| !t.trim().is_empty());
    found.unwrap_or(pen.text.untitled).to_owned()
}

pub(super) fn head(pen: Pen, summary: &Summary, context: &ReportContext<'_>, title: &str) -> Markup {
    let recorded = summary
        .span
        .map(|s| fill(pen.text.captured, &[&context.language.date_and_time(s.first)]));
    html! {
        header class="top" {
            span { span class="brand" { "Telltale" } " · " (pen.text.report) }
            strong { (inline(title)) }
            @if let Some(recorded) = recorded { span { (recorded) } }
        }
    }
}

pub(super) fn answer(pen: Pen, summary: &Summary, context: &ReportContext<'_>) -> Markup {
    let said = notes(context.description);
    html! {
        div id="answer" {
            h1 { (text::answer(summary, pen.language)) }
            @if !said.trim().is_empty() { p class="notes" dir="auto" { (said.trim()) } }
            (warnings(pen, summary, context))
            @if has_servers(summary) { (counters(pen, summary)) } @else { (nobody(pen, summary)) }
            (contents(pen, summary))
        }
    }
}

/// Whether there is anything to show but what could not be seen.
pub(super) const fn has_servers(summary: &Summary) -> bool {
    summary.servers > 0
}

/// What to think of a capture in which no phone talks to a server.
fn nobody(pen: Pen, summary: &Summary) -> Markup {
    let packets = summary.counts.packets;
    let next = match packets {
        0 => pen.text.nothing_next.to_owned(),
        _ => fill(pen.text.nobody_next, &[&pen.language.counted(packets, pen.text.packet)]),
    };
    html! { p class="lead" { (next) } }
}

/// What makes the whole report a part only.
fn warnings(pen: Pen, summary: &Summary, context: &ReportContext<'_>) -> Markup {
    let source = &summary.source;
    html! {
        @if let Some(stopped) = &source.stopped {
            @let (before, after) = pen.text.stopped.split_once("{}").unwrap_or((pen.text.stopped, ""));
            p class="warn" role="note" {
                (before) (inline(stopped)) (after)
                @if let Some(at) = source.stopped_at {
                    " (" (fill(pen.text.stopped_at, &[&pen.language.whole(at)])) ")"
                }
            }
        }
        @if !source.gaps.is_empty() {
            p class="warn" role="note" { (watched::warning(pen, &source.gaps, context.made)) }
        }
        @if source.cancelled { p class="warn" role="note" { (pen.text.cancelled) } }
    }
}

fn counters(pen: Pen, summary: &Summary) -> Markup {
    let whole = |n: u32| pen.language.whole(n.into());
    let sum = |of: fn(&telltale_core::model::Device) -> u64| {
        pen.language
            .octets(summary.devices.iter().map(of).fold(0, u64::saturating_add))
    };
    let t = pen.text;
    let cells = [
        ("#servers", whole(summary.servers), t.servers),
        ("#companies", whole(summary.company_count), t.companies),
        ("#trackers", whole(summary.tracker_companies), t.trackers),
        ("#time", sum(|d| d.sent_bytes), t.sent),
        ("#time", sum(|d| d.received_bytes), t.received),
        ("#file", whole(summary.flows), t.flows),
    ];
    html! {
        div class="counters" {
            @for (to, value, words) in cells { a href=(to) { b { (value) } span { (words) } } }
        }
    }
}

fn contents(pen: Pen, summary: &Summary) -> Markup {
    let t = pen.text;
    let seen = [
        ("grade", t.grade.title),
        ("time", t.time.title),
        ("trackers", t.parties.trackers),
        ("companies", t.parties.companies),
        ("purposes", t.parties.purposes),
        ("countries", t.parties.countries),
        ("clear", t.rows.clear),
        ("servers", t.rows.servers),
    ];
    let always = [
        ("unseen", t.unseen.title),
        ("how", t.about.how),
        (
            "file",
            if summary.source.live.is_some() {
                t.watched.title
            } else {
                t.about.file
            },
        ),
        ("words", t.about.glossary),
    ];
    let places = seen.into_iter().filter(|_| has_servers(summary)).chain(always);
    html! {
        nav class="contents" aria-label=(t.contents) {
            ul { @for (to, words) in places { li { a href={ "#" (to) } { (words) } } } }
        }
    }
}

pub(super) fn foot(pen: Pen, context: &ReportContext<'_>) -> Markup {
    let (before, after) = pen.text.made.split_once("{}").unwrap_or((pen.text.made, ""));
    html! {
        footer {
            p { (before) (inline(context.version)) (fill(after, &[&pen.language.date_and_time(context.made)])) " " (pen.text.about.foot) }
        }
    }
}
