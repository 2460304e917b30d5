//! 802.11 data frames (IEEE 802.11-2020 section 9.3.2), and the radio headers before them: radiotap, Prism, AVS.

use super::{Opening, cut_end, ethernet};
use crate::{LinkHeader, LinkType, Reader};

/// Presence words of one radiotap header that are read: each stands for one antenna; drivers write up to five.
const MAX_PRESENCE_WORDS: usize = 32;

/// What the radio header says about the frame behind it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Radio {
    /// A 4-octet checksum stands at the end of the frame.
    pub(super) checksum: bool,
    /// The 802.11 header is padded to a multiple of 4 octets.
    pub(super) padded: bool,
}

/// A frame behind a radio header.
pub(super) fn with_radio<'a>(
    link: LinkType,
    reader: Reader<'a>,
    wire_end: u32,
    header: &mut LinkHeader,
) -> Opening<'a> {
    let mut r = reader;
    let (len, radio) = match link {
        LinkType::IEEE802_11_RADIOTAP => radiotap(r)?,
        // Both say their length after a version or message code: AVS always in network order, Prism in the host's.
        LinkType::IEEE802_11_AVS => {
            r.skip(4)?;
            (r.u32()?, Radio::default())
        }
        _ => {
            let code = r.u32()?;
            let len = r.u32()?;
            // Message code 0x00000044 (or 41) tells the order.
            (if code > 0xffff { len.swap_bytes() } else { len }, Radio::default())
        }
    };
    let mut body = reader;
    body.skip(len as usize)?;
    frame(body, wire_end, radio, header)
}

/// Length and flags of a radiotap header (<https://www.radiotap.org>); all little-endian.
fn radiotap(reader: Reader<'_>) -> Result<(u32, Radio), crate::DissectError> {
    let mut r = reader;
    let [version, _, len0, len1] = r.array::<4>()?;
    if version != 0 {
        return Err(reader.malformed("radiotap has version 0"));
    }
    let len = u16::from_le_bytes([len0, len1]);
    let first = u32::from_le_bytes(r.array()?);
    let mut word = first;
    for _ in 0..MAX_PRESENCE_WORDS {
        if word & 1 << 31 == 0 {
            break;
        }
        word = u32::from_le_bytes(r.array()?);
    }
    let mut radio = Radio::default();
    if first & 0b10 != 0 {
        if first & 0b01 != 0 {
            // The time stamp before the flags is 8 octets, aligned to 8 from the header's start.
            let read = r.offset().wrapping_sub(reader.offset());
            r.skip((read.wrapping_neg() & 7) as usize)?;
            r.skip(8)?;
        }
        let flags = r.u8()?;
        radio = Radio {
            checksum: flags & 0x10 != 0,
            padded: flags & 0x20 != 0,
        };
    }
    Ok((u32::from(len), radio))
}

/// An 802.11 frame. Only data frames carry packets; of an aggregate (A-MSDU) the first is read.
pub(super) fn frame<'a>(reader: Reader<'a>, wire_end: u32, radio: Radio, header: &mut LinkHeader) -> Opening<'a> {
    let mut r = reader;
    let wire_end = if radio.checksum {
        cut_end(&mut r, wire_end, 4)
    } else {
        wire_end
    };
    let [kind, flags] = r.array::<2>()?;
    let (is_data, has_payload) = (kind & 0x0c == 0x08, kind & 0x40 == 0);
    if !is_data || !has_payload {
        return Ok(None);
    }
    r.skip(2)?; // duration
    let (first, second, third) = (r.array::<6>()?, r.array::<6>()?, r.array::<6>()?);
    let fragment = r.u16()?.swap_bytes() & 0x000f;
    let (to_station_system, from_station_system) = (flags & 0x01 != 0, flags & 0x02 != 0);
    let (destination, source) = match (to_station_system, from_station_system) {
        (false, false) => (first, second),
        (false, true) => (first, third),
        (true, false) => (third, second),
        (true, true) => (third, r.array::<6>()?),
    };
    header.destination_mac = Some(destination);
    header.source_mac = Some(source);
    let mut aggregate = false;
    if kind & 0x80 != 0 {
        aggregate = r.u16()? & 0x8000 != 0; // quality of service control, little-endian: bit 7 of its first octet
        if flags & 0x80 != 0 {
            r.skip(4)?; // HT control
        }
    }
    if flags & 0x40 != 0 {
        header.encrypted = true;
        return Ok(None);
    }
    if fragment != 0 {
        return Err(r.malformed("later fragments of an 802.11 frame are not put together"));
    }
    if radio.padded {
        let read = r.offset().wrapping_sub(reader.offset());
        r.skip((read.wrapping_neg() & 3) as usize)?;
    }
    if aggregate {
        r.skip(12)?; // its own destination and source
        let len = r.u16()?;
        r.limit(usize::from(len));
    }
    match ethernet::llc(&mut r)? {
        Some(kind) => ethernet::payload(kind, r, wire_end, header),
        None => Ok(None),
    }
}
