//! The user's choices and how they are stored: one JSON value, so that a new field gets its default.

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
