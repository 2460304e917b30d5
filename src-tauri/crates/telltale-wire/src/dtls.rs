//! DTLS records and the fragments of handshake messages in them (RFC 6347, RFC 9147, connection ids: RFC 9146).
//!
//! Called by `telltale-core` with single datagrams; it puts a hello's fragments together (as it does QUIC's CRYPTO
//! octets) and gives the body to [`ClientHello::parse_dtls`](crate::tls::ClientHello::parse_dtls). Never here: anything
//! kept between two datagrams.

use crate::tls::{HandshakeKind, Version};
use crate::{DissectError, Layer, reader::Reader};

/// One record of a datagram.
#[derive(Clone, Copy, Debug)]
pub enum Record<'a> {
    /// A record in the clear that holds handshake messages or parts of them.
    Handshake {
        /// Version of the record, which is no promise: first hellos say DTLS 1.0.
        version: Version,
        /// Its content; see [`fragments`].
        content: &'a [u8],
    },
    /// An alert in the clear: level and description (RFC 5246 section 7.2).
    Alert {
        /// 1 warning, 2 fatal.
        level: u8,
        /// What is wrong (IANA "TLS Alerts").
        description: u8,
    },
    /// `ChangeCipherSpec`: what follows in this direction is encrypted.
    ChangeCipherSpec,
    /// Encrypted, of DTLS up to 1.2, or with a connection id, or with DTLS 1.3's short header.
    Encrypted,
}

/// A handshake message or a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment<'a> {
    /// What the message is.
    pub kind: HandshakeKind,
    /// Octets of the whole message's body.
    pub message_len: u32,
    /// Number of the message in its direction; a hello is 0, the one with the cookie 1.
    pub message_sequence: u16,
    /// Octets of the body before this part.
    pub offset: u32,
    /// This part of the body.
    pub octets: &'a [u8],
}

impl Fragment<'_> {
    /// True when the fragment is the whole message.
    pub fn is_whole(&self) -> bool {
        self.offset == 0 && u32::try_from(self.octets.len()) == Ok(self.message_len)
    }
}

/// The records of a datagram. Ends after an error.
pub const fn records(datagram: &[u8]) -> Records<'_> {
    Records {
        rest: datagram,
        offset: 0,
    }
}

/// The handshake messages and parts of messages in a record's content. Ends after an error.
pub const fn fragments(content: &[u8]) -> Fragments<'_> {
    Fragments {
        rest: content,
        offset: 0,
    }
}

/// True when `datagram` starts with a record header of DTLS 1.0 to 1.3 in the clear, or a record of DTLS 1.2 with a
/// connection id. Cheap; rarely true of other UDP. DTLS 1.3's short header is too short to know: it counts only in a
/// flow that began with a hello.
pub fn looks_like_record(datagram: &[u8]) -> bool {
    match *datagram {
        [CONNECTION_ID, 0xfe, 0xfd, ..] => datagram.len() > HEADER_LEN,
        [20..=24, major, minor, _, _, _, _, _, _, _, _, high, low, ..] => {
            is_version(major, minor) && (1..=MAX_RECORD_LEN).contains(&u16::from_be_bytes([high, low]))
        }
        _ => false,
    }
}

/// DTLS 1.0 and 1.2, and the number that OpenSSL used before DTLS 1.0 was done (Cisco's VPN clients still do).
const fn is_version(major: u8, minor: u8) -> bool {
    matches!((major, minor), (0xfe, 0xff | 0xfd) | (0x01, 0x00))
}

/// Content type of records with a connection id (RFC 9146 section 3).
const CONNECTION_ID: u8 = 25;

/// Type, version, epoch, sequence number, length (RFC 6347 section 4.1).
const HEADER_LEN: usize = 13;

/// Octets that a record may hold: 2^14, and what encryption adds at most.
const MAX_RECORD_LEN: u16 = 16_384 + 2_048;

/// Iterator of [`records`].
#[derive(Clone, Debug)]
pub struct Records<'a> {
    rest: &'a [u8],
    offset: u32,
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, DissectError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let mut r = Reader::at_offset(Layer::Dtls, self.rest, self.offset);
        let record = record(&mut r);
        (self.rest, self.offset) = if record.is_ok() {
            (r.rest(), r.offset())
        } else {
            (&[][..], self.offset)
        };
        Some(record)
    }
}

fn record<'a>(r: &mut Reader<'a>) -> Result<Record<'a>, DissectError> {
    let content_type = r.u8()?;
    // 001CSLEE: DTLS 1.3's short header, whose form hangs on what the hellos agreed (RFC 9147 section 4); and a record
    // with a connection id, whose length was agreed too. Neither tells where the next record starts.
    if content_type >> 5 == 1 || content_type == CONNECTION_ID {
        r.skip(r.len())?;
        return Ok(Record::Encrypted);
    }
    let version = Version(r.u16()?);
    let [major, minor] = version.0.to_be_bytes();
    if !(20..=24).contains(&content_type) || !is_version(major, minor) {
        return Err(r.malformed("a DTLS record has a type of 20 to 25 and a version of DTLS"));
    }
    let epoch = r.u16()?;
    r.skip(6)?; // sequence number
    let content = r.vec_u16()?;
    if epoch != 0 {
        return Ok(Record::Encrypted);
    }
    match (content_type, content) {
        (20, _) => Ok(Record::ChangeCipherSpec),
        (21, [level, description]) => Ok(Record::Alert {
            level: *level,
            description: *description,
        }),
        (22, _) => Ok(Record::Handshake { version, content }),
        _ => Ok(Record::Encrypted),
    }
}

/// Iterator of [`fragments`].
#[derive(Clone, Debug)]
pub struct Fragments<'a> {
    rest: &'a [u8],
    offset: u32,
}

impl<'a> Iterator for Fragments<'a> {
    type Item = Result<Fragment<'a>, DissectError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let mut r = Reader::at_offset(Layer::Dtls, self.rest, self.offset);
        let fragment = fragment(&mut r);
        (self.rest, self.offset) = if fragment.is_ok() {
            (r.rest(), r.offset())
        } else {
            (&[][..], self.offset)
        };
        Some(fragment)
    }
}

/// RFC 6347 section 4.2.2.
fn fragment<'a>(r: &mut Reader<'a>) -> Result<Fragment<'a>, DissectError> {
    let kind = HandshakeKind(r.u8()?);
    let message_len = r.u24()?;
    let message_sequence = r.u16()?;
    let offset = r.u24()?;
    let octets = r.vec_u24()?;
    let end = u32::try_from(octets.len()).unwrap_or(u32::MAX).saturating_add(offset);
    if end > message_len {
        return Err(r.malformed("a fragment lies in its message"));
    }
    Ok(Fragment {
        kind,
        message_len,
        message_sequence,
        offset,
        octets,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use crate::tls::ClientHello;

    fn record(content_type: u8, epoch: u16, content: &[u8]) -> Vec<u8> {
        let len = (content.len() as u16).to_be_bytes();
        [
            &[content_type, 0xfe, 0xfd][..],
            &epoch.to_be_bytes(),
            &[0; 6],
            &len,
            content,
        ]
        .concat()
    }

    fn part(len: usize, offset: usize, octets: &[u8]) -> Vec<u8> {
        let number = |number: usize| (number as u32).to_be_bytes()[1..].to_vec();
        [
            vec![1],
            number(len),
            vec![0, 0],
            number(offset),
            number(octets.len()),
            octets.to_vec(),
        ]
        .concat()
    }

    /// A hello with the cookie 9 9 and the name `a.b`.
    fn body() -> Vec<u8> {
        let name = [0, 12, 0, 0, 0, 8, 0, 6, 0, 0, 3, b'a', b'.', b'b'];
        [
            &[0xfe, 0xfd][..],
            &[7; 32],
            &[0, 2, 9, 9, 0, 2, 0xc0, 0x2b, 1, 0],
            &name,
        ]
        .concat()
    }

    #[test]
    fn a_hello_in_one_record() {
        let body = body();
        let datagram = record(22, 0, &part(body.len(), 0, &body));
        assert!(looks_like_record(&datagram));
        let Some(Ok(Record::Handshake { version, content })) = records(&datagram).next() else {
            panic!()
        };
        let hello = fragments(content).next().unwrap().unwrap();
        assert!(version == Version::DTLS_1_2 && hello.is_whole() && hello.kind == HandshakeKind::CLIENT_HELLO);
        let hello = ClientHello::parse_dtls(hello.octets).unwrap();
        assert_eq!((hello.sni(), hello.cookie), (Some(&b"a.b"[..]), Some(&[9, 9][..])));
    }

    #[test]
    fn a_hello_in_parts_over_records() {
        let body = body();
        let (one, two) = body.split_at(20);
        let datagram = [
            record(22, 0, &part(body.len(), 0, one)),
            record(22, 0, &part(body.len(), 20, two)),
        ]
        .concat();
        let mut found: Vec<u8> = Vec::new();
        for record in records(&datagram) {
            let Ok(Record::Handshake { content, .. }) = record else {
                panic!()
            };
            for part in fragments(content).map(Result::unwrap) {
                assert!(
                    !part.is_whole() && part.offset as usize == found.len() && part.message_len as usize == body.len()
                );
                found.extend(part.octets);
            }
        }
        assert_eq!(found, body);
    }

    #[test]
    fn records_of_every_kind() {
        let datagram = [
            record(21, 0, &[2, 40]),
            record(20, 0, &[1]),
            record(22, 1, &[5; 40]),
            record(23, 1, &[6; 9]),
        ]
        .concat();
        let found: Vec<_> = records(&datagram).map(Result::unwrap).collect();
        assert!(matches!(
            found[..],
            [
                Record::Alert {
                    level: 2,
                    description: 40
                },
                Record::ChangeCipherSpec,
                Record::Encrypted,
                Record::Encrypted
            ]
        ));
        // DTLS 1.3's short header, and a record with a connection id: nothing can be told of what follows.
        for datagram in [
            &[0x2f, 1, 2, 3, 4, 5][..],
            &[25, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 1, 7, 7, 0, 2, 8, 8],
        ] {
            let found: Vec<_> = records(datagram).map(Result::unwrap).collect();
            assert!(matches!(found[..], [Record::Encrypted]));
        }
        assert!(looks_like_record(&[
            25, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 1, 7, 7, 0, 2, 8, 8
        ]));
        assert!(!looks_like_record(&[
            0x2f, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
        ]));
    }

    #[test]
    fn every_truncation_is_an_error() {
        let body = body();
        let datagram = record(22, 0, &part(body.len(), 0, &body));
        for len in 1..datagram.len() {
            let error = records(&datagram[..len]).next().unwrap().unwrap_err();
            assert!(matches!(error.kind, ErrorKind::Truncated { .. }), "{len}");
        }
        for len in 1..datagram.len() - 13 {
            let error = fragments(&datagram[13..13 + len]).next().unwrap().unwrap_err();
            assert!(matches!(error.kind, ErrorKind::Truncated { .. }), "{len}");
        }
        for len in 0..body.len() {
            assert!(
                ClientHello::parse_dtls(&body[..len]).is_err() || len == body.len() - 14,
                "{len}"
            );
        }
    }

    #[test]
    fn a_part_beyond_its_message_is_refused() {
        let error = fragments(&part(10, 8, &[1, 2, 3])).next().unwrap().unwrap_err();
        assert_eq!(error.kind, ErrorKind::Malformed("a fragment lies in its message"));
    }

    #[test]
    fn other_datagrams_are_refused() {
        for datagram in [
            &[22, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1][..],
            &[26, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1],
        ] {
            assert!(!looks_like_record(datagram));
            assert!(matches!(
                records(datagram).next().unwrap().unwrap_err().kind,
                ErrorKind::Malformed(_)
            ));
        }
    }
}
