//! Audits: list, open, look, name, remove, judge.

use crate::CommandError;
use crate::shell::Shell;
use crate::view::{AuditView, Opened, StartPage};
use std::path::Path;
use tauri::State;
use telltale_core::model::{PandoreSettings, Score};
use telltale_engine::ScoreProfile;

/// Everything on the first page.
#[tauri::command]
#[specta::specta]
pub(crate) async fn start_page(shell: State<'_, Shell>) -> Result<StartPage, CommandError> {
    let engine = shell.engine()?;
    let leaving = engine.leaving(telltale_engine::now()).await?;
    Ok(StartPage {
        audits: engine.cards().await?.into_iter().map(Into::into).collect(),
        leaving: leaving.into_iter().map(Into::into).collect(),
    })
}

/// Opens the file named on the command line; nothing when none was named or the window asked before.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_from_command_line(shell: State<'_, Shell>) -> Result<Option<Opened>, CommandError> {
    match shell.take_named_file() {
        Some(path) => Ok(Some(shell.engine()?.open_capture(&path, false).await?.into())),
        None => Ok(None),
    }
}

/// Opens a capture file; `again` reads it although the same content was opened before.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_capture(shell: State<'_, Shell>, path: String, again: bool) -> Result<Opened, CommandError> {
    Ok(shell.engine()?.open_capture(Path::new(&path), again).await?.into())
}

/// Opens the example capture that ships.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_example(shell: State<'_, Shell>) -> Result<Opened, CommandError> {
    Ok(shell.engine()?.open_example().await?.into())
}

/// One audit as it is now.
#[tauri::command]
#[specta::specta]
pub(crate) async fn audit(shell: State<'_, Shell>, audit: u32) -> Result<AuditView, CommandError> {
    Ok(shell.engine()?.audit(audit).await?.into())
}

/// Stops reading; what was read is kept.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cancel(shell: State<'_, Shell>, audit: u32) -> Result<(), CommandError> {
    shell.engine()?.cancel(audit);
    Ok(())
}

/// Gives an audit a name and notes.
#[tauri::command]
#[specta::specta]
pub(crate) async fn rename(
    shell: State<'_, Shell>,
    audit: u32,
    name: String,
    description: String,
) -> Result<(), CommandError> {
    Ok(shell.engine()?.rename(audit, &name, &description).await?)
}

/// Removes an audit; `restore` brings it back until the next start.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove(shell: State<'_, Shell>, audit: u32) -> Result<(), CommandError> {
    Ok(shell.engine()?.remove(audit).await?)
}

/// Brings a removed audit back.
#[tauri::command]
#[specta::specta]
pub(crate) async fn restore(shell: State<'_, Shell>, audit: u32) -> Result<(), CommandError> {
    Ok(shell.engine()?.restore(audit).await?)
}

/// Reads the file again with these addresses as the audited devices; none: found out.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_devices(
    shell: State<'_, Shell>,
    audit: u32,
    addresses: Vec<String>,
) -> Result<(), CommandError> {
    let addresses: Result<Vec<_>, _> = addresses.iter().map(|a| a.trim().parse()).collect();
    let addresses = addresses.map_err(|_| CommandError::invalid("this is no IP address"))?;
    Ok(shell.engine()?.set_devices(audit, addresses).await?)
}

/// The score of an audit by a profile, with these numbers for Pandore's.
#[tauri::command]
#[specta::specta]
pub(crate) async fn score(
    shell: State<'_, Shell>,
    audit: u32,
    profile: crate::view::ScoreProfile,
    settings: Option<PandoreSettings>,
) -> Result<Score, CommandError> {
    let profile: ScoreProfile = profile.into();
    Ok(shell
        .engine()?
        .score(audit, profile, &settings.unwrap_or_default())
        .await?)
}
