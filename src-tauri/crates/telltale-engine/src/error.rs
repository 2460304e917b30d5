//! What the engine can fail at, one variant for each thing that a caller can act on.

use std::io;
use std::path::PathBuf;
use telltale_capture::CaptureError;

/// Why the engine could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The file cannot be opened, or is no capture.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// A file or folder could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The capture of an audit is not where it was, or is another one now.
    #[error("the capture file of this audit is gone or has changed: {}", .0.display())]
    CaptureGone(PathBuf),
    /// No audit has this number.
    #[error("there is no audit {0}")]
    NoSuchAudit(u32),
    /// No probe has this id.
    #[error("there is no probe {0}")]
    NoSuchProbe(String),
    /// The audit is being read, so this cannot be done now.
    #[error("this audit is still being read")]
    Busy,
    /// A value is out of its range; says which.
    #[error("{0}")]
    InvalidInput(String),
    /// The store failed: disk full, damaged, locked by another program.
    #[error("the audits could not be stored or read: {0}")]
    Store(#[from] sqlx::Error),
    /// The store was made by a newer version, or its migration failed.
    #[error("the store of audits cannot be opened by this version: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A stored value is not what this version writes.
    #[error("a stored value cannot be read: {0}")]
    Stored(#[from] serde_json::Error),
    /// The HTTP interface could not do it; says why.
    #[error("{0}")]
    Http(String),
    /// An output could not send; says why.
    #[error("{0}")]
    Output(String),
    /// The file is no App Privacy Report that can be imported.
    #[error(transparent)]
    AppReport(#[from] crate::apps::ReportProblem),
    /// There is no hotspot.
    #[error(transparent)]
    Hotspot(#[from] telltale_hotspot::HotspotError),
    /// Packets may not be looked at; says why.
    #[error("{0}")]
    NoRights(String),
    /// The network device is not there or cannot be captured; says why.
    #[error("{0}")]
    Device(String),
    /// The filter expression is wrong.
    #[error("the filter is not valid: {0}")]
    Filter(telltale_capture::FilterError),
    /// The door to the phone's own capture cannot be opened.
    #[error(transparent)]
    Door(#[from] crate::doors::DoorError),
    /// The audit is not live (any more).
    #[error("audit {0} is not live")]
    NotLive(u32),
    /// The packets of a live audit were not recorded, or not all of each and from the beginning on: so it cannot be gone on with, its
    /// devices cannot be chosen anew, and there may be nothing to save.
    #[error("there is no whole recording of audit {0}")]
    NoRecording(u32),
    /// The mesh cannot do this now; says why.
    #[error("{0}")]
    Mesh(String),
    /// No rule has this id.
    #[error("there is no rule {0}")]
    NoSuchRule(String),
    /// No incident has this id.
    #[error("there is no incident {0}")]
    NoSuchIncident(String),
    /// A password cannot be kept or read; says why.
    #[error("{0}")]
    Password(String),
    /// A report could not be made.
    #[error("the report could not be made: {0}")]
    Report(#[from] telltale_report::ReportError),
}

impl EngineError {
    /// Builds the variant for a file.
    pub fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
