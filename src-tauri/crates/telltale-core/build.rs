//! Embeds every file of `catalogue/`, packed, so that adding one needs no change of the code.

#[path = "src/catalogue/pack.rs"]
mod pack;

use std::{env, error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=catalogue");
    println!("cargo:rerun-if-changed=src/catalogue/pack.rs");
    let folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("catalogue");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.strip_suffix(".toml").is_some() {
            names.push(name);
        }
    }
    names.sort();
    let mut packed = String::new();
    for name in names {
        packed.push_str(&pack::pack(&name, &fs::read_to_string(folder.join(&name))?)?);
    }
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("catalogue.tsv"), packed)?;
    Ok(())
}
