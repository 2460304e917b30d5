//! The body of each fuzz target: everything that can be asked of one parser, asked of any octets. A panic is the finding; what
//! must always hold is asserted besides.
//!
//! Called by the fuzzer's programs in `bin`, and by the crate's ordinary tests, which drive the same bodies with damaged
//! captures for a bounded time. Never here: an octet that is made up; the callers bring them.

use std::net::IpAddr;
use telltale_wire::certificate::Certificate;
use telltale_wire::ja4::{Carrier, Ja4};
use telltale_wire::tls::{self, ClientHello, HandshakeKind, Handshakes, Step};
use telltale_wire::{
    Frame, LinkType, Transport, dhcp, dissect, dissect_reassembled, dns, dtls, gquic, http, quic, recognise, stun,
    transport_of,
};

/// A parser under test.
pub type Target = fn(&[u8]);

/// All targets by name, which is also that of their program and corpus.
pub const TARGETS: [(&str, Target); 11] = [
    ("frame", frame),
    ("dns", dns),
    ("dhcp", dhcp),
    ("http", http),
    ("stun", stun),
    ("tls", tls),
    ("certificate", certificate),
    ("dtls", dtls),
    ("quic", quic),
    ("gquic", gquic),
    ("ja4", ja4),
];

/// A packet: its link type in two octets, then its octets. The length on the wire is tried with and without a cut.
pub fn frame(data: &[u8]) {
    let Some((link, packet)) = data.split_first_chunk() else {
        return;
    };
    let link = LinkType(u16::from_be_bytes(*link));
    for cut in [0, 9, 70_000] {
        let original_len = u32::try_from(packet.len()).unwrap().saturating_add(cut);
        check_frame(&dissect(link, packet, original_len), packet);
    }
    check_frame(&dissect(link, packet, 0), packet);
}

/// What holds for every frame: slices lie inside the packet, and inside the packet that carries them.
fn check_frame(frame: &Frame<'_>, packet: &[u8]) {
    let mut outer = packet.as_ptr_range();
    for ip in frame.ip() {
        let inner = ip.payload.as_ptr_range();
        assert!(inner.start >= outer.start && inner.end <= outer.end, "payloads nest");
        outer = inner;
        assert_eq!(
            matches!(ip.source, IpAddr::V4(_)),
            matches!(ip.destination, IpAddr::V4(_))
        );
        match ip.transport {
            Transport::Tcp(tcp) => assert!(tcp.payload.len() <= ip.payload.len()),
            Transport::Udp { payload, .. } => assert!(payload.len() <= ip.payload.len()),
            _ => {}
        }
        let _ = transport_of(ip.protocol, ip.payload);
        if ip.fragment.is_some() {
            assert!(ip.carries.is_none(), "a fragment carries nothing yet");
            assert!(dissect_reassembled(ip, ip.payload).ip().next().is_some());
        }
    }
    assert!(
        frame.header_len(packet) <= packet.len(),
        "headers lie inside the packet"
    );
    let carriers = frame.ip().filter(|ip| ip.carries.is_some()).count();
    assert_eq!(
        carriers,
        frame.ip().count().saturating_sub(1),
        "all but the innermost carry"
    );
    if let Some(app) = frame.app {
        assert!(app.label.len() <= 20);
    }
}

/// A DNS message, and the same octets as a stream of messages.
pub fn dns(data: &[u8]) {
    message(data);
    for (octets, end) in dns::tcp_messages(data) {
        assert!(end <= data.len());
        message(octets);
    }
}

fn message(data: &[u8]) {
    let Ok(message) = dns::Message::parse(data) else { return };
    let mut text = String::new();
    for question in message.questions().map_while(Result::ok) {
        name(&question.name, &mut text);
    }
    for record in message.records().map_while(Result::ok) {
        name(&record.name, &mut text);
        assert!(record.data.texts().map(<[u8]>::len).sum::<usize>() <= data.len());
        match record.data {
            dns::RecordData::Cname(target) | dns::RecordData::Ptr(target) | dns::RecordData::Srv { target, .. } => {
                name(&target, &mut text);
            }
            dns::RecordData::Svcb(binding) | dns::RecordData::Https(binding) => {
                name(&binding.target, &mut text);
                let _ = (
                    binding.ech(),
                    binding.alpn().count(),
                    binding.ipv4_hints().count(),
                    binding.ipv6_hints().count(),
                );
            }
            _ => {}
        }
    }
}

/// A name that was found can always be written, and is visible ASCII.
fn name(name: &dns::Name<'_>, text: &mut String) {
    text.clear();
    name.write_to(text);
    assert!(
        text.len() <= 4 * dns::MAX_NAME_LEN && text.bytes().all(|octet| octet.is_ascii_graphic()),
        "{text:?}"
    );
    assert_eq!(name.is_root(), text.is_empty());
    assert!(name.labels().count() <= dns::MAX_LABELS);
    let _ = name.reverse_address();
}

/// A DHCP message of either version.
pub fn dhcp(data: &[u8]) {
    if let Ok(message) = dhcp::Message::parse(data) {
        assert!(message.fqdn.is_some() || !message.fqdn_is_wire);
    }
    let _ = dhcp::MessageV6::parse(data);
}

/// The start of a stream of clear text.
pub fn http(data: &[u8]) {
    let so_far = http::request_head_so_far(data);
    if let Ok(head) = http::request_head(data) {
        assert!(head.head_len > 0 && head.head_len <= data.len());
        let so_far = so_far.expect("a whole head is also one so far");
        assert_eq!((head.host, head.target), (so_far.host, so_far.target));
    }
    let _ = (
        http::looks_like_request(data),
        http::response_status(data),
        http::is_http2_preface(data),
    );
}

/// Everything that is told by its first octets alone.
pub fn stun(data: &[u8]) {
    let _ = (
        stun::is_stun(data),
        recognise::ntp(data),
        recognise::wireguard(data),
        recognise::openvpn(data),
    );
    let _ = (recognise::openvpn_stream(data), recognise::ssdp(data));
    let _ = (recognise::ike_or_esp(data, 500), recognise::ike_or_esp(data, 4500));
}

/// A stream of TLS records.
pub fn tls(data: &[u8]) {
    let _ = tls::looks_like_record(data);
    let (mut at, mut scratch) = (Handshakes::default(), Vec::new());
    loop {
        match at.next(data, &mut scratch) {
            Step::Message(message) => {
                if let Some(Ok(client)) = message.client_hello() {
                    hello(&client);
                }
                let _ = tls::ServerHello::parse(message.body);
                if message.kind == HandshakeKind::CERTIFICATE
                    && let Ok(Some(der)) = tls::first_certificate(message.body)
                {
                    certificate(der);
                }
            }
            _ => return,
        }
    }
}

fn hello(hello: &ClientHello<'_>) {
    let _ = (
        hello.sni(),
        hello.has_sni_extension(),
        hello.highest_version(),
        hello.ech().map(|ech| ech.is_certainly_grease()),
    );
    let _ = (
        hello.cipher_suites().count(),
        hello.extensions().count(),
        hello.alpn().count(),
        hello.has_esni(),
    );
    let _ = (hello.supported_versions().count(), hello.signature_algorithms().count());
    for carrier in [Carrier::Tcp, Carrier::Quic, Carrier::Dtls] {
        if let Some(ja4) = Ja4::of(hello, carrier) {
            assert_eq!(ja4.as_str().len(), 36);
        }
    }
}

/// A certificate.
pub fn certificate(data: &[u8]) {
    if let Ok(certificate) = Certificate::parse(data) {
        let _ = certificate.names().count();
    }
}

/// A datagram of DTLS records.
pub fn dtls(data: &[u8]) {
    let _ = dtls::looks_like_record(data);
    for record in dtls::records(data).map_while(Result::ok) {
        let dtls::Record::Handshake { content, .. } = record else {
            continue;
        };
        for fragment in dtls::fragments(content).map_while(Result::ok) {
            if fragment.is_whole()
                && let Ok(client) = ClientHello::parse_dtls(fragment.octets)
            {
                hello(&client);
            }
        }
    }
}

/// A datagram of QUIC packets.
pub fn quic(data: &[u8]) {
    let _ = quic::looks_like_long_header(data);
    let mut scratch = Vec::new();
    for packet in quic::packets(data).map_while(Result::ok) {
        let _ = packet.offered_versions().count();
        let quic::Packet::Long(header) = packet else { continue };
        if let Ok((_, opened)) = quic::InitialKeys::discover(&header, &mut scratch) {
            frames(opened.frames());
        }
    }
    // What stands inside the encryption, which no mutation gets through.
    for (google, is_cut) in [(false, false), (false, true), (true, false)] {
        frames(quic::Frames::new(data, google, is_cut));
    }
    crypto(data);
}

fn frames(frames: quic::Frames<'_>) {
    for frame in frames.map_while(Result::ok) {
        if let quic::Frame::Crypto { octets, .. } = frame {
            crypto(octets);
        }
    }
}

fn crypto(octets: &[u8]) {
    match quic::hello(octets) {
        quic::Hello::Tls(client) => hello(&client),
        quic::Hello::Google(chlo) => chlo_values(&chlo),
        _ => {}
    }
    if let Some(client) = quic::beginning(octets) {
        hello(&client);
    }
}

/// A datagram of Google's QUIC, and its message alone.
pub fn gquic(data: &[u8]) {
    let _ = gquic::version(data);
    if let Ok(Some((_, chlo))) = gquic::chlo(data) {
        chlo_values(&chlo);
    }
    if let Ok(chlo) = gquic::Chlo::parse(data) {
        chlo_values(&chlo);
    }
}

fn chlo_values(chlo: &gquic::Chlo<'_>) {
    let _ = (chlo.sni(), chlo.user_agent(), chlo.value(*b"SNI\0"));
}

/// A `ClientHello` without records around it, in each form.
pub fn ja4(data: &[u8]) {
    let forms = [
        ClientHello::parse,
        ClientHello::parse_dtls,
        ClientHello::parse_beginning,
        ClientHello::parse_ssl_2,
    ];
    for client in forms.into_iter().filter_map(|parse| parse(data).ok()) {
        hello(&client);
    }
}
