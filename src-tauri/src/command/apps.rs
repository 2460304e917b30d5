//! Apps, and the phone's own report of them.

use super::file::pick;
use crate::CommandError;
use crate::shell::Shell;
use crate::view::{AppDetail, AppsView, ImportedReport};
use tauri::{AppHandle, State};

/// The apps of an audit.
#[tauri::command]
#[specta::specta]
pub(crate) async fn apps(shell: State<'_, Shell>, audit: u32) -> Result<AppsView, CommandError> {
    Ok(shell.engine()?.apps(audit).await?.into())
}

/// One app, with what the phone's report says of it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn app(shell: State<'_, Shell>, audit: u32, key: String) -> Result<AppDetail, CommandError> {
    Ok(shell.engine()?.app(audit, &key).await?.into())
}

/// Asks for the phone's own report (Apple's App Privacy Report) and joins it to an audit; nothing when the user thought better of it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn import_app_report(
    app: AppHandle,
    shell: State<'_, Shell>,
    audit: u32,
) -> Result<Option<ImportedReport>, CommandError> {
    let engine = shell.engine()?;
    match pick(&app, "App Privacy Report", &["ndjson", "json", "txt"]).await {
        Some(path) => Ok(Some(engine.import_app_report(audit, &path).await?.into())),
        None => Ok(None),
    }
}

/// Takes the imported report out of an audit.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_app_report(shell: State<'_, Shell>, audit: u32) -> Result<(), CommandError> {
    Ok(shell.engine()?.remove_app_report(audit).await?)
}
