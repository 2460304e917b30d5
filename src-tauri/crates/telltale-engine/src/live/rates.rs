//! Octets and packets a second, of the last two minutes, out of running totals.
//!
//! Called by [`super::watch`]. Time is an argument.

use super::types::{RECENT_SECONDS, Rate};
use std::collections::VecDeque;
use std::time::Duration;

/// Totals so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) sent: u64,
    pub(super) received: u64,
    pub(super) packets: u64,
}

/// The last seconds.
#[derive(Debug, Default)]
pub(super) struct Rates {
    recent: VecDeque<Rate>,
    /// Second up to which they are told, and the totals then.
    told: Option<(u64, Totals)>,
}

impl Rates {
    /// Whether a second has ended since the last look.
    pub(super) fn is_due(&self, now: Duration) -> bool {
        self.told.is_none_or(|(second, _)| now.as_secs() > second)
    }

    /// Takes the totals of now. What came since the last look belongs to the last second that ended: looks come several times a second.
    pub(super) fn take(&mut self, now: Duration, totals: Totals) {
        let second = now.as_secs();
        let Some((told, before)) = self.told else {
            self.told = Some((second, totals));
            return;
        };
        let ended = second.saturating_sub(told);
        if ended == 0 {
            return;
        }
        let silent = usize::try_from(ended - 1).unwrap_or(usize::MAX).min(RECENT_SECONDS);
        self.recent.extend(std::iter::repeat_n(Rate::default(), silent));
        self.recent.push_back(Rate {
            // Totals shrink when a machine turns out to be no device.
            sent: totals.sent.saturating_sub(before.sent),
            received: totals.received.saturating_sub(before.received),
            packets: u32::try_from(totals.packets.saturating_sub(before.packets)).unwrap_or(u32::MAX),
        });
        let over = self.recent.len().saturating_sub(RECENT_SECONDS);
        self.recent.drain(..over);
        self.told = Some((second, totals));
    }

    /// The last seconds, oldest first.
    pub(super) fn recent(&self) -> Vec<Rate> {
        self.recent.iter().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(n: u64) -> Totals {
        Totals {
            sent: n,
            received: n * 2,
            packets: n / 10,
        }
    }

    #[test]
    fn each_second_gets_what_came_in_it_and_silence_is_nothing() {
        let mut rates = Rates::default();
        let at = |ms| Duration::from_millis(ms);
        assert!(rates.is_due(at(5_300)));
        rates.take(at(5_300), totals(100));
        rates.take(at(5_900), totals(150));
        assert!(!rates.is_due(at(5_999)));
        assert_eq!(rates.recent(), []);
        rates.take(at(6_010), totals(200));
        rates.take(at(9_100), totals(230));
        let sent: Vec<u64> = rates.recent().iter().map(|r| r.sent).collect();
        assert_eq!(sent, [100, 0, 0, 30]);
        assert_eq!(rates.recent()[0].received, 200);
        assert_eq!(rates.recent()[0].packets, 10);
        rates.take(at(10_000), totals(10));
        assert_eq!(
            rates.recent().last(),
            Some(&Rate::default()),
            "less than before is nothing"
        );
    }

    #[test]
    fn two_minutes_are_kept() {
        let mut rates = Rates::default();
        for second in 0..500 {
            rates.take(Duration::from_secs(second), totals(second));
        }
        assert_eq!(rates.recent().len(), RECENT_SECONDS);
        rates.take(Duration::from_hours(25), totals(999));
        assert_eq!(rates.recent().len(), RECENT_SECONDS);
    }
}
