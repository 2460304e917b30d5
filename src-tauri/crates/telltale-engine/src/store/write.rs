//! Rows of a running audit: one transaction a step, whole rows replaced by number.

use super::{Store, signed, word};
use crate::EngineError;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};
use std::collections::HashMap;
use std::sync::Arc;
use telltale_core::audit::Changes;
use telltale_core::model::{Flow, Owner, Server, Summary};

/// Rows of one INSERT: `SQLite` takes 32,766 bound values, a flow has 28.
pub(super) const ROWS_PER_INSERT: usize = 500;
/// Owners remembered by their JSON; past it the memory starts anew, which costs look-ups only.
const MAX_KNOWN_OWNERS: usize = 100_000;

/// Numbers of the owners that one running audit has stored.
#[derive(Default)]
pub(crate) struct KnownOwners(HashMap<String, i64>);

impl Store {
    /// Stores what changed, and the summary (if there is a new one) with it, in one transaction.
    pub(crate) async fn write(
        &self,
        audit: u32,
        changes: &Changes,
        summary: Option<&Summary>,
        owners: &mut KnownOwners,
    ) -> Result<(), EngineError> {
        let mut step = self.write.begin().await?;
        write_servers(&mut step, audit, &changes.servers, owners).await?;
        for rows in changes.flows.chunks(ROWS_PER_INSERT) {
            write_flows(&mut step, audit, rows).await?;
        }
        let dns: Vec<_> = changes
            .dns
            .iter()
            .map(|(id, d)| Ok((*id, d.name.to_string(), serde_json::to_string(d)?)))
            .collect::<Result<_, EngineError>>()?;
        let hellos: Vec<_> = changes
            .hellos
            .iter()
            .map(|(id, h)| Ok((*id, h.flow.0, serde_json::to_string(h)?)))
            .collect::<Result<_, EngineError>>()?;
        let hosts: Vec<_> = changes
            .http_hosts
            .iter()
            .map(|(id, h)| Ok((*id, h.flow.0, serde_json::to_string(h)?)))
            .collect::<Result<_, EngineError>>()?;
        write_evidence(&mut step, "dns_answers (audit, id, name, json)", audit, dns).await?;
        write_evidence(&mut step, "hellos (audit, id, flow, json)", audit, hellos).await?;
        write_evidence(&mut step, "http_hosts (audit, id, flow, json)", audit, hosts).await?;
        if let Some(summary) = summary {
            sqlx::query("UPDATE audits SET summary = ? WHERE id = ?")
                .bind(serde_json::to_string(summary)?)
                .bind(audit)
                .execute(&mut *step)
                .await?;
        }
        step.commit().await?;
        Ok(())
    }
}

async fn owner_number(
    step: &mut SqliteConnection,
    owner: &Arc<Owner>,
    known: &mut KnownOwners,
) -> Result<i64, EngineError> {
    let json = serde_json::to_string(owner)?;
    if let Some(id) = known.0.get(&json) {
        return Ok(*id);
    }
    sqlx::query("INSERT OR IGNORE INTO owners (json) VALUES (?)")
        .bind(&json)
        .execute(&mut *step)
        .await?;
    let id: i64 = sqlx::query_scalar("SELECT id FROM owners WHERE json = ?")
        .bind(&json)
        .fetch_one(step)
        .await?;
    if known.0.len() >= MAX_KNOWN_OWNERS {
        known.0.clear();
    }
    known.0.insert(json, id);
    Ok(id)
}

/// What the search box looks in, lower case.
fn search_text(s: &Server) -> String {
    let owner = &s.owner;
    let words = [
        &s.name,
        &owner.company,
        &owner.service,
        &owner.organisation,
        &owner.registrable_domain,
    ];
    let mut text: String = words.into_iter().flatten().flat_map(|w| [w, " "]).collect();
    for address in &s.addresses {
        text.push_str(&address.to_string());
        text.push(' ');
    }
    text.to_lowercase()
}

async fn write_servers(
    step: &mut SqliteConnection,
    audit: u32,
    servers: &[Server],
    owners: &mut KnownOwners,
) -> Result<(), EngineError> {
    for gone in servers.iter().filter(|s| s.flows == 0) {
        sqlx::query("DELETE FROM servers WHERE audit = ? AND id = ?")
            .bind(audit)
            .bind(gone.id.0)
            .execute(&mut *step)
            .await?;
    }
    let here: Vec<&Server> = servers.iter().filter(|s| s.flows > 0).collect();
    for rows in here.chunks(ROWS_PER_INSERT) {
        let mut values = Vec::with_capacity(rows.len());
        for s in rows {
            let owner = owner_number(step, &s.owner, owners).await?;
            let source = s.name_source.as_ref().map(word).transpose()?;
            values.push((
                *s,
                owner,
                source,
                serde_json::to_string(&s.addresses)?,
                word(&s.owner.purpose)?,
            ));
        }
        let mut insert = QueryBuilder::<Sqlite>::new(
            "INSERT OR REPLACE INTO servers (audit, id, device, name, name_source, addresses, owner, company, service, purpose, country, \
             local, sent_bytes, received_bytes, sent_packets, received_packets, flows, clear_text_bytes, first_ns, last_ns, search) ",
        );
        insert.push_values(values, |mut row, (s, owner, source, addresses, purpose)| {
            row.push_bind(audit)
                .push_bind(s.id.0)
                .push_bind(s.device.0)
                .push_bind(s.name.as_deref())
                .push_bind(source)
                .push_bind(addresses)
                .push_bind(owner)
                .push_bind(s.owner.company.as_deref())
                .push_bind(s.owner.service.as_deref())
                .push_bind(purpose)
                .push_bind(s.owner.country.as_deref())
                .push_bind(s.local)
                .push_bind(signed(s.sent_bytes))
                .push_bind(signed(s.received_bytes))
                .push_bind(signed(s.sent_packets))
                .push_bind(signed(s.received_packets))
                .push_bind(s.flows)
                .push_bind(signed(s.clear_text_bytes))
                .push_bind(s.first.0)
                .push_bind(s.last.0)
                .push_bind(search_text(s));
        });
        insert.build().execute(&mut *step).await?;
    }
    Ok(())
}

async fn write_flows(step: &mut SqliteConnection, audit: u32, flows: &[Flow]) -> Result<(), EngineError> {
    let mut values = Vec::with_capacity(flows.len());
    for f in flows {
        let tcp = f.tcp.as_ref().map(word).transpose()?;
        let source = f.name_source.as_ref().map(word).transpose()?;
        values.push((f, word(&f.transport)?, tcp, word(&f.protocol)?, source));
    }
    let mut insert = QueryBuilder::<Sqlite>::new(
        "INSERT OR REPLACE INTO flows (audit, id, transport, initiator, initiator_port, responder, responder_port, i_packets, i_wire_bytes, \
         i_bytes, r_packets, r_wire_bytes, r_bytes, first_ns, last_ns, tcp, tunnel, protocol, name, name_source, alpn, ja4, ech, device, \
         device_is_initiator, server, app) ",
    );
    insert.push_values(values, |mut row, (f, transport, tcp, protocol, source)| {
        row.push_bind(audit)
            .push_bind(f.id.0)
            .push_bind(transport)
            .push_bind(f.initiator.address.to_string())
            .push_bind(f.initiator.port)
            .push_bind(f.responder.address.to_string())
            .push_bind(f.responder.port)
            .push_bind(signed(f.from_initiator.packets))
            .push_bind(signed(f.from_initiator.bytes))
            .push_bind(signed(f.from_initiator.ip_bytes))
            .push_bind(signed(f.from_responder.packets))
            .push_bind(signed(f.from_responder.bytes))
            .push_bind(signed(f.from_responder.ip_bytes))
            .push_bind(f.first.0)
            .push_bind(f.last.0)
            .push_bind(tcp)
            .push_bind(f.tunnel.map(|t| t.0))
            .push_bind(protocol)
            .push_bind(f.name.as_deref())
            .push_bind(source)
            .push_bind(f.alpn.as_deref())
            .push_bind(f.ja4.as_deref())
            .push_bind(f.ech)
            .push_bind(f.device.map(|d| d.0))
            .push_bind(f.device_is_initiator)
            .push_bind(f.server.map(|s| s.0))
            .push_bind(f.app.map(|a| a.0));
    });
    insert.build().execute(step).await?;
    Ok(())
}

/// Rows of one of the evidence tables: number, the column that it is found by, JSON. `into` is one of this file's own texts.
async fn write_evidence<K>(
    step: &mut SqliteConnection,
    into: &'static str,
    audit: u32,
    rows: Vec<(u32, K, String)>,
) -> Result<(), EngineError>
where
    K: Clone + Send + 'static + for<'q> sqlx::Encode<'q, Sqlite> + sqlx::Type<Sqlite>,
{
    for chunk in rows.chunks(ROWS_PER_INSERT) {
        let mut insert = QueryBuilder::<Sqlite>::new("INSERT OR REPLACE INTO ");
        insert.push(into).push(" ");
        insert.push_values(chunk.to_vec(), |mut row, (id, key, json)| {
            row.push_bind(audit).push_bind(id).push_bind(key).push_bind(json);
        });
        insert.build().execute(&mut *step).await?;
    }
    Ok(())
}
