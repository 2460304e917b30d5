//! `telltale-capd` as it is installed: with its one capability, run by an ordinary user, in network namespaces of its own; and by root.
//!
//! Needs root, `ip` (iproute2), `setcap` (libcap2-bin), `setpriv` (util-linux) and `strace`. Without them each test says so and is skipped, but
//! fails where `CI` is `true`. What each proves is listed in `SECURITY.md`.
#![allow(missing_docs)]

use rustix::thread::{set_no_new_privs, set_thread_res_gid, set_thread_res_uid};
use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::UdpSocket;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use telltale_capture::{
    Capd, CapdEnd, CapdError, CapdRequest, CaptureFile, Ending, Hindrance, Item, Rights, rights_of,
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_telltale-capd");
/// What a test sends goes to this port.
const PORT: u16 = 9_009;
const ONLY_OURS: &str = "udp dst port 9009";

/// Two namespaces with a cable between them, and the program in both dresses. Gone when dropped.
struct Lab {
    here: String,
    there: String,
    device: String,
    folder: tempfile::TempDir,
}

/// Says why a test is skipped, and fails under CI.
fn lab() -> Option<Lab> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let lacks = if rustix::process::geteuid().is_root() {
        ["ip", "setcap", "setpriv", "strace"]
            .into_iter()
            .find(|tool| Command::new(tool).arg("--help").output().is_err())
    } else {
        Some("root")
    };
    if let Some(lacks) = lacks {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "this test needs {lacks}");
        eprintln!("skipped: this test needs {lacks}");
        return None;
    }
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let tag = format!("{}x{number}", std::process::id());
    let (here, there, device) = (format!("kcap-{tag}a"), format!("kcap-{tag}b"), "kcap0".to_owned());
    let folder = tempfile::tempdir().expect("a folder");
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("open to all");
    for dress in ["plain", "able"] {
        let to = folder.path().join(dress);
        run(Command::new("install").args(["-m", "755", PROGRAM]).arg(to));
    }
    run(Command::new("setcap")
        .arg("cap_net_raw+ep")
        .arg(folder.path().join("able")));
    let lab = Lab {
        here,
        there,
        device,
        folder,
    };
    for namespace in [&lab.here, &lab.there] {
        lab.ip(&["netns", "add", namespace]);
    }
    let (here, there) = (lab.here.as_str(), lab.there.as_str());
    lab.ip(&[
        "link", "add", "kcap0", "netns", here, "type", "veth", "peer", "name", "kcap1", "netns", there,
    ]);
    for (namespace, device, address) in [(here, "kcap0", "10.77.0.1/24"), (there, "kcap1", "10.77.0.2/24")] {
        lab.ip(&["-n", namespace, "addr", "add", address, "dev", device]);
        lab.ip(&["-n", namespace, "link", "set", device, "up"]);
    }
    lab.warm_up();
    Some(lab)
}

fn run(command: &mut Command) {
    let output = command.output().expect("it runs");
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum As {
    Root,
    /// An ordinary user, with the program that has its capability.
    User,
    /// An ordinary user, with a copy that has none.
    Unable,
}

impl Lab {
    fn ip(&self, arguments: &[&str]) {
        let _ = self;
        run(Command::new("ip").args(arguments));
    }

    fn able(&self) -> PathBuf {
        self.folder.path().join("able")
    }

    fn plain(&self) -> PathBuf {
        self.folder.path().join("plain")
    }

    /// The program in the first namespace. `ip` and `setpriv` put another program in their place, so its parent is this test.
    fn command(&self, who: As) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.here]);
        if who != As::Root {
            command.args(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]);
        }
        command.arg(if who == As::User { self.able() } else { self.plain() });
        command
    }

    fn capture(&self, who: As, filter: &str) -> Running {
        let mut command = self.command(who);
        command.args(["--device", &self.device]);
        if !filter.is_empty() {
            command.args(["--filter", filter]);
        }
        Running::start(&mut command)
    }

    /// The same program for [`Capd::spawn_program`], which knows no namespaces.
    fn script(&self, name: &str, who: As) -> PathBuf {
        let words: Vec<_> = self
            .command(who)
            .get_args()
            .map(|a| a.to_string_lossy().into_owned())
            .collect();
        let path = self.folder.path().join(name);
        let mut install = Command::new("install");
        install
            .args(["-m", "755", "/dev/stdin"])
            .arg(&path)
            .stdin(Stdio::piped());
        let mut child = install.spawn().expect("install runs");
        let mut stdin = child.stdin.take().expect("a pipe");
        writeln!(stdin, "#!/bin/sh\nexec ip {} \"$@\"", words.join(" ")).expect("written");
        drop(stdin);
        assert!(child.wait().expect("install ends").success());
        path
    }

    /// A socket in a namespace, at this address.
    fn socket(namespace: &str, at: &'static str) -> UdpSocket {
        let path = format!("/run/netns/{namespace}");
        let socket = thread::spawn(move || {
            let namespace = fs::File::open(path).expect("the namespace");
            let kind = Some(rustix::thread::LinkNameSpaceType::Network);
            rustix::thread::move_into_link_name_space(std::os::fd::AsFd::as_fd(&namespace), kind).expect("entered");
            UdpSocket::bind(at).expect("bound")
        });
        socket.join().expect("a socket")
    }

    /// A socket in the first namespace that sends to the second.
    fn sender(&self, port: u16) -> UdpSocket {
        let socket = Self::socket(&self.here, "10.77.0.1:0");
        socket.connect(("10.77.0.2", port)).expect("connected");
        socket
    }

    /// The first packets of a new cable may be lost: waits until one arrives.
    fn warm_up(&self) {
        let (from, to) = (self.sender(PORT), Self::socket(&self.there, "10.77.0.2:9009"));
        to.set_read_timeout(Some(Duration::from_millis(50))).expect("set");
        let arrives = || from.send(&[0]).is_ok() && to.recv(&mut [0; 8]).is_ok();
        assert!((0..200).any(|_| arrives()), "the cable works");
    }

    /// Sends so many datagrams of so many octets; those that the other side refuses are sent all the same.
    fn send(&self, count: u32, octets: usize) {
        let (socket, data) = (self.sender(PORT), vec![7; octets]);
        let mut sent = 0;
        while sent < count {
            // An error is the answer to an earlier one: nobody listens there.
            sent += u32::from(socket.send(&data).is_ok());
        }
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        for namespace in [&self.here, &self.there] {
            Command::new("ip").args(["netns", "del", namespace]).output().ok();
            fs::remove_dir_all(format!("/etc/netns/{namespace}")).ok();
        }
    }
}

/// The program, started; killed when dropped.
struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
}

impl Running {
    /// Starts it and waits until it captures.
    fn start(command: &mut Command) -> Self {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let stdin = child.stdin.take();
        let running = Self { child, stdin };
        let stdout = running.child.stdout.as_ref().expect("a pipe");
        let mut fds = [rustix::event::PollFd::new(stdout, rustix::event::PollFlags::IN)];
        let limit = rustix::event::Timespec::try_from(Duration::from_secs(20)).expect("a time");
        rustix::event::poll(&mut fds, Some(&limit)).expect("polled");
        running
    }

    fn status(&self) -> String {
        fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it runs")
    }

    /// Waits for its end, at most twenty seconds.
    fn ended(&mut self) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("waited") {
                return status;
            }
            assert!(began.elapsed() < Duration::from_secs(20), "it does not end");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Asks it to stop and reads everything.
    fn stop(mut self) -> (Seen, ExitStatus, String) {
        let stdout = self.child.stdout.take().expect("a pipe");
        let reader = thread::spawn(move || Seen::of(stdout));
        drop(self.stdin.take());
        let seen = reader.join().expect("read");
        let status = self.ended();
        let mut said = String::new();
        self.child
            .stderr
            .take()
            .expect("a pipe")
            .read_to_string(&mut said)
            .expect("text");
        (seen, status, said)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// What a capture held.
#[derive(Debug, Default)]
struct Seen {
    packets: u64,
    lost: u64,
    statistics: u32,
    interface: Option<(u16, String)>,
}

impl Seen {
    fn of(output: impl Read + Send + 'static) -> Self {
        let mut seen = Self::default();
        let mut file = CaptureFile::from_reader(output, 0).expect("pcapng");
        assert_eq!(file.format(), "pcapng");
        while let Some(item) = file.next_item().expect("whole to the end") {
            match item {
                Item::Packet(_) => seen.packets += 1,
                Item::Drops { by_system, .. } => {
                    assert!(by_system >= seen.lost, "the count of losses goes back");
                    seen.lost = by_system;
                    seen.statistics += 1;
                }
                Item::Interface { link_type, name } => {
                    seen.interface = Some((
                        link_type,
                        String::from_utf8_lossy(name.unwrap_or_default()).into_owned(),
                    ));
                }
                Item::App { .. } => panic!("it knows no apps"),
            }
        }
        seen
    }
}

fn code_of(output: &Output) -> (i32, String) {
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    (output.status.code().expect("no signal"), said)
}

fn exits(ending: Ending) -> i32 {
    i32::from(ending.code())
}

fn request(device: &str) -> CapdRequest {
    CapdRequest {
        device: device.to_owned(),
        snap_len: None,
        promiscuous: false,
        filter: Some(ONLY_OURS.to_owned()),
    }
}

#[test]
fn an_ordinary_user_captures_every_packet() {
    let Some(lab) = lab() else { return };
    for (who, filter) in [(As::User, ONLY_OURS), (As::Root, ONLY_OURS), (As::User, "")] {
        let running = lab.capture(who, filter);
        lab.send(1_000, 100);
        let (seen, status, said) = running.stop();
        assert_eq!(status.code(), Some(0), "{said}");
        assert_eq!(seen.interface, Some((1, "kcap0".to_owned())));
        assert_eq!(seen.lost, 0);
        assert!(seen.statistics >= 1);
        if filter.is_empty() {
            assert!(seen.packets >= 1_000, "{seen:?}");
        } else {
            assert_eq!(seen.packets, 1_000, "{who:?}");
        }
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.contains("\"code\":\"stopped\""), "{said}");
    }
}

#[test]
fn no_privilege_is_left_while_it_reads() {
    let Some(lab) = lab() else { return };
    for who in [As::User, As::Root] {
        let running = lab.capture(who, ONLY_OURS);
        let status = running.status();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(&format!("{name}:")));
            line.unwrap_or_else(|| panic!("{name} in {status}"))
                .split_whitespace()
                .collect::<Vec<_>>()
        };
        for set in ["CapInh", "CapPrm", "CapEff", "CapAmb"] {
            assert_eq!(field(set), ["0000000000000000"], "{who:?} {set}");
        }
        if who == As::Root {
            assert_eq!(field("CapBnd"), ["0000000000000000"]);
        }
        for ids in ["Uid", "Gid"] {
            assert_eq!(field(ids), ["65534"; 4], "{who:?} {ids}");
        }
        assert!(field("Groups").is_empty(), "{who:?}");
        // What may be traced by its user belongs to its user.
        let owner = fs::metadata(format!("/proc/{}/mem", running.child.id())).expect("it runs");
        assert_eq!(std::os::unix::fs::MetadataExt::uid(&owner), 0, "{who:?}");
        assert_eq!(
            (field("NoNewPrivs"), field("Threads")),
            (vec!["1"], vec!["1"]),
            "{who:?}"
        );
        let limits = fs::read_to_string(format!("/proc/{}/limits", running.child.id())).expect("limits");
        let limit = |name: &str| {
            let line = limits
                .lines()
                .find_map(|line| line.strip_prefix(name))
                .expect("a limit");
            line.split_whitespace().next().map(str::to_owned)
        };
        let few = [
            ("Max processes", "0"),
            ("Max core file size", "0"),
            ("Max open files", "16"),
            ("Max file size", "65536"),
        ];
        for (name, most) in few {
            assert_eq!(limit(name).as_deref(), Some(most), "{who:?} {name}");
        }
    }
}

#[test]
fn everything_but_its_arguments_is_refused() {
    let Some(lab) = lab() else { return };
    let victim = lab.folder.path().join("victim");
    let path = victim.to_str().expect("text");
    let usage: &[&[&str]] = &[
        &[],
        &["kcap0"],
        &["--help"],
        &["--device"],
        &["--device=kcap0"],
        &["--device", "any"],
        &["--device", "usbmon0"],
        &["--device", "nflog"],
        &["--device", "dbus-system"],
        &["--device", "bluetooth0"],
        &["--device", path],
        &["--device", "/etc/passwd"],
        &["--device", "../../etc/passwd"],
        &["--device", "kcap0", "-w", path],
        &["--device", "kcap0", "--write", path],
        &["--device", "kcap0", path],
        &["--device", "kcap0", "--snap-len", "1000000"],
        &["--device", "kcap0", "--snap-len", "-1"],
        &["--device", "kcap0", "--device", "kcap0"],
    ];
    let filters = [
        "host example.org",
        "src printer",
        "host 1.2.3.4.5",
        "gateway fritz",
        "net home",
        "tcp port",
        "tcp[",
        "ip and ip6",
        "\u{1b}[31m",
    ];
    for who in [As::User, As::Root] {
        for arguments in usage {
            let output = lab
                .command(who)
                .args(*arguments)
                .stdin(Stdio::piped())
                .output()
                .expect("it runs");
            let (code, said) = code_of(&output);
            assert_eq!(code, exits(Ending::Usage), "{arguments:?}: {said}");
            assert!(
                output.stdout.is_empty() && said.starts_with("{\"code\":\"usage\""),
                "{said}"
            );
        }
        for filter in filters.into_iter().chain([&*"tcp or ".repeat(1_000)]) {
            let output = lab
                .command(who)
                .args(["--device", "kcap0", "--filter", filter])
                .output()
                .expect("it runs");
            let (code, said) = code_of(&output);
            assert_eq!(code, exits(Ending::BadFilter), "{filter:?}: {said}");
            assert!(output.stdout.is_empty() && !said.contains(char::is_control), "{said:?}");
        }
        let output = lab.command(who).args(["--device", "kcap9"]).output().expect("it runs");
        assert_eq!(code_of(&output).0, exits(Ending::DeviceGone));
        // A file is no place for packets either.
        let file = fs::File::create(&victim).expect("a file");
        let status = lab
            .command(who)
            .args(["--device", "kcap0"])
            .stdout(file)
            .stderr(Stdio::null())
            .status();
        assert_eq!(status.expect("it runs").code(), Some(exits(Ending::Usage)));
        assert_eq!(fs::metadata(&victim).expect("it is there").len(), 0);
    }
}

#[test]
fn tricks_with_the_environment_have_no_effect() {
    let Some(lab) = lab() else { return };
    // A libpcap that is none: who loads it ends at once.
    let fake = lab.folder.path().join("libpcap.so.0.8");
    fs::write(&fake, "this is no library").expect("written");
    let tricks = |command: &mut Command| {
        command
            .env("LD_LIBRARY_PATH", lab.folder.path())
            .env("LD_PRELOAD", &fake)
            .env("LD_DEBUG", "libs")
            .env("LD_AUDIT", &fake)
            .env("HOSTALIASES", "/etc/passwd")
            .env("RES_OPTIONS", "debug")
            .env("PCAP_BUFSIZE", "1")
            .env("RUST_BACKTRACE", "full");
    };
    // `env` sets them behind `ip` and `setpriv`, which would fall for them.
    let with_tricks = |who: As| {
        let mut shown = Command::new("env");
        tricks(&mut shown);
        let words: Vec<_> = shown
            .get_envs()
            .filter_map(|(k, v)| Some((k.to_owned(), v?.to_owned())))
            .collect();
        let plain = lab.command(who);
        let mut arguments: Vec<_> = plain.get_args().map(ToOwned::to_owned).collect();
        let program = arguments.pop().expect("the program");
        let mut command = Command::new("ip");
        command.args(arguments).arg("env");
        for (name, value) in words {
            let mut word = name;
            word.push("=");
            word.push(value);
            command.arg(word);
        }
        command.arg(program).args(["--device", "kcap0", "--filter", ONLY_OURS]);
        command
    };
    // They do work on a program without a privilege; this one would also lack its right.
    let fooled = with_tricks(As::Unable).output().expect("it runs");
    let (code, said) = code_of(&fooled);
    assert!(
        code != exits(Ending::NoRights) && said.contains("libpcap"),
        "{code:?} {said}"
    );

    let running = Running::start(&mut with_tricks(As::User));
    let maps = fs::read_to_string(format!("/proc/{}/maps", running.child.id())).expect("maps");
    assert!(maps.contains("libpcap.so") && !maps.contains(lab.folder.path().join("lib").to_str().expect("text")));
    lab.send(10, 10);
    let (seen, status, said) = running.stop();
    assert_eq!(
        (seen.packets, status.code(), said.lines().count()),
        (10, Some(0), 1),
        "{said}"
    );
}

#[test]
fn without_its_capability_it_says_so() {
    let Some(lab) = lab() else { return };
    let unable = lab
        .command(As::Unable)
        .args(["--device", "kcap0"])
        .output()
        .expect("it runs");
    assert_eq!(code_of(&unable).0, exits(Ending::NoRights));
    let ended = Capd::spawn_program(&lab.script("unable", As::Unable), &request("kcap0"));
    assert!(matches!(ended, Err(CapdError::Ended(CapdEnd::NoRights))), "{ended:?}");
    // Under no_new_privs a capability counts for nothing. (The first `setpriv` still holds root's until it starts the second.)
    let mut command = Command::new("ip");
    command.args([
        "netns",
        "exec",
        &lab.here,
        "setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        "setpriv",
        "--no-new-privs",
    ]);
    let bound = command
        .arg(lab.able())
        .args(["--device", "kcap0"])
        .output()
        .expect("it runs");
    assert_eq!(code_of(&bound).0, exits(Ending::NoRights));
}

/// Runs `question` in a thread that is nobody.
fn as_nobody<T: Send>(question: impl FnOnce() -> T + Send) -> T {
    let nobody = || {
        let (uid, gid) = (rustix::fs::Uid::from_raw(65_534), rustix::fs::Gid::from_raw(65_534));
        rustix::thread::set_thread_groups(&[]).expect("no groups");
        set_thread_res_gid(gid, gid, gid).expect("another group");
        set_thread_res_uid(uid, uid, uid).expect("another user");
        question()
    };
    thread::scope(|scope| scope.spawn(nobody).join().expect("an answer"))
}

#[test]
fn its_rights_are_known_before() {
    let Some(lab) = lab() else { return };
    let (plain, able) = (lab.plain(), lab.able());
    assert_eq!(rights_of(&plain), Rights::Ready, "root needs no capability of the file");
    assert_eq!(rights_of(Path::new("/nowhere")), Rights::NoProgram);
    assert_eq!(as_nobody(|| rights_of(&able)), Rights::Ready);
    assert_eq!(
        as_nobody(|| rights_of(&plain)),
        Rights::Missing { program: plain.clone() }
    );
    let bound = as_nobody(|| {
        set_no_new_privs(true).expect("set");
        rights_of(&able)
    });
    let cannot = |why| Rights::CannotHere { why };
    assert_eq!(bound, cannot(Hindrance::NoNewPrivileges));
    let contained = thread::scope(|scope| {
        let question = || {
            rustix::thread::remove_capability_from_bounding_set(rustix::thread::CapabilitySet::NET_RAW)
                .expect("removed");
            rights_of(&able)
        };
        scope.spawn(question).join().expect("an answer")
    });
    assert_eq!(contained, cannot(Hindrance::NotInBoundingSet));
    // Another capability, or one that is not effective, is not enough.
    for other in ["cap_net_admin+ep", "cap_net_raw+p"] {
        run(Command::new("setcap").arg(other).arg(&plain));
        assert_eq!(
            as_nobody(|| rights_of(&plain)),
            Rights::Missing { program: plain.clone() },
            "{other}"
        );
    }
    fs::set_permissions(&able, Permissions::from_mode(0o750)).expect("closed");
    assert_eq!(
        as_nobody(|| rights_of(&able)),
        cannot(Hindrance::NotInGroup("root".to_owned()))
    );
}

#[test]
fn a_file_system_that_is_mounted_nosuid_is_told() {
    let Some(lab) = lab() else { return };
    let mount = lab.folder.path().join("mount");
    fs::create_dir(&mount).expect("made");
    run(Command::new("mount")
        .args(["-t", "tmpfs", "-o", "nosuid", "kcap"])
        .arg(&mount));
    let program = mount.join("telltale-capd");
    run(Command::new("install").args(["-m", "755", PROGRAM]).arg(&program));
    let rights = as_nobody(|| rights_of(&program));
    run(Command::new("umount").arg(&mount));
    let why = Hindrance::NoSuidMount(program);
    assert_eq!(rights, Rights::CannotHere { why });
}

#[test]
fn it_stops_when_its_stdin_closes_and_when_nobody_reads() {
    let Some(lab) = lab() else { return };
    for who in [As::User, As::Root] {
        let began = Instant::now();
        let (_, status, said) = lab.capture(who, "").stop();
        assert_eq!(status.code(), Some(0), "{said}");
        assert!(began.elapsed() < Duration::from_secs(10));

        let mut running = lab.capture(who, "");
        drop(running.child.stdout.take());
        assert_eq!(running.ended().code(), Some(0), "nobody reads");
        // What is written to its stdin means nothing.
        let mut running = lab.capture(who, ONLY_OURS);
        running
            .stdin
            .as_mut()
            .expect("a pipe")
            .write_all(b"stop\n--device any\n")
            .expect("written");
        thread::sleep(Duration::from_millis(200));
        lab.send(5, 10);
        assert_eq!(running.stop().0.packets, 5);
    }
}

#[test]
fn it_dies_with_its_parent() {
    let Some(lab) = lab() else { return };
    for who in [As::User, As::Root] {
        // The parent is a shell of the same user; stdin and stdout are held open here, so that only its death can tell.
        let words: Vec<_> = lab
            .command(who)
            .get_args()
            .map(|a| a.to_string_lossy().into_owned())
            .collect();
        let (program, before) = words.split_last().expect("words");
        let mut command = Command::new("ip");
        let script = format!("{program} --device kcap0 & echo $! >&2; wait");
        // A shell gives /dev/null to what it starts in the background: a copy of its own stdin is asked for.
        let script = script.replace(" &", " <&3 &");
        command.args(before).args(["sh", "-c", &format!("exec 3<&0; {script}")]);
        let mut running = Running::start(&mut command);
        let mut line = String::new();
        let mut stderr = BufReader::new(running.child.stderr.take().expect("a pipe"));
        stderr.read_line(&mut line).expect("a number");
        let number: u32 = line.trim().parse().expect("a number");
        let alive = || fs::read_to_string(format!("/proc/{number}/comm")).is_ok();
        assert!(alive() && number != running.child.id());
        running.child.kill().expect("killed");
        running.child.wait().expect("ended");
        let began = Instant::now();
        while alive() {
            assert!(
                began.elapsed() < Duration::from_secs(10),
                "{who:?}: it outlives its parent"
            );
            thread::sleep(Duration::from_millis(5));
        }
    }
}

#[test]
fn a_device_that_goes_is_told_with_everything_seen_before() {
    let Some(lab) = lab() else { return };
    for (ways, filter) in [
        (["link", "del", "kcap0"].as_slice(), ONLY_OURS),
        (&["link", "set", "kcap0", "down"], ""),
    ] {
        let mut running = lab.capture(As::User, filter);
        lab.send(20, 10);
        lab.ip(&[&["-n", &lab.here], ways].concat());
        // Not asked to stop: it ends by itself.
        let seen = Seen::of(running.child.stdout.take().expect("a pipe"));
        assert_eq!(running.ended().code(), Some(exits(Ending::DeviceGone)), "{ways:?}");
        assert!(seen.packets >= 20, "{ways:?}: {seen:?}");
        if ways[1] == "del" {
            let peer = [
                "link", "add", "kcap0", "netns", &lab.here, "type", "veth", "peer", "name", "kcap1", "netns",
                &lab.there,
            ];
            lab.ip(&peer);
            lab.ip(&["-n", &lab.here, "addr", "add", "10.77.0.1/24", "dev", "kcap0"]);
            lab.ip(&["-n", &lab.here, "link", "set", "kcap0", "up"]);
            lab.ip(&["-n", &lab.there, "link", "set", "kcap1", "up"]);
            lab.ip(&["-n", &lab.there, "addr", "add", "10.77.0.2/24", "dev", "kcap1"]);
            lab.warm_up();
        }
    }
    // It is down now.
    let output = lab
        .command(As::User)
        .args(["--device", "kcap0"])
        .output()
        .expect("it runs");
    let (code, said) = code_of(&output);
    assert_eq!(code, exits(Ending::DeviceGone), "{said}");
}

#[test]
fn no_name_server_is_asked() {
    let Some(lab) = lab() else { return };
    // `ip netns exec` puts this in the place of the system's own; the name server is the other end of the cable.
    let folder = PathBuf::from(format!("/etc/netns/{}", lab.here));
    fs::create_dir_all(&folder).expect("made");
    fs::write(
        folder.join("resolv.conf"),
        "nameserver 10.77.0.2\noptions timeout:1 attempts:1\n",
    )
    .expect("written");
    fs::write(
        folder.join("nsswitch.conf"),
        "hosts: files dns\nnetworks: files dns\nservices: files\n",
    )
    .expect("written");
    let server = Lab::socket(&lab.there, "10.77.0.2:53");
    let asked = |within| {
        server.set_read_timeout(Some(within)).expect("set");
        server.recv(&mut [0; 512]).is_ok()
    };
    let mut getent = Command::new("ip");
    getent
        .args(["netns", "exec", &lab.here, "getent", "hosts", "telltale.invalid"])
        .output()
        .expect("it runs");
    assert!(asked(Duration::from_secs(5)), "the trap works");
    while asked(Duration::from_millis(300)) {}
    for filter in [
        "host telltale.invalid",
        "src telltale.invalid",
        "net telltale.invalid",
        "tcp port 80 or host a.invalid",
        "host 1.2.3.4.5",
    ] {
        let output = lab
            .command(As::User)
            .args(["--device", "kcap0", "--filter", filter])
            .output()
            .expect("it runs");
        assert_eq!(code_of(&output).0, exits(Ending::BadFilter), "{filter}");
    }
    let asked = asked(Duration::from_millis(300));
    assert!(!asked, "a name server was asked");
}

#[test]
fn what_passed_before_the_filter_is_not_counted() {
    let Some(lab) = lab() else { return };
    let done = std::sync::atomic::AtomicBool::new(false);
    let other = lab.sender(PORT + 1);
    // `strace` holds up each step between opening and filtering, so that other packets do pass in between.
    let mut command = Command::new("ip");
    command
        .args([
            "netns",
            "exec",
            &lab.here,
            "strace",
            "-o",
            "/dev/null",
            "-e",
            "trace=setsockopt",
        ])
        .args(["-e", "inject=setsockopt:delay_enter=20000", PROGRAM])
        .args(["--device", "kcap0", "--filter", ONLY_OURS]);
    let bytes = thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                other.send(&[1; 100]).ok();
                thread::sleep(Duration::from_micros(100));
            }
        });
        let mut running = Running::start(&mut command);
        let mut stdout = running.child.stdout.take().expect("a pipe");
        lab.send(500, 10);
        drop(running.stdin.take());
        let mut bytes = Vec::new();
        stdout.read_to_end(&mut bytes).expect("read");
        done.store(true, Ordering::Relaxed);
        assert_eq!(running.ended().code(), Some(0));
        bytes
    });
    let seen = Seen::of(std::io::Cursor::new(bytes.clone()));
    assert_eq!((seen.packets, seen.lost), (500, 0));
    let option = |code: u8| {
        let head = [code, 0, 8, 0];
        let at = bytes
            .windows(4)
            .rposition(|window| window == head)
            .expect("an option of the last statistics");
        u64::from_le_bytes(bytes[at + 4..at + 12].try_into().expect("eight"))
    };
    assert_eq!((option(4), option(8)), (500, 500), "received, written");
}

/// More than the ring holds, with a thousand octets each.
const SENT: u32 = 120_000;

#[test]
fn what_is_lost_is_counted_to_the_packet() {
    let Some(lab) = lab() else { return };
    for filter in [ONLY_OURS, "udp and (dst port 9009 or 9010)"] {
        // Nobody reads while more is sent than the ring holds.
        let running = lab.capture(As::User, filter);
        lab.send(SENT, 1_000);
        let (seen, status, said) = running.stop();
        assert_eq!(status.code(), Some(0), "{said}");
        assert!(seen.lost > 0, "nothing was lost, so nothing is shown: {seen:?}");
        assert_eq!(seen.packets + seen.lost, u64::from(SENT), "{seen:?}");
    }
}

#[test]
fn a_single_packet_arrives_at_once() {
    let Some(lab) = lab() else { return };
    let (output, mut capd) =
        Capd::spawn_program(&lab.script("user", As::User), &request("kcap0")).expect("it captures");
    let reader = thread::spawn(move || {
        let mut file = CaptureFile::from_reader(output, 0).expect("pcapng");
        let mut late = Vec::new();
        while let Some(item) = file.next_item().expect("whole") {
            if let Item::Packet(packet) = item {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
                late.push(now.saturating_sub(Duration::from_nanos(packet.at_ns.cast_unsigned())));
            }
        }
        late.sort();
        late
    });
    for _ in 0..20 {
        lab.send(1, 10);
        thread::sleep(Duration::from_millis(60));
    }
    capd.stop();
    let late = reader.join().expect("read");
    assert_eq!(capd.wait(), CapdEnd::Stopped);
    assert_eq!(late.len(), 20);
    eprintln!(
        "from the kernel's time stamp to the reader: median {:?}, longest {:?}",
        late[10], late[19]
    );
    assert!(late[10] < Duration::from_millis(100), "{late:?}");
}

#[test]
fn the_client_tells_how_it_ended() {
    let Some(lab) = lab() else { return };
    let user = lab.script("user", As::User);
    let bad = CapdRequest {
        filter: Some("tcp and and udp".to_owned()),
        ..request("kcap0")
    };
    assert!(matches!(
        Capd::spawn_program(&user, &bad),
        Err(CapdError::Ended(CapdEnd::BadFilter(_)))
    ));
    assert!(matches!(
        Capd::spawn_program(&user, &request("kcap7")),
        Err(CapdError::Ended(CapdEnd::DeviceGone))
    ));
    let whole = CapdRequest {
        snap_len: Some(96),
        promiscuous: true,
        filter: None,
        ..request("kcap0")
    };
    let (mut output, capd) = Capd::spawn_program(&user, &whole).expect("it captures");
    lab.ip(&["-n", &lab.here, "link", "del", "kcap0"]);
    std::io::copy(&mut output, &mut std::io::sink()).expect("read to its end");
    assert_eq!(capd.wait(), CapdEnd::DeviceGone);
    let (output, capd) = Capd::spawn_program(&lab.script("loopback", As::User), &request("lo"))
        .map_or((None, None), |(o, c)| (Some(o), Some(c)));
    assert!(
        output.is_none() && capd.is_none(),
        "the loopback of a new namespace is down"
    );
}
