//! DNS records and HTTP heads of the real captures, packet by packet, against those that an independent tool gives. What is
//! spread over several packets is put together by `telltale-core`, and compared there.

use crate::corpus;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use telltale_wire::dns::{self, Message, Name, RecordData};
use telltale_wire::{Transport, dissect, http};

fn truth(folder: &std::path::Path, name: &str) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(folder.join("truth").join(format!("{name}.json"))).unwrap()).unwrap()
}

fn text(name: &Name<'_>) -> String {
    let mut text = String::new();
    name.write_to(&mut text);
    text
}

/// Frame number, owner name, type and value.
type Said = (u64, String, &'static str, String);

fn records(number: u64, payload: &[u8], said: &mut BTreeSet<Said>) {
    let Ok(message) = Message::parse(payload) else { return };
    for record in message.records().map_while(Result::ok) {
        let (kind, value) = match record.data {
            RecordData::A(address) => ("A", address.to_string()),
            RecordData::Aaaa(address) => ("AAAA", address.to_string()),
            RecordData::Cname(name) => ("CNAME", text(&name)),
            RecordData::Ptr(name) => ("PTR", text(&name)),
            _ => continue,
        };
        said.insert((number, text(&record.name), kind, value));
    }
}

/// The truth writes names as they came; spaces and dots inside labels it does not escape, and roots it calls `<Root>`.
fn plain(name: &str) -> String {
    name.to_lowercase()
        .replace("\\032", " ")
        .replace("\\.", ".")
        .replace("<root>", "")
}

/// UTF-8 that is escaped is compared by its ASCII part alone.
fn comparable(name: &str) -> String {
    let mut rest = plain(name);
    while let Some(at) = rest.find('\\') {
        rest.replace_range(at..(at + 4).min(rest.len()), "");
    }
    rest.retain(|c| c.is_ascii());
    rest
}

/// Captures of which the truth's list puts values to the wrong owner names, where several types follow one another in turn;
/// its tool's own full text has them as we have. Compared without the owner names.
const OWNERS_MIXED_UP: [&str; 2] = ["ndpi__iphone.pcap", "zeek__wikipedia.pcap"];

#[test]
fn dns_records_are_those_of_an_independent_tool() {
    let Some(folder) = corpus::folder() else { return };
    let (mut report, mut compared) = (String::new(), 0);
    for name in corpus::names(&folder) {
        let (mut ours, mut seen) = (BTreeSet::new(), BTreeSet::new());
        for (packet, number) in corpus::packets(&folder, &name).iter().zip(1..) {
            let frame = dissect(packet.link, &packet.data, packet.original_len);
            let Some(ip) = frame.ip().last().filter(|ip| ip.fragment.is_none()) else {
                continue;
            };
            let Transport::Udp {
                source_port,
                destination_port,
                payload,
            } = ip.transport
            else {
                continue;
            };
            let ports = [dns::PORT, dns::MDNS_PORT, dns::LLMNR_PORT];
            if ports.contains(&source_port) || ports.contains(&destination_port) {
                records(number, payload, &mut ours);
                seen.insert(number);
            }
        }
        let truth = truth(&folder, &name);
        let owners = !OWNERS_MIXED_UP.contains(&name.as_str());
        let pick = |frame: u64, owner: &str, kind: &str, value: &str| {
            let owner = if owners { comparable(owner) } else { String::new() };
            (frame, owner, kind.to_owned(), comparable(value))
        };
        let theirs: BTreeSet<_> = truth["dns"]["records"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|record| seen.contains(&record["frame"].as_u64().unwrap()))
            // A record that the tool could not read has no value, or says so.
            .filter(|record| !matches!(record["value"].as_str(), None | Some("" | "<Unknown extended label>")))
            .map(|record| {
                let field = |key: &str| record[key].as_str().unwrap();
                pick(
                    record["frame"].as_u64().unwrap(),
                    field("name"),
                    field("type"),
                    field("value"),
                )
            })
            .collect();
        let ours: BTreeSet<_> = ours
            .iter()
            .map(|(frame, owner, kind, value)| pick(*frame, owner, kind, value))
            .collect();
        compared += theirs.len();
        for (said, who) in theirs
            .difference(&ours)
            .map(|said| (said, "missing"))
            .chain(ours.difference(&theirs).map(|said| (said, "extra")))
        {
            let _ = writeln!(report, "{name}: {who} {said:?}");
        }
    }
    assert!(report.is_empty(), "\n{report}");
    assert!(compared > 800, "only {compared} records compared");
}

#[test]
fn http_heads_are_those_of_an_independent_tool() {
    let Some(folder) = corpus::folder() else { return };
    let (mut report, mut compared) = (String::new(), 0);
    for name in corpus::names(&folder) {
        let truth = truth(&folder, &name);
        let strings = |request: &serde_json::Value, key: &str| -> Vec<String> {
            request[key]
                .as_array()
                .unwrap()
                .iter()
                .map(|value| value.as_str().unwrap().into())
                .collect()
        };
        let theirs: Vec<_> = truth["http"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| (strings(r, "hosts"), strings(r, "uris"), strings(r, "user_agents")))
            .collect();
        for (packet, number) in corpus::packets(&folder, &name).iter().zip(1..) {
            let frame = dissect(packet.link, &packet.data, packet.original_len);
            let Some(Transport::Tcp(tcp)) = frame.ip().last().map(|ip| ip.transport) else {
                continue;
            };
            if !http::looks_like_request(tcp.payload) {
                continue;
            }
            let Ok(head) = http::request_head(tcp.payload) else {
                continue;
            };
            compared += 1;
            let agent = head.user_agent.map(|agent| String::from_utf8_lossy(agent).into_owned());
            let known = theirs.iter().any(|(hosts, uris, agents)| {
                uris.iter().any(|uri| uri == head.target)
                    && (head.host.is_none()
                        || hosts.iter().any(|host| head.host == Some(host))
                        || head.method == "CONNECT")
                    && agent.as_ref().is_none_or(|agent| agents.contains(agent))
            });
            // The tool does not open the Teredo packets that peers send one another.
            if !known && name != "zeek__Teredo.pcap" {
                let _ = writeln!(report, "{name}: packet {number} {head:?}");
            }
        }
    }
    assert!(report.is_empty(), "\n{report}");
    assert!(compared > 100, "only {compared} heads compared");
}
