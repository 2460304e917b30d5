//! Whether a value changed: the results of one probe by one agent about one target, one after the other.
//!
//! Who carried a check out compares it with the one before and says what changed (`changed` of the result). Correlation compares the
//! values as well, so that results of strangers who do not compare are judged too. A result that comes late stands before what is known
//! already: what it says changed counts, unless that very change was seen from its two sides.

use super::seen::{Place, Seen, cut};
use crate::model::{ProbeResult, Timestamp};
use foldhash::quality::FixedState;
use serde_json::Value;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Arc;

/// Octets of a value that an incident's sentence shows.
const MAX_SHOWN: usize = 80;

/// A value at one time: enough to see whether another is the same, and to show it.
#[derive(Clone, Debug)]
struct Kept {
    hash: u64,
    shown: String,
}

/// One series.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) newest: Arc<Seen>,
    value: Option<Kept>,
    /// What the newest result changed, in words.
    pub(super) changed: Option<String>,
    /// The last change that was seen from both sides: after the first time, at or before the second.
    between: Option<(Timestamp, Timestamp)>,
}

/// What a result says of its series.
pub(super) enum Heard {
    /// It is the newest.
    Newest,
    /// It came late, and tells of a change that nobody saw.
    LateChange(String),
    /// It came late, and says nothing new.
    Behind,
}

impl Series {
    /// A series begins: a first value is no change, unless the result itself says so.
    pub(super) fn begin(field: Option<&str>, result: &ProbeResult, seen: &Arc<Seen>) -> Self {
        Self {
            newest: Arc::clone(seen),
            value: field.and_then(|f| kept(result, f)),
            changed: told(field, result),
            between: None,
        }
    }

    pub(super) fn hear(&mut self, field: Option<&str>, result: &ProbeResult, seen: &Arc<Seen>) -> Heard {
        if seen.place < self.newest.place {
            return self.late(field, result, seen.place);
        }
        let value = field.and_then(|f| kept(result, f));
        let differs = match (&self.value, &value) {
            (Some(before), Some(now)) => Some((before.hash != now.hash).then(|| {
                let field = field.unwrap_or_default();
                format!("{field} was {} and is {}", before.shown, now.shown)
            })),
            _ => None,
        };
        self.changed = match differs {
            Some(Some(words)) => Some(words),
            // The same as what we know before it: a change was told of what lies between, which is late or lost.
            Some(None) if !named(field, result) => None,
            _ => told(field, result),
        };
        if self.changed.is_some() {
            self.between = Some((self.newest.at(), seen.at()));
        }
        self.newest = Arc::clone(seen);
        // A run that failed has no value; the one before it stays what is compared with.
        if value.is_some() {
            self.value = value;
        }
        Heard::Newest
    }

    fn late(&self, field: Option<&str>, result: &ProbeResult, place: Place) -> Heard {
        let seen_already = self.between.is_some_and(|(from, to)| from < place.0 && place.0 <= to);
        match told(field, result) {
            Some(words) if !seen_already => Heard::LateChange(words),
            _ => Heard::Behind,
        }
    }
}

/// Whether the result itself names this field, or one within it, as changed.
fn named(field: Option<&str>, result: &ProbeResult) -> bool {
    field.is_some_and(|field| result.changed.iter().any(|p| p == field || lies_in(p, field)))
}

/// What the result itself says it changed, in words; of a field, also where what the field lies in has changed.
fn told(field: Option<&str>, result: &ProbeResult) -> Option<String> {
    let Some(field) = field else {
        let first = result.changed.first()?;
        let more = result.changed.len().saturating_sub(1);
        let first = cut(first);
        return Some(if more == 0 {
            format!("{first} changed")
        } else {
            format!("{first} and {more} more changed")
        });
    };
    let around = || result.changed.iter().any(|p| lies_in(field, p));
    (named(Some(field), result) || around()).then(|| format!("{field} changed"))
}

fn lies_in(inner: &str, outer: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'))
}

fn kept(result: &ProbeResult, field: &str) -> Option<Kept> {
    let value = result.facts.pointer(field)?;
    let mut hasher = FixedState::default().build_hasher();
    add(value, &mut hasher);
    Some(Kept {
        hash: hasher.finish(),
        shown: shown(value),
    })
}

/// The same for equal values, whatever the order of their names. As deep as serde reads: 128.
fn add(value: &Value, to: &mut impl Hasher) {
    match value {
        Value::Null => 0_u8.hash(to),
        Value::Bool(b) => (1_u8, b).hash(to),
        Value::Number(n) => (2_u8, n).hash(to),
        Value::String(s) => (3_u8, s).hash(to),
        Value::Array(items) => {
            (4_u8, items.len()).hash(to);
            for item in items {
                add(item, to);
            }
        }
        Value::Object(fields) => {
            (5_u8, fields.len()).hash(to);
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(name, _)| *name);
            for (name, value) in fields {
                name.hash(to);
                add(value, to);
            }
        }
    }
}

fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => format!("“{text}”"),
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Object(fields) => format!("a record of {}", fields.len()),
        other => other.to_string(),
    };
    if text.len() <= MAX_SHOWN {
        return text;
    }
    let short: String = text.chars().take(MAX_SHOWN / 2).collect();
    format!("{short}…")
}
