//! How much room a disk has. A recording leaves some of it free: the audit's own rows are worth more than its packets.

use std::io;
use std::path::Path;

/// Octets that recordings leave free; of a small disk, a twentieth.
const RESERVE: u64 = 64 << 20;

/// Fails where `len` more octets would leave too little for everything else.
pub(super) fn enough(folder: &Path, len: u64) -> io::Result<()> {
    match room(folder) {
        Some((free, whole)) if free < len.saturating_add(RESERVE.min(whole / 20)) => Err(io::Error::new(
            io::ErrorKind::StorageFull,
            "the disk is almost full; what is left is kept for the audit itself",
        )),
        // A file system that does not say is tried.
        _ => Ok(()),
    }
}

/// Fails where a file of `len` octets does not fit into `folder`.
pub(super) fn fits(folder: &Path, len: u64) -> io::Result<()> {
    match room(folder) {
        Some((free, _)) if free < len => Err(io::Error::new(
            io::ErrorKind::StorageFull,
            format!("the disk has room for {free} octets, the recording has {len}"),
        )),
        _ => Ok(()),
    }
}

/// Octets free for this user, and in all.
#[cfg(unix)]
fn room(folder: &Path) -> Option<(u64, u64)> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    let octets = |blocks: u64| blocks.saturating_mul(disk.f_frsize);
    Some((octets(disk.f_bavail), octets(disk.f_blocks)))
}

#[cfg(not(unix))]
fn room(_folder: &Path) -> Option<(u64, u64)> {
    None
}
