//! The disk's side of a recording: segments, each a whole pcapng section that opens alone, within a limit, oldest removed first.
//!
//! Called by the writer's thread of [`super::Recorder`]. What was encoded goes to the disk as a whole or is taken back, so a full disk
//! never leaves half a block; only a killed process does, in its last segment (see [`super::kept`]). Never here: waiting.

use super::kept::{self, Segment};
use super::recorder::{Chunk, Described, Record};
use super::space;
use crate::live::RecordingNow;
use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use telltale_capture::{PcapngWriter, Section};
use telltale_core::model::Timestamp;

/// Rest before a disk that failed is tried again.
const RETRY: Duration = Duration::from_secs(1);
/// Room for the encoded octets of one chunk.
const STAGE_BYTES: usize = 5 << 18;
/// What a packet costs beside its octets, at most: block, padding, comment.
const PACKET_COST: u64 = 64;
/// What the statistics of an interface cost at a segment's end.
const STATISTICS_COST: u64 = 128;

/// Octets that are on the disk, and those on their way to it.
struct Staged {
    file: File,
    waiting: Vec<u8>,
    on_disk: u64,
    folder: PathBuf,
}

impl Staged {
    fn len(&self) -> u64 {
        self.on_disk + self.waiting.len() as u64
    }
}

impl Write for Staged {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.waiting.extend_from_slice(octets);
        Ok(octets.len())
    }

    /// All that waits, or nothing of it.
    fn flush(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let len = self.waiting.len() as u64;
        let done = space::enough(&self.folder, len).and_then(|()| self.file.write_all(&self.waiting));
        self.waiting.clear();
        match done {
            Ok(()) => self.on_disk += len,
            Err(_) => self.file.set_len(self.on_disk)?,
        }
        done
    }
}

/// Losses of one interface.
#[derive(Clone, Copy, Default, PartialEq)]
struct Lost {
    by_system: u64,
    by_interface: u64,
}

/// Losses of each interface, and packets that the recording itself missed, told by statistics so far.
type Told = (Vec<Lost>, u64);

/// The segment that is being written.
struct Open {
    segment: Segment,
    writer: PcapngWriter<Staged>,
    interfaces: usize,
    apps: usize,
    /// What the segments before it told: its own statistics say what came on top.
    before: Told,
    /// What is told with its own last statistics.
    told: Told,
    /// Packets of each interface.
    written: Vec<u64>,
}

/// A recording's files.
pub(super) struct Segments {
    folder: PathBuf,
    limit: u64,
    segment_bytes: u64,
    /// Closed ones, oldest first.
    closed: VecDeque<Segment>,
    closed_bytes: u64,
    next: u32,
    open: Option<Open>,
    lost: Vec<Lost>,
    /// What the files on the disk tell.
    told: Told,
    left_out: u64,
    last_ns: i64,
    /// Packets of the chunk in hand that are on the disk.
    safe: u64,
    staged: u64,
    retry_at: Option<Instant>,
    /// The folder says that packets are missing.
    marked: bool,
    now: RecordingNow,
    shown: Arc<Mutex<RecordingNow>>,
}

impl Segments {
    /// A recording in `folder`, which may hold segments of an earlier run.
    pub(super) fn new(folder: &Path, limit: u64, segment_bytes: u64, shown: Arc<Mutex<RecordingNow>>) -> Self {
        let closed: VecDeque<Segment> = kept::segments(folder).into();
        let mut segments = Self {
            folder: folder.to_owned(),
            limit,
            segment_bytes: segment_bytes.min(limit),
            closed_bytes: closed.iter().map(|s| s.bytes).sum(),
            next: closed.back().map_or(1, |s| s.number.saturating_add(1)),
            closed,
            open: None,
            lost: Vec::new(),
            told: Told::default(),
            left_out: 0,
            last_ns: 0,
            safe: 0,
            staged: 0,
            retry_at: None,
            marked: false,
            now: RecordingNow::default(),
            shown,
        };
        if segments.closed.front().is_some_and(|s| s.number > 1) {
            segments.note_since();
        }
        segments.show();
        segments
    }

    /// Writes a chunk; what cannot be written is counted.
    pub(super) fn write(&mut self, chunk: &Chunk) {
        self.left_out = chunk.left_out;
        (self.safe, self.staged) = (0, 0);
        if self.retry_at.is_some_and(|at| Instant::now() < at) {
            self.now.missed_packets += chunk.packets;
        } else {
            match self.write_records(chunk) {
                Ok(()) => {
                    self.retry_at = None;
                    self.now.problem = None;
                }
                Err(e) => self.failed(&e, chunk.packets),
            }
        }
        self.show();
    }

    /// Ends the recording.
    pub(super) fn close(&mut self) {
        (self.safe, self.staged) = (0, 0);
        if let Err(e) = self.close_segment() {
            self.failed(&e, 0);
        }
        self.show();
    }

    fn write_records(&mut self, chunk: &Chunk) -> io::Result<()> {
        let mut octets = chunk.octets.as_slice();
        for record in &chunk.records {
            match *record {
                Record::Packet {
                    interface,
                    at_ns,
                    original_len,
                    captured_len,
                    uid,
                } => {
                    let (data, rest) = octets.split_at(captured_len as usize);
                    octets = rest;
                    self.last_ns = at_ns;
                    self.make_room(u64::from(captured_len) + PACKET_COST, &chunk.described, at_ns)?;
                    if let Some(open) = &mut self.open {
                        open.writer.packet(interface, at_ns, original_len, data, uid)?;
                        open.written[interface as usize] += 1;
                        self.staged += 1;
                    }
                }
                Record::Drops {
                    interface,
                    at_ns,
                    by_system,
                    by_interface,
                } => {
                    let at = interface as usize;
                    self.lost.resize(self.lost.len().max(at + 1), Lost::default());
                    self.lost[at] = Lost {
                        by_system,
                        by_interface,
                    };
                    self.last_ns = at_ns;
                }
            }
        }
        let missed = self.missed();
        if let Some(open) = &mut self.open {
            open.describe(&chunk.described)?;
            // Only what is new: an idle recording must not grow.
            if open.told != (self.lost.clone(), missed) {
                open.statistics(&self.lost, missed, self.last_ns)?;
            }
            open.writer.flush()?;
            self.told.clone_from(&open.told);
            self.safe = self.staged;
        }
        Ok(())
    }

    /// Makes room for another `cost` octets: a new segment where the open one would be too long, the oldest ones removed where all
    /// together would be.
    fn make_room(&mut self, cost: u64, described: &Described, at_ns: i64) -> io::Result<()> {
        let full = |o: &Open| o.packets() > 0 && o.len() + cost > self.segment_bytes;
        if self.open.as_ref().is_some_and(full) {
            self.close_segment()?;
        }
        if self.open.is_none() {
            self.open = Some(self.begin_segment(at_ns)?);
        }
        if let Some(open) = &mut self.open {
            open.describe(described)?;
            let len = open.len() + cost;
            while self.closed_bytes + len > self.limit && self.remove_oldest() {}
        }
        Ok(())
    }

    fn begin_segment(&mut self, at_ns: i64) -> io::Result<Open> {
        fs::create_dir_all(&self.folder)?;
        let path = kept::path_of(&self.folder, self.next);
        let file = OpenOptions::new().write(true).create_new(true).open(&path);
        if file.as_ref().is_err_and(|e| e.kind() == io::ErrorKind::AlreadyExists) {
            // Never over a file that somebody else put there; the next try takes the next number.
            self.next = self.next.saturating_add(1);
        }
        let file = file?;
        let staged = Staged {
            file,
            waiting: Vec::with_capacity(STAGE_BYTES),
            on_disk: 0,
            folder: self.folder.clone(),
        };
        let section = Section {
            hardware: String::new(),
            os: std::env::consts::OS.to_owned(),
            application: concat!("Telltale ", env!("CARGO_PKG_VERSION")).to_owned(),
        };
        let open = Open {
            segment: Segment {
                number: self.next,
                path,
                bytes: 0,
                first: Some(Timestamp(at_ns)),
            },
            writer: PcapngWriter::new(staged, &section)?,
            interfaces: 0,
            apps: 0,
            before: self.told.clone(),
            told: self.told.clone(),
            written: Vec::new(),
        };
        self.next = self.next.saturating_add(1);
        Ok(open)
    }

    fn close_segment(&mut self) -> io::Result<()> {
        let Some(mut open) = self.open.take() else {
            return Ok(());
        };
        let closed = open
            .statistics(&self.lost, self.missed(), self.last_ns)
            .and_then(|()| open.writer.flush());
        if closed.is_ok() {
            self.told.clone_from(&open.told);
            self.safe = self.staged;
        }
        self.keep(open);
        closed
    }

    /// Lists a segment that is written no more; an empty one goes.
    fn keep(&mut self, open: Open) {
        let mut segment = open.segment;
        segment.bytes = open.writer.get_ref().on_disk;
        if segment.bytes == 0 {
            let _ = fs::remove_file(&segment.path);
        } else {
            self.closed_bytes += segment.bytes;
            self.closed.push_back(segment);
        }
    }

    /// Removes the oldest closed segment; `false` when there is none.
    fn remove_oldest(&mut self) -> bool {
        let Some(oldest) = self.closed.pop_front() else {
            return false;
        };
        self.closed_bytes -= oldest.bytes;
        // One that the user removed meanwhile is gone as well.
        let _ = fs::remove_file(&oldest.path);
        self.now.dropped_bytes += oldest.bytes;
        self.note_since();
        true
    }

    fn note_since(&mut self) {
        let first = self.closed.front_mut().map(Segment::first_packet);
        self.now.since = first.unwrap_or_else(|| self.open.as_ref().and_then(|o| o.segment.first));
    }

    fn failed(&mut self, error: &io::Error, packets: u64) {
        self.now.missed_packets += packets - self.safe.min(packets);
        self.now.problem = Some(error.to_string());
        self.retry_at = Some(Instant::now() + RETRY);
        if let Some(open) = self.open.take() {
            self.keep(open);
        }
    }

    const fn missed(&self) -> u64 {
        self.now.missed_packets + self.left_out
    }

    fn show(&mut self) {
        if self.missed() > 0 && !self.marked {
            self.marked = kept::mark_incomplete(&self.folder).is_ok();
        }
        let open = self.open.as_ref().map_or(0, |o| o.writer.get_ref().on_disk);
        self.now.bytes = self.closed_bytes + open;
        self.now.files = u32::try_from(self.closed.len() + usize::from(open > 0)).unwrap_or(u32::MAX);
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = self.now.clone();
    }
}

impl Open {
    /// Octets that it will have when it is closed now.
    fn len(&self) -> u64 {
        self.writer.get_ref().len() + self.interfaces as u64 * STATISTICS_COST
    }

    fn packets(&self) -> u64 {
        self.written.iter().sum()
    }

    /// Describes the interfaces and apps that it does not know yet.
    fn describe(&mut self, described: &Described) -> io::Result<()> {
        for interface in described.interfaces.get(self.interfaces..).unwrap_or_default() {
            self.writer.interface(interface)?;
            self.interfaces += 1;
            self.written.push(0);
        }
        for (uid, package, label) in described.apps.get(self.apps..).unwrap_or_default() {
            self.writer.app(*uid, package, label)?;
            self.apps += 1;
        }
        Ok(())
    }

    /// What was lost and not told by the segments before. What the recording itself had to leave out counts as lost by the system, with the first
    /// interface: whoever reads the file sees that it is not all.
    fn statistics(&mut self, lost: &[Lost], missed: u64, at_ns: i64) -> io::Result<()> {
        for at in 0..self.interfaces {
            let of = |all: &[Lost]| all.get(at).copied().unwrap_or_default();
            let (now, before) = (of(lost), of(&self.before.0));
            let missed = if at == 0 {
                missed.saturating_sub(self.before.1)
            } else {
                0
            };
            let by_system = now.by_system.saturating_sub(before.by_system) + missed;
            let by_interface = now.by_interface.saturating_sub(before.by_interface);
            let received = self.written[at] + by_system + by_interface;
            let number = u32::try_from(at).unwrap_or(u32::MAX);
            self.writer.drops(number, at_ns, received, by_system, by_interface)?;
        }
        self.told = (lost.to_vec(), missed);
        Ok(())
    }
}
