//! The shape of a capture's pieces: what begins one, and whether a datagram is whole records or blocks of it.
//!
//! Called by the other doors; pure. Lengths alone are read: what is in a record is the reader's. A datagram that is not whole would
//! shift everything behind it, so it is left out.

/// `PCAPdroid` writes the classic header in the phone's byte order, or a pcapng section.
const PCAP: [u32; 2] = [0xa1b2_c3d4, 0xa1b2_3c4d];
const SECTION: u32 = 0x0a0d_0d0a;
const BYTE_ORDER: u32 = 0x1a2b_3c4d;
const INTERFACE: u32 = 1;
/// A custom block that may be copied: `PCAPdroid`'s names of apps.
const CUSTOM: u32 = 0xbad;

/// Octets of the classic file header, and of a record's.
const FILE_HEADER: usize = 24;
const RECORD_HEADER: usize = 16;

/// What a capture is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    kind: Kind,
    little: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Pcap,
    PcapNg,
}

impl Shape {
    /// What begins with these octets (12 are enough); `None` when it is no capture that a phone sends.
    pub(crate) fn of_beginning(head: &[u8]) -> Option<Self> {
        for little in [true, false] {
            let first = number(head, 0, little)?;
            if PCAP.contains(&first) {
                return Some(Self {
                    kind: Kind::Pcap,
                    little,
                });
            }
            if first == SECTION && number(head, 8, little)? == BYTE_ORDER {
                return Some(Self {
                    kind: Kind::PcapNg,
                    little,
                });
            }
        }
        None
    }

    /// Whether a datagram begins a capture and is whole.
    pub(crate) fn of_datagram(datagram: &[u8]) -> Option<Self> {
        let shape = Self::of_beginning(datagram)?;
        let rest = match shape.kind {
            Kind::Pcap => datagram.get(FILE_HEADER..)?,
            Kind::PcapNg => datagram,
        };
        (rest.is_empty() || shape.is_whole(rest)).then_some(shape)
    }

    /// Whether a datagram is one or more whole records or blocks of this capture.
    pub(crate) fn is_whole(self, mut datagram: &[u8]) -> bool {
        let any = !datagram.is_empty();
        while !datagram.is_empty() {
            let Some(rest) = self.length(datagram).and_then(|n| datagram.get(n..)) else {
                return false;
            };
            datagram = rest;
        }
        any
    }

    /// Whether a datagram says what later ones need: sections, interfaces, names of apps.
    pub(crate) fn is_description(self, datagram: &[u8]) -> bool {
        self.kind == Kind::PcapNg
            && number(datagram, 0, self.little).is_some_and(|kind| [SECTION, INTERFACE, CUSTOM].contains(&kind))
    }

    /// Whether the octets begin a pcapng section, which may follow another.
    pub(crate) fn is_pcapng(self) -> bool {
        self.kind == Kind::PcapNg
    }

    /// Octets of the first record or block; `None` when its length is impossible.
    fn length(self, bytes: &[u8]) -> Option<usize> {
        let at = |at| usize::try_from(number(bytes, at, self.little)?).ok();
        match self.kind {
            Kind::Pcap => at(8)?.checked_add(RECORD_HEADER),
            Kind::PcapNg => {
                let length = at(4)?;
                let sane = length >= 12 && length.is_multiple_of(4) && at(length.checked_sub(4)?)? == length;
                sane.then_some(length)
            }
        }
    }
}

fn number(bytes: &[u8], at: usize, little: bool) -> Option<u32> {
    let raw = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    Some(if little {
        u32::from_le_bytes(raw)
    } else {
        u32::from_be_bytes(raw)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(magic: [u8; 4]) -> Vec<u8> {
        let mut out = magic.to_vec();
        out.extend([2, 0, 4, 0]);
        out.resize(FILE_HEADER, 0);
        out
    }

    fn record(captured: u32, data: usize) -> Vec<u8> {
        let mut out = vec![0; 8];
        out.extend(captured.to_le_bytes());
        out.extend(captured.to_le_bytes());
        out.resize(RECORD_HEADER + data, 7);
        out
    }

    fn block(kind: u32, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(12 + body.len()).expect("short").to_le_bytes();
        [&kind.to_le_bytes(), &length, body, &length].concat()
    }

    #[test]
    fn datagrams_that_begin_a_capture() {
        let little = Shape::of_datagram(&header([0xd4, 0xc3, 0xb2, 0xa1])).expect("pcap");
        assert!(Shape::of_datagram(&header([0xa1, 0xb2, 0x3c, 0x4d])).is_some());
        assert!(little.is_whole(&record(5, 5)) && little.is_whole(&[record(5, 5), record(0, 0)].concat()));
        for broken in [
            record(5, 4),
            record(5, 6),
            record(u32::MAX, 5),
            Vec::new(),
            vec![1, 2, 3],
        ] {
            assert!(!little.is_whole(&broken), "{broken:?}");
        }
        let mut with_record = header([0xd4, 0xc3, 0xb2, 0xa1]);
        with_record.extend(record(3, 3));
        assert_eq!(Shape::of_datagram(&with_record), Some(little));
        with_record.pop();
        assert_eq!(Shape::of_datagram(&with_record), None);
    }

    #[test]
    fn datagrams_of_pcapng() {
        let section = block(
            SECTION,
            &[
                0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
            ],
        );
        let interface = block(INTERFACE, &[101, 0, 0, 0, 0, 0, 0, 0]);
        let shape = Shape::of_datagram(&section).expect("pcapng");
        assert_eq!(
            Shape::of_datagram(&[section.clone(), interface.clone()].concat()),
            Some(shape)
        );
        assert!(shape.is_description(&interface) && !shape.is_description(&block(6, &[0; 20])));
        assert!(shape.is_whole(&block(6, &[0; 20])));
        let mut broken = block(6, &[0; 20]);
        *broken.last_mut().expect("octets") = 1;
        assert!(!shape.is_whole(&broken), "the two lengths differ");
        for at in 0..section.len() {
            Shape::of_datagram(&section[..at]);
            for value in [0, 0xff] {
                let mut strange = section.clone();
                strange[at] = value;
                Shape::of_datagram(&strange);
                shape.is_whole(&strange);
            }
        }
    }
}
