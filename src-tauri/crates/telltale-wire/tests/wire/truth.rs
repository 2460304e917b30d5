//! What each capture holds, against the counts and flows that an independent tool gives.

use crate::corpus::{self, Packet};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use telltale_wire::{Transport, dissect};

#[derive(Default, Debug, PartialEq)]
struct Counts(BTreeMap<&'static str, u64>);

impl Counts {
    fn add(&mut self, key: &'static str, by: u64) {
        *self.0.entry(key).or_default() += by;
    }
}

/// Two endpoints in order, and per direction packets and octets.
type Flows = BTreeMap<(&'static str, SocketAddr, SocketAddr), [u64; 4]>;

fn ours(packets: &[Packet]) -> (Counts, Flows) {
    let (mut counts, mut flows) = (Counts::default(), Flows::new());
    for packet in packets {
        let bytes = u64::from(packet.original_len);
        counts.add("packets", 1);
        counts.add("bytes", bytes);
        counts.add("captured_bytes", packet.data.len() as u64);
        if packet.data.len() < packet.original_len as usize {
            counts.add("packets_cut_by_snaplen", 1);
        }
        let frame = dissect(packet.link, &packet.data, packet.original_len);
        let Some(ip) = frame.ip().next() else {
            counts.add("non_ip", 1);
            // The truth's ARP has RARP (0x8035) in it.
            if matches!(frame.link.ether_type, Some(0x0806 | 0x8035)) {
                counts.add("arp", 1);
            }
            continue;
        };
        counts.add("ip_bytes", u64::from(ip.len));
        counts.add(if ip.source.is_ipv4() { "ipv4" } else { "ipv6" }, 1);
        // The truth leaves out what ends in ICMP, because ICMP quotes packets.
        let inner = frame
            .ip()
            .skip(1)
            .last()
            .is_some_and(|inner| !matches!(inner.transport, Transport::Icmp { .. }));
        counts.add("tunnelled_packets", u64::from(inner));
        if ip.fragment.is_some() {
            counts.add("ip_fragments", 1);
        }
        let (kind, source, destination) = match ip.transport {
            Transport::Tcp(tcp) => ("tcp", tcp.source_port, tcp.destination_port),
            Transport::Udp {
                source_port,
                destination_port,
                ..
            } => ("udp", source_port, destination_port),
            Transport::Icmp { .. } => {
                counts.add(if ip.protocol == 1 { "icmp" } else { "icmpv6" }, 1);
                continue;
            }
            Transport::LaterFragment => {
                // The truth counts those of IPv4 only.
                counts.add("fragments_without_ports", u64::from(ip.source.is_ipv4()));
                continue;
            }
            Transport::Other => {
                counts.add("other_ip_payload", 1);
                continue;
            }
            Transport::Cut => {
                counts.add("transport_unreadable", 1);
                continue;
            }
        };
        counts.add(kind, 1);
        let (a, b) = (
            SocketAddr::new(ip.source, source),
            SocketAddr::new(ip.destination, destination),
        );
        let (key, at) = if a <= b { ((kind, a, b), 0) } else { ((kind, b, a), 2) };
        let flow = flows.entry(key).or_default();
        flow[at] += 1;
        flow[at + 1] += bytes;
    }
    (counts, flows)
}

fn theirs(truth: &serde_json::Value) -> Flows {
    let mut flows = Flows::new();
    for flow in truth["flows"].as_array().unwrap() {
        let end = |side: &str| {
            let address: IpAddr = flow[side].as_str().unwrap().parse().unwrap();
            SocketAddr::new(
                address,
                u16::try_from(flow[format!("{side}_port")].as_u64().unwrap()).unwrap(),
            )
        };
        let number = |key: &str| flow[key].as_u64().unwrap();
        let (a, b) = (end("a"), end("b"));
        let there = [
            number("a2b_packets"),
            number("a2b_bytes"),
            number("b2a_packets"),
            number("b2a_bytes"),
        ];
        let kind = if flow["proto"] == "tcp" { "tcp" } else { "udp" };
        let (key, there) = if a <= b {
            ((kind, a, b), there)
        } else {
            ((kind, b, a), [there[2], there[3], there[0], there[1]])
        };
        let sum = flows.entry(key).or_default();
        for (sum, there) in sum.iter_mut().zip(there) {
            *sum += there;
        }
    }
    flows
}

/// Where the truth's tool is wrong or means something else: capture, what differs there, and why.
const EXPLAINED: &[(&str, &[&str], &str)] = &[
    (
        "ndpi__fuzz-2006-06-26-2594.pcap",
        &[
            "fragments_without_ports",
            "ip_bytes",
            "ipv4",
            "ipv6",
            "non_ip",
            "other_ip_payload",
            "transport_unreadable",
            "tunnelled_packets",
        ],
        "headers with versions 0, 5, 9, 12 or a header length of 4 octets are IPv4 to it; later fragments it puts together",
    ),
    (
        "ngtest__test102.pcapng",
        &["packets", "bytes", "captured_bytes", "non_ip"],
        "it counts custom blocks as packets",
    ),
    (
        "pcapdroid__invalid_or_unsupported.pcap",
        &[
            "ip_bytes",
            "ip_fragments",
            "ipv4",
            "non_ip",
            "other_ip_payload",
            "transport_unreadable",
        ],
        "16 octets of an IPv4 header, and one of version 0, are IPv4 to it",
    ),
    (
        "zeek__Teredo.pcap",
        &["tunnelled_packets"],
        "it opens Teredo on port 3544 only, not what peers send one another",
    ),
];

#[test]
fn counts_and_flows_are_those_of_an_independent_tool() {
    let Some(folder) = corpus::folder() else { return };
    let mut report = String::new();
    for name in corpus::names(&folder) {
        let truth = std::fs::read(folder.join("truth").join(format!("{name}.json"))).unwrap();
        let truth: serde_json::Value = serde_json::from_slice(&truth).unwrap();
        let (counts, flows) = ours(&corpus::packets(&folder, &name));
        let mut expected: BTreeMap<&str, u64> = truth["counts"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_u64().unwrap()))
            .collect();
        for key in counts.0.keys() {
            expected.entry(key).or_default();
        }
        for (key, there) in expected {
            let here = counts.0.get(key).copied().unwrap_or_default();
            let explained = EXPLAINED
                .iter()
                .any(|(capture, keys, _)| *capture == name && keys.contains(&key));
            if here != there && !explained {
                let _ = writeln!(report, "{name}: {key} {here}, truth {there}");
            }
        }
        let there = theirs(&truth);
        for (flow, sums) in &there {
            if flows.get(flow) != Some(sums) {
                let _ = writeln!(report, "{name}: {flow:?} {:?}, truth {sums:?}", flows.get(flow));
            }
        }
        for (flow, sums) in flows.iter().filter(|(flow, _)| !there.contains_key(*flow)) {
            let _ = writeln!(report, "{name}: extra {flow:?} {sums:?}");
        }
    }
    assert!(report.is_empty(), "\n{report}");
}
