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
    pub(super) const fn new(payload: &'a [u8], google: bool, is_cut: bool) -> Self {
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
            8 => self.crypto(r),
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
                ..
            }) => {
                return Hello::Incomplete {
                    need: usize::try_from(need).unwrap_or(usize::MAX),
                };
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
