//! The words of an audit as plain data: what the engine stores, the report writes and the window shows.
//!
//! Everything here is a value: no method asks a table or decides anything. Octet counts are `u64`, ids `u32`, times
//! [`Timestamp`]. `sent` and `received` are always the device's; `initiator` and `responder` say who spoke first.

mod claim;
mod counts;
mod flow;
mod live;
mod outcome;
mod reported;
mod score;
mod server;
mod time;

pub use claim::{Basis, NameSource, Purpose, PurposeGroup};
pub use counts::{Counts, Coverage, Tally};
pub use flow::{
    App, AppId, Device, DeviceId, DeviceNameSource, Endpoint, Flow, FlowId, FlowProtocol, TcpState, TransportKind,
};
pub use live::{Connection, Gap, GapReason, LiveFacts};
pub use outcome::{
    Bucket, Company, Contact, CountryShare, DnsAnswer, DnsKind, Hello, HelloVia, HttpHost, Outcome, PurposeShare,
    SourceFacts, Span, Summary, Timeline,
};
pub use reported::{Access, AccessCategory, AppReport, Initiator, ReportTally, ReportedApp, ReportedDomain};
pub use score::{Grade, PandoreFacts, PandoreSettings, Reason, RowFilter, Score};
pub use server::{Claim, Owner, Server, ServerId};
pub use time::Timestamp;
