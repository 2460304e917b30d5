//! Results that programs report.

use crate::ask::{Open, anywhere, own_port};
use serde_json::{Value, json};
use telltale_core::model::{ProbeResult, ResultQuery, ResultVia, Verdict};
use telltale_engine::{Engine, EngineError};

/// As little as may be said.
pub(crate) fn little(name: &str) -> Value {
    json!({ "probe_name": name, "kind": "backup", "verdict": "expected", "summary": "All is well." })
}

fn all() -> ResultQuery {
    ResultQuery {
        limit: 500,
        ..ResultQuery::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_is_taken_once_and_its_agent_is_the_token() {
    let open = Open::new().await;
    let mut sent = little("Backup");
    sent["id"] = json!("5F1D8A0E-6a59-4a7d-9b0f-0d4c2f3f7a11");
    sent["agent"] = json!("local");
    sent["via"] = json!("here");
    sent["facts"] = json!({ "files": 12 });
    sent["ended"] = json!(4_102_444_800_000_u64);
    let answer = open.post("/api/results", &sent).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(
        (&answer.json()["taken"], &answer.json()["known"]),
        (&json!(1), &json!(0))
    );
    let again = open.post("/api/results", &sent).await;
    assert_eq!((again.status, &again.json()["known"]), (200, &json!(1)));
    let page = open.engine.results(&all()).await.unwrap();
    let [result] = page.rows.as_slice() else {
        panic!("{page:?}")
    };
    assert_eq!((result.agent.as_str(), result.via), ("http:lab", ResultVia::Http));
    assert_eq!(result.id, "5f1d8a0e-6a59-4a7d-9b0f-0d4c2f3f7a11");
    assert_eq!(result.facts, json!({ "files": 12 }));
    assert!(
        result.ended <= telltale_engine_now(),
        "not ahead of this computer's clock"
    );
    let read = open.get(&format!("/api/results/{}", result.id)).await;
    assert_eq!(serde_json::from_value::<ProbeResult>(read.json()).unwrap(), *result);
    assert_eq!(open.get("/api/results/none").await.status, 404);
    open.engine.close().await;
}

fn telltale_engine_now() -> telltale_core::model::Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    telltale_core::model::Timestamp(i64::try_from(since.unwrap().as_nanos()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_taken_whole_or_not_at_all() {
    let open = Open::new().await;
    let mut list: Vec<_> = (0..200).map(|n| little(&format!("probe {n}"))).collect();
    let taken = open.post("/api/results", &json!(list)).await;
    assert_eq!((taken.status, &taken.json()["taken"]), (201, &json!(200)));
    list[137]["verdict"] = json!("perhaps");
    let refused = open.post("/api/results", &json!(list)).await;
    assert_eq!((refused.status, refused.error().as_str()), (422, "wrong"));
    let detail = refused.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("137") && detail.contains("verdict"), "{detail}");
    assert_eq!(open.engine.results(&all()).await.unwrap().total, 200);
    let probes: std::collections::BTreeSet<_> = open
        .engine
        .results(&all())
        .await
        .unwrap()
        .rows
        .iter()
        .map(|r| r.probe.clone())
        .collect();
    assert_eq!(probes.len(), 200, "a probe for each name");
    let many = vec![little("x"); 1_001];
    assert_eq!(open.post("/api/results", &json!(many)).await.status, 422);
    assert_eq!(open.post("/api/results", &json!([])).await.status, 200);
    open.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_result_is_refused_with_its_place() {
    let open = Open::new().await;
    for (key, value, place) in [
        ("kind", json!(1), "/kind"),
        ("facts", json!([]), "/facts"),
        ("ended", json!("today"), "/ended"),
        ("id", json!("me"), "/id"),
        ("summary", Value::Null, "/summary"),
        ("exit_code", json!(1e300), "/exit_code"),
        ("colour", json!("red"), "colour"),
    ] {
        let mut sent = little("x");
        sent[key] = value;
        let answer = open.post("/api/results", &sent).await;
        assert_eq!(answer.status, 422, "{key}: {answer:?}");
        assert!(answer.body.contains(place), "{key}: {answer:?}");
    }
    for missing in ["probe_name", "kind", "verdict", "summary"] {
        let mut sent = little("x");
        sent.as_object_mut().unwrap().remove(missing);
        let answer = open.post("/api/results", &sent).await;
        assert!(answer.status == 422 && answer.body.contains(missing), "{answer:?}");
    }
    for wrong in [json!(1), json!("x"), json!(null), json!([1])] {
        assert_eq!(open.post("/api/results", &wrong).await.status, 422, "{wrong}");
    }
    assert_eq!(open.engine.results(&all()).await.unwrap().total, 0);
    open.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_would_burden_others_is_refused() {
    let open = Open::new().await;
    let mut large = little("large");
    large["facts"] = json!({ "text": "x".repeat(60_000) });
    let mut deep = little("deep");
    deep["facts"] = (0..33).fold(json!({}), |inner, _| json!({ "in": inner }));
    for (sent, why) in [(&large, "octets"), (&deep, "within each other")] {
        let answer = open.post("/api/results", sent).await;
        assert!(answer.status == 422 && answer.body.contains(why), "{answer:?}");
    }
    large["facts"] = json!({ "text": "x".repeat(59_000) });
    deep["facts"] = (0..31).fold(json!({}), |inner, _| json!({ "in": inner }));
    let both = open.post("/api/results", &json!([large, deep])).await;
    assert_eq!(both.status, 201, "{both:?}");
    open.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn results_are_read_as_they_are_asked_for() {
    let open = Open::new().await;
    let mut sent = vec![little("one"), little("two"), little("three")];
    sent[1]["verdict"] = json!("failed");
    sent[1]["target"] = json!("nas.example.org");
    open.post("/api/results", &json!(sent)).await;
    let names = |answer: &Value| -> Vec<String> {
        let rows = answer["rows"].as_array().unwrap().iter();
        rows.map(|r| r["probe_name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(open.get("/api/results").await.json()["total"], 3);
    let failed = open.get("/api/results?verdict=failed").await.json();
    assert_eq!(names(&failed), ["two"]);
    assert_eq!(
        names(&open.get("/api/results?target=nas.example.org&limit=5").await.json()),
        ["two"]
    );
    assert_eq!(names(&open.get("/api/results?search=THREE").await.json()), ["three"]);
    let page = open.get("/api/results?limit=1&offset=1").await.json();
    assert_eq!((names(&page).len(), &page["total"]), (1, &json!(3)));
    assert_eq!(open.get("/api/results?verdict=perhaps").await.status, 422);
    assert_eq!(open.get("/api/results?limit=-1").await.status, 422);
    let none = open.get("/api/incidents?open=true").await;
    assert_eq!((none.status, none.json()), (200, json!({ "rows": [], "total": 0 })));
    assert_eq!(open.get("/api/incidents/none").await.status, 404);
    let row: ProbeResult = serde_json::from_value(failed["rows"][0].clone()).unwrap();
    assert_eq!(row.verdict, Verdict::Failed);
    open.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_door_is_closed_until_it_is_opened_and_stays_as_it_was_left() {
    let mut open = Open::new().await;
    let port = own_port();
    // Opened at a stated port, it is there again after the program began anew; only `begin` opens it.
    let mut settings = anywhere();
    settings.port = port;
    assert_eq!(open.engine.save_http(settings.clone()).await.unwrap().problem, None);
    open.at.set_port(port);
    assert_eq!(open.get("/api/status").await.status, 200);
    open.engine.close().await;
    assert!(std::net::TcpStream::connect(open.at).is_err(), "closed with the engine");
    let engine = Engine::open(open.folder()).await.unwrap();
    let now = engine.http().await.unwrap();
    assert_eq!((now.settings.on, now.url, now.tokens.len()), (true, None, 1));
    assert!(now.tokens[0].used.is_some(), "it was noted that the token was used");
    engine.begin();
    for _ in 0..6_000 {
        if engine.http().await.unwrap().url.is_some() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(open.get("/api/status").await.status, 200, "the token is still let in");
    settings.on = false;
    assert_eq!(engine.save_http(settings).await.unwrap().url, None);
    assert!(std::net::TcpStream::connect(open.at).is_err());
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_taken_is_told_and_taken_over_when_it_is_free() {
    let mut settings = anywhere();
    settings.port = own_port();
    let taken = std::net::TcpListener::bind(("127.0.0.1", settings.port)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    let now = engine.save_http(settings).await.unwrap();
    assert_eq!(now.url, None);
    assert!(now.problem.is_some_and(|p| p.contains("cannot be listened on")));
    drop(taken);
    let mut changes = engine.changes();
    while engine.http().await.unwrap().url.is_none() {
        changes.changed().await.unwrap();
    }
    assert_eq!(engine.http().await.unwrap().problem, None);
    engine.close().await;
}

#[tokio::test]
async fn wrong_settings_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    for address in ["", "localhost", "8.8.8.8", "127.0.0.1:80", "example.org"] {
        let mut settings = anywhere();
        settings.address = address.to_owned();
        assert!(engine.save_http(settings).await.is_err(), "{address}");
    }
    let long = "x".repeat(65);
    for name in ["", "  ", "two\nlines", long.as_str()] {
        assert!(
            matches!(engine.add_http_token(name).await, Err(EngineError::InvalidInput(_))),
            "{name}"
        );
    }
    let token = engine.add_http_token(" one ").await.unwrap();
    assert!(engine.add_http_token("one").await.is_err(), "the name is taken");
    let shown = format!("{:?}", engine.http().await.unwrap());
    assert!(
        shown.contains("one") && !shown.contains(&token),
        "the token is shown once"
    );
    let disk = std::fs::read(folder.path().join("telltale.sqlite")).unwrap();
    let journal = std::fs::read(folder.path().join("telltale.sqlite-wal")).unwrap_or_default();
    let holds = |octets: &[u8]| octets.windows(token.len()).any(|w| w == token.as_bytes());
    assert!(!holds(&disk) && !holds(&journal), "the token itself is on the disk");
    engine.remove_http_token("one").await.unwrap();
    assert!(engine.remove_http_token("one").await.is_err());
    engine.close().await;
}
