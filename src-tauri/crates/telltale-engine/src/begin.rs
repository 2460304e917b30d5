//! What the engine does by itself, that it begins only when it is told to, and that one program alone does it with one data folder.
//!
//! The window and the agent call [`Engine::begin`] once after opening; terminal audits and tests do not, and stay quiet. Never here: what
//! a start does.

use crate::Engine;
use rustix::fs::{FlockOperation, fcntl_lock};
use rustix::io::Errno;
use std::fs::File;
use std::path::Path;
use std::sync::OnceLock;

/// In the data folder: who holds a lock on it works with the folder.
const MARK: &str = "telltale.lock";

/// The mark of the program that works with a data folder. The system takes it away however that program ends.
#[derive(Default)]
pub(crate) struct Mark(OnceLock<Hold>);

enum Hold {
    /// We do. `None`: this disk knows no locks, or takes no file.
    Own { _held: Option<File> },
    /// Another program does.
    Other,
}

impl Mark {
    fn is_ours(&self, folder: &Path) -> bool {
        matches!(self.0.get_or_init(|| take(folder)), Hold::Own { .. })
    }
}

/// A lock of the whole process, so that an engine that is opened anew within it is not in its own way.
fn take(folder: &Path) -> Hold {
    let mark = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(folder.join(MARK));
    let Ok(mark) = mark else {
        return Hold::Own { _held: None };
    };
    match fcntl_lock(&mark, FlockOperation::NonBlockingLockExclusive) {
        Err(Errno::AGAIN | Errno::ACCESS) => Hold::Other,
        Ok(()) | Err(_) => Hold::Own { _held: Some(mark) },
    }
}

impl Engine {
    /// Starts what works by itself: behaviours, and whatever else is on. Call once, inside a tokio runtime; it comes back at once. Where
    /// another program works with this data already nothing starts: each probe would run twice, and each result would be sent twice.
    pub fn begin(&self) {
        if !self.works_alone() {
            tracing::error!("another Telltale works with this data already; from here nothing runs");
            return;
        }
        // One line for each room that has something to start.
        self.begin_probes();
        self.begin_mesh();
        self.begin_http();
        self.begin_outputs();
        self.begin_incidents();
    }

    /// Whether no other program works with this data folder; from then on this one does.
    pub fn works_alone(&self) -> bool {
        self.inner.mark.is_ours(&self.inner.folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    /// Says to the child which folder it is to work with.
    const FOLDER: &str = "TELLTALE_TEST_FOLDER";

    /// Not a test by itself: the other program of the one below, until it is killed.
    #[tokio::test(flavor = "multi_thread")]
    #[ignore = "started by another test"]
    #[expect(clippy::print_stdout, reason = "the test that started it reads this")]
    async fn the_other_program() {
        let Some(folder) = std::env::var_os(FOLDER) else { return };
        let engine = Engine::open(Path::new(&folder)).await.expect("an engine");
        engine.begin();
        println!("alone: {}", engine.works_alone());
        std::future::pending::<()>().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn of_two_programs_one_works_with_a_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut other = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "begin::tests::the_other_program", "--ignored", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("another program");
        let said = BufReader::new(other.stdout.take().expect("its words"));
        let mut lines = said.lines().map_while(Result::ok);
        assert!(lines.any(|line| line.ends_with("alone: true")), "it works");

        let second = Engine::open(folder.path()).await.expect("an engine");
        assert!(!second.works_alone());
        second.begin();
        let check = telltale_core::model::Check::Trace {
            host: "127.0.0.1".to_owned(),
            max_hops: 1,
        };
        let file =
            serde_json::json!({ "name": "Here", "check": check, "behaviour": { "kind": "cyclic", "pause_s": 1 } });
        let made = second
            .import_probes(&file.to_string())
            .await
            .expect("a probe")
            .remove(0);
        let shown = second.probe(&made.id).await.expect("a probe");
        assert!(shown.problem.is_some_and(|said| said.contains("Another Telltale")));
        assert!(second.run_probe(&made.id).await.is_err(), "nobody is there to run it");
        second.close().await;

        other.kill().expect("killed");
        other.wait().expect("gone");
        let third = Engine::open(folder.path()).await.expect("an engine");
        assert!(third.works_alone(), "who was killed holds nothing");
        third.close().await;
    }
}
