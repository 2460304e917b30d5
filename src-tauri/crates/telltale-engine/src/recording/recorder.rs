//! The audit's side of a recording: packets are copied into a buffer, full buffers go to the writer's thread.
//!
//! Called by the loop of a live audit, which it never holds up: when the writer is behind by [`QUEUE`] buffers, or the disk fails,
//! packets are left out and counted. Never here: files (see [`super::segments`]).

use super::segments::Segments;
use crate::live::{Recording, RecordingNow};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use telltale_capture::{InterfaceBlock, Packet};
use telltale_core::model::Timestamp;

/// Octets of a buffer: large enough that handing it over costs nothing a packet.
const BUFFER_BYTES: usize = 1 << 20;
/// Full buffers that may wait for the disk: over half a second of a disk's silence at 90 MB/s, and the most memory that it takes.
const QUEUE: usize = 64;
/// A buffer is handed over after this time though it is not full: what a killed process loses.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long the end waits for a disk that does not answer.
const LAST_WORDS: Duration = Duration::from_secs(20);
/// Interfaces of one recording; an audit has one or two, and each is written again into every segment.
const MAX_INTERFACES: usize = 64;
/// Apps of one recording, for the same reason: more than a phone has, and together always shorter than the smallest segment.
const MAX_APPS: usize = 1_000;

/// What stands in the buffer beside the octets of its packets.
#[derive(Clone, Copy, Debug)]
pub(super) enum Record {
    /// A packet; its octets are the buffer's next `captured_len`.
    Packet {
        interface: u32,
        at_ns: i64,
        original_len: u32,
        captured_len: u32,
        uid: Option<i32>,
    },
    /// Losses of an interface so far, counted from the recording's beginning.
    Drops {
        interface: u32,
        at_ns: i64,
        by_system: u64,
        by_interface: u64,
    },
}

/// What every segment says at its beginning; only grows.
#[derive(Clone, Debug, Default)]
pub(super) struct Described {
    pub(super) interfaces: Vec<InterfaceBlock>,
    pub(super) apps: Vec<(i32, String, String)>,
}

impl Described {
    fn len(&self) -> usize {
        self.interfaces.len() + self.apps.len()
    }
}

/// A full buffer on its way to the disk.
#[derive(Default)]
pub(super) struct Chunk {
    pub(super) records: Vec<Record>,
    pub(super) octets: Vec<u8>,
    pub(super) packets: u64,
    /// What the records need to be described.
    pub(super) described: Arc<Described>,
    /// Packets left out so far because the writer was behind.
    pub(super) left_out: u64,
}

impl Chunk {
    fn len(&self) -> usize {
        self.octets.len() + self.records.len() * size_of::<Record>()
    }

    fn clear(&mut self) {
        self.records.clear();
        self.octets.clear();
        self.packets = 0;
    }
}

/// Losses of one interface.
#[derive(Clone, Copy, Default)]
struct Lost {
    /// By streams that ended.
    before: (u64, u64),
    /// As the running stream says.
    here: (u64, u64),
}

/// Records the packets of one live audit. Dropped without [`Self::finish`] it still writes what it was given, in its own time.
pub struct Recorder {
    headers_only: bool,
    described: Arc<Described>,
    /// Numbers of the running stream's interfaces, as its packets say them.
    stream: Vec<u32>,
    lost: Vec<Lost>,
    app_places: BTreeMap<i32, usize>,
    chunk: Chunk,
    began: Instant,
    left_out: u64,
    /// Interfaces and apps that the writer was told of.
    told: usize,
    full: Option<SyncSender<Chunk>>,
    emptied: Receiver<Chunk>,
    done: Receiver<()>,
    state: Arc<Mutex<RecordingNow>>,
}

impl Recorder {
    /// Begins a recording in `folder` (made where it is missing), or goes on with the one that is there. `limit_bytes` is what it may
    /// take on the disk, `segment_bytes` what one file may. `None` where nothing is to be kept. Never fails: what is in the way is told
    /// by [`Self::now`], and it goes on by itself when that is over.
    pub fn new(folder: &Path, recording: Recording, limit_bytes: u64, segment_bytes: u64) -> Option<Self> {
        if recording == Recording::Off {
            return None;
        }
        let (full, taken) = sync_channel::<Chunk>(QUEUE);
        let (give_back, emptied) = sync_channel(4);
        let (tell_done, done) = sync_channel(1);
        let state = Arc::new(Mutex::new(RecordingNow::default()));
        let mut segments = Segments::new(folder, limit_bytes, segment_bytes, Arc::clone(&state));
        thread::spawn(move || {
            while let Ok(mut chunk) = taken.recv() {
                segments.write(&chunk);
                chunk.clear();
                // Only a few are kept for the next time.
                let _ = give_back.try_send(chunk);
            }
            segments.close();
            let _ = tell_done.send(());
        });
        Some(Self {
            headers_only: recording == Recording::Headers,
            described: Arc::default(),
            stream: Vec::new(),
            lost: Vec::new(),
            app_places: BTreeMap::new(),
            chunk: Chunk::default(),
            began: Instant::now(),
            left_out: 0,
            told: 0,
            full: Some(full),
            emptied,
            done,
            state,
        })
    }

    /// A new stream begins (the capture program was started again, the phone connected again): its interfaces are numbered from 0.
    pub fn stream(&mut self) {
        self.stream.clear();
        for lost in &mut self.lost {
            lost.before.0 = lost.before.0.saturating_add(lost.here.0);
            lost.before.1 = lost.before.1.saturating_add(lost.here.1);
            lost.here = (0, 0);
        }
    }

    /// The stream's next interface.
    pub fn interface(&mut self, interface: &InterfaceBlock) {
        let number = self.number_of(interface);
        // A stream of a stranger may describe thousands; packets of those beyond are left out, and counted.
        if let Some(number) = number.filter(|_| self.stream.len() < MAX_INTERFACES) {
            self.stream.push(number);
        }
    }

    fn number_of(&mut self, interface: &InterfaceBlock) -> Option<u32> {
        let known = &self.described.interfaces;
        let at = known.iter().position(|i| i == interface).unwrap_or(known.len());
        if at >= MAX_INTERFACES {
            return None;
        }
        if at == known.len() {
            Arc::make_mut(&mut self.described).interfaces.push(interface.clone());
            self.lost.push(Lost::default());
        }
        u32::try_from(at).ok()
    }

    /// Keeps a packet of the running stream. `header_len` is where its transport payload begins (`telltale_wire::Frame::header_len`):
    /// of a headers-only recording it is all that is kept, so an app that stands behind the payload must be given as `packet.uid`.
    /// Names cannot be read again from such a recording: they are said in payloads.
    #[inline]
    pub fn packet(&mut self, packet: &Packet<'_>, header_len: usize) {
        let number = self.stream.get(packet.interface as usize).copied();
        let Some(interface) = number.filter(|n| self.has_link_type(*n, packet.link_type)) else {
            self.left_out += 1;
            return;
        };
        let kept = if self.headers_only {
            packet.data.get(..header_len).unwrap_or(packet.data)
        } else {
            packet.data
        };
        self.chunk.records.push(Record::Packet {
            interface,
            at_ns: packet.at_ns,
            original_len: packet.original_len,
            captured_len: u32::try_from(kept.len()).unwrap_or(u32::MAX),
            uid: packet.uid,
        });
        self.chunk.octets.extend_from_slice(kept);
        self.chunk.packets += 1;
        if self.chunk.len() >= BUFFER_BYTES {
            self.hand_over();
        }
    }

    fn has_link_type(&self, number: u32, link_type: u16) -> bool {
        let interface = self.described.interfaces.get(number as usize);
        interface.is_some_and(|i| i.link_type == link_type)
    }

    /// Which app a user id stands for; every segment says it again.
    pub fn app(&mut self, uid: i32, package: Option<&str>, label: Option<&str>) {
        let app = (
            uid,
            package.unwrap_or_default().to_owned(),
            label.unwrap_or_default().to_owned(),
        );
        match self.app_places.get(&uid).copied() {
            Some(at) if self.described.apps.get(at) == Some(&app) => {}
            _ if self.described.apps.len() >= MAX_APPS => {}
            // A new name for a known id follows the old one, as in the stream.
            _ => {
                self.app_places.insert(uid, self.described.apps.len());
                Arc::make_mut(&mut self.described).apps.push(app);
            }
        }
    }

    /// Losses of the running stream's interface so far, as the stream says them.
    pub fn drops(&mut self, at: Timestamp, interface: u32, by_system: u64, by_interface: u64) {
        let Some(number) = self.stream.get(interface as usize).copied() else {
            return;
        };
        let Some(lost) = self.lost.get_mut(number as usize) else {
            return;
        };
        lost.here = (by_system, by_interface);
        self.chunk.records.push(Record::Drops {
            interface: number,
            at_ns: at.0,
            by_system: lost.before.0.saturating_add(by_system),
            by_interface: lost.before.1.saturating_add(by_interface),
        });
    }

    /// How the recording stands. Call it a few times a second: it also hands over what waits for a buffer to fill.
    pub fn now(&mut self) -> RecordingNow {
        if self.began.elapsed() >= PATIENCE {
            self.hand_over();
        }
        let mut now = self.state().clone();
        now.missed_packets = now.missed_packets.saturating_add(self.left_out);
        now
    }

    /// Writes what is left and ends; waits for the disk, but not for ever.
    pub fn finish(mut self) -> RecordingNow {
        let until = Instant::now() + LAST_WORDS;
        while self.waits() && !self.try_hand_over() {
            if Instant::now() >= until {
                self.give_up_chunk();
                break;
            }
            thread::sleep(Duration::from_millis(10));
        }
        self.full = None;
        let written = self.done.recv_timeout(until.saturating_duration_since(Instant::now()));
        let mut now = self.now();
        if written.is_err() && now.problem.is_none() {
            now.problem = Some("the disk does not answer".to_owned());
        }
        now
    }

    fn state(&self) -> MutexGuard<'_, RecordingNow> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands the buffer over, or empties it when it is full and the writer is behind.
    fn hand_over(&mut self) {
        self.began = Instant::now();
        if self.waits() && !self.try_hand_over() && self.chunk.len() >= BUFFER_BYTES {
            self.give_up_chunk();
        }
    }

    /// Whether there is something that the writer does not know yet.
    fn waits(&self) -> bool {
        !self.chunk.records.is_empty() || self.told < self.described.len()
    }

    fn try_hand_over(&mut self) -> bool {
        let Some(full) = &self.full else { return true };
        let mut next = self.emptied.try_recv().unwrap_or_default();
        std::mem::swap(&mut next, &mut self.chunk);
        next.described = Arc::clone(&self.described);
        next.left_out = self.left_out;
        match full.try_send(next) {
            Ok(()) => {
                self.told = self.described.len();
                true
            }
            Err(TrySendError::Full(back) | TrySendError::Disconnected(back)) => {
                self.chunk = back;
                false
            }
        }
    }

    fn give_up_chunk(&mut self) {
        self.left_out += self.chunk.packets;
        self.chunk.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::open_recording;
    use telltale_capture::Item;

    /// A disk that does not answer is played by the lock that the writer needs to say how it stands.
    #[test]
    fn a_disk_that_does_not_answer_holds_nobody_up() {
        let folder = tempfile::tempdir().unwrap();
        let mut recorder = Recorder::new(folder.path(), Recording::Full, 1 << 30, 64 << 20).unwrap();
        recorder.interface(&InterfaceBlock {
            link_type: 1,
            ..InterfaceBlock::default()
        });
        let data = vec![7; 60_000];
        let packet = Packet {
            at_ns: 1,
            link_type: 1,
            interface: 0,
            original_len: 60_000,
            uid: None,
            data: &data,
        };
        let state = Arc::clone(&recorder.state);
        let silent = state.lock().unwrap();
        let given = 3_000;
        let began = Instant::now();
        for _ in 0..given {
            recorder.packet(&packet, 54);
        }
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
        let left_out = recorder.left_out;
        let waiting = given - left_out;
        // 18 packets fill a buffer; one buffer is with the writer, one is being filled.
        assert!(
            left_out > 0 && waiting <= (QUEUE as u64 + 2) * 18,
            "{waiting} packets wait"
        );
        drop(silent);
        let end = recorder.finish();
        assert_eq!((end.missed_packets, end.problem), (left_out, None));
        assert!(!crate::recording::is_whole(folder.path()), "a later run knows it, too");
        let mut file = open_recording(folder.path()).unwrap().unwrap();
        let (mut packets, mut lost) = (0, 0);
        while let Some(item) = file.next_item().unwrap() {
            match item {
                Item::Packet(_) => packets += 1,
                Item::Drops { by_system, .. } => lost = by_system,
                _ => {}
            }
        }
        assert_eq!((packets, lost), (waiting, left_out), "the file says what it lacks");
    }
}
