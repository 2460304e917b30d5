//! The life of an incident: opened, updated, closed; each step with its time and its sentence.

use super::seen::Seen;
use super::words::{self, Ending};
use crate::limits::{MAX_EVIDENCE, MAX_INCIDENT_STEPS, TELL_INCIDENT_NS};
use crate::model::{GroupKey, Incident, IncidentState, IncidentStep, Rule, Timestamp};
use std::sync::Arc;

/// An open incident.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) incident: Incident,
    /// Since when the condition does not hold.
    pub(super) calm_from: Option<Timestamp>,
    /// When followers were last told.
    pub(super) told: Timestamp,
    /// There is something that they were not told.
    pub(super) untold: bool,
}

/// What an incident begins with.
pub(super) struct Beginning {
    pub(super) id: String,
    pub(super) about: Vec<(GroupKey, String)>,
    pub(super) opened: Timestamp,
    pub(super) behind: (Vec<Arc<Seen>>, usize),
    pub(super) conclusion: String,
}

impl Open {
    pub(super) fn new(rule: &Rule, begins: Beginning, clock: Timestamp) -> Self {
        let (behind, total) = begins.behind;
        let step = IncidentStep {
            at: clock,
            state: IncidentState::Open,
            conclusion: begins.conclusion.clone(),
        };
        let incident = Incident {
            id: begins.id,
            rule: rule.id.clone(),
            rule_revision: rule.revision,
            rule_name: rule.name.clone(),
            about: begins.about,
            state: IncidentState::Open,
            opened: begins.opened,
            updated: clock,
            closed: None,
            conclusion: begins.conclusion,
            evidence: behind.iter().map(|seen| seen.evidence()).collect(),
            evidence_total: u32::try_from(total).unwrap_or(u32::MAX),
            history: vec![step],
        };
        Self {
            incident,
            calm_from: None,
            told: clock,
            untold: false,
        }
    }

    /// One that the store had.
    pub(super) fn known(incident: Incident) -> Self {
        Self {
            told: incident.updated,
            incident,
            calm_from: None,
            untold: false,
        }
    }

    /// The condition holds still. Gives whether anything is new.
    pub(super) fn goes_on(&mut self, clock: Timestamp, more: Option<&Seen>, conclusion: String) -> bool {
        self.calm_from = None;
        let incident = &mut self.incident;
        if more.is_none() && incident.conclusion == conclusion {
            return false;
        }
        if let Some(seen) = more {
            let at = incident.evidence.partition_point(|e| e.at > seen.at());
            incident
                .evidence
                .insert(at.min(incident.evidence.len()), seen.evidence());
            incident.evidence.truncate(MAX_EVIDENCE);
            incident.evidence_total = incident.evidence_total.saturating_add(1);
        }
        incident.conclusion = conclusion;
        incident.updated = clock.max(incident.updated);
        self.untold = true;
        true
    }

    /// Whether followers are told now of what is new; then it stands in the history as well.
    pub(super) fn tell(&mut self, clock: Timestamp) -> bool {
        if !self.untold || clock.since(self.told) < TELL_INCIDENT_NS {
            return false;
        }
        (self.told, self.untold) = (clock, false);
        let conclusion = self.incident.conclusion.clone();
        if self
            .incident
            .history
            .last()
            .is_none_or(|last| last.conclusion != conclusion)
        {
            self.step(clock, IncidentState::Open, conclusion);
        }
        true
    }

    /// It is over.
    pub(super) fn close(mut self, clock: Timestamp, why: Ending, calm_s: u32) -> Incident {
        let state = if why == Ending::ByHand {
            IncidentState::ClosedByHand
        } else {
            IncidentState::Closed
        };
        let clock = clock.max(self.incident.opened);
        self.step(clock, state, words::ending(why, calm_s));
        let mut incident = self.incident;
        incident.state = state;
        incident.updated = clock;
        incident.closed = Some(clock);
        incident
    }

    /// Past the limit the second oldest step leaves: how it began stays.
    fn step(&mut self, at: Timestamp, state: IncidentState, conclusion: String) {
        let history = &mut self.incident.history;
        if history.len() >= MAX_INCIDENT_STEPS {
            history.remove(1);
        }
        history.push(IncidentStep { at, state, conclusion });
    }
}
