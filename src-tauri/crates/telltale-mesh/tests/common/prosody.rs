//! A real XMPP server (Prosody) for one test: a child process on free ports of this computer, with its own authority and accounts.
//!
//! Everything it writes lies in a folder that goes with it. It needs `prosody` and `openssl`; other test packages include this file by
//! its path. Never here: what is tested.
#![allow(dead_code, reason = "each test package uses its own part of it")]

use std::fmt::Write as _;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;
use tempfile::TempDir;

/// The domain of every account here.
pub(crate) const DOMAIN: &str = "localhost";
/// The topic service.
pub(crate) const TOPICS: &str = "pubsub.localhost";
/// Times 50 ms that a server may take to start.
const START: u32 = 1_200;

/// How the server is set up; the default is a good one: encryption, SCRAM-SHA-256 alone, accounts made in band.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// Accounts: `name`, with the password `pw-name`.
    pub(crate) users: Vec<String>,
    /// Those of them who are in the server's own group and see each other's presence without asking.
    pub(crate) group: Vec<String>,
    /// Who may make topics, beside whoever publishes first; bare JIDs.
    pub(crate) admins: Vec<String>,
    /// Logins that are not offered.
    pub(crate) no_login: Vec<&'static str>,
    /// Whether encryption is offered.
    pub(crate) encryption: bool,
    /// Whether accounts are made in band (XEP-0077).
    pub(crate) registration: bool,
    /// More of the configuration, before its first host.
    pub(crate) more: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            users: Vec::new(),
            group: Vec::new(),
            admins: Vec::new(),
            no_login: vec!["PLAIN", "DIGEST-MD5"],
            encryption: true,
            registration: true,
            more: String::new(),
        }
    }
}

impl Options {
    /// With these accounts; names of small letters and digits.
    pub(crate) fn users(names: &[&str]) -> Self {
        Self {
            users: names.iter().map(|&name| name.to_owned()).collect(),
            ..Self::default()
        }
    }

    /// All accounts are in the server's own group.
    pub(crate) fn in_one_group(mut self) -> Self {
        self.group.clone_from(&self.users);
        self
    }
}

/// A server that runs; it ends with this value.
pub(crate) struct Prosody {
    child: Child,
    folder: TempDir,
    /// The port for STARTTLS.
    pub(crate) port: u16,
    /// The port for direct TLS.
    pub(crate) tls_port: u16,
}

impl Prosody {
    /// Starts a server; `None`, with a line on stderr, where this computer lacks it (under `CI=true` that is a failure).
    pub(crate) fn start(options: &Options) -> Option<Self> {
        if !there(&["prosody", "openssl"]) {
            return None;
        }
        let folder = TempDir::new().expect("a folder");
        let (port, tls_port) = (free_port(), free_port());
        certificates(folder.path());
        for user in &options.users {
            let accounts = folder.path().join("data").join(DOMAIN).join("accounts");
            fs::create_dir_all(&accounts).expect("a folder of accounts");
            let account = format!("return {{ [\"password\"] = \"{}\" }};\n", password(user));
            fs::write(accounts.join(format!("{user}.dat")), account).expect("an account");
        }
        let group = options.group.iter().fold("[Telltale]\n".to_owned(), |mut text, user| {
            let _ = writeln!(text, "{user}@{DOMAIN}={user}");
            text
        });
        fs::write(folder.path().join("groups.txt"), group).expect("the group");
        let config = configuration(folder.path(), options, port, tls_port);
        fs::write(folder.path().join("prosody.cfg.lua"), config).expect("the configuration");
        let child = spawn(folder.path());
        let mut server = Self {
            child,
            folder,
            port,
            tls_port,
        };
        server.wait_until_up();
        Some(server)
    }

    /// Ends the server as a power cut would.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts it once more, with what it had stored.
    pub(crate) fn start_again(&mut self) {
        self.kill();
        self.child = spawn(self.folder.path());
        self.wait_until_up();
    }

    /// The authority's certificate, PEM.
    pub(crate) fn authority(&self) -> String {
        fs::read_to_string(self.certificate("ca.crt")).expect("the authority")
    }

    /// A file of its certificates: `ca.crt`, `srv.crt`, `srv.key` (PEM), `srv.der`.
    pub(crate) fn certificate(&self, name: &str) -> PathBuf {
        self.folder.path().join("certs").join(name)
    }

    /// What it wrote into its log.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("prosody.log")).unwrap_or_default()
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    fn wait_until_up(&mut self) {
        for _ in 0..START {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return;
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                panic!("prosody ended at once ({status}): {}", self.log());
            }
            sleep(Duration::from_millis(50));
        }
        panic!("prosody does not come up: {}", self.log());
    }
}

impl Drop for Prosody {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The password of an account that was there at the start.
pub(crate) fn password(user: &str) -> String {
    format!("pw-{user}")
}

/// Whether these programs are installed; says which is not, and fails under `CI=true`.
pub(crate) fn there(programs: &[&str]) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let installed = |program: &&&str| std::env::split_paths(&path).any(|folder| folder.join(**program).is_file());
    let Some(lacking) = programs.iter().find(|program| !installed(program)) else {
        return true;
    };
    assert!(
        std::env::var_os("CI").is_none_or(|ci| ci != "true"),
        "{lacking} is not installed, and the tests of the mesh need it"
    );
    eprintln!("skipped: {lacking} is not installed");
    false
}

/// A port of this computer that is free now.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("its address").port()
}

/// Makes an authority and a certificate for the domain, its topic service and 127.0.0.1 below `folder`.
pub(crate) fn certificates(folder: &Path) {
    let certs = folder.join("certs");
    fs::create_dir_all(&certs).expect("a folder of certificates");
    let extensions = format!(
        "subjectAltName=DNS:{DOMAIN},DNS:{TOPICS},IP:127.0.0.1\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n"
    );
    fs::write(certs.join("ext"), extensions).expect("the extensions");
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    let authority = "-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign";
    for arguments in [
        format!("req -x509 {key} -days 30 -subj /CN=authority {authority} -keyout ca.key -out ca.crt"),
        format!("req {key} -subj /CN={DOMAIN} -keyout srv.key -out srv.csr"),
        "x509 -req -in srv.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile ext -out srv.crt".to_owned(),
        "x509 -in srv.crt -outform DER -out srv.der".to_owned(),
    ] {
        let made = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(&certs)
            .output()
            .expect("openssl runs");
        assert!(
            made.status.success(),
            "openssl {arguments}: {}",
            String::from_utf8_lossy(&made.stderr)
        );
    }
}

fn spawn(folder: &Path) -> Child {
    Command::new("prosody")
        .arg("--config")
        .arg(folder.join("prosody.cfg.lua"))
        .arg("-F")
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("prosody starts")
}

fn list(items: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    items.into_iter().fold(String::new(), |mut text, item| {
        let _ = write!(text, "\"{}\"; ", item.as_ref());
        text
    })
}

fn configuration(folder: &Path, options: &Options, port: u16, tls_port: u16) -> String {
    let at = folder.display();
    let more = &options.more;
    let modules = "roster saslauth disco presence message iq c2s posix offline pep private blocklist ping time version smacks \
                   adhoc register groups";
    let modules = modules.split(' ').chain(options.encryption.then_some("tls"));
    format!(
        r#"run_as_root = true
pidfile = "{at}/prosody.pid"
data_path = "{at}/data"
certificates = "{at}/certs"
log = {{ {{ levels = {{ min = "info" }}, to = "file", filename = "{at}/prosody.log" }} }}
interfaces = {{ "127.0.0.1" }}
local_interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {port} }}
c2s_direct_tls_ports = {{ {tls_port} }}
s2s_ports = {{}}; component_ports = {{}}; http_ports = {{}}; https_ports = {{}}
modules_enabled = {{ {modules} }}
modules_disabled = {{ "s2s"; {no_tls} }}
allow_registration = {registration}
authentication = "internal_hashed"
password_hash = "SHA-256"
disable_sasl_mechanisms = {{ {no_login} }}
c2s_require_encryption = {encryption}
storage = "internal"
limits = {{ c2s = {{ rate = "100mb/s" }} }}
ssl = {{ key = "{at}/certs/srv.key"; certificate = "{at}/certs/srv.crt" }}
groups_file = "{at}/groups.txt"
{more}
VirtualHost "{DOMAIN}"
Component "{TOPICS}" "pubsub"
  autocreate_on_publish = true
  expose_publisher = true
  admins = {{ {admins} }}
"#,
        modules = list(modules),
        no_tls = if options.encryption { "" } else { "\"tls\"" },
        registration = options.registration,
        no_login = list(&options.no_login),
        encryption = options.encryption,
        admins = list(&options.admins),
    )
}
