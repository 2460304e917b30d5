//! The audit as one self-contained page for people.

use crate::{Language, ReportContext, ReportError, text};
use maud::{DOCTYPE, html as markup};
use std::io::Write;
use telltale_core::model::Outcome;

/// Writes the page.
pub fn html(outcome: &Outcome, context: &ReportContext<'_>, to: &mut dyn Write) -> Result<(), ReportError> {
    let tag = match context.language {
        Language::En => "en",
        Language::Fr => "fr",
    };
    let page = markup! {
        (DOCTYPE)
        html lang=(tag) {
            head { meta charset="utf-8"; title { (context.title) } }
            body { main { h1 { (text::answer(&outcome.summary, context.language)) } } }
        }
    };
    to.write_all(page.into_string().as_bytes())?;
    Ok(to.flush()?)
}
