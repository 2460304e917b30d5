//! Is traffic from here tampered with: a captive portal, rewritten DNS, intercepted TLS.
//!
//! Facts: `tampered`; `signs`, any of
//! * `captive_portal`: a page of known, empty answer was answered otherwise;
//! * `dns_rewritten`: this computer's resolver gives addresses that are not among the expected ones, or private ones for a name that
//!   other resolvers give public ones for, or addresses for a name that cannot exist (RFC 6761: `.invalid`);
//! * `dns_blocked`: it denies a name that other resolvers know;
//! * `dns_intercepted`: a question to an address where nobody is (RFC 5737: 192.0.2.1) was answered, so somebody on the way answers in the
//!   place of every resolver;
//! * `tls_intercepted`: the server shows another key than the pinned one, or a certificate that an authority of this computer vouches for
//!   and no public one does, or none at all;
//!
//! and `portal`, `dns`, `tls`, each null where it was not asked, else with `state` (`clean`, `tampered`, `unclear`: `why`) and
//! * `portal`: `url`, `status`, `location`, `octets`, `sha256`, `title`;
//! * `dns`: `name`, `system` (`code`, `answers`), `expected`, `compared` (a list of `resolver`, `code`, `answers`, or `why`), `made_up_name`
//!   (`code`, `answers`), `nobody_answers` (whether 192.0.2.1 did);
//! * `tls`: `host`, `issuer`, `key_sha256`, `pin_matches` (null without a pin), `trusted`, `publicly_trusted`, `name_matches`, `why`.
//!
//! Different public addresses alone are no sign: large services have many. Compared are two large public resolvers
//! ([`PUBLIC_RESOLVERS`]); they are asked for `dns_name` and nothing else, and only where no address was expected.

mod names;

use super::page::{Ask, Fetched, address, fetch};
use super::place::bare;
use super::text::{named, sentence};
use super::tls::{judge, show};
use super::{CheckContext, Found, Problem};
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr};
use tokio::time::Instant;

/// Quad9 and Cloudflare: whom the system's resolver is compared with.
pub(super) const PUBLIC_RESOLVERS: [&str; 2] = ["9.9.9.9", "1.1.1.1"];
/// TEST-NET-1 (RFC 5737): nobody has this address.
pub(super) const NOBODY: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
/// The port of a server that names none.
const HTTPS: u16 = 443;
/// Octets of a portal's page that are read.
const PORTAL: usize = 64 << 10;

/// The parameters of the check.
pub(super) struct Wanted<'a> {
    pub(super) portal_url: Option<&'a str>,
    pub(super) dns_name: Option<&'a str>,
    pub(super) dns_expected: &'a [String],
    pub(super) tls_host: Option<&'a str>,
    pub(super) tls_pin: Option<&'a str>,
}

/// One of the three parts.
struct Part {
    facts: Value,
    signs: Vec<&'static str>,
    /// Why nothing can be said.
    unclear: Option<String>,
}

impl Part {
    fn of(mut facts: Value, signs: Vec<&'static str>, unclear: Option<String>) -> Self {
        let state = match (signs.is_empty(), &unclear) {
            (false, _) => "tampered",
            (true, Some(_)) => "unclear",
            (true, None) => "clean",
        };
        facts["state"] = state.into();
        if let Some(because) = &unclear {
            facts["why"] = because.as_str().into();
        }
        Self { facts, signs, unclear }
    }
}

/// A server as `host` or `host:port`.
pub(super) fn tls_server(text: &str) -> Option<(&str, u16)> {
    if bare(text).parse::<IpAddr>().is_ok() {
        return Some((text, HTTPS));
    }
    let Some((host, port)) = text.rsplit_once(':') else {
        return Some((text, HTTPS));
    };
    let port = port.parse().ok().filter(|p| *p > 0)?;
    let is_one = !host.is_empty() && (!host.contains(':') || bare(host) != host);
    is_one.then_some((host, port))
}

pub(super) async fn look(wanted: &Wanted<'_>, context: &CheckContext, until: Instant) -> Result<Found, Problem> {
    let portal = async {
        match wanted.portal_url {
            Some(url) => Some(portal(url, context, until).await),
            None => None,
        }
    };
    let dns = async {
        match wanted.dns_name {
            Some(asked) => Some(names::dns(asked, wanted.dns_expected, context, until).await),
            None => None,
        }
    };
    let tls = async {
        match wanted.tls_host {
            Some(server) => Some(tls(server, wanted.tls_pin, context, until).await),
            None => None,
        }
    };
    let (portal, dns, tls) = tokio::join!(portal, dns, tls);
    let asked: Vec<&Part> = [&portal, &dns, &tls].into_iter().flatten().collect();
    let signs: Vec<&str> = asked.iter().flat_map(|p| p.signs.iter().copied()).collect();
    let unclear: Vec<&str> = asked.iter().filter_map(|p| p.unclear.as_deref()).collect();
    let facts = |part: &Option<Part>| part.as_ref().map(|p| p.facts.clone());
    let all = json!({
        "tampered": !signs.is_empty(),
        "signs": signs,
        "portal": facts(&portal),
        "dns": facts(&dns),
        "tls": facts(&tls),
    });
    if signs.is_empty() && unclear.len() == asked.len() {
        let problem = format!("nothing could be seen: {}", unclear.join("; "));
        return Ok(Found::with_problem(all, Problem::Failed(sentence(&problem))));
    }
    let said = summary(&signs, &unclear);
    Ok(Found::of(all, said))
}

fn summary(signs: &[&str], unclear: &[&str]) -> String {
    let words = |sign: &&str| match *sign {
        "captive_portal" => "a page was exchanged, as the login page of a hotspot does",
        "dns_rewritten" => "names lead to other addresses than they should",
        "dns_blocked" => "a name is denied that others know",
        "dns_intercepted" => "somebody on the way answers questions that were for others",
        _ => "an encrypted connection ends at somebody else than its server",
    };
    let rest = if unclear.is_empty() {
        String::new()
    } else {
        format!(" Not everything could be seen: {}.", unclear.join("; "))
    };
    if signs.is_empty() {
        return format!("No sign that anybody tampers with the traffic from here.{rest}");
    }
    let signs: Vec<_> = signs.iter().map(words).collect();
    format!(
        "Somebody tampers with the traffic from here: {}.{rest}",
        signs.join("; ")
    )
}

async fn portal(url: &str, context: &CheckContext, until: Instant) -> Part {
    let unclear = |because: String| Part::of(json!({ "url": url, "status": null }), Vec::new(), Some(because));
    let address = match address(url) {
        Ok(address) => address,
        Err(because) => return unclear(because),
    };
    let ask = Ask {
        address: &address,
        method: "GET",
        headers: &[],
        most: PORTAL,
    };
    let page = match fetch(&ask, context, until).await {
        Ok(Fetched::Page(page, _)) => page,
        Ok(Fetched::NotTrusted(judged)) => return unclear(judged.fault()),
        Err(problem) => return unclear(problem.to_string()),
    };
    let facts = json!({
        "url": url, "status": page.status, "location": page.header("location"), "octets": page.body.octets,
        "sha256": page.body.sha256, "title": page.title(),
    });
    match (page.status, page.body.octets) {
        (204, _) => Part::of(facts, Vec::new(), None),
        // Somebody else's page, a way to one, or "network authentication required" (RFC 6585 section 6).
        (200..=203 | 205..=299, 1..) | (300..=399 | 511, _) => Part::of(facts, vec!["captive_portal"], None),
        (status, _) => {
            let because = format!("{} answered with status {status} instead of 204", named(&address.host));
            Part::of(facts, Vec::new(), Some(because))
        }
    }
}

async fn tls(server: &str, pin: Option<&str>, context: &CheckContext, until: Instant) -> Part {
    let unclear = |because: String| Part::of(json!({ "host": server }), Vec::new(), Some(because));
    let Some((host, port)) = tls_server(server) else {
        return unclear("the server is no host with a port".to_owned());
    };
    let looked = async {
        let authorities = context.authorities().await?;
        let shown = show(host, port, None, &[], until).await?;
        Ok::<_, Problem>(judge(&shown, &authorities, context.now))
    };
    let judged = match looked.await {
        Ok(judged) => judged,
        Err(problem) => return unclear(problem.to_string()),
    };
    let key = judged.first.key_sha256.as_deref();
    let pin_matches = pin.map(|pin| key.is_some_and(|key| key.eq_ignore_ascii_case(pin)));
    let mut facts = json!({
        "host": server,
        "issuer": judged.first.issuer,
        "key_sha256": key,
        "pin_matches": pin_matches,
        "trusted": judged.mistrust.is_none(),
        "publicly_trusted": judged.publicly_trusted,
        "name_matches": judged.name_matches,
    });
    if !judged.is_good() {
        facts["why"] = judged.fault().into();
    }
    let clean = pin_matches.unwrap_or(judged.publicly_trusted && judged.name_matches);
    Part::of(facts, if clean { Vec::new() } else { vec!["tls_intercepted"] }, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_a_host_with_or_without_a_port() {
        assert_eq!(tls_server("example.org"), Some(("example.org", 443)));
        assert_eq!(tls_server("example.org:8443"), Some(("example.org", 8443)));
        assert_eq!(tls_server("2001:db8::1"), Some(("2001:db8::1", 443)));
        assert_eq!(tls_server("[2001:db8::1]:8443"), Some(("[2001:db8::1]", 8443)));
        assert_eq!(tls_server("[2001:db8::1]"), Some(("[2001:db8::1]", 443)));
        for bad in ["example.org:0", "example.org:x", ":443", "a:b:443"] {
            assert_eq!(tls_server(bad), None, "{bad}");
        }
    }
}
