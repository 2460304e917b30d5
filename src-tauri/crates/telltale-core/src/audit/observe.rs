//! One packet's way into the audit.

use super::{
    Audit,
    hear::{FlowEar, Heard},
};
use crate::{
    device::{Mac, Scope, scope_of},
    flow::{Content, Datagrams, Direction, FlowEntry, FlowKey, Near, Place, Segment},
    limits::MAX_STREAM_OCTETS_IN_ALL,
    model::{FlowProtocol, Timestamp, TransportKind},
};
use telltale_wire::{Frame, IpPacket, Transport, Tunnel, transport_of};

/// IANA protocol numbers of IPsec: what they carry is hidden.
const ESP: u8 = 50;
const AH: u8 = 51;
/// IANA protocol numbers whose datagrams are worth putting together.
const TCP: u8 = 6;
const UDP: u8 = 17;

/// Where one IP packet of a frame was counted.
#[derive(Clone, Copy)]
struct Level {
    place: Place,
    tunnel: Option<Tunnel>,
}

/// What the capture says of a packet beside its octets.
#[derive(Clone, Copy)]
pub(super) struct Context {
    pub(super) at: Timestamp,
    pub(super) mac: Option<Mac>,
    pub(super) app: Option<u32>,
}

impl Audit {
    pub(super) fn take_packet(&mut self, context: Context, frame: &Frame<'_>, original_len: u32) {
        let mut carrier: Option<Level> = None;
        let mut bytes = original_len;
        for (depth, packet) in frame.ip().enumerate() {
            if depth > 0 {
                bytes = packet.len;
            }
            let Some(level) = self.take_ip(&context, packet, bytes, carrier) else {
                return;
            };
            carrier = Some(level);
        }
    }

    /// Counts one IP packet, and listens to it. `None` when it belongs to no flow.
    fn take_ip(
        &mut self,
        context: &Context,
        packet: &IpPacket<'_>,
        bytes: u32,
        carrier: Option<Level>,
    ) -> Option<Level> {
        // By its number: the place of a carrier may become another flow's.
        let within = carrier.and_then(|level| Some(self.flows.get(level.place.flow)?.number));
        let (transport, ports, segment) = match &packet.transport {
            Transport::Tcp(tcp) => (
                TransportKind::Tcp,
                (tcp.source_port, tcp.destination_port),
                Some(Segment::from(tcp)),
            ),
            Transport::Udp {
                source_port,
                destination_port,
                ..
            } => (TransportKind::Udp, (*source_port, *destination_port), None),
            Transport::LaterFragment => {
                self.counts.later_fragments = self.counts.later_fragments.saturating_add(1);
                self.take_fragment(context, packet, within);
                return None;
            }
            Transport::Other if packet.carries.is_some() || matches!(packet.protocol, ESP | AH) => {
                (TransportKind::Ip, (0, 0), None)
            }
            Transport::Icmp { .. } | Transport::Other => {
                self.counts.other_ip_packets = self.counts.other_ip_packets.saturating_add(1);
                return None;
            }
            Transport::Cut => return None,
        };
        let (source, destination) = ((packet.source, ports.0), (packet.destination, ports.1));
        let (key, direction) = FlowKey::of(transport, source, destination, within);
        let place = self.flows.place(key, direction, context.at, segment.as_ref());
        if place.new {
            self.meet(place, packet, carrier, context);
        }
        self.count(context, place, bytes, packet.len, carrier);
        self.listen(context, place, packet, segment.as_ref());
        Some(Level {
            place,
            tunnel: packet.carries,
        })
    }

    /// A new flow: which end is near, and whether DNS has told its name.
    fn meet(&mut self, place: Place, packet: &IpPacket<'_>, carrier: Option<Level>, context: &Context) {
        let outer = carrier
            .and_then(|level| self.flows.get(level.place.flow))
            .map(|outer| (outer.near, outer.near_host));
        if self
            .flows
            .get(place.flow)
            .is_some_and(|entry| self.flows.is_remainder(&entry.key))
        {
            return;
        }
        let Some(entry) = self.flows.get_mut(place.flow) else {
            return;
        };
        let from_initiator = place.direction == entry.initiator;
        let (initiator, responder) = if from_initiator {
            (packet.source, packet.destination)
        } else {
            (packet.destination, packet.source)
        };
        entry.protocol = match packet.carries {
            Some(_) => FlowProtocol::Tunnel,
            None if entry.key.kind().transport() == TransportKind::Ip => FlowProtocol::Ipsec,
            None => FlowProtocol::Unknown,
        };
        entry.carries = packet.carries.is_some();
        // Tunnels of network equipment: their ends are no phones.
        entry.infrastructure = matches!(packet.carries, Some(Tunnel::Vxlan | Tunnel::GtpU));
        if entry.infrastructure {
            return;
        }
        let hosts = &mut self.learned.hosts;
        let met = hosts.meet(initiator, responder, self.options.devices.as_deref());
        let near_sends = if met.near_is_initiator {
            entry.initiator
        } else {
            entry.initiator.reversed()
        };
        entry.near = met.near.map_or(Near::None, |_| near_sends.into());
        entry.near_host = met.near;
        let far = entry.key.destination(near_sends).address;
        // The usual case needs no look: a public address that a local one talks to is on the far side.
        let is_far = scope_of(far) == Scope::Public && scope_of(entry.key.source(near_sends).address) == Scope::Local;
        entry.far_host = if is_far { None } else { hosts.find(far) };
        if carrier.is_none()
            && let Some(mac) = context.mac
        {
            hosts.note_mac(packet.source, mac);
        }
        // The phone's own tunnel: the address inside is the phone's as well.
        if let (Some(level), Some((outer_near, Some(outer))), Some(inner)) = (carrier, outer, met.near)
            && matches!(level.tunnel, Some(Tunnel::IpInIp | Tunnel::Gre | Tunnel::Teredo))
            && (outer_near.sends() == Some(level.place.direction)) == (near_sends == place.direction)
        {
            hosts.note_alias(inner, outer);
        }
        if let Some(near) = met.near {
            let who = hosts.machine(near);
            let remote = entry.key.destination(near_sends).address;
            if let Some(binding) = self.learned.book.name_at(who, remote, context.at) {
                entry.take_name(binding.name, binding.source);
            }
        }
    }

    fn count(&mut self, context: &Context, place: Place, bytes: u32, ip_bytes: u32, carrier: Option<Level>) {
        let Some(entry) = self.flows.get_mut(place.flow) else {
            return;
        };
        entry.add(place.direction, context.at, bytes, ip_bytes);
        if entry.app.is_none() && context.app.is_some() {
            entry.app = context.app;
        }
        if !entry.dirty {
            entry.dirty = true;
            self.dirty.push(place.flow);
        }
        let drawn = entry.near.sends().map(|sends| sends == place.direction);
        if let Some(sent) = drawn {
            let bucket = self.timeline.at(context.at);
            let side = if sent { &mut bucket.sent } else { &mut bucket.received };
            *side = side.saturating_add(ip_bytes.into());
            bucket.packets = bucket.packets.saturating_add(u32::from(carrier.is_none()));
        }
        if let Some(level) = carrier {
            self.carry(context, level, ip_bytes);
        }
    }

    /// Octets that an inner flow counts are not the carrier's any more.
    fn carry(&mut self, context: &Context, level: Level, ip_bytes: u32) {
        let Some(outer) = self.flows.get_mut(level.place.flow) else {
            return;
        };
        outer.carries = true;
        let near = outer.near.sends();
        let carried = self.carried.entry(level.place.flow).or_default();
        let side = match level.place.direction {
            Direction::FromLow => &mut carried.0,
            Direction::FromHigh => &mut carried.1,
        };
        *side = side.saturating_add(ip_bytes.into());
        if let Some(sends) = near {
            let bucket = self.timeline.at(context.at);
            let drawn = if sends == level.place.direction {
                &mut bucket.sent
            } else {
                &mut bucket.received
            };
            *drawn = drawn.saturating_sub(ip_bytes.into());
        }
    }

    /// Listens to one packet's payload, as long as something may be learned from its flow.
    fn listen(&mut self, context: &Context, place: Place, packet: &IpPacket<'_>, segment: Option<&Segment<'_>>) {
        let Some(entry) = self.flows.get_mut(place.flow) else {
            return;
        };
        let start = segment.and_then(|segment| {
            entry.tcp.take(segment, place.direction);
            entry.tcp.first_octet().filter(|_| place.direction == entry.initiator)
        });
        if !entry.listening {
            return;
        }
        let fragment = packet.fragment.filter(|fragment| fragment.more || fragment.offset > 0);
        if fragment.is_some() {
            let within = entry.key.carrier();
            self.take_fragment(context, packet, within);
            return;
        }
        match (segment, &packet.transport) {
            (Some(segment), _) => self.hear_segment(context, place, segment, start),
            (None, Transport::Udp { payload, .. }) => self.hear_datagram(context, place, payload),
            _ => {}
        }
    }

    fn hear_segment(&mut self, context: &Context, place: Place, segment: &Segment<'_>, start: Option<u32>) {
        let Some(entry) = self.flows.get_mut(place.flow) else {
            return;
        };
        if segment.payload_len == 0 && entry.content.is_none() {
            return;
        }
        let ends = ports(&entry.key);
        let mut listener = entry.content.take().unwrap_or_else(|| Content::Tcp(Box::default()));
        let Content::Tcp(halves) = &mut listener else { return };
        let (near, key) = (entry.near_host, entry.key);
        let mut ear = FlowEar {
            learned: &mut self.learned,
            key,
            flow: entry.number,
            at: context.at,
            near,
            heard: Heard::default(),
        };
        let before = halves.held();
        let more =
            halves.take(segment, place.direction, start, ends, &mut self.scratch, &mut ear) && !ear.heard.is_final();
        let after = halves.held();
        let abandoned = halves.abandoned();
        ear.heard.tell(entry);
        self.keep(place.flow, listener, more, (before, after), abandoned);
    }

    fn hear_datagram(&mut self, context: &Context, place: Place, payload: &[u8]) {
        let Some(entry) = self.flows.get_mut(place.flow) else {
            return;
        };
        if payload.is_empty() || entry.carries {
            return;
        }
        let ends = ports(&entry.key);
        let mut listener = entry
            .content
            .take()
            .unwrap_or_else(|| Content::Udp(Datagrams::new(ends)));
        let Content::Udp(datagrams) = &mut listener else { return };
        let (near, key) = (entry.near_host, entry.key);
        let mut ear = FlowEar {
            learned: &mut self.learned,
            key,
            flow: entry.number,
            at: context.at,
            near,
            heard: Heard::default(),
        };
        let before = datagrams.held();
        let more = datagrams.take(payload, place.direction, ends, &mut self.scratch, &mut ear);
        let after = datagrams.held();
        ear.heard.tell(entry);
        self.keep(place.flow, listener, more, (before, after), 0);
    }

    /// Keeps what a flow's listener holds, within what all together may hold.
    fn keep(&mut self, flow: u32, content: Content, more: bool, held: (usize, usize), abandoned: u64) {
        let Some(entry) = self.flows.get_mut(flow) else { return };
        self.held = self.held.saturating_sub(held.0);
        if more && self.held.saturating_add(held.1) <= MAX_STREAM_OCTETS_IN_ALL {
            self.held = self.held.saturating_add(held.1);
            entry.content = Some(content);
            return;
        }
        entry.listening = false;
        let lost = abandoned.saturating_add(u64::from(more));
        self.counts.abandoned_streams = self.counts.abandoned_streams.saturating_add(lost);
    }

    /// A fragment: its datagram is read when it is whole.
    fn take_fragment(&mut self, context: &Context, packet: &IpPacket<'_>, within: Option<u32>) {
        let Some(fragment) = packet.fragment.filter(|_| matches!(packet.protocol, TCP | UDP)) else {
            return;
        };
        let mut defragmenter = std::mem::take(&mut self.fragments);
        if let Some(whole) = defragmenter.take(packet, fragment, within, context.at) {
            self.hear_whole(context, packet, within, whole.payload);
        }
        self.fragments = defragmenter;
    }

    /// Listens to a datagram that came in fragments; its packets are counted already.
    fn hear_whole(&mut self, context: &Context, packet: &IpPacket<'_>, within: Option<u32>, payload: &[u8]) {
        let transport = transport_of(packet.protocol, payload);
        let (kind, ports, segment) = match &transport {
            Transport::Tcp(tcp) => (
                TransportKind::Tcp,
                (tcp.source_port, tcp.destination_port),
                Some(Segment::from(tcp)),
            ),
            Transport::Udp {
                source_port,
                destination_port,
                ..
            } => (TransportKind::Udp, (*source_port, *destination_port), None),
            _ => return,
        };
        let (key, direction) = FlowKey::of(kind, (packet.source, ports.0), (packet.destination, ports.1), within);
        // Only if the first fragment was seen, and so counted: a flow without packets would be none.
        let Some(flow) = self.flows.find(&key) else { return };
        let place = Place {
            flow,
            direction,
            new: false,
        };
        if !self.flows.get(flow).is_some_and(|entry| entry.listening) {
            return;
        }
        match (segment, transport) {
            (Some(segment), _) => self.hear_segment(context, place, &segment, None),
            (None, Transport::Udp { payload, .. }) => self.hear_datagram(context, place, payload),
            _ => {}
        }
    }

    /// No more packets will come: reads what waits behind holes, and looks for a name among later DNS answers.
    pub(super) fn settle_flow(&mut self, flow: u32) {
        let Some(entry) = self.flows.get_mut(flow) else { return };
        let told = |entry: &FlowEntry| (entry.name, entry.protocol, entry.alpn, entry.ja4, entry.ech);
        let was = told(entry);
        let content = entry.content.take();
        self.held = self.held.saturating_sub(content.as_ref().map_or(0, Content::held));
        if let Some(Content::Tcp(mut halves)) = content {
            let (near, key, at) = (entry.near_host, entry.key, entry.last);
            let mut ear = FlowEar {
                learned: &mut self.learned,
                key,
                flow: entry.number,
                at,
                near,
                heard: Heard::default(),
            };
            halves.end(ports(&key), &mut self.scratch, &mut ear);
            ear.heard.tell(entry);
        }
        entry.listening = false;
        if entry.name.is_none() {
            self.learned.name_by_dns(entry);
        }
        if was != told(entry) && !entry.dirty {
            entry.dirty = true;
            self.dirty.push(flow);
        }
    }
}

fn ports(key: &FlowKey) -> (u16, u16) {
    (
        key.source(Direction::FromLow).port,
        key.source(Direction::FromHigh).port,
    )
}
