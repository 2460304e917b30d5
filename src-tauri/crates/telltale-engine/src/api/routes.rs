//! Which path leads where, and what each request passes before it is looked at.

use super::gate::{Gate, Holder};
use super::problem::Problem;
use super::{describe, events, pandore, results, scandale, server};
use crate::{Engine, Inner, now};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// Octets of a request's body at most.
pub(super) const MAX_BODY: usize = 1_000_000;
/// A request is answered within this time, its body read included; events go on longer.
const ANSWERED_WITHIN: Duration = Duration::from_secs(15);
/// Time between two tellings that the counts have changed.
const TOLD_AGAIN: Duration = Duration::from_millis(500);

/// What every route knows.
#[derive(Clone)]
pub(super) struct Api {
    /// Not held: an engine that is dropped ends, whoever is connected.
    engine: Weak<Inner>,
    gate: Arc<Gate>,
    /// Where this connection's door stands.
    local: SocketAddr,
    /// How many follow the events.
    pub(super) followers: Arc<AtomicUsize>,
}

impl Api {
    pub(super) fn new(engine: Weak<Inner>, gate: Arc<Gate>, local: SocketAddr) -> Self {
        Self {
            engine,
            gate,
            local,
            followers: Arc::default(),
        }
    }

    /// The engine, as long as it is there.
    pub(super) fn engine(&self) -> Result<Engine, Problem> {
        let inner = self.engine.upgrade().ok_or_else(Problem::closing)?;
        Ok(Engine { inner })
    }

    /// Whether a token is still let in.
    pub(super) fn knows(&self, holder: &Arc<Holder>) -> bool {
        self.gate.knows(holder)
    }

    /// Counts an answer.
    pub(super) fn count(&self, refused: bool) {
        if self.gate.count(refused) {
            let api = self.clone();
            tokio::spawn(async move {
                sleep(TOLD_AGAIN).await;
                api.gate.told();
                server::tell(&api.engine);
            });
        }
    }
}

/// All paths. `openapi.json` describes each of them; a test holds the two together.
pub(super) fn router(api: &Api) -> Router {
    Router::new()
        .route("/", get(describe::page))
        .route("/try.js", get(describe::script))
        .route("/try.css", get(describe::style))
        .route("/openapi.json", get(describe::description))
        .route("/api/results", post(results::take).get(results::list))
        .route("/api/results/{id}", get(results::one))
        .route("/api/incidents", get(results::incidents))
        .route("/api/incidents/{id}", get(results::incident))
        .route("/api/events", get(events::follow))
        .route(
            "/api/configuration",
            get(pandore::configuration).post(pandore::configure),
        )
        .route("/api/start", post(pandore::start))
        .route("/api/stop", post(pandore::stop))
        .route("/api/status", get(pandore::status))
        .route("/items/", get(scandale::items).post(scandale::take))
        .route("/items/{id}", get(scandale::item))
        .route("/TimeStampTokens/", get(scandale::proofs).post(scandale::no_proof))
        .route("/TimeStampTokens/{uuid}", get(scandale::proof))
        .route("/TimeStampTokens/token/{uuid}", get(scandale::proof))
        .route("/TimeStampTokens/check/{uuid}", get(scandale::proof))
        .route("/TimeStampTokens/get_timestamp/{uuid}", get(scandale::proof))
        .route("/system/stats/", get(scandale::stats))
        .route("/system/info/", get(scandale::about))
        .fallback(nowhere)
        .method_not_allowed_fallback(not_so)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(from_fn_with_state(api.clone(), pass))
        .with_state(api.clone())
}

async fn nowhere() -> Problem {
    Problem::none("there is nothing here; /openapi.json says what there is")
}

async fn not_so() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method",
        "this path takes another method; /openapi.json says which",
    )
}

/// What anybody may read: it says how to ask, and nothing of this computer.
fn is_open(method: &Method, path: &str) -> bool {
    let reads = method == Method::GET || method == Method::HEAD;
    reads && matches!(path, "/" | "/try.js" | "/try.css" | "/openapi.json")
}

/// What each request passes: host, origin, token, rate, time.
async fn pass(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    let answer = match admit(&api, &request) {
        Ok(holder) => {
            if let Some(holder) = holder {
                request.extensions_mut().insert(holder);
            }
            timeout(ANSWERED_WITHIN, next.run(request)).await.unwrap_or_else(|_| {
                let detail = "the request took too long to come in or to be done";
                Problem::new(StatusCode::REQUEST_TIMEOUT, "too_slow", detail).into_response()
            })
        }
        Err(problem) => problem.into_response(),
    };
    let status = answer.status();
    api.count(status.is_client_error() || status.is_server_error());
    harmless(answer)
}

/// Who asks, if he may.
fn admit(api: &Api, request: &Request) -> Result<Option<Arc<Holder>>, Problem> {
    let (headers, at) = (request.headers(), now());
    let host = only(headers, &header::HOST).unwrap_or_default();
    if !is_own(host, api.local.ip()) {
        // A page whose name was pointed at this computer (DNS rebinding) comes with its own name.
        let detail = "this name does not lead here: use the address in numbers";
        return Err(Problem::new(StatusCode::MISDIRECTED_REQUEST, "host", detail));
    }
    if headers.contains_key(header::ORIGIN) && only(headers, &header::ORIGIN) != Some(&format!("http://{host}")) {
        let detail = "pages of other origins are not answered";
        return Err(Problem::new(StatusCode::FORBIDDEN, "origin", detail));
    }
    let holder = only(headers, &header::AUTHORIZATION).and_then(|text| api.gate.holder(text));
    let may = holder.as_ref().map_or_else(|| api.gate.stranger_may(at), |h| h.may(at));
    if !may {
        let detail = "too many requests in a short time";
        return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many", detail));
    }
    if let Some(holder) = &holder {
        note_use(api, holder);
    } else if !is_open(request.method(), request.uri().path()) {
        let detail = "this needs a token of the owner of this Telltale: Authorization: Bearer TOKEN";
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "token", detail));
    }
    Ok(holder)
}

/// The value of a header that is there exactly once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut all = headers.get_all(name).iter();
    let first = all.next()?;
    if all.next().is_some() {
        return None;
    }
    first.to_str().ok()
}

/// Whether a host is this door's: an address in numbers (which no stranger's name server can hand out), `localhost` where the loopback
/// is listened on, or the computer's own name.
fn is_own(host: &str, local: IpAddr) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.chars().all(|c| c.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    };
    let numbers = name.strip_prefix('[').and_then(|n| n.strip_suffix(']')).unwrap_or(name);
    if let Ok(ip) = numbers.parse::<IpAddr>() {
        return local.is_unspecified() || ip == local || (ip.is_loopback() && local.is_loopback());
    }
    if name.eq_ignore_ascii_case("localhost") {
        return local.is_loopback() || local.is_unspecified();
    }
    let system = rustix::system::uname();
    let own = system.nodename().to_string_lossy();
    let name = name.strip_suffix(".local").unwrap_or(name);
    !local.is_loopback() && !own.is_empty() && name.eq_ignore_ascii_case(&own)
}

/// Notes that a token is used, beside the answer.
fn note_use(api: &Api, holder: &Arc<Holder>) {
    let at = now();
    if !holder.is_news(at) {
        return;
    }
    let (api, holder) = (api.clone(), Arc::clone(holder));
    tokio::spawn(async move {
        if let Ok(engine) = api.engine()
            && let Err(e) = engine.inner.store.token_used(&holder.name, at).await
        {
            tracing::debug!("it could not be noted that a token was used: {e}");
        }
    });
}

/// No answer is kept, framed, guessed at or allowed to load anything but what the page of this door needs.
fn harmless(mut answer: Response) -> Response {
    const CONTENT: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
                           base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    let headers = answer.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::is_own;

    fn own(host: &str, local: &str) -> bool {
        is_own(host, local.parse().expect("an address"))
    }

    #[test]
    fn a_name_that_was_pointed_here_is_not_ours() {
        for host in [
            "127.0.0.1",
            "127.0.0.1:8765",
            "localhost:8765",
            "LOCALHOST",
            "[::1]:8765",
            "127.0.0.2:1",
        ] {
            assert!(own(host, "127.0.0.1"), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "evil.example:8765",
            "127.0.0.1.evil.example",
            "192.168.1.2:8765",
            "localhost.",
            "[::1",
            ":",
        ] {
            assert!(!own(host, "127.0.0.1"), "{host}");
        }
    }

    #[test]
    fn on_a_network_its_own_address_and_name_are_ours() {
        assert!(own("192.168.1.2:8765", "192.168.1.2"));
        assert!(!own("192.168.1.3:8765", "192.168.1.2"));
        assert!(own("192.168.1.3:8765", "0.0.0.0") && own("localhost", "0.0.0.0"));
        let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
        assert!(own(&format!("{name}.local:8765"), "192.168.1.2") && own(&name, "0.0.0.0"));
        assert!(!own(&format!("{name}.evil.example"), "0.0.0.0"));
    }
}
