//! What the user keeps, what was announced to leave, and what is gone for good.

use super::{Store, met, small};
use crate::EngineError;
use crate::retention::{Aged, Announced};
use sqlx::Row;
use std::collections::BTreeSet;
use telltale_core::model::Timestamp;

/// Key of the settings table under which the last look at the ages stands.
const LOOKED: &str = "ages_looked_at";

/// Numbers of audits: which there are, removed ones that can still be brought back among them, and the highest ever given.
pub(crate) struct Numbers {
    pub(crate) there: BTreeSet<u32>,
    pub(crate) highest: u32,
}

impl Store {
    /// Keeps an audit whatever its age, or no longer.
    pub(crate) async fn set_keep(&self, id: u32, keep: bool) -> Result<(), EngineError> {
        let done = sqlx::query("UPDATE audits SET keep = ? WHERE id = ? AND removed_ns IS NULL")
            .bind(keep)
            .bind(id)
            .execute(&self.write)
            .await?;
        met(id, &done)
    }

    /// All audits with their ages; whether they have a recording is not known here. A live audit is as old as its last packet, a file's
    /// as its opening.
    pub(crate) async fn ages(&self) -> Result<Vec<Aged>, EngineError> {
        let rows = sqlx::query(
            "SELECT id, name, keep, opened_ns, \
             CASE WHEN live.audit IS NOT NULL AND json_valid(summary) \
             THEN CAST(json_extract(summary, '$.span.last') * 1000000 AS INTEGER) END AS last_ns \
             FROM audits LEFT JOIN live ON live.audit = audits.id WHERE removed_ns IS NULL ORDER BY id",
        )
        .fetch_all(&self.read)
        .await?;
        rows.iter()
            .map(|row| {
                let opened: i64 = row.try_get("opened_ns")?;
                let last: Option<i64> = row.try_get("last_ns")?;
                Ok(Aged {
                    audit: small(row.try_get("id")?),
                    name: row.try_get("name")?,
                    last: Timestamp(last.map_or(opened, |l| l.max(opened))),
                    keep: row.try_get("keep")?,
                    recorded: false,
                })
            })
            .collect()
    }

    /// What stands announced.
    pub(crate) async fn announced(&self) -> Result<Announced, EngineError> {
        let looked: Option<String> = sqlx::query_scalar("SELECT value FROM settings WHERE key = ?")
            .bind(LOOKED)
            .fetch_optional(&self.read)
            .await?;
        let rows = sqlx::query("SELECT audit, recording_only, announced_ns FROM leaving")
            .fetch_all(&self.read)
            .await?;
        let stood = rows.iter().map(|row| {
            let what = (small(row.try_get("audit")?), row.try_get("recording_only")?);
            Ok((what, row.try_get("announced_ns")?))
        });
        Ok(Announced {
            looked: looked.and_then(|ns| ns.parse().ok()).map(Timestamp),
            stood: stood.collect::<Result<_, EngineError>>()?,
        })
    }

    /// Stores what stands announced, all of it.
    pub(crate) async fn set_announced(&self, announced: &Announced) -> Result<(), EngineError> {
        let mut change = self.write.begin().await?;
        sqlx::query("DELETE FROM leaving").execute(&mut *change).await?;
        for ((audit, recording_only), stood) in &announced.stood {
            sqlx::query("INSERT INTO leaving (audit, recording_only, announced_ns) VALUES (?, ?, ?)")
                .bind(audit)
                .bind(recording_only)
                .bind(stood)
                .execute(&mut *change)
                .await?;
        }
        if let Some(looked) = announced.looked {
            sqlx::query("INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)")
                .bind(LOOKED)
                .bind(looked.0.to_string())
                .execute(&mut *change)
                .await?;
        }
        change.commit().await?;
        Ok(())
    }

    /// Deletes an audit with all its rows, for good.
    pub(crate) async fn delete(&self, id: u32) -> Result<(), EngineError> {
        sqlx::query("DELETE FROM audits WHERE id = ?")
            .bind(id)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Which audits there are.
    pub(crate) async fn numbers(&self) -> Result<Numbers, EngineError> {
        let there: Vec<u32> = sqlx::query_scalar("SELECT id FROM audits")
            .fetch_all(&self.read)
            .await?;
        let highest: Option<i64> = sqlx::query_scalar("SELECT seq FROM sqlite_sequence WHERE name = 'audits'")
            .fetch_optional(&self.read)
            .await?;
        Ok(Numbers {
            there: there.into_iter().collect(),
            highest: small(highest.unwrap_or(0)),
        })
    }

    /// Notes length and checksum of an audit's recording in its summary.
    pub(crate) async fn seal(&self, id: u32, sha256: &str, bytes: u64) -> Result<(), EngineError> {
        sqlx::query(
            "UPDATE audits SET summary = json_set(summary, '$.source.sha256', ?, '$.source.file_bytes', ?) \
             WHERE id = ? AND summary IS NOT NULL",
        )
        .bind(sha256)
        .bind(i64::try_from(bytes).unwrap_or(i64::MAX))
        .bind(id)
        .execute(&self.write)
        .await?;
        Ok(())
    }
}
