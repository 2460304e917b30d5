//! Results: counted once, found again, paged.
#![allow(missing_docs)]

use serde_json::json;
use telltale_core::model::{ProbeResult, ResultQuery, ResultVia, Timestamp, Verdict};
use telltale_engine::Engine;

fn result(n: u32) -> ProbeResult {
    ProbeResult {
        id: format!("00000000-0000-4000-8000-{n:012}"),
        probe: format!("probe-{}", n % 2),
        probe_name: format!("Door {n}"),
        kind: "http".to_owned(),
        agent: format!("agent{}@localhost", n % 3),
        target: "https://example.org/".to_owned(),
        due: Timestamp(0),
        started: Timestamp(0),
        ended: Timestamp(i64::from(n) * 1_000_000_000),
        verdict: if n.is_multiple_of(5) {
            Verdict::Failed
        } else {
            Verdict::Expected
        },
        exit_code: None,
        problem: None,
        summary: format!("Été 100 % clair, ligne_{n}"),
        changed: if n.is_multiple_of(4) {
            vec!["/status".to_owned()]
        } else {
            Vec::new()
        },
        facts: json!({"status": n}),
        via: ResultVia::Mesh,
    }
}

async fn with_twenty() -> (tempfile::TempDir, Engine) {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).await.unwrap();
    for n in 0..20 {
        assert!(engine.take_result(&result(n)).await.unwrap());
    }
    (folder, engine)
}

#[tokio::test]
async fn a_result_that_comes_twice_counts_once() {
    let (_folder, engine) = with_twenty().await;
    let before = engine.stamps();
    let other = ProbeResult {
        summary: "The second is not believed.".to_owned(),
        ..result(7)
    };
    assert!(!engine.take_result(&other).await.unwrap());
    assert_eq!(engine.stamps(), before, "nothing has changed");
    let new_and_old = [result(6), result(20), result(20), result(7)];
    assert_eq!(engine.take_results(&new_and_old).await.unwrap(), 1);
    assert_eq!(engine.take_results(&[]).await.unwrap(), 0);
    let page = engine.results(&ResultQuery::default()).await.unwrap();
    assert_eq!((page.total, page.removed), (21, 0));
    assert_eq!(engine.result(&result(7).id).await.unwrap(), Some(result(7)));
    assert_eq!(engine.result("none").await.unwrap(), None);
    engine.close().await;
}

#[tokio::test]
async fn results_are_paged_newest_first() {
    let (_folder, engine) = with_twenty().await;
    let mut seen = Vec::new();
    for offset in [0, 8, 16, 24] {
        let query = ResultQuery {
            offset,
            limit: 8,
            ..ResultQuery::default()
        };
        let page = engine.results(&query).await.unwrap();
        assert_eq!(page.total, 20);
        seen.extend(page.rows.into_iter().map(|r| r.ended.0 / 1_000_000_000));
    }
    assert_eq!(seen, (0..20).rev().collect::<Vec<_>>());
    for (limit, rows) in [(0, 1), (1, 1), (u32::MAX, 20)] {
        let query = ResultQuery {
            limit,
            ..ResultQuery::default()
        };
        assert_eq!(engine.results(&query).await.unwrap().rows.len(), rows, "{limit}");
    }
    engine.close().await;
}

#[tokio::test]
async fn results_are_found_by_what_they_are() {
    let (_folder, engine) = with_twenty().await;
    let all = || ResultQuery {
        limit: 500,
        ..ResultQuery::default()
    };
    let text = |text: &str| ResultQuery {
        search: text.to_owned(),
        ..all()
    };
    let second = |n: i64| Some(Timestamp(n * 1_000_000_000));
    let table = [
        (all(), 20),
        (
            ResultQuery {
                probe: Some("probe-1".to_owned()),
                ..all()
            },
            10,
        ),
        (
            ResultQuery {
                agent: Some("agent2@localhost".to_owned()),
                ..all()
            },
            6,
        ),
        (
            ResultQuery {
                target: Some("https://example.org".to_owned()),
                ..all()
            },
            0,
        ),
        (
            ResultQuery {
                verdict: Some(Verdict::Failed),
                ..all()
            },
            4,
        ),
        (ResultQuery { changed: true, ..all() }, 5),
        (
            ResultQuery {
                from: second(5),
                until: second(8),
                ..all()
            },
            3,
        ),
        (text("door 1"), 11),
        (text("  DOOR 19 "), 1),
        (text("ÉTÉ"), 20),
        // What means something to SQL is text like any other.
        (text("100 %"), 20),
        (text("ligne_1"), 11),
        (text("ligne%1"), 0),
        (text("' OR 1 = 1 --"), 0),
        (
            ResultQuery {
                probe: Some("' OR 1 = 1 --".to_owned()),
                ..all()
            },
            0,
        ),
    ];
    for (query, matches) in table {
        let page = engine.results(&query).await.unwrap();
        assert_eq!((page.total, page.rows.len()), (matches, matches as usize), "{query:?}");
    }
    engine.close().await;
}

#[tokio::test]
async fn results_survive_a_restart() {
    let (folder, engine) = with_twenty().await;
    engine.close().await;
    let engine = Engine::open(folder.path()).await.unwrap();
    assert!(!engine.take_result(&result(3)).await.unwrap());
    assert_eq!(engine.result(&result(3).id).await.unwrap(), Some(result(3)));
    engine.close().await;
}
