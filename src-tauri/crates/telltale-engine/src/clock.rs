//! The three clocks of this computer, read at one moment. The rules of live audits and of probes take moments as arguments and ask no clock.

use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;
use telltale_core::schedule::Moment;

/// Now.
pub(crate) fn moment() -> Moment {
    Moment {
        wall: crate::now(),
        awake: since(ClockId::Monotonic),
        lived: since(ClockId::Boottime),
    }
}

fn since(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    let part = |n: i64| u64::try_from(n).unwrap_or_default();
    Duration::from_secs(part(time.tv_sec)) + Duration::from_nanos(part(time.tv_nsec))
}
