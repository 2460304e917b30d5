//! Google QUIC before it became IETF's: versions Q024 to Q049, whose client hello (`CHLO`) is sent in the clear.
//!
//! Called by `telltale-core` with single datagrams. The later `Q050`, `T050` and `T051` share IETF's packets: [`crate::quic`] opens them
//! and gives their `CHLO` to [`Chlo::parse`]. Never here: anything kept between two packets.
//! Sources: Google's "QUIC Wire Layout Specification" and "QUIC Crypto" (2014 to 2016), and Chromium's open source for what came later.

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

    /// Octets of the `CHLO` message that starts with `message`, whose values need not be there. Errors as [`Chlo::parse`].
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

/// The version of a client's datagram that Google QUIC's header starts; `None` when it is none. Cheap; rarely true of other UDP. (Packets
/// of servers, and of clients after the handshake, carry no version and cannot be told.)
pub fn version(datagram: &[u8]) -> Option<Version> {
    header(datagram).map(|(version, _)| version)
}

/// The client hello in a datagram, if [`version`] knows it and it holds one.
///
/// Packet number, hash and frames before the hello changed their form a dozen times in these versions; the hello itself never did, and its
/// table is strict. So it is looked for behind the header, as the frames' order is not told by anything that can be relied on.
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

/// Version and what follows it. Up to Q043: flags (version present, no reset), connection id of 8 octets (or 4, 1, none before Q033), version. From Q044 on:
/// IETF's form bits of an Initial, version.
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
