//! The exported file -> the core's reader, within a limit.

use crate::EngineError;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use telltale_core::apple::{NotAReport, ReportReader};
use telltale_core::model::AppReport;

/// Octets of a report at most: seven days of a busy phone are some ten MB.
const MAX_REPORT_BYTES: u64 = 256 << 20;

/// Why a file is no report that can be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReportProblem {
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// Some other file.
    #[error("the file is no App Privacy Report")]
    Foreign,
    /// Only records of an early beta of iOS 15.
    #[error("the report is of an early version of iOS 15, whose form is not known")]
    TooOld,
    /// Mostly records of another form.
    #[error("the report has a form that this version does not know: {read} lines were understood, {unread} were not")]
    UnknownForm {
        /// Lines that were understood.
        read: u32,
        /// Lines that were not.
        unread: u32,
    },
    /// More octets than any real one.
    #[error("the file is larger than {} MB, which no App Privacy Report is", MAX_REPORT_BYTES >> 20)]
    TooLarge,
}

impl ReportProblem {
    /// Its key, for the window's words.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Foreign => "foreign",
            Self::TooOld => "too_old",
            Self::UnknownForm { .. } => "unknown_form",
            Self::TooLarge => "too_large",
        }
    }
}

impl From<NotAReport> for ReportProblem {
    fn from(why: NotAReport) -> Self {
        match why {
            NotAReport::Empty => Self::Empty,
            NotAReport::Foreign => Self::Foreign,
            NotAReport::TooOld => Self::TooOld,
            NotAReport::UnknownForm { read, unread } => Self::UnknownForm { read, unread },
        }
    }
}

/// Reads the report at `path` and puts it together with `earlier`.
pub(super) fn read(path: &Path, earlier: AppReport) -> Result<AppReport, EngineError> {
    let file = File::open(path).map_err(EngineError::file(path))?;
    let told = file.metadata().map_err(EngineError::file(path))?.len();
    if told > MAX_REPORT_BYTES {
        return Err(ReportProblem::TooLarge.into());
    }
    let mut reader = ReportReader::after(earlier);
    let mut chunk = vec![0; 128 << 10];
    let mut read = 0_u64;
    // The length above may be none (a pipe) or change while it is read.
    let mut file = file.take(MAX_REPORT_BYTES + 1);
    loop {
        match file.read(&mut chunk) {
            Ok(0) => break,
            Ok(n) => {
                read += n as u64;
                reader.feed(&chunk[..n]);
            }
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(EngineError::file(path)(e)),
        }
    }
    if read > MAX_REPORT_BYTES {
        return Err(ReportProblem::TooLarge.into());
    }
    Ok(reader.finish().map_err(ReportProblem::from)?.0)
}
