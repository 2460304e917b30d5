//! The flow table: 5-tuple -> flow, one lookup a packet.

use super::{Direction, FlowEntry, FlowKey, Segment, tcp::TcpTrack};
use crate::{
    limits::{LAST_FLOW, MAX_FLOWS, UNCOUNTED_FLOW_BITS},
    model::{Timestamp, TransportKind},
};
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::net::{IpAddr, Ipv4Addr};

/// Where a packet was put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Where the flow lies in the table, until it is let go. The number that the world knows it by is [`FlowEntry::number`].
    pub(crate) flow: u32,
    /// Which of its ends sent the packet.
    pub(crate) direction: Direction,
    /// The flow is new.
    pub(crate) new: bool,
}

/// Places of the small table in front of the big one: 64 kB, which the processor's own caches keep.
const RECENT: usize = 8_192;

/// What stands for a key in the tables: 32 bits of its hash, so that growing or passing over another key needs no look at the flow.
#[derive(Clone, Copy, Debug)]
struct Slot {
    mark: u32,
    flow: u32,
}

impl Slot {
    /// No flow lies there: [`MAX_FLOWS`] is smaller.
    const NONE: Self = Self {
        mark: 0,
        flow: u32::MAX,
    };

    /// The 64 bits that the big table wants, spread from the mark (Knuth, multiplicative hashing).
    const fn spread(mark: u32) -> u64 {
        (mark as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

/// The flows of an audit, by place and by key. As long as none is let go, a flow's place is its number.
#[derive(Debug)]
pub(crate) struct FlowTable {
    entries: Vec<FlowEntry>,
    /// Places of flows that were let go.
    free: Vec<u32>,
    /// Number of the next flow: so many there have been.
    next: u32,
    by_key: HashTable<Slot>,
    /// The flows met last: most packets follow others of their flow closely.
    recent: Vec<Slot>,
    hasher: FixedState,
    limit: usize,
    /// Very many packets follow one of the same flow.
    latest: u32,
    /// One bit a hash of a flow that found no place: counts them without remembering them.
    uncounted: Vec<u64>,
    evicted: u64,
}

impl FlowTable {
    /// An empty table. `seed` keys the hasher: strangers choose the addresses.
    pub(crate) fn new(seed: u64) -> Self {
        Self::with_limit(seed, MAX_FLOWS)
    }

    fn with_limit(seed: u64, limit: usize) -> Self {
        Self {
            entries: Vec::new(),
            free: Vec::new(),
            next: 0,
            by_key: HashTable::new(),
            recent: vec![Slot::NONE; RECENT],
            hasher: FixedState::with_seed(seed),
            limit,
            latest: 0,
            uncounted: Vec::new(),
            evicted: 0,
        }
    }

    /// The flows held, by number.
    pub(crate) fn in_order(&self) -> Vec<&FlowEntry> {
        let mut held: Vec<_> = self.entries.iter().filter(|entry| !entry.is_vacant()).collect();
        held.sort_by_key(|entry| entry.number);
        held
    }

    /// One flow.
    pub(crate) fn get(&self, flow: u32) -> Option<&FlowEntry> {
        self.entries.get(flow as usize)
    }

    /// One flow, to be changed.
    pub(crate) fn get_mut(&mut self, flow: u32) -> Option<&mut FlowEntry> {
        self.entries.get_mut(flow as usize)
    }

    /// Places in the table, empty ones among them.
    pub(crate) fn places(&self) -> u32 {
        u32::try_from(self.entries.len()).unwrap_or(u32::MAX)
    }

    /// Flows that there have been.
    pub(crate) const fn count(&self) -> u32 {
        self.next
    }

    /// Flows that are held.
    pub(crate) fn held(&self) -> usize {
        self.entries.len().saturating_sub(self.free.len())
    }

    /// Lets go of a flow: its place is used again, its number never. A later packet of the same ends makes a new flow.
    pub(crate) fn remove(&mut self, flow: u32) {
        let Some(entry) = self.entries.get_mut(flow as usize).filter(|entry| !entry.is_vacant()) else {
            return;
        };
        let key = entry.key;
        *entry = FlowEntry::vacant(key);
        let mark = self.mark(&key);
        // A flow whose ends began anew is not there: the new one took its slot.
        if let Ok(slot) = self.by_key.find_entry(Slot::spread(mark), |slot| slot.flow == flow) {
            slot.remove();
        }
        if let Some(slot) = self.recent.get_mut(mark as usize % RECENT)
            && slot.flow == flow
        {
            *slot = Slot::NONE;
        }
        if self.latest == flow {
            self.latest = Slot::NONE.flow;
        }
        self.free.push(flow);
    }

    /// Flows that were merged into a remainder: exact while few, some percent too low beyond some hundred thousands.
    pub(crate) const fn evicted(&self) -> u64 {
        self.evicted
    }

    /// The flow of a key, if there is one.
    pub(crate) fn find(&self, key: &FlowKey) -> Option<u32> {
        self.find_marked(self.mark(key), key)
    }

    /// Finds or makes the flow of a packet. `segment` tells whether a TCP connection begins anew.
    pub(crate) fn place(
        &mut self,
        key: FlowKey,
        direction: Direction,
        at: Timestamp,
        segment: Option<&Segment<'_>>,
    ) -> Place {
        let reopens = |entry: &FlowEntry| segment.is_some_and(|s| entry.tcp.is_reopened_by(s));
        if let Some(latest) = self.entries.get(self.latest as usize)
            && latest.key == key
            && !reopens(latest)
        {
            let flow = self.latest;
            return Place {
                flow,
                direction,
                new: false,
            };
        }
        let mark = self.mark(&key);
        let found = self.find_recent(mark, &key).or_else(|| self.find_marked(mark, &key));
        let full = self.held() >= self.limit || self.next >= LAST_FLOW;
        let flow = match found {
            Some(flow) if full || !self.get(flow).is_some_and(reopens) => {
                self.remember(Slot { mark, flow });
                return Place {
                    flow,
                    direction,
                    new: false,
                };
            }
            None if full => return self.remainder(key, direction, at),
            Some(old) => {
                let flow = self.push(key, direction, at, segment);
                let slot = self.by_key.find_mut(Slot::spread(mark), |slot| slot.flow == old);
                if let Some(slot) = slot {
                    slot.flow = flow;
                }
                flow
            }
            None => {
                let flow = self.push(key, direction, at, segment);
                self.enter(Slot { mark, flow });
                flow
            }
        };
        self.remember(Slot { mark, flow });
        Place {
            flow,
            direction,
            new: true,
        }
    }

    fn mark(&self, key: &FlowKey) -> u32 {
        u32::try_from(key.hash_with(&self.hasher) >> 32).unwrap_or_default()
    }

    fn find_recent(&self, mark: u32, key: &FlowKey) -> Option<u32> {
        let slot = self.recent.get(mark as usize % RECENT)?;
        let is_it = slot.mark == mark && self.get(slot.flow).is_some_and(|entry| entry.key == *key);
        is_it.then_some(slot.flow)
    }

    fn find_marked(&self, mark: u32, key: &FlowKey) -> Option<u32> {
        let is_it = |slot: &Slot| slot.mark == mark && self.get(slot.flow).is_some_and(|entry| entry.key == *key);
        self.by_key.find(Slot::spread(mark), is_it).map(|slot| slot.flow)
    }

    fn remember(&mut self, slot: Slot) {
        self.latest = slot.flow;
        if let Some(place) = self.recent.get_mut(slot.mark as usize % RECENT) {
            *place = slot;
        }
    }

    fn enter(&mut self, slot: Slot) {
        self.by_key
            .insert_unique(Slot::spread(slot.mark), slot, |slot| Slot::spread(slot.mark));
    }

    fn push(&mut self, key: FlowKey, direction: Direction, at: Timestamp, segment: Option<&Segment<'_>>) -> u32 {
        let initiator = segment
            .and_then(|s| TcpTrack::initiator(s.flags, direction))
            .unwrap_or_else(|| guess_initiator(&key, direction));
        self.put(key, at, initiator)
    }

    /// A new flow with the next number, in an empty place or behind all others.
    fn put(&mut self, key: FlowKey, at: Timestamp, initiator: Direction) -> u32 {
        let entry = FlowEntry::new(self.next, key, at, initiator);
        self.next = self.next.saturating_add(1);
        if let Some(flow) = self.free.pop()
            && let Some(place) = self.entries.get_mut(flow as usize)
        {
            *place = entry;
            return flow;
        }
        let flow = self.places();
        self.entries.push(entry);
        flow
    }

    /// The flow that stands for all that found no place: one a transport, with unspecified addresses and ports 0.
    fn remainder(&mut self, key: FlowKey, direction: Direction, at: Timestamp) -> Place {
        // Not the keyed hash: the same capture shall give the same number.
        self.count_once(key.hash_with(&FixedState::with_seed(0)));
        let nobody = (IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
        let (rest, _) = FlowKey::of(key.kind().transport(), nobody, nobody, None);
        if let Some(flow) = self.find(&rest) {
            return Place {
                flow,
                direction,
                new: false,
            };
        }
        let flow = self.put(rest, at, Direction::FromLow);
        self.enter(Slot {
            mark: self.mark(&rest),
            flow,
        });
        Place {
            flow,
            direction,
            new: true,
        }
    }

    fn count_once(&mut self, hash: u64) {
        if self.uncounted.is_empty() {
            self.uncounted = vec![0; UNCOUNTED_FLOW_BITS / 64];
        }
        let bit = usize::try_from(hash).unwrap_or_default() % UNCOUNTED_FLOW_BITS;
        if let Some(word) = self.uncounted.get_mut(bit / 64) {
            let mask = 1_u64 << (bit % 64);
            if *word & mask == 0 {
                *word |= mask;
                self.evicted = self.evicted.saturating_add(1);
            }
        }
    }

    /// Whether the flow stands for many that found no place.
    pub(crate) fn is_remainder(&self, key: &FlowKey) -> bool {
        let end = key.source(Direction::FromLow);
        self.evicted > 0 && end.port == 0 && end.address.is_unspecified() && key.kind().transport() != TransportKind::Ip
    }
}

/// Who spoke first, when the first packet seen does not say: the side that sends it, unless the ports tell that it answers.
/// A port under 1024 against one above is a server's (a phone's app may not listen there), and so is one under 32768
/// against one of the range from which systems take the ports of callers (RFC 6056; Linux from 32768). That second sign is
/// for TCP alone: its first packet was no SYN, so the beginning was missed, while UDP's first packet mostly is the first. DHCP's
/// ports are both reserved: there the server answers.
fn guess_initiator(key: &FlowKey, direction: Direction) -> Direction {
    const RESERVED: u16 = 1024;
    const EPHEMERAL: u16 = 32_768;
    let (from, to) = (key.source(direction).port, key.destination(direction).port);
    if matches!((from, to), (67, 68) | (547, 546)) {
        return direction.reversed();
    }
    let tcp = key.kind().transport() == TransportKind::Tcp;
    let answers = (from < RESERVED && to >= RESERVED) || (tcp && from < EPHEMERAL && to >= EPHEMERAL);
    if answers { direction.reversed() } else { direction }
}

#[cfg(test)]
mod tests {
    use super::*;
    use telltale_wire::TcpFlags;

    fn key(port: u16) -> (FlowKey, Direction) {
        let (a, b) = ("10.0.0.2".parse().unwrap(), "93.184.216.34".parse().unwrap());
        FlowKey::of(TransportKind::Tcp, (a, port), (b, 443), None)
    }

    fn segment(flags: u8, sequence: u32) -> Segment<'static> {
        Segment {
            sequence,
            acknowledgement: 0,
            flags: TcpFlags(flags),
            payload: &[],
            payload_len: 0,
        }
    }

    /// Puts one segment where it belongs and lets the connection take it, as the audit does.
    fn put(table: &mut FlowTable, port: u16, flags: u8, sequence: u32) -> Place {
        let (key, direction) = key(port);
        let segment = segment(flags, sequence);
        let place = table.place(key, direction, Timestamp(0), Some(&segment));
        table.get_mut(place.flow).unwrap().tcp.take(&segment, direction);
        place
    }

    #[test]
    fn a_reused_port_is_a_new_flow() {
        let mut table = FlowTable::new(1);
        assert_eq!(put(&mut table, 40_000, 0x02, 10).flow, 0);
        assert_eq!(put(&mut table, 40_001, 0x02, 10).flow, 1);
        assert_eq!(put(&mut table, 40_000, 0x14, 11).flow, 0);
        let again = put(&mut table, 40_000, 0x02, 99);
        assert!(again.new);
        assert_eq!(again.flow, 2);
        assert_eq!(
            put(&mut table, 40_000, 0x10, 100).flow,
            2,
            "later packets are the new connection's"
        );
        assert_eq!(table.count(), 3);
    }

    #[test]
    fn beyond_the_limit_flows_share_one_remainder_and_are_counted_once() {
        let mut table = FlowTable::with_limit(1, 2);
        for round in 0..2 {
            for port in 0..10 {
                put(&mut table, 50_000 + port, 0x10, round);
            }
        }
        assert_eq!(table.count(), 3);
        assert_eq!(table.evicted(), 8);
        assert!(table.is_remainder(&table.get(2).unwrap().key));
        assert!(!table.is_remainder(&table.get(1).unwrap().key));
    }

    #[test]
    fn a_missed_beginning_is_guessed_from_the_ports() {
        let mut table = FlowTable::new(1);
        let (key, way) = key(50_000);
        let answer = table.place(key, way.reversed(), Timestamp(0), Some(&segment(0x10, 1)));
        let entry = table.get(answer.flow).unwrap();
        assert_eq!(entry.key.source(entry.initiator).port, 50_000);
    }

    #[test]
    fn the_answer_to_a_syn_names_the_receiver_as_initiator() {
        let mut table = FlowTable::new(1);
        let (key, way) = key(443);
        let place = table.place(key, way, Timestamp(0), Some(&segment(0x12, 1)));
        assert_eq!(table.get(place.flow).unwrap().initiator, way.reversed());
    }
}
