//! What can be wrong with a file, one variant for each thing that a caller can act on.

use crate::LooksLike;
use std::{fmt, io};

/// A file cannot be read as a capture at all.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// The operating system refused: not there, no rights, a folder.
    #[error("the file cannot be opened: {0}")]
    Open(#[source] io::Error),
    /// It opened, but it is something else.
    #[error("this is no network capture: {0}")]
    NotACapture(LooksLike),
}

/// Reading ended before the end of the file; everything handed out before is good.
#[derive(Debug, PartialEq, Eq)]
pub struct Stop {
    /// Octet of the (unpacked) file at which the record or block in question begins.
    pub at: u64,
    /// Why.
    pub reason: StopReason,
}

/// Why reading ended early.
#[derive(Debug, PartialEq, Eq)]
pub enum StopReason {
    /// The file ends inside a record or block: it was cut off.
    CutOff,
    /// A record claims more octets than any real one has (see [`crate::MAX_RECORD_LEN`]).
    TooLong(u64),
    /// The bytes contradict the format; the text names the rule.
    Malformed(&'static str),
    /// The packed stream (gzip, zstd) is damaged here.
    Unpack(String),
    /// The operating system failed to read on.
    Read(String),
    /// Nothing came within the time for which the source waits: nothing is lost, and the next item may be asked for again.
    Quiet,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            StopReason::CutOff => write!(
                f,
                "the file is cut off inside the record that begins at octet {}",
                self.at
            ),
            StopReason::TooLong(n) => write!(
                f,
                "the record at octet {} claims {n} octets, more than any real one has",
                self.at
            ),
            StopReason::Malformed(rule) => write!(f, "the file is damaged at octet {}: {rule}", self.at),
            StopReason::Unpack(e) => write!(
                f,
                "the packed file is damaged after octet {} of its content: {e}",
                self.at
            ),
            StopReason::Read(e) => write!(f, "the disk failed after octet {}: {e}", self.at),
            StopReason::Quiet => write!(f, "nothing came after octet {}", self.at),
        }
    }
}

impl std::error::Error for Stop {}
