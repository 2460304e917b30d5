//! The desk over a mesh in memory: several engines in one process, each with a store of its own. What needs a real server stands in the
//! crate's `tests/mesh`.

mod again;
mod does;
mod faults;
mod lies;
mod stalls;

use crate::Engine;
use std::future::Future;
use std::time::Duration;
use telltale_core::model::{
    Delivery, MeshAccount, MeshMessage, MeshPhase, MeshPolicy, MeshTls, MeshTrust, MessageQuery, ProbePolicy,
    ProbeResult, ResultQuery, ResultVia, Timestamp, Verdict,
};
use telltale_mesh::link::Memory;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

/// What may take a moment takes no longer than this.
const PATIENCE: Duration = Duration::from_secs(30);
const DOMAIN: &str = "mesh";

/// An engine in the mesh.
struct Seat {
    engine: Engine,
    folder: TempDir,
}

fn hub(names: &[&str]) -> Memory {
    let hub = Memory::new(DOMAIN);
    let jids: Vec<_> = names.iter().map(|name| jid(name)).collect();
    hub.group(&jids.iter().map(String::as_str).collect::<Vec<_>>());
    hub
}

fn jid(name: &str) -> String {
    format!("{name}@{DOMAIN}")
}

impl Seat {
    async fn join(hub: &Memory, name: &str, role: &str, duties: &[&str]) -> Self {
        let folder = TempDir::new().expect("a folder");
        let engine = Engine::open(folder.path()).await.expect("an engine");
        let seat = Self { engine, folder };
        seat.enter(hub, name, role, duties).await;
        seat
    }

    /// Lets itself be asked whether something can be reached.
    async fn may_be_asked(&self) {
        let policy = ProbePolicy {
            remote_kinds: vec!["reachability".to_owned()],
            ..ProbePolicy::default()
        };
        self.engine.save_probe_policy(policy).await.expect("stored");
    }

    async fn enter(&self, hub: &Memory, name: &str, role: &str, duties: &[&str]) {
        let account = MeshAccount {
            jid: jid(name),
            server: None,
            tls: MeshTls::StartTls,
            trust: MeshTrust::System,
            role: role.to_owned(),
            duties: duties.iter().map(|d| (*d).to_owned()).collect(),
            name: name.to_owned(),
            policy: MeshPolicy {
                roster_group: true,
                ..MeshPolicy::default()
            },
        };
        let transport = hub.transport(&jid(name));
        self.engine.join_over(account, transport).await.expect("on the way");
        until("it is online", || async {
            matches!(
                self.engine.mesh().await.expect("the mesh").phase,
                MeshPhase::Online { .. }
            )
        })
        .await;
    }

    async fn ids(&self) -> Vec<String> {
        let query = ResultQuery {
            limit: 500,
            ..ResultQuery::default()
        };
        let rows = self.engine.results(&query).await.expect("results").rows;
        let mut ids: Vec<_> = rows.into_iter().map(|r| r.id).collect();
        ids.sort();
        ids
    }

    async fn find(&self) -> String {
        let result = result(&Uuid::new_v4().to_string());
        self.engine.take_result(&result).await.expect("taken in");
        result.id
    }

    async fn messages(&self) -> Vec<MeshMessage> {
        let query = MessageQuery {
            limit: 500,
            ..MessageQuery::default()
        };
        self.engine.messages(&query).await.expect("messages").rows
    }

    /// Waits until nothing waits any more.
    async fn settled(&self) {
        let began = Instant::now();
        loop {
            let outbox = self.engine.mesh().await.expect("the mesh").outbox;
            let mut open = self.messages().await;
            // What was said before the other side had told that it confirms is left with the server.
            open.retain(|m| !matches!(m.delivery, Delivery::Confirmed | Delivery::Sent | Delivery::Received));
            if outbox == 0 && open.is_empty() {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{outbox} still wait: {open:#?}");
            sleep(Duration::from_millis(30)).await;
        }
    }
}

/// Waits until it is so.
async fn until<F: Future<Output = bool>>(what: &str, so: impl Fn() -> F) {
    let began = Instant::now();
    while !so().await {
        assert!(began.elapsed() < PATIENCE, "still not: {what}");
        sleep(Duration::from_millis(30)).await;
    }
}

/// A result as a probe of this computer finds it.
pub(super) fn result(id: &str) -> ProbeResult {
    ProbeResult {
        id: id.to_owned(),
        probe: "b7e1f1d4-52c1-4c7e-9d58-111111111111".to_owned(),
        probe_name: "Is the printer there".to_owned(),
        kind: "reachability".to_owned(),
        agent: "local".to_owned(),
        target: "printer".to_owned(),
        due: Timestamp(1_000_000_000),
        started: Timestamp(1_000_000_000),
        ended: Timestamp(2_000_000_000),
        verdict: Verdict::Expected,
        exit_code: None,
        problem: None,
        summary: "The printer answered.".to_owned(),
        changed: Vec::new(),
        facts: serde_json::json!({ "answered": 3 }),
        via: ResultVia::Here,
    }
}
