//! Live audits: packets are looked at while they pass.
//!
//! Called by the shells through [`crate::Engine`]. Here is the supervision of the capture program or of a door to the phone's own
//! capture, what happens when one of them fails, and what a live audit shows beside its summary. Never here: dissecting, judging,
//! SQL, the words of the window.

mod clock;
mod course;
mod device;
mod notices;
mod rates;
mod reins;
mod source;
mod types;
mod watch;

pub use types::{
    DoorNow, LiveNow, LiveRequest, LiveSource, LiveState, Notice, PacketFilter, RECENT_SECONDS, Rate, Recording,
    RecordingNow,
};

pub(crate) use notices::Notices;
pub(crate) use reins::Reins;

use crate::audits::Running;
use crate::tables::atlas;
use crate::{Engine, EngineError, now};
use std::sync::Arc;
use telltale_core::audit::{Audit, AuditOptions};
use telltale_core::model::{LiveFacts, Timestamp};

/// Live audits at one time: each has a thread, and a capture program of its own.
const MAX_AT_ONCE: usize = 16;

impl LiveSource {
    /// In one word: the device, or the address of the door.
    pub(crate) fn plain(&self) -> String {
        match self {
            Self::Device { name } => name.clone(),
            Self::Udp { bind, port } => format!("udp {bind} {port}"),
            Self::Tcp { bind, port } => format!("tcp {bind} {port}"),
            Self::Http { url } => url.clone(),
        }
    }
}

impl Engine {
    /// Starts to watch; the number of the audit. Fails at once where the request itself is wrong (filter, address, no rights); what goes
    /// wrong later is told by [`LiveNow`].
    pub async fn start_live(&self, mut request: LiveRequest) -> Result<u32, EngineError> {
        let filter = device::check(&request)?;
        let live = self.running().values().filter(|r| r.reins().is_some()).count();
        if live >= MAX_AT_ONCE {
            return Err(EngineError::InvalidInput(format!(
                "at most {MAX_AT_ONCE} audits can be live at once"
            )));
        }
        let began = now();
        let source = request.source.plain();
        request.name = match request.name.trim() {
            "" => format!("{source} {}", minute(began)),
            name => name.to_owned(),
        };
        crate::check_name(&request.name, &request.description)?;
        let id = self.inner.store.add_live(&request, &source, began).await?;
        let mut audit = Audit::new(AuditOptions::default(), atlas());
        audit.source_mut().live = Some(LiveFacts {
            source,
            filter: filter.clone(),
            connection: request.connection,
            snap_len: None,
            began,
            ended: None,
        });
        let beginning = watch::Beginning {
            id,
            request,
            filter,
            audit,
            notices: Arc::clone(&self.inner.notices),
        };
        self.run(id, |changed, ended| {
            watch::start(
                beginning,
                Arc::clone(&self.inner.store),
                &self.inner.runtime,
                changed,
                ended,
            )
        });
        Ok(id)
    }

    /// Pauses a live audit: nothing is captured until [`Self::resume`]; the time is told as a gap.
    pub fn pause(&self, id: u32) -> Result<(), EngineError> {
        self.live(id)?.reins().map(Reins::pause);
        Ok(())
    }

    /// Goes on with a paused live audit, or with one that the program's end interrupted.
    #[allow(clippy::unused_async, reason = "one that was interrupted is read again")]
    pub async fn resume(&self, id: u32) -> Result<(), EngineError> {
        self.live(id)?.reins().map(Reins::watch);
        Ok(())
    }

    /// Ends a live audit; what was seen is stored.
    pub fn stop(&self, id: u32) -> Result<(), EngineError> {
        self.live(id)?.cancel();
        Ok(())
    }

    /// What was worth telling since the last call; one follower only.
    pub fn take_notices(&self) -> Vec<Notice> {
        self.inner.notices.take()
    }

    /// The live audit of this number.
    fn live(&self, id: u32) -> Result<Arc<Running>, EngineError> {
        let running = self.running().get(&id).cloned();
        running.filter(|r| r.reins().is_some()).ok_or(EngineError::NotLive(id))
    }
}

/// Year to minute in UTC, as ISO 8601 writes them.
fn minute(at: Timestamp) -> String {
    let seconds = at.0.div_euclid(1_000_000_000);
    // Howard Hinnant, "chrono-compatible low-level date algorithms": eras of 400 years that begin on 1 March.
    let days = seconds.div_euclid(86_400) + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let month = if march_month < 10 {
        march_month + 3
    } else {
        march_month - 9
    };
    format!(
        "{:04}-{month:02}-{:02} {:02}:{:02}",
        year + era * 400 + i64::from(month <= 2),
        day_of_year - (153 * march_month + 2) / 5 + 1,
        seconds.rem_euclid(86_400) / 3_600,
        seconds.rem_euclid(3_600) / 60,
    )
}

#[cfg(test)]
mod tests {
    use super::minute;
    use telltale_core::model::Timestamp;

    #[test]
    fn minutes_are_written_as_dates() {
        let at = |seconds: i64| minute(Timestamp(seconds * 1_000_000_000));
        assert_eq!(at(0), "1970-01-01 00:00");
        assert_eq!(at(951_827_640), "2000-02-29 12:34");
        assert_eq!(at(1_795_349_406), "2026-11-22 12:10");
    }
}
