//! By what a capture file is known again, and what seals it in a report.

use crate::EngineError;
use ring::digest::{Context, SHA256};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Octets at each end that the fingerprint covers.
const END: u64 = 1 << 20;

/// Length and SHA-256 of the first and the last MiB: enough to know a file again at once, however large it is. Not a seal: see [`sha256`].
pub(crate) fn fingerprint(path: &Path) -> Result<String, EngineError> {
    let read = || -> std::io::Result<String> {
        let mut file = File::open(path)?;
        let len = file.metadata()?.len();
        let mut hash = Context::new(&SHA256);
        feed(&mut hash, &mut (&mut file).take(END))?;
        if len > END {
            file.seek(SeekFrom::Start(END.max(len.saturating_sub(END))))?;
            feed(&mut hash, &mut file.take(END))?;
        }
        Ok(format!("{len}-{}", hex(hash)))
    };
    read().map_err(EngineError::file(path))
}

/// SHA-256 of the whole file, lower-case hex; `None` when it cannot be read (any more).
pub fn sha256(path: &Path) -> Option<String> {
    sha256_of(&mut File::open(path).ok()?).ok()
}

/// SHA-256 of all that is read from `from`, lower-case hex.
pub(crate) fn sha256_of(from: &mut impl Read) -> std::io::Result<String> {
    let mut hash = Context::new(&SHA256);
    feed(&mut hash, from)?;
    Ok(hex(hash))
}

fn feed(hash: &mut Context, from: &mut impl Read) -> std::io::Result<()> {
    let mut chunk = vec![0; 128 << 10];
    loop {
        match from.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(n) => hash.update(&chunk[..n]),
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

fn hex(hash: Context) -> String {
    hash.finish()
        .as_ref()
        .iter()
        .fold(String::with_capacity(64), |mut text, octet| {
            let _ = write!(text, "{octet:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::{fingerprint, sha256};

    #[test]
    fn ends_and_length_tell_files_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let mut bytes = vec![0_u8; 3 << 20];
        let mut seen = Vec::new();
        for (at, value) in [(0, 1), (0, 2), (bytes.len() - 1, 3)] {
            bytes[at] = value;
            std::fs::write(&path, &bytes).unwrap();
            seen.push(fingerprint(&path).unwrap());
        }
        bytes.pop();
        std::fs::write(&path, &bytes).unwrap();
        seen.push(fingerprint(&path).unwrap());
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 4);
    }

    #[test]
    fn the_seal_is_sha256() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        std::fs::write(&path, b"abc").unwrap();
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(&path).as_deref(), Some(known));
        assert_eq!(sha256(&folder.path().join("none")), None);
    }
}
