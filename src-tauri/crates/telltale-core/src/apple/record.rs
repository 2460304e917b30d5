//! One line of the report -> one record, or why not.

use crate::{
    model::{AccessCategory, Initiator, Timestamp},
    names::{clean_label, clean_name},
};
use serde::Deserialize;
use serde_json::Value;
use std::{net::IpAddr, sync::Arc};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Stream of the beta reports, before its last part.
const STREAM: &str = "com.apple.privacy.accounting.stream.";
/// The only version of that stream that is known.
const STREAM_VERSION: u64 = 3;

/// What a line says.
#[derive(Debug)]
pub(super) enum Record {
    Network(Network),
    Access(Touch),
}

/// Why a line says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// No JSON object, or a known record whose fields cannot be.
    Bad,
    /// A sound record of a kind that is not known.
    Unknown,
    /// As that, from before the versions that are known.
    TooOld,
}

/// An app contacted a domain.
#[derive(Debug)]
pub(super) struct Network {
    pub(super) bundle: Arc<str>,
    pub(super) domain: Arc<str>,
    pub(super) context: Option<Arc<str>>,
    pub(super) owner: Option<Arc<str>>,
    pub(super) may_profile: Option<bool>,
    pub(super) initiator: Option<Initiator>,
    pub(super) hits: u32,
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
}

/// An app began or ended to use something.
#[derive(Debug)]
pub(super) struct Touch {
    pub(super) bundle: Arc<str>,
    pub(super) broadcaster: Option<Arc<str>>,
    pub(super) category: AccessCategory,
    pub(super) id: Arc<str>,
    pub(super) begin: Option<Timestamp>,
    pub(super) end: Option<Timestamp>,
}

/// A line as it stands; fields of all kinds, unknown ones left out.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    #[serde(rename = "type")]
    kind_of_record: Option<String>,
    stream: Option<String>,
    version: Option<Value>,

    domain: Option<String>,
    #[serde(rename = "bundleID")]
    bundle: Option<String>,
    /// Where a beta had the bundle.
    has_app: Option<HasApp>,
    context: Option<String>,
    domain_owner: Option<String>,
    domain_type: Option<Value>,
    initiated_type: Option<String>,
    hits: Option<Value>,
    first_time_stamp: Option<String>,
    time_stamp: Option<String>,
    /// As the betas wrote it.
    timestamp: Option<String>,

    accessor: Option<Accessor>,
    broadcaster: Option<Accessor>,
    category: Option<String>,
    tcc_service: Option<String>,
    identifier: Option<String>,
    kind: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HasApp {
    bundle_name: Option<String>,
}

#[derive(Deserialize)]
struct Accessor {
    identifier: Option<String>,
}

/// Reads one line without its end.
pub(super) fn read(line: &[u8]) -> Result<Record, Unread> {
    let line: Line = serde_json::from_slice(line).map_err(|_| Unread::Bad)?;
    match (line.kind_of_record.as_deref(), line.stream.as_deref()) {
        (Some("networkActivity"), _) => network(line).map(Record::Network).ok_or(Unread::Bad),
        (Some("access"), _) => {
            let category = category(line.category.as_deref().ok_or(Unread::Bad)?);
            access(line, category).map(Record::Access).ok_or(Unread::Bad)
        }
        (None, Some(stream)) => {
            let part = stream.strip_prefix(STREAM).ok_or(Unread::Unknown)?;
            let version = line.version.as_ref().and_then(number).ok_or(Unread::Bad)?;
            if version != STREAM_VERSION {
                return Err(if version < STREAM_VERSION {
                    Unread::TooOld
                } else {
                    Unread::Unknown
                });
            }
            let category = match (part, line.tcc_service.as_deref()) {
                ("tcc", Some(service)) => tcc_category(service),
                ("tcc", None) => return Err(Unread::Bad),
                (other, _) => category(other),
            };
            access(line, category).map(Record::Access).ok_or(Unread::Bad)
        }
        // Some other program's line.
        (None, None) => Err(Unread::Bad),
        (Some(_), _) => Err(Unread::Unknown),
    }
}

fn network(line: Line) -> Option<Network> {
    let bundle = line.bundle.or_else(|| line.has_app?.bundle_name)?;
    let last = moment(line.time_stamp.or(line.timestamp).as_deref()?)?;
    let first = match line.first_time_stamp.as_deref() {
        Some(text) if !text.is_empty() => moment(text)?,
        _ => last,
    };
    let hits = match &line.hits {
        // The line itself is one.
        None | Some(Value::Null) => 1,
        Some(hits) => u32::try_from(number(hits)?).unwrap_or(u32::MAX),
    };
    Some(Network {
        bundle: label(&bundle)?,
        domain: domain(&line.domain?)?,
        context: line.context.as_deref().and_then(label),
        owner: line.domain_owner.as_deref().and_then(label),
        may_profile: match line.domain_type.as_ref().and_then(number) {
            Some(1) => Some(true),
            Some(2) => Some(false),
            _ => None,
        },
        initiator: match line.initiated_type.as_deref() {
            Some("AppInitiated") => Some(Initiator::App),
            Some("NonAppInitiated") => Some(Initiator::Person),
            _ => None,
        },
        hits,
        // A clock that was set back in between.
        first: first.min(last),
        last: last.max(first),
    })
}

fn access(line: Line, category: AccessCategory) -> Option<Touch> {
    let at = moment(line.time_stamp.or(line.timestamp).as_deref()?)?;
    let (begin, end) = match line.kind.as_deref()? {
        "intervalBegin" => (Some(at), None),
        "intervalEnd" => (None, Some(at)),
        "event" => (Some(at), Some(at)),
        _ => return None,
    };
    Some(Touch {
        bundle: label(&line.accessor?.identifier?)?,
        broadcaster: line.broadcaster.and_then(|b| b.identifier).as_deref().and_then(label),
        category,
        id: label(&line.identifier?)?,
        begin,
        end,
    })
}

fn category(word: &str) -> AccessCategory {
    match word {
        "camera" => AccessCategory::Camera,
        "contacts" => AccessCategory::Contacts,
        "location" => AccessCategory::Location,
        "mediaLibrary" => AccessCategory::MediaLibrary,
        "microphone" => AccessCategory::Microphone,
        "photos" => AccessCategory::Photos,
        "screenRecording" => AccessCategory::ScreenRecording,
        _ => AccessCategory::Other,
    }
}

fn tcc_category(service: &str) -> AccessCategory {
    match service.strip_prefix("kTCCService").unwrap_or(service) {
        "Camera" => AccessCategory::Camera,
        "AddressBook" => AccessCategory::Contacts,
        "Location" => AccessCategory::Location,
        "MediaLibrary" => AccessCategory::MediaLibrary,
        "Microphone" => AccessCategory::Microphone,
        "Photos" | "PhotosAdd" => AccessCategory::Photos,
        "ScreenCapture" => AccessCategory::ScreenRecording,
        _ => AccessCategory::Other,
    }
}

/// A host name as other names are cleaned, or an address in its usual form, so that it is found among the audit's.
fn domain(text: &str) -> Option<Arc<str>> {
    let text = text.trim();
    let inner = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text);
    if let Ok(address) = inner.parse::<IpAddr>() {
        return Some(address.to_string().into());
    }
    let mut name = String::new();
    clean_name(text.as_bytes(), &mut name).then(|| name.into())
}

fn label(text: &str) -> Option<Arc<str>> {
    clean_label(text.as_bytes()).map(Arc::from)
}

/// A count that is not negative, also where it stands in quotes.
fn number(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_u64(),
    }
}

fn moment(text: &str) -> Option<Timestamp> {
    let at = OffsetDateTime::parse(text.trim(), &Rfc3339).ok()?;
    i64::try_from(at.unix_timestamp_nanos()).ok().map(Timestamp)
}
