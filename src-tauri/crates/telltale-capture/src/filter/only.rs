//! The filter for the phone alone: its addresses, networks or MAC, as one expression.

use crate::mac_text;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// One thing by which a phone is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Only {
    /// An address.
    Address(IpAddr),
    /// A network: any address in it, and the length of its prefix in bits.
    Network(IpAddr, u8),
    /// A network card.
    Mac([u8; 6]),
}

impl Only {
    /// Reads what a person writes: `10.42.0.23`, `fe80::1%wlan0`, `10.42.0.0/24`, `fd00::/64`, `aa:bb:cc:dd:ee:ff` (or with hyphens).
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(mac) = mac(text) {
            return Some(Self::Mac(mac));
        }
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) if prefix.bytes().all(|c| c.is_ascii_digit()) => {
                (address, Some(prefix.parse().ok()?))
            }
            Some(_) => return None,
            None => (text, None),
        };
        // A link-local address is written with its device; the capture is of one device anyway.
        let address: IpAddr = address.split('%').next()?.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        match prefix {
            None => Some(Self::Address(address)),
            Some(prefix) if prefix <= most => Some(Self::Network(address, prefix)),
            Some(_) => None,
        }
    }

    /// The same without IPv4 in IPv6's clothes, without bits behind the prefix, and a network of one address as this address.
    fn plain(self) -> Self {
        match self {
            Self::Address(address) => Self::Address(address.to_canonical()),
            Self::Network(IpAddr::V4(_), 32..) | Self::Network(IpAddr::V6(_), 128..) => {
                Self::Address(self.address()).plain()
            }
            Self::Network(IpAddr::V6(v6), prefix @ 96..) if v6.to_ipv4_mapped().is_some() => {
                Self::Network(IpAddr::V6(v6).to_canonical(), prefix - 96).plain()
            }
            Self::Network(IpAddr::V4(v4), prefix) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
                Self::Network(IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & mask)), prefix)
            }
            Self::Network(IpAddr::V6(v6), prefix) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
                Self::Network(IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & mask)), prefix)
            }
            Self::Mac(_) => self,
        }
    }

    const fn address(self) -> IpAddr {
        match self {
            Self::Address(address) | Self::Network(address, _) => address,
            Self::Mac(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        }
    }
}

/// As pcap-filter(7) has it.
impl fmt::Display for Only {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.plain() {
            Self::Address(address) => write!(f, "host {address}"),
            Self::Network(IpAddr::V4(_), 0) => f.write_str("ip"),
            Self::Network(IpAddr::V6(_), 0) => f.write_str("ip6"),
            Self::Network(address, prefix) => write!(f, "net {address}/{prefix}"),
            Self::Mac(mac) => write!(f, "ether host {}", mac_text(mac)),
        }
    }
}

/// The expression that takes what any of `phones` sends or gets; empty, which takes everything, for none.
pub fn only(phones: &[Only]) -> String {
    let mut wanted: Vec<String> = phones.iter().map(ToString::to_string).collect();
    wanted.sort();
    wanted.dedup();
    wanted.join(" or ")
}

/// Both expressions at once; either may be empty.
pub fn combined(phones: &[Only], own: &str) -> String {
    let (phones, own) = (only(phones), own.trim());
    match (phones.is_empty(), own.is_empty()) {
        (_, true) => phones,
        (true, false) => own.to_owned(),
        (false, false) => format!("({phones}) and ({own})"),
    }
}

fn mac(text: &str) -> Option<[u8; 6]> {
    let by = if text.contains('-') { '-' } else { ':' };
    let mut mac = [0; 6];
    let mut parts = text.split(by);
    for octet in &mut mac {
        let part = parts
            .next()
            .filter(|p| matches!(p.len(), 1 | 2) && p.bytes().all(|c| c.is_ascii_hexdigit()))?;
        *octet = u8::from_str_radix(part, 16).ok()?;
    }
    parts.next().is_none().then_some(mac)
}
