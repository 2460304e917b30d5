//! Times as text: RFC 3339 with nanoseconds for programs, date and time of day for people; always UTC.
//!
//! Written by hand because hundreds of thousands of times stand in one JSON report: no heap, and the part down to the second
//! is computed once for all times of that second. Never here: a time zone, a clock.

use serde::{Serialize, Serializer};
use telltale_core::model::Timestamp;

const NANOS_PER_SECOND: i64 = 1_000_000_000;
const SECONDS_PER_DAY: i64 = 86_400;
/// Octets of `2026-11-22T09:16:22.123456789Z`.
const LEN: usize = 30;

/// A date and time of day in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Civil {
    pub(crate) year: i64,
    pub(crate) month: u8,
    pub(crate) day: u8,
    pub(crate) hour: u8,
    pub(crate) minute: u8,
    pub(crate) second: u8,
}

/// Date and time of day of a number of seconds since the Unix epoch (proleptic Gregorian calendar; eras of 400 years that
/// begin on 1 March, as in Howard Hinnant's "chrono-compatible low-level date algorithms").
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "each is a remainder within its range"
)]
pub(crate) const fn civil(seconds: i64) -> Civil {
    let (day_number, second_of_day) = (seconds.div_euclid(SECONDS_PER_DAY), seconds.rem_euclid(SECONDS_PER_DAY));
    let shifted = day_number + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 {
        march_month + 3
    } else {
        march_month - 9
    };
    Civil {
        year: year_of_era + era * 400 + (month <= 2) as i64,
        month: month as u8,
        day: day as u8,
        hour: (second_of_day / 3_600) as u8,
        minute: (second_of_day / 60 % 60) as u8,
        second: (second_of_day % 60) as u8,
    }
}

/// Year to minute in UTC (`2026-11-22 12:10`), for names of audits.
pub fn minute(at: Timestamp) -> String {
    let Civil {
        year,
        month,
        day,
        hour,
        minute,
        ..
    } = Civil::of(at);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}")
}

impl Civil {
    /// Of a time stamp, its fraction of a second cut off.
    pub(crate) const fn of(at: Timestamp) -> Self {
        civil(at.0.div_euclid(NANOS_PER_SECOND))
    }
}

/// Writes RFC 3339 times; remembers the second that it wrote last.
#[derive(Debug)]
pub(crate) struct Clockwork {
    second: i64,
    text: [u8; LEN],
}

impl Clockwork {
    pub(crate) fn new() -> Self {
        let mut new = Self {
            second: 0,
            text: *b"0000-00-00T00:00:00.000000000Z",
        };
        new.date(0);
        new
    }

    /// The time as text.
    pub(crate) fn text(&mut self, at: Timestamp) -> &[u8; LEN] {
        let second = at.0.div_euclid(NANOS_PER_SECOND);
        if second != self.second {
            self.turn(second);
        }
        digits(&mut self.text[20..29], small(at.0.rem_euclid(NANOS_PER_SECOND)));
        &self.text
    }

    /// Most times of an audit share a day: then only the time of day is written.
    fn turn(&mut self, second: i64) {
        if second.div_euclid(SECONDS_PER_DAY) != self.second.div_euclid(SECONDS_PER_DAY) {
            self.date(second);
        }
        let of_day = small(second.rem_euclid(SECONDS_PER_DAY));
        for (place, part) in [(11, of_day / 3_600), (14, of_day / 60 % 60), (17, of_day % 60)] {
            digits(&mut self.text[place..place + 2], part);
        }
        self.second = second;
    }

    fn date(&mut self, second: i64) {
        let c = civil(second);
        digits(&mut self.text[0..4], small(c.year));
        digits(&mut self.text[5..7], c.month.into());
        digits(&mut self.text[8..10], c.day.into());
    }
}

/// A value that is known to be small and not negative.
fn small(value: i64) -> u32 {
    u32::try_from(value).unwrap_or_default()
}

/// Fills `to` with the last decimal digits of `value`.
#[allow(clippy::cast_possible_truncation, reason = "a remainder of ten")]
fn digits(to: &mut [u8], mut value: u32) {
    for digit in to.iter_mut().rev() {
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
    }
}

/// A time that serializes as RFC 3339 text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamp(pub(crate) Timestamp);

impl Stamp {
    pub(crate) fn text(self) -> String {
        String::from_utf8_lossy(Clockwork::new().text(self.0)).into_owned()
    }
}

impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut clockwork = Clockwork::new();
        to.serialize_str(std::str::from_utf8(clockwork.text(self.0)).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_are_written_as_dates() {
        let at = |seconds: i64| minute(Timestamp(seconds * 1_000_000_000));
        assert_eq!(at(0), "1970-01-01 00:00");
        assert_eq!(at(951_827_640), "2000-02-29 12:34");
        assert_eq!(at(1_795_349_406), "2026-11-22 12:10");
    }

    #[test]
    fn times_are_written_to_the_nanosecond() {
        for (nanos, text) in [
            (0, "1970-01-01T00:00:00.000000000Z"),
            (-1, "1969-12-31T23:59:59.999999999Z"),
            (951_782_400_000_000_001, "2000-02-29T00:00:00.000000001Z"),
            (1_709_251_199_123_456_789, "2024-02-29T23:59:59.123456789Z"),
            (1_709_251_200_000_000_000, "2024-03-01T00:00:00.000000000Z"),
            (4_107_542_399_000_000_000, "2100-02-28T23:59:59.000000000Z"),
            (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000000000Z"),
            (i64::MAX, "2262-04-11T23:47:16.854775807Z"),
            (i64::MIN, "1677-09-21T00:12:43.145224192Z"),
        ] {
            assert_eq!(Stamp(Timestamp(nanos)).text(), text);
        }
    }

    #[test]
    fn a_clockwork_that_jumps_is_right_each_time() {
        let mut clockwork = Clockwork::new();
        for nanos in [5, 1_709_251_200_000_000_000, 6, 1_709_251_199_999_999_999, -1] {
            assert_eq!(
                clockwork.text(Timestamp(nanos)),
                Clockwork::new().text(Timestamp(nanos))
            );
        }
    }
}
