//! IP packets inside IP packets: how each tunnel begins, and where the packet inside lies.
//!
//! Called by `dissect`. Never here: tunnels whose payload is encrypted. A tunnel that is told by a port alone is opened only
//! where the inside makes sense, so that other traffic of that port is not taken apart.

use crate::ip::protocol;
use crate::link::ethernet;
use crate::{DissectError, IpPacket, Layer, LinkHeader, LinkType, Reader, Transport, Tunnel, ether_type};

/// GTP-U extension headers passed over: 3GPP defines a handful, of which one or two are used at once.
const MAX_GTP_EXTENSIONS: usize = 8;

const PORT_GTP_U: u16 = 2152;
const PORT_VXLAN: u16 = 4789;
/// VXLAN's port before the RFC; Linux' default still.
const PORT_VXLAN_LINUX: u16 = 8472;
const PORT_TEREDO: u16 = 3544;

/// A packet found inside another.
pub(crate) struct Carried<'a> {
    pub(crate) tunnel: Tunnel,
    /// At the inner IP header.
    pub(crate) reader: Reader<'a>,
}

type Carrying<'a> = Result<Option<Carried<'a>>, DissectError>;

/// False for what surely carries no packet: most traffic, told by a look at its header.
#[inline]
pub(crate) fn may_carry(packet: &IpPacket<'_>) -> bool {
    match packet.transport {
        _ if packet.fragment.is_some() => false,
        Transport::Udp {
            source_port,
            destination_port,
            payload,
        } => {
            let known = |port| matches!(port, PORT_VXLAN | PORT_VXLAN_LINUX | PORT_GTP_U | PORT_TEREDO);
            known(source_port) || known(destination_port) || payload.first().is_some_and(|first| first >> 4 == 6)
        }
        Transport::Other => matches!(packet.protocol, protocol::IPV4 | protocol::IPV6 | protocol::GRE),
        _ => false,
    }
}

/// What `packet`, whose payload is at `body`, carries. Fragments carry nothing until they are put together.
pub(crate) fn open<'a>(packet: &IpPacket<'a>, body: Reader<'a>) -> Carrying<'a> {
    let body = body.within(Layer::Tunnel);
    match packet.transport {
        _ if !may_carry(packet) => Ok(None),
        Transport::Udp {
            source_port,
            destination_port,
            payload,
        } => Ok(udp(source_port, destination_port, payload, body)),
        _ if packet.protocol == protocol::GRE => gre(body),
        _ => Ok(Some(Carried {
            tunnel: Tunnel::IpInIp,
            reader: body,
        })),
    }
}

/// Tunnels over UDP.
fn udp<'a>(source: u16, destination: u16, payload: &'a [u8], body: Reader<'a>) -> Option<Carried<'a>> {
    let first = *payload.first()?;
    let (tunnel, inside): (_, fn(Reader<'a>) -> Option<Reader<'a>>) = match (source, destination) {
        (_, PORT_VXLAN | PORT_VXLAN_LINUX) => (Tunnel::Vxlan, vxlan),
        (_, PORT_GTP_U) | (PORT_GTP_U, _) => (Tunnel::GtpU, gtp_u),
        (_, PORT_TEREDO) | (PORT_TEREDO, _) => (Tunnel::Teredo, teredo),
        // Peers talk to one another from any port; RFC 4380's addresses give them away.
        _ if first >> 4 == 6 && has_teredo_address(payload) => (Tunnel::Teredo, teredo),
        _ => return None,
    };
    let mut reader = body;
    reader.skip(8).ok()?; // the UDP header
    reader.limit(payload.len());
    inside(reader).map(|reader| Carried { tunnel, reader })
}

/// GRE: version 0 (RFC 2784, RFC 2890) and PPTP's version 1 (RFC 2637).
fn gre(mut reader: Reader<'_>) -> Carrying<'_> {
    let flags = reader.u16()?;
    let kind = reader.u16()?;
    let (checksum, routing, key, sequence) = (
        flags & 0x8000 != 0,
        flags & 0x4000 != 0,
        flags & 0x2000 != 0,
        flags & 0x1000 != 0,
    );
    let acknowledgement = flags & 0x0080 != 0;
    match flags & 7 {
        0 if routing => return Err(reader.unsupported(u32::from(flags))), // RFC 1701's source routes, long gone
        0 => {
            for present in [checksum, key, sequence] {
                reader.skip(if present { 4 } else { 0 })?;
            }
        }
        1 => {
            reader.skip(4)?; // payload length and call
            for present in [sequence, acknowledgement] {
                reader.skip(if present { 4 } else { 0 })?;
            }
            if reader.is_empty() {
                return Ok(None); // an acknowledgement alone
            }
        }
        version => return Err(reader.unsupported(u32::from(version))),
    }
    let end = reader.end();
    let payload = ethernet::payload(kind, reader, end, &mut LinkHeader::of(LinkType::ETHERNET))?;
    Ok(payload.and_then(|payload| {
        let ip = matches!(payload.ether_type, ether_type::IPV4 | ether_type::IPV6);
        ip.then_some(Carried {
            tunnel: Tunnel::Gre,
            reader: payload.reader,
        })
    }))
}

/// VXLAN (RFC 7348 section 5): flags with the I bit, reserved octets, network id, then an Ethernet frame.
fn vxlan(mut reader: Reader<'_>) -> Option<Reader<'_>> {
    let [flags, _, _, _, _, _, _, reserved] = reader.array::<8>().ok()?;
    // 0x80 is the group policy extension's.
    if flags & 0x7f != 0x08 || reserved != 0 {
        return None;
    }
    let end = reader.end();
    let payload = ethernet::frame(reader, end, &mut LinkHeader::of(LinkType::ETHERNET)).ok()??;
    is_ip(payload.reader).then_some(payload.reader)
}

/// GTP-U (3GPP TS 29.281 section 5.1): a user packet (message type 255) of version 1.
fn gtp_u(mut reader: Reader<'_>) -> Option<Reader<'_>> {
    let [flags, kind, len0, len1, _, _, _, _] = reader.array::<8>().ok()?;
    if flags & 0xf0 != 0x30 || kind != 255 {
        return None;
    }
    reader.limit(usize::from(u16::from_be_bytes([len0, len1])));
    if flags & 0x07 != 0 {
        let [_, _, _, mut next] = reader.array::<4>().ok()?;
        if flags & 0x04 != 0 {
            for _ in 0..MAX_GTP_EXTENSIONS {
                if next == 0 {
                    break;
                }
                let len = usize::from(reader.u8().ok()?).checked_mul(4)?;
                reader.skip(len.checked_sub(2)?).ok()?;
                next = reader.u8().ok()?;
            }
            if next != 0 {
                return None;
            }
        }
    }
    is_ip(reader).then_some(reader)
}

/// Teredo (RFC 4380 section 5.1.1): perhaps authentication, perhaps an origin, then IPv6.
fn teredo(mut reader: Reader<'_>) -> Option<Reader<'_>> {
    if reader.rest().starts_with(&[0, 1]) {
        reader.skip(2).ok()?;
        let [identifier, value] = reader.array::<2>().ok()?;
        reader.skip(usize::from(identifier)).ok()?;
        reader.skip(usize::from(value)).ok()?;
        reader.skip(9).ok()?; // nonce, confirmation
    }
    if reader.rest().starts_with(&[0, 0]) {
        reader.skip(8).ok()?;
    }
    (reader.rest().first()? >> 4 == 6 && is_ip(reader)).then_some(reader)
}

/// True when an IP header stands at `reader` whose claimed length fits what is left. The claim may be longer where the
/// snap length cut the packet: then the rest of the header has to speak for it.
fn is_ip(reader: Reader<'_>) -> bool {
    match reader.rest() {
        [0x45..=0x4f, _, len0, len1, _, _, _, _, hops, ..] => {
            usize::from(u16::from_be_bytes([*len0, *len1])) >= 20 && *hops != 0 && reader.len() >= 20
        }
        [0x60..=0x6f, _, _, _, _, _, _, hops, ..] => *hops != 0 && reader.len() >= 40,
        _ => false,
    }
}

/// True for an IPv6 packet of exactly this length from or to a Teredo address (`2001::/32`): one in 2^40 by chance.
fn has_teredo_address(payload: &[u8]) -> bool {
    let Some(header) = payload.first_chunk::<40>() else {
        return false;
    };
    let [_, _, _, _, len0, len1, _, _, s0, s1, s2, s3, ..] = *header;
    let destination = header.get(24..28).unwrap_or_default();
    let len = usize::from(u16::from_be_bytes([len0, len1])).saturating_add(40);
    len == payload.len() && ([s0, s1, s2, s3] == [0x20, 1, 0, 0] || destination == [0x20, 1, 0, 0])
}
