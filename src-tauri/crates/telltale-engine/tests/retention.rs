//! What is kept and for how long, over a real store and real folders; time is an argument.
#![allow(missing_docs)]

use std::io::Write;
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use telltale_capture::{CaptureFile, InterfaceBlock, Item, Packet};
use telltale_core::model::{Connection, Timestamp};
use telltale_engine::{
    AuditNow, Engine, EngineError, Language, LiveRequest, LiveSource, Opened, PacketFilter, Recorder, Recording,
    ReportFormat, Settings, now, open_recording, sha256,
};

const DAY: i64 = 86_400_000_000_000;

fn days_from_now(days: i64) -> Timestamp {
    Timestamp(now().0 + days * DAY)
}

async fn audited(engine: &Engine) -> u32 {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/captures/example.pcapng");
    let Opened::Started(id) = engine.open_capture(&example, true).await.unwrap() else {
        panic!("asked for it again");
    };
    let mut changes = engine.changes();
    let wait = async {
        while engine.reading().contains(&id) {
            changes.changed().await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_mins(1), wait)
        .await
        .expect("it ends");
    id
}

fn folder(data: &Path, audit: u32) -> PathBuf {
    data.join("recordings").join(audit.to_string())
}

/// Packets of numbers `0..packets` as a live audit would record them.
fn record(data: &Path, audit: u32, packets: u32) {
    let mut recorder = Recorder::new(&folder(data, audit), Recording::Full, 50_000_000, 200_000).unwrap();
    let wifi = InterfaceBlock {
        link_type: 1,
        ..InterfaceBlock::default()
    };
    recorder.interface(&wifi);
    recorder.app(10_001, Some("org.example"), Some("Example"));
    for n in 0..packets {
        let data = n.to_be_bytes().repeat(100);
        let packet = Packet {
            at_ns: 1_700_000_000_000_000_000 + i64::from(n) * 1_000,
            link_type: 1,
            interface: 0,
            original_len: 400,
            uid: Some(10_001),
            data: &data,
        };
        recorder.packet(&packet, 54);
    }
    assert_eq!(recorder.finish().missed_packets, 0);
}

fn numbers(mut file: CaptureFile) -> Vec<u32> {
    let mut numbers = Vec::new();
    while let Some(item) = file.next_item().unwrap() {
        if let Item::Packet(p) = item {
            assert_eq!(p.uid, Some(10_001));
            numbers.push(u32::from_be_bytes(p.data[..4].try_into().unwrap()));
        }
    }
    numbers
}

async fn with_limits(engine: &Engine, audits: Option<u32>, recordings: Option<u32>) {
    let settings = Settings {
        keep_audits_days: audits,
        keep_recordings_days: recordings,
        ..Settings::default()
    };
    engine.save_settings(&settings).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_saved_is_one_capture_with_every_packet() {
    let data = tempfile::tempdir().unwrap();
    let engine = Engine::open(data.path()).await.unwrap();
    let id = audited(&engine).await;
    let to = data.path().join("saved.pcapng");
    assert!(matches!(
        engine.save_recording(id, &to).await,
        Err(EngineError::NoRecording(_))
    ));
    record(data.path(), id, 5_000);
    let last = std::fs::read_dir(folder(data.path(), id)).unwrap().count();
    assert!(last > 5, "{last} segments");
    // One that a killed program left cut.
    let cut = folder(data.path(), id).join(format!("{:06}.pcapng", last + 1));
    let whole = std::fs::read(folder(data.path(), id).join("000001.pcapng")).unwrap();
    std::fs::write(&cut, &whole[..whole.len() - 131]).unwrap();

    engine.save_recording(id, &to).await.unwrap();
    let saved = numbers(CaptureFile::open(&to).unwrap());
    assert_eq!(saved[..5_000], (0..5_000).collect::<Vec<_>>());
    assert!(saved.len() > 5_100, "and what was whole of the cut one");
    assert_eq!(
        saved,
        numbers(open_recording(&folder(data.path(), id)).unwrap().unwrap())
    );
    assert_eq!(engine.recording_name(id).await.unwrap(), "example.pcapng");
    assert_eq!(
        engine.cards().await.unwrap()[0].recording_bytes,
        std::fs::metadata(&to).unwrap().len() + std::fs::metadata(&cut).unwrap().len()
            - cut_len(&whole[..whole.len() - 131])
    );

    // Where the field's own program is there, it counts the same.
    if let Ok(told) = Command::new("capinfos")
        .args(["-c", "-M", "-T", "-r"])
        .arg(&to)
        .output()
    {
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        let count = told.split_whitespace().last().unwrap_or_default();
        assert_eq!(count, saved.len().to_string(), "{told}");
    } else {
        eprintln!("not compared with capinfos, which is not there");
    }

    // Never into its own source.
    assert!(matches!(
        engine.save_recording(id, &cut).await,
        Err(EngineError::InvalidInput(_))
    ));
    engine.remove_recording(id).await.unwrap();
    assert!(!folder(data.path(), id).exists());
    assert_eq!(engine.cards().await.unwrap()[0].recording_bytes, 0);
    engine.remove_recording(id).await.unwrap();
}

/// Octets up to the end of the last whole block.
fn cut_len(octets: &[u8]) -> u64 {
    let mut at = 0;
    while let Some(len) = octets.get(at + 4..at + 8) {
        let len = u32::from_le_bytes(len.try_into().unwrap()) as usize;
        if at + len > octets.len() {
            break;
        }
        at += len;
    }
    at as u64
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_goes_and_comes_back_with_its_audit() {
    let data = tempfile::tempdir().unwrap();
    let engine = Engine::open(data.path()).await.unwrap();
    let (one, two) = (audited(&engine).await, audited(&engine).await);
    record(data.path(), one, 10);
    record(data.path(), two, 10);
    engine.remove(one).await.unwrap();
    engine.restore(one).await.unwrap();
    assert_eq!(
        numbers(open_recording(&folder(data.path(), one)).unwrap().unwrap()).len(),
        10
    );
    engine.remove(one).await.unwrap();
    engine.close().await;
    assert!(folder(data.path(), one).exists(), "it could still be brought back");

    let engine = Engine::open(data.path()).await.unwrap();
    assert!(!folder(data.path(), one).exists(), "the start deletes both");
    let left = std::fs::read_dir(data.path().join("recordings")).unwrap().count();
    assert!(left == 1 && folder(data.path(), two).exists());
    engine.close().await;

    // The store is lost: its recordings are no other audit's, and nobody's to delete.
    for file in ["telltale.sqlite", "telltale.sqlite-wal", "telltale.sqlite-shm"] {
        let _ = std::fs::remove_file(data.path().join(file));
    }
    let engine = Engine::open(data.path()).await.unwrap();
    let (first, second) = (audited(&engine).await, audited(&engine).await);
    assert_eq!((first, second), (one, two));
    assert_eq!(engine.audit(second).await.unwrap().card.recording_bytes, 0);
    let aside = data.path().join(format!("recordings/{two}-of-another-store-1"));
    assert_eq!(numbers(open_recording(&aside).unwrap().unwrap()).len(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_old_is_announced_and_then_removed() {
    let data = tempfile::tempdir().unwrap();
    let engine = Engine::open(data.path()).await.unwrap();
    let (kept, old) = (audited(&engine).await, audited(&engine).await);
    for id in [kept, old] {
        record(data.path(), id, 10);
    }
    engine.keep(kept, true).await.unwrap();
    assert!(engine.audit(kept).await.unwrap().card.keep);
    assert!(matches!(engine.keep(999, true).await, Err(EngineError::NoSuchAudit(_))));
    with_limits(&engine, Some(30), Some(7)).await;
    assert_eq!(engine.leaving(now()).await.unwrap(), []);

    for (day, recording_only) in [(5, true), (28, false)] {
        for today in day..day + 3 {
            engine.retain(days_from_now(today)).await.unwrap();
            let leaving = engine.leaving(days_from_now(today)).await.unwrap();
            assert_eq!(leaving.len(), 1, "on day {today}: {leaving:?}");
            let told = &leaving[0];
            assert_eq!(
                (told.audit, told.recording_only, told.name.as_str()),
                (old, recording_only, "example")
            );
            assert!(
                told.at >= days_from_now(day + 2) && told.at <= days_from_now(day + 4),
                "{told:?}"
            );
            assert!(engine.audit(old).await.is_ok());
            assert!(folder(data.path(), old).exists() || !recording_only);
        }
        // What was announced is known again after a restart; the start's own look is at today's clock, which changes nothing here.
        engine.retain(days_from_now(day + 3)).await.unwrap();
        assert!(
            !folder(data.path(), old).exists(),
            "the recording goes, with its audit at the latest"
        );
        assert_eq!(engine.leaving(days_from_now(day + 3)).await.unwrap(), []);
    }
    assert!(matches!(engine.audit(old).await, Err(EngineError::NoSuchAudit(_))));
    assert!(matches!(engine.restore(old).await, Err(EngineError::NoSuchAudit(_))));
    assert!(engine.audit(kept).await.is_ok() && folder(data.path(), kept).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_far_in_the_future_removes_nothing() {
    let data = tempfile::tempdir().unwrap();
    let engine = Engine::open(data.path()).await.unwrap();
    let id = audited(&engine).await;
    record(data.path(), id, 10);
    with_limits(&engine, Some(30), None).await;
    engine.retain(days_from_now(4_000)).await.unwrap();
    assert_eq!(engine.leaving(days_from_now(4_000)).await.unwrap().len(), 1);
    engine.close().await;

    // The clock is right again: nothing is announced any more.
    let engine = Engine::open(data.path()).await.unwrap();
    assert_eq!(engine.leaving(now()).await.unwrap(), []);
    assert!(engine.audit(id).await.is_ok() && folder(data.path(), id).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_announcement_outlives_the_program() {
    let data = tempfile::tempdir().unwrap();
    let engine = Engine::open(data.path()).await.unwrap();
    let id = audited(&engine).await;
    // As old as it gets without waiting: the limit is a day, so it stands announced from the first look on.
    with_limits(&engine, Some(1), None).await;
    let told = engine.leaving(now()).await.unwrap();
    assert_eq!((told.len(), told[0].audit), (1, id));
    engine.close().await;
    let engine = Engine::open(data.path()).await.unwrap();
    assert_eq!(engine.leaving(now()).await.unwrap().len(), 1);
    for day in 1..3 {
        engine.retain(days_from_now(day)).await.unwrap();
        assert!(engine.audit(id).await.is_ok());
    }
    engine.retain(days_from_now(3)).await.unwrap();
    assert!(engine.audit(id).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_beyond_their_ranges_are_refused() {
    let data = tempfile::tempdir().unwrap();
    let engine = Engine::open(data.path()).await.unwrap();
    let with = |limit, audits, recordings| Settings {
        recording_limit_mb: limit,
        keep_audits_days: audits,
        keep_recordings_days: recordings,
        ..Settings::default()
    };
    for good in [with(10, Some(1), None), with(1_000_000, Some(3_650), Some(3_650))] {
        engine.save_settings(&good).await.unwrap();
        assert_eq!(engine.settings().await.unwrap(), good);
    }
    for bad in [
        with(9, None, None),
        with(1_000_001, None, None),
        with(10, Some(0), None),
        with(10, None, Some(3_651)),
    ] {
        assert!(matches!(
            engine.save_settings(&bad).await,
            Err(EngineError::InvalidInput(_))
        ));
    }
    assert_eq!(engine.settings().await.unwrap().recording_limit_mb, 1_000_000);
}

/// A live audit of a capture that comes through a door; its number once it has ended.
async fn watched(engine: &Engine, recording: Recording, capture: &str, packets: u64) -> u32 {
    let request = LiveRequest {
        source: LiveSource::Tcp {
            bind: Ipv4Addr::LOCALHOST.into(),
            port: 0,
        },
        filter: PacketFilter::All,
        name: "Léa's phone".to_owned(),
        description: String::new(),
        connection: Connection::Mobile,
        duration_s: None,
        recording,
    };
    let id = engine.start_live(request).await.unwrap();
    let door = until(engine, id, |n| n.live.as_ref()?.door.clone()).await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/captures");
    let capture = std::fs::read(folder.join(capture)).unwrap();
    TcpStream::connect(&door.address).unwrap().write_all(&capture).unwrap();
    until(engine, id, |n| (n.summary.counts.packets == packets).then_some(())).await;
    // Its recording cannot go while it is made.
    assert!(matches!(engine.remove_recording(id).await, Err(EngineError::Busy)) || recording == Recording::Off);
    engine.stop(id).unwrap();
    until(engine, id, |n| n.live.is_none().then_some(())).await;
    id
}

async fn until<T>(engine: &Engine, id: u32, is: impl Fn(&AuditNow) -> Option<T>) -> T {
    for _ in 0..600 {
        if let Some(seen) = is(&engine.audit(id).await.unwrap()) {
            return seen;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it does not come: {:?}", engine.audit(id).await.unwrap().live);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_of_a_live_audit_seals_the_file_that_is_saved() {
    let data = tempfile::tempdir().unwrap();
    let engine = Engine::open(data.path()).await.unwrap();
    let id = watched(&engine, Recording::Full, "pcapdroid-uids.pcapng", 90).await;
    let (saved, report) = (data.path().join("saved.pcapng"), data.path().join("report.json"));
    engine
        .save_report(id, ReportFormat::Json, Language::En, "0", &report)
        .await
        .unwrap();
    engine.save_recording(id, &saved).await.unwrap();
    let seal = sha256(&saved);
    let source = engine.audit(id).await.unwrap().summary.source.clone();
    assert_eq!(source.sha256, seal);
    assert_eq!(source.file_bytes, std::fs::metadata(&saved).unwrap().len());
    let report = std::fs::read_to_string(&report).unwrap();
    assert!(report.contains(&seal.unwrap()), "the report names it");

    // What was recorded says the same again, read as a file.
    let Opened::Started(again) = engine.open_capture(&saved, true).await.unwrap() else {
        panic!("asked for it again");
    };
    until(&engine, again, |n| n.progress.is_none().then_some(())).await;
    let (live, file) = (engine.audit(id).await.unwrap(), engine.audit(again).await.unwrap());
    assert_eq!(live.summary.apps, file.summary.apps);
    assert_eq!(live.summary.counts, file.summary.counts);
    assert_eq!(
        (live.summary.servers, live.summary.flows),
        (file.summary.servers, file.summary.flows)
    );
    let ages = [live.card.recording_bytes > 0, file.card.recording_bytes > 0];
    assert_eq!(ages, [true, false]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_headers_alone_flows_and_apps_are_known_and_no_name() {
    let data = tempfile::tempdir().unwrap();
    let engine = Engine::open(data.path()).await.unwrap();
    let id = watched(&engine, Recording::Headers, "pcapdroid-trailer.pcap", 90).await;
    let outcome = engine.outcome(id).await.unwrap();
    assert!(
        outcome.servers.iter().any(|s| s.name.is_some()),
        "names are read live all the same"
    );
    let mut file = open_recording(&folder(data.path(), id)).unwrap().unwrap();
    let (mut packets, mut with_app, mut longest) = (0, 0, 0);
    while let Some(item) = file.next_item().unwrap() {
        if let Item::Packet(p) = item {
            packets += 1;
            with_app += u32::from(p.uid.is_some());
            longest = longest.max(p.data.len());
        }
    }
    assert_eq!(packets, 90);
    assert!(with_app > 60, "{with_app} of 90 packets have an app");
    assert!(longest <= 14 + 60 + 60, "{longest} octets are no headers");

    let off = watched(&engine, Recording::Off, "pcapdroid-trailer.pcap", 90).await;
    assert!(!folder(data.path(), off).exists());
    assert!(matches!(
        engine.save_recording(off, &data.path().join("x")).await,
        Err(EngineError::NoRecording(_))
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_of_a_file_keeps_the_files_own_checksum() {
    let data = tempfile::tempdir().unwrap();
    let engine = Engine::open(data.path()).await.unwrap();
    let id = audited(&engine).await;
    let before = engine.audit(id).await.unwrap().summary.source.clone();
    record(data.path(), id, 10);
    let path = data.path().join("report.json");
    engine
        .save_report(id, ReportFormat::Json, Language::En, "0", &path)
        .await
        .unwrap();
    assert_eq!(engine.audit(id).await.unwrap().summary.source, before);
}
