//! The engine's types <-> the window's: no decision, only names and units.

mod apps;
mod device;
pub(crate) mod hotspot;
mod live;
mod mesh;

use crate::view::{
    AuditCard, AuditState, AuditView, DataSetView, FlowPage, FlowRow, ImageKind, Language, Opened, Progress,
    ReportFormat, ScoreProfile, ServerDetail, ServerPage, SettingsView, TableQuery,
};
use std::sync::Arc;
use telltale_core::enrich::DataSet;
use telltale_core::model::Server;
use telltale_engine as engine;

impl From<engine::AuditState> for AuditState {
    fn from(state: engine::AuditState) -> Self {
        match state {
            engine::AuditState::Reading => Self::Reading,
            engine::AuditState::Done => Self::Done,
            engine::AuditState::Cancelled => Self::Cancelled,
            engine::AuditState::Interrupted => Self::Interrupted,
            engine::AuditState::Live => Self::Live,
        }
    }
}

impl From<engine::AuditCard> for AuditCard {
    fn from(card: engine::AuditCard) -> Self {
        Self {
            id: card.id,
            name: card.name,
            description: card.description,
            opened_ms: card.opened.as_millis(),
            first_ms: card.span.map(|s| s.0.as_millis()),
            last_ms: card.span.map(|s| s.1.as_millis()),
            state: card.state.into(),
            grade: card.grade,
            servers: card.servers,
            companies: card.companies,
            tracker_companies: card.tracker_companies,
            bytes: card.bytes,
            live_source: card.live_source,
            recording_bytes: card.recording_bytes,
            keep: card.keep,
        }
    }
}

impl From<engine::Progress> for Progress {
    fn from(p: engine::Progress) -> Self {
        Self {
            read_bytes: p.read_bytes,
            total_bytes: p.total_bytes,
            packets: p.packets,
            seconds_left: p.seconds_left,
        }
    }
}

impl From<engine::AuditNow> for AuditView {
    fn from(now: engine::AuditNow) -> Self {
        let summary = Arc::unwrap_or_clone(now.summary);
        Self {
            card: now.card.into(),
            summary,
            progress: now.progress.map(Into::into),
            live: now.live.map(Into::into),
            problem: now.problem,
        }
    }
}

impl From<engine::Opened> for Opened {
    fn from(opened: engine::Opened) -> Self {
        match opened {
            engine::Opened::Started(id) => Self::Started { id },
            engine::Opened::Before(card) => Self::Before { card: card.into() },
        }
    }
}

impl From<TableQuery> for engine::TableQuery {
    fn from(q: TableQuery) -> Self {
        Self {
            search: q.search,
            sort: q.sort,
            descending: q.descending,
            filter: q.filter,
            company: q.company,
            country: q.country,
            device: q.device,
            server: q.server,
            app: q.app,
            offset: q.offset,
            limit: q.limit,
        }
    }
}

impl From<engine::Page<Server>> for ServerPage {
    fn from(page: engine::Page<Server>) -> Self {
        Self {
            total: page.total,
            rows: page.rows,
        }
    }
}

impl From<engine::FlowRow> for FlowRow {
    fn from(row: engine::FlowRow) -> Self {
        Self {
            flow: row.flow,
            company: row.company,
            purpose: row.purpose,
            app: row.app,
            app_basis: row.app_basis,
        }
    }
}

impl From<engine::Page<engine::FlowRow>> for FlowPage {
    fn from(page: engine::Page<engine::FlowRow>) -> Self {
        Self {
            total: page.total,
            rows: page.rows.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<engine::ServerDetail> for ServerDetail {
    fn from(detail: engine::ServerDetail) -> Self {
        let FlowPage {
            total: flow_total,
            rows: flows,
        } = detail.flows.into();
        let engine::ServerDetail {
            server,
            dns,
            hellos,
            http_hosts,
            apps,
            timeline,
            ..
        } = detail;
        Self {
            server,
            dns,
            hellos,
            http_hosts,
            flow_total,
            flows,
            apps: apps.into_iter().map(Into::into).collect(),
            timeline,
        }
    }
}

impl From<&DataSet> for DataSetView {
    fn from(set: &DataSet) -> Self {
        let DataSet {
            key,
            name,
            version,
            date,
            licence,
            attribution,
            homepage,
            rows,
            ..
        } = set.clone();
        Self {
            key,
            name,
            version,
            date,
            licence,
            attribution,
            homepage,
            rows,
        }
    }
}

impl From<ScoreProfile> for engine::ScoreProfile {
    fn from(profile: ScoreProfile) -> Self {
        match profile {
            ScoreProfile::Telltale => Self::Telltale,
            ScoreProfile::Pandore => Self::Pandore,
        }
    }
}

impl From<engine::ScoreProfile> for ScoreProfile {
    fn from(profile: engine::ScoreProfile) -> Self {
        match profile {
            engine::ScoreProfile::Telltale => Self::Telltale,
            engine::ScoreProfile::Pandore => Self::Pandore,
        }
    }
}

impl From<engine::Settings> for SettingsView {
    fn from(s: engine::Settings) -> Self {
        Self {
            language: s.language,
            theme: s.theme,
            score_profile: s.score_profile.into(),
            pandore: s.pandore,
            recording: s.recording.into(),
            recording_limit_mb: s.recording_limit_mb,
            keep_audits_days: s.keep_audits_days,
            keep_recordings_days: s.keep_recordings_days,
            notices: s.notices,
        }
    }
}

impl From<SettingsView> for engine::Settings {
    fn from(s: SettingsView) -> Self {
        Self {
            language: s.language,
            theme: s.theme,
            score_profile: s.score_profile.into(),
            pandore: s.pandore,
            recording: s.recording.into(),
            recording_limit_mb: s.recording_limit_mb,
            keep_audits_days: s.keep_audits_days,
            keep_recordings_days: s.keep_recordings_days,
            notices: s.notices,
        }
    }
}

impl From<Language> for engine::Language {
    fn from(language: Language) -> Self {
        match language {
            Language::En => Self::En,
            Language::Fr => Self::Fr,
        }
    }
}

impl From<ReportFormat> for engine::ReportFormat {
    fn from(format: ReportFormat) -> Self {
        match format {
            ReportFormat::Json => Self::Json,
            ReportFormat::Csv => Self::Csv,
            ReportFormat::Html => Self::Html,
        }
    }
}

impl ImageKind {
    /// Ending of its files.
    pub(crate) const fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Svg => "svg",
        }
    }
}
