//! Makes the large capture: the example capture many times over, on several phones at once.
//!
//! The same input gives the same bytes. Each copy plays on one of [`PHONES`] phones: their local addresses and MAC addresses
//! differ, and each copy has its own client ports, so its flows are new ones. Checksums are adjusted (RFC 1624) and payloads are
//! left alone, so names, certificates and QUIC Initials stay decodable. Never here: measuring.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use telltale_capture::{CaptureFile, Item};

/// Phones that play at the same time.
const PHONES: u32 = 16;
/// Ports from here on belong to clients and are changed.
const FIRST_CLIENT_PORT: u16 = 10_000;
/// How far the client ports of one round lie from those of the next: prime, so that they seldom meet.
const PORT_STEP: u32 = 233;
/// The large capture has at least these, octets with record headers.
const MIN_BYTES: u64 = 1_050_000_000;
const MIN_PACKETS: u64 = 2_000_000;
const MIN_FLOWS: u64 = 100_000;
/// Seconds since the Unix epoch at which it begins.
const BEGIN: u64 = 1_700_000_000;

/// What was made.
pub(crate) struct Made {
    pub(crate) packets: u64,
    pub(crate) bytes: u64,
    pub(crate) flows: u64,
    pub(crate) copies: u32,
}

/// An Ethernet packet of the example, with what a copy changes in it.
struct Template {
    /// Microseconds since the first packet.
    at_us: u64,
    original_len: u32,
    data: Vec<u8>,
    /// Offsets of bytes that tell phones apart: the third octet of local IPv4 addresses, the fifth of MAC addresses.
    phone_bytes: Vec<(usize, InChecksum)>,
    /// Offset of the client's port, where there is one.
    client_port: Option<usize>,
    /// Offsets of the IPv4 header's and the transport's checksum.
    ip_checksum: Option<usize>,
    transport_checksum: Option<usize>,
}

#[derive(Clone, Copy, PartialEq)]
enum InChecksum {
    Yes,
    No,
}

/// Writes `to` from `example` as a microsecond pcap, beside it first.
pub(crate) fn make(example: &Path, to: &Path) -> io::Result<Made> {
    let (templates, flows) = read(example)?;
    let record_bytes: u64 = templates.iter().map(|t| t.data.len() as u64 + 16).sum();
    let (packets, flows) = (templates.len() as u64, flows as u64);
    let copies = MIN_BYTES
        .div_ceil(record_bytes)
        .max(MIN_PACKETS.div_ceil(packets))
        .max(MIN_FLOWS.div_ceil(flows));
    let copies = u32::try_from(copies).map_err(io::Error::other)?;
    // As many copies at any time as there are phones: one round of a phone ends, its next begins.
    let step_us = templates.last().map_or(0, |t| t.at_us) / u64::from(PHONES) + 1;

    let beside = to.with_extension("part");
    let mut out = BufWriter::with_capacity(1 << 20, File::create(&beside)?);
    let head: [u32; 6] = [0xa1b2_c3d4, 4 << 16 | 2, 0, 0, 262_144, 1];
    head.iter().try_for_each(|word| out.write_all(&word.to_le_bytes()))?;
    // The next packet of each copy that plays, the earliest first; equal times go by copy.
    let mut next = (0..copies)
        .map(|copy| Reverse((u64::from(copy) * step_us, copy, 0_usize)))
        .collect::<BinaryHeap<_>>();
    let mut buffer = Vec::new();
    while let Some(Reverse((at_us, copy, index))) = next.pop() {
        let template = &templates[index];
        template.write(copy, at_us, &mut buffer);
        out.write_all(&buffer)?;
        if let Some(following) = templates.get(index + 1) {
            next.push(Reverse((u64::from(copy) * step_us + following.at_us, copy, index + 1)));
        }
    }
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    fs::rename(&beside, to)?;
    let all = u64::from(copies);
    Ok(Made {
        packets: packets * all,
        bytes: record_bytes * all + 24,
        flows: flows * all,
        copies,
    })
}

/// Copies the first packets of a pcap that [`make`] wrote, `bytes` at most; gives how many packets.
pub(crate) fn slice(from: &Path, to: &Path, bytes: u64) -> io::Result<u64> {
    // Record by record: what this process holds is counted as memory of the programs that it starts.
    let mut all = BufReader::new(File::open(from)?);
    let mut out = BufWriter::new(File::create(to)?);
    io::copy(&mut all.by_ref().take(24), &mut out)?;
    let (mut written, mut packets, mut head) = (24, 0, [0; 16]);
    while all.read_exact(&mut head).is_ok() {
        let length = u64::from(u32::from_le_bytes([head[8], head[9], head[10], head[11]]));
        written += 16 + length;
        if written > bytes {
            break;
        }
        out.write_all(&head)?;
        io::copy(&mut all.by_ref().take(length), &mut out)?;
        packets += 1;
    }
    out.flush()?;
    Ok(packets)
}

/// The example's packets in order of time, and how many flows they belong to.
fn read(example: &Path) -> io::Result<(Vec<Template>, usize)> {
    let mut file = CaptureFile::open(example).map_err(io::Error::other)?;
    let (mut templates, mut flows, mut first) = (Vec::new(), BTreeSet::new(), None);
    while let Some(item) = file.next_item().map_err(io::Error::other)? {
        let Item::Packet(packet) = item else { continue };
        let begin = *first.get_or_insert(packet.at_ns);
        let at_us = u64::try_from((packet.at_ns - begin) / 1_000).unwrap_or(0);
        if packet.link_type == 1 && packet.data.len() >= 14 {
            let (template, flow) = Template::of(at_us, packet.original_len, packet.data);
            flows.extend(flow);
            templates.push(template);
        }
    }
    templates.sort_by_key(|t| t.at_us);
    Ok((templates, flows.len()))
}

type Flow = [(IpAddr, u16); 2];

impl Template {
    fn of(at_us: u64, original_len: u32, data: &[u8]) -> (Self, Option<Flow>) {
        let mut template = Self {
            at_us,
            original_len,
            data: data.to_vec(),
            phone_bytes: Vec::new(),
            client_port: None,
            ip_checksum: None,
            transport_checksum: None,
        };
        // Unicast MAC addresses tell phones apart as well.
        template.phone_bytes.extend(
            [0, 6]
                .into_iter()
                .filter(|at| data[*at] & 1 == 0)
                .map(|at| (at + 4, InChecksum::No)),
        );
        let flow = template.find_ipv4();
        (template, flow)
    }

    /// Finds what changes in an IPv4 packet; other packets are copied with new MAC addresses only.
    fn find_ipv4(&mut self) -> Option<Flow> {
        const IP: usize = 14;
        let ip = self
            .data
            .get(IP..)
            .filter(|ip| self.data[12..14] == [8, 0] && ip.len() >= 20 && ip[0] >> 4 == 4)?;
        let address = |at: usize| Ipv4Addr::new(ip[at], ip[at + 1], ip[at + 2], ip[at + 3]);
        let (from, to) = (address(12), address(16));
        let transport = IP + usize::from(ip[0] & 15) * 4;
        let (protocol, later_fragment) = (ip[9], (u16::from(ip[6]) << 8 | u16::from(ip[7])) & 0x1fff != 0);
        self.ip_checksum = Some(IP + 10);
        for (at, _) in [(IP + 14, from), (IP + 18, to)]
            .into_iter()
            .filter(|(_, a)| a.is_private())
        {
            self.phone_bytes.push((at, InChecksum::Yes));
        }
        let checksum = transport + if protocol == 6 { 16 } else { 6 };
        if later_fragment || !matches!(protocol, 6 | 17) || self.data.len() < checksum + 2 {
            return None;
        }
        // UDP may go without a checksum.
        self.transport_checksum = (protocol == 6 || self.word(checksum) != 0).then_some(checksum);
        let ports = [self.word(transport), self.word(transport + 2)];
        let client = if from.is_private() {
            (transport, ports[0])
        } else {
            (transport + 2, ports[1])
        };
        self.client_port = (client.1 >= FIRST_CLIENT_PORT).then_some(client.0);
        let mut flow = [(IpAddr::from(from), ports[0]), (IpAddr::from(to), ports[1])];
        flow.sort_unstable();
        Some(flow)
    }

    fn word(&self, at: usize) -> u16 {
        u16::from_be_bytes([self.data[at], self.data[at + 1]])
    }

    /// The packet as it is in copy number `copy`, with its record header.
    fn write(&self, copy: u32, at_us: u64, buffer: &mut Vec<u8>) {
        let head = [
            BEGIN + at_us / 1_000_000,
            at_us % 1_000_000,
            self.data.len() as u64,
            u64::from(self.original_len),
        ];
        buffer.clear();
        for word in head {
            buffer.extend_from_slice(&(word as u32).to_le_bytes());
        }
        buffer.extend_from_slice(&self.data);
        let data = &mut buffer[16..];
        for (at, in_checksum) in &self.phone_bytes {
            let even = at & !1;
            let old = [data[even], data[even + 1]];
            data[*at] = data[*at].wrapping_add((copy % PHONES) as u8);
            let new = [data[even], data[even + 1]];
            if *in_checksum == InChecksum::Yes {
                adjust(data, self.ip_checksum, old, new);
                adjust(data, self.transport_checksum, old, new);
            }
        }
        if let Some(at) = self.client_port {
            let span = u32::from(u16::MAX - FIRST_CLIENT_PORT);
            let old = [data[at], data[at + 1]];
            let moved = u32::from(u16::from_be_bytes(old) - FIRST_CLIENT_PORT) + copy / PHONES * PORT_STEP;
            let new = (FIRST_CLIENT_PORT + (moved % span) as u16).to_be_bytes();
            data[at..at + 2].copy_from_slice(&new);
            adjust(data, self.transport_checksum, old, new);
        }
    }
}

/// RFC 1624, equation 3: the checksum at `at` after `old` became `new`.
fn adjust(data: &mut [u8], at: Option<usize>, old: [u8; 2], new: [u8; 2]) {
    let Some(at) = at else { return };
    let before = u16::from_be_bytes([data[at], data[at + 1]]);
    let sum = u32::from(!before) + u32::from(!u16::from_be_bytes(old)) + u32::from(u16::from_be_bytes(new));
    let folded = (sum & 0xffff) + (sum >> 16);
    let folded = (folded & 0xffff) + (folded >> 16);
    data[at..at + 2].copy_from_slice(&(!(folded as u16)).to_be_bytes());
}
