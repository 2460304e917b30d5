//! What the window is told unasked: one channel for its lifetime, at most four messages a second, never a queue.

use crate::CommandError;
use crate::shell::Shell;
use crate::view::{AuditView, LiveUpdate};
use std::collections::BTreeSet;
use std::time::Duration;
use tauri::State;
use tauri::ipc::Channel;
use telltale_engine::{Engine, EngineError};

/// Rest between two messages.
const REST: Duration = Duration::from_millis(250);

/// Follows the audits that are being read, until the window is gone.
#[tauri::command]
#[specta::specta]
pub(crate) async fn follow(shell: State<'_, Shell>, updates: Channel<LiveUpdate>) -> Result<(), CommandError> {
    let engine = shell.engine()?.clone();
    tauri::async_runtime::spawn(async move { tell(&engine, &updates).await });
    Ok(())
}

async fn tell(engine: &Engine, updates: &Channel<LiveUpdate>) {
    let mut changes = engine.changes();
    let mut reading = BTreeSet::new();
    let mut revision = 0_u32;
    while changes.changed().await.is_ok() {
        let now: BTreeSet<u32> = engine.reading().into_iter().collect();
        let mut update = LiveUpdate {
            revision,
            audits: Vec::new(),
            removed: Vec::new(),
        };
        // Those that are being read, and those that have just ended.
        for id in reading.union(&now) {
            match engine.audit(*id).await {
                Ok(audit) => update.audits.push(AuditView::from(audit)),
                Err(EngineError::NoSuchAudit(_)) => update.removed.push(*id),
                // Nothing to show of it at the moment; the next change tells more.
                Err(_) => {}
            }
        }
        reading = now;
        revision = revision.wrapping_add(1);
        if updates.send(update).is_err() {
            return;
        }
        tokio::time::sleep(REST).await;
    }
}
