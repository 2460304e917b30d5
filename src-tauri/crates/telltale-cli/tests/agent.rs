//! `telltale-cli agent` as its owner and the system meet it: the built program, its file, its data folder, signals.
#![allow(clippy::unwrap_used, reason = "a test that cannot run its program fails")]

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const CLI: &str = env!("CARGO_BIN_EXE_telltale-cli");
const EXAMPLE: &str = include_str!("../agent.example.toml");
/// Longer than anything here takes on a busy machine.
const LONG: Duration = Duration::from_secs(30);

/// A folder with a configuration.
struct Home(TempDir);

impl Home {
    fn with(config: &str) -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        home.write("agent.toml", config);
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), text).unwrap();
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn command(&self) -> Command {
        let mut command = Command::new(CLI);
        command
            .args(["agent", "--config"])
            .arg(self.path("agent.toml"))
            .stdin(Stdio::null());
        command
            .env_remove("STATE_DIRECTORY")
            .env_remove("CREDENTIALS_DIRECTORY");
        // No keyring of whoever runs the tests.
        command
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .env_remove("XDG_RUNTIME_DIR");
        command
    }

    fn check(&self) -> Output {
        self.command().arg("--check").output().unwrap()
    }

    /// What is wrong, without the folder's name.
    #[track_caller]
    fn wrong(&self) -> String {
        let output = self.check();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert!(output.stdout.is_empty());
        said.replace(&format!("{}/", self.0.path().display()), "")
    }

    fn start(&self) -> Agent {
        let mut child = self
            .command()
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let (tell, lines) = channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let _ = tell.send(line);
            }
        });
        let mut agent = Agent {
            child,
            lines,
            token: String::new(),
            address: String::new(),
        };
        if fs::read_to_string(self.path("agent.toml")).unwrap().contains("[http]") {
            let line = agent.until("HTTP is answered at");
            let address = line.split("http://").nth(1).unwrap();
            address.trim_end_matches('/').clone_into(&mut agent.address);
            let token = fs::read_to_string(self.path("token")).unwrap();
            token.trim().clone_into(&mut agent.token);
        }
        agent.until("the agent works");
        agent
    }
}

/// A running agent; killed when it is forgotten.
struct Agent {
    child: Child,
    lines: Receiver<String>,
    token: String,
    address: String,
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Agent {
    /// Waits for a line with these words.
    #[track_caller]
    fn until(&mut self, words: &str) -> String {
        let deadline = Instant::now() + LONG;
        let mut said = Vec::new();
        while let Ok(line) = self
            .lines
            .recv_timeout(deadline.saturating_duration_since(Instant::now()))
        {
            if line.contains(words) {
                return line;
            }
            said.push(line);
        }
        panic!("it did not say “{words}”, but {said:#?}");
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    #[track_caller]
    fn ends(mut self) {
        let deadline = Instant::now() + LONG;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert_eq!(status.code(), Some(0));
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("it does not end");
    }

    /// One request; the status and the answer.
    fn ask(&self, method: &str, path: &str, body: &str) -> std::io::Result<(u16, Value)> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(LONG))?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.address,
            self.token,
            body.len()
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let status = answer.split(' ').nth(1).and_then(|s| s.parse().ok());
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        let json = serde_json::from_str(body).unwrap_or(Value::Null);
        status
            .map(|status| (status, json))
            .ok_or_else(|| std::io::Error::other("no answer"))
    }

    fn rows(&self, path: &str) -> Vec<Value> {
        let (status, page) = self.ask("GET", path, "").unwrap();
        assert_eq!(status, 200, "{page}");
        page["rows"].as_array().unwrap_or_else(|| panic!("{page}")).clone()
    }

    /// Asks until the rows are as wanted.
    #[track_caller]
    fn rows_until(&self, path: &str, wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let deadline = Instant::now() + LONG;
        loop {
            let rows = self.rows(path);
            if wanted(&rows) {
                return rows;
            }
            assert!(Instant::now() < deadline, "{path}: {rows:#?}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

fn result(n: u32, verdict: &str) -> Value {
    let now = std::process::Command::new("date").arg("+%s").output().unwrap();
    let now: f64 = String::from_utf8(now.stdout).unwrap().trim().parse().unwrap();
    let at = now * 1e3 - 1_000.0;
    json!({
        "id": format!("00000000-0000-4000-8000-{n:012}"), "probe": "", "probe_name": "From outside", "kind": "outside",
        "agent": "outside", "target": "example.org", "due": at, "started": at, "ended": at, "verdict": verdict,
        "exit_code": null, "problem": null, "summary": "It said so.", "changed": [], "facts": {}, "via": "http",
    })
}

const RUNS: &str = r#"
data = "data"
[http]
port = 0
token_file = "token"
[[rule]]
name = "Two say so"
of = { kind = "outside", verdicts = ["unexpected"] }
per = ["target"]
when = { kind = "threshold", field = "", by = "count", above = true, limit = 1, window_s = 600 }
"#;

fn probe(name: &str, port: u16) -> String {
    format!(
        "[[probe]]\nname = \"{name}\"\n\
         check = {{ kind = \"reachability\", host = \"127.0.0.1\", how = {{ by = \"tcp\", port = {port} }}, attempts = 1 }}\n\
         behaviour = {{ kind = \"cyclic\", pause_s = 1 }}\n"
    )
}

#[test]
fn the_example_is_right_and_looking_at_it_changes_nothing() {
    let home = Home::with(EXAMPLE);
    home.write("mesh-password", "secret\n");
    let before = fs::read_dir(home.0.path()).unwrap().count();
    let output = home.check();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains(
            "is right: 1 probe, 1 rule, 1 output, cellar@example.org as probe in the mesh, HTTP on 127.0.0.1:8765"
        ),
        "{said}"
    );
    assert!(!said.contains("secret"));
    assert_eq!(fs::read_dir(home.0.path()).unwrap().count(), before);
    let help = Command::new(CLI).args(["agent", "--help"]).output().unwrap();
    assert!(
        String::from_utf8(help.stdout)
            .unwrap()
            .contains(EXAMPLE.lines().nth(5).unwrap()),
        "help shows it"
    );
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let cases = [
        ("data = \"d\"\ncolour = 3\n", "agent.toml:2: unknown field `colour`"),
        ("data = \"d\"\n[http\n", "agent.toml:2: "),
        ("data = 3\n", "agent.toml:1: invalid type: integer `3`"),
        ("# nothing\n", "agent.toml:1: the data folder is missing"),
        (
            "data = \"d\"\n\n[[probe]]\nname = \"x\"\ncheck = { kind = \"dance\" }\nbehaviour = { kind = \"one_shot\" }\n",
            "agent.toml:3: this probe cannot be taken: ",
        ),
        (
            "data = \"d\"\n[[rule]]\nname = \"x\"\nwhen = { kind = \"silent\", after_s = 0 }\n",
            "agent.toml:2: this rule cannot be taken: a rule's time has 1 to 2592000 seconds",
        ),
        (
            "data = \"d\"\n[[rule]]\nname = \"x\"\nwhen = { kind = \"silent\", after_s = 9 }\nwho = 1\n",
            "agent.toml:2: this rule cannot be taken: “who” is no word of a rule",
        ),
        (
            "data = \"d\"\n[policy]\nprograms = { nmap = \"nmap\" }\n",
            "agent.toml:2: ",
        ),
        (
            "data = \"d\"\n[[output]]\nname = \"x\"\n",
            "agent.toml:2: this output cannot be taken: it goes to a webhook or into a folder",
        ),
        (
            "data = \"d\"\n[http]\naddress = \"here\"\n",
            "agent.toml:2: the address is written in numbers",
        ),
        (
            "data = \"d\"\n[probes]\nfolder = \"none\"\n",
            "agent.toml:2: none: No such file",
        ),
    ];
    for (config, wanted) in cases {
        let said = Home::with(config).wrong();
        assert!(said.contains(wanted), "{config}\n{said}");
    }
    let twice = "data = \"d\"\n[[rule]]\nname = \"x\"\nwhen = { kind = \"silent\", after_s = 9 }\n".to_owned()
        + "[[rule]]\nname = \"x\"\nwhen = { kind = \"silent\", after_s = 9 }\n";
    let said = Home::with(&twice).wrong();
    assert!(said.contains("agent.toml:6: two rules are called “x”"), "{said}");
    let missing = Command::new(CLI)
        .args(["agent", "--config", "nowhere.toml"])
        .output()
        .unwrap();
    assert_eq!(missing.status.code(), Some(3));
}

#[test]
fn what_is_wrong_about_the_mesh_is_told_with_its_line() {
    let mesh = |more: &str| format!("data = \"d\"\n[mesh]\naccount = \"a@example.org\"\nrole = \"probe\"\n{more}");
    let cases = [
        ("", "agent.toml:2: the password is in a file"),
        ("password_file = \"none\"\n", "agent.toml:5: none: No such file"),
        (
            "password_file = \"open\"\n",
            "agent.toml:5: others can read this password; close it: chmod 600 ",
        ),
        ("password_file = \"two\"\n", "agent.toml:5: two: a password is one line"),
        (
            "password_credential = \"x\"\n",
            "agent.toml:5: systemd gives this credential",
        ),
        (
            "password_file = \"good\"\npin = \"abc\"\n",
            "agent.toml:6: a pin is a SHA-256",
        ),
        (
            "password_file = \"good\"\nauthority = \"good\"\n",
            "agent.toml:6: this file has no certificate",
        ),
        (
            "password_file = \"good\"\npassword = \"s3cret\"\n",
            "agent.toml:6: unknown field `password`",
        ),
        (
            "password_file = \"good\"\nmay_control = [\"the boss\"]\n",
            "agent.toml:2: `the boss` is no address",
        ),
        (
            "password_file = \"good\"\nmay_see = \"a@b\"\n",
            "agent.toml:6: invalid type",
        ),
    ];
    for (more, wanted) in cases {
        let home = Home::with(&mesh(more));
        home.write("good", "s3cret\n");
        home.write("two", "s3cret\ns3cret\n");
        home.write("open", "s3cret\n");
        fs::set_permissions(home.path("open"), fs::Permissions::from_mode(0o644)).unwrap();
        let said = home.wrong();
        assert!(said.contains(wanted), "{more}\n{said}");
        assert!(!said.contains("s3cret"), "{said}");
    }
    let wrong = "data = \"d\"\n[mesh]\naccount = \"nobody\"\nrole = \"probe\"\npassword_file = \"good\"\n";
    let home = Home::with(wrong);
    home.write("good", "x\n");
    assert!(home.wrong().contains("agent.toml:2: `nobody` is no address"));
}

#[test]
fn it_runs_its_probes_follows_its_rules_and_goes_on_after_a_start() {
    let there = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = there.local_addr().unwrap().port();
    let home = Home::with(&format!("{RUNS}{}", probe("Door", port)));
    let file = json!({
        "id": "11111111-1111-4111-8111-111111111111", "name": "From a file",
        "check": {"kind": "reachability", "host": "127.0.0.1", "how": {"by": "tcp", "port": port}, "attempts": 1},
        "behaviour": {"kind": "cyclic", "pause_s": 1},
    });
    home.write("probes/one.json", &file.to_string());
    home.write(
        "agent.toml",
        &format!("{RUNS}{}[probes]\nfolder = \"probes\"\n", probe("Door", port)),
    );

    let mut agent = home.start();
    let mode = fs::metadata(home.path("token")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "the token is its owner's");
    let of = |name: &str| {
        let name = name.to_owned();
        move |rows: &[Value]| {
            rows.iter()
                .any(|r| r["probe_name"] == name.as_str() && r["verdict"] == "expected")
        }
    };
    agent.rows_until("/api/results?limit=100", of("Door"));
    let rows = agent.rows_until("/api/results?limit=100", of("From a file"));
    let id_of = |rows: &[Value], name: &str| rows.iter().find(|r| r["probe_name"] == name).unwrap()["probe"].clone();
    let (door, token) = (id_of(&rows, "Door"), agent.token.clone());
    assert_eq!(id_of(&rows, "From a file"), file["id"]);

    for n in 1..=2 {
        let (status, answer) = agent
            .ask("POST", "/api/results", &result(n, "unexpected").to_string())
            .unwrap();
        assert!((200..300).contains(&status), "{status} {answer}");
    }
    agent.until("incident open: Two say so: 2 results about example.org");
    let open = agent.rows_until("/api/incidents", |rows| rows.len() == 1);
    agent.signal("TERM");
    agent.ends();

    // The file is gone from the folder, and so is its probe; the rest goes on as it was.
    fs::remove_file(home.path("probes/one.json")).unwrap();
    let mut agent = home.start();
    assert_eq!(agent.token, token, "the token lets in still");
    agent.until("incident open");
    let first = agent.rows("/api/results?limit=500").len();
    let rows = agent.rows_until("/api/results?limit=500", |rows| rows.len() > first + 1);
    assert_eq!(id_of(&rows, "Door"), door);
    let ended = |name: &str| rows.iter().filter(|r| r["probe_name"] == name).count();
    let gone = ended("From a file");
    agent.rows_until("/api/results?limit=500", |rows| {
        rows.iter().filter(|r| r["probe_name"] == "Door").count() > ended("Door") + 1
    });
    let rows = agent.rows("/api/results?limit=500");
    assert_eq!(
        rows.iter().filter(|r| r["probe_name"] == "From a file").count(),
        gone,
        "it runs no more"
    );
    assert_eq!(agent.rows("/api/incidents"), open, "open still, and once");
    agent.signal("INT");
    agent.ends();
}

#[test]
fn killed_at_any_point_it_loses_nothing_and_counts_nothing_twice() {
    let home = Home::with(RUNS);
    let mut accepted = BTreeSet::new();
    let mut n = 0;
    for round in 0..4 {
        let agent = home.start();
        let stop = Instant::now() + Duration::from_millis(150 + 130 * round);
        while Instant::now() < stop {
            n += 1;
            let one = result(n, "unexpected");
            let answer = agent.ask("POST", "/api/results", &one.to_string());
            assert!(answer.is_ok_and(|(status, _)| (200..300).contains(&status)));
            accepted.insert(one["id"].as_str().unwrap().to_owned());
            if n % 3 == 0 {
                // Again, as whoever got no answer would.
                agent.ask("POST", "/api/results", &one.to_string()).unwrap();
            }
        }
        agent.signal("KILL");
    }
    let agent = home.start();
    let total = u64::try_from(accepted.len()).unwrap();
    let incidents = agent.rows_until("/api/incidents", |rows| {
        rows.first()
            .is_some_and(|i| i["evidence_total"].as_u64() >= Some(total))
    });
    assert_eq!(incidents.len(), 1, "{incidents:#?}");
    assert_eq!(
        incidents[0]["evidence_total"], total,
        "each result stands behind it once"
    );
    let (_, page) = agent.ask("GET", "/api/results?limit=500", "").unwrap();
    assert_eq!(page["total"], total);
    agent.signal("TERM");
    agent.ends();
}

#[test]
fn a_server_that_is_not_there_keeps_nothing_from_working() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mesh = format!(
        "[mesh]\naccount = \"a@localhost\"\nrole = \"probe\"\nserver = \"{closed}\"\npassword_file = \"password\"\n"
    );
    let home = Home::with(&format!("{RUNS}{mesh}"));
    home.write("password", "s3cret\n");
    let mut agent = home.start();
    let line = agent.until("the mesh is not joined, and tried again");
    assert!(!line.contains("s3cret"));
    assert_eq!(agent.ask("GET", "/api/results", "").unwrap().0, 200);
    agent.signal("TERM");
    agent.ends();
    assert!(closed_files(&home.path("data")), "nobody else reads what it keeps");
}

/// Whether what could hold a secret can be read by its owner alone.
fn closed_files(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().map(|e| e.unwrap()).all(|entry| {
        let text = fs::read(entry.path()).unwrap_or_default();
        let secret = text.windows(6).any(|w| w == b"s3cret");
        let others = entry.metadata().unwrap().permissions().mode() & 0o077;
        !secret || others == 0
    })
}
