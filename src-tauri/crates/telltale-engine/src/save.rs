//! Files are written beside their place and renamed into it: never half a report, never a lost old one.

use crate::EngineError;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Writes a file at `path` with what `fill` puts into it. Fails without touching what was there before.
pub fn save(path: &Path, fill: impl FnOnce(&mut dyn Write) -> Result<(), EngineError>) -> Result<(), EngineError> {
    let folder = match path.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    };
    let file_error = |e: std::io::Error| EngineError::File {
        path: path.to_owned(),
        source: e,
    };
    let mut beside = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any other document that the user saves; the umask takes away what it should.
        beside.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let temporary = beside.prefix(".telltale-").tempfile_in(folder).map_err(file_error)?;
    let mut writer = BufWriter::with_capacity(256 << 10, temporary);
    fill(&mut writer)?;
    let temporary = writer.into_inner().map_err(|e| file_error(e.into_error()))?;
    temporary.as_file().sync_all().map_err(file_error)?;
    temporary.persist(path).map_err(|e| file_error(e.error))?;
    Ok(())
}

/// Writes `bytes` as a file.
pub fn save_bytes(path: &Path, bytes: &[u8]) -> Result<(), EngineError> {
    save(path, |writer| writer.write_all(bytes).map_err(EngineError::file(path)))
}

#[cfg(test)]
mod tests {
    use super::save;
    use crate::EngineError;

    #[test]
    fn an_error_leaves_the_old_file_and_no_rest() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        save(&path, |w| w.write_all(b"old").map_err(EngineError::file(&path))).unwrap();
        let failed = save(&path, |w| {
            w.write_all(b"new").map_err(EngineError::file(&path))?;
            Err(EngineError::Busy)
        });
        assert!(failed.is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let path = std::env::temp_dir().join("telltale-no-such-folder").join("x.json");
        let error = save(&path, |_| Ok(())).unwrap_err();
        assert!(error.to_string().contains("telltale-no-such-folder"), "{error}");
    }
}
