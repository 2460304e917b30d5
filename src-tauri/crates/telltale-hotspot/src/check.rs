//! Says whether this computer can make a hotspot, from what `NetworkManager` and the system's files say now.
//!
//! Called by [`crate::Network::check`]; pure but for [`Machine`]. Nothing is changed, and nobody is asked for a password.

use crate::bus::{ACCESS_POINT, ACTIVE, DEVICE, NAME, Objects, Properties, ROOT, WIRELESS, get};
use crate::machine::Machine;
use crate::{Check, HotspotDevice, WhyNot};
use std::collections::{BTreeMap, BTreeSet};
use zbus::{ObjectPath, OwnedObjectPath, Variant};

/// `NMDeviceType`.
mod kind {
    pub(super) const ETHERNET: u32 = 1;
    pub(super) const WIFI: u32 = 2;
    pub(super) const BLUETOOTH: u32 = 5;
    pub(super) const MODEM: u32 = 8;
}
/// `NMDeviceState`.
pub(crate) mod state {
    pub(crate) const UNMANAGED: u32 = 10;
    pub(crate) const UNAVAILABLE: u32 = 20;
    pub(crate) const PREPARE: u32 = 40;
    pub(crate) const ACTIVATED: u32 = 100;
}
/// `NM80211Mode`.
const MODE_AP: u32 = 3;
/// `NMDeviceWifiCapabilities`.
const CAN_BE_AP: u32 = 0x40;
const KNOWS_5_GHZ: u32 = 0x400;
/// What a user needs to be allowed (polkit), each `yes`, `auth` (asks for a password) or `no`.
const PERMISSIONS: [&str; 2] = [
    "org.freedesktop.NetworkManager.network-control",
    "org.freedesktop.NetworkManager.wifi.share.protected",
];

/// One device of `NetworkManager`, as far as it matters here.
struct Device<'a> {
    path: &'a str,
    name: String,
    kind: u32,
    state: u32,
    properties: &'a Properties,
    wireless: Option<&'a Properties>,
}

/// Judges what is there.
pub(crate) fn judge(objects: &Objects, permissions: &BTreeMap<String, String>, machine: &Machine) -> Check {
    let devices: Vec<_> = objects.iter().filter_map(|(path, all)| device(path, all)).collect();
    let root = interface(objects, ROOT, NAME);
    let on = |name| root.and_then(|p| get::<bool>(p, name)).unwrap_or(true);
    let (wireless, switch) = (on("WirelessEnabled"), on("WirelessHardwareEnabled"));
    let upstream = upstream(objects, root, &devices, machine);
    let mut found: Vec<_> = devices
        .iter()
        .filter(|d| d.kind == kind::WIFI)
        .map(|d| {
            (
                d.state,
                hotspot_device(d, objects, &upstream, !(wireless && switch), machine),
            )
        })
        .collect();
    let mut why = BTreeSet::new();
    if !on("NetworkingEnabled") {
        why.insert(WhyNot::NetworkingOff);
    }
    if let Some(reason) = in_the_way(&found, wireless, switch) {
        why.insert(reason);
    }
    if PERMISSIONS
        .iter()
        .any(|p| permissions.get(*p).is_some_and(|answer| answer == "no"))
    {
        why.insert(WhyNot::NotAllowed);
    }
    if !machine.has_program("dnsmasq") {
        why.insert(WhyNot::NoDnsmasq);
    }
    if upstream.is_empty() {
        why.insert(WhyNot::NoUpstream);
    }
    // The best first: usable, then free, then fast.
    found.sort_by_cached_key(|(_, d)| {
        (
            !d.usable,
            !d.access_point,
            d.connected_to.is_some(),
            !d.band5,
            d.name.clone(),
        )
    });
    Check {
        possible: !why.iter().any(|w| w.prevents()),
        devices: found.into_iter().map(|(_, d)| d).collect(),
        why: why.into_iter().collect(),
    }
}

/// Where the Wi-Fi device of this name is.
pub(crate) fn wifi_device(objects: &Objects, name: &str) -> Option<OwnedObjectPath> {
    let mut devices = objects.iter().filter_map(|(path, all)| device(path, all));
    let found = devices.find(|d| d.kind == kind::WIFI && d.name == name)?;
    OwnedObjectPath::try_from(found.path).ok()
}

/// The first thing that stands between the Wi-Fi devices and a hotspot.
fn in_the_way(found: &[(u32, HotspotDevice)], wireless: bool, switch: bool) -> Option<WhyNot> {
    if found.iter().any(|(_, d)| d.usable) {
        return None;
    }
    let managed: Vec<_> = found.iter().filter(|(state, _)| *state != state::UNMANAGED).collect();
    let capable: Vec<_> = managed.iter().filter(|(_, d)| d.access_point).collect();
    Some(if found.is_empty() {
        WhyNot::NoWifi
    } else if !switch {
        WhyNot::HardwareSwitch
    } else if !wireless {
        WhyNot::WifiOff
    } else if managed.is_empty() {
        WhyNot::NotManaged
    } else if capable.is_empty() {
        WhyNot::NoAccessPointMode
    } else if capable.iter().any(|(_, d)| d.carries_internet) {
        WhyNot::OnlyWifiIsInUse
    } else {
        WhyNot::NotReady
    })
}

fn device<'a>(path: &'a str, all: &'a BTreeMap<String, Properties>) -> Option<Device<'a>> {
    let properties = all.get(DEVICE)?;
    let managed = get::<bool>(properties, "Managed").unwrap_or(true);
    Some(Device {
        path,
        name: get::<&str>(properties, "Interface")?.to_owned(),
        kind: get(properties, "DeviceType")?,
        state: if managed {
            get(properties, "State").unwrap_or(0)
        } else {
            state::UNMANAGED
        },
        properties,
        wireless: all.get(WIRELESS),
    })
}

fn hotspot_device(
    device: &Device<'_>,
    objects: &Objects,
    upstream: &BTreeSet<String>,
    blocked: bool,
    machine: &Machine,
) -> HotspotDevice {
    let number = |name| device.wireless.and_then(|w| get::<u32>(w, name)).unwrap_or(0);
    let capabilities = number("WirelessCapabilities");
    let active = device.state == state::ACTIVATED;
    let is_hotspot = active && number("Mode") == MODE_AP;
    let access_point = capabilities & CAN_BE_AP != 0;
    let carries_internet = upstream.contains(&device.name);
    let ready = device.state > state::UNAVAILABLE && !blocked;
    HotspotDevice {
        product: machine.product(&device.name),
        name: device.name.clone(),
        access_point,
        band5: capabilities & KNOWS_5_GHZ != 0,
        connected_to: (active && !is_hotspot).then(|| network_of(device, objects)).flatten(),
        carries_internet,
        blocked,
        is_hotspot,
        usable: access_point && ready && !carries_internet,
    }
}

/// The name of the network that a device has joined: its access point's, else its profile's.
fn network_of(device: &Device<'_>, objects: &Objects) -> Option<String> {
    let access_point = device
        .wireless
        .and_then(|w| get::<ObjectPath<'_>>(w, "ActiveAccessPoint"));
    let ssid = access_point
        .and_then(|path| interface(objects, path.as_str(), ACCESS_POINT))
        .and_then(|p| p.get("Ssid"))
        .and_then(|v| octets(v))
        .filter(|ssid| !ssid.is_empty())
        .map(|ssid| String::from_utf8_lossy(&ssid).into_owned());
    let profile = || {
        let path: ObjectPath<'_> = get(device.properties, "ActiveConnection")?;
        Some(get::<&str>(interface(objects, path.as_str(), ACTIVE)?, "Id")?.to_owned())
    };
    let name = ssid.or_else(profile)?;
    Some(name.chars().filter(|c| !c.is_control()).collect())
}

fn octets(value: &Variant<'_>) -> Option<Vec<u8>> {
    Vec::<u8>::try_from(value.try_clone().ok()?).ok()
}

/// Names of the devices over which this computer reaches the internet. A VPN counts as what it runs over.
fn upstream(
    objects: &Objects,
    root: Option<&Properties>,
    devices: &[Device<'_>],
    machine: &Machine,
) -> BTreeSet<String> {
    let mut names = machine.default_routes();
    let primary = root
        .and_then(|p| get::<ObjectPath<'_>>(p, "PrimaryConnection"))
        .and_then(|path| interface(objects, path.as_str(), ACTIVE))
        .and_then(|p| p.get("Devices"));
    let paths = primary.and_then(|v| Vec::<OwnedObjectPath>::try_from(v.try_clone().ok()?).ok());
    for path in paths.unwrap_or_default() {
        names.extend(
            devices
                .iter()
                .filter(|d| d.path == path.as_str())
                .map(|d| d.name.clone()),
        );
    }
    let physical = |d: &&Device<'_>| matches!(d.kind, kind::ETHERNET | kind::WIFI | kind::BLUETOOTH | kind::MODEM);
    let real = |d: &&Device<'_>| physical(d) && names.contains(&d.name);
    if !names.is_empty() && !devices.iter().any(|d| real(&d)) {
        let below = devices.iter().filter(|d| physical(d) && d.state == state::ACTIVATED);
        // A cable is what a VPN runs over when there is one; only then is a Wi-Fi device free.
        let (wifi, cable): (Vec<_>, Vec<_>) = below.partition(|d| d.kind == kind::WIFI);
        let carrying = if cable.is_empty() { wifi } else { cable };
        let carrying: Vec<_> = carrying.into_iter().map(|d| d.name.clone()).collect();
        names.extend(carrying);
    }
    names
}

fn interface<'a>(objects: &'a Objects, path: &str, interface: &str) -> Option<&'a Properties> {
    objects.get(path)?.get(interface)
}
