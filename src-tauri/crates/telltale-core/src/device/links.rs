//! MAC addresses: whose they are, and which of them are a router's.

use crate::limits::MAX_NEAR_HOSTS;
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use std::{fmt::Write, net::IpAddr};

use super::{Scope, scope_of};

/// A hardware address that names one machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Mac([u8; 6]);

impl Mac {
    /// `None` for what names no machine: all zeros (tunnels, `PCAPdroid`), group addresses.
    pub(crate) fn of(octets: Option<[u8; 6]>) -> Option<Self> {
        octets
            .filter(|mac| *mac != [0; 6] && mac.first().is_some_and(|first| first & 1 == 0))
            .map(Self)
    }

    /// Locally administered (IEEE 802, second bit of the first octet): phones make these up for privacy.
    pub(crate) fn is_random(self) -> bool {
        self.0.first().is_some_and(|first| first & 2 != 0)
    }

    /// `aa:bb:cc:dd:ee:ff`.
    pub(crate) fn text(self) -> String {
        let mut text = String::with_capacity(17);
        for octet in self.0 {
            if !text.is_empty() {
                text.push(':');
            }
            // Writing to a String cannot fail.
            let _ = write!(text, "{octet:02x}");
        }
        text
    }

    /// Who made the network chip, by the registry of the IEEE; `None` for random addresses.
    pub(crate) fn maker(self) -> Option<String> {
        if self.is_random() {
            return None;
        }
        oui_data::lookup(&self.text()).map(|record| record.organization().to_owned())
    }
}

/// What the senders behind one MAC address look like.
#[derive(Debug, Default)]
struct Senders {
    /// Up to two distinct public IPv4 addresses.
    public_v4: Vec<IpAddr>,
    /// Up to three distinct /64 networks of public IPv6 addresses: a phone has one or two at a time.
    networks_v6: Vec<u128>,
    /// It asked DHCP for an address. Then its networks tell nothing: in days of watching they change with each new line to the provider.
    is_client: bool,
    /// A local IPv4 address was seen as well.
    local_v4: bool,
}

impl Senders {
    fn are_behind_a_router(&self) -> bool {
        self.public_v4.len() >= 2
            || (self.networks_v6.len() >= 3 && !self.is_client)
            || (!self.public_v4.is_empty() && self.local_v4)
    }
}

/// All MAC addresses that sent IP packets.
#[derive(Debug)]
pub(crate) struct Links {
    by_mac: HashMap<Mac, Senders, FixedState>,
    /// The first routers found, of which a network has one or two: asked for with every new flow.
    routers: Vec<Mac>,
    /// There are more than these.
    more: bool,
}

/// Routers that are found without a look at the table.
const FEW_ROUTERS: usize = 4;

impl Links {
    /// None yet. `seed` keys the hasher.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            by_mac: HashMap::with_hasher(FixedState::with_seed(seed)),
            routers: Vec::new(),
            more: false,
        }
    }

    /// A packet with this source address came from `mac`.
    /// True when that shows it to be a router's.
    pub(crate) fn note(&mut self, mac: Mac, source: IpAddr) -> bool {
        if self.routers.contains(&mac) || (self.by_mac.len() >= MAX_NEAR_HOSTS && !self.by_mac.contains_key(&mac)) {
            return false;
        }
        let senders = self.by_mac.entry(mac).or_default();
        let was = senders.are_behind_a_router();
        match (source, scope_of(source)) {
            (IpAddr::V4(_), Scope::Public) if senders.public_v4.len() < 2 && !senders.public_v4.contains(&source) => {
                senders.public_v4.push(source);
            }
            (IpAddr::V4(_), Scope::Local) => senders.local_v4 = true,
            (IpAddr::V6(v6), Scope::Public) => {
                let network = v6.to_bits() >> 64;
                if senders.networks_v6.len() < 3 && !senders.networks_v6.contains(&network) {
                    senders.networks_v6.push(network);
                }
            }
            _ => {}
        }
        let is_news = !was && senders.are_behind_a_router();
        if is_news && self.routers.len() < FEW_ROUTERS {
            self.routers.push(mac);
        } else {
            self.more |= is_news;
        }
        is_news
    }

    /// The machine behind it asked DHCP for an address. True when it is no router's any more.
    pub(crate) fn note_client(&mut self, mac: Mac) -> bool {
        let Some(senders) = self.by_mac.get_mut(&mac).filter(|senders| !senders.is_client) else {
            return false;
        };
        let was = senders.are_behind_a_router();
        senders.is_client = true;
        let is_news = was && !senders.are_behind_a_router();
        if is_news {
            self.routers.retain(|router| *router != mac);
        }
        is_news
    }

    /// Whether it sent anything itself.
    pub(crate) fn knows(&self, mac: Mac) -> bool {
        self.by_mac.contains_key(&mac)
    }

    /// Whether packets of other machines come from it as well.
    pub(crate) fn is_router(&self, mac: Mac) -> bool {
        self.routers.contains(&mac) || (self.more && self.by_mac.get(&mac).is_some_and(Senders::are_behind_a_router))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_router_sends_for_others_a_phone_for_itself() {
        let (phone, router) = (Mac([2, 0, 0, 0, 0, 1]), Mac([4, 0, 0, 0, 0, 2]));
        let mut links = Links::new(1);
        for address in ["192.168.1.5", "fe80::5", "2001:db8:1:1::5", "2001:db8:1:1::77"] {
            links.note(phone, address.parse().unwrap());
        }
        links.note(router, "192.168.1.1".parse().unwrap());
        assert!(!links.is_router(router));
        links.note(router, "8.8.8.8".parse().unwrap());
        assert!(links.is_router(router) && !links.is_router(phone));
    }

    #[test]
    fn a_phone_may_be_in_many_networks_one_after_another() {
        let (phone, mut links) = (Mac([2, 0, 0, 0, 0, 1]), Links::new(1));
        for network in 1..5 {
            links.note(phone, format!("2001:db8:{network}::5").parse().unwrap());
        }
        assert!(links.is_router(phone), "all at once they would be a router's");
        assert!(links.note_client(phone));
        assert!(!links.is_router(phone) && !links.note_client(phone));
        links.note(phone, "2001:db8:9::5".parse().unwrap());
        assert!(!links.is_router(phone));
    }

    #[test]
    fn random_addresses_name_no_maker() {
        assert!(Mac([0xda, 1, 2, 3, 4, 5]).is_random());
        assert_eq!(Mac([0xda, 1, 2, 3, 4, 5]).maker(), None);
        assert!(Mac([0x3c, 0x5a, 0xb4, 1, 2, 3]).maker().unwrap().contains("Google"));
        assert_eq!(Mac([0xa, 1, 2, 3, 4, 0xff]).text(), "0a:01:02:03:04:ff");
        assert_eq!(Mac::of(Some([0; 6])), None);
        assert_eq!(Mac::of(Some([0x33, 0x33, 0, 0, 0, 1])), None);
    }
}
