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
    /// False when the authentication tag was cut off with the packet's end: then the payload was judged by its form alone, and its
    /// last frame may be cut.
    pub is_authentic: bool,
    version: Version,
    payload: &'a [u8],
}

impl<'a> Opened<'a> {
    /// The frames of the packet.
    pub const fn frames(&self) -> Frames<'a> {
        Frames::new(self.payload, self.version.has_google_frames(), !self.is_authentic)
    }
}

impl InitialKeys {
    /// The keys of the client's Initial packets in a connection whose first destination id is `destination`; `None` when the version's keys
    /// are unknown. For versions whose salt is uncertain (see [`InitialKeys::discover`]) these are the likeliest.
    pub fn client(version: Version, destination: &[u8]) -> Option<Self> {
        Self::derive(version, version.salts().first()?, destination, b"client in")
    }

    /// The keys of the server's Initial packets in the same connection; `destination` is the client's first one still.
    pub fn server(version: Version, destination: &[u8]) -> Option<Self> {
        Self::derive(version, version.salts().first()?, destination, b"server in")
    }

    /// Opens a client's Initial packet with the keys that follow from its own destination id, as fits the first packet of a connection and
    /// the first after a Retry, and gives the keys for the packets that follow. Where the version does not tell the salt (Facebook's and senseless versions),
    /// those known are tried. `scratch` is overwritten and holds the payload.
    ///
    /// # Errors
    /// As [`InitialKeys::open`].
    pub fn discover<'s>(packet: &LongHeader<'_>, scratch: &'s mut Vec<u8>) -> Result<(Self, Opened<'s>), DissectError> {
        let mut opened = Err(unsupported(packet.version));
        for salt in packet.version.salts() {
            let Some(keys) = Self::derive(packet.version, salt, packet.destination, b"client in") else {
                continue;
            };
            opened = keys.decrypt(packet, scratch).map(|number| (keys, number));
            if opened.is_ok() {
                break;
            }
        }
        let (keys, number) = opened?;
        let opened = keys.opened(packet, number, scratch);
        Ok((keys, opened))
    }

    /// Takes the protection off an Initial packet (RFC 9001 sections 5.3 and 5.4). `scratch` is overwritten and holds the payload: its capacity
    /// grows to the longest packet seen, at most one datagram.
    ///
    /// A packet that the snap length cut cannot be authenticated. It is opened all the same, and counts only when it has the form of a first packet:
    /// see [`Opened::is_authentic`].
    ///
    /// # Errors
    /// Unsupported, when it is no Initial of these keys' version; truncated, when not even the header can be opened;
    /// malformed, when the packet was sealed with other keys (another connection, the other side).
    pub fn open<'s>(&self, packet: &LongHeader<'_>, scratch: &'s mut Vec<u8>) -> Result<Opened<'s>, DissectError> {
        let number = self.decrypt(packet, scratch)?;
        Ok(self.opened(packet, number, scratch))
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
            // Up to 16 octets of the tag may stand at the end, turned into noise: in a cut hello they are cut off with the frame's end.
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

    fn opened<'s>(&self, packet: &LongHeader<'_>, number: u32, payload: &'s [u8]) -> Opened<'s> {
        Opened {
            number,
            is_authentic: packet.missing == 0,
            version: self.version,
            payload,
        }
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

/// True when frames of an Initial lie at the payload's start, and one of them is the start of a client's hello: by chance once in a billion
/// of packets that were opened with wrong keys.
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
