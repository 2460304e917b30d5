//! Who is on a device's network: the kernel's table of neighbours (ARP and IPv6 neighbour discovery), over rtnetlink.
//!
//! Called by [`crate::Network::neighbours`]; any user may ask. `/proc/net/arp` has IPv4 alone, so the kernel is asked directly: one
//! `RTM_GETNEIGH` dump (rtnetlink(7)). Nothing is sent into the network.

use crate::{HotspotError, Neighbour};
use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netdevice, recv, sendto, socket_with, sockopt,
};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

/// Octets of one answer; the kernel writes at most 32 KiB into a buffer of this size.
const BUFFER: usize = 64 << 10;
/// Neighbours read at most; the kernel's own limit is 1,024 a family.
const MAX_NEIGHBOURS: usize = 4_096;
/// The kernel answers at once.
const ANSWER: Duration = Duration::from_secs(2);

const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
const RTM_NEWNEIGH: u16 = 28;
const RTM_GETNEIGH: u16 = 30;
/// `NLM_F_REQUEST | NLM_F_DUMP`.
const DUMP: u16 = 0x301;
const NDA_DST: u16 = 1;
const NDA_LLADDR: u16 = 2;
/// `NUD_REACHABLE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT`: it answered of late, or is being asked.
const REACHABLE: u16 = 0x02 | 0x08 | 0x10 | 0x80;
/// `NUD_STALE`: it was there.
const STALE: u16 = 0x04;

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Row {
    device: u32,
    state: u16,
    ip: IpAddr,
    mac: [u8; 6],
}

pub(crate) fn of(device: &str) -> Result<Vec<Neighbour>, HotspotError> {
    let system = |e: rustix::io::Errno| HotspotError::System(e.to_string());
    // Protocol 0 is `NETLINK_ROUTE`.
    let kernel = socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, None).map_err(system)?;
    let index = netdevice::name_to_index(&kernel, device).map_err(|_| HotspotError::NoDevice(device.to_owned()))?;
    sockopt::set_socket_timeout(&kernel, sockopt::Timeout::Recv, Some(ANSWER)).map_err(system)?;
    sendto(&kernel, &question(), SendFlags::empty(), &SocketAddrNetlink::new(0, 0)).map_err(system)?;
    let mut rows = Vec::new();
    let mut buffer = vec![0; BUFFER];
    loop {
        let (length, _) = recv(&kernel, &mut buffer[..], RecvFlags::empty()).map_err(system)?;
        let more = read(buffer.get(..length).unwrap_or_default(), &mut rows);
        if !more || length == 0 || rows.len() >= MAX_NEIGHBOURS {
            break;
        }
    }
    rows.retain(|row| row.device == index);
    Ok(joined(&rows))
}

/// A dump request: `nlmsghdr` and `ndmsg`, of all families.
fn question() -> Vec<u8> {
    let mut out = Vec::with_capacity(28);
    out.extend(28_u32.to_ne_bytes());
    out.extend(RTM_GETNEIGH.to_ne_bytes());
    out.extend(DUMP.to_ne_bytes());
    out.extend([0; 20]);
    out
}

/// Reads the messages of one answer; `false` after the last one of the dump.
fn read(mut answer: &[u8], rows: &mut Vec<Row>) -> bool {
    while let Some((length, kind)) = u32_at(answer, 0).zip(u16_at(answer, 4)) {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if kind == NLMSG_DONE || kind == NLMSG_ERROR || length < 16 {
            return false;
        }
        let Some(message) = answer.get(16..length) else {
            return false;
        };
        if kind == RTM_NEWNEIGH {
            rows.extend(row(message));
        }
        answer = answer.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    true
}

/// One `ndmsg` with its attributes; `None` for what is no neighbour that was ever reached.
fn row(message: &[u8]) -> Option<Row> {
    let (device, state) = (u32_at(message, 4)?, u16_at(message, 8)?);
    let (mut ip, mut mac) = (None, None);
    let mut attributes = message.get(12..)?;
    while let Some((length, kind)) = u16_at(attributes, 0).zip(u16_at(attributes, 2)) {
        let length = usize::from(length);
        let Some(value) = attributes.get(4..length) else {
            break;
        };
        match kind {
            NDA_DST => {
                let v4 = <[u8; 4]>::try_from(value).map(IpAddr::from);
                ip = v4.or_else(|_| <[u8; 16]>::try_from(value).map(IpAddr::from)).ok();
            }
            NDA_LLADDR => mac = <[u8; 6]>::try_from(value).ok(),
            _ => {}
        }
        attributes = attributes.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    (state & (REACHABLE | STALE) != 0).then_some(())?;
    Some(Row {
        device,
        state,
        ip: ip?,
        mac: mac?,
    })
}

/// One neighbour for each hardware address; groups and broadcasts are nobody.
fn joined(rows: &[Row]) -> Vec<Neighbour> {
    let mut found = BTreeMap::<[u8; 6], Neighbour>::new();
    for row in rows.iter().filter(|r| r.mac[0] & 1 == 0 && r.mac != [0; 6]) {
        let new = || Neighbour {
            mac: row.mac,
            addresses: Vec::new(),
            reachable: false,
        };
        let neighbour = found.entry(row.mac).or_insert_with(new);
        neighbour.addresses.push(row.ip);
        neighbour.reachable |= row.state & REACHABLE != 0;
    }
    let mut all: Vec<_> = found.into_values().collect();
    for neighbour in &mut all {
        neighbour.addresses.sort_unstable();
        neighbour.addresses.dedup();
    }
    all
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_ne_bytes(bytes.get(at..)?.get(..2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(bytes.get(at..)?.get(..4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHONE: [u8; 6] = [0x02, 0xaa, 0xbb, 0xcc, 0xdd, 0xee];

    /// One message as the kernel writes it.
    fn message(device: u32, state: u16, ip: &[u8], mac: &[u8]) -> Vec<u8> {
        let mut body = vec![2, 0, 0, 0];
        body.extend(device.to_ne_bytes());
        body.extend(state.to_ne_bytes());
        body.extend([0, 1]);
        for (kind, value) in [(NDA_DST, ip), (NDA_LLADDR, mac), (99, &[1, 2, 3][..])] {
            body.extend(u16::try_from(4 + value.len()).expect("short").to_ne_bytes());
            body.extend(kind.to_ne_bytes());
            body.extend(value);
            body.resize(body.len().next_multiple_of(4), 0);
        }
        let mut out = u32::try_from(16 + body.len()).expect("short").to_ne_bytes().to_vec();
        out.extend(RTM_NEWNEIGH.to_ne_bytes());
        out.extend([0; 10]);
        out.extend(body);
        out
    }

    #[test]
    fn addresses_of_one_phone_are_joined() {
        let link_local: std::net::Ipv6Addr = "fe80::1".parse().expect("an address");
        let mut answer = message(3, 0x02, &[10, 42, 0, 7], &PHONE);
        answer.extend(message(3, 0x04, &link_local.octets(), &PHONE));
        answer.extend(message(3, 0x20, &[10, 42, 0, 8], &PHONE));
        answer.extend(message(3, 0x40, &[224, 0, 0, 251], &[1, 0, 0x5e, 0, 0, 0xfb]));
        answer.extend(message(4, 0x02, &[10, 0, 0, 1], &[2, 0, 0, 0, 0, 1]));
        let mut rows = Vec::new();
        assert!(read(&answer, &mut rows));
        rows.retain(|r| r.device == 3);
        let phone = Neighbour {
            mac: PHONE,
            addresses: vec![[10, 42, 0, 7].into(), link_local.into()],
            reachable: true,
        };
        assert_eq!(joined(&rows), [phone]);
    }

    #[test]
    fn no_answer_makes_it_fall_over() {
        let whole = message(3, 0x02, &[10, 42, 0, 7], &PHONE);
        for end in 0..whole.len() {
            read(&whole[..end], &mut Vec::new());
            for value in [0, 1, 0x7f, 0xff] {
                let mut broken = whole.clone();
                broken[end] = value;
                read(&broken, &mut Vec::new());
            }
        }
        assert!(
            !read(&[16, 0, 0, 0, 3, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0], &mut Vec::new()),
            "the end of the dump"
        );
    }
}
