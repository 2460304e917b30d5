//! Which values a probe may have, beside what its kind of check says of its own.

use super::{Refusal, refuse};
use crate::model::{AuditSource, Behaviour, Check, Every, Expectation, Limits, Probe, RunsOn, ValueTest};
use crate::schedule::time_of_day;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// Letters of a name.
const NAME: RangeInclusive<usize> = 1..=200;
/// Seconds of a period or a pause: up to a year.
const PERIOD_S: RangeInclusive<u32> = 1..=31_536_000;
/// Times of a day.
const TIMES: RangeInclusive<usize> = 1..=48;
/// Seconds of a run: up to a day.
const TIMEOUT_S: RangeInclusive<u32> = 1..=86_400;
/// Octets of an answer or an output: up to 16 MiB.
const OUTPUT_BYTES: RangeInclusive<u32> = 1..=16_777_216;
/// Megabytes of a program.
const MEMORY_MB: RangeInclusive<u32> = 1..=65_536;
/// Letters of a role, a zone, a pointer.
const LONGEST_WORD: usize = 100;
const LONGEST_POINTER: usize = 500;
/// Octets of a device's name, and of a path (Linux's limits).
const LONGEST_DEVICE: usize = 64;
const LONGEST_PATH: usize = 4_096;
/// Octets of an expected value as JSON.
const LONGEST_VALUE: usize = 10_000;

/// Says which value of a probe is out of its range. The parameters of a check are known by who carries it out, but for an audit's.
pub fn check(probe: &Probe) -> Result<(), Refusal> {
    if !NAME.contains(&probe.name.trim().chars().count()) || probe.name.chars().any(char::is_control) {
        return refuse("A name has 1 to 200 letters.");
    }
    if let Check::Audit { source, seconds } = &probe.check {
        audit(source, *seconds)?;
    }
    behaviour(&probe.behaviour)?;
    limits(probe.limits)?;
    role(&probe.runs_on)?;
    probe.expected.as_ref().map_or(Ok(()), expectation)
}

fn audit(source: &AuditSource, seconds: u32) -> Result<(), Refusal> {
    if !TIMEOUT_S.contains(&seconds) {
        return refuse("A device is watched for 1 second to 1 day.");
    }
    match source {
        AuditSource::Device { device } if device.is_empty() || device.len() > LONGEST_DEVICE => {
            refuse("A network device has a name.")
        }
        AuditSource::File { path } if !path.starts_with('/') || path.len() > LONGEST_PATH => {
            refuse("A capture file is named by its absolute path.")
        }
        _ => Ok(()),
    }
}

fn behaviour(behaviour: &Behaviour) -> Result<(), Refusal> {
    match behaviour {
        Behaviour::OneShot { .. } => Ok(()),
        Behaviour::Cyclic { pause_s: seconds }
        | Behaviour::Periodic {
            every: Every::Period { period_s: seconds },
        } => {
            if PERIOD_S.contains(seconds) {
                return Ok(());
            }
            refuse("A period or a pause takes 1 second to 1 year.")
        }
        Behaviour::Periodic {
            every: Every::Calendar { weekdays, times, zone },
        } => {
            let different: BTreeSet<_> = weekdays.iter().collect();
            if different.len() < weekdays.len() || weekdays.iter().any(|day| !(1..=7).contains(day)) {
                return refuse("Days of the week are numbers from 1 (Monday) to 7 (Sunday), each once.");
            }
            if !TIMES.contains(&times.len()) {
                return refuse("A calendar has 1 to 48 times of the day.");
            }
            if let Some(time) = times.iter().find(|time| time_of_day(time).is_none()) {
                return refuse(format!("“{time}” is no time of the day; it should be as 07:30."));
            }
            match zone {
                Some(zone) if zone.is_empty() || zone.len() > LONGEST_WORD => refuse("A time zone has a name."),
                _ => Ok(()),
            }
        }
    }
}

fn limits(limits: Limits) -> Result<(), Refusal> {
    if !TIMEOUT_S.contains(&limits.timeout_s) {
        return refuse("A run takes 1 second to 1 day at most.");
    }
    if !OUTPUT_BYTES.contains(&limits.output_bytes) {
        return refuse("1 to 16,777,216 octets of an answer can be read.");
    }
    if !MEMORY_MB.contains(&limits.memory_mb) {
        return refuse("A program may take 1 to 65,536 MB of memory.");
    }
    Ok(())
}

fn role(runs_on: &RunsOn) -> Result<(), Refusal> {
    match runs_on {
        RunsOn::Here => Ok(()),
        RunsOn::Role { role } | RunsOn::EveryAgent { role } => {
            let word = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            if !role.is_empty() && role.len() <= LONGEST_WORD && role.chars().all(word) {
                return Ok(());
            }
            refuse("A role is one word of letters, digits, “-”, “_” and “.”.")
        }
    }
}

fn expectation(expected: &Expectation) -> Result<(), Refusal> {
    let field = &expected.field;
    let pointer = field.is_empty() || (field.starts_with('/') && field.len() <= LONGEST_POINTER);
    if !pointer {
        return refuse("The place of an expected value is a JSON pointer, as /status.");
    }
    match &expected.test {
        ValueTest::Equals { value } if value.to_string().len() > LONGEST_VALUE => {
            refuse("An expected value has at most 10,000 octets.")
        }
        ValueTest::Contains { text } if text.is_empty() || text.len() > LONGEST_VALUE => {
            refuse("An expected text has 1 to 10,000 octets.")
        }
        ValueTest::Below { number } | ValueTest::Above { number } if !number.is_finite() => {
            refuse("An expected number is a number.")
        }
        _ => Ok(()),
    }
}
