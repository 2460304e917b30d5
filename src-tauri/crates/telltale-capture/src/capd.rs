//! The client of `telltale-capd`: starts it, hands out what it writes, stops it and says how it ended.
//!
//! Called by the engine. Never here: a privilege, and what the packets say.

use crate::ending::{Ending, message_of};
use crate::rights::program;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// How long it may take to open the device and to begin to write; a loaded machine takes tenths of a second.
const START: Duration = Duration::from_secs(10);
/// How long it may take to end after its stdin was closed; then it is killed.
const END: Duration = Duration::from_secs(10);
/// What is kept of its stderr, in octets: it says one line.
const MAX_SAID: u64 = 16 << 10;

/// What to capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapdRequest {
    /// The device's name.
    pub device: String,
    /// The most octets kept of a packet; `None` for the whole packet (262,144).
    pub snap_len: Option<u32>,
    /// Whether packets for other computers are taken as well.
    pub promiscuous: bool,
    /// A filter expression, checked before by [`crate::check_filter`]; `None` or empty for everything.
    pub filter: Option<String>,
}

impl CapdRequest {
    fn arguments(&self) -> Vec<String> {
        let mut arguments = vec!["--device".to_owned(), self.device.clone()];
        if let Some(snap_len) = self.snap_len {
            arguments.extend(["--snap-len".to_owned(), snap_len.to_string()]);
        }
        if self.promiscuous {
            arguments.push("--promiscuous".to_owned());
        }
        if let Some(filter) = self.filter.as_ref().filter(|f| !f.trim().is_empty()) {
            arguments.extend(["--filter".to_owned(), filter.clone()]);
        }
        arguments
    }
}

/// It did not come to a capture.
#[derive(Debug, thiserror::Error)]
pub enum CapdError {
    /// `telltale-capd` is not installed.
    #[error("the capture program telltale-capd is not there")]
    NoProgram,
    /// The system could not start it.
    #[error("the capture program cannot be started: {0}")]
    Start(#[source] io::Error),
    /// It ended before its first octet: no rights, no device, a bad filter.
    #[error("the capture did not begin: {0}")]
    Ended(CapdEnd),
}

/// How a capture ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CapdEnd {
    /// It was asked to; everything captured was written.
    #[error("it was stopped")]
    Stopped,
    /// The device is not there, is down, or went.
    #[error("the device is gone")]
    DeviceGone,
    /// The program lacks its right; see [`crate::rights`].
    #[error("the capture program has no right to capture")]
    NoRights,
    /// libpcap does not take the filter; the text is libpcap's.
    #[error("the filter is not valid: {0}")]
    BadFilter(String),
    /// Something else; the text says what.
    #[error("{0}")]
    Failed(String),
    /// It was killed from outside, or did not end in time.
    #[error("it was killed")]
    Killed,
}

/// What the program writes: pcapng, to be read by [`crate::CaptureFile::from_reader`]. Ends when the program ends.
#[derive(Debug)]
pub struct CapdOutput {
    stdout: ChildStdout,
    beat: Option<Timespec>,
}

impl CapdOutput {
    /// From now on a read waits for so long at most and then fails with [`io::ErrorKind::TimedOut`], which is no end: whoever reads
    /// may have something else to do.
    pub fn set_beat(&mut self, beat: Duration) {
        self.beat = Timespec::try_from(beat).ok();
    }
}

impl Read for CapdOutput {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if let Some(beat) = &self.beat {
            let mut fds = [PollFd::new(&self.stdout, PollFlags::IN)];
            if poll(&mut fds, Some(beat))? == 0 {
                return Err(io::ErrorKind::TimedOut.into());
            }
        }
        self.stdout.read(into)
    }
}

/// A running capture. Dropped, it stops.
#[derive(Debug)]
pub struct Capd {
    stdin: Option<ChildStdin>,
    process: OwnedFd,
    end: Receiver<CapdEnd>,
}

/// What the keeper hands over once the program runs.
type Started = (ChildStdin, ChildStdout, OwnedFd);

impl Capd {
    /// Starts the program found by [`crate::rights`] and waits until it captures (it drops its privileges before) or says why not.
    pub fn spawn(request: &CapdRequest) -> Result<(CapdOutput, Self), CapdError> {
        Self::spawn_program(&program().ok_or(CapdError::NoProgram)?, request)
    }

    /// As [`Self::spawn`], with the program at `path`.
    pub fn spawn_program(path: &Path, request: &CapdRequest) -> Result<(CapdOutput, Self), CapdError> {
        let mut command = Command::new(path);
        command.args(request.arguments()).env_clear();
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let (start, started) = sync_channel(1);
        let (ended, end) = sync_channel(1);
        // The program dies with the thread that started it, so that thread stays until the program has ended.
        thread::Builder::new()
            .name("capd".to_owned())
            .spawn(move || keep(command, &start, &ended))
            .map_err(CapdError::Start)?;
        let (stdin, stdout, process) = match started.recv() {
            Ok(Ok(started)) => started,
            Ok(Err(e)) if e.kind() == io::ErrorKind::NotFound => return Err(CapdError::NoProgram),
            Ok(Err(e)) => return Err(CapdError::Start(e)),
            Err(_) => return Err(CapdError::Start(io::Error::other("its thread ended"))),
        };
        let capd = Self {
            stdin: Some(stdin),
            process,
            end,
        };
        if begins(&stdout) {
            Ok((CapdOutput { stdout, beat: None }, capd))
        } else {
            drop(stdout);
            Err(CapdError::Ended(capd.wait()))
        }
    }

    /// Asks it to stop: it writes what was captured so far and its last statistics, then the output ends. May be called again.
    pub fn stop(&mut self) {
        self.stdin = None;
    }

    /// How it ended. Read the output to its end, or drop it, before; a program that is not done within ten seconds is killed.
    pub fn wait(mut self) -> CapdEnd {
        self.stop();
        match self.end.recv_timeout(END) {
            Ok(end) => end,
            Err(RecvTimeoutError::Timeout) => {
                // A process file descriptor: never another process that has the number by now.
                if pidfd_send_signal(&self.process, Signal::KILL).is_ok() {
                    self.end.recv().ok();
                }
                CapdEnd::Killed
            }
            Err(RecvTimeoutError::Disconnected) => CapdEnd::Failed("its thread ended".to_owned()),
        }
    }
}

/// The keeper's life: starts the program, hears what it says, waits for its end.
fn keep(mut command: Command, start: &SyncSender<io::Result<Started>>, ended: &SyncSender<CapdEnd>) {
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(e) => {
            start.send(Err(e)).ok();
            return;
        }
    };
    let process = Pid::from_raw(child.id().cast_signed())
        .ok_or(rustix::io::Errno::SRCH)
        .and_then(|pid| pidfd_open(pid, PidfdFlags::empty()));
    let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take(), process);
    let (Some(stdin), Some(stdout), Some(stderr), Ok(process)) = pipes else {
        // Its stdin is closed by now, so it ends by itself.
        child.wait().ok();
        start.send(Err(io::Error::other("it has no pipes"))).ok();
        return;
    };
    start.send(Ok((stdin, stdout, process))).ok();
    let said = hear(stderr);
    let end = match child.wait() {
        Ok(status) => end_of(status, &said),
        Err(e) => CapdEnd::Failed(e.to_string()),
    };
    ended.send(end).ok();
}

/// Everything it says until it ends, as far as it is kept.
fn hear(mut stderr: ChildStderr) -> String {
    let mut said = Vec::new();
    stderr.by_ref().take(MAX_SAID).read_to_end(&mut said).ok();
    io::copy(&mut stderr, &mut io::sink()).ok();
    String::from_utf8_lossy(&said).into_owned()
}

/// Whether there is a first octet; `false` when it ended, or is not there in time.
fn begins(stdout: &ChildStdout) -> bool {
    let mut fds = [PollFd::new(stdout, PollFlags::IN)];
    let timeout = Timespec::try_from(START).ok();
    loop {
        match poll(&mut fds, timeout.as_ref()) {
            Err(rustix::io::Errno::INTR) => {}
            Ok(1..) => return fds[0].revents().contains(PollFlags::IN),
            Ok(0) | Err(_) => return false,
        }
    }
}

fn end_of(status: ExitStatus, said: &str) -> CapdEnd {
    if status.signal().is_some() {
        return CapdEnd::Killed;
    }
    let message = message_of(said.lines().last().unwrap_or_default());
    match status.code().and_then(Ending::of_code) {
        Some(Ending::Stopped) => CapdEnd::Stopped,
        Some(Ending::DeviceGone) => CapdEnd::DeviceGone,
        Some(Ending::NoRights) => CapdEnd::NoRights,
        Some(Ending::BadFilter) => CapdEnd::BadFilter(message),
        Some(Ending::Usage | Ending::Failed | Ending::Privilege) | None if !message.is_empty() => {
            CapdEnd::Failed(message)
        }
        _ => CapdEnd::Failed(format!("it ended with {status}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::pretend;
    use std::time::Instant;

    fn request() -> CapdRequest {
        CapdRequest {
            device: "wlan0".to_owned(),
            snap_len: Some(96),
            promiscuous: true,
            filter: Some("host 10.0.0.1".to_owned()),
        }
    }

    #[test]
    fn the_request_becomes_arguments() {
        let (_folder, path) = pretend("printf '%s|' \"$@\"; cat >/dev/null");
        let (mut output, mut capd) = Capd::spawn_program(&path, &request()).expect("begins");
        capd.stop();
        let mut text = String::new();
        output.read_to_string(&mut text).expect("text");
        assert_eq!(
            text,
            "--device|wlan0|--snap-len|96|--promiscuous|--filter|host 10.0.0.1|"
        );
        assert_eq!(capd.wait(), CapdEnd::Stopped);
    }

    #[test]
    fn each_end_is_told_apart() {
        let ends = [
            (3, CapdEnd::NoRights),
            (4, CapdEnd::DeviceGone),
            (5, CapdEnd::BadFilter("why".to_owned())),
            (6, CapdEnd::Failed("why".to_owned())),
            (101, CapdEnd::Failed("why".to_owned())),
        ];
        for (code, wanted) in ends {
            let (_folder, path) = pretend(&format!(
                "echo '{{\"code\":\"x\",\"message\":\"why\"}}' >&2; exit {code}"
            ));
            match Capd::spawn_program(&path, &request()) {
                Err(CapdError::Ended(end)) => assert_eq!(end, wanted),
                other => panic!("{code}: {other:?}"),
            }
        }
        let (_folder, path) = pretend("kill -9 $$");
        assert!(matches!(
            Capd::spawn_program(&path, &request()),
            Err(CapdError::Ended(CapdEnd::Killed))
        ));
        let nowhere = Path::new("/nowhere/telltale-capd");
        assert!(matches!(
            Capd::spawn_program(nowhere, &request()),
            Err(CapdError::NoProgram)
        ));
    }

    #[test]
    fn a_program_that_says_too_much_neither_hangs_nor_fills_the_memory() {
        let (_folder, path) = pretend("head -c 3000000 /dev/zero >&2; echo >&2; exit 6");
        let Err(CapdError::Ended(CapdEnd::Failed(text))) = Capd::spawn_program(&path, &request()) else {
            panic!("it fails");
        };
        assert!(text.len() <= 500, "{}", text.len());
    }

    #[test]
    fn silence_is_no_end() {
        let (_folder, path) = pretend("printf x; read line; printf y");
        let (mut output, mut capd) = Capd::spawn_program(&path, &request()).expect("begins");
        output.set_beat(Duration::from_millis(20));
        let mut octet = [0];
        assert_eq!(output.read(&mut octet).expect("the first octet"), 1);
        let quiet = output.read(&mut octet).expect_err("nothing comes");
        assert_eq!(quiet.kind(), io::ErrorKind::TimedOut);
        capd.stop();
        let mut rest = String::new();
        while let Err(e) = output.read_to_string(&mut rest) {
            assert_eq!(e.kind(), io::ErrorKind::TimedOut);
        }
        assert_eq!(rest, "y");
        assert_eq!(capd.wait(), CapdEnd::Stopped);
    }

    #[test]
    fn a_program_that_does_not_end_is_killed() {
        let (_folder, path) = pretend("echo x; exec sleep 100");
        let (output, capd) = Capd::spawn_program(&path, &request()).expect("begins");
        drop(output);
        let began = Instant::now();
        assert_eq!(capd.wait(), CapdEnd::Killed);
        assert!(began.elapsed() < END + Duration::from_secs(5));
    }
}
