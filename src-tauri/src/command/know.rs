//! What is known without a capture, and the user's choices.

use crate::CommandError;
use crate::shell::Shell;
use crate::view::{DataSetView, LookupRow, SettingsView};
use tauri::State;
use telltale_engine::atlas;

/// Names and addresses of one question at most: a person pastes a list.
const MAX_QUERIES: usize = 1_000;

/// Says what is known of names and addresses; nothing is asked of any network.
#[tauri::command]
#[specta::specta]
pub(crate) async fn lookup(queries: Vec<String>) -> Result<Vec<LookupRow>, CommandError> {
    if queries.len() > MAX_QUERIES {
        return Err(CommandError::invalid(format!("at most {MAX_QUERIES} at once")));
    }
    let atlas = atlas();
    let row = |query: String| LookupRow {
        owner: telltale_core::enrich::lookup(&atlas, &query),
        query,
    };
    Ok(queries.into_iter().map(row).collect())
}

/// The data sets that ship, with version, date, licence and credit.
#[tauri::command]
#[specta::specta]
pub(crate) async fn data_sets() -> Vec<DataSetView> {
    atlas().data_sets().iter().map(DataSetView::from).collect()
}

/// The user's choices.
#[tauri::command]
#[specta::specta]
pub(crate) async fn settings(shell: State<'_, Shell>) -> Result<SettingsView, CommandError> {
    Ok(shell.engine()?.settings().await?.into())
}

/// Stores the user's choices.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_settings(shell: State<'_, Shell>, settings: SettingsView) -> Result<(), CommandError> {
    Ok(shell.engine()?.save_settings(&settings.into()).await?)
}
