//! The phone's own report laid beside the servers of the audit, once for all forms of a report.
//!
//! Called by the JSON form and the page. Never here: what joins the two (core's), words.

use std::collections::BTreeMap;
use telltale_core::{
    apple::{Joined, JoinedApp, Seen, join},
    model::{AppReport, Outcome, ReportedApp, Server, ServerId},
};

/// A report and what it was joined with.
pub(crate) struct Reported<'a> {
    /// What the phone says.
    pub(crate) report: &'a AppReport,
    joined: Joined,
    servers: BTreeMap<ServerId, &'a Server>,
}

impl<'a> Reported<'a> {
    /// Of an audit into which a report was imported.
    pub(crate) fn of(outcome: &'a Outcome) -> Option<Self> {
        let report = outcome.apps_imported.as_ref()?;
        let seen = outcome.servers.iter().map(|s| Seen {
            id: s.id,
            name: s.name.as_deref(),
            addresses: &s.addresses,
            first: s.first,
            last: s.last,
        });
        Some(Self {
            report,
            joined: join(report, seen),
            servers: outcome.servers.iter().map(|s| (s.id, s)).collect(),
        })
    }

    /// Its apps with their servers.
    pub(crate) fn apps(&self) -> impl Iterator<Item = (&'a ReportedApp, &JoinedApp)> {
        self.report.apps.iter().zip(&self.joined.apps)
    }

    /// The rows of an app's servers.
    pub(crate) fn rows(&self, app: &JoinedApp) -> impl Iterator<Item = &'a Server> {
        app.servers.iter().filter_map(|id| self.servers.get(id).copied())
    }

    /// Whether other apps of the report contacted a server too: whose octets these are cannot be told.
    pub(crate) fn is_shared(&self, server: ServerId) -> bool {
        self.joined.apps_of(server).len() > 1
    }
}
