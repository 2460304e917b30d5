//! Frames of an opened Initial packet (RFC 9000 sections 12.4 and 19), and the hello that their CRYPTO octets make.

use super::header::varint;
use crate::gquic::Chlo;
use crate::tls::{ClientHello, MAX_MESSAGE_LEN};
use crate::{DissectError, ErrorKind, Layer, reader::Reader};

/// One frame of an Initial packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// Octets of the handshake.
    Crypto {
        /// Octets of the handshake before these; below 2^62.
        offset: u64,
        /// The octets, fewer than claimed when the packet was cut.
        octets: &'a [u8],
    },
    /// An acknowledgement.
    Ack,
    /// Only to be acknowledged.
    Ping,
    /// Zeros in a row, counted as one frame.
    Padding,
    /// The sender gives up.
    ConnectionClose {
        /// QUIC's error code; 0x100 to 0x1ff are TLS alerts (RFC 9001 section 4.8).
        code: u64,
    },
}

/// The frames of an opened packet ([`Opened::frames`](super::Opened::frames)). Ends after an error.
#[derive(Clone, Debug)]
pub struct Frames<'a> {
    rest: &'a [u8],
    /// Octets of the payload before `rest`.
    offset: u32,
    /// Google's frame types.
    google: bool,
    /// The last frame may be cut: CRYPTO octets that are there count.
    is_cut: bool,
}

impl<'a> Frames<'a> {
    /// The frames of a payload that was decrypted elsewhere (or never encrypted: tests, fuzzing): `google` for Google's frame
    /// types, `is_cut` where the last frame may be cut and its CRYPTO octets count all the same.
    pub const fn new(payload: &'a [u8], google: bool, is_cut: bool) -> Self {
        Self {
            rest: payload,
            offset: 0,
            google,
            is_cut,
        }
    }

    fn crypto(&self, r: &mut Reader<'a>) -> Result<Frame<'a>, DissectError> {
        let offset = varint(r)?;
        let len = usize::try_from(varint(r)?).unwrap_or(usize::MAX);
        let octets = if self.is_cut {
            r.take(len.min(r.len()))?
        } else {
            r.take(len)?
        };
        Ok(Frame::Crypto { offset, octets })
    }

    /// RFC 9000 section 19: those that an Initial packet may hold.
    fn ietf(&self, r: &mut Reader<'a>) -> Result<Frame<'a>, DissectError> {
        match varint(r)? {
            0 => Ok(padding(r)),
            1 => Ok(Frame::Ping),
            kind @ (2 | 3) => {
                let _largest = varint(r)?;
                let _delay = varint(r)?;
                let ranges = varint(r)?;
                let _first_range = varint(r)?;
                // Each range takes two octets at least: a count that claims more ends at the payload's end.
                for _ in 0..ranges {
                    let _gap = varint(r)?;
                    let _length = varint(r)?;
                }
                for _ in 0..if kind == 3 { 3 } else { 0 } {
                    let _ecn_count = varint(r)?;
                }
                Ok(Frame::Ack)
            }
            6 => self.crypto(r),
            0x1c => {
                let code = varint(r)?;
                let _frame_type = varint(r)?;
                let reason = varint(r)?;
                r.skip(usize::try_from(reason).unwrap_or(usize::MAX))?;
                Ok(Frame::ConnectionClose { code })
            }
            kind => Err(r.unsupported(u32::try_from(kind).unwrap_or(u32::MAX))),
        }
    }

    /// Chromium's frame types before IETF's: those that come before the hello.
    fn google(&self, r: &mut Reader<'a>) -> Result<Frame<'a>, DissectError> {
        match r.u8()? {
            0 => Ok(padding(r)),
            7 => Ok(Frame::Ping),
            // 6 is IETF's number: the last versions with TLS moved to it without a new version number.
            6 | 8 => self.crypto(r),
            kind => Err(r.unsupported(kind.into())),
        }
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Result<Frame<'a>, DissectError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let mut r = Reader::at_offset(Layer::Quic, self.rest, self.offset);
        let frame = if self.google {
            self.google(&mut r)
        } else {
            self.ietf(&mut r)
        };
        (self.rest, self.offset) = if frame.is_ok() {
            (r.rest(), r.offset())
        } else {
            (&[][..], self.offset)
        };
        Some(frame)
    }
}

/// Passes over zeros.
fn padding<'a>(r: &mut Reader<'_>) -> Frame<'a> {
    let zeros = r.rest().iter().take_while(|octet| **octet == 0).count();
    let _ = r.skip(zeros); // they were just counted
    Frame::Padding
}

/// What the CRYPTO octets of a client say so far.
#[derive(Clone, Copy, Debug)]
pub enum Hello<'a> {
    /// A TLS hello, there to its end.
    Tls(ClientHello<'a>),
    /// A hello of Google's own handshake (Q050).
    Google(Chlo<'a>),
    /// More octets are needed: this many in all, from the start.
    Incomplete {
        /// Octets from offset 0 to the hello's end, as far as is known yet.
        need: usize,
    },
    /// The octets are no client's hello (a server's, say).
    Other,
}

/// Reads the start of a client's CRYPTO octets, put in order from offset 0.
pub fn hello(octets: &[u8]) -> Hello<'_> {
    let need = match *octets {
        [b'C', b'H', b'L', b'O', ..] => match Chlo::len(octets) {
            Ok(need) => need,
            Err(DissectError {
                kind: ErrorKind::Truncated { need, .. },
                offset,
                ..
            }) => {
                // As far as the table goes; how long the values are, its end will say.
                let need = usize::try_from(offset.saturating_add(need)).unwrap_or(usize::MAX);
                return Hello::Incomplete { need };
            }
            Err(_) => return Hello::Other,
        },
        [1, a, b, c, ..] => usize::try_from(u32::from_be_bytes([0, a, b, c]))
            .unwrap_or(usize::MAX)
            .saturating_add(4),
        _ if octets.len() < 4 && (b"CHLO".starts_with(octets) || octets.first() == Some(&1)) => 4,
        _ => return Hello::Other,
    };
    if need > MAX_MESSAGE_LEN {
        return Hello::Other;
    }
    let Some(message) = octets.get(..need) else {
        return Hello::Incomplete { need };
    };
    if let Ok(chlo) = Chlo::parse(message) {
        return Hello::Google(chlo);
    }
    message.get(4..).map_or(Hello::Other, |body| {
        ClientHello::parse(body).map_or(Hello::Other, Hello::Tls)
    })
}

/// Reads what is there of a TLS hello that will not become whole, since packets were cut or lost; `octets` are in order
/// from offset 0. `None` when that is no hello, or not even its cipher suites are there.
pub fn beginning(octets: &[u8]) -> Option<ClientHello<'_>> {
    match octets {
        [1, _, _, _, begun @ ..] => ClientHello::parse_beginning(begun).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(payload: &[u8], google: bool, is_cut: bool) -> Vec<Result<Frame<'_>, DissectError>> {
        Frames::new(payload, google, is_cut).collect()
    }

    #[test]
    fn frames_of_an_initial() {
        let ack = [2, 0x40, 9, 1, 1, 3, 0, 2];
        let ack_ecn = [3, 5, 0, 0, 1, 7, 8, 9];
        let close = [0x1c, 0x41, 0x28, 6, 2, b'n', b'o'];
        let payload = [
            &[0, 0, 0, 1][..],
            &ack,
            &ack_ecn,
            &[6, 0x40, 5, 3, 7, 8, 9],
            &close,
            &[0],
        ]
        .concat();
        let frames: Vec<_> = read(&payload, false, false).into_iter().map(Result::unwrap).collect();
        let crypto = Frame::Crypto {
            offset: 5,
            octets: &[7, 8, 9],
        };
        let close = Frame::ConnectionClose { code: 0x128 };
        assert_eq!(
            frames,
            [
                Frame::Padding,
                Frame::Ping,
                Frame::Ack,
                Frame::Ack,
                crypto,
                close,
                Frame::Padding
            ]
        );
    }

    #[test]
    fn every_truncation_of_each_frame_is_an_error() {
        for frame in [
            &[2, 0x40, 9, 1, 1, 3, 0, 2][..],
            &[6, 0x40, 5, 3, 7, 8, 9],
            &[0x1c, 0x41, 0x28, 6, 2, b'n', b'o'],
        ] {
            for len in 1..frame.len() {
                let found = read(&frame[..len], false, false);
                assert!(
                    matches!(
                        found[..],
                        [Err(DissectError {
                            kind: ErrorKind::Truncated { .. },
                            ..
                        })]
                    ),
                    "{frame:?} {len}"
                );
            }
        }
    }

    #[test]
    fn the_last_frame_of_a_cut_packet_gives_what_is_there() {
        let crypto = Frame::Crypto {
            offset: 0,
            octets: &[7, 8],
        };
        assert_eq!(read(&[6, 0, 9, 7, 8], false, true), [Ok(crypto)]);
        assert!(read(&[6, 0, 9, 7, 8], false, false)[0].is_err());
    }

    #[test]
    fn a_frame_that_no_initial_holds_ends_the_reading() {
        let found = read(&[1, 0x08, 0, 1], false, false);
        assert_eq!(found[0], Ok(Frame::Ping));
        assert!(matches!(
            found[1],
            Err(DissectError {
                offset: 2,
                kind: ErrorKind::Unsupported(8),
                ..
            })
        ));
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn an_acknowledgement_that_claims_endless_ranges_ends_with_the_payload() {
        let payload = [
            &[2, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff][..],
            &[0; 100],
        ]
        .concat();
        assert!(read(&payload, false, false)[0].is_err());
    }

    #[test]
    fn googles_frames() {
        let frames: Vec<_> = read(&[0, 0, 7, 8, 0, 2, 5, 6], true, false)
            .into_iter()
            .map(Result::unwrap)
            .collect();
        assert_eq!(
            frames,
            [
                Frame::Padding,
                Frame::Ping,
                Frame::Crypto {
                    offset: 0,
                    octets: &[5, 6]
                }
            ]
        );
        assert!(read(&[0x40, 1], true, false)[0].is_err());
    }

    #[test]
    fn a_hello_is_known_by_its_start_and_waits_for_its_end() {
        let message: &[u8] = include_bytes!("../../testdata/rfc9001-a2-client-hello.bin");
        for len in 0..4 {
            assert!(matches!(hello(&message[..len]), Hello::Incomplete { need: 4 }), "{len}");
        }
        for len in 4..message.len() {
            assert!(
                matches!(hello(&message[..len]), Hello::Incomplete { need: 241 }),
                "{len}"
            );
        }
        let more = [message, &[9; 9]].concat();
        for whole in [message, &more] {
            assert!(matches!(hello(whole), Hello::Tls(hello) if hello.sni() == Some(b"example.com")));
        }
        assert!(matches!(hello(&[2, 0, 0, 9]), Hello::Other));
        assert!(matches!(hello(&[1, 1, 0, 0]), Hello::Other)); // longer than any hello
        assert!(matches!(hello(&[1, 0, 0, 2, 3, 3]), Hello::Other)); // too short to be one
    }

    #[test]
    fn the_beginning_of_a_hello_gives_its_name() {
        let message: &[u8] = include_bytes!("../../testdata/rfc9001-a2-client-hello.bin");
        let name = |len: usize| beginning(&message[..len]).and_then(|hello| hello.sni());
        let there = message.windows(11).position(|at| at == b"example.com").unwrap() + 11;
        assert_eq!(name(there), Some(&b"example.com"[..]));
        assert_eq!(name(there - 1), None);
        assert!(beginning(&message[..20]).is_none() && beginning(&[2; 200]).is_none() && beginning(&[]).is_none());
    }

    #[test]
    fn googles_hello_waits_for_its_table_and_then_for_its_values() {
        let message = [&b"CHLO\x01\0\0\0SNI\0"[..], &3_u32.to_le_bytes(), b"abc"].concat();
        for len in 0..message.len() {
            let needed = match len {
                0..4 => 4,
                4..6 => 6,
                6..8 => 8,
                8..16 => 16,
                _ => 19,
            };
            assert!(
                matches!(hello(&message[..len]), Hello::Incomplete { need } if need == needed),
                "{len}"
            );
        }
        assert!(matches!(hello(&message), Hello::Google(chlo) if chlo.sni() == Some(b"abc")));
    }

    #[test]
    fn payloads_of_any_octets_end() {
        let mut number = 0x0071_7569_6371_u64;
        for len in 0..2_000 {
            let payload: Vec<u8> = (0..len % 64)
                .map(|_| {
                    number ^= number << 13;
                    number ^= number >> 7;
                    number ^= number << 17;
                    // Small numbers are frame types and lengths; large ones are seen too.
                    (if number & 0x300 == 0 {
                        number >> 24
                    } else {
                        number >> 24 & 0x1f
                    }) as u8
                })
                .collect();
            for (google, is_cut) in [(false, false), (false, true), (true, true)] {
                assert!(read(&payload, google, is_cut).len() <= payload.len());
            }
            let _ = hello(&payload);
        }
    }
}
