//! The pauses that Pandore's formula looks at: at least ten seconds without a packet, times cut to whole seconds and sorted.

use crate::{
    limits::MAX_GAPS,
    model::{PandoreFacts, Timestamp},
};
use std::collections::BTreeMap;

const SECOND: i64 = 1_000_000_000;
/// Seconds without a packet that make a pause (the sniffer always writes 10).
const PAUSE: i64 = 10;

/// All pauses so far. Packets that come late split the pause in which they lie, so that the result is that of sorted times;
/// beyond [`MAX_GAPS`] pauses further ones are added up as they come.
#[derive(Debug, Default)]
pub(crate) struct Pauses {
    span: Option<(i64, i64)>,
    /// Second of the packet before and of the one behind.
    known: BTreeMap<i64, i64>,
    beyond: (u64, u64),
    /// Since when nothing can be seen.
    blind: Option<Timestamp>,
    /// Nanoseconds of gaps after the last packet.
    unseen: i64,
    /// Nanoseconds of gaps between packets.
    unseen_between: i64,
    bytes: u64,
    packets: u64,
}

impl Pauses {
    /// Takes one packet of `bytes` on the wire.
    pub(crate) fn take(&mut self, at: Timestamp, bytes: u32) {
        self.packets = self.packets.saturating_add(1);
        self.bytes = self.bytes.saturating_add(bytes.into());
        let second = at.0.div_euclid(SECOND);
        let Some((first, last)) = self.span else {
            self.span = Some((second, second));
            return;
        };
        if second == last {
            return;
        }
        if second > last {
            self.span = Some((first, second));
            self.unseen_between = self.unseen_between.saturating_add(std::mem::take(&mut self.unseen));
            if self.blind.is_none() {
                self.add(last, second);
            }
        } else if second < first {
            self.span = Some((second, last));
            self.add(second, first);
        } else if let Some((from, to)) = self.known.range(..second).next_back().map(|(from, to)| (*from, *to))
            && second < to
        {
            self.known.remove(&from);
            self.add(from, second);
            self.add(second, to);
        }
    }

    /// From `at` on packets may pass unseen: the silence until then was the phone's, what follows is not.
    pub(crate) fn go_blind(&mut self, at: Timestamp) {
        self.blind = Some(at);
        let second = at.0.div_euclid(SECOND);
        if let Some((first, last)) = self.span
            && second > last
        {
            self.add(last, second);
            self.span = Some((first, second));
        }
    }

    /// Packets are seen again from `at` on.
    pub(crate) fn see_again(&mut self, at: Timestamp) {
        let Some(from) = self.blind.take() else { return };
        let second = at.0.div_euclid(SECOND);
        if let Some((first, last)) = self.span {
            self.span = Some((first, last.max(second)));
            self.unseen = self.unseen.saturating_add(at.since(from).max(0));
        }
    }

    /// The formula's figures but for the number of remotes and the duration from the first packet to the last, which others know; the
    /// gaps are taken out of it.
    pub(crate) fn facts(&self, remotes: u64, seconds: f64) -> PandoreFacts {
        #[allow(clippy::cast_precision_loss, reason = "a duration: nanoseconds do not matter")]
        let seconds = (seconds - self.unseen_between as f64 / 1e9).max(0.0);
        let sum = |total: u64, (from, to): (&i64, &i64)| total.saturating_add(to.saturating_sub(*from).unsigned_abs());
        PandoreFacts {
            gaps: (self.known.len() as u64).saturating_add(self.beyond.0),
            gap_seconds: self.known.iter().fold(self.beyond.1, sum),
            bytes: self.bytes,
            remotes,
            seconds,
            packets: self.packets,
        }
    }

    fn add(&mut self, from: i64, to: i64) {
        let pause = to.saturating_sub(from);
        if pause < PAUSE {
            return;
        }
        if self.known.len() < MAX_GAPS {
            self.known.insert(from, to);
        } else {
            self.beyond.0 = self.beyond.0.saturating_add(1);
            self.beyond.1 = self.beyond.1.saturating_add(pause.unsigned_abs());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(millis: &[i64]) -> (u64, u64) {
        let mut pauses = Pauses::default();
        for at in millis {
            pauses.take(Timestamp(at * 1_000_000), 100);
        }
        let facts = pauses.facts(0, 0.0);
        assert_eq!(facts.packets, millis.len() as u64);
        (facts.gaps, facts.gap_seconds)
    }

    #[test]
    fn pauses_are_measured_between_whole_seconds() {
        // 0.9 s -> 10.1 s: 9.2 s apart, but 0 -> 10 in the column.
        assert_eq!(facts(&[900, 10_100]), (1, 10));
        assert_eq!(facts(&[0, 9_999]), (0, 0));
        assert_eq!(facts(&[0, 15_000, 16_000, 46_000]), (2, 45));
    }

    #[test]
    fn a_gap_is_no_pause_but_the_silence_around_it_is() {
        let at = |second: i64| Timestamp(second * SECOND);
        let mut pauses = Pauses::default();
        pauses.go_blind(at(-500));
        pauses.see_again(at(-400));
        pauses.take(at(0), 100);
        pauses.go_blind(at(12));
        pauses.see_again(at(100));
        pauses.take(at(105), 100);
        let facts = pauses.facts(0, 105.0);
        assert_eq!(
            (facts.gaps, facts.gap_seconds),
            (1, 12),
            "0 to 12 was silence, 100 to 105 is too short"
        );
        assert!(
            (facts.seconds - 17.0).abs() < 1e-9,
            "88 of 105 seconds were not watched"
        );
        pauses.go_blind(at(106));
        pauses.take(at(130), 100);
        pauses.see_again(at(140));
        pauses.take(at(160), 100);
        let facts = pauses.facts(0, 160.0);
        assert_eq!((facts.gaps, facts.gap_seconds), (2, 32), "140 to 160 was silence");
        assert_eq!(pauses.facts(0, 160.0).packets, 4);
    }

    #[test]
    fn a_gap_after_the_last_packet_takes_nothing_from_the_duration() {
        let mut pauses = Pauses::default();
        pauses.take(Timestamp(0), 1);
        pauses.take(Timestamp(5 * SECOND), 1);
        pauses.go_blind(Timestamp(5 * SECOND));
        pauses.see_again(Timestamp(50 * SECOND));
        assert!((pauses.facts(0, 5.0).seconds - 5.0).abs() < 1e-9);
    }

    #[test]
    fn the_order_of_the_capture_does_not_matter() {
        assert_eq!(facts(&[0, 46_000, 15_000, 16_000]), facts(&[0, 15_000, 16_000, 46_000]));
        assert_eq!(facts(&[100_000, 0, 50_000, 50_000, 55_000]), (2, 95));
    }
}
