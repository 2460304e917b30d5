//! Strangers' texts made safe, and facts made small enough to travel.
//!
//! Called by every check for what it puts into a sentence, and once for all of its facts.

use super::MEASURED;
use serde_json::{Map, Value};
use std::fmt::Write as _;

/// Characters of one text in the facts.
const MAX_TEXT: usize = 2_000;
/// Characters of a name within a sentence, and of a sentence.
const MAX_NAME: usize = 100;
const MAX_SENTENCE: usize = 500;
/// Octets of all facts as JSON, about: with its envelope a result stays below the 64 kB of a message of the mesh.
const MAX_FACTS: usize = 44 << 10;
/// Containers within each other.
const MAX_DEPTH: usize = 24;

/// A text of which each control character, and each that turns the direction of writing or is invisible, is written as an escape, cut
/// after `most` characters.
pub(super) fn plain(text: &str, most: usize) -> String {
    let mut out = String::with_capacity(text.len().min(most));
    let mut left = most;
    for c in text.chars() {
        if left == 0 {
            out.push('…');
            break;
        }
        left -= 1;
        if is_hidden(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// A stranger's text as a part of a sentence.
pub(super) fn named(text: &str) -> String {
    plain(text.trim(), MAX_NAME)
}

/// A sentence.
pub(super) fn sentence(text: &str) -> String {
    plain(text.trim(), MAX_SENTENCE)
}

/// Octets as plain text.
pub(super) fn of_octets(octets: &[u8], most: usize) -> String {
    // A character has four octets at most: what is cut is cut before it is looked at.
    let octets = octets.get(..most.saturating_mul(4)).unwrap_or(octets);
    plain(&String::from_utf8_lossy(octets), most)
}

/// Octets in hexadecimal, lower case.
pub(super) fn hex(octets: &[u8]) -> String {
    octets
        .iter()
        .fold(String::with_capacity(octets.len() * 2), |mut text, octet| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{octet:02x}");
            text
        })
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Facts as they may leave this room: each text [`plain`], all together bounded. What did not fit is counted in `left_out`.
pub(super) fn facts(facts: Value) -> Value {
    let mut room = Room {
        left: MAX_FACTS,
        left_out: 0,
    };
    let mut facts = room.fit(facts, 0).unwrap_or_default();
    if let (Value::Object(map), 1..) = (&mut facts, room.left_out) {
        map.insert("left_out".to_owned(), room.left_out.into());
    }
    facts
}

/// What of the facts still fits.
struct Room {
    left: usize,
    left_out: u64,
}

impl Room {
    /// Takes so many octets; `false`: there are no more.
    fn take(&mut self, octets: usize) -> bool {
        let fits = octets <= self.left;
        if fits {
            self.left -= octets;
        }
        fits
    }

    /// `None`: it lies too deep.
    fn fit(&mut self, value: Value, depth: usize) -> Option<Value> {
        Some(match value {
            Value::Array(_) | Value::Object(_) if depth > MAX_DEPTH => return None,
            Value::String(text) => Value::String(plain(&text, MAX_TEXT)),
            Value::Array(items) => self.list(items, depth + 1),
            Value::Object(map) => self.object(map, depth + 1),
            other => other,
        })
    }

    fn list(&mut self, items: Vec<Value>, depth: usize) -> Value {
        let mut kept = Vec::new();
        let all = items.len();
        for item in items {
            match self.fit(item, depth) {
                Some(item) if self.take(own_octets(&item)) => kept.push(item),
                _ => break,
            }
        }
        self.left_out += (all - kept.len()) as u64;
        Value::Array(kept)
    }

    /// Plain values first, then the measures, then the rest: a long list takes the room of nothing that is short.
    fn object(&mut self, map: Map<String, Value>, depth: usize) -> Value {
        let mut entries: Vec<_> = map.into_iter().collect();
        entries.sort_by_key(|(key, value)| match value {
            Value::Array(_) | Value::Object(_) if key != MEASURED => 2,
            Value::Array(_) | Value::Object(_) => 1,
            _ => 0,
        });
        let mut kept = Map::new();
        for (key, value) in entries {
            let key = plain(&key, MAX_NAME);
            match self.fit(value, depth) {
                Some(value) if self.take(own_octets(&value) + key.len() + 4) => {
                    kept.insert(key, value);
                }
                _ => self.left_out += 1,
            }
        }
        Value::Object(kept)
    }
}

/// Octets of a value without what it contains: that was taken before.
fn own_octets(value: &Value) -> usize {
    match value {
        // Quotation marks and backslashes are written with two octets each.
        Value::String(text) => text.len() + 3 + text.matches(['"', '\\']).count(),
        Value::Array(_) | Value::Object(_) => 3,
        _ => 24,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_cannot_be_seen_is_written_out() {
        assert_eq!(plain("a\u{1b}[2Jb\r\n", 100), "a\\u{1b}[2Jb\\r\\n");
        assert_eq!(plain("\u{202e}exe.txt", 100), "\\u{202e}exe.txt");
        assert_eq!(plain("Zoë – 東京", 100), "Zoë – 東京");
        assert_eq!(plain("abcdef", 3), "abc…");
        assert_eq!(of_octets(b"\xff\xfe ok", 10), "\u{fffd}\u{fffd} ok");
    }

    #[test]
    fn facts_hold_no_control_character_in_value_or_key() {
        let tame = facts(json!({ "a\u{7}": ["x\u{0}", { "deep": "\u{9b}31m" }], "n": 1 }));
        assert_eq!(
            tame,
            json!({ "a\\u{7}": ["x\\u{0}", { "deep": "\\u{9b}31m" }], "n": 1 })
        );
    }

    #[test]
    fn facts_that_are_too_many_leave_out_the_longest_list_and_say_so() {
        let lines: Vec<_> = (0..100_000).map(|n| format!("line {n} \"quoted\"")).collect();
        let tame = facts(json!({ "lines": lines, "z": "kept", "measured": { "ms": 1.5 } }));
        assert!(tame.to_string().len() < 46 << 10, "{}", tame.to_string().len());
        assert_eq!(
            (tame["z"].as_str(), tame["measured"]["ms"].as_f64()),
            (Some("kept"), Some(1.5))
        );
        let kept = tame["lines"].as_array().expect("lines").len() as u64;
        assert_eq!(kept + tame["left_out"].as_u64().expect("told"), 100_000);
    }

    #[test]
    fn facts_that_are_too_deep_end() {
        let mut deep = json!("bottom");
        for _ in 0..100 {
            deep = json!([deep]);
        }
        let tame = facts(json!({ "deep": deep, "flat": 1 }));
        assert_eq!((tame["flat"].as_u64(), tame["left_out"].as_u64()), (Some(1), Some(1)));
    }
}
