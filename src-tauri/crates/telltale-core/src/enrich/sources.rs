//! The tables that an atlas is made of, as octets: `npm run data` writes them, the engine embeds or reads them.

use serde::{Deserialize, Serialize};
use std::{borrow::Cow, error::Error, fmt};

/// Octets of a table, embedded in the program or read from the user's folder.
pub type Octets = Cow<'static, [u8]>;

/// What `npm run data` wrote; each table may be missing, and then its layer says nothing.
#[derive(Clone, Debug, Default)]
pub struct AtlasSources {
    /// `asn.mmdb`: address -> AS number and organisation. Any MMDB with MaxMind's names or ip-location-db's flat ones will do.
    pub asn_mmdb: Option<Octets>,
    /// `country.mmdb`: address -> country of registration. Any MMDB with `country.iso_code`, `country_code` or the like will do.
    pub country_mmdb: Option<Octets>,
    /// `companies.fst`: third-party-web's domains -> row of `companies_tsv`.
    pub companies_fst: Option<Octets>,
    /// `companies.tsv`: third-party-web's companies, one a line: company, product, category.
    pub companies_tsv: Option<Octets>,
    /// `trackers.fst`: AdGuard's plain domains -> which of its lists name them.
    pub trackers_fst: Option<Octets>,
    /// Rows of `manifest.json`: the engine parses it (`{"schema":"telltale.data/1","sets":[DataSet]}`).
    pub manifest: Vec<DataSet>,
}

/// One set of the data manifest: what the app shows so that everybody gets credit, and what a claim's `set` refers to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DataSet {
    /// Key that claims name: `catalogue`, `third-party-web`, `adguard`, `asn`, `country`, `public-suffix`, `oui`, `world`.
    pub key: String,
    /// Name that its makers gave it.
    pub name: String,
    /// Version of the package it was made from.
    pub version: String,
    /// Date of the data, `YYYY-MM-DD`; empty where the package names none.
    pub date: String,
    /// Licence, as an SPDX expression.
    pub licence: String,
    /// Credit that its makers ask for.
    pub attribution: String,
    /// Where it comes from.
    pub homepage: String,
    /// Rows in it; 0 where rows mean nothing.
    pub rows: u64,
    /// File that `npm run data` made of it; empty when it is compiled into a library.
    pub file: String,
    /// SHA-256 of that file, lower-case hex; empty without a file.
    pub sha256: String,
}

/// A table that could not be read; the atlas can be built without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AtlasError {
    /// An MMDB is damaged or no MMDB; set key and what the reader said.
    Mmdb {
        /// Set key.
        set: &'static str,
        /// What the reader said.
        reason: String,
    },
    /// A list table is damaged; set key and what the reader said.
    List {
        /// Set key.
        set: &'static str,
        /// What the reader said.
        reason: String,
    },
}

impl fmt::Display for AtlasError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mmdb { set, reason } => write!(f, "the address table `{set}` cannot be read: {reason}"),
            Self::List { set, reason } => write!(f, "the list `{set}` cannot be read: {reason}"),
        }
    }
}

impl Error for AtlasError {}
