//! The account's password, in a file that only its owner can read.

use crate::EngineError;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

fn place_of(folder: &Path) -> PathBuf {
    folder.join("mesh-password")
}

pub(super) async fn keep(folder: &Path, _jid: &str, password: &str) -> Result<(), EngineError> {
    let path = place_of(folder);
    let written = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&path)
        .and_then(|mut f| f.write_all(password.as_bytes()));
    written.map_err(EngineError::file(path))
}

pub(super) async fn read(folder: &Path, _jid: &str) -> Result<Option<String>, EngineError> {
    match std::fs::read_to_string(place_of(folder)) {
        Ok(password) => Ok(Some(password)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(EngineError::file(place_of(folder))(e)),
    }
}

pub(super) async fn forget(folder: &Path, _jid: &str) -> Result<(), EngineError> {
    match std::fs::remove_file(place_of(folder)) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(EngineError::file(place_of(folder))(e)),
        _ => Ok(()),
    }
}

pub(super) async fn place(folder: &Path, _jid: &str) -> Option<String> {
    place_of(folder).exists().then(|| "file".to_owned())
}
