//! The small pieces that every part of the page uses: foreign text, marks, tags, figures with their table.

use crate::{Language, foreign::visible, text::Text};
use maud::{Markup, PreEscaped, html};
use telltale_core::model::{Basis, NameSource, Owner, Purpose, PurposeGroup};

/// What every part is drawn with.
#[derive(Clone, Copy)]
pub(super) struct Pen {
    pub(super) language: Language,
    pub(super) text: &'static Text,
}

/// A text with its gaps filled in order.
pub(super) fn fill(text: &str, values: &[&str]) -> String {
    let mut parts = text.split("{}");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for (index, part) in parts.enumerate() {
        filled.push_str(values.get(index).unwrap_or(&""));
        filled.push_str(part);
    }
    filled
}

/// A stranger's text: isolated from the text around it, cut in view, whole on pointing.
pub(super) fn name(text: &str) -> Markup {
    let shown = visible(text);
    html! { bdi class="cut" title=(shown) { (shown) } }
}

/// A stranger's text in running words.
pub(super) fn inline(text: &str) -> Markup {
    html! { bdi { (visible(text)) } }
}

/// A section with its heading and the sentence below it.
pub(super) fn section(id: &str, title: &str, lead: &str, body: &Markup) -> Markup {
    html! {
        section id=(id) aria-labelledby={ (id) "-title" } {
            h2 id={ (id) "-title" } { (title) }
            @if !lead.is_empty() { p class="lead" { (lead) } }
            div class="body" { (body) }
        }
    }
}

/// A chart and the table behind it.
pub(super) fn figure(pen: Pen, title: &str, svg: String, keys: &Markup, table: &Markup) -> Markup {
    html! {
        figure {
            div class="wide" tabindex="0" role="group" aria-label=(title) { (PreEscaped(svg)) }
            (keys)
            details { summary { (pen.text.as_table) } (table) }
        }
    }
}

/// The key to a colour, in words.
pub(super) fn key(class: &str, words: &str) -> Markup {
    html! { span { i class=(class) aria-hidden="true" {} (words) } }
}

pub(super) const fn group_class(group: PurposeGroup) -> &'static str {
    match group {
        PurposeGroup::Needed => "needed",
        PurposeGroup::Measures => "measures",
        PurposeGroup::Follows => "follows",
        PurposeGroup::Unknown => "unknown",
    }
}

/// A purpose, in the colour of its group.
pub(super) fn purpose_tag(pen: Pen, purpose: Purpose) -> Markup {
    let (label, long) = (pen.text.purpose)(purpose);
    tag(group_class(purpose.group()), label, long)
}

/// A group, in its colour.
pub(super) fn group_tag(pen: Pen, group: PurposeGroup) -> Markup {
    let (label, long) = (pen.text.group)(group);
    tag(group_class(group), label, long)
}

fn tag(class: &str, label: &str, long: &str) -> Markup {
    html! {
        span class={ "tag of-" (class) } title=(long) { i class={ "dot " (class) } aria-hidden="true" {} (label) }
    }
}

/// How a claim is known: a sign and its word.
pub(super) fn mark(pen: Pen, basis: Basis, why: &str) -> Markup {
    html! { span class="mark" title=(why) { (sign(basis)) (pen.text.basis_word(basis)) } }
}

/// The mark of a server's name, with the sentence on where it was read.
pub(super) fn name_mark(pen: Pen, source: NameSource) -> Markup {
    mark(pen, source.basis(), (pen.text.name_source)(source))
}

/// The mark of what is said of a server's owner, with who says so.
pub(super) fn owner_mark(pen: Pen, owner: &Owner) -> Markup {
    let Some(first) = owner.claims.first() else {
        return html! {};
    };
    let said: Vec<String> = owner
        .claims
        .iter()
        .map(|c| format!("{}{}{}", visible(&c.set), pen.text.colon, visible(&c.matched)))
        .collect();
    mark(pen, first.basis, &said.join("; "))
}

/// Full for observed, half for inferred, dashed for reputed.
pub(super) fn sign(basis: Basis) -> Markup {
    html! {
        svg viewBox="0 0 12 12" aria-hidden="true" {
            @match basis {
                Basis::Observed => { circle cx="6" cy="6" r="5" fill="currentColor" {} }
                Basis::Inferred => {
                    circle cx="6" cy="6" r="4.25" fill="none" stroke="currentColor" stroke-width="1.5" {}
                    path d="M6 1.75a4.25 4.25 0 0 1 0 8.5z" fill="currentColor" {}
                }
                Basis::Reputed => {
                    circle cx="6" cy="6" r="4.25" fill="none" stroke="currentColor" stroke-width="1.5"
                        stroke-dasharray="2 1.6" {}
                }
            }
        }
    }
}

impl Text {
    fn basis_word(&self, basis: Basis) -> &'static str {
        (self.basis)(basis).0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled_in_order_and_once() {
        assert_eq!(fill("{} of {}", &["{}", "b"]), "{} of b");
        assert_eq!(fill("none", &["a"]), "none");
        assert_eq!(fill("{} {}", &["a"]), "a ");
    }

    #[test]
    fn foreign_text_is_isolated_and_escaped() {
        let shown = name("\u{202e}<img src=x onerror=alert(1)>\"'&").into_string();
        let safe = "▯&lt;img src=x onerror=alert(1)&gt;&quot;'&amp;";
        assert_eq!(shown, format!("<bdi class=\"cut\" title=\"{safe}\">{safe}</bdi>"));
    }
}
