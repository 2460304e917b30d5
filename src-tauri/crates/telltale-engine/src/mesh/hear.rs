//! What the agent tells: messages that came, what became of ours, items of topics, who asks. Nothing is confirmed before it is on the disk,
//! and nothing here waits for the agent: it may be waiting for its ear.

use super::control::request;
use super::desk::Joined;
use super::join::SHOW;
use crate::stamps::Changed;
use crate::store::{Told, Traffic};
use crate::{Engine, EngineError};
use ring::digest::{SHA256, digest};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;
use telltale_core::model::{BehaviourState, Delivery, MeshMessage, MeshPhase, ProbeResult, ResultVia};
use telltale_mesh::agent::{Agent, ControlAction, Heard, Receipt};
use telltale_mesh::message::{CONTROL, RESULT, Received};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

/// What is taken in together at most: one step on the disk.
const TOGETHER: usize = 128;
/// Words about our messages that wait for room on the disk at most; what lies beyond is missing on the page, and nowhere else.
const MAX_UNWRITTEN: usize = 4_096;
/// How soon a disk that was full is tried again.
const AGAIN: Duration = Duration::from_secs(1);
/// Messages between two looks at what lies beyond the limits.
const LIMIT_EVERY: u32 = 1_000;
/// How long changes of agents, and of the load, wait for more of their kind.
const CALM: Duration = Duration::from_secs(2);
/// Octets of each text of a result; its facts are bounded by the message.
const MAX_TEXT: usize = 4_096;
/// Changes that a result names at most.
const MAX_CHANGED: usize = 1_000;

/// Takes in what the agent tells, until it ends.
pub(super) async fn hear(engine: Engine, joined: Joined, mut heard: mpsc::Receiver<Heard>) {
    let mut batch = Vec::new();
    let mut since_limit = 0;
    // What became of ours, and could not be written down yet: it is told once.
    let mut unwritten = Vec::new();
    loop {
        if unwritten.is_empty() {
            heard.recv_many(&mut batch, TOGETHER).await;
        } else {
            // A full disk is tried again also when nothing more is heard.
            let _ = timeout(AGAIN, heard.recv_many(&mut batch, TOGETHER)).await;
        }
        if batch.is_empty() && heard.is_closed() {
            return;
        }
        let mut taken = Taken {
            told: std::mem::take(&mut unwritten),
            ..Taken::default()
        };
        for one in batch.drain(..) {
            taken.sort(one);
        }
        since_limit += taken.count();
        let told = taken.told.clone();
        if let Err(e) = engine.take_in(&joined, taken).await {
            // Nothing of what came was confirmed: it comes again.
            tracing::warn!("messages of the mesh could not be stored: {e}");
            unwritten = told;
            unwritten.truncate(MAX_UNWRITTEN);
        }
        if since_limit >= LIMIT_EVERY {
            since_limit = 0;
            if let Err(e) = engine.inner.store.limit_messages().await {
                tracing::warn!("old messages of the mesh could not be removed: {e}");
            }
        }
    }
}

/// What was heard together, by its kind.
#[derive(Default)]
struct Taken {
    messages: Vec<(Received, Receipt)>,
    told: Vec<Told>,
    others: Vec<Heard>,
}

impl Taken {
    fn sort(&mut self, heard: Heard) {
        match heard {
            Heard::Message(message, receipt) => self.messages.push((message, receipt)),
            Heard::Told {
                id,
                peer,
                delivery,
                channel,
                problem,
            } => self.tell(Told {
                id,
                peer,
                delivery,
                channel,
                problem,
            }),
            other => self.others.push(other),
        }
    }

    /// Of several words about one message the last counts, with what only the earlier ones said.
    fn tell(&mut self, new: Told) {
        let Some(before) = self.told.iter_mut().rev().find(|t| t.id == new.id) else {
            return self.told.push(new);
        };
        before.peer = new.peer.or(before.peer.take());
        before.channel = new.channel.or(before.channel.take());
        before.delivery = new.delivery;
        before.problem = new.problem;
    }

    fn count(&self) -> u32 {
        u32::try_from(self.messages.len() + self.told.len()).unwrap_or(u32::MAX)
    }
}

impl Engine {
    async fn take_in(&self, joined: &Joined, taken: Taken) -> Result<(), EngineError> {
        for other in taken.others {
            self.take_other(joined, other).await?;
        }
        if !taken.told.is_empty() {
            self.inner.store.tell_messages(&taken.told).await?;
        }
        let mut traffic: BTreeMap<String, Traffic> = BTreeMap::new();
        let arrived = |t: &&Told| t.delivery == Delivery::Confirmed;
        for peer in taken.told.iter().filter(arrived).filter_map(|t| t.peer.as_ref()) {
            traffic.entry(peer.clone()).or_default().sent += 1;
        }
        if !taken.messages.is_empty() {
            for (message, _) in &taken.messages {
                traffic.entry(message.from.clone()).or_default().received += 1;
            }
            self.take_messages(joined, taken.messages).await?;
        }
        if !traffic.is_empty() {
            self.inner.store.count_traffic(&traffic).await?;
        }
        self.changed(Changed::Mesh);
        Ok(())
    }

    async fn take_messages(&self, joined: &Joined, messages: Vec<(Received, Receipt)>) -> Result<(), EngineError> {
        let (mut rows, mut results, mut requests, mut answers) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (message, _) in &messages {
            let mut problem = None;
            let said = (message.ontology.as_str(), message.performative.as_str());
            match said {
                (RESULT, "inform") => match self::results(message) {
                    Ok(found) => {
                        results.extend(found);
                        answers.push((message, true));
                    }
                    Err(e) => problem = Some(e),
                },
                (CONTROL, "request") => requests.push(request(message)),
                (CONTROL, _) => answers.push((message, false)),
                _ => {}
            }
            rows.push(row(message, problem));
        }
        self.take_results(&results).await?;
        let wanted = requests.clone();
        let beyond = self.inner.store.take_in(&rows, requests).await?;
        for (message, with_result) in answers {
            self.take_answer(message, with_result).await?;
        }
        for (_, receipt) in messages {
            receipt.done();
        }
        let taken = wanted.into_iter().filter(|r| !beyond.contains(r)).collect();
        self.take_requests(joined, taken, beyond);
        Ok(())
    }

    async fn take_other(&self, joined: &Joined, heard: Heard) -> Result<(), EngineError> {
        match heard {
            Heard::Phase(phase) => self.take_phase(phase),
            Heard::Asks { jid, token } => self.take_wish_to_see(joined, jid, token),
            Heard::Item { service, node, item } => {
                self.inner.store.add_topic_item(&service, &node, &item).await?;
            }
            Heard::Retracted { service, node, id } => {
                self.inner.store.remove_topic_item(&service, &node, &id).await?;
            }
            Heard::Control {
                from,
                action,
                probe,
                answer,
            } => {
                tracing::info!("{from} wants {action:?} of probe {probe}");
                let done = match action {
                    ControlAction::Run => self.run_probe(&probe).await,
                    ControlAction::Pause => self.pause_probe(&probe, true).await,
                    ControlAction::Resume => self.pause_probe(&probe, false).await,
                };
                let said = done.map(|()| "done".to_owned()).map_err(|e| e.to_string());
                // Who asked is gone.
                let _ = answer.send(said);
            }
            Heard::Log { text, .. } => tracing::info!("mesh: {text}"),
            Heard::Message(..) | Heard::Told { .. } => {}
        }
        Ok(())
    }

    fn take_phase(&self, phase: MeshPhase) {
        // The last word of an agent that ends; whoever ends it says what comes after. One that was refused stays refused.
        if phase != MeshPhase::Off {
            self.set_phase(phase);
        }
    }

    /// Somebody asks to be let in: who brings a token of ours is, once; the owner answers the others on the page. Waits for nobody.
    fn take_wish_to_see(&self, joined: &Joined, jid: String, token: Option<String>) {
        let Some(token) = token else {
            return;
        };
        let (engine, member) = (self.clone(), joined.clone());
        let task = self.inner.runtime.spawn(async move {
            if let Err(e) = engine.let_invited_in(&member, &jid, &token).await {
                tracing::warn!("{jid} was invited and is not let in: {e}");
            }
        });
        joined.tasks.add(task.abort_handle());
    }

    async fn let_invited_in(&self, joined: &Joined, jid: &str, token: &str) -> Result<(), EngineError> {
        let known = digest(&SHA256, token.as_bytes());
        if !self.inner.store.take_invitation(known.as_ref(), crate::now()).await? {
            tracing::info!("{jid} brought an invitation that is over, or none of this computer's");
            return Ok(());
        }
        let moving = self.inner.mesh.moves.lock().await;
        self.set_policy(|mut policy| {
            if !policy.allow.iter().any(|a| a == jid) {
                policy.allow.push(jid.to_owned());
            }
            policy
        })
        .await?;
        drop(moving);
        joined.agent.answer(jid, true).await.map_err(super::of_agent)
    }
}

/// The results of a message. Who carried them out, and where they came in, is what we know, not what they say.
fn results(message: &Received) -> Result<Vec<ProbeResult>, String> {
    let one_by_one = match &message.body {
        Value::Array(all) => all.clone(),
        one => vec![one.clone()],
    };
    one_by_one
        .into_iter()
        .map(|value| result(value, &message.from))
        .collect()
}

fn result(value: Value, from: &str) -> Result<ProbeResult, String> {
    let mut result: ProbeResult = serde_json::from_value(value).map_err(|e| format!("this is no result: {e}"))?;
    let id = Uuid::parse_str(&result.id).map_err(|_| "the id of a result is no UUID".to_owned())?;
    result.id = id.to_string();
    from.clone_into(&mut result.agent);
    result.via = ResultVia::Mesh;
    let texts = [
        &result.probe,
        &result.probe_name,
        &result.kind,
        &result.target,
        &result.summary,
    ];
    let long = |text: &str| text.len() > MAX_TEXT;
    let too_long = texts.into_iter().any(|t| long(t)) || result.problem.as_deref().is_some_and(long);
    if too_long || result.changed.len() > MAX_CHANGED {
        return Err("the texts of a result are too long".to_owned());
    }
    Ok(result)
}

/// A message that came, as the page shows it.
fn row(message: &Received, problem: Option<String>) -> MeshMessage {
    MeshMessage {
        id: message.id.clone(),
        peer: message.from.clone(),
        at: message.at,
        delivery: Delivery::Received,
        performative: message.performative.clone(),
        ontology: message.ontology.clone(),
        language: message.language.clone(),
        thread: message.thread.clone(),
        body: match &message.body {
            Value::String(text) if !message.enveloped => text.clone(),
            other => other.to_string(),
        },
        channel: match &message.resource {
            Some(resource) => format!("direct from {}/{resource}", message.from),
            None => format!("direct from {}", message.from),
        },
        problem,
    }
}

/// Remembers agents as they come and go.
pub(super) async fn follow_agents(engine: Engine, joined: Joined) {
    let mut changes = joined.agent.changes();
    while changes.changed().await.is_ok() {
        engine.changed(Changed::Mesh);
        sleep(CALM).await;
        changes.mark_unchanged();
        let agents: Vec<_> = joined.agent.agents().await.into_iter().filter(|a| !a.own).collect();
        if let Err(e) = engine.inner.store.save_agents(&agents).await {
            tracing::warn!("agents could not be remembered: {e}");
        }
        engine.changed(Changed::Mesh);
    }
}

/// Tells the others how many runs go on here.
pub(super) async fn follow_load(engine: Engine, joined: Joined) {
    let mut changes = engine.changes();
    let mut told = (None, None);
    loop {
        let probes = engine.stamps().probes;
        if told.0 != Some(probes) {
            told.0 = Some(probes);
            let load = engine.load().await;
            if told.1 != Some(load) {
                told.1 = Some(load);
                tell_load(&joined.agent, load).await;
            }
        }
        sleep(CALM).await;
        if changes.changed().await.is_err() {
            return;
        }
    }
}

async fn tell_load(agent: &Agent, load: u32) {
    agent.set_presence(SHOW, "", load).await;
}

impl Engine {
    /// Runs that go on; 0 where that cannot be said.
    async fn load(&self) -> u32 {
        let probes = self.probes().await.unwrap_or_default();
        let running = probes.iter().filter(|p| p.state == BehaviourState::Running);
        u32::try_from(running.count()).unwrap_or(u32::MAX)
    }
}
