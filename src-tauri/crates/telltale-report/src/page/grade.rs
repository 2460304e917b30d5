//! The grade, big, with every reason and its points; Pandore's beside it where it was asked for.

use super::bits::{Pen, fill, name};
use crate::{Language, ReportContext};
use maud::{Markup, html};
use telltale_core::model::{Grade, Reason, Score, Summary};

const ALL: [(Grade, &str); 5] = [
    (Grade::A, "A"),
    (Grade::B, "B"),
    (Grade::C, "C"),
    (Grade::D, "D"),
    (Grade::E, "E"),
];

fn letter(grade: Grade) -> &'static str {
    ALL.into_iter().find(|g| g.0 == grade).map_or("–", |g| g.1)
}

pub(super) fn grade(pen: Pen, summary: &Summary, context: &ReportContext<'_>) -> Markup {
    let t = pen.text;
    let body = html! {
        (verdict(pen, &summary.score, t.grade.scale))
        (reasons(pen, &summary.score))
        @if let Some(pandore) = context.pandore {
            h3 { (t.grade.pandore) }
            p class="lead" { (t.grade.pandore_text) }
            (verdict(pen, pandore, ""))
            (reasons(pen, pandore))
        }
    };
    super::bits::section("grade", t.grade.title, "", &body)
}

fn verdict(pen: Pen, score: &Score, scale: &str) -> Markup {
    let t = &pen.text.grade;
    let Some(grade) = score.grade else {
        return html! { p { (t.none) } };
    };
    let worst = score.worst_grade.filter(|w| *w != grade);
    html! {
        div class="grade" {
            div class="scale" role="img" aria-label=(label(pen, grade, worst)) {
                @for (one, letter) in ALL {
                    @let class = if one == grade { "here" } else if Some(one) == worst { "worst" } else { "" };
                    span class={ (letter) " " (class) } aria-hidden="true" { (letter) }
                }
            }
            div {
                p class="verdict" {
                    (fill(t.label, &[letter(grade)])) (pen.text.colon) ((t.of)(grade))
                    @if let Some(points) = score.points { ", " (fill(t.points, &[&pen.language.number(points, 1)])) }
                    "."
                }
                @if let Some(worst) = worst { p { (fill(t.range, &[letter(worst)])) } }
                @if !scale.is_empty() { p class="small soft" { (scale) } }
            }
        }
    }
}

fn label(pen: Pen, grade: Grade, worst: Option<Grade>) -> String {
    let mut label = fill(pen.text.grade.label, &[letter(grade)]);
    if let Some(worst) = worst {
        label.push_str(". ");
        label.push_str(&fill(pen.text.grade.range, &[letter(worst)]));
    }
    label
}

fn reasons(pen: Pen, score: &Score) -> Markup {
    let t = &pen.text.grade;
    if score.reasons.is_empty() {
        return html! {};
    }
    html! {
        div class="scroll" {
            table {
                thead { tr {
                    th scope="col" { (t.why) }
                    th scope="col" class="num" { (t.measured) }
                    th scope="col" class="num points" { (t.column) }
                } }
                tbody { @for reason in &score.reasons { (row(pen, reason)) } }
            }
        }
    }
}

fn row(pen: Pen, reason: &Reason) -> Markup {
    let words = pen.text.reasons.of(&reason.key);
    let part = if reason.max > 0.0 {
        (reason.points / reason.max * 100.0).clamp(0.0, 100.0)
    } else {
        0.0
    };
    html! {
        tr class=[(reason.points <= 0.0).then_some("nil")] {
            th scope="row" {
                @if let Some((what, how)) = words { (what) span class="sub" { (how) } } @else { (name(&reason.key)) }
            }
            td class="num" { (measured(pen, reason)) }
            td class="num" {
                (pen.language.number(reason.points, 1)) " "
                span class="soft" { (fill(pen.text.grade.of_most, &[&pen.language.number(reason.max, 1)])) }
                span class="meter" aria-hidden="true" { i style=(format!("width:{part:.0}%")) {} }
            }
        }
    }
}

/// The value in its unit, as [`telltale_core::score`] documents it.
fn measured(pen: Pen, reason: &Reason) -> String {
    let number = |places| pen.language.number(reason.value, places);
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count; the cast saturates"
    )]
    let count = |thing| pen.language.counted(reason.value as u64, thing);
    match reason.key.as_str() {
        "following_flows" | "following_sent" | "unnamed_bytes" => {
            let little = reason.value > 0.0 && reason.value < 0.05;
            let number = if little {
                format!("<\u{a0}{}", pen.language.number(0.1, 1))
            } else {
                number(1)
            };
            let space = if pen.language == Language::Fr { "\u{202f}" } else { "" };
            format!("{number}{space}%")
        }
        "following_companies" | "profiling_companies" | "measuring_companies" | "companies" => count(pen.text.company),
        "clear_text_servers" => count(pen.text.server),
        "pandore_pause" if reason.value <= 0.0 => pen.text.reasons.no_pause.to_owned(),
        "pandore_pause" => format!("{}\u{a0}s", number(1)),
        "pandore_rate" => format!(
            "{}\u{a0}Mi{}/s",
            number(4),
            if pen.language == Language::Fr { "o" } else { "B" }
        ),
        _ => number(2),
    }
}
