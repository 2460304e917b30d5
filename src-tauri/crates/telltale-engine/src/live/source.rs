//! Where a live audit's packets come from: the capture program, or a door to the phone's own capture; opened, stopped, and how it ended.
//!
//! Called by [`super::watch`] on the audit's thread. Never here: what happens then (see [`super::course`]), packets.

use super::course::{Again, Hindrance};
use super::types::{DoorNow, LiveSource};
use crate::doors::{Door, DoorError, DoorHandle, DoorPhase, DoorStream, DoorWish};
use std::io::Read;
use std::time::Duration;
use telltale_capture::{Capd, CapdEnd, CapdError, CapdRequest};
use telltale_core::model::GapReason;

/// How long a read waits at most: the thread looks at its clocks and its reins in between.
const BEAT: Duration = Duration::from_millis(50);
/// Between two looks whether a device is back, or the right was given.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Where packets come from, for as long as the audit is live.
pub(super) enum Source {
    /// A device, with the filter expression.
    Device { name: String, filter: Option<String> },
    /// An open door: its next stream, if that is there already.
    Door {
        handle: DoorHandle,
        next: Option<DoorStream>,
    },
}

/// A stream of packets. A read that nothing answers fails after a while as timed out.
pub(super) struct Stream {
    pub(super) reader: Box<dyn Read + Send>,
    /// The capture program that writes it.
    capd: Option<Capd>,
}

impl Source {
    /// Of a request, with the filter expression that was made of it; a door is opened at once, so that a wrong address is told.
    pub(super) fn of(source: &LiveSource, filter: Option<String>) -> Result<Self, DoorError> {
        let wish = match source.clone() {
            LiveSource::Device { name } => return Ok(Self::Device { name, filter }),
            LiveSource::Udp { bind, port } => DoorWish::Udp { bind, port },
            LiveSource::Tcp { bind, port } => DoorWish::Tcp { bind, port },
            LiveSource::Http { url } => DoorWish::Http { url },
        };
        let (stream, handle) = Door::open(&wish)?;
        Ok(Self::Door {
            handle,
            next: Some(stream),
        })
    }

    /// Whether its stream goes on while nobody wants to see: a phone that sends its own capture would take a closed door for the end.
    pub(super) const fn goes_on_unseen(&self) -> bool {
        matches!(self, Self::Door { .. })
    }

    /// The filter expression of a device.
    pub(super) fn filter(&self) -> Option<&str> {
        match self {
            Self::Device { filter, .. } => filter.as_deref(),
            Self::Door { .. } => None,
        }
    }

    /// Opens the next stream.
    pub(super) fn open(&mut self) -> Result<Stream, Hindrance> {
        match self {
            Self::Device { name, filter } => {
                if !is_there(name) {
                    return Err(ended(&CapdEnd::DeviceGone));
                }
                let request = CapdRequest {
                    device: name.clone(),
                    snap_len: None,
                    promiscuous: true,
                    filter: filter.clone(),
                };
                let (mut output, capd) = Capd::spawn(&request).map_err(refused)?;
                output.set_beat(BEAT);
                Ok(Stream {
                    reader: Box::new(output),
                    capd: Some(capd),
                })
            }
            Self::Door { handle, next } => {
                let stream = next.take().map_or_else(|| handle.again(), Ok);
                let mut stream = stream.map_err(|e| left(Some(e.to_string())))?;
                stream.set_beat(BEAT);
                Ok(Stream {
                    reader: Box::new(stream),
                    capd: None,
                })
            }
        }
    }

    /// How the door stands; `None`: a device.
    pub(super) fn door(&self) -> Option<DoorNow> {
        let Self::Door { handle, .. } = self else { return None };
        let state = handle.state();
        let peer = match state.phase {
            DoorPhase::Connected { peer } => Some(peer.to_string()),
            DoorPhase::Waiting | DoorPhase::Ended => None,
        };
        Some(DoorNow {
            address: state.address,
            peer,
            refused: state.refused_peers,
            lost: state.lost,
            joined_late: state.joined_late,
        })
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        if let Self::Door { handle, .. } = self {
            handle.close();
        }
    }
}

impl Stream {
    /// Takes the reader out.
    pub(super) fn into_parts(self) -> (Box<dyn Read + Send>, Hold) {
        (self.reader, Hold { capd: self.capd })
    }
}

/// By what a stream is stopped.
pub(super) struct Hold {
    capd: Option<Capd>,
}

impl Hold {
    /// Asks for the end: what was seen until now still comes, then the stream ends. `false`: it ends when the reader is dropped.
    pub(super) fn stop(&mut self) -> bool {
        if let Some(capd) = &mut self.capd {
            capd.stop();
        }
        self.capd.is_some()
    }

    /// Why the stream ended unasked; its reader is gone by now. `said`: what the reader had to say.
    pub(super) fn end(self, said: Option<String>) -> Hindrance {
        let Some(capd) = self.capd else { return left(said) };
        let mut hindrance = ended(&capd.wait());
        if let Some(said) = said.filter(|_| hindrance.reason == GapReason::CaptureEnded) {
            hindrance.problem = Some(match hindrance.problem {
                Some(problem) => format!("{problem}; {said}"),
                None => said,
            });
        }
        hindrance
    }
}

/// Whether a device is there and switched on; asked before the capture program is started for it again and again.
fn is_there(name: &str) -> bool {
    telltale_capture::devices().is_ok_and(|all| all.iter().any(|d| d.name == name && d.up))
}

/// The phone's own capture broke off, or nobody offers one.
const fn left(problem: Option<String>) -> Hindrance {
    Hindrance {
        reason: GapReason::StreamEnded,
        again: Again::Every(LOOK_AGAIN),
        problem,
    }
}

fn refused(error: CapdError) -> Hindrance {
    match error {
        CapdError::Ended(end) => ended(&end),
        error @ (CapdError::NoProgram | CapdError::Start(_)) => Hindrance {
            reason: GapReason::CaptureEnded,
            again: Again::BackOff,
            problem: Some(error.to_string()),
        },
    }
}

fn ended(end: &CapdEnd) -> Hindrance {
    let (reason, again) = match end {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_end_has_its_way_on() {
        let way = |end| {
            let hindrance = ended(&end);
            (hindrance.reason, hindrance.again)
        };
        assert_eq!(
            way(CapdEnd::DeviceGone),
            (GapReason::DeviceGone, Again::Every(LOOK_AGAIN))
        );
        assert_eq!(way(CapdEnd::Killed), (GapReason::CaptureEnded, Again::BackOff));
        assert_eq!(
            way(CapdEnd::BadFilter(String::new())),
            (GapReason::CaptureEnded, Again::OnWish)
        );
    }
}
