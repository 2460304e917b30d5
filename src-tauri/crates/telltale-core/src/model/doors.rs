//! The doors of the engine for programs: the HTTP interface, and what is sent on.

use super::Timestamp;
use serde::{Deserialize, Serialize};

/// The HTTP interface, as its owner wants it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default)]
pub struct HttpSettings {
    /// Whether it is open; off at first.
    pub on: bool,
    /// Address; loopback at first.
    pub address: String,
    /// Port; 0: any that is free.
    pub port: u16,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            on: false,
            address: "127.0.0.1".to_owned(),
            port: 8_765,
        }
    }
}

/// The HTTP interface as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct HttpNow {
    /// What its owner wants.
    pub settings: HttpSettings,
    /// Where it answers, `http://127.0.0.1:8765/`; `None`: it is closed.
    pub url: Option<String>,
    /// Why it could not be opened, for a person; English.
    pub problem: Option<String>,
    /// Names of the tokens that are let in.
    pub tokens: Vec<HttpToken>,
    /// Requests answered, and refused, since it was opened.
    pub answered: u32,
    /// See `answered`.
    pub refused: u32,
}

/// A token's name; the token itself is shown once, when it is made, and kept as a digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct HttpToken {
    /// What its owner calls it.
    pub name: String,
    /// When it was made.
    pub made: Timestamp,
    /// When it was last used.
    pub used: Option<Timestamp>,
}

/// Where results and incidents are sent on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Output {
    /// A UUID.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// `false`: nothing is sent.
    pub enabled: bool,
    /// Where to.
    pub to: OutputTo,
    /// What.
    pub what: OutputWhat,
}

/// Where an output goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum OutputTo {
    /// POST to this address; JSON.
    Webhook {
        /// `https://`, or `http://` on this computer.
        url: String,
    },
    /// One file for each, in this folder.
    Folder {
        /// Absolute path.
        path: String,
    },
}

/// What an output gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum OutputWhat {
    /// Each change of an incident.
    Incidents,
    /// Each result.
    Results,
    /// Both.
    Both,
}

/// An output as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct OutputNow {
    /// What its owner wants.
    pub output: Output,
    /// Sent, since it was made.
    pub sent: u32,
    /// That wait.
    pub waiting: u32,
    /// That were given up.
    pub given_up: u32,
    /// Why the last one could not be sent, for a person; English.
    pub problem: Option<String>,
    /// When it is tried again.
    pub next: Option<Timestamp>,
}
