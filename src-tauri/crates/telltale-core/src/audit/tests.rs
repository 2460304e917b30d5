//! Whole audits of a few packets, built by hand.

mod live;

use super::*;
use crate::model::{DnsKind, FlowProtocol, HelloVia, NameSource, Purpose, TcpState, TransportKind};
use telltale_wire::{LinkType, dissect};

const PHONE: [u8; 4] = [192, 168, 1, 23];
const ROUTER: [u8; 4] = [192, 168, 1, 1];
const SERVER: [u8; 4] = [93, 184, 216, 34];
const SYN: u8 = 0x02;
const ACK: u8 = 0x10;
const FIN: u8 = 0x01;
const SECOND: i64 = 1_000_000_000;

/// An audit with a clock of its own: each packet comes a millisecond after the last.
struct Bench {
    audit: Audit,
    now: i64,
}

impl Bench {
    fn new() -> Self {
        Self::with(AuditOptions::default())
    }

    fn with(options: AuditOptions) -> Self {
        let atlas = Arc::new(Atlas::empty_but_catalogue());
        Self {
            audit: Audit::new(options, atlas),
            now: 1_700_000_000 * SECOND,
        }
    }

    fn packet(&mut self, packet: &[u8]) {
        self.cut(packet, packet.len());
    }

    /// As captured under a snap length.
    fn cut(&mut self, packet: &[u8], snap: usize) {
        self.now += SECOND / 1_000;
        let captured = &packet[..snap.min(packet.len())];
        let frame = dissect(LinkType::ETHERNET, captured, packet.len() as u32);
        self.audit.observe(
            Timestamp(self.now),
            &frame,
            captured.len() as u32,
            packet.len() as u32,
            None,
        );
    }

    fn udp(&mut self, from: ([u8; 4], u16), to: ([u8; 4], u16), payload: &[u8]) {
        self.packet(&ethernet(from.0, to.0, 17, &udp(from.1, to.1, payload)));
    }

    fn tcp(&mut self, from: ([u8; 4], u16), to: ([u8; 4], u16), flags: u8, seq: u32, payload: &[u8]) {
        self.packet(&ethernet(from.0, to.0, 6, &tcp(from.1, to.1, flags, seq, payload)));
    }
}

/// The MAC address that stands before an address: the router's before all public ones.
fn mac(address: [u8; 4]) -> [u8; 6] {
    match address {
        [192, 168, 1, last] if last != 1 => [0xda, 0, 0, 0, 0, last],
        _ => [0x3c, 0x5a, 0xb4, 0, 0, 1],
    }
}

fn ethernet(from: [u8; 4], to: [u8; 4], protocol: u8, payload: &[u8]) -> Vec<u8> {
    let mut p = Vec::new();
    p.extend(mac(to));
    p.extend(mac(from));
    p.extend([8, 0]);
    p.extend(ipv4(from, to, protocol, payload));
    p
}

fn ipv4(from: [u8; 4], to: [u8; 4], protocol: u8, payload: &[u8]) -> Vec<u8> {
    let mut p = vec![0x45, 0];
    p.extend((payload.len() as u16 + 20).to_be_bytes());
    p.extend([0, 1, 0, 0, 64, protocol, 0, 0]);
    p.extend(from);
    p.extend(to);
    p.extend(payload);
    p
}

fn udp(from: u16, to: u16, payload: &[u8]) -> Vec<u8> {
    let mut p = Vec::new();
    for field in [from, to, payload.len() as u16 + 8, 0] {
        p.extend(field.to_be_bytes());
    }
    p.extend(payload);
    p
}

fn tcp(from: u16, to: u16, flags: u8, seq: u32, payload: &[u8]) -> Vec<u8> {
    let mut p = Vec::new();
    p.extend(from.to_be_bytes());
    p.extend(to.to_be_bytes());
    p.extend(seq.to_be_bytes());
    p.extend([0; 4]);
    p.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    p.extend(payload);
    p
}

/// A TLS record with a `ClientHello` that has a server name (or none) and offers h2.
fn client_hello(name: Option<&str>) -> Vec<u8> {
    fn block(len: usize, content: &[u8]) -> Vec<u8> {
        let size = (content.len() as u32).to_be_bytes();
        let mut out = size[4 - len..].to_vec();
        out.extend(content);
        out
    }
    let mut extensions = Vec::new();
    if let Some(name) = name {
        let mut entry = vec![0];
        entry.extend(block(2, name.as_bytes()));
        extensions.extend([0, 0]);
        extensions.extend(block(2, &block(2, &entry)));
    }
    extensions.extend([0, 16]);
    extensions.extend(block(2, &block(2, &block(1, b"h2"))));
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    body.push(0);
    body.extend(block(2, &[0x13, 1, 0x13, 2]));
    body.extend(block(1, &[0]));
    body.extend(block(2, &extensions));
    let mut message = vec![1];
    message.extend(block(3, &body));
    let mut record = vec![22, 3, 1];
    record.extend(block(2, &message));
    record
}

/// A DNS response with one A record.
fn dns_response(name: &str, address: [u8; 4]) -> Vec<u8> {
    let mut wire = Vec::new();
    for label in name.split('.') {
        wire.push(label.len() as u8);
        wire.extend(label.bytes());
    }
    wire.push(0);
    let mut m = vec![0, 1, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0];
    m.extend(&wire);
    m.extend([0, 1, 0, 1]);
    m.extend(&wire);
    m.extend([0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
    m.extend(address);
    m
}

/// Opens a connection of the phone, sends `pieces` in the order of their places, and closes it.
fn connection(bench: &mut Bench, port: u16, pieces: &[(u32, &[u8])]) {
    bench.tcp((PHONE, 50_000), (SERVER, port), SYN, 100, b"");
    bench.tcp((SERVER, port), (PHONE, 50_000), SYN | ACK, 900, b"");
    bench.tcp((PHONE, 50_000), (SERVER, port), ACK, 101, b"");
    for (at, piece) in pieces {
        bench.tcp((PHONE, 50_000), (SERVER, port), ACK, 101 + at, piece);
    }
}

#[test]
fn a_connection_is_one_flow_with_everything_that_is_known_of_it() {
    let mut bench = Bench::new();
    let hello = client_hello(Some("www.Example.com"));
    connection(&mut bench, 443, &[(0, &hello)]);
    bench.tcp((SERVER, 443), (PHONE, 50_000), ACK, 901, &[23; 500]);
    bench.tcp((PHONE, 50_000), (SERVER, 443), FIN | ACK, 101 + hello.len() as u32, b"");
    bench.tcp((SERVER, 443), (PHONE, 50_000), FIN | ACK, 1_401, b"");
    let outcome = bench.audit.finish();
    assert_eq!(outcome.flows.len(), 1);
    let flow = &outcome.flows[0];
    assert_eq!(flow.initiator.port, 50_000);
    assert_eq!((flow.from_initiator.packets, flow.from_responder.packets), (4, 3));
    assert_eq!(flow.from_initiator.bytes, flow.from_initiator.ip_bytes + 4 * 14);
    assert_eq!(flow.tcp, Some(TcpState::Closed));
    assert_eq!(flow.protocol, FlowProtocol::Tls);
    assert_eq!(
        (flow.name.as_deref(), flow.name_source),
        (Some("www.example.com"), Some(NameSource::Sni))
    );
    assert_eq!(flow.alpn.as_deref(), Some("h2"));
    assert!(flow.ja4.as_deref().is_some_and(|ja4| ja4.starts_with("t12d0202h2_")));
    assert!(flow.device_is_initiator);
    let hello = &outcome.hellos[0];
    assert_eq!(
        (hello.via, hello.sni.as_deref(), hello.flow),
        (HelloVia::Tls, Some("www.example.com"), flow.id)
    );

    let server = &outcome.servers[0];
    assert_eq!(Some(server.id), flow.server);
    assert_eq!(server.sent_bytes, flow.from_initiator.ip_bytes);
    assert_eq!(server.received_bytes, flow.from_responder.ip_bytes);
    let device = &outcome.summary.devices[0];
    assert_eq!(device.addresses, [IpAddr::from(PHONE)]);
    assert_eq!(
        (device.because.as_str(), device.mac.as_deref()),
        ("private_address", Some("da:00:00:00:00:17"))
    );
    assert!(device.mac_random && device.maker.is_none());
    let summary = &outcome.summary;
    assert_eq!(summary.coverage.bytes, server.sent_bytes + server.received_bytes);
    assert_eq!(summary.coverage.observed_name_bytes, summary.coverage.bytes);
    let drawn: u64 = summary.timeline.buckets.iter().map(|b| b.sent + b.received).sum();
    assert_eq!(drawn, summary.coverage.bytes);
    assert_eq!((summary.counts.packets, summary.servers, summary.flows), (7, 1, 1));
}

#[test]
fn a_hello_in_pieces_out_of_order_and_twice_is_read() {
    let mut bench = Bench::new();
    let hello = client_hello(Some("split.example"));
    let (a, b, c) = (&hello[..3], &hello[3..40], &hello[40..]);
    connection(&mut bench, 443, &[(3, b), (40, c), (3, b), (0, a)]);
    let outcome = bench.audit.finish();
    assert_eq!(outcome.flows[0].name.as_deref(), Some("split.example"));
    assert_eq!(outcome.hellos.len(), 1);
}

#[test]
fn a_hello_cut_by_the_snap_length_gives_its_name_but_no_fingerprint() {
    let mut bench = Bench::new();
    let hello = client_hello(Some("cut.example"));
    let packet = ethernet(PHONE, SERVER, 6, &tcp(50_000, 443, ACK, 101, &hello));
    bench.cut(&packet, packet.len() - 4);
    let outcome = bench.audit.finish();
    assert_eq!(outcome.flows[0].name.as_deref(), Some("cut.example"));
    assert_eq!(outcome.flows[0].ja4, None);
    assert_eq!(outcome.summary.counts.cut_packets, 1);
}

#[test]
fn requests_follow_one_another_behind_bodies_and_holes() {
    let mut bench = Bench::new();
    let first = b"POST /a HTTP/1.1\r\nHost: one.example\r\nContent-Length: 2000\r\nUser-Agent: test/1\r\n\r\n";
    let second = b"GET /b HTTP/1.1\r\nHost: two.example:8080\r\n\r\nGET /c HTTP/1.1\r\nHost: three.example\r\n\r\n";
    let third = b"GET /d HTTP/1.1\r\nHost: four.example\r\n\r\n";
    let end = first.len() as u32;
    let after = end + 2_000 + second.len() as u32;
    // 500 octets of the body are missing; and 100 octets before the last request.
    connection(
        &mut bench,
        80,
        &[
            (0, first),
            (end, &[b'x'; 1_500]),
            (end + 2_000, second),
            (after + 100, third),
        ],
    );
    let outcome = bench.audit.finish();
    let hosts: Vec<_> = outcome.http_hosts.iter().map(|row| &*row.host).collect();
    assert_eq!(
        hosts,
        ["one.example", "two.example:8080", "three.example", "four.example"]
    );
    assert_eq!(outcome.http_hosts[0].user_agent.as_deref(), Some("test/1"));
    let flow = &outcome.flows[0];
    assert_eq!(
        (flow.protocol, flow.name_source),
        (FlowProtocol::Http, Some(NameSource::HttpHost))
    );
    assert_eq!(flow.name.as_deref(), Some("one.example"));
    assert_eq!(
        outcome.summary.coverage.clear_text_bytes,
        outcome.summary.coverage.bytes
    );
}

#[test]
fn a_tunnel_asked_for_with_connect_shows_what_is_inside() {
    let mut bench = Bench::new();
    let connect = b"CONNECT inner.example:443 HTTP/1.1\r\nHost: inner.example:443\r\n\r\n";
    let hello = client_hello(Some("inner.example"));
    connection(&mut bench, 8080, &[(0, connect), (connect.len() as u32, &hello)]);
    let outcome = bench.audit.finish();
    assert_eq!(outcome.hellos.len(), 1);
    assert_eq!(outcome.flows[0].name_source, Some(NameSource::Sni));
}

#[test]
fn a_flow_that_shows_no_name_gets_it_from_the_devices_own_dns() {
    let mut bench = Bench::new();
    bench.udp(
        (PHONE, 40_000),
        (ROUTER, 53),
        &[0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, b'a', 0, 0, 1, 0, 1],
    );
    bench.udp((ROUTER, 53), (PHONE, 40_000), &dns_response("app.example", SERVER));
    bench.tcp((PHONE, 50_000), (SERVER, 443), SYN, 1, b"");
    bench.udp((PHONE, 40_001), ([8, 8, 4, 4], 9_999), b"?");
    bench.udp(
        (ROUTER, 53),
        (PHONE, 40_000),
        &dns_response("later.example", [8, 8, 4, 4]),
    );
    let summary = bench.audit.summary();
    assert_eq!(summary.devices.len(), 1, "the router is none: {:?}", summary.devices);
    let outcome = bench.audit.finish();
    let named: Vec<_> = outcome
        .flows
        .iter()
        .map(|flow| (flow.protocol, flow.name.as_deref(), flow.name_source))
        .collect();
    let dns = Some(NameSource::Dns);
    assert_eq!(named[0], (FlowProtocol::Dns, None, None));
    assert_eq!(named[1], (FlowProtocol::Unknown, Some("app.example"), dns));
    assert_eq!(named[2], (FlowProtocol::Unknown, Some("later.example"), dns));
    let answer = &outcome.dns[0];
    assert_eq!(
        (&*answer.name, answer.kind, answer.device),
        ("app.example", DnsKind::Dns, outcome.flows[1].device)
    );
    let router = outcome
        .servers
        .iter()
        .find(|row| row.addresses.contains(&ROUTER.into()))
        .unwrap();
    assert!(router.local);
}

#[test]
fn a_long_hello_in_single_octets_is_read_in_the_end() {
    let mut bench = Bench::new();
    // Two records, so that the message ends beyond what is read again for every octet.
    let mut hello = client_hello(Some("slow.example"));
    let body = hello.split_off(9);
    let padding = vec![0; 6_000];
    let mut extension = vec![0, 21];
    extension.extend((padding.len() as u16).to_be_bytes());
    extension.extend(&padding);
    let mut message = body;
    let extensions = 2 + 32 + 1 + 2 + 4 + 2;
    let old = u16::from_be_bytes([message[extensions], message[extensions + 1]]);
    message[extensions..extensions + 2].copy_from_slice(&(old + extension.len() as u16).to_be_bytes());
    message.extend(&extension);
    let mut record = vec![22, 3, 1];
    record.extend((message.len() as u16 + 4).to_be_bytes());
    record.push(1);
    record.extend(&(message.len() as u32).to_be_bytes()[1..]);
    record.extend(&message);
    connection(&mut bench, 443, &[]);
    for (at, octet) in (101..).zip(&record) {
        bench.tcp((PHONE, 50_000), (SERVER, 443), ACK, at, &[*octet]);
    }
    let outcome = bench.audit.finish();
    assert_eq!(outcome.flows[0].name.as_deref(), Some("slow.example"));
    assert!(outcome.flows[0].ja4.is_some());
}

#[test]
fn dns_over_tcp_and_in_fragments_is_read() {
    let mut bench = Bench::new();
    let message = dns_response("stream.example", [192, 0, 2, 1]);
    let mut framed = (message.len() as u16).to_be_bytes().to_vec();
    framed.extend(&message);
    framed.extend((message.len() as u16).to_be_bytes());
    framed.extend(dns_response("behind.example", [192, 0, 2, 2]));
    bench.tcp((ROUTER, 53), (PHONE, 40_000), ACK, 1, &framed[..20]);
    bench.tcp((ROUTER, 53), (PHONE, 40_000), ACK, 21, &framed[20..]);

    let whole = ethernet(
        ROUTER,
        PHONE,
        17,
        &udp(53, 40_001, &dns_response("piece.example", [192, 0, 2, 3])),
    );
    let (ip, cut) = (14, 14 + 20 + 24);
    let mut first = whole[..cut].to_vec();
    first[ip + 2..ip + 4].copy_from_slice(&44_u16.to_be_bytes());
    first[ip + 6] = 0x20;
    let mut last = whole[..ip + 20].to_vec();
    last.extend(&whole[cut..]);
    let len = last.len() as u16 - 14;
    last[ip + 2..ip + 4].copy_from_slice(&len.to_be_bytes());
    last[ip + 7] = 24 / 8;
    bench.packet(&last);
    bench.packet(&first);
    let outcome = bench.audit.finish();
    let names: Vec<_> = outcome.dns.iter().map(|row| &*row.name).collect();
    assert_eq!(names, ["stream.example", "behind.example", "piece.example"]);
    assert_eq!(outcome.summary.counts.later_fragments, 1);
    assert_eq!(
        outcome
            .flows
            .iter()
            .map(|flow| flow.from_responder.packets)
            .sum::<u64>(),
        3
    );
}

#[test]
fn a_name_that_comes_later_moves_what_was_counted() {
    let mut bench = Bench::new();
    connection(&mut bench, 443, &[]);
    let before = bench.audit.summary();
    assert_eq!((before.servers, before.coverage.observed_name_bytes), (1, 0));
    let changes = bench.audit.changes();
    assert_eq!((changes.flows.len(), changes.servers.len()), (1, 1));
    assert!(bench.audit.changes().is_empty());
    bench.tcp(
        (PHONE, 50_000),
        (SERVER, 443),
        ACK,
        101,
        &client_hello(Some("graph.facebook.com")),
    );
    let after = bench.audit.summary();
    assert_eq!(after.servers, 1, "the nameless row is gone");
    assert_eq!(after.coverage.observed_name_bytes, after.coverage.bytes);
    assert_eq!(after.companies.len(), 1);
    assert_eq!(
        after.companies[0].sent_bytes + after.companies[0].received_bytes,
        after.coverage.bytes
    );
    assert_eq!(after.purposes.iter().map(|share| share.servers).sum::<u32>(), 1);
    let changes = bench.audit.changes();
    let flows: Vec<u32> = changes.servers.iter().map(|row| row.flows).collect();
    assert_eq!(flows, [0, 1]);
    assert_eq!(changes.hellos.len(), 1);
    assert!(bench.audit.changes().is_empty());
}

#[test]
fn what_a_tunnel_carries_is_counted_once() {
    let mut bench = Bench::new();
    let inner = ipv4([10, 8, 0, 2], [9, 9, 9, 9], 17, &udp(40_000, 9_000, &[1; 100]));
    bench.packet(&ethernet(PHONE, SERVER, 4, &inner));
    let outcome = bench.audit.finish();
    let [outer, carried] = &outcome.flows[..] else {
        panic!("two flows: {:?}", outcome.flows)
    };
    assert_eq!(
        (outer.transport, outer.protocol),
        (TransportKind::Ip, FlowProtocol::Tunnel)
    );
    assert_eq!(carried.tunnel, Some(outer.id));
    assert_eq!(carried.from_initiator.bytes, inner.len() as u64);
    let rows: u64 = outcome.servers.iter().map(|row| row.sent_bytes).sum();
    assert_eq!(rows, outer.from_initiator.ip_bytes);
    assert_eq!(outcome.summary.devices.len(), 1, "both addresses are the phone's");
    assert_eq!(outcome.summary.timeline.buckets[0].sent, outer.from_initiator.ip_bytes);
}

#[test]
fn a_phone_that_joined_before_the_audit_has_the_name_that_it_was_introduced_with() {
    let mut bench = Bench::new();
    bench.audit.introduce(mac(PHONE), "Annas-Phone");
    bench.udp((PHONE, 40_000), (SERVER, 443), b"hello");
    let outcome = bench.audit.finish();
    let [device] = &outcome.summary.devices[..] else {
        panic!("one device: {:?}", outcome.summary.devices)
    };
    assert_eq!(device.name.as_deref(), Some("Annas-Phone"));
}

#[test]
fn dhcp_names_the_phone_and_tells_the_router() {
    let mut bench = Bench::new();
    let mut request = vec![1, 1, 6, 0, 0, 0, 0, 7];
    request.extend([0; 20]);
    request.extend(mac(PHONE));
    request.extend([0; 10 + 192]);
    request.extend([99, 130, 83, 99, 53, 1, 3, 12, 5]);
    request.extend(b"Pixel");
    request.push(255);
    let mut ack = request.clone();
    ack[0] = 2;
    ack[16..20].copy_from_slice(&PHONE);
    let options = ack.len() - 14;
    ack.truncate(options);
    ack.extend([99, 130, 83, 99, 53, 1, 5, 255]);
    let ack = [&ack[..236], &[99, 130, 83, 99, 53, 1, 5, 255]].concat();
    bench.udp(([0; 4], 68), ([255; 4], 67), &request);
    bench.udp((ROUTER, 67), (PHONE, 68), &ack);
    bench.udp((PHONE, 40_000), (SERVER, 443), b"hello");
    bench.udp((ROUTER, 40_000), (SERVER, 443), b"the router's own business");
    let outcome = bench.audit.finish();
    let [device] = &outcome.summary.devices[..] else {
        panic!("one device: {:?}", outcome.summary.devices)
    };
    assert_eq!(
        (device.name.as_deref(), device.because.as_str()),
        (Some("Pixel"), "dhcp")
    );
    assert_eq!(device.addresses, [IpAddr::from(PHONE)]);
}

#[test]
fn the_users_word_on_devices_counts() {
    let options = AuditOptions {
        devices: Some(vec![SERVER.into()]),
        keep_evidence: false,
    };
    let mut bench = Bench::with(options);
    connection(&mut bench, 443, &[(0, &client_hello(Some("x.example")))]);
    let outcome = bench.audit.finish();
    assert_eq!(outcome.summary.devices[0].because, "user");
    assert!(!outcome.flows[0].device_is_initiator);
    assert_eq!(outcome.servers[0].addresses, [IpAddr::from(PHONE)]);
    assert!(outcome.hellos.is_empty());
    assert_eq!(outcome.flows[0].name.as_deref(), Some("x.example"));
}

#[test]
fn packets_of_no_flow_are_counted_apart() {
    let mut bench = Bench::new();
    bench.packet(&ethernet(PHONE, SERVER, 1, &[8, 0, 0, 0, 0, 0, 0, 0]));
    let mut arp = ethernet(PHONE, ROUTER, 0, &[]);
    arp[12..14].copy_from_slice(&[8, 6]);
    bench.packet(&arp);
    let mut later = ethernet(PHONE, SERVER, 17, &[0; 40]);
    later[14 + 7] = 10;
    bench.packet(&later);
    bench.audit.note_drops(0, 5, 0);
    bench.audit.note_drops(0, 7, 1);
    bench.audit.note_drops(1, 2, 0);
    let counts = bench.audit.finish().summary.counts;
    assert_eq!(
        (counts.other_ip_packets, counts.non_ip_packets, counts.later_fragments),
        (1, 1, 1)
    );
    assert_eq!((counts.dropped_by_kernel, counts.dropped_by_interface), (9, 1));
}

#[test]
fn apps_are_named_by_the_capture() {
    let mut bench = Bench::new();
    bench.audit.name_app(10_123, Some("org.example.app"), Some("Example"));
    let packet = ethernet(PHONE, SERVER, 17, &udp(40_000, 443, b"x"));
    let frame = dissect(LinkType::ETHERNET, &packet, packet.len() as u32);
    for uid in [10_123, -1] {
        bench.audit.observe(
            Timestamp(1),
            &frame,
            packet.len() as u32,
            packet.len() as u32,
            Some(uid),
        );
    }
    let outcome = bench.audit.finish();
    let [app] = &outcome.summary.apps[..] else {
        panic!("one app")
    };
    assert_eq!((app.uid, app.label.as_deref(), app.flows), (10_123, Some("Example"), 1));
    assert_eq!(outcome.flows[0].app, Some(app.id));
    assert_eq!(app.sent_bytes, 2 * (packet.len() as u64 - 14));
}

#[test]
fn what_has_a_name_and_no_id_is_an_app_too() {
    let mut bench = Bench::new();
    let packet = ethernet(PHONE, SERVER, 17, &udp(40_000, 443, b"x"));
    let mut frame = dissect(LinkType::ETHERNET, &packet, packet.len() as u32);
    let len = packet.len() as u32;
    for label in [&b"mediaserverd"[..], b"", b"mediaserverd"] {
        frame.app = Some(telltale_wire::AppTrailer { uid: -1, label });
        bench.audit.observe(Timestamp(1), &frame, len, len, None);
    }
    let outcome = bench.audit.finish();
    let [app] = &outcome.summary.apps[..] else {
        panic!("one app: {:?}", outcome.summary.apps)
    };
    assert_eq!(
        (app.uid, app.label.as_deref(), app.flows),
        (-1, Some("mediaserverd"), 1)
    );
    assert_eq!(outcome.flows[0].app, Some(app.id));
}

#[test]
fn an_audit_without_packets_is_empty() {
    let mut bench = Bench::new();
    assert!(bench.audit.changes().is_empty());
    let outcome = bench.audit.finish();
    assert_eq!(outcome.summary.span, None);
    assert!(outcome.flows.is_empty() && outcome.servers.is_empty());
    assert!(
        outcome
            .summary
            .purposes
            .iter()
            .all(|share| share.purpose == Purpose::Unknown)
    );
}

/// A small generator (Knuth's MMIX constants), so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

/// What all totals must agree on, whatever came.
fn check_sums(outcome: &Outcome) {
    let summary = &outcome.summary;
    let sum = |rows: &[Server]| {
        rows.iter().fold((0, 0, 0), |(sent, received, flows), row| {
            (sent + row.sent_bytes, received + row.received_bytes, flows + row.flows)
        })
    };
    let devices = summary
        .devices
        .iter()
        .fold((0, 0, 0), |(sent, received, flows), device| {
            (
                sent + device.sent_bytes,
                received + device.received_bytes,
                flows + device.flows,
            )
        });
    assert_eq!(sum(&outcome.servers), devices);
    let far: Vec<Server> = outcome.servers.iter().filter(|row| !row.local).cloned().collect();
    let (sent, received, flows) = sum(&far);
    assert_eq!(summary.coverage.bytes, sent + received);
    let companies = summary
        .companies
        .iter()
        .fold((0, 0, 0), |(sent, received, flows), row| {
            (sent + row.sent_bytes, received + row.received_bytes, flows + row.flows)
        });
    assert_eq!(companies, (sent, received, flows));
    let countries: u64 = summary
        .countries
        .iter()
        .map(|row| row.sent_bytes + row.received_bytes)
        .sum();
    let purposes: u64 = summary
        .purposes
        .iter()
        .map(|row| row.sent_bytes + row.received_bytes)
        .sum();
    assert_eq!((countries, purposes), (sent + received, sent + received));
    assert_eq!(summary.servers as usize, outcome.servers.len());
    let of_devices = outcome.flows.iter().filter(|flow| flow.device.is_some()).count();
    assert_eq!(of_devices, devices.2 as usize);
    for flow in &outcome.flows {
        assert_eq!(flow.device.is_some(), flow.server.is_some());
        assert!(flow.first <= flow.last);
    }
}

#[test]
fn bent_packets_in_any_order_are_counted_and_all_sums_agree() {
    let hello = client_hello(Some("www.example.com"));
    let inner = ipv4(PHONE, SERVER, 6, &tcp(50_002, 443, ACK, 1, &hello));
    let packets = [
        ethernet(PHONE, SERVER, 6, &tcp(50_000, 443, SYN, 100, b"")),
        ethernet(PHONE, SERVER, 6, &tcp(50_000, 443, ACK, 101, &hello)),
        ethernet(
            SERVER,
            PHONE,
            6,
            &tcp(443, 50_000, ACK, 1, &[22, 3, 3, 0, 4, 2, 0, 0, 0]),
        ),
        ethernet(
            PHONE,
            SERVER,
            6,
            &tcp(
                50_001,
                80,
                ACK,
                1,
                b"GET / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            ),
        ),
        ethernet(
            PHONE,
            ROUTER,
            17,
            &udp(40_000, 53, b"\0\x01\x01\0\0\x01\0\0\0\0\0\0\x01a\0\0\x01\0\x01"),
        ),
        ethernet(ROUTER, PHONE, 17, &udp(53, 40_000, &dns_response("a.example", SERVER))),
        ethernet(
            PHONE,
            [224, 0, 0, 251],
            17,
            &udp(5_353, 5_353, &dns_response("phone.local", PHONE)),
        ),
        ethernet(PHONE, SERVER, 41, &inner),
        ethernet(PHONE, SERVER, 4, &inner),
        ethernet([10, 0, 0, 9], [10, 0, 0, 7], 17, &udp(40_000, 9_000, b"hello there")),
        ethernet(
            [198, 51, 100, 4],
            [8, 8, 8, 8],
            17,
            &udp(
                40_000,
                443,
                &[0xc3, 0, 0, 0, 1, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0x44, 0x80],
            ),
        ),
    ];
    for seed in 0..8 {
        let (mut bench, mut dice) = (Bench::new(), Dice(seed));
        for _ in 0..1_500 {
            let mut packet = packets[dice.roll(packets.len())].clone();
            for _ in 0..dice.roll(4) {
                // Not the ports every time: then each packet would be a flow of its own.
                let at = 12 + dice.roll(packet.len() - 12);
                packet[at] ^= 1 << dice.roll(8);
            }
            bench.now -= i64::from(dice.roll(3) == 0) * SECOND;
            let snap = if dice.roll(8) == 0 {
                dice.roll(packet.len())
            } else {
                packet.len()
            };
            bench.cut(&packet, snap);
            match dice.roll(200) {
                0 => drop(bench.audit.summary()),
                1 => drop(bench.audit.changes()),
                _ => {}
            }
        }
        let outcome = bench.audit.finish();
        assert_eq!(outcome.summary.counts.packets, 1_500);
        check_sums(&outcome);
    }
}
