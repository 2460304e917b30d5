//! What members say that is not so, or too much: it is shown as what it is, and keeps nobody else waiting.

use super::{Seat, hub, jid, result, until};
use crate::mesh::report::draft;
use serde_json::{Value, json};
use telltale_core::model::{Delivery, ResultVia};
use telltale_mesh::Destination;
use telltale_mesh::message::{CONTROL, RESULT};

async fn says(from: &Seat, performative: &str, ontology: &str, body: Value) {
    let joined = from.engine.inner.mesh.joined().expect("it joined");
    let to = Destination::Agent(jid("corr"));
    let said = draft(performative, ontology, "th-1", body);
    from.engine.tell(&joined, vec![(said, to)]).await.expect("on its way");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_carried_a_result_out_is_who_sent_it_and_nonsense_holds_nothing_up() {
    let hub = hub(&["probe", "corr"]);
    let corr = Seat::join(&hub, "corr", "correlator", &["store"]).await;
    let probe = Seat::join(&hub, "probe", "probe", &[]).await;
    let mut lie = result("11111111-8b86-4d01-b42d-00cf4fc964ff");
    lie.agent = jid("corr");
    says(&probe, "inform", RESULT, json!(lie)).await;
    let mut long = result("22222222-8b86-4d01-b42d-00cf4fc964ff");
    long.summary = "x".repeat(10_000);
    let mut no_id = result("33333333-8b86-4d01-b42d-00cf4fc964ff");
    no_id.id = "../../x".to_owned();
    for nonsense in [
        json!("x"),
        json!({ "id": 5 }),
        json!([long]),
        json!([no_id]),
        Value::Null,
    ] {
        says(&probe, "inform", RESULT, nonsense).await;
    }
    says(&probe, "refuse", CONTROL, json!({ "reason": "I was never asked" })).await;
    let found = probe.find().await;
    until("what is true is there", || async { corr.ids().await.contains(&found) }).await;
    probe.settled().await;
    let kept = corr.engine.result(&lie.id).await.expect("asked").expect("it is there");
    assert_eq!((kept.agent, kept.via), (jid("probe"), ResultVia::Mesh));
    assert_eq!(corr.ids().await.len(), 2);
    let problems = corr
        .messages()
        .await
        .into_iter()
        .filter(|m| m.problem.is_some())
        .count();
    assert_eq!(problems, 5, "each is shown with what is wrong with it");
    probe.engine.close().await;
    corr.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_damaged_result_takes_no_other_of_its_message_with_it() {
    let hub = hub(&["probe", "corr"]);
    let corr = Seat::join(&hub, "corr", "correlator", &["store"]).await;
    let probe = Seat::join(&hub, "probe", "probe", &[]).await;
    let first = result("44444444-8b86-4d01-b42d-00cf4fc964ff");
    let last = result("55555555-8b86-4d01-b42d-00cf4fc964ff");
    let mut damaged = result("66666666-8b86-4d01-b42d-00cf4fc964ff");
    damaged.target = "x".repeat(10_000);
    says(&probe, "inform", RESULT, json!([first, damaged, last])).await;
    until("the others are there", || async {
        corr.ids().await == [first.id.clone(), last.id.clone()]
    })
    .await;
    until("it is shown", || async {
        let shown = corr.messages().await;
        shown
            .iter()
            .any(|m| m.problem.as_deref().is_some_and(|p| p.starts_with("1 of 3")))
    })
    .await;
    probe.engine.close().await;
    corr.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_shown_of_messages_has_a_limit() {
    let hub = hub(&["probe", "corr"]);
    let corr = Seat::join(&hub, "corr", "correlator", &["store"]).await;
    let probe = Seat::join(&hub, "probe", "probe", &[]).await;
    says(&probe, "inform", "other/1", json!({ "text": "the last" })).await;
    probe.settled().await;
    let store = &corr.engine.inner.store;
    let first = corr.messages().await.remove(0);
    assert_eq!(first.delivery, Delivery::Received);
    let large: Vec<_> = (0..1_100)
        .map(|n| telltale_core::model::MeshMessage {
            id: format!("{n}"),
            body: "y".repeat(64_000),
            ..first.clone()
        })
        .collect();
    store.take_in(&large, Vec::new()).await.expect("written");
    store.limit_messages().await.expect("looked at");
    let query = telltale_core::model::MessageQuery {
        peer: Some(jid("probe")),
        search: "YYY".to_owned(),
        limit: 1,
        ..telltale_core::model::MessageQuery::default()
    };
    let page = corr.engine.messages(&query).await.expect("a page");
    assert_eq!(page.rows[0].id, "1099", "the newest stay");
    assert!((950..=1_000).contains(&page.total), "64 MB of them: {}", page.total);
    probe.engine.close().await;
    corr.engine.close().await;
}
