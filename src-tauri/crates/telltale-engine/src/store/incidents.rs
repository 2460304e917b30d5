//! Incidents, and what changed of them, numbered in the order in which it happened.
//!
//! What correlation concluded from results is stored in one transaction with its cursor: a kill neither loses nor doubles anything.
//! Readers of the changes (outputs, the mesh, followers) have cursors of their own. Never here: what makes an incident.

use super::{Store, small, word};
use crate::EngineError;
use sqlx::{Row, SqliteConnection};
use telltale_core::correlate::Change;
use telltale_core::model::{GroupKey, Incident, IncidentState, Timestamp};

/// Changes that are kept for readers that are behind, about 20 MB; older ones are gone for them, the incidents are not.
const MAX_CHANGES: i64 = 10_000;
/// Incidents that are kept; the oldest closed ones leave.
const MAX_INCIDENTS: i64 = 10_000;
/// Rows of one page at most.
const MAX_ROWS: u32 = 500;
/// Name of correlation's own cursor of results.
pub(crate) const CORRELATION: &str = "correlation";

impl Store {
    /// Changes of incidents after number `seq`, oldest first, at most `limit`: each with the incident as it was then.
    pub(crate) async fn incident_changes_after(
        &self,
        seq: i64,
        limit: u32,
    ) -> Result<Vec<(i64, Incident)>, EngineError> {
        let rows = sqlx::query("SELECT seq, json FROM incident_changes WHERE seq > ? ORDER BY seq LIMIT ?")
            .bind(seq)
            .bind(limit)
            .fetch_all(&self.read)
            .await?;
        rows.iter()
            .map(|row| Ok((row.get(0), serde_json::from_str(row.get(1))?)))
            .collect()
    }

    /// Number of the newest change; 0 before the first.
    pub(crate) async fn newest_incident_change(&self) -> Result<i64, EngineError> {
        let newest: Option<i64> = sqlx::query_scalar("SELECT max(seq) FROM incident_changes")
            .fetch_one(&self.read)
            .await?;
        Ok(newest.unwrap_or(0))
    }

    /// Stores what was concluded, and with it how far correlation is in the results. Gives the number of the last change that readers
    /// are told, if there is one.
    pub(crate) async fn conclude(&self, changes: &[Change], seen: Option<i64>) -> Result<Option<i64>, EngineError> {
        let mut step = self.write.begin().await?;
        let newest = write_changes(&mut step, changes).await?;
        if let Some(seen) = seen {
            sqlx::query(
                "INSERT INTO cursors (reader, seq) VALUES (?1, ?2) ON CONFLICT (reader) DO UPDATE SET seq = ?2",
            )
            .bind(CORRELATION)
            .bind(seen)
            .execute(&mut *step)
            .await?;
        }
        step.commit().await?;
        Ok(newest)
    }

    /// A page of incidents, the newest first, and how many there are.
    pub(crate) async fn incidents(
        &self,
        open_only: bool,
        offset: u32,
        limit: u32,
    ) -> Result<(Vec<Incident>, u32), EngineError> {
        let total: i64 = sqlx::query_scalar("SELECT count(*) FROM incidents WHERE NOT ? OR state = 'open'")
            .bind(open_only)
            .fetch_one(&self.read)
            .await?;
        let rows: Vec<String> = sqlx::query_scalar(
            "SELECT json FROM incidents WHERE NOT ? OR state = 'open' ORDER BY opened_ns DESC, id LIMIT ? OFFSET ?",
        )
        .bind(open_only)
        .bind(limit.clamp(1, MAX_ROWS))
        .bind(offset)
        .fetch_all(&self.read)
        .await?;
        Ok((of_json(&rows)?, small(total)))
    }

    /// One incident.
    pub(crate) async fn incident(&self, id: &str) -> Result<Option<Incident>, EngineError> {
        let json: Option<String> = sqlx::query_scalar("SELECT json FROM incidents WHERE id = ?")
            .bind(id)
            .fetch_optional(&self.read)
            .await?;
        Ok(json.map(|json| serde_json::from_str(&json)).transpose()?)
    }

    /// Open incidents of a rule.
    pub(crate) async fn open_incidents(&self, rule: &str) -> Result<Vec<Incident>, EngineError> {
        let rows: Vec<String> =
            sqlx::query_scalar("SELECT json FROM incidents WHERE rule = ? AND state = 'open' ORDER BY id")
                .bind(rule)
                .fetch_all(&self.read)
                .await?;
        of_json(&rows)
    }

    /// When a person last closed an incident of a rule, for each thing that such incidents were about.
    pub(crate) async fn closed_by_hand(
        &self,
        rule: &str,
    ) -> Result<Vec<(Vec<(GroupKey, String)>, Timestamp)>, EngineError> {
        let rows = sqlx::query(
            "SELECT about, max(closed_ns) FROM incidents WHERE rule = ? AND state = 'closed_by_hand' GROUP BY about",
        )
        .bind(rule)
        .fetch_all(&self.read)
        .await?;
        rows.iter()
            .map(|row| Ok((serde_json::from_str(row.get(0))?, Timestamp(row.get(1)))))
            .collect()
    }
}

/// Writes incidents as they are now, and numbers the changes that readers are told.
pub(super) async fn write_changes(step: &mut SqliteConnection, changes: &[Change]) -> Result<Option<i64>, EngineError> {
    let mut newest = None;
    for Change { incident, told } in changes {
        let json = serde_json::to_string(incident)?;
        sqlx::query(
            "INSERT INTO incidents (id, rule, about, state, opened_ns, closed_ns, json) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (id) DO UPDATE SET state = ?4, closed_ns = ?6, json = ?7",
        )
        .bind(&incident.id)
        .bind(&incident.rule)
        .bind(serde_json::to_string(&incident.about)?)
        .bind(word(&incident.state)?)
        .bind(incident.opened.0)
        .bind(incident.closed.map(|at| at.0))
        .bind(&json)
        .execute(&mut *step)
        .await?;
        if *told {
            let done = sqlx::query("INSERT INTO incident_changes (json) VALUES (?)")
                .bind(&json)
                .execute(&mut *step)
                .await?;
            newest = Some(done.last_insert_rowid());
        }
    }
    if let Some(newest) = newest {
        sqlx::query("DELETE FROM incident_changes WHERE seq <= ?")
            .bind(newest - MAX_CHANGES)
            .execute(&mut *step)
            .await?;
    }
    if changes.iter().any(|c| c.incident.state != IncidentState::Open) {
        sqlx::query(
            "DELETE FROM incidents WHERE state != 'open' AND id IN
             (SELECT id FROM incidents ORDER BY opened_ns DESC, id LIMIT -1 OFFSET ?)",
        )
        .bind(MAX_INCIDENTS)
        .execute(&mut *step)
        .await?;
    }
    Ok(newest)
}

fn of_json(rows: &[String]) -> Result<Vec<Incident>, EngineError> {
    Ok(rows
        .iter()
        .map(|json| serde_json::from_str(json))
        .collect::<Result<_, _>>()?)
}
