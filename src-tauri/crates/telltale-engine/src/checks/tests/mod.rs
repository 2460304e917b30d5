//! Checks against real servers of this machine, well-behaved and hostile ones.

mod command;
mod dns;
mod http;
mod lab;
mod reachability;
mod servers;
mod tampering;
mod tls;
mod trace;

use super::{CheckContext, Found, carry_out};
use serde_json::Value;
use telltale_core::model::{Check, Limits, ProbePolicy, Timestamp};

/// 22 November 2026, 12:00 UTC: when these tests take place.
const NOW: Timestamp = Timestamp(1_795_348_800_000_000_000);

fn context() -> CheckContext {
    CheckContext::new(&ProbePolicy::default(), NOW)
}

fn limits(timeout_s: u32) -> Limits {
    Limits {
        timeout_s,
        ..Limits::default()
    }
}

/// Carries a check out and holds what came back to what holds for its kind and for all.
async fn look(check: &Check, timeout_s: u32, context: &CheckContext) -> Found {
    let found = carry_out(check, &limits(timeout_s), context).await;
    hold(check, &found);
    found
}

/// As its schema says; no control character, nothing too large, and a sentence.
#[track_caller]
fn hold(check: &Check, found: &Found) {
    if !found.facts.is_null() {
        let schema: Value = serde_json::from_str(schema(check)).expect("a schema");
        let schema = jsonschema::validator_for(&schema).expect("a schema");
        let wrong: Vec<_> = schema
            .iter_errors(&found.facts)
            .map(|e| format!("{}: {e}", e.instance_path()))
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}: {}", found.facts);
        let mut foreign = found.facts.clone();
        foreign["foreign"] = true.into();
        assert!(!schema.is_valid(&foreign), "the schema takes what it does not describe");
    }
    assert!(found.facts.is_object() || found.problem.is_some(), "{found:?}");
    assert!(found.facts.to_string().len() < 50_000, "the facts are too large");
    assert!(
        !found.summary.is_empty() && found.summary.chars().count() <= 501,
        "{found:?}"
    );
    assert!(!found.summary.contains(char::is_control), "{found:?}");
    let problem = found.problem.as_ref().map(ToString::to_string).unwrap_or_default();
    assert!(!problem.contains(char::is_control), "{problem:?}");
    visible(&found.facts);
}

fn schema(check: &Check) -> &'static str {
    match check {
        Check::Audit { .. } => "false",
        Check::Reachability { .. } => include_str!("../../../../telltale-core/schema/facts/reachability.schema.json"),
        Check::Dns { .. } => include_str!("../../../../telltale-core/schema/facts/dns.schema.json"),
        Check::Tls { .. } => include_str!("../../../../telltale-core/schema/facts/tls.schema.json"),
        Check::Http { .. } => include_str!("../../../../telltale-core/schema/facts/http.schema.json"),
        Check::Trace { .. } => include_str!("../../../../telltale-core/schema/facts/trace.schema.json"),
        Check::Tampering { .. } => include_str!("../../../../telltale-core/schema/facts/tampering.schema.json"),
        Check::Command { .. } => include_str!("../../../../telltale-core/schema/facts/command.schema.json"),
    }
}

#[track_caller]
fn visible(value: &Value) {
    match value {
        Value::String(text) => assert!(!text.contains(char::is_control), "{text:?}"),
        Value::Array(items) => items.iter().for_each(visible),
        Value::Object(map) => map.iter().for_each(|(key, value)| {
            assert!(!key.contains(char::is_control), "{key:?}");
            visible(value);
        }),
        _ => {}
    }
}

#[tokio::test]
async fn a_check_out_of_its_ranges_is_refused_before_anything_is_sent() {
    let wrong = [
        r#"{"kind":"reachability","host":"a b","how":{"by":"icmp"},"attempts":1}"#,
        r#"{"kind":"reachability","host":"localhost","how":{"by":"icmp"},"attempts":0}"#,
        r#"{"kind":"reachability","host":"localhost","how":{"by":"tcp","port":0},"attempts":1}"#,
        r#"{"kind":"reachability","host":"localhost","how":{"by":"icmp"},"attempts":21}"#,
        r#"{"kind":"dns","name":"example.org","record":"ANY","resolvers":["system"]}"#,
        r#"{"kind":"dns","name":"example.org","record":"A","resolvers":[]}"#,
        r#"{"kind":"dns","name":"example.org","record":"A","resolvers":["dns.example"]}"#,
        r#"{"kind":"dns","name":"a..b","record":"A","resolvers":["system"]}"#,
        r#"{"kind":"tls","host":"localhost","port":0,"server_name":null,"warn_days":1}"#,
        r#"{"kind":"http","url":"file:///etc/passwd","method":"GET","headers":[]}"#,
        r#"{"kind":"http","url":"http://localhost/","method":"DELETE","headers":[]}"#,
        r#"{"kind":"http","url":"http://localhost/","method":"GET","headers":[["a","b\r\nc: d"]]}"#,
        r#"{"kind":"trace","host":"localhost","max_hops":65}"#,
        r#"{"kind":"tampering","portal_url":null,"dns_name":null,"dns_expected":[],"tls_host":null,"tls_pin":null}"#,
        r#"{"kind":"tampering","portal_url":null,"dns_name":null,"dns_expected":[],"tls_host":"a","tls_pin":"12"}"#,
        r#"{"kind":"command","program":"./x","args":[],"target":"","parser":{"form":"lines"}}"#,
        r#"{"kind":"command","program":"x","args":[],"target":"-oN","parser":{"form":"lines"}}"#,
        r#"{"kind":"command","program":"x","args":[],"target":"","parser":{"form":"regex","pattern":"("}}"#,
    ];
    for text in wrong {
        let check: Check = serde_json::from_str(text).expect(text);
        let found = look(&check, 5, &context()).await;
        assert!(
            matches!(found.problem, Some(super::Problem::Invalid(_))) && found.facts.is_null(),
            "{text}: {found:?}"
        );
    }
}
