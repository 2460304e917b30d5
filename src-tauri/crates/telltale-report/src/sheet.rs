//! The servers as CSV (RFC 4180), for spreadsheets and scripts.
//!
//! One row a server row of the audit. The header holds stable English keys with their unit (`sent_bytes`), in every language,
//! so that a script written once reads every report. UTF-8 with a byte order mark, since spreadsheets on Windows take a file
//! without one for another encoding. Lines end in CR LF. A text cell that a spreadsheet could take for a formula (it
//! begins with `=`, `+`, `-`, `@`, tab, CR or LF, or with one of their full-width twins) gets a leading apostrophe; quoting alone does not stop a spreadsheet.

use crate::{ReportContext, ReportError, moment::Stamp};
use csv::{Terminator, Writer, WriterBuilder};
use std::{borrow::Cow, fmt::Write as _, io::Write};
use telltale_core::model::{Basis, NameSource, Outcome, Server};

const HEADER: [&str; 27] = [
    "name",
    "name_source",
    "basis",
    "addresses",
    "device",
    "registrable_domain",
    "company",
    "parent",
    "home_country",
    "service",
    "purpose",
    "purpose_group",
    "tracker",
    "what",
    "as_number",
    "organisation",
    "registered_in",
    "local",
    "sent_bytes",
    "received_bytes",
    "sent_packets",
    "received_packets",
    "flows",
    "clear_text_bytes",
    "first_utc",
    "last_utc",
    "sources",
];

/// Writes the server rows; `what` is in the language of the report, everything else is the same in all.
pub fn csv(outcome: &Outcome, context: &ReportContext<'_>, to: &mut dyn Write) -> Result<(), ReportError> {
    to.write_all("\u{feff}".as_bytes())?;
    let mut sheet = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(to);
    sheet.write_record(HEADER).map_err(io)?;
    for server in &outcome.servers {
        row(server, context, &mut sheet).map_err(io)?;
    }
    Ok(sheet.flush()?)
}

fn io(error: csv::Error) -> ReportError {
    ReportError::Write(error.into())
}

fn row(server: &Server, context: &ReportContext<'_>, sheet: &mut Writer<&mut dyn Write>) -> csv::Result<()> {
    let owner = &server.owner;
    let mut text = |value: Option<&str>| sheet.write_field(harmless(value.unwrap_or_default()).as_bytes());
    text(server.name.as_deref())?;
    text(key(server.name_source).as_deref())?;
    text(key(server.name_source.map(NameSource::basis)).as_deref())?;
    text(Some(&listed(&server.addresses)))?;
    text(Some(&server.device.0.to_string()))?;
    text(owner.registrable_domain.as_deref())?;
    text(owner.company.as_deref())?;
    text(owner.parent.as_deref())?;
    text(owner.home_country.as_deref())?;
    text(owner.service.as_deref())?;
    text(key(Some(owner.purpose)).as_deref())?;
    text(key(Some(owner.purpose.group())).as_deref())?;
    text(Some(if owner.tracker { "true" } else { "false" }))?;
    text(context.language.what(owner))?;
    text(owner.as_number.map(|n| n.to_string()).as_deref())?;
    text(owner.organisation.as_deref())?;
    text(owner.country.as_deref())?;
    text(Some(if server.local { "true" } else { "false" }))?;
    for number in [
        server.sent_bytes,
        server.received_bytes,
        server.sent_packets,
        server.received_packets,
    ] {
        text(Some(&number.to_string()))?;
    }
    text(Some(&server.flows.to_string()))?;
    text(Some(&server.clear_text_bytes.to_string()))?;
    text(Some(&Stamp(server.first).text()))?;
    text(Some(&Stamp(server.last).text()))?;
    let mut sources = String::new();
    for claim in &owner.claims {
        let basis = key::<Basis>(Some(claim.basis)).unwrap_or_default();
        let _ = write!(
            sources,
            "{}{}: {} ({basis})",
            if sources.is_empty() { "" } else { "; " },
            claim.set,
            claim.matched
        );
    }
    text(Some(&sources))?;
    sheet.write_record(None::<&[u8]>)
}

/// The machine key of a word of the model, as JSON has it.
fn key<T: serde::Serialize>(value: Option<T>) -> Option<String> {
    serde_json::to_value(value?).ok()?.as_str().map(str::to_owned)
}

fn listed(addresses: &[std::net::IpAddr]) -> String {
    let mut text = String::new();
    for address in addresses {
        let _ = write!(text, "{}{address}", if text.is_empty() { "" } else { " " });
    }
    text
}

/// The text as a spreadsheet must not compute it; NUL, which many readers end a file at, is taken out.
fn harmless(text: &str) -> Cow<'_, str> {
    let text: Cow<'_, str> = if text.contains('\0') {
        text.replace('\0', "").into()
    } else {
        text.into()
    };
    let first = text.trim_start_matches([' ', '\u{a0}', '\u{feff}']).chars().next();
    if matches!(
        first,
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠')
    ) {
        return format!("'{text}").into();
    }
    text
}
