//! The course of a live audit: opening, watching, paused, waiting, ending; what leads from one to another, and when it was blind.
//!
//! Called by [`super::watch`]. Pure: every moment is an argument. Never here: a clock, a process, a packet.

use super::types::LiveState;
use std::time::Duration;
use telltale_core::model::{GapReason, Timestamp};
use telltale_core::schedule::Moment;

/// Rest before the first new try after something broke off, and the longest.
const FIRST_REST: Duration = Duration::from_millis(200);
const LONGEST_REST: Duration = Duration::from_secs(5);
/// Watching for so long without a break makes the next new try quick again.
const SETTLED: Duration = Duration::from_secs(10);
/// Sleep shorter than this is none: the clocks are not read at one instant.
const SHORTEST_SLEEP: Duration = Duration::from_secs(2);
/// The longest rest between two looks at the clocks, so that sleep and a wish are seen.
const LONGEST_LOOK: Duration = Duration::from_secs(1);

/// What the user wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Wish {
    /// To see.
    #[default]
    Watch,
    /// Not to see for a while.
    Pause,
    /// To end.
    Stop,
}

/// When something that is in the way is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    /// Soon, later each time.
    BackOff,
    /// After so long each time.
    Every(Duration),
    /// Only when the user says so.
    OnWish,
}

/// Something is in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hindrance {
    pub(super) reason: GapReason,
    pub(super) again: Again,
    /// For a person.
    pub(super) problem: Option<String>,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Open the source; then say [`Course::opened`] or [`Course::hindered`].
    Open,
    /// Take packets.
    Read,
    /// Nothing for so long, or until there is a wish.
    Rest(Duration),
    /// End.
    End,
}

/// What the audit is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// From here on nothing was seen.
    Blind(Timestamp, GapReason),
    /// From here on packets are seen again.
    Sees(Timestamp),
}

/// Where a live audit stands.
#[derive(Debug)]
pub(super) struct Course {
    state: LiveState,
    since: Moment,
    problem: Option<String>,
    /// How long it shall go on once it has begun.
    duration: Option<Duration>,
    /// When it ends, by the time lived.
    ends: Option<Duration>,
    /// When what is in the way is tried again, by the time awake.
    retry: Option<Duration>,
    tries: u32,
    /// Time watched up to the last state.
    watched: Duration,
    blind: bool,
    marks: Vec<Mark>,
    last: Moment,
}

impl Course {
    /// The beginning; ends by itself `duration` after the opening is over. `blind`: it goes on behind a gap that the audit knows of.
    pub(super) const fn new(duration: Option<Duration>, blind: bool, now: Moment) -> Self {
        Self {
            state: LiveState::Opening,
            since: now,
            problem: None,
            duration,
            ends: None,
            retry: None,
            tries: 0,
            watched: Duration::ZERO,
            blind,
            marks: Vec::new(),
            last: now,
        }
    }

    pub(super) const fn state(&self) -> LiveState {
        self.state
    }

    /// When this state began, by the wall clock.
    pub(super) const fn since(&self) -> Timestamp {
        self.since.wall
    }

    /// How long this state lasts.
    pub(super) fn lasts(&self, now: Moment) -> Duration {
        now.awake.saturating_sub(self.since.awake)
    }

    /// What is in the way.
    pub(super) fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// When it ends by itself, as the wall clock goes now.
    pub(super) fn ends_at(&self, now: Moment) -> Option<Timestamp> {
        let left = self.ends?.saturating_sub(now.lived);
        Some(later(now.wall, left))
    }

    /// How long packets could be seen so far.
    pub(super) fn watched(&self, now: Moment) -> Duration {
        match self.state {
            LiveState::Watching => self.watched + self.lasts(now),
            _ => self.watched,
        }
    }

    /// What the audit is to be told since the last call.
    pub(super) fn take_marks(&mut self) -> Vec<Mark> {
        std::mem::take(&mut self.marks)
    }

    /// What is to be done now.
    pub(super) fn next(&self, now: Moment) -> Next {
        match self.state {
            LiveState::Opening => Next::Open,
            LiveState::Watching => Next::Read,
            LiveState::Ending => Next::End,
            LiveState::Paused => Next::Rest(self.rest(now, None)),
            LiveState::Waiting(_) if self.retry.is_some_and(|at| at <= now.awake) => Next::Open,
            LiveState::Waiting(_) => Next::Rest(self.rest(now, self.retry)),
        }
    }

    fn rest(&self, now: Moment, until: Option<Duration>) -> Duration {
        let until = until.map(|at| at.saturating_sub(now.awake));
        let end = self.ends.map(|at| at.saturating_sub(now.lived));
        let soonest = until.into_iter().chain(end).min();
        soonest.unwrap_or(LONGEST_LOOK).min(LONGEST_LOOK)
    }

    /// Takes the user's wish. `again`: what is in the way is to be tried at once.
    pub(super) fn obey(&mut self, wish: Wish, again: bool, now: Moment) {
        match (wish, self.state) {
            (_, LiveState::Ending) | (Wish::Pause, LiveState::Paused) => {}
            (Wish::Stop, _) => self.go(LiveState::Ending, now),
            (Wish::Pause, _) => self.go(LiveState::Paused, now),
            (Wish::Watch, LiveState::Paused) => self.go(LiveState::Opening, now),
            (Wish::Watch, LiveState::Waiting(_)) if again => self.retry = Some(now.awake),
            (Wish::Watch, _) => {}
        }
    }

    /// Looks at the clocks: has the computer slept, is the time over? To be called often.
    pub(super) fn look(&mut self, now: Moment) {
        let lived = now.lived.saturating_sub(self.last.lived);
        let slept = lived.saturating_sub(now.awake.saturating_sub(self.last.awake));
        if slept >= SHORTEST_SLEEP && self.state == LiveState::Watching {
            self.marks.push(Mark::Blind(self.last.wall, GapReason::Asleep));
            self.marks.push(Mark::Sees(now.wall));
        }
        self.last = now;
        if self.state != LiveState::Ending && self.ends.is_some_and(|at| at <= now.lived) {
            self.go(LiveState::Ending, now);
        }
    }

    /// Packets can be seen.
    pub(super) fn opened(&mut self, now: Moment) {
        if matches!(self.state, LiveState::Opening | LiveState::Waiting(_)) {
            self.go(LiveState::Watching, now);
        }
    }

    /// Packets cannot be seen (any more).
    pub(super) fn hindered(&mut self, hindrance: Hindrance, now: Moment) {
        if matches!(self.state, LiveState::Paused | LiveState::Ending) {
            return;
        }
        if self.state == LiveState::Watching && self.lasts(now) >= SETTLED {
            self.tries = 0;
        }
        if self.state != LiveState::Waiting(hindrance.reason) {
            self.go(LiveState::Waiting(hindrance.reason), now);
        }
        self.problem = hindrance.problem;
        self.retry = match hindrance.again {
            Again::BackOff => {
                Some(now.awake + (FIRST_REST * 2_u32.saturating_pow(self.tries.min(8))).min(LONGEST_REST))
            }
            Again::Every(rest) => Some(now.awake + rest),
            Again::OnWish => None,
        };
        self.tries = self.tries.saturating_add(1);
    }

    fn go(&mut self, to: LiveState, now: Moment) {
        self.watched = self.watched(now);
        let reason = match to {
            LiveState::Paused => Some(GapReason::Paused),
            LiveState::Waiting(reason) => Some(reason),
            _ => None,
        };
        let sees = matches!(to, LiveState::Watching | LiveState::Ending);
        if self.blind && (sees || reason.is_some()) {
            self.marks.push(Mark::Sees(now.wall));
            self.blind = false;
        }
        if let Some(reason) = reason {
            self.marks.push(Mark::Blind(now.wall, reason));
            self.blind = true;
        }
        if to != LiveState::Opening && self.ends.is_none() {
            self.ends = self.duration.map(|d| now.lived + d);
        }
        if !matches!(to, LiveState::Waiting(_)) {
            self.problem = None;
            self.retry = None;
        }
        self.state = to;
        self.since = now;
    }
}

fn later(at: Timestamp, by: Duration) -> Timestamp {
    Timestamp(at.0.saturating_add(i64::try_from(by.as_nanos()).unwrap_or(i64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many seconds after the beginning, awake all the time, on a clock that was right.
    fn at(seconds: f64) -> Moment {
        slept(seconds, 0.0)
    }

    /// The same, with so many seconds slept on the way.
    fn slept(seconds: f64, asleep: f64) -> Moment {
        let lived = Duration::from_secs_f64(1_000.0 + seconds);
        Moment {
            wall: later(Timestamp(0), Duration::from_secs_f64(1_000_000.0 + seconds)),
            awake: Duration::from_secs_f64(500.0 + seconds - asleep),
            lived,
        }
    }

    fn watching(duration: Option<u64>) -> Course {
        let mut course = Course::new(duration.map(Duration::from_secs), false, at(0.0));
        assert_eq!(course.next(at(0.0)), Next::Open);
        course.opened(at(1.0));
        assert_eq!(course.state(), LiveState::Watching);
        assert_eq!(course.take_marks(), [], "the opening is no gap");
        course
    }

    fn gone(reason: GapReason, again: Again) -> Hindrance {
        Hindrance {
            reason,
            again,
            problem: Some("gone".to_owned()),
        }
    }

    #[test]
    fn a_pause_is_a_gap_until_packets_come_again() {
        let mut course = watching(None);
        course.obey(Wish::Pause, false, at(11.0));
        assert_eq!(course.state(), LiveState::Paused);
        assert!(matches!(course.next(at(11.0)), Next::Rest(_)));
        course.obey(Wish::Watch, false, at(20.0));
        assert_eq!(course.next(at(20.0)), Next::Open);
        course.opened(at(21.0));
        let told = [Mark::Blind(at(11.0).wall, GapReason::Paused), Mark::Sees(at(21.0).wall)];
        assert_eq!(course.take_marks(), told);
        assert_eq!(
            course.watched(at(25.0)),
            Duration::from_secs(14),
            "1 to 11 and 21 to 25"
        );
    }

    #[test]
    fn a_new_try_comes_soon_then_later_and_soon_again_once_it_went_well() {
        let mut course = watching(None);
        let mut now = 5.0;
        for rest in [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0] {
            course.hindered(gone(GapReason::CaptureEnded, Again::BackOff), at(now));
            assert_eq!(course.state(), LiveState::Waiting(GapReason::CaptureEnded));
            assert_eq!(course.problem(), Some("gone"));
            assert!(matches!(course.next(at(now + rest - 0.01)), Next::Rest(_)));
            now += rest + 0.01;
            assert_eq!(course.next(at(now)), Next::Open, "after {rest}");
        }
        assert_eq!(course.take_marks().len(), 1, "one gap, however many tries");
        course.opened(at(now));
        assert_eq!(course.problem(), None);
        course.hindered(gone(GapReason::CaptureEnded, Again::BackOff), at(now + 11.0));
        assert_eq!(course.next(at(now + 11.21)), Next::Open);
    }

    #[test]
    fn what_only_the_user_can_mend_waits_for_the_user() {
        let mut course = watching(None);
        course.hindered(gone(GapReason::CaptureEnded, Again::OnWish), at(5.0));
        assert!(matches!(course.next(at(9_999.0)), Next::Rest(_)));
        course.obey(Wish::Watch, false, at(9_999.0));
        assert!(
            matches!(course.next(at(9_999.0)), Next::Rest(_)),
            "the old wish is no new one"
        );
        course.obey(Wish::Watch, true, at(9_999.0));
        assert_eq!(course.next(at(9_999.0)), Next::Open);
    }

    #[test]
    fn each_reason_is_a_gap_of_its_own() {
        let mut course = watching(None);
        course.hindered(
            gone(GapReason::DeviceGone, Again::Every(Duration::from_secs(1))),
            at(5.0),
        );
        course.obey(Wish::Pause, false, at(7.0));
        assert_eq!(course.problem(), None);
        course.obey(Wish::Stop, false, at(9.0));
        assert_eq!(course.next(at(9.0)), Next::End);
        let told = [
            Mark::Blind(at(5.0).wall, GapReason::DeviceGone),
            Mark::Sees(at(7.0).wall),
            Mark::Blind(at(7.0).wall, GapReason::Paused),
            Mark::Sees(at(9.0).wall),
        ];
        assert_eq!(course.take_marks(), told);
    }

    #[test]
    fn what_goes_on_ends_its_gap_with_the_first_sight() {
        let mut course = Course::new(None, true, at(0.0));
        course.opened(at(2.0));
        assert_eq!(course.take_marks(), [Mark::Sees(at(2.0).wall)]);
    }

    #[test]
    fn sleep_is_a_gap_of_what_was_watched() {
        let mut course = watching(None);
        course.look(at(10.0));
        course.look(slept(3_610.0, 3_599.9));
        let told = [
            Mark::Blind(at(10.0).wall, GapReason::Asleep),
            Mark::Sees(at(3_610.0).wall),
        ];
        assert_eq!(course.take_marks(), told);
        assert_eq!(course.watched(slept(3_610.0, 3_599.9)).as_secs(), 9);
        course.obey(Wish::Pause, false, slept(3_620.0, 3_599.9));
        course.take_marks();
        course.look(slept(9_999.0, 9_000.0));
        assert_eq!(course.take_marks(), [], "it was blind anyway");
    }

    #[test]
    fn the_duration_begins_with_the_first_sight_and_ends_whatever_happens() {
        let mut course = watching(Some(60));
        assert_eq!(course.ends_at(at(1.0)), Some(at(61.0).wall));
        course.look(at(60.9));
        assert_eq!(course.state(), LiveState::Watching);
        course.look(at(61.0));
        assert_eq!(course.state(), LiveState::Ending);

        let mut asleep = watching(Some(60));
        asleep.look(slept(100.0, 95.0));
        assert_eq!(asleep.state(), LiveState::Ending);

        let mut waits = watching(Some(60));
        waits.hindered(
            gone(GapReason::DeviceGone, Again::Every(Duration::from_secs(1))),
            at(5.0),
        );
        waits.look(at(61.0));
        assert_eq!(waits.state(), LiveState::Ending);
        assert_eq!(waits.take_marks().len(), 2);
    }

    #[test]
    fn a_clock_that_is_set_changes_no_duration() {
        let mut course = watching(Some(60));
        let mut back = at(30.0);
        back.wall = Timestamp(5);
        course.look(back);
        assert_eq!(course.take_marks(), []);
        assert_eq!(course.watched(back), Duration::from_secs(29));
        assert_eq!(course.ends_at(back), Some(later(Timestamp(5), Duration::from_secs(31))));
    }
}
