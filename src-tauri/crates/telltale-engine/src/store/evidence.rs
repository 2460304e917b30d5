//! What the traffic itself said: DNS answers, hellos, clear-text requests.

use super::Store;
use crate::EngineError;
use serde::de::DeserializeOwned;
use telltale_core::model::{DnsAnswer, Hello, HttpHost, ServerId};

/// Rows of evidence on one server's page; a person reads a few.
const MAX_ROWS: u32 = 200;

fn parsed<T: DeserializeOwned>(rows: &[String]) -> Result<Vec<T>, EngineError> {
    rows.iter().map(|json| Ok(serde_json::from_str(json)?)).collect()
}

impl Store {
    /// DNS answers for `name`, first ones first.
    pub(crate) async fn dns_of(&self, audit: u32, name: &str) -> Result<Vec<DnsAnswer>, EngineError> {
        let rows = sqlx::query_scalar::<_, String>(
            "SELECT json FROM dns_answers WHERE audit = ? AND name = ? ORDER BY id LIMIT ?",
        );
        parsed(&rows.bind(audit).bind(name).bind(MAX_ROWS).fetch_all(&self.read).await?)
    }

    /// Hellos in the flows of a server.
    pub(crate) async fn hellos_of(&self, audit: u32, server: ServerId) -> Result<Vec<Hello>, EngineError> {
        let rows = sqlx::query_scalar::<_, String>(
            "SELECT h.json FROM flows f JOIN hellos h ON h.audit = f.audit AND h.flow = f.id \
             WHERE f.audit = ? AND f.server = ? ORDER BY h.id LIMIT ?",
        );
        parsed(
            &rows
                .bind(audit)
                .bind(server.0)
                .bind(MAX_ROWS)
                .fetch_all(&self.read)
                .await?,
        )
    }

    /// Clear-text requests in the flows of a server.
    pub(crate) async fn http_of(&self, audit: u32, server: ServerId) -> Result<Vec<HttpHost>, EngineError> {
        let rows = sqlx::query_scalar::<_, String>(
            "SELECT h.json FROM flows f JOIN http_hosts h ON h.audit = f.audit AND h.flow = f.id \
             WHERE f.audit = ? AND f.server = ? ORDER BY h.id LIMIT ?",
        );
        parsed(
            &rows
                .bind(audit)
                .bind(server.0)
                .bind(MAX_ROWS)
                .fetch_all(&self.read)
                .await?,
        )
    }

    /// All DNS answers, hellos and clear-text hosts.
    pub(crate) async fn all_evidence(
        &self,
        audit: u32,
    ) -> Result<(Vec<DnsAnswer>, Vec<Hello>, Vec<HttpHost>), EngineError> {
        let dns: Vec<String> = sqlx::query_scalar("SELECT json FROM dns_answers WHERE audit = ? ORDER BY id")
            .bind(audit)
            .fetch_all(&self.read)
            .await?;
        let hellos: Vec<String> = sqlx::query_scalar("SELECT json FROM hellos WHERE audit = ? ORDER BY id")
            .bind(audit)
            .fetch_all(&self.read)
            .await?;
        let hosts: Vec<String> = sqlx::query_scalar("SELECT json FROM http_hosts WHERE audit = ? ORDER BY id")
            .bind(audit)
            .fetch_all(&self.read)
            .await?;
        Ok((parsed(&dns)?, parsed(&hellos)?, parsed(&hosts)?))
    }
}
