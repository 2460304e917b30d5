//! The catalogue knows the hosts that matter: building blocks inside apps, what phones say to their makers, everyday services.
//!
//! `hosts.tsv` is our own selection; a row that fails names the host and what was said of it. With the tables of
//! `npm run data` in place, the lists must not turn a needed host into a tracker, either.
#![allow(clippy::print_stderr, reason = "says what was skipped")]

use std::{fs, path::Path};
use telltale_core::enrich::{Atlas, AtlasSources, lookup};

const HOSTS: &str = include_str!("hosts.tsv");

fn rows() -> Vec<(&'static str, bool, &'static str)> {
    let rows = HOSTS.lines().filter(|l| !l.starts_with('#')).map(|line| {
        let mut columns = line.split('\t');
        let (name, kind, company) = (
            columns.next().unwrap(),
            columns.next().unwrap(),
            columns.next().unwrap(),
        );
        assert!(matches!(kind, "tracker" | "needed"), "{line}");
        (name, kind == "tracker", company)
    });
    rows.collect()
}

fn wrong(atlas: &Atlas) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, tracker, company) in rows() {
        let owner = lookup(atlas, name).unwrap();
        if owner.tracker != tracker || owner.company.as_deref() != Some(company) {
            wrong.push(format!(
                "{name}: {:?}, {:?}, tracker {} instead of {company}, {tracker}",
                owner.company, owner.purpose, owner.tracker
            ));
        }
    }
    wrong
}

#[test]
fn well_known_hosts_are_known() {
    assert!(rows().len() > 400);
    let wrong = wrong(&Atlas::empty_but_catalogue());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_lists_accuse_no_needed_host() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
    let read = |name: &str| fs::read(folder.join(name)).ok().map(Into::into);
    let sources = AtlasSources {
        companies_fst: read("companies.fst"),
        companies_tsv: read("companies.tsv"),
        trackers_fst: read("trackers.fst"),
        ..AtlasSources::default()
    };
    if sources.trackers_fst.is_none() {
        eprintln!("skipped: the tables of `npm run data` are not there");
        return;
    }
    let wrong = wrong(&Atlas::new(sources).unwrap());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
