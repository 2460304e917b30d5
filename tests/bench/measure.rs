//! Runs a program to its end and says what it cost. Never here: what the figures mean.

use std::io;
use std::process::{Command, Stdio};
use std::time::Instant;
use wait4::Wait4;

/// What one run of a program cost.
#[derive(Clone, Copy)]
pub(crate) struct Cost {
    /// User and system time, seconds.
    pub(crate) cpu_s: f64,
    /// Time on the wall, seconds.
    pub(crate) wall_s: f64,
    /// The most memory it held, octets. What this process held when it started the program is a lower bound: keep it small.
    pub(crate) memory_bytes: u64,
}

/// Runs `command` with nothing to read and nobody to listen; an exit status other than 0 is an error.
pub(crate) fn cost(command: &mut Command) -> io::Result<Cost> {
    let name = command.get_program().to_string_lossy().into_owned();
    let began = Instant::now();
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let used = child.wait4()?;
    let wall_s = began.elapsed().as_secs_f64();
    if !used.status.success() {
        return Err(io::Error::other(format!("{name} failed: {}", used.status)));
    }
    let cpu_s = (used.rusage.utime + used.rusage.stime).as_secs_f64();
    Ok(Cost {
        cpu_s,
        wall_s,
        memory_bytes: used.rusage.maxrss,
    })
}

/// The middle value; of an even number, the lower of the two in the middle.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values
        .get(values.len().saturating_sub(1) / 2)
        .copied()
        .unwrap_or(f64::NAN)
}
