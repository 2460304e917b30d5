//! What goes over the bridge for apps: those that the capture marks, and those of the phone's own report.

use serde::Serialize;
use specta::Type;
use telltale_core::model::{AccessCategory, Basis, Initiator};

/// The apps of an audit.
#[derive(Clone, Debug, Serialize, Type)]
pub struct AppsView {
    /// Apps, most octets first.
    pub apps: Vec<AppRow>,
    /// The phone's own report, if one was imported.
    pub imported: Option<ImportedReport>,
}

/// One app of an audit.
#[derive(Clone, Debug, Serialize, Type)]
pub struct AppRow {
    /// Key for `TableQuery.app`.
    pub key: String,
    /// Name as a person knows it.
    pub label: Option<String>,
    /// Package name or bundle identifier.
    pub package: Option<String>,
    /// `observed`: the capture marks its packets; `inferred`: the phone's own report names the domains.
    pub basis: Basis,
    /// Octets sent; for `inferred` those of servers that no other app of the report contacted.
    pub sent_bytes: u64,
    /// Octets received; see `sent_bytes`.
    pub received_bytes: u64,
    /// Server rows.
    pub servers: u32,
    /// Companies.
    pub companies: u32,
    /// Companies that measure or follow.
    pub tracker_companies: u32,
    /// Flows; 0 for `inferred`.
    pub flows: u32,
    /// Servers that other apps contacted too: whose octets these are cannot be told.
    pub shared_servers: u32,
    /// Domains that the phone's report names.
    pub domains: u32,
    /// Domains among them that this audit did not see.
    pub unseen_domains: u32,
    /// Domains among them that Apple marks: they may profile people across apps and websites.
    pub profiling_domains: u32,
    /// First and last contact, ms.
    #[specta(type = Option<i32>)]
    pub first_ms: Option<f64>,
    /// See `first_ms`.
    #[specta(type = Option<i32>)]
    pub last_ms: Option<f64>,
    /// Use of sensors and data.
    pub accesses: Vec<AccessView>,
}

/// How sensors and data of the phone were used, as the phone's own report says.
#[derive(Clone, Debug, Serialize, Type)]
pub struct AccessView {
    /// What was used.
    pub category: AccessCategory,
    /// How often, in all that was imported.
    pub times: u32,
    /// How often while the audit went on.
    pub during: u32,
    /// How often the end was not told.
    pub open: u32,
    /// First time, ms.
    #[specta(type = Option<i32>)]
    pub first_ms: Option<f64>,
    /// Last time, ms.
    #[specta(type = Option<i32>)]
    pub last_ms: Option<f64>,
}

/// What was imported of the phone's own report.
#[derive(Clone, Debug, Serialize, Type)]
pub struct ImportedReport {
    /// Name of the newest file.
    pub file: String,
    /// Files put together.
    pub files: u32,
    /// Apps named.
    pub apps: u32,
    /// Domains named.
    pub domains: u32,
    /// Server rows of the audit that one of them names.
    pub matched_servers: u32,
    /// Lines that could not be read.
    pub bad_lines: u32,
    /// Lines of a kind that this version does not know.
    pub unknown_lines: u32,
    /// Records beyond a limit.
    pub dropped: u32,
    /// First entry, ms.
    #[specta(type = Option<i32>)]
    pub first_ms: Option<f64>,
    /// Last entry, ms.
    #[specta(type = Option<i32>)]
    pub last_ms: Option<f64>,
}

/// One app in detail.
#[derive(Clone, Debug, Serialize, Type)]
pub struct AppDetail {
    /// Its row.
    pub app: AppRow,
    /// What the phone's report says, domain by domain: those with servers in this audit first, then by hits. Empty for `observed`.
    pub domains: Vec<AppDomain>,
}

/// One domain that an app contacted, by the phone's own report.
#[derive(Clone, Debug, Serialize, Type)]
pub struct AppDomain {
    /// Host name, or address.
    pub domain: String,
    /// Website that was open in the app.
    pub context: Option<String>,
    /// Company that the report names.
    pub owner: Option<String>,
    /// Apple marks it: it may profile people across apps and websites. `null`: not said.
    pub may_profile: Option<bool>,
    /// Who began it.
    pub initiator: Option<Initiator>,
    /// Contacts in seven days, at least.
    pub hits: u32,
    /// First contact, ms, by the phone's clock.
    #[specta(type = i32)]
    pub first_ms: f64,
    /// Last contact, ms.
    #[specta(type = i32)]
    pub last_ms: f64,
    /// Server rows of exactly this name in that time.
    pub servers: Vec<u32>,
    /// Server rows whose names lie below it, which the report names for no app.
    pub below: u32,
    /// Other apps that contacted the same servers.
    pub shared_with: Vec<String>,
}

/// An app that contacted a server.
#[derive(Clone, Debug, Serialize, Type)]
pub struct ServerApp {
    /// Key for `TableQuery.app`.
    pub key: String,
    /// What it is called.
    pub name: String,
    /// How that is known.
    pub basis: Basis,
    /// Flows that the capture marks as its; 0 for `inferred`.
    pub flows: u32,
}
