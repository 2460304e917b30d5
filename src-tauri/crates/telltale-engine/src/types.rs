//! Plain types of the engine's API: cards, queries, pages.

use crate::apps::ServerApp;
use crate::live::LiveNow;
use crate::read::Progress;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use telltale_core::model::{
    Basis, DeviceId, DnsAnswer, Flow, Grade, Hello, HttpHost, Purpose, RowFilter, Server, ServerId, Summary, Timeline,
    Timestamp,
};

/// Where an audit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditState {
    /// Its file is being read.
    Reading,
    /// Read to the end, or to the damage.
    Done,
    /// The user broke it off.
    Cancelled,
    /// The program ended while reading or watching.
    Interrupted,
    /// Watched at the moment: see [`AuditNow::live`]. Stored as `reading`.
    Live,
}

/// One audit in the list.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditCard {
    /// Its number in the store.
    pub id: u32,
    /// The user's name for it, at first the file's.
    pub name: String,
    /// The user's notes.
    pub description: String,
    /// When it was opened here.
    pub opened: Timestamp,
    /// Where it stands.
    pub state: AuditState,
    /// First and last packet.
    pub span: Option<(Timestamp, Timestamp)>,
    /// Grade by the profile of the settings.
    pub grade: Option<Grade>,
    /// Server rows.
    pub servers: u32,
    /// Companies.
    pub companies: u32,
    /// Companies that measure or follow.
    pub tracker_companies: u32,
    /// Octets between devices and remotes, both ways.
    pub bytes: u64,
    /// Where it was (or is) watched live; `None`: the audit of a file.
    pub live_source: Option<String>,
    /// Octets of its recording on the disk.
    pub recording_bytes: u64,
    /// The user wants it kept whatever its age.
    pub keep: bool,
}

/// An audit as it is now.
#[derive(Clone, Debug)]
pub struct AuditNow {
    /// Its card.
    pub card: AuditCard,
    /// Its summary.
    pub summary: Arc<Summary>,
    /// How far the reading is, while it goes on.
    pub progress: Option<Progress>,
    /// How it stands, while it is live.
    pub live: Option<LiveNow>,
    /// Why what was read could not be stored, if so: what is not on the disk lives in memory only. A live audit tries again until it can.
    pub problem: Option<String>,
}

/// Answer to opening a file.
#[derive(Clone, Debug)]
pub enum Opened {
    /// Reading began as this audit.
    Started(u32),
    /// The same content was opened before.
    Before(AuditCard),
}

/// Which rows of a table, in which order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TableQuery {
    /// Free text; empty: all rows.
    pub search: String,
    /// Column key; an unknown one sorts by octets.
    pub sort: String,
    /// Largest first.
    pub descending: bool,
    /// Purposes, clear text, nameless.
    pub filter: RowFilter,
    /// This company only; `Some("")`: none known.
    pub company: Option<String>,
    /// Network registered here only; `Some("")`: not known.
    pub country: Option<String>,
    /// This device only.
    pub device: Option<DeviceId>,
    /// Flows of this server only.
    pub server: Option<ServerId>,
    /// This app only, by its key (see `apps`).
    pub app: Option<String>,
    /// First row wanted.
    pub offset: u32,
    /// Rows wanted; at most [`MAX_PAGE`].
    pub limit: u32,
}

/// Rows of one page at most.
pub const MAX_PAGE: u32 = 500;

/// A window of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// Rows that match in all.
    pub total: u32,
    /// The rows asked for.
    pub rows: Vec<T>,
}

/// A flow with the words that its ids stand for.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowRow {
    /// The flow.
    pub flow: Flow,
    /// Company of its server.
    pub company: Option<String>,
    /// Purpose of its server.
    pub purpose: Purpose,
    /// Name of its app.
    pub app: Option<String>,
    /// How that is known: observed where the capture marks it, inferred where the phone's own report names exactly one.
    pub app_basis: Option<Basis>,
}

/// Everything about one server row.
#[derive(Clone, Debug)]
pub struct ServerDetail {
    /// The row.
    pub server: Server,
    /// DNS answers that led to it.
    pub dns: Vec<DnsAnswer>,
    /// Hellos of its flows.
    pub hellos: Vec<Hello>,
    /// Clear-text requests of its flows.
    pub http_hosts: Vec<HttpHost>,
    /// Its first flows.
    pub flows: Page<FlowRow>,
    /// Apps that contacted it, as far as they are known.
    pub apps: Vec<ServerApp>,
    /// Its octets over time, each flow's spread evenly over its duration.
    pub timeline: Timeline,
}
