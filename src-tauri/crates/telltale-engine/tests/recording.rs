//! Recordings as a live audit makes them: split, within a limit, honest about what is missing, readable whatever happened.
#![allow(missing_docs)]

use std::path::{Path, PathBuf};
use std::time::Duration;
use telltale_capture::{CaptureFile, InterfaceBlock, Item, Packet};
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
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
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
