//! Files that the user picks in the system's own dialogs.

use crate::CommandError;
use crate::shell::Shell;
use crate::view::{ImageKind, Language, ReportFormat};
use base64::Engine as _;
use std::path::PathBuf;
use tauri::{AppHandle, State};
use tauri_plugin_dialog::{DialogExt, FilePath};
use tokio::sync::oneshot;

/// Octets of a picture that the window may save; a chart at four times the screen has a tenth of that.
const MAX_IMAGE: usize = 64 << 20;

/// Asks for a capture file; nothing when the user thought better of it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pick_capture(app: AppHandle) -> Option<String> {
    let captures = ["pcap", "pcapng", "cap", "dmp", "gz", "zst"];
    let path = pick(&app, "Captures", &captures).await?;
    Some(path.to_string_lossy().into_owned())
}

/// Asks for a file to read; nothing when the user thought better of it. Tests cannot reach the system's dialog, so they name a file in
/// the environment that holds the path.
pub(crate) async fn pick(app: &AppHandle, what: &str, extensions: &[&str]) -> Option<PathBuf> {
    if let Some(told) = std::env::var_os("TELLTALE_TEST_PICK_FILE") {
        return std::fs::read_to_string(told).ok().map(PathBuf::from);
    }
    let (tell, told) = oneshot::channel();
    let dialog = app.dialog().file().add_filter(what, extensions).add_filter("*", &["*"]);
    dialog.pick_file(move |path| drop(tell.send(path)));
    chosen(told).await
}

/// Saves a report where the user says; the path, or nothing when the user thought better of it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_report(
    app: AppHandle,
    shell: State<'_, Shell>,
    audit: u32,
    format: ReportFormat,
    language: Language,
) -> Result<Option<String>, CommandError> {
    let engine = shell.engine()?;
    let format: telltale_engine::ReportFormat = format.into();
    let name = engine.report_name(audit, format).await?;
    let Some(path) = ask_where(&app, &name, format.extension()).await else {
        return Ok(None);
    };
    engine
        .save_report(audit, format, language.into(), env!("CARGO_PKG_VERSION"), &path)
        .await?;
    Ok(Some(path.to_string_lossy().into_owned()))
}

/// Saves a chart's picture (base64) where the user says.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_image(
    app: AppHandle,
    name: String,
    kind: ImageKind,
    base64: String,
) -> Result<Option<String>, CommandError> {
    if base64.len() > MAX_IMAGE {
        return Err(CommandError::invalid("the picture is too large"));
    }
    let bytes = base64::prelude::BASE64_STANDARD
        .decode(base64)
        .map_err(|e| CommandError::invalid(e.to_string()))?;
    let Some(path) = ask_where(&app, &name, kind.extension()).await else {
        return Ok(None);
    };
    telltale_engine::save_bytes(&path, &bytes)?;
    Ok(Some(path.to_string_lossy().into_owned()))
}

/// Asks where to save. Tests cannot reach the system's dialog, so they name the folder in the environment.
pub(super) async fn ask_where(app: &AppHandle, name: &str, extension: &str) -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("TELLTALE_TEST_SAVE_DIR") {
        return Some(PathBuf::from(folder).join(name));
    }
    let (tell, told) = oneshot::channel();
    let dialog = app
        .dialog()
        .file()
        .set_file_name(name)
        .add_filter(extension.to_uppercase(), &[extension]);
    dialog.save_file(move |path| drop(tell.send(path)));
    chosen(told).await
}

/// What the user chose in a dialog, once they have.
pub(super) async fn chosen(told: oneshot::Receiver<Option<FilePath>>) -> Option<PathBuf> {
    told.await.ok().flatten().and_then(|p| p.into_path().ok())
}
