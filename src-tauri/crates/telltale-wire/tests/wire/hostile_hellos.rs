//! Hostile bytes for everything that reads a hello: cut, bent and mixed messages never panic, and every iterator ends.

use std::hint::black_box;
use telltale_wire::certificate::Certificate;
use telltale_wire::ja4::{Carrier, Ja4};
use telltale_wire::quic::{self, InitialKeys};
use telltale_wire::tls::{self, ClientHello, Handshakes, ServerHello, Step};
use telltale_wire::{dtls, gquic};

/// Messages to start from: the RFCs' own, and small ones of the other kinds.
fn seeds() -> Vec<Vec<u8>> {
    let hello = include_bytes!("../../testdata/rfc8448-3-client-hello.bin");
    let initial = include_bytes!("../../testdata/rfc9001-a2-client-initial.bin");
    let every = include_bytes!("../../testdata/made-initials-of-every-version.bin");
    let record = |content: &[u8]| {
        let len = u16::try_from(content.len()).unwrap().to_be_bytes();
        [&[22, 3, 1][..], &len, content].concat()
    };
    let split: Vec<u8> = hello.chunks(60).flat_map(record).collect();
    let ssl_2 = [&[0x80, 0x1c, 1, 3, 1, 0, 3, 0, 0, 0, 16, 0, 0, 4][..], &[5; 16]].concat();
    let mut dtls = [
        &[
            22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xcd, 1, 0, 0, 0xc1, 0, 0, 0, 0, 0, 0, 0, 0xc1,
        ][..],
        &hello[4..],
    ]
    .concat();
    dtls.insert(25 + 35, 0); // the cookie
    let chlo = [
        &b"\x0d12345678Q043\x01............\xa0\x01\x04\x00CHLO\x02\0\0\0SNI\0"[..],
        &[3, 0, 0, 0],
        b"UAID",
        &[5, 0, 0, 0],
        b"a.bme",
    ]
    .concat();
    let name = [0x30, 7, 0x06, 3, 0x55, 0x1d, 0x11, 0x04, 0];
    vec![
        hello[4..].to_vec(),
        record(hello),
        split,
        ssl_2,
        dtls,
        chlo,
        initial.to_vec(),
        every[2..300].to_vec(),
        name.to_vec(),
    ]
}

/// Every reader, on the same octets.
fn read(octets: &[u8], scratch: &mut Vec<u8>) {
    black_box((
        tls::looks_like_record(octets),
        dtls::looks_like_record(octets),
        quic::looks_like_long_header(octets),
    ));
    for hello in [
        ClientHello::parse(octets),
        ClientHello::parse_dtls(octets),
        ClientHello::parse_ssl_2(octets),
        ClientHello::parse_beginning(octets),
    ] {
        let Ok(hello) = hello else { continue };
        let lists = hello.alpn().count() + hello.extensions().count() + hello.cipher_suites().count();
        assert!(lists + hello.signature_algorithms().count() + hello.supported_versions().count() <= octets.len());
        black_box((
            hello.ech().map(|ech| ech.is_certainly_grease()),
            hello.highest_version(),
            Ja4::of(&hello, Carrier::Tcp),
        ));
    }
    black_box((
        ServerHello::parse(octets).is_ok(),
        tls::first_certificate(octets).is_ok(),
    ));
    let (mut at, mut steps) = (Handshakes::default(), 0);
    while let Step::Message(message) = at.next(octets, scratch) {
        assert!(message.body.len() <= tls::MAX_MESSAGE_LEN);
        black_box(message.client_hello().is_some());
        steps += 1;
        assert!(steps <= octets.len());
    }
    assert!(scratch.capacity() <= 4 * (tls::MAX_MESSAGE_LEN + octets.len()));
    for record in dtls::records(octets).map_while(Result::ok) {
        if let dtls::Record::Handshake { content, .. } = record {
            assert!(dtls::fragments(content).count() <= content.len());
        }
    }
    if let Ok(certificate) = Certificate::parse(octets) {
        assert!(certificate.names().count() <= octets.len());
    }
    if let Ok(Some((_, chlo))) = gquic::chlo(octets) {
        black_box((chlo.sni(), chlo.user_agent()));
    }
    black_box(quic::hello(octets));
    for packet in quic::packets(octets).map_while(Result::ok) {
        assert!(packet.offered_versions().count() <= octets.len());
        if let quic::Packet::Long(header) = packet
            && let Ok((_, opened)) = InitialKeys::discover(&header, scratch)
        {
            assert!(opened.frames().count() <= octets.len());
        }
    }
}

/// A small generator of numbers that look random and are the same every time (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % end.max(1)
    }
}

#[test]
fn every_prefix_of_every_message_is_read_or_refused() {
    let mut scratch = Vec::new();
    for seed in seeds() {
        for len in 0..=seed.len() {
            read(&seed[..len], &mut scratch);
        }
    }
}

#[test]
fn bent_messages_are_read_or_refused() {
    let (mut numbers, mut scratch) = (Numbers(0x0074_656c_6c74_616c), Vec::new());
    for seed in seeds() {
        for _ in 0..2_000 {
            let mut bent = seed.clone();
            for _ in 0..=numbers.below(4) {
                let at = numbers.below(bent.len());
                match numbers.below(4) {
                    0 => bent[at] = [0, 0xff, 0x7f, 0x80][numbers.below(4)],
                    1 => bent[at] ^= 1 << numbers.below(8),
                    2 => drop(bent.drain(at..(at + numbers.below(9)).min(bent.len()))),
                    _ => drop(bent.splice(at..at, seed[..numbers.below(seed.len().min(40))].to_vec())),
                }
                if bent.is_empty() {
                    break;
                }
            }
            read(&bent, &mut scratch);
        }
    }
}
