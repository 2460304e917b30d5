//! What this computer does, told to those whom its owner names, and controlled by them; and the same asked of other agents.

use super::desk::Joined;
use super::{check, of_agent};
use crate::{Engine, EngineError};
use telltale_core::model::{AgentBehaviour, AgentDoes, Behaviour, BehaviourNow, ControlAction};
use telltale_core::probe_file::kind;
use telltale_mesh::agent::{AgentError, Heard};

impl Engine {
    /// Asks another agent what it does. What it may not or cannot say is an answer, too.
    pub async fn agent_behaviours(&self, jid: &str) -> Result<AgentDoes, EngineError> {
        let jid = check::bare(jid)?;
        let joined = self.inner.mesh.joined()?;
        joined.agent.behaviours(&jid).await.map_err(of_agent)
    }

    /// Has another agent do something with one of its behaviours.
    pub async fn control_agent(&self, jid: &str, behaviour: &str, action: ControlAction) -> Result<(), EngineError> {
        let jid = check::bare(jid)?;
        let joined = self.inner.mesh.joined()?;
        let done = joined.agent.control(&jid, action, behaviour).await;
        done.map(drop).map_err(|e| match e {
            AgentError::Forbidden(_) => EngineError::Mesh(format!("{jid} does not let this computer do that")),
            AgentError::Refused(why) => EngineError::Mesh(format!("{jid} did not do it: {why}")),
            e => of_agent(e),
        })
    }

    /// Answers another agent's command. Waits for nobody: what is heard meanwhile is not to wait for it.
    pub(super) fn take_command(&self, joined: &Joined, heard: Heard) {
        let engine = self.clone();
        let task = self.inner.runtime.spawn(async move {
            match heard {
                Heard::Behaviours { from, answer } => match engine.probes().await {
                    // Who asked is gone.
                    Ok(all) => drop(answer.send(all.into_iter().map(told).collect())),
                    Err(e) => tracing::warn!("{from} is not told what this computer does: {e}"),
                },
                Heard::Control {
                    from,
                    action,
                    probe,
                    answer,
                } => {
                    tracing::info!("{from} wants {action:?} of probe {probe}");
                    let done = engine.control_probe(&probe, action).await;
                    drop(answer.send(done.map(|()| "done".to_owned()).map_err(|e| e.to_string())));
                }
                _ => {}
            }
        });
        joined.tasks.add(task.abort_handle());
    }

    async fn control_probe(&self, id: &str, action: ControlAction) -> Result<(), EngineError> {
        match action {
            ControlAction::Run => self.run_probe(id).await,
            ControlAction::Pause => self.pause_probe(id, true).await,
            ControlAction::Resume => self.pause_probe(id, false).await,
            ControlAction::Kill => self.kill_probe(id).await,
        }
    }
}

/// What others are told of a behaviour: not its target, and not what it found.
fn told(one: BehaviourNow) -> AgentBehaviour {
    let acts = match one.probe.behaviour {
        Behaviour::OneShot { .. } => "one_shot",
        Behaviour::Periodic { .. } => "periodic",
        Behaviour::Cyclic { .. } => "cyclic",
    };
    AgentBehaviour {
        id: one.probe.id,
        name: one.probe.name,
        kind: kind(&one.probe.check).to_owned(),
        acts: acts.to_owned(),
        state: one.state,
        next: one.next,
        last: one.last.as_ref().map(|r| r.verdict),
        ended: one.last.map(|r| r.ended),
        runs: one.runs,
    }
}
