//! The words of an audit as plain data: what the engine stores, the report writes and the window shows.
//!
//! Everything here is a value: no method asks a table or decides anything. Octet counts are `u64`, ids `u32`, times
//! [`Timestamp`]. `sent` and `received` are always the device's; `initiator` and `responder` say who spoke first.

mod claim;
mod counts;
mod doors;
mod flow;
mod incident;
mod live;
mod mesh;
mod outcome;
mod probe;
mod reported;
mod score;
mod server;
mod time;

pub use claim::{Basis, NameSource, Purpose, PurposeGroup};
pub use counts::{Counts, Coverage, Tally};
pub use doors::{HttpNow, HttpSettings, HttpToken, Output, OutputNow, OutputTo, OutputWhat};
pub use flow::{
    App, AppId, Device, DeviceId, DeviceNameSource, Endpoint, Flow, FlowId, FlowProtocol, TcpState, TransportKind,
};
pub use incident::{
    Aggregate, Condition, Evidence, GroupKey, Incident, IncidentState, IncidentStep, ResultFilter, Rule,
};
pub use live::{Connection, Gap, GapReason, LiveFacts};
pub use mesh::{
    AgentBehaviour, AgentDoes, AgentNow, ControlAction, Delivery, DraftMessage, Invitation, MeshAccount, MeshMessage,
    MeshNow, MeshPhase, MeshPolicy, MeshRefusal, MeshTls, MeshTrust, MessagePage, MessageQuery, Show, Subscription,
    Topic, TopicItem,
};
pub use outcome::{
    Bucket, Company, Contact, CountryShare, DnsAnswer, DnsKind, Hello, HelloVia, HttpHost, Outcome, PurposeShare,
    SourceFacts, Span, Summary, Timeline,
};
pub use probe::{
    AuditSource, Behaviour, BehaviourNow, BehaviourState, Check, Every, Expectation, Limits, Missed, OutputParser,
    Overlap, Probe, ProbePolicy, ProbeResult, Reach, ResultPage, ResultQuery, ResultVia, RunsOn, ValueTest, Verdict,
};
pub use reported::{Access, AccessCategory, AppReport, Initiator, ReportTally, ReportedApp, ReportedDomain};
pub use score::{Grade, PandoreFacts, PandoreSettings, Reason, RowFilter, Score};
pub use server::{Claim, Owner, Server, ServerId};
pub use time::Timestamp;
