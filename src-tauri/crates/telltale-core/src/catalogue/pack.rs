//! TOML -> lines that are read fast at run time; shared by the build script (which embeds them) and the tests.
//!
//! One record a line, columns between tabs, the first the kind: `F` file, `E` edition, `C` company, `S` service of the company
//! before it, `D` domain and `N` network of the service before it. Every record but `F` has its line in the file as second
//! column, so that a slip can be named. What is checked here is the form; the rules are checked where the lines are read.

use serde::Deserialize;
use std::{fmt::Write as _, ops::Range};
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    edition: Option<Spanned<String>>,
    #[serde(default)]
    company: Vec<Company>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Company {
    id: Spanned<String>,
    name: Option<String>,
    country: Option<String>,
    parent: Option<String>,
    #[serde(default, rename = "as")]
    as_numbers: Vec<u32>,
    #[serde(default)]
    service: Vec<Service>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Service {
    name: Spanned<String>,
    purpose: String,
    #[serde(default)]
    domains: Vec<Spanned<String>>,
    #[serde(default)]
    networks: Vec<Spanned<String>>,
    en: String,
    fr: String,
    how: String,
}

/// The records of one file, or what is wrong with its form: `file:line: reason`.
pub(crate) fn pack(file: &str, text: &str) -> Result<String, String> {
    let line_of = |span: Option<Range<usize>>| {
        let before = span.and_then(|s| text.get(..s.start)).unwrap_or_default();
        before.matches('\n').count().saturating_add(1)
    };
    let parsed: File = toml::from_str(text).map_err(|error| {
        format!(
            "{file}:{}: {}",
            line_of(error.span()),
            error.message().replace('\n', ", ")
        )
    })?;
    let mut lines = String::new();
    let mut add = |kind: &str, line: Option<usize>, columns: &[&str]| {
        if let Some(bad) = columns.iter().find(|c| c.chars().any(char::is_control)) {
            return Err(format!(
                "{file}:{}: a tab or line break inside a text: {bad:?}",
                line.unwrap_or(1)
            ));
        }
        lines.push_str(kind);
        if let Some(line) = line {
            let _ = write!(lines, "\t{line}");
        }
        for column in columns {
            let _ = write!(lines, "\t{column}");
        }
        lines.push('\n');
        Ok(())
    };
    add("F", None, &[file])?;
    if let Some(edition) = &parsed.edition {
        add("E", Some(line_of(Some(edition.span()))), &[edition.get_ref()])?;
    }
    for company in &parsed.company {
        let text = |field: &Option<String>| field.clone().unwrap_or_default();
        let numbers: Vec<_> = company.as_numbers.iter().map(ToString::to_string).collect();
        let (name, country, parent) = (text(&company.name), text(&company.country), text(&company.parent));
        let columns = [company.id.get_ref(), &name, &country, &parent, &numbers.join(" ")];
        add(
            "C",
            Some(line_of(Some(company.id.span()))),
            &columns.map(String::as_str),
        )?;
        for service in &company.service {
            let name = service.name.get_ref();
            let columns = [name, &service.purpose, &service.en, &service.fr, &service.how];
            add(
                "S",
                Some(line_of(Some(service.name.span()))),
                &columns.map(String::as_str),
            )?;
            for (kind, list) in [("D", &service.domains), ("N", &service.networks)] {
                for row in list {
                    add(kind, Some(line_of(Some(row.span()))), &[row.get_ref()])?;
                }
            }
        }
    }
    Ok(lines)
}
