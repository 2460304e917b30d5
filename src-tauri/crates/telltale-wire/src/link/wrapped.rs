//! Headers that capturing programs put before the packet: PPI, Apple's PKTAP, and Linux' netfilter log.

use super::{Opening, Payload};
use crate::{AppTrailer, DissectError, Frame, LinkType, Reader, ether_type};

/// Headers opened one inside another. One is real; a file could nest them without end.
const MAX_WRAPPINGS: usize = 2;
/// Attributes read of one netfilter log packet: the kernel writes under 20.
const MAX_ATTRIBUTES: usize = 32;

/// Opens PPI and PKTAP headers: the link type and the packet inside.
pub(super) fn unwrap<'a>(
    link: LinkType,
    reader: Reader<'a>,
    frame: &mut Frame<'a>,
) -> Result<(LinkType, Reader<'a>), DissectError> {
    let (mut link, mut reader) = (link, reader);
    for _ in 0..MAX_WRAPPINGS {
        (link, reader) = match link {
            LinkType::PPI => ppi(reader)?,
            LinkType::PKTAP => pktap(reader, frame)?,
            LinkType::APPLE_PKTAP_USER => pktap(reader, frame).map_err(|_| reader.unsupported(u32::from(link.0)))?,
            _ => break,
        };
    }
    Ok((link, reader))
}

/// PPI (CACE, "Per-Packet Information header", 2007): version, flags, length, link type; little-endian.
fn ppi(reader: Reader<'_>) -> Result<(LinkType, Reader<'_>), DissectError> {
    let mut r = reader;
    let [version, _, len0, len1] = r.array::<4>()?;
    if version != 0 {
        return Err(reader.malformed("PPI has version 0"));
    }
    let inside = inside(u32::from_le_bytes(r.array()?), &r)?;
    let len = u16::from_le_bytes([len0, len1]);
    let mut body = reader;
    body.skip(usize::from(len).max(8))?;
    Ok((inside, body))
}

/// PKTAP (Apple's `bsd/net/pktap.h`): length, record type, link type, interface, then the process. In the byte order of the
/// capturing machine, which is little-endian on all that write it.
fn pktap<'a>(reader: Reader<'a>, frame: &mut Frame<'a>) -> Result<(LinkType, Reader<'a>), DissectError> {
    let mut r = reader;
    let len = u32::from_le_bytes(r.array()?);
    let record = u32::from_le_bytes(r.array()?);
    if !(108..=1024).contains(&len) || record != 1 {
        return Err(reader.malformed("PKTAP has 108 octets or more, and record type 1"));
    }
    let inside = inside(u32::from_le_bytes(r.array()?), &r)?;
    let mut body = reader;
    let header = body.take(len as usize)?;
    // The process that the traffic is for (`pth_ecomm`), else the one that sent it (`pth_comm`).
    let label = [88..105, 56..73]
        .into_iter()
        .filter_map(|place| header.get(place)?.split(|octet| *octet == 0).next())
        .find(|label| !label.is_empty());
    frame.app = label.map(|label| AppTrailer { uid: -1, label });
    Ok((inside, body))
}

/// A `DLT_` number as a `LINKTYPE_`: they differ for raw IP only by system, and all those numbers are read as raw IP.
fn inside(number: u32, reader: &Reader<'_>) -> Result<LinkType, DissectError> {
    u16::try_from(number)
        .map(LinkType)
        .map_err(|_| reader.unsupported(number))
}

/// A packet of the netfilter log (`LINKTYPE_NFLOG`): address family, version, then attributes, among them the packet.
pub(super) fn nflog<'a>(reader: Reader<'a>, wire_end: u32, frame: &mut Frame<'a>) -> Opening<'a> {
    let mut r = reader;
    let family = r.u8()?;
    if r.u8()? != 0 {
        return Err(reader.malformed("the netfilter log has version 0"));
    }
    r.skip(2)?; // group
    let ether_type = match family {
        2 => ether_type::IPV4,
        10 => ether_type::IPV6,
        _ => return Ok(None),
    };
    // Lengths are in the byte order of the capturing machine: little-endian unless the first one makes no sense so.
    let little = r
        .rest()
        .first_chunk()
        .is_none_or(|len| (4..=1024).contains(&u16::from_le_bytes(*len)));
    for _ in 0..MAX_ATTRIBUTES {
        if r.is_empty() {
            return Ok(None);
        }
        let (mut len, mut kind) = (r.u16()?, r.u16()?);
        if little {
            (len, kind) = (len.swap_bytes(), kind.swap_bytes());
        }
        let Some(len) = usize::from(len).checked_sub(4) else {
            return Err(r.malformed("an attribute holds its own header"));
        };
        let mut value = r;
        value.limit(len);
        match kind & 0x3fff {
            ATTRIBUTE_PAYLOAD => {
                return Ok(Some(Payload {
                    ether_type,
                    reader: value,
                    wire_end,
                }));
            }
            ATTRIBUTE_HARDWARE => {
                let address_len = value.u16()?;
                value.skip(2)?;
                frame.link.source_mac = if address_len == 6 { Some(value.array()?) } else { None };
            }
            ATTRIBUTE_USER => {
                let uid = value.u32()?.cast_signed();
                frame.app = Some(AppTrailer { uid, label: &[] });
            }
            _ => {}
        }
        r.skip(len)?;
        r.skip((len.wrapping_neg() & 3).min(r.len()))?; // padded to 4 octets
    }
    Ok(None)
}

/// `NFULA_HWADDR`: length in network order, two octets of padding, address.
const ATTRIBUTE_HARDWARE: u16 = 8;
/// `NFULA_PAYLOAD`: the packet.
const ATTRIBUTE_PAYLOAD: u16 = 9;
/// `NFULA_UID`: the user id of the program, on Android that of the app.
const ATTRIBUTE_USER: u16 = 11;
