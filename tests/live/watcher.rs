//! `live-watcher DEVICE FOLDER`: one live audit without a window, told what to do line by line, for tests and benchmarks.
//!
//! An engine on the data folder FOLDER watches DEVICE, and a follower looks at it as the window does: at each change it takes the
//! audit and the newest flows. Prints JSON lines; commands on stdin are `status`, `pause`, `resume`, `await TEXT` (when did a flow
//! that holds TEXT first come out of the engine?), `steps N` (memory and open files each N packets), and `stop`, which also comes
//! when stdin closes. Everything that is told of an audit is its own count. Never here: namespaces, sending packets, judging.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program of the terminal")]

use serde_json::{Value, json};
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use telltale_core::model::{Connection, Summary};
use telltale_engine::{
    AuditNow, Engine, EngineError, LiveRequest, LiveSource, LiveState, PacketFilter, Recording, TableQuery, now,
};
use tokio::io::{AsyncBufReadExt, BufReader};

/// What the follower and the commands share.
struct Watch {
    engine: Engine,
    id: u32,
    /// A text that is waited for, and nothing once it was found.
    awaited: Mutex<Option<String>>,
    /// Packets between two steps; 0: none are told.
    step: AtomicU64,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, device, folder, options @ ..] = arguments.as_slice() else {
        eprintln!("usage: live-watcher DEVICE FOLDER [--record]");
        return ExitCode::from(2);
    };
    let record = options.iter().any(|o| o == "--record");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    match runtime.block_on(watch(device, Path::new(folder), record)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&json!({ "failed": error.to_string() }));
            ExitCode::FAILURE
        }
    }
}

fn say(what: &Value) {
    println!("{what}");
}

async fn watch(device: &str, folder: &Path, record: bool) -> Result<(), EngineError> {
    let engine = Engine::open(folder).await?;
    let request = LiveRequest {
        source: LiveSource::Device {
            name: device.to_owned(),
        },
        filter: PacketFilter::All,
        name: String::new(),
        description: String::new(),
        connection: Connection::Hotspot,
        duration_s: None,
        recording: if record { Recording::Full } else { Recording::Off },
    };
    let id = engine.start_live(request).await?;
    let watch = Arc::new(Watch {
        engine: engine.clone(),
        id,
        awaited: Mutex::default(),
        step: AtomicU64::new(0),
    });
    let follower = tokio::spawn(follow(Arc::clone(&watch)));
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await.ok().flatten() {
        match line.split_once(' ').unwrap_or((line.as_str(), "")) {
            ("status", _) => say(&json!({ "status": told(&engine.audit(id).await?) })),
            ("pause", _) => engine.pause(id)?,
            ("resume", _) => engine.resume(id).await?,
            ("steps", packets) => watch.step.store(packets.parse().unwrap_or(0), Ordering::Relaxed),
            ("await", text) => {
                *watch.awaited.lock().unwrap_or_else(PoisonError::into_inner) = Some(text.to_owned());
                say(&json!({ "awaiting": text }));
            }
            ("stop", _) => break,
            (other, _) => say(&json!({ "failed": format!("no such command: {other}") })),
        }
    }
    engine.stop(id)?;
    follower.await.expect("the follower ends with the audit")?;
    let mut last = told(&engine.audit(id).await?);
    last["store_bytes"] = json!(store_bytes(folder));
    say(&json!({ "stopped": last }));
    engine.close().await;
    Ok(())
}

/// Looks at the audit as the window does, until it has ended.
async fn follow(watch: Arc<Watch>) -> Result<(), EngineError> {
    let mut changes = watch.engine.changes();
    let (mut state, mut next_step) = (None, 0);
    loop {
        let audit = watch.engine.audit(watch.id).await?;
        let Some(live) = &audit.live else {
            return Ok(());
        };
        if state != Some(live.state) {
            state = Some(live.state);
            say(&json!({ "state": word(live.state), "problem": live.problem, "at_ns": now().0 }));
        }
        let newest = TableQuery {
            sort: "first".to_owned(),
            descending: true,
            limit: 50,
            ..TableQuery::default()
        };
        watch.engine.servers(watch.id, &newest).await?;
        find(&watch, &newest).await?;
        let step = watch.step.load(Ordering::Relaxed);
        if step > 0 && audit.summary.counts.packets >= next_step {
            next_step = (audit.summary.counts.packets / step + 1) * step;
            say(&json!({ "step": told(&audit) }));
        }
        if changes.changed().await.is_err() {
            return Ok(());
        }
    }
}

/// Tells when what is waited for has come out of the engine.
async fn find(watch: &Watch, newest: &TableQuery) -> Result<(), EngineError> {
    let awaited = watch.awaited.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let query = TableQuery {
        search: awaited.clone().unwrap_or_default(),
        ..newest.clone()
    };
    let flows = watch.engine.flows(watch.id, &query).await?;
    if let Some(text) = awaited.filter(|_| !flows.rows.is_empty()) {
        *watch.awaited.lock().unwrap_or_else(PoisonError::into_inner) = None;
        say(&json!({ "found": text, "at_ns": now().0 }));
    }
    Ok(())
}

const fn word(state: LiveState) -> &'static str {
    match state {
        LiveState::Opening => "opening",
        LiveState::Watching => "watching",
        LiveState::Paused => "paused",
        LiveState::Waiting(_) => "waiting",
        LiveState::Ending => "ending",
    }
}

fn told(audit: &AuditNow) -> Value {
    let summary: &Summary = &audit.summary;
    json!({
        "packets": summary.counts.packets,
        "dropped_by_kernel": summary.counts.dropped_by_kernel,
        "dropped_by_interface": summary.counts.dropped_by_interface,
        "flows": summary.flows,
        "servers": summary.servers,
        "companies": summary.company_count,
        "devices": summary.devices.iter().map(|d| json!({
            "name": d.name, "mac": d.mac, "addresses": d.addresses,
        })).collect::<Vec<_>>(),
        "gaps": summary.source.gaps,
        "problem": audit.problem,
        "state": audit.live.as_ref().map(|l| word(l.state)),
        "recorded_bytes": audit.live.as_ref().and_then(|l| l.recording.as_ref()).map(|r| r.bytes),
        "memory_bytes": memory_bytes(),
        "open_files": open_files(),
    })
}

/// Octets of this process that are in memory (`VmRSS`); 0 where the system does not tell.
fn memory_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|l| l.trim().split(' ').next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1_024
}

fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

/// Octets of the store on the disk, what is not yet folded in included.
fn store_bytes(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let ours = files.filter(|f| f.file_name().to_string_lossy().starts_with("telltale.sqlite"));
    ours.filter_map(|f| f.metadata().ok()).map(|m| m.len()).sum()
}
