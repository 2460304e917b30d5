//! The whole audit as JSON, schema `telltale.audit/1` (`schema/telltale.audit-1.schema.json` describes every field).
//!
//! One pass, no tree in memory: small parts are serialized by serde, the many flows and hellos by hand into one buffer that
//! goes to the writer whenever it is full. Small parts come first, so that a reader may stop early. The same in every language.
//! Never here: words for people, a decision.

mod apps;
mod rows;
mod stream;

use crate::{ReportContext, ReportError, moment::Stamp, reported::Reported};
use apps::{ReportPart, ReportedAppRow};
use rows::{
    AppRow, CompanyRow, ContactRow, DeviceRow, DnsRow, HttpHostRow, PandorePart, ServerRow, SourcePart, SpanPart,
    TimelinePart, Tool,
};
use serde::Serialize;
use std::io::Write;
use stream::Stream;
use telltale_core::{
    enrich::DataSet,
    model::{CountryShare, Counts, Coverage, DnsKind, Outcome, PurposeShare, Score},
};

/// Name and version of the form.
pub const SCHEMA: &str = "telltale.audit/1";

/// What stands before the long lists.
#[derive(Serialize)]
struct Head<'a> {
    schema: &'static str,
    title: &'a str,
    description: &'a str,
    made_at: Stamp,
    tool: Tool<'a>,
    source: SourcePart<'a>,
    span: Option<SpanPart>,
    counts: &'a Counts,
    coverage: &'a Coverage,
    score: &'a Score,
    pandore: PandorePart<'a>,
    data_sets: &'a [DataSet],
    devices: Vec<DeviceRow<'a>>,
    apps: Vec<AppRow<'a>>,
    /// Only where the phone's own report was imported.
    #[serde(skip_serializing_if = "Option::is_none")]
    app_report: Option<ReportPart>,
    company_count: u32,
    tracker_companies: u32,
    purposes: &'a [PurposeShare],
    countries: &'a [CountryShare],
    timeline: TimelinePart<'a>,
    contacts: Vec<ContactRow<'a>>,
}

/// Writes the audit as one JSON object on one line, with a line feed behind it.
pub fn json(outcome: &Outcome, context: &ReportContext<'_>, to: &mut dyn Write) -> Result<(), ReportError> {
    let mut out = Stream::new(to);
    out.head(&head(outcome, context))?;
    out.rows("companies", outcome.summary.companies.iter().map(CompanyRow::of))?;
    out.rows("servers", outcome.servers.iter().map(ServerRow::of))?;
    if let Some(reported) = Reported::of(outcome) {
        let apps = reported
            .apps()
            .map(|(app, joined)| ReportedAppRow::of(app, joined, &reported));
        out.rows("reported_apps", apps)?;
    }
    let of = |wanted: fn(DnsKind) -> bool| outcome.dns.iter().filter(move |d| wanted(d.kind)).map(DnsRow::of);
    out.rows("dns", of(|kind| kind == DnsKind::Dns))?;
    out.rows("local_names", of(|kind| kind != DnsKind::Dns))?;
    out.rows("http_hosts", outcome.http_hosts.iter().map(HttpHostRow::of))?;
    out.hellos(&outcome.hellos)?;
    out.flows(&outcome.flows)?;
    out.end()
}

fn head<'a>(outcome: &'a Outcome, context: &ReportContext<'a>) -> Head<'a> {
    let summary = &outcome.summary;
    Head {
        schema: SCHEMA,
        title: context.title,
        description: context.description,
        made_at: Stamp(context.made),
        tool: Tool {
            name: "Telltale",
            version: context.version,
        },
        source: SourcePart::of(&summary.source),
        span: summary.span.map(SpanPart::of),
        counts: &summary.counts,
        coverage: &summary.coverage,
        score: &summary.score,
        pandore: PandorePart {
            facts: &summary.pandore,
            score: context.pandore,
        },
        data_sets: context.data_sets,
        devices: summary.devices.iter().map(DeviceRow::of).collect(),
        apps: summary.apps.iter().map(AppRow::of).collect(),
        app_report: outcome.apps_imported.as_ref().map(|r| ReportPart::of(r.tally)),
        company_count: summary.company_count,
        tracker_companies: summary.tracker_companies,
        purposes: &summary.purposes,
        countries: &summary.countries,
        timeline: TimelinePart::of(&summary.timeline),
        contacts: summary.contacts.iter().map(ContactRow::of).collect(),
    }
}
