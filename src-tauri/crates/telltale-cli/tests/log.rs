//! What `telltale-cli agent` writes down of the engine's own words: errors and warnings by default, more or less as asked, for systemd's journal
//! with their priorities.
#![allow(clippy::unwrap_used, reason = "a test that cannot run its program fails")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Longer than anything here takes on a busy machine.
const LONG: Duration = Duration::from_mins(1);
/// A door for programs, and a probe each second.
const FILE: &str = r#"
data = "data"
[http]
port = 0
token_file = "token"
[[probe]]
name = "Nobody"
check = { kind = "reachability", host = "127.0.0.1", how = { by = "tcp", port = 9 }, attempts = 1 }
behaviour = { kind = "cyclic", pause_s = 1 }
"#;

/// A running agent, whose stderr is a socket as it is under systemd; killed when it is forgotten.
struct Agent {
    child: Child,
    lines: Receiver<String>,
    said: Vec<String>,
    home: TempDir,
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Agent {
    fn start(arguments: &[&str], environment: &[(&str, &str)], journal: bool) -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("agent.toml"), FILE).unwrap();
        let (ours, theirs) = UnixStream::pair().unwrap();
        let socket = fs::metadata(format!("/proc/self/fd/{}", theirs.as_raw_fd())).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_telltale-cli"));
        command
            .args(["agent", "--config"])
            .arg(home.path().join("agent.toml"))
            .args(arguments)
            .env_remove("TELLTALE_LOG")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(OwnedFd::from(theirs));
        // Where a journal is told of that stderr does not lead to, there is none.
        let inode = if journal { socket.ino() } else { socket.ino() + 1 };
        command.env("JOURNAL_STREAM", format!("{}:{inode}", socket.dev()));
        let child = command.spawn().unwrap();
        // Its end is heard once nobody here holds that side any more.
        drop(command);
        let (tell, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(ours).lines().map_while(Result::ok) {
                let _ = tell.send(line);
            }
        });
        Self {
            child,
            lines,
            said: Vec::new(),
            home,
        }
    }

    /// Waits for a line with these words.
    #[track_caller]
    fn until(&mut self, words: &str) -> String {
        let deadline = Instant::now() + LONG;
        loop {
            if let Some(line) = self.said.iter().find(|line| line.contains(words)) {
                return line.clone();
            }
            match self
                .lines
                .recv_timeout(deadline.saturating_duration_since(Instant::now()))
            {
                Ok(line) => self.said.push(line),
                Err(e) => panic!("it did not say “{words}” ({e}), but {:#?}", self.said),
            }
        }
    }

    /// Says something to its door, and waits until that is shut.
    #[track_caller]
    fn say(&mut self, words: &str) {
        let line = self.until("HTTP is answered at");
        let address = line.split("http://").nth(1).unwrap().trim_end_matches('/');
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(words.as_bytes()).unwrap();
        // However it is shut.
        let _ = stream.read_to_end(&mut Vec::new());
    }

    /// A program that is none knocks at the door.
    #[track_caller]
    fn knock(&mut self) {
        self.say("\u{16}\u{3}\u{1} nonsense\r\n\r\n");
    }

    /// The store is gone under its hands, as on a disk that fails; then somebody asks for what it held.
    #[track_caller]
    fn lose_store(&mut self) {
        self.until("the agent works");
        let data = self.home.path().join("data");
        let mut gone = 0;
        for entry in fs::read_dir(&data).unwrap().map(Result::unwrap) {
            let name = entry.file_name().to_string_lossy().into_owned();
            // What is in the memory of the program as well stays: without it, it would be killed.
            if name.contains(".sqlite") && !name.ends_with("-shm") {
                fs::File::create(entry.path()).unwrap();
                gone += 1;
            }
        }
        assert!(gone > 0, "there is no store in {}", data.display());
        let token = fs::read_to_string(self.home.path().join("token")).unwrap();
        self.say(&format!(
            "GET /api/results HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\r\n",
            token.trim()
        ));
    }
}

#[test]
fn what_fails_is_written_down_without_being_asked_for_and_details_are_not() {
    let mut agent = Agent::start(&[], &[], false);
    agent.knock();
    agent.lose_store();
    let line = agent.until("a request over HTTP could not be done");
    assert!(
        line.starts_with("telltale-cli: error: "),
        "no priority outside the journal: {line}"
    );
    assert!(!agent.said.iter().any(|l| l.contains("detail: ")), "{:?}", agent.said);
}

#[test]
fn details_are_written_down_when_asked_for_and_the_journal_is_told_how_grave_a_line_is() {
    let mut agent = Agent::start(&["--log", "debug"], &[("TELLTALE_LOG", "error")], true);
    agent.knock();
    let line = agent.until("a connection ended early");
    assert!(line.starts_with("<7>telltale-cli: detail: "), "{line}");
    agent.lose_store();
    let line = agent.until("a request over HTTP could not be done");
    assert!(line.starts_with("<3>telltale-cli: error: "), "{line}");
}

#[test]
fn a_level_that_is_none_is_told() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("agent.toml"), FILE).unwrap();
    for (arguments, variable) in [(&["--log", "loud"][..], ""), (&[][..], "loud")] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_telltale-cli"));
        command.args(["agent", "--config"]).arg(home.path().join("agent.toml"));
        command.args(arguments).env_remove("TELLTALE_LOG");
        if !variable.is_empty() {
            command.env("TELLTALE_LOG", variable);
        }
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("loud") && said.contains("debug"), "{said}");
    }
    assert!(!home.path().join("data").exists(), "nothing was started");
}
