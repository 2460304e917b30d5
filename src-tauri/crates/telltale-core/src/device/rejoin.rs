//! Phones that come back under another random MAC address, told by the host name that they ask DHCP with.
//!
//! Two phones may have the same name ("Pixel-7"). While they are there at one time that shows: the one that asked earlier goes on to
//! speak, though it should have left. From then on the name tells nothing. Names that say no more than what kind of machine it is never do.

use super::Mac;
use crate::limits::MAX_NEAR_HOSTS;
use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// What systems say when they do not want to say a name, or where nobody gave one.
const NO_NAMES: [&str; 8] = [
    "android",
    "galaxy",
    "host",
    "ipad",
    "iphone",
    "localhost",
    "phone",
    "unknown",
];

/// The MAC addresses that asked under one name.
#[derive(Debug)]
struct Group {
    first: Mac,
    /// The one that asked last.
    current: Mac,
    /// More than one machine has the name.
    shared: bool,
}

/// All names, and the random MAC addresses that asked under them.
#[derive(Debug)]
pub(crate) struct Rejoins {
    groups: Vec<Group>,
    by_name: HashMap<String, usize, FixedState>,
    by_mac: HashMap<Mac, usize, FixedState>,
}

impl Rejoins {
    /// Nobody yet. `seed` keys the hashers.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            groups: Vec::new(),
            by_name: HashMap::with_hasher(FixedState::with_seed(seed)),
            by_mac: HashMap::with_hasher(FixedState::with_seed(seed)),
        }
    }

    /// A machine asked DHCP under this name. True when it is taken for one that was there before.
    pub(crate) fn ask(&mut self, mac: Mac, name: &str) -> bool {
        let known = self.by_mac.get(&mac).copied();
        if known.is_none() && (!mac.is_random() || self.by_mac.len() >= MAX_NEAR_HOSTS || says_nothing(name)) {
            return false;
        }
        let place = known.unwrap_or_else(|| {
            let groups = &mut self.groups;
            *self.by_name.entry(name.to_lowercase()).or_insert_with(|| {
                groups.push(Group {
                    first: mac,
                    current: mac,
                    shared: false,
                });
                groups.len().saturating_sub(1)
            })
        });
        self.by_mac.insert(mac, place);
        let Some(group) = self.groups.get_mut(place) else {
            return false;
        };
        group.current = mac;
        known.is_none() && group.first != mac && !group.shared
    }

    /// A machine that has an address speaks. True when that shows that two machines have one name.
    pub(crate) fn speaks(&mut self, mac: Mac) -> bool {
        let place = self.by_mac.get(&mac).copied();
        let Some(group) = place.and_then(|place| self.groups.get_mut(place)) else {
            return false;
        };
        let news = group.current != mac && !group.shared;
        group.shared |= news;
        news
    }

    /// The MAC address that the machine had first.
    pub(crate) fn first_of(&self, mac: Mac) -> Mac {
        let place = self.by_mac.get(&mac).copied();
        let group = place.and_then(|place| self.groups.get(place));
        group.filter(|group| !group.shared).map_or(mac, |group| group.first)
    }
}

/// Whether any phone may have this name.
fn says_nothing(name: &str) -> bool {
    let name = name.to_lowercase();
    NO_NAMES.contains(&name.as_str()) || name.len() < 3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mac(last: u8) -> Mac {
        Mac::of(Some([2, 0, 0, 0, 0, last])).unwrap()
    }

    #[test]
    fn a_name_joins_the_addresses_of_one_phone() {
        let mut rejoins = Rejoins::new(1);
        assert!(!rejoins.ask(mac(1), "Camilles-Pixel"));
        assert!(!rejoins.speaks(mac(1)));
        assert!(rejoins.ask(mac(2), "camilles-pixel"));
        assert!(!rejoins.speaks(mac(2)));
        assert_eq!(rejoins.first_of(mac(2)), mac(1));
        assert!(!rejoins.ask(mac(1), "Camilles-Pixel"), "back under the old one");
        assert!(!rejoins.speaks(mac(1)));
        assert_eq!((rejoins.first_of(mac(2)), rejoins.first_of(mac(1))), (mac(1), mac(1)));
    }

    #[test]
    fn two_phones_of_one_name_are_told_apart_as_soon_as_both_speak() {
        let mut rejoins = Rejoins::new(1);
        rejoins.ask(mac(1), "Pixel-7");
        rejoins.ask(mac(2), "Pixel-7");
        assert!(rejoins.speaks(mac(1)), "it should have left");
        assert_eq!(rejoins.first_of(mac(2)), mac(2));
        assert!(!rejoins.ask(mac(3), "Pixel-7"), "the name tells nothing any more");
        assert_eq!(rejoins.first_of(mac(3)), mac(3));
    }

    #[test]
    fn a_kind_is_no_name_and_a_makers_address_needs_none() {
        let mut rejoins = Rejoins::new(1);
        for name in ["iPhone", "android", "x"] {
            rejoins.ask(mac(1), name);
            assert!(!rejoins.ask(mac(2), name));
        }
        let fixed = Mac::of(Some([0x3c, 0x5a, 0xb4, 0, 0, 1])).unwrap();
        rejoins.ask(mac(1), "laptop");
        assert!(!rejoins.ask(fixed, "laptop"));
        assert_eq!(rejoins.first_of(fixed), fixed);
    }
}
