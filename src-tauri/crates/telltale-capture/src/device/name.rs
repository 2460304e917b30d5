//! Which names of devices are taken: those of network interfaces, and none that libpcap would take for something else.

/// libpcap's own words for what is no network interface, or for all at once (`pcap_findalldevs`, pcap-linux.c and its modules).
const NOT_INTERFACES: &[&str] = &[
    "usbmon",
    "bluetooth",
    "dbus",
    "nflog",
    "nfqueue",
    "netmap",
    "vale",
    "dag",
    "snf",
    "rdmasniff",
];

/// Whether `telltale-capd` captures on a device of this name: plain characters, as long as Linux allows, and not one of libpcap's other
/// sources. Whether there is such a device is not asked.
pub fn is_capturable_name(name: &str) -> bool {
    let plain = name.bytes().all(|c| c.is_ascii_alphanumeric() || b"._-@".contains(&c));
    let begins = name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    let other = name == "any" || NOT_INTERFACES.iter().any(|word| name.starts_with(word));
    (1..=15).contains(&name.len()) && plain && begins && !other
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_are_taken_and_nothing_else() {
        for name in [
            "lo",
            "eth0",
            "enp3s0",
            "wlan0",
            "wlx00c0ca123456",
            "usb0",
            "br-lan",
            "eth0.7",
            "veth@x",
            "tun0",
            "_x",
        ] {
            assert!(is_capturable_name(name), "{name}");
        }
        let refused = [
            "",
            ".",
            "..",
            "any",
            "usbmon0",
            "usbmon",
            "bluetooth0",
            "bluetooth-monitor",
            "dbus-system",
            "nflog",
            "nflog:5",
            "nfqueue",
            "netmap:eth0",
            "vale0",
            "rpcap://x",
            "dpdk:0",
            "/etc/passwd",
            "../lo",
            "a/b",
            "-",
            "-w",
            "lo lo",
            "lo\n",
            "lo\0",
            "wlän0",
            "sixteencharacter",
        ];
        for name in refused {
            assert!(!is_capturable_name(name), "{name}");
        }
    }
}
