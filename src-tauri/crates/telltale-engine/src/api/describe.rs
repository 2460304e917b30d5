//! The interface described to programs (`OpenAPI` 3.1), and a page to try it: all of it comes from this program, nothing from elsewhere.

use super::schema;
use axum::Json;
use axum::http::header;
use axum::response::{Html, IntoResponse};
use serde_json::{Value, json};
use std::sync::LazyLock;

/// The description: `openapi.json` beside this file, with the schema of a result and the version.
pub(super) static DESCRIPTION: LazyLock<Value> = LazyLock::new(|| {
    let mut description: Value = serde_json::from_str(include_str!("openapi.json")).unwrap_or_default();
    description["info"]["version"] = json!(env!("CARGO_PKG_VERSION"));
    description["components"]["schemas"]["Result"] = schema::RESULT.clone();
    description
});

/// `GET /openapi.json`
pub(super) async fn description() -> Json<&'static Value> {
    Json(&DESCRIPTION)
}

/// `GET /`
pub(super) async fn page() -> Html<&'static str> {
    Html(include_str!("page/try.html"))
}

/// `GET /try.js`
pub(super) async fn script() -> impl IntoResponse {
    let kind = [(header::CONTENT_TYPE, "text/javascript; charset=utf-8")];
    (kind, include_str!("page/try.js"))
}

/// `GET /try.css`
pub(super) async fn style() -> impl IntoResponse {
    let kind = [(header::CONTENT_TYPE, "text/css; charset=utf-8")];
    (kind, include_str!("page/try.css"))
}
