//! Apps: the engine's types -> the window's.

use crate::view::{AccessView, AppDetail, AppDomain, AppRow, AppsView, ImportedReport, ServerApp};
use telltale_core::model::Timestamp;
use telltale_engine as engine;

impl From<engine::AppsPage> for AppsView {
    fn from(page: engine::AppsPage) -> Self {
        Self {
            apps: page.apps.into_iter().map(Into::into).collect(),
            imported: page.imported.map(Into::into),
        }
    }
}

impl From<engine::AppRow> for AppRow {
    fn from(row: engine::AppRow) -> Self {
        Self {
            key: row.key,
            label: row.label,
            package: row.package,
            basis: row.basis,
            sent_bytes: row.sent_bytes,
            received_bytes: row.received_bytes,
            servers: row.servers,
            companies: row.companies,
            tracker_companies: row.tracker_companies,
            flows: row.flows,
            shared_servers: row.shared_servers,
            domains: row.domains,
            unseen_domains: row.unseen_domains,
            profiling_domains: row.profiling_domains,
            first_ms: row.span.map(|s| s.0.as_millis()),
            last_ms: row.span.map(|s| s.1.as_millis()),
            accesses: row.accesses.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<engine::AccessSum> for AccessView {
    fn from(sum: engine::AccessSum) -> Self {
        Self {
            category: sum.category,
            times: sum.times,
            during: sum.during,
            open: sum.open,
            first_ms: sum.first.map(Timestamp::as_millis),
            last_ms: sum.last.map(Timestamp::as_millis),
        }
    }
}

impl From<engine::ImportedReport> for ImportedReport {
    fn from(report: engine::ImportedReport) -> Self {
        Self {
            file: report.file,
            files: report.files,
            apps: report.apps,
            domains: report.domains,
            matched_servers: report.matched_servers,
            bad_lines: report.tally.bad_lines,
            unknown_lines: report.tally.unknown_lines,
            dropped: report.tally.dropped,
            first_ms: report.span.map(|s| s.0.as_millis()),
            last_ms: report.span.map(|s| s.1.as_millis()),
        }
    }
}

impl From<engine::AppDetail> for AppDetail {
    fn from(detail: engine::AppDetail) -> Self {
        Self {
            app: detail.app.into(),
            domains: detail.domains.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<engine::AppDomain> for AppDomain {
    fn from(row: engine::AppDomain) -> Self {
        let said = row.reported;
        Self {
            domain: said.domain.to_string(),
            context: said.context.map(|c| c.to_string()),
            owner: said.owner.map(|o| o.to_string()),
            may_profile: said.may_profile,
            initiator: said.initiator,
            hits: said.hits,
            first_ms: said.first.as_millis(),
            last_ms: said.last.as_millis(),
            servers: row.servers.into_iter().map(|s| s.0).collect(),
            below: row.below,
            shared_with: row.shared_with,
        }
    }
}

impl From<engine::ServerApp> for ServerApp {
    fn from(app: engine::ServerApp) -> Self {
        Self {
            key: app.key,
            name: app.name,
            basis: app.basis,
            flows: app.flows,
        }
    }
}
