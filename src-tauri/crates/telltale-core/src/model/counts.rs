//! Counters: what was seen, and what could not be.

use serde::{Deserialize, Serialize};

/// Packets and octets of one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Tally {
    /// Packets.
    pub packets: u64,
    /// Octets on the wire, link header included; for a flow inside a tunnel, octets of its own IP packets.
    pub bytes: u64,
    /// Octets of the IP packets, IP header included.
    pub ip_bytes: u64,
}

/// Everything that passed, and everything that was lost on the way; nothing is lost silently.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Counts {
    /// Packets of the capture.
    pub packets: u64,
    /// Octets of these packets on the wire.
    pub bytes: u64,
    /// Octets that the capture holds of them; less than `bytes` under a snap length.
    pub captured_bytes: u64,
    /// Packets without an IP header (ARP, 802.11 management ...).
    pub non_ip_packets: u64,
    /// Packets of a radio network whose payload is encrypted: nothing in them can be read.
    pub encrypted_radio_packets: u64,
    /// Packets whose reading stopped early (malformed or cut), whatever was understood before.
    pub undecoded_packets: u64,
    /// Packets cut by the snap length.
    pub cut_packets: u64,
    /// Fragments that carry no ports and therefore belong to no flow.
    pub later_fragments: u64,
    /// IP packets of other kinds that belong to no flow (ICMP, IGMP ...).
    pub other_ip_packets: u64,
    /// Packets that the kernel dropped before the capture saw them, as the capture says.
    pub dropped_by_kernel: u64,
    /// Packets that the network interface dropped, as the capture says.
    pub dropped_by_interface: u64,
    /// Flows that were merged into one remainder because more came than [`crate::limits::MAX_FLOWS`] holds, or that are counted under
    /// one row for many servers because a live audit met more than [`crate::limits::MAX_LIVE_SERVERS`].
    pub evicted_flows: u64,
    /// Streams whose reassembly was given up at a limit.
    pub abandoned_streams: u64,
    /// DNS answers that were dropped at a limit.
    pub dropped_names: u64,
    /// Packets whose time stamp lies before that of an earlier packet.
    pub time_went_back: u64,
}

/// How much of the devices' traffic could be named; shares are of octets at IP level, all devices together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Coverage {
    /// Octets between devices and remotes: the whole that the others are parts of.
    pub bytes: u64,
    /// Named by what the traffic itself said (SNI, QUIC SNI, Host, certificate).
    pub observed_name_bytes: u64,
    /// Named by the device's DNS answers or reverse DNS.
    pub inferred_name_bytes: u64,
    /// No name, but a known network owner.
    pub address_only_bytes: u64,
    /// Inside a VPN, proxy or relay: what lies behind is hidden.
    pub tunnel_bytes: u64,
    /// Flows that asked an encrypted DNS resolver: names asked there stay unseen.
    pub encrypted_dns_flows: u64,
    /// Handshakes with an encrypted `ClientHello`: only the outer name was seen.
    pub ech_hellos: u64,
    /// Flows that began before the capture did: their handshake was missed.
    pub started_before: u64,
    /// Clear-text share: octets of flows in which HTTP or other readable text was seen.
    pub clear_text_bytes: u64,
}
