//! Topics: what the correlator publishes, who may read it, and what is caught up after an absence.

use super::{DOMAIN, Options, Prosody, Seat, jid, server, until};

const RESULTS: &str = "telltale/results";

#[tokio::test(flavor = "multi_thread")]
async fn results_are_published_and_caught_up_after_an_absence() {
    let Some(server) = server(&["corr", "reader"]) else {
        return;
    };
    let service = format!("pubsub.{DOMAIN}");
    let corr = Seat::join(&server, "corr", "correlator", &["store"]).await;
    let reader = Seat::join(&server, "reader", "observer", &[]).await;
    corr.sees("reader").await;
    until("the topic is there", || async {
        corr.engine
            .topics()
            .await
            .expect("topics")
            .iter()
            .any(|t| t.node == RESULTS && t.publishes)
    })
    .await;
    until("it may be followed", || async {
        reader.engine.follow_topic(&service, RESULTS, true).await.is_ok()
    })
    .await;
    let first = corr.find().await;
    let items = || async {
        let items = reader.engine.topic_items(&service, RESULTS).await.expect("items");
        let mut ids: Vec<_> = items.into_iter().map(|i| i.id).collect();
        ids.sort();
        ids
    };
    until("the first came", || async { items().await == [first.clone()] }).await;

    reader.engine.mesh_leave().await.expect("away");
    let mut wanted = vec![first, corr.find().await, corr.find().await];
    wanted.sort();
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let account = super::account(&server, "reader", "observer", &[]);
    reader
        .engine
        .mesh_join(account, None)
        .await
        .expect("with the stored password");
    until("the others are caught up", || async { items().await == wanted }).await;
    let topic = reader
        .engine
        .topics()
        .await
        .expect("topics")
        .into_iter()
        .find(|t| t.node == RESULTS);
    let topic = topic.expect("it is listed");
    assert!(topic.followed && !topic.publishes && topic.items == 3, "{topic:?}");

    reader
        .engine
        .follow_topic(&service, RESULTS, false)
        .await
        .expect("no more");
    assert!(
        reader
            .engine
            .follow_topic(&service, "telltale/nothing", true)
            .await
            .is_err()
    );
    reader.engine.close().await;
    corr.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_reads_no_topic() {
    let mut options = Options::users(&["corr", "stranger"]);
    options.admins = vec![jid("corr")];
    let Some(server) = Prosody::start(&options) else { return };
    let corr = Seat::join(&server, "corr", "correlator", &["store"]).await;
    let stranger = Seat::join(&server, "stranger", "observer", &[]).await;
    until("the topic is there", || async {
        corr.engine
            .topics()
            .await
            .expect("topics")
            .iter()
            .any(|t| t.node == RESULTS && t.publishes)
    })
    .await;
    corr.find().await;
    let service = format!("pubsub.{DOMAIN}");
    assert!(stranger.engine.follow_topic(&service, RESULTS, true).await.is_err());
    assert!(stranger.engine.topic_items(&service, RESULTS).await.is_err());
    stranger.engine.close().await;
    corr.engine.close().await;
}
