//! Times in which a live audit saw nothing: told with the source, and kept out of what is derived from silence.

use super::Audit;
use crate::{
    limits::MAX_GAPS_SHOWN,
    model::{Gap, GapReason, Timestamp},
};

impl Audit {
    /// From `at` on nothing can be seen. The engine says so when it pauses, when the capture ends unasked, the device vanishes or the
    /// computer slept (then with the time at which it fell asleep). A gap that lasts already keeps its first reason.
    ///
    /// It stands in [`crate::model::SourceFacts::gaps`] at once, without an end; the silence in it is no pause of the phone.
    pub fn begin_gap(&mut self, at: Timestamp, reason: GapReason) {
        let gaps = &mut self.source.gaps;
        if gaps.last().is_some_and(|gap| gap.to.is_none()) {
            return;
        }
        let full = gaps.len() >= MAX_GAPS_SHOWN;
        match gaps.last_mut() {
            // One too many: the last one grows over it.
            Some(last) if full => last.to = None,
            _ => gaps.push(Gap {
                from: at,
                to: None,
                reason,
            }),
        }
        self.pauses.go_blind(at);
    }

    /// Packets can be seen again from `at` on. Without a gap that lasts it does nothing.
    pub fn end_gap(&mut self, at: Timestamp) {
        let Some(gap) = self.source.gaps.last_mut().filter(|gap| gap.to.is_none()) else {
            return;
        };
        gap.to = Some(at.max(gap.from));
        self.pauses.see_again(at);
    }
}
