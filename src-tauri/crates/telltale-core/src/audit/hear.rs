//! What one payload says -> the flow's name and marks, and the rows of evidence.

use super::{evidence::HelloRow, learned::Learned};
use crate::{
    device::{HostId, Mac},
    flow::{Direction, Ear, FlowEntry, FlowKey},
    model::{DeviceNameSource, DnsKind, FlowProtocol, HelloVia, NameSource, Timestamp},
    names::{NameId, clean_host, clean_label, clean_name, without_port},
};
use std::net::IpAddr;
use telltale_wire::{
    certificate::{Certificate, Name},
    dhcp,
    dns::{Message, RecordData},
    gquic::Chlo,
    http::RequestHead,
    ja4::{Carrier, Ja4},
    tls::ClientHello,
};

/// Octets of ALPN values that a row keeps; browsers offer two or three short ones.
const MAX_ALPN_OCTETS: usize = 128;

/// What was heard in one payload.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    protocol: Option<FlowProtocol>,
    name: Option<(NameId, NameSource)>,
    alpn: Option<NameId>,
    ja4: Option<NameId>,
    ech: bool,
    /// The flow showed its name itself: nothing better can come from the stream.
    named: bool,
}

impl Heard {
    /// Whether the rest of the stream can add nothing: its name stands in a hello, and what follows is encrypted.
    pub(crate) const fn is_final(&self) -> bool {
        self.named
    }

    /// Writes what was heard into the flow.
    pub(crate) fn tell(&self, entry: &mut FlowEntry) {
        if let Some(protocol) = self.protocol {
            entry.protocol = protocol;
        }
        if let Some((name, source)) = self.name {
            entry.take_name(name, source);
        }
        entry.alpn = entry.alpn.or(self.alpn);
        entry.ja4 = entry.ja4.or(self.ja4);
        entry.ech |= self.ech;
    }
}

/// Listens to one payload of one flow.
pub(crate) struct FlowEar<'a> {
    pub(crate) learned: &'a mut Learned,
    pub(crate) key: FlowKey,
    pub(crate) flow: u32,
    pub(crate) at: Timestamp,
    /// The near end of the flow, if it has one.
    pub(crate) near: Option<HostId>,
    pub(crate) heard: Heard,
}

impl FlowEar<'_> {
    fn name(&mut self, name: NameId, source: NameSource) {
        if self.heard.name.is_none_or(|(_, known)| source < known) {
            self.heard.name = Some((name, source));
        }
    }

    fn intern_name(&mut self, name: &[u8]) -> Option<NameId> {
        let learned = &mut *self.learned;
        if clean_name(name, &mut learned.text) {
            learned.names.intern(&learned.text)
        } else {
            None
        }
    }

    /// The ALPN values in order with commas between them; and the first.
    fn alpn<'h>(&mut self, values: impl Iterator<Item = &'h [u8]>) -> (Option<NameId>, Option<NameId>) {
        let learned = &mut *self.learned;
        let mut list = String::new();
        let mut first = None;
        for value in values {
            if list.len().saturating_add(value.len()) > MAX_ALPN_OCTETS || !clean_name(value, &mut learned.text) {
                break;
            }
            if first.is_none() {
                first = learned.names.intern(&learned.text);
            } else {
                list.push(',');
            }
            list.push_str(&learned.text.replace(',', "\\044"));
        }
        (learned.names.intern(&list).filter(|_| !list.is_empty()), first)
    }

    /// Whether the hello's outer name hides another one. Clients without a key send a random extension (GREASE) with the
    /// real name outside; that name they have mostly just asked DNS for, while the outer name of real ECH is nobody's question.
    fn is_ech(&self, hello: &ClientHello<'_>, sni: Option<NameId>, server: IpAddr) -> bool {
        if hello.has_esni() {
            return true;
        }
        if hello.ech().is_none_or(|ech| ech.is_certainly_grease()) {
            return false;
        }
        let Some(sni) = sni else { return true };
        let asked = self.near.and_then(|near| {
            let who = self.learned.hosts.machine(near);
            self.learned.book.has_asked(who, server, sni)
        });
        // Chrome sends GREASE to every server; without an answer to compare with, the public names of front providers tell.
        let mut labels = self.learned.names.str(sni).split('.');
        asked.map_or_else(
            || labels.any(|label| label.ends_with("-ech") || label == "ech"),
            |asked| !asked,
        )
    }

    fn learn_dns(&mut self, kind: DnsKind, message: &Message<'_>, direction: Direction) {
        let (source, asker) = (
            self.key.source(direction).address,
            self.key.destination(direction).address,
        );
        let learned = &mut *self.learned;
        if !learned.reader.read(message, &mut learned.names, kind != DnsKind::Dns) {
            return;
        }
        let who = learned.hosts.find(asker);
        if learned.keep_evidence {
            learned
                .reader
                .keep(&mut learned.answers, kind, who.map(|host| host.0), self.at);
        }
        if kind != DnsKind::Dns {
            return;
        }
        learned.hosts.note_resolver(source);
        if let Some(who) = who {
            let machine = learned.hosts.machine(who);
            learned.reader.bind(&mut learned.book, machine, self.at);
        }
    }

    /// A machine that answers for its own address by multicast says its name.
    fn learn_own_name(&mut self, message: &Message<'_>, source: IpAddr) {
        if !message.flags.response() {
            return;
        }
        for record in message.records().map_while(Result::ok) {
            let own = match record.data {
                RecordData::A(v4) => source == IpAddr::V4(v4),
                RecordData::Aaaa(v6) => source == IpAddr::V6(v6),
                _ => false,
            };
            if own && let Some(name) = record.name.labels().next().and_then(clean_label) {
                self.learned
                    .hosts
                    .note_name(Some(source), None, &name, DeviceNameSource::Mdns);
                return;
            }
        }
    }

    fn learn_dhcp_4(&mut self, message: &dhcp::Message<'_>, direction: Direction) {
        const OFFER: u8 = 2;
        const ACK: u8 = 5;
        let hosts = &mut self.learned.hosts;
        let mac = Mac::of(message.client_mac);
        let address = |v4: Option<std::net::Ipv4Addr>| v4.filter(|v4| !v4.is_unspecified()).map(IpAddr::from);
        match message.message_type {
            Some(OFFER) => hosts.note_dhcp_server(self.key.source(direction).address),
            Some(ACK) => {
                hosts.note_dhcp_server(self.key.source(direction).address);
                if let Some(given) = address(message.your_address).or_else(|| address(message.client_address)) {
                    hosts.note_dhcp_client(given, mac);
                }
            }
            Some(_) => {
                let used = address(message.client_address);
                let name = message.host_name.and_then(clean_label);
                let name = name.or_else(|| fqdn(message.fqdn?, message.fqdn_is_wire));
                if let (Some(name), Some(mac)) = (&name, mac) {
                    hosts.note_join(mac, name);
                }
                if let Some(used) = used {
                    hosts.note_dhcp_client(used, mac);
                }
                if let Some(name) = name {
                    hosts.note_name(used, mac, &name, DeviceNameSource::Dhcp);
                }
            }
            None => {}
        }
    }
}

impl Ear for FlowEar<'_> {
    fn protocol(&mut self, protocol: FlowProtocol) {
        self.heard.protocol = Some(protocol);
    }

    fn client_hello(&mut self, via: HelloVia, hello: &ClientHello<'_>, direction: Direction) {
        let server = self.key.destination(direction);
        let sni = hello.sni().and_then(|name| self.intern_name(name));
        let (carrier, source, protocol) = match via {
            HelloVia::Quic | HelloVia::Gquic => (Carrier::Quic, NameSource::QuicSni, FlowProtocol::Quic),
            HelloVia::Dtls => (Carrier::Dtls, NameSource::Sni, FlowProtocol::Dtls),
            HelloVia::Tls => (Carrier::Tcp, NameSource::Sni, FlowProtocol::Tls),
        };
        let (list, first) = self.alpn(hello.alpn());
        let ja4 = Ja4::of(hello, carrier).and_then(|ja4| self.learned.names.intern(ja4.as_str()));
        let ech = self.is_ech(hello, sni, server.address);
        self.heard.protocol = Some(protocol);
        self.heard.alpn = first;
        self.heard.ja4 = ja4;
        self.heard.ech = ech;
        if let Some(sni) = sni {
            // RFC 6066 section 3 forbids addresses here; some clients write them, and they are no names.
            if self.learned.names.str(sni).parse::<IpAddr>().is_err() {
                self.name(sni, source);
            }
            self.heard.named = true;
        }
        if self.learned.keep_evidence {
            let (flow, at) = (self.flow, self.at);
            self.learned.evidence.hello(HelloRow {
                via,
                sni,
                server,
                alpn: list,
                ja4,
                ech,
                flow,
                at,
            });
        }
    }

    fn google_hello(&mut self, hello: &Chlo<'_>, direction: Direction) {
        let server = self.key.destination(direction);
        let sni = hello.sni().and_then(|name| self.intern_name(name));
        self.heard.protocol = Some(FlowProtocol::GoogleQuic);
        if let Some(sni) = sni {
            self.name(sni, NameSource::QuicSni);
            self.heard.named = true;
        }
        if self.learned.keep_evidence {
            self.learned.evidence.hello(HelloRow {
                via: HelloVia::Gquic,
                sni,
                server,
                alpn: None,
                ja4: None,
                ech: false,
                flow: self.flow,
                at: self.at,
            });
        }
    }

    /// Of a certificate's names the one that the device asked DNS for, if it is among them; else the first, of
    /// which a star is left out: `*.example.com` says no more than `example.com`.
    fn certificate(&mut self, certificate: &[u8], direction: Direction) {
        let Ok(certificate) = Certificate::parse(certificate) else {
            return;
        };
        let server = self.key.source(direction).address;
        let asked = self.near.and_then(|near| {
            let who = self.learned.hosts.machine(near);
            self.learned.book.name_at(who, server, self.at)
        });
        let mut best = None;
        for name in certificate.names() {
            let name = match name {
                Name::Dns(name) => name,
                Name::Common(name) if is_host_name(name) => name,
                Name::Common(_) | Name::Ip(_) => continue,
            };
            let Some(name) = self.intern_name(name.strip_prefix(b"*.").unwrap_or(name)) else {
                continue;
            };
            if asked.is_some_and(|asked| asked.name == name) {
                best = Some(name);
                break;
            }
            best = best.or(Some(name));
        }
        if let Some(name) = best {
            self.name(name, NameSource::Certificate);
        }
    }

    fn request(&mut self, head: &RequestHead<'_>, direction: Direction) {
        self.heard.protocol = Some(FlowProtocol::Http);
        let Some(host) = head.host else { return };
        let learned = &mut *self.learned;
        if !clean_host(host, &mut learned.text) {
            return;
        }
        if learned.keep_evidence
            && let Some(host) = learned.names.intern(&learned.text)
        {
            let server = self.key.destination(direction);
            let user_agent = || head.user_agent.and_then(clean_label);
            learned.evidence.request(host, server, self.flow, self.at, user_agent);
        }
        let name = without_port(&learned.text);
        // An address is no name.
        if name.parse::<IpAddr>().is_err()
            && let Some(name) = learned.names.intern(name)
        {
            self.name(name, NameSource::HttpHost);
        }
    }

    fn dns(&mut self, kind: DnsKind, message: &[u8], direction: Direction) {
        let Ok(message) = Message::parse(message) else { return };
        self.heard.protocol = Some(match kind {
            DnsKind::Dns => FlowProtocol::Dns,
            DnsKind::Mdns => FlowProtocol::Mdns,
            DnsKind::Llmnr => FlowProtocol::Llmnr,
        });
        self.learn_dns(kind, &message, direction);
        if kind == DnsKind::Mdns {
            self.learn_own_name(&message, self.key.source(direction).address);
        }
    }

    fn dhcp(&mut self, message: &[u8], version: u8, direction: Direction) {
        if version == 4 {
            if let Ok(message) = dhcp::Message::parse(message) {
                self.heard.protocol = Some(FlowProtocol::Dhcp);
                self.learn_dhcp_4(&message, direction);
            }
        } else if let Ok(message) = dhcp::MessageV6::parse(message) {
            self.heard.protocol = Some(FlowProtocol::Dhcp);
            let client = self.key.source(direction);
            if let Some(name) = message.fqdn.and_then(|name| fqdn(name, true))
                && client.port == 546
            {
                let mac = Mac::of(message.client_mac);
                self.learned
                    .hosts
                    .note_name(Some(client.address), mac, &name, DeviceNameSource::Dhcp);
            }
        }
    }
}

/// The first label of a client's full name: the rest is the network's.
fn fqdn(name: &[u8], is_wire: bool) -> Option<String> {
    if is_wire {
        let (len, rest) = name.split_first()?;
        return rest.get(..usize::from(*len)).and_then(clean_label);
    }
    name.split(|octet| *octet == b'.').next().and_then(clean_label)
}

/// Whether a certificate's common name can be a host's: labels of host-name characters with a dot between them.
fn is_host_name(name: &[u8]) -> bool {
    let name = name.strip_prefix(b"*.").unwrap_or(name);
    let ok = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_');
    name.contains(&b'.') && name.iter().all(ok) && name.iter().any(u8::is_ascii_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_names_are_names_only_when_they_look_so() {
        assert!(is_host_name(b"*.example.com"));
        assert!(!is_host_name(b"Example Inc."));
        assert!(!is_host_name(b"router"));
        assert!(!is_host_name(b"192.168.1.1"));
    }

    #[test]
    fn a_clients_full_name_gives_its_first_label() {
        assert_eq!(fqdn(b"\x05phone\x04home\0", true).as_deref(), Some("phone"));
        assert_eq!(fqdn(b"phone.home", false).as_deref(), Some("phone"));
        assert_eq!(fqdn(b"\x20short", true), None);
    }
}
