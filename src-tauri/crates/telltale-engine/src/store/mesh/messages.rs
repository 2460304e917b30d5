//! What was said in the mesh, for the page: the newest, within limits.

use crate::EngineError;
use crate::store::{Store, of_word, small, word};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};
use telltale_core::model::{Delivery, MeshMessage, MessagePage, MessageQuery, Timestamp};

/// Messages kept at most; the oldest leave.
const MAX_MESSAGES: i64 = 10_000;
/// Octets of their bodies at most.
const MAX_OCTETS: i64 = 64_000_000;
/// Rows of one page at most.
const MAX_ROWS: u32 = 500;

/// What became of one of our messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// Its id.
    pub(crate) id: String,
    /// Who got it; `None`: as before.
    pub(crate) peer: Option<String>,
    /// How far it is.
    pub(crate) delivery: Delivery,
    /// The channel and its reason; `None`: as before.
    pub(crate) channel: Option<String>,
    /// Why it failed.
    pub(crate) problem: Option<String>,
}

impl Store {
    /// Writes down what became of our messages.
    pub(crate) async fn tell_messages(&self, told: &[Told]) -> Result<(), EngineError> {
        let mut all = self.write.begin().await?;
        for told in told {
            // What was confirmed or given up stays so, whatever comes late.
            sqlx::query(
                "UPDATE mesh_messages SET delivery = ?2, peer = coalesce(?3, peer), channel = coalesce(?4, channel), problem = ?5
                 WHERE id = ?1 AND own = 1 AND (delivery NOT IN ('confirmed', 'failed') OR ?2 = 'confirmed')",
            )
            .bind(&told.id)
            .bind(word(&told.delivery)?)
            .bind(&told.peer)
            .bind(&told.channel)
            .bind(&told.problem)
            .execute(&mut *all)
            .await?;
        }
        all.commit().await?;
        Ok(())
    }

    /// Removes what lies beyond the limits.
    pub(crate) async fn limit_messages(&self) -> Result<(), EngineError> {
        let mut all = self.write.begin().await?;
        sqlx::query("DELETE FROM mesh_messages WHERE seq <= (SELECT max(seq) FROM mesh_messages) - ?")
            .bind(MAX_MESSAGES)
            .execute(&mut *all)
            .await?;
        sqlx::query(
            "DELETE FROM mesh_messages WHERE seq IN (SELECT seq FROM
               (SELECT seq, sum(length(CAST(body AS BLOB))) OVER (ORDER BY seq DESC) AS octets FROM mesh_messages)
             WHERE octets > ?)",
        )
        .bind(MAX_OCTETS)
        .execute(&mut *all)
        .await?;
        all.commit().await?;
        Ok(())
    }

    /// A page of messages, newest first.
    pub(crate) async fn messages(&self, query: &MessageQuery) -> Result<MessagePage, EngineError> {
        let total: i64 = asked("SELECT count(*)", query)
            .build_query_scalar()
            .fetch_one(&self.read)
            .await?;
        let mut rows = asked(
            "SELECT id, peer, at_ns, delivery, performative, ontology, language, thread, body, channel, problem",
            query,
        );
        rows.push(" ORDER BY seq DESC LIMIT ");
        rows.push_bind(query.limit.clamp(1, MAX_ROWS));
        rows.push(" OFFSET ").push_bind(query.offset);
        let rows = rows.build().fetch_all(&self.read).await?;
        Ok(MessagePage {
            rows: rows.iter().map(read).collect::<Result<_, _>>()?,
            total: small(total),
        })
    }
}

/// Writes one message down.
pub(super) async fn add_message(to: &mut SqliteConnection, message: &MeshMessage) -> Result<(), EngineError> {
    sqlx::query(
        "INSERT INTO mesh_messages
           (id, own, peer, at_ns, delivery, performative, ontology, language, thread, body, channel, problem)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    )
    .bind(&message.id)
    .bind(message.delivery != Delivery::Received)
    .bind(&message.peer)
    .bind(message.at.0)
    .bind(word(&message.delivery)?)
    .bind(&message.performative)
    .bind(&message.ontology)
    .bind(&message.language)
    .bind(&message.thread)
    .bind(&message.body)
    .bind(&message.channel)
    .bind(&message.problem)
    .execute(to)
    .await?;
    Ok(())
}

fn read(row: &SqliteRow) -> Result<MeshMessage, EngineError> {
    Ok(MeshMessage {
        id: row.get(0),
        peer: row.get(1),
        at: Timestamp(row.get(2)),
        delivery: of_word(row.get(3))?,
        performative: row.get(4),
        ontology: row.get(5),
        language: row.get(6),
        thread: row.get(7),
        body: row.get(8),
        channel: row.get(9),
        problem: row.get(10),
    })
}

/// The query that begins with `select`, with what is asked as bound values.
fn asked(select: &str, query: &MessageQuery) -> QueryBuilder<Sqlite> {
    let mut sql = QueryBuilder::new(select);
    sql.push(" FROM mesh_messages WHERE 1 = 1");
    let texts = [
        ("peer", &query.peer),
        ("thread", &query.thread),
        ("performative", &query.performative),
    ];
    for (column, wanted) in texts {
        if let Some(wanted) = wanted {
            sql.push(format_args!(" AND {column} = ")).push_bind(wanted.clone());
        }
    }
    let search = query.search.trim().to_lowercase();
    if !search.is_empty() {
        let text =
            "lower(peer || char(10) || performative || char(10) || ontology || char(10) || thread || char(10) || body)";
        sql.push(format_args!(" AND instr({text}, "));
        sql.push_bind(search).push(") > 0");
    }
    sql
}
