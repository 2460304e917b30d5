//! One direction of a TCP connection put back in order, as far as somebody listens.

use crate::limits::{MAX_STREAM_OCTETS, MAX_STREAM_SEGMENTS};

/// Octets in order, and segments that wait for one that is missing.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    /// Sequence number behind the octets in order; `None` before the first segment.
    next: Option<u32>,
    octets: Vec<u8>,
    /// Octets of `octets` at its start that were consumed.
    read: usize,
    /// Octets that are to be passed over before the next one counts.
    skip: u64,
    /// Segments behind a hole, by sequence number from `next`.
    waiting: Vec<(u32, Vec<u8>)>,
    waiting_octets: usize,
}

/// How the stream stands after a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pushed {
    /// New octets in order may be read.
    Grown,
    /// A copy, or a segment that has to wait.
    Nothing,
    /// The hole will not be filled: more waits behind it than is held, or the capture cut octets off.
    Stuck,
}

impl Stream {
    /// Sets where the stream starts, unless a segment did.
    pub(crate) fn start_at(&mut self, sequence: u32) {
        self.next.get_or_insert(sequence);
    }

    /// True when nothing has come yet, and `sequence` is where the stream starts.
    pub(crate) fn is_fresh_at(&self, sequence: u32) -> bool {
        self.octets.is_empty() && self.waiting.is_empty() && self.next.is_none_or(|next| next == sequence)
    }

    /// Octets in order that were not consumed.
    pub(crate) fn octets(&self) -> &[u8] {
        self.octets.get(self.read..).unwrap_or_default()
    }

    /// Memory held.
    pub(crate) const fn held(&self) -> usize {
        self.octets.capacity().saturating_add(self.waiting_octets)
    }

    /// Passes over `count` octets that are there.
    pub(crate) fn consume(&mut self, count: usize) {
        self.read = self.read.saturating_add(count).min(self.octets.len());
        if self.read == self.octets.len() {
            self.octets.clear();
            self.read = 0;
        } else if self.read > MAX_STREAM_OCTETS / 4 {
            self.octets.drain(..self.read);
            self.read = 0;
        }
    }

    /// Passes over `count` octets, there or still to come, without holding them.
    pub(crate) fn skip(&mut self, count: u64) {
        let there = self.octets().len();
        let now = usize::try_from(count).unwrap_or(usize::MAX).min(there);
        self.consume(now);
        self.skip = count.saturating_sub(now as u64);
    }

    /// Takes one segment; `missing` are octets at its end that the capture cut off.
    pub(crate) fn push(&mut self, sequence: u32, payload: &[u8], missing: u32) -> Pushed {
        let next = *self.next.get_or_insert(sequence);
        let ahead = distance(next, sequence);
        if ahead > 0 {
            return self.wait(sequence, payload, missing);
        }
        let known = usize::try_from(ahead.unsigned_abs()).unwrap_or(usize::MAX);
        let Some(fresh) = payload.get(known..) else {
            return Pushed::Nothing;
        };
        if fresh.is_empty() && missing == 0 {
            return Pushed::Nothing;
        }
        self.append(fresh);
        if missing > 0 {
            if u64::from(missing) > self.skip {
                return Pushed::Stuck;
            }
            self.skip = self.skip.saturating_sub(missing.into());
            self.next = self.next.map(|next| next.wrapping_add(missing));
        }
        self.draw();
        if self.octets().len() > MAX_STREAM_OCTETS {
            Pushed::Stuck
        } else {
            Pushed::Grown
        }
    }

    /// Segments wait behind a hole.
    pub(crate) const fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// The other side has confirmed everything before `sequence`: a hole before it, with some segments behind, is one of
    /// the capture, and will not be filled.
    pub(crate) fn is_hole_confirmed(&self, sequence: u32) -> bool {
        const ENOUGH: usize = 3;
        self.waiting.len() >= ENOUGH
            && self
                .waiting
                .first()
                .is_some_and(|(first, _)| distance(*first, sequence) > 0)
    }

    /// Passes over the hole if it lies within octets to be skipped anyhow.
    pub(crate) fn pass_hole(&mut self) -> bool {
        let (Some(next), Some((first, _))) = (self.next, self.waiting.first()) else {
            return false;
        };
        let hole = u64::try_from(distance(next, *first)).unwrap_or_default();
        if hole > self.skip {
            return false;
        }
        self.skip = self.skip.saturating_sub(hole);
        self.next = Some(*first);
        self.draw();
        true
    }

    /// Forgets everything; gives the segments that waited, in order.
    pub(crate) fn give_up(&mut self) -> Vec<(u32, Vec<u8>)> {
        let waiting = std::mem::take(&mut self.waiting);
        *self = Self::default();
        waiting
    }

    fn wait(&mut self, sequence: u32, payload: &[u8], missing: u32) -> Pushed {
        let next = self.next.unwrap_or(sequence);
        let place = self
            .waiting
            .partition_point(|(known, _)| distance(next, *known) < distance(next, sequence));
        let copy = self
            .waiting
            .get(place)
            .is_some_and(|(known, octets)| *known == sequence && octets.len() >= payload.len());
        if copy || payload.is_empty() {
            return Pushed::Nothing;
        }
        self.waiting_octets = self.waiting_octets.saturating_add(payload.len());
        self.waiting.insert(place, (sequence, payload.to_vec()));
        let full = self.waiting.len() >= MAX_STREAM_SEGMENTS || self.waiting_octets >= MAX_STREAM_OCTETS;
        if full || missing > 0 {
            Pushed::Stuck
        } else {
            Pushed::Nothing
        }
    }

    /// Moves segments that now are in order behind the others.
    fn draw(&mut self) {
        while let (Some(next), Some((sequence, _))) = (self.next, self.waiting.first()) {
            let ahead = distance(next, *sequence);
            if ahead > 0 {
                break;
            }
            let (_, payload) = self.waiting.remove(0);
            self.waiting_octets = self.waiting_octets.saturating_sub(payload.len());
            let known = usize::try_from(ahead.unsigned_abs()).unwrap_or(usize::MAX);
            self.append(payload.get(known..).unwrap_or_default());
        }
    }

    fn append(&mut self, fresh: &[u8]) {
        let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(fresh.len());
        self.skip = self.skip.saturating_sub(skipped as u64);
        self.octets.extend_from_slice(fresh.get(skipped..).unwrap_or_default());
        let len = u32::try_from(fresh.len()).unwrap_or(u32::MAX);
        self.next = self.next.map(|next| next.wrapping_add(len));
    }
}

/// From one sequence number to another, modulo 2^32 (RFC 9293 section 3.4).
fn distance(from: u32, to: u32) -> i32 {
    to.wrapping_sub(from).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_in_any_order_with_copies_and_overlaps_give_the_stream() {
        let mut s = Stream::default();
        s.start_at(u32::MAX - 2);
        assert_eq!(s.push(3, b"ghi", 0), Pushed::Nothing);
        assert_eq!(s.push(0, b"defgh", 0), Pushed::Nothing);
        assert_eq!(s.push(u32::MAX - 2, b"abc", 0), Pushed::Grown);
        assert_eq!(s.octets(), b"abcdefghi");
        assert_eq!(s.push(1, b"ef", 0), Pushed::Nothing);
        assert_eq!(s.push(5, b"ijk", 0), Pushed::Grown);
        assert_eq!(s.octets(), b"abcdefghijk");
        s.consume(9);
        assert_eq!(s.octets(), b"jk");
    }

    #[test]
    fn skipped_octets_are_not_held_and_may_be_missing() {
        let mut s = Stream::default();
        s.push(0, b"head", 0);
        s.consume(4);
        s.skip(1_000);
        s.push(4, &[0; 500], 0);
        assert_eq!(s.octets(), b"");
        assert_eq!(s.push(704, &[0; 300], 0), Pushed::Nothing, "200 octets are missing");
        assert!(s.pass_hole());
        s.push(1_004, b"next", 0);
        assert_eq!(s.octets(), b"next");
    }

    #[test]
    fn a_hole_is_given_up_when_too_much_waits_or_the_receiver_has_it() {
        let mut s = Stream::default();
        s.start_at(0);
        for i in 1..MAX_STREAM_SEGMENTS as u32 {
            assert_eq!(s.push(i * 10, b"0123456789", 0), Pushed::Nothing);
        }
        assert!(s.is_hole_confirmed(11));
        assert!(!s.is_hole_confirmed(10));
        assert_eq!(s.push(5_000, b"x", 0), Pushed::Stuck);
        assert!(!s.pass_hole());
        assert_eq!(s.give_up().len(), MAX_STREAM_SEGMENTS);
        assert_eq!(s.held(), 0);
    }

    #[test]
    fn a_cut_segment_breaks_the_stream_unless_the_rest_is_skipped() {
        let mut s = Stream::default();
        assert_eq!(s.push(0, b"abc", 5), Pushed::Stuck);
        let mut s = Stream::default();
        s.start_at(0);
        s.skip(10);
        assert_eq!(s.push(0, b"abc", 7), Pushed::Grown);
        s.push(10, b"next", 0);
        assert_eq!(s.octets(), b"next");
    }
}
