//! Refuses to build without the table of country names, in one line that says what to do.
use std::path::Path;

fn main() {
    let table = Path::new("../../data/countries.tsv");
    println!("cargo:rerun-if-changed={}", table.display());
    assert!(
        table.exists(),
        "src-tauri/data/countries.tsv is missing: run `npm ci && npm run data` once"
    );
}
