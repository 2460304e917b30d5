//! The agent's configuration: one TOML file, in which every word is known, and every problem is told with its line.
//!
//! Reads the file and those that it names, and nothing else: a look (`--check`) changes nothing. Never here: the engine.

use super::parts::{HttpTable, MeshTable, OutputTable, PolicyTable, ProbesTable};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use telltale_core::correlate::read_rule;
use telltale_core::model::{HttpSettings, MeshAccount, Output, Probe, ProbePolicy, Rule};
use telltale_core::probe_file;
use telltale_engine::examine;
use toml::{Spanned, Table};

/// Octets of the file; a thousand probes of the longest kind.
const MAX_FILE: u64 = 4_000_000;

/// What the agent is to be.
#[derive(Debug)]
pub(super) struct Config {
    pub(super) data: PathBuf,
    pub(super) mesh: Option<MeshWish>,
    pub(super) policy: ProbePolicy,
    pub(super) probes: Vec<Probe>,
    pub(super) rules: Vec<Rule>,
    pub(super) outputs: Vec<Output>,
    pub(super) http: Option<HttpWish>,
}

/// How it takes part in the mesh.
#[derive(Debug)]
pub(super) struct MeshWish {
    pub(super) account: MeshAccount,
    pub(super) password: Password,
    pub(super) register: bool,
    pub(super) invitation: Option<String>,
    /// The file says where the server is, how it is reached or who vouches for it: an invitation says nothing of that then.
    pub(super) own_way: bool,
}

/// A password; it shows itself to nobody by accident.
pub(super) struct Password(pub(super) String);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(a password)")
    }
}

/// The HTTP interface, and where its token lies.
#[derive(Debug)]
pub(super) struct HttpWish {
    pub(super) settings: HttpSettings,
    pub(super) token_file: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    data: Option<PathBuf>,
    mesh: Option<Spanned<MeshTable>>,
    policy: Option<Spanned<PolicyTable>>,
    probes: Option<Spanned<ProbesTable>>,
    #[serde(default)]
    probe: Vec<Spanned<Table>>,
    #[serde(default)]
    rule: Vec<Spanned<Table>>,
    #[serde(default)]
    output: Vec<Spanned<OutputTable>>,
    http: Option<Spanned<HttpTable>>,
}

/// The file while it is read, and what is wrong with it.
pub(super) struct Reading<'a> {
    path: &'a Path,
    text: &'a str,
    folder: &'a Path,
    problems: Vec<String>,
}

impl Reading<'_> {
    /// Something is wrong in the line where this begins.
    pub(super) fn wrong(&mut self, at: &Range<usize>, what: impl std::fmt::Display) {
        let before = self.text.get(..at.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        self.problems.push(format!("{}:{line}: {what}", self.path.display()));
    }

    /// A path as the file means it.
    pub(super) fn path(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }

    /// Reads a file that this one names.
    pub(super) fn read(&mut self, at: &Range<usize>, path: &Path) -> Option<String> {
        let read = read_text(path);
        read.map_err(|why| self.wrong(at, format!("{}: {why}", path.display())))
            .ok()
    }
}

fn read_text(path: &Path) -> Result<String, String> {
    let length = std::fs::metadata(path).map_err(|e| e.to_string())?.len();
    if length > MAX_FILE {
        return Err("this file is larger than 4 MB".to_owned());
    }
    std::fs::read_to_string(path).map_err(|e| e.to_string())
}

/// Reads the configuration, or says all that is wrong with it, a line each.
pub(super) fn read(path: &Path) -> Result<Config, Vec<String>> {
    let text = read_text(path).map_err(|why| vec![format!("{}: {why}", path.display())])?;
    let mut reading = Reading {
        path,
        text: &text,
        folder: path.parent().unwrap_or(Path::new("")),
        problems: Vec::new(),
    };
    let file: File = match toml::from_str(&text) {
        Ok(file) => file,
        Err(e) => {
            reading.wrong(&e.span().unwrap_or_default(), e.message());
            return Err(reading.problems);
        }
    };
    let config = file.take(&mut reading);
    match config {
        Some(config) if reading.problems.is_empty() => Ok(config),
        _ => Err(reading.problems),
    }
}

impl File {
    fn take(self, reading: &mut Reading<'_>) -> Option<Config> {
        let data = self.data.map(|data| reading.path(&data)).or_else(state_directory);
        if data.is_none() {
            reading.wrong(
                &(0..0),
                "the data folder is missing: data = \"/var/lib/telltale-agent\"",
            );
        }
        let policy = match self.policy {
            Some(policy) => policy_of(policy, reading),
            None => ProbePolicy::default(),
        };
        let mut probes = Vec::new();
        for table in self.probe {
            probes.extend(probe_of(&table, reading));
        }
        if let Some(table) = self.probes {
            probes.extend(table.get_ref().read(&table.span(), reading));
        }
        let rules = self.rule.iter().filter_map(|table| rule_of(table, reading)).collect();
        let outputs = self
            .output
            .iter()
            .filter_map(|table| output_of(table, reading))
            .collect();
        let mesh = self.mesh.and_then(|table| mesh_of(table, &policy, reading));
        let http = self.http.and_then(|table| http_of(table, reading));
        let config = Config {
            data: data?,
            mesh,
            policy,
            probes,
            rules,
            outputs,
            http,
        };
        config.each_name_once(reading);
        Some(config)
    }
}

impl Config {
    /// By its name a thing is found again at the next start.
    fn each_name_once(&self, reading: &mut Reading<'_>) {
        let names = [
            ("probes", self.probes.iter().map(|p| &p.name).collect::<Vec<_>>()),
            ("rules", self.rules.iter().map(|r| &r.name).collect()),
            ("outputs", self.outputs.iter().map(|o| &o.name).collect()),
        ];
        for (what, names) in names {
            let mut seen = BTreeSet::new();
            for name in names.into_iter().filter(|name| !seen.insert(*name)) {
                let quoted = format!("\"{name}\"");
                let second = reading.text.match_indices(&quoted).map(|(at, _)| at).nth(1);
                let at = second.unwrap_or_default();
                reading.wrong(&(at..at), format!("two {what} are called “{name}”"));
            }
        }
    }
}

/// The folder that systemd made for the agent.
fn state_directory() -> Option<PathBuf> {
    let given = std::env::var_os("STATE_DIRECTORY")?;
    std::env::split_paths(&given).next().filter(|p| p.is_absolute())
}

fn policy_of(table: Spanned<PolicyTable>, reading: &mut Reading<'_>) -> ProbePolicy {
    let span = table.span();
    let policy = table.into_inner().into_policy();
    if let Err(e) = examine::policy(&policy) {
        reading.wrong(&span, e);
    }
    policy
}

fn probe_of(table: &Spanned<Table>, reading: &mut Reading<'_>) -> Vec<Probe> {
    let json = json(&toml::Value::Table(table.get_ref().clone())).to_string();
    match probe_file::read(&json) {
        Ok(probes) => examined(probes, &table.span(), reading),
        Err(why) => {
            // There is one in this text: that it is the first says nothing.
            let why = why.0.strip_prefix("Probe 1: ").unwrap_or(&why.0).to_owned();
            reading.wrong(&table.span(), format!("this probe cannot be taken: {why}"));
            Vec::new()
        }
    }
}

/// Probes with what the engine knows of them beside.
pub(super) fn examined(mut probes: Vec<Probe>, at: &Range<usize>, reading: &mut Reading<'_>) -> Vec<Probe> {
    for probe in &mut probes {
        probe.name = probe.name.trim().to_owned();
        if let Err(e) = examine::probe(probe) {
            reading.wrong(at, format!("probe “{}”: {e}", probe.name));
        }
    }
    probes
}

fn rule_of(table: &Spanned<Table>, reading: &mut Reading<'_>) -> Option<Rule> {
    let rule = read_rule(json(&toml::Value::Table(table.get_ref().clone())));
    rule.map(|rule| Rule {
        name: rule.name.trim().to_owned(),
        ..rule
    })
    .map_err(|e| reading.wrong(&table.span(), format!("this rule cannot be taken: {e}")))
    .ok()
}

fn output_of(table: &Spanned<OutputTable>, reading: &mut Reading<'_>) -> Option<Output> {
    let output = table.get_ref().output(reading);
    let examined = output.and_then(|output| examine::output(&output).map(|()| output).map_err(|e| e.to_string()));
    examined
        .map_err(|why| reading.wrong(&table.span(), format!("this output cannot be taken: {why}")))
        .ok()
}

fn mesh_of(table: Spanned<MeshTable>, policy: &ProbePolicy, reading: &mut Reading<'_>) -> Option<MeshWish> {
    let span = table.span();
    let wish = table.into_inner().into_wish(&span, policy, reading)?;
    if let Err(e) = examine::account(&wish.account) {
        reading.wrong(&span, e);
    }
    Some(wish)
}

fn http_of(table: Spanned<HttpTable>, reading: &mut Reading<'_>) -> Option<HttpWish> {
    let span = table.span();
    let wish = table.into_inner().into_wish(reading);
    examine::http(&wish.settings)
        .map_err(|e| reading.wrong(&span, e))
        .ok()
        .map(|()| wish)
}

/// TOML as JSON; a time is its text.
fn json(value: &toml::Value) -> serde_json::Value {
    match value {
        toml::Value::String(text) => text.as_str().into(),
        toml::Value::Integer(n) => (*n).into(),
        toml::Value::Float(n) => (*n).into(),
        toml::Value::Boolean(b) => (*b).into(),
        toml::Value::Datetime(time) => time.to_string().into(),
        toml::Value::Array(items) => items.iter().map(json).collect(),
        toml::Value::Table(fields) => fields.iter().map(|(k, v)| (k.clone(), json(v))).collect(),
    }
}
