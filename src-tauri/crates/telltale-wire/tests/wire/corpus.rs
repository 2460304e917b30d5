//! The real captures beside the repository, with the smallest reader that opens them. Only for tests: the product's own reader
//! is `telltale-capture`, which this crate must not know.

use std::path::{Path, PathBuf};
use telltale_wire::LinkType;

/// One packet as captured.
pub(crate) struct Packet {
    pub(crate) link: LinkType,
    pub(crate) original_len: u32,
    pub(crate) data: Vec<u8>,
}

/// The folder of captures, or `None` with a line that says so.
pub(crate) fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/corpus");
    if folder.join("captures").is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no captures at {}", folder.display());
    None
}

/// Names of all captures, sorted.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder.join("captures"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Every packet of a capture, up to where it is damaged.
pub(crate) fn packets(folder: &Path, name: &str) -> Vec<Packet> {
    let bytes = std::fs::read(folder.join("captures").join(name)).unwrap();
    let mut packets = Vec::new();
    let _ = if bytes.starts_with(&[0x0a, 0x0d, 0x0d, 0x0a]) {
        pcapng(&bytes, &mut packets)
    } else {
        pcap(&bytes, &mut packets)
    };
    packets
}

struct Order(bool);

impl Order {
    fn u32(&self, bytes: &[u8], at: usize) -> Option<u32> {
        let value = bytes.get(at..)?.first_chunk()?;
        Some(if self.0 {
            u32::from_be_bytes(*value)
        } else {
            u32::from_le_bytes(*value)
        })
    }
    fn u16(&self, bytes: &[u8], at: usize) -> Option<u16> {
        let value = bytes.get(at..)?.first_chunk()?;
        Some(if self.0 {
            u16::from_be_bytes(*value)
        } else {
            u16::from_le_bytes(*value)
        })
    }
}

fn pcap(bytes: &[u8], packets: &mut Vec<Packet>) -> Option<()> {
    let order = Order(matches!(bytes.get(..4)?, [0xa1, 0xb2, ..]));
    let link = LinkType((order.u32(bytes, 20)? & 0xffff) as u16);
    let mut at = 24;
    loop {
        let (len, original_len) = (order.u32(bytes, at + 8)? as usize, order.u32(bytes, at + 12)?);
        at += 16;
        packets.push(Packet {
            link,
            original_len,
            data: bytes.get(at..at + len)?.to_vec(),
        });
        at += len;
    }
}

fn pcapng(bytes: &[u8], packets: &mut Vec<Packet>) -> Option<()> {
    let (mut at, mut order, mut links) = (0, Order(false), Vec::new());
    loop {
        if bytes.get(at..at + 4)? == [0x0a, 0x0d, 0x0d, 0x0a] {
            order = Order(bytes.get(at + 8..at + 12)? == [0x1a, 0x2b, 0x3c, 0x4d]);
            links.clear();
        }
        let (kind, len) = (order.u32(bytes, at)?, order.u32(bytes, at + 4)? as usize);
        let block = bytes.get(at..at + len)?;
        match kind {
            1 => links.push((LinkType(order.u16(block, 8)?), order.u32(block, 12)?)),
            3 => {
                let (link, snap) = *links.first()?;
                let original_len = order.u32(block, 8)?;
                let len = if snap == 0 {
                    original_len
                } else {
                    original_len.min(snap)
                } as usize;
                packets.push(Packet {
                    link,
                    original_len,
                    data: block.get(12..12 + len)?.to_vec(),
                });
            }
            2 | 6 => {
                let interface = if kind == 2 {
                    u32::from(order.u16(block, 8)?)
                } else {
                    order.u32(block, 8)?
                };
                let (link, _) = *links.get(interface as usize)?;
                let (len, original_len) = (order.u32(block, 20)? as usize, order.u32(block, 24)?);
                packets.push(Packet {
                    link,
                    original_len,
                    data: block.get(28..28 + len)?.to_vec(),
                });
            }
            _ => {}
        }
        at += len.max(12);
    }
}
