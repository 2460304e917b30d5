//! The thread of one live audit: it owns the audit, opens its source and takes packets, for as long as the course says so.
//!
//! Called by [`crate::Engine::start_live`]. Items go the same way into the audit as those of a file ([`crate::read`]); what is told of
//! it meanwhile is [`super::tell`]'s.

use super::course::{Course, Mark, Next};
use super::notices::{Met, Notices};
use super::rates::Rates;
use super::reins::{Peace, Reins};
use super::source::Source;
use super::tell::{Told, live_now};
use super::types::{LiveRequest, LiveState};
use crate::audits::{Now, Running};
use crate::clock::moment;
use crate::read::{Came, Gaps, Intake, Progress};
use crate::recording::Recorder;
use crate::steps::Steps;
use crate::store::Store;
use crate::types::AuditState;
use std::io::{Cursor, ErrorKind, Read};
use std::sync::Arc;
use std::time::Duration;
use telltale_capture::{CaptureFile, InterfaceBlock, Item, Packet};
use telltale_core::audit::Audit;
use telltale_core::model::{GapReason, Timestamp};
use telltale_core::schedule::Moment;
use telltale_wire::Frame;

/// Octets by which the form of a capture is known.
const HEAD: usize = 64;
/// How long a source that was asked to end may still hand out what it saw.
const DRAIN: Duration = Duration::from_secs(10);

/// The rest of a thread that nothing comes to while somebody waits for what it stores.
const SHORT_REST: Duration = Duration::from_millis(20);

/// What a live audit begins with.
pub(super) struct Beginning {
    pub(super) id: u32,
    pub(super) request: LiveRequest,
    pub(super) source: Source,
    pub(super) audit: Audit,
    pub(super) recorder: Option<Recorder>,
    pub(super) past: Option<Past>,
    pub(super) reins: Arc<Reins>,
    pub(super) notices: Arc<Notices>,
}

/// What an audit that goes on was before the program ended.
pub(super) struct Past {
    /// The recording; `None`: nothing was seen.
    pub(super) file: Option<CaptureFile>,
    pub(super) gaps: Gaps,
}

/// A live audit at work.
pub(super) struct Watch {
    pub(super) id: u32,
    pub(super) request: LiveRequest,
    pub(super) source: Source,
    pub(super) audit: Audit,
    pub(super) recorder: Option<Recorder>,
    pub(super) intake: Intake,
    pub(super) course: Course,
    pub(super) rates: Rates,
    pub(super) met: Met,
    pub(super) notices: Arc<Notices>,
    pub(super) running: Arc<Running>,
    pub(super) steps: Steps,
    pub(super) changed: crate::Changed,
    pub(super) told: Told,
    /// Who wants the stored rows to stay as they are.
    pub(super) peace: Vec<Peace>,
    /// They do.
    pub(super) at_peace: bool,
    reins: Arc<Reins>,
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
        source,
        mut audit,
        recorder,
        past,
        reins,
        notices,
    } = beginning;
    let now = moment();
    let duration = request.duration_s.map(|s| Duration::from_secs(s.into()));
    let course = Course::new(duration, past.is_some(), now);
    let (rates, told) = (Rates::default(), Told::new(Arc::new(audit.summary())));
    let shown = Now {
        summary: Arc::clone(&told.summary),
        progress: Progress::default(),
        live: Some(live_now(&course, &rates, now)),
        problem: None,
        over: false,
    };
    let running = Arc::new(Running::new(shown, Some(Arc::clone(&reins))));
    let (steps, writer) = Steps::start(id, store, Arc::clone(&running), runtime, Arc::clone(&changed));
    let watch = Watch {
        id,
        request,
        source,
        audit,
        recorder,
        intake: Intake::default(),
        course,
        rates,
        met: Met::new(id),
        notices,
        running: Arc::clone(&running),
        steps,
        changed: Arc::clone(&changed),
        told,
        peace: Vec::new(),
        at_peace: false,
        reins,
    };
    let runtime = runtime.clone();
    let thread_side = Arc::clone(&running);
    std::thread::spawn(move || {
        let state = watch.run(past);
        // A writer that panicked has stored what it had; the audit still ends.
        let _ = runtime.block_on(writer);
        ended(state, last_words(&thread_side));
        thread_side.now().over = true;
        changed();
    });
    running
}

/// What stays to be looked at: no longer live, if it could not be stored.
fn last_words(running: &Running) -> Now {
    let mut now = running.now();
    if now.problem.is_some() {
        now.live = None;
    }
    now.clone()
}

impl Watch {
    fn run(mut self, past: Option<Past>) -> AuditState {
        if let Some(past) = past
            && !self.remember(past)
        {
            // What lies behind is not read to its end: it can be gone on with another time.
            self.finish();
            return AuditState::Interrupted;
        }
        loop {
            let now = self.beat();
            match self.course.next(now) {
                Next::Open | Next::Read => self.watch(),
                Next::Rest(time) if self.peace.is_empty() => self.reins.wait(time),
                Next::Rest(_) => self.reins.wait(SHORT_REST),
                Next::End => break,
            }
        }
        let state = if self.reins.leaves() {
            AuditState::Interrupted
        } else {
            AuditState::Done
        };
        self.finish();
        state
    }

    /// Reads what was recorded before the program ended; `false` when it is to end meanwhile.
    fn remember(&mut self, past: Past) -> bool {
        let Past { file, mut gaps } = past;
        self.met.is_old_until(Timestamp(i64::MAX));
        if let Some(mut file) = file
            && !self.read_again(&mut file, &mut gaps)
        {
            return false;
        }
        gaps.tell_rest(&mut self.audit);
        self.intake.next_source();
        let summary = self.audit.summary();
        let last_gap = summary.source.gaps.last().and_then(|gap| gap.to);
        let last = summary.span.map(|span| span.last).max(last_gap);
        let began = summary.source.live.as_ref().map_or_else(crate::now, |live| live.began);
        self.audit
            .begin_gap(last.unwrap_or(began).max(began), GapReason::ProgramEnded);
        self.tick_if_due(moment(), true);
        self.met.is_old_until(last.unwrap_or(began));
        true
    }

    fn read_again(&mut self, file: &mut CaptureFile, gaps: &mut Gaps) -> bool {
        self.audit.source_mut().format = file.format();
        loop {
            let read = file.read_bytes();
            let before = |audit: &mut Audit, item: &Item<'_>, _: Option<&Frame<'_>>| gaps.tell(audit, item);
            let more = |file: &CaptureFile, _| file.read_bytes() != read;
            let came = self.intake.take(file, &mut self.audit, before, more);
            self.tick_if_due(moment(), false);
            if self.reins.is_to_stop() {
                return false;
            }
            if matches!(came, Came::End | Came::Broken(_)) {
                return true;
            }
        }
    }

    /// Looks at the clocks and the reins, and tells what is new.
    fn beat(&mut self) -> Moment {
        let now = moment();
        self.peace.extend(self.reins.take_peace());
        let (wish, new) = self.reins.look();
        self.course.look(now);
        self.course.obey(wish, new, now);
        if self.course.state() == LiveState::Opening && self.intake.blind {
            // The stream went on all the time.
            self.course.opened(now);
        }
        let turned = self.mark();
        self.tick_if_due(now, turned);
        self.keep_peace(now);
        now
    }

    /// Tells the audit when it was blind; whether the state is another one than was told.
    fn mark(&mut self) -> bool {
        let marks = self.course.take_marks();
        let turned = !marks.is_empty() || self.course.state() != self.told.state;
        for mark in marks {
            match mark {
                Mark::Blind(at, reason) => self.audit.begin_gap(at, reason),
                Mark::Sees(at) => self.audit.end_gap(at),
            }
        }
        turned
    }

    /// Opens the source and takes packets until it ends or something else is wanted.
    fn watch(&mut self) {
        let stream = match self.source.open() {
            Ok(stream) => stream,
            Err(hindrance) => return self.course.hindered(hindrance, moment()),
        };
        let (reader, mut hold) = stream.into_parts();
        let said = match self.open(reader) {
            Ok(Some(mut file)) => {
                if let Some(recorder) = &mut self.recorder {
                    recorder.stream();
                }
                if !self.is_unwanted() {
                    self.course.opened(moment());
                }
                let said = self.take(&mut file);
                if self.is_unwanted() && hold.stop() {
                    self.drain(&mut file);
                }
                self.intake.next_source();
                said
            }
            Ok(None) => None,
            Err(problem) => Some(problem),
        };
        self.intake.blind = false;
        let hindrance = hold.end(said);
        if !self.is_unwanted() {
            self.course.hindered(hindrance, moment());
        }
    }

    /// Nobody wants to see just now.
    const fn is_unwanted(&self) -> bool {
        matches!(self.course.state(), LiveState::Paused | LiveState::Ending)
    }

    /// Nobody wants to see, but the stream is to go on.
    fn is_unseen(&self) -> bool {
        self.course.state() == LiveState::Paused && self.source.goes_on_unseen()
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
                    if self.is_unwanted() && !self.is_unseen() {
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
            self.intake.blind = self.is_unseen();
            if self.is_unwanted() && !self.intake.blind {
                return None;
            }
            // A look at the clocks whenever something was read: what is in memory is taken in a millisecond.
            let came = self.take_what_is_there(file);
            self.beat();
            match came {
                Came::Enough | Came::Quiet => {}
                Came::End => return None,
                Came::Broken(stop) => return Some(stop.to_string()),
            }
        }
    }

    fn take_what_is_there(&mut self, file: &mut CaptureFile) -> Came {
        let read = file.read_bytes();
        let (recorder, filter) = (&mut self.recorder, self.source.filter());
        let keep = |_: &mut Audit, item: &Item<'_>, frame: Option<&Frame<'_>>| {
            if let Some(recorder) = recorder {
                record(recorder, filter, item, frame);
            }
        };
        let more = |file: &CaptureFile, _| file.read_bytes() != read;
        self.intake.take(file, &mut self.audit, keep, more)
    }

    /// Takes what a source that was asked to end still has.
    fn drain(&mut self, file: &mut CaptureFile) {
        let until = moment().awake + DRAIN;
        while moment().awake < until {
            if matches!(self.take_what_is_there(file), Came::End | Came::Broken(_)) {
                return;
            }
        }
    }
}

/// Gives one item to the recording.
#[inline]
fn record(recorder: &mut Recorder, filter: Option<&str>, item: &Item<'_>, frame: Option<&Frame<'_>>) {
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    match item {
        Item::Packet(packet) => {
            let header_len = frame.map_or(packet.data.len(), |f| f.header_len(packet.data));
            // An app that stands behind the payload would be cut off with it.
            let behind = frame.and_then(|f| f.app).map(|a| a.uid).filter(|uid| *uid >= 0);
            let uid = packet.uid.or(behind);
            recorder.packet(&Packet { uid, ..*packet }, header_len);
        }
        Item::App { uid, package, label } => recorder.app(*uid, Some(&text(package)), Some(&text(label))),
        Item::Drops {
            interface,
            by_system,
            by_interface,
        } => recorder.drops(crate::now(), *interface, *by_system, *by_interface),
        Item::Interface { link_type, name } => recorder.interface(&InterfaceBlock {
            link_type: *link_type,
            snap_len: 0,
            name: name.map(text),
            filter: filter.map(str::to_owned),
            description: None,
        }),
    }
}
