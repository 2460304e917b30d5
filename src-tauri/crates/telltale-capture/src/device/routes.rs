//! What the kernel's tables say: through which devices the Internet is reached, and behind which somebody has answered.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// `RTF_UP` and `RTF_REJECT` (linux/route.h).
const UP: u32 = 1;
const REJECT: u32 = 0x200;
/// `ATF_COM` (`linux/if_arp.h`): the neighbour's hardware address is known.
const COMPLETE: u32 = 2;

/// Names of devices.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Routes {
    pub(super) default: BTreeSet<String>,
    pub(super) neighbours: BTreeSet<String>,
}

pub(super) fn read(proc: &Path) -> Routes {
    let text = |file: &str| fs::read_to_string(proc.join("net").join(file)).unwrap_or_default();
    let mut routes = Routes::default();
    for line in text("route").lines().skip(1) {
        let fields: Vec<_> = line.split_whitespace().collect();
        if let [device, to, _, flags, _, _, _, mask, ..] = fields.as_slice()
            && is_default(to, mask)
            && hex(flags) & UP != 0
        {
            routes.default.insert((*device).to_owned());
        }
    }
    for line in text("ipv6_route").lines() {
        let fields: Vec<_> = line.split_whitespace().collect();
        if let [to, length, _, _, _, _, _, _, flags, device] = fields.as_slice()
            && to.bytes().skip(1).all(|c| c == b'0')
            && hex(length) <= 1
            && hex(flags) & (UP | REJECT) == UP
        {
            routes.default.insert((*device).to_owned());
        }
    }
    for line in text("arp").lines().skip(1) {
        let fields: Vec<_> = line.split_whitespace().collect();
        if let [_, _, flags, _, _, device] = fields.as_slice()
            && hex(flags) & COMPLETE != 0
        {
            routes.neighbours.insert((*device).to_owned());
        }
    }
    routes
}

/// Everything, or one of the two halves of everything, in which some VPNs write it.
fn is_default(to: &str, mask: &str) -> bool {
    mask == "00000000" || (mask == "00000080" && matches!(to, "00000000" | "00000080"))
}

fn hex(text: &str) -> u32 {
    u32::from_str_radix(text.trim_start_matches("0x"), 16).unwrap_or(0)
}
