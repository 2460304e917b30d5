//! Live audits: what each was asked to be.

use super::Store;
use crate::EngineError;
use crate::live::LiveRequest;
use sqlx::Row;
use std::net::IpAddr;
use telltale_core::model::Timestamp;

impl Store {
    /// Begins a live audit; its number. It has no file, so its path and fingerprint are empty.
    pub(crate) async fn add_live(
        &self,
        request: &LiveRequest,
        source: &str,
        opened: Timestamp,
    ) -> Result<u32, EngineError> {
        let mut change = self.write.begin().await?;
        let id: u32 = sqlx::query_scalar(
            "INSERT INTO audits (name, description, opened_ns, state, path, fingerprint) VALUES (?, ?, ?, 'reading', '', '') RETURNING id",
        )
        .bind(&request.name)
        .bind(&request.description)
        .bind(opened.0)
        .fetch_one(&mut *change)
        .await?;
        sqlx::query("INSERT INTO live (audit, request, source) VALUES (?, ?, ?)")
            .bind(id)
            .bind(serde_json::to_string(request)?)
            .bind(source)
            .execute(&mut *change)
            .await?;
        change.commit().await?;
        Ok(id)
    }

    /// What a live audit was asked to be, and the user's choice of devices; `None`: a file's.
    pub(crate) async fn live(&self, audit: u32) -> Result<Option<(LiveRequest, Option<Vec<IpAddr>>)>, EngineError> {
        let row =
            sqlx::query("SELECT request, devices FROM live JOIN audits ON audits.id = live.audit WHERE audit = ?")
                .bind(audit)
                .fetch_optional(&self.read)
                .await?;
        let Some(row) = row else { return Ok(None) };
        let devices: Option<&str> = row.try_get("devices")?;
        Ok(Some((
            serde_json::from_str(row.try_get("request")?)?,
            devices.map(serde_json::from_str).transpose()?,
        )))
    }
}
