//! What a live audit tells while it goes on: several times a second what is new to the window and to the store.
//!
//! Called by [`super::watch`]. Never here: packets, and how they come.

use super::course::Course;
use super::rates::{Rates, Totals};
use super::reins::Peace;
use super::types::{DoorNow, LiveNow, LiveState, Notice};
use super::watch::Watch;
use crate::clock::moment;
use crate::recording::Recorder;
use crate::steps::Step;
use std::sync::Arc;
use std::time::Duration;
use telltale_core::model::Summary;
use telltale_core::schedule::Moment;

/// How often there may be something new to show: half of the way to a row in the window within half a second is the window's.
const TICK: Duration = Duration::from_millis(100);
/// A tick may take one part in so many of the time; the rest is the packets'.
const TICK_SHARE: u32 = 10;
/// Rows that only grew are stored once in so long, new ones at the next tick.
const STORE_ROWS: Duration = Duration::from_secs(1);
/// The summary is stored once in so long: it is written as a whole.
const STORE_SUMMARY: Duration = Duration::from_secs(2);
/// What is over is let go of once in so long.
const EXPIRE: Duration = Duration::from_secs(1);
/// Waiting for so long is worth a notice: a capture program that is started again is back sooner.
const WORTH_TELLING: Duration = Duration::from_secs(3);

/// What was told and stored last. Durations are moments of the time awake.
pub(super) struct Told {
    pub(super) summary: Arc<Summary>,
    pub(super) state: LiveState,
    packets: u64,
    next: Duration,
    /// Rows that wait for the store, and what was stored last.
    rows_wait: bool,
    rows: Option<Duration>,
    row_counts: (u32, u32),
    summary_waits: bool,
    stored_summary: Option<Duration>,
    expired: Duration,
    waiting: bool,
}

impl Told {
    pub(super) const fn new(summary: Arc<Summary>) -> Self {
        Self {
            summary,
            state: LiveState::Opening,
            packets: 0,
            next: Duration::ZERO,
            rows_wait: true,
            rows: None,
            row_counts: (0, 0),
            summary_waits: true,
            stored_summary: None,
            expired: Duration::ZERO,
            waiting: false,
        }
    }
}

/// How a live audit stands, without what is recorded and who sends.
pub(super) fn live_now(course: &Course, rates: &Rates, now: Moment) -> LiveNow {
    LiveNow {
        state: course.state(),
        since: course.since(),
        problem: course.problem().map(str::to_owned),
        ends_at: course.ends_at(now),
        watched_s: course.watched(now).as_secs(),
        recent: rates.recent(),
        recording: None,
        door: None,
    }
}

/// What the audit calls the door among its interfaces: no capture has so many.
const DOOR: u32 = u32::MAX;

impl Watch {
    /// Tells what is new if it is time, or if the course `turned`. Ticks never take more than a part of the time, however large the
    /// audit is.
    pub(super) fn tick_if_due(&mut self, now: Moment, turned: bool) {
        let came = self.intake.packets != self.told.packets;
        let due = now.awake >= self.told.next && (came || self.rates.is_due(now.awake));
        if !turned && !due {
            return;
        }
        self.told.state = self.course.state();
        self.told.packets = self.intake.packets;
        let door = self.source.door();
        if let Some(door) = door.as_ref().filter(|door| door.lost > 0) {
            self.audit.note_drops(DOOR, door.lost, 0);
        }
        if came || turned {
            self.told.summary = Arc::new(self.audit.summary());
            self.told.rows_wait = true;
            self.told.summary_waits = true;
            for notice in self.met.contacts(&self.told.summary, now.awake) {
                self.notices.push(notice);
            }
        }
        self.rates.take(now.awake, totals(&self.told.summary));
        self.tell_waiting(now);
        self.show(now, door);
        (self.changed)();
        self.store(now);
        if now.awake.saturating_sub(self.told.expired) >= EXPIRE {
            self.told.expired = now.awake;
            self.audit.expire(now.wall);
        }
        let spent = moment().awake.saturating_sub(now.awake);
        self.told.next = now.awake + TICK.max(spent * TICK_SHARE);
    }

    fn show(&mut self, now: Moment, door: Option<DoorNow>) {
        let mut live = live_now(&self.course, &self.rates, now);
        live.recording = self.recorder.as_mut().map(Recorder::now);
        live.door = door;
        let mut shown = self.running.now();
        shown.summary = Arc::clone(&self.told.summary);
        shown.live = Some(live);
    }

    /// Stores everything for those who want to read it in peace, tells them once it is there, and stores nothing until they are done.
    pub(super) fn keep_peace(&mut self, now: Moment) {
        self.peace.retain(Peace::lasts);
        if self.peace.is_empty() {
            self.at_peace = false;
        } else if !self.at_peace {
            self.tick_if_due(now, true);
            self.at_peace = self.hand_over(now, true);
        } else if self.steps.all_stored() {
            self.peace.iter_mut().for_each(Peace::tell);
        }
    }

    /// Hands over what is to be stored, if there is room: new rows at once, others now and then.
    fn store(&mut self, now: Moment) {
        if !self.peace.is_empty() {
            return;
        }
        let told = &mut self.told;
        let counts = (told.summary.flows, told.summary.servers);
        let since = |last: Option<Duration>, long| last.is_none_or(|at| now.awake.saturating_sub(at) >= long);
        let rows = told.rows_wait && (told.row_counts != counts || since(told.rows, STORE_ROWS));
        let summary = told.summary_waits && since(told.stored_summary, STORE_SUMMARY);
        if rows || summary {
            self.hand_over(now, summary);
        }
    }

    /// `true` when there was room.
    fn hand_over(&mut self, now: Moment, summary: bool) -> bool {
        let told = &mut self.told;
        let counts = (told.summary.flows, told.summary.servers);
        let (audit, met, notices) = (&mut self.audit, &mut self.met, &self.notices);
        self.steps.offer(|| {
            let changes = audit.changes();
            for notice in met.hosts(&changes.http_hosts, now.awake) {
                notices.push(notice);
            }
            told.rows_wait = false;
            told.rows = Some(now.awake);
            told.row_counts = counts;
            if summary {
                told.summary_waits = false;
                told.stored_summary = Some(now.awake);
            }
            Step {
                changes,
                summary: summary.then(|| Arc::clone(&told.summary)),
            }
        })
    }

    fn tell_waiting(&mut self, now: Moment) {
        let LiveState::Waiting(reason) = self.course.state() else {
            self.told.waiting = false;
            return;
        };
        if !self.told.waiting && self.course.lasts(now) >= WORTH_TELLING {
            self.told.waiting = true;
            self.notices.push(Notice::Waiting {
                audit: self.id,
                name: self.request.name.clone(),
                reason,
            });
        }
    }

    /// The end: what waits is decided, told and stored.
    pub(super) fn finish(mut self) {
        self.running.end();
        self.audit.settle();
        let now = moment();
        if let Some(live) = &mut self.audit.source_mut().live {
            live.ended = Some(now.wall);
        }
        self.told.summary = Arc::new(self.audit.summary());
        self.show(now, self.source.door());
        (self.changed)();
        self.steps.last(Step {
            changes: self.audit.changes(),
            summary: Some(self.told.summary),
        });
        let recording = self.recorder.map(Recorder::finish);
        if let Some(live) = &mut self.running.now().live {
            live.recording = recording;
        }
    }
}

fn totals(summary: &Summary) -> Totals {
    Totals {
        sent: summary.devices.iter().map(|d| d.sent_bytes).sum(),
        received: summary.devices.iter().map(|d| d.received_bytes).sum(),
        packets: summary.counts.packets,
    }
}
