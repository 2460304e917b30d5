//! One group of a rule: what it remembers of results, and its open incident.

use super::holds::{Now, seconds, waits_for_nothing, window};
use super::life::Open;
use super::seen::{Place, Seen, matches};
use super::series::{Heard, Series};
use crate::limits::{LATE_CHANGE_NS, TELL_INCIDENT_NS};
use crate::model::{Aggregate, Condition, ProbeResult, Rule, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A remembered result.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) seen: Arc<Seen>,
    /// What a threshold looks at.
    pub(super) number: f64,
    /// The steps of a sequence that it can stand for, a bit each.
    pub(super) steps: u8,
}

/// What is remembered, as the condition needs it.
#[derive(Debug)]
pub(super) enum Memory {
    /// The newest result of each agent, within the window.
    Newest(BTreeMap<String, Entry>),
    /// All within the window.
    Window(BTreeMap<Place, Entry>),
    /// The newest of each probe, agent and target; and a change that is told late, until it was judged.
    Series {
        series: BTreeMap<(String, String, String), Series>,
        late: Option<(Arc<Seen>, String)>,
    },
    /// The newest.
    Last(Option<Arc<Seen>>),
}

/// What became of a result in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It counts.
    In,
    /// It says nothing to this rule: no number, no step, an older one of the same agent, closed over by a person.
    Aside,
    /// It is older than the window.
    Late,
}

/// One group.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) memory: Memory,
    /// When it was first heard of.
    pub(super) born: Timestamp,
    /// When it was last heard of.
    pub(super) touched: Timestamp,
    /// When a person closed its last incident: what ended until then opens none again.
    pub(super) by_hand: Option<Timestamp>,
    pub(super) open: Option<Open>,
    /// When it is looked at again.
    pub(super) timer: Option<Timestamp>,
}

impl Group {
    pub(super) fn new(when: &Condition, now: Timestamp) -> Self {
        let memory = match when {
            Condition::Agree { .. } => Memory::Newest(BTreeMap::new()),
            Condition::Threshold { .. } | Condition::Sequence { .. } => Memory::Window(BTreeMap::new()),
            Condition::Changed { .. } => Memory::Series {
                series: BTreeMap::new(),
                late: None,
            },
            Condition::Silent { .. } => Memory::Last(None),
        };
        Self {
            memory,
            born: now,
            touched: now,
            by_hand: None,
            open: None,
            timer: None,
        }
    }

    /// Results that are remembered.
    pub(super) fn len(&self) -> usize {
        match &self.memory {
            Memory::Newest(newest) => newest.len(),
            Memory::Window(entries) => entries.len(),
            Memory::Series { series, .. } => series.len(),
            Memory::Last(last) => usize::from(last.is_some()),
        }
    }

    /// Takes a result, which is not [`too_late`], into the memory.
    pub(super) fn take(&mut self, rule: &Rule, result: &ProbeResult, seen: &Arc<Seen>, clock: Timestamp) -> Taken {
        if self.by_hand.is_some_and(|hand| seen.at() <= hand) {
            return Taken::Aside;
        }
        self.touched = clock;
        match &mut self.memory {
            Memory::Newest(newest) => {
                if newest.get(&seen.agent).is_some_and(|e| e.seen.place > seen.place) {
                    return Taken::Aside;
                }
                newest.insert(seen.agent.clone(), entry(seen, 0.0, 0));
            }
            Memory::Window(entries) => {
                let Some(entry) = counted(rule, result, seen) else {
                    return Taken::Aside;
                };
                entries.insert(seen.place, entry);
            }
            Memory::Series { series, late } => {
                let Condition::Changed { field } = &rule.when else {
                    return Taken::Aside;
                };
                let field = field.as_deref();
                let key = (seen.probe.clone(), seen.agent.clone(), seen.target.clone());
                let Some(known) = series.get_mut(&key) else {
                    series.insert(key, Series::begin(field, result, seen));
                    return Taken::In;
                };
                match known.hear(field, result, seen) {
                    Heard::Newest => {}
                    Heard::LateChange(words) => *late = Some((Arc::clone(seen), words)),
                    Heard::Behind => return Taken::Aside,
                }
            }
            Memory::Last(last) => {
                if last.as_ref().is_some_and(|last| last.place > seen.place) {
                    return Taken::Aside;
                }
                *last = Some(Arc::clone(seen));
            }
        }
        Taken::In
    }

    /// After a start: what is known already is remembered, and is a change only where the open incident says so.
    pub(super) fn settle_series(&mut self) {
        if let Memory::Series { series, late } = &mut self.memory {
            *late = None;
            let evidence = self.open.as_ref().map(|open| &open.incident.evidence);
            for one in series.values_mut() {
                let open = evidence.is_some_and(|e| e.iter().any(|e| e.result == one.newest.id));
                one.changed = open.then(String::new);
            }
        }
    }

    /// A change that was told late was judged.
    pub(super) fn judged_late(&mut self) -> bool {
        match &mut self.memory {
            Memory::Series { late, .. } => late.take().is_some(),
            _ => false,
        }
    }

    /// Forgets what has left the window.
    pub(super) fn expire(&mut self, rule: &Rule, clock: Timestamp) {
        let Some(window) = window(&rule.when) else { return };
        let first = Timestamp(clock.0.saturating_sub(window));
        match &mut self.memory {
            Memory::Newest(newest) => newest.retain(|_, e| e.seen.at() >= first),
            Memory::Window(entries) => {
                while let Some(oldest) = entries.first_entry().filter(|e| e.key().0 < first) {
                    oldest.remove();
                }
            }
            Memory::Series { .. } | Memory::Last(_) => {}
        }
        // What ended before that is too late now in any case.
        let over = self.by_hand.is_some_and(|hand| hand < first);
        if over && !waits_for_nothing(&rule.when) {
            self.by_hand = None;
        }
    }

    /// Forgets the oldest result, because there are too many.
    pub(super) fn forget_oldest(&mut self) {
        match &mut self.memory {
            Memory::Newest(newest) => {
                let oldest = newest
                    .iter()
                    .min_by_key(|(_, e)| e.seen.place)
                    .map(|(agent, _)| agent.clone());
                oldest.and_then(|agent| newest.remove(&agent));
            }
            Memory::Window(entries) => drop(entries.pop_first()),
            Memory::Series { series, .. } => {
                let oldest = series
                    .iter()
                    .min_by_key(|(_, s)| s.newest.place)
                    .map(|(key, _)| key.clone());
                oldest.and_then(|key| series.remove(&key));
            }
            Memory::Last(last) => *last = None,
        }
    }

    /// Forgets what its incident was closed over.
    pub(super) fn closed_by_hand(&mut self, at: Timestamp) {
        self.by_hand = Some(at);
        match &mut self.memory {
            Memory::Newest(newest) => newest.clear(),
            Memory::Window(entries) => entries.clear(),
            Memory::Series { series, .. } => series.values_mut().for_each(|s| s.changed = None),
            Memory::Last(_) => {}
        }
    }

    /// Whether nothing would be lost with it.
    pub(super) fn idle(&self, rule: &Rule) -> bool {
        let keeps = waits_for_nothing(&rule.when) || matches!(rule.when, Condition::Changed { .. });
        !keeps && self.open.is_none() && self.by_hand.is_none() && self.len() == 0
    }

    /// When it must be looked at again though no result comes: after `now` at any rate.
    pub(super) fn next(&self, rule: &Rule, now: Now, holds: bool) -> Option<Timestamp> {
        let after = |at: Timestamp, span: i64| Timestamp(at.0.saturating_add(span));
        let window = window(&rule.when);
        let oldest = match &self.memory {
            Memory::Newest(newest) => newest.values().map(|e| e.seen.at()).min(),
            Memory::Window(entries) => entries.keys().next().map(|place| place.0),
            Memory::Series { .. } | Memory::Last(_) => None,
        };
        let by_hand = self.by_hand.filter(|_| !waits_for_nothing(&rule.when));
        let leaves = oldest.into_iter().chain(by_hand).min();
        let leaves = leaves
            .zip(window)
            .map(|(at, window)| after(at, window.saturating_add(1)));
        let silent = self.silent_at(rule, now).filter(|_| !holds);
        let full = self.full_at(rule, now).filter(|full| *full > now.clock);
        let open = self.open.as_ref();
        let calm = open.and_then(|o| Some(after(o.calm_from?, seconds(rule.calm_s))));
        let tell = open.filter(|o| o.untold).map(|o| after(o.told, TELL_INCIDENT_NS));
        let next = [leaves, silent, full, calm, tell].into_iter().flatten().min()?;
        Some(next.max(after(now.clock, 1)))
    }
}

/// Whether a result is older than what the condition looks at.
pub(super) fn too_late(when: &Condition, at: Timestamp, clock: Timestamp) -> bool {
    let changed = matches!(when, Condition::Changed { .. }).then_some(LATE_CHANGE_NS);
    window(when).or(changed).is_some_and(|late| clock.since(at) > late)
}

fn entry(seen: &Arc<Seen>, number: f64, steps: u8) -> Entry {
    Entry {
        seen: Arc::clone(seen),
        number,
        steps,
    }
}

/// A result as a threshold or a sequence counts it; `None`: it has no number, or stands for no step.
fn counted(rule: &Rule, result: &ProbeResult, seen: &Arc<Seen>) -> Option<Entry> {
    match &rule.when {
        Condition::Threshold {
            by: Aggregate::Count, ..
        } => Some(entry(seen, 1.0, 0)),
        Condition::Threshold { field, .. } => {
            let value = result.facts.pointer(field)?;
            let number = value.as_f64().or_else(|| value.as_bool().map(f64::from))?;
            Some(entry(seen, number, 0))
        }
        Condition::Sequence { steps, .. } => {
            let bits = steps.iter().zip(0_u32..8).filter(|(step, _)| matches(step, result));
            let steps = bits.fold(0_u8, |all, (_, n)| all | 1_u8.checked_shl(n).unwrap_or(0));
            (steps != 0).then(|| entry(seen, 0.0, steps))
        }
        _ => None,
    }
}
