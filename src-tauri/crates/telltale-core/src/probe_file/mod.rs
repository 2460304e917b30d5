//! Files of probes: Telltale's own JSON, and those of Pumpkin and Scandale; and which values a probe may have.
//!
//! Called by the engine, when probes are imported or saved. Pure; the text is a stranger's: it is bounded, and nothing of it is run. Never
//! here: opening a file, which programs the owner allows (a file never decides that).
//!
//! Our form is `{"schema": "telltale.probes/1", "probes": [PROBE, …]}` with probes as in `schema/probe.schema.json`; a bare probe and a bare
//! list of probes are read, too. Where a probe leaves out `id`, `revision`, `missed`, `overlap`, `limits`, `expected`, `runs_on` or
//! `enabled`, it gets a new one's.

mod check;
mod foreign;
mod kind;
mod words;

pub use check::check;
pub use kind::{KINDS, kind, target};

use crate::model::{Limits, Missed, Overlap, Probe, RunsOn};
use serde::Serialize;
use serde_json::{Value, json};

/// Name and version of our form.
pub const SCHEMA: &str = "telltale.probes/1";
/// Octets of a file at most: a thousand probes of the longest kind.
pub const MAX_FILE: usize = 4_000_000;
/// Probes of a file at most.
pub const MAX_PROBES: usize = 1_000;

/// Why a file, or a probe, is not taken; one sentence of plain English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(pub String);

impl std::fmt::Display for Refusal {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

fn refuse<T>(why: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal(why.into()))
}

/// The probes of a file, each with values that a probe may have. All or none are taken.
pub fn read(text: &str) -> Result<Vec<Probe>, Refusal> {
    if text.len() > MAX_FILE {
        return refuse("The file is larger than 4 MB.");
    }
    let file: Value = serde_json::from_str(text).map_err(|e| Refusal(format!("This is not JSON: {e}.")))?;
    let listed = match file {
        Value::Array(list) => list,
        Value::Object(mut map) if map.contains_key("probes") => {
            match map.remove("schema") {
                Some(Value::String(schema)) if schema == SCHEMA => {}
                other => {
                    let named = other.unwrap_or_default();
                    return refuse(format!("The file is of the form {named}; this version reads {SCHEMA}."));
                }
            }
            match map.remove("probes") {
                Some(Value::Array(list)) => list,
                _ => return refuse("“probes” is not a list."),
            }
        }
        one => vec![one],
    };
    if listed.is_empty() || listed.len() > MAX_PROBES {
        return refuse(format!(
            "The file has {} probes; 1 to {MAX_PROBES} are read at a time.",
            listed.len()
        ));
    }
    let numbered = listed.into_iter().zip(1_usize..);
    numbered
        .map(|(one, n)| {
            let probe = if foreign::is_foreign(&one) {
                foreign::read(&one)
            } else {
                own(one)
            };
            let probe = probe.and_then(|probe| check(&probe).map(|()| probe));
            probe.map_err(|why| Refusal(format!("Probe {n}: {why}")))
        })
        .collect()
}

/// Writes probes in our form, indented.
pub fn write(probes: &[Probe]) -> String {
    #[derive(Serialize)]
    struct File<'a> {
        schema: &'static str,
        probes: &'a [Probe],
    }
    let file = File { schema: SCHEMA, probes };
    // Plain values with text keys always have a JSON form.
    serde_json::to_string_pretty(&file).unwrap_or_default()
}

/// One probe of our own form.
fn own(given: Value) -> Result<Probe, Refusal> {
    let Value::Object(mut map) = given else {
        return refuse("It is not an object.");
    };
    let defaults = [
        ("id", json!("")),
        ("revision", json!(1)),
        ("missed", json!(Missed::default())),
        ("overlap", json!(Overlap::default())),
        ("limits", json!(Limits::default())),
        ("expected", Value::Null),
        ("runs_on", json!(RunsOn::default())),
        ("enabled", json!(true)),
    ];
    for (key, value) in defaults {
        map.entry(key).or_insert(value);
    }
    let given = Value::Object(map);
    let probe: Probe = serde_json::from_value(given.clone()).map_err(|e| Refusal(format!("{e}.")))?;
    let understood = serde_json::to_value(&probe).map_err(|e| Refusal(format!("{e}.")))?;
    // A word that is not understood is most likely a slip, and would be left out silently.
    match unknown(&given, &understood, "") {
        Some(place) => refuse(format!("“{place}” is no word of a probe.")),
        None => Ok(probe),
    }
}

/// The first key of `given` that nobody understood.
pub(crate) fn unknown(given: &Value, understood: &Value, at: &str) -> Option<String> {
    match (given, understood) {
        (Value::Object(given), Value::Object(understood)) => given.iter().find_map(|(key, value)| {
            let place = if at.is_empty() {
                key.clone()
            } else {
                format!("{at}.{key}")
            };
            match understood.get(key) {
                Some(known) => unknown(value, known, &place),
                None => Some(place),
            }
        }),
        (Value::Array(given), Value::Array(understood)) => given
            .iter()
            .zip(understood)
            .find_map(|(given, understood)| unknown(given, understood, at)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
