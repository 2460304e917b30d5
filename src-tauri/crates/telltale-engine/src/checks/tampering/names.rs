//! The part of DNS: this computer's resolver against what is expected, or against others.

use super::Part;
use crate::checks::CheckContext;
use crate::checks::resolver::{Answer, ask, ask_any, name, servers};
use crate::checks::text::named;
use hickory_resolver::proto::rr::{Name, RecordType};
use serde_json::{Value, json};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

/// An answer from nowhere is waited for so long.
const FROM_NOWHERE: Duration = Duration::from_secs(2);

/// What a resolver said, or why it said nothing.
type Said = Result<Answer, String>;

/// What was asked, and what came back.
struct Heard {
    /// This computer's resolver, of the name.
    system: Said,
    /// The same, of a name that cannot exist (RFC 6761).
    made_up: Said,
    /// Whether an answer came from where nobody is.
    from_nobody: bool,
    /// The other resolvers, each with its name.
    compared: Vec<(String, Said)>,
}

pub(super) async fn dns(asked: &str, expected: &[String], context: &CheckContext, until: Instant) -> Part {
    let expected: Vec<IpAddr> = expected.iter().filter_map(|e| e.parse().ok()).collect();
    let (Some(wanted), Ok(system)) = (name(asked), servers(&context.system_resolver)) else {
        let because = "this computer has no resolver to ask".to_owned();
        return Part::of(json!({ "name": asked }), Vec::new(), Some(because));
    };
    let heard = hear(&wanted, &system, &expected, context, until).await;
    let facts = json!({
        "name": asked,
        "system": told(&heard.system),
        "expected": expected.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "compared": heard.compared.iter().map(|(who, said)| {
            let mut facts = told(said);
            facts["resolver"] = who.as_str().into();
            facts
        }).collect::<Vec<_>>(),
        "made_up_name": told(&heard.made_up),
        "nobody_answers": heard.from_nobody,
    });
    let others: Vec<&Answer> = heard
        .compared
        .iter()
        .filter_map(|(_, said)| said.as_ref().ok())
        .collect();
    let because = match &heard.system {
        Err(because) => Some(format!(
            "this computer's resolver told nothing of {}: {because}",
            named(asked)
        )),
        Ok(_) if expected.is_empty() && others.is_empty() => {
            Some(format!("no other resolver told anything of {}", named(asked)))
        }
        Ok(_) => None,
    };
    Part::of(facts, signs(&heard, &expected, &others), because)
}

/// Asks all of them at the same time.
async fn hear(
    wanted: &Name,
    system: &[SocketAddr],
    expected: &[IpAddr],
    context: &CheckContext,
    until: Instant,
) -> Heard {
    let kind = if !expected.is_empty() && expected.iter().all(IpAddr::is_ipv6) {
        RecordType::AAAA
    } else {
        RecordType::A
    };
    let made_up = name(&format!("telltale-{}.invalid", Uuid::new_v4().simple()));
    let made_up = made_up.unwrap_or_else(|| wanted.clone());
    let others: &[String] = if expected.is_empty() {
        &context.compared_with
    } else {
        &[]
    };
    let soon = until.min(Instant::now() + FROM_NOWHERE);
    let (system, made_up, nobody, compared) = tokio::join!(
        ask_any(system, wanted, kind, until),
        ask_any(system, &made_up, RecordType::A, until),
        ask(context.nobody, wanted, kind, soon),
        compared(wanted, kind, others, until),
    );
    Heard {
        system: system.map(|(_, answer)| answer),
        made_up: made_up.map(|(_, answer)| answer),
        from_nobody: nobody.is_ok(),
        compared,
    }
}

fn signs(heard: &Heard, expected: &[IpAddr], others: &[&Answer]) -> Vec<&'static str> {
    let mut signs = Vec::new();
    if heard.from_nobody {
        signs.push("dns_intercepted");
    }
    let lies = heard.made_up.as_ref().is_ok_and(|a| !a.records.is_empty());
    let system = heard.system.as_ref();
    let (rewritten, blocked) = system.map_or((false, false), |a| against(a, expected, others));
    if rewritten || lies {
        signs.push("dns_rewritten");
    }
    if blocked {
        signs.push("dns_blocked");
    }
    signs
}

/// Asks each resolver of a list.
async fn compared(name: &Name, kind: RecordType, resolvers: &[String], until: Instant) -> Vec<(String, Said)> {
    let mut all = Vec::new();
    for resolver in resolvers {
        let left = until.saturating_duration_since(Instant::now());
        // Two are compared: where one is silent, there is time for the other.
        let share = Instant::now() + left / 2;
        let said = match servers(resolver) {
            Ok(servers) => ask_any(&servers, name, kind, share).await.map(|(_, answer)| answer),
            Err(because) => Err(because),
        };
        all.push((resolver.clone(), said));
    }
    all
}

fn told(said: &Said) -> Value {
    match said {
        Ok(answer) => json!({ "code": answer.code, "answers": answer.records }),
        Err(because) => json!({ "code": null, "answers": [], "why": because }),
    }
}

/// Whether an answer is rewritten, and whether it denies what is there.
fn against(answer: &Answer, expected: &[IpAddr], others: &[&Answer]) -> (bool, bool) {
    let given = answer.addresses();
    // A resolver that fails denies nothing.
    let denies = given.is_empty() && ["NOERROR", "NXDOMAIN", "REFUSED"].contains(&answer.code.as_str());
    if !expected.is_empty() {
        return (given.iter().any(|ip| !expected.contains(ip)), denies);
    }
    let all_public = |answer: &&Answer| {
        let ips = answer.addresses();
        !ips.is_empty() && ips.iter().all(is_public)
    };
    let known_elsewhere = !others.is_empty() && others.iter().all(all_public);
    let private = given.iter().any(|ip| !is_public(ip));
    (known_elsewhere && private, known_elsewhere && denies)
}

/// Whether an address can be that of a machine of the internet.
fn is_public(ip: &IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            let shared = a == 100 && (64..128).contains(&b);
            !(ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_broadcast() || ip.is_documentation())
                && !(a == 0 || a >= 224 || shared)
        }
        IpAddr::V6(ip) => ip.to_ipv4_mapped().map_or_else(
            || (0x2000..0x4000).contains(&ip.segments()[0]),
            |ip| is_public(&IpAddr::V4(ip)),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(records: &[&str]) -> Answer {
        Answer {
            code: "NOERROR".to_owned(),
            records: records.iter().map(|r| (*r).to_owned()).collect(),
            aliases: Vec::new(),
            authenticated: false,
            ttl_s: None,
            took: Duration::ZERO,
        }
    }

    #[test]
    fn other_public_addresses_are_no_sign_but_private_and_denied_ones_are() {
        let (here, there) = (answer(&["142.250.1.1"]), answer(&["142.250.9.9"]));
        assert_eq!(against(&here, &[], &[&there]), (false, false));
        assert_eq!(against(&answer(&["10.0.0.1"]), &[], &[&there]), (true, false));
        assert_eq!(against(&answer(&["100.64.0.1"]), &[], &[&there]), (true, false));
        assert_eq!(against(&answer(&[]), &[], &[&there]), (false, true));
        // A name that is private everywhere is that by its owner's will.
        assert_eq!(
            against(&answer(&["10.0.0.1"]), &[], &[&answer(&["10.0.0.1"])]),
            (false, false)
        );
        assert_eq!(against(&answer(&["10.0.0.1"]), &[], &[]), (false, false));
        let expected = ["142.250.1.1".parse().expect("an address")];
        assert_eq!(against(&here, &expected, &[]), (false, false));
        assert_eq!(against(&there, &expected, &[]), (true, false));
        assert_eq!(against(&answer(&[]), &expected, &[]), (false, true));
    }
}
