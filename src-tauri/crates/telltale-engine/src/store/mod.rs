//! Audits on the disk: `SQLite`, embedded, one file. The only room that says `sqlx`.
//!
//! Called by the rest of the engine. One connection writes, a few read. Every write of rows is one transaction (see
//! [`write`](self::write)), so that a killed process loses at most what came after the last one; WAL keeps readers going meanwhile.
//! Never here: reading packets, judging, words for people. Values go in as bound parameters only.

mod api;
mod apps;
mod cards;
mod evidence;
mod flows;
#[cfg(test)]
mod full_disk;
mod incidents;
mod live;
mod mesh;
mod order;
mod outputs;
mod probes;
mod results;
mod retention;
mod rules;
mod servers;
mod write;

pub(crate) use api::{ItemLimits, NewItem, StoredToken};
pub(crate) use apps::{Contacted, MarkedSums, OfApp, StoredReport};
pub(crate) use cards::{NewAudit, StoredAudit};
pub(crate) use incidents::CORRELATION;
pub(crate) use mesh::{Ask, MAX_TOPICS, Request, SeenRows, StoredMesh, Told, Traffic};
pub(crate) use outputs::{NewDelivery, QueueLimits, Tried, Waiting};
pub(crate) use probes::{ResultLimits, StoredProbe};
pub(crate) use rules::Past;
pub(crate) use write::KnownOwners;

use crate::EngineError;
use crate::settings::Settings;
use serde::{Serialize, de::DeserializeOwned};
use sqlx::Connection;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteQueryResult,
    SqliteSynchronous,
};
use std::path::Path;
use std::time::Duration;

/// Readers beside the writer: the window asks for a page, a summary and a list at once.
const READERS: u32 = 3;
/// How long one connection waits for another's transaction.
const BUSY: Duration = Duration::from_secs(10);

/// The opened store.
pub(crate) struct Store {
    read: SqlitePool,
    write: SqlitePool,
    server_order: order::Remembered,
    flow_order: order::Remembered,
    /// See [`full_disk`].
    #[cfg(test)]
    most_pages: full_disk::MostPages,
}

impl Store {
    /// Opens (and where needed creates or migrates) the store at `path`, ends what an earlier run left half-done: audits that were
    /// being read are marked interrupted, removed ones are deleted.
    pub(crate) async fn open(path: &Path) -> Result<Self, EngineError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .busy_timeout(BUSY);
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .after_release(|connection, _| Box::pin(is_clean(connection)));
        #[cfg(test)]
        let (write, most_pages) = full_disk::able(write);
        let write = write.connect_with(options.clone()).await?;
        sqlx::migrate!().run(&write).await?;
        let read = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_with(options.read_only(true))
            .await?;
        let store = Self {
            read,
            write,
            server_order: order::Remembered::default(),
            flow_order: order::Remembered::default(),
            #[cfg(test)]
            most_pages,
        };
        sqlx::query("UPDATE audits SET state = 'interrupted' WHERE state = 'reading'")
            .execute(&store.write)
            .await?;
        sqlx::query("DELETE FROM audits WHERE removed_ns IS NOT NULL")
            .execute(&store.write)
            .await?;
        sqlx::query("DELETE FROM probes WHERE removed_ns IS NOT NULL")
            .execute(&store.write)
            .await?;
        rules::forget_removed(&mut *store.write.acquire().await?).await?;
        sqlx::query("DELETE FROM owners WHERE id NOT IN (SELECT owner FROM servers)")
            .execute(&store.write)
            .await?;
        Ok(store)
    }

    /// Forgets the remembered orders: rows of some audit have changed.
    pub(crate) fn forget_order(&self) {
        self.server_order.forget();
        self.flow_order.forget();
    }

    /// Closes all connections; what was committed is on the disk.
    pub(crate) async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }

    /// The user's choices; defaults where nothing (or nothing readable) is stored.
    pub(crate) async fn settings(&self) -> Result<Settings, EngineError> {
        let stored: Option<String> = sqlx::query_scalar("SELECT value FROM settings WHERE key = 'settings'")
            .fetch_optional(&self.read)
            .await?;
        Ok(stored
            .and_then(|json| serde_json::from_str(&json).ok())
            .unwrap_or_default())
    }

    /// Stores the user's choices.
    pub(crate) async fn save_settings(&self, settings: &Settings) -> Result<(), EngineError> {
        sqlx::query("INSERT OR REPLACE INTO settings (key, value) VALUES ('settings', ?)")
            .bind(serde_json::to_string(settings)?)
            .execute(&self.write)
            .await?;
        Ok(())
    }
}

/// Whether a connection that comes back can be used again. On a full disk `SQLite` ends a transaction by itself, and sqlx goes on taking
/// the connection to be inside one: from then on nothing of what it writes would be committed. Such a connection is closed.
async fn is_clean(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // A rollback that was begun has ended once this is answered.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

/// Whether a change of one audit met it.
fn met(audit: u32, done: &SqliteQueryResult) -> Result<(), EngineError> {
    if done.rows_affected() == 0 {
        return Err(EngineError::NoSuchAudit(audit));
    }
    Ok(())
}

/// The word that a plain enum is stored as: the one that serde gives it.
fn word<T: Serialize>(value: &T) -> Result<String, EngineError> {
    match serde_json::to_value(value)? {
        serde_json::Value::String(word) => Ok(word),
        other => Ok(other.to_string()),
    }
}

/// The enum value of a stored word.
fn of_word<T: DeserializeOwned>(word: String) -> Result<T, EngineError> {
    Ok(serde_json::from_value(serde_json::Value::String(word))?)
}

/// Unsigned counts are stored as `SQLite`'s signed 64 bits, bit by bit.
const fn signed(n: u64) -> i64 {
    n.cast_signed()
}

/// An id or port out of a column, which this program wrote as `u32` or smaller.
fn small<T: TryFrom<i64> + Default>(n: i64) -> T {
    T::try_from(n).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn put(step: &mut SqliteConnection, key: &str) {
        sqlx::query("INSERT INTO settings (key, value) VALUES (?, '1')")
            .bind(key)
            .execute(step)
            .await
            .expect("written");
    }

    #[tokio::test]
    async fn what_is_written_after_a_full_disk_is_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("telltale.sqlite"))
            .await
            .expect("a store");
        // What SQLite does by itself when it cannot write, and then a step that is broken off.
        let mut full = store.write.begin().await.expect("a step");
        put(&mut full, "lost").await;
        sqlx::query("ROLLBACK").execute(&mut *full).await.expect("rolled back");
        drop(full);
        let mut broken_off = store.write.begin().await.expect("a step");
        put(&mut broken_off, "broken off").await;
        drop(broken_off);

        let mut step = store.write.begin().await.expect("a step");
        put(&mut step, "after").await;
        step.commit().await.expect("committed");
        let seen: Vec<String> = sqlx::query_scalar("SELECT key FROM settings")
            .fetch_all(&store.read)
            .await
            .expect("an answer");
        assert_eq!(seen, ["after"], "readers see it, and nothing of what was rolled back");
    }
}
