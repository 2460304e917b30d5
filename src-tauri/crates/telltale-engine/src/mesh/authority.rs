//! The certificate of an authority of the owner's, from a file that they chose.

use super::join::of_link;
use crate::{Engine, EngineError};
use std::io::Read;
use std::path::Path;
use telltale_mesh::link::{MAX_AUTHORITY, read_authority};

impl Engine {
    /// Reads an authority's certificate (PEM or DER); gives it as PEM. Nothing is trusted by that yet.
    #[expect(clippy::unused_async, reason = "the shells call all of the engine in one way")]
    pub async fn mesh_read_authority(&self, path: &Path) -> Result<String, EngineError> {
        let file = std::fs::File::open(path).map_err(EngineError::file(path))?;
        let mut octets = Vec::new();
        // One octet more than may be, so that a larger file is refused rather than cut.
        file.take(MAX_AUTHORITY as u64 + 1)
            .read_to_end(&mut octets)
            .map_err(EngineError::file(path))?;
        read_authority(&octets).map_err(of_link)
    }
}
