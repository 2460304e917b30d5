//! Recordings: the packets of a live audit, kept as pcapng beside it.
//!
//! [`Recorder`] is given packets by the loop of a live audit; what lies on the disk (`<data>/recordings/<audit>/`) is read, saved
//! elsewhere and removed through [`crate::Engine`]. Never here: capturing, dissecting, SQL.

mod kept;
mod recorder;
mod segments;
mod shelf;
mod space;

pub use recorder::Recorder;
pub(crate) use shelf::Copying;

use crate::EngineError;
use std::fs;
use std::io::ErrorKind;
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

/// Whether the recording in `folder` holds all that was seen: nothing of it was dropped, nothing had to be left out.
pub(crate) fn is_whole(folder: &Path) -> bool {
    kept::is_whole(folder)
}

/// Octets of an audit's recording on the disk.
pub(crate) fn bytes(data: &Path, audit: u32) -> u64 {
    kept::bytes(&folder(data, audit))
}

/// Removes an audit's recording, where there is one.
pub(crate) fn remove(data: &Path, audit: u32) -> Result<(), EngineError> {
    let folder = folder(data, audit);
    match fs::remove_dir_all(&folder) {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(EngineError::file(folder)(e)),
        _ => Ok(()),
    }
}

/// Numbers of the audits that have a folder.
pub(crate) fn recorded(data: &Path) -> Vec<u32> {
    let entries = fs::read_dir(root(data)).into_iter().flatten().flatten();
    let number = |name: std::ffi::OsString| {
        let number = name.to_str()?.parse::<u32>().ok()?;
        (name == *number.to_string()).then_some(number)
    };
    entries.filter_map(|e| number(e.file_name())).collect()
}

/// Sets a recording aside that no audit of this store made (the store was lost or put in another's place): it is evidence of
/// somebody, and the next audit of its number must not inherit it.
pub(crate) fn set_aside(data: &Path, audit: u32) -> Result<(), EngineError> {
    let from = folder(data, audit);
    let free = (1_u32..).map(|n| root(data).join(format!("{audit}-of-another-store-{n}")));
    match free.into_iter().find(|to| !to.exists()) {
        Some(to) => fs::rename(&from, to).map_err(EngineError::file(from)),
        None => Ok(()),
    }
}
