//! Makes cargo look again when a migration or a data table changes, and refuses to build without the tables.
use std::path::Path;

/// Tables that `npm run data` makes.
const TABLES: [&str; 1] = ["manifest.json"];

fn main() {
    println!("cargo:rerun-if-changed=migrations");
    let data = Path::new("../../data");
    println!("cargo:rerun-if-changed={}", data.display());
    for table in TABLES {
        assert!(
            data.join(table).exists(),
            "src-tauri/data/{table} is missing: run `npm ci && npm run data` once"
        );
    }
}
