//! Pages of good and hostile servers.

use super::servers::{Authority, params, silent, tcp, tcp_on, tls_on};
use super::tls::trusting;
use super::{context, limits, look};
use crate::checks::certificate::sha256;
use crate::checks::{CheckContext, Found, Problem, carry_out};
use serde_json::json;
use std::net::SocketAddr;
use telltale_core::model::{Check, Limits};

fn page(url: String) -> Check {
    Check::Http {
        url,
        method: "GET".to_owned(),
        headers: vec![("Authorization".to_owned(), "Bearer secret".to_owned())],
    }
}

async fn get(server: SocketAddr, context: &CheckContext) -> Found {
    look(&page(format!("http://{server}/health?full=1")), 3, context).await
}

#[tokio::test]
async fn status_headers_and_body_are_facts() {
    let answer =
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Sun, 22 Nov 2026 12:00:00 GMT\r\nX-Version: 7\r\n\
        Set-Cookie: session=very-secret; Path=/\r\nContent-Length: 13\r\n\r\n{\"up\": true} ";
    let (server, mut requests) = tcp(answer.to_vec()).await;
    let found = get(server, &context()).await;
    let facts = &found.facts;
    assert_eq!((&facts["status"], &facts["version"]), (&200.into(), &"HTTP/1.1".into()));
    assert_eq!(facts["headers"]["x-version"], json!(["7"]));
    assert_eq!(facts["headers"]["date"], json!(null), "what passes is no change");
    assert_eq!(
        facts["measured"]["headers"]["date"],
        json!(["Sun, 22 Nov 2026 12:00:00 GMT"])
    );
    assert_eq!(facts["cookies"], json!(["session"]));
    assert!(
        !facts.to_string().contains("very-secret"),
        "a cookie's value is nobody's business"
    );
    assert_eq!(facts["body"]["json"], json!({ "up": true }));
    assert_eq!(
        (&facts["body"]["octets"], &facts["body"]["cut"]),
        (&13.into(), &false.into())
    );
    assert_eq!(facts["body"]["sha256"], sha256(b"{\"up\": true} "));
    let request = requests.recv().await.expect("a request");
    assert!(request.starts_with("GET /health?full=1 HTTP/1.1\r\n"), "{request}");
    assert!(
        request.contains(&format!("host: {server}\r\n")) && request.contains("authorization: Bearer secret"),
        "{request}"
    );
}

#[tokio::test]
async fn an_address_of_ipv6_is_asked_as_any_other() {
    let (server, mut requests) = tcp_on("[::1]:0", b"HTTP/1.0 200 OK\r\n\r\nhello".to_vec()).await;
    let found = get(server, &context()).await;
    assert_eq!(
        (&found.facts["status"], &found.facts["measured"]["address"]),
        (&200.into(), &"::1".into())
    );
    let request = requests.recv().await.expect("a request");
    assert!(
        request.contains(&format!("host: [::1]:{}\r\n", server.port())),
        "{request}"
    );
}

#[tokio::test]
async fn a_redirect_is_told_and_not_followed() {
    let (elsewhere, mut asked) = tcp(b"HTTP/1.1 200 OK\r\n\r\n".to_vec()).await;
    let answer = format!("HTTP/1.1 302 Found\r\nLocation: http://{elsewhere}/login\r\nContent-Length: 0\r\n\r\n");
    let (server, _requests) = tcp(answer.into_bytes()).await;
    let found = get(server, &context()).await;
    assert_eq!(found.facts["status"], 302);
    assert_eq!(found.facts["location"], format!("http://{elsewhere}/login"));
    assert!(asked.try_recv().is_err(), "nobody was asked for the second page");
}

#[tokio::test]
async fn a_body_is_read_up_to_its_limit() {
    let mut answer =
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><title> A \x1b[2J\n page</title>".to_vec();
    answer.resize(3_000_000, b'x');
    let (server, _requests) = tcp(answer).await;
    let limits = Limits {
        output_bytes: 10_000,
        ..limits(5)
    };
    let check = page(format!("http://{server}/"));
    let found = carry_out(&check, &limits, &context()).await;
    super::hold(&check, &found);
    assert_eq!(
        (&found.facts["body"]["octets"], &found.facts["body"]["cut"]),
        (&10_000.into(), &true.into())
    );
    assert_eq!(found.facts["body"]["title"], "A \\u{1b}[2J page");
}

#[tokio::test]
async fn hostile_answers_are_problems_and_end_in_time() {
    let endless_head = [
        b"HTTP/1.1 200 OK\r\n".to_vec(),
        b"X-A: bbbbbbbbbbbbbbbb\r\n".repeat(50_000),
    ]
    .concat();
    let many = [
        b"HTTP/1.1 200 OK\r\n".to_vec(),
        b"A: b\r\n".repeat(101),
        b"\r\n".to_vec(),
    ]
    .concat();
    let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort".to_vec();
    let chunk = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx".to_vec();
    let garbage: Vec<u8> = (0..=255).cycle().take(9_000).collect();
    for answer in [
        endless_head,
        many,
        cut,
        chunk,
        garbage,
        Vec::new(),
        b"HTTP/9.9 abc\r\n\r\n".to_vec(),
    ] {
        let shown = String::from_utf8_lossy(&answer[..answer.len().min(60)]).into_owned();
        let (server, _requests) = tcp(answer).await;
        let found = get(server, &context()).await;
        assert!(
            matches!(found.problem, Some(Problem::Failed(_))),
            "{shown:?}: {found:?}"
        );
    }
    let found = look(&page(format!("http://{}/", silent().await)), 1, &context()).await;
    assert!(matches!(found.problem, Some(Problem::TimedOut(_))), "{found:?}");
}

#[tokio::test]
async fn over_tls_nothing_is_said_to_a_server_that_is_not_trusted() {
    let (good, bad) = (Authority::new("Good"), Authority::new("Bad"));
    let context = trusting(&good, &good);
    let names = params(&["127.0.0.1"], (2025, 2028));
    let answer = b"HTTP/1.1 204 No Content\r\n\r\n";

    let (server, mut requests) = tls_on("127.0.0.1:0", &good.identity(&names), answer).await;
    let found = look(&page(format!("https://{server}/")), 5, &context).await;
    assert_eq!(
        (&found.facts["status"], &found.facts["tls"]["trusted"]),
        (&204.into(), &true.into()),
        "{found:?}"
    );
    assert!(requests.recv().await.is_some_and(|r| r.contains("Bearer secret")));

    let (server, mut requests) = tls_on("127.0.0.1:0", &bad.identity(&names), answer).await;
    let found = look(&page(format!("https://{server}/")), 5, &context).await;
    assert!(
        matches!(&found.problem, Some(Problem::Failed(said)) if said.contains("cannot be trusted")),
        "{found:?}"
    );
    assert_eq!(
        (&found.facts["status"], &found.facts["tls"]["issuer"]),
        (&json!(null), &json!("Bad"))
    );
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert!(
        requests.try_recv().map_or(true, |said| said.is_empty()),
        "the token stayed here"
    );
}
