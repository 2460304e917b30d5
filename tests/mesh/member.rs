//! `mesh-member FOLDER ACCOUNT`: one engine in a mesh, without a window, told what to do line by line, for tests and benchmarks.
//!
//! ACCOUNT is a file: a `MeshAccount` as JSON, with its `password` beside the other fields. Prints JSON lines; commands on stdin:
//! `give FROM COUNT` (takes in COUNT results of this computer, numbered from FROM), `count` (how many results the store holds), `have` (the same, of how
//! many different numbers, and from whom), `mesh`, `agents`, `results` (the newest), `invite` (an invitation's line), `send DRAFT` (a message,
//! `DraftMessage` as JSON), `said THREAD` (the messages of a conversation, oldest first), `cost` (CPU seconds and memory so far), `crash`
//! (ends at once, as by a kill) and `stop`, which also comes when stdin closes. Never here: judging; starting servers.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program of the terminal")]

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use telltale_core::model::{MeshAccount, MessageQuery, ProbeResult, ResultQuery, ResultVia, Verdict};
use telltale_engine::{Engine, now};
use tokio::io::{AsyncBufReadExt, BufReader};

/// Results that are taken in together, as what came from outside is: one step on the disk.
const TOGETHER: usize = 50;
/// Rows that the store gives at once.
const PAGE: u32 = 500;

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, account] = arguments.as_slice() else {
        eprintln!("usage: mesh-member FOLDER ACCOUNT");
        return ExitCode::from(2);
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    match runtime.block_on(take_part(Path::new(folder), Path::new(account))) {
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

async fn take_part(folder: &Path, account: &Path) -> Result<(), Failure> {
    let engine = Engine::open(folder).await?;
    let told: Value = serde_json::from_str(&std::fs::read_to_string(account)?)?;
    let password = told.get("password").and_then(Value::as_str).map(str::to_owned);
    let account: MeshAccount = serde_json::from_value(told)?;
    engine.begin();
    engine.mesh_join(account, password).await?;
    say(&json!({ "began": std::process::id() }));
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["give", from, count] => {
                give(&engine, from.parse()?, count.parse()?).await?;
                say(&json!({ "gave": count }));
            }
            ["count"] => say(&json!({ "count": { "total": engine.results(&page(0, 1)).await?.total } })),
            ["have"] => say(&json!({ "have": have(&engine).await? })),
            ["mesh"] => say(&json!({ "mesh": engine.mesh().await? })),
            ["agents"] => say(&json!({ "agents": engine.agents().await? })),
            ["results"] => say(&json!({ "results": engine.results(&page(0, PAGE)).await?.rows })),
            ["invite"] => say(&json!({ "invite": engine.mesh_invite().await?.1 })),
            ["send", ..] => {
                let draft = line.trim_start_matches("send").trim();
                engine.send_message(serde_json::from_str(draft)?).await?;
                say(&json!({ "sent": true }));
            }
            ["said", thread] => say(&json!({ "said": said(&engine, thread).await? })),
            ["cost"] => say(&json!({ "cost": cost()? })),
            ["crash"] => std::process::exit(9),
            ["stop"] => break,
            _ => say(&json!({ "unknown": line })),
        }
    }
    engine.close().await;
    Ok(())
}

/// Takes results in, as they come from probes of this computer.
async fn give(engine: &Engine, from: u64, count: u64) -> Result<(), Failure> {
    let all: Vec<ProbeResult> = (from..from + count).map(result).collect();
    for some in all.chunks(TOGETHER) {
        engine.take_results(some).await?;
    }
    Ok(())
}

fn result(number: u64) -> ProbeResult {
    let at = now();
    ProbeResult {
        // A UUID that says its number.
        id: format!("00000000-0000-4000-8000-{number:012x}"),
        probe: "11111111-0000-4000-8000-000000000001".to_owned(),
        probe_name: "A door".to_owned(),
        kind: "reachability".to_owned(),
        agent: "local".to_owned(),
        target: "192.0.2.1".to_owned(),
        due: at,
        started: at,
        ended: at,
        verdict: Verdict::Expected,
        exit_code: None,
        problem: None,
        summary: "It answers within 12 ms.".to_owned(),
        changed: Vec::new(),
        facts: json!({ "number": number, "reachable": true, "rtt_ms": 12.5, "attempts": 3, "answered": 3 }),
        via: ResultVia::Here,
    }
}

fn page(offset: u32, limit: u32) -> ResultQuery {
    ResultQuery {
        offset,
        limit,
        ..ResultQuery::default()
    }
}

/// The messages of one conversation, oldest first.
async fn said(engine: &Engine, thread: &str) -> Result<Value, Failure> {
    let query = MessageQuery {
        limit: PAGE,
        ..MessageQuery::default()
    };
    let mut rows = engine.messages(&query).await?.rows;
    rows.retain(|message| message.thread == thread);
    rows.reverse();
    Ok(serde_json::to_value(rows)?)
}

/// What the store holds: all results, of how many numbers, and how many of each agent.
async fn have(engine: &Engine) -> Result<Value, Failure> {
    let mut of: BTreeMap<String, u32> = BTreeMap::new();
    let mut numbers = std::collections::BTreeSet::new();
    let (mut offset, mut total) = (0, u32::MAX);
    while offset < total {
        let page = engine.results(&page(offset, PAGE)).await?;
        total = page.total;
        if page.rows.is_empty() {
            break;
        }
        offset += u32::try_from(page.rows.len())?;
        for result in page.rows {
            *of.entry(result.agent).or_default() += 1;
            numbers.extend(result.facts.get("number").and_then(Value::as_u64));
        }
    }
    Ok(json!({ "total": total, "numbers": numbers.len(), "agents": of }))
}

/// CPU seconds (user and system) and octets of memory of this process, as the kernel counts them.
fn cost() -> Result<Value, Failure> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let after = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields: Vec<&str> = after.split_whitespace().collect();
    let ticks = |n: usize| fields.get(n).and_then(|f| f.parse::<f64>().ok()).unwrap_or_default();
    let status = std::fs::read_to_string("/proc/self/status")?;
    let kilobytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse::<u64>().ok())
        .unwrap_or_default();
    Ok(json!({ "cpu_s": (ticks(11) + ticks(12)) / 100.0, "memory_bytes": kilobytes * 1024 }))
}
