//! What goes wrong: the device, the capture program, the disk. The audit survives, says what was missed, and goes on.

use crate::cable::{Cable, is_over, until, watches};
use std::path::Path;
use std::process::Command;
use telltale_core::model::{Gap, GapReason};
use telltale_engine::{AuditNow, AuditState, Engine, LiveState, TableQuery};

fn waits(now: &AuditNow, reason: GapReason) -> bool {
    now.live.as_ref().is_some_and(|l| l.state == LiveState::Waiting(reason))
}

fn closed(gap: &Gap, reason: GapReason) -> bool {
    gap.reason == reason && gap.to.is_some_and(|to| to.0 > gap.from.0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_vanishes_is_waited_for() {
    let Some(cable) = Cable::plug() else { return };
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    let id = engine.start_live(cable.request()).await.unwrap();
    until(&engine, id, "watching", watches).await;
    let sent = cable.replay("--topspeed");
    until(&engine, id, "every packet", |n| n.summary.counts.packets == sent).await;
    cable.unplug();
    let now = until(&engine, id, "waiting", |n| waits(n, GapReason::DeviceGone)).await;
    assert!(now.live.is_some_and(|l| l.problem.is_some()));
    cable.lay();
    until(&engine, id, "watching again", watches).await;
    cable.replay("--topspeed");
    until(&engine, id, "the packets after it", |n| {
        n.summary.counts.packets == 2 * sent
    })
    .await;
    engine.stop(id).unwrap();
    let now = until(&engine, id, "the end", is_over).await;
    let gaps = &now.summary.source.gaps;
    assert!(
        matches!(&gaps[..], [gap] if closed(gap, GapReason::DeviceGone)),
        "{gaps:?}"
    );
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_stays_away_is_told_and_can_be_given_up() {
    let Some(cable) = Cable::plug() else { return };
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    let id = engine.start_live(cable.request()).await.unwrap();
    until(&engine, id, "watching", watches).await;
    cable.unplug();
    until(&engine, id, "waiting", |n| waits(n, GapReason::DeviceGone)).await;
    engine.pause(id).unwrap();
    let paused = |n: &AuditNow| n.live.as_ref().is_some_and(|l| l.state == LiveState::Paused);
    until(&engine, id, "the pause", paused).await;
    engine.resume(id).await.unwrap();
    until(&engine, id, "waiting again", |n| waits(n, GapReason::DeviceGone)).await;
    engine.stop(id).unwrap();
    let now = until(&engine, id, "the end", is_over).await;
    assert_eq!((now.card.state, now.problem), (AuditState::Done, None));
    let reasons: Vec<_> = now.summary.source.gaps.iter().map(|g| g.reason).collect();
    assert_eq!(
        reasons,
        [GapReason::DeviceGone, GapReason::Paused, GapReason::DeviceGone]
    );
    assert!(now.summary.source.gaps.iter().all(|g| g.to.is_some()));
    engine.close().await;
}

/// The capture program of a device.
fn capd_of(device: &str) -> Option<u32> {
    let processes = std::fs::read_dir("/proc").ok()?.flatten();
    processes
        .filter_map(|p| p.file_name().to_str()?.parse().ok())
        .find(|pid: &u32| {
            let words = std::fs::read(Path::new("/proc").join(pid.to_string()).join("cmdline")).unwrap_or_default();
            let words = String::from_utf8_lossy(&words).into_owned();
            words.contains("telltale-capd") && words.split('\0').any(|w| w == device)
        })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capture_program_that_is_killed_is_started_again() {
    let Some(cable) = Cable::plug() else { return };
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    let id = engine.start_live(cable.request()).await.unwrap();
    until(&engine, id, "watching", watches).await;
    let sent = cable.replay("--topspeed");
    until(&engine, id, "every packet", |n| n.summary.counts.packets == sent).await;
    let pid = capd_of(&cable.near).expect("it runs");
    let killed = Command::new("kill").args(["-9", &pid.to_string()]).status();
    assert!(killed.unwrap().success());
    let back = |n: &AuditNow| watches(n) && n.summary.source.gaps.len() == 1;
    let now = until(&engine, id, "watching again", back).await;
    let gap = &now.summary.source.gaps[0];
    assert!(closed(gap, GapReason::CaptureEnded), "{gap:?}");
    assert_ne!(capd_of(&cable.near), Some(pid));
    cable.replay("--topspeed");
    until(&engine, id, "the packets after it", |n| {
        n.summary.counts.packets == 2 * sent
    })
    .await;
    engine.stop(id).unwrap();
    let now = until(&engine, id, "the end", is_over).await;
    assert_eq!(
        now.summary.source.stopped, None,
        "a stream that broke is no damaged file"
    );
    assert_eq!(capd_of(&cable.near), None, "it ends with the audit");
    engine.close().await;
}

/// A file system of two megabytes; taken away again at the end.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"])
            .arg(folder.path())
            .status();
        assert!(mounted.unwrap().success());
        Self(folder)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_and_nothing_is_lost_once_there_is_room() {
    let Some(cable) = Cable::plug() else { return };
    let disk = SmallDisk::mount();
    let engine = Engine::open(disk.0.path()).await.unwrap();
    let id = engine.start_live(cable.request()).await.unwrap();
    until(&engine, id, "watching", watches).await;
    let filler = disk.0.path().join("filler");
    std::fs::write(&filler, vec![0; 4_000_000]).expect_err("the disk is smaller");
    let sent = cable.replay("--topspeed");
    let told = |n: &AuditNow| n.problem.is_some() && n.summary.counts.packets == sent;
    let now = until(&engine, id, "the full disk", told).await;
    assert!(now.problem.is_some_and(|p| p.contains("full")), "says what is wrong");
    assert!(now.live.is_some_and(|l| l.state == LiveState::Watching), "it goes on");
    std::fs::remove_file(&filler).unwrap();
    until(&engine, id, "room", |n| n.problem.is_none()).await;
    engine.stop(id).unwrap();
    let now = until(&engine, id, "the end", is_over).await;
    assert_eq!((now.card.state, now.problem), (AuditState::Done, None));
    let query = TableQuery {
        limit: 1,
        ..TableQuery::default()
    };
    assert_eq!(engine.flows(id, &query).await.unwrap().total, now.summary.flows);
    assert_eq!(engine.servers(id, &query).await.unwrap().total, now.summary.servers);
    engine.close().await;
}
