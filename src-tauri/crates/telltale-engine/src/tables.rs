//! The tables that ship inside the program, and the atlas made of them.

use serde::Deserialize;
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};
use telltale_core::enrich::{Atlas, AtlasSources, DataSet};

macro_rules! table {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/", $name))
    };
}

#[derive(Deserialize)]
struct Manifest {
    sets: Vec<DataSet>,
}

/// The atlas of the tables that ship, made at the first call (some tens of milliseconds) and shared afterwards. A table that cannot
/// be read leaves its layer empty and is logged; the catalogue alone always works.
pub fn atlas() -> Arc<Atlas> {
    static ATLAS: OnceLock<Arc<Atlas>> = OnceLock::new();
    Arc::clone(ATLAS.get_or_init(|| {
        let whole = |bytes: &'static [u8]| Some(Cow::Borrowed(bytes));
        let manifest = serde_json::from_slice::<Manifest>(table!("manifest.json")).map(|m| m.sets);
        let sources = AtlasSources {
            asn_mmdb: whole(table!("asn.mmdb")),
            country_mmdb: whole(table!("country.mmdb")),
            companies_fst: whole(table!("companies.fst")),
            companies_tsv: whole(table!("companies.tsv")),
            trackers_fst: whole(table!("trackers.fst")),
            manifest: manifest.unwrap_or_default(),
        };
        Arc::new(Atlas::new(sources).unwrap_or_else(|e| {
            tracing::error!("the tables that ship cannot be read: {e}");
            Atlas::empty_but_catalogue()
        }))
    }))
}

/// The example capture that ships: made by our own clients and servers (see tests/captures/README.md).
pub(crate) const EXAMPLE: &[u8] = include_bytes!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../../tests/captures/example.pcapng"
));
