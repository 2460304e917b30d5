//! Live audits: packets are looked at while they pass.
//!
//! Called by the shells through [`crate::Engine`]. Here is the supervision of the capture program or of a door to the phone's own
//! capture, what happens when one of them fails, and what a live audit shows beside its summary. Never here: dissecting, judging,
//! SQL, the words of the window.

mod types;

pub use types::{
    DoorNow, LiveNow, LiveRequest, LiveSource, LiveState, Notice, PacketFilter, RECENT_SECONDS, Rate, Recording,
    RecordingNow,
};

use crate::{Engine, EngineError};

/// What this version cannot do yet.
fn not_yet<T>() -> Result<T, EngineError> {
    Err(EngineError::InvalidInput("live audits are not there yet".to_owned()))
}

impl Engine {
    /// Starts to watch; the number of the audit. Fails at once where the request itself is wrong (filter, address, no rights); what goes
    /// wrong later is told by [`LiveNow`].
    #[allow(clippy::unused_async, reason = "filled in next")]
    pub async fn start_live(&self, _request: LiveRequest) -> Result<u32, EngineError> {
        not_yet()
    }

    /// Pauses a live audit: nothing is captured until [`Self::resume`]; the time is told as a gap.
    pub fn pause(&self, _id: u32) -> Result<(), EngineError> {
        not_yet()
    }

    /// Goes on with a paused live audit, or with one that the program's end interrupted.
    #[allow(clippy::unused_async, reason = "filled in next")]
    pub async fn resume(&self, _id: u32) -> Result<(), EngineError> {
        not_yet()
    }

    /// Ends a live audit; what was seen is stored.
    pub fn stop(&self, _id: u32) -> Result<(), EngineError> {
        not_yet()
    }

    /// What was worth telling since the last call; one follower only.
    pub fn take_notices(&self) -> Vec<Notice> {
        Vec::new()
    }
}
