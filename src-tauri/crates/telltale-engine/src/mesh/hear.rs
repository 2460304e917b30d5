//! What the agent tells: messages that came, what became of ours, items of topics, who asks. Nothing is confirmed before it is on the disk,
//! and nothing here waits for the agent: it may be waiting for its ear.

use super::control::request;
use super::desk::Joined;
use super::join::SHOW;
use crate::stamps::Changed;
use crate::store::{Told, Traffic};
use crate::{Engine, EngineError};
use ring::digest::{SHA256, digest};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;
use telltale_core::model::{
    BehaviourState, Delivery, MeshMessage, MeshPhase, MeshPolicy, ProbeResult, ResultVia, TopicItem,
};
use telltale_mesh::agent::{Agent, Heard, Receipt};
use telltale_mesh::message::{CONTROL, RESULT, Received};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

/// What is taken in together at most: one step on the disk.
const TOGETHER: usize = 128;
/// Words about our messages that wait for room on the disk at most; what lies beyond is missing on the page, and nowhere else.
const MAX_UNWRITTEN: usize = 4_096;
/// News of topics that wait for it at most, 16 MB; what lies beyond is asked for at the next login.
const MAX_UNREAD: usize = 250;
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
    // What is told once, and could not be written down yet.
    let mut unwritten = Taken::default();
    loop {
        if unwritten.told.is_empty() && unwritten.news.is_empty() {
            heard.recv_many(&mut batch, TOGETHER).await;
        } else {
            // A full disk is tried again also when nothing more is heard.
            let _ = timeout(AGAIN, heard.recv_many(&mut batch, TOGETHER)).await;
        }
        if batch.is_empty() && heard.is_closed() {
            return;
        }
        let mut taken = std::mem::take(&mut unwritten);
        for one in batch.drain(..) {
            taken.sort(one);
        }
        since_limit += taken.count();
        if let Err(e) = engine.take_in(&joined, &mut taken).await {
            // None of the messages that came was confirmed: they come again.
            tracing::warn!("what the mesh tells could not be stored: {e}");
            taken.messages.clear();
            taken.told.truncate(MAX_UNWRITTEN);
            taken.news.truncate(MAX_UNREAD);
            unwritten = taken;
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
    news: VecDeque<News>,
    others: Vec<Heard>,
}

/// Something new on a topic that is followed: it is told once.
struct News {
    service: String,
    node: String,
    what: What,
}

enum What {
    Item(TopicItem),
    /// The item with this id was taken back.
    Gone(String),
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
            Heard::Item { service, node, item } => self.news.push_back(News {
                service,
                node,
                what: What::Item(item),
            }),
            Heard::Retracted { service, node, id } => self.news.push_back(News {
                service,
                node,
                what: What::Gone(id),
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
    /// Takes in what was heard. What needs no disk is done whatever the disk does; what is told once stays in `taken` until it is written.
    async fn take_in(&self, joined: &Joined, taken: &mut Taken) -> Result<(), EngineError> {
        for other in std::mem::take(&mut taken.others) {
            self.take_other(joined, other);
        }
        while let Some(news) = taken.news.front() {
            self.take_news(news).await?;
            taken.news.pop_front();
        }
        let mut traffic: BTreeMap<String, Traffic> = BTreeMap::new();
        if !taken.told.is_empty() {
            self.inner.store.tell_messages(&taken.told).await?;
            let told = std::mem::take(&mut taken.told);
            let arrived = told.into_iter().filter(|t| t.delivery == Delivery::Confirmed);
            for peer in arrived.filter_map(|t| t.peer) {
                traffic.entry(peer).or_default().sent += 1;
            }
        }
        let messages = std::mem::take(&mut taken.messages);
        if !messages.is_empty() {
            let from: Vec<_> = messages.iter().map(|(message, _)| message.from.clone()).collect();
            self.take_messages(joined, messages).await?;
            for peer in from {
                traffic.entry(peer).or_default().received += 1;
            }
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
                (RESULT, "inform") => {
                    let (found, wrong) = self::results(message);
                    if !found.is_empty() {
                        answers.push((message, true));
                    }
                    results.extend(found);
                    problem = wrong;
                }
                (CONTROL, "request") => requests.push(request(message)),
                (CONTROL, _) => answers.push((message, false)),
                _ => {}
            }
            rows.push(row(message, problem));
        }
        self.take_results(&results).await?;
        let taken = self.inner.store.take_in(&rows, requests).await?;
        // At once: they stand on the disk now, and are not new when their message comes again because of what fails below.
        self.take_requests(joined, taken.new, taken.beyond);
        for (message, with_result) in answers {
            self.take_answer(message, with_result).await?;
        }
        for (_, receipt) in messages {
            receipt.done();
        }
        Ok(())
    }

    fn take_other(&self, joined: &Joined, heard: Heard) {
        match heard {
            Heard::Phase(phase) => self.take_phase(phase),
            Heard::Asks { jid, token } => self.take_wish_to_see(joined, jid, token),
            command @ (Heard::Control { .. } | Heard::Behaviours { .. }) => self.take_command(joined, command),
            Heard::Log { text, .. } => tracing::info!("mesh: {text}"),
            Heard::Message(..) | Heard::Told { .. } | Heard::Item { .. } | Heard::Retracted { .. } => {}
        }
    }

    /// Writes down what is new on a topic.
    async fn take_news(&self, news: &News) -> Result<(), EngineError> {
        let store = &self.inner.store;
        match &news.what {
            What::Item(item) => store.add_topic_item(&news.service, &news.node, item).await.map(drop),
            What::Gone(id) => store.remove_topic_item(&news.service, &news.node, id).await,
        }
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

    pub(super) async fn let_invited_in(&self, joined: &Joined, jid: &str, token: &str) -> Result<(), EngineError> {
        let known = digest(&SHA256, token.as_bytes());
        let moving = self.inner.mesh.moves.lock().await;
        let allow = |mut policy: MeshPolicy| {
            if !policy.allow.iter().any(|a| a == jid) {
                policy.allow.push(jid.to_owned());
            }
            policy
        };
        let let_in = self.change_policy(allow, Some(known.as_ref())).await?;
        drop(moving);
        if !let_in {
            tracing::info!("{jid} brought an invitation that is over, or none of this computer's");
            return Ok(());
        }
        joined.agent.answer(jid, true).await.map_err(super::of_agent)
    }
}

/// The results of a message, and what is wrong with those that are none: one that is damaged takes no other with it. Who carried them out,
/// and where they came in, is what we know, not what they say.
fn results(message: &Received) -> (Vec<ProbeResult>, Option<String>) {
    let one_by_one = match &message.body {
        Value::Array(all) => all.as_slice(),
        one => std::slice::from_ref(one),
    };
    let (all, mut good, mut wrong) = (one_by_one.len(), Vec::new(), Vec::new());
    for value in one_by_one {
        match result(value, &message.from) {
            Ok(result) => good.push(result),
            Err(e) => wrong.push(e),
        }
    }
    let problem = wrong.first().map(|first| match (wrong.len(), all) {
        (_, 1) => first.clone(),
        (left_out, all) => format!("{left_out} of {all} results are left out: {first}"),
    });
    (good, problem)
}

fn result(value: &Value, from: &str) -> Result<ProbeResult, String> {
    let mut result = ProbeResult::deserialize(value).map_err(|e| format!("this is no result: {e}"))?;
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
