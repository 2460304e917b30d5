//! `telltale-cli watch`: one device, watched until it is enough; then the reports asked for.
//!
//! The engine and its capture program are the window's; the audit lives in a folder of its own that is removed at the end.

use crate::Failure;
use crate::args::WatchTask;
use crate::audit::{Report, write_report};
use crate::contacts::Contacts;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;
use telltale_core::model::{Connection, Gap, Outcome};
use telltale_engine::{
    Engine, EngineError, Hindrance, LiveRequest, LiveSource, LiveState, PacketFilter, Recording, Rights, devices,
};
use telltale_report::Language;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How long the engine may take to store the last rows; then what it has is taken.
const ENDING: Duration = Duration::from_secs(30);

pub(crate) fn run(task: &WatchTask) -> Result<(), Failure> {
    let failed = |e: io::Error| Failure::Output(e.to_string());
    let folder = tempfile::Builder::new()
        .prefix("telltale-watch-")
        .tempdir()
        .map_err(failed)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(failed)?;
    runtime.block_on(async {
        let engine = Engine::open(folder.path())
            .await
            .map_err(|e| Failure::Output(e.to_string()))?;
        let done = watch(task, &engine).await;
        engine.close().await;
        done
    })
}

async fn watch(task: &WatchTask, engine: &Engine) -> Result<(), Failure> {
    look_at(task, engine)?;
    let mut interrupt = Interrupt::new().map_err(|e| Failure::Output(e.to_string()))?;
    let request = LiveRequest {
        source: LiveSource::Device {
            name: task.device.clone(),
        },
        filter: match &task.filter {
            Some(expression) => PacketFilter::Expression {
                expression: expression.clone(),
            },
            None => PacketFilter::All,
        },
        name: task.device.clone(),
        description: String::new(),
        connection: Connection::Other,
        duration_s: task.duration,
        recording: if task.record.is_some() {
            Recording::Full
        } else {
            Recording::Off
        },
    };
    let id = engine.start_live(request).await.map_err(|e| refused(&e))?;
    let quiet = task.json.as_deref().is_some_and(|to| to.as_os_str() == "-");
    follow(engine, id, quiet, &mut interrupt)
        .await
        .map_err(|e| failed(&e))?;
    let outcome = engine.outcome(id).await.map_err(|e| failed(&e))?;
    tell_losses(&outcome);
    if let Some(to) = &task.record {
        let saved = engine.save_recording(id, to).await;
        saved.map_err(|e| Failure::Output(e.to_string()))?;
    }
    write(task, &outcome, quiet)
}

/// What can be wrong before anything begins, told in the words of this command line.
fn look_at(task: &WatchTask, engine: &Engine) -> Result<(), Failure> {
    let all = devices().map_err(|e| Failure::Device(e.to_string()))?;
    if !all.iter().any(|d| d.name == task.device) {
        let names: Vec<_> = all.iter().map(|d| d.name.as_str()).collect();
        return Err(Failure::Device(format!(
            "there is no network device {}; there are {}",
            task.device,
            names.join(", ")
        )));
    }
    // Known now, and not after hours of watching.
    for to in [&task.json, &task.record]
        .into_iter()
        .flatten()
        .filter(|to| to.as_os_str() != "-")
    {
        let folder = to
            .parent()
            .filter(|f| !f.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        if !folder.is_dir() {
            return Err(Failure::Output(format!(
                "{}: there is no such folder",
                folder.display()
            )));
        }
    }
    if let Some(expression) = &task.filter
        && let Err(problem) = engine.check_filter(expression)
    {
        let mark = format!("{}{}", " ".repeat(problem.at), "^".repeat(problem.len.max(1)));
        return Err(Failure::Usage(format!(
            "this filter cannot be used: {}\n  {expression}\n  {mark}",
            problem.message
        )));
    }
    match engine.rights() {
        Rights::Ready => Ok(()),
        Rights::Missing { program } => Err(Failure::Device(format!(
            "packets may not be looked at yet; this gives the one right that is needed: sudo setcap cap_net_raw+ep {}",
            program.display()
        ))),
        Rights::NoProgram => Err(Failure::Device(
            "the capture program telltale-capd does not lie beside this one".to_owned(),
        )),
        Rights::CannotHere { why } => Err(Failure::Device(hindrance(&why))),
    }
}

/// Why the right would be of no use here, and what to do.
fn hindrance(why: &Hindrance) -> String {
    match why {
        Hindrance::NoNewPrivileges => {
            "this terminal may start no program with a right of its own (no_new_privs); use another one".to_owned()
        }
        Hindrance::NoSuidMount(place) => {
            format!(
                "{} lies on a disk where rights do not count (nosuid); install it elsewhere",
                place.display()
            )
        }
        Hindrance::NotInBoundingSet => {
            "packets may not be looked at in this container; it lacks the capability NET_RAW".to_owned()
        }
        Hindrance::NotInGroup(group) => {
            format!("only members of the group {group} may watch; ask the administrator to be one")
        }
    }
}

/// A start that the engine refused.
fn refused(error: &EngineError) -> Failure {
    match error {
        EngineError::Filter(_) | EngineError::InvalidInput(_) => Failure::Usage(error.to_string()),
        _ => Failure::Device(error.to_string()),
    }
}

fn failed(error: &EngineError) -> Failure {
    Failure::Output(error.to_string())
}

/// Tells what happens until the audit has ended: by its duration, by a signal, or because nobody reads any more.
async fn follow(engine: &Engine, id: u32, quiet: bool, interrupt: &mut Interrupt) -> Result<(), EngineError> {
    let mut changes = engine.changes();
    let (mut contacts, mut state) = (Contacts::default(), None);
    let mut stopping = None;
    while let Some(live) = engine.audit(id).await?.live {
        if state != Some(live.state) {
            state = Some(live.state);
            tell_state(live.state, live.problem.as_deref());
        }
        let told = if quiet {
            Ok(())
        } else {
            contacts.tell(engine, id, false).await?
        };
        if told.is_err() && stopping.is_none() {
            stopping = Some(tokio::time::Instant::now());
            stop(engine, id)?;
        }
        if stopping.is_some_and(|since| since.elapsed() > ENDING) {
            break;
        }
        tokio::select! {
            told = changes.changed() => if told.is_err() { break },
            // Names come later than servers, and the second turn tells them.
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
            () = interrupt.came() => {
                if stopping.is_some() {
                    // Asked twice: whoever asks does not want to wait.
                    std::process::exit(130);
                }
                stopping = Some(tokio::time::Instant::now());
                stop(engine, id)?;
            }
        }
    }
    if !quiet {
        // Whoever reads may be gone; the reports are still to be written.
        let _ = contacts.tell(engine, id, true).await?;
    }
    Ok(())
}

/// Asks the audit to end; one that has just ended by itself is as good.
fn stop(engine: &Engine, id: u32) -> Result<(), EngineError> {
    match engine.stop(id) {
        Err(EngineError::NotLive(_)) => Ok(()),
        other => other,
    }
}

fn tell_state(state: LiveState, problem: Option<&str>) {
    match (state, problem) {
        (LiveState::Watching, _) => eprintln!("telltale-cli: watching; Ctrl-C ends it"),
        (LiveState::Waiting(_), Some(why)) => eprintln!("telltale-cli: nothing can be seen now: {why}"),
        (LiveState::Waiting(_), None) => {
            eprintln!("telltale-cli: nothing can be seen now; watching goes on as soon as it can");
        }
        _ => {}
    }
}

/// What the audit could not see is told whatever was asked for.
fn tell_losses(outcome: &Outcome) {
    let counts = &outcome.summary.counts;
    let dropped = counts.dropped_by_kernel.saturating_add(counts.dropped_by_interface);
    if dropped > 0 {
        eprintln!("telltale-cli: {dropped} packets passed too fast to be looked at");
    }
    let seconds = |gap: &Gap| gap.to.map_or(0, |to| to.0.saturating_sub(gap.from.0) / 1_000_000_000);
    for gap in &outcome.summary.source.gaps {
        eprintln!("telltale-cli: for {} s nothing could be seen", seconds(gap));
    }
}

fn write(task: &WatchTask, outcome: &Outcome, quiet: bool) -> Result<(), Failure> {
    let report = Report {
        title: &task.device,
        language: Language::from(task.lang),
    };
    if let Some(to) = &task.json {
        write_report(to, outcome, &report, telltale_report::json)?;
    }
    if !quiet {
        let mut out = io::stdout().lock();
        let answer = telltale_report::answer(&outcome.summary, report.language);
        match writeln!(out, "{answer}") {
            // Whoever read has seen enough.
            Err(e) if e.kind() != io::ErrorKind::BrokenPipe => return Err(Failure::Output(format!("stdout: {e}"))),
            _ => {}
        }
    }
    Ok(())
}

/// Ctrl-C, or the system's wish that this program ends.
pub(crate) struct Interrupt {
    interrupt: Signal,
    terminate: Signal,
}

impl Interrupt {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    pub(crate) async fn came(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
