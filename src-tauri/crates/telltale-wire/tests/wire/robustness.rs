//! No octets make the crate panic: the fuzz targets' own bodies, driven without a fuzzer. Every prefix, and seeded flips, of
//! our own seeds and of the real captures. Deterministic; a failure names its input.

#[path = "../../fuzz/src/targets.rs"]
#[expect(unreachable_pub, reason = "the fuzzer's programs need them public")]
mod targets;

use crate::corpus;
use std::panic::{AssertUnwindSafe, catch_unwind};
use targets::{TARGETS, Target};

/// Flips of each seed or capture.
const FLIPS: usize = 10_000;
/// Octets of a capture up to which it is a small one, of which every prefix of every packet is tried and `FLIPS` flips.
const SMALL: usize = 20_000;

/// A generator of numbers (SplitMix64): the same run every time.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }
}

/// Runs `target`, and says which octets broke it.
fn run(name: &str, target: Target, octets: &[u8]) {
    let outcome = catch_unwind(AssertUnwindSafe(|| target(octets)));
    assert!(outcome.is_ok(), "target {name} broke on {octets:02x?}");
}

/// Damages `octets` in one to four places: a flipped bit, another octet, a length of all ones or zeros, a cut.
fn damage(octets: &mut Vec<u8>, numbers: &mut Numbers) {
    for _ in 0..=numbers.below(4) {
        let (at, kind, value) = (
            numbers.below(octets.len()),
            numbers.below(8),
            numbers.next().to_le_bytes()[0],
        );
        let Some(octet) = octets.get_mut(at) else { return };
        match kind {
            0..=2 => *octet ^= 1 << (value & 7),
            3 | 4 => *octet = value,
            5 => *octet = 0xff,
            6 => *octet = 0,
            _ => octets.truncate(at),
        }
    }
}

#[test]
fn every_prefix_of_every_seed_is_read_or_refused() {
    for (name, target) in TARGETS {
        for seed in seeds(name) {
            for len in 0..=seed.len() {
                run(name, target, &seed[..len]);
            }
        }
    }
}

#[test]
fn damaged_seeds_are_read_or_refused() {
    for (name, target) in TARGETS {
        let mut numbers = Numbers(7);
        let seeds = seeds(name);
        for _ in 0..FLIPS {
            let mut octets = seeds[numbers.below(seeds.len())].clone();
            damage(&mut octets, &mut numbers);
            run(name, target, &octets);
        }
    }
}

fn seeds(name: &str) -> Vec<Vec<u8>> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(name);
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{name} has seeds");
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// A packet as the frame target takes it.
fn with_link(packet: &corpus::Packet) -> Vec<u8> {
    [&packet.link.0.to_be_bytes()[..], &packet.data].concat()
}

/// Gives a payload to every target but `frame`: each must refuse what is not its own.
fn all_payloads(octets: &[u8]) {
    for (name, target) in &TARGETS[1..] {
        run(name, *target, octets);
    }
}

#[test]
fn every_prefix_of_the_packets_of_small_captures_is_read_or_refused() {
    let Some(folder) = corpus::folder() else { return };
    let mut seen = std::collections::HashSet::new();
    for name in corpus::names(&folder) {
        let packets = corpus::packets(&folder, &name);
        if packets.iter().map(|packet| packet.data.len()).sum::<usize>() > SMALL {
            continue;
        }
        for packet in &packets {
            // Packets alike in their first octets and length take the same way.
            let beginning = packet.data.iter().take(96).copied().collect::<Vec<u8>>();
            if !seen.insert((packet.link, packet.data.len(), beginning)) {
                continue;
            }
            let octets = with_link(packet);
            for len in 2..=octets.len() {
                run("frame", targets::frame, &octets[..len]);
            }
            each_payload(packet, |payload| {
                for len in (0..=payload.len()).step_by(1 + payload.len() / 200) {
                    all_payloads(&payload[..len]);
                }
            });
        }
    }
}

#[test]
fn damaged_packets_of_small_captures_are_read_or_refused() {
    let Some(folder) = corpus::folder() else { return };
    for name in corpus::names(&folder) {
        let packets = corpus::packets(&folder, &name);
        if packets.is_empty() || packets.iter().map(|packet| packet.data.len()).sum::<usize>() > SMALL {
            continue;
        }
        let mut numbers = Numbers(u64::try_from(packets.len()).unwrap());
        for flip in 0..FLIPS {
            let packet = &packets[numbers.below(packets.len())];
            let mut octets = with_link(packet);
            damage(&mut octets, &mut numbers);
            run("frame", targets::frame, &octets);
            // The same number of flips for what the packet carries, shared among the targets.
            each_payload(packet, |payload| {
                let mut octets = payload.to_vec();
                damage(&mut octets, &mut numbers);
                let (name, target) = TARGETS[1 + flip % (TARGETS.len() - 1)];
                run(name, target, &octets);
            });
        }
    }
}

#[test]
fn every_packet_of_every_capture_is_read_or_refused() {
    let Some(folder) = corpus::folder() else { return };
    for name in corpus::names(&folder) {
        for packet in &corpus::packets(&folder, &name) {
            run("frame", targets::frame, &with_link(packet));
            each_payload(packet, all_payloads);
        }
    }
}

fn each_payload(packet: &corpus::Packet, mut with: impl FnMut(&[u8])) {
    let frame = telltale_wire::dissect(packet.link, &packet.data, packet.original_len);
    match frame.ip().last().map(|ip| ip.transport) {
        Some(telltale_wire::Transport::Tcp(tcp)) if !tcp.payload.is_empty() => with(tcp.payload),
        Some(telltale_wire::Transport::Udp { payload, .. }) if !payload.is_empty() => with(payload),
        _ => {}
    }
}
