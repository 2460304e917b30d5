//! A small audit made by hand: every field of the model has a value somewhere, and what the reports count adds up.

use std::sync::Arc;
use telltale_core::{
    enrich::DataSet,
    model::{
        App, AppId, Basis, Bucket, Claim, Company, Contact, CountryShare, Counts, Coverage, Device, DeviceId,
        DeviceNameSource, DnsAnswer, DnsKind, Endpoint, Flow, FlowId, FlowProtocol, Grade, Hello, HelloVia, HttpHost,
        NameSource, Outcome, Owner, PandoreFacts, Purpose, PurposeGroup, PurposeShare, Reason, RowFilter, Score,
        Server, ServerId, SourceFacts, Span, Summary, Tally, TcpState, Timeline, Timestamp, TransportKind,
    },
};
use telltale_report::{Language, ReportContext};

/// 14 October 2026, 18:20:00.123456789 UTC.
pub(crate) const START: i64 = 1_792_002_000_123_456_789;
const SECOND: i64 = 1_000_000_000;

fn text(of: &str) -> Option<Arc<str>> {
    (!of.is_empty()).then(|| of.into())
}

fn at(seconds: i64) -> Timestamp {
    Timestamp(START + seconds * SECOND)
}

/// Who is behind a name: company, service, purpose, home country, what it does in English and French, country of the network.
type Known = (
    &'static str,
    &'static str,
    Purpose,
    &'static str,
    [&'static str; 2],
    &'static str,
);

/// One row: name, source, address, who, octets sent and received, flows, octets in clear, seconds of first and last packet.
type Row = (
    &'static str,
    Option<NameSource>,
    &'static str,
    Known,
    [u64; 2],
    u32,
    u64,
    [i64; 2],
);

const NOBODY: Known = ("", "", Purpose::Unknown, "", ["", ""], "");

const ROWS: [Row; 13] = [
    (
        "www.youtube.example",
        Some(NameSource::QuicSni),
        "2001:db8:80e::2001",
        (
            "Google",
            "YouTube",
            Purpose::Service,
            "US",
            [
                "Videos that people watch and upload.",
                "Des vidéos que chacun regarde ou met en ligne.",
            ],
            "US",
        ),
        [412_000, 38_200_000],
        9,
        0,
        [12, 700],
    ),
    (
        "push.phone.example",
        Some(NameSource::Sni),
        "203.0.113.10",
        (
            "Apple",
            "Push messages",
            Purpose::System,
            "US",
            [
                "Brings messages to the phone, for all apps.",
                "Apporte les notifications au téléphone, pour toutes les applications.",
            ],
            "US",
        ),
        [18_400, 22_100],
        3,
        0,
        [0, 719],
    ),
    (
        "app.adjust.example",
        Some(NameSource::Sni),
        "203.0.113.77",
        (
            "Adjust",
            "Adjust",
            Purpose::Attribution,
            "DE",
            [
                "Tells an app’s maker which advertisement led to its installation, and follows what you do in the app afterwards.",
                "Indique à l’éditeur d’une application quelle publicité a conduit à son installation, puis suit ce que vous y faites.",
            ],
            "DE",
        ),
        [96_300, 12_800],
        14,
        0,
        [31, 655],
    ),
    (
        "graph.social.example",
        Some(NameSource::Sni),
        "2001:db8:face::1",
        (
            "Meta",
            "Facebook SDK",
            Purpose::Social,
            "US",
            [
                "Reports what happens in other companies’ apps to Facebook.",
                "Signale à Facebook ce qui se passe dans les applications d’autres entreprises.",
            ],
            "IE",
        ),
        [61_700, 41_900],
        11,
        0,
        [33, 640],
    ),
    (
        "ads.doubleclick.example",
        Some(NameSource::QuicSni),
        "2001:db8:80e::200e",
        (
            "Google",
            "Google Ads",
            Purpose::Advertising,
            "US",
            [
                "Sells and shows advertisements, and decides which ones you see.",
                "Vend et affiche de la publicité, et choisit celle que vous voyez.",
            ],
            "US",
        ),
        [210_400, 2_300_000],
        22,
        0,
        [29, 702],
    ),
    (
        "firebase-crash.example",
        Some(NameSource::Sni),
        "203.0.113.91",
        (
            "Google",
            "Crashlytics",
            Purpose::Crash,
            "US",
            [
                "Receives a report when an app crashes.",
                "Reçoit un rapport quand une application plante.",
            ],
            "US",
        ),
        [8_200, 3_100],
        2,
        0,
        [40, 44],
    ),
    (
        "stats.weather.example",
        Some(NameSource::Dns),
        "198.51.100.23",
        ("Météo Demain", "", Purpose::Analytics, "FR", ["", ""], "FR"),
        [15_900, 4_800],
        4,
        0,
        [51, 610],
    ),
    (
        "img.weather.example",
        Some(NameSource::Sni),
        "198.51.100.24",
        (
            "Météo Demain",
            "Weather maps",
            Purpose::Service,
            "FR",
            ["The weather app’s own maps.", "Les cartes de l’application météo."],
            "FR",
        ),
        [22_100, 6_100_000],
        5,
        0,
        [50, 612],
    ),
    (
        "connectivity-check.example",
        Some(NameSource::HttpHost),
        "203.0.113.5",
        (
            "Google",
            "Network check",
            Purpose::System,
            "US",
            [
                "Checks whether the network leads anywhere.",
                "Vérifie que le réseau mène quelque part.",
            ],
            "US",
        ),
        [1_180, 960],
        2,
        2_140,
        [1, 361],
    ),
    (
        "radio.stream.example",
        Some(NameSource::HttpHost),
        "192.0.2.44",
        ("", "", Purpose::Unknown, "", ["", ""], "NL"),
        [14_000, 4_700_000],
        1,
        4_714_000,
        [200, 400],
    ),
    (
        "cloud-7.hosting.example",
        Some(NameSource::Certificate),
        "192.0.2.99",
        ("", "", Purpose::Delivery, "", ["", ""], "SE"),
        [4_100, 88_000],
        2,
        0,
        [90, 95],
    ),
    ("", None, "192.0.2.200", NOBODY, [900, 1_400], 1, 0, [300, 301]),
    (
        "printer.local",
        Some(NameSource::Dns),
        "192.168.42.9",
        NOBODY,
        [2_600, 1_900],
        1,
        0,
        [15, 18],
    ),
];

fn owner(row: &Row) -> Owner {
    let (name, _, address, (company, service, purpose, home, [en, fr], country), ..) = row;
    let mut claims = Vec::new();
    let claim = |set: &str, matched: &str, basis| Claim {
        set: set.into(),
        matched: matched.into(),
        basis,
    };
    if !company.is_empty() {
        let basis = if en.is_empty() { Basis::Inferred } else { Basis::Reputed };
        claims.push(claim("catalogue", name.split_once('.').map_or(name, |n| n.1), basis));
    }
    if purpose.is_tracker() {
        claims.push(claim("adguard", name, Basis::Reputed));
    }
    if !country.is_empty() {
        claims.push(claim("asn", "AS64500", Basis::Reputed));
        claims.push(claim("country", &format!("{address}/32"), Basis::Reputed));
    }
    Owner {
        registrable_domain: name.split_once('.').and_then(|n| text(n.1)),
        company: text(company),
        parent: (*company == "Adjust").then(|| "AppLovin".into()),
        home_country: text(home),
        service: text(service),
        purpose: *purpose,
        what_en: text(en),
        what_fr: text(fr),
        how: (!en.is_empty()).then(|| "vendor-docs: public documentation".into()),
        tracker: purpose.is_tracker(),
        as_number: (!country.is_empty()).then_some(64_500),
        organisation: (!country.is_empty()).then(|| "Example Networks".into()),
        country: text(country),
        claims,
    }
}

fn server(row: &Row, id: u32) -> Server {
    let (name, source, address, _, [sent, received], flows, clear, [first, last]) = row;
    Server {
        id: ServerId(id),
        device: DeviceId(0),
        name: text(name),
        name_source: *source,
        addresses: vec![address.parse().unwrap()],
        owner: Arc::new(owner(row)),
        local: address.starts_with("192.168."),
        sent_bytes: *sent,
        received_bytes: *received,
        sent_packets: sent / 400 + 1,
        received_packets: received / 1_200 + 1,
        flows: *flows,
        clear_text_bytes: *clear,
        first: at(*first),
        last: at(*last),
    }
}

fn companies(servers: &[Server]) -> Vec<Company> {
    let mut all: Vec<Company> = Vec::new();
    for s in servers.iter().filter(|s| !s.local) {
        let name = s.owner.company.clone().or_else(|| s.owner.organisation.clone());
        let by_network = s.owner.company.is_none() && name.is_some();
        if !all.iter().any(|c| c.name == name) {
            let home_country = s.owner.home_country.clone();
            let group = PurposeGroup::Unknown;
            all.push(Company {
                name: name.clone(),
                by_network,
                home_country,
                purposes: vec![],
                group,
                servers: 0,
                flows: 0,
                sent_bytes: 0,
                received_bytes: 0,
            });
        }
        let company = all.iter_mut().find(|c| c.name == name).unwrap();
        company.servers += 1;
        company.flows += s.flows;
        company.sent_bytes += s.sent_bytes;
        company.received_bytes += s.received_bytes;
        if !company.purposes.contains(&s.owner.purpose) {
            company.purposes.push(s.owner.purpose);
        }
        let worst = [
            PurposeGroup::Follows,
            PurposeGroup::Measures,
            PurposeGroup::Needed,
            PurposeGroup::Unknown,
        ];
        let groups: Vec<PurposeGroup> = company.purposes.iter().map(|p| p.group()).collect();
        company.group = worst.into_iter().find(|g| groups.contains(g)).unwrap();
    }
    all.sort_by_key(|c| std::cmp::Reverse(c.sent_bytes + c.received_bytes));
    all
}

fn purposes(servers: &[Server]) -> Vec<PurposeShare> {
    let share = |purpose| {
        let of: Vec<&Server> = servers
            .iter()
            .filter(|s| s.owner.purpose == purpose && !s.local)
            .collect();
        let mut companies: Vec<_> = of.iter().filter_map(|s| s.owner.company.clone()).collect();
        companies.sort();
        companies.dedup();
        PurposeShare {
            purpose,
            companies: u32::try_from(companies.len()).unwrap(),
            servers: u32::try_from(of.len()).unwrap(),
            sent_bytes: of.iter().map(|s| s.sent_bytes).sum(),
            received_bytes: of.iter().map(|s| s.received_bytes).sum(),
        }
    };
    Purpose::ALL.into_iter().map(share).filter(|p| p.servers > 0).collect()
}

fn countries(servers: &[Server]) -> Vec<CountryShare> {
    let mut all: Vec<CountryShare> = Vec::new();
    for s in servers.iter().filter(|s| !s.local) {
        let country = &s.owner.country;
        if !all.iter().any(|c| c.country == *country) {
            all.push(CountryShare {
                country: country.clone(),
                servers: 0,
                sent_bytes: 0,
                received_bytes: 0,
            });
        }
        let share = all.iter_mut().find(|c| c.country == *country).unwrap();
        share.servers += 1;
        share.sent_bytes += s.sent_bytes;
        share.received_bytes += s.received_bytes;
    }
    all.sort_by_key(|c| std::cmp::Reverse(c.sent_bytes + c.received_bytes));
    all
}

/// Bursts as a person's use of a phone makes them; the steps add up to the servers' octets.
fn timeline(servers: &[Server]) -> Timeline {
    let weight = |step: u64| {
        let burst = match step {
            12..=60 | 300..=345 => 17,
            100..=180 | 420..=520 => 5,
            600..=640 => 11,
            _ => 0,
        };
        burst * (3 + step * 7_919 % 9) + u64::from(step.is_multiple_of(60))
    };
    let whole: u64 = (0..720).map(weight).sum();
    let sum = |of: fn(&Server) -> u64| servers.iter().filter(|s| !s.local).map(of).sum::<u64>();
    let mut rest = (sum(|s| s.sent_bytes), sum(|s| s.received_bytes));
    let all = rest;
    let mut buckets: Vec<Bucket> = (0..720)
        .map(weight)
        .map(|w| {
            let (sent, received) = (all.0 * w / whole, all.1 * w / whole);
            rest = (rest.0 - sent, rest.1 - received);
            Bucket {
                sent,
                received,
                packets: u32::try_from((sent + received) / 900).unwrap(),
            }
        })
        .collect();
    buckets[719].sent += rest.0;
    buckets[719].received += rest.1;
    Timeline {
        start: at(0),
        bucket_seconds: 1,
        buckets,
    }
}

fn device() -> Device {
    Device {
        id: DeviceId(0),
        addresses: vec!["192.168.42.17".parse().unwrap(), "2001:db8:1::17".parse().unwrap()],
        mac: Some("da:a1:19:00:00:17".to_owned()),
        mac_random: true,
        maker: None,
        name: Some("Camille’s phone".to_owned()),
        name_source: Some(DeviceNameSource::Dhcp),
        because: "dhcp".to_owned(),
        sent_bytes: 865_180,
        received_bytes: 51_475_060,
        flows: 76,
    }
}

fn score() -> Score {
    let reason = |key: &str, value, points, max, purposes: &[Purpose]| Reason {
        key: key.to_owned(),
        value,
        points,
        max,
        rows: RowFilter {
            purposes: purposes.to_vec(),
            clear_text: key.contains("clear"),
            unnamed: key.contains("unnamed"),
        },
    };
    let follows = [
        Purpose::Attribution,
        Purpose::Advertising,
        Purpose::Profiling,
        Purpose::Social,
    ];
    Score {
        profile: "telltale/1".to_owned(),
        points: Some(47.93),
        grade: Some(Grade::C),
        worst_grade: Some(Grade::D),
        reasons: vec![
            reason("following_flows", 61.84, 20.0, 20.0, &follows),
            reason("following_companies", 3.0, 14.64, 30.0, &follows),
            reason("following_sent", 42.6, 10.0, 10.0, &follows),
            reason("clear_text_servers", 1.0, 2.0, 10.0, &[]),
            reason(
                "measuring_companies",
                1.0,
                2.0,
                10.0,
                &[Purpose::Analytics, Purpose::Crash],
            ),
            reason("companies", 5.0, 0.5, 5.0, &[]),
            reason("unnamed_bytes", 0.004, 0.0004, 5.0, &[]),
            reason("profiling_companies", 0.0, 0.0, 10.0, &[Purpose::Profiling]),
        ],
    }
}

/// The score by Pandore's formula of the same audit.
pub(crate) fn pandore() -> Score {
    let reason = |key: &str, value, points| Reason {
        key: key.to_owned(),
        value,
        points,
        max: 33.333_333,
        rows: RowFilter::default(),
    };
    Score {
        profile: "pandore/1".to_owned(),
        points: Some(29.41),
        grade: Some(Grade::B),
        worst_grade: Some(Grade::B),
        reasons: vec![
            reason("pandore_rate", 0.0693, 13.2),
            reason("pandore_pause", 17.25, 16.2),
            reason("pandore_servers", 13.0, 0.0),
        ],
    }
}

fn flows(servers: &[Server]) -> Vec<Flow> {
    let flow = |s: &Server, id: u32| {
        let quic = s.name_source == Some(NameSource::QuicSni);
        let clear = s.clear_text_bytes > 0;
        Flow {
            id: FlowId(id),
            transport: if quic { TransportKind::Udp } else { TransportKind::Tcp },
            initiator: Endpoint {
                address: device().addresses[usize::from(s.addresses[0].is_ipv6())],
                port: 49_152 + u16::try_from(id).unwrap(),
            },
            responder: Endpoint {
                address: s.addresses[0],
                port: if clear { 80 } else { 443 },
            },
            from_initiator: Tally {
                packets: s.sent_packets,
                bytes: s.sent_bytes + 14 * s.sent_packets,
                ip_bytes: s.sent_bytes,
            },
            from_responder: Tally {
                packets: s.received_packets,
                bytes: s.received_bytes + 14 * s.received_packets,
                ip_bytes: s.received_bytes,
            },
            first: s.first,
            last: s.last,
            tcp: (!quic).then_some(TcpState::Closed),
            tunnel: (id == 11).then_some(FlowId(10)),
            protocol: if quic {
                FlowProtocol::Quic
            } else if clear {
                FlowProtocol::Http
            } else {
                FlowProtocol::Tls
            },
            name: s.name.clone(),
            name_source: s.name_source,
            alpn: text(if quic {
                "h3"
            } else if clear {
                ""
            } else {
                "h2"
            }),
            ja4: (!clear).then(|| "t13d1516h2_8daaf6152771_02713d6af862".into()),
            ech: id == 4,
            device: Some(DeviceId(0)),
            device_is_initiator: true,
            server: Some(s.id),
            app: (id == 2).then_some(AppId(0)),
        }
    };
    servers.iter().zip(0..).map(|(s, id)| flow(s, id)).collect()
}

fn evidence(servers: &[Server]) -> (Vec<DnsAnswer>, Vec<Hello>, Vec<HttpHost>) {
    let named = || servers.iter().filter_map(|s| Some((s, s.name.clone()?)));
    let answer = |(s, name): (&Server, Arc<str>)| DnsAnswer {
        kind: if s.local { DnsKind::Mdns } else { DnsKind::Dns },
        addresses: s.addresses.clone(),
        aliases: if &*name == "img.weather.example" {
            vec!["edge.cdn.example".into()]
        } else {
            vec![]
        },
        device: Some(DeviceId(0)),
        first: Timestamp(s.first.0 - 20_000_000),
        last: s.first,
        name,
    };
    let hello = |(s, name): (&Server, Arc<str>)| Hello {
        via: if s.name_source == Some(NameSource::QuicSni) {
            HelloVia::Quic
        } else {
            HelloVia::Tls
        },
        sni: Some(name),
        server: Endpoint {
            address: s.addresses[0],
            port: 443,
        },
        alpn: vec!["h2".into(), "http/1.1".into()],
        ja4: Some("t13d1516h2_8daaf6152771_02713d6af862".into()),
        ech: s.id.0 == 4,
        flow: FlowId(s.id.0),
        at: Timestamp(s.first.0 + 31_000_000),
    };
    let host = |(s, name): (&Server, Arc<str>)| HttpHost {
        host: name,
        server: Endpoint {
            address: s.addresses[0],
            port: 80,
        },
        user_agent: Some("Radio/4.1 (Android 15)".into()),
        requests: 2,
        flow: FlowId(s.id.0),
        first: s.first,
    };
    let by_hello = |s: &Server| matches!(s.name_source, Some(NameSource::Sni | NameSource::QuicSni));
    (
        named().map(answer).collect(),
        named().filter(|(s, _)| by_hello(s)).map(hello).collect(),
        named().filter(|(s, _)| s.clear_text_bytes > 0).map(host).collect(),
    )
}

/// The audit.
pub(crate) fn outcome() -> Outcome {
    let servers: Vec<Server> = ROWS.iter().zip(0..).map(|(row, id)| server(row, id)).collect();
    let (dns, hellos, http_hosts) = evidence(&servers);
    let bytes = servers
        .iter()
        .filter(|s| !s.local)
        .map(|s| s.sent_bytes + s.received_bytes)
        .sum();
    let companies = companies(&servers);
    let contact = |s: &Server| Contact {
        at: s.first,
        name: s.name.clone().unwrap_or_else(|| s.addresses[0].to_string().into()),
        company: s.owner.company.clone(),
        purpose: s.owner.purpose,
        device: s.device,
    };
    let summary = Summary {
        source: SourceFacts {
            file: Some("evening-tram.pcapng".to_owned()),
            sha256: Some("2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae".to_owned()),
            file_bytes: 54_010_220,
            format: "pcapng+zstd".to_owned(),
            link_types: vec!["Ethernet".to_owned()],
            interfaces: vec!["wlan0".to_owned()],
            stopped: Some("the file ends in the middle of a packet".to_owned()),
            stopped_at: Some(54_009_988),
            cancelled: false,
            live: None,
            gaps: Vec::new(),
        },
        span: Some(Span {
            first: at(0),
            last: at(719),
        }),
        counts: Counts {
            packets: 51_877,
            bytes: 53_180_441,
            captured_bytes: 53_180_441,
            non_ip_packets: 31,
            cut_packets: 4,
            other_ip_packets: 12,
            dropped_by_kernel: 7,
            ..Counts::default()
        },
        coverage: Coverage {
            bytes,
            observed_name_bytes: bytes - 20_700 - 2_300 - 900_000,
            inferred_name_bytes: 20_700,
            address_only_bytes: 2_300,
            tunnel_bytes: 900_000,
            encrypted_dns_flows: 2,
            ech_hellos: 1,
            started_before: 3,
            clear_text_bytes: 4_716_140,
        },
        devices: vec![device()],
        apps: vec![App {
            id: AppId(0),
            uid: 10_123,
            label: Some("Météo".to_owned()),
            package: Some("org.example.meteo".to_owned()),
            sent_bytes: 96_300,
            received_bytes: 12_800,
            flows: 14,
        }],
        servers: u32::try_from(servers.len()).unwrap(),
        flows: 77,
        company_count: 5,
        tracker_companies: 4,
        companies,
        countries: countries(&servers),
        purposes: purposes(&servers),
        timeline: timeline(&servers),
        contacts: servers.iter().rev().take(3).map(contact).collect(),
        pandore: PandoreFacts {
            gaps: 4,
            gap_seconds: 69,
            bytes: 53_180_441,
            remotes: 13,
            seconds: 719.25,
            packets: 51_877,
        },
        score: score(),
    };
    Outcome {
        summary,
        flows: flows(&servers),
        servers,
        dns,
        hellos,
        http_hosts,
        apps_imported: None,
    }
}

/// The sets that the claims name.
pub(crate) fn data_sets() -> Vec<DataSet> {
    let set = |key: &str, name: &str, licence: &str, credit: &str, rows| DataSet {
        key: key.to_owned(),
        name: name.to_owned(),
        version: "1.2.3".to_owned(),
        date: "2026-10-01".to_owned(),
        licence: licence.to_owned(),
        attribution: credit.to_owned(),
        homepage: format!("https://{key}.example/"),
        rows,
        file: format!("{key}.bin"),
        sha256: "0".repeat(64),
    };
    vec![
        set(
            "catalogue",
            "Telltale’s catalogue",
            "GPL-3.0-or-later",
            "Telltale’s authors",
            1_534,
        ),
        set("adguard", "AdGuard lists", "GPL-3.0-only", "AdGuard", 88_412),
        set("asn", "Networks by address", "CC-BY-4.0", "Example registry", 512_004),
        set(
            "country",
            "Countries by address",
            "PDDL-1.0",
            "Example registry",
            302_118,
        ),
    ]
}

/// The context with a fixed date.
pub(crate) fn context<'a>(language: Language, sets: &'a [DataSet], pandore: Option<&'a Score>) -> ReportContext<'a> {
    ReportContext {
        title: "Evening on the tram",
        description: "Camille’s phone, ten minutes on the tram.\nMaps, weather and radio were open.",
        made: Timestamp(START + 86_400 * SECOND),
        language,
        version: "0.1.0",
        data_sets: sets,
        pandore,
    }
}
