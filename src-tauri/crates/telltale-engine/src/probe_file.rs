//! Probes out of a file. Never here: how the forms look (`telltale_core::probe_file`).

use crate::{Engine, EngineError};
use std::io::Read;
use std::path::Path;
use telltale_core::model::Probe;
use telltale_core::probe_file::MAX_FILE;

impl Engine {
    /// Stores the probes of the file at `path`, paused; see [`Engine::import_probes`].
    pub async fn import_probe_file(&self, path: &Path) -> Result<Vec<Probe>, EngineError> {
        let file = std::fs::File::open(path).map_err(EngineError::file(path))?;
        let mut bytes = Vec::new();
        // One octet more than may be, so that a larger file is refused rather than cut.
        file.take(MAX_FILE as u64 + 1)
            .read_to_end(&mut bytes)
            .map_err(EngineError::file(path))?;
        let text = String::from_utf8(bytes).map_err(|_| {
            EngineError::InvalidInput("the file is not text in UTF-8, so it holds no probes".to_owned())
        })?;
        self.import_probes(&text).await
    }
}
