//! Live audits: devices, rights, start, pause, stop.

use crate::CommandError;
use crate::shell::Shell;
use crate::view::{DeviceView, FilterProblem, LiveRequest, RightsView};
use tauri::State;

/// Network devices of this computer, the likely one first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn devices(shell: State<'_, Shell>) -> Result<Vec<DeviceView>, CommandError> {
    shell.engine()?;
    Ok(Vec::new())
}

/// Whether Telltale may look at packets.
#[tauri::command]
#[specta::specta]
pub(crate) async fn rights(shell: State<'_, Shell>) -> Result<RightsView, CommandError> {
    shell.engine()?;
    Ok(RightsView::NoProgram)
}

/// Asks the system's administrator for the right, once, in the system's own dialog.
#[tauri::command]
#[specta::specta]
pub(crate) async fn grant_rights(shell: State<'_, Shell>) -> Result<RightsView, CommandError> {
    rights(shell).await
}

/// What is wrong with a filter expression; nothing when it is good.
#[tauri::command]
#[specta::specta]
pub(crate) async fn check_filter(
    shell: State<'_, Shell>,
    expression: String,
) -> Result<Option<FilterProblem>, CommandError> {
    shell.engine()?;
    drop(expression);
    Ok(None)
}

/// Starts to watch; the number of the audit.
#[tauri::command]
#[specta::specta]
pub(crate) async fn start_live(shell: State<'_, Shell>, request: LiveRequest) -> Result<u32, CommandError> {
    Ok(shell.engine()?.start_live(request.try_into()?).await?)
}

/// Pauses a live audit.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pause(shell: State<'_, Shell>, audit: u32) -> Result<(), CommandError> {
    Ok(shell.engine()?.pause(audit)?)
}

/// Goes on with a paused live audit, or with one that was interrupted.
#[tauri::command]
#[specta::specta]
pub(crate) async fn resume(shell: State<'_, Shell>, audit: u32) -> Result<(), CommandError> {
    Ok(shell.engine()?.resume(audit).await?)
}

/// Ends a live audit; what was seen is kept.
#[tauri::command]
#[specta::specta]
pub(crate) async fn stop(shell: State<'_, Shell>, audit: u32) -> Result<(), CommandError> {
    Ok(shell.engine()?.stop(audit)?)
}
