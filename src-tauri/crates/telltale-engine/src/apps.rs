//! Apps by name: those that the capture itself marks (`PCAPdroid`), and those of the phone's own report (Apple's App Privacy Report).
//!
//! Called by the shells through [`crate::Engine`]. Both kinds are rows of one table, each with how it is known: a mark beside the
//! packets is *observed*; that an app of the report was behind a server of the same name and time is *inferred*. Octets of a server
//! that several apps of the report contacted are given to none of them. Never here: the form of the report, what joins it with the
//! servers (both are the core's), SQL.

mod import;
mod rows;
mod types;

pub use import::ReportProblem;
pub use types::{AccessSum, AppDetail, AppDomain, AppRow, AppsPage, ImportedReport, ServerApp};

use crate::store::{Contacted, OfApp, StoredReport};
use crate::{Engine, EngineError, FlowRow};
use std::net::IpAddr;
use std::path::Path;
use telltale_core::apple::{self, Joined, Seen};
use telltale_core::model::{App, AppReport, Basis, Flow, ServerId};

/// Key of an app that the capture marks: this and its Android user id.
const MARKED: &str = "uid:";
/// Key of one that has no such id (programs of a computer): this and its number in the audit.
const NUMBERED: &str = "app:";
/// Key of an app of the phone's report: this and its bundle identifier.
const REPORTED: &str = "ios:";

pub(crate) fn key_of_app(app: &App) -> String {
    if app.uid < 0 {
        format!("{NUMBERED}{}", app.id.0)
    } else {
        format!("{MARKED}{}", app.uid)
    }
}

pub(crate) fn key_of_bundle(bundle: &str) -> String {
    format!("{REPORTED}{bundle}")
}

/// A report laid beside the servers of its audit.
struct Laid {
    stored: StoredReport,
    servers: Vec<Contacted>,
    joined: Joined,
}

impl Engine {
    /// Imports the phone's own report into an audit, also while that is running. Several exports of one phone (each covers seven days)
    /// are put together: the most of each count, the widest span, no sum.
    pub async fn import_app_report(&self, id: u32, path: &Path) -> Result<ImportedReport, EngineError> {
        let store = &self.inner.store;
        store.audit(id).await?;
        let earlier = store.app_report(id).await?;
        let files = earlier.as_ref().map_or(0, |e| e.files).saturating_add(1);
        let file = path
            .file_name()
            .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let earlier = earlier.map(|e| e.report).unwrap_or_default();
        let path = path.to_owned();
        let read = move || import::read(&path, earlier);
        let report = match self.inner.runtime.spawn_blocking(read).await {
            Ok(read) => read?,
            Err(e) => return Err(EngineError::InvalidInput(e.to_string())),
        };
        let stored = StoredReport { report, file, files };
        store.set_app_report(id, &stored, crate::now()).await?;
        self.apps_changed();
        let servers = store.contacted(id).await?;
        Ok(rows::imported(&lay(stored, servers)))
    }

    /// Takes the imported report out of an audit.
    pub async fn remove_app_report(&self, id: u32) -> Result<(), EngineError> {
        self.inner.store.remove_app_report(id).await?;
        self.apps_changed();
        Ok(())
    }

    /// The apps of an audit, most octets first.
    pub async fn apps(&self, id: u32) -> Result<AppsPage, EngineError> {
        let summary = self.audit(id).await?.summary;
        let laid = self.laid(id).await?;
        let sums = if summary.apps.is_empty() {
            std::collections::BTreeMap::new()
        } else {
            self.inner.store.marked_apps(id).await?
        };
        let mut apps = rows::marked(&summary.apps, &sums);
        if let Some(laid) = &laid {
            apps.extend(rows::reported(laid, summary.span));
        }
        rows::order(&mut apps);
        Ok(AppsPage {
            apps,
            imported: laid.as_ref().map(rows::imported),
        })
    }

    /// One app: its row, and what the phone's report says of it domain by domain.
    pub async fn app(&self, id: u32, key: &str) -> Result<AppDetail, EngineError> {
        let page = self.apps(id).await?;
        let unknown = || EngineError::InvalidInput("this app is not part of the audit (any more)".to_owned());
        let app = page.apps.into_iter().find(|a| a.key == key).ok_or_else(unknown)?;
        let domains = match (key.strip_prefix(REPORTED), self.laid(id).await?) {
            (Some(bundle), Some(laid)) => rows::domains(&laid, bundle),
            _ => Vec::new(),
        };
        Ok(AppDetail { app, domains })
    }

    /// The apps of one server, most flows first.
    pub(crate) async fn apps_of_server(&self, id: u32, server: ServerId) -> Result<Vec<ServerApp>, EngineError> {
        let summary = self.audit(id).await?.summary;
        let mut apps = Vec::new();
        if !summary.apps.is_empty() {
            let marked = self.inner.store.marked_apps_of(id, server).await?;
            apps.extend(marked.into_iter().filter_map(|(app, flows)| {
                let app = summary.apps.iter().find(|a| a.id == app)?;
                Some(rows::server_app(app, flows))
            }));
        }
        if let Some(laid) = self.laid(id).await? {
            let reported = laid.joined.apps_of(server).iter();
            apps.extend(
                reported
                    .filter_map(|at| laid.stored.report.apps.get(*at))
                    .map(rows::reported_server_app),
            );
        }
        Ok(apps)
    }

    /// What narrows a table down to an app.
    pub(crate) async fn of_app(&self, id: u32, key: Option<&str>) -> Result<Option<OfApp>, EngineError> {
        let Some(key) = key else { return Ok(None) };
        let found = if key.starts_with(MARKED) || key.starts_with(NUMBERED) {
            let summary = self.audit(id).await?.summary;
            let app = summary.apps.iter().find(|app| key_of_app(app) == key);
            app.map(|app| OfApp::Marked(app.id))
        } else if let Some(bundle) = key.strip_prefix(REPORTED) {
            self.laid(id).await?.and_then(|laid| {
                let at = laid.stored.report.apps.iter().position(|a| &*a.bundle == bundle)?;
                Some(OfApp::Reported {
                    app: bundle.to_owned(),
                    servers: laid.joined.apps.get(at)?.servers.clone(),
                })
            })
        } else {
            None
        };
        Ok(Some(found.unwrap_or(OfApp::Nobody)))
    }

    /// Names the apps of flows that the capture does not mark, where the phone's report names exactly one for that name and time.
    pub(crate) async fn name_flow_apps(&self, id: u32, flows: &mut [FlowRow]) -> Result<(), EngineError> {
        if flows.iter().all(|row| row.app.is_some()) || !self.inner.store.has_app_report(id).await? {
            return Ok(());
        }
        let Some(stored) = self.inner.store.app_report(id).await? else {
            return Ok(());
        };
        name_apps(&stored.report, flows);
        Ok(())
    }

    async fn laid(&self, id: u32) -> Result<Option<Laid>, EngineError> {
        let store = &self.inner.store;
        let Some(stored) = store.app_report(id).await? else {
            return Ok(None);
        };
        Ok(Some(lay(stored, store.contacted(id).await?)))
    }

    fn apps_changed(&self) {
        self.inner.store.forget_order();
        self.inner.revision.send_modify(|r| *r += 1);
    }
}

fn lay(stored: StoredReport, servers: Vec<Contacted>) -> Laid {
    let joined = apple::join(&stored.report, servers.iter().map(Contacted::seen));
    Laid {
        stored,
        servers,
        joined,
    }
}

fn name_apps(report: &AppReport, flows: &mut [FlowRow]) {
    // A flow is joined as a server is: by its own name or remote address, and its own times.
    let remotes: Vec<[IpAddr; 1]> = flows.iter().map(|row| [remote(&row.flow)]).collect();
    let seen = (0_u32..)
        .zip(flows.iter().zip(&remotes))
        .map(|(n, (row, remote))| Seen {
            id: ServerId(n),
            name: row.flow.name.as_deref(),
            addresses: remote,
            first: row.flow.first,
            last: row.flow.last,
        });
    let joined = apple::join(report, seen);
    for (n, row) in (0_u32..).zip(flows.iter_mut()).filter(|(_, row)| row.app.is_none()) {
        if let [only] = joined.apps_of(ServerId(n))
            && let Some(app) = report.apps.get(*only)
        {
            row.app = Some(rows::shown(&app.bundle));
            row.app_basis = Some(Basis::Inferred);
        }
    }
}

fn remote(flow: &Flow) -> IpAddr {
    if flow.device_is_initiator {
        flow.responder.address
    } else {
        flow.initiator.address
    }
}

/// What a person calls an app that the capture marks.
pub(crate) fn marked_name(app: &App) -> Option<&String> {
    app.label.as_ref().or(app.package.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use telltale_core::model::AppId;

    #[test]
    fn apps_without_an_id_have_keys_of_their_own() {
        let app = |id, uid| App {
            id: AppId(id),
            uid,
            label: None,
            package: None,
            sent_bytes: 0,
            received_bytes: 0,
            flows: 0,
        };
        let keys = [app(0, -1), app(1, -1), app(2, 1)].map(|a| key_of_app(&a));
        assert_eq!(keys, ["app:0", "app:1", "uid:1"]);
    }
}
