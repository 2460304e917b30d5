//! The flow table.

use super::servers::{narrow, order_by};
use super::{Store, of_word, small};
use crate::EngineError;
use crate::types::{FlowRow, MAX_PAGE, Page, TableQuery};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};
use std::sync::Arc;
use telltale_core::model::{App, AppId, DeviceId, Endpoint, Flow, FlowId, Purpose, ServerId, Tally, Timestamp};

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
        "sent_bytes" => "CASE WHEN f.device_is_initiator THEN f.i_bytes ELSE f.r_bytes END",
        "received_bytes" => "CASE WHEN f.device_is_initiator THEN f.r_bytes ELSE f.i_bytes END",
        "last" => "f.last_ns",
        "duration" => "f.last_ns - f.first_ns",
        "app" => "f.app",
        _ => "f.first_ns",
    }
}

const FROM: &str = " FROM flows f LEFT JOIN servers s ON s.audit = f.audit AND s.id = f.server WHERE f.audit = ";

fn narrowed(select: &str, audit: u32, query: &TableQuery, apps: &[App]) -> Result<QueryBuilder<Sqlite>, EngineError> {
    let mut sql = QueryBuilder::<Sqlite>::new(select);
    sql.push(FROM).push_bind(audit);
    narrow(&mut sql, query)?;
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
    /// A window of the flow table; `apps` gives the labels.
    pub(crate) async fn flows(
        &self,
        audit: u32,
        query: &TableQuery,
        apps: &[App],
    ) -> Result<Page<FlowRow>, EngineError> {
        let total: i64 = narrowed("SELECT count(*)", audit, query, apps)?
            .build_query_scalar()
            .fetch_one(&self.read)
            .await?;
        let mut sql = narrowed(
            "SELECT f.*, s.company AS company, s.purpose AS purpose",
            audit,
            query,
            apps,
        )?;
        order_by(&mut sql, sort_column(&query.sort), "f.id", query.descending);
        sql.push(" LIMIT ")
            .push_bind(query.limit.min(MAX_PAGE))
            .push(" OFFSET ")
            .push_bind(query.offset);
        let mut rows = Vec::new();
        for row in sql.build().fetch_all(&self.read).await? {
            let flow = flow(&row)?;
            let app = apps
                .iter()
                .find(|a| Some(a.id) == flow.app)
                .and_then(|a| a.label.clone().or_else(|| a.package.clone()));
            let purpose = row.try_get::<Option<String>, _>("purpose")?.map(of_word).transpose()?;
            rows.push(FlowRow {
                flow,
                company: row.try_get("company")?,
                purpose: purpose.unwrap_or(Purpose::Unknown),
                app,
            });
        }
        Ok(Page {
            total: small(total),
            rows,
        })
    }

    /// All flows, by number.
    pub(crate) async fn all_flows(&self, audit: u32) -> Result<Vec<Flow>, EngineError> {
        let rows = sqlx::query("SELECT * FROM flows WHERE audit = ? ORDER BY id")
            .bind(audit)
            .fetch_all(&self.read)
            .await?;
        rows.iter().map(flow).collect()
    }
}
