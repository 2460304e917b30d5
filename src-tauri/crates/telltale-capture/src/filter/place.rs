//! Where a filter fails: libpcap says only that it does.
//!
//! A beginning of a filter is viable if something can follow so that it compiles. The error is the first word at which no viable
//! beginning is left; where all of it is viable, something is missing at the end. What can follow is tried out from a list that has an
//! example of each kind of word.

use super::words::{Word, error};
use super::{Compiler, FilterError, FilterErrorKind};

/// One of each kind of what can come next.
const NEXT: &[&str] = &[
    "",
    "1",
    "32",
    "128",
    "tcp",
    "host 1.2.3.4",
    "1.2.3.4",
    "port 1",
    "port 1-2",
    "1-2",
    "00:00:5e:00:53:01",
    "= 0",
    "\\tcp",
    "\\ip",
    "\\clnp",
    "255.0.0.0",
    "mgt",
    "beacon",
    "nods",
    "type mgt",
    "subtype beacon",
    "1] = 0",
    "[0] = 0",
    "::",
    "/ 8",
    "host 00:00:5e:00:53:01",
];

/// The place of what libpcap refuses, `said` being its words.
pub(super) fn of(expression: &str, words: &[Word<'_>], compiler: &Compiler, said: &str) -> FilterError {
    // The least number of words that is not viable; what goes beyond an unviable beginning is not viable either.
    let (mut viable, mut broken) = (0, words.len() + 1);
    while broken - viable > 1 {
        let middle = viable.midpoint(broken);
        let end = words[..middle].last().map_or(0, Word::end);
        if continues(&expression[..end], compiler) {
            viable = middle;
        } else {
            broken = middle;
        }
    }
    let syntax = said.contains("syntax error");
    let Some(word) = words.get(viable) else {
        let end = expression.trim_end().len();
        let kind = if syntax {
            FilterErrorKind::Missing
        } else {
            FilterErrorKind::Refused
        };
        return error(expression, end, end, kind, said);
    };
    let kind = match said {
        _ if syntax => FilterErrorKind::Unexpected,
        _ if said.starts_with("unknown port") || said.contains("unknown protocol") => FilterErrorKind::UnknownName,
        _ if said.contains("port") && said.contains("is not") => FilterErrorKind::UnknownName,
        _ => FilterErrorKind::Refused,
    };
    error(expression, word.from, word.end(), kind, said)
}

/// Whether anything can follow `beginning` so that it compiles. The compiler takes no names of hosts here either: after `host`, the name of
/// a port from the list would be one.
fn continues(beginning: &str, compiler: &Compiler) -> bool {
    let closings = closings(beginning);
    NEXT.iter().any(|next| {
        closings.iter().any(|closing| {
            compiler
                .compile(&format!("{beginning} {next} {closing}"), false)
                .is_ok()
        })
    })
}

/// What closes the open brackets: plainly, and with the comparison that a number needs, after each of them.
fn closings(beginning: &str) -> Vec<String> {
    let mut open = Vec::new();
    for c in beginning.chars() {
        match c {
            '(' => open.push(")"),
            '[' => open.push("]"),
            ')' | ']' => drop(open.pop()),
            _ => {}
        }
    }
    open.reverse();
    // More than a few levels deep, the comparison belongs to one of the innermost.
    let compared = (0..=open.len().min(4)).map(|after| {
        let (inner, outer) = open.split_at(after);
        format!("{} = 0 {}", inner.concat(), outer.concat())
    });
    std::iter::once(open.concat()).chain(compared).collect()
}
