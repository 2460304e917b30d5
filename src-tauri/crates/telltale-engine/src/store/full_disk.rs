//! A full disk, for tests: the file of the store grows to so many pages at most, whatever connection writes.

use super::Store;
use crate::EngineError;
use sqlx::sqlite::SqlitePoolOptions;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Pages at most; 0: as many as the disk has.
pub(super) type MostPages = Arc<AtomicU32>;

/// Lets each connection of a pool obey the limit from its beginning on.
pub(super) fn able(pool: SqlitePoolOptions) -> (SqlitePoolOptions, MostPages) {
    let most = MostPages::default();
    let known = Arc::clone(&most);
    let pool = pool.after_connect(move |connection, _| {
        let sql = limit(known.load(Ordering::Relaxed));
        Box::pin(async move {
            if let Some(sql) = sql {
                sqlx::query(sqlx::AssertSqlSafe(sql)).execute(connection).await?;
            }
            Ok(())
        })
    });
    (pool, most)
}

fn limit(pages: u32) -> Option<String> {
    (pages > 0).then(|| format!("PRAGMA max_page_count = {pages}"))
}

impl Store {
    /// What behaviours remember cannot be stored, or can again; everything else can.
    pub(crate) async fn refuse_states(&self, refuse: bool) -> Result<(), EngineError> {
        let sql = if refuse {
            "CREATE TRIGGER refused BEFORE UPDATE OF state ON probes BEGIN SELECT raise(ABORT, 'no room'); END"
        } else {
            "DROP TRIGGER refused"
        };
        sqlx::query(sql).execute(&self.write).await?;
        Ok(())
    }

    /// The file of the store grows to so many pages at most, as on a full disk.
    pub(crate) async fn limit_pages(&self, pages: u32) -> Result<(), EngineError> {
        self.most_pages.store(pages, Ordering::Relaxed);
        if let Some(sql) = limit(pages) {
            sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&self.write).await?;
        }
        Ok(())
    }

    /// A table takes no new row from now on, or does again: what a full disk does where the row needs a new page.
    pub(crate) async fn refuse(&self, table: &str, refused: bool) -> Result<(), EngineError> {
        let sql = if refused {
            format!(
                "CREATE TRIGGER no_{table} BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
            )
        } else {
            format!("DROP TRIGGER no_{table}")
        };
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&self.write).await?;
        Ok(())
    }
}
