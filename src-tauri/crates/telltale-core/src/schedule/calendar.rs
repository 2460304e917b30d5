//! Times of the day, on days of the week, in a time zone.

use super::COUNTED_DAYS;
use crate::model::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp as Instant};

/// Days looked at for the next time: each day of the week comes within them, also around a change of the zone's rules.
const DAYS_AHEAD: u32 = 9;

/// The times of a calendar rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    weekdays: Vec<u32>,
    times: Vec<Time>,
}

/// Reads `HH:MM`.
pub fn time_of_day(text: &str) -> Option<(i8, i8)> {
    let (hour, minute) = text.split_once(':')?;
    let number = |part: &str, below: i8| {
        let digits = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
        part.parse::<i8>().ok().filter(|n| digits && *n < below)
    };
    Some((number(hour, 24)?, number(minute, 60)?))
}

impl Calendar {
    /// The rule with these days of the week (Monday 1 to Sunday 7; none: every day) and times; what is no time is left out.
    pub fn new(weekdays: &[u32], times: &[String]) -> Self {
        let time = |text: &String| {
            let (hour, minute) = time_of_day(text)?;
            Time::new(hour, minute, 0, 0).ok()
        };
        Self {
            weekdays: weekdays.to_vec(),
            times: times.iter().filter_map(time).collect(),
        }
    }

    /// The first time after `after`.
    pub fn next(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let from = date(after, zone)?.checked_sub(Span::new().days(1)).ok()?;
        let days = std::iter::successors(Some(from), |day| day.tomorrow().ok());
        days.take(usize::try_from(DAYS_AHEAD).ok()?)
            .filter_map(|day| self.of_day(day, zone).into_iter().find(|t| *t > after))
            .min()
    }

    /// How many times lie after `after` and not after `until`, and the last of them.
    pub fn between(&self, after: Timestamp, until: Timestamp, zone: &TimeZone) -> Option<(u32, Timestamp)> {
        if after >= until {
            return None;
        }
        let last = date(until, zone)?.tomorrow().ok()?;
        let counted = Span::new().days(i64::from(COUNTED_DAYS));
        let from = date(after, zone)?.checked_sub(Span::new().days(1)).ok()?;
        let from = from.max(last.checked_sub(counted).ok()?);
        let mut all: Vec<Timestamp> = std::iter::successors(Some(from), |day| day.tomorrow().ok())
            .take_while(|day| *day <= last)
            .flat_map(|day| self.of_day(day, zone))
            .filter(|t| *t > after && *t <= until)
            .collect();
        all.sort_unstable();
        all.dedup();
        Some((u32::try_from(all.len()).unwrap_or(u32::MAX), *all.last()?))
    }

    /// The times of one day, in order, each once.
    fn of_day(&self, day: Date, zone: &TimeZone) -> Vec<Timestamp> {
        let weekday = u32::try_from(day.weekday().to_monday_one_offset()).unwrap_or_default();
        if !self.weekdays.is_empty() && !self.weekdays.contains(&weekday) {
            return Vec::new();
        }
        let instant = |time: &Time| {
            let zoned = day.to_datetime(*time).to_zoned(zone.clone()).ok()?;
            i64::try_from(zoned.timestamp().as_nanosecond()).ok().map(Timestamp)
        };
        let mut times: Vec<_> = self.times.iter().filter_map(instant).collect();
        times.sort_unstable();
        times.dedup();
        times
    }
}

fn date(at: Timestamp, zone: &TimeZone) -> Option<Date> {
    let at = Instant::from_nanosecond(i128::from(at.0)).ok()?;
    Some(at.to_zoned(zone.clone()).date())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paris() -> TimeZone {
        TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap()
    }

    fn at(text: &str) -> Timestamp {
        let at: Instant = text.parse().unwrap();
        Timestamp(i64::try_from(at.as_nanosecond()).unwrap())
    }

    fn rule(weekdays: &[u32], times: &[&str]) -> Calendar {
        let times: Vec<String> = times.iter().map(|t| (*t).to_owned()).collect();
        Calendar::new(weekdays, &times)
    }

    #[test]
    fn times_are_two_digits_each() {
        for (text, read) in [
            ("00:00", Some((0, 0))),
            ("23:59", Some((23, 59))),
            ("24:00", None),
            ("12:60", None),
            ("7:30", None),
            ("07:3", None),
            ("+7:30", None),
            ("07-30", None),
            ("", None),
            ("07:30:00", None),
            ("٠٧:٣٠", None),
        ] {
            assert_eq!(time_of_day(text), read, "{text}");
        }
    }

    #[test]
    fn the_next_time_of_a_calendar() {
        // (weekdays, times, now, next); Paris is two hours before UTC in summer, one in winter. 2026-11-22 is a Sunday.
        let table: &[(&[u32], &[&str], &str, &str)] = &[
            (&[], &["08:00"], "2026-11-22T06:59:59Z", "2026-11-22T07:00:00Z"),
            (&[], &["08:00"], "2026-11-22T07:00:00Z", "2026-11-23T07:00:00Z"),
            (&[], &["20:00", "08:00"], "2026-11-22T12:00:00Z", "2026-11-22T19:00:00Z"),
            (&[1], &["08:00"], "2026-11-22T12:00:00Z", "2026-11-23T07:00:00Z"),
            (&[7], &["08:00"], "2026-11-22T12:00:00Z", "2026-11-29T07:00:00Z"),
            (&[1, 5], &["08:00"], "2026-11-23T08:00:00Z", "2026-11-27T07:00:00Z"),
            // The day of the zone counts, not that of UTC: 00:30 on Monday is Sunday in UTC.
            (&[1], &["00:30"], "2026-11-22T12:00:00Z", "2026-11-22T23:30:00Z"),
            // Summer time begins 2026-03-29 at 02:00: 02:30 is not there and is due an hour later by the clock.
            (&[], &["02:30"], "2026-03-28T12:00:00Z", "2026-03-29T01:30:00Z"),
            (&[], &["08:00"], "2026-03-28T12:00:00Z", "2026-03-29T06:00:00Z"),
            // It ends 2026-10-25 at 03:00: 02:30 comes twice and is due once, the first time.
            (&[], &["02:30"], "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"),
            (&[], &["02:30"], "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"),
            (&[], &["23:59"], "2026-12-31T22:59:00Z", "2027-01-01T22:59:00Z"),
            (&[], &["12:00"], "2028-02-28T12:00:00Z", "2028-02-29T11:00:00Z"),
        ];
        for (weekdays, times, now, next) in table {
            assert_eq!(
                rule(weekdays, times).next(at(now), &paris()),
                Some(at(next)),
                "{weekdays:?} {times:?} at {now}"
            );
        }
    }

    #[test]
    fn two_times_on_one_moment_are_one() {
        // 02:30 is left out on this day and falls on 03:30.
        let both = rule(&[], &["02:30", "03:30"]);
        let day = (at("2026-03-28T23:00:00Z"), at("2026-03-29T22:00:00Z"));
        assert_eq!(
            both.between(day.0, day.1, &paris()),
            Some((1, at("2026-03-29T01:30:00Z")))
        );
    }

    #[test]
    fn a_day_that_a_zone_leaves_out_has_no_times_of_its_own() {
        // Half the world away, the rule is the same: fifteen hours before UTC is no zone of today, but the arithmetic must hold.
        let far = TimeZone::posix("<+14>-14").unwrap();
        let noon = rule(&[], &["12:00"]);
        assert_eq!(
            noon.next(at("2026-11-21T22:00:00Z"), &far),
            Some(at("2026-11-22T22:00:00Z"))
        );
    }

    #[test]
    fn what_was_missed_is_counted_up_to_a_limit() {
        let twice = rule(&[], &["08:00", "20:00"]);
        let utc = TimeZone::UTC;
        let from = at("2026-11-01T09:00:00Z");
        assert_eq!(twice.between(from, at("2026-11-01T10:00:00Z"), &utc), None);
        assert_eq!(
            twice.between(from, at("2026-11-03T08:00:00Z"), &utc),
            Some((4, at("2026-11-03T08:00:00Z")))
        );
        assert_eq!(twice.between(from, from, &utc), None);
        let (count, last) = twice
            .between(Timestamp(i64::MIN), at("2026-11-03T08:00:00Z"), &utc)
            .unwrap();
        assert_eq!(last, at("2026-11-03T08:00:00Z"));
        assert!((COUNTED_DAYS * 2 - 4..=COUNTED_DAYS * 2).contains(&count), "{count}");
    }

    #[test]
    fn the_ends_of_time_are_no_trouble() {
        for wall in [i64::MIN, i64::MAX, 0] {
            let _ = rule(&[3], &["12:00"]).next(Timestamp(wall), &paris());
            let _ = rule(&[3], &["12:00"]).between(Timestamp(i64::MIN), Timestamp(wall), &paris());
        }
        assert_eq!(rule(&[], &[]).next(Timestamp(0), &paris()), None);
        assert_eq!(rule(&[], &["25:00"]).next(Timestamp(0), &paris()), None);
        assert_eq!(rule(&[9], &["12:00"]).next(Timestamp(0), &paris()), None);
    }
}
