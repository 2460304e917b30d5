//! The devices of this computer: names, kinds, addresses, counters, and which of them is likely the phone's hotspot.
//!
//! Called by the engine, as often as a sparkline needs. Asks the kernel by `/sys`, `/proc` and getifaddrs, which needs no privilege.
//! Never here: opening a device.

mod kind;
mod likely;
mod name;
mod routes;

pub use name::is_capturable_name;

use likely::Signs;
use rustix::net::{AddressFamily, SocketType, netdevice::name_to_index, socket};
use std::fmt;
use std::fs;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// A network interface on which a capture is possible.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, in any combination"
)]
pub struct Device {
    /// The kernel's name, which the capture takes.
    pub name: String,
    /// What it is.
    pub kind: DeviceKind,
    /// More words for people, where there are: the alias that somebody gave it, maker and product of a USB device, or the members of
    /// a bridge.
    pub description: Option<String>,
    /// Its hardware address, where it has one.
    pub mac: Option<[u8; 6]>,
    /// Its addresses, IPv4 first.
    pub addresses: Vec<DeviceAddress>,
    /// Switched on.
    pub up: bool,
    /// Connected: there is a cable, a network, a peer.
    pub running: bool,
    /// This computer reaches the Internet through it.
    pub default_route: bool,
    /// A phone is likely behind it: see the rule in `likely.rs`.
    pub likely: bool,
    /// What passed since it is there.
    pub counters: Counters,
}

/// What a device is, as people call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DeviceKind {
    /// A network that this computer makes for others: Wi-Fi or a bridge that is likely one.
    Hotspot,
    /// Wi-Fi.
    Wifi,
    /// A phone on a USB cable that shares its connection or ours.
    UsbTether,
    /// Ethernet, a network of several cables, or a part of one (VLAN).
    Ethernet,
    /// A network over Bluetooth.
    Bluetooth,
    /// A tunnel.
    Vpn,
    /// Of containers and virtual machines, and other devices without hardware.
    Virtual,
    /// This computer talking to itself.
    Loopback,
}

/// An address of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceAddress {
    /// The address.
    pub ip: IpAddr,
    /// How many of its bits are the network's.
    pub prefix: u8,
}

/// With its prefix: `10.42.0.1/24`.
impl fmt::Display for DeviceAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.ip, self.prefix)
    }
}

/// A MAC address as `aa:bb:cc:dd:ee:ff`.
pub fn mac_text(mac: [u8; 6]) -> String {
    mac.map(|octet| format!("{octet:02x}")).join(":")
}

/// What passed through a device since it is there, from the kernel's view: received by this computer, sent by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Octets.
    pub received_bytes: u64,
    /// Octets.
    pub sent_bytes: u64,
    /// Packets.
    pub received_packets: u64,
    /// Packets.
    pub sent_packets: u64,
}

/// The devices cannot be listed.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// The system does not say which there are.
    #[error("the network devices cannot be listed: {0}")]
    List(#[source] io::Error),
}

/// The devices on which a capture is possible, likely hotspots first, then what is connected.
pub fn devices() -> Result<Vec<Device>, DeviceError> {
    let asking = socket(AddressFamily::UNIX, SocketType::DGRAM, None);
    let asking = asking.map_err(|e| DeviceError::List(e.into()))?;
    let mut addresses = Vec::new();
    for interface in if_addrs::get_if_addrs().map_err(DeviceError::List)? {
        let (ip, prefix) = match interface.addr {
            if_addrs::IfAddr::V4(v4) => (IpAddr::V4(v4.ip), v4.prefixlen),
            if_addrs::IfAddr::V6(v6) => (IpAddr::V6(v6.ip), v6.prefixlen),
        };
        addresses.push((interface.name, DeviceAddress { ip, prefix }));
    }
    let mut devices = list(Path::new("/sys"), Path::new("/proc"), &addresses).map_err(DeviceError::List)?;
    // In a network namespace, `/sys` may be another one's.
    devices.retain(|device| name_to_index(&asking, &device.name).is_ok());
    Ok(devices)
}

/// The devices below `sys` and `proc`, with these addresses.
fn list(sys: &Path, proc: &Path, addresses: &[(String, DeviceAddress)]) -> io::Result<Vec<Device>> {
    let routes = routes::read(proc);
    let mut devices = Vec::new();
    for entry in fs::read_dir(sys.join("class/net"))? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        if is_capturable_name(&name) && entry.path().is_dir() {
            devices.push(read(&Folder(entry.path()), name, &routes, addresses));
        }
    }
    devices.sort_by(|a, b| likely::order(a).cmp(&likely::order(b)));
    Ok(devices)
}

fn read(folder: &Folder, name: String, routes: &routes::Routes, addresses: &[(String, DeviceAddress)]) -> Device {
    let mut own: Vec<_> = addresses
        .iter()
        .filter(|(of, _)| *of == name)
        .map(|(_, address)| *address)
        .collect();
    own.sort_by_key(|address| address.ip);
    let count = |file: &str| folder.text(&format!("statistics/{file}")).parse().unwrap_or(0);
    let seen = kind::of(folder, &name);
    let default_route = routes.default.contains(&name);
    let up = folder.flags() & UP != 0;
    let running = up && folder.is_connected();
    let signs = Signs {
        usable: running && !default_route && !folder.has("brport"),
        private: own.iter().any(|address| likely::is_private(address.ip)),
        neighbours: routes.neighbours.contains(&name),
        bridge: folder.has("bridge"),
        containers: kind::is_of_containers(&name),
        members: !seen.members.is_empty(),
    };
    let likely = likely::is_likely(seen.kind, &signs);
    Device {
        kind: if likely && (seen.kind == DeviceKind::Wifi || signs.bridge) {
            DeviceKind::Hotspot
        } else {
            seen.kind
        },
        description: kind::description(folder, &seen),
        mac: folder.mac(),
        addresses: own,
        up,
        running,
        default_route,
        likely,
        counters: Counters {
            received_bytes: count("rx_bytes"),
            sent_bytes: count("tx_bytes"),
            received_packets: count("rx_packets"),
            sent_packets: count("tx_packets"),
        },
        name,
    }
}

/// `IFF_UP` (linux/if.h).
const UP: u32 = 1;
/// `ARPHRD_ETHER` (`linux/if_arp.h`): the devices with a hardware address of six octets.
const ETHER: u32 = 1;

/// What `/sys` has of one device.
struct Folder(PathBuf);

impl Folder {
    fn has(&self, file: &str) -> bool {
        self.0.join(file).exists()
    }

    /// A file's text without blanks around it; empty if there is none, or the device does not say just now.
    fn text(&self, file: &str) -> String {
        fs::read_to_string(self.0.join(file))
            .unwrap_or_default()
            .trim()
            .to_owned()
    }

    fn flags(&self) -> u32 {
        u32::from_str_radix(self.text("flags").trim_start_matches("0x"), 16).unwrap_or(0)
    }

    /// The hardware type (`ARPHRD_`).
    fn hardware(&self) -> u32 {
        self.text("type").parse().unwrap_or(u32::MAX)
    }

    /// Devices without a notion of it say `unknown`; then the carrier counts.
    fn is_connected(&self) -> bool {
        match self.text("operstate").as_str() {
            "up" => true,
            "unknown" => self.text("carrier") != "0",
            _ => false,
        }
    }

    fn mac(&self) -> Option<[u8; 6]> {
        let mut mac = [0; 6];
        let text = self.text("address");
        let mut parts = text.split(':');
        for octet in &mut mac {
            *octet = u8::from_str_radix(parts.next()?, 16).ok()?;
        }
        (self.hardware() == ETHER && parts.next().is_none()).then_some(mac)
    }

    /// The name that a link points at: a driver, a subsystem.
    fn target(&self, link: &str) -> String {
        let target = fs::read_link(self.0.join(link)).unwrap_or_default();
        target.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}

#[cfg(test)]
mod tests;
