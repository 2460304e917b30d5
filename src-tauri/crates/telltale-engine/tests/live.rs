//! Live audits on a cable between two namespaces, with the real capture program; needs root, `ip` and `tcpreplay`.
#![allow(missing_docs)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use telltale_core::model::{Connection, GapReason};
use telltale_engine::{
    AuditNow, AuditState, Engine, EngineError, LiveRequest, LiveSource, LiveState, PacketFilter, Recording, TableQuery,
};

/// Says why a test cannot run here; where everything is meant to be there, that is a failure.
fn skipped(why: &str) {
    assert!(
        std::env::var_os("CI").is_none_or(|v| v != "true"),
        "cannot be tested: {why}"
    );
    eprintln!("skipped: {why}");
}

fn run(program: &str, arguments: &[&str]) -> bool {
    let done = Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    done.is_ok_and(|s| s.success())
}

/// The capture program, built if it is not there, where the engine finds it.
fn capd() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let built = Command::new(env!("CARGO"))
            .args(["build", "-q", "-p", "telltale-capture", "--bin", "telltale-capd"])
            .status();
        assert!(built.is_ok_and(|s| s.success()), "the capture program is built");
    });
}

/// A cable: one end is a device of this computer, the other lies in a namespace of its own.
struct Cable {
    near: String,
    far: String,
}

impl Cable {
    fn plug() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        if !run("test", &["-w", "/proc/sys/kernel/hostname"]) {
            skipped("only root makes namespaces");
            return None;
        }
        if !run("tcpreplay", &["--version"]) {
            skipped("there is no tcpreplay");
            return None;
        }
        capd();
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let cable = Self {
            near: format!("e{}n{n}", std::process::id()),
            far: format!("e{}f{n}", std::process::id()),
        };
        assert!(run("ip", &["netns", "add", &cable.far]), "a namespace");
        cable.lay();
        Some(cable)
    }

    fn lay(&self) {
        let (near, far) = (self.near.as_str(), self.far.as_str());
        assert!(run(
            "ip",
            &["link", "add", near, "type", "veth", "peer", "name", far, "netns", far]
        ));
        // Nobody speaks on the cable but the test.
        for (name, inside) in [(near, false), (far, true)] {
            let quiet = format!("net.ipv6.conf.{name}.disable_ipv6=1");
            let inner: &[&[&str]] = &[&["sysctl", "-qw", &quiet], &["ip", "link", "set", name, "up"]];
            for words in inner {
                let done = if inside {
                    run("ip", &[&["netns", "exec", far], *words].concat())
                } else {
                    run(words[0], &words[1..])
                };
                assert!(done, "{words:?}");
            }
        }
    }

    fn unplug(&self) {
        assert!(run("ip", &["link", "del", &self.near]));
    }

    /// The example's packets pass; how many.
    fn replay(&self, rate: &str) -> u64 {
        let told = Command::new("ip")
            .args(["netns", "exec", &self.far, "tcpreplay", "-q", rate, "-i", &self.far])
            .arg(plain_example())
            .output()
            .expect("tcpreplay runs");
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        let line = told.lines().find(|l| l.contains("Successful packets"));
        line.and_then(|l| l.split_whitespace().last()?.parse().ok())
            .expect("tcpreplay counts")
    }

    fn request(&self) -> LiveRequest {
        LiveRequest {
            source: LiveSource::Device {
                name: self.near.clone(),
            },
            filter: PacketFilter::All,
            name: "My phone".to_owned(),
            description: "at home".to_owned(),
            connection: Connection::Ethernet,
            duration_s: None,
            recording: Recording::Off,
        }
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        run("ip", &["netns", "del", &self.far]);
        run("ip", &["link", "del", &self.near]);
    }
}

/// The example as a classic capture, which every tcpreplay reads.
fn plain_example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/captures/example.pcapng")
}

fn all(sort: &str) -> TableQuery {
    TableQuery {
        sort: sort.into(),
        descending: true,
        limit: 500,
        ..TableQuery::default()
    }
}

/// Waits until the audit is as wanted.
async fn until(engine: &Engine, id: u32, what: &str, mut is: impl FnMut(&AuditNow) -> bool) -> AuditNow {
    let mut changes = engine.changes();
    let wait = async {
        loop {
            let now = engine.audit(id).await.unwrap();
            if is(&now) {
                return now;
            }
            let _ = tokio::time::timeout(Duration::from_secs(1), changes.changed()).await;
        }
    };
    match tokio::time::timeout(Duration::from_secs(30), wait).await {
        Ok(now) => now,
        Err(_) => panic!("{what} does not come: {:?}", engine.audit(id).await.unwrap().live),
    }
}

fn watches(now: &AuditNow) -> bool {
    now.live.as_ref().is_some_and(|l| l.state == LiveState::Watching)
}

fn is_over(now: &AuditNow) -> bool {
    now.live.is_none()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_is_seen_with_its_names_and_stored() {
    let Some(cable) = Cable::plug() else { return };
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    let id = engine.start_live(cable.request()).await.unwrap();
    let now = until(&engine, id, "watching", watches).await;
    assert_eq!(now.card.state, AuditState::Live);
    assert_eq!(now.card.live_source.as_deref(), Some(cable.near.as_str()));
    assert!(now.progress.is_none());
    let sent = cable.replay("--pps=2000");
    let now = until(&engine, id, "every packet", |n| n.summary.counts.packets == sent).await;
    assert!(now.summary.servers > 10, "{} servers", now.summary.servers);
    assert!(matches!(engine.outcome(id).await, Err(EngineError::Busy)));
    engine.stop(id).unwrap();
    let now = until(&engine, id, "the end", is_over).await;
    assert_eq!((now.card.state, now.problem), (AuditState::Done, None));
    let source = &now.summary.source;
    assert_eq!(
        (source.format.as_str(), &source.interfaces),
        ("pcapng", &vec![cable.near.clone()])
    );
    assert_eq!(source.stopped, None);
    assert_eq!(source.gaps, []);
    let live = source.live.as_ref().expect("it was live");
    assert_eq!(
        (live.source.as_str(), live.connection),
        (cable.near.as_str(), Connection::Ethernet)
    );
    assert!(live.ended.is_some_and(|end| end.0 > live.began.0));
    assert_eq!(now.summary.counts.packets, sent);
    assert_eq!(now.summary.counts.dropped_by_kernel, 0);
    let servers = engine.servers(id, &all("bytes")).await.unwrap();
    assert_eq!(servers.total, now.summary.servers);
    assert!(
        servers
            .rows
            .iter()
            .any(|s| s.name.is_some() && s.owner.company.is_some())
    );
    let outcome = engine.outcome(id).await.unwrap();
    assert_eq!(outcome.flows.len(), now.summary.flows as usize);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_is_told_as_a_gap_and_nothing_of_it_is_seen() {
    let Some(cable) = Cable::plug() else { return };
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    let id = engine.start_live(cable.request()).await.unwrap();
    until(&engine, id, "watching", watches).await;
    let sent = cable.replay("--topspeed");
    engine.pause(id).unwrap();
    let paused = |n: &AuditNow| n.live.as_ref().is_some_and(|l| l.state == LiveState::Paused);
    until(&engine, id, "the pause", paused).await;
    until(&engine, id, "every packet", |n| n.summary.counts.packets == sent).await;
    cable.replay("--topspeed");
    engine.resume(id).await.unwrap();
    until(&engine, id, "watching again", watches).await;
    cable.replay("--topspeed");
    until(&engine, id, "the packets after it", |n| {
        n.summary.counts.packets == 2 * sent
    })
    .await;
    engine.stop(id).unwrap();
    let now = until(&engine, id, "the end", is_over).await;
    let gaps = &now.summary.source.gaps;
    assert_eq!(gaps.len(), 1);
    assert_eq!(gaps[0].reason, GapReason::Paused);
    assert!(gaps[0].to.is_some_and(|to| to.0 > gaps[0].from.0));
    assert_eq!(now.summary.source.interfaces, [cable.near.clone()]);
    assert!(matches!(engine.pause(id), Err(EngineError::NotLive(_))));
    engine.close().await;
}
