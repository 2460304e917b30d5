//! Time as every room below the engine knows it: an argument.

use serde::{Deserialize, Serialize};

/// Nanoseconds since the Unix epoch, UTC, leap seconds not counted. Range: years 1677 to 2262; what a file claims beyond is clamped.
///
/// In JSON for the window and the stored summary it is milliseconds as a double (exact to a quarter of a microsecond);
/// the store's columns and the report keep the nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(transparent)]
pub struct Timestamp(
    // The bridge's generator would add `null` to a double, for NaN, which no time stamp is.
    #[serde(with = "millis")]
    #[cfg_attr(feature = "specta", specta(type = i32))]
    pub i64,
);

/// JSON form of a time stamp.
mod millis {
    use super::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer};

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's form")]
    pub(super) fn serialize<S: Serializer>(ns: &i64, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(Timestamp(*ns).into())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
        Ok(Timestamp::from(f64::deserialize(from)?).0)
    }
}

impl Timestamp {
    /// Milliseconds since the epoch.
    pub fn as_millis(self) -> f64 {
        self.into()
    }

    /// Nanoseconds from `earlier` to `self`; negative where a capture goes back in time.
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl From<Timestamp> for f64 {
    #[allow(
        clippy::cast_precision_loss,
        reason = "a double holds present-day milliseconds to a quarter of a microsecond"
    )]
    fn from(t: Timestamp) -> Self {
        t.0 as Self / 1e6
    }
}

impl From<f64> for Timestamp {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "a float-to-integer cast saturates; NaN becomes the epoch"
    )]
    fn from(millis: f64) -> Self {
        Self((millis * 1e6).round() as i64)
    }
}
