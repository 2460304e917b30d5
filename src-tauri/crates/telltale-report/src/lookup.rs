//! What is known of names and addresses, as JSON: the answer of `telltale-cli lookup --json`.
//!
//! Called by the terminal. Never here: the looking up itself (core's [`telltale_core::enrich::lookup`]).

use crate::ReportError;
use serde::{Serialize, Serializer};
use std::io::Write;
use telltale_core::model::{Basis, Claim, Owner, Purpose, PurposeGroup};

/// One answer. `owner` is the company behind it; every field but the first and `tracker` may be null or empty.
#[derive(Serialize)]
struct Row<'a> {
    query: &'a str,
    /// Whether the text was a name or an address at all.
    valid: bool,
    registrable_domain: Option<&'a str>,
    owner: Option<&'a str>,
    parent: Option<&'a str>,
    home_country: Option<&'a str>,
    service: Option<&'a str>,
    purpose: Purpose,
    group: PurposeGroup,
    tracker: bool,
    what: Option<&'a str>,
    what_fr: Option<&'a str>,
    how: Option<&'a str>,
    as_number: Option<u32>,
    organisation: Option<&'a str>,
    country: Option<&'a str>,
    sources: Vec<Source<'a>>,
}

/// A claim in one line: `catalogue: example.com (reputed)`.
struct Source<'a>(&'a Claim);

impl Serialize for Source<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let basis = match self.0.basis {
            Basis::Observed => "observed",
            Basis::Inferred => "inferred",
            Basis::Reputed => "reputed",
        };
        to.collect_str(&format_args!("{}: {} ({basis})", self.0.set, self.0.matched))
    }
}

/// Writes a JSON array in the order asked, one row a query; `None` for a text that is neither a name nor an address.
pub fn lookup_json(rows: &[(String, Option<Owner>)], to: &mut dyn Write) -> Result<(), ReportError> {
    let mut buffer = Vec::new();
    buffer.push(b'[');
    for (index, (query, owner)) in rows.iter().enumerate() {
        buffer.extend_from_slice(if index == 0 { b"\n" } else { b",\n" });
        serde_json::to_writer(&mut buffer, &row(query, owner.as_ref()))?;
    }
    buffer.extend_from_slice(b"\n]\n");
    to.write_all(&buffer)?;
    Ok(to.flush()?)
}

fn row<'a>(query: &'a str, owner: Option<&'a Owner>) -> Row<'a> {
    let purpose = owner.map_or(Purpose::Unknown, |o| o.purpose);
    Row {
        query,
        valid: owner.is_some(),
        registrable_domain: owner.and_then(|o| o.registrable_domain.as_deref()),
        owner: owner.and_then(|o| o.company.as_deref()),
        parent: owner.and_then(|o| o.parent.as_deref()),
        home_country: owner.and_then(|o| o.home_country.as_deref()),
        service: owner.and_then(|o| o.service.as_deref()),
        purpose,
        group: purpose.group(),
        tracker: owner.is_some_and(|o| o.tracker),
        what: owner.and_then(|o| o.what_en.as_deref()),
        what_fr: owner.and_then(|o| o.what_fr.as_deref()),
        how: owner.and_then(|o| o.how.as_deref()),
        as_number: owner.and_then(|o| o.as_number),
        organisation: owner.and_then(|o| o.organisation.as_deref()),
        country: owner.and_then(|o| o.country.as_deref()),
        sources: owner.map_or(&[][..], |o| &o.claims).iter().map(Source).collect(),
    }
}
