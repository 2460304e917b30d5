//! The thread of one live audit: it owns the audit, opens its source, takes packets, and tells several times a second how it stands.
//!
//! Called by [`crate::Engine::start_live`]. Items go the same way into the audit as those of a file ([`crate::read`]).

use super::clock::Moment;
use super::course::{Again, Course, Hindrance, Mark, Next};
use super::notices::{Met, Notices};
use super::rates::{Rates, Totals};
use super::reins::Reins;
use super::source::{self, Hold, Source};
use super::types::{LiveNow, LiveRequest, LiveState, Notice};
use crate::audits::{Now, Running};
use crate::read::{Came, Intake, Progress};
use crate::steps::{Step, Steps};
use crate::store::Store;
use crate::types::AuditState;
use std::io::{Cursor, ErrorKind, Read};
use std::sync::Arc;
use std::time::Duration;
use telltale_capture::CaptureFile;
use telltale_core::audit::{Audit, Changes};
use telltale_core::model::{GapReason, Summary};

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
/// Octets by which the form of a capture is known.
const HEAD: usize = 64;
/// How long a source that was asked to end may still hand out what it saw.
const DRAIN: Duration = Duration::from_secs(10);
/// Waiting for so long is worth a notice: a capture program that is started again is back sooner.
const WORTH_TELLING: Duration = Duration::from_secs(3);

/// What a live audit begins with.
pub(super) struct Beginning {
    pub(super) id: u32,
    pub(super) request: LiveRequest,
    /// The filter of the request as an expression that was checked.
    pub(super) filter: Option<String>,
    pub(super) audit: Audit,
    pub(super) notices: Arc<Notices>,
}

/// A live audit at work.
struct Watch {
    id: u32,
    request: LiveRequest,
    filter: Option<String>,
    audit: Audit,
    intake: Intake,
    course: Course,
    rates: Rates,
    met: Met,
    notices: Arc<Notices>,
    reins: Arc<Reins>,
    running: Arc<Running>,
    steps: Steps,
    changed: crate::Changed,
    last: Told,
}

/// What was told and stored last, by the time awake.
struct Told {
    summary: Arc<Summary>,
    packets: u64,
    state: LiveState,
    next: Duration,
    rows: Duration,
    rows_wait: bool,
    stored: (u32, u32),
    summary_at: Duration,
    summary_waits: bool,
    expired: Duration,
    waiting_told: bool,
}

/// Starts to watch on a thread of its own. `changed` is called (from any thread) whenever there is something new to show; `ended` once,
/// after everything is stored, with the state to keep and the last summary.
pub(super) fn start(
    beginning: Beginning,
    store: Arc<Store>,
    runtime: &tokio::runtime::Handle,
    changed: crate::Changed,
    ended: crate::AtEnd,
) -> Arc<Running> {
    let Beginning {
        id,
        request,
        filter,
        mut audit,
        notices,
    } = beginning;
    let now = Moment::now();
    let duration = request.duration_s.map(|s| Duration::from_secs(s.into()));
    let course = Course::new(duration, now);
    let summary = Arc::new(audit.summary());
    let rates = Rates::default();
    let shown = Now {
        summary: Arc::clone(&summary),
        progress: Progress::default(),
        live: Some(live_now(&course, &rates, now)),
        problem: None,
        over: false,
    };
    let reins = Arc::new(Reins::default());
    let running = Arc::new(Running::new(shown, Some(Arc::clone(&reins))));
    let (steps, writer) = Steps::start(id, store, Arc::clone(&running), runtime, Arc::clone(&changed));
    let mut met = Met::new(id);
    met.contacts(&summary, now.awake);
    let watch = Watch {
        id,
        request,
        filter,
        audit,
        intake: Intake::default(),
        course,
        rates,
        met,
        notices,
        reins,
        running: Arc::clone(&running),
        steps,
        changed: Arc::clone(&changed),
        last: Told::new(summary),
    };
    let (runtime, thread_side) = (runtime.clone(), Arc::clone(&running));
    std::thread::spawn(move || {
        watch.run();
        // A writer that panicked has stored what it had; the audit still ends.
        let _ = runtime.block_on(writer);
        let last = {
            let mut now = thread_side.now();
            now.over = true;
            if now.problem.is_some() {
                now.live = None;
            }
            now.clone()
        };
        ended(AuditState::Done, last);
        changed();
    });
    running
}

impl Told {
    const fn new(summary: Arc<Summary>) -> Self {
        Self {
            summary,
            packets: 0,
            state: LiveState::Opening,
            next: Duration::ZERO,
            rows: Duration::ZERO,
            rows_wait: true,
            stored: (0, 0),
            summary_at: Duration::ZERO,
            summary_waits: true,
            expired: Duration::ZERO,
            waiting_told: false,
        }
    }
}

fn live_now(course: &Course, rates: &Rates, now: Moment) -> LiveNow {
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

impl Watch {
    fn run(mut self) {
        loop {
            let now = self.beat();
            match self.course.next(now) {
                Next::Open | Next::Read => self.watch(),
                Next::Rest(time) => self.reins.wait(time),
                Next::End => break,
            }
        }
        self.finish();
    }

    /// Looks at the clocks and the reins, and tells what is new.
    fn beat(&mut self) -> Moment {
        let now = Moment::now();
        let (wish, new) = self.reins.look();
        self.course.look(now);
        self.course.obey(wish, new, now);
        let marks = self.course.take_marks();
        let turned = !marks.is_empty() || self.course.state() != self.last.state;
        for mark in marks {
            match mark {
                Mark::Blind(at, reason) => self.audit.begin_gap(at, reason),
                Mark::Sees(at) => self.audit.end_gap(at),
            }
        }
        if turned || now.awake >= self.last.next {
            self.tick(now, turned);
        }
        now
    }

    /// Opens the source and takes packets until it ends or something else is wanted.
    fn watch(&mut self) {
        let Source { reader, mut hold } = match source::open(&self.request.source, self.filter.as_deref()) {
            Ok(source) => source,
            Err(hindrance) => return self.course.hindered(hindrance, Moment::now()),
        };
        let came = match self.open(reader) {
            Ok(Some(mut file)) => {
                self.intake.next_source();
                self.course.opened(Moment::now());
                let came = self.take(&mut file);
                if self.course.state() != LiveState::Watching && hold.stop() {
                    self.drain(&mut file);
                }
                came
            }
            Ok(None) => None,
            Err(problem) => Some(problem),
        };
        self.close(hold, came);
    }

    /// Reads until the form of the capture is known; `None` when something else is wanted, or the source ended before.
    fn open(&mut self, mut reader: Box<dyn Read + Send>) -> Result<Option<CaptureFile>, String> {
        let mut head = vec![0; HEAD];
        let mut have = 0;
        while have < HEAD {
            match reader.read(&mut head[have..]) {
                Ok(0) => return Ok(None),
                Ok(n) => have += n,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) if matches!(e.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock) => {
                    self.beat();
                    if !matches!(self.course.state(), LiveState::Opening | LiveState::Waiting(_)) {
                        return Ok(None);
                    }
                }
                Err(e) => return Err(e.to_string()),
            }
        }
        let whole = Cursor::new(head).chain(reader);
        let file = CaptureFile::from_reader(whole, 0).map_err(|e| e.to_string())?;
        self.audit.source_mut().format = file.format();
        Ok(Some(file))
    }

    /// Takes packets as long as they are wanted; what is wrong with the stream, if it broke.
    fn take(&mut self, file: &mut CaptureFile) -> Option<String> {
        loop {
            // A look at the clocks whenever something was read: what is in memory is taken in a millisecond.
            let read = file.read_bytes();
            let more = |file: &CaptureFile, _| file.read_bytes() != read;
            let came = self.intake.take(file, &mut self.audit, |_, _| {}, more);
            self.beat();
            match came {
                _ if self.course.state() != LiveState::Watching => return None,
                Came::Enough | Came::Quiet => {}
                Came::End => return None,
                Came::Broken(stop) => return Some(stop.to_string()),
            }
        }
    }

    /// Takes what a source that was asked to end still has.
    fn drain(&mut self, file: &mut CaptureFile) {
        let until = Moment::now().awake + DRAIN;
        while Moment::now().awake < until {
            let read = file.read_bytes();
            let more = |file: &CaptureFile, _| file.read_bytes() != read;
            let came = self.intake.take(file, &mut self.audit, |_, _| {}, more);
            if matches!(came, Came::End | Came::Broken(_)) {
                return;
            }
        }
    }

    /// Lets go of a source whose reader is gone.
    fn close(&mut self, hold: Hold, broken: Option<String>) {
        let end = hold.end();
        let ours = matches!(self.course.state(), LiveState::Paused | LiveState::Ending);
        if ours {
            return;
        }
        let hindrance = match broken {
            Some(problem) if end.reason != GapReason::DeviceGone => Hindrance {
                reason: end.reason,
                again: if end.again == Again::OnWish {
                    Again::OnWish
                } else {
                    Again::BackOff
                },
                problem: Some(problem),
            },
            _ => end,
        };
        self.course.hindered(hindrance, Moment::now());
    }

    /// Shows and stores what is new. Ticks never take more than a part of the time, however large the audit is.
    fn tick(&mut self, now: Moment, turned: bool) {
        let came = self.intake.packets != self.last.packets;
        if !(came || turned || self.rates.is_due(now.awake)) {
            return;
        }
        self.last.state = self.course.state();
        self.last.packets = self.intake.packets;
        if came || turned {
            self.last.summary = Arc::new(self.audit.summary());
            self.last.rows_wait = true;
            self.last.summary_waits = true;
            for notice in self.met.contacts(&self.last.summary, now.awake) {
                self.notices.push(notice);
            }
        }
        self.rates.take(now.awake, totals(&self.last.summary));
        self.tell_waiting(now);
        {
            let mut shown = self.running.now();
            shown.summary = Arc::clone(&self.last.summary);
            shown.live = Some(live_now(&self.course, &self.rates, now));
        }
        (self.changed)();
        self.store(now);
        if now.awake.saturating_sub(self.last.expired) >= EXPIRE && self.steps.all_stored() {
            self.last.expired = now.awake;
            self.audit.expire(now.wall);
        }
        let spent = Moment::now().awake.saturating_sub(now.awake);
        self.last.next = now.awake + TICK.max(spent * TICK_SHARE);
    }

    /// Hands over what is to be stored, if there is room: new rows at once, others now and then.
    fn store(&mut self, now: Moment) {
        let last = &mut self.last;
        let (flows, servers) = (last.summary.flows, last.summary.servers);
        let new_rows = last.stored != (flows, servers);
        let rows = last.rows_wait && (new_rows || now.awake.saturating_sub(last.rows) >= STORE_ROWS);
        let summary = last.summary_waits && now.awake.saturating_sub(last.summary_at) >= STORE_SUMMARY;
        if !rows && !summary {
            return;
        }
        let (audit, met, notices) = (&mut self.audit, &mut self.met, &self.notices);
        self.steps.offer(|| {
            let changes = audit.changes();
            for notice in met.hosts(&changes.http_hosts, now.awake) {
                notices.push(notice);
            }
            last.rows = now.awake;
            last.rows_wait = false;
            last.stored = (flows, servers);
            let summary = summary.then(|| Arc::clone(&last.summary));
            if summary.is_some() {
                last.summary_at = now.awake;
                last.summary_waits = false;
            }
            Step { changes, summary }
        });
    }

    fn tell_waiting(&mut self, now: Moment) {
        let LiveState::Waiting(reason) = self.course.state() else {
            self.last.waiting_told = false;
            return;
        };
        if !self.last.waiting_told && self.course.lasts(now) >= WORTH_TELLING {
            self.last.waiting_told = true;
            self.notices.push(Notice::Waiting {
                audit: self.id,
                name: self.request.name.clone(),
                reason,
            });
        }
    }

    fn finish(mut self) {
        let now = Moment::now();
        self.running.end();
        self.audit.settle();
        if let Some(live) = &mut self.audit.source_mut().live {
            live.ended = Some(now.wall);
        }
        let summary = Arc::new(self.audit.summary());
        {
            let mut shown = self.running.now();
            shown.summary = Arc::clone(&summary);
            shown.live = Some(live_now(&self.course, &self.rates, now));
        }
        (self.changed)();
        let changes: Changes = self.audit.changes();
        self.steps.last(Step {
            changes,
            summary: Some(summary),
        });
    }
}

fn totals(summary: &Summary) -> Totals {
    Totals {
        sent: summary.devices.iter().map(|d| d.sent_bytes).sum(),
        received: summary.devices.iter().map(|d| d.received_bytes).sum(),
        packets: summary.counts.packets,
    }
}
