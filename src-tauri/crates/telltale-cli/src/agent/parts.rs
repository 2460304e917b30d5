//! The tables of the configuration, and what each becomes.

use super::config::{HttpWish, MeshWish, Password, Reading, examined};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::Range;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use telltale_core::model::{
    HttpSettings, MeshAccount, MeshPolicy, MeshTls, MeshTrust, Output, OutputTo, OutputWhat, Probe, ProbePolicy,
};
use telltale_core::probe_file;
use toml::Spanned;

/// Files of a folder of probes.
const MAX_FILES: usize = 1_000;

/// `[mesh]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MeshTable {
    account: String,
    #[serde(default)]
    name: String,
    role: String,
    duties: Option<Vec<String>>,
    server: Option<String>,
    tls: Option<MeshTls>,
    authority: Option<Spanned<PathBuf>>,
    pin: Option<Spanned<String>>,
    password_file: Option<Spanned<PathBuf>>,
    password_credential: Option<Spanned<String>>,
    #[serde(default)]
    register: bool,
    invitation: Option<String>,
    #[serde(default)]
    allow: Vec<String>,
    #[serde(default)]
    deny: Vec<String>,
    #[serde(default)]
    roster_group: bool,
    #[serde(default)]
    roles: BTreeMap<String, String>,
    #[serde(default)]
    may_see: Vec<String>,
    #[serde(default)]
    may_control: Vec<String>,
}

impl MeshTable {
    pub(super) fn into_wish(
        self,
        at: &Range<usize>,
        policy: &ProbePolicy,
        reading: &mut Reading<'_>,
    ) -> Option<MeshWish> {
        let password = self.password(at, reading);
        let trust = self.trust(reading);
        let own_way = self.server.is_some() || self.tls.is_some() || self.authority.is_some() || self.pin.is_some();
        let account = MeshAccount {
            jid: self.account,
            server: self.server,
            tls: self.tls.unwrap_or_default(),
            trust: trust?,
            role: self.role,
            duties: self.duties.unwrap_or_else(|| policy.remote_kinds.clone()),
            name: self.name,
            policy: MeshPolicy {
                allow: self.allow,
                deny: self.deny,
                roster_group: self.roster_group,
                roles: self.roles.into_iter().collect(),
                may_see: self.may_see,
                may_control: self.may_control,
            },
        };
        Some(MeshWish {
            account,
            password: password?,
            register: self.register,
            invitation: self.invitation,
            own_way,
        })
    }

    fn trust(&self, reading: &mut Reading<'_>) -> Option<MeshTrust> {
        match (&self.authority, &self.pin) {
            (None, None) => Some(MeshTrust::System),
            (Some(file), None) => {
                let path = reading.path(file.get_ref());
                let pem = reading.read(&file.span(), &path)?;
                if !pem.contains("-----BEGIN CERTIFICATE-----") {
                    reading.wrong(&file.span(), "this file has no certificate (PEM)");
                    return None;
                }
                Some(MeshTrust::Authority { pem })
            }
            (None, Some(pin)) => {
                let sha256 = pin.get_ref().to_lowercase();
                if sha256.len() != 64 || !sha256.bytes().all(|b| b.is_ascii_hexdigit()) {
                    reading.wrong(&pin.span(), "a pin is a SHA-256: 64 digits of 0-9 and a-f");
                    return None;
                }
                Some(MeshTrust::Pin { sha256 })
            }
            (Some(_), Some(pin)) => {
                reading.wrong(
                    &pin.span(),
                    "either an authority or a pin vouches for the server, not both",
                );
                None
            }
        }
    }

    fn password(&self, at: &Range<usize>, reading: &mut Reading<'_>) -> Option<Password> {
        let (place, path) = match (&self.password_file, &self.password_credential) {
            (Some(file), None) => (file.span(), reading.path(file.get_ref())),
            (None, Some(name)) => {
                let Some(folder) = std::env::var_os("CREDENTIALS_DIRECTORY") else {
                    let what = "systemd gives this credential to its service alone (LoadCredential=)";
                    reading.wrong(&name.span(), what);
                    return None;
                };
                (name.span(), Path::new(&folder).join(name.get_ref()))
            }
            _ => {
                let what = "the password is in a file: password_file, or password_credential, one of them";
                reading.wrong(at, what);
                return None;
            }
        };
        let text = reading.read(&place, &path)?;
        // systemd keeps its folder of credentials from others by itself.
        let open = self.password_file.is_some() && std::fs::metadata(&path).is_ok_and(|m| m.mode() & 0o077 != 0);
        if open {
            let what = format!("others can read this password; close it: chmod 600 {}", path.display());
            reading.wrong(&place, what);
        }
        let password = text.trim_end_matches(['\r', '\n']).to_owned();
        if password.is_empty() || password.contains(['\r', '\n']) {
            reading.wrong(&place, format!("{}: a password is one line", path.display()));
            return None;
        }
        Some(Password(password))
    }
}

/// `[policy]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyTable {
    #[serde(default)]
    programs: BTreeMap<String, String>,
    #[serde(default)]
    remote_kinds: Vec<String>,
}

impl PolicyTable {
    pub(super) fn into_policy(self) -> ProbePolicy {
        ProbePolicy {
            programs: self.programs.into_iter().collect(),
            remote_kinds: self.remote_kinds,
        }
    }
}

/// `[probes]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProbesTable {
    folder: PathBuf,
}

impl ProbesTable {
    /// The probes of all files of the folder, in the order of their names.
    pub(super) fn read(&self, at: &Range<usize>, reading: &mut Reading<'_>) -> Vec<Probe> {
        let folder = reading.path(&self.folder);
        let listed = std::fs::read_dir(&folder).and_then(|entries| {
            let paths = entries.map(|entry| entry.map(|entry| entry.path()));
            paths.collect::<Result<Vec<_>, _>>()
        });
        let mut files = match listed {
            Ok(files) => files,
            Err(e) => {
                reading.wrong(at, format!("{}: {e}", folder.display()));
                return Vec::new();
            }
        };
        files.retain(|path| path.extension().is_some_and(|end| end == "json"));
        files.sort();
        if files.len() > MAX_FILES {
            reading.wrong(at, format!("{}: at most {MAX_FILES} files are read", folder.display()));
            return Vec::new();
        }
        let mut probes = Vec::new();
        for path in files {
            let Some(text) = reading.read(at, &path) else { continue };
            match probe_file::read(&text) {
                Ok(read) => probes.extend(examined(read, at, reading)),
                Err(why) => reading.wrong(at, format!("{}: {why}", path.display())),
            }
        }
        probes
    }
}

/// `[[output]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OutputTable {
    name: String,
    webhook: Option<String>,
    folder: Option<PathBuf>,
    what: Option<OutputWhat>,
}

impl OutputTable {
    pub(super) fn output(&self, reading: &Reading<'_>) -> Result<Output, String> {
        let to = match (&self.webhook, &self.folder) {
            (Some(url), None) => OutputTo::Webhook { url: url.clone() },
            (None, Some(folder)) => {
                let path = std::path::absolute(reading.path(folder)).map_err(|e| e.to_string())?;
                OutputTo::Folder {
                    path: path.to_string_lossy().into_owned(),
                }
            }
            _ => return Err("it goes to a webhook or into a folder, one of them".to_owned()),
        };
        Ok(Output {
            id: String::new(),
            name: self.name.trim().to_owned(),
            enabled: true,
            to,
            what: self.what.unwrap_or(OutputWhat::Incidents),
        })
    }
}

/// `[http]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HttpTable {
    address: Option<String>,
    port: Option<u16>,
    token_file: Option<PathBuf>,
}

impl HttpTable {
    pub(super) fn into_wish(self, reading: &Reading<'_>) -> HttpWish {
        let usual = HttpSettings::default();
        HttpWish {
            settings: HttpSettings {
                on: true,
                address: self.address.unwrap_or(usual.address),
                port: self.port.unwrap_or(usual.port),
            },
            token_file: self.token_file.map(|file| reading.path(&file)),
        }
    }
}
