//! The octets of an exported file -> a report, line by line and in bounded memory.

use super::{
    gather::Gathered,
    record::{self, Unread},
};
use crate::{
    limits::{MAX_REPORT_LINE_OCTETS, MAX_REPORT_LINES},
    model::{AppReport, ReportTally},
};

/// Mark that some programs put before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Why octets are no report. A few lines that cannot be read do not make it so: they are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAReport {
    /// Nothing but white space.
    Empty,
    /// No line is a record of such a report.
    Foreign,
    /// All its records are of a form older than any that is known.
    TooOld,
    /// It looks like such a report, but (mostly) of a form that this version does not know: better no answer than half of one.
    UnknownForm {
        /// Lines that were understood.
        read: u32,
        /// Lines that were not.
        unread: u32,
    },
}

/// Reads a report: [`Self::feed`] its octets in order, in pieces of any size, then [`Self::finish`].
#[derive(Debug, Default)]
pub struct ReportReader {
    gathered: Gathered,
    /// Of the files before.
    earlier: ReportTally,
    tally: ReportTally,
    too_old: u32,
    /// The line that is not at its end yet.
    line: Vec<u8>,
    /// That line is too long to be kept.
    overlong: bool,
}

impl ReportReader {
    /// A reader that adds to what earlier reports of the same phone said: of what both say it keeps the most and the widest.
    pub fn after(earlier: AppReport) -> Self {
        Self {
            earlier: earlier.tally,
            gathered: Gathered::of(earlier),
            ..Self::default()
        }
    }

    /// Takes the next octets.
    pub fn feed(&mut self, octets: &[u8]) {
        for piece in octets.split_inclusive(|octet| *octet == b'\n') {
            if self.line.len().saturating_add(piece.len()) > MAX_REPORT_LINE_OCTETS {
                self.overlong = true;
                self.line.clear();
            }
            if !self.overlong {
                self.line.extend_from_slice(piece);
            }
            if piece.ends_with(b"\n") {
                self.end_line();
            }
        }
    }

    fn end_line(&mut self) {
        let mut line = std::mem::take(&mut self.line);
        self.take_line(&line);
        line.clear();
        self.line = line;
        self.overlong = false;
    }

    fn take_line(&mut self, line: &[u8]) {
        let tally = &mut self.tally;
        let line = match line.strip_prefix(BYTE_ORDER_MARK) {
            Some(rest) if tally.lines == 0 => rest,
            _ => line,
        };
        let line = line.trim_ascii();
        if line.is_empty() && !self.overlong {
            return;
        }
        if tally.lines >= MAX_REPORT_LINES {
            self.gathered.dropped = self.gathered.dropped.saturating_add(1);
            return;
        }
        tally.lines = tally.lines.saturating_add(1);
        let read = if self.overlong {
            Err(Unread::Bad)
        } else {
            record::read(line)
        };
        match read {
            Ok(record) => self.gathered.take(record),
            Err(Unread::Bad) => tally.bad_lines = tally.bad_lines.saturating_add(1),
            Err(why) => {
                tally.unknown_lines = tally.unknown_lines.saturating_add(1);
                self.too_old = self.too_old.saturating_add(u32::from(why == Unread::TooOld));
            }
        }
    }

    /// The report with everything before it, and how the reading of this file alone went; or why there is none.
    pub fn finish(mut self) -> Result<(AppReport, ReportTally), NotAReport> {
        if !self.line.is_empty() || self.overlong {
            self.end_line();
        }
        let mut tally = self.tally;
        let unread = tally.bad_lines.saturating_add(tally.unknown_lines);
        let read = tally.lines.saturating_sub(unread);
        if tally.lines == 0 {
            return Err(NotAReport::Empty);
        }
        if read == 0 && tally.unknown_lines == 0 {
            return Err(NotAReport::Foreign);
        }
        if read == 0 && self.too_old == tally.unknown_lines {
            return Err(NotAReport::TooOld);
        }
        if read == 0 || tally.bad_lines > read {
            return Err(NotAReport::UnknownForm { read, unread });
        }
        let all = ReportTally {
            lines: self.earlier.lines.saturating_add(tally.lines),
            bad_lines: self.earlier.bad_lines.saturating_add(tally.bad_lines),
            unknown_lines: self.earlier.unknown_lines.saturating_add(tally.unknown_lines),
            dropped: 0,
        };
        tally.dropped = self.gathered.dropped.saturating_sub(self.earlier.dropped);
        Ok((self.gathered.report(all), tally))
    }
}
