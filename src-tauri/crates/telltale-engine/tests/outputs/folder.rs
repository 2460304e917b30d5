//! File drop.

use crate::{engine, output, result, until};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use telltale_core::model::OutputTo;

fn to(folder: &Path) -> OutputTo {
    OutputTo::Folder {
        path: folder.to_string_lossy().into_owned(),
    }
}

/// Numbers of the results in a folder, by the order of its names; all files are whole.
fn numbers(folder: &Path) -> Vec<u64> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    let number = |path: &PathBuf| {
        assert_eq!(
            path.extension().and_then(|e| e.to_str()),
            Some("json"),
            "{}",
            path.display()
        );
        let file: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        assert!(path.to_string_lossy().contains(file["id"].as_str().unwrap()));
        file["result"]["facts"]["n"].as_u64().unwrap()
    };
    paths.iter().map(number).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_result_is_a_file_and_a_folder_that_is_gone_is_not_made_anew() {
    let (data, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let folder = place.path().join("drop");
    fs::create_dir(&folder).unwrap();
    let engine = engine(data.path()).await;
    let saved = engine.save_output(output(to(&folder))).await.unwrap();
    engine.try_output(&saved.id).await.unwrap();
    let trial = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    assert!(
        trial
            .file_name()
            .is_some_and(|n| n.to_string_lossy().starts_with("trial-"))
    );
    fs::remove_file(trial).unwrap();
    for n in 0..50 {
        engine.take_result(&result(n)).await.unwrap();
    }
    until(&engine, &saved.id, "all written", |o| o.sent == 50).await;
    assert_eq!(numbers(&folder), (0..50).collect::<Vec<_>>());
    fs::remove_dir_all(&folder).unwrap();
    engine.take_result(&result(50)).await.unwrap();
    let now = until(&engine, &saved.id, "a problem", |o| o.problem.is_some()).await;
    assert!((now.waiting, now.sent) == (1, 50) && !folder.exists());
    fs::create_dir(&folder).unwrap();
    // Saved again, it is tried at once.
    engine.save_output(saved.clone()).await.unwrap();
    until(&engine, &saved.id, "written", |o| o.sent == 51 && o.problem.is_none()).await;
    assert_eq!(numbers(&folder), [50]);
    engine.close().await;
}

/// A small disk; gone with this.
struct Disk(PathBuf);

impl Disk {
    fn new(at: PathBuf) -> Option<Self> {
        fs::create_dir(&at).unwrap();
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=16k", "tmpfs"])
            .arg(&at)
            .output();
        let mounted = done.is_ok_and(|d| d.status.success());
        assert!(mounted || std::env::var_os("CI").is_none(), "a small disk can be made");
        mounted.then_some(Self(at))
    }

    fn grow(&self) {
        let done = Command::new("mount")
            .args(["-o", "remount,size=1m"])
            .arg(&self.0)
            .status();
        assert!(done.is_ok_and(|d| d.success()));
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_holds_nobody_up_and_loses_nothing() {
    let (data, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let Some(disk) = Disk::new(place.path().join("disk")) else {
        eprintln!("not tested: only root can make a small disk");
        return;
    };
    let engine = engine(data.path()).await;
    let saved = engine.save_output(output(to(&disk.0))).await.unwrap();
    for n in 0..40 {
        engine.take_result(&result(n)).await.unwrap();
    }
    let now = until(&engine, &saved.id, "a full disk", |o| o.problem.is_some()).await;
    assert!(now.problem.is_some_and(|p| p.contains("space")));
    assert!(now.sent > 0 && now.waiting > 0 && now.given_up == 0);
    let whole = numbers(&disk.0);
    assert_eq!(whole, (0..whole.len() as u64).collect::<Vec<_>>(), "no half file");
    disk.grow();
    engine.save_output(saved.clone()).await.unwrap();
    until(&engine, &saved.id, "all written", |o| o.sent == 40 && o.waiting == 0).await;
    assert_eq!(numbers(&disk.0), (0..40).collect::<Vec<_>>());
    engine.close().await;
}
