//! Probes that other agents carry out: who is asked, and what is told of those who did not answer.

use super::not_joined;
use crate::{Engine, EngineError};
use telltale_core::model::{Probe, Timestamp};

/// What became of the wish to have a probe carried out by who has a role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// This computer has the role, too, and is one of those who shall: the caller carries it out.
    pub(crate) here: bool,
    /// Bare JIDs of the agents that were asked. What they find comes by `take_result`, one result for each; of one that refuses, fails or
    /// does not answer in time, a result comes that says so.
    pub(crate) agents: Vec<String>,
    /// Nobody has the role now: the request waits until somebody does (one-shot probes alone; others are due again anyway).
    pub(crate) waiting: bool,
}

impl Engine {
    /// Asks who has the role of `probe.runs_on`, and can do its kind of check, to carry it out once. Comes back as soon as the request is
    /// on the disk. Fails when the mesh is not joined, and when nobody has the role and the probe is not a one-shot.
    pub(crate) async fn ask_agents(&self, probe: &Probe, due: Timestamp) -> Result<Asked, EngineError> {
        let _ = (probe, due);
        Err(not_joined())
    }
}
