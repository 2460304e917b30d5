//! Correlation: what several results say together. Rules are data; what they conclude are incidents with their evidence.
//!
//! A pure state machine: [`Correlator`] is given each result with the time at which it came, and the clock; it gives what changed of
//! incidents. The same rules, results and times give the same incidents. Called by `telltale-engine`, which stores them. Never here: a
//! clock, a store, a network, what a person is to do about it.
//!
//! **Time.** A result counts at the time at which it ended, at the latest when it came: an agent's clock that goes ahead moves nothing
//! into the future. Windows end now and go back as far as the rule says.
//!
//! **Late, and out of order.** The mesh may deliver late, twice and in another order. A result is put where it belongs in time. One that is
//! older than the rule's window counts no more and opens nothing; how many there were is counted. Of one agent's results the one that
//! ended last speaks for it, not the one that came last. A change that is told late counts for a week, unless it was already seen from
//! both of its sides. A result that ended after an agent fell silent ends the silence, however late it came.
//!
//! **Silence** is counted only while somebody listens: from the start of the program or of the rule on. An agent that was silent before
//! stays so until it is heard.
//!
//! **After a start** what is needed is taken from the stored results: [`Correlator::watch`] with the incidents that are open, then
//! [`Correlator::remember`] for what was judged before, then [`Correlator::settle`]. An open incident goes on and none is opened twice.
//!
//! **A person's word** is final: what an incident was closed over by hand opens none again; only what ended later counts.
//!
//! Every table has a limit in [`crate::limits`]; what they drop is in [`Counted`].

mod check;
mod group;
mod holds;
mod life;
mod rule_file;
mod seen;
mod series;
#[cfg(test)]
mod tests;
mod watch;
mod words;

pub use check::{RuleProblem, check};
pub use rule_file::read_rule;
pub use words::Ending;

use crate::limits::MAX_RULES;
use crate::model::{GroupKey, Incident, ProbeResult, Rule, Timestamp};
use life::Open;
use std::collections::{BTreeMap, BTreeSet};
use watch::{Out, Watch};

/// What happened to an incident.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The incident as it is now.
    pub incident: Incident,
    /// Whether whoever follows incidents is told. What only adds to the evidence is told every ten seconds at most.
    pub told: bool,
}

/// What the store knows of a rule's incidents.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Those that are open.
    pub open: Vec<Incident>,
    /// When a person last closed one, for each thing that it was about.
    pub closed_by_hand: Vec<(Vec<(GroupKey, String)>, Timestamp)>,
}

/// What was left out, since the correlator was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Times that a result was older than a rule's window.
    pub late: u64,
    /// Results and groups that a limit made a rule forget before their time.
    pub forgotten: u64,
}

/// An open incident that ends for a reason outside of its condition.
pub fn closed(incident: Incident, at: Timestamp, why: Ending) -> Change {
    Change {
        incident: Open::known(incident).close(at, why, 0),
        told: true,
    }
}

/// Rules at work.
pub struct Correlator {
    clock: Timestamp,
    /// Results heard, so that none has the same place as another.
    heard: u64,
    rules: BTreeMap<String, Watch>,
    out: Out,
}

impl Correlator {
    /// Without rules. `new_id` gives each new incident its UUID.
    pub fn new(now: Timestamp, new_id: impl FnMut() -> String + Send + 'static) -> Self {
        Self {
            clock: now,
            heard: 0,
            rules: BTreeMap::new(),
            out: Out {
                new_id: Box::new(new_id),
                changes: Vec::new(),
                touched: BTreeSet::new(),
                counted: Counted::default(),
            },
        }
    }

    /// Looks at results by this rule from now on, in the place of its former revision. One that is not enabled is only left out; a rule
    /// beyond [`MAX_RULES`] too. Follow with [`Self::remember`] and [`Self::settle`].
    pub fn watch(&mut self, rule: Rule, known: Known) {
        self.rules.remove(&rule.id);
        if rule.enabled && self.rules.len() < MAX_RULES {
            self.rules.insert(rule.id.clone(), Watch::new(rule, known, self.clock));
        }
    }

    /// Gives a rule a result that was judged before; oldest first.
    pub fn remember(&mut self, rule: &str, result: &ProbeResult, came: Timestamp) {
        self.heard = self.heard.saturating_add(1);
        let place = (result.ended.min(came).min(self.clock), self.heard);
        if let Some(watch) = self.rules.get_mut(rule) {
            watch.remember(result, place, self.clock, &mut self.out.counted);
        }
    }

    /// A rule has remembered all: judges what it knows.
    pub fn settle(&mut self, rule: &str) {
        if let Some(watch) = self.rules.get_mut(rule) {
            watch.settle(self.clock, &mut self.out);
        }
    }

    /// Looks no more by a rule; for its open incidents see [`closed`].
    pub fn forget(&mut self, rule: &str) {
        self.rules.remove(rule);
    }

    /// Whether there is a rule.
    pub fn watches(&self) -> bool {
        !self.rules.is_empty()
    }

    /// Judges a result that came at `came`; what was due until then is done before.
    pub fn hear(&mut self, result: &ProbeResult, came: Timestamp) {
        self.advance(came);
        self.heard = self.heard.saturating_add(1);
        let place = (result.ended.min(came).min(self.clock), self.heard);
        let mut seen = None;
        for watch in self.rules.values_mut() {
            watch.hear(result, place, &mut seen, self.clock, &mut self.out);
        }
    }

    /// It is `now`: does what was due until then. An earlier time than before changes nothing.
    pub fn advance(&mut self, now: Timestamp) {
        for watch in self.rules.values_mut() {
            watch.advance(now, &mut self.out);
        }
        self.clock = self.clock.max(now);
    }

    /// When [`Self::advance`] has something to do.
    pub fn next(&self) -> Option<Timestamp> {
        self.rules.values().filter_map(Watch::next).min()
    }

    /// A person closes an incident; `false`: it is not open.
    pub fn close_by_hand(&mut self, incident: &str) -> bool {
        let (clock, out) = (self.clock, &mut self.out);
        self.rules
            .values_mut()
            .any(|watch| watch.close_by_hand(incident, clock, out))
    }

    /// What changed since this was last asked, in the order in which it happened. Of what only grew, the newest state.
    pub fn changes(&mut self) -> Vec<Change> {
        let mut changes = std::mem::take(&mut self.out.changes);
        for (rule, key) in std::mem::take(&mut self.out.touched) {
            let group = self.rules.get(&rule).and_then(|watch| watch.groups.get(&key));
            if let Some(open) = group.and_then(|group| group.open.as_ref()) {
                changes.push(Change {
                    incident: open.incident.clone(),
                    told: false,
                });
            }
        }
        changes
    }

    /// What was left out.
    pub fn counted(&self) -> Counted {
        self.out.counted
    }
}
