//! Link types as capture files number them (<https://www.tcpdump.org/linktypes.html>).

/// A `LINKTYPE_` value. A newtype, not an enum: files hold any number, and an unknown one is shown, not refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LinkType(pub u16);

impl LinkType {
    /// BSD loopback: 4-octet address family in the host order of the capturing machine.
    pub const NULL: Self = Self(0);
    /// Ethernet II / 802.3.
    pub const ETHERNET: Self = Self(1);
    /// PPP in HDLC-like framing or bare.
    pub const PPP: Self = Self(9);
    /// PPP in HDLC-like framing, or Cisco's HDLC.
    pub const PPP_HDLC: Self = Self(50);
    /// PPP over Ethernet payload after PPP discovery (`LINKTYPE_PPP_ETHER`).
    pub const PPP_ETHER: Self = Self(51);
    /// Raw IP as older BSDs number it in files.
    pub const RAW_BSD: Self = Self(12);
    /// Raw IP as OpenBSD numbers it.
    pub const RAW_OPENBSD: Self = Self(14);
    /// Raw IPv4 or IPv6 (`LINKTYPE_RAW`).
    pub const RAW: Self = Self(101);
    /// Cisco's HDLC (`LINKTYPE_C_HDLC`).
    pub const CISCO_HDLC: Self = Self(104);
    /// 802.11 without radio header.
    pub const IEEE802_11: Self = Self(105);
    /// OpenBSD loopback: 4-octet address family in network order.
    pub const LOOP: Self = Self(108);
    /// Linux cooked capture v1.
    pub const LINUX_SLL: Self = Self(113);
    /// 802.11 behind a Prism header.
    pub const IEEE802_11_PRISM: Self = Self(119);
    /// 802.11 behind a radiotap header.
    pub const IEEE802_11_RADIOTAP: Self = Self(127);
    /// A number free for private use, under which older programs of Apple write PKTAP.
    pub const APPLE_PKTAP_USER: Self = Self(149);
    /// 802.11 behind an AVS header.
    pub const IEEE802_11_AVS: Self = Self(163);
    /// Per-packet information header, which names the link type inside.
    pub const PPI: Self = Self(192);
    /// PPP behind one octet that tells the direction.
    pub const PPP_WITH_DIRECTION: Self = Self(204);
    /// Raw IPv4.
    pub const IPV4: Self = Self(228);
    /// Raw IPv6.
    pub const IPV6: Self = Self(229);
    /// Linux netfilter log.
    pub const NFLOG: Self = Self(239);
    /// Apple's PKTAP, which names the link type inside and the process.
    pub const PKTAP: Self = Self(258);
    /// Linux cooked capture v2.
    pub const LINUX_SLL2: Self = Self(276);
}

impl std::fmt::Display for LinkType {
    /// The name that a person may know, else the number.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match *self {
            Self::NULL | Self::LOOP => "loopback",
            Self::ETHERNET => "Ethernet",
            Self::PPP | Self::PPP_HDLC | Self::PPP_ETHER | Self::PPP_WITH_DIRECTION => "PPP",
            Self::CISCO_HDLC => "Cisco HDLC",
            Self::RAW_BSD | Self::RAW_OPENBSD | Self::RAW | Self::IPV4 | Self::IPV6 => "raw IP",
            Self::IEEE802_11 => "Wi-Fi",
            Self::IEEE802_11_RADIOTAP | Self::IEEE802_11_PRISM | Self::IEEE802_11_AVS => "Wi-Fi with radio header",
            Self::LINUX_SLL | Self::LINUX_SLL2 => "Linux cooked capture",
            Self::PPI => "PPI",
            Self::NFLOG => "Linux netfilter log",
            Self::PKTAP | Self::APPLE_PKTAP_USER => "Apple PKTAP",
            // Not read, and named so that a person knows what the file holds instead of IP.
            Self(186 | 189 | 220 | 249 | 266) => "USB",
            Self(187 | 201 | 251 | 254 | 255 | 256 | 272) => "Bluetooth",
            Self(195 | 215 | 230 | 283) => "IEEE 802.15.4 (Zigbee, Thread)",
            Self(227) => "CAN bus",
            Self(other) => return write!(f, "link type {other}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_name_or_its_number() {
        let named = [
            (1, "Ethernet"),
            (12, "raw IP"),
            (50, "PPP"),
            (163, "Wi-Fi with radio header"),
            (201, "Bluetooth"),
        ];
        for (number, name) in named {
            assert_eq!(LinkType(number).to_string(), name);
        }
        assert_eq!(LinkType(300).to_string(), "link type 300");
    }
}
