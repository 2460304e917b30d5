//! `mesh-crowd COUNT DOMAIN SERVER AUTHORITY`: COUNT agents in one process, each with an account, a connection and a presence of its own,
//! on a real server; prints what one of them costs in memory, and how long it took until all were seen.
//!
//! Accounts are made in band. One more agent, which all let in, watches who is there. Never here: results, stores on a disk.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program of the terminal")]
#![allow(clippy::cast_precision_loss, reason = "figures for people")]

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use telltale_core::model::{MeshPolicy, MeshTls, MeshTrust, Show, Timestamp};
use telltale_engine::now;
use telltale_mesh::agent::{Agent, AgentConfig, AgentLimits};
use telltale_mesh::link::{Account, XmppTransport, register};
use telltale_mesh::{Destination, Keeper, Kept, Queued, Seen, Sighted};
use tokio::sync::mpsc;

/// Accounts that are made, and agents that log in, at the same time.
const TOGETHER: usize = 8;
/// All must be seen after this time.
const PATIENCE: Duration = Duration::from_mins(5);

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Remembers nothing: nobody sends a message here.
#[derive(Default)]
struct Forgetful(AtomicU64);

impl Keeper for Forgetful {
    fn boot(&self) -> Kept<'_, u64> {
        Box::pin(async { Ok(self.0.fetch_add(1, Ordering::Relaxed)) })
    }
    fn queue<'a>(&'a self, _: &'a [Queued]) -> Kept<'a, ()> {
        Box::pin(async { Ok(()) })
    }
    fn destinations(&self) -> Kept<'_, Vec<(Destination, u32)>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    fn waiting<'a>(&'a self, _: &'a Destination, _: u32) -> Kept<'a, Vec<Queued>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    fn tried<'a>(&'a self, _: &'a [String]) -> Kept<'a, ()> {
        Box::pin(async { Ok(()) })
    }
    fn unqueue<'a>(&'a self, _: &'a [String]) -> Kept<'a, ()> {
        Box::pin(async { Ok(()) })
    }
    fn see<'a>(&'a self, _: &'a Sighted, _: Timestamp) -> Kept<'a, Seen> {
        Box::pin(async { Ok(Seen::New) })
    }
    fn settle<'a>(&'a self, _: &'a [Sighted], _: Timestamp) -> Kept<'a, ()> {
        Box::pin(async { Ok(()) })
    }
    fn unsee<'a>(&'a self, _: &'a Sighted) -> Kept<'a, ()> {
        Box::pin(async { Ok(()) })
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, count, domain, server, authority] = arguments.as_slice() else {
        eprintln!("usage: mesh-crowd COUNT DOMAIN SERVER AUTHORITY");
        return ExitCode::from(2);
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    match runtime.block_on(gather(count, domain, server, authority)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mesh-crowd: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn gather(count: &str, domain: &str, server: &str, authority: &str) -> Result<(), Failure> {
    let count: usize = count.parse()?;
    let pem = std::fs::read_to_string(authority)?;
    let account = |name: &str| Account {
        jid: format!("{name}@{domain}"),
        password: format!("pw-{name}"),
        server: Some(server.to_owned()),
        tls: MeshTls::StartTls,
        trust: MeshTrust::Authority { pem: pem.clone() },
        resource: Some("crowd".to_owned()),
    };
    let names: Vec<String> = std::iter::once("crowd".to_owned())
        .chain((0..count).map(|n| format!("crowd{n}")))
        .collect();
    for some in names.chunks(TOGETHER) {
        let all: Vec<_> = some
            .iter()
            .map(|name| account(name))
            .map(|account| tokio::spawn(async move { register(&account).await }))
            .collect();
        for one in all {
            one.await??;
        }
    }
    let before = memory()?;
    let began = Instant::now();
    let watcher = join(account("crowd"), "observer", domain)?;
    let mut crowd = Vec::with_capacity(count);
    for some in names[1..].chunks(TOGETHER) {
        let agents: Vec<_> = some
            .iter()
            .map(|name| join(account(name), "probe", domain))
            .collect::<Result<_, _>>()?;
        for agent in &agents {
            agent.set_presence(Show::Available, "", 0).await;
            // Nobody can be asked before the connection stands.
            while agent.subscribe(&format!("crowd@{domain}")).await.is_err() {
                if began.elapsed() > PATIENCE {
                    return Err("an agent could not log in".into());
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        crowd.extend(agents);
    }
    let seen = async {
        loop {
            let there = watcher.agents().await;
            if there
                .iter()
                .filter(|a| !a.own && a.role.is_some() && a.show != Show::Offline)
                .count()
                >= count
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(PATIENCE, seen).await?;
    let took = began.elapsed();
    let each = memory()?.saturating_sub(before) as f64 / count as f64;
    println!(
        "{count} agents in one process, all seen with their roles after {:.1} s: {:.0} kB of memory each",
        took.as_secs_f64(),
        each / 1_000.0
    );
    for agent in &crowd {
        agent.close().await;
    }
    watcher.close().await;
    Ok(())
}

/// An agent that lets in everybody of its domain, and listens to nothing.
fn join(account: Account, role: &str, domain: &str) -> Result<Agent, Failure> {
    let config = AgentConfig {
        jid: account.jid.clone(),
        name: account.jid.clone(),
        role: role.to_owned(),
        duties: Vec::new(),
        software: "Telltale".to_owned(),
        policy: MeshPolicy {
            allow: vec![format!("*@{domain}")],
            ..MeshPolicy::default()
        },
        invited: None,
        follows: Vec::new(),
        routes: Vec::new(),
        limits: AgentLimits::default(),
        clock: Arc::new(now),
    };
    let (tell, mut told) = mpsc::channel(64);
    tokio::spawn(async move { while told.recv().await.is_some() {} });
    let transport = Box::new(XmppTransport::new(account)?);
    Ok(Agent::start(config, transport, Arc::new(Forgetful::default()), tell)?)
}

/// Octets of memory of this process, as the kernel counts them.
fn memory() -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap_or_default();
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes * 1_024)
}
