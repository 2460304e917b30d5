//! The clock that behaviours live by: the computer's, or one that a test moves.

use crate::clock::moment;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use telltale_core::schedule::Moment;
use tokio::sync::watch;

/// Seconds between two looks whether the clock was set or the computer slept: a timer of the system stands still in sleep.
const LOOK: Duration = Duration::from_secs(2);
/// A difference smaller than this is none: the clocks are not read at one instant, and are corrected by small steps.
const JUMP: Duration = Duration::from_millis(500);

/// Answer of [`Clock::sleep_until`].
pub(super) type Sleep<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// A clock.
pub(super) trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Moment;
    /// Waits until the computer has been awake for so long (as [`Moment::awake`]): what passed since a moment was read counts.
    fn sleep_until(&self, awake: Duration) -> Sleep<'_>;
}

/// The computer's own.
struct Computer;

impl Clock for Computer {
    fn now(&self) -> Moment {
        moment()
    }

    fn sleep_until(&self, awake: Duration) -> Sleep<'_> {
        Box::pin(tokio::time::sleep(awake.saturating_sub(self.now().awake)))
    }
}

/// A clock, with word of its jumps.
#[derive(Clone)]
pub(super) struct Clocks {
    pub(super) clock: Arc<dyn Clock>,
    jumps: watch::Sender<u64>,
}

impl Clocks {
    pub(super) fn computer() -> Self {
        Self::new(Arc::new(Computer))
    }

    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            jumps: watch::Sender::new(0),
        }
    }

    /// Changes when the clock was set or the computer slept.
    pub(super) fn jumps(&self) -> watch::Receiver<u64> {
        self.jumps.subscribe()
    }

    /// Looks for jumps; ends with the behaviours.
    pub(super) async fn watch_jumps(self) {
        let mut before = self.clock.now();
        loop {
            self.clock.sleep_until(before.awake + LOOK).await;
            let now = self.clock.now();
            if jumped(before, now) {
                self.jumps.send_modify(|n| *n += 1);
            }
            before = now;
        }
    }
}

/// Whether the clock was set, or the computer slept, between two moments.
fn jumped(before: Moment, now: Moment) -> bool {
    let lived = now.lived.saturating_sub(before.lived);
    let awake = now.awake.saturating_sub(before.awake);
    let by_the_wall = i128::from(now.wall.since(before.wall));
    let set = by_the_wall - i128::try_from(lived.as_nanos()).unwrap_or(i128::MAX);
    lived.saturating_sub(awake) > JUMP || set.unsigned_abs() > JUMP.as_nanos()
}

#[cfg(test)]
mod tests {
    use super::*;
    use telltale_core::model::Timestamp;

    #[test]
    fn sleep_and_a_set_clock_are_jumps_and_time_is_none() {
        let at = |wall_ms: i64, awake: u64, lived: u64| Moment {
            wall: Timestamp(wall_ms * 1_000_000),
            awake: Duration::from_millis(awake),
            lived: Duration::from_millis(lived),
        };
        let before = at(1_000_000, 5_000, 7_000);
        for (now, jump) in [
            (at(1_002_000, 7_000, 9_000), false),
            (at(1_062_010, 67_000, 69_000), false),
            (at(1_060_000, 7_000, 67_000), true),
            (at(1_002_000 + 3_600_000, 7_000, 9_000), true),
            (at(1_002_000 - 3_600_000, 7_000, 9_000), true),
        ] {
            assert_eq!(jumped(before, now), jump, "{now:?}");
        }
    }
}
