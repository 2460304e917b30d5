//! Rules with their revisions, and the results that a rule remembers when it begins.

use super::incidents::{CORRELATION, write_changes};
use super::{Store, word};
use crate::EngineError;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};
use telltale_core::correlate::Change;
use telltale_core::model::{ProbeResult, ResultFilter, Rule, Timestamp};

/// A result as correlation takes it: its number, when it came, itself.
pub(crate) type Came = (i64, Timestamp, ProbeResult);

/// What of a rule's past is wanted, a page at a time.
#[derive(Clone, Copy)]
pub(crate) enum Past<'a> {
    /// All that ended at this time or later; after a result that ended then and has this number.
    Since(Timestamp, (i64, i64)),
    /// The newest of each probe, agent and target; after these three.
    Newest(&'a (String, String, String)),
}

impl Store {
    /// All rules that are not removed, in the order in which they were made.
    pub(crate) async fn rules(&self) -> Result<Vec<Rule>, EngineError> {
        let rows: Vec<String> =
            sqlx::query_scalar("SELECT json FROM rules WHERE removed_ns IS NULL ORDER BY made_ns, id")
                .fetch_all(&self.read)
                .await?;
        of_json(&rows)
    }

    /// One rule, and whether it is removed.
    pub(crate) async fn rule(&self, id: &str) -> Result<Option<(Rule, bool)>, EngineError> {
        let row = sqlx::query("SELECT json, removed_ns IS NOT NULL FROM rules WHERE id = ?")
            .bind(id)
            .fetch_optional(&self.read)
            .await?;
        row.map(|row| Ok((serde_json::from_str(row.get(0))?, row.get(1))))
            .transpose()
    }

    /// All revisions of a rule, the newest first; also of one that is gone, while an incident names it.
    pub(crate) async fn rule_revisions(&self, id: &str) -> Result<Vec<Rule>, EngineError> {
        let rows: Vec<String> =
            sqlx::query_scalar("SELECT json FROM rule_revisions WHERE rule = ? ORDER BY revision DESC")
                .bind(id)
                .fetch_all(&self.read)
                .await?;
        of_json(&rows)
    }

    /// Stores a revision of a rule, and with it what becomes of the incidents of the one before. Where it is the only one at work,
    /// correlation begins with the results that come from now on.
    pub(crate) async fn save_rule(
        &self,
        rule: &Rule,
        now: Timestamp,
        changes: &[Change],
    ) -> Result<Option<i64>, EngineError> {
        let mut step = self.write.begin().await?;
        begin_here(&mut step).await?;
        let json = serde_json::to_string(rule)?;
        sqlx::query(
            "INSERT INTO rules (id, json, made_ns) VALUES (?1, ?2, ?3)
             ON CONFLICT (id) DO UPDATE SET json = ?2, removed_ns = NULL",
        )
        .bind(&rule.id)
        .bind(&json)
        .bind(now.0)
        .execute(&mut *step)
        .await?;
        sqlx::query("INSERT INTO rule_revisions (rule, revision, made_ns, json) VALUES (?, ?, ?, ?)")
            .bind(&rule.id)
            .bind(rule.revision)
            .bind(now.0)
            .bind(&json)
            .execute(&mut *step)
            .await?;
        let newest = write_changes(&mut step, changes).await?;
        step.commit().await?;
        Ok(newest)
    }

    /// Marks a rule as removed at a time, or brings it back.
    pub(crate) async fn set_rule_removed(
        &self,
        id: &str,
        removed: Option<Timestamp>,
        changes: &[Change],
    ) -> Result<Option<i64>, EngineError> {
        let mut step = self.write.begin().await?;
        if removed.is_none() {
            begin_here(&mut step).await?;
        }
        sqlx::query("UPDATE rules SET removed_ns = ? WHERE id = ?")
            .bind(removed.map(|at| at.0))
            .bind(id)
            .execute(&mut *step)
            .await?;
        let newest = write_changes(&mut step, changes).await?;
        step.commit().await?;
        Ok(newest)
    }

    /// Results after number `seq`, oldest first, at most `limit`, each with the time when it came.
    pub(crate) async fn came_after(&self, seq: i64, limit: u32) -> Result<Vec<Came>, EngineError> {
        let rows = sqlx::query("SELECT seq, came_ns, json FROM results WHERE seq > ? ORDER BY seq LIMIT ?")
            .bind(seq)
            .bind(limit)
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(came).collect()
    }

    /// The number after which the newest `n` results came.
    pub(crate) async fn before_newest(&self, n: u32) -> Result<i64, EngineError> {
        let seq: Option<i64> = sqlx::query_scalar("SELECT seq FROM results ORDER BY seq DESC LIMIT 1 OFFSET ?")
            .bind(n)
            .fetch_optional(&self.read)
            .await?;
        Ok(seq.unwrap_or(0))
    }

    /// A page of what a rule remembers of the results up to number `seen`: each with the time when it ended.
    pub(crate) async fn past(
        &self,
        filter: &ResultFilter,
        seen: i64,
        past: Past<'_>,
        limit: u32,
    ) -> Result<Vec<(i64, Came)>, EngineError> {
        let ended = match past {
            Past::Since(..) => "ended_ns",
            Past::Newest(_) => "max(ended_ns)",
        };
        let mut sql = QueryBuilder::new(format!("SELECT seq, came_ns, json, {ended} FROM results WHERE seq <= "));
        sql.push_bind(seen);
        chosen(&mut sql, filter)?;
        match past {
            Past::Since(from, (ended, seq)) => {
                sql.push(" AND ended_ns >= ").push_bind(from.0);
                sql.push(" AND (ended_ns, seq) > (").push_bind(ended);
                sql.push(", ").push_bind(seq);
                sql.push(") ORDER BY ended_ns, seq LIMIT ");
            }
            Past::Newest((probe, agent, target)) => {
                sql.push(" AND (probe, agent, target) > (").push_bind(probe.clone());
                sql.push(", ").push_bind(agent.clone());
                sql.push(", ").push_bind(target.clone());
                sql.push(") GROUP BY probe, agent, target ORDER BY probe, agent, target LIMIT ");
            }
        }
        sql.push_bind(limit);
        let rows = sql.build().fetch_all(&self.read).await?;
        rows.iter().map(|row| Ok((row.get(3), came(row)?))).collect()
    }
}

/// Rules of earlier runs that were removed are gone now; a revision stays while an incident names it.
pub(super) async fn forget_removed(step: &mut SqliteConnection) -> Result<(), EngineError> {
    sqlx::query("DELETE FROM rules WHERE removed_ns IS NOT NULL")
        .execute(&mut *step)
        .await?;
    sqlx::query(
        "DELETE FROM rule_revisions WHERE rule NOT IN (SELECT id FROM rules) AND rule NOT IN (SELECT rule FROM incidents)",
    )
    .execute(step)
    .await?;
    Ok(())
}

/// While no rule is at work nobody reads the results; what came meanwhile is passed over.
async fn begin_here(step: &mut SqliteConnection) -> Result<(), EngineError> {
    sqlx::query(
        "INSERT INTO cursors (reader, seq)
         SELECT ?1, coalesce(max(seq), 0) FROM results
         WHERE NOT EXISTS (SELECT 1 FROM rules WHERE removed_ns IS NULL AND json_extract(json, '$.enabled'))
         GROUP BY 1 HAVING 1
         ON CONFLICT (reader) DO UPDATE SET seq = excluded.seq",
    )
    .bind(CORRELATION)
    .execute(step)
    .await?;
    Ok(())
}

fn came(row: &sqlx::sqlite::SqliteRow) -> Result<Came, EngineError> {
    Ok((row.get(0), Timestamp(row.get(1)), serde_json::from_str(row.get(2))?))
}

/// What a filter asks of the columns.
fn chosen(sql: &mut QueryBuilder<Sqlite>, filter: &ResultFilter) -> Result<(), EngineError> {
    let columns = [
        ("probe", &filter.probe),
        ("kind", &filter.kind),
        ("target", &filter.target),
        ("agent", &filter.agent),
    ];
    for (column, wanted) in columns {
        if let Some(wanted) = wanted {
            sql.push(format_args!(" AND {column} = ")).push_bind(wanted.clone());
        }
    }
    if !filter.verdicts.is_empty() {
        sql.push(" AND verdict IN (");
        let mut list = sql.separated(", ");
        for verdict in &filter.verdicts {
            list.push_bind(word(verdict)?);
        }
        sql.push(")");
    }
    Ok(())
}

fn of_json(rows: &[String]) -> Result<Vec<Rule>, EngineError> {
    Ok(rows
        .iter()
        .map(|json| serde_json::from_str(json))
        .collect::<Result<_, _>>()?)
}
