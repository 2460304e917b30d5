//! What a person types or pastes into "who is this?" -> a host name or an address.

use crate::catalogue::is_host_name;
use std::net::IpAddr;

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Query {
    /// A host name in lower-case ASCII (punycode), without a last dot.
    Name(String),
    /// An address.
    Address(IpAddr),
}

/// Takes scheme, user, port, path, brackets, wildcard, trailing dot and "defanged" dots off; `None` when neither is left.
pub(super) fn parse(text: &str) -> Option<Query> {
    let text = text
        .trim()
        .trim_matches(['"', '\'', '<', '>', '`', ',', ';'])
        .replace("[.]", ".")
        .replace("(.)", ".");
    if let Ok(address) = text.parse() {
        return Some(Query::Address(address));
    }
    let rest = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
    let rest = rest.trim_start_matches("//");
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = match host.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next()?,
        None => host,
    };
    if let Some(address) = address(host) {
        return Some(Query::Address(address));
    }
    let host = match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => host,
    };
    if let Some(address) = address(host) {
        return Some(Query::Address(address));
    }
    name(host)
}

/// An address, its zone (`%en0`) and its prefix length aside.
fn address(text: &str) -> Option<IpAddr> {
    text.split('%').next()?.parse().ok()
}

fn name(host: &str) -> Option<Query> {
    let host = host
        .strip_prefix("*.")
        .unwrap_or(host)
        .trim_end_matches(['.', '。'])
        .trim_start_matches('.');
    let ascii = if host.is_ascii() {
        host.to_ascii_lowercase()
    } else {
        idna::domain_to_ascii(host).ok()?
    };
    is_host_name(&ascii).then_some(Query::Name(ascii))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Option<String> {
        match parse(text)? {
            Query::Name(name) => Some(name),
            Query::Address(_) => None,
        }
    }

    #[test]
    fn names_are_found_in_what_people_paste() {
        for text in [
            "www.example.com",
            "WWW.Example.COM",
            "www.example.com.",
            " www.example.com\n",
            "https://www.example.com",
            "https://www.example.com/path?q=1#x",
            "http://user:secret@www.example.com:8080/path@x",
            "www.example.com:443",
            "//www.example.com/x",
            "*.www.example.com",
            "\"www.example.com\",",
            "www[.]example[.]com",
            "hxxps://www[.]example.com/",
            "someone@www.example.com",
            "wss://www.example.com?x",
        ] {
            assert_eq!(named(text).as_deref(), Some("www.example.com"), "{text}");
        }
    }

    #[test]
    fn other_scripts_become_punycode() {
        assert_eq!(
            named("https://Bücher.example/"),
            Some("xn--bcher-kva.example".to_owned())
        );
        assert_eq!(named("例え。テスト"), Some("xn--r8jz45g.xn--zckzah".to_owned()));
        assert_eq!(named("xn--bcher-kva.example"), Some("xn--bcher-kva.example".to_owned()));
    }

    #[test]
    fn addresses_are_found_in_what_people_paste() {
        for (text, address) in [
            ("192.0.2.7", "192.0.2.7"),
            ("192.0.2.7:443", "192.0.2.7"),
            ("http://192.0.2.7/x", "192.0.2.7"),
            ("192.0.2.7/24", "192.0.2.7"),
            ("2001:db8::1", "2001:db8::1"),
            ("2001:DB8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("https://[2001:db8::1]:443/x", "2001:db8::1"),
            ("fe80::1%en0", "fe80::1"),
            ("::ffff:192.0.2.7", "::ffff:192.0.2.7"),
        ] {
            assert_eq!(parse(text), Some(Query::Address(address.parse().unwrap())), "{text}");
        }
    }

    #[test]
    fn what_is_neither_is_nothing() {
        for text in [
            "",
            " ",
            "facebook",
            "localhost",
            "https://",
            "a b.com",
            "..",
            "999.1.1.1",
            "exa_mple..com",
            "-x.com",
            "a/b",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
