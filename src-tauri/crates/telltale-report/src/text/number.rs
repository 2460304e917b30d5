//! Numbers, octets, shares and durations as people of a language write them. Never here: words of a page.

use crate::Language;

const NANOS_PER_SECOND: i64 = 1_000_000_000;

impl Language {
    /// Between groups of three digits: a comma, or French's narrow no-break space.
    const fn group(self) -> char {
        match self {
            Self::En => ',',
            Self::Fr => '\u{202f}',
        }
    }

    const fn decimal(self) -> char {
        match self {
            Self::En => '.',
            Self::Fr => ',',
        }
    }

    /// A whole number with its digits in groups of three.
    pub(crate) fn whole(self, value: u64) -> String {
        let digits = value.to_string();
        let mut text = String::with_capacity(digits.len() + digits.len() / 3);
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                text.push(self.group());
            }
            text.push(digit);
        }
        text
    }

    /// A number with at most `places` decimals, trailing zeros left out.
    pub(crate) fn number(self, value: f64, places: usize) -> String {
        if !value.is_finite() {
            return "–".to_owned();
        }
        let text = format!("{:.places$}", value.abs());
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let fraction = fraction.trim_end_matches('0');
        let whole = whole.parse().map_or_else(|_| whole.to_owned(), |n| self.whole(n));
        let minus = if value < 0.0 && (whole != "0" || !fraction.is_empty()) {
            "−"
        } else {
            ""
        };
        let point = if fraction.is_empty() {
            String::new()
        } else {
            format!("{}{fraction}", self.decimal())
        };
        format!("{minus}{whole}{point}")
    }

    /// Octets in SI units, three figures: `999 B`, `1.23 kB`, `45.6 MB`.
    #[allow(clippy::cast_precision_loss, reason = "three figures are shown")]
    pub(crate) fn octets(self, octets: u64) -> String {
        let (units, one): ([&str; 5], _) = match self {
            Self::En => (["kB", "MB", "GB", "TB", "PB"], "B"),
            Self::Fr => (["ko", "Mo", "Go", "To", "Po"], "o"),
        };
        if octets < 1_000 {
            return format!("{octets}\u{a0}{one}");
        }
        let mut value = octets as f64 / 1_000.0;
        let mut unit = 0;
        while value >= 999.5 && unit + 1 < units.len() {
            value /= 1_000.0;
            unit += 1;
        }
        let places = if value < 9.995 { 2 } else { usize::from(value < 99.95) };
        format!("{}\u{a0}{}", self.number(value, places), units[unit])
    }

    /// A part of a whole in percent; `< 1 %` rather than 0 for little, never 100 for less than all.
    #[allow(clippy::cast_precision_loss, reason = "two figures are shown")]
    pub(crate) fn share(self, part: u64, whole: u64) -> String {
        let space = match self {
            Self::En => "",
            Self::Fr => "\u{202f}",
        };
        if whole == 0 || part == 0 {
            return format!("0{space}%");
        }
        let percent = part as f64 / whole as f64 * 100.0;
        if percent < 1.0 {
            return format!("<\u{a0}1{space}%");
        }
        let percent = if part < whole { percent.round().min(99.0) } else { 100.0 };
        format!("{percent:.0}{space}%")
    }

    /// A duration in its one or two largest units: `3.2 seconds`, `12 minutes`, `1 hour 5 minutes`.
    #[allow(clippy::cast_precision_loss, reason = "one decimal is shown")]
    #[allow(clippy::cast_sign_loss, reason = "clamped at 0")]
    pub(crate) fn duration(self, nanos: i64) -> String {
        let nanos = nanos.max(0);
        if nanos < 10 * NANOS_PER_SECOND {
            let tenths = (nanos + NANOS_PER_SECOND / 20) / (NANOS_PER_SECOND / 10);
            let name = match self {
                Self::En => {
                    if tenths == 10 {
                        "second"
                    } else {
                        "seconds"
                    }
                }
                Self::Fr => {
                    if tenths < 20 {
                        "seconde"
                    } else {
                        "secondes"
                    }
                }
            };
            return format!("{}\u{a0}{name}", self.number(tenths as f64 / 10.0, 1));
        }
        let rounded = |unit: i64| (nanos + unit * NANOS_PER_SECOND / 2) / (unit * NANOS_PER_SECOND);
        let seconds = rounded(1);
        if seconds < 120 {
            return self.units(seconds as u64, ["second", "seconde"]);
        }
        let minutes = rounded(60);
        if minutes < 60 {
            return self.units(minutes as u64, ["minute", "minute"]);
        }
        let (large, small, names) = if minutes < 48 * 60 {
            (minutes / 60, minutes % 60, [["hour", "heure"], ["minute", "minute"]])
        } else {
            let hours = rounded(3_600);
            (hours / 24, hours % 24, [["day", "jour"], ["hour", "heure"]])
        };
        let first = self.units(large as u64, names[0]);
        if small == 0 || (minutes >= 48 * 60 && large >= 14) {
            first
        } else {
            format!("{first} {}", self.units(small as u64, names[1]))
        }
    }

    /// A whole number of units; English and French both put an `s` for many, French from two on.
    fn units(self, value: u64, [en, fr]: [&str; 2]) -> String {
        let (name, many) = match self {
            Self::En => (en, value != 1),
            Self::Fr => (fr, value >= 2),
        };
        format!("{}\u{a0}{name}{}", self.whole(value), if many { "s" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_the_language() {
        for (value, en, fr) in [
            (0, "0", "0"),
            (999, "999", "999"),
            (1_234_567, "1,234,567", "1\u{202f}234\u{202f}567"),
        ] {
            assert_eq!(
                (Language::En.whole(value).as_str(), Language::Fr.whole(value).as_str()),
                (en, fr)
            );
        }
        assert_eq!(Language::En.number(1_234.50, 2), "1,234.5");
        assert_eq!(Language::Fr.number(1_234.50, 2), "1\u{202f}234,5");
        assert_eq!(Language::En.number(-0.04, 1), "0");
        assert_eq!(Language::En.number(-0.4, 1), "−0.4");
        assert_eq!(Language::En.number(f64::NAN, 1), "–");
    }

    #[test]
    fn octets_have_three_figures() {
        for (octets, text) in [
            (0, "0\u{a0}B"),
            (999, "999\u{a0}B"),
            (1_000, "1\u{a0}kB"),
            (1_234, "1.23\u{a0}kB"),
            (45_678, "45.7\u{a0}kB"),
            (999_499, "999\u{a0}kB"),
            (999_500, "1\u{a0}MB"),
            (9_994_000, "9.99\u{a0}MB"),
            (9_996_000, "10\u{a0}MB"),
            (u64::MAX, "18,447\u{a0}PB"),
        ] {
            assert_eq!(Language::En.octets(octets), text, "{octets}");
        }
        assert_eq!(Language::Fr.octets(1_234), "1,23\u{a0}ko");
    }

    #[test]
    fn little_is_not_nothing_and_most_is_not_all() {
        for (part, whole, en) in [
            (0, 0, "0%"),
            (0, 9, "0%"),
            (1, 1_000, "<\u{a0}1%"),
            (999, 1_000, "99%"),
            (9, 9, "100%"),
        ] {
            assert_eq!(Language::En.share(part, whole), en);
        }
        assert_eq!(Language::Fr.share(1, 2), "50\u{202f}%");
    }

    #[test]
    fn durations_have_their_plural() {
        let (s, day) = (NANOS_PER_SECOND, 86_400 * NANOS_PER_SECOND);
        for (nanos, en, fr) in [
            (0, "0\u{a0}seconds", "0\u{a0}seconde"),
            (s, "1\u{a0}second", "1\u{a0}seconde"),
            (15 * s / 10, "1.5\u{a0}seconds", "1,5\u{a0}seconde"),
            (32 * s / 10, "3.2\u{a0}seconds", "3,2\u{a0}secondes"),
            (119 * s, "119\u{a0}seconds", "119\u{a0}secondes"),
            (720 * s, "12\u{a0}minutes", "12\u{a0}minutes"),
            (3_600 * s, "1\u{a0}hour", "1\u{a0}heure"),
            (3_900 * s, "1\u{a0}hour 5\u{a0}minutes", "1\u{a0}heure 5\u{a0}minutes"),
            (
                3 * day + 3_600 * s,
                "3\u{a0}days 1\u{a0}hour",
                "3\u{a0}jours 1\u{a0}heure",
            ),
            (20 * day + 3_600 * s, "20\u{a0}days", "20\u{a0}jours"),
            (-5, "0\u{a0}seconds", "0\u{a0}seconde"),
        ] {
            assert_eq!(
                (
                    Language::En.duration(nanos).as_str(),
                    Language::Fr.duration(nanos).as_str()
                ),
                (en, fr)
            );
        }
    }
}
