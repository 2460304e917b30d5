//! Reports of a stored audit, saved where the user says.

use crate::{Engine, EngineError, atlas, now, save};
use std::path::Path;
use std::sync::Arc;
use telltale_core::model::{Outcome, Summary};
use telltale_core::score;
use telltale_report::{Language, ReportContext};

/// Form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportFormat {
    /// The whole audit, schema `telltale.audit/1`.
    Json,
    /// Servers as rows.
    Csv,
    /// One self-contained page.
    Html,
}

impl ReportFormat {
    /// Ending of its files.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Html => "html",
        }
    }
}

/// Octets of a proposed file name, at most; file systems end at 255.
const MAX_FILE_NAME: usize = 120;

impl Engine {
    /// The whole audit, for a report. Of a live one, what was seen until now.
    pub async fn outcome(&self, id: u32) -> Result<Outcome, EngineError> {
        let mut now = self.audit(id).await?;
        if now.progress.is_some() {
            return Err(EngineError::Busy);
        }
        let store = &self.inner.store;
        let held = if now.live.is_some() {
            let held = self.hold(id).await?;
            now.summary = store.audit(id).await?.summary.map_or(now.summary, Arc::new);
            Some(held)
        } else {
            None
        };
        let (dns, hellos, http_hosts) = store.all_evidence(id).await?;
        let outcome = Outcome {
            summary: Summary::clone(&now.summary),
            flows: store.all_flows(id).await?,
            servers: store.all_servers(id).await?,
            dns,
            hellos,
            http_hosts,
            apps_imported: store.app_report(id).await?.map(|stored| stored.report),
        };
        drop(held);
        Ok(outcome)
    }

    /// The file name to propose for a report: the audit's name, without what a path or another system's disk cannot hold.
    pub async fn report_name(&self, id: u32, format: ReportFormat) -> Result<String, EngineError> {
        self.name_for(id, format.extension()).await
    }

    /// The file name to propose for something of an audit.
    pub(crate) async fn name_for(&self, id: u32, extension: &str) -> Result<String, EngineError> {
        let name = self.inner.store.audit(id).await?.name;
        Ok(format!("{}.{extension}", file_name(&name)))
    }

    /// Saves a report of an audit that is not being read.
    pub async fn save_report(
        &self,
        id: u32,
        format: ReportFormat,
        language: Language,
        version: &str,
        path: &Path,
    ) -> Result<(), EngineError> {
        self.seal_recording(id).await?;
        let stored = self.inner.store.audit(id).await?;
        let outcome = self.outcome(id).await?;
        let settings = self.settings().await?;
        let pandore = score::pandore(&outcome.summary.pandore, &settings.pandore).ok();
        let (path, version) = (path.to_owned(), version.to_owned());
        let write = move || {
            let atlas = atlas();
            let context = ReportContext {
                title: &stored.name,
                description: &stored.description,
                made: now(),
                language,
                version: &version,
                data_sets: atlas.data_sets(),
                pandore: pandore.as_ref(),
            };
            save(&path, |writer| {
                match format {
                    ReportFormat::Json => telltale_report::json(&outcome, &context, writer)?,
                    ReportFormat::Csv => telltale_report::csv(&outcome, &context, writer)?,
                    ReportFormat::Html => telltale_report::html(&outcome, &context, writer)?,
                }
                Ok(())
            })
        };
        // A report of 100,000 flows takes a while.
        self.off_thread(write).await
    }

    /// Does what takes a while off the threads that answer the window.
    pub(crate) async fn off_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, EngineError> + Send + 'static,
    ) -> Result<T, EngineError> {
        match self.inner.runtime.spawn_blocking(work).await {
            Ok(done) => done,
            Err(e) => Err(EngineError::InvalidInput(e.to_string())),
        }
    }
}

fn file_name(name: &str) -> String {
    let kept: String = name
        .chars()
        .map(|c| {
            if c.is_control() || r#"/\:*?"<>|"#.contains(c) {
                '-'
            } else {
                c
            }
        })
        .scan(0, |len, c| {
            *len += c.len_utf8();
            (*len <= MAX_FILE_NAME).then_some(c)
        })
        .collect();
    match kept.trim().trim_start_matches('.') {
        "" => "telltale".to_owned(),
        kept => kept.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn no_name_leaves_its_folder() {
        assert_eq!(file_name("../../etc/passwd"), "-..-etc-passwd");
        assert_eq!(file_name("a\u{0}b\nc"), "a-b-c");
        assert_eq!(file_name("..."), "telltale");
        assert_eq!(file_name("Léa's phone"), "Léa's phone");
        assert!(file_name(&"é".repeat(400)).len() <= super::MAX_FILE_NAME);
    }
}
