//! Link headers: from a packet's first octet to its network payload, whatever the capture's link type.
//!
//! Called by `dissect`; `tunnel` uses the Ethernet part for frames inside tunnels. Never here: anything about IP.

mod cooked;
pub(crate) mod ethernet;
mod ieee80211;
mod ppp;
mod trailer;
mod wrapped;

use crate::{DissectError, Frame, Layer, LinkHeader, LinkType, Reader, ether_type};

/// The network payload behind the link header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Payload<'a> {
    /// What it is.
    pub(crate) ether_type: u16,
    /// At its first octet.
    pub(crate) reader: Reader<'a>,
    /// Octets from the start of the frame to its end on the wire, without a trailer.
    pub(crate) wire_end: u32,
}

/// What opening a link header gives: `Ok(None)` when the packet carries nothing that Telltale reads (802.11 management,
/// spanning tree ...).
pub(crate) type Opening<'a> = Result<Option<Payload<'a>>, DissectError>;

impl LinkHeader {
    /// A header of which only the link type is known.
    #[inline]
    pub(crate) const fn of(link_type: LinkType) -> Self {
        Self {
            link_type,
            source_mac: None,
            destination_mac: None,
            vlan: None,
            ether_type: None,
            encrypted: false,
        }
    }
}

/// Opens the link header of `link` and writes it, and the app if the packet names one, into `frame`.
#[inline]
pub(crate) fn open<'a>(link: LinkType, data: &'a [u8], original_len: u32, frame: &mut Frame<'a>) -> Opening<'a> {
    let reader = Reader::new(Layer::Link, data);
    // A file may claim a packet shorter than what it holds of it; the octets are there.
    let wire_end = original_len.max(reader.end());
    let opened = match link {
        LinkType::ETHERNET => trailer::ethernet(reader, wire_end, frame),
        _ => other(link, reader, wire_end, frame),
    };
    if let Ok(Some(payload)) = opened {
        frame.link.ether_type = Some(payload.ether_type);
    }
    opened
}

/// Opens every link type but Ethernet.
fn other<'a>(link: LinkType, reader: Reader<'a>, wire_end: u32, frame: &mut Frame<'a>) -> Opening<'a> {
    let (link, reader) = wrapped::unwrap(link, reader, frame)?;
    frame.link.link_type = link;
    let header = &mut frame.link;
    match link {
        LinkType::ETHERNET => ethernet::frame(reader, wire_end, header),
        LinkType::RAW | LinkType::RAW_BSD | LinkType::RAW_OPENBSD | LinkType::IPV4 | LinkType::IPV6 => {
            raw(reader, wire_end)
        }
        LinkType::NULL | LinkType::LOOP => loopback(link, reader, wire_end),
        LinkType::LINUX_SLL => cooked::v1(reader, wire_end, header),
        LinkType::LINUX_SLL2 => cooked::v2(reader, wire_end, header),
        LinkType::PPP => ppp::bare(reader, wire_end, header),
        LinkType::PPP_HDLC | LinkType::CISCO_HDLC => ppp::hdlc(reader, wire_end, header),
        LinkType::PPP_WITH_DIRECTION => ppp::with_direction(reader, wire_end, header),
        LinkType::PPP_ETHER => ppp::over_ethernet(reader, wire_end, header),
        LinkType::IEEE802_11 => ieee80211::frame(reader, wire_end, ieee80211::Radio::default(), header),
        LinkType::IEEE802_11_RADIOTAP | LinkType::IEEE802_11_PRISM | LinkType::IEEE802_11_AVS => {
            ieee80211::with_radio(link, reader, wire_end, header)
        }
        LinkType::NFLOG => wrapped::nflog(reader, wire_end, frame),
        LinkType(number) => Err(reader.unsupported(u32::from(number))),
    }
}

/// Raw IP: the version is in the first four bits.
#[inline]
pub(super) fn raw(reader: Reader<'_>, wire_end: u32) -> Opening<'_> {
    let ether_type = match reader.rest().first().map(|first| first >> 4) {
        Some(4) => ether_type::IPV4,
        Some(6) => ether_type::IPV6,
        Some(_) => return Err(reader.malformed("raw IP begins with version 4 or 6")),
        None => return Err(reader.truncated(1)),
    };
    Ok(Some(Payload {
        ether_type,
        reader,
        wire_end,
    }))
}

/// BSD loopback: an address family, in the byte order of whoever captured (`NULL`) or of the network (`LOOP`).
fn loopback(link: LinkType, reader: Reader<'_>, wire_end: u32) -> Opening<'_> {
    let mut r = reader;
    let family = r.u32()?;
    // A family is a small number: what looks huge was written in the other order.
    let family = if link == LinkType::NULL && family > 0xffff {
        family.swap_bytes()
    } else {
        family
    };
    let ether_type = match family {
        2 => ether_type::IPV4,
        // IPv6 is 10 on Linux, 23 on Windows, 24 on NetBSD and OpenBSD, 28 on FreeBSD, 30 on macOS and iOS.
        10 | 23 | 24 | 28 | 30 => ether_type::IPV6,
        _ => return Ok(None),
    };
    Ok(Some(Payload {
        ether_type,
        reader: r,
        wire_end,
    }))
}

/// Cuts `len` octets off the end, where they were captured at all: a checksum behind the frame.
pub(super) fn cut_end(reader: &mut Reader<'_>, wire_end: u32, len: u32) -> u32 {
    let end = wire_end.saturating_sub(len);
    let kept = end.saturating_sub(reader.offset());
    reader.limit(kept as usize);
    end
}

#[cfg(test)]
mod tests;
