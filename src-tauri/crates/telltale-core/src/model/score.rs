//! A score and its reasons.
//!
//! A double is described to the bridge's generator as a plain number (`i32` is its word for that): it would add `null` for NaN,
//! which no value here is.

use super::Purpose;
use serde::{Deserialize, Serialize};

/// A is good, E is bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum Grade {
    /// Best.
    A,
    /// Good.
    B,
    /// Middling.
    C,
    /// Poor.
    D,
    /// Worst.
    E,
}

/// The rows that a reason counts, so that the window can show them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct RowFilter {
    /// Servers of these purposes.
    pub purposes: Vec<Purpose>,
    /// Servers with clear-text octets only.
    pub clear_text: bool,
    /// Servers without a name only.
    pub unnamed: bool,
}

/// One reason: what was counted, what it weighs, and which rows it counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Reason {
    /// Stable key that the window and the report put into words (`following_companies`).
    pub key: String,
    /// The measured value, in the key's unit (documented in [`crate::score`]).
    #[cfg_attr(feature = "specta", specta(type = i32))]
    pub value: f64,
    /// Points that it adds, 0 to `max`; for Pandore's profile the sub-score times 100 times its weight's share.
    #[cfg_attr(feature = "specta", specta(type = i32))]
    pub points: f64,
    /// The most that it can add.
    #[cfg_attr(feature = "specta", specta(type = i32))]
    pub max: f64,
    /// The rows behind it.
    pub rows: RowFilter,
}

/// A grade with everything that led to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Score {
    /// `telltale/1` or `pandore/1`: the versioned rule.
    pub profile: String,
    /// 0 (best) to 100 (worst); `None` when nothing was seen to judge.
    #[cfg_attr(feature = "specta", specta(type = Option<i32>))]
    pub points: Option<f64>,
    /// The grade for `points`.
    pub grade: Option<Grade>,
    /// When much could not be seen: the worst grade that the unseen part could lead to; equal to `grade` otherwise.
    pub worst_grade: Option<Grade>,
    /// Why, heaviest first.
    pub reasons: Vec<Reason>,
}

/// What Pandore's formula needs of a capture; kept so that weights and references can be changed afterwards.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct PandoreFacts {
    /// Pauses of at least 10 s between two packets (times cut to whole seconds, as Pandore's column has them); gaps of a live audit are
    /// none.
    pub gaps: u64,
    /// Their sum in seconds.
    pub gap_seconds: u64,
    /// Octets of all frames, both directions.
    pub bytes: u64,
    /// Distinct remote addresses, local ones and DNS servers included.
    pub remotes: u64,
    /// Seconds from the first packet to the last, less the gaps of a live audit between them.
    #[cfg_attr(feature = "specta", specta(type = i32))]
    pub seconds: f64,
    /// Packets counted.
    pub packets: u64,
}

/// Pandore's weights and references, with its defaults.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct PandoreSettings {
    /// Reference pause in seconds; default 15.
    #[cfg_attr(feature = "specta", specta(type = i32))]
    pub reference_pause_s: f64,
    /// Reference rate in MiB/s; default 0.1.
    #[cfg_attr(feature = "specta", specta(type = i32))]
    pub reference_rate_mib_s: f64,
    /// Reference number of servers; default 50.
    #[cfg_attr(feature = "specta", specta(type = i32))]
    pub reference_servers: f64,
    /// Weight of the pauses; default 1.
    #[cfg_attr(feature = "specta", specta(type = i32))]
    pub weight_pause: f64,
    /// Weight of the rate; default 1.
    #[cfg_attr(feature = "specta", specta(type = i32))]
    pub weight_rate: f64,
    /// Weight of the number of servers; default 1.
    #[cfg_attr(feature = "specta", specta(type = i32))]
    pub weight_servers: f64,
    /// Slope of the sigmoid; default 1.
    #[cfg_attr(feature = "specta", specta(type = i32))]
    pub slope: f64,
    /// Harmonic instead of arithmetic mean; default arithmetic.
    pub harmonic: bool,
}

impl Default for PandoreSettings {
    fn default() -> Self {
        Self {
            reference_pause_s: 15.0,
            reference_rate_mib_s: 0.1,
            reference_servers: 50.0,
            weight_pause: 1.0,
            weight_rate: 1.0,
            weight_servers: 1.0,
            slope: 1.0,
            harmonic: false,
        }
    }
}
