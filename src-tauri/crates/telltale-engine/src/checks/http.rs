//! What does a page or an interface answer.
//!
//! Facts: `url`, `method`, `status`, `version`, `headers` (name, lower case: values; without those that differ each time), `location` (where
//! it wants to send us; not followed), `cookies` (the names of those it sets; their values are nobody's business), `body`: `octets`,
//! `sha256` (of what was read), `cut` (there was more than the limit), `title` (of HTML), `text` (its beginning), `json` (where it is JSON
//! and small). `tls` (of https): `trusted`, `why`, `name_matches`, `issuer`, `key_sha256`. Measured: `address`, `first_byte_ms`,
//! `total_ms`, `headers` (those that differ each time).

use super::page::{Address, Ask, Fetched, Page, fetch};
use super::text::{named, of_octets};
use super::tls::Judged;
use super::{CheckContext, Found, Problem};
use serde_json::{Map, Value, json};
use tokio::time::Instant;

/// Headers that differ by their nature: times, ages, numbers of requests, marks of caches.
const PASSING: [&str; 20] = [
    "age",
    "cf-ray",
    "date",
    "expires",
    "last-modified",
    "nel",
    "report-to",
    "server-timing",
    "via",
    "x-amz-cf-id",
    "x-amz-request-id",
    "x-cache",
    "x-cache-hits",
    "x-correlation-id",
    "x-request-id",
    "x-runtime",
    "x-served-by",
    "x-timer",
    "x-trace-id",
    "x-varnish",
];
/// Characters of a body's beginning, and octets of JSON that is looked into.
const TEXT: usize = 1_000;
const JSON: usize = 16 << 10;

pub(super) async fn look(
    url: &str,
    (address, method, headers): (&Address, &str, &[(String, String)]),
    most: usize,
    context: &CheckContext,
    until: Instant,
) -> Result<Found, Problem> {
    let ask = Ask {
        address,
        method,
        headers,
        most,
    };
    let host = named(&address.host);
    match fetch(&ask, context, until).await? {
        Fetched::Page(page, judged) => {
            let mut facts = facts(&page);
            facts["url"] = url.into();
            facts["method"] = method.into();
            if let Some(judged) = judged {
                facts["tls"] = tls(&judged);
            }
            Ok(Found::of(facts, summary(&host, &page)))
        }
        Fetched::NotTrusted(judged) => {
            let facts = json!({ "url": url, "method": method, "status": null, "tls": tls(&judged) });
            let problem = format!(
                "nothing was asked of {host}, for it cannot be trusted: {}",
                judged.fault()
            );
            Ok(Found::with_problem(facts, Problem::Failed(problem)))
        }
    }
}

fn tls(judged: &Judged) -> Value {
    let mut facts = json!({
        "trusted": judged.mistrust.is_none(),
        "name_matches": judged.name_matches,
        "issuer": judged.first.issuer,
        "key_sha256": judged.first.key_sha256,
    });
    if let Some(because) = &judged.mistrust {
        facts["why"] = because.as_str().into();
    }
    facts
}

fn facts(page: &Page) -> Value {
    let (mut steady, mut passing) = (Map::new(), Map::new());
    for (name, values) in page.headers.iter().filter(|(name, _)| *name != "set-cookie") {
        let to = if PASSING.contains(&name.as_str()) {
            &mut passing
        } else {
            &mut steady
        };
        to.insert(name.clone(), values.clone().into());
    }
    let cookies = page.headers.get("set-cookie").into_iter().flatten();
    let mut cookies: Vec<_> = cookies
        .filter_map(|c| Some(c.split_once('=')?.0.trim().to_owned()))
        .collect();
    cookies.sort_unstable();
    cookies.dedup();
    let mut body = json!({
        "octets": page.body.octets, "sha256": page.body.sha256, "cut": page.body.cut,
    });
    if let Some(title) = page.title() {
        body["title"] = title.into();
    }
    let kind = page.header("content-type").unwrap_or_default();
    if kind.starts_with("text/") || kind.contains("json") || kind.contains("xml") {
        body["text"] = of_octets(&page.body.beginning, TEXT).into();
    }
    let is_whole = !page.body.cut && page.body.octets <= JSON;
    let value = serde_json::from_slice::<Value>(&page.body.beginning).ok();
    if let Some(value) = value.filter(|_| is_whole && kind.contains("json")) {
        body["json"] = value;
    }
    json!({
        "status": page.status,
        "version": page.version,
        "headers": steady,
        "location": page.header("location"),
        "cookies": cookies,
        "body": body,
        "measured": {
            "address": page.ip, "first_byte_ms": page.first_byte_ms, "total_ms": page.total_ms, "headers": passing,
        },
    })
}

fn summary(host: &str, page: &Page) -> String {
    let what = match page.status {
        200..=299 => "as it should",
        300..=399 => "by sending on",
        400..=499 => "that the request is wrong or not allowed",
        500..=599 => "that it has a fault",
        _ => "in its own way",
    };
    let to = page.header("location").map(|l| format!(" to {}", named(l)));
    let size = match page.body.octets {
        0 => "no body".to_owned(),
        1 => "a body of 1 octet".to_owned(),
        n => format!("a body of {n} octets"),
    };
    format!(
        "{host} answered {what}{} (status {}), with {size}, in {} ms.",
        to.filter(|_| (300..400).contains(&page.status)).unwrap_or_default(),
        page.status,
        page.total_ms
    )
}
