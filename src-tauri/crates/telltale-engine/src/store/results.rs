//! Results of probes, in the order in which they came in.
//!
//! The one place through which a result enters, wherever it is from: a result with an id that is there already changes nothing.

use super::{Store, small, word};
use crate::EngineError;
use sqlx::sqlite::SqliteQueryResult;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};
use telltale_core::model::{ProbeResult, ResultPage, ResultQuery, Timestamp};

/// Rows of one page at most.
const MAX_ROWS: u32 = 500;
/// Rows that one statement stores: as many as there are of the first, then of the next. Each is prepared once.
const AT_ONCE: [usize; 3] = [64, 8, 1];

/// Results that were stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Added {
    /// How many were new.
    pub(crate) new: usize,
    /// The number of the last new one.
    pub(crate) last: Option<i64>,
}

impl Store {
    /// Stores results, all or none.
    pub(crate) async fn add_results(&self, results: &[ProbeResult], came: Timestamp) -> Result<Added, EngineError> {
        let mut all = self.write.begin().await?;
        let mut added = Added::default();
        let mut left = results;
        while let Some(rows) = AT_ONCE.into_iter().find(|rows| *rows <= left.len()) {
            let (some, more) = left.split_at(rows);
            let done = insert(&mut all, some, came).await?;
            let new = usize::try_from(done.rows_affected()).unwrap_or(rows);
            if new > 0 {
                added.new += new;
                added.last = Some(done.last_insert_rowid());
            }
            left = more;
        }
        all.commit().await?;
        Ok(added)
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

async fn insert(
    to: &mut SqliteConnection,
    results: &[ProbeResult],
    came: Timestamp,
) -> Result<SqliteQueryResult, EngineError> {
    let mut rows = Vec::with_capacity(results.len());
    for result in results {
        let search = [&result.probe_name, &result.target, &result.agent, &result.summary]
            .map(|text| text.to_lowercase())
            .join("\n");
        let json = serde_json::to_string(result)?;
        rows.push((result, word(&result.verdict)?, word(&result.via)?, search, json));
    }
    let mut sql = QueryBuilder::new(
        "INSERT INTO results
           (id, probe, probe_name, kind, agent, target, ended_ns, verdict, changed, via, came_ns, search, json) ",
    );
    sql.push_values(rows, |mut row, (result, verdict, via, search, json)| {
        row.push_bind(&result.id)
            .push_bind(&result.probe)
            .push_bind(&result.probe_name)
            .push_bind(&result.kind)
            .push_bind(&result.agent)
            .push_bind(&result.target)
            .push_bind(result.ended.0)
            .push_bind(verdict)
            .push_bind(!result.changed.is_empty())
            .push_bind(via)
            .push_bind(came.0)
            .push_bind(search)
            .push_bind(json);
    });
    sql.push(" ON CONFLICT (id) DO NOTHING");
    Ok(sql.build().execute(to).await?)
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
