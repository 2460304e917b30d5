//! Rules and incidents.

use crate::CommandError;
use crate::shell::Shell;
use crate::view::IncidentPage;
use tauri::State;
use telltale_core::model::{Incident, Rule};

/// All rules.
#[tauri::command]
#[specta::specta]
pub(crate) async fn rules(shell: State<'_, Shell>) -> Result<Vec<Rule>, CommandError> {
    Ok(shell.engine()?.rules().await?)
}

/// The revisions of a rule, newest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn rule_revisions(shell: State<'_, Shell>, id: String) -> Result<Vec<Rule>, CommandError> {
    Ok(shell.engine()?.rule_revisions(&id).await?)
}

/// Stores a rule, a new one where its id is empty; as it was stored.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_rule(shell: State<'_, Shell>, rule: Rule) -> Result<Rule, CommandError> {
    Ok(shell.engine()?.save_rule(rule).await?)
}

/// Takes a rule away; it can be brought back until the program ends.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_rule(shell: State<'_, Shell>, id: String) -> Result<(), CommandError> {
    Ok(shell.engine()?.remove_rule(&id).await?)
}

/// Brings a removed rule back.
#[tauri::command]
#[specta::specta]
pub(crate) async fn restore_rule(shell: State<'_, Shell>, id: String) -> Result<(), CommandError> {
    Ok(shell.engine()?.restore_rule(&id).await?)
}

/// What a rule would have said of the stored results.
#[tauri::command]
#[specta::specta]
pub(crate) async fn try_rule(shell: State<'_, Shell>, rule: Rule) -> Result<Vec<Incident>, CommandError> {
    Ok(shell.engine()?.try_rule(rule).await?)
}

/// A page of incidents, newest first, and what the rules had to leave out.
#[tauri::command]
#[specta::specta]
pub(crate) async fn incidents(
    shell: State<'_, Shell>,
    open_only: bool,
    offset: u32,
    limit: u32,
) -> Result<IncidentPage, CommandError> {
    let engine = shell.engine()?;
    let page = engine.incidents(open_only, offset, limit).await?;
    Ok((page, engine.correlation_counts().await).into())
}

/// One incident.
#[tauri::command]
#[specta::specta]
pub(crate) async fn incident(shell: State<'_, Shell>, id: String) -> Result<Incident, CommandError> {
    Ok(shell.engine()?.incident(&id).await?)
}

/// Closes an incident by hand.
#[tauri::command]
#[specta::specta]
pub(crate) async fn close_incident(shell: State<'_, Shell>, id: String) -> Result<(), CommandError> {
    Ok(shell.engine()?.close_incident(&id).await?)
}
