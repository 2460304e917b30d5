//! Whole files, made here octet by octet, in every form that the formats allow; and damage of every kind.
#![allow(missing_docs)]

use std::io::{self, Cursor, Read, Write};
use telltale_capture::{CaptureError, CaptureFile, Item, LooksLike, Stop, StopReason};

/// What a test remembers of an item.
#[derive(Debug, PartialEq, Eq, Clone)]
enum Seen {
    Packet {
        at_ns: i64,
        link: u16,
        interface: u32,
        original: u32,
        uid: Option<i32>,
        data: Vec<u8>,
    },
    App(i32, String, String),
    Drops(u32, u64, u64),
    Interface(u16, Option<String>),
}

fn read(bytes: &[u8]) -> Result<(Vec<Seen>, Option<Stop>, String), CaptureError> {
    let mut file = CaptureFile::from_reader(Cursor::new(bytes.to_vec()), bytes.len() as u64)?;
    let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
    let mut seen = Vec::new();
    let stop = loop {
        match file.next_item() {
            Ok(Some(Item::Packet(p))) => seen.push(Seen::Packet {
                at_ns: p.at_ns,
                link: p.link_type,
                interface: p.interface,
                original: p.original_len,
                uid: p.uid,
                data: p.data.to_vec(),
            }),
            Ok(Some(Item::App { uid, package, label })) => seen.push(Seen::App(uid, text(package), text(label))),
            Ok(Some(Item::Drops {
                interface,
                by_system,
                by_interface,
            })) => {
                seen.push(Seen::Drops(interface, by_system, by_interface));
            }
            Ok(Some(Item::Interface { link_type, name })) => seen.push(Seen::Interface(link_type, name.map(text))),
            Ok(None) => break None,
            Err(stop) => break Some(stop),
        }
    };
    Ok((seen, stop, file.format()))
}

fn packets(seen: &[Seen]) -> Vec<(i64, Vec<u8>)> {
    seen.iter()
        .filter_map(|s| match s {
            Seen::Packet { at_ns, data, .. } => Some((*at_ns, data.clone())),
            _ => None,
        })
        .collect()
}

/// Writes numbers in one byte order.
#[derive(Clone, Copy)]
struct W(bool);

impl W {
    fn u16(self, n: u16) -> [u8; 2] {
        if self.0 { n.to_be_bytes() } else { n.to_le_bytes() }
    }
    fn u32(self, n: u32) -> [u8; 4] {
        if self.0 { n.to_be_bytes() } else { n.to_le_bytes() }
    }
    fn u64(self, n: u64) -> [u8; 8] {
        if self.0 { n.to_be_bytes() } else { n.to_le_bytes() }
    }

    fn pcap_header(self, magic: u32, minor: u16, link: u32) -> Vec<u8> {
        [
            &self.u32(magic)[..],
            &self.u16(2),
            &self.u16(minor),
            &[0; 8],
            &self.u32(65_535),
            &self.u32(link),
        ]
        .concat()
    }

    fn record(self, s: u32, fraction: u32, original: u32, data: &[u8]) -> Vec<u8> {
        let len = u32::try_from(data.len()).unwrap();
        [
            &self.u32(s)[..],
            &self.u32(fraction),
            &self.u32(len),
            &self.u32(original),
            data,
        ]
        .concat()
    }

    fn block(self, kind: u32, body: &[u8]) -> Vec<u8> {
        let mut padded = body.to_vec();
        padded.resize(body.len().next_multiple_of(4), 0);
        let len = self.u32(u32::try_from(padded.len() + 12).unwrap());
        [&self.u32(kind)[..], &len, &padded, &len].concat()
    }

    fn section(self) -> Vec<u8> {
        self.block(
            0x0a0d_0d0a,
            &[&self.u32(0x1a2b_3c4d)[..], &self.u16(1), &self.u16(0), &[0xff; 8]].concat(),
        )
    }

    fn option(self, code: u16, value: &[u8]) -> Vec<u8> {
        let mut padded = value.to_vec();
        padded.resize(value.len().next_multiple_of(4), 0);
        [
            &self.u16(code)[..],
            &self.u16(u16::try_from(value.len()).unwrap()),
            &padded,
        ]
        .concat()
    }

    fn interface(self, link: u16, snap: u32, options: &[Vec<u8>]) -> Vec<u8> {
        self.block(
            1,
            &[&self.u16(link)[..], &[0, 0], &self.u32(snap), &options.concat()].concat(),
        )
    }

    fn packet(self, interface: u32, ticks: u64, original: u32, data: &[u8], options: &[Vec<u8>]) -> Vec<u8> {
        let mut padded = data.to_vec();
        padded.resize(data.len().next_multiple_of(4), 0);
        let (high, low) = ((ticks >> 32) as u32, (ticks & 0xffff_ffff) as u32);
        let head = [interface, high, low, u32::try_from(data.len()).unwrap(), original]
            .map(|n| self.u32(n))
            .concat();
        self.block(6, &[head, padded, options.concat()].concat())
    }
}

const ORDERS: [W; 2] = [W(false), W(true)];

#[test]
fn pcap_in_both_orders_and_resolutions() {
    for w in ORDERS {
        for (magic, fraction, ns) in [
            (0xa1b2_c3d4, 999_999, 999_999_000),
            (0xa1b2_3c4d, 999_999_999, 999_999_999),
        ] {
            let file = [
                w.pcap_header(magic, 4, 1),
                w.record(7, fraction, 60, b"abc"),
                w.record(0xffff_ffff, 0, 3, b"xyz"),
            ]
            .concat();
            let (seen, stop, format) = read(&file).unwrap();
            assert_eq!((stop, format.as_str()), (None, "pcap"));
            assert_eq!(seen[0], Seen::Interface(1, None));
            let first = Seen::Packet {
                at_ns: 7_000_000_000 + ns,
                link: 1,
                interface: 0,
                original: 60,
                uid: None,
                data: b"abc".to_vec(),
            };
            assert_eq!(seen[1], first);
            assert_eq!(packets(&seen)[1].0, 4_294_967_295_000_000_000, "seconds are unsigned");
        }
    }
}

#[test]
fn odd_pcap_headers() {
    for w in ORDERS {
        // Kuznetzov's format has eight more octets a record.
        let mut record = w.record(1, 2, 3, b"");
        record[8..12].copy_from_slice(&w.u32(3));
        record.extend([0; 8]);
        record.extend(b"abc");
        let (seen, stop, _) = read(&[w.pcap_header(0xa1b2_cd34, 4, 1), record].concat()).unwrap();
        assert_eq!((stop, packets(&seen)), (None, vec![(1_000_002_000, b"abc".to_vec())]));
        // Ixia's has the size of all records behind the file header.
        let file = [
            w.pcap_header(0x1c00_01ac, 4, 1),
            w.u32(19).to_vec(),
            w.record(1, 2, 3, b"abc"),
        ]
        .concat();
        assert_eq!(packets(&read(&file).unwrap().0), vec![(1_000_000_002, b"abc".to_vec())]);
        // Old versions swapped the lengths, or may have.
        for minor in [2, 3] {
            let mut record = w.record(1, 0, 0, b"abc");
            record[8..16].copy_from_slice(&[w.u32(90), w.u32(3)].concat());
            let (seen, ..) = read(&[w.pcap_header(0xa1b2_c3d4, minor, 1), record].concat()).unwrap();
            assert!(
                matches!(&seen[1], Seen::Packet { original: 90, data, .. } if data == b"abc"),
                "{seen:?}"
            );
        }
        // The upper bits of the link type tell the length of the frame check sequence.
        let (seen, ..) =
            read(&[w.pcap_header(0xa1b2_c3d4, 4, 0x1400_0071), w.record(1, 0, 3, b"abc")].concat()).unwrap();
        assert!(matches!(seen[1], Seen::Packet { link: 113, .. }));
    }
}

#[test]
fn pcapng_sections_interfaces_and_resolutions() {
    let mut file = Vec::new();
    for w in ORDERS {
        file.extend(w.section());
        file.extend(w.interface(1, 0, &[w.option(2, b"wlan0"), w.option(9, &[9]), w.option(0, &[])]));
        file.extend(w.interface(101, 0, &[w.option(9, &[0x8a]), w.option(14, &w.u64(100))]));
        file.extend(w.interface(101, 2, &[]));
        file.extend(w.packet(0, 1_234_567_890_123, 70, b"abcde", &[]));
        file.extend(w.packet(1, 1_536, 4, b"abcd", &[]));
        file.extend(w.packet(2, 5, 4, b"abcd", &[]));
    }
    let (seen, stop, format) = read(&file).unwrap();
    assert_eq!((stop, format.as_str(), seen.len()), (None, "pcapng", 12));
    for half in seen.chunks(6) {
        assert_eq!(half[0], Seen::Interface(1, Some("wlan0".into())));
        let times: Vec<i64> = packets(half).iter().map(|p| p.0).collect();
        assert_eq!(times, [1_234_567_890_123, 101_500_000_000, 5_000]);
        assert!(matches!(
            half[3],
            Seen::Packet {
                link: 1,
                interface: 0,
                original: 70,
                ..
            }
        ));
        assert!(matches!(
            half[4],
            Seen::Packet {
                link: 101,
                interface: 1,
                ..
            }
        ));
    }
}

#[test]
fn pcapng_other_blocks() {
    for w in ORDERS {
        let simple = w.block(3, &[&w.u32(9)[..], b"abcd"].concat());
        let obsolete = w.block(
            2,
            &[
                &w.u16(0)[..],
                &w.u16(0),
                &w.u32(0),
                &w.u32(9),
                &w.u32(2),
                &w.u32(2),
                b"hi\0\0",
            ]
            .concat(),
        );
        let drops = w.block(
            5,
            &[&w.u32(0)[..], &[0; 8], &w.option(5, &w.u64(3)), &w.option(7, &w.u64(4))].concat(),
        );
        let silent = w.block(5, &[&w.u32(0)[..], &[0; 8]].concat());
        let secrets = w.block(10, b"whatever");
        let unknown = w.block(0x7777, &[0; 400]);
        let file = [
            w.section(),
            w.interface(1, 4, &[]),
            secrets,
            obsolete,
            simple,
            unknown,
            silent,
            drops,
        ]
        .concat();
        let (seen, stop, _) = read(&file).unwrap();
        assert_eq!(stop, None);
        assert_eq!(
            packets(&seen),
            vec![(9_000, b"hi".to_vec()), (9_000, b"abcd".to_vec())],
            "the snap length cuts a simple block"
        );
        assert_eq!(seen.last(), Some(&Seen::Drops(0, 4, 3)));
    }
}

#[test]
fn pcapdroid_names_apps() {
    for w in ORDERS {
        let map = [
            &w.u32(62_652)[..],
            &w.u16(1),
            &[1, 0],
            &w.u32(10_123),
            &[7, 5],
            b"org.appMyApp",
        ]
        .concat();
        let file = [
            w.section(),
            w.interface(101, 0, &[]),
            w.block(0xbad, &map),
            w.packet(0, 1, 3, b"abc", &[w.option(1, b"u-10123")]),
            w.packet(0, 1, 3, b"abc", &[w.option(1, b"a note"), w.option(1, b"u--1")]),
            w.packet(0, 1, 3, b"abc", &[w.option(1, b"u-many")]),
        ]
        .concat();
        let (seen, stop, _) = read(&file).unwrap();
        assert_eq!(stop, None);
        assert_eq!(seen[1], Seen::App(10_123, "org.app".into(), "MyApp".into()));
        let uids: Vec<_> = seen
            .iter()
            .filter_map(|s| {
                if let Seen::Packet { uid, .. } = s {
                    Some(*uid)
                } else {
                    None
                }
            })
            .collect();
        assert_eq!(uids, [Some(10_123), Some(-1), None]);
    }
}

fn sample_pcap() -> Vec<u8> {
    let w = W(false);
    (0..20).fold(w.pcap_header(0xa1b2_c3d4, 4, 1), |mut file, n| {
        file.extend(w.record(n, 0, 100, &vec![7; n as usize * 5]));
        file
    })
}

fn sample_pcapng() -> Vec<u8> {
    let w = W(true);
    (0..20_u32).fold([w.section(), w.interface(1, 0, &[])].concat(), |mut file, n| {
        file.extend(w.packet(0, u64::from(n), 100, &vec![7; n as usize * 5], &[w.option(1, b"u-5")]));
        file
    })
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

#[test]
fn packed_files_read_the_same() {
    for plain in [sample_pcap(), sample_pcapng()] {
        let want = read(&plain).unwrap();
        let (a, b) = plain.split_at(plain.len() / 2);
        let skippable = [&[0x50, 0x2a, 0x4d, 0x18][..], &5_u32.to_le_bytes(), b"hello"].concat();
        for (packed, suffix) in [
            (gzip(&plain), "+gzip"),
            ([gzip(a), gzip(b)].concat(), "+gzip"),
            (zstd(&plain), "+zstd"),
            ([skippable.clone(), zstd(a), skippable, zstd(b)].concat(), "+zstd"),
        ] {
            let got = read(&packed).unwrap();
            assert_eq!((&got.0, &got.1), (&want.0, &want.1));
            assert_eq!(got.2, format!("{}{suffix}", want.2));
        }
    }
}

#[test]
fn every_prefix_gives_what_is_whole_and_says_where_it_stopped() {
    for file in [sample_pcap(), sample_pcapng()] {
        let whole = read(&file).unwrap().0;
        for cut in 0..file.len() {
            let Ok((seen, stop, _)) = read(&file[..cut]) else {
                assert!(cut < 28, "a file of {cut} octets is a capture that was cut");
                continue;
            };
            assert_eq!(seen, whole[..seen.len()], "cut at {cut}");
            match stop {
                Some(Stop {
                    at,
                    reason: StopReason::CutOff,
                }) => assert!(at < cut as u64, "cut at {cut}, said {at}"),
                Some(other) => panic!("cut at {cut}: {other}"),
                None => assert!(packets(&seen).len() < 20),
            }
        }
    }
}

/// Gives some octets, then says that nothing comes just now, in turn; its first 64 octets come at once.
struct Hesitant {
    bytes: Cursor<Vec<u8>>,
    silent: bool,
}

impl Read for Hesitant {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let begun = self.bytes.position() >= 64;
        self.silent = begun && !self.silent;
        if self.silent {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let most = into.len().min(if begun { 7 } else { 64 });
        self.bytes.read(&mut into[..most])
    }
}

#[test]
fn a_source_that_falls_silent_anywhere_goes_on() {
    for bytes in [sample_pcap(), sample_pcapng()] {
        let bytes = bytes.repeat(if bytes[0] == 0x0a { 2 } else { 1 });
        let (whole, stop, _) = read(&bytes).unwrap();
        assert!(stop.is_none() && !whole.is_empty());
        let source = Hesitant {
            bytes: Cursor::new(bytes),
            silent: false,
        };
        let mut file = CaptureFile::from_reader(source, 0).unwrap();
        let (mut items, mut silences, mut octets) = (0, 0, Vec::new());
        loop {
            match file.next_item() {
                Ok(Some(item)) => {
                    items += 1;
                    if let Item::Packet(p) = item {
                        octets.push((p.at_ns, p.data.to_vec()));
                    }
                }
                Ok(None) => break,
                Err(stop) => {
                    assert_eq!(stop.reason, StopReason::Quiet);
                    silences += 1;
                }
            }
        }
        assert!(silences > 3, "{silences}");
        assert_eq!((items, octets), (whole.len(), packets(&whole)));
    }
}

#[test]
fn a_cut_packed_file_gives_what_came_out() {
    // Longer than a block of zstd, so that whole blocks come out before the cut; noise, so that it does not shrink to nothing.
    let w = W(false);
    let file = (0..2_000_u32).fold(w.pcap_header(0xa1b2_c3d4, 4, 1), |mut file, n| {
        let data: Vec<u8> = (0..200_u32)
            .map(|i| (n.wrapping_mul(2_654_435_761).wrapping_mul(i | 1) >> 24) as u8)
            .collect();
        file.extend(w.record(n, 0, 200, &data));
        file
    });
    let whole = read(&file).unwrap().0;
    for packed in [gzip(&file), zstd(&file)] {
        let (seen, stop, _) = read(&packed[..packed.len() - 1_000]).unwrap();
        assert!(stop.is_some());
        assert!(seen.len() > 100 && seen.len() < whole.len(), "{}", seen.len());
        assert_eq!(seen, whole[..seen.len()]);
    }
}

#[test]
fn flipped_octets_never_panic_and_never_take_much_memory() {
    let mut random = 0x1234_5678_u64;
    let mut next = move || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random >> 16).unwrap()
    };
    for file in [
        sample_pcap(),
        sample_pcapng(),
        gzip(&sample_pcap()),
        zstd(&sample_pcapng()),
    ] {
        for _ in 0..2_500 {
            let mut bad = file.clone();
            for _ in 0..=next() % 3 {
                let at = next() % bad.len();
                bad[at] ^= 1 << (next() % 8);
            }
            if let Ok((seen, ..)) = read(&bad) {
                let total: usize = packets(&seen).iter().map(|p| p.1.len()).sum();
                assert!(total <= 4 * sample_pcap().len().max(bad.len() * 20));
            }
        }
    }
}

#[test]
fn damage_is_named_and_placed() {
    let w = W(false);
    let head = w.pcap_header(0xa1b2_c3d4, 4, 1);
    let mut huge = w.record(1, 0, 3, b"abc");
    huge[8..12].copy_from_slice(&w.u32(0xffff_fff0));
    let (_, stop, _) = read(&[head, w.record(1, 0, 3, b"abc"), huge].concat()).unwrap();
    assert_eq!(
        stop,
        Some(Stop {
            at: 43,
            reason: StopReason::TooLong(0xffff_fff0)
        })
    );

    let start = [w.section(), w.interface(1, 0, &[])].concat();
    let mut odd = w.packet(0, 0, 3, b"abc", &[]);
    let last = odd.len() - 4;
    odd[last] ^= 4;
    for (block, rule) in [
        (odd, "a block whose two lengths differ"),
        (
            w.packet(9, 0, 3, b"abc", &[]),
            "a packet of an interface that was not described",
        ),
        (w.block(6, &[0; 8]), "a packet block that is too short"),
        (
            [w.u32(6), w.u32(4), w.u32(4)].concat(),
            "a block with an impossible length",
        ),
    ] {
        let (_, stop, _) = read(&[start.clone(), block].concat()).unwrap();
        assert_eq!(
            stop,
            Some(Stop {
                at: start.len() as u64,
                reason: StopReason::Malformed(rule)
            })
        );
    }
}

#[test]
fn a_long_block_of_an_unread_kind_is_passed_over() {
    let w = W(false);
    let long = w.block(0x0000_0bac, &vec![0; telltale_capture::MAX_RECORD_LEN + 400]);
    let file = [
        w.section(),
        w.interface(1, 0, &[]),
        long,
        w.packet(0, 1, 3, b"abc", &[]),
    ]
    .concat();
    let (seen, stop, _) = read(&file).unwrap();
    assert_eq!((stop, packets(&seen).len()), (None, 1));
}

#[test]
fn other_files_are_named() {
    for (bytes, looks) in [
        (b"".to_vec(), LooksLike::Empty),
        (b"PK\x03\x04....".to_vec(), LooksLike::Zip),
        (gzip(b"some text"), LooksLike::PackedOther),
        (vec![0x1f, 0x8b, 0x08, 0xff, 0xff], LooksLike::PackedOther),
        (b"{\"type\":\"networkActivity\"}\n".to_vec(), LooksLike::Json),
        (0xa1b2_c3d4_u32.to_le_bytes().to_vec(), LooksLike::BrokenHeader),
    ] {
        match read(&bytes) {
            Err(CaptureError::NotACapture(found)) => assert_eq!(found, looks, "{bytes:?}"),
            other => panic!("{bytes:?}: {other:?}"),
        }
    }
}

#[test]
fn a_folder_and_a_missing_file_are_told() {
    for path in [
        std::env::temp_dir(),
        std::env::temp_dir().join("telltale-no-such-file.pcap"),
    ] {
        assert!(matches!(CaptureFile::open(&path), Err(CaptureError::Open(_))));
    }
}
