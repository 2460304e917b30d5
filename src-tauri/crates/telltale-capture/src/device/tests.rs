//! Devices of computers that are made up here, file by file as the kernel shows them.

use super::*;
use std::os::unix::fs::symlink;

/// A made-up computer.
struct Computer {
    root: tempfile::TempDir,
    addresses: Vec<(String, DeviceAddress)>,
}

impl Computer {
    fn new() -> Self {
        let root = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(root.path().join("sys/class/net")).expect("made");
        fs::create_dir_all(root.path().join("proc/net")).expect("made");
        Self {
            root,
            addresses: Vec::new(),
        }
    }

    fn file(&self, path: &str, text: &str) {
        let path = self.root.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        fs::write(path, text).expect("written");
    }

    /// A device that is up and connected, with further files.
    fn device(&mut self, name: &str, address: Option<&str>, files: &[(&str, &str)]) {
        let folder = format!("sys/class/net/{name}");
        let usual = [
            ("type", "1\n"),
            ("flags", "0x1003\n"),
            ("operstate", "up\n"),
            ("address", "02:00:5e:00:53:01\n"),
        ];
        for (file, text) in usual.iter().chain(files) {
            self.file(&format!("{folder}/{file}"), text);
        }
        if let Some((ip, prefix)) = address.and_then(|a| a.split_once('/')) {
            let address = DeviceAddress {
                ip: ip.parse().expect("an address"),
                prefix: prefix.parse().expect("a prefix"),
            };
            self.addresses.push((name.to_owned(), address));
        }
    }

    /// Puts a device on a bus, with its driver.
    fn driver(&self, name: &str, bus: &str, driver: &str) {
        let device = self.root.path().join(format!("sys/devices/{name}/interface"));
        fs::create_dir_all(&device).expect("made");
        symlink(format!("/sys/bus/{bus}/drivers/{driver}"), device.join("driver")).expect("linked");
        symlink(format!("/sys/bus/{bus}"), device.join("subsystem")).expect("linked");
        symlink(&device, self.root.path().join(format!("sys/class/net/{name}/device"))).expect("linked");
    }

    fn list(&self) -> Vec<Device> {
        list(
            &self.root.path().join("sys"),
            &self.root.path().join("proc"),
            &self.addresses,
        )
        .expect("listed")
    }

    fn kind(&self, name: &str) -> DeviceKind {
        self.list()
            .into_iter()
            .find(|d| d.name == name)
            .expect("it is there")
            .kind
    }

    fn likely(&self) -> Vec<String> {
        self.list().into_iter().filter(|d| d.likely).map(|d| d.name).collect()
    }
}

const ROUTE: &str = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n";
const ARP: &str = "IP address       HW type     Flags       HW address            Mask     Device\n";

/// A laptop: Internet by cable, a hotspot on Wi-Fi, containers, a tunnel.
fn laptop() -> Computer {
    let mut computer = Computer::new();
    computer.device(
        "lo",
        Some("127.0.0.1/8"),
        &[("type", "772\n"), ("operstate", "unknown\n"), ("flags", "0x9\n")],
    );
    computer.device("enp3s0", Some("192.168.1.7/24"), &[]);
    computer.driver("enp3s0", "pci", "r8169");
    computer.device(
        "wlp2s0",
        Some("10.42.0.1/24"),
        &[
            ("uevent", "DEVTYPE=wlan\nINTERFACE=wlp2s0\n"),
            ("phy80211/name", "phy0\n"),
        ],
    );
    computer.driver("wlp2s0", "pci", "iwlwifi");
    computer.device(
        "docker0",
        Some("172.17.0.1/16"),
        &[("bridge/bridge_id", ""), ("uevent", "DEVTYPE=bridge\n")],
    );
    computer.device("veth12ab34c", None, &[]);
    computer.device(
        "wg0",
        Some("10.9.0.2/32"),
        &[
            ("type", "65534\n"),
            ("uevent", "DEVTYPE=wireguard\n"),
            ("operstate", "unknown\n"),
        ],
    );
    computer.device("usbmon0", None, &[]);
    computer.file("proc/net/route", &format!("{ROUTE}enp3s0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\nenp3s0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n"));
    computer.file(
        "proc/net/arp",
        &format!(
            "{ARP}172.17.0.2 0x1 0x2 02:42:ac:11:00:02 * docker0\n192.168.1.1 0x1 0x2 00:00:5e:00:53:02 * enp3s0\n"
        ),
    );
    computer
}

#[test]
fn the_hotspot_comes_first_and_each_device_has_its_kind() {
    let devices = laptop().list();
    let seen: Vec<_> = devices.iter().map(|d| (d.name.as_str(), d.kind, d.likely)).collect();
    let wanted = [
        ("wlp2s0", DeviceKind::Hotspot, true),
        ("enp3s0", DeviceKind::Ethernet, false),
        ("wg0", DeviceKind::Vpn, false),
        ("docker0", DeviceKind::Virtual, false),
        ("veth12ab34c", DeviceKind::Virtual, false),
        ("lo", DeviceKind::Loopback, false),
    ];
    assert_eq!(seen, wanted);
    assert!(devices[1].default_route && !devices[0].default_route);
    assert_eq!(devices[0].mac, Some([2, 0, 0x5e, 0, 0x53, 1]));
    assert_eq!((devices[2].mac, devices[5].mac), (None, None));
    assert!(devices.iter().all(|d| is_capturable_name(&d.name)));
}

#[test]
fn a_guest_in_a_wifi_is_no_hotspot() {
    let computer = laptop();
    let route = format!("{ROUTE}wlp2s0\t00000000\t012A2A0A\t0003\t0\t0\t600\t00000000\t0\t0\t0\n");
    computer.file("proc/net/route", &route);
    assert_eq!(
        (computer.kind("wlp2s0"), computer.likely()),
        (DeviceKind::Wifi, vec!["enp3s0".to_owned()])
    );
    // Nor one that has its default route by IPv6, or in two halves.
    computer.file("proc/net/route", ROUTE);
    assert!(computer.likely().contains(&"wlp2s0".to_owned()));
    let zero = "0".repeat(32);
    computer.file(
        "proc/net/ipv6_route",
        &format!("{zero} 00 {zero} 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003   wlp2s0\n"),
    );
    assert!(!computer.likely().contains(&"wlp2s0".to_owned()));
    computer.file(
        "proc/net/ipv6_route",
        &format!("{zero} 00 {zero} 00 {zero} ffffffff 00000001 00000000 00200200       lo\n"),
    );
    assert!(computer.likely().contains(&"wlp2s0".to_owned()));
    let halves = format!("{ROUTE}wlp2s0\t00000000\t012A2A0A\t0003\t0\t0\t0\t00000080\t0\t0\t0\n");
    computer.file("proc/net/route", &halves);
    assert!(!computer.likely().contains(&"wlp2s0".to_owned()));
}

#[test]
fn a_wifi_that_is_off_or_without_a_private_address_is_no_hotspot() {
    let computer = laptop();
    computer.file("sys/class/net/wlp2s0/operstate", "down\n");
    assert!(computer.likely().is_empty());
    let down = computer.list().pop().expect("last");
    assert_eq!((down.name.as_str(), down.up, down.running), ("wlp2s0", true, false));
    computer.file("sys/class/net/wlp2s0/operstate", "up\n");
    computer.file("sys/class/net/wlp2s0/flags", "0x1002\n");
    assert!(computer.likely().is_empty());
    assert!(!computer.list().pop().expect("last").up);

    let mut computer = Computer::new();
    computer.device("wlan0", Some("203.0.113.9/24"), &[("wireless/status", "")]);
    computer.device("wlan1", Some("fe80::1/64"), &[("wireless/status", "")]);
    computer.device("wlan2", Some("fd00::1/64"), &[("wireless/status", "")]);
    assert_eq!(computer.likely(), ["wlan2"]);
}

#[test]
fn a_bridge_is_a_hotspot_where_there_is_hardware_in_it() {
    let mut computer = Computer::new();
    computer.device(
        "br0",
        Some("192.168.50.1/24"),
        &[
            ("bridge/bridge_id", ""),
            ("brif/wlan0/state", ""),
            ("brif/tap0/state", ""),
        ],
    );
    computer.device(
        "wlan0",
        Some("192.168.50.2/24"),
        &[("wireless/status", ""), ("brport/state", "")],
    );
    computer.device("tap0", None, &[("tun_flags", "0x1002\n"), ("brport/state", "")]);
    let device = computer.list().remove(0);
    assert_eq!(
        (device.name.as_str(), device.kind, device.likely),
        ("br0", DeviceKind::Hotspot, true)
    );
    assert_eq!(device.description.as_deref(), Some("wlan0"));
    assert_eq!(computer.likely(), ["br0"]);
    assert_eq!(computer.kind("tap0"), DeviceKind::Virtual);

    let mut computer = Computer::new();
    computer.device(
        "br1",
        Some("192.168.50.1/24"),
        &[("bridge/bridge_id", ""), ("brif/tap0/state", "")],
    );
    computer.device("tap0", None, &[("tun_flags", "0x1002\n"), ("brport/state", "")]);
    assert_eq!((computer.kind("br1"), computer.likely()), (DeviceKind::Virtual, vec![]));
    computer.file(
        "proc/net/arp",
        &format!("{ARP}192.168.50.9 0x1 0x0 00:00:00:00:00:00 * br1\n"),
    );
    assert!(computer.likely().is_empty(), "nobody answered");
    computer.file(
        "proc/net/arp",
        &format!("{ARP}192.168.50.9 0x1 0x2 00:00:5e:00:53:09 * br1\n"),
    );
    assert_eq!(
        (computer.kind("br1"), computer.likely()),
        (DeviceKind::Hotspot, vec!["br1".to_owned()])
    );
}

#[test]
fn a_cable_needs_somebody_who_answers() {
    let mut computer = Computer::new();
    computer.device("enp3s0", Some("10.0.5.1/24"), &[]);
    computer.driver("enp3s0", "pci", "r8169");
    computer.device("usb0", Some("192.168.42.1/24"), &[]);
    computer.driver("usb0", "usb", "rndis_host");
    computer.file("sys/devices/usb0/manufacturer", "Maker\n");
    computer.file("sys/devices/usb0/product", "Phone\u{1b}[1m 7\n");
    assert!(computer.likely().is_empty());
    let both =
        format!("{ARP}10.0.5.9 0x1 0x2 00:00:5e:00:53:09 * enp3s0\n192.168.42.9 0x1 0x2 00:00:5e:00:53:08 * usb0\n");
    computer.file("proc/net/arp", &both);
    assert_eq!(computer.likely(), ["usb0", "enp3s0"]);
    let usb = computer.list().remove(0);
    assert_eq!(
        (usb.kind, usb.description.as_deref()),
        (DeviceKind::UsbTether, Some("Maker Phone [1m 7"))
    );
    // A phone that shares its connection with this computer.
    computer.file(
        "proc/net/route",
        &format!("{ROUTE}usb0\t00000000\t012AA8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"),
    );
    assert_eq!(computer.likely(), ["enp3s0"]);
}

/// Files with their texts.
type Files = [(&'static str, &'static str)];

#[test]
fn every_kind_is_told() {
    let mut computer = Computer::new();
    let table: &[(&str, &Files, DeviceKind)] = &[
        ("wlan0", &[("wireless/status", "")], DeviceKind::Wifi),
        ("bnep0", &[("uevent", "DEVTYPE=bluetooth\n")], DeviceKind::Bluetooth),
        ("eth0.7", &[("uevent", "DEVTYPE=vlan\n")], DeviceKind::Ethernet),
        (
            "tun0",
            &[("tun_flags", "0x1001\n"), ("type", "65534\n")],
            DeviceKind::Vpn,
        ),
        ("ppp0", &[("type", "512\n")], DeviceKind::Vpn),
        ("vnet1", &[("tun_flags", "0x1002\n")], DeviceKind::Virtual),
        ("dummy0", &[], DeviceKind::Virtual),
        ("br-0123456789ab", &[("bridge/bridge_id", "")], DeviceKind::Virtual),
    ];
    for (name, files, _) in table {
        computer.device(name, None, files);
    }
    for (name, _, kind) in table {
        assert_eq!(computer.kind(name), *kind, "{name}");
    }
    for driver in ["rndis_host", "cdc_ether", "cdc_ncm", "ipheth"] {
        let mut computer = Computer::new();
        computer.device("enx0", None, &[]);
        computer.driver("enx0", "usb", driver);
        assert_eq!(computer.kind("enx0"), DeviceKind::UsbTether, "{driver}");
    }
}

#[test]
fn counters_aliases_and_what_is_missing() {
    let mut computer = Computer::new();
    computer.device(
        "eth0",
        None,
        &[
            ("ifalias", "to the kitchen\n"),
            ("statistics/rx_bytes", "7\n"),
            ("statistics/tx_bytes", "8\n"),
            ("statistics/rx_packets", "9\n"),
            ("statistics/tx_packets", "10\n"),
        ],
    );
    computer.file("sys/class/net/eth1/flags", "nonsense");
    // A file, as `bonding_masters` is one.
    computer.file("sys/class/net/bonding_masters", "");
    let devices = computer.list();
    assert_eq!(devices.len(), 2);
    assert_eq!(devices[0].description.as_deref(), Some("to the kitchen"));
    let counters = Counters {
        received_bytes: 7,
        sent_bytes: 8,
        received_packets: 9,
        sent_packets: 10,
    };
    assert_eq!(
        (devices[0].counters, devices[1].counters),
        (counters, Counters::default())
    );
    assert!(!devices[1].up);
}

#[test]
fn this_computer_has_a_loopback_with_its_address() {
    let devices = devices().expect("listed");
    let lo = devices.iter().find(|d| d.name == "lo").expect("a loopback");
    assert_eq!(lo.kind, DeviceKind::Loopback);
    assert!(lo.addresses.iter().any(|a| a.ip.is_loopback()) || !lo.up, "{lo:?}");
}
