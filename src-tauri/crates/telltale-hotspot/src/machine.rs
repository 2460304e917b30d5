//! What the system's own files say beside `NetworkManager`: default routes, names of hardware, whether a program is there.
//!
//! Called by [`crate::check`] and [`crate::start`]. Everything here is readable by any user, and a guess where a file is missing.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Octets of a small system file that are looked at.
const MAX_FILE: u64 = 256 << 10;

/// The file system, from its root (a test has its own).
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    root: PathBuf,
}

impl Machine {
    pub(crate) fn at(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    fn read(&self, path: &str) -> Option<String> {
        use std::io::Read as _;
        let mut bytes = Vec::new();
        let file = fs::File::open(self.root.join(path)).ok()?;
        file.take(MAX_FILE).read_to_end(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The devices that carry what goes into the internet: those of the best default route (a laptop with cable and Wi-Fi has one over
    /// each, and uses the cable). That of IPv6 counts where IPv4 has none, since a hotspot shares IPv4.
    pub(crate) fn default_routes(&self) -> BTreeSet<String> {
        let table = self.read("proc/net/route").unwrap_or_default();
        let v4 = best(table.lines().skip(1).filter_map(route_v4));
        if !v4.is_empty() {
            return v4;
        }
        let table = self.read("proc/net/ipv6_route").unwrap_or_default();
        best(table.lines().filter_map(route_v6))
    }

    /// What the registry of hardware calls a device.
    pub(crate) fn product(&self, device: &str) -> Option<String> {
        // A name of a device is no path.
        if device.is_empty() || device.contains(['/', '\0']) || device.starts_with('.') {
            return None;
        }
        let index = self.read(&format!("sys/class/net/{device}/ifindex"))?;
        let udev = self
            .read(&format!("run/udev/data/n{}", index.trim()))
            .unwrap_or_default();
        let said = |key: &str| {
            let found = udev
                .lines()
                .find_map(|l| l.strip_prefix("E:")?.strip_prefix(key)?.strip_prefix('='))?;
            (!found.is_empty()).then(|| found.to_owned())
        };
        let name = match (said("ID_VENDOR_FROM_DATABASE"), said("ID_MODEL_FROM_DATABASE")) {
            (Some(vendor), Some(model)) => Some(format!("{vendor} {model}")),
            (_, Some(model)) => Some(model),
            // A USB stick says its own name, one step above its interface.
            _ => self.read(&format!("sys/class/net/{device}/device/../product")),
        }?;
        let name: String = name.trim().chars().filter(|c| !c.is_control()).take(100).collect();
        (!name.is_empty()).then_some(name)
    }

    /// Whether a program lies where `NetworkManager` looks for its helpers.
    pub(crate) fn has_program(&self, name: &str) -> bool {
        let folders = [
            "usr/sbin",
            "usr/bin",
            "sbin",
            "bin",
            "usr/local/sbin",
            "usr/local/bin",
            "run/current-system/sw/bin",
        ];
        folders.iter().any(|f| self.root.join(f).join(name).is_file())
    }
}

/// The default route in a line "device destination gateway flags references use metric mask ...": its metric and device.
fn route_v4(line: &str) -> Option<(u32, &str)> {
    let words: Vec<_> = line.split_whitespace().collect();
    match words[..] {
        [device, "00000000", _, flags, _, _, metric, "00000000", ..] if usable(flags) => {
            Some((metric.parse().ok()?, device))
        }
        _ => None,
    }
}

/// The same in a line "destination length source length next-hop metric references use flags device".
fn route_v6(line: &str) -> Option<(u32, &str)> {
    let words: Vec<_> = line.split_whitespace().collect();
    match words[..] {
        [_, "00", _, _, _, metric, _, _, flags, device] if usable(flags) && device != "lo" => {
            Some((u32::from_str_radix(metric, 16).ok()?, device))
        }
        _ => None,
    }
}

/// The devices with the lowest metric.
fn best<'a>(routes: impl Iterator<Item = (u32, &'a str)>) -> BTreeSet<String> {
    let routes: Vec<_> = routes.collect();
    let lowest = routes.iter().map(|(metric, _)| *metric).min();
    let best = routes.iter().filter(|(metric, _)| Some(*metric) == lowest);
    best.map(|(_, device)| (*device).to_owned()).collect()
}

/// Flag 1: it is up; 0x200: it rejects.
fn usable(flags: &str) -> bool {
    u32::from_str_radix(flags, 16).is_ok_and(|f| f & 1 != 0 && f & 0x200 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(files: &[(&str, &str)]) -> (tempfile::TempDir, Machine) {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        let machine = Machine::at(folder.path());
        (folder, machine)
    }

    #[test]
    fn the_best_default_route_tells_what_carries_the_internet() {
        let head = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
        let route = |device: &str, to: &str, flags: &str, metric: &str, mask: &str| {
            format!("{device}\t{to}\t0100000A\t{flags}\t0\t0\t{metric}\t{mask}\t0\t0\t0\n")
        };
        let wifi = route("wlan0", "00000000", "0003", "600", "00000000");
        let cable = route("eth0", "00000000", "0003", "100", "00000000");
        let others = route("wlan1", "0000A8C0", "0001", "0", "00FFFFFF")
            + &route("dead0", "00000000", "0200", "0", "00000000")
            + "broken\n";
        let zero = "0".repeat(32);
        let v6 = format!(
            "{zero} 00 {zero} 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003    wwan0\n\
             {zero} 00 {zero} 00 fe800000000000000000000000000001 00000800 00000001 00000000 00000003    wlan0\n\
             {zero} 00 {zero} 00 {zero} ffffffff 00000001 00000000 00200200       lo\n"
        );
        let routes = |v4: &str| {
            let (_keep, machine) = machine(&[
                ("proc/net/route", &format!("{head}{others}{v4}")),
                ("proc/net/ipv6_route", &v6),
            ]);
            machine.default_routes().into_iter().collect::<Vec<_>>()
        };
        assert_eq!(routes(&format!("{wifi}{cable}")), ["eth0"]);
        assert_eq!(routes(&wifi), ["wlan0"]);
        assert_eq!(routes(""), ["wwan0"]);
        assert_eq!(
            Machine::at(Path::new("does-not-exist")).default_routes(),
            BTreeSet::new()
        );
    }

    #[test]
    fn hardware_has_a_name_where_the_system_knows_one() {
        let udev = "I:123\nE:ID_VENDOR_FROM_DATABASE=Intel Corporation\nE:ID_MODEL_FROM_DATABASE=Wi-Fi 6 AX200\n";
        let (_keep, machine) = machine(&[
            ("sys/class/net/wlp3s0/ifindex", "3\n"),
            ("run/udev/data/n3", udev),
            ("sys/class/net/wlan1/ifindex", "4\n"),
            ("sys/class/net/wlan1/device/x", ""),
            ("sys/class/net/wlan1/product", "802.11ac\tNIC\n"),
            ("usr/sbin/dnsmasq", ""),
        ]);
        assert_eq!(
            machine.product("wlp3s0").as_deref(),
            Some("Intel Corporation Wi-Fi 6 AX200")
        );
        assert_eq!(machine.product("wlan1").as_deref(), Some("802.11acNIC"));
        for strange in ["", "../wlan1", "nothing", "."] {
            assert_eq!(machine.product(strange), None);
        }
        assert!(machine.has_program("dnsmasq"));
        assert!(!machine.has_program("hostapd"));
    }
}
