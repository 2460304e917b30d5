//! Which machines on the near side are audited devices, decided from all that is known so far.

use super::{HostId, Hosts, Mac, Scope, hosts::Host, scope_of};
use crate::model::DeviceId;
use std::{collections::BTreeSet, net::IpAddr};

/// A device and its addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) id: DeviceId,
    /// In order of appearance.
    pub(crate) hosts: Vec<HostId>,
    /// Key of the reason, as [`crate::model::Device::because`] lists them.
    pub(crate) because: &'static str,
}

/// The devices as last decided. Numbers stay with their machines as more becomes known.
#[derive(Debug, Default)]
pub(crate) struct Devices {
    known: Vec<Known>,
    of_host: Vec<Option<DeviceId>>,
    next: u32,
    /// Those of which the totals hold flows that cannot be counted anew.
    kept: BTreeSet<DeviceId>,
}

/// One machine while deciding: addresses that share a MAC address or a tunnel.
struct Machine {
    key: Key,
    hosts: Vec<HostId>,
    because: Option<Because>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Mac(Mac),
    Host(HostId),
}

/// Why it is a device; the strongest reason last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Because {
    SpeaksFirst,
    PrivateAddress,
    Dhcp,
    User,
}

impl Because {
    const fn key(self) -> &'static str {
        match self {
            Self::SpeaksFirst => "speaks_first",
            Self::PrivateAddress => "private_address",
            Self::Dhcp => "dhcp",
            Self::User => "user",
        }
    }
}

impl Devices {
    /// The devices, by number.
    pub(crate) fn known(&self) -> &[Known] {
        &self.known
    }

    /// The device that an address belongs to.
    pub(crate) fn of(&self, host: HostId) -> Option<DeviceId> {
        self.of_host.get(host.0 as usize).copied().flatten()
    }

    /// Flows of this device were let go: it stays one, whatever is decided later.
    pub(crate) fn keep(&mut self, id: DeviceId) {
        self.kept.insert(id);
    }

    /// Decides anew; `watched` is the user's list. Gives the hosts whose device is another one now; hosts that are new are not among
    /// them.
    pub(crate) fn decide(&mut self, hosts: &Hosts, watched: Option<&[IpAddr]>) -> Vec<HostId> {
        let machines = machines(hosts, watched);
        let mut of_host = vec![None; hosts.list().len()];
        let mut known = Vec::new();
        let mut taken = BTreeSet::new();
        for machine in machines {
            let Some(because) = machine.because else { continue };
            let old = machine.hosts.iter().filter_map(|host| self.of(*host));
            let id = old.filter(|id| !taken.contains(&id.0)).min().unwrap_or_else(|| {
                let id = DeviceId(self.next);
                self.next = self.next.saturating_add(1);
                id
            });
            taken.insert(id.0);
            for host in &machine.hosts {
                if let Some(slot) = of_host.get_mut(host.0 as usize) {
                    *slot = Some(id);
                }
            }
            known.push(Known {
                id,
                hosts: machine.hosts,
                because: because.key(),
            });
        }
        // What was counted for it stays counted, so it stays in the list, with the addresses that it had.
        let kept = |old: &Known| self.kept.contains(&old.id) && !taken.contains(&old.id.0);
        known.extend(self.known.iter().filter(|old| kept(old)).cloned());
        known.sort_by_key(|known| known.id);
        let pairs = self.of_host.iter().zip(&of_host).enumerate();
        let changed = pairs
            .filter(|(_, (old, new))| old != new)
            .filter_map(|(host, _)| u32::try_from(host).ok().map(HostId))
            .collect();
        self.known = known;
        self.of_host = of_host;
        changed
    }
}

/// All machines, in order of their first address.
fn machines(hosts: &Hosts, watched: Option<&[IpAddr]>) -> Vec<Machine> {
    let mut machines: Vec<Machine> = Vec::new();
    let mut place = hashbrown::HashMap::<Key, usize, foldhash::fast::FixedState>::default();
    let list = hosts.list();
    for (index, host) in list.iter().enumerate() {
        let Ok(id) = u32::try_from(index).map(HostId) else {
            break;
        };
        let root = host.alias_of.unwrap_or(id);
        let mac = hosts.get(root).and_then(|root| hosts.machine_mac(root));
        let because = reason(hosts, host, watched);
        // What the user did not name does not become a device through a neighbour.
        let key = match mac {
            Some(mac) if watched.is_none() || because.is_some() => Key::Mac(mac),
            _ => Key::Host(root),
        };
        let at = *place.entry(key).or_insert_with(|| {
            machines.push(Machine {
                key,
                hosts: Vec::new(),
                because: None,
            });
            machines.len().saturating_sub(1)
        });
        if let Some(machine) = machines.get_mut(at) {
            debug_assert!(machine.key == key);
            machine.hosts.push(id);
            machine.because = machine.because.max(because);
        }
    }
    let serves = |machine: &Machine| {
        let mut own = machine.hosts.iter().filter_map(|host| hosts.get(*host));
        own.any(|host| host.dhcp_server && !host.dhcp_client)
    };
    if watched.is_none() {
        for machine in &mut machines {
            if serves(machine) {
                machine.because = None;
            }
        }
        if machines.iter().all(|machine| machine.because.is_none()) {
            quiet_ones(hosts, &mut machines);
        }
    }
    machines
}

/// Why an address is a device's by itself.
fn reason(hosts: &Hosts, host: &Host, watched: Option<&[IpAddr]>) -> Option<Because> {
    if let Some(list) = watched {
        return list.contains(&host.address).then_some(Because::User);
    }
    if host.dhcp_client {
        return Some(Because::Dhcp);
    }
    if host.dhcp_server {
        return None;
    }
    let local = scope_of(host.address) == Scope::Local;
    if local && host.talked_public {
        return Some(Because::PrivateAddress);
    }
    // The gateway's own address talks on the local network only, and comes from a MAC address that forwards for others; a
    // resolver in the house answers and begins nothing.
    let gateway = host.mac.is_some_and(|mac| hosts.links.is_router(mac));
    let only_answers = host.resolver && host.began == 0;
    if local && (gateway || only_answers) {
        return None;
    }
    (host.began > 0).then_some(Because::SpeaksFirst)
}

/// Nobody talked to anybody: then those are shown that announced themselves to groups.
fn quiet_ones(hosts: &Hosts, machines: &mut [Machine]) {
    for machine in machines {
        let mut own = machine.hosts.iter().filter_map(|host| hosts.get(*host));
        if own.any(|host| host.announced > 0 && !host.dhcp_server) {
            machine.because = Some(Because::SpeaksFirst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn mac(last: u8) -> Mac {
        Mac::of(Some([2, 0, 0, 0, 0, last])).unwrap()
    }

    /// The devices' addresses and reasons.
    fn decided(devices: &Devices, hosts: &Hosts) -> Vec<(Vec<String>, &'static str)> {
        let texts = |known: &Known| {
            known
                .hosts
                .iter()
                .map(|h| hosts.get(*h).unwrap().address.to_string())
                .collect()
        };
        devices
            .known()
            .iter()
            .map(|known| (texts(known), known.because))
            .collect()
    }

    #[test]
    fn a_phone_is_told_from_its_router_and_keeps_its_number() {
        let (mut hosts, mut devices) = (Hosts::new(1), Devices::default());
        hosts.meet(ip("192.168.1.5"), ip("192.168.1.1"), None);
        hosts.note_mac(ip("192.168.1.5"), mac(5));
        hosts.note_mac(ip("192.168.1.1"), mac(1));
        hosts.note_resolver(ip("192.168.1.1"));
        assert!(devices.decide(&hosts, None).is_empty());
        assert_eq!(
            decided(&devices, &hosts),
            [(vec!["192.168.1.5".into()], "speaks_first")]
        );

        hosts.meet(ip("192.168.1.5"), ip("8.8.8.8"), None);
        hosts.changed = false;
        hosts.note_mac(ip("8.8.8.8"), mac(1));
        assert!(hosts.changed, "a router was found");
        hosts.meet(ip("2001:db8::5"), ip("2606:4700::1"), None);
        hosts.note_mac(ip("2001:db8::5"), mac(5));
        devices.decide(&hosts, None);
        let both = vec!["192.168.1.5".to_owned(), "2001:db8::5".to_owned()];
        assert_eq!(decided(&devices, &hosts), [(both, "private_address")]);
        assert_eq!(devices.known()[0].id, DeviceId(0));
        assert_eq!(
            hosts.machine(HostId(0)),
            hosts.machine(hosts.find(ip("2001:db8::5")).unwrap())
        );
    }

    #[test]
    fn several_phones_are_kept_apart_and_the_dhcp_server_is_none() {
        let (mut hosts, mut devices) = (Hosts::new(1), Devices::default());
        for last in ["1", "5", "6"] {
            hosts.meet(ip(&format!("10.42.0.{last}")), ip("1.1.1.1"), None);
            hosts.note_mac(ip(&format!("10.42.0.{last}")), mac(last.parse().unwrap()));
        }
        devices.decide(&hosts, None);
        assert_eq!(devices.known().len(), 3);
        hosts.note_dhcp_server(ip("10.42.0.1"));
        hosts.note_dhcp_client(ip("10.42.0.6"), Some(mac(6)));
        let changed = devices.decide(&hosts, None);
        assert_eq!(changed, [hosts.find(ip("10.42.0.1")).unwrap()]);
        let expected = [
            (vec!["10.42.0.5".to_owned()], "private_address"),
            (vec!["10.42.0.6".to_owned()], "dhcp"),
        ];
        assert_eq!(decided(&devices, &hosts), expected);
    }

    #[test]
    fn between_public_addresses_the_one_that_speaks_first_is_the_device() {
        let (mut hosts, mut devices) = (Hosts::new(1), Devices::default());
        let out = hosts.meet(ip("198.51.100.9"), ip("8.8.8.8"), None);
        assert!(out.near_is_initiator);
        let call = hosts.meet(ip("203.0.113.7"), ip("198.51.100.9"), None);
        assert!(!call.near_is_initiator, "a stranger calls the device");
        devices.decide(&hosts, None);
        assert_eq!(
            decided(&devices, &hosts),
            [(vec!["198.51.100.9".to_owned()], "speaks_first")]
        );
    }

    /// A phone joins: asks under its name, is given an address, and talks.
    fn join(hosts: &mut Hosts, mac: Mac, name: &str, address: &str) {
        hosts.note_mac(ip("0.0.0.0"), mac);
        hosts.note_join(mac, name);
        hosts.note_name(None, Some(mac), name, crate::model::DeviceNameSource::Dhcp);
        hosts.note_dhcp_client(ip(address), Some(mac));
        talk(hosts, mac, address);
    }

    fn talk(hosts: &mut Hosts, mac: Mac, address: &str) {
        hosts.meet(ip(address), ip("1.1.1.1"), None);
        hosts.note_mac(ip(address), mac);
    }

    #[test]
    fn a_phone_that_comes_back_is_the_same_device() {
        let (mut hosts, mut devices) = (Hosts::new(1), Devices::default());
        join(&mut hosts, mac(5), "Camilles-Pixel", "10.42.0.5");
        devices.decide(&hosts, None);
        let first = hosts.machine(hosts.find(ip("10.42.0.5")).unwrap());
        // The same MAC address with another address; another MAC address that it made up.
        join(&mut hosts, mac(5), "Camilles-Pixel", "10.42.0.6");
        join(&mut hosts, mac(7), "Camilles-Pixel", "10.42.0.7");
        assert!(
            devices.decide(&hosts, None).is_empty(),
            "nobody's device is another one"
        );
        let all = vec!["10.42.0.5".to_owned(), "10.42.0.6".to_owned(), "10.42.0.7".to_owned()];
        assert_eq!(decided(&devices, &hosts), [(all, "dhcp")]);
        assert_eq!(
            hosts.machine(hosts.find(ip("10.42.0.7")).unwrap()),
            first,
            "its DNS answers go with it"
        );
    }

    #[test]
    fn phones_of_one_name_that_are_there_together_are_two() {
        let (mut hosts, mut devices) = (Hosts::new(1), Devices::default());
        join(&mut hosts, mac(5), "Pixel-7", "10.42.0.5");
        join(&mut hosts, mac(6), "Pixel-7", "10.42.0.6");
        devices.decide(&hosts, None);
        assert_eq!(devices.known().len(), 1);
        devices.keep(DeviceId(0));
        hosts.changed = false;
        talk(&mut hosts, mac(5), "10.42.0.5");
        assert!(hosts.changed, "the first one is still there");
        let changed = devices.decide(&hosts, None);
        assert_eq!(changed, [hosts.find(ip("10.42.0.6")).unwrap()]);
        assert_eq!(devices.known().len(), 2);
    }

    #[test]
    fn an_address_that_is_given_to_another_phone_is_another_host() {
        let (mut hosts, mut devices) = (Hosts::new(1), Devices::default());
        join(&mut hosts, mac(5), "Ada", "10.42.0.5");
        let adas = hosts.find(ip("10.42.0.5")).unwrap();
        join(&mut hosts, mac(6), "Bob", "10.42.0.5");
        let bobs = hosts.find(ip("10.42.0.5")).unwrap();
        assert!(hosts.get(adas).unwrap().left && !hosts.get(bobs).unwrap().left);
        join(&mut hosts, mac(5), "Ada", "10.42.0.9");
        devices.decide(&hosts, None);
        let expected = [
            (vec!["10.42.0.5".to_owned(), "10.42.0.9".to_owned()], "dhcp"),
            (vec!["10.42.0.5".to_owned()], "dhcp"),
        ];
        assert_eq!(decided(&devices, &hosts), expected);
        join(&mut hosts, mac(5), "Ada", "10.42.0.5");
        assert_eq!(hosts.find(ip("10.42.0.5")), Some(adas), "it comes back to what it was");
        assert!(!hosts.get(adas).unwrap().left && hosts.get(bobs).unwrap().left);
        assert_eq!(hosts.list().len(), 3);
    }

    #[test]
    fn a_machine_behind_a_repeater_keeps_its_address() {
        let (mut hosts, mut devices) = (Hosts::new(1), Devices::default());
        talk(&mut hosts, mac(9), "10.42.0.5");
        hosts.note_dhcp_client(ip("10.42.0.5"), Some(mac(5)));
        devices.decide(&hosts, None);
        assert_eq!((hosts.list().len(), devices.known().len()), (1, 1));
    }

    #[test]
    fn a_device_whose_flows_were_let_go_stays_in_the_list() {
        let (mut hosts, mut devices) = (Hosts::new(1), Devices::default());
        talk(&mut hosts, mac(1), "10.42.0.1");
        talk(&mut hosts, mac(5), "10.42.0.5");
        devices.decide(&hosts, None);
        devices.keep(DeviceId(0));
        hosts.note_dhcp_server(ip("10.42.0.1"));
        devices.decide(&hosts, None);
        assert_eq!(devices.known().len(), 2);
        assert_eq!(
            devices.of(hosts.find(ip("10.42.0.1")).unwrap()),
            None,
            "what comes now is not its"
        );
    }

    #[test]
    fn the_user_is_always_right() {
        let (mut hosts, mut devices) = (Hosts::new(1), Devices::default());
        let watched = [ip("93.184.216.34")];
        let met = hosts.meet(ip("192.168.1.5"), ip("93.184.216.34"), Some(&watched));
        assert!(!met.near_is_initiator);
        devices.decide(&hosts, Some(&watched));
        assert_eq!(decided(&devices, &hosts), [(vec!["93.184.216.34".to_owned()], "user")]);
    }

    #[test]
    fn where_nobody_talks_to_anybody_announcers_are_shown() {
        let (mut hosts, mut devices) = (Hosts::new(1), Devices::default());
        hosts.meet(ip("192.168.1.7"), ip("224.0.0.251"), None);
        devices.decide(&hosts, None);
        assert_eq!(devices.known().len(), 1);
        hosts.meet(ip("192.168.1.5"), ip("1.1.1.1"), None);
        assert_eq!(devices.decide(&hosts, None).len(), 1);
        assert_eq!(
            decided(&devices, &hosts),
            [(vec!["192.168.1.5".to_owned()], "private_address")]
        );
    }
}
