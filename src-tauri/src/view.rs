//! What goes over the bridge to the window: the only types that TypeScript is written from.
//!
//! Core's model types (summary, flows, servers ...) go as they are; here stand the envelopes around them. Times are
//! milliseconds as `f64` (described to the generator as `i32`, its word for a plain number), ids `u32`, octet counts numbers (2^53
//! octets are enough). Nothing here decides anything.

mod apps;
mod live;
mod mesh;

pub use apps::{AccessView, AppDetail, AppDomain, AppRow, AppsView, ImportedReport, ServerApp};
pub use live::{
    DeviceKind, DeviceView, DoorView, FilterProblem, Hindrance, HotspotCheck, HotspotDevice, HotspotView, HotspotWish,
    Joined, Leaving, LiveRequest, LiveSource, LiveState, LiveView, Notice, PacketFilter, QrCode, Rate, Recording,
    RecordingView, RightsView, WhyNot,
};

pub use mesh::{IncidentPage, InvitationView, Stamps};

use serde::{Deserialize, Serialize};
use specta::Type;
use telltale_core::model::{
    Basis, DeviceId, DnsAnswer, Flow, Hello, HttpHost, Owner, PandoreSettings, Purpose, RowFilter, Server, ServerId,
    Summary, Timeline,
};

/// Where an audit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum AuditState {
    /// The file is being read.
    Reading,
    /// Read to its end (or to the damage: see `summary.source.stopped`).
    Done,
    /// The user stopped the reading; what was read is kept.
    Cancelled,
    /// The program was ended while reading or watching; what was stored until then is kept. A live one can go on.
    Interrupted,
    /// It is live: see [`AuditView::live`].
    Live,
}

/// Everything on the first page.
#[derive(Clone, Debug, Serialize, Type)]
pub struct StartPage {
    /// Earlier audits, newest first.
    pub audits: Vec<AuditCard>,
    /// What will be removed soon because of the user's own limit.
    pub leaving: Vec<Leaving>,
}

/// One audit on the start page.
#[derive(Clone, Debug, Serialize, Type)]
pub struct AuditCard {
    /// Its number in the store.
    pub id: u32,
    /// Name that the user gave, else the file's.
    pub name: String,
    /// The user's own notes.
    pub description: String,
    /// When it was opened here, ms.
    #[specta(type = i32)]
    pub opened_ms: f64,
    /// First and last packet, ms.
    #[specta(type = Option<i32>)]
    pub first_ms: Option<f64>,
    /// See `first_ms`.
    #[specta(type = Option<i32>)]
    pub last_ms: Option<f64>,
    /// Where it stands.
    pub state: AuditState,
    /// Grade by the profile chosen in the settings.
    pub grade: Option<telltale_core::model::Grade>,
    /// Server rows.
    pub servers: u32,
    /// Companies.
    pub companies: u32,
    /// Companies that measure or follow.
    pub tracker_companies: u32,
    /// Octets, both ways.
    pub bytes: u64,
    /// It was (or is) watched live, on this device or door; `None`: the audit of a file.
    pub live_source: Option<String>,
    /// Octets of its recording on the disk.
    pub recording_bytes: u64,
    /// The user wants it kept whatever its age.
    pub keep: bool,
}

/// One audit, opened.
#[derive(Clone, Debug, Serialize, Type)]
pub struct AuditView {
    /// Its card.
    pub card: AuditCard,
    /// Its summary as it is now.
    pub summary: Summary,
    /// Progress, while it is being read.
    pub progress: Option<Progress>,
    /// How it stands, while it is live.
    pub live: Option<LiveView>,
    /// Why what was read could not be stored, if so: the audit is gone when the program ends.
    pub problem: Option<String>,
}

/// How far the reading of a file is.
#[derive(Clone, Copy, Debug, Serialize, Type)]
pub struct Progress {
    /// Octets of the file read (as they lie on the disk).
    pub read_bytes: u64,
    /// Octets of the file.
    pub total_bytes: u64,
    /// Packets so far.
    pub packets: u64,
    /// Seconds left at the present speed; `None` while that is not known.
    #[specta(type = Option<i32>)]
    pub seconds_left: Option<f64>,
}

/// Answer to opening a file.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Opened {
    /// Reading began; follow audit `id`.
    Started {
        /// Its number.
        id: u32,
    },
    /// The same file (same content) was opened before: ask whether to show that audit or read again.
    Before {
        /// The earlier audit.
        card: AuditCard,
    },
}

/// Which rows of a table, in which order.
#[derive(Clone, Debug, Deserialize, Type)]
pub struct TableQuery {
    /// Free text: matches name, address, company, service (and the app, for flows).
    pub search: String,
    /// Key of the column to sort by (`name`, `company`, `purpose`, `country`, `sent_bytes`, `received_bytes`, `flows`, `first`, `last` ...).
    pub sort: String,
    /// Largest or latest first.
    pub descending: bool,
    /// Rows of these purposes, with clear text, without a name.
    pub filter: RowFilter,
    /// Rows of this company only (`""`: rows that no company is known for).
    pub company: Option<String>,
    /// Rows whose network is registered in this country only (`""`: not known).
    pub country: Option<String>,
    /// Rows of this device only.
    pub device: Option<DeviceId>,
    /// Rows (flows) of this server only.
    pub server: Option<ServerId>,
    /// Rows of this app only: an [`AppRow::key`].
    pub app: Option<String>,
    /// First row wanted.
    pub offset: u32,
    /// Rows wanted, at most 500.
    pub limit: u32,
}

/// A window of the server table.
#[derive(Clone, Debug, Serialize, Type)]
pub struct ServerPage {
    /// Rows that match in all.
    pub total: u32,
    /// The rows asked for.
    pub rows: Vec<Server>,
}

/// A window of the flow table.
#[derive(Clone, Debug, Serialize, Type)]
pub struct FlowPage {
    /// Rows that match in all.
    pub total: u32,
    /// The rows asked for.
    pub rows: Vec<FlowRow>,
}

/// A flow with the words that its ids stand for.
#[derive(Clone, Debug, Serialize, Type)]
pub struct FlowRow {
    /// The flow.
    pub flow: Flow,
    /// Company behind its server.
    pub company: Option<String>,
    /// Purpose of its server.
    pub purpose: Purpose,
    /// App, where it is known.
    pub app: Option<String>,
    /// How: `observed` where the capture marks it, `inferred` where the phone's own report names exactly one.
    pub app_basis: Option<Basis>,
}

/// Everything about one server row.
#[derive(Clone, Debug, Serialize, Type)]
pub struct ServerDetail {
    /// The row.
    pub server: Server,
    /// DNS answers that led to it.
    pub dns: Vec<DnsAnswer>,
    /// Hellos that named it.
    pub hellos: Vec<Hello>,
    /// Clear-text requests to it.
    pub http_hosts: Vec<HttpHost>,
    /// Flows in all.
    pub flow_total: u32,
    /// Its first flows, at most 200; the rest through the flow table.
    pub flows: Vec<FlowRow>,
    /// Apps that contacted it, as far as they are known.
    pub apps: Vec<ServerApp>,
    /// Its octets over time, spread over each flow's duration (*inferred*: a flow's octets are not stored packet by packet).
    pub timeline: Timeline,
}

/// What is known of one name or address, without any capture.
#[derive(Clone, Debug, Serialize, Type)]
pub struct LookupRow {
    /// What was asked, as typed.
    pub query: String,
    /// What the tables say; `None` when the text is neither a name nor an address.
    pub owner: Option<Owner>,
}

/// One data set that ships or was put in place by the user.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct DataSetView {
    /// Key that claims name (`asn`, `country`, `third-party-web`, `adguard`, `catalogue` ...).
    pub key: String,
    /// Full name.
    pub name: String,
    /// Version of the package.
    pub version: String,
    /// Date of the data, ISO.
    pub date: String,
    /// SPDX licence.
    pub licence: String,
    /// Credit that the licence asks for.
    pub attribution: String,
    /// Where it comes from.
    pub homepage: String,
    /// Rows in it.
    pub rows: u64,
}

/// Which score the cards show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ScoreProfile {
    /// Telltale's own.
    Telltale,
    /// Pandore's formula.
    Pandore,
}

/// Language of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    En,
    /// French.
    Fr,
}

/// Form of a saved chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ImageKind {
    /// Pixels.
    Png,
    /// Shapes.
    Svg,
}

/// The user's choices.
#[derive(Clone, Debug, Serialize, Deserialize, Type)]
pub struct SettingsView {
    /// `en`, `fr`, or `system`.
    pub language: String,
    /// `light`, `dark`, or `system`.
    pub theme: String,
    /// Which score the cards show.
    pub score_profile: ScoreProfile,
    /// Pandore's numbers.
    pub pandore: PandoreSettings,
    /// What is kept of the packets of a live audit, at first.
    pub recording: Recording,
    /// Octets that the recording of one audit takes at most, in MB.
    pub recording_limit_mb: u32,
    /// Audits older than so many days are removed; `None`: never.
    pub keep_audits_days: Option<u32>,
    /// Recordings older than so many days are removed; `None`: never.
    pub keep_recordings_days: Option<u32>,
    /// Desktop notifications of new trackers and clear text.
    pub notices: bool,
}

/// Which form a report is saved in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ReportFormat {
    /// `telltale.audit/1`.
    Json,
    /// Servers as rows.
    Csv,
    /// One self-contained page.
    Html,
}

/// What the window is told, at most seven times a second; a gap in `revision` means: ask again for what is shown.
#[derive(Clone, Debug, Serialize, Type)]
pub struct LiveUpdate {
    /// Grows by one with each message.
    pub revision: u32,
    /// Audits that changed.
    pub audits: Vec<AuditView>,
    /// Audits that are gone.
    pub removed: Vec<u32>,
    /// Worth telling, since the last message.
    pub notices: Vec<Notice>,
    /// How often what beside the audits has changed.
    pub stamps: Stamps,
}
