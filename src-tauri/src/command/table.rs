//! Windows of the tables.

use crate::CommandError;
use crate::shell::Shell;
use crate::view::{FlowPage, ServerDetail, ServerPage, TableQuery};
use tauri::State;
use telltale_core::model::ServerId;

/// A window of the server table.
#[tauri::command]
#[specta::specta]
pub(crate) async fn servers(
    shell: State<'_, Shell>,
    audit: u32,
    query: TableQuery,
) -> Result<ServerPage, CommandError> {
    Ok(shell.engine()?.servers(audit, &query.into()).await?.into())
}

/// Everything about one server.
#[tauri::command]
#[specta::specta]
pub(crate) async fn server(shell: State<'_, Shell>, audit: u32, server: u32) -> Result<ServerDetail, CommandError> {
    Ok(shell.engine()?.server(audit, ServerId(server)).await?.into())
}

/// A window of the flow table.
#[tauri::command]
#[specta::specta]
pub(crate) async fn flows(shell: State<'_, Shell>, audit: u32, query: TableQuery) -> Result<FlowPage, CommandError> {
    Ok(shell.engine()?.flows(audit, &query.into()).await?.into())
}
