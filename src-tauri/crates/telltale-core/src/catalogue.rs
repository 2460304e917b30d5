//! What Telltale's authors know of companies and services: `catalogue/*.toml`, embedded, read once, asked by name or address.
//!
//! Called by [`crate::enrich`]. The form and the purposes are written down in `catalogue/README.md`; `cargo test -p
//! telltale-core catalogue` names file and line of every row that breaks a rule. A row that breaks one is left out here, so
//! that one slip costs one row and not the whole catalogue. Never here: other people's lists, a file, the network.

mod countries;
mod networks;
#[cfg(test)]
mod pack;
mod patterns;
mod read;

use crate::model::Purpose;
use hashbrown::HashMap;
use networks::NetworkIndex;
use patterns::PatternIndex;
pub(crate) use patterns::is_host_name;
pub use read::Fault;
use std::{
    net::IpAddr,
    sync::{Arc, OnceLock},
};

/// All files, packed by the build script in order of their names.
static PACKED: &str = include_str!(concat!(env!("OUT_DIR"), "/catalogue.tsv"));

/// A company, as people know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompanyRow {
    /// Short key, unique over all files.
    pub id: Arc<str>,
    /// Name.
    pub name: Arc<str>,
    /// ISO 3166-1 code of its head office.
    pub country: Arc<str>,
    /// Name of the company that owns it.
    pub parent: Option<Arc<str>>,
}

/// One service of a company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceRow {
    /// Its company.
    pub company: Arc<CompanyRow>,
    /// What people call it.
    pub name: Arc<str>,
    /// What it is there for.
    pub purpose: Purpose,
    /// What it does, in English.
    pub en: Arc<str>,
    /// What it does, in French.
    pub fr: Arc<str>,
    /// How we know, `kind: text`.
    pub how: Arc<str>,
}

/// A service, and the pattern or range that led to it.
#[derive(Clone, Copy, Debug)]
pub struct Match<'a> {
    /// The service.
    pub service: &'a ServiceRow,
    /// The pattern or range as the catalogue writes it.
    pub matched: &'a Arc<str>,
    /// Labels that the pattern fixes; 0 for a range.
    pub labels: usize,
}

/// How large the catalogue is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CatalogueSize {
    /// Companies.
    pub companies: usize,
    /// Services.
    pub services: usize,
    /// Domain patterns.
    pub domains: usize,
    /// Address ranges.
    pub networks: usize,
}

/// All files together, ready to be asked; immutable.
#[derive(Debug, Default)]
pub struct Catalogue {
    edition: Arc<str>,
    size: CatalogueSize,
    services: Vec<ServiceRow>,
    patterns: PatternIndex,
    networks: NetworkIndex,
    by_as: HashMap<u32, Arc<CompanyRow>>,
    /// Registrable domains below which all rows belong to one company; `None` where they do not.
    roots: HashMap<Box<str>, Option<Arc<CompanyRow>>>,
}

impl Catalogue {
    /// The embedded catalogue; the first call reads it (some 10 ms in a release build).
    pub fn embedded() -> &'static Self {
        static EMBEDDED: OnceLock<Catalogue> = OnceLock::new();
        EMBEDDED.get_or_init(|| read::read(PACKED).0)
    }

    /// Every row of the embedded files that breaks a rule; such rows are left out. A release has none.
    pub fn check() -> Vec<Fault> {
        read::read(PACKED).1
    }

    /// Date of the embedded rows, `YYYY-MM-DD`.
    pub fn edition(&self) -> &str {
        &self.edition
    }

    /// How large it is.
    pub const fn size(&self) -> CatalogueSize {
        self.size
    }

    /// The service behind a lower-case name without a last dot: the longest pattern wins.
    pub fn by_name(&self, name: &str) -> Option<Match<'_>> {
        let pattern = self.patterns.find(name)?;
        let service = self.services.get(pattern.row)?;
        Some(Match {
            service,
            matched: &pattern.text,
            labels: pattern.labels,
        })
    }

    /// The service whose own address range holds the address: the narrowest range wins.
    pub fn by_address(&self, address: IpAddr) -> Option<Match<'_>> {
        let network = self.networks.find(address)?;
        let service = self.services.get(network.row)?;
        Some(Match {
            service,
            matched: &network.text,
            labels: 0,
        })
    }

    /// The company whose machines alone stand in the network (autonomous system).
    pub fn by_as_number(&self, number: u32) -> Option<&CompanyRow> {
        self.by_as.get(&number).map(AsRef::as_ref)
    }

    /// The company that owns a registrable domain, concluded from the rows below it: only where they all name the same one.
    pub fn by_registrable_domain(&self, domain: &str) -> Option<&CompanyRow> {
        self.roots.get(domain)?.as_deref()
    }
}

#[cfg(test)]
pub(crate) mod tests;
