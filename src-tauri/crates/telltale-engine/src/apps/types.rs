//! Plain types of the engine's API for apps.

use telltale_core::model::{AccessCategory, Basis, ReportTally, ReportedDomain, ServerId, Timestamp};

/// The apps of an audit.
#[derive(Clone, Debug, PartialEq)]
pub struct AppsPage {
    /// Apps, most octets first.
    pub apps: Vec<AppRow>,
    /// The phone's own report, if one was imported.
    pub imported: Option<ImportedReport>,
}

/// One app of an audit.
#[derive(Clone, Debug, PartialEq)]
pub struct AppRow {
    /// Key for [`crate::TableQuery::app`]; stable as long as the audit is.
    pub key: String,
    /// Name as a person knows it: the capture's label, or that of a well-known bundle identifier.
    pub label: Option<String>,
    /// Package name or bundle identifier.
    pub package: Option<String>,
    /// Observed: the capture marks its packets. Inferred: the phone's own report names the domains.
    pub basis: Basis,
    /// Octets sent; of an inferred app those of servers that no other app of the report contacted.
    pub sent_bytes: u64,
    /// Octets received; see `sent_bytes`.
    pub received_bytes: u64,
    /// Server rows.
    pub servers: u32,
    /// Companies behind these.
    pub companies: u32,
    /// Companies that measure or follow.
    pub tracker_companies: u32,
    /// Flows; 0 of an inferred app, whose flows cannot be told from others' to the same server.
    pub flows: u32,
    /// Servers among `servers` that other apps of the report contacted too: whose octets these are cannot be told.
    pub shared_servers: u32,
    /// Domains that the report names; 0 of an observed app.
    pub domains: u32,
    /// Domains among them that the audit did not see, by any name below them either.
    pub unseen_domains: u32,
    /// Domains among them that Apple marks as such that may profile people.
    pub profiling_domains: u32,
    /// First and last contact; of an inferred app by the phone's clock.
    pub span: Option<(Timestamp, Timestamp)>,
    /// Use of sensors and data, by the phone's own report.
    pub accesses: Vec<AccessSum>,
}

/// How an app used one kind of thing that the phone guards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessSum {
    /// What.
    pub category: AccessCategory,
    /// How often, in all that was imported.
    pub times: u32,
    /// How often while the audit went on (by the phone's clock, with the tolerance of [`telltale_core::apple::CLOCK_TOLERANCE_NS`]).
    pub during: u32,
    /// How often the end was not told.
    pub open: u32,
    /// First time.
    pub first: Option<Timestamp>,
    /// Last time.
    pub last: Option<Timestamp>,
}

/// One app in detail.
#[derive(Clone, Debug, PartialEq)]
pub struct AppDetail {
    /// Its row.
    pub app: AppRow,
    /// What the phone's report says, domain by domain: those with servers in this audit first, then by hits. Empty of an observed app.
    pub domains: Vec<AppDomain>,
}

/// One domain of an app, laid beside the audit.
#[derive(Clone, Debug, PartialEq)]
pub struct AppDomain {
    /// What the report says.
    pub reported: ReportedDomain,
    /// Server rows of exactly this name (or address) in that time.
    pub servers: Vec<ServerId>,
    /// Server rows whose names lie below it, which the report names for no app.
    pub below: u32,
    /// Names of other apps that contacted the same servers, by the report.
    pub shared_with: Vec<String>,
}

/// An app that a server was contacted by.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerApp {
    /// Its key.
    pub key: String,
    /// What it is called.
    pub name: String,
    /// How that is known.
    pub basis: Basis,
    /// Flows of this server that the capture marks as its; 0 of an inferred app.
    pub flows: u32,
}

/// What was imported of the phone's own report.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportedReport {
    /// Name of the newest file, without its folder.
    pub file: String,
    /// Files put together.
    pub files: u32,
    /// Apps named.
    pub apps: u32,
    /// Distinct domains named, over all apps.
    pub domains: u32,
    /// Server rows of the audit that one of them names.
    pub matched_servers: u32,
    /// What became of the lines.
    pub tally: ReportTally,
    /// First and last entry, by the phone's clock.
    pub span: Option<(Timestamp, Timestamp)>,
}
