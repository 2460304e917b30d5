//! What is known of each machine on the near side, gathered flow by flow.

use super::{Mac, Scope, links::Links, rejoin::Rejoins, scope_of};
use crate::{limits::MAX_NEAR_HOSTS, model::DeviceNameSource};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use std::net::IpAddr;

/// Number of an address on the near side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct HostId(pub(crate) u32);

/// One address on the near side.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools, reason = "independent facts, gathered one by one")]
pub(crate) struct Host {
    pub(crate) address: IpAddr,
    /// Its own MAC address, as far as the link tells: that of a router stands for others too.
    pub(crate) mac: Option<Mac>,
    /// Got its address by DHCP, or asked for it.
    pub(crate) dhcp_client: bool,
    /// Gave addresses away.
    pub(crate) dhcp_server: bool,
    /// Talked with a public address.
    pub(crate) talked_public: bool,
    /// Answered DNS queries.
    pub(crate) resolver: bool,
    /// Flows that it began with one other machine.
    pub(crate) began: u32,
    /// Flows that it began with groups.
    pub(crate) announced: u32,
    /// The first address that its MAC address was seen with.
    first_of_mac: Option<HostId>,
    /// The same machine's address outside of a tunnel.
    pub(crate) alias_of: Option<HostId>,
    /// DHCP gave the address to another machine since.
    pub(crate) left: bool,
    name: Option<(String, DeviceNameSource)>,
}

/// The ends of a new flow, as far as they are on the near side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meeting {
    /// The end that is taken for the device's for now.
    pub(crate) near: Option<HostId>,
    /// True when that is the initiator.
    pub(crate) near_is_initiator: bool,
}

/// All addresses on the near side.
#[derive(Debug)]
pub(crate) struct Hosts {
    list: Vec<Host>,
    by_address: HashMap<IpAddr, HostId, FixedState>,
    pub(crate) links: Links,
    names_by_mac: HashMap<Mac, (String, DeviceNameSource), FixedState>,
    /// The first address that each MAC address was seen with.
    first_by_mac: HashMap<Mac, HostId, FixedState>,
    /// Addresses that changed hands, by whose they were.
    by_lease: HashMap<(IpAddr, Mac), HostId, FixedState>,
    rejoins: Rejoins,
    /// Something changed that may change who is a device.
    pub(crate) changed: bool,
}

impl Hosts {
    /// None yet. `seed` keys the hashers.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            list: Vec::new(),
            by_address: HashMap::with_hasher(FixedState::with_seed(seed)),
            links: Links::new(seed),
            names_by_mac: HashMap::with_hasher(FixedState::with_seed(seed)),
            first_by_mac: HashMap::with_hasher(FixedState::with_seed(seed)),
            by_lease: HashMap::with_hasher(FixedState::with_seed(seed)),
            rejoins: Rejoins::new(seed),
            changed: false,
        }
    }

    /// All, by number.
    pub(crate) fn list(&self) -> &[Host] {
        &self.list
    }

    /// One of them.
    pub(crate) fn get(&self, id: HostId) -> Option<&Host> {
        self.list.get(id.0 as usize)
    }

    /// The number of an address, if it is on the near side.
    pub(crate) fn find(&self, address: IpAddr) -> Option<HostId> {
        self.by_address.get(&address).copied()
    }

    /// A new flow between two machines: notes what it tells, and says which end is the near one. `watched` are the addresses that the
    /// user named, if any: then one of them is the near end wherever there is one.
    pub(crate) fn meet(&mut self, initiator: IpAddr, responder: IpAddr, watched: Option<&[IpAddr]>) -> Meeting {
        use Scope::{Group, Local, Public};
        let near_is_initiator = match (scope_of(initiator), scope_of(responder)) {
            (Group, Group) => {
                return Meeting {
                    near: None,
                    near_is_initiator: true,
                };
            }
            (_, Group) => {
                let near = self.enter(initiator);
                self.change(
                    near,
                    |host| host.announced == 0,
                    |host| host.announced = host.announced.saturating_add(1),
                );
                return Meeting {
                    near,
                    near_is_initiator: true,
                };
            }
            (Group, _) => false,
            (Local, Public) => self.note_public(initiator, true),
            (Public, Local) => !self.note_public(responder, false),
            (Local, Local) => {
                self.note_began(initiator);
                self.enter(responder);
                true
            }
            (Public, Public) => !self.is_called_by_stranger(initiator, responder),
        };
        if scope_of(initiator) == Public && scope_of(responder) == Public && near_is_initiator {
            self.note_began(initiator);
        }
        let near_is_initiator = match watched {
            Some(list) if list.contains(&initiator) => true,
            Some(list) if list.contains(&responder) => false,
            _ => near_is_initiator,
        };
        let near = self.enter(if near_is_initiator { initiator } else { responder });
        Meeting {
            near,
            near_is_initiator,
        }
    }

    /// A packet with this source address came from this MAC address.
    pub(crate) fn note_mac(&mut self, source: IpAddr, mac: Mac) {
        if scope_of(source) != Scope::Group {
            self.changed |= self.rejoins.speaks(mac);
        }
        let host = self.find(source);
        let known = host
            .and_then(|id| self.get(id))
            .is_some_and(|host| host.first_of_mac.is_some() && host.mac == Some(mac));
        if known {
            return;
        }
        self.changed |= self.links.note(mac, source);
        let Some(id) = host else { return };
        if self.first_by_mac.len() >= MAX_NEAR_HOSTS && !self.first_by_mac.contains_key(&mac) {
            return;
        }
        let first = *self.first_by_mac.entry(mac).or_insert(id);
        self.change(
            Some(id),
            |host| host.first_of_mac.is_none(),
            |host| {
                host.mac = host.mac.or(Some(mac));
                host.first_of_mac = host.first_of_mac.or(Some(first));
            },
        );
    }

    /// The address answered a DNS query.
    pub(crate) fn note_resolver(&mut self, address: IpAddr) {
        if let Some(id) = self.find(address) {
            self.change(Some(id), |host| !host.resolver, |host| host.resolver = true);
        }
    }

    /// A machine asked DHCP for an address under this name.
    pub(crate) fn note_join(&mut self, mac: Mac, name: &str) {
        self.changed |= self.rejoins.ask(mac, name);
    }

    /// The address was given by DHCP to this machine. Where another one had it before, that one has left it.
    pub(crate) fn note_dhcp_client(&mut self, address: IpAddr, mac: Option<Mac>) {
        if scope_of(address) == Scope::Group {
            return;
        }
        if let Some(mac) = mac {
            self.changed |= self.links.note_client(mac);
            self.hand_over(address, mac);
        }
        let id = self.enter(address);
        self.change(
            id,
            |host| !host.dhcp_client,
            |host| {
                host.dhcp_client = true;
                host.mac = mac.or(host.mac);
            },
        );
    }

    /// From now on the address is that of the machine with `mac`. What is known of who had it before stays apart, and so do its flows.
    fn hand_over(&mut self, address: IpAddr, mac: Mac) {
        let Some((id, host)) = self.find(address).and_then(|id| Some((id, self.get(id)?))) else {
            return;
        };
        let Some(old) = host.mac else { return };
        // Behind a repeater a machine's packets come from another MAC address than it asked DHCP with.
        let is_sure = host.dhcp_client || self.links.knows(mac);
        if self.same(old, mac) || self.links.is_router(old) || !is_sure {
            return;
        }
        let again = self.by_lease.get(&(address, mac)).copied();
        if again.is_none() && self.list.len() >= MAX_NEAR_HOSTS {
            return;
        }
        self.by_lease.insert((address, old), id);
        self.by_address.remove(&address);
        if let Some(again) = again {
            self.by_address.insert(address, again);
        }
        let new = self.enter(address);
        for (host, left) in [(Some(id), true), (new, false)] {
            self.change(host, |_| true, |host| host.left = left);
        }
    }

    fn same(&self, a: Mac, b: Mac) -> bool {
        self.rejoins.first_of(a) == self.rejoins.first_of(b)
    }

    /// The address gives addresses away.
    pub(crate) fn note_dhcp_server(&mut self, address: IpAddr) {
        if scope_of(address) == Scope::Group {
            return;
        }
        let id = self.enter(address);
        self.change(id, |host| !host.dhcp_server, |host| host.dhcp_server = true);
    }

    /// A machine calls itself so; DHCP's name stands before multicast DNS's.
    pub(crate) fn note_name(
        &mut self,
        address: Option<IpAddr>,
        mac: Option<Mac>,
        name: &str,
        source: DeviceNameSource,
    ) {
        let known = (name.to_owned(), source);
        if let Some(mac) = mac {
            let room = self.names_by_mac.len() < MAX_NEAR_HOSTS;
            if source == DeviceNameSource::Dhcp && (room || self.names_by_mac.contains_key(&mac)) {
                self.names_by_mac.insert(mac, known.clone());
            }
        }
        if let Some(id) = address.and_then(|address| self.find(address))
            && let Some(host) = self.list.get_mut(id.0 as usize)
            && !(source == DeviceNameSource::Mdns && host.name.is_some())
        {
            host.name = Some(known);
        }
    }

    /// What the machine calls itself.
    pub(crate) fn name_of<'a>(&'a self, host: &'a Host) -> Option<&'a (String, DeviceNameSource)> {
        let by_mac = host.mac.and_then(|mac| self.names_by_mac.get(&mac));
        by_mac.or(host.name.as_ref())
    }

    /// The address inside of a tunnel is the same machine as the one outside.
    pub(crate) fn note_alias(&mut self, inner: HostId, outer: HostId) {
        if inner != outer && self.get(outer).is_some_and(|host| host.alias_of.is_none()) {
            self.change(
                Some(inner),
                |host| host.alias_of.is_none(),
                |host| host.alias_of = host.alias_of.or(Some(outer)),
            );
        }
    }

    /// The MAC address that is the machine's own: not a router's that stands before it.
    pub(crate) fn own_mac(&self, host: &Host) -> Option<Mac> {
        host.mac.filter(|mac| host.dhcp_client || !self.links.is_router(*mac))
    }

    /// The MAC address that stands for the machine: its own one, or the first of those that it made up.
    pub(crate) fn machine_mac(&self, host: &Host) -> Option<Mac> {
        self.own_mac(host).map(|mac| self.rejoins.first_of(mac))
    }

    /// One number for all addresses that are one machine's, as far as is known now: whom the DNS book's answers belong to.
    pub(crate) fn machine(&self, id: HostId) -> u32 {
        let root = self.get(id).and_then(|host| host.alias_of).unwrap_or(id);
        let host = self.get(root).filter(|host| self.own_mac(host).is_some());
        let of_first = |mac: Mac| self.first_by_mac.get(&self.rejoins.first_of(mac)).copied();
        let first = host.and_then(|host| host.mac.and_then(of_first).or(host.first_of_mac));
        first.unwrap_or(root).0
    }

    /// Both ends are public: true when the responder is the one that began flows before, and a stranger now calls it.
    fn is_called_by_stranger(&self, initiator: IpAddr, responder: IpAddr) -> bool {
        let began = |address| {
            self.find(address)
                .and_then(|id| self.get(id))
                .map_or(0, |host| host.began)
        };
        began(responder) > 0 && began(initiator) == 0
    }

    fn note_public(&mut self, local: IpAddr, began: bool) -> bool {
        let id = self.enter(local);
        self.change(
            id,
            |host| !host.talked_public,
            |host| {
                host.talked_public = true;
                host.began = host.began.saturating_add(u32::from(began));
            },
        );
        true
    }

    fn note_began(&mut self, initiator: IpAddr) {
        let id = self.enter(initiator);
        self.change(
            id,
            |host| host.began == 0,
            |host| host.began = host.began.saturating_add(1),
        );
    }

    fn enter(&mut self, address: IpAddr) -> Option<HostId> {
        if let Some(id) = self.by_address.get(&address) {
            return Some(*id);
        }
        if self.list.len() >= MAX_NEAR_HOSTS {
            return None;
        }
        let id = HostId(u32::try_from(self.list.len()).ok()?);
        self.by_address.insert(address, id);
        self.list.push(Host {
            address,
            mac: None,
            dhcp_client: false,
            dhcp_server: false,
            talked_public: false,
            resolver: false,
            began: 0,
            announced: 0,
            first_of_mac: None,
            alias_of: None,
            left: false,
            name: None,
        });
        self.changed = true;
        Some(id)
    }

    fn change(&mut self, id: Option<HostId>, news: impl Fn(&Host) -> bool, change: impl FnOnce(&mut Host)) {
        if let Some(host) = id.and_then(|id| self.list.get_mut(id.0 as usize)) {
            self.changed |= news(host);
            change(host);
        }
    }
}
