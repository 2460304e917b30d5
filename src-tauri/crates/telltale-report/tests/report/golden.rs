//! Byte-equal to `tests/golden/report*` at the root of the repository; `TELLTALE_BLESS=1` writes them anew.

use crate::sample;
use std::{fs, path::PathBuf};
use telltale_report::Language;

#[track_caller]
fn check(name: &str, made: &[u8]) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../tests/golden")
        .join(name);
    if std::env::var_os("TELLTALE_BLESS").is_some() {
        fs::write(&path, made).unwrap();
        return;
    }
    let golden = fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}; TELLTALE_BLESS=1 writes it", path.display()));
    if golden != made {
        let differs = golden
            .iter()
            .zip(made)
            .position(|(a, b)| a != b)
            .unwrap_or(golden.len().min(made.len()));
        let around = |octets: &[u8]| {
            let (from, to) = (differs.saturating_sub(80), (differs + 80).min(octets.len()));
            String::from_utf8_lossy(&octets[from.min(to)..to]).into_owned()
        };
        panic!(
            "{name} differs at octet {differs}:\n golden …{}…\n made   …{}…\nTELLTALE_BLESS=1 writes it anew",
            around(&golden),
            around(made)
        );
    }
}

const LANGUAGES: [(Language, &str); 2] = [(Language::En, "en"), (Language::Fr, "fr")];

#[test]
fn json_is_as_it_was() {
    let (outcome, sets, pandore) = (sample::outcome(), sample::data_sets(), sample::pandore());
    let mut made = Vec::new();
    telltale_report::json(
        &outcome,
        &sample::context(Language::En, &sets, Some(&pandore)),
        &mut made,
    )
    .unwrap();
    check("report.json", &made);
    let mut french = Vec::new();
    telltale_report::json(
        &outcome,
        &sample::context(Language::Fr, &sets, Some(&pandore)),
        &mut french,
    )
    .unwrap();
    assert_eq!(made, french, "JSON is the same in every language");
}

#[test]
fn csv_is_as_it_was() {
    let (outcome, sets) = (sample::outcome(), sample::data_sets());
    for (language, tag) in LANGUAGES {
        let mut made = Vec::new();
        telltale_report::csv(&outcome, &sample::context(language, &sets, None), &mut made).unwrap();
        check(&format!("report.{tag}.csv"), &made);
    }
}

#[test]
fn html_is_as_it_was() {
    let (outcome, sets, pandore) = (sample::outcome(), sample::data_sets(), sample::pandore());
    for (language, tag) in LANGUAGES {
        let mut made = Vec::new();
        telltale_report::html(&outcome, &sample::context(language, &sets, Some(&pandore)), &mut made).unwrap();
        check(&format!("report.{tag}.html"), &made);
    }
}
