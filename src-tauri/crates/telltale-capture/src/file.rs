//! One capture file (or stream), opened: which format it has, and its items in order.

use crate::buffer::Buffer;
use crate::pcap_file::PcapFile;
use crate::pcapng::PcapNg;
use crate::unpack::{Packing, reason};
use crate::{CaptureError, Item, LooksLike, Stop};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Octets that decide what a file is.
const HEAD: usize = 64;

/// An opened capture.
pub struct CaptureFile {
    buffer: Buffer,
    format: Format,
    packing: Packing,
    read: Arc<AtomicU64>,
    total: u64,
}

enum Format {
    Pcap(PcapFile),
    PcapNg(PcapNg),
}

impl CaptureFile {
    /// Opens the file at `path`.
    pub fn open(path: &Path) -> Result<Self, CaptureError> {
        let file = File::open(path).map_err(CaptureError::Open)?;
        let meta = file.metadata().map_err(CaptureError::Open)?;
        if meta.is_dir() {
            return Err(CaptureError::Open(io::Error::new(
                io::ErrorKind::IsADirectory,
                "it is a folder, not a file",
            )));
        }
        Self::from_reader(file, meta.len())
    }

    /// Reads a capture from `source`; `total` is its length in octets where that is known, else 0.
    pub fn from_reader(source: impl Read + Send + 'static, total: u64) -> Result<Self, CaptureError> {
        let read = Arc::new(AtomicU64::new(0));
        let mut source = Counted {
            inner: source,
            read: Arc::clone(&read),
        };
        let head = take_head(&mut source).map_err(CaptureError::Open)?;
        let packing = Packing::of(&head);
        let whole = io::Cursor::new(head.clone()).chain(source);
        let mut buffer = Buffer::new(packing.unpack(whole));
        let looks = |inner: &[u8]| {
            if packing == Packing::None {
                LooksLike::guess(inner)
            } else {
                LooksLike::PackedOther
            }
        };
        // A packed stream that breaks before anything comes out is no capture as far as anybody can tell.
        let _ = buffer.fill(HEAD).map_err(|_| CaptureError::NotACapture(looks(&[])))?;
        let inner = buffer.ahead();
        let format = if PcapNg::recognises(inner) {
            Format::PcapNg(PcapNg::new())
        } else if PcapFile::recognises(inner) {
            let broken = |_| CaptureError::NotACapture(LooksLike::BrokenHeader);
            Format::Pcap(PcapFile::open(&mut buffer).map_err(broken)?)
        } else {
            return Err(CaptureError::NotACapture(looks(inner)));
        };
        Ok(Self {
            buffer,
            format,
            packing,
            read,
            total,
        })
    }

    /// The next item; `None` at the end of the file; [`Stop`] once where it cannot go on.
    #[inline]
    pub fn next_item(&mut self) -> Result<Option<Item<'_>>, Stop> {
        match &mut self.format {
            Format::Pcap(pcap) => pcap.next(&mut self.buffer),
            Format::PcapNg(pcapng) => pcapng.next(&mut self.buffer),
        }
    }

    /// `pcap` or `pcapng`, with `+gzip` or `+zstd` behind it when packed.
    pub fn format(&self) -> String {
        let base = match self.format {
            Format::Pcap(_) => "pcap",
            Format::PcapNg(_) => "pcapng",
        };
        format!("{base}{}", self.packing.suffix())
    }

    /// Octets read from the disk so far, for progress.
    pub fn read_bytes(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// Octets of the file on the disk; 0 when not known.
    pub const fn total_bytes(&self) -> u64 {
        self.total
    }

    /// Octets of the unpacked content that were taken so far.
    pub const fn offset(&self) -> u64 {
        self.buffer.offset()
    }
}

/// The first octets, fewer only if the file is shorter.
fn take_head(source: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(HEAD);
    source
        .by_ref()
        .take(HEAD as u64)
        .read_to_end(&mut head)
        .map_err(|e| io::Error::new(e.kind(), format!("{:?}", reason(&e))))?;
    Ok(head)
}

/// Counts what passes.
struct Counted<R> {
    inner: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    #[inline]
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(into)?;
        self.read.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}
