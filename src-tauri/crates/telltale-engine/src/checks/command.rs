//! Runs a program of this machine, if its owner allowed that program; never a shell's line.
//!
//! Facts: `program` (its path), `target`, `exit_code`, `signal` (that ended it), `broken_off` (`time`, `output`, `memory`), and by the
//! parser `json`; `lines` and `lines_total`; `matches` and `matches_total`; `nmap` (as `nmap` has it). Measured: `ms`, `memory_mb` (the most
//! that it was seen to hold), `octets` (of its output), `sha256`, `said` (the beginning of its standard error). An exit code other than 0 is
//! a fact, not a problem.

use super::certificate::sha256;
use super::group::{Bounds, Ended, Ran, run};
use super::output::parse;
use super::place::ms;
use super::text::{named, of_octets};
use super::{Found, Problem};
use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use telltale_core::model::{Limits, OutputParser};
use tokio::time::Instant;

/// What an argument names the target by.
const TARGET: &str = "{target}";
/// Octets of a megabyte.
const MB: u64 = 1_000_000;
/// The least time that there is for looking through what it wrote; within [`super::GRACE`].
const AFTERWARDS: Duration = Duration::from_secs(1);
/// Characters of standard error that are told.
const SAID: usize = 1_000;

pub(super) async fn look(
    (program, args, target): (&str, &[String], &str),
    parser: &OutputParser,
    limits: &Limits,
    allowed: &[(String, String)],
    until: Instant,
) -> Result<Found, Problem> {
    let path = path(program, allowed)?;
    let args: Vec<_> = args.iter().map(|a| a.replace(TARGET, target)).collect();
    let bounds = Bounds {
        until,
        output_bytes: usize::try_from(limits.output_bytes).unwrap_or(usize::MAX),
        memory_bytes: u64::from(limits.memory_mb) * MB,
    };
    let ran = run(&path, &args, bounds).await?;
    let (target, parser, limits) = (target.to_owned(), parser.clone(), *limits);
    // Megabytes are gone through on a thread of their own: other checks go on meanwhile.
    let found = tokio::task::spawn_blocking(move || found(&path, &target, &parser, &limits, &ran, until));
    found
        .await
        .map_err(|_| Problem::Failed("what the program wrote could not be looked through".to_owned()))
}

/// The program, as the owner's list has it.
fn path(program: &str, allowed: &[(String, String)]) -> Result<PathBuf, Problem> {
    let entry = allowed.iter().find(|(name, path)| program == name || program == path);
    let Some((_, path)) = entry else {
        return Err(Problem::NotAllowed(format!(
            "the owner of this computer has not allowed {} to be run by probes",
            named(program)
        )));
    };
    let path = Path::new(path);
    let is_program = std::fs::metadata(path).is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0);
    if !path.is_absolute() || !is_program {
        return Err(Problem::Failed(format!("{} is no program", path.display())));
    }
    Ok(path.to_owned())
}

fn found(path: &Path, target: &str, parser: &OutputParser, limits: &Limits, ran: &Ran, until: Instant) -> Found {
    let (exit_code, signal, broken_off) = match ran.ended {
        Ended::Exit(code) => (Some(code), None, None),
        Ended::Signal(signal) => (None, Some(signal), None),
        Ended::TooLong => (None, None, Some("time")),
        Ended::TooMuchOutput => (None, None, Some("output")),
        Ended::TooMuchMemory => (None, None, Some("memory")),
    };
    let mut facts = json!({
        "program": path.display().to_string(),
        "target": target,
        "exit_code": exit_code,
        "signal": signal,
        "broken_off": broken_off,
        "measured": {
            "ms": ms(ran.took),
            "memory_mb": ran.memory_bytes.div_ceil(MB),
            "octets": ran.output.len(),
            "sha256": sha256(&ran.output),
            "said": of_octets(&ran.complaints, SAID),
        },
    });
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
    let name = named(&name.unwrap_or_else(|| path.display().to_string()));
    // One that used all of its time left none to look through what it wrote.
    let parsed = parse(parser, &ran.output, &mut facts, until.max(Instant::now() + AFTERWARDS));
    let problem = problem(&name, ran, parsed.as_ref().err(), limits);
    let summary = match (exit_code, parsed) {
        (Some(0), Ok(what)) => format!("{name} ran: {what}."),
        (Some(code), Ok(what)) => format!("{name} ran and ended with code {code}: {what}."),
        _ => format!("{name} did not end as it should."),
    };
    Found {
        exit_code,
        problem,
        ..Found::of(facts, summary)
    }
}

fn problem(name: &str, ran: &Ran, unreadable: Option<&String>, limits: &Limits) -> Option<Problem> {
    Some(match (ran.ended, unreadable) {
        (Ended::TooLong, _) => Problem::TimedOut(format!("{name} ran longer than {} s", limits.timeout_s)),
        (Ended::TooMuchOutput, _) => Problem::Failed(format!("{name} wrote more than {} octets", limits.output_bytes)),
        (Ended::TooMuchMemory, _) => {
            Problem::Failed(format!("{name} took more than {} MB of memory", limits.memory_mb))
        }
        (Ended::Signal(signal), _) => Problem::Failed(format!("{name} was ended by signal {signal}")),
        (Ended::Exit(_), Some(because)) => {
            let said = of_octets(&ran.complaints, 100);
            let said = if said.is_empty() {
                said
            } else {
                format!("; it said: {said}")
            };
            Problem::Failed(format!("{name} {because}{said}"))
        }
        (Ended::Exit(_), None) => return None,
    })
}
