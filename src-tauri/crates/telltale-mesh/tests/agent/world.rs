//! Agents in one process: each with a disk, and an owner who writes down what it hears.
#![allow(dead_code, reason = "each test package uses its own part of it")]

use crate::disk::Disk;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use telltale_core::model::{AgentBehaviour, AgentNow, BehaviourState, MeshPolicy, Show, Timestamp, Verdict};
use telltale_mesh::Destination;
use telltale_mesh::agent::{Agent, AgentConfig, AgentLimits, Heard};
use telltale_mesh::link::{Link, LinkEvent, LinkOrder, Memory, Stanza, Transport};
use telltale_mesh::message::{Draft, Received};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

/// A clock that tests set.
#[derive(Clone, Default)]
pub(crate) struct TestClock(Arc<AtomicI64>);

impl TestClock {
    pub(crate) fn new() -> Self {
        let clock = Self::default();
        clock.0.store(1_790_000_000_000_000_000, Ordering::SeqCst);
        clock
    }

    pub(crate) fn jump(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000_000, Ordering::SeqCst);
    }

    fn now(&self) -> Timestamp {
        Timestamp(self.0.fetch_add(1_000, Ordering::SeqCst))
    }
}

/// What an owner heard.
#[derive(Default)]
pub(crate) struct Notes {
    pub(crate) messages: Vec<Received>,
    pub(crate) asks: Vec<(String, Option<String>)>,
    pub(crate) log: Vec<String>,
    pub(crate) items: Vec<(String, String)>,
    pub(crate) told: Vec<(String, telltale_core::model::Delivery, Option<String>)>,
    pub(crate) phases: Vec<telltale_core::model::MeshPhase>,
    /// Behaviours that it tells.
    pub(crate) does: usize,
}

impl Notes {
    /// Ids of messages, and how often each was handed over.
    pub(crate) fn counted(&self) -> BTreeMap<String, usize> {
        let mut counted = BTreeMap::new();
        for message in &self.messages {
            *counted.entry(message.id.clone()).or_insert(0) += 1;
        }
        counted
    }
}

pub(crate) struct Member {
    pub(crate) agent: Agent,
    pub(crate) notes: Arc<Mutex<Notes>>,
}

impl Member {
    pub(crate) fn got(&self) -> usize {
        self.notes.lock().expect("notes").messages.len()
    }

    pub(crate) async fn sees(&self, jid: &str) -> Option<AgentNow> {
        self.agent.agents().await.into_iter().find(|a| a.jid == jid)
    }

    pub(crate) async fn refused(&self, word: &str) -> u32 {
        let counts = self.agent.counts().await;
        counts.refused.iter().find(|(w, _)| w == word).map_or(0, |(_, n)| *n)
    }
}

/// A configuration with nothing but an account, a role and what it does.
pub(crate) fn config(jid: &str, role: &str, clock: &TestClock) -> AgentConfig {
    let clock = clock.clone();
    AgentConfig {
        jid: jid.to_owned(),
        name: jid.split('@').next().unwrap_or_default().to_owned(),
        role: role.to_owned(),
        duties: if role == "correlator" {
            vec!["correlate".to_owned(), "store".to_owned()]
        } else {
            vec!["dns".to_owned()]
        },
        software: "Telltale 1".to_owned(),
        policy: MeshPolicy {
            roster_group: true,
            ..MeshPolicy::default()
        },
        invited: None,
        follows: Vec::new(),
        routes: Vec::new(),
        limits: AgentLimits::default(),
        clock: Arc::new(move || clock.now()),
    }
}

/// So many behaviours of a test's.
pub(crate) fn behaviours(count: usize) -> Vec<AgentBehaviour> {
    let one = |n| AgentBehaviour {
        id: format!("p{n}"),
        name: "Is the printer there".to_owned(),
        kind: "reachability".to_owned(),
        acts: "periodic".to_owned(),
        state: BehaviourState::Paused,
        next: None,
        last: Some(Verdict::Expected),
        ended: Some(Timestamp(1_790_000_000_000_000_000)),
        runs: 12,
    };
    (0..count).map(one).collect()
}

/// Starts an agent whose owner takes everything at once.
pub(crate) fn start(config: AgentConfig, transport: Box<dyn Transport>, disk: &Arc<Disk>) -> Member {
    let (heard, mut ear) = mpsc::channel(64);
    let agent = Agent::start(config, transport, Arc::clone(disk) as _, heard).expect("an address");
    let notes = Arc::new(Mutex::new(Notes::default()));
    let written = Arc::clone(&notes);
    tokio::spawn(async move {
        while let Some(heard) = ear.recv().await {
            let mut notes = written.lock().expect("notes");
            match heard {
                Heard::Message(message, receipt) => {
                    notes.messages.push(message);
                    receipt.done();
                }
                Heard::Asks { jid, token } => notes.asks.push((jid, token)),
                Heard::Log { text, .. } => notes.log.push(text),
                Heard::Item { node, item, .. } => notes.items.push((node, item.body)),
                Heard::Retracted { node, id, .. } => notes.items.push((node, format!("retracted {id}"))),
                Heard::Told {
                    id, delivery, channel, ..
                } => notes.told.push((id, delivery, channel)),
                Heard::Phase(phase) => notes.phases.push(phase),
                Heard::Control {
                    action, probe, answer, ..
                } => {
                    let _ = answer.send(Ok(format!("{action:?} {probe}")));
                }
                Heard::Behaviours { answer, .. } => {
                    let _ = answer.send(behaviours(notes.does));
                }
            }
        }
    });
    Member { agent, notes }
}

/// Starts an agent of the server in memory.
pub(crate) fn member(memory: &Memory, jid: &str, role: &str, disk: &Arc<Disk>) -> Member {
    start(config(jid, role, &TestClock::new()), memory.transport(jid), disk)
}

pub(crate) fn draft(n: usize) -> Draft {
    Draft {
        id: Uuid::new_v4().to_string(),
        performative: "inform".to_owned(),
        ontology: "telltale.result/1".to_owned(),
        thread: "t".to_owned(),
        body: serde_json::json!({ "n": n }),
    }
}

pub(crate) fn role(role: &str) -> Destination {
    Destination::Role {
        role: role.to_owned(),
        duty: String::new(),
    }
}

/// Waits until something is so; fails after a while of the test's own time.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, so: impl Fn() -> F) {
    // On a bad line the last of two thousand messages may be lost six times, and is waited for longer each time.
    let waited = timeout(Duration::from_mins(10), async {
        while !so().await {
            sleep(Duration::from_millis(20)).await;
        }
    });
    assert!(waited.await.is_ok(), "{what}: it never was so");
}

/// A peer whose every stanza the test writes: an attacker, or a program of another kind.
pub(crate) struct Raw {
    link: Link,
}

impl Raw {
    pub(crate) async fn open(memory: &Memory, jid: &str) -> Self {
        let mut link = memory.transport(jid).open();
        let Some(LinkEvent::Online { .. }) = link.events.recv().await else {
            panic!("the link stands at once");
        };
        Self { link }
    }

    pub(crate) async fn send(&self, stanza: impl Into<Stanza>) {
        let order = LinkOrder::Send(Box::new(stanza.into()));
        self.link.send.send(order).await.expect("the link stands");
    }

    /// The next stanza, if one comes soon.
    pub(crate) async fn next(&mut self) -> Option<Stanza> {
        loop {
            match timeout(Duration::from_secs(5), self.link.events.recv()).await {
                Ok(Some(LinkEvent::Stanza(stanza))) => return Some(*stanza),
                Ok(Some(_)) => {}
                Ok(None) | Err(_) => return None,
            }
        }
    }
}

/// Whether an agent is shown as there.
pub(crate) fn there(agent: Option<&AgentNow>) -> bool {
    agent.is_some_and(|a| a.show != Show::Offline)
}
