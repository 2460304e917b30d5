//! What is watched is seen, stored, paused, ended and told.

use crate::cable::{Cable, is_over, until, watches};
use std::time::Duration;
use telltale_core::model::{Connection, Flow, GapReason, Outcome};
use telltale_engine::{
    AuditNow, AuditState, Engine, EngineError, LiveSource, LiveState, Notice, PacketFilter, TableQuery,
};

fn all(sort: &str) -> TableQuery {
    TableQuery {
        sort: sort.into(),
        descending: true,
        limit: 500,
        ..TableQuery::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_is_seen_with_its_names_and_stored() {
    let Some(cable) = Cable::plug() else { return };
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    let id = engine.start_live(cable.request()).await.unwrap();
    let now = until(&engine, id, "watching", watches).await;
    assert_eq!(now.card.state, AuditState::Live);
    assert_eq!(now.card.live_source.as_deref(), Some(cable.near.as_str()));
    assert!(now.progress.is_none());
    let sent = cable.replay("--pps=2000");
    let now = until(&engine, id, "every packet", |n| n.summary.counts.packets == sent).await;
    assert!(now.summary.servers > 10, "{} servers", now.summary.servers);
    engine.stop(id).unwrap();
    let now = until(&engine, id, "the end", is_over).await;
    assert_eq!((now.card.state, now.problem), (AuditState::Done, None));
    let source = &now.summary.source;
    assert_eq!(
        (source.format.as_str(), &source.interfaces),
        ("pcapng", &vec![cable.near.clone()])
    );
    assert_eq!(source.stopped, None);
    assert_eq!(source.gaps, []);
    let live = source.live.as_ref().expect("it was live");
    assert_eq!(
        (live.source.as_str(), live.connection),
        (cable.near.as_str(), Connection::Ethernet)
    );
    assert!(live.ended.is_some_and(|end| end.0 > live.began.0));
    assert_eq!(now.summary.counts.packets, sent);
    assert_eq!(now.summary.counts.dropped_by_kernel, 0);
    let servers = engine.servers(id, &all("bytes")).await.unwrap();
    assert_eq!(servers.total, now.summary.servers);
    assert!(
        servers
            .rows
            .iter()
            .any(|s| s.name.is_some() && s.owner.company.is_some())
    );
    let outcome = engine.outcome(id).await.unwrap();
    assert_eq!(outcome.flows.len(), now.summary.flows as usize);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_is_told_as_a_gap_and_nothing_of_it_is_seen() {
    let Some(cable) = Cable::plug() else { return };
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    let id = engine.start_live(cable.request()).await.unwrap();
    until(&engine, id, "watching", watches).await;
    let sent = cable.replay("--topspeed");
    engine.pause(id).unwrap();
    let paused = |n: &AuditNow| n.live.as_ref().is_some_and(|l| l.state == LiveState::Paused);
    until(&engine, id, "the pause", paused).await;
    until(&engine, id, "every packet", |n| n.summary.counts.packets == sent).await;
    cable.replay("--topspeed");
    engine.resume(id).await.unwrap();
    until(&engine, id, "watching again", watches).await;
    cable.replay("--topspeed");
    until(&engine, id, "the packets after it", |n| {
        n.summary.counts.packets == 2 * sent
    })
    .await;
    engine.stop(id).unwrap();
    let now = until(&engine, id, "the end", is_over).await;
    let gaps = &now.summary.source.gaps;
    assert_eq!(gaps.len(), 1);
    assert_eq!(gaps[0].reason, GapReason::Paused);
    assert!(gaps[0].to.is_some_and(|to| to.0 > gaps[0].from.0));
    assert_eq!(now.summary.source.interfaces, std::slice::from_ref(&cable.near));
    assert!(matches!(engine.pause(id), Err(EngineError::NotLive(_))));
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_by_itself_when_its_time_is_over() {
    let Some(cable) = Cable::plug() else { return };
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    let mut request = cable.request();
    request.duration_s = Some(3);
    request.name = String::new();
    let id = engine.start_live(request).await.unwrap();
    let now = until(&engine, id, "watching", watches).await;
    assert!(now.card.name.starts_with(&cable.near), "{}", now.card.name);
    let live = now.live.expect("it is live");
    let ends = live.ends_at.expect("it ends by itself");
    let left = ends.0 - live.since.0;
    assert!((2_900_000_000..3_100_000_000).contains(&left), "{left} ns");
    let sent = cable.replay("--topspeed");
    let now = until(&engine, id, "the end", is_over).await;
    let live = now.summary.source.live.as_ref().expect("it was live");
    let lasted = live.ended.expect("it ended").0 - live.began.0;
    assert!((2_900_000_000..6_000_000_000).contains(&lasted), "{lasted} ns");
    assert_eq!(now.summary.counts.packets, sent);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_watch_at_once_each_its_own_and_the_end_of_the_program_ends_them() {
    let (Some(one), Some(other)) = (Cable::plug(), Cable::plug()) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    let first = engine.start_live(one.request()).await.unwrap();
    let second = engine.start_live(other.request()).await.unwrap();
    // Two of the same device see the same; this one only what it asks for.
    let mut dns = one.request();
    let expression = "udp port 53".to_owned();
    dns.filter = PacketFilter::Expression { expression };
    let third = engine.start_live(dns).await.unwrap();
    for id in [first, second, third] {
        until(&engine, id, "watching", watches).await;
    }
    let sent = one.replay("--topspeed");
    until(&engine, first, "every packet", |n| n.summary.counts.packets == sent).await;
    assert_eq!(engine.audit(second).await.unwrap().summary.counts.packets, 0);
    let few = |n: &AuditNow| (1..sent).contains(&n.summary.counts.packets);
    until(&engine, third, "some packets", few).await;
    engine.close().await;

    let engine = Engine::open(folder.path()).await.unwrap();
    let now = engine.audit(first).await.unwrap();
    assert_eq!((now.card.state, now.summary.counts.packets), (AuditState::Done, sent));
    assert_eq!(engine.audit(third).await.unwrap().card.state, AuditState::Done);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_new_is_noticed() {
    let Some(cable) = Cable::plug() else { return };
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    let id = engine.start_live(cable.request()).await.unwrap();
    until(&engine, id, "watching", watches).await;
    cable.replay("--pps=2000");
    engine.stop(id).unwrap();
    until(&engine, id, "the end", is_over).await;
    let notices = engine.take_notices();
    let trackers = notices
        .iter()
        .filter(|n| matches!(n, Notice::Tracker { audit, .. } if *audit == id));
    assert!((1..=4).contains(&trackers.count()), "{notices:?}");
    assert!(notices.len() <= 4, "{notices:?}");
    assert_eq!(engine.take_notices(), []);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_begin_says_why_at_once() {
    let Some(cable) = Cable::plug() else { return };
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    let mut gone = cable.request();
    gone.source = LiveSource::Device {
        name: "nowhere0".to_owned(),
    };
    assert!(matches!(engine.start_live(gone).await, Err(EngineError::Device(_))));
    let mut wrong = cable.request();
    let expression = "tcp prot 80".to_owned();
    wrong.filter = PacketFilter::Expression { expression };
    match engine.start_live(wrong).await {
        Err(EngineError::Filter(wrong)) => assert_eq!((wrong.at, wrong.len), (4, 4)),
        other => panic!("{other:?}"),
    }
    let mut phone = cable.request();
    let phones = vec!["my phone".to_owned()];
    phone.filter = PacketFilter::Phones { phones };
    assert!(matches!(
        engine.start_live(phone).await,
        Err(EngineError::InvalidInput(_))
    ));
    assert!(
        engine.cards().await.unwrap().is_empty(),
        "what does not begin leaves nothing"
    );
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_removed_ends() {
    let Some(cable) = Cable::plug() else { return };
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    let id = engine.start_live(cable.request()).await.unwrap();
    until(&engine, id, "watching", watches).await;
    engine.remove(id).await.unwrap();
    let mut changes = engine.changes();
    while engine.reading().contains(&id) {
        changes.changed().await.unwrap();
    }
    engine.restore(id).await.unwrap();
    assert_eq!(engine.audit(id).await.unwrap().card.state, AuditState::Done);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_a_live_audit_is_of_one_moment() {
    let Some(cable) = Cable::plug() else { return };
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    let id = engine.start_live(cable.request()).await.unwrap();
    until(&engine, id, "watching", watches).await;
    let whole = |outcome: &Outcome| {
        let Outcome {
            summary,
            flows,
            servers,
            ..
        } = outcome;
        assert_eq!(flows.len(), summary.flows as usize);
        assert_eq!(servers.len(), summary.servers as usize);
        let packets = |f: &Flow| f.from_initiator.packets + f.from_responder.packets;
        let carried: u64 = flows.iter().filter(|f| f.tunnel.is_none()).map(packets).sum();
        assert!(carried <= summary.counts.packets);
        let bytes: u64 = servers
            .iter()
            .filter(|s| !s.local)
            .map(|s| s.sent_bytes + s.received_bytes)
            .sum();
        assert_eq!(bytes, summary.coverage.bytes);
        summary.counts.packets
    };
    let sent = std::thread::spawn(move || (cable.replay("--pps=500"), cable));
    let mut seen = Vec::new();
    while !sent.is_finished() {
        seen.push(whole(&engine.outcome(id).await.unwrap()));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let (sent, cable) = sent.join().unwrap();
    seen.dedup();
    assert!(seen.len() > 3 && seen.is_sorted(), "{seen:?}");
    until(&engine, id, "every packet", |n| n.summary.counts.packets == sent).await;
    engine.pause(id).unwrap();
    assert_eq!(whole(&engine.outcome(id).await.unwrap()), sent);
    engine.close().await;
    drop(cable);
}
