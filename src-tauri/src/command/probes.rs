//! Probes, their behaviours and results.

use crate::CommandError;
use crate::command::file::pick;
use crate::shell::Shell;
use tauri::AppHandle;
use tauri::State;
use telltale_core::model::{
    BehaviourNow, Check, Expectation, Limits, Probe, ProbePolicy, ProbeResult, ResultPage, ResultQuery,
};

/// All probes with their behaviours.
#[tauri::command]
#[specta::specta]
pub(crate) async fn probes(shell: State<'_, Shell>) -> Result<Vec<BehaviourNow>, CommandError> {
    Ok(shell.engine()?.probes().await?)
}

/// Stores a probe, a new one where its id is empty; as it was stored.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_probe(shell: State<'_, Shell>, probe: Probe) -> Result<Probe, CommandError> {
    Ok(shell.engine()?.save_probe(probe).await?)
}

/// Takes a probe away; it can be brought back until the program ends.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_probe(shell: State<'_, Shell>, id: String) -> Result<(), CommandError> {
    Ok(shell.engine()?.remove_probe(&id).await?)
}

/// Brings a removed probe back.
#[tauri::command]
#[specta::specta]
pub(crate) async fn restore_probe(shell: State<'_, Shell>, id: String) -> Result<(), CommandError> {
    Ok(shell.engine()?.restore_probe(&id).await?)
}

/// Runs a probe now.
#[tauri::command]
#[specta::specta]
pub(crate) async fn run_probe(shell: State<'_, Shell>, id: String) -> Result<(), CommandError> {
    Ok(shell.engine()?.run_probe(&id).await?)
}

/// Pauses a probe, or lets it go on.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pause_probe(shell: State<'_, Shell>, id: String, paused: bool) -> Result<(), CommandError> {
    Ok(shell.engine()?.pause_probe(&id, paused).await?)
}

/// Breaks a run off and stops the behaviour.
#[tauri::command]
#[specta::specta]
pub(crate) async fn kill_probe(shell: State<'_, Shell>, id: String) -> Result<(), CommandError> {
    Ok(shell.engine()?.kill_probe(&id).await?)
}

/// Carries a check out now, to try it; nothing is stored.
#[tauri::command]
#[specta::specta]
pub(crate) async fn try_check(
    shell: State<'_, Shell>,
    check: Check,
    limits: Limits,
    expected: Option<Expectation>,
) -> Result<ProbeResult, CommandError> {
    Ok(shell.engine()?.try_check(check, limits, expected).await?)
}

/// What the owner of this computer allows.
#[tauri::command]
#[specta::specta]
pub(crate) async fn probe_policy(shell: State<'_, Shell>) -> Result<ProbePolicy, CommandError> {
    Ok(shell.engine()?.probe_policy().await?)
}

/// Stores what the owner of this computer allows.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_probe_policy(shell: State<'_, Shell>, policy: ProbePolicy) -> Result<(), CommandError> {
    Ok(shell.engine()?.save_probe_policy(policy).await?)
}

/// A page of results, newest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn results(shell: State<'_, Shell>, query: ResultQuery) -> Result<ResultPage, CommandError> {
    Ok(shell.engine()?.results(&query).await?)
}

/// Asks for a file of probes (ours, Pumpkin's or Scandale's) and takes them in, paused; nothing when the user thought better of it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pick_probes(app: AppHandle, shell: State<'_, Shell>) -> Result<Option<Vec<Probe>>, CommandError> {
    let engine = shell.engine()?;
    match pick(&app, "Probes", &["json"]).await {
        Some(path) => Ok(Some(engine.import_probe_file(&path).await?)),
        None => Ok(None),
    }
}
