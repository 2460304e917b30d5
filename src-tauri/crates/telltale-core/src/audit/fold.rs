//! Changed flows -> totals: devices, apps, server rows, coverage, and through the rows companies, countries and purposes.
//!
//! Flows are not added up packet by packet: each remembers what the totals hold of it, and whoever asks has the changed
//! ones taken out and put in anew. So a name, an owner or a device that is known later moves what was counted before.

use super::{
    Audit,
    counted::{Amount, Class, Counted, Named},
    coverage,
    servers::{Remote, ServerPlace},
};
use crate::{
    device::{Scope, scope_of},
    flow::{Direction, FlowEntry, Near},
    limits::MAX_REMOTES,
    model::{DeviceId, FlowProtocol, NameSource, Owner, Purpose},
};

impl Audit {
    /// Brings all totals up to date.
    pub(super) fn fold(&mut self) {
        if std::mem::take(&mut self.learned.hosts.changed) {
            self.decide_devices();
        }
        for flow in std::mem::take(&mut self.dirty) {
            self.fold_flow(flow);
        }
        let shares = &mut self.shares;
        self.servers.settle(|row, old, new| shares.replace(row, old, new));
    }

    /// Decides anew who is a device; flows of machines whose device is another one now are counted anew.
    fn decide_devices(&mut self) {
        let changed = self
            .devices
            .decide(&self.learned.hosts, self.options.devices.as_deref());
        if changed.is_empty() {
            return;
        }
        let mut is_changed = vec![false; self.learned.hosts.list().len()];
        for host in changed {
            if let Some(mark) = is_changed.get_mut(host.0 as usize) {
                *mark = true;
            }
        }
        for flow in 0..self.flows.places() {
            let Some(entry) = self.flows.get_mut(flow) else { break };
            let mut ends = entry.near_host.into_iter().chain(entry.far_host);
            if ends.any(|host| is_changed.get(host.0 as usize).is_some_and(|mark| *mark)) && !entry.dirty {
                entry.dirty = true;
                self.dirty.push(flow);
            }
        }
    }

    fn fold_flow(&mut self, flow: u32) {
        let Some(entry) = self.flows.get_mut(flow) else { return };
        entry.dirty = false;
        if !entry.unsent {
            entry.unsent = true;
            self.unsent.push(flow);
        }
        let old = entry.counted;
        let device = self.devices.side(entry, &self.learned);
        let mut new = Counted {
            app: entry.app.is_some(),
            ..Counted::default()
        };
        if let (Some(device), Some(sends)) = (device, entry.near.sends()) {
            let carried = if entry.carries {
                self.carried.get(&flow).copied()
            } else {
                None
            }
            .unwrap_or_default();
            let (out, back) = if sends == Direction::FromLow {
                carried
            } else {
                (carried.1, carried.0)
            };
            let (sent, received) = (entry.side(sends), entry.side(sends.reversed()));
            new.sent_bytes = sent.ip_bytes.saturating_sub(out);
            new.received_bytes = received.ip_bytes.saturating_sub(back);
            (new.sent_packets, new.received_packets) = (sent.packets, received.packets);
            new.device = Some(device);
            let address = entry.key.destination(sends).address;
            let local = scope_of(address) != Scope::Public;
            let remote = Remote {
                device,
                name: entry.name,
                source: entry.name_source,
                address,
                local,
            };
            let server = match (old.server, old.device == new.device && old.name == entry.name) {
                (Some(server), true) => server,
                _ => self.servers.row(&remote, &self.atlas, &self.learned.names, entry.first),
            };
            self.servers.note(server, &remote);
            new.server = Some(server);
            new.name = entry.name;
            if let Some(row) = self.servers.get(server) {
                new.class = class_of(entry, &row.owner, local);
            }
            if old.device.is_none() && self.remotes.len() < MAX_REMOTES {
                self.remotes.insert(address);
            }
        }
        entry.counted = new;
        let (span, app) = ((entry.first, entry.last), entry.app);
        self.replace(&old, &new);
        if let Some(app) = app {
            let is_new = !old.app;
            self.apps
                .count(app, (old.sent(), old.received()), (new.sent(), new.received()), is_new);
        }
        if let Some(server) = new.server {
            self.servers.cover(server, span.0, span.1);
        }
    }

    /// Takes a flow's old part out of all totals and puts the new one in.
    fn replace(&mut self, old: &Counted, new: &Counted) {
        coverage::remove(&mut self.coverage, old);
        coverage::add(&mut self.coverage, new);
        if old.device == new.device {
            self.count_device(new.device, Some(old), Some(new));
        } else {
            self.count_device(old.device, Some(old), None);
            self.count_device(new.device, None, Some(new));
        }
        match (old.server, new.server) {
            (Some(a), Some(b)) if a == b => self.servers.count(a, Some(old), Some(new)),
            (a, b) => {
                self.count_server(a, Some(old), None);
                self.count_server(b, None, Some(new));
            }
        }
    }

    fn count_server(&mut self, server: Option<ServerPlace>, old: Option<&Counted>, new: Option<&Counted>) {
        if let Some(server) = server {
            self.servers.count(server, old, new);
        }
    }

    fn count_device(&mut self, device: Option<DeviceId>, old: Option<&Counted>, new: Option<&Counted>) {
        let Some(device) = device else { return };
        let place = device.0 as usize;
        if self.by_device.len() <= place {
            self.by_device.resize(place.saturating_add(1), DeviceSum::default());
        }
        if let Some(sum) = self.by_device.get_mut(place) {
            let amounts =
                |counted: Option<&Counted>| counted.map_or_else(Default::default, |c| (c.sent(), c.received()));
            let (old_amounts, new_amounts) = (amounts(old), amounts(new));
            sum.sent.replace(old_amounts.0, new_amounts.0);
            sum.received.replace(old_amounts.1, new_amounts.1);
            let was = old.is_some_and(|old| old.device.is_some());
            sum.flows = sum
                .flows
                .saturating_sub(u32::from(was))
                .saturating_add(u32::from(new.is_some()));
        }
    }
}

/// Sums of one device.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DeviceSum {
    pub(super) sent: Amount,
    pub(super) received: Amount,
    pub(super) flows: u32,
}

impl super::learned::Learned {
    /// Names a flow that shows no name itself by the device's own DNS answers: the newest before it began, else the first after.
    pub(super) fn name_by_dns(&self, entry: &mut FlowEntry) {
        let (Some(near), Some(sends)) = (entry.near_host, entry.near.sends()) else {
            return;
        };
        let who = self.hosts.machine(near);
        let remote = entry.key.destination(sends).address;
        if let Some(binding) = self.book.name_for(who, remote, entry.first) {
            entry.take_name(binding.name, binding.source);
        }
    }
}

impl crate::device::Devices {
    /// The device of a flow; turns the flow so that its near end is the device's.
    fn side(&self, entry: &mut FlowEntry, learned: &super::learned::Learned) -> Option<DeviceId> {
        if let Some(device) = entry.near_host.and_then(|host| self.of(host)) {
            return Some(device);
        }
        let device = entry.far_host.and_then(|host| self.of(host))?;
        std::mem::swap(&mut entry.near_host, &mut entry.far_host);
        entry.near = match entry.near {
            Near::Low => Near::High,
            Near::High => Near::Low,
            Near::None => Near::None,
        };
        if entry.name.is_none() {
            learned.name_by_dns(entry);
        }
        Some(device)
    }
}

/// What the coverage counts of a flow.
fn class_of(entry: &FlowEntry, owner: &Owner, local: bool) -> Class {
    let named = match entry.name_source {
        Some(NameSource::Dns | NameSource::ReverseDns) => Named::Inferred,
        Some(_) => Named::Observed,
        None if owner.company.is_some() || owner.organisation.is_some() => Named::ByAddress,
        None => Named::No,
    };
    let protocol = shown_protocol(entry, Some(owner));
    let hides = matches!(
        protocol,
        FlowProtocol::WireGuard | FlowProtocol::OpenVpn | FlowProtocol::Ipsec
    );
    Class {
        local,
        named,
        tunnel: hides || owner.purpose == Purpose::Tunnel,
        clear_text: matches!(protocol, FlowProtocol::Http | FlowProtocol::Http2 | FlowProtocol::Ssdp),
        encrypted_dns: matches!(
            protocol,
            FlowProtocol::DnsOverTls | FlowProtocol::DnsOverHttps | FlowProtocol::DnsOverQuic
        ),
        ech: entry.ech,
        started_before: entry.tcp.started_before(),
    }
}

/// The protocol with what port and owner add: TLS on port 853 is DNS (RFC 7858), TLS or QUIC with a public resolver on
/// port 443 is DNS over HTTPS (RFC 8484).
pub(super) fn shown_protocol(entry: &FlowEntry, owner: Option<&Owner>) -> FlowProtocol {
    const DNS_OVER_TLS: u16 = 853;
    const HTTPS: u16 = 443;
    let port = entry.key.destination(entry.initiator).port;
    let resolver = owner.is_some_and(|owner| owner.purpose == Purpose::Resolver);
    match (entry.protocol, port) {
        (FlowProtocol::Tls, DNS_OVER_TLS) => FlowProtocol::DnsOverTls,
        (FlowProtocol::Quic, DNS_OVER_TLS) => FlowProtocol::DnsOverQuic,
        (FlowProtocol::Tls | FlowProtocol::Quic, HTTPS) if resolver => FlowProtocol::DnsOverHttps,
        (protocol, _) => protocol,
    }
}
