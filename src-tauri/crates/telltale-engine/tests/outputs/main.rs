//! Outputs over real sockets and real folders: what is sent, what is tried again, and that nothing is held up or lost.

mod far_side;
mod folder;
mod webhook;

use serde_json::json;
use std::time::{Duration, Instant};
use telltale_core::model::{Output, OutputNow, OutputTo, OutputWhat, ProbeResult};
use telltale_engine::Engine;

/// A result that says its number.
pub(crate) fn result(n: u32) -> ProbeResult {
    serde_json::from_value(json!({
        "id": format!("00000000-0000-4000-8000-{n:012}"), "probe": "p", "probe_name": "probe", "kind": "dns", "agent": "local",
        "target": "example.org", "due": 1.0, "started": 1.0, "ended": 2.0, "verdict": "expected", "exit_code": null,
        "problem": null, "summary": format!("result {n}"), "changed": [], "facts": { "n": n }, "via": "here"
    }))
    .expect("a result")
}

/// A new output of results.
pub(crate) fn output(to: OutputTo) -> Output {
    Output {
        id: String::new(),
        name: "an output".to_owned(),
        enabled: true,
        to,
        what: OutputWhat::Results,
    }
}

/// An engine at work.
pub(crate) async fn engine(folder: &std::path::Path) -> Engine {
    let engine = Engine::open(folder).await.expect("an engine");
    engine.begin();
    engine
}

/// Waits until the output stands as it should.
pub(crate) async fn until(engine: &Engine, id: &str, what: &str, is: impl Fn(&OutputNow) -> bool) -> OutputNow {
    let began = Instant::now();
    loop {
        let outputs = engine.outputs().await.expect("outputs");
        let now = outputs.into_iter().find(|o| o.output.id == id).expect("the output");
        if is(&now) {
            return now;
        }
        assert!(began.elapsed() < Duration::from_mins(1), "{what}: {now:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
