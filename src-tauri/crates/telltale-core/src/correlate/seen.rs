//! What correlation keeps of a result, and whether a rule looks at it.

use crate::limits::MAX_RESULT_TEXT;
use crate::model::{Evidence, GroupKey, ProbeResult, ResultFilter, Timestamp, Verdict};
use std::sync::Arc;

/// A result's place in time: when it ended, and its number among all that came in, so that no two are the same.
pub(super) type Place = (Timestamp, u64);
/// What tells a group of a rule from the others: the values of the rule's keys, in the rule's order.
pub(super) type Key = Arc<[String]>;

/// What is kept of a result; shared by all rules that look at it.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) id: String,
    pub(super) place: Place,
    pub(super) agent: String,
    pub(super) probe: String,
    pub(super) probe_name: String,
    pub(super) target: String,
    pub(super) verdict: Verdict,
    pub(super) says: String,
}

impl Seen {
    pub(super) fn of(result: &ProbeResult, place: Place) -> Self {
        Self {
            id: cut(&result.id),
            place,
            agent: cut(&result.agent),
            probe: cut(&result.probe),
            probe_name: cut(&result.probe_name),
            target: cut(&result.target),
            verdict: result.verdict,
            says: cut(&result.summary),
        }
    }

    pub(super) fn at(&self) -> Timestamp {
        self.place.0
    }

    pub(super) fn evidence(&self) -> Evidence {
        Evidence {
            result: self.id.clone(),
            agent: self.agent.clone(),
            at: self.at(),
            says: self.says.clone(),
        }
    }

    /// The group of a rule to which it belongs.
    pub(super) fn key(&self, per: &[GroupKey]) -> Key {
        let value = |key: &GroupKey| match key {
            GroupKey::Probe => self.probe.clone(),
            GroupKey::Target => self.target.clone(),
            GroupKey::Agent => self.agent.clone(),
        };
        per.iter().map(value).collect()
    }
}

/// The text up to the limit, never within a letter.
pub(super) fn cut(text: &str) -> String {
    let mut end = text.len().min(MAX_RESULT_TEXT);
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    text.get(..end).unwrap_or_default().to_owned()
}

/// Whether a rule looks at this result.
pub(super) fn matches(filter: &ResultFilter, result: &ProbeResult) -> bool {
    let same = |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|wanted| wanted == is);
    same(&filter.probe, &result.probe)
        && same(&filter.kind, &result.kind)
        && same(&filter.target, &result.target)
        && same(&filter.agent, &result.agent)
        && (filter.verdicts.is_empty() || filter.verdicts.contains(&result.verdict))
}

/// The one group that a filter leaves, if it leaves one alone.
pub(super) fn only_group(filter: &ResultFilter, per: &[GroupKey]) -> Option<Key> {
    let value = |key: &GroupKey| match key {
        GroupKey::Probe => filter.probe.as_deref().map(cut),
        GroupKey::Target => filter.target.as_deref().map(cut),
        GroupKey::Agent => filter.agent.as_deref().map(cut),
    };
    per.iter().map(value).collect()
}
