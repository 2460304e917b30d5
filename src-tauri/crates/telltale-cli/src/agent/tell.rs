//! What the agent tells while it works: a line when the mesh, a probe or an incident becomes something else.

use std::collections::BTreeMap;
use telltale_core::model::{Incident, IncidentState, MeshPhase};
use telltale_engine::{Engine, EngineError, Stamps};

/// Incidents that are looked at: the newest.
const LOOKED_AT: u32 = 100;

/// What was told before.
#[derive(Default)]
pub(super) struct Told {
    stamps: Option<Stamps>,
    phase: String,
    problems: BTreeMap<String, String>,
    incidents: BTreeMap<String, IncidentState>,
}

impl Told {
    /// Tells what is new.
    pub(super) async fn look(&mut self, engine: &Engine) -> Result<(), EngineError> {
        let now = engine.stamps();
        let first = self.stamps.is_none();
        let before = self.stamps.unwrap_or_default();
        if first || now.mesh != before.mesh {
            self.mesh(&engine.mesh().await?.phase);
        }
        if first || now.probes != before.probes {
            self.probes(engine).await?;
        }
        if first || now.incidents != before.incidents {
            let (incidents, _) = engine.incidents(false, 0, LOOKED_AT).await?;
            self.incidents(&incidents, first);
        }
        // After a look that failed the next one looks at the same again; what was told already is not told twice.
        self.stamps = Some(now);
        Ok(())
    }

    fn mesh(&mut self, phase: &MeshPhase) {
        let line = match phase {
            MeshPhase::Off => String::new(),
            MeshPhase::Connecting { problem: None, .. } => "the mesh is being joined".to_owned(),
            MeshPhase::Connecting {
                problem: Some(problem), ..
            } => format!("the mesh is not joined, and tried again: {problem}"),
            MeshPhase::Online { .. } => "the mesh is joined".to_owned(),
            MeshPhase::Refused { problem, .. } => {
                format!("the mesh cannot be joined until its owner changes something: {problem}")
            }
        };
        if line != self.phase && !line.is_empty() {
            eprintln!("telltale-cli: {line}");
        }
        self.phase = line;
    }

    async fn probes(&mut self, engine: &Engine) -> Result<(), EngineError> {
        let mut problems = BTreeMap::new();
        for now in engine.probes().await? {
            if let Some(problem) = now.problem {
                problems.insert(now.probe.name, problem);
            }
        }
        for (name, problem) in &problems {
            if self.problems.get(name) != Some(problem) {
                eprintln!("telltale-cli: probe “{name}” does not run: {problem}");
            }
        }
        self.problems = problems;
        Ok(())
    }

    /// At the first look only what is open still.
    fn incidents(&mut self, incidents: &[Incident], first: bool) {
        for incident in incidents.iter().rev() {
            let before = self.incidents.insert(incident.id.clone(), incident.state);
            let open = incident.state == IncidentState::Open;
            if before == Some(incident.state) || (before.is_none() && first && !open) {
                continue;
            }
            let word = if open { "open" } else { "closed" };
            eprintln!(
                "telltale-cli: incident {word}: {}: {}",
                incident.rule_name, incident.conclusion
            );
        }
        self.incidents.retain(|id, _| incidents.iter().any(|i| i.id == *id));
    }
}
