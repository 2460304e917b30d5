//! One captured packet -> its [`Frame`]: the way in for `telltale-core`. Opens the link header, then IP packets one inside
//! another. Never here: a header's layout (`link`, `ip`, `transport`, `tunnel` know those) or what a payload says.

use crate::ip::{self, Body};
use crate::link::{self, Payload};
use crate::{
    DissectError, Frame, IpPacket, Layer, LinkHeader, LinkType, Reader, Transport, ether_type, transport, tunnel,
};

/// Dissects one captured packet: `data` as captured (perhaps cut by the snap length), `original_len` its octets on the wire.
///
/// Never fails: what could be read is in the frame, and [`Frame::stop`] says what ended the reading. A packet without IP
/// (ARP, 802.11 management) has no [`Frame::ip`] and no `stop`.
#[inline]
pub fn dissect(link: LinkType, data: &[u8], original_len: u32) -> Frame<'_> {
    // So small that it becomes part of the caller: the frame is written where the caller keeps it, and never moved.
    let mut frame = Frame {
        link: LinkHeader::of(link),
        ip: [None; _],
        stop: None,
        app: None,
    };
    fill(&mut frame, data, original_len);
    frame
}

/// Fills a frame of which only the link type is known.
fn fill<'a>(frame: &mut Frame<'a>, data: &'a [u8], original_len: u32) {
    match link::open(frame.link.link_type, data, original_len, frame) {
        Ok(Some(Payload {
            ether_type: ether_type::IPV4 | ether_type::IPV6,
            reader,
            wire_end,
        })) => {
            open_ip(frame, reader, wire_end);
        }
        Ok(_) => {}
        Err(stop) => frame.stop = Some(stop),
    }
}

/// Dissects a datagram that `telltale-core` put together from fragments: `first` is the packet of the first fragment (or
/// any of them), `payload` the whole payload. The frame has no link header; tunnels are opened as [`dissect`] does.
pub fn dissect_reassembled<'a>(first: &IpPacket<'_>, payload: &'a [u8]) -> Frame<'a> {
    let mut frame = Frame {
        link: LinkHeader::of(LinkType::RAW),
        ip: [None; _],
        stop: None,
        app: None,
    };
    let reader = Reader::new(Layer::Transport, payload);
    let [slot, rest @ ..] = &mut frame.ip;
    let body = ip::reassembled(first, reader, slot);
    frame.stop = body.stop;
    if body.stop.is_none() {
        frame.stop = open_carried(slot, rest, body.reader, reader.end()).err();
    }
    frame
}

/// Reads the transport header of `protocol` (an IANA number) from a datagram's payload, for instance one that
/// `telltale-core` put together from fragments.
pub fn transport_of(protocol: u8, payload: &[u8]) -> Transport<'_> {
    let reader = Reader::new(Layer::Transport, payload);
    transport::read(protocol, reader, reader.end(), &mut None)
}

/// Opens the outermost IP packet, which begins at `reader`, and what it carries.
#[inline]
fn open_ip<'a>(frame: &mut Frame<'a>, reader: Reader<'a>, wire_end: u32) {
    let [slot, rest @ ..] = &mut frame.ip;
    frame.stop = match ip::read(reader, wire_end, slot) {
        Ok(Body { reader, stop: None }) if slot.as_ref().is_some_and(tunnel::may_carry) => {
            open_carried(slot, rest, reader, wire_end).err()
        }
        Ok(Body { stop, .. }) => stop,
        Err(stop) => Some(stop),
    };
}

/// Opens the packets that the one in `carrier` carries, whose payload is at `body`, one after another into `slots`. The deepest
/// that is opened claims to carry nothing.
#[inline(never)]
fn open_carried<'a>(
    carrier: &mut Option<IpPacket<'a>>,
    slots: &mut [Option<IpPacket<'a>>],
    body: Reader<'a>,
    wire_end: u32,
) -> Result<(), DissectError> {
    let (mut carrier, mut body) = (carrier, body);
    for slot in slots {
        let Some(packet) = carrier else { return Ok(()) };
        let Some(inner) = tunnel::open(packet, body)? else {
            return Ok(());
        };
        let inside = |stop| DissectError {
            layer: Layer::Tunnel,
            ..stop
        };
        let opened = ip::read(inner.reader, wire_end, slot).map_err(inside)?;
        packet.carries = Some(inner.tunnel);
        if let Some(stop) = opened.stop {
            return Err(stop);
        }
        (carrier, body) = (slot, opened.reader);
    }
    Ok(())
}
