//! The classic pcap format (draft-ietf-opsawg-pcap): a file header, then records.

use crate::buffer::{Buffer, Order};
use crate::{Item, MAX_RECORD_LEN, Packet, Stop, StopReason};

/// What the file header says.
pub(crate) struct PcapFile {
    order: Order,
    /// Nanoseconds in one unit of the records' fraction: 1000 or 1.
    unit: i64,
    /// Octets of a record header: 16; 24 in Kuznetzov's modified format.
    record_header: usize,
    lengths: Lengths,
    link_type: u16,
    announced: bool,
}

/// Old writers swapped captured and original length (see libpcap's `sf-pcap.c`).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lengths {
    InOrder,
    /// Version 2.3: some did, some did not; the captured length is the smaller one.
    MaybeSwapped,
    Swapped,
}

const FILE_HEADER: usize = 24;

impl PcapFile {
    /// Whether `head` begins a pcap file.
    pub(crate) fn recognises(head: &[u8]) -> bool {
        head.get(..4).is_some_and(|m| Self::magic(m).is_some())
    }

    /// Byte order, nanoseconds a unit, record header length, octets behind the file header.
    fn magic(m: &[u8]) -> Option<(Order, i64, usize, usize)> {
        for order in [Order::Little, Order::Big] {
            let found = match order.u32(m, 0) {
                0xa1b2_c3d4 => (order, 1000, 16, 0),
                0xa1b2_3c4d => (order, 1, 16, 0),
                // Kuznetzov's patch to libpcap: interface index, protocol, packet type behind the lengths.
                0xa1b2_cd34 => (order, 1000, 24, 0),
                // Ixia's hardware and software captures: nanoseconds, and the size of all records behind the header.
                0x1c00_01ac | 0x1c00_01ab => (order, 1, 16, 4),
                _ => continue,
            };
            return Some(found);
        }
        None
    }

    /// Reads the file header; the caller has seen that [`Self::recognises`] it.
    pub(crate) fn open(buffer: &mut Buffer) -> Result<Self, Stop> {
        let whole = buffer.fill(FILE_HEADER)?;
        let head = buffer.ahead();
        let (order, unit, record_header, behind) =
            Self::magic(head).ok_or_else(|| buffer.stop(StopReason::Malformed("not the magic of a pcap file")))?;
        if !whole {
            return Err(buffer.stop(StopReason::CutOff));
        }
        let lengths = match (order.u16(head, 4), order.u16(head, 6)) {
            (2, 543 | ..3) => Lengths::Swapped,
            (2, 3) => Lengths::MaybeSwapped,
            (2, _) => Lengths::InOrder,
            _ => return Err(buffer.stop(StopReason::Malformed("a pcap file of a version that nobody writes"))),
        };
        // The upper bits tell the length of a frame check sequence; link types are 16 bits (draft, section 4).
        #[allow(clippy::cast_possible_truncation, reason = "the link type is the low half")]
        let link_type = order.u32(head, 20) as u16;
        buffer.consume(FILE_HEADER);
        if !buffer.skip(behind as u64)? {
            return Err(buffer.stop(StopReason::CutOff));
        }
        Ok(Self {
            order,
            unit,
            record_header,
            lengths,
            link_type,
            announced: false,
        })
    }

    /// The next packet; `None` at the end.
    #[inline]
    pub(crate) fn next<'a>(&mut self, buffer: &'a mut Buffer) -> Result<Option<Item<'a>>, Stop> {
        if !self.announced {
            self.announced = true;
            return Ok(Some(Item::Interface {
                link_type: self.link_type,
                name: None,
            }));
        }
        if !buffer.fill(self.record_header)? {
            return if buffer.ahead().is_empty() {
                Ok(None)
            } else {
                Err(buffer.stop(StopReason::CutOff))
            };
        }
        let head = buffer.ahead();
        let (seconds, fraction) = (self.order.u32(head, 0), self.order.u32(head, 4));
        let (mut captured, mut original) = (self.order.u32(head, 8), self.order.u32(head, 12));
        if self.lengths == Lengths::Swapped || (self.lengths == Lengths::MaybeSwapped && captured > original) {
            std::mem::swap(&mut captured, &mut original);
        }
        if captured as usize > MAX_RECORD_LEN - self.record_header {
            return Err(buffer.stop(StopReason::TooLong(u64::from(captured))));
        }
        let captured = captured as usize;
        if !buffer.fill(self.record_header + captured)? {
            return Err(buffer.stop(StopReason::CutOff));
        }
        buffer.consume(self.record_header + captured);
        Ok(Some(Item::Packet(Packet {
            // Seconds are unsigned (draft, section 5), so files reach 2106.
            at_ns: i64::from(seconds) * 1_000_000_000 + i64::from(fraction) * self.unit,
            link_type: self.link_type,
            interface: 0,
            original_len: original,
            uid: None,
            data: buffer.consumed(captured),
        })))
    }
}
