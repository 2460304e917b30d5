//! Ways over routers in namespaces.

use super::lab::Lab;
use super::{context, look};
use crate::checks::{Found, Problem};
use serde_json::json;
use telltale_core::model::Check;

/// a — r1 — r2 — b, with IPv4 and IPv6.
fn network() -> Option<Lab> {
    let lab = Lab::new(&["a", "r1", "r2", "b"])?;
    lab.cable(
        ("a", &["10.72.1.1/24", "fd72:1::1/64"]),
        ("r1", &["10.72.1.2/24", "fd72:1::2/64"]),
    );
    lab.cable(
        ("r1", &["10.72.2.1/24", "fd72:2::1/64"]),
        ("r2", &["10.72.2.2/24", "fd72:2::2/64"]),
    );
    lab.cable(
        ("r2", &["10.72.3.1/24", "fd72:3::1/64"]),
        ("b", &["10.72.3.2/24", "fd72:3::2/64"]),
    );
    for (machine, via) in [("a", "1::2"), ("r1", "2::2"), ("r2", "2::1"), ("b", "3::1")] {
        let (net, host) = via.split_once("::").expect("two numbers");
        lab.ip(machine, &format!("route add default via 10.72.{net}.{host}"));
        lab.ip(machine, &format!("-6 route add default via fd72:{via}"));
    }
    Some(lab)
}

fn trace(lab: &Lab, host: &'static str, max_hops: u32, timeout_s: u32) -> Found {
    lab.on("a", move || async move {
        let check = Check::Trace {
            host: host.to_owned(),
            max_hops,
        };
        look(&check, timeout_s, &context()).await
    })
}

#[test]
fn each_router_of_the_way_is_named_without_any_right() {
    let Some(lab) = network() else { return };
    for (host, path) in [
        ("10.72.3.2", ["10.72.1.2", "10.72.2.2", "10.72.3.2"]),
        ("fd72:3::2", ["fd72:1::2", "fd72:2::2", "fd72:3::2"]),
    ] {
        let found = trace(&lab, host, 30, 10);
        assert_eq!(found.facts["path"], json!(path), "{found:?}");
        assert_eq!(
            (&found.facts["reached"], &found.facts["end"]),
            (&true.into(), &"reached".into())
        );
        assert_eq!(found.facts["measured"]["hops"][2]["hop"], 3);
        assert_eq!(found.summary, format!("{host} is 3 hops away."));
    }
    let found = trace(&lab, "10.72.3.2", 2, 10);
    assert_eq!(
        (&found.facts["end"], &found.facts["path"]),
        (&"max_hops".into(), &json!(["10.72.1.2", "10.72.2.2"]))
    );
    let found = trace(&lab, "127.0.0.1", 5, 5);
    assert_eq!(
        (&found.facts["reached"], &found.facts["path"]),
        (&true.into(), &json!(["127.0.0.1"]))
    );
}

#[test]
fn a_silent_router_is_a_gap_and_a_way_that_ends_says_how() {
    let Some(lab) = network() else { return };
    lab.run(
        "r1",
        "nft",
        &["add table ip t; add chain ip t out { type filter hook output priority 0; }"],
    );
    lab.run("r1", "nft", &["add rule ip t out icmp type time-exceeded drop"]);
    let found = trace(&lab, "10.72.3.2", 30, 20);
    assert_eq!(
        found.facts["path"],
        json!([null, "10.72.2.2", "10.72.3.2"]),
        "{found:?}"
    );

    lab.ip("r2", "route add unreachable 10.72.7.0/24");
    lab.ip("r2", "route add prohibit 10.72.8.0/24");
    let found = trace(&lab, "10.72.7.7", 30, 20);
    assert_eq!(
        (&found.facts["end"], &found.facts["path"]),
        (&"unreachable".into(), &json!([null, "10.72.2.2"])),
        "{found:?}"
    );
    let found = trace(&lab, "10.72.8.8", 30, 20);
    assert_eq!(found.facts["why"], "a rule of the network forbids it", "{found:?}");

    // Nobody answers any more, and the time is shorter than the patience.
    lab.ip("r2", "route add blackhole 10.72.9.0/24");
    let found = trace(&lab, "10.72.9.9", 30, 3);
    assert!(matches!(found.problem, Some(Problem::TimedOut(_))), "{found:?}");
    assert_eq!(found.facts["end"], "time");
    let found = trace(&lab, "2001:db8::9", 30, 5);
    assert!(found.facts["reached"] != true, "{found:?}");
}
