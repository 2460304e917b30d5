//! What a live audit saw outlives the program, and it can go on.

use crate::cable::{Cable, is_over, until, watches};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use telltale_core::model::{GapReason, Summary};
use telltale_engine::{AuditState, Engine, EngineError, LiveRequest, Recording, TableQuery};

/// By which the program that is killed knows its work: data folder, device, recording or not.
const WORK: &str = "TELLTALE_TEST_LIVE";

/// Not a test by itself: the program that is killed. It says `watching`, and then how many packets it saw.
#[tokio::test(flavor = "multi_thread")]
#[allow(clippy::print_stdout, reason = "the test that started it listens")]
async fn the_program_that_is_killed() {
    let Ok(work) = std::env::var(WORK) else { return };
    let request: LiveRequest = serde_json::from_str(&work).unwrap();
    let engine = Engine::open(Path::new(&request.description)).await.unwrap();
    let id = engine.start_live(request).await.unwrap();
    until(&engine, id, "watching", watches).await;
    println!("\nwatching");
    let mut told = 0;
    loop {
        let packets = engine.audit(id).await.unwrap().summary.counts.packets;
        if packets != told {
            told = packets;
            println!("\nseen {packets}");
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// A program that watches, and is killed.
struct Watcher {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Watcher {
    fn start(cable: &Cable, folder: &Path, recording: Recording) -> Self {
        let mut request = cable.request();
        folder.to_str().unwrap().clone_into(&mut request.description);
        request.recording = recording;
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "go_on::the_program_that_is_killed", "--nocapture"])
            .env(WORK, serde_json::to_string(&request).unwrap())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut watcher = Self { child, lines };
        watcher.says("watching");
        watcher
    }

    fn says(&mut self, what: &str) {
        for line in &mut self.lines {
            if line.unwrap() == what {
                return;
            }
        }
        panic!("it ended before it said {what}");
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// What both ways of reading the same packets must agree on.
fn facts(summary: &Summary) -> (u64, u32, u32, u32, u64) {
    let counts = &summary.counts;
    (
        counts.packets,
        summary.flows,
        summary.servers,
        summary.company_count,
        summary.coverage.bytes,
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn it_goes_on_after_the_program_was_killed() {
    let Some(cable) = Cable::plug() else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut watcher = Watcher::start(&cable, folder.path(), Recording::Full);
    let sent = cable.replay("--pps=5000");
    watcher.says(&format!("seen {sent}"));
    // The recording and the store are a second or two behind.
    std::thread::sleep(Duration::from_millis(3_500));
    watcher.kill();

    let engine = Engine::open(folder.path()).await.unwrap();
    let card = engine.cards().await.unwrap().remove(0);
    let id = card.id;
    assert_eq!(card.state, AuditState::Interrupted);
    assert!(card.recording_bytes > 0);
    let before = engine.audit(id).await.unwrap();
    assert_eq!(before.summary.counts.packets, sent, "what was seen is stored");
    engine.resume(id).await.unwrap();
    let now = until(&engine, id, "watching again", watches).await;
    assert_eq!(facts(&now.summary), facts(&before.summary), "and remembered");
    assert_eq!(now.card.state, AuditState::Live);
    cable.replay("--topspeed");
    until(&engine, id, "the packets after it", |n| {
        n.summary.counts.packets == 2 * sent
    })
    .await;
    engine.stop(id).unwrap();
    let now = until(&engine, id, "the end", is_over).await;
    assert_eq!(engine.take_notices(), [], "all of it was met before");
    let gaps = &now.summary.source.gaps;
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert_eq!(gaps[0].reason, GapReason::ProgramEnded);
    let lasted = gaps[0].to.expect("it is over").0 - gaps[0].from.0;
    assert!((3_000_000_000..60_000_000_000).contains(&lasted), "{lasted} ns");
    assert_eq!(now.summary.source.interfaces, std::slice::from_ref(&cable.near));

    // The recording reaches over the gap: all of it can be read again, with the user's choice of devices.
    let device = now.summary.devices[0].addresses[0];
    engine.set_devices(id, vec![device]).await.unwrap();
    let again = until(&engine, id, "the reading", |n| {
        n.progress.is_none() && n.card.state == AuditState::Done
    })
    .await;
    assert_eq!(again.summary.counts.packets, 2 * sent);
    assert_eq!(again.summary.source.gaps, *gaps);
    assert_eq!(again.summary.devices.len(), 1);
    assert!(again.summary.source.live.is_some());
    let query = TableQuery {
        limit: 1,
        ..TableQuery::default()
    };
    assert_eq!(engine.flows(id, &query).await.unwrap().total, again.summary.flows);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_packets_it_says_that_it_cannot_go_on() {
    let Some(cable) = Cable::plug() else { return };
    for recording in [Recording::Off, Recording::Headers] {
        let folder = tempfile::tempdir().unwrap();
        let mut watcher = Watcher::start(&cable, folder.path(), recording);
        let sent = cable.replay("--topspeed");
        watcher.says(&format!("seen {sent}"));
        std::thread::sleep(Duration::from_millis(2_500));
        watcher.kill();
        let engine = Engine::open(folder.path()).await.unwrap();
        let id = engine.cards().await.unwrap()[0].id;
        let before = engine.audit(id).await.unwrap();
        assert!(matches!(engine.resume(id).await, Err(EngineError::NoRecording(n)) if n == id));
        assert!(matches!(
            engine.set_devices(id, Vec::new()).await,
            Err(EngineError::NoRecording(_))
        ));
        let after = engine.audit(id).await.unwrap();
        assert_eq!(after.summary, before.summary, "nothing is lost by asking");
        assert_eq!(after.card.state, AuditState::Interrupted);
        engine.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_has_ended_does_not_go_on() {
    let Some(cable) = Cable::plug() else { return };
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    let id = engine.start_live(cable.request()).await.unwrap();
    until(&engine, id, "watching", watches).await;
    engine.stop(id).unwrap();
    until(&engine, id, "the end", is_over).await;
    assert!(matches!(engine.resume(id).await, Err(EngineError::NotLive(_))));
    assert!(matches!(engine.resume(id + 1).await, Err(EngineError::NoSuchAudit(_))));
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_audit_can_be_about_another_device_and_goes_on() {
    let Some(cable) = Cable::plug() else { return };
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    let mut request = cable.request();
    let id = engine.start_live(request.clone()).await.unwrap();
    until(&engine, id, "watching", watches).await;
    let refused = engine.set_devices(id, Vec::new()).await;
    assert!(matches!(refused, Err(EngineError::NoRecording(_))), "{refused:?}");
    assert!(watches(&engine.audit(id).await.unwrap()), "and it goes on");
    engine.stop(id).unwrap();
    until(&engine, id, "the end", is_over).await;

    request.recording = Recording::Full;
    request.duration_s = Some(3_600);
    let id = engine.start_live(request).await.unwrap();
    let live = until(&engine, id, "watching", watches).await.live.unwrap();
    let sent = cable.replay("--topspeed");
    let now = until(&engine, id, "every packet", |n| n.summary.counts.packets == sent).await;
    let remote: std::net::IpAddr = "198.51.100.1".parse().unwrap();
    assert!(now.summary.devices.iter().all(|d| !d.addresses.contains(&remote)));
    let device = now.summary.devices[0].addresses[0];
    engine.set_devices(id, vec![device, remote]).await.unwrap();
    let now = until(&engine, id, "watching again", watches).await;
    assert_eq!((now.card.state, now.summary.counts.packets), (AuditState::Live, sent));
    let ends = |l: &telltale_engine::LiveNow| l.ends_at.expect("it ends by itself").0;
    let later = ends(&now.live.unwrap()) - ends(&live);
    assert!((-5_000_000_000..5_000_000_000).contains(&later), "{later} ns");
    cable.replay("--topspeed");
    until(&engine, id, "the packets after it", |n| {
        n.summary.counts.packets == 2 * sent
    })
    .await;
    engine.stop(id).unwrap();
    let now = until(&engine, id, "the end", is_over).await;
    assert_eq!(now.card.state, AuditState::Done);
    assert_eq!(now.summary.devices[0].addresses[0], device);
    engine.close().await;
}
