//! Programs, well-behaved and not.

use super::NOW;
use crate::checks::{CheckContext, Found, Problem, carry_out};
use std::path::Path;
use std::time::{Duration, Instant};
use telltale_core::model::{Check, Limits, OutputParser, ProbePolicy};

const LIMITS: Limits = Limits {
    timeout_s: 60,
    output_bytes: 100_000,
    memory_mb: 200,
};

fn context() -> CheckContext {
    let programs = [
        ("sh", "/bin/sh"),
        ("echo", "/bin/echo"),
        ("env", "/usr/bin/env"),
        ("none", "/nowhere/none"),
    ];
    let policy = ProbePolicy {
        programs: programs.map(|(name, path)| (name.to_owned(), path.to_owned())).to_vec(),
        ..ProbePolicy::default()
    };
    CheckContext::new(&policy, NOW)
}

fn command(program: &str, args: &[&str], parser: OutputParser) -> Check {
    Check::Command {
        program: program.to_owned(),
        args: args.iter().map(|a| (*a).to_owned()).collect(),
        target: "example.org; rm -rf $HOME".to_owned(),
        parser,
    }
}

async fn run(check: &Check, limits: &Limits) -> Found {
    let found = carry_out(check, limits, &context()).await;
    super::hold(check, &found);
    found
}

async fn script(text: &str, limits: &Limits) -> Found {
    run(&command("sh", &["-c", text], OutputParser::Lines), limits).await
}

/// Whether a process that was started with this text among its arguments is left.
fn is_left(text: &str) -> bool {
    let me = std::process::id().to_string();
    let processes = std::fs::read_dir("/proc").expect("processes").flatten();
    processes
        .filter(|p| p.file_name().to_string_lossy() != me.as_str())
        .any(|p| {
            let line = std::fs::read(p.path().join("cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&line).contains(text)
        })
}

/// Whether it is gone, at once or very soon.
async fn is_gone(text: &str) -> bool {
    for _ in 0..1_200 {
        if !is_left(text) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    false
}

#[tokio::test]
async fn only_what_the_owner_allows_is_run() {
    for program in ["/bin/cat", "cat", "/bin/../bin/sh", "SH", "none", "/nowhere/none"] {
        let found = run(&command(program, &[], OutputParser::Lines), &LIMITS).await;
        assert!(
            matches!(found.problem, Some(Problem::NotAllowed(_) | Problem::Failed(_))),
            "{program}: {found:?}"
        );
        assert_eq!(found.exit_code, None);
    }
    let nothing = CheckContext::new(&ProbePolicy::default(), NOW);
    let found = carry_out(&command("/bin/echo", &[], OutputParser::Lines), &LIMITS, &nothing).await;
    assert!(
        matches!(found.problem, Some(Problem::NotAllowed(_))),
        "off until it is allowed"
    );
    let found = run(&command("/bin/echo", &["by its path"], OutputParser::Lines), &LIMITS).await;
    assert_eq!(found.facts["lines"][0], "by its path");
}

#[tokio::test]
async fn arguments_are_what_they_are_and_the_target_takes_its_place() {
    let args = ["$HOME", "`id`", "a b", "<{target}>", "*"];
    let found = run(&command("echo", &args, OutputParser::Lines), &LIMITS).await;
    assert_eq!(found.facts["lines"][0], "$HOME `id` a b <example.org; rm -rf $HOME> *");
    assert_eq!((found.exit_code, &found.facts["exit_code"]), (Some(0), &0.into()));
    assert_eq!(found.problem, None);
}

#[tokio::test]
async fn a_program_knows_nothing_of_our_environment_and_reads_nothing() {
    let found = run(&command("env", &[], OutputParser::Lines), &LIMITS).await;
    let mut names: Vec<_> = found.facts["lines"]
        .as_array()
        .expect("lines")
        .iter()
        .filter_map(|l| l.as_str())
        .collect();
    names.sort_unstable();
    let names: Vec<_> = names.iter().filter_map(|l| l.split('=').next()).collect();
    assert_eq!(names, ["LC_ALL", "PATH"]);
    let found = script("cat; pwd", &LIMITS).await;
    assert_eq!(found.facts["lines"], serde_json::json!(["/"]));
}

#[tokio::test]
async fn an_exit_code_is_a_fact_and_a_signal_a_problem() {
    let found = script("echo out; echo 'why \x1b[31m' >&2; exit 3", &LIMITS).await;
    assert_eq!((found.exit_code, found.problem.clone()), (Some(3), None));
    assert_eq!(found.facts["measured"]["said"], "why \\u{1b}[31m\\n");
    assert!(found.summary.contains("code 3"), "{}", found.summary);
    let found = script("kill -SEGV $$", &LIMITS).await;
    assert_eq!((found.exit_code, &found.facts["signal"]), (None, &11.into()));
    assert!(matches!(found.problem, Some(Problem::Failed(_))));
}

#[tokio::test]
async fn the_time_ends_a_program_with_all_that_it_started() {
    let limits = Limits { timeout_s: 3, ..LIMITS };
    let began = Instant::now();
    let found = script(
        "echo begun; sleep 7101 & (sleep 7102; echo never) & sleep 7103",
        &limits,
    )
    .await;
    assert!(matches!(found.problem, Some(Problem::TimedOut(_))), "{found:?}");
    assert_eq!(
        (&found.facts["broken_off"], &found.facts["lines"][0]),
        (&"time".into(), &"begun".into())
    );
    assert!(began.elapsed() < Duration::from_secs(40), "{:?}", began.elapsed());
    for sleeper in ["7101", "7102", "7103"] {
        assert!(is_gone(&format!("sleep\0{sleeper}")).await, "{sleeper}");
    }
}

#[tokio::test]
async fn who_drops_the_check_ends_the_program() {
    let check = command("sh", &["-c", "sleep 7201 & sleep 7202"], OutputParser::Lines);
    let running = tokio::spawn(async move { carry_out(&check, &LIMITS, &context()).await });
    for _ in 0..2_000 {
        if is_left("sleep\x007201") && is_left("sleep\x007202") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(is_left("sleep\x007201") && is_left("sleep\x007202"), "both have begun");
    running.abort();
    assert!(is_gone("sleep\x007201").await && is_gone("sleep\x007202").await);
}

#[tokio::test]
async fn one_that_stays_behind_keeps_nobody_waiting() {
    let began = Instant::now();
    let found = script("sleep 7301 & echo done", &LIMITS).await;
    assert_eq!((found.exit_code, &found.facts["lines"][0]), (Some(0), &"done".into()));
    assert!(began.elapsed() < Duration::from_secs(40), "{:?}", began.elapsed());
    assert!(is_gone("sleep\x007301").await);
}

#[tokio::test]
async fn a_flood_of_output_is_cut() {
    let found = script("yes 'flood 7401'", &LIMITS).await;
    assert!(
        matches!(&found.problem, Some(Problem::Failed(said)) if said.contains("100000 octets")),
        "{found:?}"
    );
    assert_eq!(
        (&found.facts["measured"]["octets"], &found.facts["broken_off"]),
        (&100_000.into(), &"output".into())
    );
    assert!(is_gone("flood 7401").await);
    // What it complains of is not kept either, and holds nobody up.
    let found = script("yes complaint | head -c 5000000 >&2; echo out", &LIMITS).await;
    assert_eq!((found.exit_code, &found.facts["lines"][0]), (Some(0), &"out".into()));
}

#[tokio::test]
async fn memory_is_bounded_for_one_process_and_for_all_together() {
    let limits = Limits {
        memory_mb: 60,
        timeout_s: 60,
        ..LIMITS
    };
    // `tail` of a line without an end holds all of it.
    let found = script("tail /dev/zero; echo \"tail: $?\"", &limits).await;
    let tail = found.facts["lines"][0].as_str().unwrap_or_default().to_owned();
    let held = found.facts["broken_off"] == "memory" || (tail.starts_with("tail: ") && tail != "tail: 0");
    assert!(held, "{found:?}");
    // Each of these is within the limit, not all of them.
    if Path::new("/usr/bin/python3").exists() {
        let one = "/usr/bin/python3 -c 'import time; a = bytearray(b\"x\") * 35000000; time.sleep(300)'";
        let found = script(&format!("{one} & {one} & {one} & wait; echo all"), &limits).await;
        assert_eq!(found.facts["broken_off"], "memory", "{found:?}");
        assert!(
            matches!(&found.problem, Some(Problem::Failed(said)) if said.contains("60 MB")),
            "{found:?}"
        );
    }
}

#[tokio::test]
async fn a_parser_that_finds_nothing_it_knows_says_so() {
    let found = run(&command("echo", &["no json"], OutputParser::Json), &LIMITS).await;
    assert!(
        matches!(&found.problem, Some(Problem::Failed(said)) if said.contains("JSON")),
        "{found:?}"
    );
    assert_eq!(found.exit_code, Some(0));
    let found = run(
        &command("echo", &["{\"a\\u0007\": \"\\u001b\"}"], OutputParser::Json),
        &LIMITS,
    )
    .await;
    assert_eq!(found.facts["json"], serde_json::json!({ "a\\u{7}": "\\u{1b}" }));
    let found = run(
        &command("echo", &["<nmaprun version=\"7\"/>"], OutputParser::NmapXml),
        &LIMITS,
    )
    .await;
    assert_eq!(found.facts["nmap"]["version"], "7", "{found:?}");
}
