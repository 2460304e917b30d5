//! A window of a stream that moves forward: what is before it is forgotten, so a gigabyte is read in a few hundred kilobytes.

use crate::{Stop, StopReason};
use std::io::{ErrorKind, Read};

/// The longest record or block that is taken whole, in octets. Ordinary snap lengths end at 262,144; offloaded packets,
/// comments and key logs can be larger; more than this is damage or an attack on memory. Blocks that are skipped may be longer.
pub const MAX_RECORD_LEN: usize = 16 << 20;

/// Octets asked from the source at once: large enough that system calls do not count, small enough for the cache.
const CHUNK: usize = 256 << 10;

pub(crate) struct Buffer {
    source: Box<dyn Read + Send>,
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    /// Offset of `start` in the unpacked stream.
    offset: u64,
    ended: bool,
}

impl Buffer {
    pub(crate) fn new(source: Box<dyn Read + Send>) -> Self {
        Self {
            source,
            bytes: vec![0; CHUNK],
            start: 0,
            end: 0,
            offset: 0,
            ended: false,
        }
    }

    /// Offset in the unpacked stream of the next octet.
    pub(crate) const fn offset(&self) -> u64 {
        self.offset
    }

    /// What is in memory from the next octet on; call [`Self::fill`] first.
    pub(crate) fn ahead(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Reads until `n` octets are ahead; `false` when the stream ends before.
    #[inline]
    pub(crate) fn fill(&mut self, n: usize) -> Result<bool, Stop> {
        if self.end - self.start >= n {
            return Ok(true);
        }
        self.refill(n)
    }

    #[cold]
    fn refill(&mut self, n: usize) -> Result<bool, Stop> {
        if n > MAX_RECORD_LEN {
            return Err(self.stop(StopReason::TooLong(n as u64)));
        }
        self.bytes.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.bytes.len() < n {
            self.bytes.resize(n.next_multiple_of(CHUNK), 0);
        }
        while self.end < n && !self.ended {
            match self.source.read(&mut self.bytes[self.end..]) {
                Ok(0) => self.ended = true,
                Ok(got) => self.end += got,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(self.stop(crate::unpack::reason(&e))),
            }
        }
        Ok(self.end >= n)
    }

    /// Moves past `n` octets that are ahead.
    #[inline]
    pub(crate) fn consume(&mut self, n: usize) {
        debug_assert!(self.start + n <= self.end, "consumed more than was filled");
        self.start += n;
        self.offset += n as u64;
    }

    /// The `n` octets that were consumed last, still in memory until the next `fill`.
    #[inline]
    pub(crate) fn consumed(&self, n: usize) -> &[u8] {
        &self.bytes[self.start - n..self.start]
    }

    /// Moves past `n` octets, however many; `false` when the stream ends before.
    pub(crate) fn skip(&mut self, mut n: u64) -> Result<bool, Stop> {
        while n > 0 {
            if !self.fill(1)? {
                return Ok(false);
            }
            let step = usize::try_from(n).unwrap_or(usize::MAX).min(self.end - self.start);
            self.consume(step);
            n -= step as u64;
        }
        Ok(true)
    }

    pub(crate) const fn stop(&self, reason: StopReason) -> Stop {
        Stop {
            at: self.offset,
            reason,
        }
    }
}

/// Integers in the byte order of a file or section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Little,
    Big,
}

impl Order {
    /// Reads 16 bits at `at`; 0 behind the end, which callers exclude by length first.
    #[inline]
    pub(crate) fn u16(self, bytes: &[u8], at: usize) -> u16 {
        let raw = bytes
            .get(at..at + 2)
            .and_then(|b| b.try_into().ok())
            .unwrap_or_default();
        match self {
            Self::Little => u16::from_le_bytes(raw),
            Self::Big => u16::from_be_bytes(raw),
        }
    }

    /// Reads 32 bits at `at`; 0 behind the end.
    #[inline]
    pub(crate) fn u32(self, bytes: &[u8], at: usize) -> u32 {
        let raw = bytes
            .get(at..at + 4)
            .and_then(|b| b.try_into().ok())
            .unwrap_or_default();
        match self {
            Self::Little => u32::from_le_bytes(raw),
            Self::Big => u32::from_be_bytes(raw),
        }
    }

    /// Reads 64 bits at `at`; 0 behind the end.
    pub(crate) fn u64(self, bytes: &[u8], at: usize) -> u64 {
        let raw = bytes
            .get(at..at + 8)
            .and_then(|b| b.try_into().ok())
            .unwrap_or_default();
        match self {
            Self::Little => u64::from_le_bytes(raw),
            Self::Big => u64::from_be_bytes(raw),
        }
    }
}
