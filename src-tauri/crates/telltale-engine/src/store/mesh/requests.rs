//! Requests that are not answered yet: those of others, which are carried out also after a restart, and ours.

use super::messages::add_message;
use crate::EngineError;
use crate::store::Store;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use telltale_core::model::{MeshMessage, Probe, Timestamp};

/// Requests of others that wait at most; what comes beyond is refused.
pub(crate) const MAX_REQUESTS: i64 = 256;
/// Requests of one other that wait at most: who asks without end leaves room for the others.
const MAX_OF_ONE: i64 = 64;

/// A request of another agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// Who asked, bare JID.
    pub(crate) peer: String,
    /// Of its message.
    pub(crate) id: String,
    /// The conversation.
    pub(crate) thread: String,
    /// What it asked: JSON.
    pub(crate) body: String,
    /// When it came.
    pub(crate) at: Timestamp,
}

/// A request of ours.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ask {
    /// Of the message, and of the conversation.
    pub(crate) id: String,
    /// Bare JID; empty: whoever has the role.
    pub(crate) agent: String,
    /// What was asked.
    pub(crate) probe: Probe,
    /// When it was due.
    pub(crate) due: Timestamp,
    /// When it was asked.
    pub(crate) asked: Timestamp,
}

/// What became of requests that came.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct TakenRequests {
    /// New: they stand on the disk.
    pub(crate) new: Vec<Request>,
    /// Beyond a limit: they are refused.
    pub(crate) beyond: Vec<Request>,
}

/// Remembers that a request came, in the step that stores it: a kill before it is confirmed lets it come again, and it must not be carried
/// out again. `false`: it came before.
async fn comes_first(all: &mut SqliteConnection, request: &Request) -> Result<bool, EngineError> {
    let done = sqlx::query("INSERT INTO mesh_seen (peer, id, at_ns) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
        .bind(&request.peer)
        .bind(&request.id)
        .bind(request.at.0)
        .execute(all)
        .await?;
    Ok(done.rows_affected() > 0)
}

impl Store {
    /// Writes messages down, and the requests among them; all or none.
    pub(crate) async fn take_in(
        &self,
        messages: &[MeshMessage],
        requests: Vec<Request>,
    ) -> Result<TakenRequests, EngineError> {
        let mut all = self.write.begin().await?;
        for message in messages {
            add_message(&mut all, message).await?;
        }
        let mut taken = TakenRequests::default();
        for request in requests {
            if !comes_first(&mut all, &request).await? {
                continue;
            }
            let done = sqlx::query(
                "INSERT INTO mesh_requests (peer, id, thread, body, at_ns) SELECT ?1, ?2, ?3, ?4, ?5
                 WHERE (SELECT count(*) FROM mesh_requests) < ?6
                   AND (SELECT count(*) FROM mesh_requests WHERE peer = ?1) < ?7 ON CONFLICT DO NOTHING",
            )
            .bind(&request.peer)
            .bind(&request.id)
            .bind(&request.thread)
            .bind(&request.body)
            .bind(request.at.0)
            .bind(MAX_REQUESTS)
            .bind(MAX_OF_ONE)
            .execute(&mut *all)
            .await?;
            if done.rows_affected() == 0 {
                taken.beyond.push(request);
            } else {
                taken.new.push(request);
            }
        }
        all.commit().await?;
        Ok(taken)
    }

    /// Requests of others, oldest first.
    pub(crate) async fn requests(&self) -> Result<Vec<Request>, EngineError> {
        let rows = sqlx::query("SELECT peer, id, thread, body, at_ns FROM mesh_requests ORDER BY seq")
            .fetch_all(&self.read)
            .await?;
        let request = |row: &SqliteRow| Request {
            peer: row.get(0),
            id: row.get(1),
            thread: row.get(2),
            body: row.get(3),
            at: Timestamp(row.get(4)),
        };
        Ok(rows.iter().map(request).collect())
    }

    /// A request was answered.
    pub(crate) async fn answered(&self, peer: &str, id: &str) -> Result<(), EngineError> {
        sqlx::query("DELETE FROM mesh_requests WHERE peer = ? AND id = ?")
            .bind(peer)
            .bind(id)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Remembers requests of ours, all or none.
    pub(crate) async fn add_asks(&self, asks: &[Ask]) -> Result<(), EngineError> {
        let mut all = self.write.begin().await?;
        for ask in asks {
            sqlx::query(
                "INSERT INTO mesh_asks (id, agent, probe, due_ns, asked_ns) VALUES (?, ?, ?, ?, ?)
                 ON CONFLICT (id) DO NOTHING",
            )
            .bind(&ask.id)
            .bind(&ask.agent)
            .bind(serde_json::to_string(&ask.probe)?)
            .bind(ask.due.0)
            .bind(ask.asked.0)
            .execute(&mut *all)
            .await?;
        }
        all.commit().await?;
        Ok(())
    }

    /// Requests of ours, oldest first.
    pub(crate) async fn asks(&self) -> Result<Vec<Ask>, EngineError> {
        let rows = sqlx::query("SELECT id, agent, probe, due_ns, asked_ns FROM mesh_asks ORDER BY asked_ns, id")
            .fetch_all(&self.read)
            .await?;
        let ask = |row: &SqliteRow| {
            Ok(Ask {
                id: row.get(0),
                agent: row.get(1),
                probe: serde_json::from_str(row.get(2))?,
                due: Timestamp(row.get(3)),
                asked: Timestamp(row.get(4)),
            })
        };
        rows.iter().map(ask).collect()
    }

    /// A request of ours was answered, or given up.
    pub(crate) async fn remove_ask(&self, id: &str) -> Result<(), EngineError> {
        sqlx::query("DELETE FROM mesh_asks WHERE id = ?")
            .bind(id)
            .execute(&self.write)
            .await?;
        Ok(())
    }
}
