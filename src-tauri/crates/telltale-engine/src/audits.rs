//! Audits of capture files: one thread reads, one task stores, anybody may look.
//!
//! The thread hands its changes over whenever the store has room and never waits for it while reading: a slow disk gets a bigger
//! step, not a queue. At the end it waits until all is stored.

use crate::read::{Ended, Progress, read_capture};
use crate::store::{KnownOwners, Store};
use crate::tables::atlas;
use crate::types::AuditState;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use telltale_capture::CaptureFile;
use telltale_core::audit::{Audit, AuditOptions, Changes};
use telltale_core::model::Summary;
use tokio::sync::mpsc;

/// An audit whose file is being read.
pub(crate) struct Running {
    cancel: AtomicBool,
    now: Mutex<Now>,
}

/// What it shows at the moment.
#[derive(Clone)]
pub(crate) struct Now {
    pub(crate) summary: Arc<Summary>,
    pub(crate) progress: Progress,
    pub(crate) problem: Option<String>,
}

impl Running {
    pub(crate) fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn cancel(&self) {
        self.cancel.store(true, Ordering::Relaxed);
    }
}

/// What one step stores.
struct Step {
    changes: Changes,
    summary: Arc<Summary>,
}

/// What a reading needs.
pub(crate) struct Reading {
    pub(crate) id: u32,
    pub(crate) path: PathBuf,
    pub(crate) file: CaptureFile,
    pub(crate) options: AuditOptions,
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
    reading: Reading,
    store: Arc<Store>,
    runtime: &tokio::runtime::Handle,
    changed: impl Fn() + Send + Sync + Clone + 'static,
    ended: impl FnOnce(AuditState, Now) + Send + 'static,
) -> Arc<Running> {
    let mut audit = begin(reading.options.clone(), &reading.path);
    audit.source_mut().file_bytes = reading.file.total_bytes();
    let progress = Progress {
        total_bytes: reading.file.total_bytes(),
        ..Progress::default()
    };
    let now = Now {
        summary: Arc::new(audit.summary()),
        progress,
        problem: None,
    };
    let running = Arc::new(Running {
        cancel: AtomicBool::new(false),
        now: Mutex::new(now),
    });
    let (steps, taken) = mpsc::channel(1);
    let writer = runtime.spawn(store_steps(reading.id, store, taken, Arc::clone(&running)));
    let (runtime, thread_side) = (runtime.clone(), Arc::clone(&running));
    std::thread::spawn(move || {
        let state = read(reading, audit, &thread_side, &steps, &changed);
        drop(steps);
        // A writer that panicked has stored what it had; the audit still ends.
        let _ = runtime.block_on(writer);
        let last = thread_side.now().clone();
        ended(state, last);
        changed();
    });
    running
}

fn read(
    reading: Reading,
    mut audit: Audit,
    running: &Running,
    steps: &mpsc::Sender<Step>,
    changed: &impl Fn(),
) -> AuditState {
    let Reading { path, mut file, .. } = reading;
    let hash = std::thread::spawn(move || crate::fingerprint::sha256(&path));
    let ended = read_capture(&mut file, &mut audit, |audit, progress| {
        let summary = Arc::new(audit.summary());
        {
            let mut now = running.now();
            now.summary = Arc::clone(&summary);
            now.progress = progress;
        }
        if let Ok(room) = steps.try_reserve() {
            room.send(Step {
                changes: audit.changes(),
                summary,
            });
        }
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
    // Only a writer that is gone refuses; then the problem is already told.
    let _ = steps.blocking_send(Step {
        changes: audit.changes(),
        summary,
    });
    if ended == Ended::Cancelled {
        AuditState::Cancelled
    } else {
        AuditState::Done
    }
}

async fn store_steps(id: u32, store: Arc<Store>, mut steps: mpsc::Receiver<Step>, running: Arc<Running>) {
    let mut owners = KnownOwners::default();
    while let Some(Step { changes, summary }) = steps.recv().await {
        if let Err(e) = store.write(id, &changes, &summary, &mut owners).await {
            tracing::error!("audit {id} cannot be stored: {e}");
            running.now().problem = Some(e.to_string());
            return;
        }
        store.forget_order();
    }
}

/// Opens the capture at `path` for reading.
pub(crate) fn open(path: &Path) -> Result<CaptureFile, crate::EngineError> {
    Ok(CaptureFile::open(path)?)
}
