//! The course of an audit of the phone's own capture: a pause keeps the phone's connection, a phone that leaves is waited for.
#![allow(missing_docs)]

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, TcpStream};
use std::path::Path;
use std::time::Duration;
use telltale_core::model::{Connection, GapReason};
use telltale_engine::{
    AuditNow, Engine, EngineError, LiveRequest, LiveSource, LiveState, PacketFilter, Recording, open_recording,
};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn request() -> LiveRequest {
    LiveRequest {
        source: LiveSource::Tcp { bind: HERE, port: 0 },
        filter: PacketFilter::All,
        name: "The phone itself".to_owned(),
        description: String::new(),
        connection: Connection::Mobile,
        duration_s: None,
        recording: Recording::Full,
    }
}

/// A capture's header and records, one by one.
fn records() -> (Vec<u8>, Vec<Vec<u8>>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/captures");
    let file = std::fs::read(folder.join("pcapdroid-trailer.pcap")).unwrap();
    let (head, mut rest) = file.split_at(24);
    let mut records = Vec::new();
    while !rest.is_empty() {
        let length = 16 + u32::from_le_bytes(rest[8..12].try_into().unwrap()) as usize;
        let (record, next) = rest.split_at(length);
        records.push(record.to_vec());
        rest = next;
    }
    (head.to_vec(), records)
}

async fn until(engine: &Engine, id: u32, what: &str, is: impl Fn(&AuditNow) -> bool) -> AuditNow {
    for _ in 0..600 {
        let now = engine.audit(id).await.unwrap();
        if is(&now) {
            return now;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let now = engine.audit(id).await.unwrap();
    panic!("{what} does not come: {:?} {:?}", now.live, now.summary.counts);
}

fn is(now: &AuditNow, state: LiveState) -> bool {
    now.live.as_ref().is_some_and(|l| l.state == state)
}

fn packets(now: &AuditNow) -> usize {
    usize::try_from(now.summary.counts.packets).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_keeps_the_phones_connection_and_a_phone_that_leaves_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    let id = engine.start_live(request()).await.unwrap();
    let now = until(&engine, id, "the door", |n| {
        n.live.as_ref().is_some_and(|l| l.door.is_some())
    })
    .await;
    assert!(is(&now, LiveState::Opening), "nobody has come");
    let door = now.live.and_then(|l| l.door).unwrap();
    assert_eq!(door.peer, None);

    let (head, records) = records();
    let mut phone = TcpStream::connect(&door.address).unwrap();
    phone
        .write_all(&[head.clone(), records[..30].concat()].concat())
        .unwrap();
    let now = until(&engine, id, "thirty packets", |n| packets(n) == 30).await;
    assert!(now.live.is_some_and(|l| l.door.is_some_and(|d| d.peer.is_some())));
    engine.pause(id).unwrap();
    until(&engine, id, "the pause", |n| is(n, LiveState::Paused)).await;
    phone.write_all(&records[30..60].concat()).unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    engine.resume(id).await.unwrap();
    until(&engine, id, "watching again", |n| is(n, LiveState::Watching)).await;
    phone.write_all(&records[60..].concat()).unwrap();
    let seen = records.len() - 30;
    until(&engine, id, "the others", |n| packets(n) == seen).await;

    drop(phone);
    let waits = LiveState::Waiting(GapReason::StreamEnded);
    until(&engine, id, "waiting", |n| is(n, waits)).await;
    let mut phone = TcpStream::connect(&door.address).unwrap();
    phone.write_all(&[head, records.concat()].concat()).unwrap();
    let seen = seen + records.len();
    until(&engine, id, "it is back", |n| packets(n) == seen).await;
    engine.stop(id).unwrap();
    let now = until(&engine, id, "the end", |n| n.live.is_none()).await;
    let reasons: Vec<_> = now.summary.source.gaps.iter().map(|g| g.reason).collect();
    assert_eq!(reasons, [GapReason::Paused, GapReason::StreamEnded]);
    assert!(TcpStream::connect(&door.address).is_err(), "the door is closed");

    let mut recorded = open_recording(&folder.path().join("recordings").join(id.to_string()))
        .unwrap()
        .unwrap();
    let mut kept = 0;
    while let Some(item) = recorded.next_item().unwrap() {
        kept += usize::from(matches!(item, telltale_capture::Item::Packet(_)));
    }
    assert_eq!(kept, seen, "what was not to be seen is not kept either");
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_door_that_cannot_be_opened_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    let mut wrong = request();
    wrong.source = LiveSource::Tcp {
        bind: "192.0.2.1".parse().unwrap(),
        port: 0,
    };
    assert!(matches!(engine.start_live(wrong).await, Err(EngineError::Door(_))));
    let mut filtered = request();
    let expression = "udp".to_owned();
    filtered.filter = PacketFilter::Expression { expression };
    assert!(matches!(
        engine.start_live(filtered).await,
        Err(EngineError::InvalidInput(_))
    ));
    assert!(engine.cards().await.unwrap().is_empty());
    engine.close().await;
}
