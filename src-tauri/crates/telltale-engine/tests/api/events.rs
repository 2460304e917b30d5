//! Followers get what comes, and what came while they were away.

use crate::ask::{Follower, Open};
use crate::results::little;
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// Waited for at most: another computer may be slow.
const LONG: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_gets_what_comes_and_after_an_absence_what_it_missed() {
    let open = Open::new().await;
    open.post("/api/results", &little("before")).await;
    let (at, token) = (open.at, open.token.clone());
    let follow = move |last: Option<String>, n: usize| {
        let token = token.clone();
        let (begins, begun) = oneshot::channel();
        let events = tokio::task::spawn_blocking(move || {
            let mut follower = Follower::new(at, &token, "", last.as_deref());
            assert_eq!(follower.status, 200);
            let mut events = vec![follower.next().expect("the begin")];
            begins.send(()).expect("somebody waits");
            events.extend((1..n).map(|_| follower.next().expect("an event")));
            events
        });
        (begun, events)
    };
    let (begun, first) = follow(None, 3);
    // What comes before it follows is not for it; so it is waited for.
    begun.await.unwrap();
    for name in ["one", "two"] {
        open.post("/api/results", &little(name)).await;
    }
    let first = first.await.unwrap();
    assert_eq!((first[0].name.as_str(), first[0].id.as_str()), ("begin", "1.0"));
    let names: Vec<_> = first[1..].iter().map(|e| e.json()["probe_name"].clone()).collect();
    assert_eq!(names, ["one", "two"]);
    assert_eq!(first[1].name, "result");
    // Away: 200 come. Back with the last id: each of them once, in order.
    let missed: Vec<_> = (0..200).map(|n| little(&format!("missed {n}"))).collect();
    open.post("/api/results", &json!(missed)).await;
    let (_begun, back) = follow(Some(first[2].id.clone()), 201);
    let back = back.await.unwrap();
    let names: Vec<_> = back[1..]
        .iter()
        .map(|e| e.json()["probe_name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, (0..200).map(|n| format!("missed {n}")).collect::<Vec<_>>());
    // One that followed a store that is no longer this one gets what comes from now on.
    let (begun, elsewhere) = follow(Some("9000.9000".to_owned()), 2);
    begun.await.unwrap();
    open.post("/api/results", &little("new")).await;
    let new = &elsewhere.await.unwrap()[1];
    assert_eq!(
        (new.json()["probe_name"].as_str(), new.id.as_str()),
        (Some("new"), "204.0")
    );
    open.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn incidents_are_followed_and_read() {
    let open = Open::new().await;
    let rule = json!({
        "id": "", "revision": 0, "name": "Backup fails", "enabled": true, "of": {}, "per": ["target"],
        "when": { "kind": "agree", "k": 1, "of": 0, "within_s": 600, "verdicts": ["failed"] }, "calm_s": 0
    });
    open.engine
        .save_rule(serde_json::from_value(rule).unwrap())
        .await
        .unwrap();
    let (at, token) = (open.at, open.token.clone());
    let follows = tokio::task::spawn_blocking(move || {
        let mut follower = Follower::new(at, &token, "?what=incidents&after=0.0", None);
        (0..3).map(|_| follower.next().expect("an event")).collect::<Vec<_>>()
    });
    for (verdict, open_now) in [("failed", 1), ("expected", 0)] {
        let mut sent = little("Backup");
        sent["target"] = json!("nas.example.org");
        sent["verdict"] = json!(verdict);
        assert_eq!(open.post("/api/results", &sent).await.status, 201);
        // Each is correlated before the next comes.
        let began = Instant::now();
        while open.get("/api/incidents?open=true").await.json()["total"] != open_now {
            assert!(began.elapsed() < LONG);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    let events = follows.await.unwrap();
    let states: Vec<_> = events[1..]
        .iter()
        .map(|e| (e.name.as_str(), e.json()["state"].clone()))
        .collect();
    assert_eq!(states, [("incident", json!("open")), ("incident", json!("closed"))]);
    assert_eq!(events[2].id, "0.2", "results are not for it");
    let id = events[1].json()["id"].as_str().unwrap().to_owned();
    let read = open.get(&format!("/api/incidents/{id}")).await.json();
    assert_eq!(
        (&read["state"], &read["rule_name"]),
        (&json!("closed"), &json!("Backup fails"))
    );
    assert_eq!(open.get("/api/incidents").await.json()["total"], 1);
    assert_eq!(open.get("/api/incidents?open=true").await.json()["total"], 0);
    open.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_ends_with_its_token_and_with_the_door() {
    let open = Open::new().await;
    let other = open.engine.add_http_token("other").await.unwrap();
    let ends = Arc::new(Mutex::new(Vec::new()));
    let (tell, mut ready) = mpsc::unbounded_channel();
    let followers = [("lab", open.token.clone()), ("other", other)].map(|(name, token)| {
        let (at, ends, tell) = (open.at, Arc::clone(&ends), tell.clone());
        tokio::task::spawn_blocking(move || {
            let mut follower = Follower::new(at, &token, "?what=results", None);
            assert_eq!(follower.next().expect("the begin").name, "begin");
            tell.send(()).expect("somebody waits");
            assert_eq!(follower.next(), None);
            ends.lock().unwrap().push(name);
        })
    });
    for _ in &followers {
        ready.recv().await.unwrap();
    }
    open.engine.remove_http_token("other").await.unwrap();
    let began = Instant::now();
    while ends.lock().unwrap().is_empty() {
        assert!(began.elapsed() < LONG);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(*ends.lock().unwrap(), ["other"]);
    open.engine.close().await;
    for follower in followers {
        follower.await.unwrap();
    }
    assert_eq!(*ends.lock().unwrap(), ["other", "lab"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn followers_leave_room_for_reports() {
    let open = Open::new().await;
    let (at, token) = (open.at, open.token.clone());
    assert_eq!(open.get("/api/events?after=nonsense").await.status, 422);
    assert_eq!(open.get("/api/events?what=everything").await.status, 422);
    let many = tokio::task::spawn_blocking(move || {
        let followers: Vec<_> = (0..33).map(|_| Follower::new(at, &token, "", None)).collect();
        let refused = followers.iter().filter(|f| f.status == 503).count();
        (followers, refused)
    });
    let (followers, refused) = many.await.unwrap();
    assert_eq!(refused, 1);
    assert_eq!(open.post("/api/results", &little("x")).await.status, 201);
    drop(followers);
    open.engine.close().await;
}
