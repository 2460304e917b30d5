//! Correlation: what several results say together. Rules are data; what they conclude are incidents with their evidence.

use crate::model::Incident;

/// What happened to an incident.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The incident as it is now.
    pub incident: Incident,
    /// Whether whoever follows incidents is told. What only adds to the evidence is told every ten seconds at most.
    pub told: bool,
}
