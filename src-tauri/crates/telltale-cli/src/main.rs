//! The terminal's shell: the same engine without a window, for scripts, servers and tests.
//!
//! Translates arguments into calls of the engine and results into files, like the window's shell. Results go to stdout or to the
//! files asked for, everything else to stderr. Never here: dissecting, judging, SQL.
#![forbid(unsafe_code)]

mod agent;
mod args;
mod audit;
mod contacts;
mod devices;
mod lookup;
mod watch;

use args::{Arguments, Task};
use clap::Parser;
use std::process::ExitCode;

/// Why a run ended with a code other than 0: the codes are documented in the help text and in the README.
enum Failure {
    /// A result could not be written: code 1.
    Output(String),
    /// The command line is wrong in a way that clap cannot see: code 2, which is also clap's.
    Usage(String),
    /// The input cannot be opened, or is no capture, or the configuration is wrong: code 3.
    Input(String),
    /// The network device is not there, or its packets may not be looked at: code 4.
    Device(String),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Audit(task) => audit::run(&task),
        Task::Lookup(task) => lookup::run(&task),
        Task::Devices(task) => devices::run(&task),
        Task::Watch(task) => watch::run(&task),
        Task::Agent(task) => agent::run(&task),
    };
    let (code, message) = match done {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Failure::Output(message)) => (1, message),
        Err(Failure::Usage(message)) => (2, message),
        Err(Failure::Input(message)) => (3, message),
        Err(Failure::Device(message)) => (4, message),
    };
    eprintln!("telltale-cli: {message}");
    ExitCode::from(code)
}
