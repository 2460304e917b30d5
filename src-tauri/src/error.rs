//! What a command says when it cannot: `code` is for the window to act on, `message` for a person to read.

use serde::Serialize;
use specta::Type;
use telltale_engine::{CaptureError, EngineError};

/// Only codes that the window acts on (or words) differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The file is no capture; `detail` is the key of what it looks like (`zip`, `pdf`, `text` ...).
    NotACapture,
    /// The file could not be read or written (rights, disk full, gone).
    File,
    /// The capture of an audit is gone or has changed, so it cannot be read again.
    CaptureGone,
    /// The audit is gone.
    NoSuchAudit,
    /// The audit is still being read.
    Busy,
    /// A value is out of its range.
    InvalidInput,
    /// The store failed.
    Store,
    /// The capture program is missing or lacks its right.
    NoRights,
    /// The network device is gone, switched off, or cannot be captured.
    Device,
    /// The filter expression is wrong.
    Filter,
    /// The audit is not live (any more).
    NotLive,
    /// The packets of this live audit were not recorded: it cannot go on, nor be read again.
    NoRecording,
    /// The hotspot could not be made; `detail` is the key of the cause.
    Hotspot,
    /// The door to the phone's own capture could not be opened; `detail` is the key of the cause.
    Door,
    /// The probe, rule, incident, agent, topic or output is gone.
    Gone,
    /// The mesh cannot do this now.
    Mesh,
    /// The password cannot be kept or read.
    Password,
    /// The HTTP interface cannot be opened as asked.
    Http,
    /// An output cannot send.
    Output,
    /// The file is no App Privacy Report that can be read; `detail` is the key of the cause.
    AppReport,
}

/// The error of every command.
#[derive(Clone, Debug, Serialize, Type)]
pub struct CommandError {
    /// For the window.
    pub code: ErrorCode,
    /// What goes with the code, for the window's words; empty where nothing does.
    pub detail: String,
    /// For a person, in English: what happened. The window adds what it means and what to do, in its language.
    pub message: String,
}

impl CommandError {
    /// A value of the window that cannot be.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self {
            code: ErrorCode::InvalidInput,
            detail: String::new(),
            message: message.into(),
        }
    }
}

impl CommandError {
    /// The devices cannot be listed.
    pub(crate) fn device(why: impl std::fmt::Display) -> Self {
        Self {
            code: ErrorCode::Device,
            detail: String::new(),
            message: why.to_string(),
        }
    }
}

impl From<EngineError> for CommandError {
    fn from(error: EngineError) -> Self {
        let (code, detail) = match &error {
            EngineError::Capture(CaptureError::NotACapture(looks)) => (ErrorCode::NotACapture, looks.key().to_owned()),
            EngineError::Capture(CaptureError::Open(_)) | EngineError::File { .. } | EngineError::Report(_) => {
                (ErrorCode::File, String::new())
            }
            EngineError::AppReport(why) => (ErrorCode::AppReport, why.key().to_owned()),
            EngineError::CaptureGone(path) => (ErrorCode::CaptureGone, path.display().to_string()),
            EngineError::Hotspot(why) => (ErrorCode::Hotspot, crate::convert::hotspot::cause(why).to_owned()),
            EngineError::NoSuchAudit(_) => (ErrorCode::NoSuchAudit, String::new()),
            EngineError::Busy => (ErrorCode::Busy, String::new()),
            EngineError::NoRights(_) => (ErrorCode::NoRights, String::new()),
            EngineError::Device(_) => (ErrorCode::Device, String::new()),
            EngineError::Filter(wrong) => (ErrorCode::Filter, wrong.at.to_string()),
            EngineError::Door(why) => (ErrorCode::Door, why.key().to_owned()),
            EngineError::NotLive(_) => (ErrorCode::NotLive, String::new()),
            EngineError::NoRecording(_) => (ErrorCode::NoRecording, String::new()),
            EngineError::NoSuchProbe(_) | EngineError::NoSuchRule(_) | EngineError::NoSuchIncident(_) => {
                (ErrorCode::Gone, String::new())
            }
            EngineError::Mesh(_) => (ErrorCode::Mesh, String::new()),
            EngineError::Password(_) => (ErrorCode::Password, String::new()),
            EngineError::Http(_) => (ErrorCode::Http, String::new()),
            EngineError::Output(_) => (ErrorCode::Output, String::new()),
            EngineError::InvalidInput(_) => (ErrorCode::InvalidInput, String::new()),
            EngineError::Store(_) | EngineError::Migration(_) | EngineError::Stored(_) => {
                (ErrorCode::Store, String::new())
            }
        };
        Self {
            code,
            detail,
            message: error.to_string(),
        }
    }
}
