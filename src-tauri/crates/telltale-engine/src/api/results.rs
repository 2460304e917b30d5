//! Results from outside are taken in here, and results and incidents are read.

use super::gate::Holder;
use super::problem::Problem;
use super::routes::Api;
use super::schema;
use super::token;
use crate::now;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use telltale_core::model::{Incident, ProbeResult, ResultPage, ResultQuery, Timestamp};
use uuid::{Builder, Uuid};

/// Results of one request at most.
const MAX_RESULTS: usize = 1_000;
/// Octets of one result as JSON: what is found here is no larger, and it fits into a message of the mesh and into the memory of a page.
const MAX_RESULT: usize = 60_000;
/// Containers within each other in what was found: a reader that stops at 128, as ours does, must read it also in the wrapping of others.
const MAX_DEPTH: usize = 32;
/// Rows of one page, if nothing is said.
const ROWS: u32 = 100;

/// The body, or why it could not be read.
pub(super) fn octets(body: Result<Bytes, BytesRejection>) -> Result<Bytes, Problem> {
    body.map_err(|e| match e.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            let detail = format!("a body has at most {} octets", super::routes::MAX_BODY);
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
        }
        _ => Problem::new(StatusCode::BAD_REQUEST, "body", "the body did not come in whole"),
    })
}

/// JSON of a body. Whatever content type it is said to be: a page of another origin could not have sent it, for want of a token.
pub(super) fn parsed(body: &Bytes) -> Result<Value, Problem> {
    serde_json::from_slice(body).map_err(|e| Problem::wrong(format!("the body is no JSON: {e}")))
}

/// `POST /api/results`
pub(super) async fn take(
    State(api): State<Api>,
    Extension(holder): Extension<Arc<Holder>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let sent = match parsed(&octets(body)?)? {
        Value::Array(list) => list,
        one => vec![one],
    };
    if sent.len() > MAX_RESULTS {
        return Err(Problem::wrong(format!("a request has at most {MAX_RESULTS} results")));
    }
    // First all are looked at: of a list with a wrong one, none is taken.
    let results = sent
        .into_iter()
        .enumerate()
        .map(|(at, one)| result(one, &holder.agent()).map_err(|why| Problem::wrong(format!("result {at}: {why}"))))
        .collect::<Result<Vec<_>, _>>()?;
    let taken = api.engine()?.take_results(&results).await?;
    let known = results.len().saturating_sub(taken);
    let ids: Vec<_> = results.iter().map(|r| r.id.as_str()).collect();
    let status = if taken > 0 { StatusCode::CREATED } else { StatusCode::OK };
    let answer = json!({ "taken": taken, "known": known, "ids": ids });
    Ok((status, Json(answer)).into_response())
}

/// One result of a stranger: what it leaves out is filled in, and who it is from is never its own to say.
fn result(sent: Value, agent: &str) -> Result<ProbeResult, String> {
    let Value::Object(mut fields) = sent else {
        return Err("it is no object".to_owned());
    };
    let text =
        |fields: &Map<String, Value>, key: &str| fields.get(key).and_then(Value::as_str).unwrap_or("").to_owned();
    let at = now();
    let began = fields.get("started").cloned().unwrap_or_else(|| json!(at));
    let name = text(&fields, "probe_name");
    let mut fill = |key: &str, value: Value| {
        fields.entry(key).or_insert(value);
    };
    fill("id", json!(Uuid::new_v4()));
    fill("probe", json!(named(&[agent, &name])));
    fill("ended", json!(at));
    fill("due", began.clone());
    fill("started", began);
    fill("target", json!(""));
    fill("facts", json!({}));
    fill("changed", json!([]));
    fill("exit_code", Value::Null);
    fill("problem", Value::Null);
    fields.insert("agent".to_owned(), json!(agent));
    fields.insert("via".to_owned(), json!("http"));
    let whole = Value::Object(fields);
    schema::check(&whole)?;
    let mut result: ProbeResult = serde_json::from_value(whole).map_err(|e| e.to_string())?;
    if is_deeper(&result.facts, MAX_DEPTH) {
        return Err(format!(
            "/facts: more than {MAX_DEPTH} lists and objects within each other"
        ));
    }
    let octets = serde_json::to_string(&result).map_err(|e| e.to_string())?.len();
    if octets > MAX_RESULT {
        return Err(format!("it has {octets} octets; a result has at most {MAX_RESULT}"));
    }
    result.id = result.id.to_lowercase();
    result.ended = not_after(result.ended, at);
    result.started = not_after(result.started, result.ended);
    Ok(result)
}

/// Whether a value holds more than so many containers within each other.
fn is_deeper(value: &Value, most: usize) -> bool {
    let inside = |one: &Value| most.checked_sub(1).is_none_or(|left| is_deeper(one, left));
    match value {
        Value::Array(items) => most == 0 || items.iter().any(inside),
        Value::Object(fields) => most == 0 || fields.values().any(inside),
        _ => false,
    }
}

/// What lies ahead of this computer's clock is taken as now: a sender whose clock is wrong must not stay the newest for a year.
pub(super) fn not_after(at: Timestamp, now: Timestamp) -> Timestamp {
    at.min(now)
}

/// A UUID (version 8) that is always the same for the same words.
pub(super) fn named(words: &[&str]) -> String {
    let digest = token::sha256(json!(words).to_string().as_bytes());
    let mut octets = [0_u8; 16];
    octets.copy_from_slice(&digest[..16]);
    Builder::from_custom_bytes(octets).into_uuid().to_string()
}

/// `GET /api/results`
pub(super) async fn list(
    State(api): State<Api>,
    query: Result<Query<ResultQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<ResultPage>, Problem> {
    let Query(mut query) = query.map_err(|e| Problem::wrong(e.body_text()))?;
    if query.limit == 0 {
        query.limit = ROWS;
    }
    Ok(Json(api.engine()?.results(&query).await?))
}

/// `GET /api/results/{id}`
pub(super) async fn one(State(api): State<Api>, Path(id): Path<String>) -> Result<Json<ProbeResult>, Problem> {
    let found = api.engine()?.result(&id).await?;
    found.map(Json).ok_or_else(|| Problem::none("there is no such result"))
}

/// Which incidents are wanted.
#[derive(Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    /// Open ones only.
    open: bool,
    offset: u32,
    limit: u32,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            open: false,
            offset: 0,
            limit: ROWS,
        }
    }
}

/// `GET /api/incidents`
pub(super) async fn incidents(
    State(api): State<Api>,
    wanted: Result<Query<Wanted>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let Query(wanted) = wanted.map_err(|e| Problem::wrong(e.body_text()))?;
    let store = &api.engine()?.inner.store;
    let (rows, total) = store.incidents(wanted.open, wanted.offset, wanted.limit).await?;
    Ok(Json(json!({ "rows": rows, "total": total })))
}

/// `GET /api/incidents/{id}`
pub(super) async fn incident(State(api): State<Api>, Path(id): Path<String>) -> Result<Json<Incident>, Problem> {
    let found = api.engine()?.inner.store.incident(&id).await?;
    found
        .map(Json)
        .ok_or_else(|| Problem::none("there is no such incident"))
}
