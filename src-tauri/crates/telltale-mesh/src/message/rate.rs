//! How fast somebody may send: a bucket that fills with time. Time is an argument; a clock that goes back fills nothing.

use std::collections::BTreeMap;
use telltale_core::model::Timestamp;

/// Nanoseconds of a second.
const SECOND: i64 = 1_000_000_000;

/// How much is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// In the long run, a second; at least 1.
    pub per_s: u32,
    /// At once, after a time of silence; at least 1.
    pub burst: u32,
}

/// What is left of a [`Rate`] for one sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// What is left, in nanoseconds' worth of the rate, so that nothing is rounded away.
    left: i64,
    last: Timestamp,
}

impl Bucket {
    /// A full one.
    pub fn full(rate: Rate, now: Timestamp) -> Self {
        Self {
            left: capacity(rate),
            last: now,
        }
    }

    /// Takes one out, if one is left.
    pub fn take(&mut self, rate: Rate, now: Timestamp) -> bool {
        self.fill(rate, now);
        let one = SECOND;
        let enough = self.left >= one;
        if enough {
            self.left = self.left.saturating_sub(one);
        }
        enough
    }

    fn fill(&mut self, rate: Rate, now: Timestamp) {
        let passed = now.since(self.last).max(0);
        self.last = now;
        self.left = self
            .left
            .saturating_add(passed.saturating_mul(i64::from(rate.per_s.max(1))))
            .min(capacity(rate));
    }
}

fn capacity(rate: Rate) -> i64 {
    i64::from(rate.burst.max(1)).saturating_mul(SECOND)
}

/// A bucket for each sender.
#[derive(Clone, Debug)]
pub struct Rates {
    rate: Rate,
    most: usize,
    buckets: BTreeMap<String, Bucket>,
}

impl Rates {
    /// None yet; senders beyond `most` push the one out whose bucket is fullest, which forgets the least.
    pub fn new(rate: Rate, most: usize) -> Self {
        Self {
            rate,
            most: most.max(1),
            buckets: BTreeMap::new(),
        }
    }

    /// Whether one more of this sender is let in now.
    pub fn take(&mut self, sender: &str, now: Timestamp) -> bool {
        if let Some(bucket) = self.buckets.get_mut(sender) {
            return bucket.take(self.rate, now);
        }
        if self.buckets.len() >= self.most {
            self.forget_fullest(now);
        }
        let mut bucket = Bucket::full(self.rate, now);
        let taken = bucket.take(self.rate, now);
        self.buckets.insert(sender.to_owned(), bucket);
        taken
    }

    /// Senders that are remembered.
    pub fn len(&self) -> usize {
        self.buckets.len()
    }

    /// Whether nobody is remembered.
    pub fn is_empty(&self) -> bool {
        self.buckets.is_empty()
    }

    fn forget_fullest(&mut self, now: Timestamp) {
        for bucket in self.buckets.values_mut() {
            bucket.fill(self.rate, now);
        }
        let fullest = self.buckets.iter().max_by_key(|(_, bucket)| bucket.left);
        if let Some(sender) = fullest.map(|(sender, _)| sender.clone()) {
            self.buckets.remove(&sender);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { per_s: 10, burst: 20 };

    fn at(ms: i64) -> Timestamp {
        Timestamp(ms * 1_000_000)
    }

    #[test]
    fn a_burst_is_let_in_and_then_the_rate() {
        let mut rates = Rates::new(RATE, 4);
        let burst = (0..100).filter(|_| rates.take("a@x", at(0))).count();
        assert_eq!(burst, 20);
        let second: usize = (1..=1_000).filter(|ms| rates.take("a@x", at(*ms))).count();
        assert_eq!(second, 10, "ten in the second after it");
        assert!(rates.take("b@x", at(1_000)), "another sender is served all the same");
    }

    #[test]
    fn a_clock_that_jumps_gives_at_most_a_burst_and_takes_nothing() {
        let mut bucket = Bucket::full(RATE, at(0));
        for _ in 0..20 {
            assert!(bucket.take(RATE, at(0)));
        }
        assert!(!bucket.take(RATE, at(-3_600_000)), "back: nothing is filled");
        assert!(bucket.take(RATE, at(-3_600_000 + 100)), "and time goes on from there");
        let forward = (0..100).filter(|_| bucket.take(RATE, at(3_600_000))).count();
        assert_eq!(forward, 20);
        bucket.take(RATE, Timestamp(i64::MIN));
        bucket.take(RATE, Timestamp(i64::MAX));
    }

    #[test]
    fn senders_without_end_take_no_memory_and_give_a_flood_nothing_back() {
        let mut rates = Rates::new(RATE, 8);
        while rates.take("flood@x", at(0)) {}
        for n in 0..1_000 {
            rates.take(&format!("{n}@x"), at(0));
            assert!(
                !rates.take("flood@x", at(0)),
                "the empty bucket is the last to be forgotten"
            );
        }
        assert_eq!(rates.len(), 8);
        assert!(!rates.is_empty());
    }
}
