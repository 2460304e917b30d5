//! Audits that run: what they show at the moment, and the reading of a capture file on a thread of its own.
//!
//! Called by [`crate::Engine`] and [`crate::live`]. The thread hands its changes over whenever the store has room (see
//! [`crate::steps`]); at the end it waits until all is stored.

use crate::live::{LiveNow, Reins};
use crate::read::{Ended, Gaps, Progress, read_with_gaps};
use crate::steps::{Step, Steps};
use crate::store::Store;
use crate::tables::atlas;
use crate::types::AuditState;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use telltale_capture::CaptureFile;
use telltale_core::audit::{Audit, AuditOptions};
use telltale_core::model::Summary;

/// Octets of a name that the user gives, at most; and of notes.
const MAX_NAME: usize = 200;
const MAX_DESCRIPTION: usize = 10_000;

/// An audit whose file is being read, or that is watched live.
pub(crate) struct Running {
    cancel: AtomicBool,
    ends: AtomicBool,
    now: Mutex<Now>,
    /// How a live audit is led; `None`: a file's.
    reins: Option<Arc<Reins>>,
}

/// What it shows at the moment.
#[derive(Clone)]
pub(crate) struct Now {
    pub(crate) summary: Arc<Summary>,
    pub(crate) progress: Progress,
    /// How it is watched; `None`: a file's, or over.
    pub(crate) live: Option<LiveNow>,
    /// Why it cannot be stored.
    pub(crate) problem: Option<String>,
    /// Nothing more is stored; it is listed only because it could not be.
    pub(crate) over: bool,
}

impl Running {
    /// One that shows `now`. A file's audit ends by itself, so what cannot be stored is given up after some tries.
    pub(crate) fn new(now: Now, reins: Option<Arc<Reins>>) -> Self {
        Self {
            cancel: AtomicBool::new(false),
            ends: AtomicBool::new(reins.is_none()),
            now: Mutex::new(now),
            reins,
        }
    }

    pub(crate) fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Breaks a reading off, ends a live audit.
    pub(crate) fn cancel(&self) {
        self.cancel.store(true, Ordering::Relaxed);
        if let Some(reins) = &self.reins {
            reins.stop();
        }
    }

    /// How it is led, if it is live.
    pub(crate) fn reins(&self) -> Option<&Reins> {
        self.reins.as_deref()
    }

    /// From now on what cannot be stored is given up after some tries.
    pub(crate) fn end(&self) {
        self.ends.store(true, Ordering::Relaxed);
    }

    pub(crate) fn ends(&self) -> bool {
        self.ends.load(Ordering::Relaxed)
    }
}

/// What a reading needs.
pub(crate) struct Reading {
    pub(crate) id: u32,
    pub(crate) file: CaptureFile,
    /// Before its first packet.
    pub(crate) audit: Audit,
    /// Of a recording.
    pub(crate) gaps: Gaps,
    /// Where the file lies, for its checksum; `None`: a recording.
    pub(crate) path: Option<PathBuf>,
    /// Where the audit stands once all is read.
    pub(crate) ends_as: AuditState,
}

/// An audit of the capture at `path` before its first packet.
pub(crate) fn begin(options: AuditOptions, path: &Path) -> Audit {
    let mut audit = Audit::new(options, atlas());
    audit.source_mut().file = path.file_name().map(|n| n.to_string_lossy().into_owned());
    audit
}

/// Starts reading on a thread of its own. `changed` is called (from any thread) whenever there is something new to show; `ended`
/// once, after everything is stored, with the state to keep and the last summary.
pub(crate) fn start(
    mut reading: Reading,
    store: Arc<Store>,
    runtime: &tokio::runtime::Handle,
    changed: crate::Changed,
    ended: crate::AtEnd,
) -> Arc<Running> {
    reading.audit.source_mut().file_bytes = reading.file.total_bytes();
    let now = Now {
        summary: Arc::new(reading.audit.summary()),
        progress: Progress {
            total_bytes: reading.file.total_bytes(),
            ..Progress::default()
        },
        live: None,
        problem: None,
        over: false,
    };
    let running = Arc::new(Running::new(now, None));
    let (steps, writer) = Steps::start(reading.id, store, Arc::clone(&running), runtime, Arc::clone(&changed));
    let (runtime, thread_side) = (runtime.clone(), Arc::clone(&running));
    std::thread::spawn(move || {
        let state = read(reading, &thread_side, steps, &*changed);
        // A writer that panicked has stored what it had; the audit still ends.
        let _ = runtime.block_on(writer);
        let last = thread_side.now().clone();
        ended(state, last);
        thread_side.now().over = true;
        changed();
    });
    running
}

fn read(reading: Reading, running: &Running, mut steps: Steps, changed: &dyn Fn()) -> AuditState {
    let Reading {
        mut file,
        mut audit,
        gaps,
        path,
        ends_as,
        ..
    } = reading;
    let hash = std::thread::spawn(move || crate::fingerprint::sha256(&path?));
    let ended = read_with_gaps(&mut file, &mut audit, gaps, |audit, progress| {
        let summary = Arc::new(audit.summary());
        {
            let mut now = running.now();
            now.summary = Arc::clone(&summary);
            now.progress = progress;
        }
        steps.offer(|| Step {
            changes: audit.changes(),
            summary: Some(summary),
        });
        changed();
        if running.cancel.load(Ordering::Relaxed) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    audit.settle();
    if ended == Ended::Finished {
        audit.source_mut().sha256 = hash.join().ok().flatten();
    }
    let summary = Arc::new(audit.summary());
    running.now().summary = Arc::clone(&summary);
    steps.last(Step {
        changes: audit.changes(),
        summary: Some(summary),
    });
    if ended == Ended::Cancelled {
        AuditState::Cancelled
    } else {
        ends_as
    }
}

/// Opens the capture at `path` for reading.
pub(crate) fn open(path: &Path) -> Result<CaptureFile, crate::EngineError> {
    Ok(CaptureFile::open(path)?)
}

/// An audit's name and notes, as they may be.
pub(crate) fn check_name(name: &str, description: &str) -> Result<(), crate::EngineError> {
    if name.is_empty() || name.len() > MAX_NAME {
        return Err(crate::EngineError::InvalidInput(format!(
            "a name has 1 to {MAX_NAME} letters"
        )));
    }
    if description.len() > MAX_DESCRIPTION {
        return Err(crate::EngineError::InvalidInput(format!(
            "notes have at most {MAX_DESCRIPTION} letters"
        )));
    }
    Ok(())
}
