//! Doors for programs: the HTTP interface, and outputs.

use crate::CommandError;
use crate::shell::Shell;
use tauri::State;
use telltale_core::model::{HttpNow, HttpSettings, Output, OutputNow};

/// The HTTP interface as it is now.
#[tauri::command]
#[specta::specta]
pub(crate) async fn http(shell: State<'_, Shell>) -> Result<HttpNow, CommandError> {
    Ok(shell.engine()?.http().await?)
}

/// Opens, moves or closes the HTTP interface.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_http(shell: State<'_, Shell>, settings: HttpSettings) -> Result<HttpNow, CommandError> {
    Ok(shell.engine()?.save_http(settings).await?)
}

/// Makes a token; it is shown this once.
#[tauri::command]
#[specta::specta]
pub(crate) async fn add_http_token(shell: State<'_, Shell>, name: String) -> Result<String, CommandError> {
    Ok(shell.engine()?.add_http_token(&name).await?)
}

/// A token is let in no more.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_http_token(shell: State<'_, Shell>, name: String) -> Result<(), CommandError> {
    Ok(shell.engine()?.remove_http_token(&name).await?)
}

/// Where results and incidents are sent on.
#[tauri::command]
#[specta::specta]
pub(crate) async fn outputs(shell: State<'_, Shell>) -> Result<Vec<OutputNow>, CommandError> {
    Ok(shell.engine()?.outputs().await?)
}

/// Stores an output, a new one where its id is empty; as it was stored.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_output(shell: State<'_, Shell>, output: Output) -> Result<Output, CommandError> {
    Ok(shell.engine()?.save_output(output).await?)
}

/// Takes an output away, with what waits for it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_output(shell: State<'_, Shell>, id: String) -> Result<(), CommandError> {
    Ok(shell.engine()?.remove_output(&id).await?)
}

/// Sends one example now.
#[tauri::command]
#[specta::specta]
pub(crate) async fn try_output(shell: State<'_, Shell>, id: String) -> Result<(), CommandError> {
    Ok(shell.engine()?.try_output(&id).await?)
}
