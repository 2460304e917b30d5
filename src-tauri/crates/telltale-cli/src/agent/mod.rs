//! `telltale-cli agent`: the engine without a window, for a server or a small computer: it carries out probes, takes part in the mesh and
//! follows its owner's configuration until it is told to end.
//!
//! The configuration is one file; whatever it says is set at each start. Never here: what a probe, a rule or the mesh does.

mod config;
mod entry;
mod log;
mod parts;
mod settle;
mod tell;

use crate::Failure;
use crate::args::AgentTask;
use crate::watch::Interrupt;
use config::Config;
use entry::Entry;
use std::io::{self, Write};
use std::time::Duration;
use tell::Told;
use telltale_engine::{Engine, EngineError};

/// How long the engine may take to end; what is not stored by then is done again at the next start.
const ENDING: Duration = Duration::from_secs(30);
/// Rest between two looks for something to tell.
const LOOK: Duration = Duration::from_millis(500);

pub(crate) fn run(task: &AgentTask) -> Result<(), Failure> {
    let config = config::read(&task.config).map_err(|problems| Failure::Input(problems.join("\n")))?;
    if task.check {
        let said = writeln!(io::stdout(), "{}", right(task, &config));
        return said.map_err(|e| Failure::Output(format!("stdout: {e}")));
    }
    log::begin(task.log)?;
    let failed = |e: io::Error| Failure::Output(e.to_string());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(failed)?;
    runtime.block_on(async {
        let mut interrupt = Interrupt::new().map_err(failed)?;
        let engine = Engine::open(&config.data).await.map_err(|e| stopped(&e))?;
        if !engine.works_alone() {
            let folder = config.data.display();
            return Err(Failure::Output(format!("another Telltale works with {folder} already: one agent runs its probes")));
        }
        let done = tokio::select! {
            done = work(&engine, &config) => done,
            () = interrupt.came() => Ok(()),
        };
        eprintln!("telltale-cli: the agent ends");
        tokio::select! {
            ended = tokio::time::timeout(ENDING, engine.close()) => if ended.is_err() {
                eprintln!("telltale-cli: the agent did not end in time; what it did not store, it does again at the next start");
            },
            // Asked twice: whoever asks does not want to wait.
            () = interrupt.came() => std::process::exit(130),
        }
        done
    })
}

/// What a configuration that is right says, in one line.
fn right(task: &AgentTask, config: &Config) -> String {
    let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let mut parts = vec![
        count(config.probes.len(), "probe"),
        count(config.rules.len(), "rule"),
        count(config.outputs.len(), "output"),
    ];
    match &config.mesh {
        Some(mesh) => parts.push(format!("{} as {} in the mesh", mesh.account.jid, mesh.account.role)),
        None => parts.push("no mesh".to_owned()),
    }
    if let Some(http) = &config.http {
        parts.push(format!("HTTP on {}:{}", http.settings.address, http.settings.port));
    }
    format!("{} is right: {}", task.config.display(), parts.join(", "))
}

/// Sets everything up and tells what happens; comes back only where it cannot go on.
async fn work(engine: &Engine, config: &Config) -> Result<(), Failure> {
    settle::settle(engine, config).await?;
    engine.begin();
    if let Some(line) = settle::http(engine, config.http.as_ref()).await? {
        eprintln!("telltale-cli: {line}");
    }
    let mut entry = match &config.mesh {
        Some(wish) => Some(Entry::begin(engine, &config.data, wish).await?),
        None => None,
    };
    eprintln!("telltale-cli: the agent works; Ctrl-C ends it");
    let (mut changes, mut told) = (engine.changes(), Told::default());
    loop {
        changes.mark_unchanged();
        if let Err(e) = told.look(engine).await {
            // The next look may fare better; results and incidents do not wait for it.
            eprintln!("telltale-cli: {e}");
        }
        if let Some(entry) = &mut entry {
            entry.look(engine).await?;
        }
        tokio::time::sleep(LOOK).await;
        if changes.changed().await.is_err() {
            return Ok(());
        }
    }
}

fn stopped(e: &EngineError) -> Failure {
    Failure::Output(e.to_string())
}
