//! Whom the phones talk to, told while it happens: one line for each server, when it is new.
//!
//! Called by [`crate::watch`]. Never here: what counts as a server or who is behind it, which the engine's rows say.

use std::collections::HashSet;
use std::io::{self, Write};
use telltale_core::model::{DeviceId, Server, ServerId, Summary, Timestamp};
use telltale_engine::{Engine, EngineError, MAX_PAGE, TableQuery, now};

/// A server without a name is told so late, nanoseconds: mostly its name comes with the next packets.
const PATIENCE_NS: i64 = 2_000_000_000;

/// Servers that were told already.
#[derive(Default)]
pub(crate) struct Contacts {
    told: HashSet<ServerId>,
}

impl Contacts {
    /// Tells on stdout what is new of audit `id`, oldest first. `last`: nothing comes after this, so nothing is waited for.
    pub(crate) async fn tell(&mut self, engine: &Engine, id: u32, last: bool) -> Result<io::Result<()>, EngineError> {
        let query = TableQuery {
            sort: "first".to_owned(),
            descending: true,
            limit: MAX_PAGE,
            ..TableQuery::default()
        };
        let mut new = Vec::new();
        for page in 0.. {
            let query = TableQuery {
                offset: page * MAX_PAGE,
                ..query.clone()
            };
            let rows = engine.servers(id, &query).await?.rows;
            let (all, before) = (rows.len(), new.len());
            let is_ripe = |s: &Server| last || s.name.is_some() || now().0.saturating_sub(s.first.0) > PATIENCE_NS;
            new.extend(rows.into_iter().filter(|s| !self.told.contains(&s.id) && is_ripe(s)));
            // A page without anything new: what lies behind it is older, and was told.
            if all < MAX_PAGE as usize || new.len() == before {
                break;
            }
        }
        if new.is_empty() {
            return Ok(Ok(()));
        }
        let summary = engine.audit(id).await?.summary;
        let began = summary.source.live.as_ref().map(|l| l.began);
        self.told.extend(new.iter().map(|s| s.id));
        let mut out = io::stdout().lock();
        let lines = new.iter().rev().filter(|s| !s.local);
        let written = lines.map(|s| writeln!(out, "{}", line(s, &summary, began)));
        Ok(written.collect::<io::Result<()>>().and_then(|()| out.flush()))
    }
}

/// `   12 s  Annas-Phone -> graph.facebook.com  (Meta, advertising; tracks)`.
fn line(server: &Server, summary: &Summary, began: Option<Timestamp>) -> String {
    let since = began.map_or(0, |began| server.first.0.saturating_sub(began.0) / 1_000_000_000);
    let remote = match (&server.name, server.addresses.first()) {
        (Some(name), _) => name.to_string(),
        (None, Some(address)) => address.to_string(),
        (None, None) => "a server without a name".to_owned(),
    };
    let owner = &server.owner;
    let mut known: Vec<&str> = Vec::new();
    known.extend(owner.company.as_deref().or(owner.organisation.as_deref()));
    known.extend(
        owner
            .service
            .as_deref()
            .filter(|s| Some(*s) != owner.company.as_deref()),
    );
    if owner.tracker {
        known.push("measures or follows");
    }
    if server.clear_text_bytes > 0 {
        known.push("in clear text");
    }
    let known = if known.is_empty() {
        String::new()
    } else {
        format!("  ({})", known.join(", "))
    };
    format!("{since:>5} s  {} -> {remote}{known}", device(server.device, summary))
}

/// What the device calls itself, else its address.
fn device(id: DeviceId, summary: &Summary) -> String {
    let device = summary.devices.iter().find(|d| d.id == id);
    let name = device.and_then(|d| d.name.clone());
    let address = || device.and_then(|d| d.addresses.first()).map(ToString::to_string);
    name.or_else(address).unwrap_or_else(|| "a device".to_owned())
}
