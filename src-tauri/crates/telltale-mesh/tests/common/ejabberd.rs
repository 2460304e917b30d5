//! A second real XMPP server (ejabberd) for one test, as an ordinary child process. Never here: what is tested.

use crate::prosody::{DOMAIN, certificates, free_port, password, there};
use std::fmt::Write as _;
use std::fs;
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;
use tempfile::TempDir;

/// Times 50 ms that the server may take to start and to make its accounts.
const START: u32 = 2_400;

/// A server that runs; it ends with this value.
pub(crate) struct Ejabberd {
    child: Child,
    folder: TempDir,
    /// The port for STARTTLS.
    pub(crate) port: u16,
}

impl Ejabberd {
    /// Starts a server with these accounts; `None`, with a line on stderr, where this computer lacks it.
    pub(crate) fn start(users: &[&str]) -> Option<Self> {
        if !there(&["erl", "openssl"]) || !installed() {
            return None;
        }
        let folder = TempDir::new().expect("a folder");
        let at = folder.path().display().to_string();
        certificates(folder.path());
        let pem = ["srv.key", "srv.crt"].map(|name| {
            let path = folder.path().join("certs").join(name);
            fs::read_to_string(path).expect("a certificate")
        });
        fs::write(folder.path().join("srv.pem"), pem.concat()).expect("the certificate with its key");
        let port = free_port();
        fs::write(folder.path().join("ejabberd.yml"), configuration(&at, port)).expect("the configuration");
        let mut accounts = String::new();
        for user in users {
            let password = password(user);
            let _ = write!(
                accounts,
                "ok = ejabberd_auth:try_register(<<\"{user}\">>, <<\"{DOMAIN}\">>, <<\"{password}\">>), "
            );
        }
        // The last word of the set-up is a file, which is waited for.
        let made = folder.path().join("made");
        let eval = format!(
            "ejabberd:start(), {accounts} ok = file:write_file(\"{}\", <<>>).",
            made.display()
        );
        let child = Command::new("erl")
            .args(["-noinput", "-mnesia", "dir"])
            .arg(format!("\"{at}/mnesia\""))
            .args(["-eval", &eval])
            .env("EJABBERD_CONFIG_PATH", folder.path().join("ejabberd.yml"))
            .env("EJABBERD_LOG_PATH", folder.path().join("ejabberd.log"))
            .env("HOME", folder.path())
            .env("ERL_LIBS", LIBRARIES)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("ejabberd starts");
        let mut server = Self { child, folder, port };
        for _ in 0..START {
            if made.exists() && TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(server);
            }
            if let Ok(Some(status)) = server.child.try_wait() {
                panic!("ejabberd ended at once ({status}): {}", server.log());
            }
            sleep(Duration::from_millis(50));
        }
        panic!("ejabberd does not come up: {}", server.log());
    }

    /// The authority's certificate, PEM.
    pub(crate) fn authority(&self) -> String {
        fs::read_to_string(self.folder.path().join("certs/ca.crt")).expect("the authority")
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("ejabberd.log")).unwrap_or_default()
    }
}

impl Drop for Ejabberd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where Debian lays Erlang's libraries.
const LIBRARIES: &str = "/usr/lib/x86_64-linux-gnu:/usr/lib/aarch64-linux-gnu";

fn installed() -> bool {
    let there = LIBRARIES.split(':').any(|libraries| {
        let mut entries = fs::read_dir(libraries).into_iter().flatten().flatten();
        entries.any(|entry| entry.file_name().to_string_lossy().starts_with("ejabberd-"))
    });
    assert!(
        there || std::env::var_os("CI").is_none_or(|ci| ci != "true"),
        "ejabberd is not installed, and the tests of the mesh need it"
    );
    if !there {
        eprintln!("skipped: ejabberd is not installed");
    }
    there
}

fn configuration(at: &str, port: u16) -> String {
    format!(
        r#"hosts: [ {DOMAIN} ]
loglevel: warning
certfiles: [ "{at}/srv.pem" ]
auth_method: internal
auth_password_format: scram
auth_scram_hash: sha256
disable_sasl_mechanisms: [ plain, digest-md5, x-oauth2 ]
registration_timeout: infinity
listen:
  - {{ port: {port}, ip: "127.0.0.1", module: ejabberd_c2s, starttls_required: true, shaper: none, access: all }}
modules:
  mod_adhoc: {{}}
  mod_caps: {{}}
  mod_disco: {{}}
  mod_offline: {{}}
  mod_ping: {{}}
  mod_pubsub: {{ access_createnode: all, plugins: [ flat, pep ] }}
  mod_register: {{ ip_access: all, access: all }}
  mod_roster: {{}}
  mod_stream_mgmt: {{ resend_on_timeout: if_offline }}
"#
    )
}
