//! Probes as they are kept: what each is, how its behaviour stands, what the owner allows; and how many results are kept.
//!
//! Called by the probes of the engine alone. Never here: what a probe means, when it runs.

use super::{Store, small};
use crate::EngineError;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use telltale_core::model::{Probe, ProbePolicy, ProbeResult, Timestamp};

/// Key of the settings table under which the owner's policy stands.
const POLICY: &str = "probe_policy";
/// Key of the settings table under which it stands how many results were removed by the limits.
const REMOVED: &str = "results_removed";

/// A probe with what its behaviour remembers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StoredProbe {
    pub(crate) probe: Probe,
    /// JSON, as the probes write it.
    pub(crate) state: String,
}

/// How many results are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ResultLimits {
    /// Of one probe by one agent.
    pub(crate) of_one: u32,
    /// In all.
    pub(crate) in_all: u32,
    /// That came in at or after this time; older ones go.
    pub(crate) since: Timestamp,
}

impl Store {
    /// All probes but the removed ones, in the order in which they were made.
    pub(crate) async fn probes(&self) -> Result<Vec<StoredProbe>, EngineError> {
        let rows = sqlx::query("SELECT json, state FROM probes WHERE removed_ns IS NULL ORDER BY made_ns, id")
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(of_row).collect()
    }

    /// One probe.
    pub(crate) async fn probe(&self, id: &str) -> Result<Option<StoredProbe>, EngineError> {
        let row = sqlx::query("SELECT json, state FROM probes WHERE id = ? AND removed_ns IS NULL")
            .bind(id)
            .fetch_optional(&self.read)
            .await?;
        row.as_ref().map(of_row).transpose()
    }

    /// Stores a probe, new or changed; what its behaviour remembers stays. One that was removed is there again.
    pub(crate) async fn save_probe(&self, probe: &Probe, made: Timestamp) -> Result<(), EngineError> {
        sqlx::query(
            "INSERT INTO probes (id, json, made_ns) VALUES (?1, ?2, ?3)
             ON CONFLICT (id) DO UPDATE SET json = ?2, removed_ns = NULL",
        )
        .bind(&probe.id)
        .bind(serde_json::to_string(probe)?)
        .bind(made.0)
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// Stores what a behaviour remembers; nothing where its probe is gone.
    pub(crate) async fn set_probe_state(&self, id: &str, state: &str) -> Result<(), EngineError> {
        sqlx::query("UPDATE probes SET state = ? WHERE id = ?")
            .bind(state)
            .bind(id)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Removes a probe, or brings it back; whether there is one.
    pub(crate) async fn set_probe_removed(&self, id: &str, removed: Option<Timestamp>) -> Result<bool, EngineError> {
        let done = sqlx::query("UPDATE probes SET removed_ns = ?2 WHERE id = ?1 AND (removed_ns IS NULL) = ?3")
            .bind(id)
            .bind(removed.map(|t| t.0))
            .bind(removed.is_some())
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// What the owner allows; nothing where nothing is stored.
    pub(crate) async fn probe_policy(&self) -> Result<ProbePolicy, EngineError> {
        let stored: Option<String> = sqlx::query_scalar("SELECT value FROM settings WHERE key = ?")
            .bind(POLICY)
            .fetch_optional(&self.read)
            .await?;
        // What cannot be read allows nothing.
        Ok(stored
            .and_then(|json| serde_json::from_str(&json).ok())
            .unwrap_or_default())
    }

    /// Stores what the owner allows.
    pub(crate) async fn save_probe_policy(&self, policy: &ProbePolicy) -> Result<(), EngineError> {
        sqlx::query("INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)")
            .bind(POLICY)
            .bind(serde_json::to_string(policy)?)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// The newest result of a probe, whoever carried it out.
    pub(crate) async fn newest_of_probe(&self, probe: &str) -> Result<Option<ProbeResult>, EngineError> {
        let json: Option<String> =
            sqlx::query_scalar("SELECT json FROM results WHERE probe = ? ORDER BY ended_ns DESC, seq DESC LIMIT 1")
                .bind(probe)
                .fetch_optional(&self.read)
                .await?;
        Ok(json.map(|json| serde_json::from_str(&json)).transpose()?)
    }

    /// Removes what is beyond the limits, oldest first; how many went. They are counted for good: see [`Self::results_removed`].
    pub(crate) async fn limit_results(&self, limits: ResultLimits) -> Result<u32, EngineError> {
        let mut step = self.write.begin().await?;
        let mut gone = sqlx::query("DELETE FROM results WHERE came_ns < ?")
            .bind(limits.since.0)
            .execute(&mut *step)
            .await?
            .rows_affected();
        let crowded = sqlx::query("SELECT probe, agent FROM results GROUP BY probe, agent HAVING count(*) > ?")
            .bind(limits.of_one)
            .fetch_all(&mut *step)
            .await?;
        for one in &crowded {
            gone += sqlx::query(
                "DELETE FROM results WHERE seq IN (SELECT seq FROM results WHERE probe = ? AND agent = ?
                 ORDER BY ended_ns DESC, seq DESC LIMIT -1 OFFSET ?)",
            )
            .bind(one.try_get::<String, _>("probe")?)
            .bind(one.try_get::<String, _>("agent")?)
            .bind(limits.of_one)
            .execute(&mut *step)
            .await?
            .rows_affected();
        }
        gone += sqlx::query(
            "DELETE FROM results WHERE seq <= (SELECT seq FROM results ORDER BY seq DESC LIMIT 1 OFFSET ?)",
        )
        .bind(limits.in_all)
        .execute(&mut *step)
        .await?
        .rows_affected();
        if gone > 0 {
            sqlx::query(
                "INSERT INTO settings (key, value) VALUES (?1, ?2)
                 ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + ?2",
            )
            .bind(REMOVED)
            .bind(super::signed(gone))
            .execute(&mut *step)
            .await?;
        }
        step.commit().await?;
        Ok(small(super::signed(gone)))
    }

    /// How many results were removed by the limits since the store was made.
    pub(crate) async fn results_removed(&self) -> Result<u32, EngineError> {
        let count: Option<i64> = sqlx::query_scalar("SELECT CAST(value AS INTEGER) FROM settings WHERE key = ?")
            .bind(REMOVED)
            .fetch_optional(&self.read)
            .await?;
        Ok(small(count.unwrap_or(0)))
    }
}

fn of_row(row: &SqliteRow) -> Result<StoredProbe, EngineError> {
    Ok(StoredProbe {
        probe: serde_json::from_str(row.try_get("json")?)?,
        state: row.try_get("state")?,
    })
}
