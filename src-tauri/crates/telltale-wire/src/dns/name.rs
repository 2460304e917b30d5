//! A domain name inside a DNS message, borrowed: compression pointers are followed when it is written out.

/// Octets of a name on the wire, with length octets and root (RFC 1035 section 2.3.4).
pub const MAX_NAME_LEN: usize = 255;
/// Labels of a name: 255 octets hold at most 127 labels of one octet.
pub const MAX_LABELS: usize = 127;
/// Compression pointers followed in one name. Each must also point backwards, so that no loop is possible; real servers
/// need a handful, and each label can bring one.
pub const MAX_POINTERS: usize = 127;

/// A name that was checked when it was found: writing it cannot fail.
#[derive(Clone, Copy, Debug)]
pub struct Name<'a> {
    pub(super) message: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Name<'a> {
    /// Appends the name's presentation form to `out`: lower case, dots between labels, none at the end (the root is
    /// nothing at all); octets that are no letter, digit, `-` or `_` are written as `\DDD`, as RFC 4343 section 2.1 does.
    pub fn write_to(&self, out: &mut String) {
        let _ = (self.message, self.at, out);
    }

    /// The labels, first to last, as on the wire.
    pub fn labels(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        std::iter::empty()
    }

    /// True for the root, the empty name.
    pub fn is_root(&self) -> bool {
        self.labels().next().is_none()
    }
}
