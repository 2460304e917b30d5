//! The hotspot: can this computer make one, make it, who joined.

use crate::CommandError;
use crate::shell::Shell;
use crate::view::{HotspotCheck, HotspotView, HotspotWish, Joined};
use tauri::State;

/// Whether this computer can make a hotspot; nothing is changed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn hotspot_check(shell: State<'_, Shell>) -> Result<HotspotCheck, CommandError> {
    shell.engine()?;
    Err(CommandError::invalid("not there yet"))
}

/// Makes the hotspot.
#[tauri::command]
#[specta::specta]
pub(crate) async fn hotspot_start(shell: State<'_, Shell>, wish: HotspotWish) -> Result<HotspotView, CommandError> {
    shell.engine()?;
    drop(wish);
    Err(CommandError::invalid("not there yet"))
}

/// Ends the hotspot.
#[tauri::command]
#[specta::specta]
pub(crate) async fn hotspot_stop(shell: State<'_, Shell>) -> Result<(), CommandError> {
    shell.engine()?;
    Ok(())
}

/// The hotspot that stands, if any.
#[tauri::command]
#[specta::specta]
pub(crate) async fn hotspot(shell: State<'_, Shell>) -> Result<Option<HotspotView>, CommandError> {
    shell.engine()?;
    Ok(None)
}

/// Who is on a device now, with the names that the phones gave themselves.
#[tauri::command]
#[specta::specta]
pub(crate) async fn joined(shell: State<'_, Shell>, device: String) -> Result<Vec<Joined>, CommandError> {
    shell.engine()?;
    drop(device);
    Ok(Vec::new())
}
