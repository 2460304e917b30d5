//! Results on their way to who keeps them: a reader of the store with a cursor, so that a kill loses none and none is counted twice.
//!
//! What waits travels together: one message holds as many results as fit, since a message costs both ends far more than a result in it.

use super::desk::Joined;
use crate::stamps::Changed;
use crate::{Engine, EngineError};
use serde_json::{Value, json};
use std::time::Duration;
use telltale_core::model::{ProbeResult, ResultVia};
use telltale_mesh::Destination;
use telltale_mesh::message::{Draft, MAX_BODY, RESULT};
use tokio::time::sleep;
use uuid::Uuid;

/// The reader's name.
pub(super) const READER: &str = "mesh";
/// The role that results are for, and what it must do with them.
pub(super) const CORRELATOR: &str = "correlator";
pub(super) const STORE: &str = "store";
/// Results that are read at once.
const ROWS: u32 = 200;
/// Octets of one message's results, with room for what stands around them.
const FULL: usize = MAX_BODY - 2_048;
/// Messages with results in the outbox beyond which results wait in the store instead: they are there already. What waits for others is
/// not counted: somebody who went away with a hundred questions must not hold up what is found.
const IN_OUTBOX: u32 = 64;
/// How long the first of a flock waits for the others.
const TOGETHER: Duration = Duration::from_millis(25);
/// How long those that come after others wait, so that few messages carry many of them.
const GATHER: Duration = Duration::from_millis(100);
/// How soon a full outbox, or a store that failed, is looked at again.
const AGAIN: Duration = Duration::from_millis(250);

/// Delivers what is found here, as long as the agent is there.
pub(super) async fn deliver(engine: Engine, joined: Joined) {
    let mut newest = engine.newest_result();
    loop {
        newest.mark_unchanged();
        match engine.deliver_some(&joined).await {
            Ok(Found::More) => {}
            Ok(Found::All) => sleep(GATHER).await,
            Ok(Found::None) => {
                if newest.changed().await.is_err() {
                    return;
                }
                sleep(TOGETHER).await;
            }
            Err(e) => {
                tracing::warn!("results wait: {e}");
                sleep(AGAIN).await;
            }
        }
    }
}

/// How many results there were to deliver.
enum Found {
    /// As many as are read at once: there may be more.
    More,
    /// All that there were.
    All,
    None,
}

impl Engine {
    /// Puts the next results into the outbox.
    async fn deliver_some(&self, joined: &Joined) -> Result<Found, EngineError> {
        let store = &self.inner.store;
        let rows = store.results_after(store.cursor(READER).await?, ROWS).await?;
        let Some((last, _)) = rows.last() else {
            return Ok(Found::None);
        };
        let last = *last;
        let found = if rows.len() < ROWS as usize {
            Found::All
        } else {
            Found::More
        };
        // Who keeps results itself has them already; those of others are not passed on.
        let keeps = has(joined, CORRELATOR, STORE);
        let ours: Vec<_> = rows
            .into_iter()
            .map(|(_, result)| result)
            .filter(|r| r.via == ResultVia::Here && !keeps)
            .collect();
        if !ours.is_empty() {
            while store.waiting_for(&keepers()).await? >= IN_OUTBOX {
                sleep(AGAIN).await;
            }
            self.send_results(joined, ours).await?;
        }
        store.set_cursor(READER, last).await?;
        Ok(found)
    }

    async fn send_results(&self, joined: &Joined, results: Vec<ProbeResult>) -> Result<(), EngineError> {
        let to = keepers();
        let texts = results.into_iter().map(|r| as_sent(r, &joined.account.jid));
        let drafts: Vec<_> = together(texts.collect::<Result<_, _>>()?)
            .into_iter()
            .map(|results| draft("inform", RESULT, &Uuid::new_v4().to_string(), Value::Array(results)))
            .collect();
        self.tell(joined, drafts.into_iter().map(|draft| (draft, to.clone())).collect())
            .await
    }

    /// Says something in the name of this computer; once answered it is in the outbox, and on the page.
    pub(super) async fn tell(&self, joined: &Joined, drafts: Vec<(Draft, Destination)>) -> Result<(), EngineError> {
        joined.agent.tell_all(drafts).await.map_err(super::of_agent)?;
        self.changed(Changed::Mesh);
        Ok(())
    }
}

/// Whoever keeps results.
fn keepers() -> Destination {
    Destination::Role {
        role: CORRELATOR.to_owned(),
        duty: STORE.to_owned(),
    }
}

/// Whether this agent itself has a role, and does a duty (empty: any).
pub(super) fn has(joined: &Joined, role: &str, duty: &str) -> bool {
    joined.account.role == role && (duty.is_empty() || joined.account.duties.iter().any(|d| d == duty))
}

/// What is said.
pub(super) fn draft(performative: &str, ontology: &str, thread: &str, body: Value) -> Draft {
    Draft {
        id: Uuid::new_v4().to_string(),
        performative: performative.to_owned(),
        ontology: ontology.to_owned(),
        thread: thread.to_owned(),
        body,
    }
}

/// A result as others get it: by whom, and small enough.
pub(super) fn as_sent(mut result: ProbeResult, own: &str) -> Result<Value, EngineError> {
    own.clone_into(&mut result.agent);
    let value = serde_json::to_value(&result)?;
    if size(&value) <= FULL {
        return Ok(value);
    }
    // Too large for one message: what was found stays on this computer, and the result says so.
    result.facts = json!({ "left_out": "too large for a message" });
    result.changed.clear();
    Ok(serde_json::to_value(&result)?)
}

/// What a value takes in a message, at worst: XML writes `&`, `<` and `>` with more octets, and servers count them.
fn size(value: &Value) -> usize {
    let text = value.to_string();
    let marks = text.bytes().filter(|b| b"&<>".contains(b)).count();
    text.len().max((text.len() + 4 * marks) / 3)
}

/// Values in as few messages as hold them, in their order.
fn together(values: Vec<Value>) -> Vec<Vec<Value>> {
    let mut all: Vec<Vec<Value>> = Vec::new();
    let mut filled = 0;
    for value in values {
        let size = size(&value) + 1;
        match all.last_mut() {
            Some(last) if filled + size <= FULL => last.push(value),
            _ => {
                all.push(vec![value]);
                filled = 0;
            }
        }
        filled += size;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::tests::result;

    #[test]
    fn what_waits_travels_together_and_no_message_is_too_large() {
        let values: Vec<_> = (0..100).map(|n| json!({ "n": n, "text": "x".repeat(3_000) })).collect();
        let all = together(values.clone());
        assert_eq!(all.concat(), values, "none is lost, and their order stays");
        assert_eq!(all.len(), 5);
        assert!(all.iter().all(|m| json!(m).to_string().len() <= FULL));
        let marks: Vec<_> = (0..10).map(|_| json!("<&>".repeat(6_000))).collect();
        let swollen = |m: &Vec<Value>| json!(m).to_string().len() + 4 * 3 * 6_000 * m.len();
        assert!(together(marks).iter().all(|m| swollen(m) <= 190_000));
        assert!(together(Vec::new()).is_empty());
    }

    #[test]
    fn a_result_that_is_too_large_goes_without_what_was_found() {
        let mut large = result("r1");
        large.facts = json!({ "body": "x".repeat(200_000) });
        let sent = as_sent(large, "probe@localhost").expect("JSON");
        assert!(sent["facts"]["left_out"].is_string());
        assert_eq!(sent["agent"], "probe@localhost");
        assert_eq!(sent["id"], "r1");
    }
}
