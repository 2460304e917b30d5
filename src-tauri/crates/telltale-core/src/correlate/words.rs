//! The sentences of incidents: plain English, from numbers and names that are already decided.

use super::holds::Holds;
use super::seen::Seen;
use crate::model::{Aggregate, Condition, GroupKey, Rule, Verdict};

/// Why an incident is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The condition has not held for the rule's time.
    Calm,
    /// A person closed it.
    ByHand,
    /// The rule looks at something else now.
    RuleChanged,
    /// The rule was switched off.
    RuleOff,
    /// The rule was removed.
    RuleRemoved,
}

pub(super) fn ending(why: Ending, calm_s: u32) -> String {
    match why {
        Ending::Calm if calm_s == 0 => "It is no longer so.".to_owned(),
        Ending::Calm => format!("It has not been so for {}.", time(calm_s)),
        Ending::ByHand => "A person closed it.".to_owned(),
        Ending::RuleChanged => "The rule was changed.".to_owned(),
        Ending::RuleOff => "The rule was switched off.".to_owned(),
        Ending::RuleRemoved => "The rule was removed.".to_owned(),
    }
}

/// What was concluded; `any`: a result of the group, for the names that people gave.
pub(super) fn conclusion(rule: &Rule, key: &[String], any: Option<&Seen>, holds: &Holds) -> String {
    let about = about(rule, key, any);
    match (&rule.when, holds) {
        (Condition::Agree { within_s, verdicts, .. }, Holds::Agree { agree, reported }) => {
            let verdicts: Vec<_> = verdicts.iter().map(|v| verdict(*v)).collect();
            format!(
                "{agree} of {reported} agents that reported about {about} within {} agree: {}.",
                time(*within_s),
                verdicts.join(" or ")
            )
        }
        (Condition::Silent { after_s }, _) => format!("No result about {about} came for {}.", time(*after_s)),
        (
            Condition::Threshold {
                field,
                by,
                above,
                limit,
                window_s,
            },
            Holds::Number(value),
        ) => {
            let side = if *above { "above" } else { "below" };
            let (value, limit, window) = (number(*value), number(*limit), time(*window_s));
            match by {
                Aggregate::Count => {
                    format!("{value} results about {about} came within {window}, {side} the limit of {limit}.")
                }
                _ => format!(
                    "The {} of {field} over {window} is {value}, {side} the limit of {limit}: {about}.",
                    aggregate(*by)
                ),
            }
        }
        (Condition::Sequence { steps, within_s }, _) => format!(
            "{} results about {about} followed one another as the rule says, within {}.",
            steps.len(),
            time(*within_s)
        ),
        (_, Holds::Changed(what)) => format!("Something changed about {about}: {what}."),
        _ => format!("The rule holds for {about}."),
    }
}

fn about(rule: &Rule, key: &[String], any: Option<&Seen>) -> String {
    let part = |(kind, value): (&GroupKey, &String)| match kind {
        GroupKey::Target => value.clone(),
        GroupKey::Agent => format!("agent {value}"),
        GroupKey::Probe => {
            let name = any.map(|seen| &seen.probe_name).filter(|name| !name.is_empty());
            let name = name.or_else(|| Some(value).filter(|value| !value.is_empty()));
            name.map_or_else(|| "no probe".to_owned(), |name| format!("probe “{name}”"))
        }
    };
    let parts: Vec<_> = rule.per.iter().zip(key).map(part).collect();
    if parts.is_empty() {
        return "all that the rule looks at".to_owned();
    }
    parts.join(", ")
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Expected => "as expected",
        Verdict::Unexpected => "not as expected",
        Verdict::Failed => "could not be checked",
        Verdict::TimedOut => "took too long",
        Verdict::Killed => "broken off",
    }
}

fn aggregate(by: Aggregate) -> &'static str {
    match by {
        Aggregate::Count => "number",
        Aggregate::Sum => "sum",
        Aggregate::Mean => "mean",
        Aggregate::Min => "smallest",
        Aggregate::Max => "largest",
    }
}

/// A number as people write it: three places at most, none that says nothing.
fn number(n: f64) -> String {
    let text = format!("{n:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Seconds in the largest unit that divides them.
fn time(seconds: u32) -> String {
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let fits = units
        .into_iter()
        .find(|(unit, _)| seconds.checked_rem(*unit) == Some(0));
    let (unit, name) = fits.unwrap_or((1, "second"));
    let n = seconds.checked_div(unit).unwrap_or(seconds);
    format!("{n} {name}{}", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_are_short() {
        let numbers = [
            (1.0, "1"),
            (0.125, "0.125"),
            (1.0 / 3.0, "0.333"),
            (-0.000_01, "0"),
            (1200.0, "1200"),
        ];
        for (n, text) in numbers {
            assert_eq!(number(n), text);
        }
        let times = [
            (1, "1 second"),
            (90, "90 seconds"),
            (60, "1 minute"),
            (7_200, "2 hours"),
            (86_400, "1 day"),
        ];
        for (seconds, text) in times {
            assert_eq!(time(seconds), text);
        }
    }
}
