//! Confirmations: which messages have arrived and are kept. A confirmation is never confirmed itself, and one names many.

use super::{Draft, RECEIPT, Received};
use serde_json::{Value, json};
use uuid::Uuid;

/// Messages that one confirmation names at most: some 20 kB.
pub const MAX_RECEIPT_IDS: usize = 512;

/// A confirmation of these messages, at most [`MAX_RECEIPT_IDS`]; what lies beyond is left out, so cut before.
pub fn receipt(ids: &[String], thread: &str) -> Draft {
    let ids = &ids[..ids.len().min(MAX_RECEIPT_IDS)];
    Draft {
        id: Uuid::new_v4().to_string(),
        performative: "confirm".to_owned(),
        ontology: RECEIPT.to_owned(),
        thread: thread.to_owned(),
        body: json!({ "ids": ids }),
    }
}

/// The messages that a confirmation names; `None`: it is none. What is no id in it is left out.
pub fn confirmed(message: &Received) -> Option<Vec<String>> {
    if message.ontology != RECEIPT || message.performative != "confirm" {
        return None;
    }
    let ids = message.body.get("ids").and_then(Value::as_array);
    let ids = ids.map(Vec::as_slice).unwrap_or_default().iter().take(MAX_RECEIPT_IDS);
    let uuid = |id: &Value| Some(Uuid::parse_str(id.as_str()?).ok()?.to_string());
    Some(ids.filter_map(uuid).collect())
}
