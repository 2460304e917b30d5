//! Invitations: one line that brings one new agent in. The token stands here as a digest, and counts once.

use crate::{Engine, EngineError, now};
use ring::digest::{SHA256, digest};
use telltale_core::model::{Invitation, Timestamp};
use telltale_mesh::invitation;

/// How long an invitation holds.
const HOLDS_NS: i64 = 24 * 3_600 * 1_000_000_000;

impl Engine {
    /// Invites one agent: the invitation, and its one line.
    pub async fn mesh_invite(&self) -> Result<(Invitation, String), EngineError> {
        let stored = self.inner.store.mesh().await?.ok_or_else(super::not_joined)?;
        let account = stored.account;
        let domain = account.jid.split_once('@').map(|(_, domain)| domain.to_owned());
        let at = now();
        let invitation = Invitation {
            domain: domain.unwrap_or_default(),
            server: account.server,
            tls: account.tls,
            trust: account.trust,
            inviter: account.jid,
            token: invitation::new_token().map_err(of_invitation)?,
            // Whole seconds: what the line says.
            until: Timestamp(at.0.saturating_add(HOLDS_NS) / 1_000_000_000 * 1_000_000_000),
        };
        let line = invitation::to_line(&invitation).map_err(of_invitation)?;
        let known = digest(&SHA256, invitation.token.as_bytes());
        self.inner
            .store
            .add_invitation(known.as_ref(), invitation.until, at)
            .await?;
        Ok((invitation, line))
    }

    /// Reads the line of an invitation; an account on its server that joins next comes as invited.
    #[expect(clippy::unused_async, reason = "the shells call all of the engine in one way")]
    pub async fn mesh_read_invitation(&self, line: &str) -> Result<Invitation, EngineError> {
        let invitation = invitation::from_line(line, now()).map_err(of_invitation)?;
        self.inner.mesh.set_invitation(Some(invitation.clone()));
        Ok(invitation)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the form of map_err")]
fn of_invitation(e: invitation::InvitationError) -> EngineError {
    EngineError::InvalidInput(e.to_string())
}
