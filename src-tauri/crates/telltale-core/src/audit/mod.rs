//! The accumulator: packets go in, an audit comes out, and what a first page needs is ready at any moment.
//!
//! Called by `telltale-engine`, one packet at a time and in the order of the capture. Here is what ties the other modules
//! together: flows, names, devices, owners, tallies. Never here: reading a file, a clock, a table's format, words for people.

mod options;

pub use options::{AuditOptions, Changes};

use crate::{
    enrich::Atlas,
    model::{Outcome, SourceFacts, Summary, Timestamp},
};
use std::sync::Arc;
use telltale_wire::Frame;

/// One examination of what devices said: feed it with [`Audit::observe`], ask [`Audit::summary`] and [`Audit::changes`] at any
/// time, end it with [`Audit::finish`]. Deterministic: the same packets give the same audit.
#[derive(Debug)]
pub struct Audit {
    options: AuditOptions,
    atlas: Arc<Atlas>,
    source: SourceFacts,
}

impl Audit {
    /// An audit without packets.
    pub fn new(options: AuditOptions, atlas: Arc<Atlas>) -> Self {
        Self {
            options,
            atlas,
            source: SourceFacts::default(),
        }
    }

    /// Accounts one packet. `captured_len` and `original_len` are those of its record; `uid` is the Android user id that the
    /// capture names for it beside the packet (pcapng comment), if any.
    pub fn observe(
        &mut self,
        at: Timestamp,
        frame: &Frame<'_>,
        captured_len: u32,
        original_len: u32,
        uid: Option<i32>,
    ) {
        let _ = (at, frame, captured_len, original_len, uid, &self.options, &self.atlas);
    }

    /// The capture names an app (`PCAPdroid`'s UID map).
    pub fn name_app(&mut self, uid: i32, package: Option<&str>, label: Option<&str>) {
        let _ = (uid, package, label);
    }

    /// Packets lost so far on one interface (running number over all sections): totals, each report replaces the last one.
    pub fn note_drops(&mut self, interface: u32, by_kernel: u64, by_interface: u64) {
        let _ = (interface, by_kernel, by_interface);
    }

    /// Where the packets come from; the engine fills it in.
    pub fn source_mut(&mut self) -> &mut SourceFacts {
        &mut self.source
    }

    /// What a first page needs, now. Takes time by what changed since the last call, and by the number of server rows.
    pub fn summary(&mut self) -> Summary {
        unimplemented!()
    }

    /// Rows new or changed since the last call, for the store. Without [`AuditOptions::keep_evidence`] only flows and servers.
    pub fn changes(&mut self) -> Changes {
        Changes::default()
    }

    /// Takes the decisions that wait for the end of the input (names from later DNS answers, devices), so that the next
    /// [`Self::summary`] and [`Self::changes`] are the last ones; [`Self::finish`] does it too.
    pub fn settle(&mut self) {}

    /// The whole audit.
    pub fn finish(self) -> Outcome {
        unimplemented!()
    }
}
