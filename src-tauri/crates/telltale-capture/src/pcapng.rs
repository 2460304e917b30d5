//! The pcapng format (draft-ietf-opsawg-pcapng): blocks in sections, each section with its byte order and interfaces.

use crate::buffer::{Buffer, Order};
use crate::{Item, MAX_RECORD_LEN, Packet, Stop, StopReason};
use std::ops::Range;

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const INTERFACE_STATISTICS: u32 = 5;
const ENHANCED_PACKET: u32 = 6;
const CUSTOM: u32 = 0x0000_0bad;
const CUSTOM_NO_COPY: u32 = 0x4000_0bad;
/// `PCAPdroid`'s private enterprise number.
const PCAPDROID: u32 = 62_652;
/// Interfaces of one section: an EPB's index is 32 bits, real files have a handful; each costs 32 octets here.
const MAX_INTERFACES: usize = 4_096;

#[derive(Clone, Copy)]
struct Interface {
    link_type: u16,
    snap_len: u32,
    resolution: Resolution,
    /// Seconds to add (`if_tsoffset`).
    offset_s: i64,
    /// Running number over all sections.
    running: u32,
}

/// Unit of time stamps (`if_tsresol`).
#[derive(Clone, Copy)]
enum Resolution {
    /// 10^-n seconds.
    Ten(u8),
    /// 2^-n seconds.
    Two(u8),
}

impl Resolution {
    fn nanoseconds(self, ticks: u64) -> i64 {
        let ns = match self {
            Self::Ten(n @ 0..=9) => u128::from(ticks) * 10_u128.pow(9 - u32::from(n)),
            Self::Ten(n) => u128::from(ticks) / 10_u128.checked_pow(u32::from(n) - 9).unwrap_or(u128::MAX),
            Self::Two(n) => (u128::from(ticks) * 1_000_000_000)
                .checked_shr(u32::from(n))
                .unwrap_or(0),
        };
        i64::try_from(ns).unwrap_or(i64::MAX)
    }
}

pub(crate) struct PcapNg {
    order: Order,
    interfaces: Vec<Interface>,
    running: u32,
    last_ns: i64,
}

impl PcapNg {
    /// Whether `head` begins a pcapng file.
    pub(crate) fn recognises(head: &[u8]) -> bool {
        head.starts_with(&SECTION_HEADER.to_be_bytes())
            && matches!(
                head.get(8..12),
                Some([0x1a, 0x2b, 0x3c, 0x4d] | [0x4d, 0x3c, 0x2b, 0x1a])
            )
    }

    pub(crate) const fn new() -> Self {
        Self {
            order: Order::Little,
            interfaces: Vec::new(),
            running: 0,
            last_ns: 0,
        }
    }

    /// The next packet or fact; `None` at the end.
    pub(crate) fn next<'a>(&mut self, buffer: &'a mut Buffer) -> Result<Option<Item<'a>>, Stop> {
        loop {
            let Some((kind, len)) = self.block(buffer)? else {
                return Ok(None);
            };
            let body = len - 12;
            // What follows borrows the consumed block, so that each arm can return from the loop.
            match kind {
                ENHANCED_PACKET | PACKET | SIMPLE_PACKET => {
                    let packet = self
                        .packet(kind, &buffer.ahead()[8..8 + body])
                        .map_err(|rule| malformed(buffer, rule))?;
                    let Parsed {
                        at_ns,
                        link_type,
                        interface,
                        original_len,
                        uid,
                        data,
                    } = packet;
                    self.last_ns = at_ns;
                    buffer.consume(len);
                    let data = &buffer.consumed(len)[8..][data];
                    return Ok(Some(Item::Packet(Packet {
                        at_ns,
                        link_type,
                        interface,
                        original_len,
                        uid,
                        data,
                    })));
                }
                INTERFACE_DESCRIPTION => {
                    let (interface, name) = self
                        .interface(&buffer.ahead()[8..8 + body])
                        .map_err(|rule| malformed(buffer, rule))?;
                    self.interfaces.push(interface);
                    self.running = self.running.saturating_add(1);
                    buffer.consume(len);
                    let name = name.map(|at| &buffer.consumed(len)[8..][at]);
                    return Ok(Some(Item::Interface {
                        link_type: interface.link_type,
                        name,
                    }));
                }
                INTERFACE_STATISTICS => {
                    let drops = self.statistics(&buffer.ahead()[8..8 + body]);
                    buffer.consume(len);
                    if let Some(drops) = drops {
                        return Ok(Some(drops));
                    }
                }
                CUSTOM | CUSTOM_NO_COPY => {
                    let app = self.uid_map(&buffer.ahead()[8..8 + body]);
                    buffer.consume(len);
                    if let Some((uid, package, label)) = app {
                        let body = &buffer.consumed(len)[8..];
                        return Ok(Some(Item::App {
                            uid,
                            package: &body[package],
                            label: &body[label],
                        }));
                    }
                }
                _ => buffer.consume(len),
            }
        }
    }

    /// Brings the next block wholly into memory: its type and total length. Section headers are taken here; a block of an unread kind
    /// that is longer than the limit is passed over.
    fn block(&mut self, buffer: &mut Buffer) -> Result<Option<(u32, usize)>, Stop> {
        loop {
            if !buffer.fill(12)? {
                return if buffer.ahead().is_empty() {
                    Ok(None)
                } else {
                    Err(buffer.stop(StopReason::CutOff))
                };
            }
            let section = buffer.ahead().starts_with(&SECTION_HEADER.to_be_bytes());
            if section {
                self.section(buffer)?;
            }
            let (kind, len) = (
                self.order.u32(buffer.ahead(), 0),
                self.order.u32(buffer.ahead(), 4) as usize,
            );
            if len < 12 || !len.is_multiple_of(4) {
                return Err(malformed(buffer, "a block with an impossible length"));
            }
            let read = matches!(
                kind,
                PACKET
                    | SIMPLE_PACKET
                    | ENHANCED_PACKET
                    | INTERFACE_DESCRIPTION
                    | INTERFACE_STATISTICS
                    | CUSTOM
                    | CUSTOM_NO_COPY
            );
            if len > MAX_RECORD_LEN && !read && !section {
                let at = buffer.stop(StopReason::CutOff);
                if !buffer.skip(len as u64)? {
                    return Err(at);
                }
                continue;
            }
            if !buffer.fill(len)? {
                return Err(buffer.stop(StopReason::CutOff));
            }
            if self.order.u32(buffer.ahead(), len - 4) as usize != len {
                return Err(malformed(buffer, "a block whose two lengths differ"));
            }
            if !section {
                return Ok(Some((kind, len)));
            }
            buffer.consume(len);
        }
    }

    /// Byte order and a fresh list of interfaces, from a section header (section 4.1).
    fn section(&mut self, buffer: &mut Buffer) -> Result<(), Stop> {
        if !buffer.fill(28)? {
            return Err(buffer.stop(StopReason::CutOff));
        }
        self.order = match buffer.ahead().get(8..12) {
            Some([0x1a, 0x2b, 0x3c, 0x4d]) => Order::Big,
            Some([0x4d, 0x3c, 0x2b, 0x1a]) => Order::Little,
            _ => return Err(malformed(buffer, "a section without a byte-order mark")),
        };
        if self.order.u16(buffer.ahead(), 12) != 1 {
            return Err(malformed(buffer, "a section of a version that is not known"));
        }
        self.interfaces.clear();
        Ok(())
    }

    /// Interface description block (section 4.2), and where in it the name stands.
    fn interface(&self, body: &[u8]) -> Result<(Interface, Option<Range<usize>>), &'static str> {
        if body.len() < 8 {
            return Err("an interface description that is too short");
        }
        if self.interfaces.len() >= MAX_INTERFACES {
            return Err("more interfaces than any real file has");
        }
        let mut interface = Interface {
            link_type: self.order.u16(body, 0),
            snap_len: self.order.u32(body, 4),
            resolution: Resolution::Ten(6),
            offset_s: 0,
            running: self.running,
        };
        let mut name = None;
        for (code, at) in self.options(body, 8) {
            match (code, at.len()) {
                (2, 1..) => name = Some(at),
                (9, 1) => {
                    interface.resolution = match body[at.start] {
                        n @ 0x80.. => Resolution::Two(n & 0x7f),
                        n => Resolution::Ten(n),
                    }
                }
                (14, 8) => interface.offset_s = self.order.u64(body, at.start).cast_signed(),
                _ => {}
            }
        }
        Ok((interface, name))
    }

    /// Enhanced (4.3), simple (4.4) and obsolete (A) packet blocks.
    fn packet(&self, kind: u32, body: &[u8]) -> Result<Parsed, &'static str> {
        let (index, ticks, captured, original, from) = match kind {
            SIMPLE_PACKET if body.len() >= 4 => (0, None, None, self.order.u32(body, 0), 4),
            ENHANCED_PACKET | PACKET if body.len() >= 20 => {
                let index = if kind == PACKET {
                    u32::from(self.order.u16(body, 0))
                } else {
                    self.order.u32(body, 0)
                };
                let ticks = u64::from(self.order.u32(body, 4)) << 32 | u64::from(self.order.u32(body, 8));
                (
                    index,
                    Some(ticks),
                    Some(self.order.u32(body, 12)),
                    self.order.u32(body, 16),
                    20,
                )
            }
            _ => return Err("a packet block that is too short"),
        };
        let interface = self
            .interfaces
            .get(index as usize)
            .ok_or("a packet of an interface that was not described")?;
        let room = body.len() - from;
        let captured = match captured {
            Some(n) if n as usize <= room => n as usize,
            Some(_) => return Err("a packet longer than its block"),
            // A simple block does not say: the smaller of original length and snap length (0: no limit).
            None if interface.snap_len == 0 => room.min(original as usize),
            None => room.min(original as usize).min(interface.snap_len as usize),
        };
        let at_ns = ticks.map_or(self.last_ns, |t| {
            interface
                .resolution
                .nanoseconds(t)
                .saturating_add(interface.offset_s.saturating_mul(1_000_000_000))
        });
        let uid = if kind == ENHANCED_PACKET {
            self.uid_comment(body, from + captured.next_multiple_of(4))
        } else {
            None
        };
        Ok(Parsed {
            at_ns,
            link_type: interface.link_type,
            interface: index,
            original_len: original,
            uid,
            data: from..from + captured,
        })
    }

    /// `PCAPdroid` names the app of a packet in a comment, `u-<uid>`.
    fn uid_comment(&self, body: &[u8], options: usize) -> Option<i32> {
        if options >= body.len() {
            return None;
        }
        self.options(body, options)
            .filter(|(code, _)| *code == 1)
            .find_map(|(_, at)| {
                std::str::from_utf8(body.get(at)?)
                    .ok()?
                    .strip_prefix("u-")?
                    .parse()
                    .ok()
            })
    }

    /// Losses out of an interface statistics block (section 4.6), where it tells any.
    fn statistics(&self, body: &[u8]) -> Option<Item<'static>> {
        if body.len() < 12 {
            return None;
        }
        let interface = self.interfaces.get(self.order.u32(body, 0) as usize)?.running;
        let (mut by_system, mut by_interface, mut told) = (0, 0, false);
        for (code, at) in self.options(body, 12) {
            match (code, at.len()) {
                (5, 8) => (by_interface, told) = (self.order.u64(body, at.start), true),
                (7, 8) => (by_system, told) = (self.order.u64(body, at.start), true),
                _ => {}
            }
        }
        told.then_some(Item::Drops {
            interface,
            by_system,
            by_interface,
        })
    }

    /// `PCAPdroid`'s custom block of type 1: uid, package, label, by their places in `body`.
    fn uid_map(&self, body: &[u8]) -> Option<(i32, Range<usize>, Range<usize>)> {
        if body.len() < 14 || self.order.u32(body, 0) != PCAPDROID || self.order.u16(body, 4) != 1 || body[6] != 1 {
            return None;
        }
        let package = 14..14 + usize::from(body[12]);
        let label = package.end..package.end + usize::from(body[13]);
        (label.end <= body.len()).then(|| (self.order.u32(body, 8).cast_signed(), package, label))
    }

    /// Options from `at` on: code and place of the value; ends at the end mark or the first that does not fit (section 3.5).
    fn options(&self, body: &[u8], mut at: usize) -> impl Iterator<Item = (u16, Range<usize>)> {
        std::iter::from_fn(move || {
            if at + 4 > body.len() {
                return None;
            }
            let (code, len) = (self.order.u16(body, at), usize::from(self.order.u16(body, at + 2)));
            let from = at + 4;
            at = from + len.next_multiple_of(4);
            (code != 0 && from + len <= body.len()).then_some((code, from..from + len))
        })
    }
}

/// A packet block, with its octets as places in the block's body.
struct Parsed {
    at_ns: i64,
    link_type: u16,
    interface: u32,
    original_len: u32,
    uid: Option<i32>,
    data: Range<usize>,
}

const fn malformed(buffer: &Buffer, rule: &'static str) -> Stop {
    buffer.stop(StopReason::Malformed(rule))
}
