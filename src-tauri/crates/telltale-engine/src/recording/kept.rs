//! Recordings that lie on the disk: `<data>/recordings/<audit>/000001.pcapng` and on, read as one capture.
//!
//! A segment that a killed process left cut is read up to its last whole block. Never here: writing segments.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use telltale_capture::{CaptureFile, Item, MAX_RECORD_LEN};
use telltale_core::model::Timestamp;

const ENDING: &str = "pcapng";
/// A file that is there when packets are missing between the segments.
const INCOMPLETE: &str = "incomplete";
/// Octets asked from the disk at once.
const CHUNK: usize = 256 << 10;
/// A section header block's type, the same in both byte orders.
const SECTION_HEADER: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];

/// One file of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    /// From 1 on; a recording whose first is higher has lost its oldest.
    pub(super) number: u32,
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
    /// Its first packet's time, once known.
    pub(super) first: Option<Timestamp>,
}

impl Segment {
    /// Its first packet's time, read from the file where that was not done yet.
    pub(super) fn first_packet(&mut self) -> Option<Timestamp> {
        if self.first.is_none() {
            let mut file = CaptureFile::open(&self.path).ok()?;
            while let Ok(Some(item)) = file.next_item() {
                if let Item::Packet(packet) = item {
                    self.first = Some(Timestamp(packet.at_ns));
                    break;
                }
            }
        }
        self.first
    }
}

/// Where a segment lies.
pub(super) fn path_of(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("{number:06}.{ENDING}"))
}

/// The segments in `folder`, oldest first; none where it is missing.
pub(super) fn segments(folder: &Path) -> Vec<Segment> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut segments: Vec<Segment> = entries
        .filter_map(|entry| {
            let path = entry.path();
            let number = path.file_stem()?.to_str()?.parse().ok()?;
            let meta = entry.metadata().ok().filter(fs::Metadata::is_file)?;
            (path == path_of(folder, number)).then_some(Segment {
                number,
                path,
                bytes: meta.len(),
                first: None,
            })
        })
        .collect();
    segments.sort_by_key(|s| s.number);
    segments
}

/// Says, for later runs too, that packets were seen that the recording in `folder` does not hold.
pub(super) fn mark_incomplete(folder: &Path) -> io::Result<()> {
    fs::write(folder.join(INCOMPLETE), [])
}

/// Whether the recording in `folder` holds every packet that was seen, as far as the program that made it could say.
pub(super) fn is_whole(folder: &Path) -> bool {
    segments(folder).first().is_some_and(|s| s.number == 1) && !folder.join(INCOMPLETE).exists()
}

/// Octets of the recording in `folder`.
pub(super) fn bytes(folder: &Path) -> u64 {
    segments(folder).iter().map(|s| s.bytes).sum()
}

/// All segments as one capture: pcapng sections in a row (section 4.1 allows as many as one likes).
pub(super) struct Sections {
    ahead: VecDeque<PathBuf>,
    file: Option<File>,
    buffer: Vec<u8>,
    /// Next octet to hand out.
    start: usize,
    /// End of the last whole block in memory.
    whole: usize,
    /// End of what was read.
    end: usize,
    at_head: bool,
}

impl Sections {
    pub(super) fn new(segments: impl IntoIterator<Item = Segment>) -> Self {
        Self {
            ahead: segments.into_iter().map(|s| s.path).collect(),
            file: None,
            buffer: vec![0; CHUNK],
            start: 0,
            whole: 0,
            end: 0,
            at_head: true,
        }
    }

    /// Opens the next segment; one that was removed meanwhile is passed over. `false` after the last.
    fn open_next(&mut self) -> io::Result<bool> {
        while let Some(path) = self.ahead.pop_front() {
            match File::open(&path) {
                Ok(file) => {
                    (self.file, self.at_head) = (Some(file), true);
                    (self.start, self.whole, self.end) = (0, 0, 0);
                    return Ok(true);
                }
                Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                Err(e) => return Err(e),
            }
        }
        Ok(false)
    }

    /// Reads on in the open segment; `false` at its end, where the rest of a cut block is left out.
    fn fill(&mut self) -> io::Result<bool> {
        let Some(file) = &mut self.file else {
            return Ok(false);
        };
        self.buffer.copy_within(self.start..self.end, 0);
        (self.end, self.whole) = (self.end - self.start, self.whole - self.start);
        self.start = 0;
        if self.end == self.buffer.len() {
            self.buffer.resize(self.end + CHUNK, 0);
        }
        let got = file.read(&mut self.buffer[self.end..])?;
        self.end += got;
        Ok(got > 0 && self.find_whole())
    }

    /// Moves [`Self::whole`] behind the last whole block; `false` where the file is damaged.
    fn find_whole(&mut self) -> bool {
        while let Some([kind @ .., a, b, c, d]) = self.buffer[self.whole..self.end].first_chunk::<8>() {
            let len = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
            let wrong_head = self.at_head && *kind != SECTION_HEADER;
            if wrong_head || !(12..=MAX_RECORD_LEN).contains(&len) || !len.is_multiple_of(4) {
                return false;
            }
            if self.whole + len > self.end {
                break;
            }
            self.whole += len;
            self.at_head = false;
        }
        true
    }
}

impl Read for Sections {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.start < self.whole {
                let n = into.len().min(self.whole - self.start);
                into[..n].copy_from_slice(&self.buffer[self.start..self.start + n]);
                self.start += n;
                return Ok(n);
            }
            if !self.fill()? && self.start == self.whole && !self.open_next()? {
                return Ok(0);
            }
        }
    }
}
