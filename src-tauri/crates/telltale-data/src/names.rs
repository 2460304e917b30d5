//! CLDR's territory names -> `countries.tsv`: code, English, French, one country a line. The window has the same names from its own
//! engine (`Intl`), so that report and window say the same.

use crate::{
    error::DataError,
    packages::{NAMES, Packages, input},
};
use serde::Deserialize;
use std::{collections::BTreeMap, fmt::Write as _};

/// Codes of CLDR that are no country: unions, pseudo-locales, unknown.
const NO_COUNTRY: [&str; 7] = ["EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"];

type Territories = BTreeMap<String, String>;

#[derive(Deserialize)]
struct File {
    main: BTreeMap<String, Locale>,
}

#[derive(Deserialize)]
struct Locale {
    #[serde(rename = "localeDisplayNames")]
    names: DisplayNames,
}

#[derive(Deserialize)]
struct DisplayNames {
    territories: Territories,
}

/// The table and its number of rows.
pub(crate) fn build(packages: &Packages) -> Result<(Vec<u8>, u64), DataError> {
    table(&territories(packages, "en")?, &territories(packages, "fr")?)
}

fn territories(packages: &Packages, locale: &str) -> Result<Territories, DataError> {
    let path = format!("main/{locale}/territories.json");
    let file = packages.file(NAMES, &path);
    let mut read: File = serde_json::from_slice(&packages.read(NAMES, &path)?).map_err(|error| input(&file, &error))?;
    let found = read.main.remove(locale).map(|l| l.names.territories);
    found.ok_or_else(|| input(&file, &"the locale is not in its own file"))
}

fn table(english: &Territories, french: &Territories) -> Result<(Vec<u8>, u64), DataError> {
    let mut text = String::new();
    let mut rows = 0;
    for (code, name) in english {
        let two_letters = code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase());
        if !two_letters || NO_COUNTRY.contains(&code.as_str()) {
            continue;
        }
        let other = french.get(code);
        let other = other.ok_or_else(|| DataError::Unsound(format!("country {code} has no French name")))?;
        let _ = writeln!(text, "{code}\t{name}\t{other}");
        rows += 1;
    }
    Ok((text.into_bytes(), rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(pairs: &[(&str, &str)]) -> Territories {
        pairs.iter().map(|(c, n)| ((*c).to_owned(), (*n).to_owned())).collect()
    }

    #[test]
    fn only_countries_are_kept_in_both_languages() {
        let english = named(&[
            ("001", "world"),
            ("DE", "Germany"),
            ("EU", "European Union"),
            ("HK-alt-short", "Hong Kong"),
        ]);
        let (table, rows) = table(&english, &named(&[("DE", "Allemagne")])).unwrap();
        assert_eq!((table.as_slice(), rows), (&b"DE\tGermany\tAllemagne\n"[..], 1));
    }

    #[test]
    fn a_country_without_a_french_name_is_refused() {
        assert!(table(&named(&[("DE", "Germany")]), &named(&[])).is_err());
    }
}
