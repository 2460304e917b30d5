//! Engines in a mesh over a real XMPP server: whole desks, each with a store of its own.

#[path = "../../../telltale-mesh/tests/common/ejabberd.rs"]
mod ejabberd;
#[path = "../../../telltale-mesh/tests/common/prosody.rs"]
mod prosody;

mod control;
mod delivery;
mod door;
mod other_server;
mod topics;

use prosody::{DOMAIN, Options, Prosody, password};
use std::future::Future;
use std::path::Path;
use std::time::Duration;
use telltale_core::model::{
    AgentNow, MeshAccount, MeshMessage, MeshPhase, MeshPolicy, MeshTls, MeshTrust, MessageQuery, ProbeResult,
    ResultQuery, ResultVia, Show, Timestamp, Verdict,
};
use telltale_engine::Engine;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

/// What may take a moment takes no longer than this.
const PATIENCE: Duration = Duration::from_secs(20);

/// An engine with a data folder of its own.
struct Seat {
    engine: Engine,
    folder: TempDir,
}

impl Seat {
    async fn open() -> Self {
        let folder = TempDir::new().expect("a folder");
        Self {
            engine: open(folder.path()).await,
            folder,
        }
    }

    /// Joins and waits until it is online.
    async fn join(server: &Prosody, name: &str, role: &str, duties: &[&str]) -> Self {
        let seat = Self::open().await;
        let account = account(server, name, role, duties);
        seat.engine
            .mesh_join(account, Some(password(name)))
            .await
            .expect("on the way");
        seat.online().await;
        seat
    }

    async fn online(&self) {
        until("it is online", || async {
            matches!(
                self.engine.mesh().await.expect("the mesh").phase,
                MeshPhase::Online { .. }
            )
        })
        .await;
    }

    /// What the results of this store are called, oldest first.
    async fn results(&self) -> Vec<ProbeResult> {
        let query = ResultQuery {
            limit: 500,
            ..ResultQuery::default()
        };
        let mut rows = self.engine.results(&query).await.expect("results").rows;
        rows.reverse();
        rows
    }

    async fn ids(&self) -> Vec<String> {
        let mut ids: Vec<_> = self.results().await.into_iter().map(|r| r.id).collect();
        ids.sort();
        ids
    }

    async fn messages(&self) -> Vec<MeshMessage> {
        let query = MessageQuery {
            limit: 500,
            ..MessageQuery::default()
        };
        self.engine.messages(&query).await.expect("messages").rows
    }

    /// Waits until this one sees another as available, with its role.
    async fn sees(&self, name: &str) -> AgentNow {
        let jid = jid(name);
        until(&format!("{name} is seen"), || async {
            self.agent(&jid).await.is_some()
        })
        .await;
        self.agent(&jid).await.expect("it was seen")
    }

    async fn agent(&self, jid: &str) -> Option<AgentNow> {
        let agents = self.engine.agents().await.expect("agents");
        agents
            .into_iter()
            .find(|a| a.jid == jid && a.show != Show::Offline && a.role.is_some())
    }

    /// A probe of this computer found this.
    async fn find(&self) -> String {
        let result = found();
        self.engine.take_result(&result).await.expect("taken in");
        result.id
    }
}

async fn open(folder: &Path) -> Engine {
    Engine::open(folder).await.expect("an engine")
}

fn jid(name: &str) -> String {
    format!("{name}@{DOMAIN}")
}

fn account(server: &Prosody, name: &str, role: &str, duties: &[&str]) -> MeshAccount {
    let mut account = account_at((server.port, server.authority()), name, role, duties);
    account.policy.roster_group = true;
    account
}

/// An account of the server at a port, for which an authority vouches; it lets in nobody by itself.
fn account_at((port, authority): (u16, String), name: &str, role: &str, duties: &[&str]) -> MeshAccount {
    MeshAccount {
        jid: jid(name),
        server: Some(format!("127.0.0.1:{port}")),
        tls: MeshTls::StartTls,
        trust: MeshTrust::Authority { pem: authority },
        role: role.to_owned(),
        duties: duties.iter().map(|d| (*d).to_owned()).collect(),
        name: name.to_owned(),
        policy: MeshPolicy::default(),
    }
}

/// A result as a probe of this computer finds it.
fn found() -> ProbeResult {
    ProbeResult {
        id: Uuid::new_v4().to_string(),
        probe: "b7e1f1d4-52c1-4c7e-9d58-111111111111".to_owned(),
        probe_name: "Is the printer there".to_owned(),
        kind: "reachability".to_owned(),
        agent: "local".to_owned(),
        target: "printer".to_owned(),
        due: Timestamp(1_767_323_045_000_000_000),
        started: Timestamp(1_767_323_045_000_000_000),
        ended: telltale_engine::now(),
        verdict: Verdict::Expected,
        exit_code: None,
        problem: None,
        summary: "The printer answered <at once> & twice.".to_owned(),
        changed: Vec::new(),
        facts: serde_json::json!({ "answered": 3 }),
        via: ResultVia::Here,
    }
}

/// Waits until it is so.
async fn until<F: Future<Output = bool>>(what: &str, so: impl Fn() -> F) {
    let began = Instant::now();
    while !so().await {
        assert!(began.elapsed() < PATIENCE, "still not: {what}");
        sleep(Duration::from_millis(40)).await;
    }
}

/// A server where these are in one group; `None`: this computer has none.
fn server(users: &[&str]) -> Option<Prosody> {
    let mut options = Options::users(users).in_one_group();
    options.admins = users.iter().map(|name| jid(name)).collect();
    Prosody::start(&options)
}
