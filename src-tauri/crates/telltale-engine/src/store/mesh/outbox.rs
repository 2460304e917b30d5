//! Messages that wait until they are confirmed.

use crate::EngineError;
use crate::store::{Store, small};
use sqlx::Row;
use telltale_core::model::Timestamp;
use telltale_mesh::{Destination, Queued};

/// Messages that wait at most: weeks of a busy agent, and some hundred megabytes at the very worst.
const MAX_WAITING: i64 = 5_000;

impl Store {
    /// Puts messages into the outbox, all or none; one that is there already stays as it is. `false`: it is full, and none was put in.
    pub(crate) async fn queue_messages(&self, messages: &[Queued]) -> Result<bool, EngineError> {
        let mut all = self.write.begin().await?;
        for message in messages {
            let (agent, role, duty) = match &message.to {
                Destination::Agent(jid) => (Some(jid), None, None),
                Destination::Role { role, duty } => (None, Some(role), Some(duty)),
            };
            sqlx::query(
                "INSERT INTO mesh_outbox (id, agent, role, duty, draft, queued_ns, tries) VALUES (?, ?, ?, ?, ?, ?, ?)
                 ON CONFLICT (id) DO NOTHING",
            )
            .bind(&message.id)
            .bind(agent)
            .bind(role)
            .bind(duty)
            .bind(&message.draft)
            .bind(message.queued.0)
            .bind(message.tries)
            .execute(&mut *all)
            .await?;
        }
        let waiting: i64 = sqlx::query_scalar("SELECT count(*) FROM mesh_outbox")
            .fetch_one(&mut *all)
            .await?;
        if waiting > MAX_WAITING {
            all.rollback().await?;
            return Ok(false);
        }
        all.commit().await?;
        Ok(true)
    }

    /// What waits, oldest first.
    pub(crate) async fn waiting_messages(&self, limit: u32) -> Result<Vec<Queued>, EngineError> {
        let rows =
            sqlx::query("SELECT id, agent, role, duty, draft, queued_ns, tries FROM mesh_outbox ORDER BY seq LIMIT ?")
                .bind(limit)
                .fetch_all(&self.read)
                .await?;
        let queued = rows.iter().map(|row| Queued {
            id: row.get(0),
            to: match row.get::<Option<String>, _>(1) {
                Some(jid) => Destination::Agent(jid),
                None => Destination::Role {
                    role: row.get::<Option<String>, _>(2).unwrap_or_default(),
                    duty: row.get::<Option<String>, _>(3).unwrap_or_default(),
                },
            },
            draft: row.get(4),
            queued: Timestamp(row.get(5)),
            tries: small(row.get(6)),
        });
        Ok(queued.collect())
    }

    /// How many wait.
    pub(crate) async fn waiting_messages_count(&self) -> Result<u32, EngineError> {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM mesh_outbox")
            .fetch_one(&self.read)
            .await?;
        Ok(small(count))
    }

    /// These were sent once more.
    pub(crate) async fn messages_tried(&self, ids: &[String]) -> Result<(), EngineError> {
        let mut all = self.write.begin().await?;
        for id in ids {
            sqlx::query("UPDATE mesh_outbox SET tries = tries + 1 WHERE id = ?")
                .bind(id)
                .execute(&mut *all)
                .await?;
        }
        all.commit().await?;
        Ok(())
    }

    /// These leave the outbox.
    pub(crate) async fn unqueue_messages(&self, ids: &[String]) -> Result<(), EngineError> {
        let mut all = self.write.begin().await?;
        for id in ids {
            sqlx::query("DELETE FROM mesh_outbox WHERE id = ?")
                .bind(id)
                .execute(&mut *all)
                .await?;
        }
        all.commit().await?;
        Ok(())
    }
}
