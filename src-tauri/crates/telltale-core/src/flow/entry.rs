//! One flow as the table holds it: plain numbers in four cache lines, of which a packet touches the first two or three.

use super::{Content, Direction, FlowKey, tcp::TcpTrack};
use crate::{
    audit::Counted,
    device::HostId,
    limits::{CLOSED_FLOW_NS, HALF_OPEN_FLOW_NS, IDLE_TCP_FLOW_NS, IDLE_UDP_FLOW_NS},
    model::{FlowProtocol, NameSource, TcpState, Timestamp, TransportKind},
    names::NameId,
};

/// Packets and octets of one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Traffic {
    pub(crate) bytes: u64,
    pub(crate) ip_bytes: u64,
    /// Stops at 2^32 - 1: weeks of a full gigabit in one flow.
    pub(crate) packets: u32,
}

/// Which end is taken for the audited device's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Near {
    /// Neither.
    #[default]
    None,
    /// The end that sends [`Direction::FromLow`].
    Low,
    /// The end that sends [`Direction::FromHigh`].
    High,
}

impl Near {
    /// The direction in which this end sends.
    pub(crate) const fn sends(self) -> Option<Direction> {
        match self {
            Self::None => None,
            Self::Low => Some(Direction::FromLow),
            Self::High => Some(Direction::FromHigh),
        }
    }
}

impl From<Direction> for Near {
    fn from(sends: Direction) -> Self {
        match sends {
            Direction::FromLow => Self::Low,
            Direction::FromHigh => Self::High,
        }
    }
}

/// What the table knows of one flow. In the order in which it is written here, since what each packet needs shall lie together.
#[derive(Debug)]
#[repr(C)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "independent marks of one flow, an octet each"
)]
pub(crate) struct FlowEntry {
    pub(crate) key: FlowKey,
    pub(crate) from_low: Traffic,
    pub(crate) from_high: Traffic,
    pub(crate) first: Timestamp,
    pub(crate) last: Timestamp,
    /// State of a TCP connection and of who opened it.
    pub(crate) tcp: TcpTrack,
    /// The direction in which the initiator sends.
    pub(crate) initiator: Direction,
    pub(crate) near: Near,
    /// Changed since the totals were made.
    pub(crate) dirty: bool,
    /// Something may still be learned from its payload.
    pub(crate) listening: bool,
    /// Changed since the store was told.
    pub(crate) unsent: bool,
    /// Other packets were found inside: what is counted here is what they leave over.
    pub(crate) carries: bool,
    /// The carrier is network equipment's (VXLAN, GTP-U): its ends are no devices.
    pub(crate) infrastructure: bool,
    pub(crate) ech: bool,
    pub(crate) protocol: FlowProtocol,
    pub(crate) name_source: Option<NameSource>,
    /// What is listened for in its payload; made at the first, gone as soon as nothing more is to be learned.
    pub(crate) content: Option<Content>,
    pub(crate) name: Option<NameId>,
    pub(crate) alpn: Option<NameId>,
    pub(crate) ja4: Option<NameId>,
    /// Row in the audit's list of apps.
    pub(crate) app: Option<u32>,
    /// The machine at the near end.
    pub(crate) near_host: Option<HostId>,
    /// The machine at the other end, where that is on the near side too.
    pub(crate) far_host: Option<HostId>,
    /// Its number, which no other flow of the audit ever has; [`NO_NUMBER`] where a flow was let go.
    pub(crate) number: u32,
    /// What the totals hold of it.
    pub(crate) counted: Counted,
}

/// No flow has it: [`crate::limits::LAST_FLOW`] is smaller.
const NO_NUMBER: u32 = u32::MAX;

impl FlowEntry {
    /// A flow without packets.
    pub(crate) fn new(number: u32, key: FlowKey, at: Timestamp, initiator: Direction) -> Self {
        Self {
            number,
            key,
            from_low: Traffic::default(),
            from_high: Traffic::default(),
            first: at,
            last: at,
            tcp: TcpTrack::default(),
            initiator,
            near: Near::None,
            near_host: None,
            far_host: None,
            protocol: FlowProtocol::Unknown,
            name: None,
            name_source: None,
            alpn: None,
            ja4: None,
            ech: false,
            carries: false,
            infrastructure: false,
            dirty: false,
            unsent: false,
            app: None,
            listening: true,
            content: None,
            counted: Counted::default(),
        }
    }

    /// The empty place of a flow that was let go. Nothing finds it: no table points there.
    pub(crate) fn vacant(key: FlowKey) -> Self {
        Self::new(NO_NUMBER, key, Timestamp(0), Direction::FromLow)
    }

    /// Whether the flow was let go.
    pub(crate) const fn is_vacant(&self) -> bool {
        self.number == NO_NUMBER
    }

    /// Whether, at `now`, nothing more of this flow is to be expected.
    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        let patience = match (self.key.kind().transport(), self.tcp.state()) {
            (TransportKind::Tcp, Some(TcpState::Closed | TcpState::Reset)) => CLOSED_FLOW_NS,
            (TransportKind::Tcp, Some(TcpState::Opening | TcpState::Closing)) => HALF_OPEN_FLOW_NS,
            (TransportKind::Udp, _) if !self.carries => IDLE_UDP_FLOW_NS,
            // What a tunnel carries may be silent for as long.
            _ => IDLE_TCP_FLOW_NS,
        };
        now.since(self.last) > patience
    }

    /// Adds one packet; `at` may lie before earlier ones.
    pub(crate) fn add(&mut self, direction: Direction, at: Timestamp, bytes: u32, ip_bytes: u32) {
        let side = self.side_mut(direction);
        side.packets = side.packets.saturating_add(1);
        side.bytes = side.bytes.saturating_add(u64::from(bytes));
        side.ip_bytes = side.ip_bytes.saturating_add(u64::from(ip_bytes));
        self.last = self.last.max(at);
        self.first = self.first.min(at);
    }

    /// What was sent in `direction`.
    pub(crate) const fn side(&self, direction: Direction) -> &Traffic {
        match direction {
            Direction::FromLow => &self.from_low,
            Direction::FromHigh => &self.from_high,
        }
    }

    /// The same, to be changed.
    pub(crate) const fn side_mut(&mut self, direction: Direction) -> &mut Traffic {
        match direction {
            Direction::FromLow => &mut self.from_low,
            Direction::FromHigh => &mut self.from_high,
        }
    }

    /// Takes a name when its source is better than that of the name so far; says whether it did.
    pub(crate) fn take_name(&mut self, name: NameId, source: NameSource) -> bool {
        if self.name_source.is_some_and(|known| known <= source) {
            return false;
        }
        self.name = Some(name);
        self.name_source = Some(source);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flow_takes_four_cache_lines() {
        assert!(size_of::<FlowEntry>() <= 256, "{}", size_of::<FlowEntry>());
    }
}
