//! Apps: the phone's own report, and what the capture's marks lead to.

use super::write::ROWS_PER_INSERT;
use super::{Store, of_word, small, word};
use crate::EngineError;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use telltale_core::apple::{CLOCK_TOLERANCE_NS, Seen};
use telltale_core::model::{Access, AppId, AppReport, Purpose, ReportedApp, ReportedDomain, ServerId, Timestamp};

/// What was imported into an audit.
pub(crate) struct StoredReport {
    pub(crate) report: AppReport,
    /// Name of the newest file.
    pub(crate) file: String,
    /// How many were imported.
    pub(crate) files: u32,
}

/// Which rows belong to an app.
pub(crate) enum OfApp {
    /// The capture marks its packets.
    Marked(AppId),
    /// The phone's report names it: rows of these servers; of flows those in the time of one of its domains.
    Reported { app: String, servers: Vec<ServerId> },
    /// There is no such app.
    Nobody,
}

/// What apps need of a server row.
pub(crate) struct Contacted {
    pub(crate) id: ServerId,
    name: Option<String>,
    addresses: Vec<IpAddr>,
    first: Timestamp,
    last: Timestamp,
    pub(crate) company: Option<String>,
    pub(crate) purpose: Purpose,
    pub(crate) sent_bytes: u64,
    pub(crate) received_bytes: u64,
}

impl Contacted {
    pub(crate) fn seen(&self) -> Seen<'_> {
        Seen {
            id: self.id,
            name: self.name.as_deref(),
            addresses: &self.addresses,
            first: self.first,
            last: self.last,
        }
    }
}

/// What the flows of an app that the capture marks come to.
#[derive(Clone, Copy, Default)]
pub(crate) struct MarkedSums {
    pub(crate) servers: u32,
    pub(crate) companies: u32,
    pub(crate) tracker_companies: u32,
    pub(crate) span: Option<(Timestamp, Timestamp)>,
}

/// Adds what narrows servers `s` down to those of an app.
pub(super) fn narrow_servers(
    sql: &mut QueryBuilder<Sqlite>,
    audit: u32,
    app: Option<&OfApp>,
) -> Result<(), EngineError> {
    match app {
        None => {}
        Some(OfApp::Marked(app)) => {
            sql.push(" AND s.id IN (SELECT m.server FROM flows m WHERE m.audit = ")
                .push_bind(audit);
            sql.push(" AND m.app = ").push_bind(app.0).push(")");
        }
        Some(OfApp::Reported { servers, .. }) => {
            let servers = serde_json::to_string(servers)?;
            sql.push(" AND s.id IN (SELECT value FROM json_each(")
                .push_bind(servers)
                .push("))");
        }
        Some(OfApp::Nobody) => {
            sql.push(" AND FALSE");
        }
    }
    Ok(())
}

/// As [`narrow_servers`], for flows `f`. Of a reported app: the flows to its servers in the time in which the report has it contact
/// them, as [`telltale_core::apple::join`] has it for server rows.
pub(super) fn narrow_flows(sql: &mut QueryBuilder<Sqlite>, app: Option<&OfApp>) -> Result<(), EngineError> {
    match app {
        None => {}
        Some(OfApp::Marked(app)) => {
            sql.push(" AND f.app = ").push_bind(app.0);
        }
        Some(OfApp::Reported { app, servers }) => {
            let servers = serde_json::to_string(servers)?;
            sql.push(" AND f.server IN (SELECT value FROM json_each(")
                .push_bind(servers);
            sql.push(")) AND EXISTS (SELECT 1 FROM app_domains d WHERE d.audit = f.audit AND d.app = ");
            sql.push_bind(app.clone());
            sql.push(" AND d.domain = COALESCE(f.name, CASE WHEN f.device_is_initiator THEN f.responder ELSE f.initiator END)");
            sql.push(" AND d.first_ns <= f.last_ns + ")
                .push_bind(CLOCK_TOLERANCE_NS);
            sql.push(" AND d.last_ns >= f.first_ns - ")
                .push_bind(CLOCK_TOLERANCE_NS)
                .push(")");
        }
        Some(OfApp::Nobody) => {
            sql.push(" AND FALSE");
        }
    }
    Ok(())
}

fn text(row: &SqliteRow, column: &str) -> Result<Option<Arc<str>>, EngineError> {
    Ok(row.try_get::<Option<String>, _>(column)?.map(Arc::from))
}

fn domain(row: &SqliteRow) -> Result<ReportedDomain, EngineError> {
    Ok(ReportedDomain {
        domain: row.try_get::<String, _>("domain")?.into(),
        context: text(row, "context")?,
        owner: text(row, "owner")?,
        may_profile: row.try_get("may_profile")?,
        initiator: row
            .try_get::<Option<String>, _>("initiator")?
            .map(of_word)
            .transpose()?,
        hits: small(row.try_get("hits")?),
        first: Timestamp(row.try_get("first_ns")?),
        last: Timestamp(row.try_get("last_ns")?),
    })
}

fn access(row: &SqliteRow) -> Result<Access, EngineError> {
    let time = |column| row.try_get::<Option<i64>, _>(column).map(|t| t.map(Timestamp));
    Ok(Access {
        category: of_word(row.try_get("category")?)?,
        id: row.try_get::<String, _>("pair")?.into(),
        broadcaster: text(row, "broadcaster")?,
        begin: time("begin_ns")?,
        end: time("end_ns")?,
    })
}

impl Store {
    /// The phone's own report, if one was imported.
    pub(crate) async fn app_report(&self, audit: u32) -> Result<Option<StoredReport>, EngineError> {
        let import = sqlx::query("SELECT file, files, tally FROM app_imports WHERE audit = ?")
            .bind(audit)
            .fetch_optional(&self.read)
            .await?;
        let Some(import) = import else { return Ok(None) };
        let mut apps: BTreeMap<String, ReportedApp> = BTreeMap::new();
        let named = |row: &SqliteRow| row.try_get::<String, _>("app");
        let empty = |bundle: &str| ReportedApp {
            bundle: bundle.into(),
            domains: Vec::new(),
            accesses: Vec::new(),
        };
        let domains = sqlx::query("SELECT * FROM app_domains WHERE audit = ? ORDER BY id").bind(audit);
        for row in domains.fetch_all(&self.read).await? {
            let bundle = named(&row)?;
            let fresh = empty(&bundle);
            apps.entry(bundle).or_insert(fresh).domains.push(domain(&row)?);
        }
        let accesses = sqlx::query("SELECT * FROM app_accesses WHERE audit = ? ORDER BY id").bind(audit);
        for row in accesses.fetch_all(&self.read).await? {
            let bundle = named(&row)?;
            let fresh = empty(&bundle);
            apps.entry(bundle).or_insert(fresh).accesses.push(access(&row)?);
        }
        Ok(Some(StoredReport {
            report: AppReport {
                apps: apps.into_values().collect(),
                tally: serde_json::from_str(import.try_get("tally")?)?,
            },
            file: import.try_get("file")?,
            files: small(import.try_get("files")?),
        }))
    }

    /// Whether one was imported.
    pub(crate) async fn has_app_report(&self, audit: u32) -> Result<bool, EngineError> {
        let found: Option<i64> = sqlx::query_scalar("SELECT 1 FROM app_imports WHERE audit = ?")
            .bind(audit)
            .fetch_optional(&self.read)
            .await?;
        Ok(found.is_some())
    }

    /// Puts a report in the place of what was imported before.
    pub(crate) async fn set_app_report(
        &self,
        audit: u32,
        stored: &StoredReport,
        at: Timestamp,
    ) -> Result<(), EngineError> {
        let mut change = self.write.begin().await?;
        clear(&mut change, audit).await?;
        sqlx::query("INSERT INTO app_imports (audit, file, files, imported_ns, tally) VALUES (?, ?, ?, ?, ?)")
            .bind(audit)
            .bind(&stored.file)
            .bind(stored.files)
            .bind(at.0)
            .bind(serde_json::to_string(&stored.report.tally)?)
            .execute(&mut *change)
            .await?;
        write_domains(&mut change, audit, &stored.report).await?;
        write_accesses(&mut change, audit, &stored.report).await?;
        change.commit().await?;
        Ok(())
    }

    /// Takes all of it out of the audit.
    pub(crate) async fn remove_app_report(&self, audit: u32) -> Result<(), EngineError> {
        let mut change = self.write.begin().await?;
        clear(&mut change, audit).await?;
        change.commit().await?;
        Ok(())
    }

    /// All server rows, as far as apps need them.
    pub(crate) async fn contacted(&self, audit: u32) -> Result<Vec<Contacted>, EngineError> {
        let rows = sqlx::query(
            "SELECT id, name, addresses, first_ns, last_ns, company, purpose, sent_bytes, received_bytes FROM servers \
             WHERE audit = ? ORDER BY id",
        );
        let mut servers = Vec::new();
        for row in rows.bind(audit).fetch_all(&self.read).await? {
            let name: Option<String> = row.try_get("name")?;
            servers.push(Contacted {
                id: ServerId(small(row.try_get("id")?)),
                // Only a nameless row is found by its addresses.
                addresses: match name {
                    Some(_) => Vec::new(),
                    None => serde_json::from_str(row.try_get("addresses")?)?,
                },
                name,
                first: Timestamp(row.try_get("first_ns")?),
                last: Timestamp(row.try_get("last_ns")?),
                company: row.try_get("company")?,
                purpose: of_word(row.try_get("purpose")?)?,
                sent_bytes: row.try_get::<i64, _>("sent_bytes")?.cast_unsigned(),
                received_bytes: row.try_get::<i64, _>("received_bytes")?.cast_unsigned(),
            });
        }
        Ok(servers)
    }

    /// Sums of the apps that the capture marks.
    pub(crate) async fn marked_apps(&self, audit: u32) -> Result<BTreeMap<AppId, MarkedSums>, EngineError> {
        let mut sql = QueryBuilder::<Sqlite>::new(
            "SELECT p.app, COUNT(s.id) AS servers, COUNT(DISTINCT s.company) AS companies, COUNT(DISTINCT CASE WHEN s.purpose IN (",
        );
        let mut list = sql.separated(", ");
        for purpose in Purpose::ALL.into_iter().filter(|p| p.is_tracker()) {
            list.push_bind(word(&purpose)?);
        }
        sql.push(
            ") THEN s.company END) AS trackers, MIN(p.first) AS first, MAX(p.last) AS last FROM (SELECT app, server, \
             MIN(first_ns) AS first, MAX(last_ns) AS last FROM flows WHERE app IS NOT NULL AND audit = ",
        );
        sql.push_bind(audit);
        sql.push(" GROUP BY app, server) p LEFT JOIN servers s ON s.id = p.server AND s.audit = ")
            .push_bind(audit);
        sql.push(" GROUP BY p.app");
        let mut sums = BTreeMap::new();
        for row in sql.build().fetch_all(&self.read).await? {
            let time = |column| row.try_get::<i64, _>(column).map(Timestamp);
            let sum = MarkedSums {
                servers: small(row.try_get("servers")?),
                companies: small(row.try_get("companies")?),
                tracker_companies: small(row.try_get("trackers")?),
                span: Some((time("first")?, time("last")?)),
            };
            sums.insert(AppId(small(row.try_get("app")?)), sum);
        }
        Ok(sums)
    }

    /// The marked apps of one server, with their flows.
    pub(crate) async fn marked_apps_of(&self, audit: u32, server: ServerId) -> Result<Vec<(AppId, u32)>, EngineError> {
        let rows: Vec<(i64, i64)> = sqlx::query_as(
            "SELECT app, COUNT(*) FROM flows WHERE audit = ? AND server = ? AND app IS NOT NULL GROUP BY app ORDER BY 2 DESC, 1",
        )
        .bind(audit)
        .bind(server.0)
        .fetch_all(&self.read)
        .await?;
        Ok(rows
            .into_iter()
            .map(|(app, flows)| (AppId(small(app)), small(flows)))
            .collect())
    }
}

async fn clear(change: &mut SqliteConnection, audit: u32) -> Result<(), EngineError> {
    for delete in [
        "DELETE FROM app_imports WHERE audit = ?",
        "DELETE FROM app_domains WHERE audit = ?",
        "DELETE FROM app_accesses WHERE audit = ?",
    ] {
        sqlx::query(delete).bind(audit).execute(&mut *change).await?;
    }
    Ok(())
}

async fn write_domains(change: &mut SqliteConnection, audit: u32, report: &AppReport) -> Result<(), EngineError> {
    let rows = report
        .apps
        .iter()
        .flat_map(|app| app.domains.iter().map(move |d| (app, d)));
    let mut values = Vec::new();
    for (id, (app, d)) in (0_u32..).zip(rows) {
        values.push((id, app, d, d.initiator.as_ref().map(word).transpose()?));
    }
    for chunk in values.chunks(ROWS_PER_INSERT) {
        let mut insert = QueryBuilder::<Sqlite>::new(
            "INSERT INTO app_domains (audit, id, app, domain, context, owner, may_profile, initiator, hits, first_ns, last_ns) ",
        );
        insert.push_values(chunk, |mut row, (id, app, d, initiator)| {
            row.push_bind(audit)
                .push_bind(id)
                .push_bind(&*app.bundle)
                .push_bind(&*d.domain)
                .push_bind(d.context.as_deref())
                .push_bind(d.owner.as_deref())
                .push_bind(d.may_profile)
                .push_bind(initiator)
                .push_bind(d.hits)
                .push_bind(d.first.0)
                .push_bind(d.last.0);
        });
        insert.build().execute(&mut *change).await?;
    }
    Ok(())
}

async fn write_accesses(change: &mut SqliteConnection, audit: u32, report: &AppReport) -> Result<(), EngineError> {
    let rows = report
        .apps
        .iter()
        .flat_map(|app| app.accesses.iter().map(move |a| (app, a)));
    let mut values = Vec::new();
    for (id, (app, a)) in (0_u32..).zip(rows) {
        values.push((id, app, a, word(&a.category)?));
    }
    for chunk in values.chunks(ROWS_PER_INSERT) {
        let mut insert = QueryBuilder::<Sqlite>::new(
            "INSERT INTO app_accesses (audit, id, app, category, pair, broadcaster, begin_ns, end_ns) ",
        );
        insert.push_values(chunk, |mut row, (id, app, a, category)| {
            row.push_bind(audit)
                .push_bind(id)
                .push_bind(&*app.bundle)
                .push_bind(category)
                .push_bind(&*a.id)
                .push_bind(a.broadcaster.as_deref())
                .push_bind(a.begin.map(|t| t.0))
                .push_bind(a.end.map(|t| t.0));
        });
        insert.build().execute(&mut *change).await?;
    }
    Ok(())
}
