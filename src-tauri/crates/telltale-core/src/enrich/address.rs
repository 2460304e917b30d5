//! Which addresses are worth a look-up, and which IPv4 address hides inside an IPv6 one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The public address to look up: `None` for private, link-local, multicast and other reserved ones, which belong to nobody.
/// IPv4 inside IPv6 is taken out where the outer form only transports it: mapped (RFC 4291), NAT64 (RFC 6052), 6to4 (RFC 3056).
pub(super) fn public(address: IpAddr) -> Option<IpAddr> {
    let address = match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => carried(v6).map_or(address, IpAddr::V4),
    };
    let is_public = match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    };
    is_public.then_some(address)
}

fn carried(address: Ipv6Addr) -> Option<Ipv4Addr> {
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            Some(Ipv4Addr::from_bits((u32::from(high) << 16) | u32::from(low)))
        }
        _ => None,
    }
}

/// Special-purpose ranges of RFC 6890 and its registry.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let shared = a == 100 && (b & 0xc0) == 64;
    let protocols = a == 192 && b == 0 && c == 0;
    let benchmark = a == 198 && (b & 0xfe) == 18;
    let reserved = a == 0 || a >= 240;
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || shared
        || protocols
        || benchmark
        || reserved)
}

/// Global unicast is `2000::/3`; of it, documentation, ORCHID and benchmarking belong to nobody.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let documentation = (a == 0x2001 && b == 0xdb8) || (a == 0x3fff && b < 0x1000);
    let orchid_or_benchmark = a == 0x2001 && (matches!(b & 0xfff0, 0x10 | 0x20) || b == 2);
    (a & 0xe000) == 0x2000 && !documentation && !orchid_or_benchmark
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_addresses_are_nobodys() {
        for text in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.1.1",
            "172.16.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.251",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fd00::1",
            "ff02::fb",
            "2001:db8::1",
            "3fff::1",
            "2001:10::1",
            "2001:2::1",
            "::ffff:192.168.1.1",
            "64:ff9b::a00:1",
            "2002:c0a8:101::1",
        ] {
            assert_eq!(public(text.parse().unwrap()), None, "{text}");
        }
    }

    #[test]
    fn public_addresses_come_out_plain() {
        for (text, plain) in [
            ("8.8.8.8", "8.8.8.8"),
            ("100.128.0.1", "100.128.0.1"),
            ("172.32.0.1", "172.32.0.1"),
            ("192.0.1.1", "192.0.1.1"),
            ("2001:4860:4860::8888", "2001:4860:4860::8888"),
            ("2001:200::1", "2001:200::1"),
            ("2a03:2880::1", "2a03:2880::1"),
            ("::ffff:8.8.8.8", "8.8.8.8"),
            ("64:ff9b::808:808", "8.8.8.8"),
            ("2002:808:808::1", "8.8.8.8"),
        ] {
            assert_eq!(public(text.parse().unwrap()), Some(plain.parse().unwrap()), "{text}");
        }
    }
}
