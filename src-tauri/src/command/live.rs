//! Live audits: devices, rights, start, pause, stop.

use crate::CommandError;
use crate::shell::Shell;
use crate::view::{DeviceView, FilterProblem, LiveRequest, RightsView};
use tauri::State;

/// Network devices of this computer, the likely one first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn devices() -> Result<Vec<DeviceView>, CommandError> {
    let devices = telltale_engine::devices().map_err(CommandError::device)?;
    Ok(devices.into_iter().map(Into::into).collect())
}

/// Whether Telltale may look at packets.
#[tauri::command]
#[specta::specta]
pub(crate) async fn rights(shell: State<'_, Shell>) -> Result<RightsView, CommandError> {
    Ok(shell.engine()?.rights().into())
}

/// Asks the system's administrator for the right, once, in the system's own dialog.
#[tauri::command]
#[specta::specta]
pub(crate) async fn grant_rights(shell: State<'_, Shell>) -> Result<RightsView, CommandError> {
    Ok(shell.engine()?.grant_rights().await?.into())
}

/// What is wrong with a filter expression; nothing when it is good.
#[tauri::command]
#[specta::specta]
pub(crate) async fn check_filter(
    shell: State<'_, Shell>,
    expression: String,
) -> Result<Option<FilterProblem>, CommandError> {
    Ok(shell.engine()?.check_filter(&expression).err().map(Into::into))
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
