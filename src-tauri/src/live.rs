//! What the window is told unasked: one channel for its lifetime, at most seven messages a second, never a queue.

use crate::CommandError;
use crate::shell::Shell;
use crate::view::{AuditView, LiveUpdate};
use std::time::Duration;
use tauri::State;
use tauri::ipc::Channel;
use telltale_engine::{Engine, EngineError};

/// Rest between two messages.
const REST: Duration = Duration::from_millis(150);

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
    let mut seen = *changes.borrow_and_update();
    let mut revision = 0_u32;
    while changes.changed().await.is_ok() {
        let before = std::mem::replace(&mut seen, *changes.borrow_and_update());
        let mut update = LiveUpdate {
            revision,
            audits: Vec::new(),
            removed: Vec::new(),
            notices: engine.take_notices().into_iter().map(Into::into).collect(),
            stamps: engine.stamps().into(),
        };
        for id in engine.touched_since(before) {
            match engine.audit(id).await {
                Ok(audit) => update.audits.push(AuditView::from(audit)),
                Err(EngineError::NoSuchAudit(_)) => update.removed.push(id),
                // Nothing to show of it at the moment; the next change tells more.
                Err(_) => {}
            }
        }
        revision = revision.wrapping_add(1);
        if updates.send(update).is_err() {
            return;
        }
        tokio::time::sleep(REST).await;
    }
}
