//! Apps, and the phone's own report of them.

use super::file::chosen;
use crate::CommandError;
use crate::shell::Shell;
use crate::view::{AppDetail, AppsView, ImportedReport};
use std::path::PathBuf;
use tauri::{AppHandle, State};
use tauri_plugin_dialog::DialogExt;
use tokio::sync::oneshot;

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
    match pick_report(&app).await {
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

/// Asks for the file. Tests cannot reach the system's dialog, so they name a file in the environment that holds the path.
async fn pick_report(app: &AppHandle) -> Option<PathBuf> {
    if let Some(told) = std::env::var_os("TELLTALE_TEST_PICK_FILE") {
        return std::fs::read_to_string(told).ok().map(PathBuf::from);
    }
    let (tell, told) = oneshot::channel();
    let dialog = app
        .dialog()
        .file()
        .add_filter("App Privacy Report", &["ndjson", "json", "txt"])
        .add_filter("*", &["*"]);
    dialog.pick_file(move |path| drop(tell.send(path)));
    chosen(told).await
}
