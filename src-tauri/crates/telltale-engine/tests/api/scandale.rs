//! Scandale's clients get what Scandale gives them.

use crate::ask::{Open, ask, basic};
use serde_json::{Value, json};
use telltale_core::model::{ResultQuery, ResultVia, Timestamp};

fn item(n: u32) -> Value {
    json!({
        "version": "1", "format": "nmap",
        "meta": { "uuid": format!("00000000-0000-4000-8000-{n:012}"), "ts": 1_700_000_000 + n, "type": "scan" },
        "payload": { "raw": format!("cmF3IG{n:02}=") }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_comes_back_as_it_was_sent() {
    let open = Open::new().await;
    let auth = basic("admin", &open.token);
    let mut sent = item(1);
    let answer = ask(
        open.at,
        "POST",
        "/items/",
        &[&auth, "Content-Type: application/json"],
        sent.to_string().as_bytes(),
    )
    .await;
    assert_eq!(
        (answer.status, answer.json()),
        (200, json!({ "scan_data": sent })),
        "{answer:?}"
    );
    assert_eq!(answer.header("location"), Some("/items/1"));
    sent["meta"]["source"] = json!("probe1@example.org");
    assert_eq!(
        open.post("/items/", &sent).await.json()["scan_data"],
        sent,
        "the source is kept"
    );
    assert_eq!(open.get("/items/2").await.json(), json!({ "scan_data": sent }));
    assert_eq!(
        open.get("/items/1").await.json()["scan_data"]["meta"]["source"],
        Value::Null
    );
    for none in ["/items/3", "/items/0", "/items/x", "/items/-1"] {
        let answer = open.get(none).await;
        assert_eq!(
            (answer.status, &answer.json()["detail"]),
            (404, &json!("Item not found")),
            "{none}"
        );
    }
    let stats = open.get("/system/stats/").await.json();
    assert_eq!(stats["dbsize"], json!({ "scans": 2, "tst": 0 }));
    assert_eq!(open.get("/system/info/").await.json()["software"], "Telltale");
    open.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_is_a_result_and_counts_once() {
    let open = Open::new().await;
    for _ in 0..3 {
        let answer = open.post("/items/", &item(7)).await;
        assert_eq!(answer.header("location"), Some("/items/1"));
    }
    let page = open
        .engine
        .results(&ResultQuery {
            limit: 9,
            ..ResultQuery::default()
        })
        .await
        .unwrap();
    assert_eq!(page.total, 1);
    let result = &page.rows[0];
    assert_eq!(
        (result.kind.as_str(), result.agent.as_str(), result.via),
        ("scan", "http:lab", ResultVia::Http)
    );
    assert_eq!(result.ended, Timestamp(1_700_000_007_000_000_000));
    let mut changed = item(7);
    changed["payload"]["raw"] = json!("b3RoZXI=");
    assert_eq!(
        open.post("/items/", &changed).await.header("location"),
        Some("/items/2"),
        "the same uuid, another payload"
    );
    assert_eq!(open.engine.results(&ResultQuery::default()).await.unwrap().total, 2);
    open.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn items_are_listed_by_pages_and_found_by_their_payload() {
    let open = Open::new().await;
    for n in 0..12 {
        assert_eq!(open.post("/items/", &item(n)).await.status, 200);
    }
    let list = |answer: Value| -> Vec<u64> {
        let times = answer.as_array().unwrap().iter();
        times
            .map(|i| i["scan_data"]["meta"]["ts"].as_u64().unwrap() - 1_700_000_000)
            .collect()
    };
    assert_eq!(list(open.get("/items/").await.json()), (0..12).collect::<Vec<_>>());
    let page = open.get("/items/?skip=5&limit=3").await;
    assert_eq!(page.header("telltale-next"), Some("8"));
    assert_eq!(list(page.json()), [5, 6, 7]);
    assert_eq!(list(open.get("/items/?q=cmF3IG04%3D").await.json()), [4]);
    assert_eq!(open.get("/items/?q=nothing").await.json(), json!([]));
    assert_eq!(open.get("/items/?skip=100").await.json(), json!([]));
    assert_eq!(open.get("/items/?limit=x").await.status, 422);
    // A page of large items ends early and says where the next begins.
    for n in 20..26 {
        let mut large = item(n);
        large["payload"]["raw"] = json!("x".repeat(900_000));
        assert_eq!(open.post("/items/", &large).await.status, 200);
    }
    let page = open.get("/items/?skip=12").await;
    assert_eq!(list(page.json()).len(), 5);
    assert_eq!(page.header("telltale-next"), Some("17"));
    open.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_item_is_refused() {
    let open = Open::new().await;
    for path in ["version", "format", "meta", "payload"] {
        let mut wrong = item(1);
        wrong.as_object_mut().unwrap().remove(path);
        let answer = open.post("/items/", &wrong).await;
        assert!(answer.status == 422 && answer.body.contains(path), "{answer:?}");
    }
    let mut wrong = item(1);
    wrong["meta"]["ts"] = json!("now");
    assert_eq!(open.post("/items/", &wrong).await.status, 422);
    wrong["meta"]["ts"] = json!(1);
    wrong["meta"]["type"] = json!("x".repeat(201));
    assert_eq!(open.post("/items/", &wrong).await.status, 422);
    assert_eq!(open.get("/items/").await.json(), json!([]));
    open.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_proofs_it_is_said_that_there_are_none() {
    let open = Open::new().await;
    assert_eq!(open.get("/TimeStampTokens/").await.json(), json!("[]"));
    for path in ["", "token/", "check/", "get_timestamp/"] {
        let answer = open
            .get(&format!("/TimeStampTokens/{path}00000000-0000-4000-8000-000000000001"))
            .await;
        assert_eq!(
            (answer.status, &answer.json()["detail"]),
            (404, &json!("TimeStampToken not found"))
        );
    }
    assert_eq!(open.post("/TimeStampTokens/", &json!({})).await.status, 501);
    open.engine.close().await;
}
