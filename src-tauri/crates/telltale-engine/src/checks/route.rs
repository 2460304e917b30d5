//! Over which routers do packets go, without any right: UDP datagrams with a short life, and the socket's error queue (Linux).
//!
//! Facts: `host`, `address` (traced), `reached`, `end` (`reached`; `unreachable`: a router says so, `why`; `silent`: nothing more was heard;
//! `max_hops`; `time`: the time was over), `path` (the address of each hop in its order; null: it was silent). Measured: `hops`: `hop`, `address`, `ms`, `tries`.
//!
//! All datagrams have the same addresses and ports, so that routers that share their load send them the same way; what they answer to is
//! told apart by time, one at a time, and by the number in the datagram where the answer quotes it.

use super::place::{hear_routers, ms, some_addresses, why};
use super::text::named;
use super::{Found, Problem};
use nix::libc;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg};
use serde_json::{Value, json};
use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::AsRawFd;
use std::time::Duration;
use tokio::io::Interest;
use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout_at};

/// Where nobody listens, and every tracer knocks.
const PORT: u16 = 33_434;
/// Datagrams to one hop, and how long each waits for its answer.
const TRIES: u32 = 2;
const PATIENCE: Duration = Duration::from_secs(1);
/// Silent hops in a row after which nobody more is expected.
const SILENT_END: u32 = 5;
/// Octets of our datagrams, and of a quoted one that are looked at.
const SENT: usize = 32;
/// ICMP: time exceeded, destination unreachable, its code for a closed port (RFC 792; RFC 4443).
const EXCEEDED: [u8; 2] = [11, 3];
const UNREACHABLE: [u8; 2] = [3, 1];
const CLOSED_PORT: [u8; 2] = [3, 4];

/// What came back.
#[derive(Debug, PartialEq, Eq)]
enum Echo {
    /// A router let the datagram end.
    Router(IpAddr),
    /// The machine itself.
    Target,
    /// Somebody on the way refuses to carry it on.
    Refused(Option<IpAddr>, &'static str),
}

/// One hop.
struct Hop {
    address: Option<IpAddr>,
    took: Option<Duration>,
    tries: u32,
}

/// A way, as far as it was seen.
#[derive(Default)]
struct Way {
    hops: Vec<Hop>,
    /// Why it ended.
    end: Option<(&'static str, Option<&'static str>)>,
}

pub(super) async fn look(host: &str, max_hops: u32, until: Instant) -> Result<Found, Problem> {
    let target = some_addresses(host, PORT, until).await?[0];
    let socket = Socket::open(target).map_err(|e| Problem::Failed(format!("no way can be traced: {}", why(&e))))?;
    let way = follow(&socket, target, max_hops, until).await;
    let way = way.map_err(|e| Problem::Failed(format!("there is no way to {}: {}", named(host), why(&e))))?;
    let ran_out = way.end.is_none() && way.hops.len() < max_hops as usize;
    let (end, because) = way.end.unwrap_or((if ran_out { "time" } else { "max_hops" }, None));
    let mut facts = json!({
        "host": host,
        "address": target.ip().to_string(),
        "reached": end == "reached",
        "end": end,
        "path": way.hops.iter().map(|h| h.address.map(|a| a.to_string())).collect::<Vec<_>>(),
        "measured": { "hops": hops(&way.hops) },
    });
    if let Some(because) = because {
        facts["why"] = because.into();
    }
    if ran_out {
        let problem = Problem::TimedOut(format!("after {} hops the time was over", way.hops.len()));
        return Ok(Found::with_problem(facts, problem));
    }
    let said = summary(host, &way.hops, end, because);
    Ok(Found::of(facts, said))
}

fn hops(hops: &[Hop]) -> Vec<Value> {
    let each = hops.iter().zip(1..);
    each.map(|(hop, number)| {
        json!({
            "hop": number, "address": hop.address.map(|a| a.to_string()), "ms": hop.took.map(ms), "tries": hop.tries,
        })
    })
    .collect()
}

fn summary(host: &str, hops: &[Hop], end: &str, because: Option<&str>) -> String {
    let host = named(host);
    let count = |n: usize| {
        if n == 1 {
            "1 hop".to_owned()
        } else {
            format!("{n} hops")
        }
    };
    let last = hops.iter().rposition(|h| h.address.is_some());
    let last = last.and_then(|at| Some((at + 1, hops.get(at)?.address?)));
    match (end, last) {
        ("reached", _) => format!("{host} is {} away.", count(hops.len())),
        ("unreachable", Some((at, who))) => {
            format!(
                "The way to {host} ends at {who} after {}: {}.",
                count(at),
                because.unwrap_or("no way on")
            )
        }
        ("max_hops", _) => format!("{host} is more than {} away.", count(hops.len())),
        (_, Some((at, who))) => {
            format!(
                "The way to {host} can be seen as far as {who}, {} away; then nobody answers.",
                count(at)
            )
        }
        (_, None) => format!("Nobody on the way to {host} answers."),
    }
}

async fn follow(socket: &Socket, target: SocketAddr, max_hops: u32, until: Instant) -> io::Result<Way> {
    let mut way = Way::default();
    let mut silent = 0;
    for hop in 1..=max_hops {
        let Some((found, echo)) = one_hop(socket, target, hop, until).await? else {
            return Ok(way);
        };
        way.hops.push(found);
        match echo {
            None => silent += 1,
            Some(Echo::Router(_)) => silent = 0,
            Some(Echo::Target) => way.end = Some(("reached", None)),
            // What the machine itself forbids has come to it.
            Some(Echo::Refused(who, because)) => {
                let reached = who == Some(target.ip());
                way.end = Some((if reached { "reached" } else { "unreachable" }, Some(because)));
            }
        }
        if silent == SILENT_END {
            way.end = Some(("silent", None));
        }
        if way.end.is_some() {
            break;
        }
    }
    Ok(way)
}

/// What comes back of datagrams that live so long. `None`: the time is over.
async fn one_hop(
    socket: &Socket,
    target: SocketAddr,
    hop: u32,
    until: Instant,
) -> io::Result<Option<(Hop, Option<Echo>)>> {
    for tries in 1..=TRIES {
        if Instant::now() >= until {
            return Ok(None);
        }
        let began = Instant::now();
        socket.send(target, hop).await?;
        let patience = until.min(began + PATIENCE);
        if let Ok(echo) = timeout_at(patience, socket.heard(hop)).await {
            let echo = echo?;
            let address = match &echo {
                Echo::Router(address) => Some(*address),
                Echo::Target => Some(target.ip()),
                Echo::Refused(who, _) => *who,
            };
            let hop = Hop {
                address,
                took: Some(began.elapsed()),
                tries,
            };
            return Ok(Some((hop, Some(echo))));
        }
    }
    let hop = Hop {
        address: None,
        took: None,
        tries: TRIES,
    };
    Ok(Some((hop, None)))
}

/// A UDP socket whose error queue is read.
struct Socket {
    socket: UdpSocket,
    is_v4: bool,
}

impl Socket {
    fn open(target: SocketAddr) -> io::Result<Self> {
        let is_v4 = target.is_ipv4();
        let local: SocketAddr = if is_v4 {
            (Ipv4Addr::UNSPECIFIED, 0).into()
        } else {
            (Ipv6Addr::UNSPECIFIED, 0).into()
        };
        let socket = std::net::UdpSocket::bind(local)?;
        socket.set_nonblocking(true)?;
        hear_routers(&socket, is_v4)?;
        let socket = UdpSocket::from_std(socket)?;
        Ok(Self { socket, is_v4 })
    }

    async fn send(&self, target: SocketAddr, hop: u32) -> io::Result<()> {
        let socket = socket2::SockRef::from(&self.socket);
        if self.is_v4 {
            socket.set_ttl_v4(hop)?;
        } else {
            socket.set_unicast_hops_v6(hop)?;
        }
        let datagram = [u8::try_from(hop).unwrap_or(u8::MAX); SENT];
        // An error that an earlier datagram met is told at the next sending, once; it stands in the queue as well.
        if self.socket.send_to(&datagram, target).await.is_err() {
            self.socket.send_to(&datagram, target).await?;
        }
        Ok(())
    }

    /// The answer to a datagram of that hop.
    async fn heard(&self, hop: u32) -> io::Result<Echo> {
        let mut answer = [0; SENT];
        loop {
            let queue = self.socket.async_io(Interest::ERROR, || self.queued());
            tokio::select! {
                queued = queue => {
                    let (quoted, echo) = queued?;
                    if quoted.is_none_or(|q| u32::from(q) == hop) && let Some(echo) = echo {
                        return Ok(echo);
                    }
                }
                // Something listens on that port and answers.
                Ok(_) = self.socket.recv_from(&mut answer) => return Ok(Echo::Target),
            }
        }
    }

    /// The next message of the error queue: the number in the datagram that it quotes, and what it says, if that is of the way.
    fn queued(&self) -> io::Result<(Option<u8>, Option<Echo>)> {
        let mut quoted = [0; SENT];
        let mut slices = [IoSliceMut::new(&mut quoted)];
        let mut room = nix::cmsg_space!([u8; 128]);
        let fd = self.socket.as_raw_fd();
        let message = recvmsg::<SockaddrStorage>(fd, &mut slices, Some(&mut room), MsgFlags::MSG_ERRQUEUE)?;
        let echo = message.cmsgs()?.find_map(|c| match c {
            ControlMessageOwned::Ipv4RecvErr(error, from) => echo(
                &error,
                from.map(|a| Ipv4Addr::from(u32::from_be(a.sin_addr.s_addr)).into()),
                0,
            ),
            ControlMessageOwned::Ipv6RecvErr(error, from) => {
                echo(&error, from.map(|a| Ipv6Addr::from(a.sin6_addr.s6_addr).into()), 1)
            }
            _ => None,
        });
        let has_quote = message.bytes > 0;
        Ok((has_quote.then_some(quoted[0]), echo))
    }
}

/// What an error says; `family`: 0 for ICMP, 1 for `ICMPv6`.
fn echo(error: &libc::sock_extended_err, from: Option<IpAddr>, family: usize) -> Option<Echo> {
    let kind = error.ee_type;
    if ![libc::SO_EE_ORIGIN_ICMP, libc::SO_EE_ORIGIN_ICMP6].contains(&error.ee_origin) {
        return None;
    }
    if kind == EXCEEDED[family] {
        return from.map(Echo::Router);
    }
    if kind != UNREACHABLE[family] {
        return None;
    }
    if error.ee_code == CLOSED_PORT[family] {
        return Some(Echo::Target);
    }
    Some(Echo::Refused(from, refusal(family, error.ee_code)))
}

fn refusal(family: usize, code: u8) -> &'static str {
    match (family, code) {
        (0 | 1, 0) => "no way to its network",
        (0, 1) | (1, 3) => "the machine does not answer there",
        (0, 9 | 10 | 13) | (1, 1 | 5) => "a rule of the network forbids it",
        _ => "the packet cannot be carried on",
    }
}
