//! A cable between this computer and a namespace, what passes on it, and waiting for what an audit shows.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use telltale_core::model::Connection;
use telltale_engine::{AuditNow, Engine, LiveRequest, LiveSource, LiveState, PacketFilter, Recording};

/// Says why a test cannot run here; where everything is meant to be there, that is a failure.
pub(crate) fn skipped(why: &str) {
    assert!(
        std::env::var_os("CI").is_none_or(|v| v != "true"),
        "cannot be tested: {why}"
    );
    eprintln!("skipped: {why}");
}

pub(crate) fn run(program: &str, arguments: &[&str]) -> bool {
    let done = Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    done.is_ok_and(|s| s.success())
}

/// The capture program, built if it is not there, where the engine finds it.
pub(crate) fn capd() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let built = Command::new(env!("CARGO"))
            .args(["build", "-q", "-p", "telltale-capture", "--bin", "telltale-capd"])
            .status();
        assert!(built.is_ok_and(|s| s.success()), "the capture program is built");
    });
}

/// A cable: one end is a device of this computer, the other lies in a namespace of its own.
pub(crate) struct Cable {
    pub(crate) near: String,
    far: String,
}

impl Cable {
    pub(crate) fn plug() -> Option<Self> {
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

    pub(crate) fn lay(&self) {
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

    pub(crate) fn unplug(&self) {
        assert!(run("ip", &["link", "del", &self.near]));
    }

    /// The example's packets pass; how many.
    pub(crate) fn replay(&self, rate: &str) -> u64 {
        let told = Command::new("ip")
            .args(["netns", "exec", &self.far, "tcpreplay", "-q", rate, "-i", &self.far])
            .arg(example())
            .output()
            .expect("tcpreplay runs");
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        let line = told.lines().find(|l| l.contains("Successful packets"));
        line.and_then(|l| l.split_whitespace().last()?.parse().ok())
            .expect("tcpreplay counts")
    }

    pub(crate) fn request(&self) -> LiveRequest {
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

pub(crate) fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/captures/example.pcapng")
}

/// Waits until the audit is as wanted.
pub(crate) async fn until(engine: &Engine, id: u32, what: &str, mut is: impl FnMut(&AuditNow) -> bool) -> AuditNow {
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
    if let Ok(now) = tokio::time::timeout(Duration::from_secs(30), wait).await {
        return now;
    }
    panic!("{what} does not come: {:?}", engine.audit(id).await.unwrap().live)
}

pub(crate) fn watches(now: &AuditNow) -> bool {
    now.live.as_ref().is_some_and(|l| l.state == LiveState::Watching)
}

pub(crate) fn is_over(now: &AuditNow) -> bool {
    now.live.is_none()
}
