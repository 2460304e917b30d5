//! What the datagrams of one UDP flow say.

use super::{content::Ear, key::Direction, patchwork::Patchwork, quic::QuicHellos};
use crate::{
    limits::{MAX_CRYPTO_OCTETS, MAX_SEARCHED_DATAGRAMS},
    model::{DnsKind, FlowProtocol, HelloVia},
};
use telltale_wire::{
    dns::{LLMNR_PORT, MDNS_PORT, PORT as DNS_PORT},
    dtls, gquic, quic, recognise, stun,
    tls::{ClientHello, HandshakeKind},
};

/// Datagrams of STUN before listening ends; a call sends some dozens before DTLS begins on the same ports.
const MAX_STUN: u8 = 200;

/// The state of listening to one UDP flow.
#[derive(Debug, Default)]
pub(crate) struct Datagrams {
    kind: Kind,
    searched: u8,
    stun: u8,
}

#[derive(Debug, Default)]
enum Kind {
    #[default]
    Search,
    /// Each datagram is one message.
    Port(PortProtocol),
    Quic(Box<QuicHellos>),
    Dtls(Box<Patchwork>),
}

#[derive(Clone, Copy, Debug)]
enum PortProtocol {
    Dns(DnsKind),
    Dhcp(u8),
}

impl Datagrams {
    /// Listening to a flow between these ports.
    pub(crate) fn new(ports: (u16, u16)) -> Self {
        let has = |port: u16| ports.0 == port || ports.1 == port;
        let kind = if has(DNS_PORT) {
            Kind::Port(PortProtocol::Dns(DnsKind::Dns))
        } else if has(MDNS_PORT) {
            Kind::Port(PortProtocol::Dns(DnsKind::Mdns))
        } else if has(LLMNR_PORT) {
            Kind::Port(PortProtocol::Dns(DnsKind::Llmnr))
        } else if has(67) {
            Kind::Port(PortProtocol::Dhcp(4))
        } else if has(547) {
            Kind::Port(PortProtocol::Dhcp(6))
        } else {
            Kind::Search
        };
        Self {
            kind,
            ..Self::default()
        }
    }

    /// Memory held beside the structure itself.
    pub(crate) fn held(&self) -> usize {
        match &self.kind {
            Kind::Quic(quic) => quic.held(),
            Kind::Dtls(message) => message.held(),
            _ => 0,
        }
    }

    /// Takes one datagram. False when nothing more is to be learned from the flow.
    pub(crate) fn take(
        &mut self,
        payload: &[u8],
        direction: Direction,
        ports: (u16, u16),
        scratch: &mut Vec<u8>,
        ear: &mut impl Ear,
    ) -> bool {
        match &mut self.kind {
            Kind::Port(PortProtocol::Dns(kind)) => {
                ear.dns(*kind, payload, direction);
                true
            }
            Kind::Port(PortProtocol::Dhcp(version)) => {
                ear.dhcp(payload, *version, direction);
                true
            }
            Kind::Quic(hellos) => {
                // After the handshake packets have short headers: nothing to read (RFC 9000 section 17.3).
                if payload.first().is_some_and(|first| first & 0x80 != 0) {
                    hellos.read(payload, direction, scratch, ear);
                }
                true
            }
            Kind::Dtls(message) => !hello_of_dtls(payload, message, direction, ear),
            Kind::Search => self.search(payload, direction, ports, scratch, ear),
        }
    }

    fn search(
        &mut self,
        payload: &[u8],
        direction: Direction,
        ports: (u16, u16),
        scratch: &mut Vec<u8>,
        ear: &mut impl Ear,
    ) -> bool {
        if quic::looks_like_long_header(payload) {
            ear.protocol(FlowProtocol::Quic);
            let mut hellos = Box::<QuicHellos>::default();
            hellos.read(payload, direction, scratch, ear);
            self.kind = Kind::Quic(hellos);
            return true;
        }
        if dtls::looks_like_record(payload) {
            ear.protocol(FlowProtocol::Dtls);
            let mut message = Box::<Patchwork>::default();
            let more = !hello_of_dtls(payload, &mut message, direction, ear);
            self.kind = Kind::Dtls(message);
            return more && self.count();
        }
        if gquic::version(payload).is_some() {
            ear.protocol(FlowProtocol::GoogleQuic);
            if let Ok(Some((_, chlo))) = gquic::chlo(payload) {
                ear.google_hello(&chlo, direction);
                return false;
            }
            return self.count();
        }
        if stun::is_stun(payload) {
            ear.protocol(FlowProtocol::Stun);
            self.stun = self.stun.saturating_add(1);
            return self.stun < MAX_STUN;
        }
        if let Some(protocol) = small_protocol(payload, ports) {
            ear.protocol(protocol);
            return false;
        }
        self.count()
    }

    fn count(&mut self) -> bool {
        self.searched = self.searched.saturating_add(1);
        self.searched < MAX_SEARCHED_DATAGRAMS
    }
}

/// Protocols of which no more than the name is wanted.
fn small_protocol(payload: &[u8], ports: (u16, u16)) -> Option<FlowProtocol> {
    let has = |port: u16| ports.0 == port || ports.1 == port;
    if has(123) && recognise::ntp(payload) {
        return Some(FlowProtocol::Ntp);
    }
    if has(1900) && recognise::ssdp(payload) {
        return Some(FlowProtocol::Ssdp);
    }
    if let Some(port) = [500, 4500].into_iter().find(|port| has(*port))
        && recognise::ike_or_esp(payload, port)
    {
        return Some(FlowProtocol::Ipsec);
    }
    if recognise::wireguard(payload) {
        return Some(FlowProtocol::WireGuard);
    }
    if recognise::openvpn(payload) {
        return Some(FlowProtocol::OpenVpn);
    }
    None
}

/// Looks for a client's hello; true when it was found.
fn hello_of_dtls(payload: &[u8], message: &mut Patchwork, direction: Direction, ear: &mut impl Ear) -> bool {
    for record in dtls::records(payload).map_while(Result::ok) {
        let dtls::Record::Handshake { content, .. } = record else {
            continue;
        };
        for fragment in dtls::fragments(content).map_while(Result::ok) {
            if fragment.kind != HandshakeKind::CLIENT_HELLO {
                continue;
            }
            let whole = usize::try_from(fragment.message_len).unwrap_or(usize::MAX);
            let offset = usize::try_from(fragment.offset).unwrap_or(usize::MAX);
            if !message.lay(offset, fragment.octets, MAX_CRYPTO_OCTETS) {
                return true;
            }
            if let Some(body) = message.start().get(..whole)
                && let Ok(hello) = ClientHello::parse_dtls(body)
            {
                ear.client_hello(HelloVia::Dtls, &hello, direction);
                return true;
            }
        }
    }
    false
}
