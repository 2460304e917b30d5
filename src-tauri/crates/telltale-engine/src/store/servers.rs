//! The server table: filtered, sorted, by windows.

use super::apps::{OfApp, narrow_servers};
use super::order::{in_order, order_by, window};
use super::{Store, of_word, small, word};
use crate::EngineError;
use crate::types::{Page, TableQuery};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};
use std::sync::Arc;
use telltale_core::model::{DeviceId, Server, ServerId, Timestamp};

const COLUMNS: &str =
    "SELECT s.*, o.json AS owner_json FROM servers s JOIN owners o ON o.id = s.owner WHERE s.audit = ";

fn server(row: &SqliteRow) -> Result<Server, EngineError> {
    let number = |column| row.try_get::<i64, _>(column).map(i64::cast_unsigned);
    let name: Option<String> = row.try_get("name")?;
    let source: Option<String> = row.try_get("name_source")?;
    Ok(Server {
        id: ServerId(small(row.try_get("id")?)),
        device: DeviceId(small(row.try_get("device")?)),
        name: name.map(Arc::from),
        name_source: source.map(of_word).transpose()?,
        addresses: serde_json::from_str(row.try_get("addresses")?)?,
        owner: Arc::new(serde_json::from_str(row.try_get("owner_json")?)?),
        local: row.try_get("local")?,
        sent_bytes: number("sent_bytes")?,
        received_bytes: number("received_bytes")?,
        sent_packets: number("sent_packets")?,
        received_packets: number("received_packets")?,
        flows: small(row.try_get("flows")?),
        clear_text_bytes: number("clear_text_bytes")?,
        first: Timestamp(row.try_get("first_ns")?),
        last: Timestamp(row.try_get("last_ns")?),
    })
}

/// Adds what narrows a query of servers `s` down.
pub(super) fn narrow(sql: &mut QueryBuilder<Sqlite>, query: &TableQuery) -> Result<(), EngineError> {
    let filter = &query.filter;
    if !filter.purposes.is_empty() {
        sql.push(" AND s.purpose IN (");
        let mut list = sql.separated(", ");
        for purpose in &filter.purposes {
            list.push_bind(word(purpose)?);
        }
        sql.push(")");
    }
    if filter.clear_text {
        sql.push(" AND s.clear_text_bytes > 0");
    }
    if filter.unnamed {
        sql.push(" AND s.name IS NULL");
    }
    for (column, wanted) in [("s.company", &query.company), ("s.country", &query.country)] {
        match wanted.as_deref() {
            None => {}
            Some("") => {
                sql.push(" AND ").push(column).push(" IS NULL");
            }
            Some(value) => {
                sql.push(" AND ").push(column).push(" = ").push_bind(value.to_owned());
            }
        }
    }
    if let Some(device) = query.device {
        sql.push(" AND s.device = ").push_bind(device.0);
    }
    Ok(())
}

/// The column that a key of the window sorts servers by; names without case, rows without a value last.
fn sort_column(key: &str) -> &'static str {
    match key {
        "name" => "COALESCE(s.name, s.addresses) COLLATE NOCASE",
        "company" => "s.company COLLATE NOCASE",
        "service" => "s.service COLLATE NOCASE",
        "purpose" => "s.purpose",
        "country" => "s.country",
        "sent_bytes" => "s.sent_bytes",
        "received_bytes" => "s.received_bytes",
        "flows" => "s.flows",
        "clear_text_bytes" => "s.clear_text_bytes",
        "first" => "s.first_ns",
        "last" => "s.last_ns",
        _ => "s.sent_bytes + s.received_bytes",
    }
}

impl Store {
    /// A window of the server table. While the audit is being read (`live`) nothing is remembered between two windows.
    pub(crate) async fn servers(
        &self,
        audit: u32,
        query: &TableQuery,
        app: Option<&OfApp>,
        live: bool,
    ) -> Result<Page<Server>, EngineError> {
        let ids = if let Some(ids) = self.server_order.known(audit, query, live) {
            ids
        } else {
            let mut sql = QueryBuilder::<Sqlite>::new("SELECT s.id FROM servers s WHERE s.audit = ");
            sql.push_bind(audit);
            narrow(&mut sql, query)?;
            narrow_servers(&mut sql, audit, app)?;
            let text = query.search.trim().to_lowercase();
            if !text.is_empty() {
                sql.push(" AND instr(s.search, ").push_bind(text).push(") > 0");
            }
            order_by(&mut sql, sort_column(&query.sort), "s.id", query.descending);
            self.server_order.remember(
                audit,
                query,
                live,
                sql.build_query_scalar().fetch_all(&self.read).await?,
            )
        };
        let wanted = window(&ids, query);
        let mut rows = self.server_rows(audit, &wanted).await?;
        in_order(&mut rows, &wanted, |row| row.id.0);
        Ok(Page {
            total: u32::try_from(ids.len()).unwrap_or(u32::MAX),
            rows,
        })
    }

    async fn server_rows(&self, audit: u32, ids: &[u32]) -> Result<Vec<Server>, EngineError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql = QueryBuilder::<Sqlite>::new(COLUMNS);
        sql.push_bind(audit).push(" AND s.id IN (");
        let mut list = sql.separated(", ");
        for id in ids {
            list.push_bind(*id);
        }
        sql.push(")");
        sql.build().fetch_all(&self.read).await?.iter().map(server).collect()
    }

    /// One server row.
    pub(crate) async fn server(&self, audit: u32, id: ServerId) -> Result<Option<Server>, EngineError> {
        Ok(self.server_rows(audit, &[id.0]).await?.pop())
    }

    /// All server rows, by number.
    pub(crate) async fn all_servers(&self, audit: u32) -> Result<Vec<Server>, EngineError> {
        let mut sql = QueryBuilder::<Sqlite>::new(COLUMNS);
        sql.push_bind(audit).push(" ORDER BY s.id");
        sql.build().fetch_all(&self.read).await?.iter().map(server).collect()
    }
}
