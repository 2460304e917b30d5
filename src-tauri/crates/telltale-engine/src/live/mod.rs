//! Live audits: packets are looked at while they pass.
//!
//! Called by the shells through [`crate::Engine`]. Here is the supervision of the capture program or of a door to the phone's own
//! capture, what happens when one of them fails, and what a live audit shows beside its summary. Never here: dissecting, judging,
//! SQL, the words of the window.

mod course;
mod device;
mod notices;
mod rates;
mod reins;
mod source;
mod tell;
mod types;
mod watch;

pub use types::{
    DoorNow, LiveNow, LiveRequest, LiveSource, LiveState, Notice, PacketFilter, RECENT_SECONDS, Rate, Recording,
    RecordingNow,
};

pub(crate) use notices::Notices;
pub(crate) use reins::{Hold, Reins};

use crate::audits::{Reading, Running};
use crate::read::Gaps;
use crate::recording::{self, Recorder};
use crate::store::StoredAudit;
use crate::tables::atlas;
use crate::{AuditState, Engine, EngineError, now};
use source::Source;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use telltale_capture::Only;
use telltale_core::audit::{Audit, AuditOptions};
use telltale_core::model::{Device, DeviceNameSource, LiveFacts, Timestamp};
use watch::{Beginning, Past};

/// Live audits at one time: each has a thread, and a capture program of its own.
const MAX_AT_ONCE: usize = 16;
/// How long a report waits for the store to hold all that was seen.
const PATIENCE: Duration = Duration::from_secs(10);

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
        self.check_room()?;
        let began = now();
        let source = request.source.plain();
        request.name = match request.name.trim() {
            "" => format!("{source} {}", telltale_report::minute(began)),
            name => name.to_owned(),
        };
        crate::check_name(&request.name, &request.description)?;
        let opened = Source::of(&request.source, filter.clone())?;
        let id = self.inner.store.add_live(&request, &source, began).await?;
        let facts = facts(&request, filter, began);
        let beginning = Beginning {
            id,
            recorder: self.recorder(id, request.recording).await?,
            request,
            source: opened,
            audit: audit(AuditOptions::default(), facts, &self.introduced(&source)),
            past: None,
            reins: Arc::default(),
            notices: Arc::clone(&self.inner.notices),
        };
        self.watch(beginning);
        Ok(id)
    }

    /// Pauses a live audit: nothing is captured until [`Self::resume`]; the time is told as a gap.
    pub fn pause(&self, id: u32) -> Result<(), EngineError> {
        self.live(id)?.reins().map(Reins::pause);
        Ok(())
    }

    /// Goes on with a paused live audit, or with one that the program's end interrupted: what it saw is read again from its recording,
    /// which must be whole, and then it watches on without an end of its own.
    pub async fn resume(&self, id: u32) -> Result<(), EngineError> {
        if self.running().contains_key(&id) {
            self.live(id)?.reins().map(Reins::watch);
            return Ok(());
        }
        let stored = self.inner.store.audit(id).await?;
        let (mut request, devices) = self.inner.store.live(id).await?.ok_or(EngineError::NotLive(id))?;
        if stored.state != AuditState::Interrupted {
            return Err(EngineError::NotLive(id));
        }
        self.check_room()?;
        // How much of its time had passed is not known.
        request.duration_s = None;
        self.go_on(stored, request, devices, false).await
    }

    /// Goes on with a live audit after reading its recording.
    async fn go_on(
        &self,
        stored: StoredAudit,
        mut request: LiveRequest,
        devices: Option<Vec<IpAddr>>,
        paused: bool,
    ) -> Result<(), EngineError> {
        let filter = device::check(&request)?;
        let past = self.past(stored.id, &request, &stored)?;
        let source = Source::of(&request.source, filter.clone())?;
        let facts = facts(&request, filter, stored.opened);
        self.inner.store.restart(stored.id, devices.as_deref()).await?;
        request.name = stored.name;
        let reins = Reins::default();
        if paused {
            reins.pause();
        }
        let options = AuditOptions {
            devices,
            ..AuditOptions::default()
        };
        let beginning = Beginning {
            id: stored.id,
            recorder: self.recorder(stored.id, request.recording).await?,
            request,
            source,
            audit: audit(options, facts, stored.summary.as_ref().map_or(&[], |s| &s.devices)),
            past: Some(past),
            reins: Arc::new(reins),
            notices: Arc::clone(&self.inner.notices),
        };
        self.watch(beginning);
        Ok(())
    }

    /// Lets a running live audit be about other devices: it leaves off, reads its recording again, and goes on.
    pub(crate) async fn watch_others(
        &self,
        id: u32,
        running: &Running,
        devices: Option<Vec<IpAddr>>,
    ) -> Result<(), EngineError> {
        let (mut request, _) = self.inner.store.live(id).await?.ok_or(EngineError::NotLive(id))?;
        let reins = running.reins().ok_or(EngineError::NotLive(id))?;
        if !matches!(request.source, LiveSource::Device { .. }) {
            // The phone would take the closed door for the end of its capture.
            return Err(EngineError::Busy);
        }
        self.check_recorded(id, &request)?;
        let ends = running.now().live.as_ref().and_then(|l| l.ends_at);
        let paused = reins.is_paused();
        let mut changes = self.changes();
        reins.leave();
        while self.running().get(&id).is_some_and(|r| !r.now().over) {
            if changes.changed().await.is_err() {
                break;
            }
        }
        if self.running().contains_key(&id) {
            // It could not be stored; what there is stays to be looked at.
            return Err(EngineError::Busy);
        }
        let left = |at: Timestamp| u32::try_from(at.since(now()) / 1_000_000_000).unwrap_or(1).max(1);
        request.duration_s = ends.map(left);
        let stored = self.inner.store.audit(id).await?;
        self.go_on(stored, request, devices, paused).await
    }

    /// Has everything of a live audit stored, and then nothing as long as the answer is held.
    pub(crate) async fn hold(&self, id: u32) -> Result<Hold, EngineError> {
        let running = self.live(id)?;
        let held = running.reins().ok_or(EngineError::NotLive(id))?.hold();
        let held = tokio::time::timeout(PATIENCE, held).await.ok().flatten();
        held.ok_or(EngineError::Busy)
    }

    /// Reads the recording of a live audit that has ended again, with the user's choice of devices.
    pub(crate) async fn read_recording(
        &self,
        stored: StoredAudit,
        request: &LiveRequest,
        devices: Option<Vec<IpAddr>>,
    ) -> Result<(), EngineError> {
        let id = stored.id;
        let Past { file, gaps } = self.past(id, request, &stored)?;
        let file = file.ok_or(EngineError::NoRecording(id))?;
        let introduced = stored.summary.as_ref().map_or_else(Vec::new, |s| s.devices.clone());
        let before = stored.summary.and_then(|s| s.source.live);
        let filter = device::expression(&request.filter).ok().flatten();
        let facts = before.unwrap_or_else(|| facts(request, filter, stored.opened));
        self.inner.store.restart(id, devices.as_deref()).await?;
        let options = AuditOptions {
            devices,
            ..AuditOptions::default()
        };
        let audit = audit(options, facts, &introduced);
        self.start(Reading {
            id,
            file,
            audit,
            gaps,
            path: None,
            ends_as: stored.state,
        });
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
    pub(crate) fn live(&self, id: u32) -> Result<Arc<Running>, EngineError> {
        let running = self.running().get(&id).cloned();
        running.filter(|r| r.reins().is_some()).ok_or(EngineError::NotLive(id))
    }

    fn check_room(&self) -> Result<(), EngineError> {
        let live = self.running().values().filter(|r| r.reins().is_some()).count();
        if live < MAX_AT_ONCE {
            return Ok(());
        }
        Err(EngineError::InvalidInput(format!(
            "at most {MAX_AT_ONCE} audits can be live at once"
        )))
    }

    async fn recorder(&self, id: u32, recording: Recording) -> Result<Option<Recorder>, EngineError> {
        let limit_bytes = u64::from(self.settings().await?.recording_limit_mb) * 1_000_000;
        let folder = recording::folder(&self.inner.folder, id);
        let segment_bytes = recording::segment_bytes(limit_bytes);
        Ok(Recorder::new(&folder, recording, limit_bytes, segment_bytes))
    }

    /// Whether all that an audit saw is (or will be) in its recording: of headers alone no name can be read.
    fn check_recorded(&self, id: u32, request: &LiveRequest) -> Result<(), EngineError> {
        let folder = recording::folder(&self.inner.folder, id);
        let nothing = recording::bytes(&self.inner.folder, id) == 0;
        if request.recording == Recording::Full && (nothing || recording::is_whole(&folder)) {
            return Ok(());
        }
        Err(EngineError::NoRecording(id))
    }

    /// What an audit saw, if its recording holds all of it.
    fn past(&self, id: u32, request: &LiveRequest, stored: &StoredAudit) -> Result<Past, EngineError> {
        self.check_recorded(id, request)?;
        let file = recording::open_recording(&recording::folder(&self.inner.folder, id)).transpose()?;
        let saw = stored.summary.as_ref().is_some_and(|s| s.counts.packets > 0);
        if saw && file.is_none() {
            return Err(EngineError::NoRecording(id));
        }
        let gaps = stored.summary.as_ref().map(|s| Gaps::new(&s.source.gaps));
        Ok(Past {
            file,
            gaps: gaps.unwrap_or_default(),
        })
    }

    fn watch(&self, beginning: Beginning) {
        let (store, runtime) = (Arc::clone(&self.inner.store), self.inner.runtime.clone());
        self.run(beginning.id, move |changed, ended| {
            watch::start(beginning, store, &runtime, changed, ended)
        });
    }
}

/// A live audit before its first packet, with the names of those who introduced themselves before it: a phone asks DHCP once, when it
/// joins.
fn audit(options: AuditOptions, facts: LiveFacts, introduced: &[Device]) -> Audit {
    let mut audit = Audit::new(options, atlas());
    audit.source_mut().live = Some(facts);
    for device in introduced {
        if let (Some(mac), Some(name), Some(DeviceNameSource::Dhcp)) = (&device.mac, &device.name, device.name_source)
            && let Some(Only::Mac(mac)) = Only::parse(mac)
        {
            audit.introduce(mac, name);
        }
    }
    audit
}

/// How a live audit watches.
fn facts(request: &LiveRequest, filter: Option<String>, began: Timestamp) -> LiveFacts {
    LiveFacts {
        source: request.source.plain(),
        filter,
        connection: request.connection,
        snap_len: None,
        began,
        ended: None,
    }
}
