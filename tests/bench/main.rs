//! `npm run bench`: how fast an audit is beside a bare read loop and beside the field's tools, on one large capture.
//!
//! Programs take turns, round by round, so that a busy machine hurts all of them alike; figures are medians. Prints a table and
//! ends with 0 whatever it says: a benchmark is read, not passed. Only what failed to run ends with 1.
//!
//! `bench make EXAMPLE OUT` makes the large capture, `bench run CAPTURE LOOP CLI` times the programs on it.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program of the terminal")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "figures for people, and fields of a record cut to their width"
)]

mod capture;
mod measure;

use measure::{Cost, cost, median};
use std::io;
use std::path::Path;
use std::process::{Command, ExitCode};

/// Rounds over the whole capture.
const ROUNDS: usize = 5;
/// Rounds of the slow programs over the slice.
const SLOW_ROUNDS: usize = 2;
/// The slow programs read this much: on all of it, each round would take minutes.
const SLICE_BYTES: u64 = 200_000_000;
/// What an audit should cost at most: times the bare loop's CPU time, and octets of memory.
const TARGET_RATIO: f64 = 2.5;
const TARGET_MEMORY: u64 = 300_000_000;

/// A program that takes part.
struct Runner {
    name: &'static str,
    program: String,
    /// Arguments; `FILE` stands for the capture.
    arguments: &'static [&'static str],
    costs: Vec<Cost>,
}

impl Runner {
    fn new(name: &'static str, program: &str, arguments: &'static [&'static str]) -> Self {
        Self {
            name,
            program: program.to_owned(),
            arguments,
            costs: Vec::new(),
        }
    }

    fn run(&mut self, file: &Path) -> io::Result<()> {
        let arguments = self
            .arguments
            .iter()
            .map(|a| if *a == "FILE" { file.as_os_str() } else { a.as_ref() });
        self.costs.push(cost(Command::new(&self.program).args(arguments))?);
        Ok(())
    }

    fn cpu(&self) -> f64 {
        median(self.costs.iter().map(|c| c.cpu_s))
    }
}

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[1..] {
        ["make", example, out] => make(Path::new(example), Path::new(out)),
        ["run", file, bare_loop, cli] => run(Path::new(file), bare_loop, cli),
        _ => Err(io::Error::other(
            "usage: bench make EXAMPLE OUT | bench run CAPTURE LOOP CLI",
        )),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn make(example: &Path, out: &Path) -> io::Result<()> {
    let made = capture::make(example, out)?;
    println!(
        "{} copies of {}: {} packets, {} flows, {:.2} GB",
        made.copies,
        example.display(),
        made.packets,
        made.flows,
        made.bytes as f64 / 1e9
    );
    Ok(())
}

fn run(file: &Path, bare_loop: &str, cli: &str) -> io::Result<()> {
    const AUDIT: &[&str] = &["audit", "FILE", "--json", "/dev/null"];
    let ours = || {
        vec![
            Runner::new("bare libpcap read loop", bare_loop, &["FILE"]),
            Runner::new("telltale-cli audit", cli, AUDIT),
        ]
    };

    let mut fast = ours();
    // The first reading brings the file into memory; it does not count.
    fast[0].run(file)?;
    fast[0].costs.clear();
    for _ in 0..ROUNDS {
        fast.iter_mut().try_for_each(|r| r.run(file))?;
    }
    let bytes = std::fs::metadata(file)?.len();
    table(
        &format!(
            "the whole capture, {:.2} GB, median of {ROUNDS} rounds",
            bytes as f64 / 1e9
        ),
        &fast,
    );
    judge(&fast);

    let part = file.with_extension("slice.pcap");
    let packets = capture::slice(file, &part, SLICE_BYTES)?;
    let mut slow = ours();
    let peers = [
        Runner::new("ndpiReader (flows, names)", "ndpiReader", &["-q", "-i", "FILE"]),
        Runner::new(
            "tshark conversations",
            "tshark",
            &["-n", "-r", "FILE", "-q", "-z", "conv,tcp"],
        ),
        Runner::new(
            "tshark server names",
            "tshark",
            &[
                "-n",
                "-r",
                "FILE",
                "-T",
                "fields",
                "-e",
                "tls.handshake.extensions_server_name",
            ],
        ),
    ];
    let (here, absent): (Vec<_>, Vec<_>) = peers.into_iter().partition(|r| is_installed(&r.program));
    slow.extend(here);
    for _ in 0..SLOW_ROUNDS {
        slow.iter_mut().try_for_each(|r| r.run(&part))?;
    }
    let title = format!(
        "its first {packets} packets ({} MB), which the slow ones can bear, {SLOW_ROUNDS} rounds",
        SLICE_BYTES / 1_000_000
    );
    table(&title, &slow);
    for runner in absent {
        println!("not installed, left out: {}", runner.name);
    }
    std::fs::remove_file(part)
}

fn is_installed(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}

fn table(title: &str, runners: &[Runner]) {
    println!(
        "\n{title}\n{:<28} {:>8} {:>12} {:>8} {:>10}",
        "program", "CPU s", "x bare loop", "wall s", "memory MB"
    );
    let bare = runners[0].cpu();
    for runner in runners {
        let wall = median(runner.costs.iter().map(|c| c.wall_s));
        let memory = runner.costs.iter().map(|c| c.memory_bytes).max().unwrap_or(0);
        let ratio = runner.cpu() / bare;
        println!(
            "{:<28} {:>8.2} {ratio:>12.2} {wall:>8.2} {:>10.0}",
            runner.name,
            runner.cpu(),
            memory as f64 / 1e6
        );
    }
}

/// Says how the audit stands to its targets; the ratio is that of each round, then the median of those.
fn judge(runners: &[Runner]) {
    let (bare, audit) = (&runners[0], &runners[1]);
    let ratio = median(bare.costs.iter().zip(&audit.costs).map(|(b, a)| a.cpu_s / b.cpu_s));
    let memory = audit.costs.iter().map(|c| c.memory_bytes).max().unwrap_or(0);
    let word = |reached: bool| if reached { "reached" } else { "MISSED" };
    println!(
        "target: at most {TARGET_RATIO} x the bare loop's CPU time: {ratio:.2}, {}",
        word(ratio <= TARGET_RATIO)
    );
    println!(
        "target: at most {} MB of memory: {:.0}, {}",
        TARGET_MEMORY / 1_000_000,
        memory as f64 / 1e6,
        word(memory <= TARGET_MEMORY)
    );
}
