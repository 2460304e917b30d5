//! The server table: filtered, sorted, by windows.

use super::{Store, of_word, small, word};
use crate::EngineError;
use crate::types::{MAX_PAGE, Page, TableQuery};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};
use std::sync::Arc;
use telltale_core::model::{DeviceId, Server, ServerId, Timestamp};

/// The row numbers of the last question, in order: scrolling through 100,000 rows sorts them once.
pub(super) struct Order {
    audit: u32,
    query: TableQuery,
    ids: Vec<u32>,
}

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

/// Adds the order; ties by number, so that windows never overlap.
pub(super) fn order_by(sql: &mut QueryBuilder<Sqlite>, column: &'static str, id: &'static str, descending: bool) {
    sql.push(" ORDER BY ")
        .push(column)
        .push(if descending { " DESC" } else { " ASC" })
        .push(" NULLS LAST, ")
        .push(id);
}

/// The window of `ids` that a query asks for.
pub(super) fn window(ids: &[u32], query: &TableQuery) -> Vec<u32> {
    ids.iter()
        .skip(query.offset as usize)
        .take(query.limit.min(MAX_PAGE) as usize)
        .copied()
        .collect()
}

impl Store {
    /// A window of the server table. While the audit is being read (`live`) nothing is remembered between two windows.
    pub(crate) async fn servers(
        &self,
        audit: u32,
        query: &TableQuery,
        live: bool,
    ) -> Result<Page<Server>, EngineError> {
        let ids = self.server_order(audit, query, live).await?;
        let wanted = window(&ids, query);
        let mut rows = self.server_rows(audit, &wanted).await?;
        let place: std::collections::HashMap<u32, usize> = wanted.iter().enumerate().map(|(i, id)| (*id, i)).collect();
        rows.sort_by_key(|s| place.get(&s.id.0).copied());
        Ok(Page {
            total: small(ids.len() as i64),
            rows,
        })
    }

    async fn server_order(&self, audit: u32, query: &TableQuery, live: bool) -> Result<Arc<[u32]>, EngineError> {
        let same = TableQuery {
            offset: 0,
            limit: 0,
            ..query.clone()
        };
        if !live
            && let Some(order) = &*self.order.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
            && order.audit == audit
            && order.query == same
        {
            return Ok(order.ids.as_slice().into());
        }
        let mut sql = QueryBuilder::<Sqlite>::new("SELECT s.id FROM servers s WHERE s.audit = ");
        sql.push_bind(audit);
        narrow(&mut sql, query)?;
        if !query.search.trim().is_empty() {
            sql.push(" AND instr(s.search, ")
                .push_bind(query.search.trim().to_lowercase())
                .push(") > 0");
        }
        order_by(&mut sql, sort_column(&query.sort), "s.id", query.descending);
        let ids: Vec<u32> = sql.build_query_scalar().fetch_all(&self.read).await?;
        let answer = ids.as_slice().into();
        if !live {
            *self.order.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(Order {
                audit,
                query: same,
                ids,
            });
        }
        Ok(answer)
    }

    /// Forgets the remembered order: rows of some audit have changed.
    pub(crate) fn forget_order(&self) {
        *self.order.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = None;
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
