//! What the unit tests of this crate share.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A program that does what `script` says, in a folder of its own. Another process writes it: a test beside this one that starts a
/// program just then would hold it open for writing, and it could not be run.
pub(crate) fn pretend(script: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("telltale-capd");
    let mut install = Command::new("install")
        .args(["-m", "755", "/dev/stdin"])
        .arg(&path)
        .stdin(Stdio::piped())
        .spawn()
        .expect("install runs");
    let mut stdin = install.stdin.take().expect("a pipe");
    writeln!(stdin, "#!/bin/sh\n{script}").expect("written");
    drop(stdin);
    assert!(install.wait().expect("install ends").success());
    (folder, path)
}
