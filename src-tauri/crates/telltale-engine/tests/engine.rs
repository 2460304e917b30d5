//! The engine as its shells use it: real captures, a real store on the disk.
#![allow(missing_docs)]

use std::path::{Path, PathBuf};
use std::time::Duration;
use telltale_core::model::{PandoreSettings, Purpose, RowFilter};
use telltale_engine::{
    AuditState, Engine, EngineError, Language, Opened, ReportFormat, ScoreProfile, Settings, TableQuery,
};

fn example() -> PathBuf {
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

async fn started(engine: &Engine, path: &Path) -> u32 {
    match engine.open_capture(path, true).await.unwrap() {
        Opened::Started(id) => id,
        Opened::Before(card) => panic!("asked for it again, got {card:?}"),
    }
}

async fn ended(engine: &Engine, id: u32) {
    let mut changes = engine.changes();
    let wait = async {
        while engine.reading().contains(&id) {
            changes.changed().await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_mins(1), wait)
        .await
        .expect("the reading ends");
}

/// The example's packets, many times over: long enough to be caught while it is read.
fn long_capture(folder: &Path) -> PathBuf {
    let example = std::fs::read(example()).unwrap();
    let path = folder.join("long.pcapng");
    // Sections may follow one another in one pcapng file.
    std::fs::write(&path, example.repeat(60)).unwrap();
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    let id = started(&engine, &example()).await;
    ended(&engine, id).await;
    let before = engine.audit(id).await.unwrap();
    let servers = engine.servers(id, &all("bytes")).await.unwrap();
    let flows = engine.flows(id, &all("first")).await.unwrap();
    assert_eq!(before.card.state, AuditState::Done);
    assert!(before.progress.is_none() && before.problem.is_none());
    assert_eq!(before.summary.servers, servers.total);
    assert_eq!(before.summary.flows, flows.total);
    assert!(servers.total > 10, "the example has servers: {}", servers.total);
    assert_eq!(before.summary.source.sha256.as_ref().map(String::len), Some(64));
    engine.close().await;

    let engine = Engine::open(folder.path()).await.unwrap();
    let after = engine.audit(id).await.unwrap();
    assert_eq!((*after.summary).clone(), (*before.summary).clone());
    assert_eq!(engine.servers(id, &all("bytes")).await.unwrap(), servers);
    assert_eq!(engine.flows(id, &all("first")).await.unwrap(), flows);
    let outcome = engine.outcome(id).await.unwrap();
    assert_eq!(outcome.flows.len(), outcome.summary.flows as usize);
    assert!(!outcome.dns.is_empty() && !outcome.hellos.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_file_asks_and_another_name_does_not_fool_it() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(&folder.path().join("data")).await.unwrap();
    let id = started(&engine, &example()).await;
    ended(&engine, id).await;
    let copy = folder.path().join("holiday.pcapng");
    std::fs::copy(example(), &copy).unwrap();
    match engine.open_capture(&copy, false).await.unwrap() {
        Opened::Before(card) => assert_eq!(card.id, id),
        Opened::Started(_) => panic!("the same content was opened without a question"),
    }
    let again = started(&engine, &copy).await;
    ended(&engine, again).await;
    let names: Vec<String> = engine.cards().await.unwrap().into_iter().map(|c| c.name).collect();
    assert_eq!(names, ["holiday", "example"], "newest first");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_notes_removal_and_undo() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    let id = started(&engine, &example()).await;
    ended(&engine, id).await;
    engine.rename(id, "  My phone  ", "at home").await.unwrap();
    let card = engine.cards().await.unwrap().remove(0);
    assert_eq!((card.name.as_str(), card.description.as_str()), ("My phone", "at home"));
    assert!(matches!(
        engine.rename(id, "  ", "").await,
        Err(EngineError::InvalidInput(_))
    ));
    assert!(matches!(
        engine.rename(999, "x", "").await,
        Err(EngineError::NoSuchAudit(999))
    ));

    engine.remove(id).await.unwrap();
    assert!(engine.cards().await.unwrap().is_empty());
    assert!(matches!(engine.audit(id).await, Err(EngineError::NoSuchAudit(_))));
    engine.restore(id).await.unwrap();
    assert_eq!(engine.cards().await.unwrap().len(), 1);

    engine.remove(id).await.unwrap();
    engine.close().await;
    let engine = Engine::open(folder.path()).await.unwrap();
    assert!(
        matches!(engine.restore(id).await, Err(EngineError::NoSuchAudit(_))),
        "a start deletes what was removed"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_filter_sort_and_window() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    let id = started(&engine, &example()).await;
    ended(&engine, id).await;
    let whole = engine.servers(id, &all("received_bytes")).await.unwrap();
    assert!(whole.rows.is_sorted_by(|a, b| a.received_bytes >= b.received_bytes));
    // Windows put together are the whole.
    let mut rows = Vec::new();
    for offset in (0..whole.total).step_by(7) {
        let window = engine
            .servers(
                id,
                &TableQuery {
                    offset,
                    limit: 7,
                    ..all("received_bytes")
                },
            )
            .await
            .unwrap();
        assert_eq!(window.total, whole.total);
        rows.extend(window.rows);
    }
    assert_eq!(rows, whole.rows);
    // Search finds by name, whatever its case, and takes SQL's and LIKE's own signs as letters.
    let some = whole.rows.iter().find_map(|s| s.name.clone()).unwrap();
    let found = engine
        .servers(
            id,
            &TableQuery {
                search: some.to_uppercase(),
                ..all("name")
            },
        )
        .await
        .unwrap();
    assert!(found.rows.iter().any(|s| s.name.as_ref() == Some(&some)));
    for odd in ["%", "_", "' OR 1=1 --", "\u{0}", "\"; DROP TABLE audits"] {
        let none = engine
            .servers(
                id,
                &TableQuery {
                    search: odd.into(),
                    ..all("name")
                },
            )
            .await
            .unwrap();
        assert!(none.total < whole.total, "{odd:?} matched everything");
    }
    // Filters narrow down to exactly their rows.
    for purpose in Purpose::ALL {
        let filter = RowFilter {
            purposes: vec![purpose],
            ..RowFilter::default()
        };
        let some = engine.servers(id, &TableQuery { filter, ..all("name") }).await.unwrap();
        assert!(some.rows.iter().all(|s| s.owner.purpose == purpose));
        assert_eq!(
            some.rows.len(),
            whole.rows.iter().filter(|s| s.owner.purpose == purpose).count()
        );
    }
    let nobody = engine
        .servers(
            id,
            &TableQuery {
                company: Some(String::new()),
                ..all("name")
            },
        )
        .await
        .unwrap();
    assert!(nobody.rows.iter().all(|s| s.owner.company.is_none()));
    // A server's page and its flows agree with its row.
    for row in whole.rows.iter().take(5) {
        let detail = engine.server(id, row.id).await.unwrap();
        assert_eq!(detail.flows.total, row.flows);
        let sent: u64 = detail.timeline.buckets.iter().map(|b| b.sent).sum();
        assert_eq!(sent, row.sent_bytes, "{:?}", row.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reading_can_be_broken_off_and_keeps_what_was_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = long_capture(folder.path());
    let engine = Engine::open(&folder.path().join("data")).await.unwrap();
    let id = started(&engine, &path).await;
    engine.cancel(id);
    ended(&engine, id).await;
    let now = engine.audit(id).await.unwrap();
    // A fast machine may have come to the end before the first look at the clock.
    if now.card.state == AuditState::Cancelled {
        assert!(now.summary.source.cancelled);
        assert!(now.summary.counts.packets > 0);
    }
    assert_eq!(
        engine.servers(id, &all("name")).await.unwrap().total,
        now.summary.servers
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reading_that_ended_between_two_looks_is_still_told() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    let seen = *engine.changes().borrow();
    let id = started(&engine, &example()).await;
    ended(&engine, id).await;
    assert!(engine.touched_since(seen).contains(&id));
    assert!(!engine.touched_since(u64::MAX).contains(&id));
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_stored_is_there_after_the_program_died() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("telltale.sqlite");
    let engine = Engine::open(folder.path()).await.unwrap();
    let id = started(&engine, &example()).await;
    ended(&engine, id).await;
    // The state that a killed program leaves: copied while the connections are open, with the log that was not yet taken over.
    let died = tempfile::tempdir().unwrap();
    for ending in ["", "-wal"] {
        let name = format!("telltale.sqlite{ending}");
        if store.with_file_name(&name).exists() {
            std::fs::copy(store.with_file_name(&name), died.path().join(&name)).unwrap();
        }
    }
    let after = Engine::open(died.path()).await.unwrap();
    assert_eq!(
        after.audit(id).await.unwrap().card.state,
        AuditState::Done,
        "what was stored is there"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_died_before_anything_was_stored_is_there_without_a_packet() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    let id = started(&engine, &example()).await;
    ended(&engine, id).await;
    engine.close().await;
    // What a kill in the first moment leaves: the row of the audit, still being read, and nothing else.
    let at = format!("sqlite://{}", folder.path().join("telltale.sqlite").display());
    let store = sqlx::SqlitePool::connect(&at).await.unwrap();
    sqlx::query("UPDATE audits SET state = 'reading', summary = NULL")
        .execute(&store)
        .await
        .unwrap();
    store.close().await;
    let engine = Engine::open(folder.path()).await.unwrap();
    let audit = engine.audit(id).await.unwrap();
    assert_eq!(audit.card.state, AuditState::Interrupted);
    assert_eq!(audit.summary.counts.packets, 0);
    assert_eq!(audit.summary.source.file.as_deref(), Some("example.pcapng"));
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_can_be_corrected() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.pcapng");
    std::fs::copy(example(), &copy).unwrap();
    let engine = Engine::open(&folder.path().join("data")).await.unwrap();
    let id = started(&engine, &copy).await;
    ended(&engine, id).await;
    let found = engine.audit(id).await.unwrap().summary.devices.clone();
    assert!(!found.is_empty());
    let other = "203.0.113.77".parse().unwrap();
    engine.set_devices(id, vec![other]).await.unwrap();
    ended(&engine, id).await;
    let corrected = engine.audit(id).await.unwrap();
    assert!(
        corrected.summary.devices.iter().all(|d| d.addresses.contains(&other)),
        "{:?}",
        corrected.summary.devices
    );
    assert_eq!(corrected.summary.servers, 0, "nobody talked from that address");
    engine.set_devices(id, Vec::new()).await.unwrap();
    ended(&engine, id).await;
    assert_eq!(engine.audit(id).await.unwrap().summary.devices, found);
    std::fs::write(&copy, b"something else").unwrap();
    assert!(matches!(
        engine.set_devices(id, vec![other]).await,
        Err(EngineError::CaptureGone(_))
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn scores_and_settings() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    let id = started(&engine, &example()).await;
    ended(&engine, id).await;
    let own = engine
        .score(id, ScoreProfile::Telltale, &PandoreSettings::default())
        .await
        .unwrap();
    let pandore = engine
        .score(id, ScoreProfile::Pandore, &PandoreSettings::default())
        .await
        .unwrap();
    assert_eq!(
        (own.profile.as_str(), pandore.profile.as_str()),
        ("telltale/1", "pandore/1")
    );
    let wrong = PandoreSettings {
        slope: -1.0,
        ..PandoreSettings::default()
    };
    assert!(engine.score(id, ScoreProfile::Pandore, &wrong).await.is_err());
    let chosen = Settings {
        language: "fr".into(),
        score_profile: ScoreProfile::Pandore,
        ..Settings::default()
    };
    engine.save_settings(&chosen).await.unwrap();
    assert!(
        engine
            .save_settings(&Settings {
                pandore: wrong,
                ..chosen.clone()
            })
            .await
            .is_err()
    );
    engine.close().await;
    let engine = Engine::open(folder.path()).await.unwrap();
    assert_eq!(engine.settings().await.unwrap(), chosen);
    assert_eq!(engine.cards().await.unwrap()[0].grade, pandore.grade);
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_are_saved_whole() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    let id = started(&engine, &example()).await;
    ended(&engine, id).await;
    for format in [ReportFormat::Json, ReportFormat::Csv, ReportFormat::Html] {
        let name = engine.report_name(id, format).await.unwrap();
        let path = folder.path().join(&name);
        engine
            .save_report(id, format, Language::Fr, "1.2.3", &path)
            .await
            .unwrap();
        assert!(std::fs::metadata(&path).unwrap().len() > 1_000, "{name}");
        let nowhere = folder.path().join("none").join(&name);
        assert!(matches!(
            engine.save_report(id, format, Language::En, "1.2.3", &nowhere).await,
            Err(EngineError::File { .. })
        ));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_capture_leaves_no_audit_behind() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    let text = folder.path().join("letter.txt");
    std::fs::write(&text, "Dear friend").unwrap();
    for path in [text, folder.path().join("missing.pcap"), folder.path().to_owned()] {
        assert!(
            matches!(engine.open_capture(&path, false).await, Err(EngineError::Capture(_))),
            "{}",
            path.display()
        );
    }
    assert!(engine.cards().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_no_store_is_told() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("telltale.sqlite"),
        b"this is no database, and long enough to be read as one".repeat(50),
    )
    .unwrap();
    assert!(Engine::open(folder.path()).await.is_err());
}

/// A file system of two megabytes; taken away again at the end.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// `None` where mounting is not allowed (no root).
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"])
            .arg(folder.path())
            .status();
        mounted.is_ok_and(|s| s.success()).then(|| Self(folder))
    }
}

impl SmallDisk {
    /// Leaves so many octets free.
    fn fill_up_to(&self, free: u64) {
        let path = self.0.path().join("filler");
        std::fs::write(&path, vec![0; 4_000_000]).expect_err("the disk is smaller");
        let filler = std::fs::OpenOptions::new().write(true).open(path).unwrap();
        let len = filler.metadata().unwrap().len();
        filler.set_len(len - free).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount")
            .arg("-l")
            .arg(self.0.path())
            .status();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_and_the_audit_can_still_be_seen() {
    let Some(disk) = SmallDisk::mount() else {
        eprintln!("skipped: a small disk can be mounted by root only");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = long_capture(folder.path());
    let engine = Engine::open(disk.0.path()).await.unwrap();
    disk.fill_up_to(100_000);
    let id = started(&engine, &path).await;
    let mut changes = engine.changes();
    let wait = async {
        loop {
            let now = engine.audit(id).await.unwrap();
            if now.problem.is_some() && now.summary.source.format == "pcapng" && now.summary.servers > 0 {
                return now;
            }
            changes.changed().await.unwrap();
        }
    };
    let now = tokio::time::timeout(Duration::from_mins(1), wait)
        .await
        .expect("the full disk is told");
    assert!(now.problem.is_some_and(|p| p.contains("full")), "says what is wrong");
    assert!(now.progress.is_none());
    tokio::time::timeout(Duration::from_secs(20), engine.close())
        .await
        .expect("closing does not wait for what cannot be stored");
}

/// The store as the first version wrote it, its summary without a field that came later. It is never made anew for the sake of a
/// change: it stands for what users have. (`TELLTALE_BLESS_STORE=1` made it, from the example.)
#[tokio::test(flavor = "multi_thread")]
async fn stores_of_the_first_version_open() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/golden/store-1.sqlite");
    let folder = tempfile::tempdir().unwrap();
    if std::env::var_os("TELLTALE_BLESS_STORE").is_some() {
        let engine = Engine::open(folder.path()).await.unwrap();
        let id = started(&engine, &example()).await;
        ended(&engine, id).await;
        engine.rename(id, "Léa's phone", "as it was in 2026").await.unwrap();
        engine.close().await;
        std::fs::copy(folder.path().join("telltale.sqlite"), &golden).unwrap();
        return;
    }
    std::fs::copy(&golden, folder.path().join("telltale.sqlite")).unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    let card = engine.cards().await.unwrap().remove(0);
    assert_eq!((card.name.as_str(), card.state), ("Léa's phone", AuditState::Done));
    let now = engine.audit(card.id).await.unwrap();
    assert!(now.summary.counts.packets > 1_000);
    let servers = engine.servers(card.id, &all("name")).await.unwrap();
    let flows = engine.flows(card.id, &all("first")).await.unwrap();
    assert!(
        servers.total > 40 && flows.total > 100,
        "{} servers, {} flows",
        servers.total,
        flows.total
    );
    assert!(
        !engine
            .server(card.id, servers.rows[5].id)
            .await
            .unwrap()
            .flows
            .rows
            .is_empty()
    );
    assert_eq!(engine.outcome(card.id).await.unwrap().flows.len(), flows.total as usize);
}
