//! The hotspot: can this computer make one, make it, who joined.

use crate::CommandError;
use crate::shell::Shell;
use crate::view::{HotspotCheck, HotspotView, HotspotWish, Joined};
use tauri::State;

/// Whether this computer can make a hotspot; nothing is changed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn hotspot_check(shell: State<'_, Shell>) -> Result<HotspotCheck, CommandError> {
    Ok(shell.engine()?.hotspot_check().await?.into())
}

/// Makes the hotspot and answers when phones can join.
#[tauri::command]
#[specta::specta]
pub(crate) async fn hotspot_start(shell: State<'_, Shell>, wish: HotspotWish) -> Result<HotspotView, CommandError> {
    Ok(shell.engine()?.hotspot_start(&wish.into()).await?.into())
}

/// Ends the hotspot.
#[tauri::command]
#[specta::specta]
pub(crate) async fn hotspot_stop(shell: State<'_, Shell>) -> Result<(), CommandError> {
    Ok(shell.engine()?.hotspot_stop().await?)
}

/// The hotspot that stands, or the last one with why it ended.
#[tauri::command]
#[specta::specta]
pub(crate) async fn hotspot(shell: State<'_, Shell>) -> Result<Option<HotspotView>, CommandError> {
    Ok(shell.engine()?.hotspot()?.map(Into::into))
}

/// Who is on a device now, with the names that the phones gave themselves.
#[tauri::command]
#[specta::specta]
pub(crate) async fn joined(shell: State<'_, Shell>, device: String) -> Result<Vec<Joined>, CommandError> {
    let joined = shell.engine()?.joined(&device)?;
    Ok(joined.into_iter().map(Into::into).collect())
}
