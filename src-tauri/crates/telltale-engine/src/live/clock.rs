//! The three clocks of a live audit, read at one moment. The rules beside this file take moments as arguments and ask no clock.

use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;
use telltale_core::model::Timestamp;

/// One moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// As this computer's clock says; the user or the network may set it at any time.
    pub(super) wall: Timestamp,
    /// Time that only grows, and stands while the computer sleeps.
    pub(super) awake: Duration,
    /// The same, sleep included.
    pub(super) lived: Duration,
}

impl Moment {
    /// Now.
    pub(super) fn now() -> Self {
        Self {
            wall: crate::now(),
            awake: since(ClockId::Monotonic),
            lived: since(ClockId::Boottime),
        }
    }
}

fn since(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    let part = |n: i64| u64::try_from(n).unwrap_or_default();
    Duration::from_secs(part(time.tv_sec)) + Duration::from_nanos(part(time.tv_nsec))
}
