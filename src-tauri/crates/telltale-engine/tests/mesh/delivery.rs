//! Results reach who keeps them: once each, whoever leaves, restarts or is killed.

use super::{PATIENCE, Seat, found, jid, open, server, until};
use std::time::Duration;
use telltale_core::model::{Delivery, ResultVia, Show};
use tokio::runtime::Runtime;
use tokio::time::Instant;

#[tokio::test(flavor = "multi_thread")]
async fn what_a_probe_finds_is_kept_by_who_has_the_role_and_nobody_needs_an_address() {
    let Some(server) = server(&["probe", "corr"]) else {
        return;
    };
    let probe = Seat::join(&server, "probe", "probe", &["reachability"]).await;
    let corr = Seat::join(&server, "corr", "correlator", &["store", "correlate"]).await;
    let seen = probe.sees("corr").await;
    assert_eq!(seen.role.as_deref(), Some("correlator"));
    assert!(seen.duties.iter().any(|d| d == "store"), "{seen:?}");
    assert!(seen.trusted);

    let mut ids = Vec::new();
    for _ in 0..300 {
        ids.push(probe.find().await);
    }
    ids.sort();
    until("all are there", || async { corr.ids().await.len() == 300 }).await;
    assert_eq!(corr.ids().await, ids);
    for result in corr.results().await {
        assert_eq!(result.agent, jid("probe"), "who carried it out is who sent it");
        assert_eq!(result.via, ResultVia::Mesh);
        assert_eq!(result.facts["answered"], 3);
    }
    let sent = || async {
        probe
            .messages()
            .await
            .into_iter()
            .filter(|m| m.delivery == Delivery::Confirmed)
            .count()
    };
    let all = probe.messages().await.len();
    until("each message is confirmed", || async { sent().await == all }).await;
    assert!(all < 100, "what waits travels together: {all} messages");
    until("the outbox is empty", || async {
        probe.engine.mesh().await.expect("the mesh").outbox == 0
    })
    .await;
    assert!(
        corr.messages()
            .await
            .iter()
            .all(|m| m.peer == jid("probe") && m.problem.is_none())
    );

    // Those of others are passed on to nobody, and one's own are kept.
    let own = corr.find().await;
    assert!(corr.ids().await.contains(&own));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(probe.ids().await.len(), 300);
    probe.engine.close().await;
    corr.engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_can_take_waits_through_a_restart() {
    let Some(server) = server(&["probe", "corr"]) else {
        return;
    };
    let probe = Seat::join(&server, "probe", "probe", &[]).await;
    let first = probe.find().await;
    until("it waits", || async {
        probe.engine.mesh().await.expect("the mesh").outbox == 1
    })
    .await;
    let waiting = probe.messages().await;
    assert_eq!(waiting[0].delivery, Delivery::Waiting, "{waiting:?}");
    probe.engine.close().await;

    let engine = open(probe.folder.path()).await;
    engine.begin();
    let probe = Seat { engine, ..probe };
    probe.online().await;
    let second = probe.find().await;
    let corr = Seat::join(&server, "corr", "correlator", &["store"]).await;
    let mut wanted = vec![first, second];
    wanted.sort();
    until("both are there", || async { corr.ids().await == wanted }).await;
    probe.engine.close().await;
    corr.engine.close().await;
}

/// The engine lives in a runtime that is dropped in the midst of its work: nothing is closed, no farewell is said.
#[test]
fn a_killed_agent_loses_no_result_and_doubles_none() {
    let Some(server) = server(&["probe", "corr"]) else {
        return;
    };
    let run = Runtime::new().expect("a runtime");
    let corr = run.block_on(Seat::join(&server, "corr", "correlator", &["store"]));
    let folder = tempfile::TempDir::new().expect("a folder");
    let mut ids = Vec::new();
    for round in 0..4_u64 {
        let life = Runtime::new().expect("a runtime");
        life.block_on(async {
            let engine = open(folder.path()).await;
            if round == 0 {
                let account = super::account(&server, "probe", "probe", &[]);
                engine
                    .mesh_join(account, Some(super::password("probe")))
                    .await
                    .expect("on the way");
            } else {
                engine.begin();
            }
            for n in 0..40 {
                let result = found();
                engine.take_result(&result).await.expect("taken in");
                ids.push(result.id);
                tokio::time::sleep(Duration::from_millis((n * 7 + round * 5) % 30)).await;
            }
        });
        life.shutdown_background();
    }
    ids.sort();
    let life = Runtime::new().expect("a runtime");
    let engine = life.block_on(open(folder.path()));
    life.block_on(async { engine.begin() });
    run.block_on(until("all are there", || async { corr.ids().await.len() >= ids.len() }));
    assert_eq!(run.block_on(corr.ids()), ids);
    life.block_on(engine.close());
    run.block_on(corr.engine.close());
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_chosen_one_leaves_another_takes_over_within_ten_seconds() {
    let Some(mut server) = server(&["probe", "one", "two"]) else {
        return;
    };
    let probe = Seat::join(&server, "probe", "probe", &[]).await;
    let one = Seat::join(&server, "one", "correlator", &["store"]).await;
    let two = Seat::join(&server, "two", "correlator", &["store"]).await;
    probe.sees("one").await;
    probe.sees("two").await;
    let mut wanted = vec![probe.find().await];
    until("one of them has it", || async {
        !one.ids().await.is_empty() || !two.ids().await.is_empty()
    })
    .await;
    until("it is confirmed", || async {
        probe.engine.mesh().await.expect("the mesh").outbox == 0
    })
    .await;
    let (chosen, other) = if one.ids().await.is_empty() {
        (two, one)
    } else {
        (one, two)
    };
    assert_eq!(other.ids().await.len(), 0, "one of them alone");

    let began = Instant::now();
    chosen.engine.mesh_leave().await.expect("it leaves");
    for _ in 0..10 {
        wanted.push(probe.find().await);
    }
    until("the other takes over", || async { other.ids().await.len() == 10 }).await;
    assert!(began.elapsed() < Duration::from_secs(10));

    // The server is killed and comes back: nothing is lost, and nothing comes twice.
    server.start_again();
    for _ in 0..10 {
        wanted.push(probe.find().await);
    }
    until("all came after the server was back", || async {
        other.ids().await.len() == 20
    })
    .await;
    let mut both = [chosen.ids().await, other.ids().await].concat();
    both.sort();
    wanted.sort();
    assert_eq!(both, wanted);
    assert!(began.elapsed() < PATIENCE * 2);
    let gone = probe.engine.agents().await.expect("agents");
    let gone = gone
        .iter()
        .find(|a| a.show == Show::Offline)
        .expect("who left is remembered");
    assert!(gone.last_seen.is_some());
    for seat in [probe, chosen, other] {
        seat.engine.close().await;
    }
}
