//! Apple's App Privacy Report: which app of an iPhone contacted which domain, and used camera, location and the like.
//!
//! Called by `telltale-engine` (import) and `telltale-report`. [`ReportReader`] takes the octets of the exported file, [`join`] lays
//! what it says beside the servers of an audit. Never here: a file, a clock, a claim that something was *observed*: all of this is
//! what the phone says, and joining it with the traffic is *inferred*.
//!
//! The form (Apple, "Inspecting app activity data"; iOS and iPadOS 15.2 or newer): one JSON object a line, `type` is
//! `networkActivity` or `access`. Exports cover seven days and overlap. Of the betas before, the records of guarded resources are
//! read too (`stream` is `com.apple.privacy.accounting.stream.…`, version 3).

mod gather;
mod join;
mod names;
mod reader;
mod record;

#[cfg(test)]
mod tests;

pub use join::{CLOCK_TOLERANCE_NS, Joined, JoinedApp, JoinedDomain, Seen, join};
pub use names::known_name;
pub use reader::{NotAReport, ReportReader};
