//! `EtherType` numbers that this crate reads (IANA "IEEE 802 Numbers"). Words of `link` and `tunnel` only.

/// IPv4.
pub(crate) const IPV4: u16 = 0x0800;
/// IPv6.
pub(crate) const IPV6: u16 = 0x86dd;
/// ARP.
pub(crate) const ARP: u16 = 0x0806;
/// 802.1Q tag.
pub(crate) const VLAN: u16 = 0x8100;
/// 802.1ad service tag.
pub(crate) const PROVIDER_VLAN: u16 = 0x88a8;
/// Service tag as older switches wrote it (Q-in-Q).
pub(crate) const OLD_PROVIDER_VLAN: u16 = 0x9100;
/// The same, second number in use.
pub(crate) const OLD_PROVIDER_VLAN_2: u16 = 0x9200;
/// MPLS unicast.
pub(crate) const MPLS: u16 = 0x8847;
/// MPLS multicast, or upstream-assigned labels.
pub(crate) const MPLS_UPSTREAM: u16 = 0x8848;
/// `PPPoE` discovery.
pub(crate) const PPPOE_DISCOVERY: u16 = 0x8863;
/// `PPPoE` session.
pub(crate) const PPPOE_SESSION: u16 = 0x8864;
/// PPP, as GRE version 1 names it (RFC 2637).
pub(crate) const PPP: u16 = 0x880b;
/// A whole Ethernet frame (transparent Ethernet bridging, RFC 1701).
pub(crate) const ETHERNET: u16 = 0x6558;
/// EAP over LAN.
pub(crate) const EAPOL: u16 = 0x888e;
/// Values up to this one are 802.3 lengths, not types.
pub(crate) const MAX_LENGTH: u16 = 1500;
