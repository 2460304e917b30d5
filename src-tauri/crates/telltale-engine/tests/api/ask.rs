//! An engine with its door open, and a client that says exactly what a test wants.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;
use telltale_core::model::HttpSettings;
use telltale_engine::Engine;
use tempfile::TempDir;

/// An open door with one token, called `lab`.
pub(crate) struct Open {
    pub(crate) engine: Engine,
    pub(crate) at: SocketAddr,
    pub(crate) token: String,
    folder: TempDir,
}

/// Any port of the loopback.
pub(crate) fn anywhere() -> HttpSettings {
    HttpSettings {
        on: true,
        address: "127.0.0.1".to_owned(),
        port: 0,
    }
}

/// A free port of the loopback that the system hands to nobody while no test listens on it.
pub(crate) fn own_port() -> u16 {
    // Below the ports that connections get by themselves; another start for each process and each call.
    static CALLS: AtomicU16 = AtomicU16::new(0);
    let start = u16::try_from(std::process::id() % 97).unwrap_or(0) * 100 + CALLS.fetch_add(10, Ordering::Relaxed);
    (0..5_000)
        .map(|n| 20_000 + (start + n) % 10_000)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("a port")
}

/// Where a door answers.
pub(crate) fn address(url: &str) -> SocketAddr {
    let numbers = url.strip_prefix("http://").and_then(|u| u.strip_suffix('/'));
    numbers.and_then(|n| n.parse().ok()).expect("an address")
}

impl Open {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let engine = Engine::open(folder.path()).await.expect("an engine");
        engine.begin();
        let token = engine.add_http_token("lab").await.expect("a token");
        let now = engine.save_http(anywhere()).await.expect("an answer");
        let at = address(&now.url.expect("it is open"));
        Self {
            engine,
            at,
            token,
            folder,
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Asks with the token, and reads the answer.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let body = body.map(Value::to_string).unwrap_or_default();
        let bearer = format!("Authorization: Bearer {}", self.token);
        ask(self.at, method, path, &[&bearer], body.as_bytes()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask("POST", path, Some(body)).await
    }
}

/// `Authorization` as Scandale's clients send it.
pub(crate) fn basic(name: &str, token: &str) -> String {
    format!("Authorization: Basic {}", STANDARD.encode(format!("{name}:{token}")))
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|l| l.split_once(':'));
        lines
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
            .next()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    /// The word of a refusal.
    pub(crate) fn error(&self) -> String {
        self.json()["error"].as_str().unwrap_or_default().to_owned()
    }
}

/// Asks on a connection of its own. A `Host` among the headers takes the place of the right one.
pub(crate) async fn ask(at: SocketAddr, method: &str, path: &str, headers: &[&str], body: &[u8]) -> Answer {
    let mut sent = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    if !headers.iter().any(|h| h.to_lowercase().starts_with("host:")) {
        sent.extend(["Host: ", &at.to_string(), "\r\n"]);
    }
    for header in headers {
        sent += header;
        sent += "\r\n";
    }
    if !body.is_empty() {
        sent.extend(["Content-Length: ", &body.len().to_string(), "\r\n"]);
    }
    sent += "\r\n";
    let whole = [sent.as_bytes(), body].concat();
    tokio::task::spawn_blocking(move || exchange(at, &whole))
        .await
        .expect("no panic")
}

/// Sends octets as they are, and reads all that comes back.
pub(crate) fn exchange(at: SocketAddr, sent: &[u8]) -> Answer {
    let mut stream = connect(at);
    // Who is refused early may find the other side closed already.
    let _ = stream.write_all(sent);
    let mut came = Vec::new();
    let _ = stream.read_to_end(&mut came);
    answer(&String::from_utf8_lossy(&came))
}

pub(crate) fn connect(at: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(at).expect("a connection");
    stream
        .set_read_timeout(Some(Duration::from_mins(1)))
        .expect("a time-out");
    stream
}

fn answer(came: &str) -> Answer {
    let (head, body) = came.split_once("\r\n\r\n").unwrap_or((came, ""));
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
    Answer {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

/// One server-sent event.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) data: String,
}

impl Event {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.data).expect("JSON")
    }
}

/// Follows the events.
pub(crate) struct Follower {
    lines: BufReader<TcpStream>,
    pub(crate) status: u16,
}

impl Follower {
    pub(crate) fn new(at: SocketAddr, token: &str, query: &str, last: Option<&str>) -> Self {
        let mut stream = connect(at);
        let last = last.map(|id| format!("Last-Event-ID: {id}\r\n")).unwrap_or_default();
        let asked = format!(
            "GET /api/events{query} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n{last}\r\n"
        );
        stream.write_all(asked.as_bytes()).expect("sent");
        let mut lines = BufReader::new(stream);
        let mut line = String::new();
        lines.read_line(&mut line).expect("an answer");
        let status = line.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
        while line.trim() != "" {
            line.clear();
            lines.read_line(&mut line).expect("a head");
        }
        Self { lines, status }
    }

    /// The next event; `None`: they have ended.
    pub(crate) fn next(&mut self) -> Option<Event> {
        let mut event = Event::default();
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let line = line.trim_end();
            match line.split_once(": ") {
                Some(("event", value)) => value.clone_into(&mut event.name),
                Some(("id", value)) => value.clone_into(&mut event.id),
                Some(("data", value)) => value.clone_into(&mut event.data),
                _ if line.is_empty() && !event.name.is_empty() => return Some(event),
                _ => {}
            }
        }
    }
}
