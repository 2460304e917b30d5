//! Packets -> a pcapng file or stream (draft-ietf-opsawg-pcapng), as `telltale-capd` and the recording write it.
//!
//! One section in little-endian order, times in nanoseconds. What is written here is read again by [`crate::CaptureFile`].
//! Never here: opening or splitting files, and the clock (each time is an argument).

use crate::MAX_RECORD_LEN;
use std::io::{self, ErrorKind, Write};

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const INTERFACE_STATISTICS: u32 = 5;
const ENHANCED_PACKET: u32 = 6;
/// A custom block that may be copied (section 4.7).
const CUSTOM: u32 = 0x0000_0bad;
/// `PCAPdroid`'s private enterprise number, under which readers look for its UID map.
const PCAPDROID: u32 = 62_652;
/// The longest text in an option, in octets: far below the format's 65,535, far above any real name or filter.
const MAX_TEXT: usize = 8_192;

/// Who made the file: the section header's options; empty ones are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// The computer.
    pub hardware: String,
    /// Its operating system; also given with each interface.
    pub os: String,
    /// The program that writes.
    pub application: String,
}

/// One interface of the section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InterfaceBlock {
    /// `LINKTYPE_` number.
    pub link_type: u16,
    /// The most octets kept of a packet; 0 for no limit.
    pub snap_len: u32,
    /// The interface's name (`if_name`).
    pub name: Option<String>,
    /// The filter that was set, as the user wrote it (`if_filter`).
    pub filter: Option<String>,
    /// For people (`if_description`).
    pub description: Option<String>,
}

/// Counts of one interface, kept for its statistics.
#[derive(Clone, Copy, Default)]
struct Written {
    first_ns: Option<i64>,
    packets: u64,
}

/// Writes one section. Each call makes several small writes: give it a buffered writer.
///
/// After an error the stream may end inside a block, which a reader reports as cut off.
pub struct PcapngWriter<W: Write> {
    to: W,
    os: String,
    interfaces: Vec<Written>,
}

impl<W: Write> PcapngWriter<W> {
    /// Begins a section.
    pub fn new(to: W, section: &Section) -> io::Result<Self> {
        let mut writer = Self {
            to,
            os: section.os.clone(),
            interfaces: Vec::new(),
        };
        // Byte-order mark, version 1.0, a length that is not known (-1).
        let mut body = Vec::with_capacity(128);
        body.extend_from_slice(&0x1a2b_3c4d_u32.to_le_bytes());
        body.extend_from_slice(&[1, 0, 0, 0]);
        body.extend_from_slice(&(-1_i64).to_le_bytes());
        let texts = [(2, &section.hardware), (3, &section.os), (4, &section.application)];
        for (code, text) in texts {
            text_option(&mut body, code, text);
        }
        end_options(&mut body, 16);
        writer.block(SECTION_HEADER, &body)?;
        Ok(writer)
    }

    /// Describes an interface; the number returned names it in what follows.
    pub fn interface(&mut self, interface: &InterfaceBlock) -> io::Result<u32> {
        let number = u32::try_from(self.interfaces.len()).map_err(|_| invalid("too many interfaces"))?;
        let mut body = Vec::with_capacity(256);
        body.extend_from_slice(&interface.link_type.to_le_bytes());
        body.extend_from_slice(&[0, 0]);
        body.extend_from_slice(&interface.snap_len.to_le_bytes());
        text_option(&mut body, 2, interface.name.as_deref().unwrap_or_default());
        text_option(&mut body, 3, interface.description.as_deref().unwrap_or_default());
        option(&mut body, 9, &[9]);
        if let Some(filter) = interface.filter.as_deref().filter(|f| !f.is_empty()) {
            // The leading octet says that a string follows, not a program.
            let mut value = vec![0];
            value.extend_from_slice(at_most(filter, MAX_TEXT).as_bytes());
            option(&mut body, 11, &value);
        }
        let os = std::mem::take(&mut self.os);
        text_option(&mut body, 12, &os);
        self.os = os;
        end_options(&mut body, 8);
        self.block(INTERFACE_DESCRIPTION, &body)?;
        self.interfaces.push(Written::default());
        Ok(number)
    }

    /// One packet: its time in nanoseconds since the Unix epoch (before it: written as the epoch), its octets on the wire and those
    /// that are kept, and the Android user id of its app, where known.
    pub fn packet(
        &mut self,
        interface: u32,
        at_ns: i64,
        original_len: u32,
        data: &[u8],
        uid: Option<i32>,
    ) -> io::Result<()> {
        let captured = u32::try_from(data.len())
            .ok()
            .filter(|_| data.len() < MAX_RECORD_LEN - 64);
        let captured = captured.ok_or_else(|| invalid("a packet longer than any reader takes"))?;
        let known = self.known(interface)?;
        known.first_ns.get_or_insert(at_ns);
        known.packets += 1;
        let padding = data.len().next_multiple_of(4) - data.len();
        // At most "u--2147483648": 13 octets.
        let comment = uid.map(|uid| format!("u-{uid}"));
        let mut options = Vec::new();
        if let Some(comment) = &comment {
            text_option(&mut options, 1, comment);
            end_options(&mut options, 0);
        }
        let len = 32_usize + data.len() + padding + options.len();
        let len = u32::try_from(len).map_err(|_| invalid("a packet longer than any reader takes"))?;

        let mut head = [0; 28];
        let [high, low] = ticks(at_ns);
        let fields = [ENHANCED_PACKET, len, interface, high, low, captured, original_len];
        for (place, field) in head.as_chunks_mut::<4>().0.iter_mut().zip(fields) {
            *place = field.to_le_bytes();
        }
        self.to.write_all(&head)?;
        self.to.write_all(data)?;
        self.to.write_all(&[0; 3][..padding])?;
        if !options.is_empty() {
            self.to.write_all(&options)?;
        }
        self.to.write_all(&len.to_le_bytes())
    }

    /// Statistics of an interface up to a time, all counted from its beginning: packets received, lost by the operating system
    /// (`isb_osdrop`), lost by the interface (`isb_ifdrop`). How many were written is added by itself (`isb_usrdeliv`).
    pub fn drops(
        &mut self,
        interface: u32,
        at_ns: i64,
        received: u64,
        by_system: u64,
        by_interface: u64,
    ) -> io::Result<()> {
        let known = self.known(interface)?;
        let first_ns = *known.first_ns.get_or_insert(at_ns);
        let packets = known.packets;
        let mut body = Vec::with_capacity(88);
        body.extend_from_slice(&interface.to_le_bytes());
        body.extend_from_slice(&time(at_ns));
        option(&mut body, 2, &time(first_ns));
        option(&mut body, 3, &time(at_ns));
        for (code, count) in [(4, received), (5, by_interface), (7, by_system), (8, packets)] {
            option(&mut body, code, &count.to_le_bytes());
        }
        end_options(&mut body, 0);
        self.block(INTERFACE_STATISTICS, &body)
    }

    /// Which app a user id stands for, as `PCAPdroid` writes it (custom block, UID map); texts are cut to 255 octets.
    pub fn app(&mut self, uid: i32, package: &str, label: &str) -> io::Result<()> {
        let (package, label) = (at_most(package, 255), at_most(label, 255));
        let lengths = [package, label].map(|text| u8::try_from(text.len()).unwrap_or(u8::MAX));
        let mut body = Vec::with_capacity(128);
        body.extend_from_slice(&PCAPDROID.to_le_bytes());
        // Version 1 in the section's order, type 1 (UID map), padding.
        body.extend_from_slice(&[1, 0, 1, 0]);
        body.extend_from_slice(&uid.to_le_bytes());
        body.extend_from_slice(&lengths);
        body.extend_from_slice(package.as_bytes());
        body.extend_from_slice(label.as_bytes());
        pad(&mut body);
        self.block(CUSTOM, &body)
    }

    /// Hands everything written so far to the system.
    pub fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }

    /// The writer below, not flushed.
    pub fn into_inner(self) -> W {
        self.to
    }

    /// The writer below, to ask it what it took.
    pub const fn get_ref(&self) -> &W {
        &self.to
    }

    fn known(&mut self, interface: u32) -> io::Result<&mut Written> {
        let at = usize::try_from(interface).unwrap_or(usize::MAX);
        self.interfaces
            .get_mut(at)
            .ok_or_else(|| invalid("an interface that was not described"))
    }

    /// A block around a body of whole 32-bit words.
    fn block(&mut self, kind: u32, body: &[u8]) -> io::Result<()> {
        let len = u32::try_from(body.len() + 12).map_err(|_| invalid("a block that is too long"))?;
        self.to.write_all(&kind.to_le_bytes())?;
        self.to.write_all(&len.to_le_bytes())?;
        self.to.write_all(body)?;
        self.to.write_all(&len.to_le_bytes())
    }
}

/// High and low half of a time (section 4.3), which is unsigned.
fn ticks(at_ns: i64) -> [u32; 2] {
    let ticks = at_ns.max(0);
    [ticks >> 32, ticks & 0xffff_ffff].map(|half| u32::try_from(half).unwrap_or(u32::MAX))
}

fn time(at_ns: i64) -> Vec<u8> {
    ticks(at_ns).into_iter().flat_map(u32::to_le_bytes).collect()
}

/// An option with its padding (section 3.5); values here are far shorter than an option can be.
fn option(body: &mut Vec<u8>, code: u16, value: &[u8]) {
    body.extend_from_slice(&code.to_le_bytes());
    let len = u16::try_from(value.len()).unwrap_or(u16::MAX);
    body.extend_from_slice(&len.to_le_bytes());
    body.extend_from_slice(&value[..usize::from(len)]);
    pad(body);
}

fn text_option(body: &mut Vec<u8>, code: u16, text: &str) {
    if !text.is_empty() {
        option(body, code, at_most(text, MAX_TEXT).as_bytes());
    }
}

/// The end mark, where there are options behind the `fixed` octets.
fn end_options(body: &mut Vec<u8>, fixed: usize) {
    if body.len() > fixed {
        body.extend_from_slice(&[0; 4]);
    }
}

fn pad(body: &mut Vec<u8>) {
    body.resize(body.len().next_multiple_of(4), 0);
}

/// The beginning of `text` that fits into `most` octets, whole characters.
fn at_most(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(ErrorKind::InvalidInput, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CaptureFile, Item};
    use std::io::Cursor;

    /// Every item of what was written, as text.
    fn read(bytes: Vec<u8>) -> Vec<String> {
        let total = bytes.len() as u64;
        let mut file = CaptureFile::from_reader(Cursor::new(bytes), total).expect("pcapng");
        let mut seen = Vec::new();
        while let Some(item) = file.next_item().expect("whole") {
            let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
            seen.push(match item {
                Item::Packet(p) => format!(
                    "packet {} {} {} {} {:?} {:?}",
                    p.interface, p.link_type, p.at_ns, p.original_len, p.uid, p.data
                ),
                Item::App { uid, package, label } => format!("app {uid} {} {}", text(package), text(label)),
                Item::Drops {
                    interface,
                    by_system,
                    by_interface,
                } => format!("drops {interface} {by_system} {by_interface}"),
                Item::Interface { link_type, name } => format!("interface {link_type} {:?}", name.map(text)),
            });
        }
        seen
    }

    fn section() -> Section {
        Section {
            hardware: "a computer".to_owned(),
            os: "Linux 6.1".to_owned(),
            application: "Telltale".to_owned(),
        }
    }

    fn ethernet() -> InterfaceBlock {
        InterfaceBlock {
            link_type: 1,
            snap_len: 262_144,
            name: Some("wlan0".to_owned()),
            filter: Some("host 10.42.0.23".to_owned()),
            description: Some("the hotspot".to_owned()),
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut w = PcapngWriter::new(Vec::new(), &section()).unwrap();
        assert_eq!(w.interface(&ethernet()).unwrap(), 0);
        let bare = InterfaceBlock {
            link_type: 101,
            ..InterfaceBlock::default()
        };
        assert_eq!(w.interface(&bare).unwrap(), 1);
        w.app(10_123, "org.example.app", "Beispiel ünd").unwrap();
        w.packet(0, 1_700_000_000_123_456_789, 1_500, &[1, 2, 3, 4, 5], None)
            .unwrap();
        w.packet(1, 1_700_000_000_123_456_790, 4, &[9, 8, 7, 6], Some(10_123))
            .unwrap();
        w.packet(1, -5, 0, &[], Some(-1)).unwrap();
        w.drops(1, 1_700_000_001_000_000_000, 12, 7, 3).unwrap();
        w.flush().unwrap();
        assert_eq!(
            read(w.into_inner()),
            [
                "interface 1 Some(\"wlan0\")",
                "interface 101 None",
                "app 10123 org.example.app Beispiel ünd",
                "packet 0 1 1700000000123456789 1500 None [1, 2, 3, 4, 5]",
                "packet 1 101 1700000000123456790 4 Some(10123) [9, 8, 7, 6]",
                "packet 1 101 0 0 Some(-1) []",
                "drops 1 7 3",
            ]
        );
    }

    #[test]
    fn statistics_say_what_was_received_written_and_lost_since_when() {
        let mut w = PcapngWriter::new(Vec::new(), &Section::default()).unwrap();
        w.interface(&ethernet()).unwrap();
        w.packet(0, 1_000, 1, &[0], None).unwrap();
        let from = w.get_ref().len();
        w.drops(0, 2_000, 10, 9, 0).unwrap();
        let block = &w.get_ref()[from..];
        let has = |code: u8, value: &[u8]| {
            let option = [&[code, 0, 8, 0], value].concat();
            assert!(block.windows(12).any(|at| at == option), "option {code} in {block:?}");
        };
        has(2, &time(1_000));
        has(3, &time(2_000));
        has(4, &10_u64.to_le_bytes());
        has(5, &0_u64.to_le_bytes());
        has(7, &9_u64.to_le_bytes());
        has(8, &1_u64.to_le_bytes());
    }

    #[test]
    fn texts_of_any_length_stay_readable() {
        let long = "é".repeat(70_000);
        let section = Section {
            application: long.clone(),
            ..Section::default()
        };
        let mut w = PcapngWriter::new(Vec::new(), &section).unwrap();
        let interface = InterfaceBlock {
            filter: Some(long.clone()),
            name: Some(long.clone()),
            ..ethernet()
        };
        w.interface(&interface).unwrap();
        w.app(1, &long, &long).unwrap();
        let seen = read(w.into_inner());
        assert_eq!(seen[1], format!("app 1 {0} {0}", "é".repeat(127)));
    }

    #[test]
    fn what_no_reader_takes_is_refused() {
        let mut w = PcapngWriter::new(Vec::new(), &section()).unwrap();
        assert_eq!(
            w.packet(0, 0, 1, &[0], None).unwrap_err().kind(),
            ErrorKind::InvalidInput
        );
        assert_eq!(w.drops(0, 0, 0, 0, 0).unwrap_err().kind(), ErrorKind::InvalidInput);
        w.interface(&ethernet()).unwrap();
        let most = vec![0; MAX_RECORD_LEN - 65];
        w.packet(0, 0, 0, &most, Some(i32::MIN)).unwrap();
        assert!(w.packet(0, 0, 0, &vec![0; MAX_RECORD_LEN - 64], None).is_err());
        assert_eq!(read(w.into_inner()).len(), 2);
    }
}
