//! One rule at work: its groups, and when each is to be looked at again.

use super::group::{Group, Taken, too_late};
use super::holds::{Holds, Now, seconds, waits_for_nothing};
use super::life::{Beginning, Open};
use super::seen::{Key, Place, Seen, cut, matches, only_group};
use super::words::{self, Ending};
use super::{Change, Counted, Known};
use crate::limits::{MAX_EVIDENCE, MAX_RULE_GROUPS, MAX_RULE_RESULTS};
use crate::model::{GroupKey, Incident, ProbeResult, Rule, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What comes out, and where the numbers of new incidents are from.
pub(super) struct Out {
    pub(super) new_id: Box<dyn FnMut() -> String + Send>,
    pub(super) changes: Vec<Change>,
    /// Open incidents with something new: rule and group.
    pub(super) touched: BTreeSet<(String, Key)>,
    pub(super) counted: Counted,
}

pub(super) struct Watch {
    pub(super) rule: Rule,
    /// Since when it listens: no silence is counted before that.
    since: Timestamp,
    pub(super) groups: BTreeMap<Key, Group>,
    timers: BTreeSet<(Timestamp, Key)>,
    /// Results that are remembered, all groups together.
    remembered: usize,
}

impl Watch {
    pub(super) fn new(rule: Rule, known: Known, now: Timestamp) -> Self {
        let mut watch = Self {
            since: now,
            groups: BTreeMap::new(),
            timers: BTreeSet::new(),
            remembered: 0,
            rule,
        };
        let rule = &watch.rule;
        if let Some(key) = only_group(&rule.of, &rule.per).filter(|_| waits_for_nothing(&rule.when)) {
            watch.groups.insert(key, Group::new(&rule.when, now));
        }
        // What an earlier revision told apart by something else is none of this one's.
        let same = |about: &[(GroupKey, String)]| about.iter().map(|(key, _)| key).eq(&rule.per);
        for (about, at) in known
            .closed_by_hand
            .into_iter()
            .filter(|(a, _)| same(a))
            .take(MAX_RULE_GROUPS)
        {
            let group = watch
                .groups
                .entry(key_of(&about))
                .or_insert_with(|| Group::new(&rule.when, now));
            group.by_hand = Some(at.min(now));
        }
        for incident in known.open.into_iter().filter(|i| same(&i.about)) {
            let key = key_of(&incident.about);
            let group = watch.groups.entry(key).or_insert_with(|| Group::new(&rule.when, now));
            group.open = Some(Open::known(incident));
        }
        watch
    }

    /// Takes a result that was judged before, in an earlier run.
    pub(super) fn remember(&mut self, result: &ProbeResult, place: Place, clock: Timestamp, counted: &mut Counted) {
        if matches(&self.rule.of, result) {
            let seen = Arc::new(Seen::of(result, place));
            self.put(result, &seen, clock, counted);
        }
    }

    /// All that is to be remembered is: looks at every group once.
    pub(super) fn settle(&mut self, clock: Timestamp, out: &mut Out) {
        let keys: Vec<Key> = self.groups.keys().cloned().collect();
        for key in keys {
            if let Some(group) = self.groups.get_mut(&key) {
                group.settle_series();
            }
            self.look(&key, None, clock, out);
        }
    }

    /// Takes a result and judges what it means. `seen` is made once for all rules.
    pub(super) fn hear(
        &mut self,
        result: &ProbeResult,
        place: Place,
        seen: &mut Option<Arc<Seen>>,
        clock: Timestamp,
        out: &mut Out,
    ) {
        if !matches(&self.rule.of, result) {
            return;
        }
        let seen = seen.get_or_insert_with(|| Arc::new(Seen::of(result, place)));
        let (taken, key) = self.put(result, seen, clock, &mut out.counted);
        if taken == Taken::Late {
            out.counted.late = out.counted.late.saturating_add(1);
        }
        if let Some(key) = key {
            self.look(&key, Some(seen), clock, out);
        }
    }

    /// Puts a result into its group's memory. The key comes back where the group is to be looked at.
    fn put(
        &mut self,
        result: &ProbeResult,
        seen: &Arc<Seen>,
        clock: Timestamp,
        counted: &mut Counted,
    ) -> (Taken, Option<Key>) {
        if too_late(&self.rule.when, seen.at(), clock) {
            return (Taken::Late, None);
        }
        let key = seen.key(&self.rule.per);
        if !self.groups.contains_key(&key) {
            if self.groups.len() >= MAX_RULE_GROUPS && !self.forget_a_group(counted) {
                counted.forgotten = counted.forgotten.saturating_add(1);
                return (Taken::Aside, None);
            }
            self.groups.insert(Arc::clone(&key), Group::new(&self.rule.when, clock));
        }
        let Some(group) = self.groups.get_mut(&key) else {
            return (Taken::Aside, None);
        };
        let before = group.len();
        group.expire(&self.rule, clock);
        let taken = group.take(&self.rule, result, seen, clock);
        let after = group.len();
        self.changed(before, after);
        if self.remembered > MAX_RULE_RESULTS {
            counted.forgotten = counted.forgotten.saturating_add(1);
            self.forget_a_result(&key);
        }
        (taken, Some(key))
    }

    /// A group remembers `after` results, and remembered `before`.
    fn changed(&mut self, before: usize, after: usize) {
        self.remembered = self.remembered.saturating_add(after).saturating_sub(before);
    }

    /// Who floods, forgets: the oldest of the group that grew, or of the next one where it has no other.
    fn forget_a_result(&mut self, grew: &Key) {
        let own = self.groups.get(grew).is_some_and(|g| g.len() > 1);
        let other = self.timers.iter().map(|(_, key)| key).find(|key| {
            let group = self.groups.get(*key);
            *key != grew && group.is_some_and(|g| g.len() > 0)
        });
        let key = if own { Some(grew) } else { other }.cloned();
        if let Some(group) = key.and_then(|key| self.groups.get_mut(&key)) {
            group.forget_oldest();
            self.remembered = self.remembered.saturating_sub(1);
        }
    }

    /// The group that was heard of longest ago and has no open incident; `false`: all have one.
    fn forget_a_group(&mut self, counted: &mut Counted) -> bool {
        let calm = self.groups.iter().filter(|(_, g)| g.open.is_none());
        let Some(key) = calm.min_by_key(|(_, g)| g.touched).map(|(key, _)| Arc::clone(key)) else {
            return false;
        };
        counted.forgotten = counted.forgotten.saturating_add(1);
        self.remove(&key);
        true
    }

    fn remove(&mut self, key: &Key) {
        if let Some(group) = self.groups.remove(key) {
            self.remembered = self.remembered.saturating_sub(group.len());
            if let Some(at) = group.timer {
                self.timers.remove(&(at, Arc::clone(key)));
            }
        }
    }

    /// When something is to be done though no result comes.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.timers.first().map(|(at, _)| *at)
    }

    /// Does what was due until `to`, each at its own time.
    pub(super) fn advance(&mut self, to: Timestamp, out: &mut Out) {
        while let Some((at, key)) = self.timers.first().filter(|(at, _)| *at <= to).cloned() {
            self.timers.pop_first();
            if let Some(group) = self.groups.get_mut(&key) {
                let before = group.len();
                group.timer = None;
                group.expire(&self.rule, at);
                let after = group.len();
                self.changed(before, after);
            }
            self.look(&key, None, at, out);
        }
    }

    /// Judges a group: opens, updates or closes its incident, and notes when to look again.
    fn look(&mut self, key: &Key, trigger: Option<&Arc<Seen>>, clock: Timestamp, out: &mut Out) {
        let now = Now {
            clock,
            since: self.since,
        };
        let Some(group) = self.groups.get_mut(key) else { return };
        let mut holds = step(group, &self.rule, key, trigger, now, out);
        if group.judged_late() {
            holds = step(group, &self.rule, key, None, now, out);
        }
        let next = group.next(&self.rule, now, holds);
        if group.timer != next {
            if let Some(at) = group.timer.take() {
                self.timers.remove(&(at, Arc::clone(key)));
            }
            group.timer = next;
            if let Some(at) = next {
                self.timers.insert((at, Arc::clone(key)));
            }
        }
        if group.idle(&self.rule) {
            self.remove(key);
        }
    }

    /// Closes one incident because a person wants it; `false`: it is not of this rule.
    pub(super) fn close_by_hand(&mut self, incident: &str, clock: Timestamp, out: &mut Out) -> bool {
        let is_it = |group: &Group| group.open.as_ref().is_some_and(|o| o.incident.id == incident);
        let Some(key) = self
            .groups
            .iter()
            .find(|(_, g)| is_it(g))
            .map(|(key, _)| Arc::clone(key))
        else {
            return false;
        };
        if let Some(group) = self.groups.get_mut(&key) {
            close(group, &self.rule, key.as_ref(), Ending::ByHand, clock, out);
            let before = group.len();
            group.closed_by_hand(clock);
            let after = group.len();
            self.changed(before, after);
        }
        self.look(&key, None, clock, out);
        true
    }
}

/// One step of a group's incident; gives whether the condition holds.
fn step(group: &mut Group, rule: &Rule, key: &Key, trigger: Option<&Arc<Seen>>, now: Now, out: &mut Out) -> bool {
    let holds = group.judge(rule, now);
    match (&holds, group.open.is_some()) {
        (None, false) => {}
        (Some(holds), false) => {
            let behind = group.behind(rule, holds, MAX_EVIDENCE);
            let newest = behind.0.first();
            let begins = Beginning {
                id: (out.new_id)(),
                about: rule.per.iter().copied().zip(key.iter().cloned()).collect(),
                // What came late was so when it happened, not when it came.
                opened: newest.filter(|_| trigger.is_some()).map_or(now.clock, |seen| seen.at()),
                conclusion: words::conclusion(rule, key, newest.map(Arc::as_ref), holds),
                behind,
            };
            let open = Open::new(rule, begins, now.clock);
            out.changes.push(Change {
                incident: open.incident.clone(),
                told: true,
            });
            group.open = Some(open);
        }
        (Some(holds), true) => {
            let (behind, _) = group.behind(rule, holds, MAX_EVIDENCE);
            // What is heard late within a silence does not stand behind it.
            let more = trigger.filter(|t| *holds != Holds::Silent && behind.iter().any(|b| Arc::ptr_eq(b, t)));
            let any = trigger.or(behind.first()).map(Arc::as_ref);
            let Some(open) = &mut group.open else { return true };
            let conclusion = match holds {
                // Told by the result that changed something; time alone says nothing new of it.
                Holds::Changed(_) if more.is_none() => open.incident.conclusion.clone(),
                _ => words::conclusion(rule, key, any, holds),
            };
            let grew = open.goes_on(now.clock, more.map(Arc::as_ref), conclusion);
            tell(open, grew, rule, key, now.clock, out);
        }
        (None, true) => {
            let Some(open) = &mut group.open else { return false };
            let from = *open.calm_from.get_or_insert(now.clock);
            if now.clock.since(from) >= seconds(rule.calm_s) {
                close(group, rule, key, Ending::Calm, now.clock, out);
            } else {
                tell(open, false, rule, key, now.clock, out);
            }
        }
    }
    holds.is_some()
}

/// Followers are told of what is new when it is time; until then it is only stored.
fn tell(open: &mut Open, grew: bool, rule: &Rule, key: &Key, clock: Timestamp, out: &mut Out) {
    let touched = (rule.id.clone(), Arc::clone(key));
    if open.tell(clock) {
        out.touched.remove(&touched);
        out.changes.push(Change {
            incident: open.incident.clone(),
            told: true,
        });
    } else if grew {
        out.touched.insert(touched);
    }
}

fn close(group: &mut Group, rule: &Rule, key: &[String], why: Ending, clock: Timestamp, out: &mut Out) {
    if let Some(open) = group.open.take() {
        out.touched.remove(&(rule.id.clone(), Key::from(key)));
        let incident: Incident = open.close(clock, why, rule.calm_s);
        out.changes.push(Change { incident, told: true });
    }
}

/// The group of an incident.
fn key_of(about: &[(GroupKey, String)]) -> Key {
    about.iter().map(|(_, value)| cut(value)).collect()
}
