//! Outputs, and what waits for each of them.
//!
//! What a reader took from the results is queued in the transaction that moves its cursor: a kill between loses nothing and queues
//! nothing twice.

use super::{Store, small};
use crate::EngineError;
use sqlx::{Row, SqliteConnection};
use telltale_core::model::{Output, OutputNow, Timestamp};

/// Something that is to be sent.
pub(crate) struct NewDelivery {
    pub(crate) output: String,
    /// A UUID.
    pub(crate) delivery: String,
    /// `result` or `incident`.
    pub(crate) kind: &'static str,
    /// JSON.
    pub(crate) body: String,
}

/// What is to be sent next by an output.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub(crate) seq: i64,
    pub(crate) delivery: String,
    pub(crate) kind: String,
    pub(crate) body: String,
    /// Tries so far.
    pub(crate) attempts: u32,
    /// When it is tried again; `None`: at once.
    pub(crate) next: Option<Timestamp>,
}

/// How much may wait for one output.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueueLimits {
    pub(crate) deliveries: i64,
    pub(crate) octets: i64,
}

/// What became of the last try.
pub(crate) enum Tried {
    /// The other side has it.
    Sent,
    /// It is tried again.
    Again {
        attempts: u32,
        next: Timestamp,
        problem: String,
    },
    /// It is not tried again.
    GivenUp(String),
}

impl Store {
    /// All outputs in the order in which they were made.
    pub(crate) async fn outputs(&self) -> Result<Vec<OutputNow>, EngineError> {
        let rows = sqlx::query(
            "SELECT json, sent, given_up, problem, \
             (SELECT count(*) FROM output_queue WHERE output = outputs.id) AS waiting, \
             (SELECT next_ns FROM output_queue WHERE output = outputs.id ORDER BY seq LIMIT 1) AS next_ns \
             FROM outputs ORDER BY made_ns, id",
        )
        .fetch_all(&self.read)
        .await?;
        let output = |row: &sqlx::sqlite::SqliteRow| {
            Ok(OutputNow {
                output: serde_json::from_str(row.try_get("json")?)?,
                sent: small(row.try_get("sent")?),
                waiting: small(row.try_get("waiting")?),
                given_up: small(row.try_get("given_up")?),
                problem: row.try_get("problem")?,
                next: row.try_get::<Option<i64>, _>("next_ns")?.map(Timestamp),
            })
        };
        rows.iter().map(output).collect()
    }

    /// One output.
    pub(crate) async fn output(&self, id: &str) -> Result<Option<Output>, EngineError> {
        let json: Option<String> = sqlx::query_scalar("SELECT json FROM outputs WHERE id = ?")
            .bind(id)
            .fetch_optional(&self.read)
            .await?;
        Ok(json.map(|json| serde_json::from_str(&json)).transpose()?)
    }

    /// Stores an output, new or changed; what waits for it is tried at once. The `readers` begin with what comes from now on: meant
    /// for the first output that wants something of them, whose readers rested until now.
    pub(crate) async fn save_output(
        &self,
        output: &Output,
        made: Timestamp,
        readers: &[(&str, i64)],
    ) -> Result<(), EngineError> {
        let mut change = self.write.begin().await?;
        sqlx::query(
            "INSERT INTO outputs (id, json, made_ns) VALUES (?1, ?2, ?3) \
             ON CONFLICT (id) DO UPDATE SET json = ?2, problem = NULL",
        )
        .bind(&output.id)
        .bind(serde_json::to_string(output)?)
        .bind(made.0)
        .execute(&mut *change)
        .await?;
        sqlx::query("UPDATE output_queue SET next_ns = NULL WHERE output = ?")
            .bind(&output.id)
            .execute(&mut *change)
            .await?;
        for (reader, seq) in readers {
            move_cursor(&mut change, reader, *seq).await?;
        }
        change.commit().await?;
        Ok(())
    }

    /// Removes an output with all that waits for it; `false`: there was none.
    pub(crate) async fn remove_output(&self, id: &str) -> Result<bool, EngineError> {
        let done = sqlx::query("DELETE FROM outputs WHERE id = ?")
            .bind(id)
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Queues what a reader took, and moves its cursor. What passes the limits of a queue is given up, the oldest first.
    pub(crate) async fn queue(
        &self,
        reader: &str,
        seq: i64,
        deliveries: &[NewDelivery],
        limits: QueueLimits,
    ) -> Result<(), EngineError> {
        let mut change = self.write.begin().await?;
        for new in deliveries {
            // An output that was removed meanwhile gets nothing.
            sqlx::query(
                "INSERT INTO output_queue (output, delivery, kind, octets, body) \
                 SELECT id, ?2, ?3, ?4, ?5 FROM outputs WHERE id = ?1",
            )
            .bind(&new.output)
            .bind(&new.delivery)
            .bind(new.kind)
            .bind(i64::try_from(new.body.len()).unwrap_or(i64::MAX))
            .bind(&new.body)
            .execute(&mut *change)
            .await?;
        }
        let mut fed: Vec<&str> = deliveries.iter().map(|d| d.output.as_str()).collect();
        fed.sort_unstable();
        fed.dedup();
        for output in fed {
            drop_oldest(&mut change, output, limits).await?;
        }
        move_cursor(&mut change, reader, seq).await?;
        change.commit().await?;
        Ok(())
    }

    /// What an output sends next.
    pub(crate) async fn next_delivery(&self, output: &str) -> Result<Option<Waiting>, EngineError> {
        let row = sqlx::query(
            "SELECT seq, delivery, kind, body, attempts, next_ns FROM output_queue WHERE output = ? ORDER BY seq LIMIT 1",
        )
        .bind(output)
        .fetch_optional(&self.read)
        .await?;
        row.map(|row| {
            Ok(Waiting {
                seq: row.try_get("seq")?,
                delivery: row.try_get("delivery")?,
                kind: row.try_get("kind")?,
                body: row.try_get("body")?,
                attempts: small(row.try_get("attempts")?),
                next: row.try_get::<Option<i64>, _>("next_ns")?.map(Timestamp),
            })
        })
        .transpose()
    }

    /// Notes what became of a try.
    pub(crate) async fn tried(&self, output: &str, seq: i64, tried: &Tried) -> Result<(), EngineError> {
        let mut change = self.write.begin().await?;
        let problem = match tried {
            Tried::Sent => None,
            Tried::Again { problem, .. } | Tried::GivenUp(problem) => Some(problem),
        };
        let gone = if let Tried::Again { attempts, next, .. } = tried {
            sqlx::query("UPDATE output_queue SET attempts = ?, next_ns = ? WHERE seq = ?")
                .bind(attempts)
                .bind(next.0)
                .bind(seq)
                .execute(&mut *change)
                .await?;
            false
        } else {
            let done = sqlx::query("DELETE FROM output_queue WHERE seq = ?")
                .bind(seq)
                .execute(&mut *change)
                .await?;
            done.rows_affected() == 1
        };
        let sent = matches!(tried, Tried::Sent);
        sqlx::query("UPDATE outputs SET sent = sent + ?, given_up = given_up + ?, problem = ? WHERE id = ?")
            .bind(gone && sent)
            .bind(gone && !sent)
            .bind(problem)
            .bind(output)
            .execute(&mut *change)
            .await?;
        change.commit().await?;
        Ok(())
    }
}

async fn move_cursor(change: &mut SqliteConnection, reader: &str, seq: i64) -> Result<(), EngineError> {
    sqlx::query("INSERT INTO cursors (reader, seq) VALUES (?1, ?2) ON CONFLICT (reader) DO UPDATE SET seq = ?2")
        .bind(reader)
        .bind(seq)
        .execute(change)
        .await?;
    Ok(())
}

/// Gives up the oldest of an output's queue until it is within the limits.
async fn drop_oldest(change: &mut SqliteConnection, output: &str, limits: QueueLimits) -> Result<(), EngineError> {
    let sizes: Vec<(i64, i64)> = sqlx::query_as("SELECT seq, octets FROM output_queue WHERE output = ? ORDER BY seq")
        .bind(output)
        .fetch_all(&mut *change)
        .await?;
    let mut octets: i64 = sizes.iter().map(|(_, octets)| octets).sum();
    let mut deliveries = i64::try_from(sizes.len()).unwrap_or(i64::MAX);
    let mut gone = None;
    for (seq, size) in &sizes {
        if deliveries <= limits.deliveries && octets <= limits.octets {
            break;
        }
        deliveries -= 1;
        octets -= size;
        gone = Some(*seq);
    }
    let Some(gone) = gone else { return Ok(()) };
    let done = sqlx::query("DELETE FROM output_queue WHERE output = ? AND seq <= ?")
        .bind(output)
        .bind(gone)
        .execute(&mut *change)
        .await?;
    sqlx::query("UPDATE outputs SET given_up = given_up + ? WHERE id = ?")
        .bind(i64::try_from(done.rows_affected()).unwrap_or(i64::MAX))
        .bind(output)
        .execute(&mut *change)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use telltale_core::model::{OutputTo, OutputWhat};

    const LIMITS: QueueLimits = QueueLimits {
        deliveries: 3,
        octets: 100,
    };

    async fn store(folder: &std::path::Path) -> Store {
        let store = Store::open(&folder.join("store.sqlite")).await.expect("a store");
        let output = Output {
            id: "one".to_owned(),
            name: "one".to_owned(),
            enabled: true,
            to: OutputTo::Folder {
                path: "/drop".to_owned(),
            },
            what: OutputWhat::Both,
        };
        store
            .save_output(&output, Timestamp(0), &[("r", 7)])
            .await
            .expect("stored");
        store
    }

    fn delivery(n: u32, octets: usize) -> NewDelivery {
        NewDelivery {
            output: "one".to_owned(),
            delivery: n.to_string(),
            kind: "result",
            body: "x".repeat(octets),
        }
    }

    #[tokio::test]
    async fn what_passes_the_limits_of_a_queue_is_given_up_oldest_first() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = store(folder.path()).await;
        assert_eq!(store.cursor("r").await.expect("a cursor"), 7);
        let five: Vec<_> = (1..=5).map(|n| delivery(n, 10)).collect();
        store.queue("r", 12, &five, LIMITS).await.expect("queued");
        assert_eq!(store.cursor("r").await.expect("a cursor"), 12);
        let next = store.next_delivery("one").await.expect("asked").expect("one");
        assert_eq!(
            (next.delivery.as_str(), next.kind.as_str(), next.attempts),
            ("3", "result", 0)
        );
        store.queue("r", 13, &[delivery(6, 95)], LIMITS).await.expect("queued");
        let now = &store.outputs().await.expect("asked")[0];
        assert_eq!(
            (now.waiting, now.given_up, now.sent),
            (1, 5, 0),
            "95 octets leave room for nothing else"
        );
        // One that alone is larger than the limit goes at once; the queue never holds it.
        store.queue("r", 14, &[delivery(7, 101)], LIMITS).await.expect("queued");
        let now = &store.outputs().await.expect("asked")[0];
        assert_eq!((now.waiting, now.given_up), (0, 7));
        store.close().await;
    }

    #[tokio::test]
    async fn tries_are_counted_and_one_that_is_removed_takes_its_queue_with_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = store(folder.path()).await;
        store
            .queue("r", 8, &[delivery(1, 1), delivery(2, 1)], LIMITS)
            .await
            .expect("queued");
        let next = store.next_delivery("one").await.expect("asked").expect("one");
        let again = Tried::Again {
            attempts: 1,
            next: Timestamp(99),
            problem: "no".to_owned(),
        };
        store.tried("one", next.seq, &again).await.expect("noted");
        let now = &store.outputs().await.expect("asked")[0];
        assert_eq!(
            (now.waiting, now.next, now.problem.as_deref()),
            (2, Some(Timestamp(99)), Some("no"))
        );
        store.tried("one", next.seq, &Tried::Sent).await.expect("noted");
        // Told twice, it is counted once.
        store.tried("one", next.seq, &Tried::Sent).await.expect("noted");
        let now = &store.outputs().await.expect("asked")[0];
        assert_eq!(
            (now.sent, now.waiting, now.problem.as_deref(), now.next),
            (1, 1, None, None)
        );
        assert!(store.remove_output("one").await.expect("removed"));
        assert!(store.next_delivery("one").await.expect("asked").is_none());
        store
            .queue("r", 9, &[delivery(3, 1)], LIMITS)
            .await
            .expect("nothing is queued for one that is gone");
        assert_eq!(store.cursor("r").await.expect("a cursor"), 9);
        assert!(store.next_delivery("one").await.expect("asked").is_none());
        store.close().await;
    }
}
