//! Apps by name: the capture's marks, and the phone's own report laid beside an audit.
#![allow(missing_docs)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;
use telltale_core::model::{AccessCategory, Basis};
use telltale_engine::{AppRow, Engine, EngineError, Language, Opened, ReportFormat, ReportProblem, TableQuery};

fn house(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..").join(path)
}

/// A report written by hand, of the time of the example capture.
fn report() -> PathBuf {
    house("src-tauri/crates/telltale-core/tests/app-privacy-report.ndjson")
}

async fn audited(folder: &Path, capture: &str) -> (Engine, u32) {
    let engine = Engine::open(folder).await.unwrap();
    let Opened::Started(id) = engine.open_capture(&house(capture), true).await.unwrap() else {
        panic!("asked for it again")
    };
    let mut changes = engine.changes();
    let wait = async {
        while engine.reading().contains(&id) {
            changes.changed().await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_mins(1), wait)
        .await
        .expect("the reading ends");
    (engine, id)
}

fn of_app(key: &str) -> TableQuery {
    TableQuery {
        app: Some(key.to_owned()),
        limit: 500,
        ..TableQuery::default()
    }
}

fn row<'a>(apps: &'a [AppRow], key: &str) -> &'a AppRow {
    apps.iter()
        .find(|a| a.key == key)
        .unwrap_or_else(|| panic!("{key} is not among {apps:?}"))
}

async fn server_names(engine: &Engine, id: u32, key: &str) -> BTreeSet<String> {
    let page = engine.servers(id, &of_app(key)).await.unwrap();
    assert_eq!(page.total as usize, page.rows.len());
    let name = |s: telltale_core::model::Server| s.name.map_or_else(|| s.addresses[0].to_string(), |n| n.to_string());
    page.rows.into_iter().map(name).collect()
}

fn names(list: &[&str]) -> BTreeSet<String> {
    list.iter().map(|n| (*n).to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn apps_that_the_capture_marks_are_observed_and_counted_exactly() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, id) = audited(folder.path(), "tests/captures/pcapdroid-uids.pcapng").await;
    let page = engine.apps(id).await.unwrap();
    assert!(page.imported.is_none());
    let blocks = row(&page.apps, "uid:10311");
    assert_eq!(blocks.label.as_deref(), Some("Blocks"));
    assert_eq!(blocks.package.as_deref(), Some("com.example.blocks"));
    assert_eq!(blocks.basis, Basis::Observed);
    // Against the flows themselves.
    let whole = TableQuery {
        limit: 500,
        ..TableQuery::default()
    };
    let flows = engine.flows(id, &whole).await.unwrap();
    let its: Vec<_> = flows
        .rows
        .iter()
        .filter(|f| f.app.as_deref() == Some("Blocks"))
        .collect();
    assert!(its.iter().all(|f| f.app_basis == Some(Basis::Observed)));
    assert_eq!(blocks.flows as usize, its.len());
    let sent: u64 = its
        .iter()
        .map(|f| {
            if f.flow.device_is_initiator {
                f.flow.from_initiator.ip_bytes
            } else {
                f.flow.from_responder.ip_bytes
            }
        })
        .sum();
    assert_eq!(blocks.sent_bytes, sent);
    let servers: BTreeSet<_> = its.iter().filter_map(|f| f.flow.server).collect();
    assert_eq!(blocks.servers as usize, servers.len());
    let span = blocks.span.unwrap();
    assert_eq!(Some(span.0), its.iter().map(|f| f.flow.first).min());
    assert_eq!(Some(span.1), its.iter().map(|f| f.flow.last).max());

    // The filter of both tables.
    // With the resolver, which it asked itself.
    let wanted = names(&[
        "play.blocks.example",
        "stats.example.net",
        "ads.example.net",
        "10.215.173.2",
    ]);
    assert_eq!(server_names(&engine, id, "uid:10311").await, wanted);
    let filtered = engine.flows(id, &of_app("uid:10311")).await.unwrap();
    assert_eq!(filtered.total as usize, its.len());
    assert!(filtered.rows.iter().all(|f| f.app.as_deref() == Some("Blocks")));
    for nobody in ["uid:1", "uid:x", "ios:none", "", "uid:' OR 1=1 --"] {
        assert_eq!(engine.servers(id, &of_app(nobody)).await.unwrap().total, 0, "{nobody}");
        assert_eq!(engine.flows(id, &of_app(nobody)).await.unwrap().total, 0, "{nobody}");
    }

    // A server's page names both of its apps.
    let shared = flows
        .rows
        .iter()
        .find(|f| f.flow.name.as_deref() == Some("stats.example.net"));
    let detail = engine.server(id, shared.unwrap().flow.server.unwrap()).await.unwrap();
    let apps: BTreeSet<_> = detail.apps.iter().map(|a| a.key.as_str()).collect();
    assert_eq!(apps, BTreeSet::from(["uid:10234", "uid:10311"]));
    assert!(detail.apps.iter().all(|a| a.flows > 0 && a.basis == Basis::Observed));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_phones_own_report_is_joined_with_the_servers() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, id) = audited(folder.path(), "tests/captures/example.pcapng").await;
    assert!(engine.apps(id).await.unwrap().apps.is_empty());
    let imported = engine.import_app_report(id, &report()).await.unwrap();
    assert_eq!(imported.file, "app-privacy-report.ndjson");
    assert_eq!((imported.files, imported.apps, imported.domains), (1, 3, 9));
    assert_eq!((imported.tally.bad_lines, imported.tally.unknown_lines), (1, 1));
    let page = engine.apps(id).await.unwrap();
    assert_eq!(page.imported.as_ref(), Some(&imported));

    let weather = row(&page.apps, "ios:org.example.weather");
    assert_eq!((weather.basis, weather.flows), (Basis::Inferred, 0));
    // Named: yesterday's www.google.com is seen in the audit, but not in that time.
    assert_eq!(
        (weather.domains, weather.unseen_domains, weather.profiling_domains),
        (4, 1, 2)
    );
    let wanted = names(&[
        "app-measurement.com",
        "googleads.g.doubleclick.net",
        "launches.appsflyersdk.com",
    ]);
    assert_eq!(server_names(&engine, id, &weather.key).await, wanted);
    assert_eq!((weather.servers, weather.shared_servers), (3, 2));
    // Only the octets of the server that no other app contacted are given to it.
    let whole = engine.servers(id, &of_app(&weather.key)).await.unwrap();
    let own = whole
        .rows
        .iter()
        .find(|s| s.name.as_deref() == Some("launches.appsflyersdk.com"))
        .unwrap();
    assert_eq!(
        (weather.sent_bytes, weather.received_bytes),
        (own.sent_bytes, own.received_bytes)
    );
    assert!(weather.tracker_companies >= 2 && weather.companies >= weather.tracker_companies);
    let [location] = weather.accesses[..] else {
        panic!("one kind of access")
    };
    assert_eq!(location.category, AccessCategory::Location);
    assert_eq!((location.times, location.during, location.open), (3, 2, 0));

    let browser = row(&page.apps, "ios:org.mozilla.ios.Firefox");
    assert_eq!(browser.label.as_deref(), Some("Firefox"));
    let flows = engine.flows(id, &of_app(&browser.key)).await.unwrap();
    assert!(flows.total > 0);
    // app-measurement.com was contacted by two apps, so its flows name none; what only one contacted names it, as inferred.
    for f in &flows.rows {
        match f.flow.name.as_deref() {
            Some("app-measurement.com") => assert_eq!((&f.app, f.app_basis), (&None, None)),
            _ => assert_eq!(
                (f.app.as_deref(), f.app_basis),
                (Some("Firefox"), Some(Basis::Inferred))
            ),
        }
    }

    let detail = engine.app(id, "ios:org.example.puzzle").await.unwrap();
    let find = |name: &str| detail.domains.iter().find(|d| &*d.reported.domain == name).unwrap();
    assert_eq!(find("googleads.g.doubleclick.net").shared_with, ["org.example.weather"]);
    assert!(find("pagead2.googlesyndication.com").shared_with.is_empty());
    // api.onesignal.com lies below what the report names: told of, not claimed.
    assert_eq!(
        (find("onesignal.com").servers.len(), find("onesignal.com").below),
        (0, 1)
    );
    assert_eq!(
        (
            find("scores.puzzle.example").servers.len(),
            find("scores.puzzle.example").below
        ),
        (0, 0)
    );

    let ads = find("googleads.g.doubleclick.net").servers[0];
    let apps = engine.server(id, ads).await.unwrap().apps;
    let keys: Vec<_> = apps.iter().map(|a| a.key.as_str()).collect();
    assert_eq!(keys, ["ios:org.example.puzzle", "ios:org.example.weather"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn flows_and_servers_of_an_app_agree() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, id) = audited(folder.path(), "tests/captures/example.pcapng").await;
    engine.import_app_report(id, &report()).await.unwrap();
    for app in engine.apps(id).await.unwrap().apps {
        let servers = engine.servers(id, &of_app(&app.key)).await.unwrap();
        let flows = engine.flows(id, &of_app(&app.key)).await.unwrap();
        let by_table: BTreeSet<_> = servers.rows.iter().map(|s| s.id).collect();
        let by_flows: BTreeSet<_> = flows.rows.iter().filter_map(|f| f.flow.server).collect();
        assert_eq!(by_table, by_flows, "{}", app.key);
        assert_eq!(app.servers as usize, by_table.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_kept_put_together_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, id) = audited(folder.path(), "tests/captures/example.pcapng").await;
    engine.import_app_report(id, &report()).await.unwrap();
    let once = engine.apps(id).await.unwrap();
    // The same again: counted as a second file, and nothing is doubled.
    let twice = engine.import_app_report(id, &report()).await.unwrap();
    assert_eq!(twice.files, 2);
    assert_eq!(engine.apps(id).await.unwrap().apps, once.apps);
    engine.close().await;

    let engine = Engine::open(folder.path()).await.unwrap();
    assert_eq!(engine.apps(id).await.unwrap().apps, once.apps);
    assert_eq!(server_names(&engine, id, "ios:org.example.puzzle").await.len(), 2);
    engine.remove_app_report(id).await.unwrap();
    let page = engine.apps(id).await.unwrap();
    assert!(page.apps.is_empty() && page.imported.is_none());
    // Also where the table was looked at just before.
    assert_eq!(
        engine
            .servers(id, &of_app("ios:org.example.puzzle"))
            .await
            .unwrap()
            .total,
        0
    );
    let query = TableQuery {
        limit: 500,
        ..TableQuery::default()
    };
    assert!(
        engine
            .flows(id, &query)
            .await
            .unwrap()
            .rows
            .iter()
            .all(|f| f.app.is_none())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_report_leaves_the_audit_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, id) = audited(folder.path(), "tests/captures/example.pcapng").await;
    engine.import_app_report(id, &report()).await.unwrap();
    let before = engine.apps(id).await.unwrap();
    let path = folder.path().join("x.ndjson");
    let cases: [(&[u8], &str); 4] = [
        (b" \n", "empty"),
        (b"PK\x03\x04", "foreign"),
        (
            br#"{"stream":"com.apple.privacy.accounting.stream.tcc","version":1}"#,
            "too_old",
        ),
        (br#"{"type":"networkActivityOfTomorrow"}"#, "unknown_form"),
    ];
    for (octets, key) in cases {
        std::fs::write(&path, octets).unwrap();
        match engine.import_app_report(id, &path).await {
            Err(EngineError::AppReport(problem)) => assert_eq!(problem.key(), key),
            other => panic!("{key}: {other:?}"),
        }
    }
    let large = std::fs::File::create(&path).unwrap();
    large.set_len((256 << 20) + 1).unwrap();
    let refused = engine.import_app_report(id, &path).await;
    assert!(matches!(refused, Err(EngineError::AppReport(ReportProblem::TooLarge))));
    let gone = engine.import_app_report(id, &folder.path().join("none")).await;
    assert!(matches!(gone, Err(EngineError::File { .. })));
    assert!(matches!(
        engine.import_app_report(999, &report()).await,
        Err(EngineError::NoSuchAudit(999))
    ));
    assert_eq!(engine.apps(id).await.unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_that_is_being_read_takes_a_report_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.pcapng");
    let example = std::fs::read(house("tests/captures/example.pcapng")).unwrap();
    std::fs::write(&path, example.repeat(60)).unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    let Opened::Started(id) = engine.open_capture(&path, true).await.unwrap() else {
        panic!("a new file")
    };
    engine.import_app_report(id, &report()).await.unwrap();
    assert_eq!(engine.apps(id).await.unwrap().apps.len(), 3);
    let mut changes = engine.changes();
    while engine.reading().contains(&id) {
        changes.changed().await.unwrap();
    }
    let page = engine.apps(id).await.unwrap();
    assert_eq!(page.imported.unwrap().matched_servers, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn saved_reports_name_the_apps() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, id) = audited(folder.path(), "tests/captures/example.pcapng").await;
    engine.import_app_report(id, &report()).await.unwrap();
    let path = folder.path().join("report.json");
    let saved = engine.save_report(id, ReportFormat::Json, Language::En, "1", &path);
    saved.await.unwrap();
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let apps = json["reported_apps"].as_array().unwrap();
    assert_eq!((apps.len(), apps[1]["servers"].as_array().unwrap().len()), (3, 3));
    let path = folder.path().join("report.html");
    let saved = engine.save_report(id, ReportFormat::Html, Language::Fr, "1", &path);
    saved.await.unwrap();
    let page = std::fs::read_to_string(&path).unwrap();
    assert!(page.contains("org.example.weather") && page.contains("Firefox"));
}
