//! The mesh's desk: the one place that joins the mesh, keeps its account and speaks for this computer there.
//!
//! It owns the agent of `telltale-mesh` and everything that the agent needs kept (`crate::store`, the room `mesh`). Called by the shells
//! through [`crate::Engine`], and by probes that run elsewhere ([`Engine::ask_agents`]). One computer alone never needs it: nothing here
//! runs until its owner joins. Never here: XMPP, SQL, how a check is carried out.

mod ask;
mod authority;
mod check;
mod control;
mod desk;
mod does;
mod hear;
mod invite;
mod join;
mod keeper;
mod people;
mod publish;
mod report;
#[cfg(test)]
mod tests;
mod topics;

pub(crate) use check::account as check_account;
pub(crate) use desk::Desk;

use crate::{Engine, EngineError, password};
use telltale_core::model::MeshNow;
use telltale_mesh::agent::AgentError;

impl Engine {
    /// The mesh as it is now.
    pub async fn mesh(&self) -> Result<MeshNow, EngineError> {
        let stored = self.inner.store.mesh().await?;
        let (outbox, refused) = match self.inner.mesh.joined() {
            Ok(joined) => {
                let counts = joined.agent.counts().await;
                (counts.outbox, counts.refused)
            }
            Err(_) => (self.inner.store.waiting_messages_count().await?, Vec::new()),
        };
        let account = stored.map(|s| s.account);
        let password_in = match &account {
            Some(account) => password::place(&self.inner.folder, &account.jid).await,
            None => None,
        };
        Ok(MeshNow {
            account,
            phase: self.inner.mesh.phase.borrow().clone(),
            outbox,
            refused,
            password_in,
        })
    }
}

fn not_joined() -> EngineError {
    EngineError::Mesh("this computer has not joined a mesh".to_owned())
}

#[expect(clippy::needless_pass_by_value, reason = "the form of map_err")]
fn of_agent(e: AgentError) -> EngineError {
    EngineError::Mesh(e.to_string())
}
