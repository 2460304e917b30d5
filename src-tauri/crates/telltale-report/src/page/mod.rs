//! The audit as one self-contained page for people: answer first, then the picture, then the rows.
//!
//! No script, nothing fetched (its own security policy forbids both). Every text from the traffic goes through
//! [`bits::name`] or [`bits::inline`], and through maud's escaping. Size is bounded: tables hold the largest rows and say
//! how many are left out. Never here: words (see [`crate::text`]), counting that core has done.

mod about;
mod apps;
mod bits;
mod grade;
mod parties;
mod servers;
mod top;
mod trackers;
mod unseen;
mod watched;

use crate::{ReportContext, ReportError, foreign::visible};
use bits::Pen;
use maud::{DOCTYPE, Markup, PreEscaped, html as markup};
use std::io::Write;
use telltale_core::model::Outcome;

const STYLE: &str = include_str!("style.css");
/// Nothing may be fetched or run; styles stand in the page itself.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/// Writes the page in the language of the context.
pub fn html(outcome: &Outcome, context: &ReportContext<'_>, to: &mut dyn Write) -> Result<(), ReportError> {
    let pen = Pen {
        language: context.language,
        text: context.language.text(),
    };
    let page = whole(pen, outcome, context)?;
    to.write_all(page.into_string().as_bytes())?;
    Ok(to.flush()?)
}

fn whole(pen: Pen, outcome: &Outcome, context: &ReportContext<'_>) -> Result<Markup, ReportError> {
    let summary = &outcome.summary;
    let title = top::title(pen, summary, context);
    Ok(markup! {
        (DOCTYPE)
        html lang=(pen.text.tag) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                meta name="color-scheme" content="light dark";
                meta name="generator" content={ "Telltale " (visible(context.version)) };
                title { (visible(&title)) " – Telltale" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a class="skip" href="#answer" { (pen.text.skip) }
                div class="sheet" {
                    (top::head(pen, summary, context, &title))
                    main {
                        (top::answer(pen, summary, context))
                        @if top::has_servers(summary) {
                            (grade::grade(pen, summary, context))
                            (parties::timeline(pen, summary)?)
                            (trackers::trackers(pen, &outcome.servers))
                            (parties::companies(pen, summary)?)
                            (parties::purposes(pen, summary)?)
                            (parties::countries(pen, summary))
                            (servers::clear_text(pen, outcome))
                        }
                        (servers::devices(pen, summary))
                        (servers::apps(pen, summary))
                        (apps::reported(pen, outcome))
                        (unseen::unseen(pen, summary, context)?)
                        @if top::has_servers(summary) { (servers::all(pen, outcome)) }
                        (about::how(pen))
                        (about::sets(pen, context.data_sets))
                        @if let Some(live) = &summary.source.live {
                            (watched::watched(pen, summary, live))
                        } @else {
                            (about::file(pen, summary))
                        }
                        (about::glossary(pen))
                    }
                    (top::foot(pen, context))
                }
            }
        }
    })
}
