//! What the HTTP interface keeps: its settings, digests of its tokens, and items of strangers as they came.

use super::{Store, small};
use crate::EngineError;
use serde::{Serialize, de::DeserializeOwned};
use sqlx::Row;
use telltale_core::model::{HttpToken, Timestamp};

/// A token's digest with its name.
pub(crate) struct StoredToken {
    pub(crate) digest: Vec<u8>,
    pub(crate) token: HttpToken,
}

/// An item before it is stored.
pub(crate) struct NewItem<'a> {
    /// UUID of the result that it becomes.
    pub(crate) result: &'a str,
    pub(crate) raw_sha256: &'a [u8],
    /// The envelope.
    pub(crate) json: &'a str,
}

/// How many items are kept, and how large they are together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ItemLimits {
    pub(crate) items: u32,
    pub(crate) octets: i64,
}

impl Store {
    /// A choice that stands under a key of its own; the default where nothing (or nothing readable) is stored.
    pub(crate) async fn choice<T: DeserializeOwned + Default>(&self, key: &str) -> Result<T, EngineError> {
        let stored: Option<String> = sqlx::query_scalar("SELECT value FROM settings WHERE key = ?")
            .bind(key)
            .fetch_optional(&self.read)
            .await?;
        Ok(stored
            .and_then(|json| serde_json::from_str(&json).ok())
            .unwrap_or_default())
    }

    /// Stores a choice under a key of its own.
    pub(crate) async fn save_choice<T: Serialize + Sync>(&self, key: &str, choice: &T) -> Result<(), EngineError> {
        sqlx::query("INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)")
            .bind(key)
            .bind(serde_json::to_string(choice)?)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// All tokens by name.
    pub(crate) async fn tokens(&self) -> Result<Vec<StoredToken>, EngineError> {
        let rows = sqlx::query("SELECT name, digest, made_ns, used_ns FROM http_tokens ORDER BY name")
            .fetch_all(&self.read)
            .await?;
        let token = |row: &sqlx::sqlite::SqliteRow| {
            Ok(StoredToken {
                digest: row.try_get("digest")?,
                token: HttpToken {
                    name: row.try_get("name")?,
                    made: Timestamp(row.try_get("made_ns")?),
                    used: row.try_get::<Option<i64>, _>("used_ns")?.map(Timestamp),
                },
            })
        };
        rows.iter().map(token).collect()
    }

    /// Stores a token's digest; `false`: the name is taken.
    pub(crate) async fn add_token(&self, name: &str, digest: &[u8], made: Timestamp) -> Result<bool, EngineError> {
        let done = sqlx::query(
            "INSERT INTO http_tokens (name, digest, made_ns) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING",
        )
        .bind(name)
        .bind(digest)
        .bind(made.0)
        .execute(&self.write)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Forgets a token; `false`: there was none.
    pub(crate) async fn remove_token(&self, name: &str) -> Result<bool, EngineError> {
        let done = sqlx::query("DELETE FROM http_tokens WHERE name = ?")
            .bind(name)
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Notes when a token was used.
    pub(crate) async fn token_used(&self, name: &str, used: Timestamp) -> Result<(), EngineError> {
        sqlx::query("UPDATE http_tokens SET used_ns = ? WHERE name = ?")
            .bind(used.0)
            .bind(name)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Stores an item, and lets the oldest go where a limit is passed; its number, the old one for an item that is there already.
    pub(crate) async fn add_item(&self, item: &NewItem<'_>, limits: ItemLimits) -> Result<i64, EngineError> {
        let octets = i64::try_from(item.json.len()).unwrap_or(i64::MAX);
        let mut change = self.write.begin().await?;
        let done = sqlx::query(
            "INSERT INTO items (result, raw_sha256, octets, json) VALUES (?, ?, ?, ?) ON CONFLICT (result) DO NOTHING",
        )
        .bind(item.result)
        .bind(item.raw_sha256)
        .bind(octets)
        .bind(item.json)
        .execute(&mut *change)
        .await?;
        if done.rows_affected() == 0 {
            let id = sqlx::query_scalar("SELECT id FROM items WHERE result = ?")
                .bind(item.result)
                .fetch_one(&mut *change)
                .await?;
            return Ok(id);
        }
        let id = done.last_insert_rowid();
        loop {
            let (items, all): (i64, i64) = sqlx::query_as("SELECT count(*), coalesce(sum(octets), 0) FROM items")
                .fetch_one(&mut *change)
                .await?;
            if items <= 1 || (items <= i64::from(limits.items) && all <= limits.octets) {
                break;
            }
            sqlx::query("DELETE FROM items WHERE id = (SELECT min(id) FROM items)")
                .execute(&mut *change)
                .await?;
        }
        change.commit().await?;
        Ok(id)
    }

    /// Items oldest first; with a digest, those of that payload alone. A page ends with the item that passes `octets`, or at `limit`;
    /// with it comes whether there may be more.
    pub(crate) async fn items(
        &self,
        raw: Option<&[u8]>,
        skip: u32,
        limit: u32,
        octets: i64,
    ) -> Result<(Vec<String>, bool), EngineError> {
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "SELECT json, upto FROM ( \
             SELECT id, json, octets, sum(octets) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) AS upto FROM ( \
             SELECT id, json, octets FROM items WHERE ?1 IS NULL OR raw_sha256 = ?1 ORDER BY id LIMIT ?2 OFFSET ?3)) \
             WHERE upto - octets < ?4 ORDER BY id",
        )
        .bind(raw)
        .bind(limit)
        .bind(skip)
        .bind(octets)
        .fetch_all(&self.read)
        .await?;
        let full = rows.len() == limit as usize || rows.last().is_some_and(|(_, upto)| *upto >= octets);
        Ok((rows.into_iter().map(|(json, _)| json).collect(), full && limit > 0))
    }

    /// One item.
    pub(crate) async fn item(&self, id: i64) -> Result<Option<String>, EngineError> {
        let json = sqlx::query_scalar("SELECT json FROM items WHERE id = ?")
            .bind(id)
            .fetch_optional(&self.read)
            .await?;
        Ok(json)
    }

    /// How many items there are, and how many the limits let go.
    pub(crate) async fn item_counts(&self) -> Result<(u32, u32), EngineError> {
        let there: i64 = sqlx::query_scalar("SELECT count(*) FROM items")
            .fetch_one(&self.read)
            .await?;
        let ever: Option<i64> = sqlx::query_scalar("SELECT seq FROM sqlite_sequence WHERE name = 'items'")
            .fetch_optional(&self.read)
            .await?;
        Ok((small(there), small(ever.unwrap_or(there) - there)))
    }

    /// Number of the newest result.
    pub(crate) async fn newest_result(&self) -> Result<i64, EngineError> {
        let seq: Option<i64> = sqlx::query_scalar("SELECT max(seq) FROM results")
            .fetch_one(&self.read)
            .await?;
        Ok(seq.unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_oldest_items_leave_where_a_limit_is_passed() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("store.sqlite")).await.expect("a store");
        let limits = ItemLimits { items: 3, octets: 100 };
        let add = async |result: &str, json: &str| {
            let item = NewItem {
                result,
                raw_sha256: b"digest",
                json,
            };
            store.add_item(&item, limits).await.expect("stored")
        };
        for n in 1..=5_i64 {
            assert_eq!(add(&n.to_string(), "{}").await, n);
        }
        assert_eq!(add("5", "{}").await, 5, "the same one again");
        assert_eq!(store.item_counts().await.expect("counts"), (3, 2));
        assert!(store.item(2).await.expect("asked").is_none() && store.item(3).await.expect("asked").is_some());
        add("6", &"x".repeat(99)).await;
        assert_eq!(store.item_counts().await.expect("counts"), (1, 5));
        add("7", &"x".repeat(1_000)).await;
        assert_eq!(
            store.item_counts().await.expect("counts"),
            (1, 6),
            "the newest stays, however large"
        );
        store.close().await;
    }
}
