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

#[cfg(test)]
mod tests {
    use crate::octets::{ethernet, said, some_ip, tcp, udp, v4, v6, whole};
    use crate::{DissectError, ErrorKind, Layer, LinkType, dissect_reassembled};

    #[track_caller]
    fn check(packet: &[u8], expect: &str) {
        let frame = whole(LinkType::RAW, packet);
        assert_eq!((said(&frame).as_str(), frame.stop), (expect, None));
    }

    #[test]
    fn ip_in_ip_is_opened_in_every_mixture() {
        check(&v4(4, &some_ip()), "v4/p4>IpInIp v4/udp:9:1");
        check(&v4(41, &v6(6, &tcp(443, b"ab"))), "v4/p41>IpInIp v6/tcp:443:2");
        check(&v6(4, &some_ip()), "v6/p4>IpInIp v4/udp:9:1");
        check(&v6(41, &v6(59, &[])), "v6/p41>IpInIp v6/p59");
    }

    #[test]
    fn nesting_ends_at_its_limit() {
        let packet = (0..6).fold(some_ip(), |inner, _| v4(4, &inner));
        check(&packet, "v4/p4>IpInIp v4/p4>IpInIp v4/p4>IpInIp v4/p4");
    }

    #[test]
    fn what_is_no_ip_inside_stops_the_reading() {
        let packet = v4(4, b"\0no IP here");
        let frame = whole(LinkType::RAW, &packet);
        let kind = ErrorKind::Malformed("the IP version is 4 or 6");
        assert_eq!(
            frame.stop,
            Some(DissectError {
                layer: Layer::Tunnel,
                offset: 20,
                kind
            })
        );
        assert_eq!(said(&frame), "v4/p4");
    }

    #[test]
    fn gre_is_opened_with_all_its_options() {
        let gre = |head: &[u8], inner: &[u8]| v4(47, &[head, inner].concat());
        check(&gre(&[0, 0, 8, 0], &some_ip()), "v4/p47>Gre v4/udp:9:1");
        check(
            &gre(&[0xb0, 0, 8, 0, 1, 2, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2], &some_ip()),
            "v4/p47>Gre v4/udp:9:1",
        );
        check(
            &gre(&[0, 0, 0x65, 0x58], &ethernet(0x0800, &some_ip())),
            "v4/p47>Gre v4/udp:9:1",
        );
        check(
            &gre(&[0, 0, 0x88, 0x47, 0, 1, 1, 64], &some_ip()),
            "v4/p47>Gre v4/udp:9:1",
        );
        check(&gre(&[0, 0, 0x08, 0x06], &[0; 28]), "v4/p47");
    }

    #[test]
    fn pptp_is_opened() {
        let head = [0x30, 0x81, 0x88, 0x0b, 0, 9, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1];
        check(
            &v4(47, &[&head[..], &[0xff, 3, 0, 0x21], &some_ip()].concat()),
            "v4/p47>Gre v4/udp:9:1",
        );
        check(&v4(47, &[0x20, 0x81, 0x88, 0x0b, 0, 0, 0, 1, 0, 0, 0, 1]), "v4/p47");
    }

    #[test]
    fn gre_of_other_kinds_is_unsupported() {
        for (head, number) in [([0x40, 0, 8, 0], 0x4000), ([0, 2, 8, 0], 2)] {
            let packet = v4(47, &head);
            assert_eq!(
                whole(LinkType::RAW, &packet).stop.unwrap().kind,
                ErrorKind::Unsupported(number)
            );
        }
    }

    #[test]
    fn vxlan_is_opened() {
        let vxlan = |port, head: &[u8]| v4(17, &udp(port, &[head, &ethernet(0x0800, &some_ip())].concat()));
        check(
            &vxlan(4789, &[8, 0, 0, 0, 0, 0, 1, 0]),
            "v4/udp:4789:51>Vxlan v4/udp:9:1",
        );
        check(
            &vxlan(8472, &[0x88, 0, 0, 9, 0, 0, 1, 0]),
            "v4/udp:8472:51>Vxlan v4/udp:9:1",
        );
        check(&vxlan(4789, &[0, 0, 0, 0, 0, 0, 1, 0]), "v4/udp:4789:51");
        check(&vxlan(4788, &[8, 0, 0, 0, 0, 0, 1, 0]), "v4/udp:4788:51");
        check(&v4(17, &udp(4789, &[8, 0, 0, 0, 0, 0, 1, 0, 1])), "v4/udp:4789:9");
    }

    #[test]
    fn gtp_u_is_opened_behind_extension_headers() {
        let gtp = |flags: u8, kind: u8, more: &[u8]| {
            let inside = [more, &some_ip()].concat();
            let len = u16::try_from(inside.len()).unwrap().to_be_bytes();
            v4(
                17,
                &udp(
                    2152,
                    &[&[flags, kind, len[0], len[1], 0, 0, 0, 1][..], &inside].concat(),
                ),
            )
        };
        check(&gtp(0x30, 255, &[]), "v4/udp:2152:37>GtpU v4/udp:9:1");
        check(&gtp(0x32, 255, &[0, 1, 0, 0]), "v4/udp:2152:41>GtpU v4/udp:9:1");
        check(
            &gtp(0x34, 255, &[0, 0, 0, 0x85, 1, 0, 9, 0]),
            "v4/udp:2152:45>GtpU v4/udp:9:1",
        );
        check(&gtp(0x30, 1, &[]), "v4/udp:2152:37"); // echo
        check(&gtp(0x34, 255, &[0, 0, 0, 0x85, 0, 0, 9, 0]), "v4/udp:2152:45"); // an extension without length
    }

    #[test]
    fn teredo_is_opened_behind_its_headers() {
        let inner = v6(6, &tcp(443, b""));
        let teredo = |head: &[u8]| v4(17, &udp(3544, &[head, &inner].concat()));
        check(&teredo(&[]), "v4/udp:3544:60>Teredo v6/tcp:443:0");
        check(&teredo(&[0, 0, 1, 2, 3, 4, 5, 6]), "v4/udp:3544:68>Teredo v6/tcp:443:0");
        let authentication = [0, 1, 1, 1, 7, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6];
        check(&teredo(&authentication), "v4/udp:3544:83>Teredo v6/tcp:443:0");
        check(&v4(17, &udp(3544, &some_ip())), "v4/udp:3544:29");
    }

    #[test]
    fn teredo_between_peers_is_known_by_its_addresses() {
        let mut inner = v6(6, &tcp(443, b""));
        check(&v4(17, &udp(5000, &inner)), "v4/udp:5000:60");
        inner[24..28].copy_from_slice(&[0x20, 1, 0, 0]);
        check(&v4(17, &udp(5000, &inner)), "v4/udp:5000:60>Teredo v6/tcp:443:0");
        inner.push(0);
        check(&v4(17, &udp(5000, &inner)), "v4/udp:5000:61");
    }

    #[test]
    fn fragments_carry_nothing_until_they_are_put_together() {
        let inner = some_ip();
        let mut packet = v4(4, &inner);
        packet[6] = 0x20;
        check(&packet, "v4/p4");
        let frame = whole(LinkType::RAW, &packet);
        let together = dissect_reassembled(frame.ip().next().unwrap(), &inner);
        assert_eq!(
            (said(&together).as_str(), together.stop),
            ("v4/p4>IpInIp v4/udp:9:1", None)
        );
        let outer = together.ip().next().unwrap();
        assert_eq!((outer.len, outer.fragment, outer.payload), (49, None, &inner[..]));
    }
}
