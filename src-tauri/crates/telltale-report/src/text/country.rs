//! Names of countries in the language of the report.

use crate::Language;
use std::borrow::Cow;

/// Code, English, French; sorted by code. CLDR's names (`npm run data` makes the table), so that report and window say the same.
const NAMES: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/countries.tsv"));

impl Language {
    /// A country's name by its ISO 3166-1 code; the code itself where it is none.
    pub(crate) fn country(self, code: &str) -> Cow<'static, str> {
        let found = NAMES.lines().find_map(|line| {
            let mut columns = line.split('\t');
            if columns.next()? != code {
                return None;
            }
            match self {
                Self::En => columns.next(),
                Self::Fr => columns.nth(1),
            }
        });
        found.map_or_else(|| Cow::Owned(crate::foreign::visible(code).into_owned()), Cow::Borrowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_have_names_in_both_languages() {
        assert_eq!(Language::En.country("DE"), "Germany");
        assert_eq!(Language::Fr.country("DE"), "Allemagne");
        assert_eq!(Language::Fr.country("US"), "États-Unis");
        assert_eq!(Language::En.country("??"), "??");
        assert_eq!(Language::En.country("#"), "#");
    }

    #[test]
    fn the_table_is_whole() {
        let rows: Vec<Vec<&str>> = NAMES.lines().map(|l| l.split('\t').collect()).collect();
        assert!(rows.len() >= 249, "{} countries", rows.len());
        assert!(
            rows.iter()
                .all(|r| r.len() == 3 && r[0].len() == 2 && r.iter().all(|c| !c.is_empty()))
        );
    }
}
