//! third-party-web -> `companies.fst` and `companies.tsv`.

use crate::{
    domains::Domains,
    error::DataError,
    packages::{COMPANIES, Packages, input},
};
use serde::Deserialize;
use std::fmt::Write as _;

const FILE: &str = "dist/entities-nostats.json";

#[derive(Deserialize)]
struct Entity {
    name: String,
    company: Option<String>,
    #[serde(alias = "categories")]
    category: Category,
    domains: Vec<String>,
}

/// One category, or a list of which the first counts.
#[derive(Deserialize)]
#[serde(untagged)]
enum Category {
    One(String),
    Many(Vec<String>),
}

/// Both tables.
pub(crate) struct Companies {
    pub(crate) fst: Vec<u8>,
    pub(crate) tsv: Vec<u8>,
    /// Domains.
    pub(crate) rows: u64,
}

pub(crate) fn build(packages: &Packages) -> Result<Companies, DataError> {
    let entities: Vec<Entity> = serde_json::from_slice(&packages.read(COMPANIES, FILE)?)
        .map_err(|error| input(&packages.file(COMPANIES, FILE), &error))?;
    tables(&entities)
}

fn tables(entities: &[Entity]) -> Result<Companies, DataError> {
    let mut domains = Domains::default();
    let mut tsv = String::new();
    for (row, entity) in (0_u64..).zip(entities) {
        let company = entity
            .company
            .as_deref()
            .filter(|c| !c.is_empty())
            .unwrap_or(&entity.name);
        let product = if company == entity.name { "" } else { &entity.name };
        let category = match &entity.category {
            Category::One(category) => category.as_str(),
            Category::Many(categories) => categories.first().map_or("other", String::as_str),
        };
        let _ = writeln!(tsv, "{}\t{}\t{}", column(company), column(product), column(category));
        for domain in &entity.domains {
            let domain = domain.strip_prefix("*.").unwrap_or(domain).to_ascii_lowercase();
            if Domains::is_nameable(&domain, true) {
                domains.update(&domain, |known| known.unwrap_or(row));
            }
        }
    }
    let rows = domains.len() as u64;
    Ok(Companies {
        fst: domains.build()?,
        tsv: tsv.into_bytes(),
        rows,
    })
}

fn column(text: &str) -> String {
    text.split(char::is_whitespace)
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use telltale_core::enrich::{Atlas, AtlasSources};

    #[test]
    fn the_tables_say_what_the_package_says() {
        let json = r#"[
            {"name":"Acme Ads","company":"Acme","category":"ad","domains":["*.acme-ads-example.com","x.example.org"]},
            {"name":"Tab\tbed","category":"content","domains":["tab-example.net","192.0.2.1","com"]},
            {"name":"Second","categories":["cdn","ad"],"domains":["x.example.org"]}]"#;
        let built = tables(&serde_json::from_str::<Vec<Entity>>(json).unwrap()).unwrap();
        assert_eq!(built.rows, 3);
        assert_eq!(
            std::str::from_utf8(&built.tsv).unwrap(),
            "Acme\tAcme Ads\tad\nTab bed\t\tcontent\nSecond\t\tcdn\n"
        );
        let sources = AtlasSources {
            companies_fst: Some(built.fst.into()),
            companies_tsv: Some(built.tsv.into()),
            ..AtlasSources::default()
        };
        let atlas = Atlas::new(sources).unwrap();
        let company = |name| atlas.owner_of(Some(name), None).company.map(|c| c.to_string());
        assert_eq!(company("t.acme-ads-example.com").as_deref(), Some("Acme"));
        assert_eq!(company("x.example.org").as_deref(), Some("Acme"));
        assert_eq!(company("tab-example.net").as_deref(), Some("Tab bed"));
        assert_eq!(company("nobody-example.com"), None);
    }
}
