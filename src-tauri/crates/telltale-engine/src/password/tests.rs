//! The file alone, and a real keyring on a bus of its own (`gnome-keyring`; without it, a line and no failure except under `CI=true`).

use super::*;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const ANNA: &str = "anna@example.org";

#[tokio::test]
async fn without_a_keyring_the_password_lies_in_a_file_that_only_the_owner_reads() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(read(folder.path(), ANNA).await.unwrap(), None);
    assert_eq!(place(folder.path(), ANNA).await, None);
    keep(folder.path(), ANNA, "old").await.unwrap();
    keep(folder.path(), ANNA, "wörd \"with\" signs").await.unwrap();
    keep(folder.path(), "bert@example.org", "other").await.unwrap();
    assert_eq!(
        read(folder.path(), ANNA).await.unwrap().as_deref(),
        Some("wörd \"with\" signs")
    );
    assert_eq!(place(folder.path(), ANNA).await.as_deref(), Some("file"));

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = || std::fs::metadata(path(folder.path())).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        std::fs::set_permissions(path(folder.path()), std::fs::Permissions::from_mode(0o644)).unwrap();
        read(folder.path(), ANNA).await.unwrap();
        assert_eq!(mode(), 0o600, "a copy that others could read is closed");
    }

    forget(folder.path(), ANNA).await.unwrap();
    forget(folder.path(), ANNA).await.unwrap();
    assert_eq!(read(folder.path(), ANNA).await.unwrap(), None);
    assert_eq!(
        read(folder.path(), "bert@example.org").await.unwrap().as_deref(),
        Some("other")
    );
    let text = std::fs::read_to_string(path(folder.path())).unwrap();
    assert!(!text.contains("signs"));
}

#[tokio::test]
async fn a_damaged_file_is_told_without_what_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        path(folder.path()),
        r#"{"anna@example.org":{"in":"file","password":"s3cret"x"#,
    )
    .unwrap();
    let error = read(folder.path(), ANNA).await.unwrap_err().to_string();
    assert!(error.contains("damaged") && !error.contains("s3cret"), "{error}");
}

/// A session bus with a keyring that is open.
struct Desktop {
    bus: Child,
    keyring: Child,
    _folder: tempfile::TempDir,
}

impl Drop for Desktop {
    fn drop(&mut self) {
        for child in [&mut self.keyring, &mut self.bus] {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Desktop {
    /// Starts both; `None` where they are not installed.
    fn start() -> Option<(Self, String)> {
        let folder = tempfile::tempdir().unwrap();
        let quiet = |program: &str| {
            let mut command = Command::new(program);
            command
                .env("HOME", folder.path())
                .env("XDG_RUNTIME_DIR", folder.path())
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null());
            command
        };
        // One that starts nobody by itself: a second keyring would take the name of the one that is open.
        let config = format!(
            "<busconfig><type>session</type><listen>unix:path={}/bus</listen><policy context='default'>\
             <allow send_destination='*' eavesdrop='true'/><allow eavesdrop='true'/><allow own='*'/></policy></busconfig>",
            folder.path().display()
        );
        let file = folder.path().join("bus.conf");
        std::fs::write(&file, config).unwrap();
        let started = quiet("dbus-daemon")
            .args(["--nofork", "--nopidfile", "--print-address"])
            .arg(format!("--config-file={}", file.display()))
            .spawn();
        let Ok(mut bus) = started else {
            return missing("dbus-daemon");
        };
        let mut address = String::new();
        BufReader::new(bus.stdout.take().unwrap())
            .read_line(&mut address)
            .unwrap();
        let address = address.trim().to_owned();
        let keyring = quiet("gnome-keyring-daemon")
            .args(["--foreground", "--unlock", "--components=secrets"])
            .env("DBUS_SESSION_BUS_ADDRESS", &address)
            .spawn();
        let Ok(mut keyring) = keyring else {
            let _ = bus.kill();
            return missing("gnome-keyring-daemon");
        };
        std::io::Write::write_all(&mut keyring.stdin.take().unwrap(), b"the keyring's own password").unwrap();
        let desktop = Self {
            bus,
            keyring,
            _folder: folder,
        };
        Some((desktop, address))
    }
}

fn missing<T>(program: &str) -> Option<T> {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{program} is missing");
    eprintln!("skipped: {program} is missing");
    None
}

#[tokio::test]
async fn a_real_keyring_keeps_gives_and_forgets() {
    // Only a keyring that never comes up takes as long.
    tokio::time::timeout(Duration::from_secs(30), real_keyring())
        .await
        .unwrap();
}

async fn real_keyring() {
    let Some((desktop, address)) = Desktop::start() else {
        return;
    };
    // It comes up by and by: its name, then the collection that is opened with the password.
    let keyring = loop {
        let kept = match Keyring::open_at(&address).await {
            Ok(keyring) => keyring.keep("/here", ANNA, "old").await.map(|()| keyring),
            Err(e) => Err(e),
        };
        match kept {
            Ok(keyring) => break keyring,
            Err(KeyringError::Absent) => tokio::time::sleep(Duration::from_millis(50)).await,
            Err(e) => panic!("{e}"),
        }
    };
    assert_eq!(keyring.find("/here", "nobody@example.org").await.unwrap(), None);
    keyring.keep("/here", ANNA, "wörd").await.unwrap();
    keyring.keep("/there", ANNA, "other").await.unwrap();
    assert_eq!(keyring.find("/here", ANNA).await.unwrap().as_deref(), Some("wörd"));
    keyring.forget("/here", ANNA).await.unwrap();
    assert_eq!(keyring.find("/here", ANNA).await.unwrap(), None);
    assert_eq!(keyring.find("/there", ANNA).await.unwrap().as_deref(), Some("other"));

    let again = Keyring::open_at(&address).await.unwrap();
    assert_eq!(again.find("/there", ANNA).await.unwrap().as_deref(), Some("other"));

    // Locked, and nobody there to open it.
    again.lock().await;
    let locked = again.find("/there", ANNA).await;
    assert!(
        matches!(locked, Err(KeyringError::Closed | KeyringError::Refused(_))),
        "{locked:?}"
    );
    assert!(again.keep("/there", ANNA, "new").await.is_err());
    drop(desktop);
}
