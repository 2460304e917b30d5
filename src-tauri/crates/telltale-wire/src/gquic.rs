//! Google QUIC before it became IETF's: versions Q024 to Q049, whose client hello (`CHLO`) is sent in the clear.
//!
//! Called by `telltale-core` with single datagrams. The later `Q050`, `T050` and `T051` share IETF's packets:
//! [`crate::quic`] opens them and gives their `CHLO` to [`Chlo::parse`]. Never here: anything kept between two packets.
//! Sources: Google's "QUIC Wire Layout Specification" and "QUIC Crypto" (2014 to 2016), and Chromium's open source for
//! what came later.

use crate::{DissectError, ErrorKind, Layer, reader::Reader};

/// A version as on the wire: four characters, `Q043`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Version(pub [u8; 4]);

/// A client hello: tags and values ("QUIC Crypto", section "Handshake messages").
#[derive(Clone, Copy, Debug)]
pub struct Chlo<'a> {
    /// Tag entries, eight octets each.
    index: &'a [u8],
    /// The values, one behind the other.
    values: &'a [u8],
}

impl<'a> Chlo<'a> {
    /// Reads a `CHLO` message from its first octet; what follows it is ignored.
    ///
    /// # Errors
    /// Truncated; malformed when it is no `CHLO`, or its table's ends do not rise.
    pub fn parse(message: &'a [u8]) -> Result<Self, DissectError> {
        let mut r = Reader::new(Layer::Quic, message);
        let index = Self::index(&mut r)?;
        let len = Self::ends(index, &r)?;
        Ok(Self {
            index,
            values: r.take(len)?,
        })
    }

    /// Octets of the `CHLO` message that starts with `message`, whose values need not be there. Errors as
    /// [`Chlo::parse`].
    pub(crate) fn len(message: &'a [u8]) -> Result<usize, DissectError> {
        let mut r = Reader::new(Layer::Quic, message);
        let index = Self::index(&mut r)?;
        let len = Self::ends(index, &r)?;
        Ok(HEAD_LEN.saturating_add(index.len()).saturating_add(len))
    }

    /// Passes over tag and count, and takes the table.
    fn index(r: &mut Reader<'a>) -> Result<&'a [u8], DissectError> {
        if r.array()? != *b"CHLO" {
            return Err(r.malformed("a client hello of Google's starts with CHLO"));
        }
        let entries = u16::from_le_bytes(r.array()?);
        if !(1..=MAX_ENTRIES).contains(&entries) || r.array()? != [0, 0] {
            return Err(r.malformed("a client hello of Google's has 1 to 128 tags"));
        }
        r.take(usize::from(entries).saturating_mul(ENTRY_LEN))
    }

    /// Octets of all values: the last end, after a check that the ends rise.
    fn ends(index: &[u8], r: &Reader<'_>) -> Result<usize, DissectError> {
        let mut last = 0;
        for [.., a, b, c, d] in index.as_chunks::<ENTRY_LEN>().0 {
            let end = u32::from_le_bytes([*a, *b, *c, *d]);
            if end < last || end > MAX_VALUES_LEN {
                return Err(r.malformed("the ends of a client hello's values rise"));
            }
            last = end;
        }
        Ok(usize::try_from(last).unwrap_or(usize::MAX))
    }

    /// The server name (tag `SNI`).
    pub fn sni(&self) -> Option<&'a [u8]> {
        self.value(*b"SNI\0").filter(|name| !name.is_empty())
    }

    /// What the client calls itself (tag `UAID`), such as `Chrome/74.0.3729.157 Android 8.0.0; BND-L21`.
    pub fn user_agent(&self) -> Option<&'a [u8]> {
        self.value(*b"UAID").filter(|name| !name.is_empty())
    }

    /// The value of a tag.
    pub fn value(&self, tag: [u8; 4]) -> Option<&'a [u8]> {
        let mut start = 0;
        for [t, a, g, s, w, x, y, z] in self.index.as_chunks::<ENTRY_LEN>().0 {
            let end = usize::try_from(u32::from_le_bytes([*w, *x, *y, *z])).unwrap_or(usize::MAX);
            if [*t, *a, *g, *s] == tag {
                return self.values.get(start..end);
            }
            start = end;
        }
        None
    }
}

/// The version of a client's datagram that Google QUIC's header starts; `None` when it is none. Cheap; rarely true of
/// other UDP. (Packets of servers, and of clients after the handshake, carry no version and cannot be told.)
pub fn version(datagram: &[u8]) -> Option<Version> {
    header(datagram).map(|(version, _)| version)
}

/// The client hello in a datagram, if [`version`] knows it and it holds one.
///
/// Packet number, hash and frames before the hello changed their form a dozen times in these versions; the hello itself
/// never did, and its table is strict. So it is looked for behind the header, as the frames' order is not told by
/// anything that can be relied on.
///
/// # Errors
/// Truncated, when the hello has begun and its end is cut.
pub fn chlo(datagram: &[u8]) -> Result<Option<(Version, Chlo<'_>)>, DissectError> {
    let Some((version, behind)) = header(datagram) else {
        return Ok(None);
    };
    let mut stopped = Ok(None);
    let mut rest = behind;
    while let Some(at) = rest.windows(4).position(|tag| tag == b"CHLO") {
        rest = rest.get(at..).unwrap_or_default();
        let at = datagram.len().saturating_sub(rest.len());
        match Chlo::parse(rest) {
            Ok(chlo) => return Ok(Some((version, chlo))),
            Err(
                error @ DissectError {
                    kind: ErrorKind::Truncated { .. },
                    ..
                },
            ) => {
                let offset = error.offset.saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
                stopped = Err(DissectError { offset, ..error });
            }
            Err(_) => {}
        }
        rest = rest.get(4..).unwrap_or_default();
    }
    stopped
}

/// Version and what follows it. Up to Q043: flags (version present, no reset), connection id of 8 octets (or 4, 1, none
/// before Q033), version. From Q044 on: IETF's form bits of an Initial, version.
fn header(datagram: &[u8]) -> Option<(Version, &[u8])> {
    let (first, behind) = datagram.split_first()?;
    if first & 0xc0 == 0xc0 {
        let (version, behind) = behind.split_first_chunk()?;
        return (is_version(*version, 44..=49)).then_some((Version(*version), behind));
    }
    if first & 0x83 != 0x01 {
        return None;
    }
    let lens: &[usize] = match first & 0x0c {
        0x0c => &[8],
        0x08 => &[8, 4],
        0x04 => &[1],
        _ => &[0],
    };
    lens.iter().find_map(|len| {
        let (version, behind) = behind.get(*len..)?.split_first_chunk()?;
        is_version(*version, 9..=43).then_some((Version(*version), behind))
    })
}

fn is_version([q, a, b, c]: [u8; 4], range: std::ops::RangeInclusive<u16>) -> bool {
    let digits = [a, b, c].map(|digit| u16::from(digit.wrapping_sub(b'0')));
    let [hundreds, tens, ones] = digits;
    q == b'Q'
        && digits.iter().all(|digit| *digit < 10)
        && range.contains(
            &hundreds
                .saturating_mul(100)
                .saturating_add(tens.saturating_mul(10))
                .saturating_add(ones),
        )
}

/// Octets of tag, count and the two unused ones.
const HEAD_LEN: usize = 8;

/// Octets of a tag and its end.
const ENTRY_LEN: usize = 8;

/// Tags that a message has at most ("QUIC Crypto").
const MAX_ENTRIES: u16 = 128;

/// Octets of all values at most: a hello fits in one packet, padded; what claims more is no hello.
const MAX_VALUES_LEN: u32 = 16_384;

#[cfg(test)]
mod tests {
    use super::*;

    fn message(tags: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
        let (mut index, mut values) = (Vec::new(), Vec::new());
        for (tag, value) in tags {
            values.extend(*value);
            index.extend([&tag[..], &(values.len() as u32).to_le_bytes()].concat());
        }
        [
            b"CHLO",
            &(tags.len() as u16).to_le_bytes()[..],
            &[0, 0],
            &index,
            &values,
        ]
        .concat()
    }

    fn example() -> Vec<u8> {
        message(&[
            (b"PAD\0", &[b'-'; 50]),
            (b"SNI\0", b"www.example.org"),
            (b"VER\0", b"Q043"),
            (b"UAID", b"Chrome/61 Android"),
        ])
    }

    /// A client's first datagram of Q043: flags, id, version, packet number, hash, frame head, hello, padding.
    fn datagram() -> Vec<u8> {
        let head = [&[0x0d][..], &[1; 8], b"Q043", &[1], &[0xaa; 12], &[0xa0, 1, 0x04, 0x00]].concat();
        [head, example(), vec![0; 100]].concat()
    }

    #[test]
    fn reads_tags() {
        let message = example();
        let chlo = Chlo::parse(&message).unwrap();
        assert_eq!(chlo.sni(), Some(&b"www.example.org"[..]));
        assert_eq!(chlo.user_agent(), Some(&b"Chrome/61 Android"[..]));
        assert_eq!(chlo.value(*b"VER\0"), Some(&b"Q043"[..]));
        assert_eq!(chlo.value(*b"PDMD"), None);
        assert_eq!(Chlo::len(&message), Ok(message.len()));
    }

    #[test]
    fn every_truncation_is_an_error() {
        let message = example();
        for len in 0..message.len() {
            let error = Chlo::parse(&message[..len]).unwrap_err();
            assert!(matches!(error.kind, ErrorKind::Truncated { .. }), "{len}");
        }
    }

    #[test]
    fn ends_that_fall_are_refused() {
        let mut message = example();
        message[8 + 8 + 4] = 3; // SNI ends before PAD does
        assert!(matches!(
            Chlo::parse(&message).unwrap_err().kind,
            ErrorKind::Malformed(_)
        ));
    }

    #[test]
    fn tables_of_no_or_too_many_tags_and_other_messages_are_refused() {
        for start in [
            &b"CHLO\0\0\0\0"[..],
            b"CHLO\x81\0\0\0",
            b"CHLO\x01\0\x01\0",
            b"SHLO\x01\0\0\0",
        ] {
            assert!(matches!(Chlo::parse(start).unwrap_err().kind, ErrorKind::Malformed(_)));
        }
        let long = [&b"CHLO\x01\0\0\0SNI\0"[..], &u32::MAX.to_le_bytes()].concat();
        assert!(matches!(Chlo::parse(&long).unwrap_err().kind, ErrorKind::Malformed(_)));
    }

    #[test]
    fn finds_the_hello_behind_headers_of_all_ages() {
        let q043 = datagram();
        let q024 = [
            &[0x0d][..],
            &[1; 8],
            b"Q024",
            &[1],
            &[0xaa; 12],
            &[0, 0xa4, 1, 0, 0],
            &example(),
        ]
        .concat();
        let q046 = [
            &[0xc3][..],
            b"Q046",
            &[0x50],
            &[1; 8],
            &[0, 0, 0, 1],
            &[0xaa; 12],
            &[0xa0, 1, 4, 0],
            &example(),
        ]
        .concat();
        let short_id = [&[0x09][..], &[1; 4], b"Q025", &[1], &[0xaa; 12], &example()].concat();
        for (datagram, name) in [(q043, b"Q043"), (q024, b"Q024"), (q046, b"Q046"), (short_id, b"Q025")] {
            assert_eq!(version(&datagram), Some(Version(*name)));
            let (found, chlo) = chlo(&datagram).unwrap().unwrap();
            assert_eq!((found, chlo.sni()), (Version(*name), Some(&b"www.example.org"[..])));
        }
    }

    #[test]
    fn a_cut_hello_says_where_and_a_datagram_without_one_is_none() {
        let datagram = datagram();
        let at = 30;
        for len in 0..at + 4 {
            assert!(matches!(chlo(&datagram[..len]), Ok(None)), "{len}");
        }
        for len in at + 4..at + example().len() {
            let error = chlo(&datagram[..len]).unwrap_err();
            assert!(
                error.offset as usize >= at && matches!(error.kind, ErrorKind::Truncated { .. }),
                "{len}"
            );
        }
        assert!(chlo(&datagram[..at + example().len()]).unwrap().is_some());
    }

    #[test]
    fn letters_that_only_look_like_a_hello_are_passed_over() {
        let mut datagram = datagram();
        datagram.splice(14..26, *b"CHLOCHLO\xff\xff\xff\xff");
        assert!(chlo(&datagram).unwrap().is_some());
    }

    #[test]
    fn other_datagrams_have_no_version() {
        for datagram in [
            &b""[..],
            b"\x0d",
            b"\x0d12345678Q0A3",
            b"\x0f12345678Q043",
            b"\x8d12345678Q043",
            b"\xc3Q050",
            b"\xc3Q043",
        ] {
            assert_eq!(version(datagram), None, "{datagram:?}");
            assert!(matches!(chlo(datagram), Ok(None)));
        }
    }
}
