//! The flow table.

use super::apps::{OfApp, narrow_flows};
use super::order::{in_order, order_by, window};
use super::servers::narrow;
use super::{Store, of_word, small};
use crate::EngineError;
use crate::apps::marked_name;
use crate::types::{FlowRow, Page, TableQuery};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};
use std::sync::Arc;
use telltale_core::model::{App, AppId, Basis, DeviceId, Endpoint, Flow, FlowId, Purpose, ServerId, Tally, Timestamp};

/// Flows fetched at once where all are wanted.
const ROWS_A_STEP: u32 = 4_096;

fn flow(row: &SqliteRow) -> Result<Flow, EngineError> {
    let optional = |column| row.try_get::<Option<i64>, _>(column);
    let text = |column| row.try_get::<Option<String>, _>(column).map(|t| t.map(Arc::from));
    let count = |column| row.try_get::<i64, _>(column).map(i64::cast_unsigned);
    let endpoint = |address, port| -> Result<Endpoint, EngineError> {
        let address: String = row.try_get(address)?;
        let address = address
            .parse()
            .map_err(|_| EngineError::InvalidInput(format!("a stored address cannot be read: {address}")))?;
        Ok(Endpoint {
            address,
            port: small(row.try_get(port)?),
        })
    };
    Ok(Flow {
        id: FlowId(small(row.try_get("id")?)),
        transport: of_word(row.try_get("transport")?)?,
        initiator: endpoint("initiator", "initiator_port")?,
        responder: endpoint("responder", "responder_port")?,
        from_initiator: Tally {
            packets: count("i_packets")?,
            bytes: count("i_wire_bytes")?,
            ip_bytes: count("i_bytes")?,
        },
        from_responder: Tally {
            packets: count("r_packets")?,
            bytes: count("r_wire_bytes")?,
            ip_bytes: count("r_bytes")?,
        },
        first: Timestamp(row.try_get("first_ns")?),
        last: Timestamp(row.try_get("last_ns")?),
        tcp: row.try_get::<Option<String>, _>("tcp")?.map(of_word).transpose()?,
        tunnel: optional("tunnel")?.map(|n| FlowId(small(n))),
        protocol: of_word(row.try_get("protocol")?)?,
        name: text("name")?,
        name_source: row
            .try_get::<Option<String>, _>("name_source")?
            .map(of_word)
            .transpose()?,
        alpn: text("alpn")?,
        ja4: text("ja4")?,
        ech: row.try_get("ech")?,
        device: optional("device")?.map(|n| DeviceId(small(n))),
        device_is_initiator: row.try_get("device_is_initiator")?,
        server: optional("server")?.map(|n| ServerId(small(n))),
        app: optional("app")?.map(|n| AppId(small(n))),
    })
}

fn sort_column(key: &str) -> &'static str {
    match key {
        "name" => "COALESCE(f.name, f.responder) COLLATE NOCASE",
        "company" => "s.company COLLATE NOCASE",
        "purpose" => "s.purpose",
        "protocol" => "f.protocol",
        "sent_bytes" => "CASE WHEN f.device_is_initiator OR f.device IS NULL THEN f.i_bytes ELSE f.r_bytes END",
        "received_bytes" => "CASE WHEN f.device_is_initiator OR f.device IS NULL THEN f.r_bytes ELSE f.i_bytes END",
        "last" => "f.last_ns",
        "duration" => "f.last_ns - f.first_ns",
        "app" => "f.app",
        // Numbers are given in order of the first packet.
        _ => "f.id",
    }
}

const FROM: &str = " FROM flows f LEFT JOIN servers s ON s.audit = f.audit AND s.id = f.server WHERE f.audit = ";

fn narrowed(
    select: &str,
    audit: u32,
    query: &TableQuery,
    apps: &[App],
    app: Option<&OfApp>,
) -> Result<QueryBuilder<Sqlite>, EngineError> {
    let mut sql = QueryBuilder::<Sqlite>::new(select);
    sql.push(FROM).push_bind(audit);
    narrow(&mut sql, query)?;
    narrow_flows(&mut sql, app)?;
    if let Some(server) = query.server {
        sql.push(" AND f.server = ").push_bind(server.0);
    }
    let text = query.search.trim().to_lowercase();
    if !text.is_empty() {
        sql.push(" AND (instr(COALESCE(s.search, ''), ").push_bind(text.clone());
        for column in ["f.initiator", "f.responder", "COALESCE(f.name, '')", "f.protocol"] {
            sql.push(") > 0 OR instr(")
                .push(column)
                .push(", ")
                .push_bind(text.clone());
        }
        sql.push(") > 0");
        for app in apps.iter().filter(|a| {
            [&a.label, &a.package]
                .into_iter()
                .flatten()
                .any(|l| l.to_lowercase().contains(&text))
        }) {
            sql.push(" OR f.app = ").push_bind(app.id.0);
        }
        sql.push(")");
    }
    Ok(sql)
}

impl Store {
    /// A window of the flow table; `apps` gives the labels. While the audit is being read (`live`) nothing is remembered between
    /// two windows.
    pub(crate) async fn flows(
        &self,
        audit: u32,
        query: &TableQuery,
        apps: &[App],
        app: Option<&OfApp>,
        live: bool,
    ) -> Result<Page<FlowRow>, EngineError> {
        let ids = if let Some(ids) = self.flow_order.known(audit, query, live) {
            ids
        } else {
            let mut sql = narrowed("SELECT f.id", audit, query, apps, app)?;
            order_by(&mut sql, sort_column(&query.sort), "f.id", query.descending);
            self.flow_order.remember(
                audit,
                query,
                live,
                sql.build_query_scalar().fetch_all(&self.read).await?,
            )
        };
        let wanted = window(&ids, query);
        let mut rows = self.flow_rows(audit, &wanted, apps).await?;
        in_order(&mut rows, &wanted, |row| row.flow.id.0);
        Ok(Page {
            total: u32::try_from(ids.len()).unwrap_or(u32::MAX),
            rows,
        })
    }

    async fn flow_rows(&self, audit: u32, ids: &[u32], apps: &[App]) -> Result<Vec<FlowRow>, EngineError> {
        let mut sql = QueryBuilder::<Sqlite>::new("SELECT f.*, s.company AS company, s.purpose AS purpose");
        sql.push(FROM).push_bind(audit).push(" AND f.id IN (");
        let mut list = sql.separated(", ");
        for id in ids {
            list.push_bind(*id);
        }
        sql.push(")");
        let mut rows = Vec::with_capacity(ids.len());
        for row in sql.build().fetch_all(&self.read).await? {
            let flow = flow(&row)?;
            let app = apps
                .iter()
                .find(|a| Some(a.id) == flow.app)
                .and_then(marked_name)
                .cloned();
            let purpose = row.try_get::<Option<String>, _>("purpose")?.map(of_word).transpose()?;
            rows.push(FlowRow {
                flow,
                company: row.try_get("company")?,
                purpose: purpose.unwrap_or(Purpose::Unknown),
                app_basis: app.is_some().then_some(Basis::Observed),
                app,
            });
        }
        Ok(rows)
    }

    /// All flows, by number; fetched in steps, since a row in the driver's own form takes several times its size.
    pub(crate) async fn all_flows(&self, audit: u32) -> Result<Vec<Flow>, EngineError> {
        let mut flows: Vec<Flow> = Vec::new();
        loop {
            let after = flows.last().map_or(-1, |f| i64::from(f.id.0));
            let rows = sqlx::query("SELECT * FROM flows WHERE audit = ? AND id > ? ORDER BY id LIMIT ?")
                .bind(audit)
                .bind(after)
                .bind(ROWS_A_STEP)
                .fetch_all(&self.read)
                .await?;
            for row in &rows {
                flows.push(flow(row)?);
            }
            if rows.len() < ROWS_A_STEP as usize {
                return Ok(flows);
            }
        }
    }
}
