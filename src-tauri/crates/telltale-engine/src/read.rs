//! The way from a capture into an audit: the one loop of files and of live audits.
//!
//! Called by [`crate::audits`] and [`crate::live`] on threads of their own, and by the terminal's shell directly. Blocking; of a file
//! it asks the clock only every [`PACKETS_PER_LOOK`] packets.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};
use telltale_capture::{CaptureFile, Item, Stop, StopReason};
use telltale_core::audit::Audit;
use telltale_core::model::{Gap, GapReason, Timestamp};
use telltale_wire::{Frame, LinkType, dissect};

/// How often the caller is told, in wall time.
const TICK: Duration = Duration::from_millis(250);
/// Packets between two looks at the clock: about a millisecond's work.
const PACKETS_PER_LOOK: u64 = 2_048;

/// How far the reading of a file is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Progress {
    /// Octets of the file read, as they lie on the disk.
    pub read_bytes: u64,
    /// Octets of the file.
    pub total_bytes: u64,
    /// Packets so far.
    pub packets: u64,
    /// Seconds left at the speed so far; `None` in the first moment.
    pub seconds_left: Option<f64>,
}

/// How the reading ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// At the end of the file, or at its damage.
    Finished,
    /// The caller's tick broke it off.
    Cancelled,
}

/// Why [`Intake::take`] came back.
#[derive(Debug)]
pub(crate) enum Came {
    /// The caller had enough for now.
    Enough,
    /// Nothing comes at the moment.
    Quiet,
    /// The source ended.
    End,
    /// The source cannot go on.
    Broken(Stop),
}

/// Takes items out of one source after another.
#[derive(Debug, Default)]
pub(crate) struct Intake {
    /// Packets so far.
    pub(crate) packets: u64,
    /// Packets pass unseen for the time being.
    pub(crate) blind: bool,
    /// Interfaces of this source, and of those before it.
    interfaces: u32,
    before: u32,
}

impl Intake {
    /// Another source begins: its first interface is another one than the last source's.
    pub(crate) fn next_source(&mut self) {
        self.before = self.before.saturating_add(self.interfaces);
        self.interfaces = 0;
    }

    /// Takes items into `audit` until the source has none or `enough` (asked after each item with the source and the packets so far) says
    /// so. `each` sees every item before the audit does (and may tell the audit something first), a packet with what was dissected of it.
    #[inline]
    pub(crate) fn take(
        &mut self,
        file: &mut CaptureFile,
        audit: &mut Audit,
        mut each: impl FnMut(&mut Audit, &Item<'_>, Option<&Frame<'_>>),
        mut enough: impl FnMut(&CaptureFile, u64) -> bool,
    ) -> Came {
        loop {
            let item = match file.next_item() {
                Ok(Some(item)) => item,
                Ok(None) => return Came::End,
                Err(stop) if stop.reason == StopReason::Quiet => return Came::Quiet,
                Err(stop) => return Came::Broken(stop),
            };
            match item {
                // Nobody wants to see: it passes, and nothing is known of it.
                Item::Packet(_) if self.blind => {}
                Item::Packet(p) => {
                    let captured = u32::try_from(p.data.len()).unwrap_or(u32::MAX);
                    let frame = dissect(LinkType(p.link_type), p.data, p.original_len);
                    each(audit, &item, Some(&frame));
                    audit.observe(Timestamp(p.at_ns), &frame, captured, p.original_len, p.uid);
                    self.packets += 1;
                }
                Item::App { uid, package, label } => {
                    each(audit, &item, None);
                    let text = |b: &[u8]| (!b.is_empty()).then(|| String::from_utf8_lossy(b).into_owned());
                    audit.name_app(uid, text(package).as_deref(), text(label).as_deref());
                }
                Item::Drops {
                    interface,
                    by_system,
                    by_interface,
                } => {
                    each(audit, &item, None);
                    audit.note_drops(self.before.saturating_add(interface), by_system, by_interface);
                }
                Item::Interface { link_type, name } => {
                    each(audit, &item, None);
                    self.interfaces = self.interfaces.saturating_add(1);
                    note_interface(audit, link_type, name);
                }
            }
            if enough(file, self.packets) {
                return Came::Enough;
            }
        }
    }
}

/// The gaps of an audit that was live, as its packets are read again: each is told before the first packet behind its edge.
#[derive(Debug, Default)]
pub(crate) struct Gaps(VecDeque<(Timestamp, Option<GapReason>)>);

impl Gaps {
    pub(crate) fn new(gaps: &[Gap]) -> Self {
        let edges = |gap: &Gap| [Some((gap.from, Some(gap.reason))), gap.to.map(|to| (to, None))];
        Self(gaps.iter().flat_map(edges).flatten().collect())
    }

    /// Tells the audit of all edges up to a packet's time.
    #[inline]
    pub(crate) fn tell(&mut self, audit: &mut Audit, item: &Item<'_>) {
        if let (false, Item::Packet(packet)) = (self.0.is_empty(), item) {
            self.tell_until(audit, Timestamp(packet.at_ns));
        }
    }

    fn tell_until(&mut self, audit: &mut Audit, until: Timestamp) {
        while let Some((at, reason)) = self.0.pop_front_if(|(at, _)| *at <= until) {
            match reason {
                Some(reason) => audit.begin_gap(at, reason),
                None => audit.end_gap(at),
            }
        }
    }

    /// Tells the audit of what is left.
    pub(crate) fn tell_rest(mut self, audit: &mut Audit) {
        self.tell_until(audit, Timestamp(i64::MAX));
    }
}

/// Reads all of `file` into `audit`; `tick` is called about four times a second and may break off.
pub fn read_capture(
    file: &mut CaptureFile,
    audit: &mut Audit,
    tick: impl FnMut(&mut Audit, Progress) -> ControlFlow<()>,
) -> Ended {
    read_with_gaps(file, audit, Gaps::default(), tick)
}

/// As [`read_capture`], for a recording of an audit that was live.
pub(crate) fn read_with_gaps(
    file: &mut CaptureFile,
    audit: &mut Audit,
    mut gaps: Gaps,
    mut tick: impl FnMut(&mut Audit, Progress) -> ControlFlow<()>,
) -> Ended {
    let began = Instant::now();
    let mut last_tick = began;
    let mut intake = Intake::default();
    audit.source_mut().format = file.format();
    audit.source_mut().file_bytes = file.total_bytes();
    loop {
        let look_at = intake.packets + PACKETS_PER_LOOK;
        let before = |audit: &mut Audit, item: &Item<'_>, _: Option<&Frame<'_>>| gaps.tell(audit, item);
        match intake.take(file, audit, before, |_, packets| packets >= look_at) {
            // A file that lets wait (on a network's disk) is asked again.
            Came::Enough | Came::Quiet => {}
            Came::End => {
                gaps.tell_rest(audit);
                return Ended::Finished;
            }
            Came::Broken(stop) => {
                gaps.tell_rest(audit);
                note_stop(audit, &stop);
                return Ended::Finished;
            }
        }
        let now = Instant::now();
        if now.duration_since(last_tick) >= TICK {
            last_tick = now;
            let progress = progress(file, intake.packets, now.duration_since(began));
            if tick(audit, progress).is_break() {
                audit.source_mut().cancelled = true;
                return Ended::Cancelled;
            }
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "an estimate for a person")]
fn progress(file: &CaptureFile, packets: u64, spent: Duration) -> Progress {
    let (read_bytes, total_bytes) = (file.read_bytes(), file.total_bytes());
    let seconds_left = (read_bytes > 0 && spent >= TICK && total_bytes >= read_bytes)
        .then(|| spent.as_secs_f64() * (total_bytes - read_bytes) as f64 / read_bytes as f64);
    Progress {
        read_bytes,
        total_bytes,
        packets,
        seconds_left,
    }
}

fn note_stop(audit: &mut Audit, stop: &Stop) {
    let source = audit.source_mut();
    source.stopped = Some(stop.to_string());
    source.stopped_at = Some(stop.at);
}

/// Interfaces and link types named in a summary; a file may describe thousands, a person reads a few.
const MAX_NAMED_INTERFACES: usize = 32;

fn note_interface(audit: &mut Audit, link_type: u16, name: Option<&[u8]>) {
    let source = audit.source_mut();
    let link = LinkType(link_type).to_string();
    if !source.link_types.contains(&link) && source.link_types.len() < MAX_NAMED_INTERFACES {
        source.link_types.push(link);
    }
    if let Some(name) = name.map(String::from_utf8_lossy)
        && source.interfaces.len() < MAX_NAMED_INTERFACES
    {
        let name: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
        // A live audit begins its device anew after each pause.
        if source.live.is_none() || !source.interfaces.contains(&name) {
            source.interfaces.push(name);
        }
    }
}
