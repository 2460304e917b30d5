//! Whether a rule can be followed: every number in its range, every text not too long.

use crate::limits::{MAX_POINTER, MAX_RESULT_TEXT, MAX_WINDOW_S};
use crate::model::{Aggregate, Condition, ResultFilter, Rule};
use std::fmt;

/// Characters of a rule's name.
const MAX_NAME: usize = 200;
/// Steps of a sequence.
pub(super) const MAX_STEPS: usize = 8;
/// Agents that can be asked to agree.
const MAX_AGENTS: u32 = 10_000;

/// What is wrong with a rule, for a person; English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleProblem(pub(super) String);

impl fmt::Display for RuleProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for RuleProblem {}

/// Looks whether a rule can be followed; its id and revision are not looked at.
pub fn check(rule: &Rule) -> Result<(), RuleProblem> {
    let letters = rule.name.chars().count();
    ensure(!rule.name.trim().is_empty() && letters <= MAX_NAME, || {
        format!("a rule's name has 1 to {MAX_NAME} letters")
    })?;
    ensure(rule.calm_s <= MAX_WINDOW_S, || {
        format!("a rule waits at most {MAX_WINDOW_S} seconds before it closes an incident")
    })?;
    let doubled = rule
        .per
        .iter()
        .enumerate()
        .any(|(n, key)| rule.per.iter().take(n).any(|k| k == key));
    ensure(!doubled, || {
        "a rule names each thing that tells incidents apart once".to_owned()
    })?;
    filter(&rule.of)?;
    condition(&rule.when)
}

fn condition(when: &Condition) -> Result<(), RuleProblem> {
    match when {
        Condition::Agree {
            k,
            of,
            within_s,
            verdicts,
        } => {
            window(*within_s)?;
            ensure((1..=MAX_AGENTS).contains(k), || {
                format!("the agents that must agree are 1 to {MAX_AGENTS}")
            })?;
            ensure(*of == 0 || (*k..=MAX_AGENTS).contains(of), || {
                "the agents that must have reported are at least as many as those that must agree".to_owned()
            })?;
            ensure(!verdicts.is_empty(), || {
                "a rule says on what the agents must agree".to_owned()
            })
        }
        Condition::Changed { field } => field.as_deref().map_or(Ok(()), pointer),
        Condition::Silent { after_s } => window(*after_s),
        Condition::Threshold {
            field,
            by,
            limit,
            window_s,
            ..
        } => {
            window(*window_s)?;
            ensure(limit.is_finite(), || "the limit is a number".to_owned())?;
            if *by == Aggregate::Count {
                return ensure(field.is_empty(), || "results are counted without a field".to_owned());
            }
            pointer(field)
        }
        Condition::Sequence { steps, within_s } => {
            window(*within_s)?;
            ensure((2..=MAX_STEPS).contains(&steps.len()), || {
                format!("a sequence has 2 to {MAX_STEPS} steps")
            })?;
            steps.iter().try_for_each(filter)
        }
    }
}

fn ensure(holds: bool, why: impl FnOnce() -> String) -> Result<(), RuleProblem> {
    if holds { Ok(()) } else { Err(RuleProblem(why())) }
}

fn window(seconds: u32) -> Result<(), RuleProblem> {
    ensure((1..=MAX_WINDOW_S).contains(&seconds), || {
        format!("a rule's time has 1 to {MAX_WINDOW_S} seconds")
    })
}

/// RFC 6901; the empty pointer, which means the whole, is no number and no value to compare.
fn pointer(field: &str) -> Result<(), RuleProblem> {
    ensure(field.starts_with('/') && field.len() <= MAX_POINTER, || {
        format!("a field is named as a JSON pointer: /, then a name, at most {MAX_POINTER} letters")
    })
}

fn filter(filter: &ResultFilter) -> Result<(), RuleProblem> {
    let texts = [&filter.probe, &filter.kind, &filter.target, &filter.agent];
    let fits = texts
        .into_iter()
        .flatten()
        .all(|text| !text.is_empty() && text.len() <= MAX_RESULT_TEXT);
    ensure(fits, || {
        format!("what results are chosen by has 1 to {MAX_RESULT_TEXT} letters")
    })
}
