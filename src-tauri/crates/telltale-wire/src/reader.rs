//! The only way to walk through bytes: a cursor that checks every step and says where it stopped.
//!
//! Called by every parser of this crate (and by tests). Never here: a protocol's rule, or a copy of the bytes.

use crate::{DissectError, ErrorKind, Layer};

/// A checked cursor over borrowed bytes. Numbers are big-endian (network order). `Copy`: keep one to come back to a place.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    /// Octets from the start of what was handed in to `rest`'s end: `offset()` counts back from it, so that reading
    /// moves one field only.
    end: u32,
    layer: Layer,
}

impl<'a> Reader<'a> {
    /// Reads `bytes` from their start; errors name `layer`.
    #[inline]
    pub const fn new(layer: Layer, bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            end: saturated(bytes.len()),
            layer,
        }
    }

    /// Reads `bytes`, which lie `offset` octets into the message: errors then point into the whole message.
    #[inline]
    pub const fn at_offset(layer: Layer, bytes: &'a [u8], offset: u32) -> Self {
        Self {
            rest: bytes,
            end: offset.saturating_add(saturated(bytes.len())),
            layer,
        }
    }

    /// Octets from the start of what was handed in to the next unread one.
    #[inline]
    pub const fn offset(&self) -> u32 {
        self.end.saturating_sub(saturated(self.rest.len()))
    }

    /// Octets from the start of what was handed in to the end of what may be read.
    #[inline]
    pub const fn end(&self) -> u32 {
        self.end
    }

    /// What is not read yet.
    #[inline]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Octets that are not read yet.
    #[inline]
    pub const fn len(&self) -> usize {
        self.rest.len()
    }

    /// True when everything is read.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next `len` octets.
    ///
    /// # Errors
    /// Truncated, when fewer are left; nothing is consumed then.
    #[inline]
    pub const fn take(&mut self, len: usize) -> Result<&'a [u8], DissectError> {
        match self.rest.split_at_checked(len) {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            None => Err(self.truncated(len)),
        }
    }

    /// The next `N` octets as an array. Errors as [`Reader::take`].
    #[inline]
    pub const fn array<const N: usize>(&mut self) -> Result<[u8; N], DissectError> {
        match self.rest.split_first_chunk::<N>() {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(*taken)
            }
            None => Err(self.truncated(N)),
        }
    }

    /// Passes over `len` octets. Errors as [`Reader::take`].
    #[inline]
    pub const fn skip(&mut self, len: usize) -> Result<(), DissectError> {
        match self.take(len) {
            Ok(_) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// One octet. Errors as [`Reader::take`].
    #[inline]
    pub const fn u8(&mut self) -> Result<u8, DissectError> {
        match self.array::<1>() {
            Ok([value]) => Ok(value),
            Err(error) => Err(error),
        }
    }

    /// Two octets. Errors as [`Reader::take`].
    #[inline]
    pub fn u16(&mut self) -> Result<u16, DissectError> {
        self.array().map(u16::from_be_bytes)
    }

    /// Three octets, as TLS lengths are written. Errors as [`Reader::take`].
    #[inline]
    pub fn u24(&mut self) -> Result<u32, DissectError> {
        self.array().map(|[a, b, c]| u32::from_be_bytes([0, a, b, c]))
    }

    /// Four octets. Errors as [`Reader::take`].
    #[inline]
    pub fn u32(&mut self) -> Result<u32, DissectError> {
        self.array().map(u32::from_be_bytes)
    }

    /// Octets behind a one-octet length. Errors as [`Reader::take`]; nothing is consumed then.
    #[inline]
    pub fn vec_u8(&mut self) -> Result<&'a [u8], DissectError> {
        let mut ahead = *self;
        let len = usize::from(ahead.u8()?);
        let taken = ahead.take(len)?;
        *self = ahead;
        Ok(taken)
    }

    /// Octets behind a two-octet length. Errors as [`Reader::take`]; nothing is consumed then.
    #[inline]
    pub fn vec_u16(&mut self) -> Result<&'a [u8], DissectError> {
        let mut ahead = *self;
        let len = usize::from(ahead.u16()?);
        let taken = ahead.take(len)?;
        *self = ahead;
        Ok(taken)
    }

    /// Octets behind a three-octet length. Errors as [`Reader::take`]; nothing is consumed then.
    #[inline]
    pub fn vec_u24(&mut self) -> Result<&'a [u8], DissectError> {
        let mut ahead = *self;
        let len = ahead.u24()? as usize; // 24 bits fit every usize that we build for
        let taken = ahead.take(len)?;
        *self = ahead;
        Ok(taken)
    }

    /// A reader over the next `len` octets alone, which keeps counting offsets in the whole. Errors as [`Reader::take`].
    #[inline]
    pub fn sub(&mut self, len: usize) -> Result<Self, DissectError> {
        let offset = self.offset();
        Ok(Self::at_offset(self.layer, self.take(len)?, offset))
    }

    /// A reader over the octets behind a two-octet length, as [`Reader::sub`].
    #[inline]
    pub fn sub_u16(&mut self) -> Result<Self, DissectError> {
        let (layer, taken) = (self.layer, self.vec_u16()?);
        Ok(Self {
            rest: taken,
            end: self.offset(),
            layer,
        })
    }

    /// Forgets what lies beyond the next `len` octets: padding, a trailer, whatever a length field does not claim.
    #[inline]
    pub fn limit(&mut self, len: usize) {
        if let Some((kept, cut)) = self.rest.split_at_checked(len) {
            self.end = self.end.saturating_sub(saturated(cut.len()));
            self.rest = kept;
        }
    }

    /// The same place, for the next layer: errors name `layer` from here on.
    #[inline]
    #[must_use]
    pub const fn within(self, layer: Layer) -> Self {
        Self { layer, ..self }
    }

    /// The error for a field of `need` octets that does not fit in what is left.
    #[inline]
    pub const fn truncated(&self, need: usize) -> DissectError {
        self.error(ErrorKind::Truncated {
            need: saturated(need),
            have: saturated(self.rest.len()),
        })
    }

    /// The error for a broken rule at the next unread octet.
    #[inline]
    pub const fn malformed(&self, rule: &'static str) -> DissectError {
        self.error(ErrorKind::Malformed(rule))
    }

    /// The error for a kind that Telltale does not read; `number` is the protocol's own.
    #[inline]
    pub const fn unsupported(&self, number: u32) -> DissectError {
        self.error(ErrorKind::Unsupported(number))
    }

    const fn error(&self, kind: ErrorKind) -> DissectError {
        DissectError {
            layer: self.layer,
            offset: self.offset(),
            kind,
        }
    }
}

/// A length as errors carry it; a message beyond 4 GiB is not a message.
#[expect(clippy::cast_possible_truncation, reason = "checked in the line above the cast")]
const fn saturated(len: usize) -> u32 {
    if len > u32::MAX as usize {
        return u32::MAX;
    }
    len as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_big_endian_and_offsets_count() {
        let mut r = Reader::new(Layer::Dns, &[1, 0, 2, 0, 0, 3, 0, 0, 0, 4, 9]);
        assert_eq!(r.u8(), Ok(1));
        assert_eq!(r.u16(), Ok(2));
        assert_eq!(r.u24(), Ok(3));
        assert_eq!(r.u32(), Ok(4));
        assert_eq!((r.offset(), r.rest()), (10, &[9_u8][..]));
    }

    #[test]
    fn a_short_read_says_where_and_consumes_nothing() {
        let mut r = Reader::new(Layer::Tls, &[7, 0, 5, 1, 2]);
        r.skip(1).unwrap();
        let error = r.vec_u16().unwrap_err();
        assert_eq!(
            error,
            DissectError {
                layer: Layer::Tls,
                offset: 3,
                kind: ErrorKind::Truncated { need: 5, have: 2 }
            }
        );
        assert_eq!(r.offset(), 1);
    }

    #[test]
    fn a_sub_reader_counts_in_the_whole() {
        let mut r = Reader::new(Layer::Tls, &[9, 0, 2, 1, 2, 3]);
        r.skip(1).unwrap();
        let mut inner = r.sub_u16().unwrap();
        assert_eq!(inner.offset(), 3);
        inner.skip(2).unwrap();
        assert_eq!(inner.u8().unwrap_err().offset, 5);
        assert_eq!(r.rest(), &[3]);
    }

    #[test]
    fn a_limit_keeps_offsets() {
        let mut r = Reader::new(Layer::Ip, &[1, 2, 3, 4, 5]);
        r.skip(1).unwrap();
        r.limit(2);
        assert_eq!((r.offset(), r.rest()), (1, &[2_u8, 3][..]));
        r.limit(9);
        assert_eq!(r.within(Layer::Transport).take(3).unwrap_err().layer, Layer::Transport);
    }

    #[test]
    fn a_reader_inside_a_message_points_into_the_message() {
        let r = Reader::at_offset(Layer::Quic, &[1, 2], 100);
        assert_eq!(r.malformed("x").offset, 100);
    }
}
