//! Tables on the disk: written beside and renamed, and a stamp that says what they were made of.

use crate::error::DataError;
use sha2::{Digest, Sha256};
use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

const MANIFEST: &str = "manifest.json";
/// Written last: a stamp stands for complete tables.
const STAMP: &str = ".stamp";

/// A table, ready to be written.
pub(crate) struct Finished {
    /// File name.
    pub(crate) name: &'static str,
    /// Its octets.
    pub(crate) octets: Vec<u8>,
    /// Their SHA-256, lower-case hex.
    pub(crate) sha256: String,
}

impl Finished {
    pub(crate) fn new(name: &'static str, octets: Vec<u8>) -> Self {
        let sha256 = Sha256::digest(&octets).iter().fold(String::new(), |mut hex, octet| {
            let _ = write!(hex, "{octet:02x}");
            hex
        });
        Self { name, octets, sha256 }
    }
}

/// The folder of the tables.
pub(crate) struct Output {
    folder: PathBuf,
}

impl Output {
    /// Makes the folder.
    pub(crate) fn new(folder: &Path) -> Result<Self, DataError> {
        fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// Whether complete tables of the same inputs are there.
    pub(crate) fn is_current(&self, stamp: &str) -> bool {
        let Ok(found) = fs::read_to_string(self.folder.join(STAMP)) else {
            return false;
        };
        let Some(sizes) = found.strip_prefix(stamp) else {
            return false;
        };
        !sizes.is_empty()
            && sizes.lines().all(|line| {
                line.split_once(' ').is_some_and(|(size, name)| {
                    fs::metadata(self.folder.join(name)).is_ok_and(|m| m.len().to_string() == size)
                })
            })
    }

    /// Writes tables, manifest and stamp; returns the octets of all.
    pub(crate) fn write(&self, tables: &[Finished], manifest: &[u8], stamp: &str) -> Result<usize, DataError> {
        let mut stamp = stamp.to_owned();
        let mut total = 0;
        let files = tables
            .iter()
            .map(|t| (t.name, t.octets.as_slice()))
            .chain([(MANIFEST, manifest)]);
        for (name, octets) in files {
            self.put(name, octets)?;
            let _ = writeln!(stamp, "{} {name}", octets.len());
            total += octets.len();
        }
        self.put(STAMP, stamp.as_bytes())?;
        Ok(total)
    }

    fn put(&self, name: &str, octets: &[u8]) -> Result<(), DataError> {
        let (beside, file) = (self.folder.join(format!("{name}.new")), self.folder.join(name));
        fs::write(&beside, octets)
            .and_then(|()| fs::rename(&beside, &file))
            .map_err(|error| failed(&file, &error))
    }
}

fn failed(file: &Path, error: &std::io::Error) -> DataError {
    DataError::Write {
        file: file.to_owned(),
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complete_tables_of_the_same_inputs_are_current() {
        let folder = tempfile::tempdir().unwrap();
        let output = Output::new(&folder.path().join("data")).unwrap();
        assert!(!output.is_current("v1\n"));
        let table = Finished::new("a.bin", b"abc".to_vec());
        assert_eq!(
            table.sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(output.write(&[table], b"{}", "v1\n").unwrap(), 5);
        assert!(output.is_current("v1\n"));
        assert!(!output.is_current("v2\n"));
        fs::write(folder.path().join("data/a.bin"), b"cut").unwrap();
        assert!(output.is_current("v1\n"), "same size");
        fs::write(folder.path().join("data/a.bin"), b"").unwrap();
        assert!(!output.is_current("v1\n"));
        fs::remove_file(folder.path().join("data/a.bin")).unwrap();
        assert!(!output.is_current("v1\n"));
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_an_error() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(Output::new(&file.path().join("data")).is_err());
    }
}
