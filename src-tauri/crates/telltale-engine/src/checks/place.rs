//! Where a check goes: a name becomes addresses, an address a connection.
//!
//! The system's own resolver is asked (its hosts file, its name servers), as every other program of this computer does.

use super::Problem;
use super::text::named;
use hickory_resolver::proto::rr::Name;
use nix::sys::socket::{setsockopt, sockopt};
use std::borrow::Cow;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::AsFd;
use std::time::Duration;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout_at};

/// Addresses of a name that are looked at.
const MAX_ADDRESSES: usize = 16;
/// One address is tried for so long at most when there are others.
const ONE_OF_SEVERAL: Duration = Duration::from_secs(3);

/// A host as it may be written: `[2001:db8::1]` is the address in it.
pub(super) fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host)
}

/// Whether a text can be the name or address of a machine.
pub(super) fn is_host(host: &str) -> bool {
    let host = bare(host);
    let visible = |c: char| !(c.is_whitespace() || c.is_control() || "/\\?#@[]%\"'<>".contains(c));
    if host.contains(':') {
        return host.parse::<IpAddr>().is_ok();
    }
    (1..=253).contains(&host.len()) && !host.starts_with(['-', '.']) && host.chars().all(visible)
}

/// A name as DNS and certificates have it: `bücher.example` is `xn--bcher-kva.example` (RFC 5891). One that has no such form stays as it is.
pub(super) fn ascii(host: &str) -> Cow<'_, str> {
    if host.is_ascii() {
        return Cow::Borrowed(host);
    }
    let name = Name::from_utf8(host).map(|name| name.to_ascii());
    name.map_or(Cow::Borrowed(host), |name| {
        Cow::Owned(name.strip_suffix('.').unwrap_or(&name).to_owned())
    })
}

/// The addresses of a host in the system's order. Empty: it has none, or nobody could tell.
pub(super) async fn addresses(host: &str, port: u16, until: Instant) -> Result<Vec<SocketAddr>, Problem> {
    let host = bare(host);
    if let Ok(ip) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(ip, port)]);
    }
    let name = ascii(host);
    let found = timeout_at(until, lookup_host((name.as_ref(), port))).await;
    let found = found.map_err(|_| Problem::TimedOut(format!("nobody told the address of {} in time", named(host))))?;
    let mut addresses = Vec::new();
    for address in found.into_iter().flatten() {
        if addresses.len() < MAX_ADDRESSES && !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    Ok(addresses)
}

/// As [`addresses`], for a check that needs one.
pub(super) async fn some_addresses(host: &str, port: u16, until: Instant) -> Result<Vec<SocketAddr>, Problem> {
    let found = addresses(host, port, until).await?;
    if found.is_empty() {
        return Err(Problem::Failed(no_address(host)));
    }
    Ok(found)
}

pub(super) fn no_address(host: &str) -> String {
    format!("this computer finds no address for {}", named(host))
}

/// Connects to the first address that answers.
pub(super) async fn connect(addresses: &[SocketAddr], until: Instant) -> Result<TcpStream, Problem> {
    let mut last = Problem::Failed("there is no address to connect to".to_owned());
    for (at, address) in addresses.iter().enumerate() {
        let is_last = at + 1 == addresses.len();
        let until = if is_last {
            until
        } else {
            until.min(Instant::now() + ONE_OF_SEVERAL)
        };
        match timeout_at(until, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(e)) => last = Problem::Failed(format!("no connection to {address}: {}", why(&e))),
            Err(_) => last = Problem::TimedOut(format!("{address} did not answer in time")),
        }
    }
    Err(last)
}

/// Lets a socket hear what routers say of the way, also where the system would go on trying in silence (Linux: `IP_RECVERR`).
pub(super) fn hear_routers(socket: &impl AsFd, is_v4: bool) -> io::Result<()> {
    let set = if is_v4 {
        setsockopt(socket, sockopt::Ipv4RecvErr, &true)
    } else {
        setsockopt(socket, sockopt::Ipv6RecvErr, &true)
    };
    Ok(set?)
}

/// Why the network refused, in plain words.
pub(super) fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "it refuses".to_owned(),
        io::ErrorKind::HostUnreachable => "the machine cannot be reached".to_owned(),
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown => "there is no way to its network".to_owned(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => {
            "it broke the connection off".to_owned()
        }
        io::ErrorKind::TimedOut => "it did not answer in time".to_owned(),
        io::ErrorKind::PermissionDenied => "this computer does not allow it".to_owned(),
        io::ErrorKind::UnexpectedEof => "it ended the connection in the middle".to_owned(),
        _ => named(&error.to_string()),
    }
}

/// Milliseconds, to a hundredth.
pub(super) fn ms(took: Duration) -> f64 {
    (took.as_secs_f64() * 100_000.0).round() / 100.0
}

/// Sorted texts of addresses, without their port.
pub(super) fn ip_texts(addresses: &[SocketAddr]) -> Vec<String> {
    let mut ips: Vec<IpAddr> = addresses.iter().map(SocketAddr::ip).collect();
    ips.sort_unstable();
    ips.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_any_script_has_the_form_of_dns() {
        for (host, form) in [
            ("example.org", "example.org"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("café.fr", "xn--caf-dma.fr"),
            ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
            ("2001:db8::1", "2001:db8::1"),
        ] {
            assert_eq!(ascii(host), form);
        }
    }

    #[test]
    fn a_host_is_a_name_or_an_address() {
        for good in [
            "example.org",
            "localhost",
            "192.0.2.1",
            "::1",
            "[2001:db8::1]",
            "bücher.example",
            "a_b",
        ] {
            assert!(is_host(good), "{good}");
        }
        let long = "a".repeat(254);
        for bad in [
            "",
            "-oN",
            "a b",
            "a/b",
            "host:80",
            "a\u{1b}b",
            "user@host",
            "fe80::1%eth0",
            ".org",
            long.as_str(),
        ] {
            assert!(!is_host(bad), "{bad}");
        }
    }
}
