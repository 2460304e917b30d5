//! The packages that the tables are made of: where they lie, and which version they are.

use crate::error::DataError;
use serde::Deserialize;
use std::{
    fmt::Write as _,
    fs::{self, File},
    io::BufReader,
    path::{Path, PathBuf},
};

/// AS numbers and organisations.
pub(crate) const ASN: &str = "@ip-location-db/asn";
/// Countries of registration.
pub(crate) const COUNTRY: &str = "@ip-location-db/geo-whois-asn-country-mmdb";
/// Companies of the web.
pub(crate) const COMPANIES: &str = "third-party-web";
/// Advertising and tracking lists.
pub(crate) const TRACKERS: &str = "@adguard/dnr-rulesets";
/// The world map, which the window reads itself; here for the manifest.
pub(crate) const WORLD: &str = "world-atlas";
/// Names of countries.
pub(crate) const NAMES: &str = "cldr-localenames-full";

const NPM: [&str; 6] = [ASN, COUNTRY, COMPANIES, TRACKERS, WORLD, NAMES];
/// Libraries that carry data inside them.
const CRATES: [&str; 2] = ["psl", "oui-data"];

/// All packages, found.
pub(crate) struct Packages {
    folder: PathBuf,
    versions: Vec<(&'static str, String)>,
}

#[derive(Deserialize)]
struct PackageJson {
    version: String,
}

#[derive(Deserialize)]
struct LockFile {
    package: Vec<LockedCrate>,
}

#[derive(Deserialize)]
struct LockedCrate {
    name: String,
    version: String,
}

impl Packages {
    /// Finds every package, or says which is missing.
    pub(crate) fn find(folder: &Path, lock: &Path) -> Result<Self, DataError> {
        let mut versions = Vec::new();
        for package in NPM {
            let file = folder.join(package).join("package.json");
            let Ok(text) = fs::read_to_string(&file) else {
                return Err(DataError::Missing {
                    package,
                    from: folder.to_owned(),
                });
            };
            let json: PackageJson = serde_json::from_str(&text).map_err(|error| input(&file, &error))?;
            versions.push((package, json.version));
        }
        let text = fs::read_to_string(lock).map_err(|error| input(lock, &error))?;
        let locked: LockFile = toml::from_str(&text).map_err(|error| input(lock, &error.message()))?;
        for package in CRATES {
            let Some(found) = locked.package.iter().find(|p| p.name == package) else {
                return Err(DataError::Lock {
                    file: lock.to_owned(),
                    package,
                });
            };
            versions.push((package, found.version.clone()));
        }
        Ok(Self {
            folder: folder.to_owned(),
            versions,
        })
    }

    /// Version of a package.
    pub(crate) fn version(&self, package: &str) -> &str {
        self.versions
            .iter()
            .find(|(p, _)| *p == package)
            .map_or("", |(_, version)| version)
    }

    /// A file of a package.
    pub(crate) fn file(&self, package: &str, path: &str) -> PathBuf {
        self.folder.join(package).join(path)
    }

    /// Its octets.
    pub(crate) fn read(&self, package: &str, path: &str) -> Result<Vec<u8>, DataError> {
        let file = self.file(package, path);
        fs::read(&file).map_err(|error| input(&file, &error))
    }

    /// The same, opened.
    pub(crate) fn open(&self, package: &str, path: &str) -> Result<BufReader<File>, DataError> {
        let file = self.file(package, path);
        File::open(&file)
            .map(BufReader::new)
            .map_err(|error| input(&file, &error))
    }

    /// What the tables depend on, one line each; equal stamps make equal tables.
    pub(crate) fn stamp(&self, edition: u32) -> String {
        let mut stamp = format!("telltale-data {edition}\n");
        for (package, version) in &self.versions {
            let _ = writeln!(stamp, "{package} {version}");
        }
        stamp
    }
}

/// An input that is not what it should be.
pub(crate) fn input(file: &Path, reason: &impl ToString) -> DataError {
    DataError::Input {
        file: file.to_owned(),
        reason: reason.to_string(),
    }
}

/// `2.3.2026061719` or `3.3.20260320140136` -> `2026-06-17`: these packages carry their date in the third number.
pub(crate) fn dated(version: &str) -> Option<String> {
    let digits = version.split('.').nth(2)?;
    let (year, month, day) = (digits.get(..4)?, digits.get(4..6)?, digits.get(6..8)?);
    let all_digits = digits.bytes().all(|b| b.is_ascii_digit());
    (all_digits && year.starts_with("20")).then(|| format!("{year}-{month}-{day}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_from_versions() {
        assert_eq!(dated("2.3.2026061719").as_deref(), Some("2026-06-17"));
        assert_eq!(dated("3.3.20260320140136").as_deref(), Some("2026-03-20"));
        for version in ["0.30.0", "2.0.2", "", "1.2.x0260617"] {
            assert_eq!(dated(version), None, "{version}");
        }
    }

    #[test]
    fn a_missing_package_says_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let Err(error) = Packages::find(folder.path(), Path::new("Cargo.lock")) else {
            panic!("found")
        };
        assert!(error.to_string().contains("npm ci"), "{error}");
    }
}
