//! Results of probes, in the order in which they came in.
//!
//! The one place through which a result enters, wherever it is from: a result with an id that is there already changes nothing.

use super::{Store, small, word};
use crate::EngineError;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};
use telltale_core::model::{ProbeResult, ResultPage, ResultQuery, Timestamp};

/// Rows of one page at most.
const MAX_ROWS: u32 = 500;

impl Store {
    /// Stores results, all or none; the numbers of those that are new.
    pub(crate) async fn add_results(&self, results: &[ProbeResult], came: Timestamp) -> Result<Vec<i64>, EngineError> {
        let mut all = self.write.begin().await?;
        let mut new = Vec::new();
        for result in results {
            new.extend(insert(&mut all, result, came).await?);
        }
        all.commit().await?;
        Ok(new)
    }

    /// Results that came in after number `seq`, oldest first, at most `limit`.
    pub(crate) async fn results_after(&self, seq: i64, limit: u32) -> Result<Vec<(i64, ProbeResult)>, EngineError> {
        let rows = sqlx::query("SELECT seq, json FROM results WHERE seq > ? ORDER BY seq LIMIT ?")
            .bind(seq)
            .bind(limit)
            .fetch_all(&self.read)
            .await?;
        rows.iter()
            .map(|row| Ok((row.get(0), serde_json::from_str(row.get(1))?)))
            .collect()
    }

    /// One result.
    pub(crate) async fn result(&self, id: &str) -> Result<Option<ProbeResult>, EngineError> {
        let json: Option<String> = sqlx::query_scalar("SELECT json FROM results WHERE id = ?")
            .bind(id)
            .fetch_optional(&self.read)
            .await?;
        Ok(json.map(|json| serde_json::from_str(&json)).transpose()?)
    }

    /// The newest result of a probe that this computer carried out and that found something.
    pub(crate) async fn last_found_here(&self, probe: &str) -> Result<Option<ProbeResult>, EngineError> {
        let json: Option<String> = sqlx::query_scalar(
            "SELECT json FROM results WHERE probe = ? AND via = 'here' AND verdict IN ('expected', 'unexpected')
             ORDER BY ended_ns DESC, seq DESC LIMIT 1",
        )
        .bind(probe)
        .fetch_optional(&self.read)
        .await?;
        Ok(json.map(|json| serde_json::from_str(&json)).transpose()?)
    }

    /// A page of results, newest first.
    pub(crate) async fn results(&self, query: &ResultQuery) -> Result<ResultPage, EngineError> {
        let total: i64 = asked("SELECT count(*) FROM results", query)?
            .build_query_scalar()
            .fetch_one(&self.read)
            .await?;
        let mut asked = asked("SELECT json FROM results", query)?;
        asked.push(" ORDER BY ended_ns DESC, seq DESC LIMIT ");
        asked.push_bind(query.limit.clamp(1, MAX_ROWS));
        asked.push(" OFFSET ");
        asked.push_bind(query.offset);
        let rows: Vec<String> = asked.build_query_scalar().fetch_all(&self.read).await?;
        let rows = rows
            .iter()
            .map(|json| serde_json::from_str(json))
            .collect::<Result<_, _>>()?;
        Ok(ResultPage {
            rows,
            total: small(total),
            removed: self.results_removed().await?,
        })
    }

    /// How far a reader of results is; 0 for a new one.
    pub(crate) async fn cursor(&self, reader: &str) -> Result<i64, EngineError> {
        let seq: Option<i64> = sqlx::query_scalar("SELECT seq FROM cursors WHERE reader = ?")
            .bind(reader)
            .fetch_optional(&self.read)
            .await?;
        Ok(seq.unwrap_or(0))
    }

    /// A reader is so far.
    pub(crate) async fn set_cursor(&self, reader: &str, seq: i64) -> Result<(), EngineError> {
        sqlx::query("INSERT INTO cursors (reader, seq) VALUES (?1, ?2) ON CONFLICT (reader) DO UPDATE SET seq = ?2")
            .bind(reader)
            .bind(seq)
            .execute(&self.write)
            .await?;
        Ok(())
    }
}

async fn insert(to: &mut SqliteConnection, result: &ProbeResult, came: Timestamp) -> Result<Option<i64>, EngineError> {
    let search = [&result.probe_name, &result.target, &result.agent, &result.summary]
        .map(|text| text.to_lowercase())
        .join("\n");
    let done = sqlx::query(
        "INSERT INTO results (id, probe, probe_name, kind, agent, target, ended_ns, verdict, changed, via, came_ns, search, json)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
    )
    .bind(&result.id)
    .bind(&result.probe)
    .bind(&result.probe_name)
    .bind(&result.kind)
    .bind(&result.agent)
    .bind(&result.target)
    .bind(result.ended.0)
    .bind(word(&result.verdict)?)
    .bind(!result.changed.is_empty())
    .bind(word(&result.via)?)
    .bind(came.0)
    .bind(search)
    .bind(serde_json::to_string(result)?)
    .execute(to)
    .await?;
    Ok((done.rows_affected() == 1).then(|| done.last_insert_rowid()))
}

/// The query that begins with `select`, with what is asked as bound values.
fn asked(select: &str, query: &ResultQuery) -> Result<QueryBuilder<Sqlite>, EngineError> {
    let mut sql = QueryBuilder::new(select);
    sql.push(" WHERE 1 = 1");
    let texts = [
        ("probe", &query.probe),
        ("agent", &query.agent),
        ("target", &query.target),
    ];
    for (column, wanted) in texts {
        if let Some(wanted) = wanted {
            sql.push(format_args!(" AND {column} = ")).push_bind(wanted.clone());
        }
    }
    if let Some(verdict) = &query.verdict {
        sql.push(" AND verdict = ").push_bind(word(verdict)?);
    }
    if query.changed {
        sql.push(" AND changed = 1");
    }
    if let Some(from) = query.from {
        sql.push(" AND ended_ns >= ").push_bind(from.0);
    }
    if let Some(until) = query.until {
        sql.push(" AND ended_ns < ").push_bind(until.0);
    }
    let search = query.search.trim().to_lowercase();
    if !search.is_empty() {
        sql.push(" AND instr(search, ").push_bind(search).push(") > 0");
    }
    Ok(sql)
}
