//! PPP in its forms: bare, in HDLC framing (RFC 1662), over Ethernet (RFC 2516); and Cisco's HDLC.

use super::{Opening, Payload, ethernet};
use crate::{LinkHeader, Reader, ether_type};

/// PPP, perhaps behind HDLC's address and control octets, perhaps with a compressed protocol field (RFC 1661 section 6.5).
pub(crate) fn bare<'a>(mut reader: Reader<'a>, wire_end: u32, header: &mut LinkHeader) -> Opening<'a> {
    if reader.rest().starts_with(&[0xff, 0x03]) {
        reader.skip(2)?;
    }
    let first = reader.u8()?;
    let protocol = if first & 1 == 1 {
        u16::from(first)
    } else {
        u16::from_be_bytes([first, reader.u8()?])
    };
    let kind = match protocol {
        0x0021 => ether_type::IPV4,
        0x0057 => ether_type::IPV6,
        0x0281 => ether_type::MPLS,
        0x0283 => ether_type::MPLS_UPSTREAM,
        _ => return Ok(None), // link control, authentication, compressed headers
    };
    match kind {
        ether_type::IPV4 | ether_type::IPV6 => Ok(Some(Payload {
            ether_type: kind,
            reader,
            wire_end,
        })),
        _ => ethernet::payload(kind, reader, wire_end, header),
    }
}

/// HDLC framing: PPP after 0xff, Cisco's protocol (address, control, `EtherType`) after 0x0f or 0x8f.
pub(super) fn hdlc<'a>(mut reader: Reader<'a>, wire_end: u32, header: &mut LinkHeader) -> Opening<'a> {
    match reader.rest().first() {
        Some(0x0f | 0x8f) => {
            reader.skip(2)?;
            let kind = reader.u16()?;
            ethernet::payload(kind, reader, wire_end, header)
        }
        _ => bare(reader, wire_end, header),
    }
}

/// PPP behind one octet that says who sent it.
pub(super) fn with_direction<'a>(mut reader: Reader<'a>, wire_end: u32, header: &mut LinkHeader) -> Opening<'a> {
    reader.skip(1)?;
    hdlc(reader, wire_end, header)
}

/// A `PPPoE` session packet (RFC 2516 section 4), without its Ethernet header.
pub(crate) fn over_ethernet<'a>(mut reader: Reader<'a>, wire_end: u32, header: &mut LinkHeader) -> Opening<'a> {
    let [version_and_type, code] = reader.array::<2>()?;
    if version_and_type != 0x11 {
        return Err(reader.malformed("PPPoE has version 1 and type 1"));
    }
    if code != 0 {
        return Ok(None); // discovery
    }
    reader.skip(2)?; // session
    let len = reader.u16()?;
    reader.limit(usize::from(len));
    bare(reader, wire_end, header)
}
