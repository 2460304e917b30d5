//! Can a machine be reached: by echo requests, a TCP connection or a UDP datagram.
//!
//! Facts: `host`; `by` (`icmp`, `tcp`, `udp`); `port` (of TCP and UDP); `reachable`; `state`, one of
//! `answered`, `refused` (the machine is there, the port is closed), `silent`, `unreachable` (this computer or a router said so: `why`),
//! `no_address` (the name has none). Measured: `address`, `addresses`, `sent`, `answered`, `loss_percent`, `rtt_ms` (`min`, `mean`, `max`;
//! null without an answer), `tries_ms` (each try in its order, null: no answer).

use super::place::{addresses, hear_routers, ip_texts, ms, no_address, why};
use super::text::named;
use super::{Found, Problem, ping};
use serde_json::{Value, json};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use telltale_core::model::Reach;
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::{Instant, sleep, timeout};

/// The longest that one try waits for its answer.
const ONE_TRY: Duration = Duration::from_secs(3);
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(200);
/// Octets of an answer that are looked at: that it came is enough.
const ANSWER: usize = 512;

/// How one try ended.
#[derive(Debug)]
enum Try {
    Answered(Duration),
    Refused,
    Silent,
    Unreachable(String),
}

pub(super) async fn look(host: &str, how: Reach, attempts: u32, until: Instant) -> Result<Found, Problem> {
    let (by, port) = match how {
        Reach::Icmp => ("icmp", None),
        Reach::Tcp { port } => ("tcp", Some(port)),
        Reach::Udp { port } => ("udp", Some(port)),
    };
    let found = addresses(host, port.unwrap_or_default(), until).await?;
    let mut facts = json!({ "host": host, "by": by });
    if let Some(port) = port {
        facts["port"] = port.into();
    }
    let Some(address) = found.first().copied() else {
        facts["reachable"] = false.into();
        facts["state"] = "no_address".into();
        facts["measured"] = json!({ "address": null, "addresses": [], "sent": 0, "answered": 0 });
        return Ok(Found::of(facts, format!("{}.", no_address(host))));
    };
    let tries = all_tries(address, how, attempts, until).await?;
    let (state, because) = state(&tries);
    facts["reachable"] = (state == "answered").into();
    facts["state"] = state.into();
    if let Some(because) = because {
        facts["why"] = because.into();
    }
    let measured = measured(&tries);
    let said = summary(host, how, state, &measured, because);
    facts["measured"] = measured;
    facts["measured"]["address"] = address.ip().to_string().into();
    facts["measured"]["addresses"] = ip_texts(&found).into();
    Ok(Found::of(facts, said))
}

/// Tries one after the other, each with a fair part of the time that is left.
async fn all_tries(address: SocketAddr, how: Reach, attempts: u32, until: Instant) -> Result<Vec<Try>, Problem> {
    let mut tries = Vec::new();
    let echo = match how {
        Reach::Icmp => Some(ping::Ping::open(address.ip())?),
        _ => None,
    };
    for at in 0..attempts {
        if at > 0 {
            sleep(PAUSE).await;
        }
        let left = until.saturating_duration_since(Instant::now()) / (attempts - at);
        if left.is_zero() {
            break;
        }
        let patience = left.min(ONE_TRY);
        let began = Instant::now();
        let outcome = match (&echo, how) {
            (Some(echo), _) => timeout(patience, echo.once(u16::try_from(at).unwrap_or(u16::MAX))).await,
            (None, Reach::Udp { port }) => timeout(patience, datagram(address, port)).await,
            (None, _) => timeout(patience, async { TcpStream::connect(address).await.map(drop) }).await,
        };
        tries.push(match outcome {
            Err(_) => Try::Silent,
            Ok(Ok(())) => Try::Answered(began.elapsed()),
            Ok(Err(e)) if e.kind() == io::ErrorKind::ConnectionRefused => Try::Refused,
            Ok(Err(e)) => Try::Unreachable(why(&e)),
        });
    }
    Ok(tries)
}

/// Sends a datagram, and waits for any.
async fn datagram(address: SocketAddr, port: u16) -> io::Result<()> {
    let local = if address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(local).await?;
    hear_routers(&socket, address.is_ipv4())?;
    // Connected: only this machine's answers come in, and its refusal.
    socket.connect(address).await?;
    socket.send(&question(port)).await?;
    socket.recv(&mut [0; ANSWER]).await.map(drop)
}

/// What a service of that port answers to; an empty line elsewhere.
fn question(port: u16) -> Vec<u8> {
    match port {
        // DNS: the name servers of the root (RFC 1035 section 4.1).
        53 => [0x54, 0x54, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1].to_vec(),
        // NTP: version 4, a client (RFC 5905 section 7.3).
        123 => std::iter::once(0x23).chain([0; 47]).collect(),
        _ => b"\r\n".to_vec(),
    }
}

/// The best that any try says.
fn state(tries: &[Try]) -> (&'static str, Option<&str>) {
    let has = |wanted: fn(&Try) -> bool| tries.iter().any(wanted);
    if has(|t| matches!(t, Try::Answered(_))) {
        return ("answered", None);
    }
    if has(|t| matches!(t, Try::Refused)) {
        return ("refused", None);
    }
    let because = tries.iter().find_map(|t| match t {
        Try::Unreachable(because) => Some(because.as_str()),
        _ => None,
    });
    (if because.is_some() { "unreachable" } else { "silent" }, because)
}

fn measured(tries: &[Try]) -> Value {
    let each: Vec<Option<f64>> = tries
        .iter()
        .map(|t| match t {
            Try::Answered(took) => Some(ms(*took)),
            _ => None,
        })
        .collect();
    let answered: Vec<f64> = each.iter().copied().flatten().collect();
    // A check has 20 tries at most.
    let (all, some) = (
        f64::from(u32::try_from(each.len()).unwrap_or(u32::MAX)),
        f64::from(u32::try_from(answered.len()).unwrap_or(u32::MAX)),
    );
    let rtt = (some > 0.0).then(|| {
        json!({
            "min": answered.iter().copied().fold(f64::INFINITY, f64::min),
            "mean": (answered.iter().sum::<f64>() / some * 100.0).round() / 100.0,
            "max": answered.iter().copied().fold(0.0, f64::max),
        })
    });
    let loss = if all > 0.0 {
        ((all - some) / all * 1_000.0).round() / 10.0
    } else {
        0.0
    };
    json!({
        "sent": each.len(), "answered": answered.len(), "loss_percent": loss, "rtt_ms": rtt, "tries_ms": each,
    })
}

fn summary(host: &str, how: Reach, state: &str, measured: &Value, because: Option<&str>) -> String {
    let host = named(host);
    let of = format!("{} of {}", measured["answered"], measured["sent"]);
    let mean = &measured["rtt_ms"]["mean"];
    match (state, how) {
        ("answered", Reach::Icmp) => format!("{host} answered {of} echo requests, in {mean} ms on average."),
        ("answered", Reach::Tcp { port }) => {
            format!("{host} took {of} connections on TCP port {port}, in {mean} ms on average.")
        }
        ("answered", Reach::Udp { port }) => format!("{host} answered {of} datagrams on UDP port {port}."),
        ("refused", Reach::Udp { port }) => format!("{host} is there, but nothing listens on its UDP port {port}."),
        ("refused", Reach::Tcp { port }) => format!("{host} is there, but refuses TCP port {port}."),
        ("unreachable", _) => format!("{host} cannot be reached: {}.", because.unwrap_or("a router said so")),
        (_, Reach::Udp { port }) => {
            format!("{host} was silent on UDP port {port}, which many services are to what they do not understand.")
        }
        (_, Reach::Tcp { port }) => format!("{host} did not answer on TCP port {port}."),
        (_, Reach::Icmp) => format!("{host} did not answer any of {} echo requests.", measured["sent"]),
    }
}
