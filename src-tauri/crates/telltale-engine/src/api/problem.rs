//! What is said to a program whose request could not be done: a status, a word to act on, a sentence for a person.

use crate::EngineError;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// An answer that refuses. Its JSON is `{"error": word, "detail": sentence}`; Scandale's clients read `detail`.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    error: &'static str,
    detail: String,
}

impl Problem {
    pub(super) fn new(status: StatusCode, error: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            error,
            detail: detail.into(),
        }
    }

    /// What was sent is not what the description says.
    pub(super) fn wrong(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "wrong", detail)
    }

    /// There is none.
    pub(super) fn none(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "none", detail)
    }

    /// The engine is closed or closing.
    pub(super) fn closing() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "closing", "the program is ending")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Json(json!({ "error": self.error, "detail": self.detail }));
        let mut answer = (self.status, body).into_response();
        let headers = answer.headers_mut();
        match self.status {
            // Never `Basic`: a browser would ask its user for a name, keep it, and send it along with what other pages do.
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        answer
    }
}

impl From<EngineError> for Problem {
    fn from(e: EngineError) -> Self {
        match e {
            EngineError::InvalidInput(_) | EngineError::Filter(_) | EngineError::Device(_) => {
                Self::wrong(e.to_string())
            }
            EngineError::NoSuchAudit(_) | EngineError::NotLive(_) => Self::none(e.to_string()),
            EngineError::NoRights(_) => Self::new(StatusCode::FORBIDDEN, "no_rights", e.to_string()),
            EngineError::Busy => Self::new(StatusCode::CONFLICT, "busy", e.to_string()),
            // What the store or the disk said is the owner's business, not a stranger's; the sender keeps what it has and tries again.
            _ => {
                tracing::error!("a request over HTTP could not be done: {e}");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "not_now",
                    "this cannot be done now; it may be tried again",
                )
            }
        }
    }
}
