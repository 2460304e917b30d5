//! The mesh: the account, agents, messages, topics.

use crate::CommandError;
use crate::command::file::pick;
use crate::shell::Shell;
use crate::view::InvitationView;
use tauri::{AppHandle, State};
use telltale_core::model::{
    AgentDoes, AgentNow, ControlAction, DraftMessage, Invitation, MeshAccount, MeshNow, MeshPolicy, MessagePage,
    MessageQuery, Topic, TopicItem,
};

/// The mesh as it is now.
#[tauri::command]
#[specta::specta]
pub(crate) async fn mesh(shell: State<'_, Shell>) -> Result<MeshNow, CommandError> {
    Ok(shell.engine()?.mesh().await?)
}

/// Joins with an account; without a password, with the stored one.
#[tauri::command]
#[specta::specta]
pub(crate) async fn mesh_join(
    shell: State<'_, Shell>,
    account: MeshAccount,
    password: Option<String>,
) -> Result<(), CommandError> {
    Ok(shell.engine()?.mesh_join(account, password).await?)
}

/// Makes the account on the server, then joins.
#[tauri::command]
#[specta::specta]
pub(crate) async fn mesh_register(
    shell: State<'_, Shell>,
    account: MeshAccount,
    password: String,
) -> Result<(), CommandError> {
    Ok(shell.engine()?.mesh_register(account, password).await?)
}

/// Leaves; the account is kept.
#[tauri::command]
#[specta::specta]
pub(crate) async fn mesh_leave(shell: State<'_, Shell>) -> Result<(), CommandError> {
    Ok(shell.engine()?.mesh_leave().await?)
}

/// Leaves, and forgets account and password.
#[tauri::command]
#[specta::specta]
pub(crate) async fn mesh_forget(shell: State<'_, Shell>) -> Result<(), CommandError> {
    Ok(shell.engine()?.mesh_forget().await?)
}

/// Stores whom this computer lets in.
#[tauri::command]
#[specta::specta]
pub(crate) async fn mesh_save_policy(shell: State<'_, Shell>, policy: MeshPolicy) -> Result<(), CommandError> {
    Ok(shell.engine()?.mesh_save_policy(policy).await?)
}

/// Makes an invitation for a new agent.
#[tauri::command]
#[specta::specta]
pub(crate) async fn mesh_invite(shell: State<'_, Shell>) -> Result<InvitationView, CommandError> {
    Ok(shell.engine()?.mesh_invite().await?.into())
}

/// What an invitation says.
#[tauri::command]
#[specta::specta]
pub(crate) async fn mesh_read_invitation(shell: State<'_, Shell>, line: String) -> Result<Invitation, CommandError> {
    Ok(shell.engine()?.mesh_read_invitation(&line).await?)
}

/// Asks for a file with an authority's certificate; its PEM, or nothing when the user thought better of it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pick_authority(app: AppHandle, shell: State<'_, Shell>) -> Result<Option<String>, CommandError> {
    let engine = shell.engine()?;
    match pick(&app, "Certificates", &["pem", "crt", "cer", "der"]).await {
        Some(path) => Ok(Some(engine.mesh_read_authority(&path).await?)),
        None => Ok(None),
    }
}

/// The agents, this computer first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn agents(shell: State<'_, Shell>) -> Result<Vec<AgentNow>, CommandError> {
    Ok(shell.engine()?.agents().await?)
}

/// What another agent does, as far as it tells.
#[tauri::command]
#[specta::specta]
pub(crate) async fn agent_behaviours(shell: State<'_, Shell>, jid: String) -> Result<AgentDoes, CommandError> {
    Ok(shell.engine()?.agent_behaviours(&jid).await?)
}

/// Has another agent do something with one of its behaviours.
#[tauri::command]
#[specta::specta]
pub(crate) async fn control_agent(
    shell: State<'_, Shell>,
    jid: String,
    behaviour: String,
    action: ControlAction,
) -> Result<(), CommandError> {
    Ok(shell.engine()?.control_agent(&jid, &behaviour, action).await?)
}

/// Asks an agent to be let in, and lets it in.
#[tauri::command]
#[specta::specta]
pub(crate) async fn subscribe(shell: State<'_, Shell>, jid: String) -> Result<(), CommandError> {
    Ok(shell.engine()?.subscribe(&jid).await?)
}

/// Neither sees the other any more.
#[tauri::command]
#[specta::specta]
pub(crate) async fn unsubscribe(shell: State<'_, Shell>, jid: String) -> Result<(), CommandError> {
    Ok(shell.engine()?.unsubscribe(&jid).await?)
}

/// Answers an agent that asks to be let in.
#[tauri::command]
#[specta::specta]
pub(crate) async fn answer_subscription(shell: State<'_, Shell>, jid: String, yes: bool) -> Result<(), CommandError> {
    Ok(shell.engine()?.answer_subscription(&jid, yes).await?)
}

/// A page of messages, newest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn messages(shell: State<'_, Shell>, query: MessageQuery) -> Result<MessagePage, CommandError> {
    Ok(shell.engine()?.messages(&query).await?)
}

/// Sends a message that a person wrote.
#[tauri::command]
#[specta::specta]
pub(crate) async fn send_message(shell: State<'_, Shell>, draft: DraftMessage) -> Result<(), CommandError> {
    Ok(shell.engine()?.send_message(draft).await?)
}

/// The topics that are known.
#[tauri::command]
#[specta::specta]
pub(crate) async fn topics(shell: State<'_, Shell>) -> Result<Vec<Topic>, CommandError> {
    Ok(shell.engine()?.topics().await?)
}

/// Items of a topic, newest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn topic_items(
    shell: State<'_, Shell>,
    service: String,
    node: String,
) -> Result<Vec<TopicItem>, CommandError> {
    Ok(shell.engine()?.topic_items(&service, &node).await?)
}

/// Follows a topic, or follows it no more.
#[tauri::command]
#[specta::specta]
pub(crate) async fn follow_topic(
    shell: State<'_, Shell>,
    service: String,
    node: String,
    on: bool,
) -> Result<(), CommandError> {
    Ok(shell.engine()?.follow_topic(&service, &node, on).await?)
}
