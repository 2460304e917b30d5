//! `PCAPdroid`'s captures with its extensions: a fake Ethernet header before each packet, a trailer with the app's name
//! behind it (`app/src/main/jni/core/pcap_dump.c` of that project).

use super::{Opening, ethernet, raw};
use crate::{AppTrailer, Frame, LinkType, Reader};

/// Octets of the trailer: magic 4, user id 4, label 20, checksum 4.
const TRAILER_LEN: usize = 32;
/// First octets of the trailer.
const MAGIC: u32 = 0x0107_2021;
/// Octets of an Ethernet header.
const ETHERNET_LEN: usize = 14;

/// An Ethernet frame, perhaps one of `PCAPdroid`'s.
#[inline]
pub(super) fn ethernet<'a>(reader: Reader<'a>, wire_end: u32, frame: &mut Frame<'a>) -> Opening<'a> {
    let mut reader = reader;
    let mut wire_end = wire_end;
    if let Some((packet, app)) = app_trailer(reader.rest()) {
        frame.app = Some(app);
        reader.limit(packet);
        wire_end = reader.end();
    }
    if let Some([t0, t1]) = reader.rest().get(12..14)
        && !ethernet::is_known(u16::from_be_bytes([*t0, *t1]))
        && is_bare_ip(reader.rest(), wire_end)
    {
        frame.link.link_type = LinkType::RAW;
        return raw(reader, wire_end);
    }
    ethernet::frame(reader, wire_end, &mut frame.link)
}

/// The trailer at the end of `frame`, and the octets before it. The checksum decides: where it fails there is no trailer.
#[inline]
fn app_trailer(frame: &[u8]) -> Option<(usize, AppTrailer<'_>)> {
    let (packet, trailer) = frame.split_last_chunk::<TRAILER_LEN>()?;
    let (magic, rest) = trailer.split_first_chunk::<4>()?;
    if u32::from_be_bytes(*magic) != MAGIC || packet.len() <= ETHERNET_LEN {
        return None;
    }
    let (uid, rest) = rest.split_first_chunk::<4>()?;
    let (label, checksum) = rest.split_last_chunk::<4>()?;
    let covered = frame.len().checked_sub(checksum.len())?;
    let expected = crc32(frame.get(..covered)?);
    // The phone writes it in its own order, which is little-endian on all that exist; a copy may have turned it.
    if expected != u32::from_le_bytes(*checksum) && expected != u32::from_be_bytes(*checksum) {
        return None;
    }
    let label = label.split(|octet| *octet == 0).next().unwrap_or_default();
    Some((
        packet.len(),
        AppTrailer {
            uid: i32::from_be_bytes(*uid),
            label,
        },
    ))
}

/// `PCAPdroid` leaves out the Ethernet header too when the trailer would not fit, although the file says Ethernet. Called for
/// frames of no known `EtherType`. What it takes for IP must claim exactly the frame's length, so that a real address
/// that begins with 4 or 6 passes for one in about 65,536 strange frames.
#[inline(never)]
fn is_bare_ip(data: &[u8], wire_end: u32) -> bool {
    match data {
        // Version and header length, service, total length, identification, fragment, hop limit, protocol.
        [
            0x45..=0x4f,
            _,
            len0,
            len1,
            _,
            _,
            _,
            _,
            _,
            1 | 2 | 6 | 17 | 41 | 47 | 50,
            ..,
        ] => u32::from(u16::from_be_bytes([*len0, *len1])) == wire_end,
        // Version and class, flow label, payload length, next header, hop limit.
        [
            0x60..=0x6f,
            _,
            _,
            _,
            len0,
            len1,
            0 | 6 | 17 | 43 | 44 | 50 | 58 | 60,
            _,
            ..,
        ] => u32::from(u16::from_be_bytes([*len0, *len1])).saturating_add(40) == wire_end,
        _ => false,
    }
}

/// CRC-32 as Ethernet and zip use it (reflected 0x04c11db7). Reckoned only behind a matching magic, so without a table.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, octet| {
        (0..8).fold(crc ^ u32::from(*octet), |crc, _| {
            if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 }
        })
    })
}
