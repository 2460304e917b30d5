//! Octets that come in pieces with their places (QUIC's CRYPTO frames, DTLS and IP fragments), put together.

/// A message in the making.
#[derive(Debug, Default)]
pub(crate) struct Patchwork {
    octets: Vec<u8>,
    /// What is there: ranges that neither touch nor overlap, in order.
    ranges: Vec<(usize, usize)>,
}

/// Pieces that may lie apart at one time; real messages have a handful (Chrome cuts a hello into some twenty).
const MAX_RANGES: usize = 128;

impl Patchwork {
    /// Lays a piece at `offset`; what was there before stays. False when it ends behind `limit` or too many pieces lie apart.
    pub(crate) fn lay(&mut self, offset: usize, piece: &[u8], limit: usize) -> bool {
        let end = offset.saturating_add(piece.len());
        if end > limit || self.ranges.len() >= MAX_RANGES {
            return false;
        }
        if piece.is_empty() {
            return true;
        }
        if self.octets.len() < end {
            self.octets.resize(end, 0);
        }
        let mut at = offset;
        for (from, to) in &self.ranges {
            if at < *from {
                copy(&mut self.octets, piece, offset, at, end.min(*from));
            }
            at = at.max(*to);
        }
        if at < end {
            copy(&mut self.octets, piece, offset, at, end);
        }
        self.join(offset, end);
        true
    }

    /// The octets from the start to the first hole.
    pub(crate) fn start(&self) -> &[u8] {
        match self.ranges.first() {
            Some((0, end)) => self.octets.get(..*end).unwrap_or_default(),
            _ => &[],
        }
    }

    /// Memory held.
    pub(crate) const fn held(&self) -> usize {
        self.octets.capacity()
    }

    fn join(&mut self, from: usize, to: usize) {
        let (mut from, mut to) = (from, to);
        self.ranges.retain(|(start, end)| {
            let apart = *end < from || *start > to;
            if !apart {
                from = from.min(*start);
                to = to.max(*end);
            }
            apart
        });
        let place = self.ranges.partition_point(|(start, _)| *start < from);
        self.ranges.insert(place, (from, to));
    }
}

/// Copies the part of `piece` (which starts at `offset`) that belongs to `from..to`.
fn copy(octets: &mut [u8], piece: &[u8], offset: usize, from: usize, to: usize) {
    let part = piece.get(from.saturating_sub(offset)..to.saturating_sub(offset));
    if let (Some(target), Some(part)) = (octets.get_mut(from..to), part) {
        target.copy_from_slice(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_in_any_order_make_the_whole_and_the_first_copy_stays() {
        let mut p = Patchwork::default();
        assert!(p.lay(6, b"gh", 100));
        assert!(p.lay(2, b"cde", 100));
        assert_eq!(p.start(), b"");
        assert!(p.lay(0, b"ab", 100));
        assert_eq!(p.start(), b"abcde");
        assert!(p.lay(3, b"XXfXX", 100), "overlaps what is there on both sides");
        assert_eq!(p.start(), b"abcdefgh");
        assert!(!p.lay(99, b"zz", 100));
        assert_eq!(p.ranges, [(0, 8)]);
    }
}
