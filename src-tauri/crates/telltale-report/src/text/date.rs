//! Dates and times of day for people, in UTC. Never here: a time zone (a report is read anywhere).

use crate::{Language, moment::Civil};
use telltale_core::model::Timestamp;

const MONTHS: [[&str; 2]; 12] = [
    ["January", "janvier"],
    ["February", "février"],
    ["March", "mars"],
    ["April", "avril"],
    ["May", "mai"],
    ["June", "juin"],
    ["July", "juillet"],
    ["August", "août"],
    ["September", "septembre"],
    ["October", "octobre"],
    ["November", "novembre"],
    ["December", "décembre"],
];

impl Language {
    /// `22 November 2026`, `1er novembre 2026`.
    pub(crate) fn date(self, at: Timestamp) -> String {
        let c = Civil::of(at);
        let month = MONTHS[usize::from(c.month - 1)];
        match self {
            Self::En => format!("{}\u{a0}{} {}", c.day, month[0], c.year),
            Self::Fr => format!(
                "{}{}\u{a0}{} {}",
                c.day,
                if c.day == 1 { "er" } else { "" },
                month[1],
                c.year
            ),
        }
    }

    /// Date, hours and minutes, with the zone.
    pub(crate) fn date_and_time(self, at: Timestamp) -> String {
        let c = Civil::of(at);
        match self {
            Self::En => format!("{}, {:02}:{:02} UTC", self.date(at), c.hour, c.minute),
            Self::Fr => format!("{} à {:02}:{:02} UTC", self.date(at), c.hour, c.minute),
        }
    }
}

/// `09:16:22`.
pub(crate) fn time_of_day(at: Timestamp) -> String {
    let c = Civil::of(at);
    format!("{:02}:{:02}:{:02}", c.hour, c.minute, c.second)
}

/// `11-22`, as in ISO 8601, which no language reads the other way round.
pub(crate) fn month_and_day(at: Timestamp) -> String {
    let c = Civil::of(at);
    format!("{:02}-{:02}", c.month, c.day)
}

/// `2026-11`.
pub(crate) fn year_and_month(at: Timestamp) -> String {
    let c = Civil::of(at);
    format!("{}-{:02}", c.year, c.month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_follow_the_language() {
        let at = Timestamp(1_793_491_200_000_000_000 + 9 * 3_600_000_000_000);
        assert_eq!(Language::En.date_and_time(at), "1\u{a0}November 2026, 09:00 UTC");
        assert_eq!(Language::Fr.date_and_time(at), "1er\u{a0}novembre 2026 à 09:00 UTC");
        assert_eq!(time_of_day(at), "09:00:00");
        assert_eq!(
            (month_and_day(at).as_str(), year_and_month(at).as_str()),
            ("11-01", "2026-11")
        );
    }
}
