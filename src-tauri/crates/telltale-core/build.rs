//! Embeds every file of `catalogue/`, so that adding one needs no change of the code.

use std::{env, error::Error, fmt::Write as _, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=catalogue");
    println!("cargo:rerun-if-changed=build.rs");
    let folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("catalogue");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.strip_suffix(".toml").is_some() {
            names.push(name);
        }
    }
    names.sort();
    let mut code = String::from("/// File name and text of every file of `catalogue/`, in order of name.\n");
    code.push_str("pub(super) static FILES: &[(&str, &str)] = &[\n");
    for name in names {
        writeln!(
            code,
            "    ({name:?}, include_str!({:?})),",
            folder.join(&name).to_string_lossy()
        )?;
    }
    code.push_str("];\n");
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("catalogue_files.rs"), code)?;
    Ok(())
}
