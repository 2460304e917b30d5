//! File drop: one file for each message, written beside its name and renamed to it, so that who looks never finds half a one.

use super::sender::{Failure, Letter};
use std::path::PathBuf;
use tokio::task::spawn_blocking;

/// Writes a message into the folder, which must be there: one on a disk that is not mounted is not made anew.
pub(super) async fn drop_file(folder: &str, letter: &Letter) -> Result<(), Failure> {
    let path = PathBuf::from(folder).join(name(letter));
    let body = letter.body.clone();
    // A disk that hangs holds up a thread of this output, and nothing else.
    let written = spawn_blocking(move || crate::save_bytes(&path, body.as_bytes())).await;
    match written {
        Ok(Ok(())) => Ok(()),
        Ok(Err(e)) => Err(Failure::now(e.to_string())),
        Err(e) => Err(Failure::now(format!("the file could not be written: {e}"))),
    }
}

/// `result-0000000012-UUID.json`: the same at every try, so that one that was written already is written over, and sorted by name
/// each kind is in its order.
fn name(letter: &Letter) -> String {
    format!("{}-{:010}-{}.json", letter.kind, letter.number, letter.delivery)
}
