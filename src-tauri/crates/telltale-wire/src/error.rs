//! Why a packet could not be read to its end. `Copy`, no heap: it is returned per packet and counted, never logged.

/// Where in the packet the reading stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Layer {
    /// Link header (Ethernet, cooked capture, 802.11, PPP ...).
    Link,
    /// IPv4 or IPv6 header, its options and extension headers.
    Ip,
    /// TCP, UDP or ICMP header.
    Transport,
    /// What a tunnel carries (GRE, VXLAN, GTP-U, Teredo, 6in4).
    Tunnel,
    /// A DNS message.
    Dns,
    /// A TLS record or handshake message.
    Tls,
    /// A DTLS record or handshake message.
    Dtls,
    /// A QUIC packet, of IETF's or Google's kind.
    Quic,
    /// An HTTP/1 head.
    Http,
    /// An X.509 certificate.
    Certificate,
    /// A STUN message.
    Stun,
    /// A DHCP message.
    Dhcp,
}

/// What was wrong there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The bytes end early: the field needs `need` octets, `have` are there. Normal under a snap length.
    Truncated {
        /// Octets that the field needs.
        need: u32,
        /// Octets that were there.
        have: u32,
    },
    /// The bytes contradict the protocol; the text names the rule.
    Malformed(&'static str),
    /// A kind that Telltale does not read; the number is the protocol's own.
    Unsupported(u32),
}

/// What stopped the reading of one packet or message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DissectError {
    /// The layer that failed.
    pub layer: Layer,
    /// Octets from the start of what was handed in to the field that failed.
    pub offset: u32,
    /// What was wrong.
    pub kind: ErrorKind,
}
