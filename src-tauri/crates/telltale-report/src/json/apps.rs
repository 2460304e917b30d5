//! The phone's own report as rows of the JSON form. Only [`super`] uses them.

use crate::{moment::Stamp, reported::Reported};
use serde::Serialize;
use telltale_core::{
    apple::{CLOCK_TOLERANCE_NS, JoinedApp, JoinedDomain, known_name},
    model::{Access, AccessCategory, Basis, Initiator, ReportTally, ReportedApp, ReportedDomain, ServerId},
};

/// How the report was read and joined.
#[derive(Serialize)]
pub(super) struct ReportPart {
    #[serde(flatten)]
    tally: ReportTally,
    clock_tolerance_seconds: i64,
}

impl ReportPart {
    pub(super) const fn of(tally: ReportTally) -> Self {
        Self {
            tally,
            clock_tolerance_seconds: CLOCK_TOLERANCE_NS / 1_000_000_000,
        }
    }
}

/// One app of the report.
#[derive(Serialize)]
pub(super) struct ReportedAppRow<'a> {
    bundle: &'a str,
    name: Option<&'static str>,
    basis: Basis,
    servers: &'a [ServerId],
    shared_servers: Vec<ServerId>,
    domains: Vec<DomainRow<'a>>,
    accesses: Vec<AccessRow<'a>>,
}

impl<'a> ReportedAppRow<'a> {
    pub(super) fn of(app: &'a ReportedApp, joined: &'a JoinedApp, reported: &Reported<'_>) -> Self {
        let shared = joined.servers.iter().copied().filter(|s| reported.is_shared(*s));
        Self {
            bundle: &app.bundle,
            name: known_name(&app.bundle),
            basis: Basis::Inferred,
            servers: &joined.servers,
            shared_servers: shared.collect(),
            domains: app.domains.iter().zip(&joined.domains).map(DomainRow::of).collect(),
            accesses: app.accesses.iter().map(AccessRow::of).collect(),
        }
    }
}

#[derive(Serialize)]
struct DomainRow<'a> {
    domain: &'a str,
    context: Option<&'a str>,
    owner: Option<&'a str>,
    may_profile: Option<bool>,
    initiator: Option<Initiator>,
    hits: u32,
    first: Stamp,
    last: Stamp,
    servers: &'a [ServerId],
    servers_below: u32,
}

impl<'a> DomainRow<'a> {
    fn of((said, joined): (&'a ReportedDomain, &'a JoinedDomain)) -> Self {
        Self {
            domain: &said.domain,
            context: said.context.as_deref(),
            owner: said.owner.as_deref(),
            may_profile: said.may_profile,
            initiator: said.initiator,
            hits: said.hits,
            first: Stamp(said.first),
            last: Stamp(said.last),
            servers: &joined.servers,
            servers_below: joined.below,
        }
    }
}

#[derive(Serialize)]
struct AccessRow<'a> {
    category: AccessCategory,
    broadcaster: Option<&'a str>,
    begin: Option<Stamp>,
    end: Option<Stamp>,
}

impl<'a> AccessRow<'a> {
    fn of(access: &'a Access) -> Self {
        Self {
            category: access.category,
            broadcaster: access.broadcaster.as_deref(),
            begin: access.begin.map(Stamp),
            end: access.end.map(Stamp),
        }
    }
}
