//! Initial keys and the opening of Initial packets (RFC 9001 section 5).
//!
//! The keys follow from a connection id that is sent in the clear: reading an Initial breaks no secret.

use super::version::Salt;
use super::{Frame, Frames, LongHeader, LongKind, Version};
use crate::{DissectError, ErrorKind, Layer};
use ring::aead::{self, quic};
use ring::hkdf;

/// The keys of one side's Initial packets. About 1 kB; keep them only while a flow's hello is incomplete.
pub struct InitialKeys {
    version: Version,
    packet: aead::LessSafeKey,
    header: quic::HeaderProtectionKey,
    iv: [u8; aead::NONCE_LEN],
}

/// An opened Initial packet.
#[derive(Clone, Copy, Debug)]
pub struct Opened<'a> {
    /// Packet number as far as it was sent; whole in the packets before the first acknowledgement.
    pub number: u32,
    /// False when the authentication tag was cut off with the packet's end: then the payload was judged by its form
    /// alone, and its last frame may be cut.
    pub is_authentic: bool,
    version: Version,
    payload: &'a [u8],
}

impl<'a> Opened<'a> {
    const fn new(packet: &LongHeader<'_>, number: u32, payload: &'a [u8]) -> Self {
        Self {
            number,
            is_authentic: packet.missing == 0,
            version: packet.version,
            payload,
        }
    }

    /// The frames of the packet.
    pub const fn frames(&self) -> Frames<'a> {
        Frames::new(self.payload, self.version.has_google_frames(), !self.is_authentic)
    }
}

impl InitialKeys {
    /// The keys of the client's Initial packets in a connection whose first destination id is `destination`; `None`
    /// when the version's keys are unknown. For versions whose salt is uncertain these are the likeliest.
    pub fn client(version: Version, destination: &[u8]) -> Option<Self> {
        Self::derive(version, version.salts().first()?, destination, b"client in")
    }

    /// The keys of the server's Initial packets in the same connection; `destination` is the client's first one still.
    pub fn server(version: Version, destination: &[u8]) -> Option<Self> {
        Self::derive(version, version.salts().first()?, destination, b"server in")
    }

    /// Opens a client's Initial packet with the keys that follow from its own destination id, as fits the first packet
    /// of a connection and the first after a Retry, and gives the keys for the packets that follow. Where the version
    /// does not tell the salt (Facebook's and senseless versions), those known are tried. `scratch` is overwritten and
    /// holds the payload.
    ///
    /// # Errors
    /// As [`InitialKeys::open`].
    pub fn discover<'s>(packet: &LongHeader<'_>, scratch: &'s mut Vec<u8>) -> Result<(Self, Opened<'s>), DissectError> {
        let mut opened = Err(unsupported(packet.version));
        for salt in packet.version.salts() {
            if let Some(keys) = Self::derive(packet.version, salt, packet.destination, b"client in") {
                opened = keys.decrypt(packet, scratch).map(|number| (keys, number));
            }
            if opened.is_ok() {
                break;
            }
        }
        let (keys, number) = opened?;
        Ok((keys, Opened::new(packet, number, scratch)))
    }

    /// Takes the protection off an Initial packet (RFC 9001 sections 5.3 and 5.4). `scratch` is overwritten and holds
    /// the payload: its capacity grows to the longest packet seen, at most one datagram.
    ///
    /// A packet that the snap length cut cannot be authenticated. It is opened all the same, and counts only when it
    /// has the form of a first packet: see [`Opened::is_authentic`].
    ///
    /// # Errors
    /// Unsupported, when it is no Initial of these keys' version; truncated, when not even the header can be opened;
    /// malformed, when the packet was sealed with other keys (another connection, the other side).
    pub fn open<'s>(&self, packet: &LongHeader<'_>, scratch: &'s mut Vec<u8>) -> Result<Opened<'s>, DissectError> {
        let number = self.decrypt(packet, scratch)?;
        Ok(Opened::new(packet, number, scratch))
    }

    fn derive(version: Version, salt: &Salt, destination: &[u8], side: &[u8]) -> Option<Self> {
        let initial = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(destination);
        let secret: [u8; 32] = expand(&initial, side)?;
        let secret = hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, &secret);
        let [key, iv, header]: [&[u8]; 3] = if version.is_v2() {
            [b"quicv2 key", b"quicv2 iv", b"quicv2 hp"]
        } else {
            [b"quic key", b"quic iv", b"quic hp"]
        };
        let key: [u8; 16] = expand(&secret, key)?;
        let header: [u8; 16] = expand(&secret, header)?;
        Some(Self {
            version,
            packet: aead::LessSafeKey::new(aead::UnboundKey::new(&aead::AES_128_GCM, &key).ok()?),
            header: quic::HeaderProtectionKey::new(&quic::AES_128, &header).ok()?,
            iv: expand(&secret, iv)?,
        })
    }

    /// Leaves the payload at the start of `scratch`, which is cut to it, and returns the packet number.
    fn decrypt(&self, packet: &LongHeader<'_>, scratch: &mut Vec<u8>) -> Result<u32, DissectError> {
        if packet.kind != LongKind::Initial || packet.version != self.version {
            return Err(unsupported(packet.version));
        }
        // The sample lies four octets behind the start of the number, as if that were as long as can be.
        let sample_at = packet.number_at.saturating_add(4);
        let sample = packet
            .packet
            .get(sample_at..)
            .and_then(|behind| behind.first_chunk::<SAMPLE_LEN>());
        let Some(mask) = sample.and_then(|sample| self.header.new_mask(sample).ok()) else {
            return Err(truncated(sample_at.saturating_add(SAMPLE_LEN), packet.packet.len()));
        };
        scratch.clear();
        scratch.extend_from_slice(packet.packet);
        let (header_len, number, reserved) =
            unmask(scratch, packet.number_at, mask).ok_or_else(|| truncated(sample_at, 0))?;
        let nonce = self.nonce(number);
        let Some((header, sealed)) = scratch.split_at_mut_checked(header_len) else {
            return Err(truncated(header_len, packet.packet.len()));
        };
        let len = if packet.missing == 0 {
            let opened = self.packet.open_in_place(nonce, aead::Aad::from(header), sealed);
            opened
                .map_err(|_| malformed("the packet was sealed with other keys"))?
                .len()
        } else {
            // AES-GCM encrypts by adding a key stream: sealing what is sealed with the same nonce opens it.
            let tag = self
                .packet
                .seal_in_place_separate_tag(nonce, aead::Aad::from(header), sealed);
            let _worthless = tag.map_err(|_| malformed("the packet is too long"))?;
            // Up to 16 octets of the tag may stand at the end, turned into noise: in a cut hello they are cut off with
            // the frame's end.
            let tag_there = aead::AES_128_GCM
                .tag_len()
                .saturating_sub(usize::try_from(packet.missing).unwrap_or(usize::MAX));
            let len = sealed.len().saturating_sub(tag_there);
            let payload = sealed.get(..len).unwrap_or_default();
            if reserved != 0 || !has_form_of_first(payload, self.version) {
                return Err(malformed("the packet is cut, and no hello starts in it"));
            }
            len
        };
        scratch.drain(..header_len);
        scratch.truncate(len);
        Ok(number)
    }

    fn nonce(&self, number: u32) -> aead::Nonce {
        let mut nonce = self.iv;
        let [.., a, b, c, d] = &mut nonce;
        for (octet, with) in [a, b, c, d].into_iter().zip(number.to_be_bytes()) {
            *octet ^= with;
        }
        aead::Nonce::assume_unique_for_key(nonce)
    }
}

impl std::fmt::Debug for InitialKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InitialKeys")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// Takes the mask off the header (RFC 9001 section 5.4.1): octets of the header, packet number, reserved bits.
fn unmask(packet: &mut [u8], number_at: usize, mask: [u8; 5]) -> Option<(usize, u32, u8)> {
    let [first_mask, number_mask @ ..] = mask;
    let first = packet.first_mut()?;
    *first ^= first_mask & 0x0f;
    let reserved = *first & 0x0c;
    let number_len = usize::from(*first & 0x03).saturating_add(1);
    let end = number_at.saturating_add(number_len);
    let mut number = 0_u32;
    for (octet, with) in packet.get_mut(number_at..end)?.iter_mut().zip(number_mask) {
        *octet ^= with;
        number = number << 8 | u32::from(*octet);
    }
    Some((end, number, reserved))
}

/// True when frames of an Initial lie at the payload's start, and one of them is the start of a client's hello: by
/// chance once in a billion of packets that were opened with wrong keys.
fn has_form_of_first(payload: &[u8], version: Version) -> bool {
    Frames::new(payload, version.has_google_frames(), true)
        .map_while(Result::ok)
        .any(|frame| {
            matches!(
                frame,
                Frame::Crypto {
                    offset: 0,
                    octets: [1, 0, _, _, 3, 3, ..] | [b'C', b'H', b'L', b'O', ..]
                }
            )
        })
}

/// HKDF-Expand-Label with an empty context (RFC 8446 section 7.1).
fn expand<const N: usize>(secret: &hkdf::Prk, label: &[u8]) -> Option<[u8; N]> {
    let len = u16::try_from(N).ok()?.to_be_bytes();
    let label_len = [u8::try_from(PREFIX.len().saturating_add(label.len())).ok()?];
    let mut out = [0; N];
    secret
        .expand(&[&len, &label_len, PREFIX, label, &[0]], Len(N))
        .ok()?
        .fill(&mut out)
        .ok()?;
    Some(out)
}

/// Octets from which the header's mask is made (RFC 9001 section 5.4.3).
const SAMPLE_LEN: usize = 16;

/// Before every label (RFC 8446 section 7.1).
const PREFIX: &[u8] = b"tls13 ";

/// Octets to expand to, as ring asks for them.
struct Len(usize);

impl hkdf::KeyType for Len {
    fn len(&self) -> usize {
        self.0
    }
}

const fn malformed(rule: &'static str) -> DissectError {
    DissectError {
        layer: Layer::Quic,
        offset: 0,
        kind: ErrorKind::Malformed(rule),
    }
}

const fn unsupported(version: Version) -> DissectError {
    DissectError {
        layer: Layer::Quic,
        offset: 1,
        kind: ErrorKind::Unsupported(version.0),
    }
}

fn truncated(need: usize, have: usize) -> DissectError {
    let [need, have] = [need, have].map(|len| u32::try_from(len).unwrap_or(u32::MAX));
    DissectError {
        layer: Layer::Quic,
        offset: 0,
        kind: ErrorKind::Truncated { need, have },
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Hello, Packet, hello, packets};
    use super::*;

    /// RFC 9001 appendix A.2 and RFC 9369 appendix A.2: the same hello in version 1 and 2.
    const V1: &[u8] = include_bytes!("../../testdata/rfc9001-a2-client-initial.bin");
    const V2: &[u8] = include_bytes!("../../testdata/rfc9369-a2-client-initial.bin");
    const HELLO: &[u8] = include_bytes!("../../testdata/rfc9001-a2-client-hello.bin");

    /// The same hello (Q050: a `CHLO`) in a packet of each other version, each behind two octets of length, made with
    /// another implementation of AES and HKDF. A dissector of the field reads all of them but mvfst's experimental
    /// version, version 2's draft and the last one.
    const MADE: &[u8] = include_bytes!("../../testdata/made-initials-of-every-version.bin");

    fn long(datagram: &[u8]) -> LongHeader<'_> {
        match packets(datagram).next() {
            Some(Ok(Packet::Long(header))) => header,
            other => panic!("{other:?}"),
        }
    }

    /// The CRYPTO octets of a packet with one such frame.
    fn crypto<'a>(opened: &Opened<'a>) -> &'a [u8] {
        let mut pieces = opened.frames().filter_map(|frame| match frame.unwrap() {
            Frame::Crypto { offset: 0, octets } => Some(octets),
            Frame::Padding => None,
            other => panic!("{other:?}"),
        });
        let octets = pieces.next().unwrap();
        assert_eq!(pieces.next(), None);
        octets
    }

    #[test]
    fn opens_the_packets_of_both_rfcs() {
        for (packet, version) in [(V1, Version::V1), (V2, Version::V2)] {
            let keys = InitialKeys::client(version, &[0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08]).unwrap();
            let mut scratch = Vec::new();
            let opened = keys.open(&long(packet), &mut scratch).unwrap();
            assert_eq!((opened.number, opened.is_authentic), (2, true));
            assert_eq!(crypto(&opened), HELLO);
        }
    }

    #[test]
    fn opens_the_servers_packet_of_rfc_9001() {
        // Appendix A.3.
        let packet = [
            0xcf, 0x00, 0x00, 0x00, 0x01, 0x00, 0x08, 0xf0, 0x67, 0xa5, 0x50, 0x2a, 0x42, 0x62, 0xb5, 0x00, 0x40, 0x75,
            0xc0, 0xd9, 0x5a, 0x48, 0x2c, 0xd0, 0x99, 0x1c, 0xd2, 0x5b, 0x0a, 0xac, 0x40, 0x6a, 0x58, 0x16, 0xb6, 0x39,
            0x41, 0x00, 0xf3, 0x7a, 0x1c, 0x69, 0x79, 0x75, 0x54, 0x78, 0x0b, 0xb3, 0x8c, 0xc5, 0xa9, 0x9f, 0x5e, 0xde,
            0x4c, 0xf7, 0x3c, 0x3e, 0xc2, 0x49, 0x3a, 0x18, 0x39, 0xb3, 0xdb, 0xcb, 0xa3, 0xf6, 0xea, 0x46, 0xc5, 0xb7,
            0x68, 0x4d, 0xf3, 0x54, 0x8e, 0x7d, 0xde, 0xb9, 0xc3, 0xbf, 0x9c, 0x73, 0xcc, 0x3f, 0x3b, 0xde, 0xd7, 0x4b,
            0x56, 0x2b, 0xfb, 0x19, 0xfb, 0x84, 0x02, 0x2f, 0x8e, 0xf4, 0xcd, 0xd9, 0x37, 0x95, 0xd7, 0x7d, 0x06, 0xed,
            0xbb, 0x7a, 0xaf, 0x2f, 0x58, 0x89, 0x18, 0x50, 0xab, 0xbd, 0xca, 0x3d, 0x20, 0x39, 0x8c, 0x27, 0x64, 0x56,
            0xcb, 0xc4, 0x21, 0x58, 0x40, 0x7d, 0xd0, 0x74, 0xee,
        ];
        let keys = InitialKeys::server(Version::V1, &[0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08]).unwrap();
        let mut scratch = Vec::new();
        let opened = keys.open(&long(&packet), &mut scratch).unwrap();
        let frames: Vec<_> = opened.frames().map(Result::unwrap).collect();
        assert!(matches!(
            frames[..],
            [
                Frame::Ack,
                Frame::Crypto {
                    offset: 0,
                    octets: [2, 0, 0, 0x56, ..]
                }
            ]
        ));
        assert_eq!(opened.number, 1);
    }

    #[test]
    fn opens_packets_of_every_version() {
        let (mut rest, mut versions) = (MADE, Vec::new());
        while let Some((len, behind)) = rest.split_first_chunk::<2>() {
            let (packet, next) = behind.split_at(u16::from_be_bytes(*len).into());
            let (header, mut scratch) = (long(packet), Vec::new());
            let (_, opened) = InitialKeys::discover(&header, &mut scratch)
                .unwrap_or_else(|error| panic!("{:#x}: {error:?}", header.version.0));
            assert!(opened.is_authentic);
            let name = match hello(crypto(&opened)) {
                Hello::Tls(hello) => hello.sni(),
                Hello::Google(chlo) => chlo.sni(),
                other => panic!("{other:?}"),
            };
            assert_eq!(name, Some(&b"example.com"[..]));
            versions.push(header.version);
            rest = next;
        }
        assert_eq!(versions.len(), 17);
        for version in [Version::Q050, Version::T050, Version::T051] {
            assert!(versions.contains(&version));
        }
    }

    #[test]
    fn a_changed_octet_anywhere_is_refused() {
        let mut scratch = Vec::new();
        for at in (0..V1.len()).step_by(7) {
            let mut packet = V1.to_vec();
            packet[at] ^= 0x10;
            let Some(Ok(Packet::Long(header))) = packets(&packet).next() else {
                continue;
            };
            assert!(InitialKeys::discover(&header, &mut scratch).is_err(), "{at}");
        }
    }

    #[test]
    fn keys_of_another_connection_are_refused() {
        let other = InitialKeys::client(Version::V1, &[1, 2, 3, 4, 5, 6, 7, 8]).unwrap();
        let mut scratch = Vec::new();
        let error = other.open(&long(V1), &mut scratch).unwrap_err();
        assert_eq!(
            error.kind,
            ErrorKind::Malformed("the packet was sealed with other keys")
        );
        assert!(matches!(
            other.open(&long(V2), &mut scratch).unwrap_err().kind,
            ErrorKind::Unsupported(0x6b33_43cf)
        ));
    }

    #[test]
    fn a_cut_packet_gives_what_is_there() {
        let (mut scratch, mut read) = (Vec::new(), Vec::new());
        for len in 0..V1.len() {
            let Some(Ok(Packet::Long(header))) = packets(&V1[..len]).next() else {
                continue;
            };
            let Ok((_, opened)) = InitialKeys::discover(&header, &mut scratch) else {
                continue;
            };
            assert!(!opened.is_authentic);
            let octets = crypto(&opened);
            assert!(HELLO.starts_with(octets));
            read.push((len, octets.len()));
        }
        // From the octet on that header protection needs, and wholly as soon as the frame is there.
        assert_eq!(read.first(), Some(&(38, 12)));
        let whole = 22 + 4 + HELLO.len();
        assert!(
            read.iter().all(|(len, there)| *there == HELLO.len().min(len - 26)),
            "{read:?}"
        );
        assert!(read.len() > V1.len() - 40 && whole < V1.len());
    }

    #[test]
    fn a_cut_packet_that_does_not_start_a_hello_is_refused() {
        let mut scratch = Vec::new();
        for at in [6, 20, 24, 26, 27, 30] {
            let mut packet = V1[..300].to_vec();
            packet[at] ^= 0x55;
            assert!(InitialKeys::discover(&long(&packet), &mut scratch).is_err(), "{at}");
        }
    }

    #[test]
    fn only_initial_packets_open() {
        let mut packet = V1.to_vec();
        packet.splice(
            0..18,
            [
                0xe0, 0, 0, 0, 1, 8, 0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08, 0, 0x44, 0x9e,
            ],
        );
        let header = long(&packet);
        assert_eq!(header.kind, LongKind::Handshake);
        assert!(InitialKeys::discover(&header, &mut Vec::new()).is_err());
    }
}
