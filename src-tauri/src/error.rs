//! What a command says when it cannot: `code` is for the window to act on, `message` for a person to read.

use serde::Serialize;
use specta::Type;

/// Only codes that the window acts on differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The file is no capture; the message says what it looks like.
    NotACapture,
    /// The file could not be read or written (rights, disk full, gone).
    File,
    /// The audit is gone.
    NoSuchAudit,
    /// A value is out of its range.
    InvalidInput,
    /// The store failed.
    Store,
}

/// The error of every command.
#[derive(Clone, Debug, Serialize, Type)]
pub struct CommandError {
    /// For the window.
    pub code: ErrorCode,
    /// For a person, in the window's language where we have it: what happened, what it means, what to do.
    pub message: String,
}
