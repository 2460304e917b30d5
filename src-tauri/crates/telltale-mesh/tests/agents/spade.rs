//! Real agents of SPADE, both ways: templates, threads, and many messages with kills in the middle.

use crate::disk::Disk;
use crate::mesh::{Process, settings, transport};
use crate::prosody::{Options, Prosody, password, there as installed};
use crate::world::{draft, role, until};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::time::sleep;

/// Messages each way.
const EACH: usize = 10_000;

/// The interpreter that has SPADE, made where it is not there yet; `None`, with a line on stderr, where it cannot be made.
fn interpreter() -> Option<PathBuf> {
    let prepare = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/mesh/up");
    let made = Command::new("python3").arg(prepare).arg("--prepare").output().ok();
    let made = made.filter(|m| m.status.success());
    assert!(
        made.is_some() || std::env::var_os("CI").is_none_or(|ci| ci != "true"),
        "the interpreter that has SPADE cannot be made"
    );
    let Some(made) = made else {
        eprintln!("skipped: the interpreter that has SPADE cannot be made");
        return None;
    };
    let said = String::from_utf8_lossy(&made.stdout);
    said.lines().last().map(|line| PathBuf::from(line.trim()))
}

/// An agent of SPADE in a process of its own, which ends with this value.
struct Spade(Child);

impl Spade {
    fn start(python: &Path, server: &Prosody, count: usize, folder: &Path) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/agents/spade_peer.py");
        let child = Command::new(python)
            .arg(script)
            .args([
                "spade",
                &password("spade"),
                &server.port.to_string(),
                "probe@localhost",
                &count.to_string(),
            ])
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn();
        Self(child.expect("an interpreter"))
    }

    fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Spade {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Ids in one of its books.
fn book(folder: &Path, name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
    text.lines().map(ToOwned::to_owned).collect()
}

/// Which of SPADE's results have come.
fn numbers(probe: &Process) -> Vec<u64> {
    let notes = probe.member.notes.lock().expect("notes");
    notes.messages.iter().filter_map(|m| m.body["n"].as_u64()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_messages_each_way_with_kills_in_the_middle() {
    let Some(python) = installed(&["python3"]).then(interpreter).flatten() else {
        return;
    };
    let Some(server) = Prosody::start(&Options::users(&["probe", "spade"]).in_one_group()) else {
        return;
    };
    let folder = TempDir::new().expect("a folder");
    let disk: Arc<Disk> = Arc::default();
    let began = Instant::now();
    let mut spade = Spade::start(&python, &server, EACH, folder.path());
    let mut probe = Process::start(settings("probe", "probe"), transport(&server, "probe"), &disk);
    until("it has registered its role", || async {
        probe.member.agent.holders("correlator", "store").await == ["spade@localhost"]
    })
    .await;
    let mut got: HashSet<u64> = HashSet::new();
    let all = (0..EACH).map(|n| (draft(n), role("correlator"))).collect();
    probe.member.agent.tell_all(all).await.expect("they are queued");
    until("a third has gone", || async {
        book(folder.path(), "got").len() > EACH / 3
    })
    .await;
    spade.kill();
    spade = Spade::start(&python, &server, EACH, folder.path());
    until("half has come", || async { probe.member.got() > EACH / 2 }).await;
    probe.kill();
    disk.after_a_kill();
    got.extend(numbers(&probe));
    let probe = Process::start(settings("probe", "probe"), transport(&server, "probe"), &disk);
    until("all of ours are confirmed", || async { disk.outbox() == 0 }).await;
    until("all of SPADE's are confirmed", || async {
        book(folder.path(), "sent").iter().collect::<HashSet<_>>().len() >= EACH
    })
    .await;
    eprintln!("{EACH} messages each way, with two kills: {:?}", began.elapsed());
    sleep(Duration::from_secs(1)).await;
    drop(spade);
    let notes = probe.member.notes.lock().expect("notes");
    let results = notes.messages.iter().filter(|m| m.ontology == "telltale.result/1");
    assert!(
        results
            .clone()
            .all(|m| m.thread == "th-42" && m.performative == "inform")
    );
    assert!(
        notes.counted().values().all(|times| *times == 1),
        "nothing is handed over twice"
    );
    drop(notes);
    got.extend(numbers(&probe));
    assert_eq!(got.len(), EACH, "each of its messages came");
    let theirs = book(folder.path(), "got");
    assert_eq!(theirs.len(), EACH, "it wrote each of ours down once");
    assert_eq!(theirs.iter().collect::<HashSet<_>>().len(), EACH);
}

/// What a person's program is told by the agent `c1`.
fn command(python: &Path, server: &Prosody, user: &str) -> serde_json::Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/agents/commander.py");
    let done = Command::new(python)
        .arg(script)
        .args([user, &password(user), &server.port.to_string(), "c1@localhost/telltale"])
        .arg(server.certificate("ca.crt"))
        .output()
        .expect("an interpreter");
    let said = String::from_utf8_lossy(&done.stdout);
    serde_json::from_str(said.trim()).unwrap_or_else(|_| panic!("{said}{}", String::from_utf8_lossy(&done.stderr)))
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_are_obeyed_as_a_persons_program_gives_them() {
    let Some(python) = installed(&["python3"]).then(interpreter).flatten() else {
        return;
    };
    let Some(server) = Prosody::start(&Options::users(&["c1", "person", "other"]).in_one_group()) else {
        return;
    };
    let mut obeys = settings("c1", "correlator");
    obeys.policy.may_control = vec!["person@localhost".to_owned()];
    let agent = Process::start(obeys, transport(&server, "c1"), &Arc::default());
    until("it stands", || async {
        agent.member.agent.agents().await[0].resource.is_some()
    })
    .await;
    agent.member.notes.lock().expect("notes").does = 2;
    let told = command(&python, &server, "person");
    let (status, control) = ("urn:telltale:command:status", "urn:telltale:command:control");
    let does = "urn:telltale:command:behaviours";
    assert_eq!(told["offered"], serde_json::json!([does, control, status]), "{told}");
    assert_eq!(told["state"]["role"], "correlator", "{told}");
    assert_eq!(told["done"], serde_json::json!(["Pause p1"]), "{told}");
    assert_eq!(told["columns"][4], "State", "{told}");
    let row = &told["does"][1];
    assert_eq!(
        (&row["id"], &row["state"], &row["runs"]),
        (&"p1".into(), &"paused".into(), &"12".into()),
        "{told}"
    );
    let told = command(&python, &server, "other");
    assert_eq!(told["offered"], serde_json::json!([status]), "{told}");
    assert_eq!(told["refused"], "forbidden", "{told}");
}
