//! Do several resolvers say the same of a name.
//!
//! Facts: `name`; `record`; `agree`; `answers` (what the most of them say, sorted); `code` (their response code); `different` (the
//! resolvers, as the check names them, that say something else); `silent` (those that said nothing); `resolvers`: a list of `resolver`,
//! `outcome` (`answered`, `no_answer`), and of an answer `code`, `answers`, `aliases`, `authenticated`, else `why`. Measured: `resolvers`:
//! `resolver`, `server`, `ms`, `ttl_s`.

use super::resolver::{Answer, ask_any, name, servers};
use super::text::named;
use super::{Found, Problem};
use hickory_resolver::proto::rr::{Name, RecordType};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::str::FromStr;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// The records that can be asked for.
pub(super) const RECORDS: [&str; 8] = ["A", "AAAA", "CNAME", "MX", "TXT", "NS", "CAA", "HTTPS"];

/// What a resolver said, or why it said nothing.
type Said = Result<(SocketAddr, Answer), String>;

pub(super) async fn look(wanted: &str, record: &str, resolvers: &[String], until: Instant) -> Result<Found, Problem> {
    let wrong = || Problem::Invalid(format!("{} is no name that DNS could hold", named(wanted)));
    let asked = name(wanted).ok_or_else(wrong)?;
    let kind = RecordType::from_str(record).map_err(|_| wrong())?;
    let said = all(&asked, kind, resolvers, until).await;
    let answered: Vec<&Answer> = said.iter().flatten().map(|(_, answer)| answer).collect();
    let common = most_common(&answered);
    let differs = |s: &Said| matches!((s, common), (Ok((_, a)), Some(c)) if content(a) != content(c));
    let list = |wanted: &dyn Fn(&Said) -> bool| -> Vec<&String> {
        let these = resolvers.iter().zip(&said).filter(|(_, s)| wanted(s));
        these.map(|(resolver, _)| resolver).collect()
    };
    let different = list(&differs);
    let silent = list(&|s: &Said| s.is_err());
    let facts = json!({
        "name": wanted,
        "record": record,
        "agree": different.is_empty() && common.is_some(),
        "answers": common.map(|c| c.records.clone()).unwrap_or_default(),
        "code": common.map(|c| c.code.clone()),
        "different": different,
        "silent": silent,
        "resolvers": resolvers.iter().zip(&said).map(|(r, s)| told(r, s)).collect::<Vec<_>>(),
        "measured": { "resolvers": resolvers.iter().zip(&said).map(|(r, s)| measured(r, s)).collect::<Vec<_>>() },
    });
    let Some(common) = common else {
        let problem = Problem::Failed(format!(
            "none of {} resolvers told anything of {}",
            resolvers.len(),
            named(wanted)
        ));
        return Ok(Found::with_problem(facts, problem));
    };
    let summary = summary(wanted, record, common, (&different, &silent), answered.len());
    Ok(Found::of(facts, summary))
}

/// Asks all of them at the same time; in the order of `resolvers`.
async fn all(name: &Name, record: RecordType, resolvers: &[String], until: Instant) -> Vec<Said> {
    let mut asked = JoinSet::new();
    for (at, resolver) in resolvers.iter().enumerate() {
        let (name, servers) = (name.clone(), servers(resolver));
        asked.spawn(async move {
            let said = match servers {
                Ok(servers) => ask_any(&servers, &name, record, until).await,
                Err(because) => Err(because),
            };
            (at, said)
        });
    }
    let mut said: Vec<Said> = vec![Err("it could not be asked".to_owned()); resolvers.len()];
    while let Some(one) = asked.join_next().await {
        if let Ok((at, one)) = one {
            said[at] = one;
        }
    }
    said
}

/// What two answers are compared by.
fn content(answer: &Answer) -> (&str, &[String]) {
    (&answer.code, &answer.records)
}

/// What the most say; of two that are said as often, the first.
fn most_common<'a>(answers: &[&'a Answer]) -> Option<&'a Answer> {
    let times = |one: &Answer| answers.iter().filter(|a| content(a) == content(one)).count();
    answers.iter().rev().max_by_key(|a| times(a)).copied()
}

fn told(resolver: &str, said: &Said) -> Value {
    match said {
        Ok((_, answer)) => json!({
            "resolver": resolver, "outcome": "answered", "code": answer.code, "answers": answer.records,
            "aliases": answer.aliases, "authenticated": answer.authenticated,
        }),
        Err(because) => json!({ "resolver": resolver, "outcome": "no_answer", "why": because }),
    }
}

fn measured(resolver: &str, said: &Said) -> Value {
    match said {
        Ok((server, answer)) => json!({
            "resolver": resolver, "server": server.to_string(), "ms": answer.ms(), "ttl_s": answer.ttl_s,
        }),
        Err(_) => json!({ "resolver": resolver, "server": null, "ms": null, "ttl_s": null }),
    }
}

fn summary(name: &str, record: &str, common: &Answer, others: (&[&String], &[&String]), answered: usize) -> String {
    let name = named(name);
    let answer = match (common.code.as_str(), common.records.as_slice()) {
        ("NXDOMAIN", _) => "there is no such name".to_owned(),
        ("NOERROR", []) => format!("it has no {record} record"),
        ("NOERROR", records) => {
            let shown: Vec<_> = records.iter().take(3).map(|r| named(r)).collect();
            let more = records.len().saturating_sub(3);
            let rest = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            format!("{}{rest}", shown.join(", "))
        }
        (code, _) => format!("they answer {code}"),
    };
    let (different, silent) = others;
    let quiet = if silent.is_empty() {
        String::new()
    } else {
        format!(" {} did not answer.", silent.len())
    };
    if different.is_empty() {
        return match answered {
            1 => format!("One resolver says of {name} ({record}): {answer}.{quiet}"),
            n => format!("{n} resolvers say the same of {name} ({record}): {answer}.{quiet}"),
        };
    }
    let who: Vec<_> = different.iter().take(3).map(|r| named(r)).collect();
    format!(
        "{} of {answered} resolvers ({}) do not say of {name} ({record}) what the others do: {answer}.{quiet}",
        different.len(),
        who.join(", "),
    )
}
