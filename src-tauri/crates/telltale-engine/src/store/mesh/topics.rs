//! Topics that are followed, and what came from them.

use crate::EngineError;
use crate::store::{Store, small};
use sqlx::Row;
use telltale_core::model::{Timestamp, TopicItem};

/// Items kept of each topic at most; the oldest leave.
const MAX_ITEMS: i64 = 500;
/// Topics that are followed at most.
pub(crate) const MAX_TOPICS: usize = 200;

/// A topic with what is known of it here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredTopic {
    /// JID of the service.
    pub(crate) service: String,
    /// Name of the node.
    pub(crate) node: String,
    /// Whether it is followed.
    pub(crate) followed: bool,
    /// Items that came from it and are kept.
    pub(crate) items: u32,
    /// When the last one came.
    pub(crate) last: Option<Timestamp>,
}

impl Store {
    /// Topics that are followed, or of which there are items.
    pub(crate) async fn topics(&self) -> Result<Vec<StoredTopic>, EngineError> {
        let rows = sqlx::query(
            "SELECT service, node, max(followed), sum(n), max(last) FROM (
               SELECT service, node, 1 AS followed, 0 AS n, NULL AS last FROM mesh_topics
               UNION ALL
               SELECT service, node, 0, count(*), max(at_ns) FROM mesh_items GROUP BY service, node)
             GROUP BY service, node ORDER BY service, node",
        )
        .fetch_all(&self.read)
        .await?;
        let topics = rows.iter().map(|row| StoredTopic {
            service: row.get(0),
            node: row.get(1),
            followed: row.get(2),
            items: small(row.get(3)),
            last: row.get::<Option<i64>, _>(4).map(Timestamp),
        });
        Ok(topics.collect())
    }

    /// A topic is followed from now on, or no more.
    pub(crate) async fn set_followed(&self, service: &str, node: &str, followed: bool) -> Result<(), EngineError> {
        let sql = if followed {
            "INSERT OR IGNORE INTO mesh_topics (service, node) VALUES (?, ?)"
        } else {
            "DELETE FROM mesh_topics WHERE service = ? AND node = ?"
        };
        sqlx::query(sql).bind(service).bind(node).execute(&self.write).await?;
        Ok(())
    }

    /// What came from a topic, newest first.
    pub(crate) async fn topic_items(&self, service: &str, node: &str) -> Result<Vec<TopicItem>, EngineError> {
        let rows = sqlx::query(
            "SELECT id, publisher, at_ns, body FROM mesh_items WHERE service = ? AND node = ? ORDER BY seq DESC LIMIT ?",
        )
        .bind(service)
        .bind(node)
        .bind(MAX_ITEMS)
        .fetch_all(&self.read)
        .await?;
        let items = rows.iter().map(|row| TopicItem {
            id: row.get(0),
            publisher: row.get(1),
            at: Timestamp(row.get(2)),
            body: row.get(3),
        });
        Ok(items.collect())
    }

    /// Keeps an item; one with its id is replaced, as on the node. `false`: it stands there as it is.
    pub(crate) async fn add_topic_item(
        &self,
        service: &str,
        node: &str,
        item: &TopicItem,
    ) -> Result<bool, EngineError> {
        let mut all = self.write.begin().await?;
        let done = sqlx::query(
            "INSERT INTO mesh_items (service, node, id, publisher, at_ns, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (service, node, id) DO UPDATE SET publisher = ?4, at_ns = ?5, body = ?6 WHERE body <> ?6",
        )
        .bind(service)
        .bind(node)
        .bind(&item.id)
        .bind(&item.publisher)
        .bind(item.at.0)
        .bind(&item.body)
        .execute(&mut *all)
        .await?;
        sqlx::query(
            "DELETE FROM mesh_items WHERE service = ?1 AND node = ?2 AND seq NOT IN
               (SELECT seq FROM mesh_items WHERE service = ?1 AND node = ?2 ORDER BY seq DESC LIMIT ?3)",
        )
        .bind(service)
        .bind(node)
        .bind(MAX_ITEMS)
        .execute(&mut *all)
        .await?;
        all.commit().await?;
        Ok(done.rows_affected() > 0)
    }

    /// An item was taken back.
    pub(crate) async fn remove_topic_item(&self, service: &str, node: &str, id: &str) -> Result<(), EngineError> {
        sqlx::query("DELETE FROM mesh_items WHERE service = ? AND node = ? AND id = ?")
            .bind(service)
            .bind(node)
            .bind(id)
            .execute(&self.write)
            .await?;
        Ok(())
    }
}
