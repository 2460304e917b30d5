//! Who is called, and with what fingerprint, in each capture, against what independent tools say.
//!
//! Puts streams and CRYPTO octets together in the plainest way; how the product does it under limits is
//! `telltale-core`'s.

use crate::corpus::{self, Packet};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use telltale_wire::certificate::{Certificate, Name};
use telltale_wire::ja4::{Carrier, Ja4};
use telltale_wire::quic::{self, Frame, InitialKeys, LongKind};
use telltale_wire::tls::{self, ClientHello, HandshakeKind, Handshakes, Step};
use telltale_wire::{Transport, dissect, dtls, gquic};

/// A hello as the test compares it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Hello {
    via: &'static str,
    client: SocketAddr,
    server: SocketAddr,
    sni: Option<String>,
    alpn: Vec<String>,
    has_ech: bool,
    ja4: Option<Ja4>,
    user_agent: Option<String>,
}

#[derive(Default)]
struct Found {
    hellos: Vec<Hello>,
    certificate_names: BTreeMap<SocketAddr, BTreeSet<String>>,
    /// Hellos that did not arrive wholly.
    cut: usize,
}

impl Found {
    fn tls(&mut self, via: &'static str, (client, server): (SocketAddr, SocketAddr), hello: &ClientHello<'_>) {
        let carrier = match via {
            "tls" => Carrier::Tcp,
            "dtls" => Carrier::Dtls,
            _ => Carrier::Quic,
        };
        self.hellos.push(Hello {
            via,
            client,
            server,
            sni: hello.sni().map(text),
            alpn: hello.alpn().map(text).collect(),
            has_ech: hello.extension(tls::ExtensionKind::ECH).is_some(),
            ja4: Ja4::of(hello, carrier),
            user_agent: None,
        });
    }

    fn google(&mut self, (client, server): (SocketAddr, SocketAddr), chlo: &gquic::Chlo<'_>) {
        self.hellos.push(Hello {
            via: "gquic",
            client,
            server,
            sni: chlo.sni().map(text),
            alpn: Vec::new(),
            has_ech: false,
            ja4: None,
            user_agent: chlo.user_agent().map(text),
        });
    }
}

fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

/// Pieces with places, to be put in order.
#[derive(Default)]
struct Pieces(BTreeMap<u64, Vec<u8>>);

impl Pieces {
    fn add(&mut self, offset: u64, octets: &[u8]) {
        let there = self.0.entry(offset).or_default();
        if there.len() < octets.len() {
            *there = octets.to_vec();
        }
    }

    /// The octets from offset 0 to the first gap.
    fn in_order(&self) -> Vec<u8> {
        let mut all = Vec::new();
        for (offset, piece) in &self.0 {
            let end = all.len() as u64;
            if *offset > end {
                break;
            }
            all.extend(piece.iter().skip(usize::try_from(end - offset).unwrap()));
        }
        all
    }
}

/// One direction of a TCP connection.
struct Stream {
    start: u32,
    pieces: Pieces,
}

impl Stream {
    fn read(&self, ends: (SocketAddr, SocketAddr), found: &mut Found) {
        let octets = self.pieces.in_order();
        let mut stream = &octets[..];
        // Through a proxy, TLS starts behind the proxy's head.
        if stream.starts_with(b"CONNECT ") || stream.starts_with(b"HTTP/1.") {
            let head = stream.windows(4).position(|end| end == b"\r\n\r\n");
            stream = head.map_or(&[], |end| &stream[end + 4..]);
        }
        if !tls::looks_like_record(stream) {
            return;
        }
        let (mut at, mut scratch) = (Handshakes::default(), Vec::new());
        loop {
            match at.next(stream, &mut scratch) {
                Step::Message(message) => {
                    if let Some(Ok(hello)) = message.client_hello() {
                        found.tls("tls", ends, &hello);
                    }
                    if message.kind == HandshakeKind::CERTIFICATE {
                        let der = tls::first_certificate(message.body).unwrap().unwrap_or_default();
                        let Ok(certificate) = Certificate::parse(der) else {
                            continue;
                        };
                        let names = found.certificate_names.entry(ends.0).or_default();
                        names.extend(certificate.names().filter_map(|name| match name {
                            Name::Dns(name) => Some(text(name)),
                            _ => None,
                        }));
                    }
                }
                Step::Incomplete {
                    kind: Some(HandshakeKind::CLIENT_HELLO),
                    ..
                } => {
                    found.cut += 1;
                    return;
                }
                _ => return,
            }
        }
    }
}

/// QUIC of one flow's client.
#[derive(Default)]
struct QuicClient {
    keys: Option<InitialKeys>,
    crypto: Pieces,
}

fn quic(
    clients: &mut BTreeMap<(SocketAddr, SocketAddr), QuicClient>,
    ends: (SocketAddr, SocketAddr),
    datagram: &[u8],
    found: &mut Found,
) {
    let mut scratch = Vec::new();
    for packet in quic::packets(datagram) {
        let Ok(quic::Packet::Long(header)) = packet else { return };
        if header.kind != LongKind::Initial {
            continue;
        }
        let client = clients.entry(ends).or_default();
        let known = client
            .keys
            .as_ref()
            .is_some_and(|keys| keys.open(&header, &mut scratch).is_ok());
        let opened = if known {
            client.keys.as_ref().unwrap().open(&header, &mut scratch).unwrap()
        } else {
            let Ok((keys, opened)) = InitialKeys::discover(&header, &mut scratch) else {
                continue;
            };
            *client = QuicClient {
                keys: Some(keys),
                crypto: Pieces::default(),
            };
            opened
        };
        for frame in opened.frames() {
            if let Ok(Frame::Crypto { offset, octets }) = frame {
                client.crypto.add(offset, octets);
            }
        }
        match quic::hello(&client.crypto.in_order()) {
            quic::Hello::Tls(hello) => found.tls("quic", ends, &hello),
            quic::Hello::Google(chlo) => found.google(ends, &chlo),
            quic::Hello::Incomplete { .. } | quic::Hello::Other => {}
        }
    }
}

fn ours(packets: &[Packet]) -> Found {
    let mut found = Found::default();
    let (mut streams, mut clients) = (BTreeMap::new(), BTreeMap::new());
    let mut dtls_hellos: BTreeMap<_, Pieces> = BTreeMap::new();
    for packet in packets {
        let frame = dissect(packet.link, &packet.data, packet.original_len);
        for ip in frame.ip() {
            let ends = |from, to| (SocketAddr::new(ip.source, from), SocketAddr::new(ip.destination, to));
            match ip.transport {
                Transport::Tcp(tcp) => {
                    let ends = ends(tcp.source_port, tcp.destination_port);
                    let start = tcp.sequence.wrapping_add(u32::from(tcp.flags.syn()));
                    if tcp.flags.syn() && streams.get(&ends).is_some_and(|stream: &Stream| stream.start != start) {
                        streams.remove(&ends).unwrap().read(ends, &mut found);
                    }
                    let stream = streams.entry(ends).or_insert_with(|| Stream {
                        start,
                        pieces: Pieces::default(),
                    });
                    let offset = start.wrapping_sub(stream.start);
                    if !tcp.payload.is_empty() && offset < 1 << 20 {
                        stream.pieces.add(offset.into(), tcp.payload);
                    }
                }
                Transport::Udp {
                    source_port,
                    destination_port,
                    payload,
                } => {
                    let ends = ends(source_port, destination_port);
                    if let Ok(Some((_, chlo))) = gquic::chlo(payload) {
                        found.google(ends, &chlo);
                    }
                    if quic::looks_like_long_header(payload) {
                        quic(&mut clients, ends, payload, &mut found);
                    }
                    if dtls::looks_like_record(payload) {
                        for record in dtls::records(payload) {
                            let Ok(dtls::Record::Handshake { content, .. }) = record else {
                                continue;
                            };
                            for part in dtls::fragments(content).map_while(Result::ok) {
                                if part.kind != HandshakeKind::CLIENT_HELLO {
                                    continue;
                                }
                                let pieces = dtls_hellos.entry((ends, part.message_sequence)).or_default();
                                pieces.add(part.offset.into(), part.octets);
                                let body = pieces.in_order();
                                if body.len() == part.message_len as usize {
                                    found.tls("dtls", ends, &ClientHello::parse_dtls(&body).unwrap());
                                }
                            }
                        }
                    }
                }
                _ => {}
            }
        }
    }
    for (ends, stream) in streams {
        stream.read(ends, &mut found);
    }
    found
}

type Named = BTreeSet<(String, String, IpAddr, u16)>;

fn strings(list: &serde_json::Value) -> Vec<String> {
    list.as_array()
        .into_iter()
        .flatten()
        .map(|item| item.as_str().unwrap().to_owned())
        .collect()
}

fn truth(folder: &std::path::Path, name: &str) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(folder.join("truth").join(format!("{name}.json"))).unwrap()).unwrap()
}

#[test]
fn hellos_are_those_of_an_independent_tool() {
    let Some(folder) = corpus::folder() else { return };
    let mut report = String::new();
    for name in corpus::names(&folder) {
        let truth = truth(&folder, &name);
        let found = ours(&corpus::packets(&folder, &name));
        let here: Named = found
            .hellos
            .iter()
            .filter_map(|hello| {
                Some((
                    hello.via.to_owned(),
                    hello.sni.clone()?,
                    hello.server.ip(),
                    hello.server.port(),
                ))
            })
            .collect();
        let place = |server: &serde_json::Value, port: &serde_json::Value| {
            (
                server.as_str().unwrap().parse::<IpAddr>().unwrap(),
                u16::try_from(port.as_u64().unwrap()).unwrap(),
            )
        };
        let named = |item: &serde_json::Value| {
            let (server, port) = place(&item[2], &item[3]);
            Some((item[0].as_str()?.to_owned(), item[1].as_str()?.to_owned(), server, port))
        };
        let there: Named = truth["sni_set"].as_array().unwrap().iter().filter_map(named).collect();
        let second = truth["quic_second"]["hellos"].as_array();
        let second: Named = second
            .into_iter()
            .flatten()
            .filter_map(|hello| {
                let (server, port) = place(&hello["server"], &hello["server_port"]);
                Some(("quic".to_owned(), hello["sni"].as_str()?.to_owned(), server, port))
            })
            .collect();
        for lost in there.difference(&here) {
            let _ = writeln!(report, "{name}: missing {lost:?}");
        }
        for lost in second.difference(&here).filter(|lost| !there.contains(*lost)) {
            let _ = writeln!(report, "{name}: missing of the second {lost:?}");
        }
        for extra in here.difference(&there).filter(|extra| !second.contains(*extra)) {
            let _ = writeln!(report, "{name}: extra {extra:?}");
        }
        for hello in truth["hellos"].as_array().unwrap() {
            let (server, port) = place(&hello["server"], &hello["server_port"]);
            let (client, client_port) = place(&hello["client"], &hello["client_port"]);
            let (server, client) = (SocketAddr::new(server, port), SocketAddr::new(client, client_port));
            let ech = hello["ech"] == true;
            let same = |ours: &&Hello| {
                ours.via == hello["via"]
                    && (ours.client, ours.server) == (client, server)
                    && ours.sni.as_ref() == strings(&hello["sni"]).first()
                    && ours.alpn == strings(&hello["alpn"])
                    && ours.has_ech == ech
                    && ours.user_agent.as_ref() == strings(&hello["user_agent"]).first()
            };
            if !found.hellos.iter().any(|ours| same(&ours)) {
                let near: Vec<_> = found.hellos.iter().filter(|ours| ours.client == client).collect();
                let _ = writeln!(report, "{name}: differs {hello} from {near:?}");
            }
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn certificates_name_what_an_independent_tool_says() {
    let Some(folder) = corpus::folder() else { return };
    let mut report = String::new();
    for name in corpus::names(&folder) {
        let truth = truth(&folder, &name);
        let found = ours(&corpus::packets(&folder, &name));
        for (place, names) in truth["cert_dns_names"].as_object().unwrap() {
            let (server, port) = place.split_once('|').unwrap();
            let server = SocketAddr::new(server.parse().unwrap(), port.parse().unwrap());
            let mut there: BTreeSet<String> = strings(names).into_iter().collect();
            // That tool also lists what the issuer's certificate excludes (name constraints), which names no server.
            there.remove(".mil");
            let here = found.certificate_names.get(&server).cloned().unwrap_or_default();
            if here != there {
                let _ = writeln!(report, "{name}: {server} {here:?}, truth {there:?}");
            }
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn fingerprints_are_those_that_their_authors_published() {
    let Some(folder) = corpus::folder() else { return };
    let mut report = String::new();
    let published: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.join("truth-ja4.json")).unwrap()).unwrap();
    for (name, flows) in published.as_object().unwrap() {
        let found = ours(&corpus::packets(&folder, name));
        for flow in flows.as_array().unwrap() {
            let end = |ip: &str, port: &str| {
                let ip: IpAddr = flow[ip].as_str().unwrap().parse().unwrap();
                SocketAddr::new(ip, flow[port].as_str().unwrap().parse().unwrap())
            };
            let ends = (end("src", "srcport"), end("dst", "dstport"));
            let here: Vec<_> = found
                .hellos
                .iter()
                .filter(|hello| (hello.client, hello.server) == ends)
                .collect();
            if flow["ja4"] == "t13d151699_8daaf6152771_e5627efa2ab1" {
                // Published under the rule of an older specification (99 for a protocol that is not ASCII). Today's:
                // the first and last digits of its hexadecimal form.
                assert_eq!(here[0].ja4.unwrap().as_str(), "t13d1516bd_8daaf6152771_e5627efa2ab1");
            } else if !here
                .iter()
                .any(|hello| hello.ja4.is_some_and(|ja4| ja4.as_str() == flow["ja4"]))
            {
                let _ = writeln!(report, "{name}: {flow} but {here:?}");
            }
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

/// No tool of the truth reads this one: 256 octets of each packet were captured, which hold the hello's name all the
/// same.
#[test]
fn a_snap_length_that_cuts_the_hello_leaves_the_name() {
    let Some(folder) = corpus::folder() else { return };
    let packets = corpus::packets(&folder, "tcpdump__quic_handshake_truncated.pcap");
    let first = dissect(packets[0].link, &packets[0].data, packets[0].original_len);
    let Some(Transport::Udp { payload, .. }) = first.ip().next().map(|ip| ip.transport) else {
        panic!()
    };
    let Some(Ok(quic::Packet::Long(header))) = quic::packets(payload).next() else {
        panic!()
    };
    let mut scratch = Vec::new();
    let (_, opened) = InitialKeys::discover(&header, &mut scratch).unwrap();
    let Some(Ok(Frame::Crypto { offset: 0, octets })) = opened.frames().next() else {
        panic!()
    };
    assert!(!opened.is_authentic && header.missing == 996);
    assert!(matches!(quic::hello(octets), quic::Hello::Incomplete { .. }));
    assert_eq!(quic::beginning(octets).unwrap().sni(), Some(&b"localhost"[..]));
}
