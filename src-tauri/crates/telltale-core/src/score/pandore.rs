//! Pandore's formula, profile `pandore/1`.
//!
//! With the pauses of at least 10 s between packets, `f` = 1 / mean pause in Hz (1 when there was none); `d` = octets of both
//! directions per second, in MiB/s; `n` = distinct remote addresses. Each goes through a sigmoid with slope `k` that is one half at
//! the reference `r` (at most 500):
//!
//! `s(v) = (1 - e^(-k v)) / (1 + (e^(k r) - 2) e^(-k v))`
//!
//! The references are 1 / pause, rate and number of servers. The three results are put together by weighted arithmetic mean, or by
//! Pandore's "harmonic" one, `1 - W / sum(w / (1 - s))`.
//!
//! Where Pandore's page fails, this does not: a capture shorter than a second counts as one second (Pandore's clock has no
//! smaller step); a part that is 1 to the last digit (from some 87 servers) makes the harmonic result 1, its limit.

use super::grade;
use crate::model::{PandoreFacts, PandoreSettings, Reason, RowFilter, Score};
use std::{error::Error, fmt};

/// Name and version of the rule.
pub const PANDORE_PROFILE: &str = "pandore/1";
/// Pandore caps its references here.
const MAX_REFERENCE: f64 = 500.0;
const MIB: f64 = 1_048_576.0;

/// A setting that no score can be computed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettingOutOfRange {
    /// The field's name; `weights` when all three are 0.
    pub field: &'static str,
}

impl fmt::Display for SettingOutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is out of range", self.field)
    }
}

impl Error for SettingOutOfRange {}

impl PandoreSettings {
    /// References lie in (0, 100,000], the slope in (0, 100], weights in [0, 1,000] and not all at 0.
    pub fn check(&self) -> Result<(), SettingOutOfRange> {
        let positive = |field, value: f64, most: f64| {
            if value > 0.0 && value <= most {
                Ok(())
            } else {
                Err(SettingOutOfRange { field })
            }
        };
        let weight = |field, value: f64| {
            if (0.0..=1_000.0).contains(&value) {
                Ok(())
            } else {
                Err(SettingOutOfRange { field })
            }
        };
        positive("reference_pause_s", self.reference_pause_s, 100_000.0)?;
        positive("reference_rate_mib_s", self.reference_rate_mib_s, 100_000.0)?;
        positive("reference_servers", self.reference_servers, 100_000.0)?;
        positive("slope", self.slope, 100.0)?;
        weight("weight_pause", self.weight_pause)?;
        weight("weight_rate", self.weight_rate)?;
        weight("weight_servers", self.weight_servers)?;
        positive(
            "weights",
            self.weight_pause + self.weight_rate + self.weight_servers,
            3_000.0,
        )
    }
}

/// One of the three parts.
struct Part {
    key: &'static str,
    value: f64,
    result: f64,
    weight: f64,
}

/// Judges by Pandore's formula. Refuses settings that [`PandoreSettings::check`] refuses; a capture without packets has no grade.
pub fn pandore(facts: &PandoreFacts, settings: &PandoreSettings) -> Result<Score, SettingOutOfRange> {
    settings.check()?;
    let mut score = Score {
        profile: PANDORE_PROFILE.to_owned(),
        points: None,
        grade: None,
        worst_grade: None,
        reasons: Vec::new(),
    };
    if facts.packets == 0 {
        return Ok(score);
    }
    let parts = parts(facts, settings);
    let points = 100.0 * together(&parts, settings.harmonic);
    let whole: f64 = parts.iter().map(|p| p.weight).sum();
    score.reasons = parts
        .iter()
        .map(|part| Reason {
            key: part.key.to_owned(),
            value: part.value,
            points: 100.0 * part.result * part.weight / whole,
            max: 100.0 * part.weight / whole,
            rows: RowFilter::default(),
        })
        .collect();
    score.reasons.sort_by(|a, b| b.points.total_cmp(&a.points));
    score.points = Some(points);
    score.grade = Some(grade(points));
    score.worst_grade = score.grade;
    Ok(score)
}

#[allow(clippy::cast_precision_loss, reason = "counts below 2^53")]
fn parts(facts: &PandoreFacts, settings: &PandoreSettings) -> [Part; 3] {
    let pause = if facts.gaps == 0 {
        0.0
    } else {
        facts.gap_seconds as f64 / facts.gaps as f64
    };
    let frequency = if pause > 0.0 { pause.recip() } else { 1.0 };
    let rate = facts.bytes as f64 / facts.seconds.max(1.0) / MIB;
    let servers = facts.remotes as f64;
    let part = |key, value, measured, reference: f64, weight| Part {
        key,
        value,
        result: sigmoid(measured, reference.min(MAX_REFERENCE), settings.slope),
        weight,
    };
    [
        part(
            "pandore_pause",
            pause,
            frequency,
            settings.reference_pause_s.recip(),
            settings.weight_pause,
        ),
        part(
            "pandore_rate",
            rate,
            rate,
            settings.reference_rate_mib_s,
            settings.weight_rate,
        ),
        part(
            "pandore_servers",
            servers,
            servers,
            settings.reference_servers,
            settings.weight_servers,
        ),
    ]
}

/// `s(v)`, with the product of the two powers taken as one so that neither overflows: e^(kr) e^(-kv) = e^(k(r-v)).
fn sigmoid(value: f64, reference: f64, slope: f64) -> f64 {
    let falling = (-slope * value).exp();
    ((1.0 - falling) / (1.0 + (slope * (reference - value)).exp() - 2.0 * falling)).clamp(0.0, 1.0)
}

fn together(parts: &[Part], harmonic: bool) -> f64 {
    let weights: f64 = parts.iter().map(|p| p.weight).sum();
    if !harmonic {
        return parts.iter().map(|p| p.weight * p.result).sum::<f64>() / weights;
    }
    // A part without weight says nothing, even where its own result is 1.
    let sum: f64 = parts
        .iter()
        .filter(|p| p.weight > 0.0)
        .map(|p| p.weight / (1.0 - p.result))
        .sum();
    (1.0 - weights / sum).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Grade;

    /// Facts for a mean gap in seconds, a rate in thousandths of MiB/s (over 1,000 s), and a number of remotes.
    fn facts(gap: Option<u64>, rate: u64, remotes: u64) -> PandoreFacts {
        PandoreFacts {
            gaps: gap.map_or(0, |_| 7),
            gap_seconds: gap.map_or(0, |g| g * 7),
            bytes: rate * 1_048_576,
            remotes,
            seconds: 1_000.0,
            packets: 1,
        }
    }

    fn only(part: &str) -> PandoreSettings {
        let weight = |p| if p == part { 1.0 } else { 0.0 };
        PandoreSettings {
            weight_pause: weight("pause"),
            weight_rate: weight("rate"),
            weight_servers: weight("servers"),
            ..PandoreSettings::default()
        }
    }

    fn points(facts: &PandoreFacts, settings: &PandoreSettings) -> f64 {
        pandore(facts, settings).unwrap().points.unwrap() / 100.0
    }

    fn close(found: f64, expected: f64, tolerance: f64) {
        assert!((found - expected).abs() <= tolerance, "{found} instead of {expected}");
    }

    #[test]
    fn pauses_give_the_worked_values() {
        for (gap, expected) in [
            (Some(10), 0.6040),
            (Some(15), 0.5),
            (Some(30), 0.3296),
            (Some(60), 0.1960),
            (Some(600), 0.0236),
            (None, 0.9614),
        ] {
            close(points(&facts(gap, 0, 0), &only("pause")), expected, 5e-5);
        }
    }

    #[test]
    fn rates_give_the_worked_values() {
        for (rate, expected) in [(10, 0.0872), (100, 0.5), (1_000, 0.9423)] {
            close(points(&facts(None, rate, 0), &only("rate")), expected, 5e-5);
        }
    }

    #[test]
    fn numbers_of_servers_give_the_worked_values() {
        for (servers, expected, tolerance) in [
            (40, 4.5e-5, 5e-7),
            (45, 0.0067, 5e-5),
            (49, 0.2689, 5e-5),
            (50, 0.5, 1e-9),
            (51, 0.7311, 5e-5),
            (55, 0.9933, 5e-5),
        ] {
            close(points(&facts(None, 0, servers), &only("servers")), expected, tolerance);
        }
    }

    #[test]
    fn whole_captures_give_the_worked_values() {
        for (gap, rate, servers, expected, letter) in [
            (None, 20, 12, 0.3742, Grade::B),
            (Some(30), 5, 12, 0.1250, Grade::A),
            (None, 300, 30, 0.5768, Grade::C),
            (None, 500, 80, 0.9406, Grade::E),
            (Some(60), 1, 60, 0.4018, Grade::C),
        ] {
            let score = pandore(&facts(gap, rate, servers), &PandoreSettings::default()).unwrap();
            close(score.points.unwrap() / 100.0, expected, 5e-5);
            assert_eq!((score.grade, score.worst_grade), (Some(letter), Some(letter)));
            close(
                score.reasons.iter().map(|r| r.points).sum::<f64>(),
                score.points.unwrap(),
                1e-9,
            );
        }
    }

    #[test]
    fn the_harmonic_mean_follows_its_formula_and_its_limit() {
        let harmonic = PandoreSettings {
            harmonic: true,
            ..PandoreSettings::default()
        };
        // All three at their reference: each 1/2, so 1 - 3 / (3 * 2) = 1/2.
        close(points(&facts(Some(15), 100, 50), &harmonic), 0.5, 1e-6);
        // 1 - 3 / (1 / (1 - .9614) + 1 / (1 - .1663...) + 1 / 1): the part near 1 pulls the whole up.
        let (s_f, s_d) = (
            points(&facts(None, 20, 0), &only("pause")),
            points(&facts(None, 20, 0), &only("rate")),
        );
        let expected = 1.0 - 3.0 / (1.0 / (1.0 - s_f) + 1.0 / (1.0 - s_d) + 1.0);
        close(points(&facts(None, 20, 12), &harmonic), expected, 1e-9);
        for servers in [87, 88, 500, 5_000_000] {
            close(points(&facts(Some(600), 1, servers), &harmonic), 1.0, 1e-12);
        }
        let without_servers = PandoreSettings {
            weight_servers: 0.0,
            ..harmonic
        };
        assert!(points(&facts(Some(600), 1, 5_000), &without_servers) < 0.1);
    }

    #[test]
    fn short_and_empty_captures_do_not_fail() {
        let none = pandore(&PandoreFacts::default(), &PandoreSettings::default()).unwrap();
        assert_eq!(
            (none.points, none.grade, none.worst_grade, none.reasons.len()),
            (None, None, None, 0)
        );
        let one = PandoreFacts {
            packets: 1,
            bytes: 60,
            remotes: 1,
            ..PandoreFacts::default()
        };
        close(points(&one, &PandoreSettings::default()), 0.9614 / 3.0, 1e-3);
    }

    #[test]
    fn extreme_settings_stay_within_bounds() {
        let wild = PandoreSettings {
            reference_pause_s: 1e-5,
            reference_rate_mib_s: 1e5,
            reference_servers: 1e5,
            slope: 100.0,
            ..PandoreSettings::default()
        };
        for harmonic in [false, true] {
            let settings = PandoreSettings { harmonic, ..wild };
            for (gap, rate, servers) in [
                (None, 0, 0),
                (Some(10), 1_000_000_000, u64::MAX),
                (Some(86_400), 500_000, 500),
            ] {
                let found = points(&facts(gap, rate, servers), &settings);
                assert!((0.0..=1.0).contains(&found), "{found}");
            }
        }
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        let good = PandoreSettings::default();
        assert_eq!(good.check(), Ok(()));
        for (settings, field) in [
            (
                PandoreSettings {
                    reference_pause_s: 0.0,
                    ..good
                },
                "reference_pause_s",
            ),
            (
                PandoreSettings {
                    reference_rate_mib_s: -1.0,
                    ..good
                },
                "reference_rate_mib_s",
            ),
            (
                PandoreSettings {
                    reference_servers: f64::NAN,
                    ..good
                },
                "reference_servers",
            ),
            (
                PandoreSettings {
                    slope: f64::INFINITY,
                    ..good
                },
                "slope",
            ),
            (
                PandoreSettings {
                    weight_pause: -0.1,
                    ..good
                },
                "weight_pause",
            ),
            (
                PandoreSettings {
                    weight_rate: 1e9,
                    ..good
                },
                "weight_rate",
            ),
            (
                PandoreSettings {
                    weight_servers: f64::NAN,
                    ..good
                },
                "weight_servers",
            ),
            (
                PandoreSettings {
                    weight_pause: 0.0,
                    weight_rate: 0.0,
                    weight_servers: 0.0,
                    ..good
                },
                "weights",
            ),
        ] {
            assert_eq!(settings.check(), Err(SettingOutOfRange { field }));
            assert_eq!(
                pandore(&facts(None, 1_000, 1), &settings),
                Err(SettingOutOfRange { field })
            );
        }
    }
}
