//! Up and down over time in a bounded number of steps.

use crate::{
    limits::MAX_TIMELINE_BUCKETS,
    model::{Bucket, Timeline, Timestamp},
};

const SECOND: i64 = 1_000_000_000;

/// The steps so far; their width doubles whenever they become too many.
///
/// A packet is drawn as its flow was understood when it came: a later decision that its device is another one does not move it.
#[derive(Debug)]
pub(crate) struct Steps {
    start: i64,
    width: i64,
    buckets: Vec<Bucket>,
    /// Bounds and place of the bucket used last: packets of one moment need no division.
    latest: (i64, i64, usize),
}

impl Default for Steps {
    fn default() -> Self {
        Self {
            start: 0,
            width: SECOND,
            buckets: Vec::new(),
            latest: (0, 0, 0),
        }
    }
}

impl Steps {
    /// The step that a moment belongs to.
    pub(crate) fn at(&mut self, at: Timestamp) -> &mut Bucket {
        let (from, to, _) = self.latest;
        if !(from..to).contains(&at.0) {
            self.seek(at.0);
        }
        let place = self.latest.2;
        if self.buckets.len() <= place {
            self.buckets.resize(place.saturating_add(1), Bucket::default());
        }
        // The line above made the place.
        #[allow(clippy::indexing_slicing, reason = "resized just before")]
        &mut self.buckets[place]
    }

    /// The timeline as it stands.
    pub(crate) fn timeline(&self) -> Timeline {
        Timeline {
            start: Timestamp(self.start),
            bucket_seconds: u32::try_from(self.width.checked_div(SECOND).unwrap_or(1)).unwrap_or(u32::MAX),
            buckets: self.buckets.clone(),
        }
    }

    fn seek(&mut self, at: i64) {
        if self.buckets.is_empty() {
            self.start = floor(at, self.width);
        }
        loop {
            if at < self.start && !self.grow_backwards(at) {
                self.double();
                continue;
            }
            let place = self.place(at);
            if place < MAX_TIMELINE_BUCKETS {
                let from = i64::try_from(place)
                    .unwrap_or_default()
                    .saturating_mul(self.width)
                    .saturating_add(self.start);
                self.latest = (from, from.saturating_add(self.width), place);
                return;
            }
            self.double();
        }
    }

    fn place(&self, at: i64) -> usize {
        let steps = at
            .saturating_sub(self.start)
            .checked_div(self.width)
            .unwrap_or_default();
        usize::try_from(steps).unwrap_or_default()
    }

    /// The capture goes back before its first packet: puts steps before the first one, unless they become too many.
    fn grow_backwards(&mut self, at: i64) -> bool {
        let start = floor(at, self.width);
        let more = self
            .start
            .saturating_sub(start)
            .checked_div(self.width)
            .unwrap_or_default();
        let more = usize::try_from(more).unwrap_or(usize::MAX);
        if more.saturating_add(self.buckets.len()) > MAX_TIMELINE_BUCKETS {
            return false;
        }
        self.buckets.splice(0..0, std::iter::repeat_n(Bucket::default(), more));
        self.start = start;
        true
    }

    /// Joins each two steps. The start moves to a multiple of the new width, so that it never moves twice for one packet.
    fn double(&mut self) {
        let width = self.width.saturating_mul(2);
        let start = floor(self.start, width);
        let mut joined: Vec<Bucket> = Vec::new();
        for (index, bucket) in self.buckets.iter().enumerate() {
            let from = i64::try_from(index)
                .unwrap_or_default()
                .saturating_mul(self.width)
                .saturating_add(self.start);
            let place = from.saturating_sub(start).checked_div(width).unwrap_or_default();
            let place = usize::try_from(place).unwrap_or_default();
            if joined.len() <= place {
                joined.resize(place.saturating_add(1), Bucket::default());
            }
            if let Some(sum) = joined.get_mut(place) {
                sum.sent = sum.sent.saturating_add(bucket.sent);
                sum.received = sum.received.saturating_add(bucket.received);
                sum.packets = sum.packets.saturating_add(bucket.packets);
            }
        }
        *self = Self {
            start,
            width,
            buckets: joined,
            latest: (0, 0, 0),
        };
    }
}

/// The multiple of `width` at or before `at`.
const fn floor(at: i64, width: i64) -> i64 {
    match at.checked_rem_euclid(width) {
        Some(rest) => at.saturating_sub(rest),
        None => at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(steps: &mut Steps, seconds: i64) {
        steps.at(Timestamp(seconds * SECOND + 5)).packets += 1;
    }

    fn packets(steps: &Steps) -> u32 {
        steps.timeline().buckets.iter().map(|b| b.packets).sum()
    }

    #[test]
    fn steps_double_and_keep_everything() {
        let mut steps = Steps::default();
        for second in 0..5_000 {
            put(&mut steps, 1_000_001 + second);
        }
        let timeline = steps.timeline();
        assert_eq!(timeline.bucket_seconds, 8);
        assert!(timeline.buckets.len() <= MAX_TIMELINE_BUCKETS);
        assert_eq!(packets(&steps), 5_000);
        assert_eq!(timeline.start.0 % (8 * SECOND), 0);
        assert!(timeline.start.0 <= 1_000_001 * SECOND);
    }

    #[test]
    fn a_capture_may_go_back_a_little_or_to_the_epoch() {
        let mut steps = Steps::default();
        put(&mut steps, 1_700_000_000);
        put(&mut steps, 1_699_999_990);
        assert_eq!(
            (steps.timeline().buckets.len(), steps.timeline().bucket_seconds),
            (11, 1)
        );
        put(&mut steps, 0);
        put(&mut steps, -4_000);
        assert_eq!(packets(&steps), 4);
        assert!(steps.timeline().buckets.len() <= MAX_TIMELINE_BUCKETS);
        steps.at(Timestamp(i64::MAX)).packets += 1;
        steps.at(Timestamp(i64::MIN)).packets += 1;
        assert_eq!(packets(&steps), 6);
    }
}
