//! The facts of results: what is different from before, whether they say what was expected.
//!
//! Called by the engine's probes. Facts are JSON that checks, programs and strangers make; a place in them is named by a JSON pointer (RFC
//! 6901). Pure. Never here: what the facts of a kind mean.

use crate::model::{Expectation, ValueTest};
use serde_json::Value;

/// The key below which a check puts what differs in each run by its nature (times, ages, days left): a change there is no change.
pub const MEASURED: &str = "measured";
/// Changed places that are named at most; where there are more, the places above them are named instead.
pub const MAX_CHANGED: usize = 100;
/// Octets of all changed places that are named: keys are strangers' words, and each place repeats those above it. With this and its facts a
/// result still fits into one message of the mesh.
pub const MAX_CHANGED_OCTETS: usize = 8 << 10;

/// What is different in `now`: pointers to the smallest places, in order. `""` is the whole.
pub fn changed(before: &Value, now: &Value) -> Vec<String> {
    let mut places = Vec::new();
    differ(before, now, String::new(), &mut places);
    let too_many = |places: &[String]| {
        places.len() > MAX_CHANGED || places.iter().map(String::len).sum::<usize>() > MAX_CHANGED_OCTETS
    };
    while too_many(&places) {
        // The deepest ones say the least by themselves.
        let deepest = places.iter().map(|p| depth(p)).max().unwrap_or_default();
        for place in places.iter_mut().filter(|p| depth(p) == deepest) {
            let above = place.rfind('/').unwrap_or_default();
            place.truncate(above);
        }
        places.dedup();
    }
    places
}

fn depth(pointer: &str) -> usize {
    pointer.matches('/').count()
}

fn differ(before: &Value, now: &Value, at: String, places: &mut Vec<String>) {
    match (before, now) {
        (Value::Object(before), Value::Object(now)) => {
            let mut keys: Vec<&String> = before.keys().chain(now.keys()).collect();
            keys.sort_unstable();
            keys.dedup();
            for key in keys.into_iter().filter(|key| *key != MEASURED) {
                let below = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
                match (before.get(key), now.get(key)) {
                    (Some(before), Some(now)) => differ(before, now, below, places),
                    _ => places.push(below),
                }
            }
        }
        (Value::Array(before), Value::Array(now)) if before.len() == now.len() => {
            for (n, (before, now)) in before.iter().zip(now).enumerate() {
                differ(before, now, format!("{at}/{n}"), places);
            }
        }
        _ if same(before, now) => {}
        _ => places.push(at),
    }
}

/// Whether two values are the same; numbers are, where they say the same number (`200` and `200.0`).
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => one == other,
    }
}

/// Whether the facts say what was expected; else why not, in one sentence of plain English. `before`: the facts of the result before.
pub fn expected(expectation: &Expectation, facts: &Value, before: Option<&Value>) -> Result<(), String> {
    let field = &expectation.field;
    let place = if field.is_empty() { "the whole" } else { field };
    if expectation.test == ValueTest::Unchanged {
        let now = facts.pointer(field);
        let same = before.is_none_or(|before| match (before.pointer(field), now) {
            (Some(before), Some(now)) => changed(before, now).is_empty(),
            (before, now) => before.is_none() && now.is_none(),
        });
        return if same {
            Ok(())
        } else {
            Err(format!(
                "{place} is another than before: {}.",
                shown(now.unwrap_or(&Value::Null))
            ))
        };
    }
    let Some(found) = facts.pointer(field) else {
        return Err(format!("There is no {place} in what was found."));
    };
    let number = |wanted: fn(f64, f64) -> bool, than: f64| found.as_f64().is_some_and(|n| wanted(n, than));
    let (holds, wanted) = match &expectation.test {
        ValueTest::Equals { value } => (same(value, found), shown(value)),
        ValueTest::Below { number: than } => (number(|n, than| n < than, *than), format!("a number below {than}")),
        ValueTest::Above { number: than } => (number(|n, than| n > than, *than), format!("a number above {than}")),
        ValueTest::Contains { text } => (contains(found, text), format!("something with “{text}” in it")),
        ValueTest::Unchanged => (true, String::new()),
    };
    if holds {
        return Ok(());
    }
    Err(format!("{place} should be {wanted}, and is {}.", shown(found)))
}

fn contains(found: &Value, text: &str) -> bool {
    match found {
        Value::String(found) => found.contains(text),
        Value::Array(list) => list.iter().any(|one| one.as_str() == Some(text)),
        _ => false,
    }
}

/// A value in a sentence: its beginning.
fn shown(value: &Value) -> String {
    const LETTERS: usize = 80;
    let text = value.to_string();
    match text.char_indices().nth(LETTERS) {
        Some((end, _)) => format!("{} …", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_smallest_places_that_differ_are_named() {
        let table = [
            (json!({"a": 1}), json!({"a": 1}), &[][..]),
            (json!({"a": 1}), json!({"a": 1.0}), &[]),
            (json!({"a": 1}), json!({"a": 2}), &["/a"]),
            (json!({"a": 1}), json!({}), &["/a"]),
            (json!({}), json!({"a": null}), &["/a"]),
            (
                json!({"a": {"b": [1, 2], "c": 0}}),
                json!({"a": {"b": [1, 3], "c": 0}}),
                &["/a/b/1"],
            ),
            (json!({"a": [1]}), json!({"a": [1, 2]}), &["/a"]),
            (json!({"b": 1, "a": 1}), json!({"b": 2, "a": 2}), &["/a", "/b"]),
            (json!({"x/y": 1, "~": 1}), json!({"x/y": 2, "~": 2}), &["/x~1y", "/~0"]),
            (json!({"measured": {"ms": 3}}), json!({"measured": {"ms": 4}}), &[]),
            (
                json!({"tls": {"measured": 1, "key": 1}}),
                json!({"tls": {"measured": 2, "key": 2}}),
                &["/tls/key"],
            ),
            (json!(1), json!("1"), &[""]),
            (json!(null), json!({"a": 1}), &[""]),
            (json!({"a": {"b": 1}}), json!({"a": [1]}), &["/a"]),
        ];
        for (before, now, places) in table {
            let found = changed(&before, &now);
            assert_eq!(found, places, "{before} {now}");
            for place in &found {
                assert!(
                    before.pointer(place).or(now.pointer(place)).is_some(),
                    "{place} points nowhere"
                );
            }
        }
    }

    #[test]
    fn many_changes_are_named_by_what_holds_them() {
        let lines = |add: u64| (0..1_000).map(|n| json!(n + add)).collect::<Vec<_>>();
        let facts = |add| json!({"lines": lines(add), "other": add});
        assert_eq!(changed(&facts(0), &facts(7)), ["/lines", "/other"]);
        let flat = |add: u64| Value::Object((0..1_000_u64).map(|n| (n.to_string(), json!(n + add))).collect());
        assert_eq!(changed(&flat(0), &flat(1)), [""]);
    }

    #[test]
    fn places_with_long_names_stay_small_together() {
        let name = "k".repeat(100);
        let facts = |add: u64| {
            let mut deep: Value = (0..50_u64).map(|n| n + add).collect();
            for _ in 0..20 {
                deep = json!({ name.as_str(): deep });
            }
            json!({ "json": deep, "short": add })
        };
        let places = changed(&facts(0), &facts(1));
        let octets: usize = places.iter().map(String::len).sum();
        assert!(octets <= MAX_CHANGED_OCTETS, "{octets}");
        assert!(places.iter().any(|p| p == "/short") && places.len() == 2, "{places:?}");
    }

    fn test(test: ValueTest, field: &str, facts: &Value, before: Option<&Value>) -> bool {
        let field = field.to_owned();
        expected(&Expectation { field, test }, facts, before).is_ok()
    }

    #[test]
    fn an_expectation_holds_or_says_why_not() {
        let facts = json!({"status": 200, "body": "all is well", "names": ["a.example", "b.example"], "measured": {"ms": 12.5}});
        let equals = |value| ValueTest::Equals { value };
        let contains = |text: &str| ValueTest::Contains { text: text.to_owned() };
        for (field, one, holds) in [
            ("/status", equals(json!(200)), true),
            ("/status", equals(json!(200.0)), true),
            ("/status", equals(json!("200")), false),
            ("/status", ValueTest::Below { number: 300.0 }, true),
            ("/status", ValueTest::Below { number: 200.0 }, false),
            ("/status", ValueTest::Above { number: 199.9 }, true),
            ("/body", ValueTest::Above { number: 0.0 }, false),
            ("/measured/ms", ValueTest::Below { number: 20.0 }, true),
            ("/body", contains("well"), true),
            ("/body", contains("Well"), false),
            ("/names", contains("a.example"), true),
            ("/names", contains("example"), false),
            ("/names", equals(json!(["a.example", "b.example"])), true),
            ("/none", equals(json!(null)), false),
            ("", equals(json!(1)), false),
        ] {
            assert_eq!(test(one.clone(), field, &facts, None), holds, "{field} {one:?}");
        }
        let why = Expectation {
            field: "/status".into(),
            test: equals(json!(204)),
        };
        let why = expected(&why, &facts, None).unwrap_err();
        assert_eq!(why, "/status should be 204, and is 200.");
    }

    #[test]
    fn unchanged_looks_at_the_result_before() {
        let one = json!({"key": "a", "measured": 1});
        let other = json!({"key": "b", "measured": 1});
        let later = json!({"key": "a", "measured": 2});
        let unchanged = |field: &str, facts: &Value, before| test(ValueTest::Unchanged, field, facts, before);
        assert!(unchanged("/key", &one, None), "the first one");
        assert!(unchanged("/key", &one, Some(&later)));
        assert!(unchanged("", &one, Some(&later)));
        assert!(!unchanged("/key", &one, Some(&other)));
        assert!(!unchanged("/key", &json!({}), Some(&other)));
        assert!(unchanged("/none", &one, Some(&other)));
    }
}
