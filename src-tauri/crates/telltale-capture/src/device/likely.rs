//! Which device a phone is likely behind.
//!
//! The rule: it is connected, has a private IPv4 or IPv6 address of its own, this computer does not reach the Internet through it, it is
//! no mere member of a bridge, and one of these holds:
//! - it is Wi-Fi: a computer that is a guest in a Wi-Fi nearly always has its default route there, so without one it is the host;
//! - it is a bridge with hardware in it: what access points and shared connections are made of;
//! - it is anything else but a tunnel or of containers, and somebody has answered there (a neighbour in the ARP table).
//!
//! A phone that shares its own connection with this computer is not meant: its own traffic does not pass here.

use super::{Device, DeviceKind};
use std::net::IpAddr;

/// What speaks for and against a device.
#[allow(clippy::struct_excessive_bools, reason = "each is one sign of its own, read once")]
pub(super) struct Signs {
    /// Connected, without a default route, no member of a bridge.
    pub(super) usable: bool,
    pub(super) private: bool,
    pub(super) neighbours: bool,
    pub(super) bridge: bool,
    pub(super) containers: bool,
    /// Of a bridge: there is hardware in it.
    pub(super) members: bool,
}

pub(super) fn is_likely(kind: DeviceKind, signs: &Signs) -> bool {
    let possible = signs.usable && signs.private && !signs.containers;
    possible
        && match kind {
            DeviceKind::Hotspot | DeviceKind::Wifi => true,
            _ if signs.bridge && signs.members => true,
            DeviceKind::Ethernet | DeviceKind::UsbTether | DeviceKind::Bluetooth | DeviceKind::Virtual => {
                signs.neighbours
            }
            DeviceKind::Vpn | DeviceKind::Loopback => false,
        }
}

/// RFC 1918, and RFC 4193 for IPv6.
pub(super) fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.is_private(),
        IpAddr::V6(v6) => v6.is_unique_local(),
    }
}

/// Likely ones first, then what is connected, by kind, by name.
pub(super) fn order(device: &Device) -> (bool, bool, bool, DeviceKind, &str) {
    (!device.likely, !device.running, !device.up, device.kind, &device.name)
}
