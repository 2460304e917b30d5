//! Pandore's sniffer routes over the engine's own live audits.

use crate::ask::Open;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn the_configuration_is_merged_kept_and_gives_no_password_back() {
    let open = Open::new().await;
    let first = open.get("/api/configuration").await.json();
    assert_eq!(first["capture"]["capture_duration"], "600");
    let sent = json!({
        "network": { "AUDITED_INTERFACE": "lo", "custom_filter": "tcp" },
        "database": { "db_user": "pandore", "DB_PASSWORD": "the-secret" },
        "capture": { "capture_name": "Phone of a friend", "capture_duration": 5 },
    });
    let answer = open.post("/api/configuration", &sent).await;
    assert_eq!(answer.status, 200);
    let kept = open.get("/api/configuration").await;
    assert_eq!(kept.json(), answer.json());
    assert_eq!(kept.json()["network"]["audited_interface"], "lo");
    assert_eq!(kept.json()["capture"]["capture_duration"], "5");
    assert_eq!(
        kept.json()["capture"]["capture_cnx_type"],
        "WiFi",
        "what was left out stayed"
    );
    assert!(
        !kept.body.contains("the-secret") && !kept.body.contains("\"pandore\""),
        "{}",
        kept.body
    );
    assert_eq!(open.post("/api/configuration", &json!([])).await.status, 422);
    open.engine.close().await;
    let disk = std::fs::read(open.folder().join("telltale.sqlite")).unwrap();
    assert!(!disk.windows(10).any(|w| w == b"the-secret"), "it is not kept either");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_started_is_told_and_nothing_runs() {
    let open = Open::new().await;
    assert_eq!(open.get("/api/status").await.json(), json!("0 running and 0 stopped"));
    let sent = json!({ "network": { "audited_interface": "no-such-device" } });
    open.post("/api/configuration", &sent).await;
    let answer = open.post("/api/start", &json!({})).await;
    assert_eq!(answer.status, 422, "{answer:?}");
    assert!(answer.body.contains("no-such-device"));
    let sent = json!({ "network": { "audited_interface": "lo", "custom_filter": "no filter" } });
    open.post("/api/configuration", &sent).await;
    assert_eq!(open.post("/api/start", &json!({})).await.status, 422);
    let sent = json!({ "capture": { "capture_duration": "soon" } });
    open.post("/api/configuration", &sent).await;
    assert_eq!(open.post("/api/start", &json!({})).await.status, 422);
    for body in [
        None,
        Some(json!({ "CaptureID": "109" })),
        Some(json!({ "CaptureID": 1 })),
        Some(json!({})),
    ] {
        let answer = open.ask("POST", "/api/stop", body.as_ref()).await;
        assert_eq!((answer.status, answer.json()), (200, json!("Stop KO")), "{body:?}");
    }
    assert_eq!(open.get("/api/status").await.json(), json!("0 running and 0 stopped"));
    open.engine.close().await;
}
