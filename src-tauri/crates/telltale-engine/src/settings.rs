//! The user's choices and how they are stored: one JSON value, so that a new field gets its default.

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
}

impl Default for Settings {
    fn default() -> Self {
        let system = || "system".to_owned();
        Self {
            language: system(),
            theme: system(),
            score_profile: ScoreProfile::default(),
            pandore: PandoreSettings::default(),
        }
    }
}
