//! What a report needs beside the audit, and why one may fail.

use telltale_core::{
    enrich::DataSet,
    model::{Score, Timestamp},
};

/// Language of the texts of a report. JSON and CSV carry machine keys and are the same in every language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// French.
    Fr,
}

/// What stands in a report beside the audit itself.
#[derive(Clone, Copy, Debug)]
pub struct ReportContext<'a> {
    /// The user's name for the audit, at first the file's name; empty: the file's name is shown.
    pub title: &'a str,
    /// The user's notes; may be empty.
    pub description: &'a str,
    /// When the report is made: an argument, so that the same audit gives the same octets.
    pub made: Timestamp,
    /// Language of the page for people.
    pub language: Language,
    /// Version of the program.
    pub version: &'a str,
    /// The sets that the claims refer to ([`telltale_core::enrich::Atlas::data_sets`]).
    pub data_sets: &'a [DataSet],
    /// The score by Pandore's formula, where it was asked for.
    pub pandore: Option<&'a Score>,
}

/// Why a report could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The destination refused.
    #[error("{0}")]
    Write(#[from] std::io::Error),
    /// A value has no JSON form.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// A chart could not be drawn.
    #[error("a chart could not be drawn: {0}")]
    Chart(String),
}

impl Language {
    /// What a service does, in this language.
    pub(crate) fn what(self, owner: &telltale_core::model::Owner) -> Option<&str> {
        match self {
            Self::En => owner.what_en.as_deref(),
            Self::Fr => owner.what_fr.as_deref(),
        }
    }
}
