//! What kind a check is, and what it looks at, in one word each.

use crate::model::{AuditSource, Check, Reach};

/// The kinds, as they stand in files, policies, duties and results.
pub const KINDS: &[&str] = &[
    "audit",
    "reachability",
    "dns",
    "tls",
    "http",
    "trace",
    "tampering",
    "command",
];

/// The kind of a check, as its JSON says it.
pub const fn kind(check: &Check) -> &'static str {
    match check {
        Check::Audit { .. } => "audit",
        Check::Reachability { .. } => "reachability",
        Check::Dns { .. } => "dns",
        Check::Tls { .. } => "tls",
        Check::Http { .. } => "http",
        Check::Trace { .. } => "trace",
        Check::Tampering { .. } => "tampering",
        Check::Command { .. } => "command",
    }
}

/// What a check looks at, for people.
pub fn target(check: &Check) -> String {
    match check {
        Check::Audit { source, .. } => match source {
            AuditSource::Device { device } => device.clone(),
            AuditSource::File { path } => path.clone(),
        },
        Check::Reachability { host, how, .. } => match how {
            Reach::Icmp => host.clone(),
            Reach::Tcp { port } => with_port(host, *port),
            Reach::Udp { port } => format!("{}/udp", with_port(host, *port)),
        },
        Check::Dns { name, record, .. } => format!("{name} {record}"),
        Check::Tls { host, port, .. } => with_port(host, *port),
        Check::Http { url, .. } => url.clone(),
        Check::Trace { host, .. } => host.clone(),
        Check::Tampering { .. } => "this network".to_owned(),
        Check::Command { program, target, .. } => {
            let named = if target.is_empty() { program } else { target };
            named.clone()
        }
    }
}

fn with_port(host: &str, port: u16) -> String {
    if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    }
}
