//! Correlation: rules as data, and the incidents that they open.

use super::{Timestamp, Verdict};
use serde::{Deserialize, Serialize};

/// A rule over results. Each change makes a new revision; incidents name the revision that opened them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Rule {
    /// A UUID.
    pub id: String,
    /// Grows by one with each change; the first is 1.
    pub revision: u32,
    /// What its owner calls it, 1 to 200 characters.
    pub name: String,
    /// `false`: it looks at nothing.
    pub enabled: bool,
    /// Results that it looks at.
    pub of: ResultFilter,
    /// One incident for each value of these.
    pub per: Vec<GroupKey>,
    /// When an incident is opened.
    pub when: Condition,
    /// An incident is closed when the condition has not held for so long, seconds; 0: as soon as it does not hold.
    pub calm_s: u32,
}

/// Which results a rule looks at; what is `None` matches all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default)]
pub struct ResultFilter {
    /// Of this probe.
    pub probe: Option<String>,
    /// Of this kind.
    pub kind: Option<String>,
    /// Of this target.
    pub target: Option<String>,
    /// Of this agent.
    pub agent: Option<String>,
    /// With one of these verdicts; empty: any.
    pub verdicts: Vec<Verdict>,
}

/// What tells one incident from another of the same rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum GroupKey {
    /// The probe.
    Probe,
    /// The target.
    Target,
    /// The agent.
    Agent,
}

/// When an incident is opened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Condition {
    /// The newest results of at least `k` different agents, within the window, have one of the verdicts.
    Agree {
        /// Agents that must agree, at least 1.
        k: u32,
        /// Of how many that reported within the window at least; 0: any number.
        of: u32,
        /// The window, seconds.
        within_s: u32,
        /// What they must say.
        verdicts: Vec<Verdict>,
    },
    /// A value is another one than in the result before of the same probe and agent.
    Changed {
        /// JSON pointer into the facts; `None`: any that the probe tells as changed.
        field: Option<String>,
    },
    /// No result came for so long.
    Silent {
        /// Seconds.
        after_s: u32,
    },
    /// A number over a window is above or below a limit.
    Threshold {
        /// JSON pointer into the facts; `""` with `count`.
        field: String,
        /// How the window's numbers become one.
        by: Aggregate,
        /// Above (else below) the limit.
        above: bool,
        /// The limit.
        #[cfg_attr(feature = "specta", specta(type = i32))]
        limit: f64,
        /// The window, seconds.
        window_s: u32,
    },
    /// Results that match one after the other, in this order.
    Sequence {
        /// What each must match, 2 to 8.
        steps: Vec<ResultFilter>,
        /// From the first to the last at most, seconds.
        within_s: u32,
    },
}

/// How numbers become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    /// How many results.
    Count,
    /// Their sum.
    Sum,
    /// Their mean.
    Mean,
    /// The smallest.
    Min,
    /// The largest.
    Max,
}

/// Where an incident stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum IncidentState {
    /// The condition holds, or held until a moment ago.
    Open,
    /// The condition holds no more.
    Closed,
    /// A person closed it.
    ClosedByHand,
}

/// What correlation concludes from several results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Incident {
    /// A UUID.
    pub id: String,
    /// UUID of the rule.
    pub rule: String,
    /// Its revision at that time.
    pub rule_revision: u32,
    /// Its name at that time.
    pub rule_name: String,
    /// What it is about: the group's keys and their values.
    pub about: Vec<(GroupKey, String)>,
    /// Where it stands.
    pub state: IncidentState,
    /// When the condition first held.
    pub opened: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// When it was closed.
    pub closed: Option<Timestamp>,
    /// One sentence of plain words that says what was concluded, and from what; English.
    pub conclusion: String,
    /// Results behind it, newest first, at most 100.
    pub evidence: Vec<Evidence>,
    /// Results behind it in all.
    pub evidence_total: u32,
    /// What happened to it, oldest first, at most 100.
    pub history: Vec<IncidentStep>,
}

/// One result behind an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Evidence {
    /// UUID of the result.
    pub result: String,
    /// Who carried it out.
    pub agent: String,
    /// When it ended.
    pub at: Timestamp,
    /// Its own sentence.
    pub says: String,
}

/// One step in the life of an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct IncidentStep {
    /// When.
    pub at: Timestamp,
    /// What it became.
    pub state: IncidentState,
    /// The conclusion at that time.
    pub conclusion: String,
}
