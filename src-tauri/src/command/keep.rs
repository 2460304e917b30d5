//! What is kept: recordings, audits beyond their time.

use super::file::ask_where;
use crate::CommandError;
use crate::shell::Shell;
use tauri::{AppHandle, State};

/// Keeps an audit whatever its age, or no longer.
#[tauri::command]
#[specta::specta]
pub(crate) async fn keep(shell: State<'_, Shell>, audit: u32, keep: bool) -> Result<(), CommandError> {
    Ok(shell.engine()?.keep(audit, keep).await?)
}

/// Saves the recording of an audit as one pcapng file where the user says.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_recording(
    app: AppHandle,
    shell: State<'_, Shell>,
    audit: u32,
) -> Result<Option<String>, CommandError> {
    let engine = shell.engine()?;
    let name = engine.recording_name(audit).await?;
    let Some(path) = ask_where(&app, &name, "pcapng").await else {
        return Ok(None);
    };
    engine.save_recording(audit, &path).await?;
    Ok(Some(path.to_string_lossy().into_owned()))
}

/// Removes the recording of an audit; the audit stays.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_recording(shell: State<'_, Shell>, audit: u32) -> Result<(), CommandError> {
    Ok(shell.engine()?.remove_recording(audit).await?)
}
