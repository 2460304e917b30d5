//! Scandale's interface: items in its envelope are taken in, kept as they came, and given back as Scandale does.
//!
//! Each item becomes a result as well. Proofs of checks (RFC 3161 time stamps) are not kept yet: those paths say that there is none.

use super::gate::Holder;
use super::problem::Problem;
use super::results::{named, not_after, octets, parsed};
use super::routes::Api;
use super::token;
use crate::fingerprint::sha256_of;
use crate::now;
use crate::store::{ItemLimits, NewItem};
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use telltale_core::model::{ProbeResult, ResultVia, Timestamp, Verdict};

/// Items that are kept, and their octets together; the oldest leave, which `/system/stats/` counts.
const KEPT: ItemLimits = ItemLimits {
    items: 50_000,
    octets: 500_000_000,
};
/// Items of one page at most, and about so many octets of them.
const MAX_ROWS: u32 = 500;
const PAGE_OCTETS: i64 = 4_000_000;
/// Letters of version, format, type, uuid and source, at most.
const MAX_WORD: usize = 200;
/// Letters of an item's payload that stand in its result.
const MAX_SHOWN: usize = 4_000;
/// Says where the next page begins, if there may be one.
const NEXT: HeaderName = HeaderName::from_static("telltale-next");

/// Scandale's envelope; what else is in it is left out, as Scandale does.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Envelope {
    version: String,
    format: String,
    meta: Meta,
    payload: Payload,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Meta {
    uuid: String,
    /// Seconds since the epoch.
    ts: i64,
    r#type: String,
    /// Scandale's description has it, its program drops it; here it is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Payload {
    /// Base64 by Scandale's description; any text is taken.
    raw: String,
}

/// `POST /items/`
pub(super) async fn take(
    State(api): State<Api>,
    Extension(holder): Extension<Arc<Holder>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let envelope = envelope(parsed(&octets(body)?)?)?;
    let json = serde_json::to_string(&envelope).map_err(|e| Problem::wrong(e.to_string()))?;
    let result = result(&envelope, &json, &holder.agent(), now());
    let engine = api.engine()?;
    // Stored before it counts: who is not answered sends it again, and then it is there once, whatever was done by then.
    let item = NewItem {
        result: &result.id,
        raw_sha256: &token::sha256(envelope.payload.raw.as_bytes()),
        json: &json,
    };
    let id = engine.inner.store.add_item(&item, KEPT).await?;
    engine.take_result(&result).await?;
    let place = [(header::LOCATION, format!("/items/{id}"))];
    Ok((place, Json(json!({ "scan_data": envelope }))).into_response())
}

fn envelope(sent: Value) -> Result<Envelope, Problem> {
    let envelope: Envelope = serde_json::from_value(sent).map_err(|e| Problem::wrong(format!("the item: {e}")))?;
    let Meta {
        uuid, r#type, source, ..
    } = &envelope.meta;
    let words = [&envelope.version, &envelope.format, uuid, r#type];
    let long = |word: &String| word.chars().count() > MAX_WORD || word.chars().any(char::is_control);
    if words.into_iter().chain(source).any(long) {
        let detail =
            format!("version, format, uuid, type and source have at most {MAX_WORD} letters each, in one line");
        return Err(Problem::wrong(detail));
    }
    Ok(envelope)
}

/// The result that an item becomes. Its id is made of all that came, so that the same item counts once.
fn result(item: &Envelope, json: &str, agent: &str, now: Timestamp) -> ProbeResult {
    let Meta {
        uuid,
        ts,
        r#type,
        source,
    } = &item.meta;
    let source = source.as_deref().unwrap_or_default();
    let kind = if r#type.is_empty() { "item" } else { r#type };
    let decoded = STANDARD.decode(&item.payload.raw).ok();
    let octets = decoded.as_ref().map_or(item.payload.raw.len(), Vec::len);
    let text = decoded.as_ref().and_then(|octets| std::str::from_utf8(octets).ok());
    let shown: Option<String> = text.map(|text| text.chars().take(MAX_SHOWN).collect());
    let at = not_after(
        Timestamp(ts.clamp(&0, &9_000_000_000).saturating_mul(1_000_000_000)),
        now,
    );
    ProbeResult {
        id: named(&["item", agent, json]),
        probe: named(&[agent, kind, &item.format, source]),
        probe_name: if source.is_empty() { kind } else { source }.to_owned(),
        kind: kind.to_owned(),
        agent: agent.to_owned(),
        target: source.to_owned(),
        due: at,
        started: at,
        ended: at,
        verdict: Verdict::Expected,
        exit_code: None,
        problem: None,
        summary: format!(
            "An item of type {kind} came in, {octets} octets in the format {:?}.",
            item.format
        ),
        changed: Vec::new(),
        facts: json!({
            "version": item.version,
            "format": item.format,
            "uuid": uuid,
            "ts": ts,
            "type": r#type,
            "source": item.meta.source,
            "octets": octets,
            "sha256": sha256_of(&mut decoded.as_deref().unwrap_or(item.payload.raw.as_bytes())).ok(),
            "text": shown,
        }),
        via: ResultVia::Http,
    }
}

/// Which items are wanted.
#[derive(Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    skip: u32,
    limit: u32,
    /// Exactly this `payload.raw`; empty: all.
    q: String,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            skip: 0,
            limit: 100,
            q: String::new(),
        }
    }
}

/// `GET /items/`
pub(super) async fn items(
    State(api): State<Api>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(wanted) = wanted.map_err(|e| Problem::wrong(e.body_text()))?;
    let raw = (!wanted.q.is_empty()).then(|| token::sha256(wanted.q.as_bytes()));
    let limit = wanted.limit.min(MAX_ROWS);
    let store = &api.engine()?.inner.store;
    let (rows, more) = store
        .items(raw.as_ref().map(|d| &d[..]), wanted.skip, limit, PAGE_OCTETS)
        .await?;
    let mut headers = HeaderMap::new();
    if more {
        let next = wanted
            .skip
            .saturating_add(u32::try_from(rows.len()).unwrap_or(u32::MAX));
        headers.insert(NEXT, HeaderValue::from(next));
    }
    let rows = rows.iter().map(|json| shown(json)).collect::<Result<Vec<_>, _>>()?;
    Ok((headers, Json(rows)).into_response())
}

/// `GET /items/{id}`
pub(super) async fn item(State(api): State<Api>, Path(id): Path<String>) -> Result<Json<Value>, Problem> {
    let none = || Problem::none("Item not found");
    let id = id.parse().map_err(|_| none())?;
    let json = api.engine()?.inner.store.item(id).await?.ok_or_else(none)?;
    Ok(Json(shown(&json)?))
}

fn shown(json: &str) -> Result<Value, Problem> {
    let envelope: Envelope = serde_json::from_str(json).map_err(crate::EngineError::from)?;
    Ok(json!({ "scan_data": envelope }))
}

/// `GET /TimeStampTokens/`: Scandale answers with a list written as a text.
pub(super) async fn proofs() -> Json<&'static str> {
    Json("[]")
}

/// `POST /TimeStampTokens/`
pub(super) async fn no_proof() -> Problem {
    let detail = "proofs of checks are not kept by this version; the item itself is kept when it is sent to /items/";
    Problem::new(StatusCode::NOT_IMPLEMENTED, "no_proofs", detail)
}

/// `GET /TimeStampTokens/…/{uuid}`
pub(super) async fn proof() -> Problem {
    Problem::none("TimeStampToken not found")
}

/// `GET /system/stats/`
pub(super) async fn stats(State(api): State<Api>) -> Result<Json<Value>, Problem> {
    let (items, gone) = api.engine()?.inner.store.item_counts().await?;
    Ok(Json(json!({ "dbsize": { "scans": items, "tst": 0 }, "gone": gone })))
}

/// `GET /system/info/`
pub(super) async fn about() -> Json<Value> {
    Json(json!({ "software": "Telltale", "version": env!("CARGO_PKG_VERSION") }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::schema;

    fn sent(raw: &str, ts: i64) -> Value {
        json!({
            "version": "1", "format": "nmap", "more": 1,
            "meta": { "uuid": "b1e6f2d0-0000-4000-8000-000000000001", "ts": ts, "type": "scan", "source": "probe1" },
            "payload": { "raw": raw }
        })
    }

    fn becomes(sent: Value) -> ProbeResult {
        let envelope = envelope(sent).expect("an item");
        let json = serde_json::to_string(&envelope).expect("JSON");
        result(&envelope, &json, "http:lab", Timestamp(1_800_000_000_000_000_000))
    }

    #[test]
    fn an_item_becomes_a_result_that_the_schema_knows() {
        let one = becomes(sent("aGVsbG8=", 1_700_000_000));
        assert_eq!((one.kind.as_str(), one.target.as_str()), ("scan", "probe1"));
        assert_eq!((&one.facts["text"], &one.facts["octets"]), (&json!("hello"), &json!(5)));
        assert_eq!(one.ended, Timestamp(1_700_000_000_000_000_000));
        schema::check(&serde_json::to_value(&one).expect("JSON")).expect("the schema knows it");
        assert_eq!(
            one.id,
            becomes(sent("aGVsbG8=", 1_700_000_000)).id,
            "the same item is the same result"
        );
        let other = becomes(sent("aGVsbG8=", 1_700_000_001));
        assert_ne!(one.id, other.id);
        assert_eq!(one.probe, other.probe);
    }

    #[test]
    fn what_a_stranger_says_stays_within_bounds() {
        let late = becomes(sent("no base64!", i64::MAX));
        assert_eq!(
            late.ended,
            Timestamp(1_800_000_000_000_000_000),
            "not ahead of this computer's clock"
        );
        assert_eq!((&late.facts["text"], &late.facts["octets"]), (&Value::Null, &json!(10)));
        assert_eq!(becomes(sent("", i64::MIN)).ended, Timestamp(0));
        let long = becomes(sent(&STANDARD.encode("x".repeat(9_000)), 0));
        assert_eq!(long.facts["text"].as_str().map(str::len), Some(MAX_SHOWN));
        let mut wrong = sent("", 0);
        wrong["meta"]["type"] = json!("two\nlines");
        assert!(envelope(wrong).is_err());
        for part in ["version", "format", "meta", "payload"] {
            let mut wrong = sent("", 0);
            wrong.as_object_mut().expect("an object").remove(part);
            assert!(envelope(wrong).is_err(), "without {part}");
        }
    }
}
