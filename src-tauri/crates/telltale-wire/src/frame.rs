//! One captured packet, dissected: borrowed slices and plain numbers, `Copy` where it can be, no heap.

use crate::{DissectError, LinkType, ether_type};
use std::net::IpAddr;

/// IP packets inside one another that are opened; deeper ones count as one opaque payload. Real nesting is at most two
/// (GTP-U in a VXLAN); each level costs stack, and a stranger can nest as deep as 64 kB allow.
pub const MAX_TUNNEL_DEPTH: usize = 4;

/// What one captured packet says, from the link header to the transport payload.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Link header.
    pub link: LinkHeader,
    /// IP packets, outermost first; what a tunnel carries follows its carrier. Use [`Frame::ip`].
    pub(crate) ip: [Option<IpPacket<'a>>; MAX_TUNNEL_DEPTH],
    /// What ended the reading early, if anything did; all that is here was read before.
    pub stop: Option<DissectError>,
    /// The app of the packet, where the capture names it: `PCAPdroid`'s trailer, PKTAP's process, the netfilter log's user.
    pub app: Option<AppTrailer<'a>>,
}

impl<'a> Frame<'a> {
    /// The IP packets found, outermost first.
    pub fn ip(&self) -> impl Iterator<Item = &IpPacket<'a>> {
        self.ip.iter().map_while(Option::as_ref)
    }

    /// Octets of `data`, the packet that this frame was dissected from, that are headers: everything before the innermost transport
    /// payload. What follows is what was said. Of a packet without IP the first [`LINK_ONLY`] octets count, and an ARP message.
    pub fn header_len(&self, data: &[u8]) -> usize {
        let Some(ip) = self.ip().last() else {
            let arp = self.link.ether_type == Some(ether_type::ARP);
            return data
                .len()
                .min(if arp { LINK_ONLY.saturating_add(ARP) } else { LINK_ONLY });
        };
        // Both borrow the same packet; if not, nothing counts as a header.
        let before = ip.payload.as_ptr().addr().checked_sub(data.as_ptr().addr());
        let Some(before) = before.filter(|n| *n <= data.len()) else {
            return 0;
        };
        let transport = match ip.transport {
            // The length by the header itself, and never more than one can have.
            Transport::Tcp(_) => ip
                .payload
                .get(12)
                .map_or(20, |o| usize::from(o >> 4).saturating_mul(4).clamp(20, 60)),
            Transport::Udp { .. } | Transport::Icmp { .. } => 8,
            // Nothing could be read of it: no more than a header without options.
            Transport::Cut => 20,
            Transport::LaterFragment | Transport::Other => 0,
        };
        before.saturating_add(transport.min(ip.payload.len())).min(data.len())
    }
}

/// Octets of a link header that count as headers where nothing behind it is read: an Ethernet header's.
const LINK_ONLY: usize = 14;
/// Octets of an ARP message for IPv4 over Ethernet (RFC 826), and of a VLAN tag before it.
const ARP: usize = 32;

/// What the link header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkHeader {
    /// Link type after PPI or PKTAP were opened.
    pub link_type: LinkType,
    /// Sender's MAC address, where the link has one.
    pub source_mac: Option<[u8; 6]>,
    /// Receiver's MAC address, where the link has one.
    pub destination_mac: Option<[u8; 6]>,
    /// Outermost VLAN id (802.1Q or 802.1ad), 0 to 4095.
    pub vlan: Option<u16>,
    /// `EtherType` of the payload where the link tells one (0x0800 IPv4, 0x86dd IPv6, 0x0806 ARP), also for raw IP.
    pub ether_type: Option<u16>,
    /// A protected 802.11 data frame: its payload cannot be read, and is counted as an encrypted radio packet.
    pub encrypted: bool,
}

/// One IP packet and what it carries.
#[derive(Clone, Copy, Debug)]
pub struct IpPacket<'a> {
    /// Source address.
    pub source: IpAddr,
    /// Destination address.
    pub destination: IpAddr,
    /// Protocol number after IPv6 extension headers (IANA: 6 TCP, 17 UDP).
    pub protocol: u8,
    /// Octets that the header claims: IPv4 total length, IPv6 payload length plus 40 (what is left, if the header says 0, as offload does).
    pub len: u32,
    /// Hop limit or time to live.
    pub hop_limit: u8,
    /// Set when the packet is one fragment of a larger one.
    pub fragment: Option<Fragment>,
    /// Octets behind the IP header (and extension headers), as captured and cut to the claimed length.
    pub payload: &'a [u8],
    /// The transport header and payload.
    pub transport: Transport<'a>,
    /// How the next IP packet of the frame is carried by this one, if there is a next one.
    pub carries: Option<Tunnel>,
}

/// Place of one fragment in its datagram (RFC 791 section 3.2, RFC 8200 section 4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// Identification, with source, destination and protocol the key of the datagram.
    pub id: u32,
    /// Octets from the start of the datagram's payload.
    pub offset: u32,
    /// More fragments follow.
    pub more: bool,
}

/// How one IP packet rides in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tunnel {
    /// IP directly in IP (RFC 2003, RFC 4213: 6in4).
    IpInIp,
    /// GRE (RFC 2784), also with an Ethernet frame inside.
    Gre,
    /// VXLAN (RFC 7348).
    Vxlan,
    /// GTP-U (3GPP TS 29.281).
    GtpU,
    /// Teredo (RFC 4380).
    Teredo,
}

/// The transport header, or why there is none.
#[derive(Clone, Copy, Debug)]
pub enum Transport<'a> {
    /// TCP (RFC 9293).
    Tcp(Tcp<'a>),
    /// UDP (RFC 768).
    Udp {
        /// Source port.
        source_port: u16,
        /// Destination port.
        destination_port: u16,
        /// Octets behind the header, as captured, cut to the header's length.
        payload: &'a [u8],
    },
    /// ICMP or `ICMPv6`; a quoted packet inside is no flow.
    Icmp {
        /// Type.
        kind: u8,
        /// Code.
        code: u8,
    },
    /// A fragment that is not the first: no ports.
    LaterFragment,
    /// Another protocol (see [`IpPacket::protocol`]).
    Other,
    /// The captured octets end before the ports.
    Cut,
}

/// TCP header fields and payload. Of a header that is cut behind its ports the other fields are 0, and [`Frame::stop`] says so.
#[derive(Clone, Copy, Debug)]
pub struct Tcp<'a> {
    /// Source port.
    pub source_port: u16,
    /// Destination port.
    pub destination_port: u16,
    /// Sequence number of the first payload octet (of the SYN itself, when set).
    pub sequence: u32,
    /// Acknowledgement number.
    pub acknowledgement: u32,
    /// Control bits.
    pub flags: TcpFlags,
    /// Octets behind the header as captured.
    pub payload: &'a [u8],
    /// Payload octets on the wire: more than `payload` holds when the snap length cut the packet.
    pub payload_len: u32,
}

/// TCP control bits (RFC 9293 section 3.1), least significant first: FIN, SYN, RST, PSH, ACK.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct TcpFlags(pub u8);

impl TcpFlags {
    /// No more data from the sender.
    pub const fn fin(self) -> bool {
        self.0 & 0x01 != 0
    }
    /// Synchronise sequence numbers.
    pub const fn syn(self) -> bool {
        self.0 & 0x02 != 0
    }
    /// Reset the connection.
    pub const fn rst(self) -> bool {
        self.0 & 0x04 != 0
    }
    /// The acknowledgement number counts.
    pub const fn ack(self) -> bool {
        self.0 & 0x10 != 0
    }
}

/// Who sent or receives the packet on the capturing machine: from `PCAPdroid`'s per-packet trailer (32 octets behind the fake
/// Ethernet frame), from PKTAP (no user id), or from the netfilter log (no label).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppTrailer<'a> {
    /// Android's user id of the app; -1 unknown.
    pub uid: i32,
    /// App label or process name as written, at most 20 octets, cut at NUL, perhaps empty; UTF-8 not guaranteed.
    pub label: &'a [u8],
}

#[cfg(test)]
mod tests {
    use crate::octets::{ethernet, tcp, udp, v4, v6};
    use crate::{LinkType, dissect};

    const SECRET: &[u8] = b"what was said";

    fn kept(packet: &[u8]) -> &[u8] {
        let len = u32::try_from(packet.len()).unwrap();
        let header_len = dissect(LinkType::ETHERNET, packet, len).header_len(packet);
        &packet[..header_len]
    }

    #[test]
    fn headers_end_where_the_payload_begins() {
        for (segment, protocol, header) in [(tcp(443, SECRET), 6, 20), (udp(53, SECRET), 17, 8)] {
            assert_eq!(kept(&ethernet(0x0800, &v4(protocol, &segment))).len(), 14 + 20 + header);
            assert_eq!(kept(&ethernet(0x86dd, &v6(protocol, &segment))).len(), 14 + 40 + header);
        }
        let mut options = tcp(443, &[[1; 12].as_slice(), SECRET].concat());
        options[12] = 0x80;
        assert_eq!(kept(&ethernet(0x0800, &v4(6, &options))).len(), 14 + 20 + 32);
        let echo = [&[8, 0, 0, 0, 0, 1, 0, 1], SECRET].concat();
        assert_eq!(kept(&ethernet(0x0800, &v4(1, &echo))).len(), 14 + 20 + 8);
    }

    #[test]
    fn of_a_tunnel_the_headers_inside_count() {
        let inner = v4(6, &tcp(443, SECRET));
        let teredo_like = v6(41, &v6(17, &udp(53, SECRET)));
        assert_eq!(kept(&ethernet(0x0800, &v4(4, &inner))).len(), 14 + 20 + 20 + 20);
        assert_eq!(kept(&ethernet(0x86dd, &teredo_like)).len(), 14 + 40 + 40 + 8);
    }

    #[test]
    fn what_cannot_be_read_is_not_kept() {
        let mut bad_tcp = tcp(443, &SECRET.repeat(9));
        bad_tcp[12] = 0x10;
        let unknown = v4(50, &SECRET.repeat(9));
        let no_ip = ethernet(0x88b5, &SECRET.repeat(9));
        let bad_ip = ethernet(0x0800, &SECRET.repeat(9));
        for (packet, len) in [
            (ethernet(0x0800, &v4(6, &bad_tcp)), 54),
            (ethernet(0x0800, &unknown), 34),
            (no_ip, 14),
            (bad_ip, 14),
        ] {
            assert_eq!(kept(&packet).len(), len);
        }
        let arp = ethernet(0x0806, &[0; 28]);
        assert_eq!(kept(&arp), arp);
    }

    #[test]
    fn octets_of_another_packet_have_no_headers() {
        let packet = ethernet(0x0800, &v4(6, &tcp(443, SECRET)));
        let frame = dissect(LinkType::ETHERNET, &packet, 67);
        assert_eq!(frame.header_len(&[]), 0);
    }
}
