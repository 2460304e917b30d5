//! `telltale-capd`: packets of one device -> pcapng on stdout. The only program of Telltale with a privilege (`cap_net_raw`), so it does
//! nothing else: it looks into no packet, opens no path that it is given, and speaks to nobody.
//!
//! ```text
//! telltale-capd --device NAME [--snap-len N] [--promiscuous] [--filter EXPR]
//! ```
//!
//! The order is what keeps it safe: (1) the environment is forgotten; (2) the arguments are checked; (3) the device is opened, the
//! one act that needs the privilege; (4) every privilege is given up, and looked for again; (5) only then libpcap compiles the filter,
//! which is a text of the caller, and the first packet is read. It stops when its stdin closes, when nobody reads its stdout, and with
//! the thread that started it. How it ends is an exit code and one line of JSON on stderr: [`telltale_capture::Ending`].
//! `SECURITY.md` of this crate lists what it promises and the tests that hold it to that.

mod arguments;
mod open;
mod privileges;
mod stream;

use std::process::ExitCode;
use telltale_capture::Ending;

/// Why it ends, and one sentence for people.
struct End(Ending, String);

impl End {
    fn new(ending: Ending, message: impl Into<String>) -> Self {
        Self(ending, message.into())
    }
}

#[allow(clippy::print_stderr, reason = "the one line that says how it ended")]
fn main() -> ExitCode {
    forget_environment();
    let End(ending, message) = match run() {
        Ok(end) | Err(end) => end,
    };
    eprintln!("{}", ending.line(&message));
    ExitCode::from(ending.code())
}

fn run() -> Result<End, End> {
    let request = arguments::read(std::env::args_os().skip(1))?;
    let output = stream::output()?;
    privileges::there()?;
    let device = open::device(&request)?;
    privileges::give_up()?;
    privileges::left()?;
    let mut device = device.filtered(request.filter.as_deref())?;
    stream::run(&mut device, &request, output)
}

/// Nothing that runs later (libpcap, and what it links) finds a variable of the caller.
#[allow(
    unsafe_code,
    reason = "changing the environment is only safe while there is one thread; this is the first thing that the only one does"
)]
fn forget_environment() {
    let names: Vec<_> = std::env::vars_os().map(|(name, _)| name).collect();
    for name in names {
        // SAFETY: no other thread exists; this program never starts one.
        unsafe { std::env::remove_var(name) };
    }
}
