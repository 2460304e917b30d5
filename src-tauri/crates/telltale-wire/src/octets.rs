//! Packets written by hand, for this crate's unit tests only: the least that a header needs, so that each test shows the octets
//! that it is about.

use crate::{Frame, IpPacket, LinkType, Transport, dissect};

pub(crate) const V4_SOURCE: [u8; 4] = [192, 0, 2, 1];
pub(crate) const V4_DESTINATION: [u8; 4] = [198, 51, 100, 2];

/// UDP from port 4660 (0x1234) to `port`.
pub(crate) fn udp(port: u16, payload: &[u8]) -> Vec<u8> {
    let len = u16::try_from(8 + payload.len()).unwrap();
    [
        &[0x12, 0x34][..],
        &port.to_be_bytes(),
        &len.to_be_bytes(),
        &[0, 0],
        payload,
    ]
    .concat()
}

/// TCP from port 4660 to `port`, sequence 1, acknowledgement 2, PSH and ACK, no options.
pub(crate) fn tcp(port: u16, payload: &[u8]) -> Vec<u8> {
    let rest = [0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0];
    [&[0x12, 0x34][..], &port.to_be_bytes(), &rest, payload].concat()
}

/// IPv4 without options, hop limit 64, identification 7.
pub(crate) fn v4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    let len = u16::try_from(20 + payload.len()).unwrap().to_be_bytes();
    let head = [0x45, 0, len[0], len[1], 0, 7, 0, 0, 64, protocol, 0, 0];
    [&head[..], &V4_SOURCE, &V4_DESTINATION, payload].concat()
}

/// IPv6 from `2001:db8::1` to `2001:db8::2`, hop limit 63.
pub(crate) fn v6(next: u8, payload: &[u8]) -> Vec<u8> {
    let len = u16::try_from(payload.len()).unwrap().to_be_bytes();
    let mut packet = vec![0x60, 0, 0, 0, len[0], len[1], next, 63];
    for last in [1, 2] {
        packet.extend([0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]);
    }
    packet.extend(payload);
    packet
}

/// An Ethernet frame from 02:00:00:00:00:01 to 02:00:00:00:00:02.
pub(crate) fn ethernet(ether_type: u16, payload: &[u8]) -> Vec<u8> {
    [
        &[2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1][..],
        &ether_type.to_be_bytes(),
        payload,
    ]
    .concat()
}

/// An IPv4 packet with UDP to port 9 and the payload "x": what link layers carry in tests.
pub(crate) fn some_ip() -> Vec<u8> {
    v4(17, &udp(9, b"x"))
}

/// Dissects a packet that was not cut.
pub(crate) fn whole(link: LinkType, packet: &[u8]) -> Frame<'_> {
    dissect(link, packet, u32::try_from(packet.len()).unwrap())
}

/// One word an IP packet, from the outside in: what the packet is, where it goes, and how it carries the next one.
pub(crate) fn said(frame: &Frame<'_>) -> String {
    let words: Vec<String> = frame.ip().map(word).collect();
    words.join(" ")
}

fn word(ip: &IpPacket<'_>) -> String {
    let version = if ip.source.is_ipv4() { 4 } else { 6 };
    let transport = match ip.transport {
        Transport::Tcp(tcp) => format!("tcp:{}:{}", tcp.destination_port, tcp.payload_len),
        Transport::Udp {
            destination_port,
            payload,
            ..
        } => format!("udp:{destination_port}:{}", payload.len()),
        Transport::Icmp { kind, code } => format!("icmp:{kind}:{code}"),
        Transport::LaterFragment => "later".into(),
        Transport::Other => format!("p{}", ip.protocol),
        Transport::Cut => "cut".into(),
    };
    let carries = ip.carries.map_or(String::new(), |tunnel| format!(">{tunnel:?}"));
    format!("v{version}/{transport}{carries}")
}
