//! What an audit is asked to do, and what it hands to the store.

use crate::model::{DnsAnswer, Flow, Hello, HttpHost, Server};
use std::net::IpAddr;

/// What an audit is asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditOptions {
    /// The user's correction: exactly these addresses are audited devices (those of one MAC address are one device).
    /// `None`: the audit finds out.
    pub devices: Option<Vec<IpAddr>>,
    /// Whether the rows of evidence (DNS answers, hellos, clear-text hosts) are kept; names are read all the same.
    pub keep_evidence: bool,
}

impl Default for AuditOptions {
    fn default() -> Self {
        Self {
            devices: None,
            keep_evidence: true,
        }
    }
}

/// Rows that are new or changed since [`crate::audit::Audit::changes`] was asked last: each replaces the row of the same number.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// Flows; their number is [`Flow::id`].
    pub flows: Vec<Flow>,
    /// Server rows; their number is [`Server::id`]. A row with 0 flows is gone: its flows were told apart under other rows.
    pub servers: Vec<Server>,
    /// DNS answers with their row numbers.
    pub dns: Vec<(u32, DnsAnswer)>,
    /// Hellos with their row numbers.
    pub hellos: Vec<(u32, Hello)>,
    /// Clear-text hosts with their row numbers.
    pub http_hosts: Vec<(u32, HttpHost)>,
}

impl Changes {
    /// True when nothing is new.
    pub fn is_empty(&self) -> bool {
        self.flows.is_empty()
            && self.servers.is_empty()
            && self.dns.is_empty()
            && self.hellos.is_empty()
            && self.http_hosts.is_empty()
    }
}
