//! The course of one behaviour through time.

use super::{BACK_S, Calendar, LATE_S};
use crate::model::{Behaviour, Every, Missed, Overlap, Timestamp};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The clocks of a computer, read at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// As this computer's clock says; the user or the network may set it at any time.
    pub wall: Timestamp,
    /// Time that only grows, and stands while the computer sleeps.
    pub awake: Duration,
    /// The same, sleep included.
    pub lived: Duration,
}

/// What a probe says of time.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How it acts in time.
    pub behaviour: Behaviour,
    /// What becomes of missed runs.
    pub missed: Missed,
    /// What becomes of a run that is due while another goes on.
    pub overlap: Overlap,
    /// The zone of its times of the day.
    pub zone: TimeZone,
}

/// Why nothing is due any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stopped {
    /// Its owner killed it.
    Killed,
    /// It has done what it had to do.
    Finished,
}

/// A run that has begun, as it stands on the disk until its result does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnderWay {
    /// When it was due.
    #[serde(with = "nanoseconds")]
    pub due: Timestamp,
    /// The id that its result will have: whether it is there tells whether the run had ended.
    pub result: String,
}

/// What a behaviour knows of itself beyond a restart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Remembered {
    /// Why nothing is due any more.
    pub stopped: Option<Stopped>,
    /// Runs that ended.
    pub runs: u32,
    /// Runs that were missed and left out.
    pub missed: u32,
    /// Runs that were left out because another went on.
    pub overlapped: u32,
    /// Everything that was due up to this time was begun or counted.
    #[serde(with = "nanoseconds::optional")]
    pub settled: Option<Timestamp>,
    /// When the last run ended.
    #[serde(with = "nanoseconds::optional")]
    pub ended: Option<Timestamp>,
    /// The run that goes on.
    pub under_way: Option<UnderWay>,
}

/// Times that are compared after they were stored: a double of milliseconds would round them, and what is settled would be due again.
mod nanoseconds {
    use crate::model::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer};

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's form")]
    pub(super) fn serialize<S: Serializer>(time: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(time.0)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        i64::deserialize(from).map(Timestamp)
    }

    pub(super) mod optional {
        use super::{Deserialize, Deserializer, Serializer, Timestamp};

        #[allow(clippy::trivially_copy_pass_by_ref, clippy::ref_option, reason = "serde's form")]
        pub(in super::super) fn serialize<S: Serializer>(time: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
            match time {
                Some(time) => to.serialize_some(&time.0),
                None => to.serialize_none(),
            }
        }

        pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
            Ok(Option::<i64>::deserialize(from)?.map(Timestamp))
        }
    }
}

/// A behaviour in time.
#[derive(Clone, Debug)]
pub struct Course {
    plan: Plan,
    past: Remembered,
    /// When a period or a pause is over: nanoseconds of lived time, negative before the computer's start.
    next: Option<i64>,
    /// A due time that waits until the present run has ended.
    waiting: Option<Timestamp>,
}

impl Course {
    /// Goes on with what is remembered. A run that was under way is missed; the caller takes it out before where its result is there.
    pub fn begin(plan: Plan, past: Remembered, now: Moment) -> Self {
        let mut course = Self {
            plan,
            past,
            next: None,
            waiting: None,
        };
        course.next = course.first(now);
        if let Some(broken) = course.past.under_way.take().filter(|_| course.past.stopped.is_none()) {
            course.waiting = course.make_up(1, broken.due);
        }
        if let Behaviour::Periodic {
            every: Every::Calendar { .. },
        } = course.plan.behaviour
        {
            course.past.settled.get_or_insert(now.wall);
        }
        course
    }

    /// Begins as a new behaviour does, with the counts of before: after a pause, a kill, or a change of its plan.
    pub fn anew(plan: Plan, past: &Remembered, now: Moment) -> Self {
        let fresh = Remembered {
            runs: past.runs,
            missed: past.missed,
            overlapped: past.overlapped,
            ..Remembered::default()
        };
        Self::begin(plan, fresh, now)
    }

    /// Its times of the day are from now on those of another zone: the computer was carried there.
    pub fn move_to(&mut self, zone: TimeZone) {
        self.plan.zone = zone;
    }

    /// What outlives a restart.
    pub fn remembered(&self) -> &Remembered {
        &self.past
    }

    /// Whether a run goes on.
    pub fn is_running(&self) -> bool {
        self.past.under_way.is_some()
    }

    /// Whether a due run waits for the end of the present one.
    pub fn has_waiting(&self) -> bool {
        self.waiting.is_some()
    }

    /// The due time of the run that is to begin now, if one is. Everything that is due is settled by this; the caller begins the run with
    /// [`Self::started`].
    pub fn look(&mut self, now: Moment) -> Option<Timestamp> {
        if self.past.stopped.is_some() {
            return None;
        }
        let due = match &self.plan.behaviour {
            Behaviour::OneShot { at } => {
                let at = (*at).filter(|at| *at <= now.wall && self.past.settled.is_none());
                self.past.settled = self.past.settled.or(at);
                at.and_then(|at| self.settle(1, at, now.wall))
            }
            Behaviour::Periodic {
                every: Every::Period { period_s },
            } => self.period(seconds(*period_s), now),
            Behaviour::Periodic {
                every: Every::Calendar { weekdays, times, .. },
            } => {
                let calendar = Calendar::new(weekdays, times);
                self.calendar(&calendar, now)
            }
            Behaviour::Cyclic { .. } => {
                let over = self.next.take_if(|at| *at <= nanos(now.lived));
                over.map(|_| now.wall)
            }
        };
        match (due, self.is_running()) {
            (due, false) => {
                // One that was broken off by the end of the program is made up for by what is due now.
                let waited = self.waiting.take();
                if waited.is_some() && due.is_some() {
                    grow(&mut self.past.missed, 1);
                }
                self.finish_if_nothing_is_left(due.or(waited))
            }
            (None, true) => None,
            (Some(due), true) => {
                if self.plan.overlap == Overlap::Wait && self.waiting.is_none() {
                    self.waiting = Some(due);
                } else {
                    grow(&mut self.past.overlapped, 1);
                }
                None
            }
        }
    }

    /// A run begins.
    pub fn started(&mut self, due: Timestamp, result: String) {
        self.past.under_way = Some(UnderWay { due, result });
    }

    /// The run ended, whatever it found.
    pub fn ended(&mut self, now: Moment) {
        self.past.under_way = None;
        self.past.ended = Some(now.wall);
        grow(&mut self.past.runs, 1);
        match &self.plan.behaviour {
            Behaviour::Cyclic { pause_s } => {
                self.next = Some(nanos(now.lived).saturating_add(seconds(*pause_s)));
            }
            Behaviour::OneShot { at } => {
                // One that was run by hand before its time still has its time.
                let over = at.is_none() || self.past.settled.is_some();
                self.past.stopped = self.past.stopped.or(over.then_some(Stopped::Finished));
            }
            Behaviour::Periodic { .. } => {}
        }
    }

    /// Nothing is due any more, and nothing waits.
    pub fn stop(&mut self, why: Stopped) {
        self.past.stopped = Some(why);
        self.waiting = None;
    }

    /// When the next run is due, by the wall clock of now.
    pub fn next(&self, now: Moment) -> Option<Timestamp> {
        if self.past.stopped.is_some() {
            return None;
        }
        self.waiting.or_else(|| self.due(now))
    }

    /// How long nothing has to be looked at, if no clock is set and the computer does not sleep; `None`: until something else happens.
    pub fn rest(&self, now: Moment) -> Option<Duration> {
        if self.past.stopped.is_some() {
            return None;
        }
        if self.waiting.is_some() && !self.is_running() {
            return Some(Duration::ZERO);
        }
        let left = self.due(now)?.since(now.wall);
        Some(Duration::from_nanos(u64::try_from(left).unwrap_or_default()))
    }

    /// The next due time, whatever waits.
    fn due(&self, now: Moment) -> Option<Timestamp> {
        match &self.plan.behaviour {
            Behaviour::OneShot { at } => (*at).filter(|_| self.past.settled.is_none()),
            Behaviour::Periodic {
                every: Every::Calendar { weekdays, times, .. },
            } => Calendar::new(weekdays, times).next(self.past.settled.unwrap_or(now.wall), &self.plan.zone),
            _ => {
                let rest = self.next?.saturating_sub(nanos(now.lived));
                Some(Timestamp(now.wall.0.saturating_add(rest)))
            }
        }
    }

    /// The end of the first period or pause; long ago where the program was off for longer.
    fn first(&self, now: Moment) -> Option<i64> {
        let (length_s, from) = match &self.plan.behaviour {
            Behaviour::Periodic {
                every: Every::Period { period_s },
            } => (*period_s, self.past.settled),
            Behaviour::Cyclic { pause_s } => (*pause_s, self.past.ended),
            _ => return None,
        };
        let length = seconds(length_s);
        let passed = from.map_or(length, |from| now.wall.since(from).max(0));
        Some(nanos(now.lived).saturating_add(length.saturating_sub(passed)))
    }

    fn period(&mut self, period: i64, now: Moment) -> Option<Timestamp> {
        let late = nanos(now.lived).saturating_sub(self.next?);
        if late < 0 {
            return None;
        }
        let more = late.checked_div(period).unwrap_or_default();
        let newest_late = late.checked_rem(period).unwrap_or_default();
        self.next = Some(nanos(now.lived).saturating_add(period.saturating_sub(newest_late)));
        let newest = Timestamp(now.wall.0.saturating_sub(newest_late));
        self.past.settled = Some(newest);
        let count = u32::try_from(more).unwrap_or(u32::MAX).saturating_add(1);
        self.settle(count, newest, now.wall)
    }

    fn calendar(&mut self, calendar: &Calendar, now: Moment) -> Option<Timestamp> {
        let settled = *self.past.settled.get_or_insert(now.wall);
        if settled.since(now.wall) > seconds(BACK_S) {
            self.past.settled = Some(now.wall);
            return None;
        }
        let (count, newest) = calendar.between(settled, now.wall, &self.plan.zone)?;
        self.past.settled = Some(newest);
        self.settle(count, newest, now.wall)
    }

    /// What becomes of `count` runs that are due, `newest` the last of them.
    fn settle(&mut self, count: u32, newest: Timestamp, now: Timestamp) -> Option<Timestamp> {
        if now.since(newest) > seconds(LATE_S) {
            return self.make_up(count, newest);
        }
        grow(&mut self.past.missed, count.saturating_sub(1));
        Some(newest)
    }

    /// What becomes of `count` missed runs.
    fn make_up(&mut self, count: u32, newest: Timestamp) -> Option<Timestamp> {
        match self.plan.missed {
            Missed::Skip => {
                grow(&mut self.past.missed, count);
                None
            }
            Missed::Once => {
                grow(&mut self.past.missed, count.saturating_sub(1));
                Some(newest)
            }
        }
    }

    /// A one-shot whose time was missed and left out has nothing more to do.
    fn finish_if_nothing_is_left(&mut self, due: Option<Timestamp>) -> Option<Timestamp> {
        let one_shot = matches!(self.plan.behaviour, Behaviour::OneShot { at: Some(_) });
        if one_shot && due.is_none() && self.past.settled.is_some() {
            self.past.stopped = Some(Stopped::Finished);
        }
        due
    }
}

fn grow(count: &mut u32, by: u32) {
    *count = count.saturating_add(by);
}

const fn seconds(count: u32) -> i64 {
    (count as i64).saturating_mul(1_000_000_000)
}

fn nanos(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
