//! Address ranges: which row does an address belong to, the longest prefix first.
//!
//! Called by the catalogue alone. IPv4 stands in the IPv4-mapped part of the IPv6 space, so that one table serves both.

use hashbrown::HashMap;
use std::{net::IpAddr, sync::Arc};

/// A range's place: which row it leads to, and how it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Network {
    /// What it leads to.
    pub(crate) row: usize,
    /// As written in the catalogue.
    pub(crate) text: Arc<str>,
}

/// All ranges, ready to be asked.
#[derive(Debug, Default)]
pub(crate) struct NetworkIndex {
    /// By length of prefix, longest first; then by the address's leading bits.
    by_length: Vec<(u32, HashMap<u128, Network>)>,
}

impl NetworkIndex {
    /// Adds one range (`203.0.113.0/24`, `2001:db8::/32`, or one address); says what is wrong with it otherwise.
    pub(crate) fn insert(&mut self, text: &str, row: usize) -> Result<(), &'static str> {
        let (bits, length) = parse(text)?;
        let at = match self.by_length.binary_search_by(|(l, _)| length.cmp(l)) {
            Ok(at) => at,
            Err(at) => {
                self.by_length.insert(at, (length, HashMap::new()));
                at
            }
        };
        let (_, table) = self.by_length.get_mut(at).ok_or("no table")?;
        match table.insert(
            bits,
            Network {
                row,
                text: Arc::from(text),
            },
        ) {
            None => Ok(()),
            Some(_) => Err("stands there twice"),
        }
    }

    /// The narrowest range that holds the address.
    pub(crate) fn find(&self, address: IpAddr) -> Option<&Network> {
        let bits = mapped(address);
        self.by_length
            .iter()
            .find_map(|(length, table)| table.get(&(bits & mask(*length))))
    }
}

fn mapped(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

const fn mask(length: u32) -> u128 {
    match u128::MAX.checked_shl(128_u32.saturating_sub(length)) {
        Some(mask) => mask,
        None => 0,
    }
}

/// Leading bits and length of the prefix within the IPv6 space.
fn parse(text: &str) -> Result<(u128, u32), &'static str> {
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().map_err(|_| "is no address range")?;
    let width = if address.is_ipv4() { 32 } else { 128_u32 };
    let length = match length {
        Some(length) => length.parse::<u32>().map_err(|_| "has a length that is no number")?,
        None => width,
    };
    if length > width || length == 0 {
        return Err("has an impossible length");
    }
    let length = length.saturating_add(128_u32.saturating_sub(width));
    let bits = mapped(address);
    if bits & !mask(length) != 0 {
        return Err("has bits set behind its length");
    }
    Ok((bits, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_narrowest_range_wins() {
        let mut index = NetworkIndex::default();
        for (row, text) in [
            "8.0.0.0/8",
            "8.8.8.0/24",
            "8.8.8.8",
            "2001:4860::/32",
            "2001:4860:4860::8888/128",
        ]
        .iter()
        .enumerate()
        {
            index.insert(text, row).unwrap();
        }
        let row = |text: &str| index.find(text.parse().unwrap()).map(|n| n.row);
        assert_eq!(row("8.1.1.1"), Some(0));
        assert_eq!(row("8.8.8.1"), Some(1));
        assert_eq!(row("8.8.8.8"), Some(2));
        assert_eq!(row("2001:4860::1"), Some(3));
        assert_eq!(row("2001:4860:4860::8888"), Some(4));
        assert_eq!(row("9.0.0.0"), None);
        assert_eq!(row("::1"), None);
    }

    #[test]
    fn what_is_no_range_is_refused() {
        let mut index = NetworkIndex::default();
        index.insert("192.0.2.0/24", 0).unwrap();
        for text in [
            "192.0.2.0/24",
            "192.0.2.1/24",
            "192.0.2.0/33",
            "192.0.2/24",
            "2001:db8::/129",
            "0.0.0.0/0",
            "x",
            "",
        ] {
            assert!(index.insert(text, 1).is_err(), "{text}");
        }
    }
}
