//! TOML -> rows, and what breaks a rule of `catalogue/README.md`, with file and line.

use super::{Catalogue, CompanyRow, ServiceRow, countries::is_country, patterns::Refusal};
use crate::{enrich::Atlas, model::Purpose};
use hashbrown::HashMap;
use serde::{Deserialize, de::IntoDeserializer};
use std::{fmt, ops::Range, sync::Arc};
use toml::Spanned;

/// The kinds of `how`.
const KINDS: [&str; 4] = ["vendor-docs", "registration", "observed", "own-site"];

/// A row that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// File.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Which rule, in words.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    edition: Option<Spanned<String>>,
    #[serde(default)]
    company: Vec<RawCompany>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCompany {
    id: Spanned<String>,
    name: Option<Spanned<String>>,
    country: Option<Spanned<String>>,
    parent: Option<Spanned<String>>,
    #[serde(default, rename = "as")]
    as_numbers: Vec<Spanned<u32>>,
    #[serde(default)]
    service: Vec<RawService>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawService {
    name: Spanned<String>,
    purpose: Spanned<String>,
    #[serde(default)]
    domains: Vec<Spanned<String>>,
    #[serde(default)]
    networks: Vec<Spanned<String>>,
    en: Spanned<String>,
    fr: Spanned<String>,
    how: Spanned<String>,
}

/// Where faults are gathered; one file at a time.
struct Reading<'a> {
    catalogue: Catalogue,
    faults: Vec<Fault>,
    companies: HashMap<String, Arc<CompanyRow>>,
    file: &'a str,
    text: &'a str,
}

pub(super) fn read(files: &[(&str, &str)]) -> (Catalogue, Vec<Fault>) {
    let mut reading = Reading {
        catalogue: Catalogue::default(),
        faults: Vec::new(),
        companies: HashMap::new(),
        file: "",
        text: "",
    };
    let mut parsed = Vec::new();
    for (file, text) in files {
        (reading.file, reading.text) = (file, text);
        match toml::from_str::<RawFile>(text) {
            Ok(raw) => parsed.push((*file, *text, raw)),
            Err(error) => reading.fault(error.span().unwrap_or(0..0), error.message()),
        }
    }
    reading.companies(&parsed);
    for (file, text, raw) in &parsed {
        (reading.file, reading.text) = (file, text);
        if let Some(edition) = &raw.edition {
            reading.catalogue.edition = edition.get_ref().as_str().into();
        }
        for company in &raw.company {
            reading.company(company);
        }
    }
    reading.catalogue.size.companies = reading.companies.len();
    (reading.catalogue, reading.faults)
}

impl<'a> Reading<'a> {
    fn fault(&mut self, span: Range<usize>, what: impl Into<String>) {
        let line = self
            .text
            .get(..span.start)
            .map_or(1, |before| before.matches('\n').count().saturating_add(1));
        self.faults.push(Fault {
            file: self.file.to_owned(),
            line,
            what: what.into(),
        });
    }

    /// First pass: every company that is defined (has a name), so that files may extend each other in any order.
    fn companies(&mut self, files: &[(&'a str, &'a str, RawFile)]) {
        let mut names: HashMap<&str, &str> = HashMap::new();
        for (_, _, raw) in files {
            names.extend(
                raw.company
                    .iter()
                    .filter_map(|c| Some((c.id.get_ref().as_str(), c.name.as_ref()?.get_ref().as_str()))),
            );
        }
        for (file, text, raw) in files {
            (self.file, self.text) = (file, text);
            for company in &raw.company {
                self.define(company, &names);
            }
        }
    }

    fn define(&mut self, raw: &RawCompany, names: &HashMap<&str, &str>) {
        let id = raw.id.get_ref();
        if id.is_empty()
            || !id
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        {
            self.fault(
                raw.id.span(),
                format!("id `{id}` has other characters than a-z, 0-9 and -"),
            );
        }
        let Some(name) = &raw.name else {
            if raw.country.is_some() || raw.parent.is_some() {
                self.fault(
                    raw.id.span(),
                    format!("company `{id}` is extended here: name, country and parent stand where it is defined"),
                );
            }
            if !names.contains_key(id.as_str()) {
                self.fault(
                    raw.id.span(),
                    format!("company `{id}` is extended here but defined nowhere"),
                );
            }
            return;
        };
        self.plain(name);
        let country = raw.country.as_ref().map_or("", |c| c.get_ref().as_str());
        if !is_country(country) {
            self.fault(
                raw.id.span(),
                format!("company `{id}` has no ISO 3166-1 country: `{country}`"),
            );
        }
        let parent = raw.parent.as_ref().and_then(|p| {
            let known = names.get(p.get_ref().as_str()).copied();
            if known.is_none() || p.get_ref() == id {
                self.fault(
                    p.span(),
                    format!(
                        "parent `{}` of `{id}` is no other company of the catalogue",
                        p.get_ref()
                    ),
                );
            }
            known
        });
        let row = CompanyRow {
            id: id.as_str().into(),
            name: name.get_ref().as_str().into(),
            country: country.into(),
            parent: parent.map(Into::into),
        };
        if self.companies.insert(id.clone(), Arc::new(row)).is_some() {
            self.fault(raw.id.span(), format!("company `{id}` is defined twice"));
        }
    }

    fn company(&mut self, raw: &RawCompany) {
        let Some(company) = self.companies.get(raw.id.get_ref()).cloned() else {
            return;
        };
        for number in &raw.as_numbers {
            if let Some(other) = self.catalogue.by_as.insert(*number.get_ref(), Arc::clone(&company))
                && other.id != company.id
            {
                self.fault(
                    number.span(),
                    format!("AS {} belongs to `{}`, too", number.get_ref(), other.id),
                );
            }
        }
        for service in &raw.service {
            self.service(&company, service);
        }
    }

    fn service(&mut self, company: &Arc<CompanyRow>, raw: &RawService) {
        for text in [&raw.name, &raw.en, &raw.fr] {
            self.plain(text);
        }
        for text in [&raw.en, &raw.fr] {
            if !text.get_ref().ends_with(['.', '!', '?']) {
                self.fault(text.span(), "a sentence ends with a full stop");
            }
        }
        let how = raw.how.get_ref();
        if !how
            .split_once(": ")
            .is_some_and(|(kind, text)| KINDS.contains(&kind) && !text.trim().is_empty())
        {
            self.fault(
                raw.how.span(),
                format!("`how` is none of {KINDS:?} followed by `: ` and a text: `{how}`"),
            );
        }
        let word = raw.purpose.get_ref().as_str();
        let Some(purpose) = purpose(word) else {
            self.fault(raw.purpose.span(), format!("purpose `{word}` is none of the list"));
            return;
        };
        if raw.domains.is_empty() && raw.networks.is_empty() {
            self.fault(raw.name.span(), "a service needs domains or networks");
        }
        let row = self.catalogue.services.len();
        self.catalogue.services.push(ServiceRow {
            company: Arc::clone(company),
            name: raw.name.get_ref().as_str().into(),
            purpose,
            en: raw.en.get_ref().as_str().into(),
            fr: raw.fr.get_ref().as_str().into(),
            how: how.as_str().into(),
        });
        self.catalogue.size.services = self.catalogue.services.len();
        for domain in &raw.domains {
            self.domain(company, domain, row);
        }
        for network in &raw.networks {
            match self.catalogue.networks.insert(network.get_ref(), row) {
                Ok(()) => self.catalogue.size.networks = self.catalogue.size.networks.saturating_add(1),
                Err(reason) => self.fault(network.span(), format!("network `{}` {reason}", network.get_ref())),
            }
        }
    }

    fn domain(&mut self, company: &Arc<CompanyRow>, domain: &Spanned<String>, row: usize) {
        let text = domain.get_ref();
        let name = text.trim_start_matches('=');
        let root = Atlas::registrable_domain(name);
        if root.is_none() && !text.starts_with('=') && is_icann_suffix(name) {
            self.fault(domain.span(), format!("`{text}` is a public suffix"));
            return;
        }
        match self.catalogue.patterns.insert(text, row) {
            Ok(()) => self.catalogue.size.domains = self.catalogue.size.domains.saturating_add(1),
            Err(refusal) => {
                let what = match refusal {
                    Refusal::NotAName => "is no host name in lower-case ASCII".to_owned(),
                    Refusal::Wildcard => "has its `*` in another place than inside the leftmost label".to_owned(),
                    Refusal::Twice => "stands twice".to_owned(),
                };
                self.fault(domain.span(), format!("domain `{text}` {what}"));
                return;
            }
        }
        if let Some(root) = root {
            let owner = self
                .catalogue
                .roots
                .entry(root.into())
                .or_insert_with(|| Some(Arc::clone(company)));
            if owner.as_ref().is_some_and(|o| o.id != company.id) {
                *owner = None;
            }
        }
    }

    /// Text for people: not empty, no blanks at its ends, no line break.
    fn plain(&mut self, text: &Spanned<String>) {
        let value = text.get_ref();
        if value.is_empty() || value.trim() != value || value.chars().any(char::is_control) {
            self.fault(
                text.span(),
                format!("text is empty or has blanks or line breaks where none belong: `{value}`"),
            );
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
