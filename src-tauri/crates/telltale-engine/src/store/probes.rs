//! Probes as they are kept: what each is, how its behaviour stands, what the owner allows; and how many results are kept.
//!
//! Called by the probes of the engine alone. Never here: what a probe means, when it runs.

use super::{Store, small};
use crate::EngineError;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
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
    /// Of one other agent, or one token, whatever probes it names: who floods pushes nobody else's results out.
    pub(crate) of_agent: u32,
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

    /// Whether another agent has answered to the run of a probe that was due then. A due time that travelled as JSON is rounded.
    pub(crate) async fn was_answered(&self, probe: &str, due: Timestamp) -> Result<bool, EngineError> {
        let there = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM results WHERE probe = ? AND via = 'mesh' AND abs(json_extract(json, '$.due') - ?) < 1)",
        )
        .bind(probe)
        .bind(f64::from(due))
        .fetch_one(&self.read)
        .await?;
        Ok(there)
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
        gone += limit_agents(&mut step, limits.of_agent).await?;
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

/// Removes the oldest results of other agents that have too many; how many went.
async fn limit_agents(step: &mut SqliteConnection, most: u32) -> Result<u64, EngineError> {
    let crowded: Vec<String> =
        sqlx::query_scalar("SELECT agent FROM results WHERE agent != 'local' GROUP BY agent HAVING count(*) > ?")
            .bind(most)
            .fetch_all(&mut *step)
            .await?;
    let mut gone = 0;
    for agent in &crowded {
        gone += sqlx::query(
            "DELETE FROM results WHERE agent = ?1 AND seq <=
             (SELECT seq FROM results WHERE agent = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)",
        )
        .bind(agent)
        .bind(most)
        .execute(&mut *step)
        .await?
        .rows_affected();
    }
    Ok(gone)
}

fn of_row(row: &SqliteRow) -> Result<StoredProbe, EngineError> {
    Ok(StoredProbe {
        probe: serde_json::from_str(row.try_get("json")?)?,
        state: row.try_get("state")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use telltale_core::model::{ResultQuery, ResultVia, Verdict};

    fn result(n: i64, probe: &str, agent: &str, verdict: Verdict) -> ProbeResult {
        ProbeResult {
            id: format!("{probe} {agent} {n}"),
            probe: probe.to_owned(),
            probe_name: String::new(),
            kind: "http".to_owned(),
            agent: agent.to_owned(),
            target: String::new(),
            due: Timestamp(0),
            started: Timestamp(0),
            ended: Timestamp(n),
            verdict,
            exit_code: None,
            problem: None,
            summary: String::new(),
            changed: Vec::new(),
            facts: serde_json::Value::Null,
            via: if agent == "local" {
                ResultVia::Here
            } else {
                ResultVia::Mesh
            },
        }
    }

    async fn left(store: &Store) -> Vec<String> {
        let query = ResultQuery {
            limit: 500,
            ..ResultQuery::default()
        };
        let mut ids: Vec<String> = store
            .results(&query)
            .await
            .unwrap()
            .rows
            .into_iter()
            .map(|r| r.id)
            .collect();
        ids.sort();
        ids
    }

    #[tokio::test]
    async fn results_beyond_the_limits_go_oldest_first_and_are_counted() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store")).await.unwrap();
        let unlimited = ResultLimits {
            of_one: 100,
            of_agent: 100,
            in_all: 100,
            since: Timestamp(0),
        };
        for n in 0..4 {
            for (probe, agent) in [("a", "local"), ("a", "x@y"), ("b", "local")] {
                let one = result(n, probe, agent, Verdict::Expected);
                assert_eq!(store.add_results(&[one], Timestamp(10 + n)).await.unwrap().new, 1);
            }
        }
        assert_eq!(store.limit_results(unlimited).await.unwrap(), 0);
        assert_eq!(left(&store).await.len(), 12);
        let aged = ResultLimits {
            since: Timestamp(11),
            ..unlimited
        };
        assert_eq!(store.limit_results(aged).await.unwrap(), 3, "by age");
        let each = ResultLimits { of_one: 2, ..unlimited };
        assert_eq!(store.limit_results(each).await.unwrap(), 3, "of each");
        let wanted = ["a local 2", "a local 3", "a x@y 2", "a x@y 3", "b local 2", "b local 3"];
        assert_eq!(left(&store).await, wanted);
        let flood: Vec<_> = (0..5)
            .map(|n| result(n, &format!("made up {n}"), "flood@y", Verdict::Expected))
            .collect();
        store.add_results(&flood, Timestamp(15)).await.unwrap();
        let agents = ResultLimits {
            of_agent: 2,
            ..unlimited
        };
        assert_eq!(
            store.limit_results(agents).await.unwrap(),
            3,
            "of one agent, whatever it names"
        );
        let mut with_flood = wanted.to_vec();
        with_flood.extend(["made up 3 flood@y 3", "made up 4 flood@y 4"]);
        assert_eq!(left(&store).await, with_flood, "nobody else's went");
        sqlx::query("DELETE FROM results WHERE agent = 'flood@y'")
            .execute(&store.write)
            .await
            .unwrap();
        let all = ResultLimits { in_all: 4, ..unlimited };
        assert_eq!(store.limit_results(all).await.unwrap(), 2, "in all");
        assert_eq!(left(&store).await.len(), 4);
        assert_eq!(store.limit_results(all).await.unwrap(), 0);
        assert_eq!(store.results_removed().await.unwrap(), 11);
        // A number is never given twice, so that no reader's cursor lies beyond what comes.
        let none = ResultLimits { in_all: 0, ..unlimited };
        assert_eq!(store.limit_results(none).await.unwrap(), 4);
        let new = result(9, "c", "local", Verdict::Expected);
        assert_eq!(store.add_results(&[new], Timestamp(20)).await.unwrap().last, Some(18));
        store.close().await;
    }

    #[tokio::test]
    async fn the_last_find_is_one_of_here_that_found_something() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store")).await.unwrap();
        let all = [
            result(1, "a", "local", Verdict::Expected),
            result(2, "a", "local", Verdict::Unexpected),
            result(3, "a", "local", Verdict::Failed),
            result(4, "a", "x@y", Verdict::Expected),
        ];
        store.add_results(&all, Timestamp(0)).await.unwrap();
        let ended = |found: Option<ProbeResult>| found.map(|r| r.ended.0);
        assert_eq!(ended(store.last_found_here("a").await.unwrap()), Some(2));
        assert_eq!(ended(store.newest_of_probe("a").await.unwrap()), Some(4));
        assert_eq!(ended(store.last_found_here("b").await.unwrap()), None);
        store.close().await;
    }
}
