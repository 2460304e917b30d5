//! Runs audits and owns the store: the API under window, terminal and tests.
//!
//! [`Engine`] is what the shells hold: it opens captures, keeps what is running, answers for tables and saves reports. The terminal
//! uses [`read_capture`] and [`atlas`] without a store. Here is the wall clock, the disk, tokio; never here: `tauri`, a word of the
//! window, dissecting or judging (that is the core's).
#![forbid(unsafe_code)]

mod api;
mod apps;
mod audits;
mod begin;
mod checks;
mod clock;
mod detail;
mod doors;
mod error;
pub mod examine;
mod fingerprint;
mod hotspot;
mod incidents;
mod live;
mod mesh;
mod outputs;
mod password;
mod probe_file;
mod probes;
mod read;
mod recording;
mod report;
mod results;
mod retention;
mod save;
mod settings;
mod stamps;
mod steps;
mod store;
mod tables;
mod types;

pub use apps::{AccessSum, AppDetail, AppDomain, AppRow, AppsPage, ImportedReport, ReportProblem, ServerApp};
pub use clock::now;
pub use doors::{Door, DoorError, DoorHandle, DoorPhase, DoorProblem, DoorState, DoorStream, DoorWish};
pub use error::EngineError;
pub use fingerprint::sha256;
pub use hotspot::{HotspotNow, Joined};
pub use live::{
    DoorNow, LiveNow, LiveRequest, LiveSource, LiveState, Notice, PacketFilter, RECENT_SECONDS, Rate, Recording,
    RecordingNow,
};
pub use read::{Ended, Progress, read_capture};
pub use recording::{Recorder, open_recording, segment_bytes};
pub use report::ReportFormat;
pub use retention::Leaving;
pub use save::{save, save_bytes};
pub use settings::{ScoreProfile, Settings};
pub use stamps::Stamps;
pub use tables::atlas;
pub use telltale_capture::{
    CaptureError, CaptureFile, Counters, Device, DeviceAddress, DeviceError, DeviceKind, FilterError, FilterErrorKind,
    GrantError, Hindrance, LooksLike, Rights, devices, mac_text,
};
pub use telltale_hotspot::{
    Band, Cause, Check, Ending, Failure, HotspotDevice, HotspotError, QrCode, Suggestion, WhyNot, Wish,
};
pub use telltale_report::Language;
pub use types::{AuditCard, AuditNow, AuditState, FlowRow, MAX_PAGE, Opened, Page, ServerDetail, TableQuery};

use audits::{Now, Reading, Running, check_name};
use live::Notices;
use read::Gaps;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::{NewAudit, Store, StoredAudit};
use telltale_core::audit::AuditOptions;
use telltale_core::model::{PandoreSettings, Score, Server, Summary};
use telltale_core::score;
use tokio::sync::watch;

/// Ended readings remembered for [`Engine::touched_since`]: far more than can end between two looks of a follower.
const MAX_ENDED: usize = 64;

/// What an audit's thread calls when there is something new to show.
type Changed = Arc<dyn Fn() + Send + Sync>;
/// What it calls at its end.
type AtEnd = Box<dyn FnOnce(AuditState, Now) + Send>;

/// The engine: cheap to clone, one for each data folder.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    store: Arc<Store>,
    folder: PathBuf,
    running: Mutex<BTreeMap<u32, Arc<Running>>>,
    /// Readings that ended of late, each with the revision before its end was told.
    ended: Mutex<VecDeque<(u64, u32)>>,
    hotspot: hotspot::Desk,
    mesh: mesh::Desk,
    /// What was worth telling of live audits.
    notices: Arc<Notices>,
    /// Grows whenever there is something new to show.
    revision: watch::Sender<u64>,
    /// How often probes, results, the mesh ... have changed.
    stamps: stamps::Counters,
    /// Number of the newest result.
    newest_result: watch::Sender<i64>,
    /// Number of the newest change of an incident.
    newest_incident: watch::Sender<i64>,
    /// The behaviours of probes.
    probes: probes::Desk,
    /// The HTTP interface.
    api: api::Desk,
    outputs: outputs::Desk,
    incidents: incidents::Desk,
    copying: recording::Copying,
    /// Held while the ages of audits are looked at.
    ages: tokio::sync::Mutex<()>,
    /// That this program, and no other, works with the folder.
    mark: begin::Mark,
    runtime: tokio::runtime::Handle,
}

impl Engine {
    /// Opens the engine on a data folder, which is made where it is missing. Call inside a tokio runtime.
    pub async fn open(folder: &Path) -> Result<Self, EngineError> {
        std::fs::create_dir_all(folder).map_err(EngineError::file(folder))?;
        let store = Arc::new(Store::open(&folder.join("telltale.sqlite")).await?);
        let inner = Inner {
            store,
            folder: folder.to_owned(),
            running: Mutex::default(),
            ended: Mutex::default(),
            notices: Arc::default(),
            hotspot: hotspot::Desk::default(),
            mesh: mesh::Desk::default(),
            revision: watch::Sender::new(0),
            stamps: stamps::Counters::default(),
            newest_result: watch::Sender::new(0),
            newest_incident: watch::Sender::new(0),
            probes: probes::Desk::default(),
            api: api::Desk::default(),
            outputs: outputs::Desk::default(),
            incidents: incidents::Desk::default(),
            copying: recording::Copying::default(),
            ages: tokio::sync::Mutex::default(),
            mark: begin::Mark::default(),
            runtime: tokio::runtime::Handle::current(),
        };
        let engine = Self { inner: Arc::new(inner) };
        if let Err(e) = engine.tidy_recordings().await {
            tracing::warn!("recordings without an audit are still there: {e}");
        }
        engine.watch_ages().await;
        Ok(engine)
    }

    /// Ends what is running (it is kept as interrupted work is: up to the last step) and closes the store.
    pub async fn close(&self) {
        self.stop_agent().await;
        self.inner.probes.end().await;
        self.inner.api.close().await;
        self.inner.outputs.end().await;
        self.inner.incidents.end().await;
        let mut changes = self.changes();
        for running in self.running().values() {
            running.cancel();
        }
        // One that could not be stored has ended already; it is listed only so that it can still be looked at.
        while self.running().values().any(|r| !r.now().over) {
            if changes.changed().await.is_err() {
                break;
            }
        }
        self.inner.copying.end().await;
        self.inner.store.close().await;
    }

    /// Tells when there is something new to show; the number only grows.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.inner.revision.subscribe()
    }

    /// Opens the capture at `path`; when the same content was opened before and `again` is false, says so instead.
    pub async fn open_capture(&self, path: &Path, again: bool) -> Result<Opened, EngineError> {
        let path = std::path::absolute(path).map_err(EngineError::file(path))?;
        let file = audits::open(&path)?;
        let fingerprint = fingerprint::fingerprint(&path)?;
        if !again && let Some(before) = self.inner.store.audit_of(&fingerprint).await? {
            let settings = self.settings().await?;
            let shown = self.running().get(&before.id).map(|r| r.now().clone());
            return Ok(Opened::Before(self.card(&before, shown.as_ref(), &settings)));
        }
        let name = path
            .file_stem()
            .map_or_else(|| "capture".to_owned(), |n| n.to_string_lossy().into_owned());
        let new = NewAudit {
            name: &name,
            opened: now(),
            path: &path,
            fingerprint: &fingerprint,
        };
        let id = self.inner.store.add(&new).await?;
        self.start(Reading {
            id,
            file,
            audit: audits::begin(AuditOptions::default(), &path),
            gaps: Gaps::default(),
            path: Some(path),
            ends_as: AuditState::Done,
        });
        Ok(Opened::Started(id))
    }

    /// Opens the example capture that ships.
    pub async fn open_example(&self) -> Result<Opened, EngineError> {
        let path = self.inner.folder.join("example.pcapng");
        save(&path, |w| {
            w.write_all(tables::EXAMPLE).map_err(EngineError::file(&path))
        })?;
        self.open_capture(&path, false).await
    }

    /// Reads the file (or recording) of an audit again with the user's choice of devices; a live one goes on after that.
    pub async fn set_devices(&self, id: u32, devices: Vec<IpAddr>) -> Result<(), EngineError> {
        let devices = (!devices.is_empty()).then_some(devices);
        if let Ok(running) = self.live(id) {
            return self.watch_others(id, &running, devices).await;
        }
        if self.running().contains_key(&id) {
            return Err(EngineError::Busy);
        }
        let stored = self.inner.store.audit(id).await?;
        if let Some((request, _)) = self.inner.store.live(id).await? {
            return self.read_recording(stored, &request, devices).await;
        }
        let same = fingerprint::fingerprint(&stored.path).is_ok_and(|f| f == stored.fingerprint);
        if !same {
            return Err(EngineError::CaptureGone(stored.path));
        }
        let file = audits::open(&stored.path)?;
        self.inner.store.restart(id, devices.as_deref()).await?;
        let options = AuditOptions {
            devices,
            keep_evidence: true,
        };
        self.start(Reading {
            id,
            file,
            audit: audits::begin(options, &stored.path),
            gaps: Gaps::default(),
            path: Some(stored.path),
            ends_as: AuditState::Done,
        });
        Ok(())
    }

    fn start(&self, reading: Reading) {
        let (store, runtime) = (Arc::clone(&self.inner.store), self.inner.runtime.clone());
        self.run(reading.id, move |changed, ended| {
            audits::start(reading, store, &runtime, changed, ended)
        });
    }

    /// Lists what `start` sets going; it is given what to call when there is something new to show, and at the end.
    fn run(&self, id: u32, start: impl FnOnce(Changed, AtEnd) -> Arc<Running>) {
        let (mine, theirs) = (self.clone(), self.clone());
        // Held until the entry stands, so that a short file cannot end before it is listed.
        let mut list = self.running();
        let running = start(
            Arc::new(move || mine.inner.revision.send_modify(|r| *r += 1)),
            Box::new(move |state, last| theirs.ended(id, state, &last)),
        );
        list.insert(id, running);
        drop(list);
        self.inner.revision.send_modify(|r| *r += 1);
    }

    fn ended(&self, id: u32, state: AuditState, last: &Now) {
        // An audit that could not be stored stays in memory, so that it can still be looked at and saved elsewhere.
        if last.problem.is_none() {
            let stored = self.inner.runtime.block_on(self.inner.store.set_state(id, state));
            if let Err(e) = stored {
                tracing::error!("the end of audit {id} cannot be stored: {e}");
            }
            self.inner.store.forget_order();
            let mut ended = self.inner.ended.lock().unwrap_or_else(PoisonError::into_inner);
            ended.push_back((*self.inner.revision.borrow(), id));
            if ended.len() > MAX_ENDED {
                ended.pop_front();
            }
            self.running().remove(&id);
        }
    }

    /// Breaks the reading off; what was read is kept.
    pub fn cancel(&self, id: u32) {
        if let Some(running) = self.running().get(&id) {
            running.cancel();
        }
    }

    /// All audits, newest first.
    pub async fn cards(&self) -> Result<Vec<AuditCard>, EngineError> {
        // First what runs: one that ends meanwhile is shown as it was, never half as it was and half as it is stored.
        let shown: BTreeMap<u32, Now> = self
            .running()
            .iter()
            .map(|(id, running)| (*id, running.now().clone()))
            .collect();
        let settings = self.settings().await?;
        let stored = self.inner.store.audits().await?;
        let card = |stored: &StoredAudit| self.card(stored, shown.get(&stored.id), &settings);
        Ok(stored.iter().map(card).collect())
    }

    fn card(&self, stored: &StoredAudit, shown: Option<&Now>, settings: &Settings) -> AuditCard {
        let summary = shown.map(|s| &*s.summary).or(stored.summary.as_ref());
        let live = shown.is_some_and(|s| s.live.is_some());
        let span = summary.and_then(|s| s.span);
        AuditCard {
            id: stored.id,
            name: stored.name.clone(),
            description: stored.description.clone(),
            opened: stored.opened,
            state: if live { AuditState::Live } else { stored.state },
            span: span.map(|s| (s.first, s.last)),
            grade: summary.and_then(|s| score_of(s, settings.score_profile, &settings.pandore).ok()?.grade),
            servers: summary.map_or(0, |s| s.servers),
            companies: summary.map_or(0, |s| s.company_count),
            tracker_companies: summary.map_or(0, |s| s.tracker_companies),
            bytes: summary.map_or(0, |s| s.coverage.bytes),
            live_source: stored.live_source.clone(),
            recording_bytes: recording::bytes(&self.inner.folder, stored.id),
            keep: stored.keep,
        }
    }

    /// One audit as it is now.
    pub async fn audit(&self, id: u32) -> Result<AuditNow, EngineError> {
        let shown = self.running().get(&id).map(|r| r.now().clone());
        let stored = self.inner.store.audit(id).await?;
        let settings = self.settings().await?;
        let card = self.card(&stored, shown.as_ref(), &settings);
        if let Some(now) = shown {
            return Ok(AuditNow {
                card,
                summary: now.summary,
                progress: (now.live.is_none() && now.problem.is_none()).then_some(now.progress),
                live: now.live,
                problem: now.problem,
            });
        }
        // Killed before the first step was stored: the audit is there, and nothing was read of it.
        let none = || audits::begin(AuditOptions::default(), &stored.path).summary();
        let summary = Arc::new(stored.summary.unwrap_or_else(none));
        Ok(AuditNow {
            card,
            summary,
            progress: None,
            live: None,
            problem: None,
        })
    }

    /// Numbers of the audits that are being read, and of those whose reading ended after the follower saw `revision` in
    /// [`Self::changes`]: a short file may begin and end between two looks.
    pub fn touched_since(&self, revision: u64) -> BTreeSet<u32> {
        let mut touched: BTreeSet<u32> = self.running().keys().copied().collect();
        let ended = self.inner.ended.lock().unwrap_or_else(PoisonError::into_inner);
        touched.extend(ended.iter().filter(|(at, _)| *at >= revision).map(|(_, id)| *id));
        touched
    }

    /// Numbers of the audits that are being read.
    pub fn reading(&self) -> Vec<u32> {
        self.running().keys().copied().collect()
    }

    /// Gives an audit a name and notes.
    pub async fn rename(&self, id: u32, name: &str, description: &str) -> Result<(), EngineError> {
        let name = name.trim();
        check_name(name, description)?;
        self.inner.store.rename(id, name, description).await?;
        self.inner.revision.send_modify(|r| *r += 1);
        Ok(())
    }

    /// Removes an audit; it can be brought back by [`Self::restore`] until the program is started the next time.
    pub async fn remove(&self, id: u32) -> Result<(), EngineError> {
        self.cancel(id);
        self.inner.store.set_removed(id, Some(now())).await?;
        self.inner.revision.send_modify(|r| *r += 1);
        Ok(())
    }

    /// Brings a removed audit back.
    pub async fn restore(&self, id: u32) -> Result<(), EngineError> {
        self.inner.store.set_removed(id, None).await?;
        self.inner.revision.send_modify(|r| *r += 1);
        Ok(())
    }

    /// A window of the server table.
    pub async fn servers(&self, id: u32, query: &TableQuery) -> Result<Page<Server>, EngineError> {
        let app = self.of_app(id, query.app.as_deref()).await?;
        let live = self.running().contains_key(&id);
        self.inner.store.servers(id, query, app.as_ref(), live).await
    }

    /// A window of the flow table.
    pub async fn flows(&self, id: u32, query: &TableQuery) -> Result<Page<FlowRow>, EngineError> {
        let apps = self.audit(id).await?.summary.apps.clone();
        let live = self.running().contains_key(&id);
        let app = self.of_app(id, query.app.as_deref()).await?;
        let mut page = self.inner.store.flows(id, query, &apps, app.as_ref(), live).await?;
        self.name_flow_apps(id, &mut page.rows).await?;
        Ok(page)
    }

    /// The score of an audit by a profile.
    pub async fn score(&self, id: u32, profile: ScoreProfile, pandore: &PandoreSettings) -> Result<Score, EngineError> {
        score_of(&self.audit(id).await?.summary, profile, pandore)
    }

    /// The user's choices.
    pub async fn settings(&self) -> Result<Settings, EngineError> {
        self.inner.store.settings().await
    }

    /// Stores the user's choices.
    pub async fn save_settings(&self, settings: &Settings) -> Result<(), EngineError> {
        check(&settings.pandore)?;
        settings.check()?;
        self.inner.store.save_settings(settings).await?;
        // A new limit is announced at once.
        self.retain(now()).await
    }

    fn running(&self) -> MutexGuard<'_, BTreeMap<u32, Arc<Running>>> {
        self.inner.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn check(settings: &PandoreSettings) -> Result<(), EngineError> {
    settings.check().map_err(|e| EngineError::InvalidInput(e.to_string()))
}

fn score_of(summary: &Summary, profile: ScoreProfile, settings: &PandoreSettings) -> Result<Score, EngineError> {
    match profile {
        ScoreProfile::Telltale => Ok(summary.score.clone()),
        ScoreProfile::Pandore => {
            score::pandore(&summary.pandore, settings).map_err(|e| EngineError::InvalidInput(e.to_string()))
        }
    }
}
