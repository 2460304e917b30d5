//! Fragmented IP datagrams put together, so that a DNS answer or a hello in them can be read (RFC 791, RFC 8200 section 4.5).
//!
//! Counting packets needs none of this: the first fragment has the ports and counts for its flow, the others are counted apart.

use super::patchwork::Patchwork;
use crate::{
    limits::{FRAGMENT_LIFETIME_NS, MAX_FRAGMENT_OCTETS, MAX_FRAGMENTED},
    model::Timestamp,
};
use std::{collections::VecDeque, net::IpAddr};
use telltale_wire::{Fragment, IpPacket};

/// Octets that an IP datagram may carry.
const MAX_DATAGRAM: usize = 65_535;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    source: IpAddr,
    destination: IpAddr,
    protocol: u8,
    id: u32,
    carrier: Option<u32>,
}

#[derive(Debug)]
struct Datagram {
    key: Key,
    at: Timestamp,
    octets: Patchwork,
    /// Length, once the last fragment told it.
    len: Option<usize>,
}

/// Datagrams of which fragments are missing.
#[derive(Debug, Default)]
pub(crate) struct Defragmenter {
    /// Oldest first; few at a time, and the newest is mostly meant, so that a list is the fastest table.
    pending: VecDeque<Datagram>,
    held: usize,
    /// The last whole one.
    whole: Patchwork,
}

/// A datagram's payload, whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whole<'a> {
    /// From the transport header on.
    pub(crate) payload: &'a [u8],
}

impl Defragmenter {
    /// Takes one fragment; gives the datagram when it was the last that was missing.
    pub(crate) fn take(
        &mut self,
        packet: &IpPacket<'_>,
        fragment: Fragment,
        carrier: Option<u32>,
        at: Timestamp,
    ) -> Option<Whole<'_>> {
        let key = Key {
            source: packet.source,
            destination: packet.destination,
            protocol: packet.protocol,
            id: fragment.id,
            carrier,
        };
        self.forget_old(at);
        let index = if let Some(index) = self.pending.iter().rposition(|d| d.key == key) {
            index
        } else {
            self.make_room();
            self.pending.push_back(Datagram {
                key,
                at,
                octets: Patchwork::default(),
                len: None,
            });
            self.pending.len().checked_sub(1)?
        };
        let offset = usize::try_from(fragment.offset).unwrap_or(usize::MAX);
        let datagram = self.pending.get_mut(index)?;
        let before = datagram.octets.held();
        let laid = datagram.octets.lay(offset, packet.payload, MAX_DATAGRAM);
        if !fragment.more {
            datagram.len = Some(offset.saturating_add(packet.payload.len()));
        }
        let whole = datagram.len.is_some_and(|len| datagram.octets.start().len() >= len);
        self.held = self.held.saturating_add(datagram.octets.held()).saturating_sub(before);
        if !laid || whole {
            let done = self.pending.remove(index)?;
            self.held = self.held.saturating_sub(done.octets.held());
            let len = done.len.filter(|_| laid)?;
            self.whole = done.octets;
            return self.whole.start().get(..len).map(|payload| Whole { payload });
        }
        None
    }

    /// Datagrams that miss something.
    #[cfg(test)]
    fn pending(&self) -> usize {
        self.pending.len()
    }

    fn forget_old(&mut self, now: Timestamp) {
        while let Some(oldest) = self.pending.front()
            && now.since(oldest.at) > FRAGMENT_LIFETIME_NS
        {
            self.drop_oldest();
        }
    }

    fn make_room(&mut self) {
        while !self.pending.is_empty() && (self.pending.len() >= MAX_FRAGMENTED || self.held > MAX_FRAGMENT_OCTETS) {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        if let Some(oldest) = self.pending.pop_front() {
            self.held = self.held.saturating_sub(oldest.octets.held());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use telltale_wire::Transport;

    fn packet(id: u32, payload: &[u8]) -> (IpPacket<'_>, u32) {
        let packet = IpPacket {
            source: "192.0.2.1".parse().unwrap(),
            destination: "192.0.2.2".parse().unwrap(),
            protocol: 17,
            len: 0,
            hop_limit: 64,
            fragment: None,
            payload,
            transport: Transport::LaterFragment,
            carries: None,
        };
        (packet, id)
    }

    fn take(d: &mut Defragmenter, id: u32, offset: u32, more: bool, payload: &[u8], at: i64) -> Option<Vec<u8>> {
        let (packet, id) = packet(id, payload);
        d.take(&packet, Fragment { id, offset, more }, None, Timestamp(at))
            .map(|whole| whole.payload.to_vec())
    }

    #[test]
    fn fragments_in_any_order_make_the_datagram() {
        let mut d = Defragmenter::default();
        assert_eq!(take(&mut d, 1, 16, false, b"end", 0), None);
        assert_eq!(take(&mut d, 2, 0, true, b"another!", 0), None);
        assert_eq!(take(&mut d, 1, 8, true, b"middle..", 0), None);
        assert_eq!(
            take(&mut d, 1, 0, true, b"start...", 0).unwrap(),
            b"start...middle..end"
        );
        assert_eq!(d.pending(), 1);
    }

    #[test]
    fn what_misses_something_is_forgotten_in_time_and_number() {
        let mut d = Defragmenter::default();
        take(&mut d, 1, 0, true, b"12345678", 0);
        take(&mut d, 2, 0, true, b"12345678", FRAGMENT_LIFETIME_NS + 1);
        assert_eq!(d.pending(), 1);
        for id in 0..1_000 {
            take(&mut d, id, 0, true, b"12345678", FRAGMENT_LIFETIME_NS + 1);
        }
        assert_eq!(d.pending(), MAX_FRAGMENTED);
    }
}
