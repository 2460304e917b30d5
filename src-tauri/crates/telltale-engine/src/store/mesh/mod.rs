//! What the mesh needs kept: the account, the agent's outbox and window, what was said, topics, requests.
//!
//! Called by the mesh's desk alone. Each change is one transaction; those that take several rows do all or none. Never here: what a
//! message means, who is let in.

mod agents;
mod messages;
mod outbox;
mod requests;
mod seen;
mod topics;

pub(crate) use agents::Traffic;
pub(crate) use messages::Told;
pub(crate) use requests::{Ask, Request};
pub(crate) use seen::SeenRows;
pub(crate) use topics::MAX_TOPICS;

use super::Store;
use crate::EngineError;
use serde::{Deserialize, Serialize};
use telltale_core::model::{MeshAccount, Timestamp};

/// The account, and whether its owner wants this computer in the mesh.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct StoredMesh {
    /// The account.
    pub(crate) account: MeshAccount,
    /// Joined, or to be joined at the next start.
    pub(crate) joined: bool,
    /// The resource of this computer.
    pub(crate) resource: String,
    /// Who invited it (bare JID), and the token that proves it.
    pub(crate) invited: Option<(String, String)>,
}

impl Store {
    /// The account; `None` before there is one.
    pub(crate) async fn mesh(&self) -> Result<Option<StoredMesh>, EngineError> {
        let stored: Option<String> = sqlx::query_scalar("SELECT value FROM settings WHERE key = 'mesh'")
            .fetch_optional(&self.read)
            .await?;
        Ok(stored.map(|json| serde_json::from_str(&json)).transpose()?)
    }

    /// Stores the account.
    pub(crate) async fn save_mesh(&self, mesh: &StoredMesh) -> Result<(), EngineError> {
        sqlx::query("INSERT OR REPLACE INTO settings (key, value) VALUES ('mesh', ?)")
            .bind(serde_json::to_string(mesh)?)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Forgets the account, and what belongs to nobody without it: outbox, topics, invitations, requests, agents. What was said stays.
    pub(crate) async fn forget_mesh(&self) -> Result<(), EngineError> {
        let mut all = self.write.begin().await?;
        sqlx::query("DELETE FROM settings WHERE key = 'mesh'")
            .execute(&mut *all)
            .await?;
        for table in ["outbox", "topics", "items", "invitations", "requests", "asks", "agents"] {
            let sql = format!("DELETE FROM mesh_{table}");
            sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut *all).await?;
        }
        all.commit().await?;
        Ok(())
    }

    /// The mesh's readers of results and incidents begin at what comes from now on.
    pub(crate) async fn begin_mesh_readers(&self, results: &[&str], incidents: &[&str]) -> Result<(), EngineError> {
        let newest_result = self.newest_result_seq().await?;
        let newest_incident = self.newest_incident_change().await?;
        for reader in results {
            self.set_cursor(reader, newest_result).await?;
        }
        for reader in incidents {
            self.set_cursor(reader, newest_incident).await?;
        }
        Ok(())
    }

    /// The number of the newest result; 0: none.
    pub(crate) async fn newest_result_seq(&self) -> Result<i64, EngineError> {
        let seq: Option<i64> = sqlx::query_scalar("SELECT max(seq) FROM results")
            .fetch_one(&self.read)
            .await?;
        Ok(seq.unwrap_or(0))
    }

    /// A number for this start of the agent: it never repeats, and `now` (milliseconds) keeps it growing when the data folder is a new
    /// one, so that others do not take a new start for an old one.
    pub(crate) async fn next_boot(&self, now: Timestamp) -> Result<u64, EngineError> {
        let boot: i64 = sqlx::query_scalar(
            "INSERT INTO mesh_boot (one, boot) VALUES (1, ?1)
             ON CONFLICT (one) DO UPDATE SET boot = max(boot + 1, ?1) RETURNING boot",
        )
        .bind((now.0 / 1_000_000).max(1))
        .fetch_one(&self.write)
        .await?;
        Ok(boot.cast_unsigned())
    }

    /// Remembers an invitation by the digest of its token; ends those that are over.
    pub(crate) async fn add_invitation(
        &self,
        digest: &[u8],
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let mut both = self.write.begin().await?;
        sqlx::query("DELETE FROM mesh_invitations WHERE until_ns < ?")
            .bind(now.0)
            .execute(&mut *both)
            .await?;
        sqlx::query("INSERT OR REPLACE INTO mesh_invitations (digest, until_ns) VALUES (?, ?)")
            .bind(digest)
            .bind(until.0)
            .execute(&mut *both)
            .await?;
        both.commit().await?;
        Ok(())
    }

    /// Stores the account, if there is an open invitation with this digest, which ends with it: both or neither, so that a kill or a full
    /// disk neither uses an invitation up for nothing nor lets two in by one.
    pub(crate) async fn save_mesh_by_invitation(
        &self,
        mesh: &StoredMesh,
        digest: &[u8],
        now: Timestamp,
    ) -> Result<bool, EngineError> {
        let mut both = self.write.begin().await?;
        let until: Option<i64> = sqlx::query_scalar("DELETE FROM mesh_invitations WHERE digest = ? RETURNING until_ns")
            .bind(digest)
            .fetch_optional(&mut *both)
            .await?;
        let open = until.is_some_and(|until| until >= now.0);
        if open {
            sqlx::query("INSERT OR REPLACE INTO settings (key, value) VALUES ('mesh', ?)")
                .bind(serde_json::to_string(mesh)?)
                .execute(&mut *both)
                .await?;
        }
        both.commit().await?;
        Ok(open)
    }
}
