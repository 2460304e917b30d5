//! Agents of another kind (SPADE), and very many of ours.

use crate::disk::Disk;
use crate::world::{Raw, TestClock, config, draft, member, role, start, there, until};
use std::sync::Arc;
use std::time::{Duration, Instant};
use telltale_mesh::link::{Memory, Stanza};
use telltale_mesh::message::{Draft, encode_plain};
use tokio::time::sleep;
use xmpp_parsers::jid::Jid;
use xmpp_parsers::presence::Presence;

/// Memory of an agent among those that all see each other, in kB at most; the server in memory is counted with them.
const MAX_KB: usize = 200;

/// The next message's id, if one comes soon.
async fn next_message(raw: &mut Raw) -> Option<String> {
    while let Some(stanza) = raw.next().await {
        if let Stanza::Message(message) = stanza {
            return message.id.map(|id| id.0);
        }
    }
    None
}

#[tokio::test(start_paused = true)]
async fn one_that_announces_nothing_has_the_role_that_the_owner_gives_it() {
    let memory = Memory::new("mesh");
    memory.group(&["probe@mesh", "spade@mesh"]);
    let disk: Arc<Disk> = Arc::default();
    let mut settings = config("probe@mesh", "probe", &TestClock::new());
    settings.policy.roles = vec![("spade@mesh".to_owned(), "correlator".to_owned())];
    let probe = start(settings, memory.transport("probe@mesh"), &disk);
    until("it stands", || async { there(probe.agent.agents().await.first()) }).await;
    let mut spade = Raw::open(&memory, "spade@mesh").await;
    spade.send(Presence::available()).await;
    let told = draft(1);
    probe
        .agent
        .tell(told.clone(), role("correlator"))
        .await
        .expect("it is queued");
    assert_eq!(next_message(&mut spade).await, Some(told.id));
    // It confirms nothing: what the server has is delivered.
    until("it left the outbox", || async { disk.outbox() == 0 }).await;
}

#[tokio::test(start_paused = true)]
async fn one_that_registers_has_its_role_and_is_believed_only_if_it_is_let_in() {
    let memory = Memory::new("mesh");
    memory.group(&["probe@mesh", "spade@mesh"]);
    let disk: Arc<Disk> = Arc::default();
    let probe = member(&memory, "probe@mesh", "probe", &disk);
    until("it stands", || async { there(probe.agent.agents().await.first()) }).await;
    let registers = Draft {
        ontology: "telltale.registry".to_owned(),
        body: serde_json::json!({"role": "correlator", "duties": ["store"], "envelopes": true}),
        ..draft(0)
    };
    let probe_jid = Jid::new("probe@mesh").expect("an address");
    let stranger = Raw::open(&memory, "stranger@mesh").await;
    stranger
        .send(encode_plain(&probe_jid, &registers).expect("a message"))
        .await;
    let mut spade = Raw::open(&memory, "spade@mesh").await;
    spade.send(Presence::available()).await;
    spade
        .send(encode_plain(&probe_jid, &registers).expect("a message"))
        .await;
    until("it is found", || async {
        probe.agent.holders("correlator", "store").await == ["spade@mesh"]
    })
    .await;
    let told = draft(1);
    probe
        .agent
        .tell(told.clone(), role("correlator"))
        .await
        .expect("it is queued");
    // It reads envelopes: what it does not confirm is sent again.
    for _ in 0..3 {
        assert_eq!(next_message(&mut spade).await.as_deref(), Some(told.id.as_str()));
        sleep(Duration::from_secs(20)).await;
    }
    assert_eq!(disk.outbox(), 1);
    let confirms = telltale_mesh::message::receipt(&[told.id], "t");
    spade
        .send(encode_plain(&probe_jid, &confirms).expect("a message"))
        .await;
    until("it left the outbox", || async { disk.outbox() == 0 }).await;
}

/// Kilobytes that this process has in memory.
fn resident_kb() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0)
}

#[tokio::test(start_paused = true)]
async fn many_agents_that_all_see_each_other() {
    const AGENTS: usize = 120;
    let memory = Memory::new("mesh");
    let names: Vec<String> = (0..AGENTS).map(|n| format!("agent{n}@mesh")).collect();
    memory.group(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let disk: Arc<Disk> = Arc::default();
    let (before, began) = (resident_kb(), Instant::now());
    let mut agents = Vec::new();
    for (n, name) in names.iter().enumerate() {
        let what = if n < 3 { "correlator" } else { "probe" };
        agents.push(member(&memory, name, what, &disk));
        // One after the other: what is measured is what they know, not what is on its way.
        sleep(Duration::from_millis(50)).await;
    }
    for (n, agent) in agents.iter().enumerate() {
        let others = AGENTS - 3 - usize::from(n >= 3);
        until("all are seen", || async {
            agent.agent.holders("probe", "dns").await.len() == others
        })
        .await;
    }
    let each = resident_kb().saturating_sub(before) / AGENTS;
    eprintln!(
        "{AGENTS} agents, each sees all: {each} kB an agent, {:?}",
        began.elapsed()
    );
    assert!(each <= MAX_KB, "{each} kB an agent");
    let chosen: std::collections::BTreeSet<String> = {
        let mut chosen = std::collections::BTreeSet::new();
        for agent in &agents[3..] {
            chosen.extend(agent.agent.holders("correlator", "").await.first().cloned());
        }
        chosen
    };
    assert_eq!(chosen.len(), 3, "probes spread over those who have the role");
}
