//! How we know, who says so, which file it was, and what the words mean.

use super::bits::{Pen, fill, inline, section, sign};
use maud::{Markup, html};
use telltale_core::{
    enrich::DataSet,
    model::{Basis, NameSource, Summary},
};

const SOURCES: [NameSource; 6] = [
    NameSource::Sni,
    NameSource::QuicSni,
    NameSource::HttpHost,
    NameSource::Certificate,
    NameSource::Dns,
    NameSource::ReverseDns,
];

pub(super) fn how(pen: Pen) -> Markup {
    let t = &pen.text.about;
    let body = html! {
        dl class="facts" {
            @for basis in [Basis::Observed, Basis::Inferred, Basis::Reputed] {
                @let (word, why) = (pen.text.basis)(basis);
                dt { span class="mark" { (sign(basis)) (word) } }
                dd { (why) }
            }
        }
        h3 { (t.names) }
        dl class="facts" {
            @for source in SOURCES {
                dt { span class="mark" { (sign(source.basis())) ((pen.text.basis)(source.basis()).0) } }
                dd { ((pen.text.name_source)(source)) }
            }
        }
    };
    section("how", t.how, t.how_text, &body)
}

pub(super) fn sets(pen: Pen, sets: &[DataSet]) -> Markup {
    let t = &pen.text.about;
    if sets.is_empty() {
        return section("sets", t.sets, t.no_sets, &html! {});
    }
    let body = html! {
        div class="scroll" { table {
            thead { tr {
                th scope="col" { (t.set) }
                th scope="col" { (t.version) }
                th scope="col" { (t.date) }
                th scope="col" { (t.licence) }
                th scope="col" { (t.credit) }
                th scope="col" class="num" { (capital(pen.text.row[1])) }
            } }
            tbody { @for set in sets { tr {
                th scope="row" { (inline(&set.name)) span class="sub mono" { (inline(&set.key)) } }
                td { (inline(&set.version)) }
                td { (inline(&set.date)) }
                td { (inline(&set.licence)) }
                td { (inline(&set.attribution)) @if !set.homepage.is_empty() { span class="sub" { (inline(&set.homepage)) } } }
                td class="num" { @if set.rows > 0 { (pen.language.whole(set.rows)) } }
            } } }
        } }
    };
    section("sets", t.sets, t.sets_text, &body)
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

pub(super) fn file(pen: Pen, summary: &Summary) -> Markup {
    let (t, source) = (&pen.text.about, &summary.source);
    let row = |what: &str, value: &Markup| html! { dt { (what) } dd { (value) } };
    let listed =
        |texts: &[String]| html! { @for (i, one) in texts.iter().enumerate() { @if i > 0 { ", " } (inline(one)) } };
    let body = html! {
        dl class="facts" {
            @if let Some(file) = &source.file { (row(t.file_name, &inline(file))) }
            @if source.file_bytes > 0 { (row(t.file_size, &html! { (pen.language.octets(source.file_bytes)) })) }
            @if !source.format.is_empty() { (row(t.file_format, &inline(&source.format))) }
            @if let Some(sha256) = &source.sha256 { (row(t.sha256, &html! { span class="mono" { (inline(sha256)) } })) }
            @if !source.link_types.is_empty() { (row(t.links, &listed(&source.link_types))) }
            @if !source.interfaces.is_empty() { (row(t.interfaces, &listed(&source.interfaces))) }
            @if let Some(span) = summary.span {
                (row(t.span, &html! {
                    (pen.language.date_and_time(span.first)) " – " (pen.language.date_and_time(span.last))
                    span class="soft" { " (" (pen.language.duration(span.last.since(span.first))) ")" }
                }))
            }
            (row(t.on_the_wire, &html! {
                (pen.language.counted(summary.counts.packets, pen.text.packet)) " · "
                (pen.language.octets(summary.counts.bytes)) " · "
                (pen.language.counted(summary.flows.into(), pen.text.flow))
            }))
            (row(t.reading, &reading(pen, summary)))
        }
    };
    section("file", t.file, t.file_text, &body)
}

fn reading(pen: Pen, summary: &Summary) -> Markup {
    let source = &summary.source;
    match (&source.stopped, source.cancelled) {
        (Some(stopped), _) => html! {
            (inline(stopped))
            @if let Some(at) = source.stopped_at { " (" (fill(pen.text.stopped_at, &[&pen.language.whole(at)])) ")" }
        },
        (None, true) => html! { (pen.text.cancelled) },
        (None, false) => html! { (pen.text.about.read_to_end) },
    }
}

pub(super) fn glossary(pen: Pen) -> Markup {
    let t = &pen.text.about;
    let body = html! {
        dl class="glossary" {
            @for (word, meaning) in t.terms { div { dt { (word) } dd { (meaning) } } }
        }
    };
    section("words", t.glossary, "", &body)
}
