//! Networks that tamper: a captive portal, resolvers that lie, a proxy that looks into TLS; and one that does not.

use super::lab::Lab;
use super::look;
use super::servers::{Authority, answer, dns, dns_on, octets, params, tcp, tcp_on, tls_on};
use super::tls::trusting;
use crate::checks::{CheckContext, Found, Problem};
use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::RecordType;
use serde_json::json;
use std::net::SocketAddr;
use telltale_core::model::Check;

const CLEAN: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";
const LOGIN: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 45\r\n\r\n\
    <html><title>Hotel Wi-Fi: log in</title></htm";
/// Nobody listens there.
const CLOSED: &str = "127.0.0.1:1";

fn says(question: &Message, address: &str) -> Vec<Vec<u8>> {
    if question.queries[0].name().to_ascii().ends_with(".invalid.") {
        return vec![octets(&answer(question, ResponseCode::NXDomain, &[]))];
    }
    vec![octets(&answer(
        question,
        ResponseCode::NoError,
        &[(RecordType::A, address)],
    ))]
}

fn honest(question: &Message) -> Vec<Vec<u8>> {
    says(question, "198.18.0.1")
}

/// Public as well: another machine of the same service.
fn elsewhere(question: &Message) -> Vec<Vec<u8>> {
    says(question, "198.18.9.9")
}

fn rewriter(question: &Message) -> Vec<Vec<u8>> {
    says(question, "10.0.0.1")
}

/// As `rewriter`, to the router itself.
fn router_leads(question: &Message) -> Vec<Vec<u8>> {
    says(question, "10.73.1.2")
}

/// Has an address for everything, also for what cannot exist.
fn helpful(question: &Message) -> Vec<Vec<u8>> {
    let known = !question.queries[0].name().to_ascii().ends_with(".invalid.");
    let address = if known { "198.18.0.1" } else { "198.18.66.66" };
    vec![octets(&answer(
        question,
        ResponseCode::NoError,
        &[(RecordType::A, address)],
    ))]
}

/// The internet's: everything is on one machine.
fn directory(question: &Message) -> Vec<Vec<u8>> {
    if question.queries[0].query_type() == RecordType::A {
        return says(question, "203.0.112.2");
    }
    vec![octets(&answer(question, ResponseCode::NoError, &[]))]
}

fn denier(question: &Message) -> Vec<Vec<u8>> {
    vec![octets(&answer(question, ResponseCode::NXDomain, &[]))]
}

fn failing(question: &Message) -> Vec<Vec<u8>> {
    vec![octets(&answer(question, ResponseCode::ServFail, &[]))]
}

fn check(portal: Option<String>, dns: Option<&[&str]>, tls: Option<String>, pin: Option<String>) -> Check {
    Check::Tampering {
        portal_url: portal,
        dns_name: dns.map(|_| "www.example.org".to_owned()),
        dns_expected: dns.unwrap_or_default().iter().map(|e| (*e).to_owned()).collect(),
        tls_host: tls,
        tls_pin: pin,
    }
}

/// A context whose system has this resolver.
fn resolving(system: SocketAddr, others: &[SocketAddr], context: CheckContext) -> CheckContext {
    CheckContext {
        system_resolver: system.to_string(),
        compared_with: others.iter().map(ToString::to_string).collect(),
        nobody: CLOSED.parse().expect("an address"),
        ..context
    }
}

fn signs(found: &Found) -> &serde_json::Value {
    &found.facts["signs"]
}

#[tokio::test]
async fn a_page_that_was_exchanged_is_a_captive_portal() {
    let cases: [(&[u8], &str, bool); 5] = [
        (CLEAN, "clean", false),
        (LOGIN, "tampered", true),
        (
            b"HTTP/1.1 302 Found\r\nLocation: http://login.example/\r\nContent-Length: 0\r\n\r\n",
            "tampered",
            true,
        ),
        (
            b"HTTP/1.1 511 Network Authentication Required\r\nContent-Length: 0\r\n\r\n",
            "tampered",
            true,
        ),
        (
            b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
            "unclear",
            false,
        ),
    ];
    for (page, state, tampered) in cases {
        let (server, _requests) = tcp(page.to_vec()).await;
        let check = check(Some(format!("http://{server}/generate_204")), None, None, None);
        let found = look(&check, 3, &super::context()).await;
        assert_eq!(found.facts["portal"]["state"], state, "{found:?}");
        assert_eq!(found.facts["tampered"], tampered);
        assert_eq!(found.problem.is_some(), state == "unclear", "{found:?}");
        assert_eq!(
            (&found.facts["dns"], &found.facts["tls"]),
            (&json!(null), &json!(null)),
            "not asked"
        );
    }
    let (server, _requests) = tcp(LOGIN.to_vec()).await;
    let found = look(
        &check(Some(format!("http://{server}/")), None, None, None),
        3,
        &super::context(),
    )
    .await;
    assert_eq!(
        (signs(&found), &found.facts["portal"]["title"]),
        (&json!(["captive_portal"]), &json!("Hotel Wi-Fi: log in"))
    );
}

#[tokio::test]
async fn dns_is_compared_with_what_is_expected_or_with_others() {
    let good = dns(honest).await;
    let cases = [
        (dns(honest).await, Some(&["198.18.0.1"][..]), json!([])),
        (
            dns(elsewhere).await,
            Some(&["198.18.0.1"][..]),
            json!(["dns_rewritten"]),
        ),
        (dns(denier).await, Some(&["198.18.0.1"][..]), json!(["dns_blocked"])),
        (dns(elsewhere).await, Some(&[][..]), json!([])),
        (dns(rewriter).await, Some(&[][..]), json!(["dns_rewritten"])),
        (dns(helpful).await, Some(&[][..]), json!(["dns_rewritten"])),
        (dns(denier).await, Some(&[][..]), json!(["dns_blocked"])),
        (dns(failing).await, Some(&[][..]), json!([])),
    ];
    for (at, (system, expected, wanted)) in cases.into_iter().enumerate() {
        let context = resolving(system, &[good, good], super::context());
        let found = look(&check(None, expected, None, None), 3, &context).await;
        assert_eq!(signs(&found), &wanted, "{at}: {found:?}");
        assert_eq!(found.problem, None, "{at}");
    }
    let context = CheckContext {
        nobody: good,
        ..resolving(good, &[good], super::context())
    };
    let found = look(&check(None, Some(&[]), None, None), 3, &context).await;
    assert_eq!(
        signs(&found),
        &json!(["dns_intercepted"]),
        "an answer from where nobody is"
    );
}

#[tokio::test]
async fn tls_is_judged_by_its_pin_or_by_the_public_authorities() {
    let (public, office) = (Authority::new("Public"), Authority::new("Office Proxy"));
    let names = params(&["127.0.0.1"], (2025, 2028));
    let (real, proxied) = (public.identity(&names), office.identity(&names));
    let (server, _one) = tls_on("127.0.0.1:0", &real, b"").await;
    let (proxy, _two) = tls_on("127.0.0.1:0", &proxied, b"").await;
    // The proxy's authority was installed on this computer; the real one is known as well.
    let mut context = trusting(&office, &public);
    let cases = [
        (proxy, None, json!(["tls_intercepted"]), json!(true)),
        (
            proxy,
            Some(real.pin.to_uppercase()),
            json!(["tls_intercepted"]),
            json!(true),
        ),
        (server, Some(real.pin.to_uppercase()), json!([]), json!(false)),
        (server, None, json!([]), json!(false)),
    ];
    for (at, (host, pin, wanted, trusted)) in cases.into_iter().enumerate() {
        let found = look(&check(None, None, Some(host.to_string()), pin.clone()), 5, &context).await;
        assert_eq!(signs(&found), &wanted, "{at}: {found:?}");
        assert_eq!(found.facts["tls"]["trusted"], trusted, "{at}");
        assert_eq!(found.facts["tls"]["pin_matches"].is_null(), pin.is_none(), "{at}");
    }
    context.authorities = trusting(&public, &public).authorities;
    let found = look(&check(None, None, Some(proxy.to_string()), None), 5, &context).await;
    assert_eq!(found.facts["tls"]["issuer"], "Office Proxy");
    assert!(
        found.facts["tls"]["why"]
            .as_str()
            .is_some_and(|w| w.contains("no authority")),
        "{found:?}"
    );
}

#[tokio::test]
async fn where_nothing_answers_nothing_is_claimed() {
    let closed: SocketAddr = CLOSED.parse().expect("an address");
    let context = resolving(closed, &[closed], super::context());
    let all = check(
        Some(format!("http://{CLOSED}/")),
        Some(&[]),
        Some(CLOSED.to_owned()),
        None,
    );
    let found = look(&all, 3, &context).await;
    assert!(matches!(found.problem, Some(Problem::Failed(_))), "{found:?}");
    assert_eq!((&found.facts["tampered"], signs(&found)), (&json!(false), &json!([])));
}

/// A phone behind a router that is on the way to the internet: clean at first, then tampering for real, by redirecting what passes.
#[test]
fn a_router_that_takes_what_passes_is_found_out() {
    let Some(mut lab) = Lab::new(&["a", "r", "net"]) else {
        return;
    };
    lab.cable(("a", &["10.73.1.1/24"]), ("r", &["10.73.1.2/24"]));
    lab.cable(("r", &["203.0.112.1/24"]), ("net", &["203.0.112.2/24"]));
    lab.ip("a", "route add default via 10.73.1.2");
    lab.ip("net", "route add default via 203.0.112.1");
    // As the internet does with an address that nobody has.
    lab.ip("r", "route add blackhole 192.0.2.0/24");
    // The phone asks who is told to it, for every name.
    lab.resolve_by("203.0.112.2");
    let (public, router) = (Authority::new("Public"), Authority::new("Router"));
    let names = params(&["www.example.org"], (2025, 2028));
    let (real, false_one) = (public.identity(&names), router.identity(&names));
    lab.serve("net", move || async move {
        let (_, pages) = tcp_on("203.0.112.2:80", CLEAN.to_vec()).await;
        let (_, secrets) = tls_on("203.0.112.2:443", &real, b"").await;
        dns_on("203.0.112.2:53", directory).await;
        (pages, secrets)
    });
    lab.serve("r", move || async move {
        let (_, pages) = tcp_on("10.73.1.2:8080", LOGIN.to_vec()).await;
        let (_, secrets) = tls_on("10.73.1.2:8443", &false_one, b"").await;
        dns_on("10.73.1.2:5353", router_leads).await;
        (pages, secrets)
    });
    let context = trusting(&public, &public);
    let look_around = |lab: &Lab| {
        let context = context.clone();
        lab.on("a", move || async move {
            let url = Some("http://portal.example/generate_204".to_owned());
            let tls = Some("www.example.org".to_owned());
            look(&check(url, Some(&["203.0.112.2"]), tls, None), 5, &context).await
        })
    };
    let found = look_around(&lab);
    assert_eq!((signs(&found), &found.problem), (&json!([]), &None), "{found:?}");
    assert_eq!(found.facts["dns"]["nobody_answers"], false);

    lab.run(
        "r",
        "nft",
        &["add table ip t; add chain ip t way { type nat hook prerouting priority -100; }"],
    );
    for rule in [
        "tcp dport 80 dnat to 10.73.1.2:8080",
        "tcp dport 443 dnat to 10.73.1.2:8443",
        "udp dport 53 dnat to 10.73.1.2:5353",
    ] {
        lab.run("r", "nft", &[&format!("add rule ip t way iifname \"to-a\" {rule}")]);
    }
    let found = look_around(&lab);
    let all = json!(["captive_portal", "dns_intercepted", "dns_rewritten", "tls_intercepted"]);
    assert_eq!(signs(&found), &all, "{found:?}");
    assert_eq!(
        (&found.facts["tampered"], &found.facts["tls"]["issuer"]),
        (&true.into(), &"Router".into())
    );
    assert!(found.summary.starts_with("Somebody tampers"), "{}", found.summary);
}
