//! What kind of address it is (RFC 6890 and the registries behind it), as far as it tells near from far.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How far an address reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// One machine on the near side: private, shared (carrier-grade NAT), unique local, link-local or loopback.
    Local,
    /// One machine anywhere.
    Public,
    /// Many machines, or none: multicast, broadcast, unspecified.
    Group,
}

/// The scope of an address.
pub(crate) const fn scope_of(address: IpAddr) -> Scope {
    match address {
        IpAddr::V4(v4) => scope_of_v4(v4),
        IpAddr::V6(v6) => scope_of_v6(v6),
    }
}

const fn scope_of_v4(v4: Ipv4Addr) -> Scope {
    if v4.is_multicast() || v4.is_broadcast() || v4.is_unspecified() {
        return Scope::Group;
    }
    // A home network's directed broadcast, as nearly all are /24; in a larger one such an address is hardly ever given to a phone.
    if v4.is_private() && matches!(v4.octets(), [.., 255]) {
        return Scope::Group;
    }
    // 100.64.0.0/10 is what carriers give phones behind their NAT (RFC 6598).
    let shared = matches!(v4.octets(), [100, 64..=127, ..]);
    if v4.is_private() || v4.is_link_local() || v4.is_loopback() || shared {
        Scope::Local
    } else {
        Scope::Public
    }
}

const fn scope_of_v6(v6: Ipv6Addr) -> Scope {
    if v6.is_multicast() || v6.is_unspecified() {
        return Scope::Group;
    }
    if let Some(v4) = v6.to_ipv4_mapped() {
        return scope_of_v4(v4);
    }
    if v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_loopback() {
        Scope::Local
    } else {
        Scope::Public
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_the_scope_of_their_registry() {
        let cases = [
            ("10.215.173.1", Scope::Local),
            ("172.31.255.1", Scope::Local),
            ("172.32.0.1", Scope::Public),
            ("100.64.0.1", Scope::Local),
            ("100.128.0.1", Scope::Public),
            ("169.254.3.4", Scope::Local),
            ("192.168.1.255", Scope::Group),
            ("224.0.0.251", Scope::Group),
            ("255.255.255.255", Scope::Group),
            ("8.8.8.8", Scope::Public),
            ("fd00::1", Scope::Local),
            ("fe80::1", Scope::Local),
            ("ff02::fb", Scope::Group),
            ("::ffff:192.168.1.1", Scope::Local),
            ("2606:4700::1111", Scope::Public),
        ];
        for (address, scope) in cases {
            assert_eq!(scope_of(address.parse().unwrap()), scope, "{address}");
        }
    }
}
