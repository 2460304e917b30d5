//! Whether a condition holds for what a group remembers at a time. Pure: asks nothing, changes nothing.

use super::check::MAX_STEPS;
use super::group::{Entry, Group, Memory};
use super::seen::{Place, Seen};
use crate::model::{Aggregate, Condition, Rule, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A condition that holds, and by what.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Holds {
    /// So many of so many agents.
    Agree { agree: usize, reported: usize },
    /// The window's number.
    Number(f64),
    /// The places of the sequence's results.
    Chain(Vec<Place>),
    /// What changed, in words.
    Changed(String),
    /// Nothing came.
    Silent,
}

/// The time, and since when somebody listens.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now {
    pub(super) clock: Timestamp,
    pub(super) since: Timestamp,
}

pub(super) fn seconds(s: u32) -> i64 {
    i64::from(s).saturating_mul(1_000_000_000)
}

/// How far back a condition looks; `None`: it has no window.
pub(super) fn window(when: &Condition) -> Option<i64> {
    match when {
        Condition::Agree { within_s, .. } | Condition::Sequence { within_s, .. } => Some(seconds(*within_s)),
        Condition::Threshold { window_s, .. } => Some(seconds(*window_s)),
        Condition::Changed { .. } | Condition::Silent { .. } => None,
    }
}

/// Whether the condition is about what did not come.
pub(super) fn waits_for_nothing(when: &Condition) -> bool {
    matches!(
        when,
        Condition::Silent { .. }
            | Condition::Threshold {
                by: Aggregate::Count,
                above: false,
                ..
            }
    )
}

impl Group {
    pub(super) fn judge(&self, rule: &Rule, now: Now) -> Option<Holds> {
        match (&rule.when, &self.memory) {
            (Condition::Agree { k, of, verdicts, .. }, Memory::Newest(newest)) => {
                let reported = newest.len();
                let agree = newest.values().filter(|e| verdicts.contains(&e.seen.verdict)).count();
                let enough = |wanted: u32, there: usize| usize::try_from(wanted).is_ok_and(|wanted| there >= wanted);
                (enough(*k, agree) && enough(*of, reported)).then_some(Holds::Agree { agree, reported })
            }
            (Condition::Threshold { by, above, limit, .. }, Memory::Window(entries)) => {
                if self.full_at(rule, now).is_some_and(|full| now.clock < full) {
                    return None;
                }
                let value = aggregate(*by, entries)?;
                let beyond = if *above { value > *limit } else { value < *limit };
                beyond.then_some(Holds::Number(value))
            }
            (Condition::Sequence { steps, within_s }, Memory::Window(entries)) => {
                chain(entries, steps.len(), seconds(*within_s)).map(Holds::Chain)
            }
            (Condition::Changed { .. }, Memory::Series { series, late }) => {
                let changed = late.as_ref().map(|(_, words)| words).or_else(|| {
                    let newest = series.values().filter(|s| s.changed.is_some());
                    newest.max_by_key(|s| s.newest.place)?.changed.as_ref()
                });
                changed.map(|words| Holds::Changed(words.clone()))
            }
            (Condition::Silent { .. }, Memory::Last(_)) => {
                let due = self.silent_at(rule, now)?;
                (now.clock >= due).then_some(Holds::Silent)
            }
            _ => None,
        }
    }

    /// When a silence is long enough; `None`: a person closed it, and nothing was heard since.
    pub(super) fn silent_at(&self, rule: &Rule, now: Now) -> Option<Timestamp> {
        let (Condition::Silent { after_s }, Memory::Last(last)) = (&rule.when, &self.memory) else {
            return None;
        };
        let last = last.as_ref().map(|seen| seen.at());
        if self.by_hand.is_some_and(|hand| last.is_none_or(|last| last <= hand)) {
            return None;
        }
        let after = seconds(*after_s);
        let from = match (&self.open, last) {
            // What was silent before we listened anew is silent still, until it is heard.
            (Some(_), Some(last)) => last,
            (Some(open), None) => Timestamp(open.incident.opened.0.saturating_sub(after)),
            (None, last) => last.unwrap_or(now.since).max(now.since),
        };
        Some(Timestamp(from.0.saturating_add(after)))
    }

    /// When the window has been listened to as a whole; `None` where that does not matter.
    pub(super) fn full_at(&self, rule: &Rule, now: Now) -> Option<Timestamp> {
        if self.open.is_some() || !waits_for_nothing(&rule.when) {
            return None;
        }
        let from = now.since.max(self.born).max(self.by_hand.unwrap_or(now.since));
        Some(Timestamp(from.0.saturating_add(window(&rule.when)?)))
    }

    /// The results behind what holds, the newest first, and how many there are.
    pub(super) fn behind(&self, rule: &Rule, holds: &Holds, most: usize) -> (Vec<Arc<Seen>>, usize) {
        let mut behind: Vec<Arc<Seen>> = match (&self.memory, holds) {
            (Memory::Newest(newest), _) => {
                let Condition::Agree { verdicts, .. } = &rule.when else {
                    return (Vec::new(), 0);
                };
                let agree = newest.values().filter(|e| verdicts.contains(&e.seen.verdict));
                agree.map(|e| Arc::clone(&e.seen)).collect()
            }
            (Memory::Window(entries), Holds::Chain(places)) => {
                let steps = places.iter().filter_map(|place| entries.get(place));
                steps.map(|e| Arc::clone(&e.seen)).collect()
            }
            (Memory::Window(entries), _) => {
                let newest = entries.values().rev().take(most);
                return (newest.map(|e| Arc::clone(&e.seen)).collect(), entries.len());
            }
            (Memory::Series { series, late }, _) => {
                let newest = series.values().filter(|s| s.changed.is_some()).map(|s| &s.newest);
                newest
                    .chain(late.iter().map(|(seen, _)| seen))
                    .map(Arc::clone)
                    .collect()
            }
            (Memory::Last(last), _) => last.iter().map(Arc::clone).collect(),
        };
        behind.sort_unstable_by_key(|seen| std::cmp::Reverse(seen.place));
        let total = behind.len();
        behind.truncate(most);
        (behind, total)
    }
}

/// `None`: there is no number.
fn aggregate(by: Aggregate, entries: &BTreeMap<Place, Entry>) -> Option<f64> {
    let numbers = || entries.values().map(|e| e.number);
    let count = f64::from(u32::try_from(entries.len()).unwrap_or(u32::MAX));
    match by {
        Aggregate::Count => Some(count),
        _ if entries.is_empty() => None,
        Aggregate::Sum => Some(numbers().sum()),
        Aggregate::Mean => Some(numbers().sum::<f64>() / count),
        Aggregate::Min => numbers().reduce(f64::min),
        Aggregate::Max => numbers().reduce(f64::max),
    }
}

/// The sequence that ended last: for each step the chain up to it that began latest.
fn chain(entries: &BTreeMap<Place, Entry>, steps: usize, within: i64) -> Option<Vec<Place>> {
    let mut chains: [Option<[Place; MAX_STEPS]>; MAX_STEPS] = [None; MAX_STEPS];
    let mut found = None;
    for (place, entry) in entries {
        // From the last step on, so that no result stands for two.
        for step in (0..steps.min(MAX_STEPS))
            .rev()
            .filter(|step| entry.steps & (1 << step) != 0)
        {
            let before = match step.checked_sub(1) {
                None => Some([*place; MAX_STEPS]),
                Some(before) => chains.get(before).copied().flatten(),
            };
            let Some(mut chain) = before.filter(|c| began(c).is_some_and(|at| place.0.since(at) <= within)) else {
                continue;
            };
            if let Some(slot) = chain.get_mut(step) {
                *slot = *place;
            }
            if let Some(slot) = chains.get_mut(step) {
                *slot = Some(chain);
            }
            if step.saturating_add(1) == steps {
                found = Some(chain);
            }
        }
    }
    Some(found?.into_iter().take(steps).collect())
}

fn began(chain: &[Place]) -> Option<Timestamp> {
    chain.first().map(|place| place.0)
}
