//! Messages that wait until they are confirmed.

use super::messages::add_message;
use crate::EngineError;
use crate::store::{Store, small};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use telltale_core::model::{MeshMessage, Timestamp};
use telltale_mesh::{Destination, Queued};

/// Messages that wait at most: weeks of a busy agent, and some hundred megabytes at the very worst.
const MAX_WAITING: i64 = 5_000;

/// How a destination stands in its columns.
fn columns(to: &Destination) -> (Option<&String>, Option<&String>, Option<&String>) {
    match to {
        Destination::Agent(jid) => (Some(jid), None, None),
        Destination::Role { role, duty } => (None, Some(role), Some(duty)),
    }
}

/// The destination whose columns begin at `first`.
fn destination(row: &SqliteRow, first: usize) -> Destination {
    match row.get::<Option<String>, _>(first) {
        Some(jid) => Destination::Agent(jid),
        None => Destination::Role {
            role: row.get::<Option<String>, _>(first + 1).unwrap_or_default(),
            duty: row.get::<Option<String>, _>(first + 2).unwrap_or_default(),
        },
    }
}

impl Store {
    /// Puts messages into the outbox and writes them down for the page, all or none; one that is there already stays as it is. `false`: it
    /// is full, and none was put in.
    pub(crate) async fn queue_messages(&self, messages: &[Queued], shown: &[MeshMessage]) -> Result<bool, EngineError> {
        let mut all = self.write.begin().await?;
        for message in shown {
            add_message(&mut all, message).await?;
        }
        for message in messages {
            let (agent, role, duty) = columns(&message.to);
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

    /// For whom messages wait, and how many for each.
    pub(crate) async fn waited_for(&self) -> Result<Vec<(Destination, u32)>, EngineError> {
        let rows = sqlx::query("SELECT agent, role, duty, count(*) FROM mesh_outbox GROUP BY agent, role, duty")
            .fetch_all(&self.read)
            .await?;
        Ok(rows
            .iter()
            .map(|row| (destination(row, 0), small(row.get(3))))
            .collect())
    }

    /// What waits for one of them, oldest first.
    pub(crate) async fn waiting_messages(&self, to: &Destination, limit: u32) -> Result<Vec<Queued>, EngineError> {
        let (agent, role, duty) = columns(to);
        let rows = sqlx::query(
            "SELECT id, agent, role, duty, draft, queued_ns, tries FROM mesh_outbox
             WHERE agent IS ? AND role IS ? AND duty IS ? ORDER BY seq LIMIT ?",
        )
        .bind(agent)
        .bind(role)
        .bind(duty)
        .bind(limit)
        .fetch_all(&self.read)
        .await?;
        let queued = rows.iter().map(|row| Queued {
            id: row.get(0),
            to: destination(row, 1),
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

    /// How many wait for one of them.
    pub(crate) async fn waiting_for(&self, to: &Destination) -> Result<u32, EngineError> {
        let (agent, role, duty) = columns(to);
        let count: i64 =
            sqlx::query_scalar("SELECT count(*) FROM mesh_outbox WHERE agent IS ? AND role IS ? AND duty IS ?")
                .bind(agent)
                .bind(role)
                .bind(duty)
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
