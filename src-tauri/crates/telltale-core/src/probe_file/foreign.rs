//! Probe files of Pumpkin and Scandale: one object with `command`, `args`, `period`, `target` ... for a program on SPADE.
//!
//! What they say is kept, and what they do is not: their `command` went through a shell and ran once, whatever the period; here it becomes
//! an argv array that runs as often as it says, once its owner allows the program. Account and password (`jid`, `passwd`, `up_agent`)
//! are left out: an agent has one account, and finds others by their roles.

use super::{Refusal, refuse, words};
use crate::model::{
    Behaviour, Check, Every, Expectation, Limits, Missed, OutputParser, Overlap, Probe, RunsOn, ValueTest,
};
use serde_json::Value;

/// The keys of their files; another one is a slip, or a file of something else.
const KEYS: &[&str] = &[
    "uuid",
    "version",
    "type",
    "period",
    "target",
    "command",
    "format",
    "args",
    "jid",
    "passwd",
    "up_agent",
    "expected_value",
    "result_parser",
];
/// Letters of a name at most.
const LONGEST_NAME: usize = 200;

/// Whether this is one of theirs: ours have a `check`.
pub(super) fn is_foreign(given: &Value) -> bool {
    given.get("command").is_some() && given.get("check").is_none()
}

/// One of theirs as one of ours.
pub(super) fn read(given: &Value) -> Result<Probe, Refusal> {
    let Value::Object(map) = given else {
        return refuse("It is not an object.");
    };
    if let Some(key) = map.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return refuse(format!("“{key}” is no word of a probe file."));
    }
    let (program, args) = command(given)?;
    let target = text(given, "target")?.to_owned();
    let parser = parser(given, &program)?;
    let args = with_target(with_xml(args, &parser), &target);
    let short = program.rsplit('/').next().unwrap_or(&program);
    let name = match target.as_str() {
        "" => short.to_owned(),
        target => format!("{short} {target}"),
    };
    let expected = match given.get("expected_value") {
        None | Some(Value::Null) => None,
        Some(Value::String(empty)) if empty.is_empty() => None,
        Some(value) => Some(expectation(value, &parser)),
    };
    Ok(Probe {
        id: id(text(given, "uuid")?),
        revision: 1,
        name: name.chars().take(LONGEST_NAME).collect(),
        check: Check::Command {
            program,
            args,
            target,
            parser,
        },
        behaviour: behaviour(given)?,
        missed: Missed::default(),
        overlap: Overlap::default(),
        limits: Limits::default(),
        expected,
        runs_on: RunsOn::Here,
        enabled: false,
    })
}

fn text<'a>(given: &'a Value, key: &str) -> Result<&'a str, Refusal> {
    match given.get(key) {
        None | Some(Value::Null) => Ok(""),
        Some(Value::String(text)) => Ok(text),
        Some(other) => refuse(format!("“{key}” should be a text, and is {other}.")),
    }
}

/// Program and arguments.
fn command(given: &Value) -> Result<(String, Vec<String>), Refusal> {
    let mut words = words::split(text(given, "command")?)?.into_iter();
    let Some(program) = words.next().filter(|program| !program.is_empty()) else {
        return refuse("“command” names no program.");
    };
    let mut args: Vec<String> = words.collect();
    match given.get("args") {
        None | Some(Value::Null) => {}
        Some(Value::Array(more)) => {
            for arg in more {
                match arg {
                    Value::String(arg) => args.push(arg.clone()),
                    Value::Number(arg) => args.push(arg.to_string()),
                    other => return refuse(format!("“args” should hold texts, and has {other}.")),
                }
            }
        }
        Some(other) => return refuse(format!("“args” should be a list, and is {other}.")),
    }
    Ok((program, args))
}

fn behaviour(given: &Value) -> Result<Behaviour, Refusal> {
    let seconds = match given.get("period") {
        None | Some(Value::Null) => Some(0.0),
        Some(Value::Number(seconds)) => seconds.as_f64(),
        Some(Value::String(seconds)) => seconds.trim().parse().ok(),
        Some(_) => None,
    };
    let seconds = seconds.filter(|s| (0.0..=f64::from(u32::MAX)).contains(s));
    let Some(seconds) = seconds else {
        return refuse("“period” should be a number of seconds.");
    };
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to u32::MAX, as tested above"
    )]
    let period_s = seconds.ceil() as u32;
    if period_s == 0 {
        return Ok(Behaviour::OneShot { at: None });
    }
    let every = Every::Period { period_s };
    Ok(Behaviour::Periodic { every })
}

/// `result_parser` says how the output is read; Scandale's `format` says it for nmap.
fn parser(given: &Value, program: &str) -> Result<OutputParser, Refusal> {
    let named = match text(given, "result_parser")? {
        "" => text(given, "format")?,
        named => named,
    };
    let nmap = program.rsplit('/').next() == Some("nmap");
    Ok(match named.to_ascii_lowercase().as_str() {
        "json" => OutputParser::Json,
        // Their own example has nmap's format and a program that is not nmap.
        "nmap" | "xml" if nmap => OutputParser::NmapXml,
        _ => OutputParser::Lines,
    })
}

/// nmap writes XML only if it is asked to.
fn with_xml(mut args: Vec<String>, parser: &OutputParser) -> Vec<String> {
    if *parser == OutputParser::NmapXml && !args.iter().any(|arg| arg == "-oX") {
        args.splice(0..0, ["-oX".to_owned(), "-".to_owned()]);
    }
    args
}

/// The target stands where the arguments have it, else behind them.
fn with_target(args: Vec<String>, target: &str) -> Vec<String> {
    const PLACE: &str = "{target}";
    if target.is_empty() || args.iter().any(|arg| arg.contains(PLACE)) {
        return args;
    }
    let there = args.iter().any(|arg| arg == target);
    let place = |arg: String| if arg == target { PLACE.to_owned() } else { arg };
    let last = (!there).then(|| PLACE.to_owned());
    args.into_iter().map(place).chain(last).collect()
}

/// What the output should be: the whole JSON value; else a line of it.
fn expectation(value: &Value, parser: &OutputParser) -> Expectation {
    let plain = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match parser {
        OutputParser::Json => Expectation {
            field: "/json".to_owned(),
            test: ValueTest::Equals { value: value.clone() },
        },
        _ => Expectation {
            field: "/lines".to_owned(),
            test: ValueTest::Contains { text: plain },
        },
    }
}

/// Their UUID where it is one; else none, and it gets one of ours.
fn id(given: &str) -> String {
    let form = given.bytes().zip(0..).all(|(b, at)| match at {
        8 | 13 | 18 | 23 => b == b'-',
        _ => b.is_ascii_hexdigit(),
    });
    if form && given.len() == 36 {
        given.to_ascii_lowercase()
    } else {
        String::new()
    }
}
