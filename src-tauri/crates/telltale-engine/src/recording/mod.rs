//! Recordings: the packets of a live audit, kept as pcapng beside it.
//!
//! [`Recorder`] is given packets by the loop of a live audit; what lies on the disk is read, saved elsewhere and removed through
//! [`crate::Engine`]. Never here: capturing, dissecting, SQL.

mod kept;
mod recorder;
mod segments;
mod space;

pub use recorder::Recorder;

use std::path::{Path, PathBuf};
use telltale_capture::{CaptureError, CaptureFile};

/// Smallest and largest segment, in octets.
const SEGMENT_BYTES: (u64, u64) = (1_000_000, 64_000_000);

/// Octets of one segment of a recording that may take `limit` octets: a twentieth, so that little of the oldest goes at once.
pub fn segment_bytes(limit: u64) -> u64 {
    (limit / 20).clamp(SEGMENT_BYTES.0, SEGMENT_BYTES.1)
}

/// The folder of all recordings in the data folder.
fn root(data: &Path) -> PathBuf {
    data.join("recordings")
}

/// The folder of an audit's recording in the data folder.
pub(crate) fn folder(data: &Path, audit: u32) -> PathBuf {
    root(data).join(audit.to_string())
}

/// The whole recording in `folder` as one capture; `None` where nothing is kept.
pub fn open_recording(folder: &Path) -> Option<Result<CaptureFile, CaptureError>> {
    let segments = kept::segments(folder);
    let total = segments.iter().map(|s| s.bytes).sum();
    (total > 0).then(|| CaptureFile::from_reader(kept::Sections::new(segments), total))
}
