//! A domain name inside a DNS message, borrowed: compression pointers are followed when it is written out.

use crate::{DissectError, Layer, Reader};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Octets of a name on the wire, with length octets and root (RFC 1035 section 2.3.4).
pub const MAX_NAME_LEN: usize = 255;
/// Labels of a name: 255 octets hold at most 127 labels of one octet.
pub const MAX_LABELS: usize = 127;
/// Compression pointers followed in one name (RFC 1035 section 4.1.4). Each must also point before the piece it ends, so that
/// no loop is possible; real servers need a handful, and each label can bring one.
pub const MAX_POINTERS: usize = 127;

/// A name that was checked when it was found: writing it cannot fail. Two names are compared by what they write.
#[derive(Clone, Copy)]
pub struct Name<'a> {
    message: &'a [u8],
    /// Octets from the start of the message to the name's first length octet.
    at: usize,
}

impl<'a> Name<'a> {
    /// Reads the name at `reader`, which must have begun at the start of `message`, and passes over it.
    pub(super) fn read(message: &'a [u8], reader: &mut Reader<'a>) -> Result<Self, DissectError> {
        let name = Self {
            message,
            at: reader.offset() as usize,
        };
        let mut walk = Walk::new(name);
        while walk.step()?.is_some() {}
        reader.skip(walk.len_here.saturating_sub(name.at))?;
        Ok(name)
    }

    /// Appends the name's presentation form to `out`: lower case, dots between labels, none at the end (the root is nothing
    /// at all). As RFC 4343 section 2.1 writes it: octets that are no visible ASCII become `\DDD` (decimal), a dot or backslash
    /// inside a label gets a backslash before it.
    pub fn write_to(&self, out: &mut String) {
        for (index, label) in self.labels().enumerate() {
            if index > 0 {
                out.push('.');
            }
            for octet in label {
                match octet {
                    b'.' | b'\\' => {
                        out.push('\\');
                        out.push(char::from(*octet));
                    }
                    b'!'..=b'~' => out.push(char::from(octet.to_ascii_lowercase())),
                    _ => {
                        out.push('\\');
                        for digit in [octet / 100, octet / 10 % 10, octet % 10] {
                            out.push(char::from(b'0'.wrapping_add(digit)));
                        }
                    }
                }
            }
        }
    }

    /// The labels, first to last, as on the wire. In mDNS they are UTF-8 and may hold spaces: what people call a device.
    pub fn labels(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut walk = Walk::new(*self);
        std::iter::from_fn(move || walk.step().ok().flatten())
    }

    /// True for the root, the empty name.
    pub fn is_root(&self) -> bool {
        self.labels().next().is_none()
    }

    /// The address that a reverse name asks for: `4.3.2.1.in-addr.arpa` (RFC 1035 section 3.5), or 32 digits before
    /// `ip6.arpa` (RFC 3596 section 2.5). `None` for any other name.
    pub fn reverse_address(&self) -> Option<IpAddr> {
        let mut labels = [&[][..]; 34];
        let mut count = 0_usize;
        for label in self.labels() {
            *labels.get_mut(count)? = label;
            count = count.checked_add(1)?;
        }
        let (digits, zone) = labels.get(..count)?.split_at_checked(count.checked_sub(2)?)?;
        let [zone, arpa] = zone else { return None };
        let text = |label: &&'a [u8]| std::str::from_utf8(label).ok();
        if !arpa.eq_ignore_ascii_case(b"arpa") {
            return None;
        }
        if zone.eq_ignore_ascii_case(b"in-addr") {
            let [d, c, b, a] = digits else { return None };
            let mut octets = [0; 4];
            for (octet, label) in octets.iter_mut().zip([a, b, c, d]) {
                *octet = text(label)?.parse().ok()?;
            }
            return Some(IpAddr::V4(Ipv4Addr::from(octets)));
        }
        if !zone.eq_ignore_ascii_case(b"ip6") || digits.len() != 32 {
            return None;
        }
        let mut address = 0_u128;
        for label in digits.iter().rev() {
            if label.len() != 1 {
                return None;
            }
            address = address << 4 | u128::from_str_radix(text(label)?, 16).ok()?;
        }
        Some(IpAddr::V6(Ipv6Addr::from(address)))
    }
}

impl std::fmt::Debug for Name<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = String::new();
        self.write_to(&mut text);
        write!(f, "{text:?}")
    }
}

/// A walk along a name's labels, through its pointers.
struct Walk<'a> {
    message: &'a [u8],
    /// Next length octet.
    at: usize,
    /// Where the present piece began: a pointer must lead before it.
    piece: usize,
    /// Octets so far, as the name would be without compression; the root's is counted from the start.
    len: usize,
    labels: usize,
    pointers: usize,
    /// End of the name where it stands: behind its root or its first pointer.
    len_here: usize,
}

impl<'a> Walk<'a> {
    const fn new(name: Name<'a>) -> Self {
        Self {
            message: name.message,
            at: name.at,
            piece: name.at,
            len: 1,
            labels: 0,
            pointers: 0,
            len_here: 0,
        }
    }

    /// The next label; `None` at the root.
    fn step(&mut self) -> Result<Option<&'a [u8]>, DissectError> {
        loop {
            let mut reader = self.reader()?;
            let first = reader.u8()?;
            match first >> 6 {
                0b00 if first == 0 => {
                    self.ends_at(self.at.saturating_add(1));
                    return Ok(None);
                }
                0b00 => {
                    let label = reader.take(usize::from(first))?;
                    let step = label.len().saturating_add(1);
                    self.at = self.at.saturating_add(step);
                    self.len = self.len.saturating_add(step);
                    self.labels = self.labels.saturating_add(1);
                    if self.len > MAX_NAME_LEN || self.labels > MAX_LABELS {
                        return Err(reader.malformed("a name has at most 255 octets"));
                    }
                    return Ok(Some(label));
                }
                0b11 => {
                    let target = usize::from(u16::from_be_bytes([first & 0x3f, reader.u8()?]));
                    self.ends_at(self.at.saturating_add(2));
                    self.pointers = self.pointers.saturating_add(1);
                    if target >= self.piece {
                        return Err(reader.malformed("a compression pointer points back"));
                    }
                    if self.pointers > MAX_POINTERS {
                        return Err(reader.malformed("a name has at most 127 pointers"));
                    }
                    (self.at, self.piece) = (target, target);
                }
                _ => return Err(reader.unsupported(u32::from(first))),
            }
        }
    }

    fn ends_at(&mut self, end: usize) {
        if self.len_here == 0 {
            self.len_here = end;
        }
    }

    fn reader(&self) -> Result<Reader<'a>, DissectError> {
        let mut reader = Reader::new(Layer::Dns, self.message);
        reader.skip(self.at)?;
        Ok(reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn read(message: &[u8], at: usize) -> Result<(String, usize), DissectError> {
        let mut reader = Reader::new(Layer::Dns, message);
        reader.skip(at)?;
        let name = Name::read(message, &mut reader)?;
        let mut text = String::new();
        name.write_to(&mut text);
        Ok((text, reader.offset() as usize))
    }

    #[test]
    fn a_plain_name_is_written_in_lower_case() {
        assert_eq!(
            read(b"\x03WWW\x07Example\x03com\x00rest", 0),
            Ok(("www.example.com".into(), 17))
        );
    }

    #[test]
    fn the_root_is_empty() {
        assert_eq!(read(b"\x00", 0), Ok((String::new(), 1)));
    }

    #[test]
    fn a_pointer_continues_at_an_earlier_name() {
        let message = b"\x07example\x03com\x00\x03www\xc0\x00\xff";
        assert_eq!(read(message, 13), Ok(("www.example.com".into(), 19)));
    }

    #[test]
    fn pointers_may_follow_one_another() {
        let message = b"\x01a\x00\x01b\xc0\x00\x01c\xc0\x03\xc0\x07";
        assert_eq!(read(message, 11), Ok(("c.b.a".into(), 13)));
    }

    #[test]
    fn odd_octets_are_escaped_as_rfc_4343_says() {
        assert_eq!(read(b"\x08a b.c\\\x07\xe9\x00", 0).unwrap().0, r"a\032b\.c\\\007\233");
    }

    #[test]
    fn a_loop_is_refused() {
        let kind = read(b"\xc0\x00", 0).unwrap_err().kind;
        assert_eq!(kind, ErrorKind::Malformed("a compression pointer points back"));
        assert!(read(b"\x01a\xc0\x00", 0).is_err());
        assert!(read(b"\x01a\xc0\x04\x01b\xc0\x00", 0).is_err());
    }

    #[test]
    fn a_pointer_forward_is_refused() {
        assert!(read(b"\xc0\x02\x01a\x00", 0).is_err());
    }

    #[test]
    fn a_name_of_256_octets_is_refused() {
        let mut message = b"\x3faaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".repeat(3);
        message.extend(b"\x3daaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\x00");
        assert_eq!((message.len(), read(&message, 0).is_ok()), (255, true));
        message.insert(192, b'a');
        message[192] = 0x3e;
        message[193] = b'a';
        assert_eq!((message.len(), read(&message, 0).is_ok()), (256, false));
    }

    #[test]
    fn a_cut_label_is_truncated() {
        let error = read(b"\x03ab", 0).unwrap_err();
        assert_eq!(
            (error.offset, error.kind),
            (1, ErrorKind::Truncated { need: 3, have: 2 })
        );
    }

    #[test]
    fn label_types_of_the_past_are_unsupported() {
        assert_eq!(read(b"\x41a\x00", 0).unwrap_err().kind, ErrorKind::Unsupported(0x41));
    }

    #[test]
    fn reverse_names_tell_their_address() {
        let reverse = |message: &[u8]| {
            Name::read(message, &mut Reader::new(Layer::Dns, message))
                .unwrap()
                .reverse_address()
                .map(|a| a.to_string())
        };
        assert_eq!(
            reverse(b"\x014\x013\x012\x03192\x07in-addr\x04ARPA\x00").as_deref(),
            Some("192.2.3.4")
        );
        let mut six = b"\x01b\x01a".to_vec();
        six.extend(b"\x010".repeat(26));
        six.extend(b"\x011\x010\x010\x012\x03ip6\x04arpa\x00");
        assert_eq!(reverse(&six).as_deref(), Some("2001::ab"));
        assert_eq!(reverse(b"\x013\x012\x03192\x07in-addr\x04arpa\x00"), None);
        assert_eq!(reverse(b"\x07example\x00"), None);
    }
}
