//! Passwords of accounts: in the system's keyring, else in a file that only its owner can read.
//!
//! An index in the data folder (`mesh-passwords.json`, 0600) says for each account where its password lies; so nobody asks the keyring
//! for what is not there, and the page can say where it is. Called by the mesh's desk. Never here: who needs a password, what for. A
//! password is never logged, and no error says one.

mod keyring;

use crate::EngineError;
use keyring::{Keyring, KeyringError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The index.
const FILE: &str = "mesh-passwords.json";
/// Octets of it that are read: hundreds of accounts.
const MAX_FILE: u64 = 1 << 20;
/// With this variable set, the keyring is left alone: on a server nobody is there to open it, and tests have no business in it.
const NO_KEYRING: &str = "TELLTALE_NO_KEYRING";

/// Where a password lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "in", rename_all = "snake_case")]
enum Place {
    /// In the system's keyring.
    Keyring,
    /// Here.
    File {
        /// The password itself.
        password: String,
    },
}

type Index = BTreeMap<String, Place>;

/// Keeps the password of `account` (a bare JID): in the keyring where there is one, else in the file.
///
/// Fails where a keyring is there but was not opened, or the disk does not take the file. What was stored before is replaced.
pub(crate) async fn keep(folder: &Path, account: &str, password: &str) -> Result<(), EngineError> {
    let mut index = index(folder).await?;
    let place = match in_keyring(folder, account, password).await {
        Ok(()) => Place::Keyring,
        Err(KeyringError::Absent) => Place::File {
            password: password.to_owned(),
        },
        Err(e) => return Err(EngineError::Password(e.to_string())),
    };
    index.insert(account.to_owned(), place);
    store(folder, index).await
}

/// The password of an account; `None` where none was kept, or the keyring has lost it.
pub(crate) async fn read(folder: &Path, account: &str) -> Result<Option<String>, EngineError> {
    let failed = |e: KeyringError| EngineError::Password(e.to_string());
    match index(folder).await?.remove(account) {
        None => Ok(None),
        Some(Place::File { password }) => Ok(Some(password)),
        Some(Place::Keyring) => match open().await {
            Ok(keyring) => keyring.find(&owner(folder), account).await.map_err(failed),
            Err(KeyringError::Absent) => Err(EngineError::Password(
                "the password lies in the system's keyring, which is not there now".to_owned(),
            )),
            Err(e) => Err(failed(e)),
        },
    }
}

/// Forgets the password of an account. A keyring that cannot be opened keeps it; that is an error.
pub(crate) async fn forget(folder: &Path, account: &str) -> Result<(), EngineError> {
    let mut index = index(folder).await?;
    match index.remove(account) {
        None => return Ok(()),
        Some(Place::File { .. }) => {}
        Some(Place::Keyring) => match open().await {
            Ok(keyring) => {
                let forgotten = keyring.forget(&owner(folder), account).await;
                forgotten.map_err(|e| EngineError::Password(e.to_string()))?;
            }
            // A keyring that is gone took the password with it.
            Err(KeyringError::Absent) => {}
            Err(e) => return Err(EngineError::Password(e.to_string())),
        },
    }
    store(folder, index).await
}

/// Where the password of an account lies: `keyring`, `file`, or `None`.
pub(crate) async fn place(folder: &Path, account: &str) -> Option<String> {
    let place = index(folder).await.ok()?.remove(account)?;
    let word = match place {
        Place::Keyring => "keyring",
        Place::File { .. } => "file",
    };
    Some(word.to_owned())
}

async fn in_keyring(folder: &Path, account: &str, password: &str) -> Result<(), KeyringError> {
    open().await?.keep(&owner(folder), account, password).await
}

async fn open() -> Result<Keyring, KeyringError> {
    // Unit tests of any room must not write into the keyring of whoever runs them.
    if cfg!(test) || std::env::var_os(NO_KEYRING).is_some() {
        return Err(KeyringError::Absent);
    }
    Keyring::open().await
}

/// Which data folder a password belongs to; two of them may have the same account.
fn owner(folder: &Path) -> String {
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    folder.to_string_lossy().into_owned()
}

async fn index(folder: &Path) -> Result<Index, EngineError> {
    let folder = folder.to_owned();
    let read = tokio::task::spawn_blocking(move || read_index(&folder)).await;
    read.map_err(|e| EngineError::Password(e.to_string()))?
}

async fn store(folder: &Path, index: Index) -> Result<(), EngineError> {
    let folder = folder.to_owned();
    let written = tokio::task::spawn_blocking(move || write_index(&folder, &index)).await;
    written.map_err(|e| EngineError::Password(e.to_string()))?
}

fn path(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

fn read_index(folder: &Path) -> Result<Index, EngineError> {
    let path = path(folder);
    let file = match std::fs::File::open(&path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Index::new()),
        Err(e) => return Err(EngineError::file(&path)(e)),
    };
    only_the_owner(&file).map_err(EngineError::file(&path))?;
    let read = std::io::Read::take(file, MAX_FILE);
    serde_json::from_reader(read).map_err(|e| {
        // What serde quotes may be part of a password.
        let place = format!("line {}, column {}", e.line(), e.column());
        EngineError::Password(format!(
            "{} is damaged at {place}; remove it and join again",
            path.display()
        ))
    })
}

/// Takes from everybody else the right to read a file that a copy or a backup may have given them.
#[cfg(unix)]
fn only_the_owner(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    if file.metadata()?.permissions().mode() & 0o777 == 0o600 {
        return Ok(());
    }
    file.set_permissions(std::fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "the form that Unix needs")]
fn only_the_owner(_file: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}

/// Writes the index beside its place and renames it: never half of it, and at no moment readable by others (`tempfile` makes 0600).
fn write_index(folder: &Path, index: &Index) -> Result<(), EngineError> {
    let path = path(folder);
    let write = || -> std::io::Result<()> {
        let mut file = tempfile::Builder::new().prefix(".mesh-").tempfile_in(folder)?;
        serde_json::to_writer(&mut file, index)?;
        file.flush()?;
        file.as_file().sync_all()?;
        file.persist(&path).map_err(|e| e.error)?;
        Ok(())
    };
    write().map_err(EngineError::file(&path))
}

#[cfg(test)]
mod tests;
