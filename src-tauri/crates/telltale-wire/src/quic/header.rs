//! Packet headers: a datagram split into its packets (RFC 9000 sections 12.2 and 17).

use super::Version;
use crate::{DissectError, Layer, reader::Reader};

/// One packet of a datagram.
#[derive(Clone, Copy, Debug)]
pub enum Packet<'a> {
    /// Initial, 0-RTT or Handshake.
    Long(LongHeader<'a>),
    /// The server wants the client to try again, with `source` as the new destination id, from which new keys follow.
    Retry {
        /// Version of the connection.
        version: Version,
        /// The client's id.
        destination: &'a [u8],
        /// The server's id.
        source: &'a [u8],
        /// What the client must send back, without the integrity tag.
        token: &'a [u8],
    },
    /// The server does not speak the client's version.
    VersionNegotiation {
        /// The client's id.
        destination: &'a [u8],
        /// The server's id.
        source: &'a [u8],
        /// Versions that the server speaks, four octets each; see [`Packet::offered_versions`].
        versions: &'a [u8],
    },
    /// A long header of a version that Telltale does not know: only the ids can be read (RFC 8999).
    UnknownVersion {
        /// The version.
        version: Version,
        /// The receiver's id.
        destination: &'a [u8],
        /// The sender's id.
        source: &'a [u8],
    },
    /// A packet after the handshake, or padding behind the last long packet: nothing can be read.
    Short,
}

impl Packet<'_> {
    /// The versions of a version negotiation packet, none of another one.
    pub fn offered_versions(&self) -> impl Iterator<Item = Version> {
        let list = match self {
            Self::VersionNegotiation { versions, .. } => *versions,
            _ => &[],
        };
        list.as_chunks()
            .0
            .iter()
            .map(|version| Version(u32::from_be_bytes(*version)))
    }
}

/// Type of a long packet whose payload is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LongKind {
    /// The first packets of both sides, which hold the hellos.
    Initial,
    /// The client's data before the handshake is done.
    ZeroRtt,
    /// The rest of the handshake, which an observer cannot read.
    Handshake,
}

/// A long header (RFC 9000 section 17.2) and its packet, not yet decrypted.
#[derive(Clone, Copy, Debug)]
pub struct LongHeader<'a> {
    /// Version of the connection.
    pub version: Version,
    /// Type of the packet.
    pub kind: LongKind,
    /// The receiver's connection id, 0 to 20 octets.
    pub destination: &'a [u8],
    /// The sender's connection id, 0 to 20 octets.
    pub source: &'a [u8],
    /// The token of an Initial, which a Retry or an earlier connection gave; empty elsewhere.
    pub token: &'a [u8],
    /// Octets of the packet that its length field claims and that are not there: not 0 when the snap length cut it.
    pub missing: u32,
    /// The packet from its first octet to the end of its payload.
    pub(super) packet: &'a [u8],
    /// Octets from the packet's start to its packet number.
    pub(super) number_at: usize,
}

/// The packets of one UDP payload. Ends after an error, and after the first packet that has no length.
pub const fn packets(datagram: &[u8]) -> Packets<'_> {
    Packets {
        rest: datagram,
        offset: 0,
    }
}

/// True when `datagram` starts with a long header that a first packet can have: a version of which Initial packets can
/// be read, the form bits, and connection ids that fit. Cheap; rarely true of other UDP.
pub fn looks_like_long_header(datagram: &[u8]) -> bool {
    match packets(datagram).next() {
        Some(Ok(Packet::Long(_) | Packet::Retry { .. })) => true,
        Some(Ok(negotiation @ Packet::VersionNegotiation { .. })) => {
            negotiation.offered_versions().any(Version::is_readable)
        }
        _ => false,
    }
}

/// Iterator of [`packets`].
#[derive(Clone, Debug)]
pub struct Packets<'a> {
    rest: &'a [u8],
    /// Octets of the datagram before `rest`.
    offset: u32,
}

impl<'a> Iterator for Packets<'a> {
    type Item = Result<Packet<'a>, DissectError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let whole = self.rest;
        let mut r = Reader::at_offset(Layer::Quic, whole, self.offset);
        let packet = packet(&mut r, whole);
        // Only long packets have a length; behind every other one nothing can follow.
        (self.rest, self.offset) = match packet {
            Ok(Packet::Long(_)) => (r.rest(), r.offset()),
            _ => (&[][..], self.offset),
        };
        Some(packet)
    }
}

/// Octets that a connection id has at most in every version known here (RFC 9000 section 17.2).
const MAX_ID_LEN: usize = 20;

/// Octets of a Retry's integrity tag (RFC 9001 section 5.8).
const RETRY_TAG_LEN: usize = 16;

fn packet<'a>(r: &mut Reader<'a>, whole: &'a [u8]) -> Result<Packet<'a>, DissectError> {
    let first = r.u8()?;
    if first & 0x80 == 0 {
        return Ok(Packet::Short);
    }
    let version = Version(r.u32()?);
    let destination = r.vec_u8()?;
    let source = r.vec_u8()?;
    if version == Version::NEGOTIATION {
        return Ok(Packet::VersionNegotiation {
            destination,
            source,
            versions: r.rest(),
        });
    }
    if !version.is_readable() {
        return Ok(Packet::UnknownVersion {
            version,
            destination,
            source,
        });
    }
    if destination.len() > MAX_ID_LEN || source.len() > MAX_ID_LEN {
        return Err(r.malformed("a connection id has at most 20 octets"));
    }
    let kind = match ((first >> 4) & 0x03, version.is_v2()) {
        (0, false) | (1, true) => LongKind::Initial,
        (1, false) | (2, true) => LongKind::ZeroRtt,
        (2, false) | (3, true) => LongKind::Handshake,
        _ => {
            let Some(token) = r.len().checked_sub(RETRY_TAG_LEN) else {
                return Err(r.truncated(RETRY_TAG_LEN));
            };
            let token = r.take(token)?;
            return Ok(Packet::Retry {
                version,
                destination,
                source,
                token,
            });
        }
    };
    let token = if kind == LongKind::Initial {
        let len = varint(r)?;
        r.take(usize::try_from(len).unwrap_or(usize::MAX))?
    } else {
        &[]
    };
    let claimed = varint(r)?;
    let number_at = whole.len().saturating_sub(r.len());
    let there = usize::try_from(claimed).unwrap_or(usize::MAX).min(r.len());
    let missing = u32::try_from(claimed)
        .unwrap_or(u32::MAX)
        .saturating_sub(u32::try_from(there).unwrap_or(u32::MAX));
    r.skip(there)?;
    let packet = whole.get(..number_at.saturating_add(there)).unwrap_or(whole);
    Ok(Packet::Long(LongHeader {
        version,
        kind,
        destination,
        source,
        token,
        missing,
        packet,
        number_at,
    }))
}

/// A variable-length integer (RFC 9000 section 16), 0 to 2^62 - 1.
pub(super) fn varint(r: &mut Reader<'_>) -> Result<u64, DissectError> {
    let mut ahead = *r;
    let first = ahead.u8()?;
    let start = u64::from(first & 0x3f);
    let value = match first >> 6 {
        0 => start,
        1 => start << 8 | u64::from(ahead.u8()?),
        2 => start << 24 | u64::from(ahead.u24()?),
        _ => {
            let [a, b, c] = [ahead.u8()?, ahead.u8()?, ahead.u8()?].map(u64::from);
            start << 56 | a << 48 | b << 40 | c << 32 | u64::from(ahead.u32()?)
        }
    };
    *r = ahead;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    /// A long packet of version 1: type bits, token (Initial only), payload.
    fn packet(kind: u8, token: &[u8], payload: &[u8]) -> Vec<u8> {
        let mut packet = vec![0xc0 | kind << 4, 0, 0, 0, 1, 2, 0xaa, 0xbb, 1, 0xcc];
        if kind == 0 {
            packet.push(token.len() as u8);
            packet.extend(token);
        }
        packet.extend((0x4000 | payload.len() as u16).to_be_bytes());
        packet.extend(payload);
        packet
    }

    #[test]
    fn splits_packets_that_share_a_datagram() {
        let datagram = [
            packet(0, &[7, 7, 7], &[1; 40]),
            packet(1, &[], &[2; 30]),
            packet(2, &[], &[3; 20]),
            vec![0x41; 9],
        ]
        .concat();
        let found: Vec<_> = packets(&datagram).map(Result::unwrap).collect();
        let [
            Packet::Long(initial),
            Packet::Long(early),
            Packet::Long(handshake),
            Packet::Short,
        ] = found[..]
        else {
            panic!("{found:?}")
        };
        assert_eq!(
            [initial.kind, early.kind, handshake.kind],
            [LongKind::Initial, LongKind::ZeroRtt, LongKind::Handshake]
        );
        assert_eq!(
            (initial.destination, initial.source, initial.token),
            (&[0xaa, 0xbb][..], &[0xcc][..], &[7, 7, 7][..])
        );
        assert_eq!((initial.missing, initial.packet.len(), initial.number_at), (0, 56, 16));
        assert!(early.token.is_empty());
    }

    #[test]
    fn version_2_shifts_the_types() {
        let mut datagram = packet(0, &[], &[1; 40]);
        datagram[1..5].copy_from_slice(&Version::V2.0.to_be_bytes());
        // What is Initial in version 1 is Retry in version 2.
        assert!(matches!(packets(&datagram).next(), Some(Ok(Packet::Retry { .. }))));
        datagram[0] |= 0x10;
        assert!(matches!(
            packets(&datagram).next(),
            Some(Ok(Packet::Long(LongHeader {
                kind: LongKind::Initial,
                ..
            })))
        ));
    }

    #[test]
    fn a_retry_gives_the_new_id() {
        let mut datagram = vec![0xf0, 0, 0, 0, 1, 1, 9, 2, 8, 8, b't', b'o', b'k'];
        datagram.extend([0xee; 16]);
        let Some(Ok(Packet::Retry {
            source,
            token,
            destination,
            version,
        })) = packets(&datagram).next()
        else {
            panic!()
        };
        assert_eq!(
            (version, destination, source, token),
            (Version::V1, &[9][..], &[8, 8][..], &b"tok"[..])
        );
        assert!(packets(&datagram[..20]).next().unwrap().is_err());
    }

    #[test]
    fn a_version_negotiation_lists_versions() {
        let datagram = [0x80, 0, 0, 0, 0, 1, 9, 1, 8, 0, 0, 0, 1, 0x6b, 0x33, 0x43, 0xcf, 0xff];
        let found = packets(&datagram).next().unwrap().unwrap();
        assert_eq!(found.offered_versions().collect::<Vec<_>>(), [Version::V1, Version::V2]);
        assert!(looks_like_long_header(&datagram));
        assert!(!looks_like_long_header(&datagram[..9]));
    }

    #[test]
    fn an_unknown_version_gives_the_ids_alone() {
        let datagram = [0xc0, 9, 9, 9, 9, 1, 2, 0, 3];
        let Some(Ok(Packet::UnknownVersion {
            version, destination, ..
        })) = packets(&datagram).next()
        else {
            panic!()
        };
        assert_eq!((version, destination), (Version(0x0909_0909), &[2][..]));
        assert!(!looks_like_long_header(&datagram));
    }

    #[test]
    fn an_id_of_more_than_20_octets_is_refused() {
        let datagram = [&[0xc0, 0, 0, 0, 1, 21][..], &[1; 21], &[0, 0, 0x40, 30], &[5; 30]].concat();
        let error = packets(&datagram).next().unwrap().unwrap_err();
        assert!(matches!(error.kind, ErrorKind::Malformed(_)));
    }

    #[test]
    fn every_truncation_is_an_error_or_says_how_much_is_missing() {
        let datagram = packet(0, &[7; 10], &[1; 40]);
        let header_len = datagram.len() - 40;
        for len in 1..datagram.len() {
            match packets(&datagram[..len]).next().unwrap() {
                Ok(Packet::Long(header)) => {
                    assert!(len >= header_len);
                    assert_eq!(header.missing as usize, datagram.len() - len);
                }
                Err(error) => assert!(len < header_len && matches!(error.kind, ErrorKind::Truncated { .. })),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn a_length_of_an_eighth_of_all_octets_is_no_trouble() {
        let datagram = [
            0xc0, 0, 0, 0, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2,
        ];
        let Some(Ok(Packet::Long(header))) = packets(&datagram).next() else {
            panic!()
        };
        assert_eq!(header.missing, u32::MAX - 2);
    }

    #[test]
    fn variable_integers_of_rfc_9000() {
        // Appendix A.1.
        for (octets, value) in [
            (
                &[0xc2, 0x19, 0x7c, 0x5e, 0xff, 0x14, 0xe8, 0x8c][..],
                151_288_809_941_952_652,
            ),
            (&[0x9d, 0x7f, 0x3e, 0x7d], 494_878_333),
            (&[0x7b, 0xbd], 15_293),
            (&[0x25], 37),
            (&[0x40, 0x25], 37),
        ] {
            assert_eq!(varint(&mut Reader::new(Layer::Quic, octets)), Ok(value));
            assert!(varint(&mut Reader::new(Layer::Quic, &octets[..octets.len() - 1])).is_err());
        }
    }
}
