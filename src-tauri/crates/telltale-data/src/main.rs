//! Build-time: pinned registry packages -> compact tables in `src-tauri/data`. Never shipped.
//!
//! `npm run data` runs it after `npm ci`. Each set stays a layer of its own with its own licence; the tables are never
//! committed. Output is deterministic, written beside and renamed, and left alone while the inputs are the same. The forms of
//! the tables are those that [`telltale_core::enrich`] reads; before anything is renamed, an atlas is built of them.

mod asn;
mod companies;
mod country;
mod domains;
mod error;
mod manifest;
mod names;
mod output;
mod packages;
mod trackers;

use error::DataError;
use output::{Finished, Output};
use packages::Packages;
use std::{path::PathBuf, process::ExitCode, time::Instant};
use telltale_core::enrich::{Atlas, AtlasSources};

/// Raise it whenever a table's form or the way that it is made changes: then unchanged inputs are read again.
const EDITION: u32 = 2;

const USAGE: &str = "usage: telltale-data --from node_modules --to src-tauri/data [--lock Cargo.lock]";

/// Where things lie.
struct Places {
    from: PathBuf,
    to: PathBuf,
    lock: PathBuf,
}

fn main() -> ExitCode {
    let started = Instant::now();
    match places(std::env::args().skip(1)).and_then(|places| run(&places)) {
        Ok(line) => {
            say(&format!("data: {line} ({:.1} s)", started.elapsed().as_secs_f32()));
            ExitCode::SUCCESS
        }
        Err(error) => {
            say(&format!("data: {error}"));
            ExitCode::FAILURE
        }
    }
}

#[allow(clippy::print_stderr, reason = "a tool of the terminal")]
fn say(line: &str) {
    eprintln!("{line}");
}

fn places(mut arguments: impl Iterator<Item = String>) -> Result<Places, DataError> {
    let (mut from, mut to, mut lock) = (None, None, PathBuf::from("Cargo.lock"));
    while let Some(argument) = arguments.next() {
        let value = arguments.next().map(PathBuf::from).ok_or(DataError::Usage(USAGE))?;
        match argument.as_str() {
            "--from" => from = Some(value),
            "--to" => to = Some(value),
            "--lock" => lock = value,
            _ => return Err(DataError::Usage(USAGE)),
        }
    }
    Ok(Places {
        from: from.ok_or(DataError::Usage(USAGE))?,
        to: to.ok_or(DataError::Usage(USAGE))?,
        lock,
    })
}

fn run(places: &Places) -> Result<String, DataError> {
    let packages = Packages::find(&places.from, &places.lock)?;
    let stamp = packages.stamp(EDITION);
    let output = Output::new(&places.to)?;
    if output.is_current(&stamp) {
        return Ok("the tables are up to date".to_owned());
    }
    let companies = companies::build(&packages)?;
    let trackers = trackers::build(&packages)?;
    let (asn, asn_rows) = asn::build(&packages)?;
    let (country, country_rows) = country::build(&packages)?;
    let (names, name_rows) = names::build(&packages)?;
    let atlas = Atlas::new(AtlasSources {
        asn_mmdb: Some(asn.clone().into()),
        country_mmdb: Some(country.clone().into()),
        companies_fst: Some(companies.fst.clone().into()),
        companies_tsv: Some(companies.tsv.clone().into()),
        trackers_fst: Some(trackers.fst.clone().into()),
        manifest: Vec::new(),
    });
    atlas.map_err(|error| DataError::Unsound(error.to_string()))?;
    let finished = [
        Finished::new("asn.mmdb", asn),
        Finished::new("country.mmdb", country),
        Finished::new("companies.fst", companies.fst),
        Finished::new("companies.tsv", companies.tsv),
        Finished::new("trackers.fst", trackers.fst),
        Finished::new("countries.tsv", names),
    ];
    let rows = manifest::Rows {
        asn: asn_rows,
        country: country_rows,
        companies: companies.rows,
        trackers: trackers.rows,
        names: name_rows,
    };
    let sets = manifest::sets(&packages, &finished, rows);
    let octets = output.write(&finished, &manifest::json(&sets)?, &stamp)?;
    Ok(format!(
        "{asn_rows} networks, {country_rows} country ranges, {} company domains, {} tracker domains; {} kB",
        companies.rows,
        trackers.rows,
        octets / 1_000
    ))
}
