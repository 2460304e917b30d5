//! The list of audits: cards, names, states, summaries.

use super::{Store, met, of_word, small, word};
use crate::EngineError;
use crate::types::AuditState;
use serde_json::Value;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use telltale_core::audit::{Audit, AuditOptions};
use telltale_core::model::{Summary, Timestamp};

/// What is known of an audit when it begins.
pub(crate) struct NewAudit<'a> {
    pub(crate) name: &'a str,
    pub(crate) opened: Timestamp,
    pub(crate) path: &'a Path,
    pub(crate) fingerprint: &'a str,
}

/// A row of the list, as stored.
pub(crate) struct StoredAudit {
    pub(crate) id: u32,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) opened: Timestamp,
    pub(crate) state: AuditState,
    pub(crate) path: PathBuf,
    pub(crate) fingerprint: String,
    pub(crate) summary: Option<Summary>,
    /// The user wants it kept whatever its age.
    pub(crate) keep: bool,
    /// Where it was watched live; `None`: a file's.
    pub(crate) live_source: Option<String>,
}

const COLUMNS: &str = "SELECT id, name, description, opened_ns, state, path, fingerprint, summary, keep, \
     live.source AS live_source FROM audits LEFT JOIN live ON live.audit = audits.id WHERE removed_ns IS NULL";

fn stored(row: &SqliteRow) -> Result<StoredAudit, EngineError> {
    let summary: Option<String> = row.try_get("summary")?;
    Ok(StoredAudit {
        id: small(row.try_get("id")?),
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        opened: Timestamp(row.try_get("opened_ns")?),
        state: of_word(row.try_get("state")?)?,
        path: PathBuf::from(row.try_get::<String, _>("path")?),
        fingerprint: row.try_get("fingerprint")?,
        summary: summary.and_then(|json| readable(&json)),
        keep: row.try_get("keep")?,
        live_source: row.try_get("live_source")?,
    })
}

/// A stored summary. One of an earlier version lacks the fields that came later: these are taken from an empty audit. One that cannot
/// be read at all is not worth losing the audit for: its rows are still there.
fn readable(json: &str) -> Option<Summary> {
    serde_json::from_str(json).ok().or_else(|| {
        let mut whole =
            serde_json::to_value(Audit::new(AuditOptions::default(), crate::tables::atlas()).summary()).ok()?;
        overlay(&mut whole, serde_json::from_str(json).ok()?);
        serde_json::from_value(whole).ok()
    })
}

/// Puts what `known` says over `whole`, object by object.
fn overlay(whole: &mut Value, known: Value) {
    match (whole, known) {
        (Value::Object(whole), Value::Object(known)) => {
            for (key, value) in known {
                overlay(whole.entry(key).or_insert(Value::Null), value);
            }
        }
        (whole, known) => *whole = known,
    }
}

impl Store {
    /// All audits, newest first.
    pub(crate) async fn audits(&self) -> Result<Vec<StoredAudit>, EngineError> {
        let rows = sqlx::query(cards_where(" ORDER BY opened_ns DESC, id DESC"))
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(stored).collect()
    }

    /// One audit.
    pub(crate) async fn audit(&self, id: u32) -> Result<StoredAudit, EngineError> {
        let row = sqlx::query(cards_where(" AND id = ?"))
            .bind(id)
            .fetch_optional(&self.read)
            .await?;
        stored(&row.ok_or(EngineError::NoSuchAudit(id))?)
    }

    /// The newest audit of a file with this content.
    pub(crate) async fn audit_of(&self, fingerprint: &str) -> Result<Option<StoredAudit>, EngineError> {
        let row = sqlx::query(cards_where(" AND fingerprint = ? ORDER BY opened_ns DESC LIMIT 1"))
            .bind(fingerprint)
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(stored).transpose()
    }

    /// Begins an audit; its number.
    pub(crate) async fn add(&self, new: &NewAudit<'_>) -> Result<u32, EngineError> {
        let added = sqlx::query(
            "INSERT INTO audits (name, opened_ns, state, path, fingerprint) VALUES (?, ?, 'reading', ?, ?)",
        )
        .bind(new.name)
        .bind(new.opened.0)
        .bind(new.path.to_string_lossy().into_owned())
        .bind(new.fingerprint)
        .execute(&self.write)
        .await?;
        Ok(small(added.last_insert_rowid()))
    }

    /// Begins an audit anew: its rows are gone, its name stays.
    pub(crate) async fn restart(&self, id: u32, devices: Option<&[IpAddr]>) -> Result<(), EngineError> {
        let mut change = self.write.begin().await?;
        for table in ["servers", "flows", "dns_answers", "hellos", "http_hosts"] {
            sqlx::QueryBuilder::<sqlx::Sqlite>::new("DELETE FROM ")
                .push(table)
                .push(" WHERE audit = ")
                .push_bind(id)
                .build()
                .execute(&mut *change)
                .await?;
        }
        sqlx::query("UPDATE audits SET state = 'reading', summary = NULL, devices = ? WHERE id = ?")
            .bind(devices.map(serde_json::to_string).transpose()?)
            .bind(id)
            .execute(&mut *change)
            .await?;
        change.commit().await?;
        Ok(())
    }

    /// Changes the user's name and notes.
    pub(crate) async fn rename(&self, id: u32, name: &str, description: &str) -> Result<(), EngineError> {
        let done = sqlx::query("UPDATE audits SET name = ?, description = ? WHERE id = ? AND removed_ns IS NULL")
            .bind(name)
            .bind(description)
            .bind(id)
            .execute(&self.write)
            .await?;
        met(id, &done)
    }

    /// Hides an audit until the next start deletes it (`Some`), or brings it back (`None`).
    pub(crate) async fn set_removed(&self, id: u32, at: Option<Timestamp>) -> Result<(), EngineError> {
        let done = sqlx::query("UPDATE audits SET removed_ns = ? WHERE id = ?")
            .bind(at.map(|t| t.0))
            .bind(id)
            .execute(&self.write)
            .await?;
        met(id, &done)
    }

    /// Sets where an audit stands.
    pub(crate) async fn set_state(&self, id: u32, state: AuditState) -> Result<(), EngineError> {
        sqlx::query("UPDATE audits SET state = ? WHERE id = ?")
            .bind(word(&state)?)
            .bind(id)
            .execute(&self.write)
            .await?;
        Ok(())
    }
}

/// The list of cards with one of this file's own endings.
fn cards_where(ending: &'static str) -> sqlx::AssertSqlSafe<String> {
    sqlx::AssertSqlSafe(format!("{COLUMNS}{ending}"))
}
