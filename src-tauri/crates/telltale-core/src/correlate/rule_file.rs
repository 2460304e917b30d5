//! A rule as its owner writes it by hand: what he leaves out is a new rule's, and a word that is none is told.

use super::check::{RuleProblem, check};
use crate::model::Rule;
use crate::probe_file::unknown;
use serde_json::{Value, json};

/// Reads a rule. It may leave out `id`, `revision`, `enabled`, `of`, `per` and `calm_s`.
pub fn read_rule(given: Value) -> Result<Rule, RuleProblem> {
    let Value::Object(mut map) = given else {
        return Err(RuleProblem("a rule is an object".to_owned()));
    };
    let defaults = [
        ("id", json!("")),
        ("revision", json!(1)),
        ("enabled", json!(true)),
        ("of", json!({})),
        ("per", json!([])),
        ("calm_s", json!(0)),
    ];
    for (key, value) in defaults {
        map.entry(key).or_insert(value);
    }
    let given = Value::Object(map);
    let rule: Rule = serde_json::from_value(given.clone()).map_err(|e| RuleProblem(e.to_string()))?;
    let understood = serde_json::to_value(&rule).map_err(|e| RuleProblem(e.to_string()))?;
    // A slip would be left out silently, and the rule would look at more than its owner meant.
    if let Some(place) = unknown(&given, &understood, "") {
        return Err(RuleProblem(format!("“{place}” is no word of a rule")));
    }
    check(&rule)?;
    Ok(rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_read_with_what_is_left_out() {
        let rule = read_rule(json!({
            "name": "Silent", "per": ["agent"], "of": {"kind": "http"}, "when": {"kind": "silent", "after_s": 60}
        }))
        .unwrap();
        assert!(rule.enabled && rule.id.is_empty() && rule.of.kind.as_deref() == Some("http"));
    }

    #[test]
    fn slips_are_told() {
        let silent = || json!({"kind": "silent", "after_s": 60});
        let wrong = [
            (json!([]), "object"),
            (json!({"name": "x"}), "when"),
            (
                json!({"name": "x", "when": silent(), "of": {"knd": "http"}}),
                "“of.knd” is no word",
            ),
            (json!({"name": "x", "when": silent(), "perr": []}), "“perr” is no word"),
            (json!({"name": "", "when": silent()}), "name"),
            (json!({"name": "x", "when": {"kind": "loud"}}), "loud"),
        ];
        for (given, word) in wrong {
            let problem = read_rule(given).unwrap_err().to_string();
            assert!(problem.contains(word), "{problem}");
        }
    }
}
