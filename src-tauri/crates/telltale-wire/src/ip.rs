//! IPv4 (RFC 791) and IPv6 (RFC 8200) headers with their options and extension headers.
//!
//! Called by `dissect`. Never here: what the payload says, or fragments put together (that is state: `telltale-core`).

use crate::{DissectError, Fragment, IpPacket, Layer, Reader, Transport, transport};
use etherparse::{Ipv4HeaderSlice, Ipv6HeaderSlice};
use std::net::IpAddr;

/// Extension headers read in one packet. RFC 8200 section 4.1 lists seven places; more is an attack on the reader's time.
pub(crate) const MAX_EXTENSION_HEADERS: usize = 16;

pub(crate) mod protocol {
    //! IP protocol numbers (IANA) that this crate reads.
    pub(crate) const HOP_BY_HOP: u8 = 0;
    pub(crate) const ICMP: u8 = 1;
    pub(crate) const IPV4: u8 = 4;
    pub(crate) const TCP: u8 = 6;
    pub(crate) const UDP: u8 = 17;
    pub(crate) const IPV6: u8 = 41;
    pub(crate) const ROUTING: u8 = 43;
    pub(crate) const FRAGMENT: u8 = 44;
    pub(crate) const GRE: u8 = 47;
    pub(crate) const AUTHENTICATION: u8 = 51;
    pub(crate) const ICMPV6: u8 = 58;
    pub(crate) const NO_NEXT_HEADER: u8 = 59;
    pub(crate) const DESTINATION: u8 = 60;
    pub(crate) const MOBILITY: u8 = 135;
    pub(crate) const HIP: u8 = 139;
    pub(crate) const SHIM6: u8 = 140;
}

/// Where the payload of a packet lies that was read.
pub(crate) struct Body<'a> {
    /// At the payload; ends where the packet's claimed length ends.
    pub(crate) reader: Reader<'a>,
    /// What went wrong behind the IP header.
    pub(crate) stop: Option<DissectError>,
}

/// Reads the IP packet at `reader`, of the version that it says itself, into `slot` (in place: this runs for every packet);
/// the frame ends on the wire at `wire_end`.
#[inline]
pub(crate) fn read<'a>(
    reader: Reader<'a>,
    wire_end: u32,
    slot: &mut Option<IpPacket<'a>>,
) -> Result<Body<'a>, DissectError> {
    let reader = reader.within(Layer::Ip);
    match reader.rest().first().map(|first| first >> 4) {
        Some(4) => v4(reader, wire_end, slot),
        Some(6) => v6(reader, wire_end, slot),
        Some(_) => Err(reader.malformed("the IP version is 4 or 6")),
        None => Err(reader.truncated(1)),
    }
}

/// The packet of a datagram put together from fragments: `first` with its payload replaced, into `slot`.
pub(crate) fn reassembled<'a>(first: &IpPacket<'_>, body: Reader<'a>, slot: &mut Option<IpPacket<'a>>) -> Body<'a> {
    let header_len = if first.source.is_ipv4() { 20 } else { 40 };
    let start = Start {
        source: first.source,
        destination: first.destination,
        protocol: first.protocol,
        hop_limit: first.hop_limit,
        len: body.end().saturating_add(header_len),
        wire_end: body.end(),
    };
    start.carrying(body, first.protocol, None, slot)
}

#[inline]
fn v4<'a>(reader: Reader<'a>, wire_end: u32, slot: &mut Option<IpPacket<'a>>) -> Result<Body<'a>, DissectError> {
    use etherparse::err::ipv4::HeaderSliceError;
    let header = Ipv4HeaderSlice::from_slice(reader.rest()).map_err(|error| match error {
        HeaderSliceError::Len(error) => reader.truncated(error.required_len),
        HeaderSliceError::Content(_) => reader.malformed("the IPv4 header is at least five words long"),
    })?;
    let header_len = u32::from(header.ihl()).wrapping_mul(4); // at most 60
    let on_wire = wire_end.saturating_sub(reader.offset());
    // Segmentation offload leaves 0 in the field, because the length would not fit: then the frame tells.
    let len = match header.total_len() {
        0 => on_wire,
        len => u32::from(len),
    };
    let mut body = reader;
    body.skip(header_len as usize)?;
    let short = (len < header_len).then(|| reader.malformed("the total length holds the IPv4 header"));
    body.limit(len.saturating_sub(header_len) as usize);
    let offset = u32::from(header.fragments_offset().value()).wrapping_mul(8); // 13 bits times 8
    let fragment = header.is_fragmenting_payload().then(|| Fragment {
        id: u32::from(header.identification()),
        offset,
        more: header.more_fragments(),
    });
    let start = Start {
        source: IpAddr::V4(header.source_addr()),
        destination: IpAddr::V4(header.destination_addr()),
        protocol: header.protocol().0,
        hop_limit: header.ttl(),
        len,
        wire_end: reader.offset().saturating_add(len).min(wire_end),
    };
    let authenticated = start.protocol == protocol::AUTHENTICATION && offset == 0;
    Ok(match short {
        Some(stop) => start.stopped(body, fragment, stop, slot),
        None if authenticated => start.extended(body, fragment, |number| number == protocol::AUTHENTICATION, slot),
        None => start.carrying(body, start.protocol, fragment, slot),
    })
}

#[inline]
fn v6<'a>(reader: Reader<'a>, wire_end: u32, slot: &mut Option<IpPacket<'a>>) -> Result<Body<'a>, DissectError> {
    use etherparse::err::ipv6::HeaderSliceError;
    let header = Ipv6HeaderSlice::from_slice(reader.rest()).map_err(|error| match error {
        HeaderSliceError::Len(error) => reader.truncated(error.required_len),
        HeaderSliceError::Content(_) => reader.malformed("the IPv6 version is 6"),
    })?;
    let on_wire = wire_end.saturating_sub(reader.offset());
    // 0 stands for a jumbogram (RFC 2675) or for segmentation offload: then the frame tells. It means 0 where nothing follows.
    let len = match header.payload_length() {
        0 if header.next_header().0 != protocol::NO_NEXT_HEADER => on_wire.max(40),
        len => u32::from(len).saturating_add(40),
    };
    let mut body = reader;
    body.skip(40)?;
    body.limit(len.saturating_sub(40) as usize);
    let start = Start {
        source: IpAddr::V6(header.source_addr()),
        destination: IpAddr::V6(header.destination_addr()),
        protocol: header.next_header().0,
        hop_limit: header.hop_limit(),
        len,
        wire_end: reader.offset().saturating_add(len).min(wire_end),
    };
    Ok(match start.protocol {
        protocol::TCP | protocol::UDP => start.carrying(body, start.protocol, None, slot),
        _ => start.extended(body, None, |_| true, slot),
    })
}

/// What the fixed IP header says, before the extension headers are read.
struct Start {
    source: IpAddr,
    destination: IpAddr,
    protocol: u8,
    hop_limit: u8,
    len: u32,
    /// Octets from the start of the frame to the packet's end on the wire.
    wire_end: u32,
}

impl Start {
    /// Puts the packet with its payload at `body` into `slot`.
    #[inline]
    fn carrying<'a>(
        &self,
        body: Reader<'a>,
        protocol: u8,
        fragment: Option<Fragment>,
        slot: &mut Option<IpPacket<'a>>,
    ) -> Body<'a> {
        let mut stop = None;
        let transport = match fragment {
            Some(Fragment { offset, .. }) if offset != 0 => Transport::LaterFragment,
            _ => transport::read(protocol, body, self.wire_end, &mut stop),
        };
        *slot = Some(self.packet(body, protocol, fragment, transport));
        Body { reader: body, stop }
    }

    /// Puts the packet into `slot`, when `stop` kept its transport header from being read.
    #[cold]
    fn stopped<'a>(
        &self,
        body: Reader<'a>,
        fragment: Option<Fragment>,
        stop: DissectError,
        slot: &mut Option<IpPacket<'a>>,
    ) -> Body<'a> {
        *slot = Some(self.packet(body, self.protocol, fragment, Transport::Cut));
        Body {
            reader: body,
            stop: Some(stop),
        }
    }

    /// Puts the packet behind its extension headers into `slot`; those headers are read that `known` takes.
    #[inline(never)]
    fn extended<'a>(
        &self,
        mut body: Reader<'a>,
        fragment: Option<Fragment>,
        known: impl Fn(u8) -> bool,
        slot: &mut Option<IpPacket<'a>>,
    ) -> Body<'a> {
        let (mut protocol, mut fragment) = (self.protocol, fragment);
        for _ in 0..MAX_EXTENSION_HEADERS {
            if !known(protocol) {
                return self.carrying(body, protocol, fragment, slot);
            }
            match extension(protocol, &mut body) {
                Ok(Extension::Next(next)) => protocol = next,
                Ok(Extension::Fragment(next, found)) => {
                    protocol = next;
                    fragment = (found.more || found.offset != 0).then_some(found).or(fragment);
                    if found.offset != 0 {
                        return self.carrying(body, protocol, fragment, slot);
                    }
                }
                Ok(Extension::None) => return self.carrying(body, protocol, fragment, slot),
                Err(stop) => return self.stopped(body, fragment, stop, slot),
            }
        }
        self.stopped(
            body,
            fragment,
            body.malformed("a packet has few extension headers"),
            slot,
        )
    }

    #[inline]
    fn packet<'a>(
        &self,
        body: Reader<'a>,
        protocol: u8,
        fragment: Option<Fragment>,
        transport: Transport<'a>,
    ) -> IpPacket<'a> {
        IpPacket {
            source: self.source,
            destination: self.destination,
            protocol,
            len: self.len,
            hop_limit: self.hop_limit,
            fragment,
            payload: body.rest(),
            transport,
            carries: None,
        }
    }
}

/// One step along the chain of extension headers.
enum Extension {
    /// A header was passed over; the number of what follows.
    Next(u8),
    /// A fragment header.
    Fragment(u8, Fragment),
    /// The payload begins here.
    None,
}

/// Passes over the extension header `number` at `body`, which stays where it is when the header is cut.
fn extension(number: u8, body: &mut Reader<'_>) -> Result<Extension, DissectError> {
    let mut ahead = *body;
    let step = match number {
        protocol::HOP_BY_HOP
        | protocol::ROUTING
        | protocol::DESTINATION
        | protocol::MOBILITY
        | protocol::HIP
        | protocol::SHIM6 => {
            let next = ahead.u8()?;
            let len = usize::from(ahead.u8()?); // in 8 octets, without the first 8
            ahead.skip(len.wrapping_mul(8).wrapping_add(6))?;
            Extension::Next(next)
        }
        protocol::AUTHENTICATION => {
            let next = ahead.u8()?;
            let len = usize::from(ahead.u8()?); // in 4 octets, minus 2 (RFC 4302 section 2.2)
            ahead.skip(len.wrapping_mul(4).wrapping_add(6))?;
            Extension::Next(next)
        }
        protocol::FRAGMENT => {
            let next = ahead.u8()?;
            ahead.skip(1)?;
            let field = ahead.u16()?;
            let fragment = Fragment {
                id: ahead.u32()?,
                offset: u32::from(field & 0xfff8),
                more: field & 1 != 0,
            };
            Extension::Fragment(next, fragment)
        }
        _ => return Ok(Extension::None),
    };
    *body = ahead;
    Ok(step)
}

#[cfg(test)]
mod tests {
    use crate::octets::{V4_DESTINATION, V4_SOURCE, said, tcp, udp, v4, v6, whole};
    use crate::{DissectError, ErrorKind, Fragment, Frame, IpPacket, Layer, LinkType, Transport, dissect};

    fn first<'a>(frame: &Frame<'a>) -> IpPacket<'a> {
        *frame.ip().next().unwrap()
    }

    #[track_caller]
    fn check_stop(packet: &[u8], expect: &str, offset: u32, kind: ErrorKind) {
        let frame = whole(LinkType::RAW, packet);
        assert_eq!(
            (said(&frame).as_str(), frame.stop),
            (
                expect,
                Some(DissectError {
                    layer: Layer::Ip,
                    offset,
                    kind
                })
            )
        );
    }

    #[test]
    fn ipv4_fields_are_read() {
        let packet = v4(17, &udp(53, b"abc"));
        let ip = first(&whole(LinkType::RAW, &packet));
        assert_eq!((ip.source, ip.destination), (V4_SOURCE.into(), V4_DESTINATION.into()));
        assert_eq!(
            (ip.protocol, ip.len, ip.hop_limit, ip.fragment, ip.carries),
            (17, 31, 64, None, None)
        );
        assert_eq!(ip.payload, udp(53, b"abc"));
    }

    #[test]
    fn ipv4_options_are_passed_over() {
        let mut packet = v4(17, &[&[0x94, 4, 0, 0][..], &udp(53, b"abc")].concat());
        packet[0] = 0x46;
        assert_eq!(said(&whole(LinkType::RAW, &packet)), "v4/udp:53:3");
    }

    #[test]
    fn a_total_length_of_0_is_what_offload_leaves() {
        let mut packet = v4(6, &tcp(443, b"abc"));
        packet[2..4].fill(0);
        let frame = dissect(LinkType::RAW, &packet, 5000);
        assert_eq!((first(&frame).len, said(&frame).as_str()), (5000, "v4/tcp:443:4960"));
    }

    #[test]
    fn what_lies_behind_the_total_length_is_not_the_packets() {
        let packet = [v4(6, &tcp(443, b"abc")), vec![0; 9]].concat();
        let frame = whole(LinkType::RAW, &packet);
        let Transport::Tcp(tcp) = first(&frame).transport else {
            panic!()
        };
        assert_eq!((tcp.payload, tcp.payload_len), (&b"abc"[..], 3));
    }

    #[test]
    fn a_packet_that_the_snap_length_cut_keeps_its_length() {
        let packet = v4(6, &tcp(443, &[7; 1000]));
        let frame = dissect(LinkType::RAW, &packet[..60], 1040);
        let Transport::Tcp(tcp) = first(&frame).transport else {
            panic!()
        };
        assert_eq!(
            (tcp.payload.len(), tcp.payload_len, first(&frame).len),
            (20, 1000, 1040)
        );
    }

    #[test]
    fn ipv4_fragments_are_placed() {
        let mut packet = v4(17, &udp(53, b"abcdefgh"));
        packet[6..8].copy_from_slice(&[0x20, 0]);
        let frame = whole(LinkType::RAW, &packet);
        assert_eq!(
            first(&frame).fragment,
            Some(Fragment {
                id: 7,
                offset: 0,
                more: true
            })
        );
        assert_eq!(said(&frame), "v4/udp:53:8");
        packet[6..8].copy_from_slice(&[0x00, 3]);
        let frame = whole(LinkType::RAW, &packet);
        assert_eq!(
            first(&frame).fragment,
            Some(Fragment {
                id: 7,
                offset: 24,
                more: false
            })
        );
        assert_eq!(said(&frame), "v4/later");
        packet[6..8].copy_from_slice(&[0x40, 0]);
        assert_eq!(first(&whole(LinkType::RAW, &packet)).fragment, None);
    }

    #[test]
    fn broken_ipv4_is_refused() {
        let good = v4(17, &udp(53, b"abc"));
        check_stop(&good[..19], "", 0, ErrorKind::Truncated { need: 20, have: 19 });
        let with = |at: usize, octet: u8| {
            let mut packet = good.clone();
            packet[at] = octet;
            packet
        };
        check_stop(
            &with(0, 0x44),
            "",
            0,
            ErrorKind::Malformed("the IPv4 header is at least five words long"),
        );
        check_stop(&with(0, 0x4f), "", 0, ErrorKind::Truncated { need: 60, have: 31 });
        check_stop(
            &with(3, 19),
            "v4/cut",
            0,
            ErrorKind::Malformed("the total length holds the IPv4 header"),
        );
    }

    #[test]
    fn ipv6_fields_are_read() {
        let packet = v6(17, &udp(53, b"abc"));
        let ip = first(&whole(LinkType::RAW, &packet));
        assert_eq!(
            (ip.source.to_string(), ip.destination.to_string()),
            ("2001:db8::1".into(), "2001:db8::2".into())
        );
        assert_eq!((ip.protocol, ip.len, ip.hop_limit), (17, 51, 63));
        let padded = [packet, vec![0; 9]].concat();
        assert_eq!(said(&whole(LinkType::RAW, &padded)), "v6/udp:53:3");
    }

    #[test]
    fn a_payload_length_of_0_is_a_jumbogram_or_offload() {
        let mut packet = v6(6, &tcp(443, b"abc"));
        packet[4..6].fill(0);
        let frame = whole(LinkType::RAW, &packet);
        assert_eq!((first(&frame).len, said(&frame).as_str()), (63, "v6/tcp:443:3"));
        let nothing = [v6(59, &[]), vec![0; 6]].concat();
        assert_eq!(first(&whole(LinkType::RAW, &nothing)).len, 40, "padding is no payload");
    }

    #[test]
    fn extension_headers_are_passed_over() {
        // Hop by hop, routing, destination (16 octets), authentication (24), mobility, HIP, shim6, then UDP.
        let mut payload = vec![43, 0, 0, 0, 0, 0, 0, 0, 60, 0, 0, 0, 0, 0, 0, 0];
        payload.extend([51, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        payload.extend([135, 4]);
        payload.extend([0; 22]);
        payload.extend([
            139, 0, 0, 0, 0, 0, 0, 0, 140, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 0,
        ]);
        payload.extend(udp(53, b"abc"));
        let packet = v6(0, &payload);
        let frame = whole(LinkType::RAW, &packet);
        assert_eq!(
            (said(&frame).as_str(), first(&frame).protocol, frame.stop),
            ("v6/udp:53:3", 17, None)
        );
    }

    #[test]
    fn ipv4_knows_the_authentication_header_only() {
        let mut payload = vec![17, 4];
        payload.extend([0; 22]);
        payload.extend(udp(53, b"abc"));
        assert_eq!(said(&whole(LinkType::RAW, &v4(51, &payload))), "v4/udp:53:3");
        assert_eq!(said(&whole(LinkType::RAW, &v4(60, &payload))), "v4/p60");
    }

    #[test]
    fn ipv6_fragments_are_placed() {
        let fragment =
            |next, place: [u8; 2], rest: &[u8]| v6(44, &[&[next, 0][..], &place, &[0, 1, 2, 3], rest].concat());
        let packet = fragment(17, [0, 1], &udp(53, b"abc"));
        let frame = whole(LinkType::RAW, &packet);
        assert_eq!(
            first(&frame).fragment,
            Some(Fragment {
                id: 0x0001_0203,
                offset: 0,
                more: true
            })
        );
        assert_eq!(said(&frame), "v6/udp:53:3");
        // What looks like another extension header is the middle of a datagram.
        let packet = fragment(60, [0, 0x18], &[17, 0, 0, 0, 0, 0, 0, 0]);
        let frame = whole(LinkType::RAW, &packet);
        assert_eq!(
            first(&frame).fragment,
            Some(Fragment {
                id: 0x0001_0203,
                offset: 24,
                more: false
            })
        );
        assert_eq!((said(&frame).as_str(), first(&frame).payload.len()), ("v6/later", 8));
        // RFC 6946: an atomic fragment is a whole packet.
        let packet = fragment(17, [0, 0], &udp(53, b"abc"));
        assert_eq!(first(&whole(LinkType::RAW, &packet)).fragment, None);
    }

    #[test]
    fn broken_ipv6_is_refused() {
        check_stop(&v6(17, &[])[..39], "", 0, ErrorKind::Truncated { need: 40, have: 39 });
        check_stop(&v6(0, &[17]), "v6/cut", 41, ErrorKind::Truncated { need: 1, have: 0 });
        check_stop(
            &v6(60, &[17, 1, 0]),
            "v6/cut",
            42,
            ErrorKind::Truncated { need: 14, have: 1 },
        );
        let endless = v6(60, &[60, 0, 0, 0, 0, 0, 0, 0].repeat(20));
        check_stop(
            &endless,
            "v6/cut",
            40 + 16 * 8,
            ErrorKind::Malformed("a packet has few extension headers"),
        );
    }
}
