//! The rows of the JSON form, borrowed from the audit: model types whose own JSON is the window's (times in milliseconds) are
//! given theirs here. Only [`super`] uses them.

use crate::moment::Stamp;
use serde::{Serialize, Serializer, ser::SerializeSeq};
use std::{net::IpAddr, sync::Arc};
use telltale_core::model::{
    App, Basis, Bucket, Claim, Company, Connection, Contact, Device, DeviceNameSource, DnsAnswer, DnsKind, Endpoint,
    Gap, GapReason, HttpHost, LiveFacts, NameSource, Owner, PandoreFacts, Purpose, PurposeGroup, Score, Server,
    SourceFacts, Span, Timeline,
};

type Text<'a> = Option<&'a str>;

fn text(of: Option<&Arc<str>>) -> Text<'_> {
    of.map(AsRef::as_ref)
}

#[derive(Serialize)]
pub(super) struct Tool<'a> {
    pub(super) name: &'static str,
    pub(super) version: &'a str,
}

#[derive(Serialize)]
pub(super) struct SourcePart<'a> {
    file: Text<'a>,
    sha256: Text<'a>,
    file_bytes: u64,
    format: &'a str,
    link_types: &'a [String],
    interfaces: &'a [String],
    stopped: Text<'a>,
    stopped_at: Option<u64>,
    cancelled: bool,
    live: Option<LivePart<'a>>,
    gaps: Vec<GapRow>,
}

impl<'a> SourcePart<'a> {
    pub(super) fn of(source: &'a SourceFacts) -> Self {
        Self {
            file: source.file.as_deref(),
            sha256: source.sha256.as_deref(),
            file_bytes: source.file_bytes,
            format: &source.format,
            link_types: &source.link_types,
            interfaces: &source.interfaces,
            stopped: source.stopped.as_deref(),
            stopped_at: source.stopped_at,
            cancelled: source.cancelled,
            live: source.live.as_ref().map(LivePart::of),
            gaps: source.gaps.iter().map(GapRow::of).collect(),
        }
    }
}

#[derive(Serialize)]
struct LivePart<'a> {
    source: &'a str,
    filter: Text<'a>,
    connection: Connection,
    snap_len: Option<u32>,
    began: Stamp,
    ended: Option<Stamp>,
}

impl<'a> LivePart<'a> {
    fn of(live: &'a LiveFacts) -> Self {
        Self {
            source: &live.source,
            filter: live.filter.as_deref(),
            connection: live.connection,
            snap_len: live.snap_len,
            began: Stamp(live.began),
            ended: live.ended.map(Stamp),
        }
    }
}

#[derive(Serialize)]
struct GapRow {
    from: Stamp,
    to: Option<Stamp>,
    reason: GapReason,
}

impl GapRow {
    fn of(gap: &Gap) -> Self {
        Self {
            from: Stamp(gap.from),
            to: gap.to.map(Stamp),
            reason: gap.reason,
        }
    }
}

#[derive(Serialize)]
pub(super) struct SpanPart {
    first: Stamp,
    last: Stamp,
}

impl SpanPart {
    pub(super) fn of(span: Span) -> Self {
        Self {
            first: Stamp(span.first),
            last: Stamp(span.last),
        }
    }
}

#[derive(Serialize)]
pub(super) struct PandorePart<'a> {
    pub(super) facts: &'a PandoreFacts,
    pub(super) score: Option<&'a Score>,
}

#[derive(Serialize)]
pub(super) struct DeviceRow<'a> {
    id: u32,
    addresses: &'a [IpAddr],
    mac: Text<'a>,
    mac_random: bool,
    maker: Text<'a>,
    name: Text<'a>,
    name_source: Option<DeviceNameSource>,
    because: &'a str,
    sent_bytes: u64,
    received_bytes: u64,
    flows: u32,
}

impl<'a> DeviceRow<'a> {
    pub(super) fn of(device: &'a Device) -> Self {
        Self {
            id: device.id.0,
            addresses: &device.addresses,
            mac: device.mac.as_deref(),
            mac_random: device.mac_random,
            maker: device.maker.as_deref(),
            name: device.name.as_deref(),
            name_source: device.name_source,
            because: &device.because,
            sent_bytes: device.sent_bytes,
            received_bytes: device.received_bytes,
            flows: device.flows,
        }
    }
}

#[derive(Serialize)]
pub(super) struct AppRow<'a> {
    id: u32,
    uid: i32,
    label: Text<'a>,
    package: Text<'a>,
    sent_bytes: u64,
    received_bytes: u64,
    flows: u32,
}

impl<'a> AppRow<'a> {
    pub(super) fn of(app: &'a App) -> Self {
        Self {
            id: app.id.0,
            uid: app.uid,
            label: app.label.as_deref(),
            package: app.package.as_deref(),
            sent_bytes: app.sent_bytes,
            received_bytes: app.received_bytes,
            flows: app.flows,
        }
    }
}

#[derive(Serialize)]
pub(super) struct TimelinePart<'a> {
    start: Stamp,
    bucket_seconds: u32,
    #[serde(serialize_with = "buckets")]
    buckets: &'a [Bucket],
}

impl<'a> TimelinePart<'a> {
    pub(super) fn of(timeline: &'a Timeline) -> Self {
        Self {
            start: Stamp(timeline.start),
            bucket_seconds: timeline.bucket_seconds,
            buckets: &timeline.buckets,
        }
    }
}

#[derive(Serialize)]
struct Step {
    sent_bytes: u64,
    received_bytes: u64,
    packets: u32,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's form")]
fn buckets<S: Serializer>(buckets: &&[Bucket], to: S) -> Result<S::Ok, S::Error> {
    let mut rows = to.serialize_seq(Some(buckets.len()))?;
    for b in *buckets {
        rows.serialize_element(&Step {
            sent_bytes: b.sent,
            received_bytes: b.received,
            packets: b.packets,
        })?;
    }
    rows.end()
}

#[derive(Serialize)]
pub(super) struct ContactRow<'a> {
    at: Stamp,
    name: &'a str,
    company: Text<'a>,
    purpose: Purpose,
    device: u32,
}

impl<'a> ContactRow<'a> {
    pub(super) fn of(contact: &'a Contact) -> Self {
        Self {
            at: Stamp(contact.at),
            name: &contact.name,
            company: text(contact.company.as_ref()),
            purpose: contact.purpose,
            device: contact.device.0,
        }
    }
}

#[derive(Serialize)]
pub(super) struct CompanyRow<'a> {
    name: Text<'a>,
    by_network: bool,
    home_country: Text<'a>,
    purposes: &'a [Purpose],
    group: PurposeGroup,
    servers: u32,
    flows: u32,
    sent_bytes: u64,
    received_bytes: u64,
}

impl<'a> CompanyRow<'a> {
    pub(super) fn of(company: &'a Company) -> Self {
        Self {
            name: text(company.name.as_ref()),
            by_network: company.by_network,
            home_country: text(company.home_country.as_ref()),
            purposes: &company.purposes,
            group: company.group,
            servers: company.servers,
            flows: company.flows,
            sent_bytes: company.sent_bytes,
            received_bytes: company.received_bytes,
        }
    }
}

#[derive(Serialize)]
pub(super) struct ServerRow<'a> {
    id: u32,
    device: u32,
    name: Text<'a>,
    name_source: Option<NameSource>,
    basis: Option<Basis>,
    addresses: &'a [IpAddr],
    owner: OwnerPart<'a>,
    local: bool,
    sent_bytes: u64,
    received_bytes: u64,
    sent_packets: u64,
    received_packets: u64,
    flows: u32,
    clear_text_bytes: u64,
    first: Stamp,
    last: Stamp,
}

impl<'a> ServerRow<'a> {
    pub(super) fn of(server: &'a Server) -> Self {
        Self {
            id: server.id.0,
            device: server.device.0,
            name: text(server.name.as_ref()),
            name_source: server.name_source,
            basis: server.name_source.map(NameSource::basis),
            addresses: &server.addresses,
            owner: OwnerPart::of(&server.owner),
            local: server.local,
            sent_bytes: server.sent_bytes,
            received_bytes: server.received_bytes,
            sent_packets: server.sent_packets,
            received_packets: server.received_packets,
            flows: server.flows,
            clear_text_bytes: server.clear_text_bytes,
            first: Stamp(server.first),
            last: Stamp(server.last),
        }
    }
}

#[derive(Serialize)]
struct OwnerPart<'a> {
    registrable_domain: Text<'a>,
    company: Text<'a>,
    parent: Text<'a>,
    home_country: Text<'a>,
    service: Text<'a>,
    purpose: Purpose,
    group: PurposeGroup,
    what_en: Text<'a>,
    what_fr: Text<'a>,
    how: Text<'a>,
    tracker: bool,
    as_number: Option<u32>,
    organisation: Text<'a>,
    country: Text<'a>,
    claims: &'a [Claim],
}

impl<'a> OwnerPart<'a> {
    fn of(owner: &'a Owner) -> Self {
        Self {
            registrable_domain: text(owner.registrable_domain.as_ref()),
            company: text(owner.company.as_ref()),
            parent: text(owner.parent.as_ref()),
            home_country: text(owner.home_country.as_ref()),
            service: text(owner.service.as_ref()),
            purpose: owner.purpose,
            group: owner.purpose.group(),
            what_en: text(owner.what_en.as_ref()),
            what_fr: text(owner.what_fr.as_ref()),
            how: text(owner.how.as_ref()),
            tracker: owner.tracker,
            as_number: owner.as_number,
            organisation: text(owner.organisation.as_ref()),
            country: text(owner.country.as_ref()),
            claims: &owner.claims,
        }
    }
}

#[derive(Serialize)]
pub(super) struct DnsRow<'a> {
    name: &'a str,
    kind: DnsKind,
    addresses: &'a [IpAddr],
    aliases: &'a [Arc<str>],
    device: Option<u32>,
    first: Stamp,
    last: Stamp,
}

impl<'a> DnsRow<'a> {
    pub(super) fn of(answer: &'a DnsAnswer) -> Self {
        Self {
            name: &answer.name,
            kind: answer.kind,
            addresses: &answer.addresses,
            aliases: &answer.aliases,
            device: answer.device.map(|d| d.0),
            first: Stamp(answer.first),
            last: Stamp(answer.last),
        }
    }
}

#[derive(Serialize)]
pub(super) struct HttpHostRow<'a> {
    host: &'a str,
    server: &'a Endpoint,
    user_agent: Text<'a>,
    requests: u32,
    flow: u32,
    first: Stamp,
}

impl<'a> HttpHostRow<'a> {
    pub(super) fn of(host: &'a HttpHost) -> Self {
        Self {
            host: &host.host,
            server: &host.server,
            user_agent: text(host.user_agent.as_ref()),
            requests: host.requests,
            flow: host.flow.0,
            first: Stamp(host.first),
        }
    }
}
