//! The reader: takes each result once, and does what is due when nothing comes.

use super::begin;
use crate::store::CORRELATION;
use crate::{Engine, EngineError, Inner, now};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};
use telltale_core::model::Timestamp;
use tokio::sync::{Notify, watch};

/// Results that are judged and stored in one step.
const STEP: u32 = 200;
/// Rest between two looks at the clock, at most.
const LOOK: Duration = Duration::from_mins(1);
/// Rest after a failure: the first, and the longest.
const REST: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(1));
/// Seconds by which the clock of the wall may differ from the time that passed; more, and it was set, or the computer slept.
const JUMP_S: f64 = 5.0;

/// Both clocks at one time.
struct Clocks {
    wall: Timestamp,
    passed: Instant,
}

impl Clocks {
    fn read() -> Self {
        Self {
            wall: now(),
            passed: Instant::now(),
        }
    }

    /// Whether the clock was set, or the computer slept, since then.
    fn jumped(&self, to: &Self) -> bool {
        let wall = Timestamp(to.wall.since(self.wall)).as_millis() / 1e3;
        let passed = to.passed.duration_since(self.passed).as_secs_f64();
        (wall - passed).abs() > JUMP_S
    }
}

/// Reads until the engine is gone.
pub(super) async fn read(engine: Weak<Inner>, mut newest: watch::Receiver<i64>, changed: Arc<Notify>) {
    let mut clocks = Clocks::read();
    let mut rest = REST.0;
    loop {
        let Some(inner) = engine.upgrade() else { return };
        let engine = Engine { inner };
        let before = std::mem::replace(&mut clocks, Clocks::read());
        newest.mark_unchanged();
        let wait = match engine.correlate(before.jumped(&clocks)).await {
            Ok(next) => {
                rest = REST.0;
                next.map_or(LOOK, until).min(LOOK)
            }
            Err(e) => {
                tracing::warn!("results cannot be correlated now, and wait: {e}");
                let wait = rest;
                rest = (rest * 2).min(REST.1);
                wait
            }
        };
        drop(engine);
        if rest > REST.0 {
            // What comes meanwhile does not make it try sooner.
            tokio::time::sleep(wait).await;
            continue;
        }
        tokio::select! {
            told = newest.changed() => if told.is_err() { return },
            () = changed.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Time until then; a moment at the least.
fn until(next: Timestamp) -> Duration {
    let left = u64::try_from(next.since(now())).unwrap_or(0);
    Duration::from_nanos(left).max(Duration::from_millis(10))
}

impl Engine {
    /// Judges what came and what is due; gives when there is something to do though nothing comes. After a failure, and `anew`, the
    /// rules begin from the store.
    async fn correlate(&self, anew: bool) -> Result<Option<Timestamp>, EngineError> {
        let mut at_work = self.inner.incidents.at_work.lock().await;
        let mut all = match at_work.take().filter(|_| !anew) {
            Some(all) => all,
            None => begin::begin(&self.inner.store).await?,
        };
        while all.watches() {
            let seen = self.inner.store.cursor(CORRELATION).await?;
            let came = self.inner.store.came_after(seen, STEP).await?;
            for (_, came, result) in &came {
                all.hear(result, *came);
            }
            let more = came.len() >= STEP as usize;
            if !more {
                all.advance(now());
            }
            let changes = all.changes();
            let last = came.last().map(|(seq, ..)| *seq);
            if !changes.is_empty() || last.is_some() {
                let told = self.inner.store.conclude(&changes, last).await?;
                self.tell_incidents(&changes, told);
            }
            if !more {
                break;
            }
        }
        let next = all.next();
        *at_work = Some(all);
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_and_a_sleep_are_seen() {
        let passed = Instant::now();
        let at = |wall: i64, s: u64| Clocks {
            wall: Timestamp(wall * 1_000_000_000),
            passed: passed + Duration::from_secs(s),
        };
        let cases = [
            ((0, 0), (60, 60), false),
            ((0, 0), (63, 60), false),
            ((0, 0), (3_660, 60), true),
            ((0, 0), (-3_540, 60), true),
            ((0, 0), (28_800, 10), true),
        ];
        for ((wall, s), (then, later), jumped) in cases {
            assert_eq!(at(wall, s).jumped(&at(then, later)), jumped, "{wall} {then}");
        }
    }
}
