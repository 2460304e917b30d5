//! Messages that were handled: ids for seven days, and the numbers of each sender.

use crate::EngineError;
use crate::store::Store;
use sqlx::Row;
use telltale_core::model::Timestamp;
use telltale_mesh::Sighted;

/// How long an id is remembered.
const SEVEN_DAYS_NS: i64 = 7 * 86_400 * 1_000_000_000;
/// Ids remembered at most, some 40 MB: days of a busy mesh. Beyond, the numbers still tell what was sent again as it was.
const MAX_SEEN: i64 = 200_000;
/// Senders whose numbers are remembered at most; all of them were let in by the owner's policy.
const MAX_WINDOWS: i64 = 2_000;

/// Everything that is remembered, as it is read at a start.
#[derive(Default)]
pub(crate) struct SeenRows {
    /// Sender and id.
    pub(crate) ids: Vec<(String, String)>,
    /// Sender and numbers.
    pub(crate) windows: Vec<(String, Vec<u8>)>,
}

impl Store {
    /// Everything that is remembered.
    pub(crate) async fn seen(&self) -> Result<SeenRows, EngineError> {
        let ids = sqlx::query("SELECT peer, id FROM mesh_seen")
            .fetch_all(&self.read)
            .await?;
        let windows = sqlx::query("SELECT peer, numbers FROM mesh_windows")
            .fetch_all(&self.read)
            .await?;
        Ok(SeenRows {
            ids: ids.iter().map(|row| (row.get(0), row.get(1))).collect(),
            windows: windows.iter().map(|row| (row.get(0), row.get(1))).collect(),
        })
    }

    /// Remembers messages, and the numbers of their senders as they are now; all or none.
    pub(crate) async fn settle(
        &self,
        messages: &[Sighted],
        windows: &[(&str, Vec<u8>)],
        at: Timestamp,
    ) -> Result<(), EngineError> {
        let mut all = self.write.begin().await?;
        for message in messages {
            sqlx::query("INSERT INTO mesh_seen (peer, id, at_ns) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
                .bind(&message.from)
                .bind(&message.id)
                .bind(at.0)
                .execute(&mut *all)
                .await?;
        }
        for (peer, numbers) in windows {
            sqlx::query("INSERT OR REPLACE INTO mesh_windows (peer, numbers, at_ns) VALUES (?, ?, ?)")
                .bind(*peer)
                .bind(numbers)
                .bind(at.0)
                .execute(&mut *all)
                .await?;
        }
        all.commit().await?;
        Ok(())
    }

    /// Whether this message was handled.
    pub(crate) async fn was_seen(&self, peer: &str, id: &str) -> Result<bool, EngineError> {
        let seen = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM mesh_seen WHERE peer = ? AND id = ?)")
            .bind(peer)
            .bind(id)
            .fetch_one(&self.read)
            .await?;
        Ok(seen)
    }

    /// Forgets ids that are older than seven days, and what lies beyond the limits.
    pub(crate) async fn forget_seen(&self, at: Timestamp) -> Result<(), EngineError> {
        let mut all = self.write.begin().await?;
        sqlx::query("DELETE FROM mesh_seen WHERE at_ns < ? OR seq <= (SELECT max(seq) FROM mesh_seen) - ?")
            .bind(at.0.saturating_sub(SEVEN_DAYS_NS))
            .bind(MAX_SEEN)
            .execute(&mut *all)
            .await?;
        sqlx::query(
            "DELETE FROM mesh_windows WHERE peer NOT IN (SELECT peer FROM mesh_windows ORDER BY at_ns DESC LIMIT ?)",
        )
        .bind(MAX_WINDOWS)
        .execute(&mut *all)
        .await?;
        all.commit().await?;
        Ok(())
    }
}
