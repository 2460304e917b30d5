//! The output of a program as facts: JSON, lines, what a regular expression finds, nmap's XML.

use super::nmap;
use super::text::{named, of_octets};
use regex::{Regex, RegexBuilder};
use serde_json::{Map, Value};
use telltale_core::model::OutputParser;
use tokio::time::Instant;

/// Lines, and finds of an expression, that are kept.
const MAX_ROWS: usize = 1_000;
/// Characters of a line, and of what an expression finds.
const MAX_CHARS: usize = 1_000;
/// Octets of an expression, and of what it becomes. One find takes a time that grows with the text alone, for regex never goes back; all finds
/// together can take its square, so the time is looked at before each.
const MAX_PATTERN: usize = 1_000;
const MAX_COMPILED: usize = 1 << 20;

/// Adds what the parser finds to `facts`. `Ok`: what it is, for a sentence; `Err`: what is wrong with the output, or that it was not
/// understood until then.
pub(super) fn parse(parser: &OutputParser, output: &[u8], facts: &mut Value, until: Instant) -> Result<String, String> {
    match parser {
        OutputParser::Json => {
            facts["json"] = serde_json::from_slice(output).map_err(|e| format!("wrote no JSON ({e})"))?;
            Ok("its output is JSON".to_owned())
        }
        OutputParser::Lines => {
            let (kept, total) = lines(output);
            facts["lines"] = kept.into();
            facts["lines_total"] = total.into();
            Ok(count(total, "line", "lines"))
        }
        OutputParser::Regex { pattern } => {
            let (kept, total, is_all) = matches(&expression(pattern)?, output, until);
            facts["matches"] = kept.into();
            if !is_all {
                return Err("wrote more than the expression can go through in the time that the probe has".to_owned());
            }
            facts["matches_total"] = total.into();
            Ok(format!("the expression fits {}", count(total, "time", "times")))
        }
        OutputParser::NmapXml => {
            let (scan, said) = nmap::read(output)?;
            facts["nmap"] = scan;
            Ok(said)
        }
    }
}

fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

fn lines(output: &[u8]) -> (Vec<Value>, usize) {
    let text = output.strip_suffix(b"\n").unwrap_or(output);
    if text.is_empty() {
        return (Vec::new(), 0);
    }
    let line = |line: &[u8]| of_octets(line.strip_suffix(b"\r").unwrap_or(line), MAX_CHARS).into();
    let all = text.split(|o| *o == b'\n');
    let kept = all.clone().take(MAX_ROWS).map(line).collect();
    (kept, all.count())
}

/// An expression as it may be; lines begin and end where `^` and `$` say.
pub(super) fn expression(pattern: &str) -> Result<Regex, String> {
    if pattern.is_empty() || pattern.len() > MAX_PATTERN {
        return Err(format!("an expression has 1 to {MAX_PATTERN} octets"));
    }
    let built = RegexBuilder::new(pattern)
        .multi_line(true)
        .size_limit(MAX_COMPILED)
        .build();
    built.map_err(|e| {
        let told = e.to_string();
        let told = told.lines().last().unwrap_or("it is wrong");
        format!("the expression cannot be read: {}", named(told))
    })
}

/// Each find as an object: its named groups, or the whole of it as `match` where there are none; how many there are, and whether the time was
/// enough for all.
fn matches(expression: &Regex, output: &[u8], until: Instant) -> (Vec<Value>, usize, bool) {
    let text = String::from_utf8_lossy(output);
    let names: Vec<&str> = expression.capture_names().flatten().collect();
    let mut kept = Vec::new();
    let mut total = 0;
    for found in expression.captures_iter(&text) {
        if Instant::now() >= until {
            return (kept, total, false);
        }
        total += 1;
        if kept.len() == MAX_ROWS {
            continue;
        }
        let group = |name: &&str| {
            let value = found.name(name).map(|m| of_octets(m.as_str().as_bytes(), MAX_CHARS));
            ((*name).to_owned(), value.map_or(Value::Null, Value::String))
        };
        let mut row: Map<String, Value> = names.iter().map(group).collect();
        if names.is_empty() {
            row.insert("match".to_owned(), of_octets(found[0].as_bytes(), MAX_CHARS).into());
        }
        kept.push(Value::Object(row));
    }
    (kept, total, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::time::Duration;

    fn read(parser: &OutputParser, output: &[u8]) -> (Value, Result<String, String>) {
        let mut facts = json!({});
        let said = parse(parser, output, &mut facts, Instant::now() + Duration::from_mins(10));
        (facts, said)
    }

    #[test]
    fn lines_are_counted_and_kept_up_to_their_limit() {
        let (facts, said) = read(&OutputParser::Lines, b"one\r\ntwo\xff\n\n");
        assert_eq!(facts, json!({ "lines": ["one", "two\u{fffd}", ""], "lines_total": 3 }));
        assert_eq!(said.as_deref(), Ok("3 lines"));
        assert_eq!(read(&OutputParser::Lines, b"").0["lines_total"], 0);
        let many = "x\n".repeat(5_000);
        let (facts, _) = read(&OutputParser::Lines, many.as_bytes());
        assert_eq!(
            (facts["lines_total"].as_u64(), facts["lines"].as_array().map(Vec::len)),
            (Some(5_000), Some(1_000))
        );
    }

    #[test]
    fn an_expression_gives_its_named_groups() {
        let pattern = r"^(?<port>\d+)/(?<protocol>tcp|udp)( (?<state>\w+))?$".to_owned();
        let (facts, said) = read(&OutputParser::Regex { pattern }, b"22/tcp open\nnoise\n53/udp\n");
        assert_eq!(
            facts["matches"],
            json!([{ "port": "22", "protocol": "tcp", "state": "open" }, { "port": "53", "protocol": "udp", "state": null }])
        );
        assert_eq!(said.as_deref(), Ok("the expression fits 2 times"));
        let (facts, _) = read(
            &OutputParser::Regex {
                pattern: "o+".to_owned(),
            },
            b"foo bo",
        );
        assert_eq!(facts["matches"], json!([{ "match": "oo" }, { "match": "o" }]));
    }

    #[test]
    fn an_expression_that_would_take_too_much_is_refused() {
        for bad in ["", "(", "(?<a", r"\w{1000}{1000}{1000}", &"a".repeat(2_000)] {
            assert!(expression(bad).is_err(), "{}", named(bad));
        }
        // One that ruins engines that go back.
        let slow = "(a+)+$".to_owned();
        let text = format!("{}b", "a".repeat(100_000));
        assert!(read(&OutputParser::Regex { pattern: slow }, text.as_bytes()).1.is_ok());
    }

    #[test]
    fn finds_that_take_the_square_of_the_text_end_with_the_time() {
        // Each letter is a find, before which the whole rest is looked through.
        let pattern = "[a-z]*[0-9]|[a-z]".to_owned();
        let text = vec![b'a'; 2_000_000];
        let mut facts = json!({});
        let until = Instant::now() + Duration::from_millis(200);
        let said = parse(&OutputParser::Regex { pattern }, &text, &mut facts, until);
        assert!(said.is_err_and(|said| said.contains("time")));
        let late = Instant::now().duration_since(until);
        assert!(late < Duration::from_mins(1), "one find at most went on: {late:?}");
        assert!(facts["matches"].is_array() && facts.get("matches_total").is_none());
    }

    #[test]
    fn json_is_one_value_or_a_problem() {
        let (facts, said) = read(&OutputParser::Json, br#" {"up": true, "n": [1, 2]} "#);
        assert_eq!(facts["json"], json!({ "up": true, "n": [1, 2] }));
        assert!(said.is_ok());
        assert!(read(&OutputParser::Json, b"{} {}").1.is_err());
        assert!(read(&OutputParser::Json, "[".repeat(100_000).as_bytes()).1.is_err());
    }
}
