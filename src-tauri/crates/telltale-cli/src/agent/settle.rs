//! Makes the engine what the configuration says: what is new is added, what has changed is changed, what is gone is removed.
//!
//! What the agent made of its configuration is written down in the data folder, so that it removes nothing else. Whatever did not change
//! stays untouched, with its history and its open incidents.

use super::config::{Config, HttpWish};
use crate::Failure;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use telltale_core::model::{Invitation, OutputNow};
use telltale_engine::{Engine, EngineError, save_bytes};

/// In the data folder: what was made of the configuration.
const MADE: &str = "agent.json";
/// Name of the token that the configuration asks for.
const TOKEN: &str = "configuration";

/// What was made of the configuration.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Made {
    probes: BTreeSet<String>,
    rules: BTreeSet<String>,
    outputs: BTreeSet<String>,
    /// The account that was registered.
    pub(super) registered: Option<String>,
    /// The account that was let into the mesh.
    pub(super) joined: Option<String>,
    /// The invitation that was taken: its line, and what it said.
    pub(super) invited: Option<(String, Invitation)>,
}

/// Everything but the mesh ([`super::entry`]) and the HTTP interface: call before the engine begins.
pub(super) async fn settle(engine: &Engine, config: &Config) -> Result<(), Failure> {
    let mut made = read(&config.data);
    // It joins anew below, with the account as it is now.
    engine.mesh_leave().await.map_err(failed)?;
    engine.save_probe_policy(config.policy.clone()).await.map_err(failed)?;
    probes(engine, config, &mut made).await.map_err(failed)?;
    rules(engine, config, &mut made).await.map_err(failed)?;
    outputs(engine, config, &mut made).await.map_err(failed)?;
    write(&config.data, &made)
}

async fn probes(engine: &Engine, config: &Config, made: &mut Made) -> Result<(), EngineError> {
    let there = engine.probes().await?;
    let mut kept = BTreeSet::new();
    for wanted in &config.probes {
        let same = |id: &str, name: &str| {
            if wanted.id.is_empty() {
                name == wanted.name
            } else {
                id == wanted.id
            }
        };
        let before = there.iter().map(|b| &b.probe).find(|p| same(&p.id, &p.name));
        let mut probe = wanted.clone();
        if let Some(before) = before {
            (probe.id, probe.revision) = (before.id.clone(), before.revision);
        }
        if before != Some(&probe) {
            probe = engine.save_probe(probe).await?;
        }
        kept.insert(probe.id);
    }
    for gone in made
        .probes
        .difference(&kept)
        .filter(|id| there.iter().any(|b| b.probe.id == **id))
    {
        engine.remove_probe(gone).await?;
    }
    made.probes = kept;
    Ok(())
}

async fn rules(engine: &Engine, config: &Config, made: &mut Made) -> Result<(), EngineError> {
    let there = engine.rules().await?;
    let mut kept = BTreeSet::new();
    for wanted in &config.rules {
        let same = |id: &str, name: &str| {
            if wanted.id.is_empty() {
                name == wanted.name
            } else {
                id == wanted.id
            }
        };
        let mut rule = wanted.clone();
        if let Some(before) = there.iter().find(|r| same(&r.id, &r.name)) {
            rule.id.clone_from(&before.id);
        }
        // One that did not change stays as it is.
        kept.insert(engine.save_rule(rule).await?.id);
    }
    for gone in made
        .rules
        .difference(&kept)
        .filter(|id| there.iter().any(|r| r.id == **id))
    {
        engine.remove_rule(gone).await?;
    }
    made.rules = kept;
    Ok(())
}

async fn outputs(engine: &Engine, config: &Config, made: &mut Made) -> Result<(), EngineError> {
    let there: Vec<OutputNow> = engine.outputs().await?;
    let mut kept = BTreeSet::new();
    for wanted in &config.outputs {
        let before = there.iter().map(|o| &o.output).find(|o| o.name == wanted.name);
        let mut output = wanted.clone();
        if let Some(before) = before {
            output.id.clone_from(&before.id);
        }
        if before != Some(&output) {
            output = engine.save_output(output).await?;
        }
        kept.insert(output.id);
    }
    for gone in made
        .outputs
        .difference(&kept)
        .filter(|id| there.iter().any(|o| o.output.id == **id))
    {
        engine.remove_output(gone).await?;
    }
    made.outputs = kept;
    Ok(())
}

/// Opens or closes the HTTP interface, and lays its token down. Gives what is to be told.
pub(super) async fn http(engine: &Engine, wish: Option<&HttpWish>) -> Result<Option<String>, Failure> {
    let Some(wish) = wish else {
        let mut settings = engine.http().await.map_err(failed)?.settings;
        settings.on = false;
        engine.save_http(settings).await.map_err(failed)?;
        return Ok(None);
    };
    if let Some(file) = &wish.token_file {
        let tokens = engine.http().await.map_err(failed)?.tokens;
        let known = tokens.iter().any(|token| token.name == TOKEN);
        if !known || !file.exists() {
            if known {
                engine.remove_http_token(TOKEN).await.map_err(failed)?;
            }
            let token = engine.add_http_token(TOKEN).await.map_err(failed)?;
            secret(file, &token).map_err(|e| Failure::Output(format!("{}: {e}", file.display())))?;
        }
    }
    let now = engine.save_http(wish.settings.clone()).await.map_err(failed)?;
    Ok(match (now.url, now.problem) {
        (Some(url), _) => Some(format!("HTTP is answered at {url}")),
        (None, Some(problem)) => Some(format!("HTTP cannot be answered now, and is tried again: {problem}")),
        (None, None) => None,
    })
}

/// Writes what only its owner may read.
fn secret(path: &Path, text: &str) -> std::io::Result<()> {
    let beside = path.with_extension("new");
    let _ = fs::remove_file(&beside);
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&beside)?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

/// A file that cannot be read is one of a first start.
pub(super) fn read(data: &Path) -> Made {
    let text = fs::read_to_string(data.join(MADE)).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

pub(super) fn write(data: &Path, made: &Made) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(made).map_err(|e| Failure::Output(e.to_string()))?;
    save_bytes(&data.join(MADE), text.as_bytes()).map_err(failed)
}

pub(super) fn failed(e: EngineError) -> Failure {
    match e {
        EngineError::InvalidInput(_) => Failure::Input(e.to_string()),
        other => Failure::Output(other.to_string()),
    }
}
