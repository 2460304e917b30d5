//! What a device is, from what the kernel says about it.

use super::{DeviceKind, Folder};
use crate::plain;
use std::fs;

/// Drivers of phones that share a connection over a cable (Android: RNDIS, CDC; iPhone: ipheth, CDC NCM).
const TETHER: &[&str] = &["rndis_host", "cdc_ether", "cdc_eem", "cdc_subset", "cdc_ncm", "ipheth"];
/// `ARPHRD_LOOPBACK`, and those of tunnels: PPP, none (tun, WireGuard), IP in IP, IPv6, SIT, GRE.
const LOOPBACK: u32 = 772;
const TUNNELS: &[u32] = &[512, 65_534, 768, 769, 776, 778, 823];
/// `IFF_TAP` (`linux/if_tun.h`): a virtual machine's Ethernet rather than a tunnel.
const TAP: u32 = 2;

/// What was seen of a device.
pub(super) struct Seen {
    pub(super) kind: DeviceKind,
    /// Of a bridge, those of its members that are no virtual ones.
    pub(super) members: Vec<String>,
}

pub(super) fn of(folder: &Folder, name: &str) -> Seen {
    let members = members(folder);
    let kind = if folder.has("bridge") {
        if members.is_empty() || is_of_containers(name) {
            DeviceKind::Virtual
        } else {
            DeviceKind::Ethernet
        }
    } else {
        alone(folder, name)
    };
    Seen { kind, members }
}

/// The kind of a device that is no bridge.
fn alone(folder: &Folder, name: &str) -> DeviceKind {
    let uevent = folder.text("uevent");
    let named = uevent
        .lines()
        .find_map(|line| line.strip_prefix("DEVTYPE="))
        .unwrap_or_default();
    match folder.hardware() {
        LOOPBACK => return DeviceKind::Loopback,
        kind if TUNNELS.contains(&kind) => return DeviceKind::Vpn,
        _ => {}
    }
    if let Ok(flags) = u32::from_str_radix(folder.text("tun_flags").trim_start_matches("0x"), 16) {
        return if flags & TAP == 0 {
            DeviceKind::Vpn
        } else {
            DeviceKind::Virtual
        };
    }
    if named == "wlan" || folder.has("wireless") || folder.has("phy80211") {
        return DeviceKind::Wifi;
    }
    match named {
        "wireguard" | "ppp" | "wwan" => return DeviceKind::Vpn,
        "bluetooth" => return DeviceKind::Bluetooth,
        "vlan" | "bond" if !is_of_containers(name) => return DeviceKind::Ethernet,
        _ => {}
    }
    if TETHER.contains(&folder.target("device/driver").as_str()) {
        return DeviceKind::UsbTether;
    }
    if folder.has("device") && !is_of_containers(name) {
        DeviceKind::Ethernet
    } else {
        DeviceKind::Virtual
    }
}

/// Whether a device of this name is one of Docker, Podman, LXC, Kubernetes, libvirt, `VMware` or `VirtualBox`.
pub(super) fn is_of_containers(name: &str) -> bool {
    const BEGIN: &[&str] = &[
        "docker", "podman", "lxc", "lxd", "incus", "cni", "flannel", "cali", "virbr", "vnet", "vmnet", "vboxnet",
    ];
    let network = name
        .strip_prefix("br-")
        .is_some_and(|id| id.len() == 12 && id.bytes().all(|c| c.is_ascii_hexdigit()));
    network || BEGIN.iter().any(|begin| name.starts_with(begin))
}

fn members(folder: &Folder) -> Vec<String> {
    let entries = fs::read_dir(folder.0.join("brif")).into_iter().flatten().flatten();
    let mut members: Vec<_> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| {
            let member = Folder(folder.0.join("..").join(name));
            !matches!(alone(&member, name), DeviceKind::Virtual)
        })
        .collect();
    members.sort();
    members
}

/// Words for people, beyond the kind.
pub(super) fn description(folder: &Folder, seen: &Seen) -> Option<String> {
    let usb = || {
        let of = |file: &str| folder.text(&format!("device/../{file}"));
        (folder.target("device/subsystem") == "usb").then(|| format!("{} {}", of("manufacturer"), of("product")))
    };
    let found = [Some(folder.text("ifalias")), usb(), Some(seen.members.join(", "))];
    let mut found = found.into_iter().flatten().map(|text| plain(&text));
    found.find(|text| !text.is_empty())
}
