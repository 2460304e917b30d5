//! Where a live audit's packets come from: the capture program, or a door to the phone's own capture; opened, stopped, and how it ended.
//!
//! Called by [`super::watch`] on the audit's thread. Never here: what happens then (see [`super::course`]), packets.

use super::course::{Again, Hindrance};
use super::types::LiveSource;
use std::io::Read;
use std::time::Duration;
use telltale_capture::{Capd, CapdEnd, CapdError, CapdRequest};
use telltale_core::model::GapReason;

/// How long a read waits at most: the thread looks at its clocks and its reins in between.
const BEAT: Duration = Duration::from_millis(50);
/// Between two looks whether a device is back, or the right was given.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// An opened source: what is read, and what it is held by. A read that nothing answers fails after a while as timed out.
pub(super) struct Source {
    pub(super) reader: Box<dyn Read + Send>,
    pub(super) hold: Hold,
}

/// By what a source is stopped.
pub(super) enum Hold {
    /// The capture program.
    Capd(Capd),
}

/// Opens a source, with a filter expression that was checked before.
pub(super) fn open(source: &LiveSource, filter: Option<&str>) -> Result<Source, Hindrance> {
    match source {
        LiveSource::Device { name } => {
            let request = CapdRequest {
                device: name.clone(),
                snap_len: None,
                promiscuous: true,
                filter: filter.map(str::to_owned),
            };
            let (mut output, capd) = Capd::spawn(&request).map_err(refused)?;
            output.set_beat(BEAT);
            Ok(Source {
                reader: Box::new(output),
                hold: Hold::Capd(capd),
            })
        }
        _ => Err(Hindrance {
            reason: GapReason::StreamEnded,
            again: Again::OnWish,
            problem: None,
        }),
    }
}

impl Hold {
    /// Asks the source to end: what it saw until now still comes, then its stream ends. `false`: it ends when it is dropped.
    pub(super) fn stop(&mut self) -> bool {
        match self {
            Self::Capd(capd) => capd.stop(),
        }
        true
    }

    /// Why it ended unasked; its reader is gone by now.
    pub(super) fn end(self) -> Hindrance {
        match self {
            Self::Capd(capd) => ended(capd.wait()),
        }
    }
}

fn refused(error: CapdError) -> Hindrance {
    match error {
        CapdError::Ended(end) => ended(end),
        error @ (CapdError::NoProgram | CapdError::Start(_)) => Hindrance {
            reason: GapReason::CaptureEnded,
            again: Again::BackOff,
            problem: Some(error.to_string()),
        },
    }
}

fn ended(end: CapdEnd) -> Hindrance {
    let (reason, again) = match &end {
        CapdEnd::DeviceGone => (GapReason::DeviceGone, Again::Every(LOOK_AGAIN)),
        // The same filter will not do next time either.
        CapdEnd::BadFilter(_) => (GapReason::CaptureEnded, Again::OnWish),
        CapdEnd::NoRights => (GapReason::CaptureEnded, Again::Every(LOOK_AGAIN)),
        CapdEnd::Stopped | CapdEnd::Failed(_) | CapdEnd::Killed => (GapReason::CaptureEnded, Again::BackOff),
    };
    Hindrance {
        reason,
        again,
        problem: Some(end.to_string()),
    }
}
