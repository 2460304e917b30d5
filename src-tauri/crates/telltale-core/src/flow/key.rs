//! The 5-tuple as a small `Copy` key, the same for both directions.

use crate::model::{Endpoint, TransportKind};
use std::{
    hash::{BuildHasher, Hash},
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// Which end of the key a packet comes from: the lower endpoint or the higher one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// From the lower endpoint to the higher one.
    FromLow,
    /// From the higher endpoint to the lower one.
    FromHigh,
}

impl Direction {
    /// The other way.
    pub(crate) const fn reversed(self) -> Self {
        match self {
            Self::FromLow => Self::FromHigh,
            Self::FromHigh => Self::FromLow,
        }
    }
}

/// Transport and IP version, as one small number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// TCP over IPv4.
    Tcp4,
    /// UDP over IPv4.
    Udp4,
    /// A carrier without ports over IPv4.
    Ip4,
    /// TCP over IPv6.
    Tcp6,
    /// UDP over IPv6.
    Udp6,
    /// A carrier without ports over IPv6.
    Ip6,
}

impl Kind {
    /// The kind of `transport` over the version of `address`.
    pub(crate) const fn of(transport: TransportKind, address: IpAddr) -> Self {
        match (transport, address.is_ipv4()) {
            (TransportKind::Tcp, true) => Self::Tcp4,
            (TransportKind::Udp, true) => Self::Udp4,
            (TransportKind::Ip, true) => Self::Ip4,
            (TransportKind::Tcp, false) => Self::Tcp6,
            (TransportKind::Udp, false) => Self::Udp6,
            (TransportKind::Ip, false) => Self::Ip6,
        }
    }

    /// The transport.
    pub(crate) const fn transport(self) -> TransportKind {
        match self {
            Self::Tcp4 | Self::Tcp6 => TransportKind::Tcp,
            Self::Udp4 | Self::Udp6 => TransportKind::Udp,
            Self::Ip4 | Self::Ip6 => TransportKind::Ip,
        }
    }

    const fn is_v4(self) -> bool {
        matches!(self, Self::Tcp4 | Self::Udp4 | Self::Ip4)
    }
}

/// No carrying flow: the packet's outermost IP header.
const OUTERMOST: u32 = u32::MAX;

/// The two endpoints in a fixed order, the transport, and the flow that carries this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct FlowKey {
    low: u128,
    high: u128,
    /// Port of the lower endpoint, then that of the higher one.
    ports: u32,
    carrier: u32,
    kind: Kind,
}

impl FlowKey {
    /// The key of a packet, and which of its ends sent it. Equal endpoints (a host that talks to itself on one port) count
    /// as one direction.
    pub(crate) fn of(
        transport: TransportKind,
        source: (IpAddr, u16),
        destination: (IpAddr, u16),
        carrier: Option<u32>,
    ) -> (Self, Direction) {
        let kind = Kind::of(transport, source.0);
        let (from, to) = (bits(source.0), bits(destination.0));
        let forward = (from, source.1) <= (to, destination.1);
        let (low, high, first, second) = if forward {
            (from, to, source.1, destination.1)
        } else {
            (to, from, destination.1, source.1)
        };
        let ports = u32::from(first) << 16 | u32::from(second);
        let key = Self {
            low,
            high,
            ports,
            carrier: carrier.unwrap_or(OUTERMOST),
            kind,
        };
        (
            key,
            if forward {
                Direction::FromLow
            } else {
                Direction::FromHigh
            },
        )
    }

    /// The key's place in the table.
    pub(crate) fn hash_with(&self, hasher: &foldhash::fast::FixedState) -> u64 {
        hasher.hash_one(self)
    }

    /// Transport and IP version.
    pub(crate) const fn kind(&self) -> Kind {
        self.kind
    }

    /// The flow that carries this one.
    pub(crate) const fn carrier(&self) -> Option<u32> {
        if self.carrier == OUTERMOST {
            None
        } else {
            Some(self.carrier)
        }
    }

    /// The end that sends in `direction`.
    pub(crate) fn source(&self, direction: Direction) -> Endpoint {
        let (address, port) = match direction {
            Direction::FromLow => (self.low, self.ports >> 16),
            Direction::FromHigh => (self.high, self.ports & 0xffff),
        };
        Endpoint {
            address: self.address(address),
            port: u16::try_from(port).unwrap_or_default(),
        }
    }

    /// The end that receives in `direction`.
    pub(crate) fn destination(&self, direction: Direction) -> Endpoint {
        self.source(direction.reversed())
    }

    fn address(&self, bits: u128) -> IpAddr {
        let v6 = Ipv6Addr::from_bits(bits);
        match (self.kind.is_v4(), v6.octets()) {
            (true, [.., a, b, c, d]) => IpAddr::V4(Ipv4Addr::new(a, b, c, d)),
            _ => IpAddr::V6(v6),
        }
    }
}

/// An address as a number; the version is kept in [`Kind`], so that IPv4 and the first IPv6 addresses stay apart.
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(v4.to_bits()),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_directions_have_one_key_and_give_their_ends_back() {
        for (a, b) in [
            ("10.0.0.2", "1.1.1.1"),
            ("fe80::1", "2001:db8::2"),
            ("::1.2.3.4", "::5"),
        ] {
            let (a, b): (IpAddr, IpAddr) = (a.parse().unwrap(), b.parse().unwrap());
            let (forth, way) = FlowKey::of(TransportKind::Tcp, (a, 50_000), (b, 443), None);
            let (back, other) = FlowKey::of(TransportKind::Tcp, (b, 443), (a, 50_000), None);
            assert_eq!(forth, back);
            assert_eq!(way, other.reversed());
            assert_eq!(
                forth.source(way),
                Endpoint {
                    address: a,
                    port: 50_000
                }
            );
            assert_eq!(back.source(other), Endpoint { address: b, port: 443 });
        }
    }

    #[test]
    fn transport_carrier_and_version_keep_flows_apart() {
        let (v4, v6): (IpAddr, IpAddr) = ("0.0.0.1".parse().unwrap(), "::1".parse().unwrap());
        let key = |transport, address, carrier| FlowKey::of(transport, (address, 1), (address, 2), carrier).0;
        let tcp = key(TransportKind::Tcp, v4, None);
        assert_ne!(tcp, key(TransportKind::Udp, v4, None));
        assert_ne!(tcp, key(TransportKind::Tcp, v6, None));
        assert_ne!(tcp, key(TransportKind::Tcp, v4, Some(0)));
    }
}
