//! What strangers try: without a token, from pages of other origins, too much, too fast, too slow, too many.

use crate::ask::{Open, ask, basic, connect, exchange};
use crate::results::little;
use serde_json::json;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};
use telltale_core::model::ResultQuery;

const PATHS: [&str; 15] = [
    "/api/results",
    "/api/results/x",
    "/api/incidents",
    "/api/incidents/x",
    "/api/events",
    "/api/configuration",
    "/api/status",
    "/items/",
    "/items/1",
    "/TimeStampTokens/",
    "/TimeStampTokens/x",
    "/TimeStampTokens/check/x",
    "/system/stats/",
    "/system/info/",
    "/nowhere",
];

#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_the_description_is_told_without_a_token() {
    let open = Open::new().await;
    for path in PATHS {
        let answer = ask(open.at, "GET", path, &[], b"").await;
        assert_eq!((answer.status, answer.error().as_str()), (401, "token"), "{path}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{path}");
    }
    for path in ["/", "/try.js", "/try.css", "/openapi.json"] {
        let answer = ask(open.at, "GET", path, &[], b"").await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(
            answer
                .header("content-security-policy")
                .is_some_and(|p| p.contains("default-src 'none'"))
        );
        assert_eq!(answer.header("access-control-allow-origin"), None, "{path}");
        assert_eq!(ask(open.at, "POST", path, &[], b"{}").await.status, 401, "{path}");
    }
    for path in [
        "/api/start",
        "/api/stop",
        "/api/results",
        "/api/configuration",
        "/items/",
    ] {
        let answer = ask(open.at, "POST", path, &["Authorization: Bearer wrong"], b"{}").await;
        assert_eq!(answer.status, 401, "{path}");
    }
    // Two headers that disagree are none.
    let good = format!("Authorization: Bearer {}", open.token);
    let both = ask(open.at, "GET", "/api/status", &[&good, "Authorization: Bearer x"], b"").await;
    assert_eq!(both.status, 401);
    let now = open.engine.http().await.unwrap();
    assert_eq!(now.answered, 4);
    assert!(now.refused > 20, "{now:?}");
    open.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_may_come_as_a_password_and_is_let_in_no_more_once_removed() {
    let open = Open::new().await;
    let password = basic("admin", &open.token);
    let status = async |header: &str| ask(open.at, "GET", "/system/info/", &[header], b"").await.status;
    assert_eq!(status(&password).await, 200);
    assert_eq!(status(&basic(&open.token, "")).await, 401);
    let other = open.engine.add_http_token("other").await.unwrap();
    open.engine.remove_http_token("lab").await.unwrap();
    assert_eq!(status(&password).await, 401);
    assert_eq!(status(&format!("Authorization: Bearer {other}")).await, 200);
    open.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_origin_gets_nothing() {
    let open = Open::new().await;
    let bearer = format!("Authorization: Bearer {}", open.token);
    for host in ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "10.1.2.3"] {
        let host = format!("Host: {host}");
        for path in ["/api/status", "/", "/openapi.json"] {
            let answer = ask(open.at, "GET", path, &[&bearer, &host], b"").await;
            assert_eq!((answer.status, answer.error().as_str()), (421, "host"), "{host} {path}");
        }
    }
    let none = exchange(
        open.at,
        format!("GET /api/status HTTP/1.0\r\n{bearer}\r\n\r\n").as_bytes(),
    );
    assert_eq!(none.status, 421, "no host at all");
    let two = ask(
        open.at,
        "GET",
        "/api/status",
        &[&bearer, "Host: 127.0.0.1", "Host: evil.example"],
        b"",
    )
    .await;
    assert_ne!(two.status, 200);
    for origin in ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost"] {
        let origin = format!("Origin: {origin}");
        let answer = ask(open.at, "POST", "/api/stop", &[&bearer, &origin], b"").await;
        assert_eq!((answer.status, answer.error().as_str()), (403, "origin"), "{origin}");
    }
    let own = format!("Origin: http://{}", open.at);
    assert_eq!(
        ask(open.at, "POST", "/api/stop", &[&bearer, &own], b"").await.status,
        200
    );
    let asked = ["Origin: https://evil.example", "Access-Control-Request-Method: POST"];
    let asked = ask(open.at, "OPTIONS", "/api/results", &asked, b"").await;
    assert!(asked.status == 403 && asked.header("access-control-allow-methods").is_none());
    let port = open.at.port();
    let local = ask(
        open.at,
        "GET",
        "/api/status",
        &[&bearer, &format!("Host: localhost:{port}")],
        b"",
    )
    .await;
    assert_eq!(local.status, 200);
    open.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_much_is_refused_and_nothing_of_it_stays() {
    let open = Open::new().await;
    let mut large = little("x");
    large["facts"] = json!({ "x": "y".repeat(1_000_000) });
    let answer = open.post("/api/results", &large).await;
    assert_eq!((answer.status, answer.error().as_str()), (413, "too_large"));
    let fits: Vec<_> = (0..15)
        .map(|n| {
            let mut one = little(&format!("x {n}"));
            one["facts"] = json!({ "x": "y".repeat(59_000) });
            one
        })
        .collect();
    assert_eq!(open.post("/api/results", &json!(fits)).await.status, 201);
    let head = format!(
        "GET /api/status HTTP/1.1\r\nHost: {}\r\nX: {}\r\n\r\n",
        open.at,
        "y".repeat(100_000)
    );
    assert_eq!(exchange(open.at, head.as_bytes()).status, 431, "a long line");
    let lines = "X: y\r\n".repeat(1_000);
    let head = format!("GET /api/status HTTP/1.1\r\nHost: {}\r\n{lines}\r\n", open.at);
    assert_eq!(exchange(open.at, head.as_bytes()).status, 431, "many lines");
    // Deep nesting ends in a refusal, not in a stack that overflows.
    let deep = "[".repeat(400_000);
    let bearer = format!("Authorization: Bearer {}", open.token);
    for path in ["/api/results", "/items/", "/api/configuration", "/api/stop"] {
        assert_eq!(
            ask(open.at, "POST", path, &[&bearer], deep.as_bytes()).await.status,
            422,
            "{path}"
        );
    }
    for junk in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        &[0xff; 300],
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let status = exchange(open.at, junk).status;
        assert!(status == 0 || status >= 400, "{junk:?}: {status}");
    }
    assert_eq!(open.get("/api/status").await.status, 200);
    assert_eq!(open.engine.results(&ResultQuery::default()).await.unwrap().total, 15);
    open.engine.close().await;
}

/// Asks without a rest until it is slowed; whether it was. A slow computer may need a while to be too fast.
fn flood(at: SocketAddr, asked: String) -> tokio::task::JoinHandle<bool> {
    tokio::task::spawn_blocking(move || (0..5_000).any(|_| exchange(at, asked.as_bytes()).status == 429))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_one_token_is_slowed_and_keeps_nobody_out() {
    let open = Open::new().await;
    let other = open.engine.add_http_token("other").await.unwrap();
    let at = open.at;
    let asked = format!(
        "GET /api/status HTTP/1.0\r\nHost: {at}\r\nAuthorization: Bearer {}\r\n\r\n",
        open.token
    );
    let eight: Vec<_> = (0..8).map(|_| flood(at, asked.clone())).collect();
    for one in eight {
        assert!(one.await.unwrap(), "each of the eight is slowed");
    }
    let bearer = format!("Authorization: Bearer {other}");
    assert_eq!(ask(at, "GET", "/api/status", &[&bearer], b"").await.status, 200);
    let strangers = flood(at, format!("GET /openapi.json HTTP/1.0\r\nHost: {at}\r\n\r\n"));
    assert!(strangers.await.unwrap(), "strangers together have a rate, too");
    assert_eq!(ask(at, "GET", "/api/status", &[&bearer], b"").await.status, 200);
    open.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_places_taken_is_told_and_who_leaves_makes_room() {
    let open = Open::new().await;
    let at = open.at;
    let idle: Vec<TcpStream> = (0..64).map(|_| connect(at)).collect();
    // A connection is taken a moment after the system has made it.
    let full = |open: &Open| exchange(open.at, b"");
    let began = Instant::now();
    while full(&open).status != 503 {
        assert!(began.elapsed() < Duration::from_mins(1));
    }
    drop(idle);
    let began = Instant::now();
    while open.get("/api/status").await.status != 200 {
        assert!(began.elapsed() < Duration::from_mins(1));
    }
    open.engine.close().await;
}

/// Reads to the end of the connection; how long that took.
fn until_closed(mut stream: TcpStream) -> (Duration, String) {
    let began = Instant::now();
    let mut came = Vec::new();
    let _ = stream.read_to_end(&mut came);
    (began.elapsed(), String::from_utf8_lossy(&came).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_one_is_not_waited_for() {
    let open = Open::new().await;
    let (at, token) = (open.at, open.token.clone());
    let silent = connect(at);
    let mut half = connect(at);
    write!(half, "GET /api/status HTTP/1.1\r\nHost: {at}\r\nX-A: b\r\n").unwrap();
    // A body that does not come: the head is whole, so that it is the request's own time that ends it.
    let mut bodiless = connect(at);
    write!(
        bodiless,
        "POST /api/results HTTP/1.1\r\nHost: {at}\r\nAuthorization: Bearer {token}\r\nContent-Length: 100\r\n\r\n{{"
    )
    .unwrap();
    // One letter now and then.
    let mut dripping = connect(at);
    let mut writes = dripping.try_clone().unwrap();
    std::thread::spawn(move || {
        for _ in 0..60 {
            if writes.write_all(b"G").is_err() {
                break;
            }
            std::thread::sleep(Duration::from_millis(500));
        }
    });
    dripping.flush().unwrap();
    let ends =
        [silent, half, bodiless, dripping].map(|stream| tokio::task::spawn_blocking(move || until_closed(stream)));
    let mut seen = Vec::new();
    for end in ends {
        seen.push(end.await.unwrap());
    }
    for (took, came) in &seen {
        assert!(
            *took > Duration::from_secs(5) && *took < Duration::from_secs(50),
            "{took:?} {came}"
        );
    }
    assert!(seen[2].1.contains("408"), "{:?}", seen[2]);
    assert_eq!(open.get("/api/status").await.status, 200);
    open.engine.close().await;
}
