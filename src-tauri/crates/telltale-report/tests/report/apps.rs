//! A report of an audit into which the phone's own report of its apps was imported.

use crate::sample;
use serde_json::Value;
use telltale_core::model::{
    Access, AccessCategory, AppReport, Initiator, Outcome, ReportTally, ReportedApp, ReportedDomain, Server, Timestamp,
};
use telltale_report::Language;

/// A report that names `bundle` for every named server, a second app for the first of them, and a name above another.
pub(crate) fn named(bundle: &str, servers: &[Server]) -> AppReport {
    let domain = |name: &str, server: &Server| ReportedDomain {
        domain: name.into(),
        context: Some(bundle.into()),
        owner: Some(bundle.into()),
        may_profile: Some(true),
        initiator: Some(Initiator::Person),
        hits: 7,
        first: server.first,
        last: server.last,
    };
    let rows: Vec<&Server> = servers.iter().filter(|s| s.name.is_some()).collect();
    let access = |category, end| Access {
        category,
        id: "1".into(),
        broadcaster: Some(bundle.into()),
        begin: Some(Timestamp(sample::START)),
        end,
    };
    let first = rows[0];
    let above = ReportedDomain {
        first: Timestamp(sample::START - 1),
        ..domain("social.example", first)
    };
    AppReport {
        apps: vec![
            ReportedApp {
                bundle: bundle.into(),
                domains: rows.iter().map(|s| domain(s.name.as_ref().unwrap(), s)).collect(),
                accesses: vec![
                    access(AccessCategory::Camera, None),
                    access(AccessCategory::Camera, Some(first.last)),
                ],
            },
            ReportedApp {
                bundle: "com.apple.mobilesafari".into(),
                domains: vec![domain(first.name.as_ref().unwrap(), first), above],
                accesses: vec![],
            },
        ],
        tally: ReportTally {
            lines: 40,
            bad_lines: 1,
            unknown_lines: 2,
            dropped: 0,
        },
    }
}

pub(crate) fn outcome() -> Outcome {
    let mut outcome = sample::outcome();
    outcome.apps_imported = Some(named("org.example.app", &outcome.servers));
    outcome
}

fn json(outcome: &Outcome) -> Value {
    let mut made = Vec::new();
    telltale_report::json(outcome, &sample::context(Language::En, &[], None), &mut made).unwrap();
    serde_json::from_slice(&made).unwrap()
}

fn page(outcome: &Outcome, language: Language) -> String {
    let mut made = Vec::new();
    telltale_report::html(outcome, &sample::context(language, &[], None), &mut made).unwrap();
    String::from_utf8(made).unwrap().replace('\u{a0}', " ")
}

#[test]
fn without_an_import_nothing_is_said_of_one() {
    let report = json(&sample::outcome());
    assert!(report.get("app_report").is_none() && report.get("reported_apps").is_none());
    assert!(!page(&sample::outcome(), Language::En).contains("reported-apps"));
}

#[test]
fn the_json_form_has_apps_domains_and_accesses_as_inferred() {
    let outcome = outcome();
    let named = outcome.servers.iter().filter(|s| s.name.is_some()).count();
    let report = json(&outcome);
    assert_eq!(report["app_report"]["bad_lines"], 1);
    assert_eq!(report["app_report"]["clock_tolerance_seconds"], 120);
    let apps = report["reported_apps"].as_array().unwrap();
    assert_eq!((apps.len(), &apps[0]["basis"]), (2, &Value::from("inferred")));
    assert_eq!(apps[0]["servers"].as_array().unwrap().len(), named);
    assert_eq!(apps[0]["shared_servers"], apps[1]["servers"]);
    assert_eq!(apps[1]["name"], "Safari");
    assert_eq!(apps[0]["accesses"][0]["end"], Value::Null);
    let first = &apps[0]["domains"][0];
    assert_eq!(
        (&first["initiator"], &first["hits"]),
        (&Value::from("person"), &Value::from(7))
    );
}

#[test]
fn the_page_names_them_and_says_what_cannot_be_told() {
    let outcome = outcome();
    for (language, said) in [
        (
            Language::En,
            [
                "Apps named by the phone’s own report",
                "The report names 2 apps; 3 of its 40 lines could not be read or understood.",
                "camera (2 times)",
                "at least",
            ],
        ),
        (
            Language::Fr,
            [
                "Applications nommées par le rapport du téléphone",
                "Le rapport nomme 2 applications ; 3 de ses 40 lignes",
                "appareil photo (2 fois)",
                "au moins",
            ],
        ),
    ] {
        let page = page(&outcome, language);
        for words in said {
            assert!(page.contains(words), "{words}");
        }
        assert!(page.contains("Safari") && page.contains("org.example.app"));
    }
}
