//! Pandore's sniffer routes over the engine's own live audits.

use crate::ask::Open;
use serde_json::json;
use std::os::unix::fs::MetadataExt;
use std::process::Command;
use std::time::{Duration, Instant};

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

/// The capture program, built if it is not there, and whether it may capture here.
fn may_capture() -> bool {
    let built = Command::new(env!("CARGO"))
        .args(["build", "-q", "-p", "telltale-capture", "--bin", "telltale-capd"])
        .status();
    assert!(built.is_ok_and(|s| s.success()), "the capture program is built");
    let root = std::fs::metadata("/proc/self").is_ok_and(|m| m.uid() == 0);
    let machine = std::env::var_os("CI").is_some_and(|v| v == "true");
    assert!(
        root || !machine,
        "cannot be tested: only root captures without being asked"
    );
    if !root {
        eprintln!("skipped: only root captures without being asked");
    }
    root
}

#[tokio::test(flavor = "multi_thread")]
async fn captures_are_started_counted_and_stopped() {
    if !may_capture() {
        return;
    }
    let open = Open::new().await;
    let sent = json!({ "network": { "audited_interface": "lo", "custom_filter": "port 9" }, "capture": { "capture_name": "Phone" } });
    open.post("/api/configuration", &sent).await;
    let mut started = Vec::new();
    for _ in 0..4 {
        let answer = open.ask("POST", "/api/start", None).await;
        assert_eq!((answer.status, answer.json()), (200, json!("Start OK")), "{answer:?}");
        started.push(answer.header("telltale-audit").expect("its number").to_owned());
    }
    assert_eq!(open.get("/api/status").await.json(), json!("4 running and 0 stopped"));
    let fifth = open.ask("POST", "/api/start", None).await;
    assert_eq!((fifth.status, fifth.error().as_str()), (409, "busy"));
    let card = &open.engine.cards().await.unwrap()[0];
    assert_eq!((card.name.as_str(), card.live_source.as_deref()), ("Phone", Some("lo")));
    let which = open.ask("POST", "/api/stop", None).await;
    assert_eq!(which.json(), json!("Stop KO"), "several run: which?");
    for id in &started[1..] {
        let stopped = open.post("/api/stop", &json!({ "CaptureID": id })).await;
        assert_eq!(stopped.json(), json!("Stop OK"));
    }
    let status = async |wanted: &str| {
        let began = Instant::now();
        while open.get("/api/status").await.json() != json!(wanted) {
            assert!(began.elapsed() < Duration::from_mins(1), "{wanted}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    status("1 running and 3 stopped").await;
    assert_eq!(
        open.ask("POST", "/api/stop", None).await.json(),
        json!("Stop OK"),
        "the only one"
    );
    status("0 running and 4 stopped").await;
    open.engine.close().await;
}
