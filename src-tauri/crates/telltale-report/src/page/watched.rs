//! How a live audit was watched, and the times in which nothing could be seen.

use super::bits::{Pen, fill, inline, section};
use maud::{Markup, html};
use telltale_core::model::{Gap, LiveFacts, Summary, Timestamp};

/// Gaps that the page lists; the JSON form has more.
const MAX_ROWS: usize = 100;

/// In place of the file: which device, which packets, from when to when, what was lost.
pub(super) fn watched(pen: Pen, summary: &Summary, live: &LiveFacts) -> Markup {
    let (t, about, counts) = (&pen.text.watched, &pen.text.about, &summary.counts);
    let row = |what: &str, value: &Markup| html! { dt { (what) } dd { (value) } };
    let lost = counts.dropped_by_kernel.saturating_add(counts.dropped_by_interface);
    let body = html! {
        dl class="facts" {
            (row(t.source, &inline(&live.source)))
            (row(t.connection, &html! { ((t.connected)(live.connection)) }))
            (row(t.filter, &html! {
                @match &live.filter {
                    Some(filter) => span class="mono" { (inline(filter)) },
                    None => (t.no_filter),
                }
            }))
            (row(t.kept, &html! {
                @match live.snap_len {
                    Some(octets) => (fill(t.kept_first, &[&pen.language.whole(octets.into())])),
                    None => (t.kept_all),
                }
            }))
            (row(t.began, &html! { (pen.language.date_and_time(live.began)) }))
            (row(t.ended, &html! {
                @match live.ended {
                    Some(ended) => {
                        (pen.language.date_and_time(ended))
                        span class="soft" { " (" (pen.language.duration(ended.since(live.began))) ")" }
                    }
                    None => (t.goes_on),
                }
            }))
            (row(about.on_the_wire, &html! {
                (pen.language.counted(counts.packets, pen.text.packet)) " · "
                (pen.language.octets(counts.bytes)) " · "
                (pen.language.counted(summary.flows.into(), pen.text.flow))
            }))
            (row(t.lost, &html! { @if lost == 0 { (t.none) } @else { (pen.language.whole(lost)) } }))
            (row(t.gaps, &html! {
                @if summary.source.gaps.is_empty() { (t.none) } @else {
                    a href="#gaps" { (pen.language.counted(summary.source.gaps.len() as u64, t.gap)) }
                }
            }))
        }
    };
    section("file", t.title, t.text, &body)
}

/// Each time in which nothing could be seen. One that lasts is counted until the report was `made`.
pub(super) fn gaps(pen: Pen, gaps: &[Gap], made: Timestamp) -> Markup {
    let t = &pen.text.watched;
    html! {
        h3 id="gaps" { (t.gaps) }
        p { (t.gaps_text) }
        div class="scroll" { table {
            thead { tr { @for (column, words) in t.columns.iter().enumerate() {
                th scope="col" class=[(column == 2).then_some("num")] { (words) }
            } } }
            tbody { @for gap in gaps.iter().take(MAX_ROWS) { tr {
                td { (pen.language.date_and_time(gap.from)) }
                td { @match gap.to { Some(to) => (pen.language.date_and_time(to)), None => (t.lasts) } }
                td class="num" { (pen.language.duration(length(gap, made))) }
                td { ((t.why)(gap.reason)) }
            } } }
        } }
        @if let Some(more) = gaps.len().checked_sub(MAX_ROWS).filter(|more| *more > 0) {
            p class="small soft" { (fill(pen.text.more_rows, &[&pen.language.whole(more as u64)])) }
        }
    }
}

/// That there are such times, in one sentence.
pub(super) fn warning(pen: Pen, gaps: &[Gap], made: Timestamp) -> String {
    let t = &pen.text.watched;
    let all = gaps.iter().map(|gap| length(gap, made)).fold(0, i64::saturating_add);
    let count = pen.language.counted(gaps.len() as u64, t.gap);
    fill(t.warning, &[&count, &pen.language.duration(all)])
}

fn length(gap: &Gap, made: Timestamp) -> i64 {
    gap.to.unwrap_or(made).since(gap.from).max(0)
}
