//! Pandore's formula, profile `pandore/1`.

use crate::model::{PandoreFacts, PandoreSettings, Score};

/// Name and version of the rule.
pub const PANDORE_PROFILE: &str = "pandore/1";

/// A setting that no score can be computed with; the field's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettingOutOfRange(pub &'static str);

/// Judges by Pandore's formula; the settings must have passed [`PandoreSettings::check`].
pub fn pandore(_facts: &PandoreFacts, _settings: &PandoreSettings) -> Score {
    Score { profile: PANDORE_PROFILE.to_owned(), points: None, grade: None, worst_grade: None, reasons: Vec::new() }
}
