//! What the user does with recordings: save one elsewhere, remove it; and the order on the shelf at the start.

use super::{kept, space};
use crate::fingerprint::sha256_of;
use crate::{Engine, EngineError, save};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What was copied.
struct Copied {
    bytes: u64,
    sha256: String,
}

/// Recordings that are being read as a whole, one at a time: a disk is not faster for two.
#[derive(Default)]
pub(crate) struct Copying {
    end: Arc<AtomicBool>,
    one: tokio::sync::Mutex<()>,
}

impl Copying {
    /// Breaks off what is being copied, and waits until its half-written file is gone.
    pub(crate) async fn end(&self) {
        self.end.store(true, Ordering::Relaxed);
        drop(self.one.lock().await);
    }
}

/// Hands on what it reads, until it is told to end.
struct Tee<'a> {
    from: kept::Sections,
    to: &'a mut dyn Write,
    bytes: u64,
    end: &'a AtomicBool,
}

impl Read for Tee<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.end.load(Ordering::Relaxed) {
            return Err(std::io::Error::other("Telltale was closed meanwhile"));
        }
        let n = self.from.read(into)?;
        self.to.write_all(&into[..n])?;
        self.bytes += n as u64;
        Ok(n)
    }
}

/// Copies all whole blocks of the recording in `folder`.
fn copy(folder: &Path, to: &mut dyn Write, end: &AtomicBool) -> std::io::Result<Copied> {
    let mut tee = Tee {
        from: kept::Sections::new(kept::segments(folder)),
        to,
        bytes: 0,
        end,
    };
    let sha256 = sha256_of(&mut tee)?;
    Ok(Copied {
        bytes: tee.bytes,
        sha256,
    })
}

/// Saves the recording in `folder` as one file.
fn save_as(folder: &Path, path: &Path, end: &AtomicBool) -> Result<Copied, EngineError> {
    let beside = path.parent().filter(|p| !p.as_os_str().is_empty());
    space::fits(beside.unwrap_or(Path::new(".")), kept::bytes(folder)).map_err(EngineError::file(path))?;
    let mut copied = None;
    save(path, |writer| {
        copied = Some(copy(folder, writer, end).map_err(EngineError::file(path))?);
        Ok(())
    })?;
    copied.ok_or_else(|| EngineError::file(path)(ErrorKind::UnexpectedEof.into()))
}

impl Engine {
    /// Saves the recording of an audit as one pcapng file: its sections one after another. While the audit is live, what is there by now.
    pub async fn save_recording(&self, id: u32, path: &Path) -> Result<(), EngineError> {
        let folder = self.recording_of(id).await?;
        let path = std::path::absolute(path).map_err(EngineError::file(path))?;
        if path.starts_with(super::root(&self.inner.folder)) {
            return Err(EngineError::InvalidInput(
                "a recording cannot be saved among Telltale's own".to_owned(),
            ));
        }
        let _one = self.inner.copying.one.lock().await;
        let end = Arc::clone(&self.inner.copying.end);
        let copied = self.off_thread(move || save_as(&folder, &path, &end)).await?;
        self.note_seal(id, &copied).await
    }

    /// The file name to propose for an audit's recording.
    pub async fn recording_name(&self, id: u32) -> Result<String, EngineError> {
        self.name_for(id, "pcapng").await
    }

    /// Removes the recording of an audit that is not live; the audit stays.
    pub async fn remove_recording(&self, id: u32) -> Result<(), EngineError> {
        self.inner.store.audit(id).await?;
        if self.running().contains_key(&id) {
            return Err(EngineError::Busy);
        }
        super::remove(&self.inner.folder, id)?;
        self.inner.revision.send_modify(|r| *r += 1);
        Ok(())
    }

    /// Puts length and checksum of the recording into the audit, so that its report names the file that [`Self::save_recording`] gives. Only
    /// asked for by a report or a save: reading gigabytes at the end of every audit would be for nothing, and until then oldest segments
    /// may still go.
    pub(crate) async fn seal_recording(&self, id: u32) -> Result<(), EngineError> {
        let now = self.audit(id).await?;
        let source = &now.summary.source;
        if self.running().contains_key(&id) {
            return Ok(());
        }
        if source.live.is_none() || source.sha256.is_some() || now.card.recording_bytes == 0 {
            return Ok(());
        }
        let folder = self.recording_of(id).await?;
        let _one = self.inner.copying.one.lock().await;
        let end = Arc::clone(&self.inner.copying.end);
        let read = move || copy(&folder, &mut std::io::sink(), &end).map_err(EngineError::file(folder));
        let copied = self.off_thread(read).await?;
        self.note_seal(id, &copied).await
    }

    async fn note_seal(&self, id: u32, copied: &Copied) -> Result<(), EngineError> {
        // One that is live still grows.
        if self.running().contains_key(&id) {
            return Ok(());
        }
        self.inner.store.seal(id, &copied.sha256, copied.bytes).await
    }

    async fn recording_of(&self, id: u32) -> Result<std::path::PathBuf, EngineError> {
        self.inner.store.audit(id).await?;
        let folder = super::folder(&self.inner.folder, id);
        if kept::bytes(&folder) == 0 {
            return Err(EngineError::NoRecording(id));
        }
        Ok(folder)
    }

    /// Removes recordings whose audits are gone, and sets aside those of another store. Called at the start, before any audit begins.
    pub(crate) async fn tidy_recordings(&self) -> Result<(), EngineError> {
        // Looked for first: another program may begin an audit meanwhile, whose row is there before its recording.
        let recorded = super::recorded(&self.inner.folder);
        let numbers = self.inner.store.numbers().await?;
        for audit in recorded.into_iter().filter(|n| !numbers.there.contains(n)) {
            if audit <= numbers.highest {
                super::remove(&self.inner.folder, audit)?;
            } else {
                super::set_aside(&self.inner.folder, audit)?;
            }
        }
        Ok(())
    }
}
