//! Tables of moments: what is due when, and what is counted.

use super::*;

const T0: i64 = 1_795_000_000; // 2026-11-18 11:06:40 UTC

/// A computer whose clocks a test moves.
#[derive(Clone, Copy)]
struct Computer {
    wall: i64,
    awake: i64,
    lived: i64,
}

/// What happens to it.
#[derive(Clone, Copy, Debug)]
enum Then {
    /// Time passes.
    Passes(i64),
    /// It sleeps.
    Sleeps(i64),
    /// Its clock is set by so much.
    Set(i64),
    /// The run ends.
    Ends,
    /// The program is off for so long (the computer is started anew), and begins again.
    Off(i64),
    /// A look: what is due (seconds after [`T0`]), and what was missed and overlapped by then.
    Look(Option<i64>, u32, u32),
}
use Then::{Ends, Look, Off, Passes, Set, Sleeps};

impl Computer {
    fn now(self) -> Moment {
        let duration = |s: i64| Duration::from_secs(s.try_into().unwrap());
        Moment {
            wall: at(self.wall),
            awake: duration(self.awake),
            lived: duration(self.lived),
        }
    }
}

fn at(s: i64) -> Timestamp {
    Timestamp((T0 + s) * 1_000_000_000)
}

fn plan(behaviour: Behaviour, missed: Missed, overlap: Overlap) -> Plan {
    Plan {
        behaviour,
        missed,
        overlap,
        zone: TimeZone::UTC,
    }
}

fn period(period_s: u32) -> Behaviour {
    Behaviour::Periodic {
        every: Every::Period { period_s },
    }
}

/// Due 980 seconds after [`T0`], each day.
fn daily() -> Behaviour {
    Behaviour::Periodic {
        every: Every::Calendar {
            weekdays: Vec::new(),
            times: vec!["11:23".to_owned()],
            zone: None,
        },
    }
}

const DAY: i64 = 86_400;

/// Plays `steps`; a run begins with each look that finds one due.
#[track_caller]
fn play(plan: &Plan, steps: &[Then]) -> Course {
    let mut computer = Computer {
        wall: 0,
        awake: 100,
        lived: 150,
    };
    let mut course = Course::begin(plan.clone(), Remembered::default(), computer.now());
    for (n, step) in steps.iter().enumerate() {
        match *step {
            Passes(s) => {
                computer.wall += s;
                computer.awake += s;
                computer.lived += s;
            }
            Sleeps(s) => {
                computer.wall += s;
                computer.lived += s;
            }
            Set(s) => computer.wall += s,
            Ends => course.ended(computer.now()),
            Off(s) => {
                computer = Computer {
                    wall: computer.wall + s,
                    awake: 3,
                    lived: 3,
                };
                let stored = serde_json::to_string(course.remembered()).unwrap();
                course = Course::begin(plan.clone(), serde_json::from_str(&stored).unwrap(), computer.now());
            }
            Look(due, missed, overlapped) => {
                let found = course.look(computer.now());
                if let Some(due) = found {
                    assert!(!course.is_running(), "step {n}: never two at one time");
                    course.started(due, "a result".to_owned());
                }
                let past = course.remembered();
                assert_eq!(
                    (found, past.missed, past.overlapped),
                    (due.map(at), missed, overlapped),
                    "step {n}, {step:?}"
                );
            }
        }
    }
    course
}

#[test]
fn a_period_counts_from_begin_to_begin() {
    let hourly = plan(period(3_600), Missed::Skip, Overlap::Skip);
    play(
        &hourly,
        &[
            Look(Some(0), 0, 0),
            Passes(100),
            Ends,
            Look(None, 0, 0),
            Passes(3_499),
            Look(None, 0, 0),
            Passes(1),
            Look(Some(3_600), 0, 0),
            Passes(10),
            Ends,
            // A look that comes late moves nothing.
            Passes(3_600),
            Look(Some(7_200), 0, 0),
            Passes(3_590),
            Ends,
            Look(Some(10_800), 0, 0),
        ],
    );
}

#[test]
fn runs_that_were_missed_in_sleep() {
    let begin: &[Then] = &[Look(Some(0), 0, 0), Passes(1), Ends];
    let skip = plan(period(3_600), Missed::Skip, Overlap::Skip);
    let after = |last: &[Then]| [begin, &[Sleeps(10_000)], last].concat();
    play(
        &skip,
        &after(&[Look(None, 2, 0), Passes(799), Look(Some(10_800), 2, 0)]),
    );
    let once = plan(period(3_600), Missed::Once, Overlap::Skip);
    play(
        &once,
        &after(&[
            Look(Some(7_200), 1, 0),
            Passes(1),
            Ends,
            Passes(798),
            Look(Some(10_800), 1, 0),
        ]),
    );
    // Awake within a minute of a due time: that run is on time.
    let after = |last: &[Then]| [begin, &[Sleeps(7_240)], last].concat();
    play(&skip, &after(&[Look(Some(7_200), 1, 0)]));
    play(&once, &after(&[Look(Some(7_200), 1, 0)]));
}

#[test]
fn runs_that_were_missed_while_the_program_was_off() {
    for (missed, due, count) in [(Missed::Skip, None, 5), (Missed::Once, Some(18_000), 4)] {
        let hourly = plan(period(3_600), missed, Overlap::Skip);
        let off = [Look(Some(0), 0, 0), Passes(1), Ends, Off(20_000), Look(due, count, 0)];
        let course = play(&hourly, &off);
        assert_eq!(course.remembered().runs, 1);
        assert_eq!(course.remembered().settled, Some(at(18_000)), "the rhythm is kept");
    }
    // The clock went back while the program was off: one period is waited at most.
    let hourly = plan(period(3_600), Missed::Once, Overlap::Skip);
    play(
        &hourly,
        &[
            Look(Some(0), 0, 0),
            Passes(1),
            Ends,
            Off(-50_000),
            Look(None, 0, 0),
            Passes(3_599),
            Look(None, 0, 0),
            Passes(1),
            Look(Some(-46_399), 0, 0),
        ],
    );
}

#[test]
fn a_run_that_the_end_of_the_program_broke_off() {
    for (missed, due, count) in [(Missed::Skip, None, 1), (Missed::Once, Some(0), 0)] {
        let hourly = plan(period(3_600), missed, Overlap::Skip);
        let broken = [Look(Some(0), 0, 0), Passes(5), Off(10), Look(due, count, 0)];
        let course = play(&hourly, &broken);
        assert_eq!(course.remembered().runs, 0);
    }
    // What is due by now makes up for it, too.
    let hourly = plan(period(3_600), Missed::Once, Overlap::Skip);
    play(&hourly, &[Look(Some(0), 0, 0), Off(7_300), Look(Some(7_200), 2, 0)]);
    let clicked = plan(Behaviour::OneShot { at: None }, Missed::Once, Overlap::Skip);
    let now = Computer {
        wall: 0,
        awake: 1,
        lived: 1,
    }
    .now();
    let mut course = Course::begin(clicked.clone(), Remembered::default(), now);
    assert_eq!(course.look(now), None, "nobody clicked");
    course.started(at(0), "x".to_owned());
    let mut course = Course::begin(clicked, course.remembered().clone(), now);
    assert_eq!(course.look(now), Some(at(0)));
}

#[test]
fn a_period_does_not_care_for_the_clock() {
    for set in [3_600, -3_600, 400 * DAY, -400 * DAY] {
        for missed in [Missed::Skip, Missed::Once] {
            let hourly = plan(period(3_600), missed, Overlap::Skip);
            let moved = [
                Look(Some(0), 0, 0),
                Passes(1),
                Ends,
                Set(set),
                Look(None, 0, 0),
                Passes(3_598),
                Look(None, 0, 0),
                Passes(1),
                Look(Some(3_600 + set), 0, 0),
            ];
            play(&hourly, &moved);
        }
    }
}

#[test]
fn times_of_the_day_go_by_the_clock() {
    let skip = plan(daily(), Missed::Skip, Overlap::Skip);
    let once = plan(daily(), Missed::Once, Overlap::Skip);
    play(
        &skip,
        &[
            Look(None, 0, 0),
            Passes(979),
            Look(None, 0, 0),
            Passes(1),
            Look(Some(980), 0, 0),
        ],
    );
    // Set forward over a due time, by an hour.
    play(&skip, &[Set(3_600), Look(None, 1, 0), Passes(DAY), Look(None, 2, 0)]);
    play(&once, &[Set(3_600), Look(Some(980), 0, 0)]);
    // Set forward, close to a due time.
    play(&skip, &[Set(990), Look(Some(980), 0, 0)]);
    // Set back by an hour: what was run is not run twice, and tomorrow is tomorrow.
    let back = [
        Passes(1_000),
        Look(Some(980), 0, 0),
        Ends,
        Set(-3_600),
        Look(None, 0, 0),
        Passes(3_600),
        Look(None, 0, 0),
        Passes(DAY - 20),
        Look(Some(980 + DAY), 0, 0),
    ];
    play(&skip, &back);
    play(&once, &back);
    // Set back by a month: it was wrong before.
    let wrong = [
        Passes(1_000),
        Look(Some(980), 0, 0),
        Ends,
        Set(-30 * DAY),
        Look(None, 0, 0),
        Passes(DAY - 20),
        Look(Some(980 - 29 * DAY), 0, 0),
    ];
    play(&skip, &wrong);
    // Years ahead (a battery was empty), and put right again.
    play(
        &once,
        &[
            Set(3_000 * DAY),
            Look(Some(980 + 2_999 * DAY), 398, 0),
            Ends,
            Set(-3_000 * DAY),
            Look(None, 398, 0),
        ],
    );
    // Off for three days.
    play(
        &once,
        &[Look(None, 0, 0), Off(3 * DAY), Look(Some(980 + 2 * DAY), 2, 0)],
    );
    play(&skip, &[Look(None, 0, 0), Off(3 * DAY), Look(None, 3, 0)]);
}

#[test]
fn what_was_settled_is_settled_after_a_restart() {
    let settled = Timestamp((T0 + 980) * 1_000_000_000 + 1);
    let past = Remembered {
        settled: Some(settled),
        ended: Some(settled),
        under_way: Some(UnderWay {
            due: settled,
            result: "x".to_owned(),
        }),
        ..Remembered::default()
    };
    let stored = serde_json::to_string(&past).unwrap();
    assert_eq!(
        serde_json::from_str::<Remembered>(&stored).unwrap(),
        past,
        "to the nanosecond"
    );
    assert_eq!(serde_json::from_str::<Remembered>("{}").unwrap(), Remembered::default());
    let once = plan(daily(), Missed::Once, Overlap::Skip);
    play(
        &once,
        &[Passes(980), Look(Some(980), 0, 0), Ends, Off(5), Look(None, 0, 0)],
    );
}

#[test]
fn a_run_never_overlaps_itself() {
    let skip = plan(period(10), Missed::Skip, Overlap::Skip);
    play(
        &skip,
        &[
            Look(Some(0), 0, 0),
            Passes(10),
            Look(None, 0, 1),
            Passes(10),
            Look(None, 0, 2),
            Passes(5),
            Ends,
            Look(None, 0, 2),
            Passes(5),
            Look(Some(30), 0, 2),
        ],
    );
    let wait = plan(period(10), Missed::Skip, Overlap::Wait);
    let course = play(
        &wait,
        &[
            Look(Some(0), 0, 0),
            Passes(10),
            Look(None, 0, 0),
            Passes(10),
            Look(None, 0, 1),
            Passes(5),
            Ends,
            Look(Some(10), 0, 1),
            Passes(5),
            Look(None, 0, 1),
        ],
    );
    assert!(course.has_waiting());
}

#[test]
fn a_pause_begins_with_the_end() {
    let cyclic = plan(Behaviour::Cyclic { pause_s: 60 }, Missed::Once, Overlap::Wait);
    play(
        &cyclic,
        &[
            Look(Some(0), 0, 0),
            Passes(1_000),
            Look(None, 0, 0),
            Ends,
            Passes(59),
            Look(None, 0, 0),
            Set(-7_200),
            Look(None, 0, 0),
            Passes(1),
            Look(Some(1_060 - 7_200), 0, 0),
            Ends,
            // Sleep counts into the pause, and nothing is missed by it.
            Sleeps(10_000),
            Look(Some(1_060 - 7_200 + 10_000), 0, 0),
            Ends,
            Off(30),
            Look(None, 0, 0),
            Passes(30),
            Look(Some(1_060 - 7_200 + 10_060), 0, 0),
        ],
    );
}

#[test]
fn a_one_shot_is_shot_once() {
    let at_1000 = Behaviour::OneShot { at: Some(at(1_000)) };
    let skip = plan(at_1000.clone(), Missed::Skip, Overlap::Skip);
    let once = plan(at_1000, Missed::Once, Overlap::Skip);
    let on_time = [
        Passes(999),
        Look(None, 0, 0),
        Passes(1),
        Look(Some(1_000), 0, 0),
        Passes(1),
        Ends,
        Set(-500),
        Look(None, 0, 0),
        Passes(1_000),
        Look(None, 0, 0),
        Off(100),
        Look(None, 0, 0),
    ];
    for plan in [&skip, &once] {
        let course = play(plan, &on_time);
        assert_eq!(course.remembered().stopped, Some(Stopped::Finished));
        assert_eq!(course.remembered().runs, 1);
    }
    let course = play(&skip, &[Off(2_000), Look(None, 1, 0)]);
    assert_eq!(
        course.remembered().stopped,
        Some(Stopped::Finished),
        "nothing more to do"
    );
    play(&once, &[Off(2_000), Look(Some(1_000), 0, 0)]);
    // The clock goes by the wall: an hour back makes it later.
    play(
        &once,
        &[
            Set(-3_600),
            Passes(1_000),
            Look(None, 0, 0),
            Passes(3_600),
            Look(Some(1_000), 0, 0),
        ],
    );
}

#[test]
fn what_was_killed_is_due_no_more_and_begins_as_new() {
    let now = Computer {
        wall: 0,
        awake: 1,
        lived: 1,
    };
    let hourly = plan(period(3_600), Missed::Once, Overlap::Wait);
    let mut course = Course::begin(hourly.clone(), Remembered::default(), now.now());
    course.stop(Stopped::Killed);
    assert_eq!(
        (course.look(now.now()), course.next(now.now()), course.rest(now.now())),
        (None, None, None)
    );
    let later = Computer { wall: 90_000, ..now };
    let mut course = Course::anew(hourly, course.remembered(), later.now());
    assert_eq!(
        course.look(later.now()),
        Some(at(90_000)),
        "nothing was missed meanwhile"
    );
    assert_eq!(course.remembered().missed, 0);
}

#[test]
fn it_says_how_long_it_may_rest() {
    let now = Computer {
        wall: 0,
        awake: 1,
        lived: 1,
    };
    let rest = |behaviour, missed| {
        let mut course = Course::begin(plan(behaviour, missed, Overlap::Wait), Remembered::default(), now.now());
        if let Some(due) = course.look(now.now()) {
            course.started(due, String::new());
            course.ended(now.now());
        }
        (course.next(now.now()), course.rest(now.now()))
    };
    let s = |s| Some(Duration::from_secs(s));
    assert_eq!(rest(period(10), Missed::Skip), (Some(at(10)), s(10)));
    assert_eq!(
        rest(Behaviour::Cyclic { pause_s: 7 }, Missed::Skip),
        (Some(at(7)), s(7))
    );
    assert_eq!(rest(daily(), Missed::Skip), (Some(at(980)), s(980)));
    assert_eq!(
        rest(Behaviour::OneShot { at: Some(at(5)) }, Missed::Skip),
        (Some(at(5)), s(5))
    );
    assert_eq!(rest(Behaviour::OneShot { at: None }, Missed::Skip), (None, None));
}

#[test]
fn the_ends_of_the_numbers_are_no_trouble() {
    let ends = [i64::MIN, -1, 0, i64::MAX];
    let behaviours = [
        period(u32::MAX),
        period(0),
        daily(),
        Behaviour::Cyclic { pause_s: u32::MAX },
        Behaviour::OneShot {
            at: Some(Timestamp(i64::MAX)),
        },
    ];
    for behaviour in behaviours {
        for wall in ends {
            for settled in ends {
                let past = Remembered {
                    settled: Some(Timestamp(settled)),
                    ended: Some(Timestamp(settled)),
                    ..Remembered::default()
                };
                let now = Moment {
                    wall: Timestamp(wall),
                    awake: Duration::MAX,
                    lived: Duration::MAX,
                };
                let mut course = Course::begin(plan(behaviour.clone(), Missed::Once, Overlap::Wait), past, now);
                let _ = (course.next(now), course.rest(now), course.look(now), course.rest(now));
                course.ended(now);
            }
        }
    }
}
