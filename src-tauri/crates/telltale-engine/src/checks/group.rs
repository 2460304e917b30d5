//! A program as a process group of its own, within limits, of which nothing is left at the end.
//!
//! It gets no terminal, nothing to read and almost no environment: what this program was started with (a password, a token) is nobody
//! else's. Memory is bounded twice: each process by the system (`RLIMIT_DATA`), and all of them together by looking at what they hold.
//! A program that leaves its group on purpose leaves its limits; the owner's list says whom to trust that far.

use super::Problem;
use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process_group, prlimit};
use std::ffi::OsStr;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// Between two looks at the memory of a group.
const LOOK: Duration = Duration::from_millis(100);
/// What a program wrote is waited for so long after its end, and after that of all whom it left behind in its group: one that left the group
/// may hold the pipe open. At most 64 kB lie in a pipe then, which a computer under load takes a moment to read.
const LAST_WORDS: Duration = Duration::from_secs(3);
/// A process that was killed is waited for so long; the system ends it in any case.
const REAPED: Duration = Duration::from_secs(1);
/// Octets of what it says on standard error that are kept.
const COMPLAINTS: usize = 4_096;
/// Where programs look for programs.
const SEARCHED: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What a program may use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) until: Instant,
    pub(super) output_bytes: usize,
    /// Of all its processes together.
    pub(super) memory_bytes: u64,
}

/// What became of it.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) output: Vec<u8>,
    pub(super) complaints: Vec<u8>,
    pub(super) ended: Ended,
    pub(super) took: Duration,
    /// The most memory that all of its processes were seen to hold, octets.
    pub(super) memory_bytes: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Exit(i32),
    Signal(i32),
    /// It was broken off.
    TooLong,
    TooMuchOutput,
    TooMuchMemory,
}

/// The group. Whoever drops it ends every process of it.
struct Group {
    child: Child,
    leader: Option<Pid>,
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Group {
    fn kill(&mut self) {
        // An error says that nobody of the group is left.
        if let Some(leader) = self.leader.take() {
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}

pub(super) async fn run<A: AsRef<OsStr>>(program: &Path, args: &[A], bounds: Bounds) -> Result<Ran, Problem> {
    let began = Instant::now();
    let mut group = start(program, args, bounds)?;
    let mut output = Vec::new();
    let mut complaints = Vec::new();
    let (stdout, stderr) = (group.child.stdout.take(), group.child.stderr.take());
    let mut memory_bytes = 0;
    let ended = {
        let read = async {
            tokio::join!(
                first(stdout, &mut output, bounds.output_bytes, true),
                first(stderr, &mut complaints, COMPLAINTS, false),
            )
            .0
        };
        tokio::pin!(read);
        let mut is_read = false;
        let leader = group.leader;
        let watch = watch(leader, bounds.memory_bytes, &mut memory_bytes);
        tokio::pin!(watch);
        loop {
            tokio::select! {
                is_whole = &mut read, if !is_read => {
                    is_read = true;
                    if !is_whole {
                        break Ended::TooMuchOutput;
                    }
                }
                () = &mut watch => break Ended::TooMuchMemory,
                () = sleep_until(bounds.until) => break Ended::TooLong,
                status = group.child.wait() => {
                    // Who was left behind says nothing more, and holds the pipe no longer.
                    group.kill();
                    if !is_read && timeout(LAST_WORDS, &mut read).await.is_ok_and(|is_whole| !is_whole) {
                        break Ended::TooMuchOutput;
                    }
                    break status.map_or(Ended::Signal(0), of_status);
                }
            }
        }
    };
    group.kill();
    // Reaped, so that no dead process stays behind.
    let _ = timeout(REAPED, group.child.wait()).await;
    Ok(Ran {
        output,
        complaints,
        ended,
        took: began.elapsed(),
        memory_bytes,
    })
}

fn of_status(status: ExitStatus) -> Ended {
    match status.code() {
        Some(code) => Ended::Exit(code),
        None => Ended::Signal(status.signal().unwrap_or_default()),
    }
}

fn start<A: AsRef<OsStr>>(program: &Path, args: &[A], bounds: Bounds) -> Result<Group, Problem> {
    let mut command = Command::new(program);
    command
        .args(args)
        .env_clear()
        .env("PATH", SEARCHED)
        .env("LC_ALL", "C.UTF-8")
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    let child = command
        .spawn()
        .map_err(|e| Problem::Failed(format!("{} could not be started: {e}", program.display())))?;
    let id = child.id().and_then(|id| i32::try_from(id).ok());
    let group = Group {
        leader: id.and_then(Pid::from_raw),
        child,
    };
    let bound = |resource, most| {
        let most = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        // It fails where the program has ended already.
        let _ = prlimit(group.leader, resource, most);
    };
    if group.leader.is_some() {
        bound(Resource::Data, bounds.memory_bytes);
        bound(Resource::Core, 0);
    }
    Ok(group)
}

/// Reads to the end and keeps the first `most` octets; `false`: there were more, and (with `stops`) nothing more is read.
async fn first(from: Option<impl AsyncRead + Unpin>, kept: &mut Vec<u8>, most: usize, stops: bool) -> bool {
    let Some(mut from) = from else { return true };
    let mut piece = vec![0; 16 << 10];
    let mut is_whole = true;
    while let Ok(octets @ 1..) = from.read(&mut piece).await {
        let read = piece.get(..octets).unwrap_or_default();
        let fits = read.get(..most.saturating_sub(kept.len())).unwrap_or(read);
        kept.extend_from_slice(fits);
        is_whole &= fits.len() == read.len();
        if !is_whole && stops {
            break;
        }
    }
    is_whole
}

/// Comes back when the group holds more memory than it may.
async fn watch(leader: Option<Pid>, most: u64, peak: &mut u64) {
    let Some(leader) = leader else {
        return std::future::pending().await;
    };
    loop {
        sleep(LOOK).await;
        let held = tokio::task::spawn_blocking(move || held(leader))
            .await
            .unwrap_or_default();
        *peak = held.max(*peak);
        if held > most {
            return;
        }
    }
}

/// Octets of memory that the processes of a group hold together.
fn held(leader: Pid) -> u64 {
    let page = rustix::param::page_size() as u64;
    let of = |stat: String| -> Option<u64> {
        // The name of a program may hold spaces and brackets: what follows the last bracket is numbers (proc_pid_stat(5)).
        let (_, fields) = stat.rsplit_once(')')?;
        let mut fields = fields.split_ascii_whitespace();
        let group: i32 = fields.nth(2)?.parse().ok()?;
        let resident: u64 = fields.nth(18)?.parse().ok()?;
        (group == leader.as_raw_nonzero().get()).then_some(resident.saturating_mul(page))
    };
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return 0;
    };
    let processes = processes.flatten().filter(|entry| {
        let name = entry.file_name();
        name.as_encoded_bytes().iter().all(u8::is_ascii_digit)
    });
    processes
        .filter_map(|entry| of(std::fs::read_to_string(entry.path().join("stat")).ok()?))
        .fold(0, u64::saturating_add)
}
