//! The hellos of one QUIC flow: keys kept while a hello is incomplete, CRYPTO octets put in order.

use super::{content::Ear, key::Direction, patchwork::Patchwork};
use crate::{
    limits::{MAX_CRYPTO_OCTETS, MAX_QUIC_ATTEMPTS},
    model::HelloVia,
};
use telltale_wire::quic::{Frame, Hello, InitialKeys, LongHeader, LongKind, Opened, Packet, hello, packets};

/// Connection ids whose keys were tried; a client has two in a connection, four with a Retry or another version.
const MAX_TRIED: usize = 8;

/// What is known of the connections of one 5-tuple.
#[derive(Debug, Default)]
pub(crate) struct QuicHellos {
    /// The direction in which Initials of a client were found.
    client: Option<Direction>,
    /// The connection whose hello is incomplete. Its keys are large, and needed for a few packets only.
    open: Option<Box<Open>>,
    /// What stands for their ids; the first `tried` count.
    marks: [u64; MAX_TRIED],
    /// Ids whose keys were tried.
    tried: usize,
    failures: u8,
}

#[derive(Debug)]
struct Open {
    keys: InitialKeys,
    crypto: Patchwork,
}

impl QuicHellos {
    /// Reads one datagram.
    pub(crate) fn read(&mut self, datagram: &[u8], direction: Direction, scratch: &mut Vec<u8>, ear: &mut impl Ear) {
        if self.client.is_some_and(|client| client != direction) {
            return;
        }
        for packet in packets(datagram).map_while(Result::ok) {
            if let Packet::Long(header) = packet
                && header.kind == LongKind::Initial
            {
                self.initial(&header, direction, scratch, ear);
            }
        }
    }

    /// Memory held beside the structure itself.
    pub(crate) fn held(&self) -> usize {
        self.open
            .as_ref()
            .map_or(0, |open| open.crypto.held().saturating_add(size_of::<Open>()))
    }

    fn initial(&mut self, packet: &LongHeader<'_>, direction: Direction, scratch: &mut Vec<u8>, ear: &mut impl Ear) {
        if let Some(open) = &mut self.open
            && let Ok(opened) = open.keys.open(packet, scratch)
        {
            if listen(&opened, &mut open.crypto, direction, ear) {
                self.open = None;
            }
            return;
        }
        let id = mark(packet);
        let tried = self.marks.get(..self.tried).unwrap_or_default();
        if tried.contains(&id) || tried.len() >= MAX_TRIED || self.failures >= MAX_QUIC_ATTEMPTS {
            return;
        }
        let Ok((keys, opened)) = InitialKeys::discover(packet, scratch) else {
            self.failures = self.failures.saturating_add(1);
            if self.client.is_some() {
                // A client's later packets go to an id that the server chose: no keys follow from it.
                self.note(id);
            }
            return;
        };
        self.note(id);
        self.client = Some(direction);
        let mut crypto = Patchwork::default();
        if !listen(&opened, &mut crypto, direction, ear) {
            self.open = Some(Box::new(Open { keys, crypto }));
        }
    }

    fn note(&mut self, id: u64) {
        if let Some(place) = self.marks.get_mut(self.tried) {
            *place = id;
            self.tried = self.tried.saturating_add(1);
        }
    }
}

/// Lays a packet's CRYPTO octets in their place; true when the hello is whole, or there will be none.
fn listen(opened: &Opened<'_>, crypto: &mut Patchwork, direction: Direction, ear: &mut impl Ear) -> bool {
    for frame in opened.frames().map_while(Result::ok) {
        if let Frame::Crypto { offset, octets } = frame {
            let offset = usize::try_from(offset).unwrap_or(usize::MAX);
            if !crypto.lay(offset, octets, MAX_CRYPTO_OCTETS) {
                return true;
            }
        }
    }
    if crypto.start().is_empty() {
        return false;
    }
    match hello(crypto.start()) {
        Hello::Tls(hello) => {
            ear.client_hello(HelloVia::Quic, &hello, direction);
            true
        }
        Hello::Google(chlo) => {
            ear.google_hello(&chlo, direction);
            true
        }
        Hello::Incomplete { .. } => false,
        Hello::Other => true,
    }
}

/// A small stand-in for version and destination id (FNV-1a): a collision makes us miss a second connection, no more.
fn mark(packet: &LongHeader<'_>) -> u64 {
    let version = packet.version.0.to_be_bytes();
    version
        .iter()
        .chain(packet.destination)
        .fold(0xcbf2_9ce4_8422_2325, |hash, octet| {
            (hash ^ u64::from(*octet)).wrapping_mul(0x0100_0000_01b3)
        })
}
