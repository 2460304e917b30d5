//! One captured packet -> its [`Frame`]: the way in for `telltale-core`. Opens the link header, then IP packets one inside
//! another. Never here: a header's layout (`link`, `ip`, `transport`, `tunnel` know those) or what a payload says.

use crate::ip::{self, Opened};
use crate::link::{self, Payload};
use crate::{DissectError, Frame, IpPacket, LinkHeader, LinkType, Reader, Transport, ether_type, transport, tunnel};

/// Dissects one captured packet: `data` as captured (perhaps cut by the snap length), `original_len` its octets on the wire.
///
/// Never fails: what could be read is in the frame, and [`Frame::stop`] says what ended the reading. A packet without IP
/// (ARP, 802.11 management) has no [`Frame::ip`] and no `stop`.
#[inline]
pub fn dissect(link: LinkType, data: &[u8], original_len: u32) -> Frame<'_> {
    let mut frame = Frame {
        link: LinkHeader::of(link),
        ip: [None; _],
        stop: None,
        app: None,
    };
    match link::open(link, data, original_len, &mut frame) {
        Ok(Some(Payload {
            ether_type: ether_type::IPV4 | ether_type::IPV6,
            reader,
            wire_end,
        })) => {
            open_ip(&mut frame, reader, wire_end);
        }
        Ok(_) => {}
        Err(stop) => frame.stop = Some(stop),
    }
    frame
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
    let reader = Reader::new(crate::Layer::Transport, payload);
    let opened = ip::reassembled(first, reader);
    open_carried(&mut frame, opened, reader.end());
    frame
}

/// Reads the transport header of `protocol` (an IANA number) from a datagram's payload, for instance one that
/// `telltale-core` put together from fragments.
pub fn transport_of(protocol: u8, payload: &[u8]) -> Transport<'_> {
    let reader = Reader::new(crate::Layer::Transport, payload);
    transport::read(protocol, reader, reader.end()).0
}

/// Opens the outermost IP packet, which begins at `reader`.
#[inline]
fn open_ip<'a>(frame: &mut Frame<'a>, reader: Reader<'a>, wire_end: u32) {
    match ip::read(reader, wire_end) {
        Ok(opened) => open_carried(frame, opened, wire_end),
        Err(stop) => frame.stop = Some(stop),
    }
}

/// Puts `opened` into the frame, and behind it whatever IP packets it carries.
#[inline]
fn open_carried<'a>(frame: &mut Frame<'a>, opened: Opened<'a>, wire_end: u32) {
    let mut current = opened;
    let mut slots = frame.ip.iter_mut();
    loop {
        let Some(slot) = slots.next() else { return };
        let Opened { packet, body, stop } = current;
        let packet = slot.insert(packet);
        frame.stop = stop;
        if stop.is_some() || slots.len() == 0 {
            return; // the deepest packet that is opened claims to carry nothing
        }
        let carried = match tunnel::open(packet, body) {
            Ok(Some(carried)) => carried,
            Ok(None) => return,
            Err(stop) => return frame.stop = Some(stop),
        };
        match ip::read(carried.reader, wire_end) {
            Ok(opened) => {
                packet.carries = Some(carried.tunnel);
                current = opened;
            }
            Err(stop) => {
                return frame.stop = Some(DissectError {
                    layer: crate::Layer::Tunnel,
                    ..stop
                });
            }
        }
    }
}
