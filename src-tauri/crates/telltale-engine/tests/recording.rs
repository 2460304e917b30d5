//! Recordings as a live audit makes them: split, within a limit, honest about what is missing, readable whatever happened.
#![allow(missing_docs)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use telltale_capture::{CaptureFile, InterfaceBlock, Item, Packet};
use telltale_core::model::Timestamp;
use telltale_engine::{Recorder, Recording, RecordingNow, open_recording};

const MEGABYTE: u64 = 1_000_000;
const START_NS: i64 = 1_700_000_000_000_000_000;

fn wifi() -> InterfaceBlock {
    InterfaceBlock {
        link_type: 1,
        snap_len: 262_144,
        name: Some("wlan0".to_owned()),
        ..InterfaceBlock::default()
    }
}

fn recorder(folder: &Path, limit: u64, segment: u64) -> Recorder {
    let mut recorder = Recorder::new(folder, Recording::Full, limit, segment).expect("it records");
    recorder.interface(&wifi());
    recorder
}

/// The packet of number `n`: its octets say which it is.
fn octets(n: u64, len: usize) -> Vec<u8> {
    n.to_be_bytes().into_iter().cycle().take(len).collect()
}

fn packet(n: u64, data: &[u8]) -> Packet<'_> {
    Packet {
        at_ns: START_NS + i64::try_from(n).unwrap() * 1_000_000,
        link_type: 1,
        interface: 0,
        original_len: u32::try_from(data.len()).unwrap(),
        uid: None,
        data,
    }
}

/// Gives it packets, no faster than the disk takes them.
fn give(recorder: &mut Recorder, numbers: std::ops::Range<u64>, len: usize) {
    for n in numbers {
        recorder.packet(&packet(n, &octets(n, len)), 54);
        if n % 20_000 == 19_999 {
            settle(recorder);
        }
    }
}

/// Waits until what was handed over so far lies on the disk or is counted.
fn settle(recorder: &mut Recorder) -> RecordingNow {
    std::thread::sleep(Duration::from_millis(1_050));
    let mut before = recorder.now();
    loop {
        std::thread::sleep(Duration::from_millis(100));
        let now = recorder.now();
        if now == before {
            return now;
        }
        before = now;
    }
}

fn segments(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    let mut paths: Vec<PathBuf> = entries.filter(|p| p.extension().is_some()).collect();
    paths.sort();
    paths
}

/// What a capture holds: numbers of its packets, octets captured of each, losses told.
#[derive(Debug, Default, PartialEq)]
struct Held {
    numbers: Vec<u64>,
    lengths: Vec<usize>,
    apps: Vec<(i32, String)>,
    lost: u64,
    stop: Option<String>,
}

fn held(mut file: CaptureFile) -> Held {
    let mut held = Held::default();
    // Statistics count from the beginning of their interface: the last ones of each hold.
    let mut losses = std::collections::BTreeMap::new();
    loop {
        match file.next_item() {
            Ok(None) => break,
            Err(stop) => {
                held.stop = Some(stop.to_string());
                break;
            }
            Ok(Some(Item::Packet(p))) => {
                let n = (p.at_ns - START_NS) / 1_000_000;
                held.numbers.push(u64::try_from(n).unwrap());
                held.lengths.push(p.data.len());
            }
            Ok(Some(Item::App { uid, label, .. })) => {
                held.apps.push((uid, String::from_utf8_lossy(label).into_owned()));
            }
            Ok(Some(Item::Drops {
                interface,
                by_system,
                by_interface,
            })) => {
                losses.insert(interface, by_system + by_interface);
            }
            Ok(Some(Item::Interface { .. })) => {}
        }
    }
    held.lost = losses.values().sum();
    held
}

fn whole(folder: &Path) -> Held {
    held(open_recording(folder).expect("there is one").expect("it is a capture"))
}

#[test]
fn every_segment_opens_alone_and_together_they_hold_every_packet() {
    let folder = tempfile::tempdir().unwrap();
    let mut recorder = recorder(folder.path(), 100 * MEGABYTE, MEGABYTE);
    give(&mut recorder, 0..10_000, 440);
    let end = recorder.finish();
    let files = segments(folder.path());
    assert!(files.len() >= 5, "{} files", files.len());
    assert_eq!(files[0].file_name().unwrap(), "000001.pcapng");
    assert!(!folder.path().join("incomplete").exists());
    let sizes: Vec<u64> = files.iter().map(|f| f.metadata().unwrap().len()).collect();
    assert!(sizes.iter().all(|s| *s <= MEGABYTE), "{sizes:?}");
    assert_eq!(end.bytes, sizes.iter().sum::<u64>());
    assert_eq!(end.files as usize, files.len());
    assert_eq!(
        (end.missed_packets, end.dropped_bytes, end.since, &end.problem),
        (0, 0, None, &None)
    );

    let mut alone = Vec::new();
    for file in &files {
        let held = held(CaptureFile::open(file).unwrap());
        assert_eq!(held.stop, None);
        alone.extend(held.numbers);
    }
    let all: Vec<u64> = (0..10_000).collect();
    assert_eq!(alone, all);
    let together = whole(folder.path());
    assert_eq!(together.numbers, all);
    assert_eq!((together.lost, together.stop), (0, None));
}

#[test]
fn the_oldest_go_first_and_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let mut recorder = recorder(folder.path(), 3 * MEGABYTE, MEGABYTE / 4);
    recorder.app(10_123, Some("org.example.app"), Some("Example"));
    let mut most = 0;
    for from in (0..20_000).step_by(1_000) {
        give(&mut recorder, from..from + 1_000, 440);
        let now = recorder.now();
        most = most.max(now.bytes);
    }
    let end = recorder.finish();
    assert!(
        most <= 3 * MEGABYTE && end.bytes <= 3 * MEGABYTE,
        "{most}, {}",
        end.bytes
    );
    assert!(end.bytes > 2 * MEGABYTE, "the limit is used: {}", end.bytes);
    let held = whole(folder.path());
    let (first, last) = (held.numbers[0], *held.numbers.last().unwrap());
    assert_eq!(last, 19_999);
    assert_eq!(
        held.numbers,
        (first..=last).collect::<Vec<_>>(),
        "what is left has no holes"
    );
    assert!(first > 10_000);
    assert_eq!(end.since, Some(Timestamp(packet(first, &[]).at_ns)));
    // Each packet takes at least its octets.
    assert!(end.dropped_bytes >= first * 440, "{}", end.dropped_bytes);
    assert_eq!(end.missed_packets, 0);
    assert!(
        held.apps.iter().all(|a| *a == (10_123, "Example".to_owned())) && held.apps.len() == end.files as usize,
        "each segment knows the app: {:?}",
        held.apps
    );
}

#[test]
fn a_recording_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    for run in 0..3_u64 {
        let mut recorder = recorder(folder.path(), 100 * MEGABYTE, MEGABYTE);
        give(&mut recorder, run * 1_000..(run + 1) * 1_000, 440);
        let end = recorder.finish();
        assert_eq!((end.files, end.since), (u32::try_from(run).unwrap() + 1, None));
    }
    assert_eq!(whole(folder.path()).numbers, (0..3_000).collect::<Vec<_>>());
    // With less room the first goes, and it says from when on it holds.
    let mut recorder = recorder(folder.path(), MEGABYTE, MEGABYTE);
    give(&mut recorder, 3_000..3_001, 440);
    let end = recorder.finish();
    assert_eq!(end.since, Some(Timestamp(packet(1_000, &[]).at_ns)));
    assert_eq!(whole(folder.path()).numbers, (1_000..3_001).collect::<Vec<_>>());
}

#[test]
fn a_cut_segment_is_read_up_to_the_cut() {
    let folder = tempfile::tempdir().unwrap();
    let mut recorder = recorder(folder.path(), 100 * MEGABYTE, MEGABYTE / 10);
    give(&mut recorder, 0..1_000, 440);
    recorder.finish();
    let files = segments(folder.path());
    let sizes: Vec<usize> = files
        .iter()
        .map(|f| held(CaptureFile::open(f).unwrap()).numbers.len())
        .collect();
    for (at, cut) in [(1, 50_001), (files.len() - 1, 5_003)] {
        let file = std::fs::File::options().write(true).open(&files[at]).unwrap();
        file.set_len(cut).unwrap();
    }
    let held = whole(folder.path());
    assert_eq!(held.stop, None);
    let second = sizes[0] as u64;
    let third = second + sizes[1] as u64;
    assert!(held.numbers.contains(&(second + 90)) && !held.numbers.contains(&(third - 1)));
    assert!(
        held.numbers.contains(&third),
        "what follows a cut segment is still there"
    );
    assert!(!held.numbers.contains(&999));
    assert!(held.numbers.is_sorted());
}

#[test]
fn headers_only_holds_no_octet_of_what_was_said() {
    let folder = tempfile::tempdir().unwrap();
    let mut recorder = Recorder::new(folder.path(), Recording::Headers, 100 * MEGABYTE, MEGABYTE).unwrap();
    recorder.interface(&wifi());
    for n in 0..500 {
        let mut data = vec![0x11; 54];
        data.extend(b"SECRET".repeat(60));
        recorder.packet(&packet(n, &data), 54);
    }
    // Shorter than its headers: as it came.
    recorder.packet(&packet(500, &[0x11; 20]), 54);
    recorder.finish();
    for file in segments(folder.path()) {
        let octets = std::fs::read(file).unwrap();
        assert!(!octets.windows(3).any(|w| w == b"SEC" || w == b"RET"));
    }
    let mut file = open_recording(folder.path()).unwrap().unwrap();
    let mut lengths = Vec::new();
    while let Some(item) = file.next_item().unwrap() {
        if let Item::Packet(p) = item {
            lengths.push((p.data.len(), p.original_len));
        }
    }
    assert_eq!(lengths.pop(), Some((20, 20)));
    assert_eq!(lengths, [(54, 54 + 360); 500]);
}

#[test]
fn nothing_is_kept_where_nothing_shall_be() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Recorder::new(folder.path(), Recording::Off, MEGABYTE, MEGABYTE).is_none());
    let mut idle = recorder(&folder.path().join("idle"), MEGABYTE, MEGABYTE);
    idle.drops(Timestamp(START_NS), 0, 0, 0);
    let end = idle.finish();
    assert_eq!((end.bytes, end.files, end.problem), (0, 0, None));
    assert!(open_recording(&folder.path().join("idle")).is_none());
}

#[test]
fn losses_of_all_streams_are_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut recorder = recorder(folder.path(), 100 * MEGABYTE, MEGABYTE / 10);
    let at = |n| Timestamp(packet(n, &[]).at_ns);
    give(&mut recorder, 0..500, 440);
    recorder.drops(at(500), 0, 40, 2);
    give(&mut recorder, 500..1_000, 440);
    recorder.drops(at(1_000), 0, 50, 2);
    // The capture program was started again: it counts from zero, and its only interface is another one.
    recorder.stream();
    let raw_ip = InterfaceBlock {
        link_type: 101,
        ..wifi()
    };
    recorder.interface(&raw_ip);
    let data = octets(1_000, 60);
    recorder.packet(
        &Packet {
            link_type: 101,
            ..packet(1_000, &data)
        },
        28,
    );
    recorder.drops(at(1_001), 0, 5, 0);
    // And the first one again.
    recorder.stream();
    recorder.interface(&wifi());
    give(&mut recorder, 1_001..1_500, 440);
    recorder.drops(at(1_500), 0, 3, 0);
    // A packet of an interface that the stream did not describe cannot be written, and counts.
    recorder.packet(
        &Packet {
            interface: 7,
            ..packet(1_500, &data)
        },
        54,
    );
    let end = recorder.finish();
    assert_eq!((end.missed_packets, end.problem), (1, None));
    let held = whole(folder.path());
    assert_eq!(held.numbers, (0..1_500).collect::<Vec<_>>());
    assert_eq!(held.lost, 52 + 5 + 3 + 1);
}

/// A file system of two megabytes, unmounted at the end; `None` where this user may not mount.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", "size=2m", "telltale-test"])
            .arg(folder.path());
        let mounted = mount.output().is_ok_and(|o| o.status.success());
        if !mounted {
            assert!(std::env::var_os("CI").is_none(), "this test mounts a small disk");
            eprintln!("skipped: no right to mount a small disk");
        }
        mounted.then_some(Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_is_told_and_counted_and_it_goes_on_when_there_is_room() {
    let Some(disk) = SmallDisk::mount() else { return };
    let ballast = disk.0.path().join("ballast");
    std::fs::write(&ballast, vec![1; 1_000_000]).unwrap();
    let folder = disk.0.path().join("7");
    let mut recorder = recorder(&folder, 100 * MEGABYTE, MEGABYTE / 4);
    give(&mut recorder, 0..4_000, 440);
    let full = settle(&mut recorder);
    assert!(
        full.problem.as_deref().is_some_and(|p| p.contains("full")),
        "{:?}",
        full.problem
    );
    assert!(full.missed_packets > 500, "{}", full.missed_packets);
    assert!(full.bytes > 400_000, "{}", full.bytes);

    std::fs::remove_file(&ballast).unwrap();
    std::thread::sleep(Duration::from_millis(1_100));
    give(&mut recorder, 10_000..10_500, 440);
    let again = settle(&mut recorder);
    assert_eq!((&again.problem, again.missed_packets), (&None, full.missed_packets));
    let end = recorder.finish();
    assert!(folder.join("incomplete").exists(), "later runs know it, too");
    let held = whole(&folder);
    assert_eq!(held.stop, None);
    let missed = 4_500 - held.numbers.len() as u64;
    assert_eq!(
        (end.missed_packets, held.lost),
        (missed, missed),
        "counted, and told by the file itself"
    );
    let before = held.numbers.iter().filter(|n| **n < 4_000).count() as u64;
    assert_eq!(
        held.numbers[..usize::try_from(before).unwrap()],
        (0..before).collect::<Vec<_>>()
    );
    assert_eq!(
        held.numbers[usize::try_from(before).unwrap()..],
        (10_000..10_500).collect::<Vec<_>>()
    );
}

/// Not a test: what the next one kills.
#[test]
#[ignore = "runs until it is killed"]
fn a_program_that_records() {
    let Some(folder) = std::env::var_os("TELLTALE_TEST_RECORD_INTO") else {
        return;
    };
    let mut recorder = recorder(Path::new(&folder), 100 * MEGABYTE, MEGABYTE);
    for n in 0.. {
        recorder.packet(&packet(n, &octets(n, 440)), 54);
        if n % 500 == 499 {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

#[test]
fn a_killed_program_leaves_a_recording_that_opens() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "a_program_that_records"])
        .env("TELLTALE_TEST_RECORD_INTO", folder.path())
        .spawn()
        .unwrap();
    let patience = Instant::now() + Duration::from_mins(1);
    while segments(folder.path()).len() < 4 && Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let held = whole(folder.path());
    assert_eq!(held.stop, None);
    assert!(held.numbers.len() > 5_000, "{}", held.numbers.len());
    let all = held.numbers.len() as u64;
    assert_eq!(held.numbers, (0..all).collect::<Vec<_>>());
}
