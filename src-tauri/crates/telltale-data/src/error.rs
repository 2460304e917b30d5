//! What can go wrong, and what to do then.

use std::path::PathBuf;

/// One variant for each thing that the person at the terminal can act on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DataError {
    /// Wrong arguments.
    #[error("{0}")]
    Usage(&'static str),
    /// A package is not installed.
    #[error("the package {package} is missing below {from}: run \"npm ci\" first")]
    Missing { package: &'static str, from: PathBuf },
    /// A file of a package cannot be read as what it should be.
    #[error("{file}: {reason}: is this another version of the package than package-lock.json names? Run \"npm ci\"")]
    Input { file: PathBuf, reason: String },
    /// A library that is compiled in is not in the lock file.
    #[error("{file} does not name the crate {package}")]
    Lock { file: PathBuf, package: &'static str },
    /// A table cannot be written.
    #[error("cannot write {file}: {reason}")]
    Write { file: PathBuf, reason: String },
    /// A table that was made does not say what went into it.
    #[error("a table came out wrong, nothing was written: {0}")]
    Unsound(String),
}
