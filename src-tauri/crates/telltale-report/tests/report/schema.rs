//! Every report is valid by the schema in the repository, and the schema says of every field what it is.

use crate::{apps, hostile, live, sample};
use serde_json::Value;
use telltale_core::model::Outcome;
use telltale_report::Language;

fn schema() -> Value {
    serde_json::from_str(include_str!("../../schema/telltale.audit-1.schema.json")).unwrap()
}

fn report(outcome: &Outcome, with_pandore: bool) -> Value {
    let (sets, pandore) = (sample::data_sets(), sample::pandore());
    let context = sample::context(Language::En, &sets, with_pandore.then_some(&pandore));
    let mut made = Vec::new();
    telltale_report::json(outcome, &context, &mut made).unwrap();
    serde_json::from_slice(&made).unwrap()
}

#[track_caller]
fn check(report: &Value) {
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema())
        .unwrap();
    let wrong: Vec<String> = validator
        .iter_errors(report)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .take(10)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_schema_is_one() {
    assert!(jsonschema::meta::is_valid(&schema()));
}

#[test]
fn reports_follow_the_schema() {
    check(&report(&sample::outcome(), true));
    check(&report(&live::outcome(), false));
    check(&report(&apps::outcome(), false));
    check(&report(&hostile::empty(), false));
    for text in hostile::TEXTS {
        check(&report(&hostile::outcome(text), true));
    }
}

#[test]
fn the_schema_refuses_what_is_not_a_report() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let good = report(&sample::outcome(), true);
    assert!(validator.is_valid(&good));
    for (pointer, wrong) in [
        ("/schema", Value::from("telltale.audit/2")),
        ("/counts/packets", Value::from(-1)),
        ("/flows/0/first", Value::from("2026-10-14 18:20")),
        ("/flows/0/initiator/port", Value::from(65_536)),
        ("/servers/0/owner/purpose", Value::from("nice")),
        ("/local_names/0/kind", Value::from("dns")),
        ("/score/points", Value::from(101)),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = wrong;
        assert!(!validator.is_valid(&bad), "{pointer}");
    }
}

/// Walks schema and report together: a field that the report has and the schema does not name is an omission there.
fn unnamed(schema: &Value, root: &Value, report: &Value, path: &str, missing: &mut Vec<String>) {
    let mut parts = vec![schema];
    let mut index = 0;
    while let Some(part) = parts.get(index).copied() {
        if let Some(to) = part["$ref"].as_str() {
            parts.push(root.pointer(to.trim_start_matches('#')).unwrap());
        }
        parts.extend(part["anyOf"].as_array().into_iter().flatten());
        index += 1;
    }
    match report {
        Value::Object(fields) => {
            for (key, value) in fields {
                let below = format!("{path}/{key}");
                match parts.iter().find_map(|p| p["properties"].get(key)) {
                    Some(field) if field["description"].is_string() => unnamed(field, root, value, &below, missing),
                    _ => missing.push(below),
                }
            }
        }
        Value::Array(rows) => {
            if let (Some(items), Some(row)) = (parts.iter().find_map(|p| p.get("items")), rows.first()) {
                unnamed(items, root, row, &format!("{path}/0"), missing);
            }
        }
        _ => {}
    }
}

#[test]
fn every_field_is_described() {
    let mut missing = Vec::new();
    for outcome in [sample::outcome(), live::outcome(), apps::outcome()] {
        unnamed(&schema(), &schema(), &report(&outcome, true), "", &mut missing);
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn what_a_comparison_needs_is_there() {
    let outcome = sample::outcome();
    let report = report(&outcome, false);
    assert_eq!(report["schema"], "telltale.audit/1");
    assert_eq!(report["counts"]["packets"], 51_877);
    assert_eq!(report["flows"].as_array().unwrap().len(), outcome.flows.len());
    let flow = &report["flows"][0];
    assert_eq!(flow["initiator"]["address"], "2001:db8:1::17");
    assert_eq!(flow["responder"]["address"], "2001:db8:80e::2001");
    assert_eq!(flow["first"], "2026-10-14T18:20:12.123456789Z");
    assert_eq!(report["flows"][11]["tunnel"], 10);
    assert!(report["dns"].as_array().unwrap().iter().all(|r| r["kind"] == "dns"));
    assert_eq!(report["local_names"][0]["name"], "printer.local");
    assert_eq!(report["http_hosts"][0]["server"]["port"], 80);
    assert_eq!(report["hellos"].as_array().unwrap().len(), outcome.hellos.len());
}
