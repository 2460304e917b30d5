//! The audit's numbers -> rows of the model.

use super::{Audit, fold::shown_protocol};
use crate::{
    flow::FlowEntry,
    limits::MAX_SERVER_ADDRESSES,
    model::{AppId, Device, DnsAnswer, Flow, FlowId, Server, Tally, TransportKind},
    names::AnswerRow,
};
use std::{collections::HashSet, net::IpAddr};

/// Each address once, in order of appearance; of very many the newest.
fn newest_addresses(all: impl Iterator<Item = IpAddr>) -> Vec<IpAddr> {
    let mut seen = HashSet::new();
    let mut addresses: Vec<IpAddr> = all.filter(|address| seen.insert(*address)).collect();
    addresses.drain(..addresses.len().saturating_sub(MAX_SERVER_ADDRESSES));
    addresses
}

impl Audit {
    /// One flow as a row.
    pub(super) fn flow_row(&self, entry: &FlowEntry) -> Flow {
        let names = &self.learned.names;
        let server = entry.counted.server.and_then(|server| self.servers.get(server));
        let owner = server.map(|row| &*row.owner);
        let tally = |direction| {
            let traffic = entry.side(direction);
            Tally {
                packets: traffic.packets.into(),
                bytes: traffic.bytes,
                ip_bytes: traffic.ip_bytes,
            }
        };
        let tcp = entry
            .tcp
            .state()
            .filter(|_| entry.key.kind().transport() == TransportKind::Tcp);
        Flow {
            id: FlowId(entry.number),
            transport: entry.key.kind().transport(),
            initiator: entry.key.source(entry.initiator),
            responder: entry.key.destination(entry.initiator),
            from_initiator: tally(entry.initiator),
            from_responder: tally(entry.initiator.reversed()),
            first: entry.first,
            last: entry.last,
            tcp,
            tunnel: entry.key.carrier().map(FlowId),
            protocol: shown_protocol(entry, owner),
            name: entry.name.map(|name| names.text(name)),
            name_source: entry.name_source,
            alpn: entry.alpn.map(|alpn| names.text(alpn)),
            ja4: entry.ja4.map(|ja4| names.text(ja4)),
            ech: entry.ech,
            device: entry.counted.device,
            device_is_initiator: entry.counted.device.is_some() && entry.near.sends() == Some(entry.initiator),
            server: server.map(|row| row.id),
            app: entry.app.map(AppId),
        }
    }

    /// One DNS answer as a row.
    pub(super) fn answer_row(&self, row: &AnswerRow) -> DnsAnswer {
        let names = &self.learned.names;
        DnsAnswer {
            name: names.text(row.name),
            kind: row.kind,
            addresses: row.addresses.clone(),
            aliases: row.aliases.iter().map(|alias| names.text(*alias)).collect(),
            device: row.who.and_then(|who| self.devices.of(crate::device::HostId(who))),
            first: row.first,
            last: row.last,
        }
    }

    /// The devices as rows; one of which no flow was seen is none.
    pub(super) fn device_rows(&self) -> Vec<Device> {
        let hosts = &self.learned.hosts;
        let mut rows = Vec::new();
        for known in self.devices.known() {
            let sum = self.by_device.get(known.id.0 as usize).copied().unwrap_or_default();
            if sum.flows == 0 {
                continue;
            }
            let own = || known.hosts.iter().filter_map(|host| hosts.get(*host));
            // The one that it had last: phones make up a new one whenever they join.
            let mac = own().rev().find_map(|host| hosts.own_mac(host));
            let name = own()
                .filter_map(|host| hosts.name_of(host))
                .min_by_key(|(_, source)| *source as u8);
            rows.push(Device {
                id: known.id,
                addresses: newest_addresses(own().map(|host| host.address)),
                mac: mac.map(crate::device::Mac::text),
                mac_random: mac.is_some_and(crate::device::Mac::is_random),
                maker: mac.and_then(crate::device::Mac::maker),
                name: name.map(|(name, _)| name.clone()),
                name_source: name.map(|(_, source)| *source),
                because: known.because.to_owned(),
                sent_bytes: sum.sent.bytes,
                received_bytes: sum.received.bytes,
                flows: sum.flows,
            });
        }
        rows
    }

    /// The server rows that have flows, by number.
    pub(super) fn server_rows(&self) -> Vec<Server> {
        let there = self.servers.rows().iter().filter(|row| row.flows > 0);
        let mut rows: Vec<Server> = there.cloned().collect();
        rows.sort_by_key(|row| row.id);
        rows
    }
}
