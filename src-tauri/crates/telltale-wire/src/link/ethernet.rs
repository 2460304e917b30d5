//! Ethernet II and 802.3 with LLC/SNAP, and what stands between them and IP: VLAN tags, MPLS labels, `PPPoE`.

use super::{Opening, Payload, ppp, raw};
use crate::{DissectError, LinkHeader, Reader, ether_type};

/// Tags, labels and nested headers passed over in one frame. Real frames have up to four or five.
pub(crate) const MAX_TAGS: usize = 16;

/// Reads the frame at `reader`; addresses and VLAN go into `header`.
#[inline]
pub(crate) fn frame<'a>(mut reader: Reader<'a>, wire_end: u32, header: &mut LinkHeader) -> Opening<'a> {
    let [d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, t0, t1] = reader.array::<14>()?;
    header.destination_mac = Some([d0, d1, d2, d3, d4, d5]);
    header.source_mac = Some([s0, s1, s2, s3, s4, s5]);
    let kind = u16::from_be_bytes([t0, t1]);
    match kind {
        ether_type::IPV4 | ether_type::IPV6 => Ok(Some(Payload {
            ether_type: kind,
            reader,
            wire_end,
        })),
        _ => payload(kind, reader, wire_end, header),
    }
}

/// True for the types that [`payload`] knows: no mere coincidence of octets.
pub(super) const fn is_known(kind: u16) -> bool {
    matches!(
        kind,
        ether_type::IPV4
            | ether_type::IPV6
            | ether_type::ARP
            | ether_type::VLAN
            | ether_type::PROVIDER_VLAN
            | ether_type::OLD_PROVIDER_VLAN
            | ether_type::OLD_PROVIDER_VLAN_2
            | ether_type::MPLS
            | ether_type::MPLS_UPSTREAM
            | ether_type::PPPOE_DISCOVERY
            | ether_type::PPPOE_SESSION
            | ether_type::EAPOL
    )
}

/// Passes over tags, labels and `PPPoE` until the network payload; `kind` is the `EtherType` (or 802.3 length) before it.
pub(crate) fn payload<'a>(kind: u16, reader: Reader<'a>, wire_end: u32, header: &mut LinkHeader) -> Opening<'a> {
    let (mut kind, mut reader) = (kind, reader);
    for _ in 0..MAX_TAGS {
        match kind {
            ether_type::VLAN
            | ether_type::PROVIDER_VLAN
            | ether_type::OLD_PROVIDER_VLAN
            | ether_type::OLD_PROVIDER_VLAN_2 => {
                let id = reader.u16()? & 0x0fff;
                header.vlan = header.vlan.or(Some(id));
                kind = reader.u16()?;
            }
            ether_type::MPLS | ether_type::MPLS_UPSTREAM => {
                let label = reader.u32()?;
                if label & 0x100 != 0 {
                    return bottom_of_stack(reader, wire_end); // RFC 3032 section 2.1: nothing says what follows
                }
            }
            ether_type::PPPOE_SESSION => return ppp::over_ethernet(reader, wire_end, header),
            ether_type::PPP => return ppp::bare(reader, wire_end, header),
            // What bridges and GRE carry: a frame in the frame. Its addresses are not this link's.
            ether_type::ETHERNET => {
                reader.skip(12)?;
                kind = reader.u16()?;
            }
            0..=ether_type::MAX_LENGTH => {
                reader.limit(usize::from(kind));
                match llc(&mut reader)? {
                    Some(inner) => kind = inner,
                    None => return Ok(None),
                }
            }
            _ => {
                return Ok(Some(Payload {
                    ether_type: kind,
                    reader,
                    wire_end,
                }));
            }
        }
    }
    Err(reader.malformed("a frame has few tags"))
}

/// LLC (IEEE 802.2) with SNAP (RFC 1042): the `EtherType` inside, `None` where the payload is no IP (spanning tree, IPX ...).
pub(super) fn llc(reader: &mut Reader<'_>) -> Result<Option<u16>, DissectError> {
    let mut ahead = *reader;
    let [destination, source, control] = ahead.array::<3>()?;
    let inner = match (destination & 0xfe, source & 0xfe, control) {
        (0xaa, 0xaa, 0x03) => {
            let organisation = ahead.array::<3>()?;
            let kind = ahead.u16()?;
            // RFC 1042's zeros, and the bridge-tunnel form that 802.11 uses for some types.
            if !matches!(organisation, [0, 0, 0 | 0xf8]) {
                return Ok(None);
            }
            kind
        }
        (0x06, 0x06, 0x03) => ether_type::IPV4,
        _ => return Ok(None),
    };
    *reader = ahead;
    // A length where a type is due would be read as another LLC header.
    Ok((inner > ether_type::MAX_LENGTH).then_some(inner))
}

/// What follows an MPLS label stack: IP by its version; behind a zero control word (RFC 4448) an Ethernet frame.
fn bottom_of_stack(mut reader: Reader<'_>, wire_end: u32) -> Opening<'_> {
    if reader.rest().first().is_some_and(|first| first >> 4 != 0) {
        return raw(reader, wire_end).or(Ok(None));
    }
    reader.skip(4)?;
    reader.skip(12)?;
    let kind = reader.u16()?;
    let ip = matches!(kind, ether_type::IPV4 | ether_type::IPV6);
    Ok(ip.then_some(Payload {
        ether_type: kind,
        reader,
        wire_end,
    }))
}
