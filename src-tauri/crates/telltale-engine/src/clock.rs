//! The three clocks of this computer, read at one moment. The rules of live audits and of probes take moments as arguments and ask no clock.

use rustix::time::{ClockId, clock_gettime};
use std::time::{Duration, SystemTime};
use telltale_core::model::Timestamp;
use telltale_core::schedule::Moment;

/// The wall clock: only the engine asks it.
pub fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}

/// Now, by each of them.
pub(crate) fn moment() -> Moment {
    Moment {
        wall: now(),
        awake: since(ClockId::Monotonic),
        lived: since(ClockId::Boottime),
    }
}

fn since(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    let part = |n: i64| u64::try_from(n).unwrap_or_default();
    Duration::from_secs(part(time.tv_sec)) + Duration::from_nanos(part(time.tv_nsec))
}
