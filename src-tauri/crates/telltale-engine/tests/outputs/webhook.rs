//! Webhooks.

use crate::far_side::{FarSide, nobody};
use crate::{engine, output, result, until};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use telltale_core::model::{OutputTo, OutputWhat, Verdict};
use telltale_engine::{Engine, EngineError};

const FINE: &str = "204 No Content";

#[tokio::test(flavor = "multi_thread")]
async fn each_result_is_sent_once_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(folder.path()).await;
    engine.take_result(&result(0)).await.unwrap();
    let far = FarSide::new(|_| Some(FINE));
    let saved = engine.save_output(output(far.webhook())).await.unwrap();
    for n in 1..=250 {
        engine.take_result(&result(n)).await.unwrap();
    }
    engine.take_result(&result(250)).await.unwrap();
    let now = until(&engine, &saved.id, "all sent", |o| o.sent == 250 && o.waiting == 0).await;
    assert_eq!((now.given_up, now.problem, now.next), (0, None, None));
    let came = far.came();
    let numbers: Vec<_> = came.iter().map(crate::far_side::Came::n).collect();
    assert_eq!(
        numbers,
        (1..=250).collect::<Vec<_>>(),
        "what came before it was saved is not for it"
    );
    let first = &came[0];
    assert!(
        first.head.starts_with("POST /hook?for=telltale HTTP/1.1"),
        "{}",
        first.head
    );
    assert_eq!(first.header("content-type"), "application/json");
    assert_eq!(first.header("host"), far.at.to_string());
    assert_eq!(first.header("telltale-kind"), "result");
    assert_eq!(first.header("telltale-delivery"), first.body["id"].as_str().unwrap());
    assert_eq!(
        (&first.body["format"], &first.body["kind"]),
        (&"telltale/1".into(), &"result".into())
    );
    let ids: BTreeSet<_> = came.iter().map(|c| c.header("telltale-delivery")).collect();
    assert_eq!(ids.len(), 250);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_server_holds_nobody_up_and_gets_all_of_it_later() {
    let folder = tempfile::tempdir().unwrap();
    let first = engine(folder.path()).await;
    let (nobody, at) = nobody();
    let url = format!("http://{at}/");
    let saved = first.save_output(output(OutputTo::Webhook { url })).await.unwrap();
    let began = Instant::now();
    for n in 0..100 {
        first.take_result(&result(n)).await.unwrap();
    }
    assert!(began.elapsed() < Duration::from_secs(25), "the engine went on");
    let now = until(&first, &saved.id, "a problem", |o| o.waiting == 100 && o.next.is_some()).await;
    assert!(now.problem.is_some_and(|p| p.contains("cannot be reached")));
    // The program ends, and begins anew: what waited waits still.
    first.close().await;
    let far = FarSide::at(nobody, |_| Some(FINE));
    let second = engine(folder.path()).await;
    let now = until(&second, &saved.id, "all sent", |o| o.waiting == 0).await;
    assert_eq!((now.sent, now.given_up, now.problem), (100, 0, None));
    let numbers: Vec<_> = far.came().iter().map(crate::far_side::Came::n).collect();
    assert_eq!(numbers, (0..100).collect::<Vec<_>>());
    second.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_is_tried_again_as_the_same_and_what_is_refused_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(folder.path()).await;
    let far =
        FarSide::new(|n| Some(["500 No", FINE, "422 Wrong", "302 Found\r\nLocation: /elsewhere", FINE][n.min(4)]));
    let saved = engine.save_output(output(far.webhook())).await.unwrap();
    for n in 0..3 {
        engine.take_result(&result(n)).await.unwrap();
    }
    let now = until(&engine, &saved.id, "the end", |o| {
        o.waiting == 0 && o.sent + o.given_up == 3
    })
    .await;
    assert_eq!((now.sent, now.given_up), (2, 1));
    let came = far.came();
    let numbers: Vec<_> = came.iter().map(crate::far_side::Came::n).collect();
    assert_eq!(
        numbers,
        [0, 0, 1, 2, 2],
        "a redirect is not followed; it is tried again"
    );
    assert_eq!(came[0].header("telltale-delivery"), came[1].header("telltale-delivery"));
    assert!(came.iter().all(|c| c.head.starts_with("POST /hook?for=telltale ")));
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_never_answers_holds_up_neither_the_others_nor_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(folder.path()).await;
    let (mute, good) = (FarSide::new(|_| None), FarSide::new(|_| Some(FINE)));
    let silent = engine.save_output(output(mute.webhook())).await.unwrap();
    let other = engine.save_output(output(good.webhook())).await.unwrap();
    for n in 0..20 {
        engine.take_result(&result(n)).await.unwrap();
    }
    until(&engine, &other.id, "all sent", |o| o.sent == 20).await;
    let now = until(&engine, &silent.id, "all waiting", |o| o.waiting == 20).await;
    assert_eq!(now.sent, 0);
    let began = Instant::now();
    engine.remove_output(&silent.id).await.unwrap();
    engine.close().await;
    // Its request may take half a minute.
    assert!(began.elapsed() < Duration::from_secs(25));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_off_sends_nothing_and_changes_count_from_now_on() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(folder.path()).await;
    let far = FarSide::new(|_| Some(FINE));
    let mut saved = engine.save_output(output(far.webhook())).await.unwrap();
    engine.take_result(&result(0)).await.unwrap();
    until(&engine, &saved.id, "the first", |o| o.sent == 1).await;
    saved.enabled = false;
    engine.save_output(saved.clone()).await.unwrap();
    engine.take_result(&result(1)).await.unwrap();
    saved.enabled = true;
    engine.save_output(saved.clone()).await.unwrap();
    engine.take_result(&result(2)).await.unwrap();
    until(&engine, &saved.id, "the last", |o| o.sent == 2).await;
    saved.what = OutputWhat::Incidents;
    engine.save_output(saved.clone()).await.unwrap();
    engine.take_result(&result(3)).await.unwrap();
    saved.what = OutputWhat::Both;
    engine.save_output(saved.clone()).await.unwrap();
    engine.take_result(&result(4)).await.unwrap();
    until(&engine, &saved.id, "both", |o| o.sent == 3).await;
    let numbers: Vec<_> = far.came().iter().map(crate::far_side::Came::n).collect();
    assert_eq!(numbers, [0, 2, 4]);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_of_an_incident_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(folder.path()).await;
    let far = FarSide::new(|_| Some(FINE));
    let mut wanted = output(far.webhook());
    wanted.what = OutputWhat::Incidents;
    let saved = engine.save_output(wanted).await.unwrap();
    let rule = serde_json::json!({
        "id": "", "revision": 0, "name": "It fails", "enabled": true, "of": {}, "per": ["target"],
        "when": { "kind": "agree", "k": 1, "of": 0, "within_s": 600, "verdicts": ["failed"] }, "calm_s": 0
    });
    engine.save_rule(serde_json::from_value(rule).unwrap()).await.unwrap();
    for (n, verdict) in [(1, Verdict::Failed), (2, Verdict::Expected)] {
        let mut one = result(n);
        let at = telltale_engine::now();
        (one.verdict, one.due, one.started, one.ended) = (verdict, at, at, at);
        engine.take_result(&one).await.unwrap();
        until(&engine, &saved.id, "sent", |o| o.sent == n).await;
    }
    let came = far.came();
    let states: Vec<_> = came.iter().map(|c| c.body["incident"]["state"].clone()).collect();
    assert_eq!(states, ["open", "closed"]);
    assert!(came.iter().all(|c| c.header("telltale-kind") == "incident"));
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_says_what_it_is_and_why_it_failed() {
    let folder = tempfile::tempdir().unwrap();
    // Also where nothing was begun: a person may try it.
    let engine = Engine::open(folder.path()).await.unwrap();
    let far = FarSide::new(|n| Some(if n == 0 { FINE } else { "401 No" }));
    let saved = engine.save_output(output(far.webhook())).await.unwrap();
    engine.try_output(&saved.id).await.unwrap();
    let came = far.came();
    assert_eq!(
        (&came[0].body["kind"], &came[0].body["trial"]["output"]),
        (&"trial".into(), &"an output".into())
    );
    let refused = engine.try_output(&saved.id).await;
    assert!(matches!(refused, Err(EngineError::Output(why)) if why.contains("401")));
    engine.take_result(&result(0)).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(
        far.came().len(),
        2,
        "nothing is sent before the engine is told to begin"
    );
    engine.remove_output(&saved.id).await.unwrap();
    assert!(engine.try_output(&saved.id).await.is_err());
    assert!(engine.remove_output(&saved.id).await.is_err());
    engine.close().await;
}

#[tokio::test]
async fn wrong_outputs_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    let webhook = |url: &str| OutputTo::Webhook { url: url.to_owned() };
    let path = |path: &str| OutputTo::Folder { path: path.to_owned() };
    for to in [
        webhook("http://example.org/"),
        webhook("ftp://example.org/"),
        webhook(""),
        path("here"),
        path(""),
    ] {
        let refused = engine.save_output(output(to.clone())).await;
        assert!(matches!(refused, Err(EngineError::InvalidInput(_))), "{to:?}");
    }
    let mut one = output(webhook("https://example.org/hook"));
    one.name = "\n".to_owned();
    assert!(engine.save_output(one.clone()).await.is_err());
    one.name = "one".to_owned();
    one.id = "no such".to_owned();
    assert!(
        engine.save_output(one.clone()).await.is_err(),
        "one that is gone is not made anew"
    );
    one.id.clear();
    for _ in 0..32 {
        engine.save_output(one.clone()).await.unwrap();
    }
    assert!(engine.save_output(one).await.is_err());
    engine.close().await;
}
