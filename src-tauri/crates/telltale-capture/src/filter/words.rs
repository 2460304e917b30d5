//! The words of a filter: cut as libpcap cuts them, each one known, none the name of a host.
//!
//! libpcap takes the longest run of letters, digits, `-`, `_` and `.` as one word, and what is no number and no address is a name. The
//! same is done here, and stricter where in doubt. Never here: the grammar, which is libpcap's.

use super::{FilterError, FilterErrorKind, MAX_FILTER};
use std::net::{Ipv4Addr, Ipv6Addr};

/// A word with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    /// In octets.
    pub(super) from: usize,
}

impl Word<'_> {
    pub(super) const fn end(&self) -> usize {
        self.from + self.text.len()
    }
}

/// Words of the language, as in pcap-filter(7); those that only mean something on a link that no phone is behind (ATM, SS7, pf) are
/// left out, and so is `gateway`, which needs a host's name.
const KEYWORDS: &[&str] = &[
    "and",
    "or",
    "not",
    "src",
    "dst",
    "host",
    "net",
    "mask",
    "port",
    "portrange",
    "proto",
    "protochain",
    "less",
    "greater",
    "len",
    "length",
    "broadcast",
    "multicast",
    "inbound",
    "outbound",
    "ifindex",
    "vlan",
    "mpls",
    "pppoed",
    "pppoes",
    "geneve",
    "byte",
    "link",
    "ra",
    "ta",
    "addr1",
    "addr2",
    "addr3",
    "addr4",
    "address1",
    "address2",
    "address3",
    "address4",
    "llc",
    "type",
    "subtype",
    "dir",
    "direction",
    "radio",
    "csnp",
    "es-is",
    "esis",
    "iih",
    "is-is",
    "isis",
    "l1",
    "l2",
    "lsp",
    "psnp",
    "snp",
    "ppp",
    "slip",
];

/// Protocols; after `proto` they are written with a backslash.
const PROTOCOLS: &[&str] = &[
    "ether", "fddi", "tr", "wlan", "ip", "ip6", "arp", "rarp", "tcp", "udp", "sctp", "icmp", "icmp6", "igmp", "igrp",
    "pim", "vrrp", "carp", "ah", "esp", "atalk", "aarp", "decnet", "lat", "sca", "moprc", "mopdl", "iso", "clnp",
    "stp", "ipx", "netbeui",
];

/// Named offsets and values for `[...]`.
const VALUES: &[&str] = &[
    "icmptype",
    "icmpcode",
    "icmp6type",
    "icmp6code",
    "tcpflags",
    "tcp-fin",
    "tcp-syn",
    "tcp-rst",
    "tcp-push",
    "tcp-ack",
    "tcp-urg",
    "tcp-ece",
    "tcp-cwr",
    "icmp-echoreply",
    "icmp-unreach",
    "icmp-sourcequench",
    "icmp-redirect",
    "icmp-echo",
    "icmp-routeradvert",
    "icmp-routersolicit",
    "icmp-timxceed",
    "icmp-paramprob",
    "icmp-tstamp",
    "icmp-tstampreply",
    "icmp-ireq",
    "icmp-ireqreply",
    "icmp-maskreq",
    "icmp-maskreply",
    "icmp6-destinationrunreach",
    "icmp6-packettoobig",
    "icmp6-timeexceeded",
    "icmp6-parameterproblem",
    "icmp6-echo",
    "icmp6-echoreply",
    "icmp6-multicastlistenerquery",
    "icmp6-multicastlistenerreportv1",
    "icmp6-multicastlistenerdone",
    "icmp6-routersolicit",
    "icmp6-routeradvert",
    "icmp6-neighborsolicit",
    "icmp6-neighboradvert",
    "icmp6-redirect",
    "icmp6-routerrenum",
    "icmp6-nodeinformationquery",
    "icmp6-nodeinformationresponse",
    "icmp6-ineighbordiscoverysolicit",
    "icmp6-ineighbordiscoveryadvert",
    "icmp6-multicastlistenerreportv2",
    "icmp6-homeagentdiscoveryrequest",
    "icmp6-homeagentdiscoveryreply",
    "icmp6-mobileprefixsolicit",
    "icmp6-mobileprefixadvert",
    "icmp6-certpathsolicit",
    "icmp6-certpathadvert",
    "icmp6-multicastrouteradvert",
    "icmp6-multicastroutersolicit",
    "icmp6-multicastroutertermination",
];

/// Names that stand after `type`, `subtype`, `dir` and `llc`.
const FRAMES: &[&str] = &[
    "mgt",
    "ctl",
    "data",
    "assoc-req",
    "assoc-resp",
    "reassoc-req",
    "reassoc-resp",
    "probe-req",
    "probe-resp",
    "beacon",
    "atim",
    "disassoc",
    "auth",
    "deauth",
    "ps-poll",
    "rts",
    "cts",
    "ack",
    "cf-end",
    "cf-end-ack",
    "data-cf-ack",
    "data-cf-poll",
    "data-cf-ack-poll",
    "null",
    "cf-ack",
    "cf-poll",
    "cf-ack-poll",
    "qos-data",
    "qos-data-cf-ack",
    "qos-data-cf-poll",
    "qos-data-cf-ack-poll",
    "qos",
    "qos-cf-poll",
    "qos-cf-ack-poll",
    "nods",
    "tods",
    "fromds",
    "dstods",
    "i",
    "s",
    "u",
    "rr",
    "rnr",
    "rej",
    "ui",
    "ua",
    "disc",
    "sabme",
    "test",
    "xid",
    "frmr",
];

const OPERATORS: &[&str] = &["&&", "||", "!=", ">=", "<=", "==", "<<", ">>"];
const SIGNS: &str = "()[]!=<>+-*/%&|^:";

/// What a name would be taken for: libpcap goes by the last of these words before it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Means {
    Host,
    Port,
    Protocol,
    Frame,
}

/// The words of `expression`, which is not too long; an error for the first that cannot be handed to libpcap.
pub(super) fn read(expression: &str) -> Result<Vec<Word<'_>>, FilterError> {
    if let Some((from, _)) = expression.char_indices().nth(MAX_FILTER) {
        let kind = FilterErrorKind::TooLong;
        return Err(error(
            expression,
            from,
            expression.len(),
            kind,
            "the filter is too long",
        ));
    }
    cut(expression)
}

/// As [`read`], of any length.
pub(super) fn cut(expression: &str) -> Result<Vec<Word<'_>>, FilterError> {
    let mut words = Vec::new();
    let mut means = Means::Host;
    let mut from = 0;
    while let Some(next) = expression[from..].chars().next() {
        if matches!(next, ' ' | '\t' | '\n' | '\r') {
            from += 1;
            continue;
        }
        let text = next_word(&expression[from..]);
        // A strange letter inside of a word is what is wrong with it.
        let rest = from + text.len();
        let strange = expression[rest..]
            .chars()
            .next()
            .filter(|c| text.is_empty() || !c.is_ascii());
        if let Some(strange) = strange {
            let (kind, end) = (FilterErrorKind::Character, rest + strange.len_utf8());
            return Err(error(expression, rest, end, kind, "a character that no filter has"));
        }
        let word = Word { text, from };
        if !SIGNS.contains(next) {
            known(text, &mut means).map_err(|(kind, message)| error(expression, from, word.end(), kind, message))?;
        }
        words.push(word);
        from = word.end();
    }
    Ok(words)
}

/// The next word of a text that does not begin with a blank; empty if it begins with a strange character.
fn next_word(text: &str) -> &str {
    if let Some(operator) = OPERATORS.iter().find(|o| text.starts_with(**o)) {
        return &text[..operator.len()];
    }
    if text.starts_with(|c| SIGNS.contains(c)) && !begins_address(text) {
        return &text[..1];
    }
    let escaped = usize::from(text.starts_with('\\'));
    let run = |more: &str| {
        let ends = text[escaped..].find(|c: char| !(c.is_ascii_alphanumeric() || more.contains(c)));
        ends.map_or(text, |at| &text[..escaped + at])
    };
    // Colons join an address of either kind, but also stand between numbers in `[0:2]`.
    let joined = run(".:-_");
    if escaped == 0 && (mac(joined) || joined.parse::<Ipv6Addr>().is_ok()) {
        return joined;
    }
    let word = run(".-_");
    // libpcap's words end in a letter, digit or dot.
    let word = word.trim_end_matches(['-', '_']);
    if word.len() > escaped && !word[escaped..].starts_with(['.', '-', '_']) {
        word
    } else {
        ""
    }
}

/// `::1` begins with a sign.
fn begins_address(text: &str) -> bool {
    let ends = text.find(|c: char| !(c.is_ascii_hexdigit() || c == ':' || c == '.'));
    text.starts_with("::") && text[..ends.unwrap_or(text.len())].parse::<Ipv6Addr>().is_ok()
}

/// Six octets, with colons or hyphens.
fn mac(text: &str) -> bool {
    [':', '-'].iter().any(|by| {
        let parts = text.split(*by);
        parts.clone().count() == 6
            && parts
                .clone()
                .all(|p| p.len() == 2 && p.bytes().all(|c| c.is_ascii_hexdigit()))
    })
}

/// Whether the word is one of the language, a number or an address; a name only where it means a port, a protocol or a frame.
fn known(text: &str, means: &mut Means) -> Result<(), (FilterErrorKind, &'static str)> {
    let name = text.strip_prefix('\\');
    let is = |list: &[&str]| name.is_none() && list.contains(&text);
    if name.is_none() && (mac(text) || text.contains(':')) {
        return Ok(());
    }
    if name.is_none() && text.starts_with(|c: char| c.is_ascii_digit()) && *means != Means::Port {
        return number(text);
    }
    let frame = *means == Means::Frame && FRAMES.contains(&text);
    if is(KEYWORDS) || (is(PROTOCOLS) && !frame) {
        *means = match text {
            "port" | "portrange" => Means::Port,
            "proto" | "protochain" => Means::Protocol,
            "type" | "subtype" | "dir" | "direction" | "llc" => Means::Frame,
            // These keep what was said before: `port http or https`.
            "and" | "or" | "not" => *means,
            _ => Means::Host,
        };
        return Ok(());
    }
    if is(VALUES) || frame {
        return Ok(());
    }
    let plain = name.unwrap_or(text);
    match means {
        Means::Port if !plain.contains('.') => port(plain),
        Means::Protocol if PROTOCOLS.contains(&plain) => Ok(()),
        Means::Protocol => Err((FilterErrorKind::UnknownName, "a protocol that is not known")),
        Means::Frame => Err((FilterErrorKind::UnknownName, "a kind of frame that is not known")),
        _ if name.is_none() && almost(plain) => Err((FilterErrorKind::UnknownWord, "a word that is not known")),
        _ => Err((FilterErrorKind::HostName, "the name of a host; an address is needed")),
    }
}

/// A port, a range of ports, or the name of one.
fn port(text: &str) -> Result<(), (FilterErrorKind, &'static str)> {
    let number = |text: &str| text.bytes().all(|c| c.is_ascii_digit());
    let fits = |text: &str| text.parse::<u16>().is_ok();
    let parts: Vec<_> = text.splitn(2, '-').collect();
    if parts.iter().all(|p| number(p)) && !parts.iter().all(|p| fits(p)) {
        return Err((FilterErrorKind::Address, "a port that is none"));
    }
    Ok(())
}

/// A number, an IPv4 address or the beginning of one (`net 192.168`).
fn number(text: &str) -> Result<(), (FilterErrorKind, &'static str)> {
    let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let octet = |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit()) && part.parse::<u8>().is_ok();
    let fine = match hex {
        Some(hex) => u32::from_str_radix(hex, 16).is_ok() && !hex.starts_with('+'),
        None if text.contains('.') => {
            text.parse::<Ipv4Addr>().is_ok() || (text.split('.').count() < 4 && text.split('.').all(octet))
        }
        None => text.bytes().all(|c| c.is_ascii_digit()) && text.parse::<u32>().is_ok(),
    };
    if fine {
        return Ok(());
    }
    let digits = text.bytes().all(|c| c.is_ascii_digit() || c == b'.');
    if digits || hex.is_some() {
        Err((FilterErrorKind::Address, "a number or an address that is none"))
    } else {
        Err((FilterErrorKind::HostName, "the name of a host; an address is needed"))
    }
}

/// Whether a word without dots is nearly one of the language: then it is a slip of the pen rather than a host.
fn almost(word: &str) -> bool {
    let one_apart = |known: &str| {
        let (a, b) = (known.as_bytes(), word.as_bytes());
        let before = a.iter().zip(b).take_while(|(x, y)| x == y).count();
        let after = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
        let longest = a.len().max(b.len());
        a.len().abs_diff(b.len()) <= 1 && before + after + 1 >= longest && word.len() > 1
    };
    let swapped = |known: &str| {
        let sorted = |text: &str| {
            let mut octets = text.as_bytes().to_vec();
            octets.sort_unstable();
            octets
        };
        known.len() > 2 && sorted(known) == sorted(word)
    };
    let listed = KEYWORDS.iter().chain(PROTOCOLS).chain(VALUES);
    listed.into_iter().any(|known| {
        let lower = word.eq_ignore_ascii_case(known);
        lower || one_apart(known) || swapped(known)
    })
}

pub(super) fn error(expression: &str, from: usize, end: usize, kind: FilterErrorKind, message: &str) -> FilterError {
    let characters = |text: &str| text.chars().count();
    FilterError {
        at: characters(&expression[..from]),
        len: characters(&expression[from..end]),
        kind,
        message: message.to_owned(),
    }
}
