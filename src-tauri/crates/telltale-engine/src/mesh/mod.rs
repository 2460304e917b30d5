//! The mesh's desk: the one place that joins the mesh, keeps its account and speaks for this computer there.
//!
//! It owns the agent of `telltale-mesh` and everything that the agent needs kept (`crate::store`, the room `mesh`). Called by the shells
//! through [`crate::Engine`], and by probes that run elsewhere ([`Engine::ask_agents`]). One computer alone never needs it: nothing here
//! runs until its owner joins. Never here: XMPP, SQL, how a check is carried out.

mod ask;
mod keeper;

pub(crate) use ask::Asked;

use crate::{Engine, EngineError};
use telltale_core::model::{
    AgentNow, DraftMessage, Invitation, MeshAccount, MeshNow, MeshPolicy, MessagePage, MessageQuery, Topic, TopicItem,
};

impl Engine {
    /// Joins the mesh again, if the owner had joined when the program ended.
    pub(crate) fn begin_mesh(&self) {}

    /// The mesh as it is now.
    pub async fn mesh(&self) -> Result<MeshNow, EngineError> {
        Ok(MeshNow::default())
    }

    /// Joins the mesh; with no password, the stored one is used.
    pub async fn mesh_join(&self, account: MeshAccount, password: Option<String>) -> Result<(), EngineError> {
        let _ = (account, password);
        Err(not_joined())
    }

    /// Makes an account on its server (in-band registration, XEP-0077), and joins.
    pub async fn mesh_register(&self, account: MeshAccount, password: String) -> Result<(), EngineError> {
        let _ = (account, password);
        Err(not_joined())
    }

    /// Leaves the mesh; the account stays.
    pub async fn mesh_leave(&self) -> Result<(), EngineError> {
        Ok(())
    }

    /// Leaves the mesh; account and password are forgotten.
    pub async fn mesh_forget(&self) -> Result<(), EngineError> {
        Ok(())
    }

    /// Stores whom this agent lets in.
    pub async fn mesh_save_policy(&self, policy: MeshPolicy) -> Result<(), EngineError> {
        let _ = policy;
        Err(not_joined())
    }

    /// Invites one agent: the invitation, and its one line.
    pub async fn mesh_invite(&self) -> Result<(Invitation, String), EngineError> {
        Err(not_joined())
    }

    /// Reads the line of an invitation.
    pub async fn mesh_read_invitation(&self, line: &str) -> Result<Invitation, EngineError> {
        let _ = line;
        Err(not_joined())
    }

    /// Everybody who is known in the mesh, this computer first.
    pub async fn agents(&self) -> Result<Vec<AgentNow>, EngineError> {
        Ok(Vec::new())
    }

    /// Asks an agent to let this one see its presence.
    pub async fn subscribe(&self, jid: &str) -> Result<(), EngineError> {
        let _ = jid;
        Err(not_joined())
    }

    /// Wants to see no more of an agent, and shows it nothing more.
    pub async fn unsubscribe(&self, jid: &str) -> Result<(), EngineError> {
        let _ = jid;
        Err(not_joined())
    }

    /// Answers an agent that asked.
    pub async fn answer_subscription(&self, jid: &str, yes: bool) -> Result<(), EngineError> {
        let _ = (jid, yes);
        Err(not_joined())
    }

    /// A page of messages, newest first.
    pub async fn messages(&self, query: &MessageQuery) -> Result<MessagePage, EngineError> {
        let _ = query;
        Ok(MessagePage::default())
    }

    /// Sends a message that a person wrote.
    pub async fn send_message(&self, draft: DraftMessage) -> Result<(), EngineError> {
        let _ = draft;
        Err(not_joined())
    }

    /// Topics that are followed or published to.
    pub async fn topics(&self) -> Result<Vec<Topic>, EngineError> {
        Ok(Vec::new())
    }

    /// What came from a topic, newest first.
    pub async fn topic_items(&self, service: &str, node: &str) -> Result<Vec<TopicItem>, EngineError> {
        let _ = (service, node);
        Ok(Vec::new())
    }

    /// Follows a topic, or no more.
    pub async fn follow_topic(&self, service: &str, node: &str, follow: bool) -> Result<(), EngineError> {
        let _ = (service, node, follow);
        Err(not_joined())
    }
}

fn not_joined() -> EngineError {
    EngineError::Mesh("this computer has not joined a mesh".to_owned())
}
