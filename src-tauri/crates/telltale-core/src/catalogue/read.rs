//! Packed lines -> rows, and what breaks a rule of `catalogue/README.md`, with file and line.

use super::{Catalogue, CompanyRow, ServiceRow, countries::is_country, patterns::Refusal};
use crate::{enrich::Atlas, model::Purpose};
use hashbrown::HashMap;
use serde::{Deserialize, de::IntoDeserializer};
use std::{fmt, sync::Arc};

/// The kinds of `how`.
const KINDS: [&str; 4] = ["vendor-docs", "registration", "observed", "own-site"];

/// A row that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// File.
    pub file: String,
    /// Line, from 1: that of the row's name, id or pattern.
    pub line: usize,
    /// Which rule, in words.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

/// One packed line; see `pack.rs`.
#[derive(Clone, Copy)]
enum Record<'a> {
    File(&'a str),
    Edition(&'a str),
    Company {
        id: &'a str,
        name: &'a str,
        country: &'a str,
        parent: &'a str,
        numbers: &'a str,
    },
    Service {
        name: &'a str,
        purpose: &'a str,
        en: &'a str,
        fr: &'a str,
        how: &'a str,
    },
    Domain(&'a str),
    Network(&'a str),
}

fn record(line: &str) -> Option<(usize, Record<'_>)> {
    let mut columns = line.split('\t');
    let kind = columns.next()?;
    if kind == "F" {
        return Some((1, Record::File(columns.next()?)));
    }
    let number = columns.next()?.parse().ok()?;
    let mut next = || columns.next();
    let record = match kind {
        "E" => Record::Edition(next()?),
        "C" => Record::Company {
            id: next()?,
            name: next()?,
            country: next()?,
            parent: next()?,
            numbers: next()?,
        },
        "S" => Record::Service {
            name: next()?,
            purpose: next()?,
            en: next()?,
            fr: next()?,
            how: next()?,
        },
        "D" => Record::Domain(next()?),
        "N" => Record::Network(next()?),
        _ => return None,
    };
    Some((number, record))
}

/// Where rows and faults are gathered, one line at a time.
#[derive(Default)]
struct Reading<'a> {
    catalogue: Catalogue,
    faults: Vec<Fault>,
    /// Names of all companies that are defined, by id: files may extend each other in any order.
    names: HashMap<&'a str, &'a str>,
    companies: HashMap<&'a str, Arc<CompanyRow>>,
    file: &'a str,
    line: usize,
    /// What the lines below belong to; `None` after a row that was left out.
    company: Option<Arc<CompanyRow>>,
    service: Option<usize>,
}

/// Reads packed lines: what could be read, and what broke a rule.
pub(super) fn read(packed: &str) -> (Catalogue, Vec<Fault>) {
    let mut reading = Reading::default();
    for (_, record) in packed.lines().filter_map(record) {
        if let Record::Company { id, name, .. } = record
            && !name.is_empty()
        {
            reading.names.insert(id, name);
        }
    }
    for (line, record) in packed.lines().filter_map(record) {
        reading.line = line;
        match record {
            Record::File(file) => reading.file = file,
            Record::Company {
                id,
                name,
                country,
                parent,
                ..
            } => reading.define(id, name, country, parent),
            _ => {}
        }
    }
    for (line, record) in packed.lines().filter_map(record) {
        reading.line = line;
        reading.fill(record);
    }
    reading.catalogue.size.companies = reading.companies.len();
    reading.catalogue.size.services = reading.catalogue.services.len();
    (reading.catalogue, reading.faults)
}

impl<'a> Reading<'a> {
    fn fault(&mut self, what: impl Into<String>) {
        self.faults.push(Fault {
            file: self.file.to_owned(),
            line: self.line,
            what: what.into(),
        });
    }

    /// First pass: the companies.
    fn define(&mut self, id: &'a str, name: &'a str, country: &'a str, parent: &'a str) {
        if id.is_empty()
            || !id
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        {
            self.fault(format!("id `{id}` has other characters than a-z, 0-9 and -"));
        }
        if name.is_empty() {
            if !country.is_empty() || !parent.is_empty() {
                self.fault(format!(
                    "company `{id}` is extended here: its country and parent stand where it is defined"
                ));
            }
            if !self.names.contains_key(id) {
                self.fault(format!("company `{id}` is extended here but defined nowhere"));
            }
            return;
        }
        self.plain(name);
        if !is_country(country) {
            self.fault(format!("company `{id}` has no ISO 3166-1 country: `{country}`"));
        }
        let owner = self.names.get(parent).copied();
        if !parent.is_empty() && (owner.is_none() || parent == id) {
            self.fault(format!(
                "parent `{parent}` of `{id}` is no other company of the catalogue"
            ));
        }
        let row = CompanyRow {
            id: id.into(),
            name: name.into(),
            country: country.into(),
            parent: owner.map(Into::into),
        };
        if self.companies.insert(id, Arc::new(row)).is_some() {
            self.fault(format!("company `{id}` is defined twice"));
        }
    }

    /// Second pass: what belongs to them.
    fn fill(&mut self, record: Record<'a>) {
        match record {
            Record::File(file) => self.file = file,
            Record::Edition(date) => self.catalogue.edition = date.into(),
            Record::Company { id, numbers, .. } => {
                self.company = self.companies.get(id).cloned();
                self.service = None;
                self.as_numbers(numbers);
            }
            Record::Service {
                name,
                purpose,
                en,
                fr,
                how,
            } => {
                self.service = self.service(name, purpose, [en, fr], how);
            }
            Record::Domain(text) => self.domain(text),
            Record::Network(text) => {
                let Some(row) = self.service else { return };
                match self.catalogue.networks.insert(text, row) {
                    Ok(()) => self.catalogue.size.networks = self.catalogue.size.networks.saturating_add(1),
                    Err(reason) => self.fault(format!("network `{text}` {reason}")),
                }
            }
        }
    }

    fn as_numbers(&mut self, numbers: &str) {
        let Some(company) = self.company.clone() else { return };
        for number in numbers.split_ascii_whitespace().filter_map(|n| n.parse().ok()) {
            if let Some(other) = self.catalogue.by_as.insert(number, Arc::clone(&company))
                && other.id != company.id
            {
                self.fault(format!("AS {number} belongs to `{}`, too", other.id));
            }
        }
    }

    /// The row's number; `None` when it is left out.
    fn service(&mut self, name: &str, word: &str, sentences: [&str; 2], how: &str) -> Option<usize> {
        self.plain(name);
        for sentence in sentences {
            self.plain(sentence);
            if !sentence.ends_with(['.', '!', '?']) {
                self.fault(format!("a sentence ends with a full stop: `{sentence}`"));
            }
        }
        if !how
            .split_once(": ")
            .is_some_and(|(kind, text)| KINDS.contains(&kind) && !text.trim().is_empty())
        {
            self.fault(format!(
                "`how` is none of {KINDS:?} followed by `: ` and a text: `{how}`"
            ));
        }
        let Some(purpose) = purpose(word) else {
            self.fault(format!("purpose `{word}` is none of the list"));
            return None;
        };
        let company = Arc::clone(self.company.as_ref()?);
        let row = self.catalogue.services.len();
        let [en, fr] = sentences.map(Into::into);
        self.catalogue.services.push(ServiceRow {
            company,
            name: name.into(),
            purpose,
            en,
            fr,
            how: how.into(),
        });
        Some(row)
    }

    fn domain(&mut self, text: &str) {
        let (Some(company), Some(row)) = (&self.company, self.service) else {
            return;
        };
        let company = Arc::clone(company);
        let name = text.trim_start_matches('=');
        let root = Atlas::registrable_domain(name);
        if root.is_none() && !text.starts_with('=') && is_icann_suffix(name) {
            self.fault(format!("`{text}` is a public suffix"));
            return;
        }
        if let Err(refusal) = self.catalogue.patterns.insert(text, row) {
            let what = match refusal {
                Refusal::NotAName => "is no host name in lower-case ASCII",
                Refusal::Wildcard => "has its `*` in another place than inside the leftmost label",
                Refusal::Twice => "stands twice",
            };
            self.fault(format!("domain `{text}` {what}"));
            return;
        }
        self.catalogue.size.domains = self.catalogue.size.domains.saturating_add(1);
        if let Some(root) = root {
            let owner = self
                .catalogue
                .roots
                .entry(root.into())
                .or_insert_with(|| Some(Arc::clone(&company)));
            if owner.as_ref().is_some_and(|o| o.id != company.id) {
                *owner = None;
            }
        }
    }

    /// Text for people: not empty, no blanks at its ends.
    fn plain(&mut self, text: &str) {
        if text.is_empty() || text.trim() != text {
            self.fault(format!("text is empty or has blanks where none belong: `{text}`"));
        }
    }
}

fn purpose(word: &str) -> Option<Purpose> {
    let known = Purpose::deserialize(IntoDeserializer::<serde::de::value::Error>::into_deserializer(word)).ok()?;
    (known != Purpose::Unknown).then_some(known)
}

/// Whether a name is a suffix under which everybody can register (`com`, `co.uk`); a company's own (`github.io`) is none.
fn is_icann_suffix(name: &str) -> bool {
    psl::suffix(name.as_bytes()).is_some_and(|s| s.as_bytes() == name.as_bytes() && s.typ() != Some(psl::Type::Private))
}
