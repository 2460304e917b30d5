//! One question to one DNS server, and what it says.
//!
//! No cache, no second server, no search list: who compares resolvers wants each one's own words. Used by `dns` and `tampering`.

use super::place::{ms, why};
use hickory_resolver::proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_resolver::proto::rr::{Name, RecordType};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::{Instant, timeout_at};

/// Octets of a datagram that we say we take (what fits everywhere, RFC 9715), and that we take.
const OFFERED: u16 = 1_232;
const DATAGRAM: usize = 4_096;
/// A datagram is sent again after so long.
const AGAIN: Duration = Duration::from_secs(2);
/// Records of an answer that are kept.
const MAX_RECORDS: usize = 100;
/// Servers of the system's configuration that are asked in turn, as resolv.conf(5) has it.
const MAX_SYSTEM: usize = 3;
/// The port of DNS.
const PORT: u16 = 53;

/// What a server said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// `NOERROR`, `NXDOMAIN`, `SERVFAIL` ... (RFC 6895 section 2.3).
    pub(super) code: String,
    /// The records that were asked for, as text, sorted.
    pub(super) records: Vec<String>,
    /// Other names it went over.
    pub(super) aliases: Vec<String>,
    /// Whether the server says that it checked the signatures of DNSSEC.
    pub(super) authenticated: bool,
    /// The shortest life of a record, seconds.
    pub(super) ttl_s: Option<u32>,
    /// From question to answer.
    pub(super) took: Duration,
}

impl Answer {
    pub(super) fn ms(&self) -> f64 {
        ms(self.took)
    }

    /// The addresses among the records.
    pub(super) fn addresses(&self) -> Vec<IpAddr> {
        self.records.iter().filter_map(|r| r.parse().ok()).collect()
    }
}

/// A resolver as a check names it: `system`, an address, an address with a port.
pub(super) fn servers(resolver: &str) -> Result<Vec<SocketAddr>, String> {
    if resolver == "system" {
        let (config, _) = hickory_resolver::system_conf::read_system_conf()
            .map_err(|_| "this computer has no name server that it tells of".to_owned())?;
        let mut found = Vec::new();
        for server in config.name_servers() {
            let port = server.connections.first().map_or(PORT, |c| c.port);
            let address = SocketAddr::new(server.ip, port);
            if found.len() < MAX_SYSTEM && !found.contains(&address) {
                found.push(address);
            }
        }
        return Ok(found);
    }
    given(resolver).map(|address| vec![address])
}

/// An address with or without a port.
pub(super) fn given(resolver: &str) -> Result<SocketAddr, String> {
    let ip = resolver.strip_prefix('[').and_then(|r| r.strip_suffix(']'));
    if let Ok(ip) = ip.unwrap_or(resolver).parse::<IpAddr>() {
        return Ok(SocketAddr::new(ip, PORT));
    }
    SocketAddr::from_str(resolver).map_err(|_| "a resolver is `system` or an address".to_owned())
}

/// A name as it is asked for: absolute, so that no search list changes it.
pub(super) fn name(text: &str) -> Option<Name> {
    let mut name = Name::from_utf8(text).ok()?;
    name.set_fqdn(true);
    Some(name)
}

/// Asks one of `servers` after the other, until one says something; with the server that did.
pub(super) async fn ask_any(
    servers: &[SocketAddr],
    name: &Name,
    record: RecordType,
    until: Instant,
) -> Result<(SocketAddr, Answer), String> {
    let mut last = "it has no server".to_owned();
    for (at, server) in servers.iter().enumerate() {
        let left = until.saturating_duration_since(Instant::now());
        let share = left / u32::try_from(servers.len() - at).unwrap_or(1);
        match ask(*server, name, record, Instant::now() + share).await {
            Ok(answer) => return Ok((*server, answer)),
            Err(because) => last = because,
        }
    }
    Err(last)
}

/// Asks `server`, over UDP, and over TCP where the answer is too long. `Err`: why there is no answer.
pub(super) async fn ask(server: SocketAddr, name: &Name, record: RecordType, until: Instant) -> Result<Answer, String> {
    let began = Instant::now();
    let query = Query::query(name.clone(), record);
    let mut question = Message::query();
    question.metadata.recursion_desired = true;
    let mut edns = Edns::new();
    edns.set_max_payload(OFFERED);
    question.add_query(query.clone()).set_edns(edns);
    let octets = question
        .to_vec()
        .map_err(|_| "this name cannot be asked for".to_owned())?;
    let is_ours = |message: &Message| {
        message.metadata.id == question.metadata.id
            && message.metadata.message_type == MessageType::Response
            && message.metadata.op_code == OpCode::Query
            && message
                .queries
                .first()
                .is_none_or(|q| q.query_type() == record && q.name().to_ascii().eq_ignore_ascii_case(&name.to_ascii()))
    };
    let heard = timeout_at(until, over_udp(server, &octets, &is_ours)).await;
    let mut message = heard
        .map_err(|_| "it did not answer".to_owned())?
        .map_err(|e| why(&e))?;
    if message.metadata.truncation {
        let heard = timeout_at(until, over_tcp(server, &octets)).await;
        let long = heard
            .map_err(|_| "its long answer did not come".to_owned())?
            .map_err(|e| why(&e))?;
        message = Message::from_vec(&long).map_err(|_| "its answer cannot be read".to_owned())?;
        if !is_ours(&message) {
            return Err("its answer is to another question".to_owned());
        }
    }
    Ok(read(&message, record, began.elapsed()))
}

/// The first answer to our question; what is no such answer is let pass, for anybody can send to an open port.
async fn over_udp(server: SocketAddr, question: &[u8], is_ours: &impl Fn(&Message) -> bool) -> io::Result<Message> {
    let local = if server.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(local).await?;
    socket.connect(server).await?;
    let mut heard = vec![0; DATAGRAM];
    loop {
        socket.send(question).await?;
        let again = Instant::now() + AGAIN;
        while let Ok(came) = timeout_at(again, socket.recv(&mut heard)).await {
            let message = heard.get(..came?).and_then(|octets| Message::from_vec(octets).ok());
            if let Some(message) = message.filter(is_ours) {
                return Ok(message);
            }
        }
    }
}

/// With the length before question and answer (RFC 1035 section 4.2.2).
async fn over_tcp(server: SocketAddr, question: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(server).await?;
    let len = u16::try_from(question.len()).map_err(io::Error::other)?;
    let mut framed = len.to_be_bytes().to_vec();
    framed.extend_from_slice(question);
    stream.write_all(&framed).await?;
    let mut answer = vec![0; usize::from(stream.read_u16().await?)];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}

pub(super) fn read(message: &Message, record: RecordType, took: Duration) -> Answer {
    let of = |wanted: RecordType| {
        let found = message.answers.iter().filter(move |r| r.record_type() == wanted);
        found.take(MAX_RECORDS)
    };
    let mut records: Vec<_> = of(record).map(|r| r.data.to_string()).collect();
    records.sort_unstable();
    records.dedup();
    let aliases = if record == RecordType::CNAME {
        Vec::new()
    } else {
        of(RecordType::CNAME).map(|r| r.data.to_string()).collect()
    };
    Answer {
        code: code(message.metadata.response_code),
        records,
        aliases,
        authenticated: message.metadata.authentic_data,
        ttl_s: of(record).map(|r| r.ttl).min(),
        took,
    }
}

fn code(code: ResponseCode) -> String {
    match code {
        ResponseCode::NoError => "NOERROR".to_owned(),
        ResponseCode::FormErr => "FORMERR".to_owned(),
        ResponseCode::ServFail => "SERVFAIL".to_owned(),
        ResponseCode::NXDomain => "NXDOMAIN".to_owned(),
        ResponseCode::NotImp => "NOTIMP".to_owned(),
        ResponseCode::Refused => "REFUSED".to_owned(),
        other => format!("RCODE{}", u16::from(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_asked_as_it_is() {
        let asked = |text: &str| name(text).map(|n| n.to_ascii());
        assert_eq!(asked("example.org").as_deref(), Some("example.org."));
        assert_eq!(asked("_dmarc.Example.org.").as_deref(), Some("_dmarc.example.org."));
        assert_eq!(
            asked("k1._domainkey.example.org").as_deref(),
            Some("k1._domainkey.example.org.")
        );
        assert_eq!(asked("bücher.example").as_deref(), Some("xn--bcher-kva.example."));
        for bad in ["a..b", &"a".repeat(64), &"a.".repeat(200)] {
            assert_eq!(asked(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_resolver_is_an_address_with_or_without_a_port() {
        let port = |text: &str| given(text).map(|a| (a.is_ipv4(), a.port()));
        assert_eq!(port("9.9.9.9"), Ok((true, 53)));
        assert_eq!(port("9.9.9.9:5353"), Ok((true, 5353)));
        assert_eq!(port("2620:fe::fe"), Ok((false, 53)));
        assert_eq!(port("[2620:fe::fe]"), Ok((false, 53)));
        assert_eq!(port("[2620:fe::fe]:853"), Ok((false, 853)));
        for bad in ["", "dns.example", "9.9.9.9:", "9.9.9.9:70000", "https://9.9.9.9/"] {
            assert!(port(bad).is_err(), "{bad}");
        }
    }
}
