//! The user's choices and how they are stored: one JSON value, so that a new field gets its default.

use crate::EngineError;
use crate::live::Recording;
use serde::{Deserialize, Serialize};
use telltale_core::model::PandoreSettings;

/// Which score the cards show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScoreProfile {
    /// Telltale's own.
    #[default]
    Telltale,
    /// Pandore's formula.
    Pandore,
}

/// The user's choices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// `en`, `fr` or `system`.
    pub language: String,
    /// `light`, `dark` or `system`.
    pub theme: String,
    /// Which score the cards show.
    pub score_profile: ScoreProfile,
    /// Pandore's weights and references.
    pub pandore: PandoreSettings,
    /// What is kept of the packets of a live audit, at first.
    pub recording: Recording,
    /// Megabytes (10^6 octets) that the recording of one audit takes at most; 10 to 1,000,000.
    pub recording_limit_mb: u32,
    /// Audits older than so many days are removed; `None`: never.
    pub keep_audits_days: Option<u32>,
    /// Recordings older than so many days are removed; `None`: never.
    pub keep_recordings_days: Option<u32>,
    /// Desktop notifications of new trackers and clear text.
    pub notices: bool,
}

/// Ranges of the numbers that the user sets.
const RECORDING_LIMIT_MB: std::ops::RangeInclusive<u32> = 10..=1_000_000;
const KEEP_DAYS: std::ops::RangeInclusive<u32> = 1..=3_650;

impl Settings {
    /// Refuses numbers beyond their ranges.
    pub(crate) fn check(&self) -> Result<(), EngineError> {
        let refuse = |what: String| Err(EngineError::InvalidInput(what));
        if !RECORDING_LIMIT_MB.contains(&self.recording_limit_mb) {
            return refuse("a recording takes 10 to 1,000,000 MB".to_owned());
        }
        let days = [self.keep_audits_days, self.keep_recordings_days];
        if days.into_iter().flatten().any(|d| !KEEP_DAYS.contains(&d)) {
            return refuse("audits and recordings are kept 1 to 3,650 days, or without a limit".to_owned());
        }
        Ok(())
    }
}

impl Default for Settings {
    fn default() -> Self {
        let system = || "system".to_owned();
        Self {
            language: system(),
            theme: system(),
            score_profile: ScoreProfile::default(),
            pandore: PandoreSettings::default(),
            recording: Recording::default(),
            // Hours of ordinary use, and no disk of today is filled by a few.
            recording_limit_mb: 2_000,
            keep_audits_days: None,
            keep_recordings_days: None,
            notices: false,
        }
    }
}
