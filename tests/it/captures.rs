//! Our own captures (tests/captures), each read through the whole way from a file to an audit and held against the truth that
//! was written beside it when it was made: what the clients did, and what an independent tool counts.
//!
//! Never here: a truth that our own code computed.

use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
};
use telltale_core::{
    audit::{Audit, AuditOptions},
    enrich::Atlas,
    model::{DnsKind, Endpoint, HelloVia, NameSource, Outcome, TransportKind},
};
use telltale_engine::{CaptureError, CaptureFile, Ended, read_capture};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("captures")
}

fn audit(path: &Path) -> Outcome {
    let mut file = CaptureFile::open(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut audit = Audit::new(AuditOptions::default(), Arc::new(Atlas::empty_but_catalogue()));
    let ended = read_capture(&mut file, &mut audit, |_, _| ControlFlow::Continue(()));
    assert_eq!(ended, Ended::Finished, "{}", path.display());
    audit.finish()
}

/// One capture with its truth, and what differs.
struct Case {
    truth: Value,
    ours: Outcome,
    /// Reading stopped early, or packets are cut: names may be missing, but none may be invented.
    partial: bool,
    differs: Vec<String>,
}

impl Case {
    fn list(&self, kind: &str) -> Vec<Value> {
        self.truth[kind].as_array().cloned().unwrap_or_default()
    }

    fn same<T: PartialEq + std::fmt::Debug>(&mut self, what: impl Display, truth: &T, ours: &T) {
        if truth != ours {
            self.differs.push(format!("{what}: truth {truth:?}, ours {ours:?}"));
        }
    }

    /// Both sets are the same; when `partial`, ours has nothing that the truth has not.
    fn same_sets(&mut self, what: &str, truth: &BTreeSet<String>, ours: &BTreeSet<String>) {
        if !self.partial {
            for missing in truth.difference(ours) {
                self.differs.push(format!("{what}: missing {missing}"));
            }
        }
        for extra in ours.difference(truth) {
            self.differs.push(format!("{what}: extra {extra}"));
        }
    }

    fn counts(&mut self) {
        let counts = self.ours.summary.counts.clone();
        if let Some(packets) = self.truth["counts"]["packets"].as_u64() {
            let bytes = number(&self.truth["counts"]["bytes"]);
            self.same("packets", &packets, &counts.packets);
            self.same("bytes", &bytes, &counts.bytes);
        }
        self.same(
            "stops",
            &self.truth["stops"].as_bool().unwrap_or(false),
            &self.ours.summary.source.stopped.is_some(),
        );
        if let Some(cut) = self.truth["cut_short"].as_u64() {
            self.same("packets cut short", &cut, &counts.cut_packets);
        }
        let encrypted = self.truth["encrypted"].as_u64().unwrap_or(0);
        self.same(
            "encrypted by a radio network",
            &encrypted,
            &counts.encrypted_radio_packets,
        );
        let dropped = self.truth["dropped"].clone();
        for (key, ours) in [
            ("by_system", counts.dropped_by_kernel),
            ("by_interface", counts.dropped_by_interface),
        ] {
            self.same(format!("dropped {key}"), &dropped[key].as_u64().unwrap_or(0), &ours);
        }
    }

    /// Flows of the outermost headers, several of one 5-tuple added up, the side with the smaller endpoint first.
    fn flows(&mut self) {
        if self.truth["flows"].is_null() {
            return;
        }
        let mut truth = BTreeMap::new();
        for f in self.list("flows") {
            let tally = |side: &Value| [number(&side["packets"]), number(&side["bytes"])];
            add(
                &mut truth,
                text(&f["transport"]),
                endpoint(&f["a"]),
                endpoint(&f["b"]),
                tally(&f["a2b"]),
                tally(&f["b2a"]),
            );
        }
        let mut ours = BTreeMap::new();
        for f in self.ours.flows.iter().filter(|f| f.tunnel.is_none()) {
            let transport = match f.transport {
                TransportKind::Tcp => "tcp",
                TransportKind::Udp => "udp",
                TransportKind::Ip => continue,
            };
            let (a, b) = (&f.from_initiator, &f.from_responder);
            add(
                &mut ours,
                transport,
                shown(&f.initiator),
                shown(&f.responder),
                [a.packets, a.bytes],
                [b.packets, b.bytes],
            );
        }
        let lines = |m: &BTreeMap<String, [u64; 4]>| m.iter().map(|(k, n)| format!("{k} {n:?}")).collect();
        let partial = std::mem::take(&mut self.partial);
        self.same_sets("flow", &lines(&truth), &lines(&ours));
        self.partial = partial;
    }

    fn carried(&mut self) {
        let inside: BTreeSet<String> = self
            .ours
            .flows
            .iter()
            .filter(|f| f.tunnel.is_some())
            .map(|f| shown(&f.responder))
            .collect();
        let truth: BTreeSet<String> = self.list("carried").iter().map(|f| endpoint(&f["server"])).collect();
        self.same_sets("flow in a tunnel to", &truth, &inside);
    }

    fn hellos(&mut self) {
        let line = |via: &str, sni: &str, server: &str| format!("{via} {sni} {server}");
        let mut truth = BTreeSet::new();
        for h in self.list("hellos") {
            let (via, sni, server) = (
                text(&h["via"]),
                h["sni"].as_str().unwrap_or("-"),
                endpoint(&h["server"]),
            );
            truth.insert(line(via, sni, &server));
            let Some(alpn) = h["alpn"].as_array().filter(|_| !self.partial) else {
                continue;
            };
            let alpn: Vec<&str> = alpn.iter().map(text).collect();
            let found = self.ours.hellos.iter().any(|o| {
                let kept: Vec<&str> = o.alpn.iter().map(AsRef::as_ref).collect();
                // A very long list is kept up to a limit.
                let all = kept.len() == alpn.len() || kept.concat().len() > 100;
                shown(&o.server) == server && o.sni.as_deref().unwrap_or("-") == sni && all && alpn.starts_with(&kept)
            });
            if !found {
                self.differs.push(format!(
                    "hello: no {via} {sni} offers {} protocols in this order",
                    alpn.len()
                ));
            }
        }
        let ours = self
            .ours
            .hellos
            .iter()
            .map(|h| {
                let via = match h.via {
                    HelloVia::Tls => "tls",
                    HelloVia::Quic => "quic",
                    HelloVia::Gquic => "gquic",
                    HelloVia::Dtls => "dtls",
                };
                line(via, h.sni.as_deref().unwrap_or("-"), &shown(&h.server))
            })
            .collect();
        self.same_sets("hello", &truth, &ours);
    }

    fn dns(&mut self) {
        let mut truth = BTreeSet::new();
        for answer in self.list("dns") {
            let (kind, name) = (text(&answer["kind"]), text(&answer["name"]));
            let aliases: Vec<&str> = answer["aliases"].as_array().into_iter().flatten().map(text).collect();
            // A name on the way has the addresses too.
            for known in [name].iter().chain(&aliases) {
                for address in answer["addresses"].as_array().into_iter().flatten() {
                    truth.insert(format!("{kind} {known} {}", text(address)));
                }
            }
            let told = self.ours.dns.iter().find(|d| &*d.name == name);
            if let Some(row) = told.filter(|_| !self.partial) {
                let passed: Vec<String> = row.aliases.iter().map(ToString::to_string).collect();
                self.same(
                    format!("names on the way from {name}"),
                    &aliases.iter().map(ToString::to_string).collect(),
                    &passed,
                );
            }
        }
        let mut ours = BTreeSet::new();
        for answer in &self.ours.dns {
            let kind = match answer.kind {
                DnsKind::Dns => "dns",
                DnsKind::Mdns => "mdns",
                DnsKind::Llmnr => "llmnr",
            };
            for address in &answer.addresses {
                ours.insert(format!("{kind} {} {address}", answer.name));
            }
        }
        self.same_sets("dns", &truth, &ours);
    }

    fn http(&mut self) {
        let line =
            |host: &str, server: String, agent: Option<&str>| format!("{host} {server} {}", agent.unwrap_or("-"));
        let truth = self
            .list("http_hosts")
            .iter()
            .map(|h| line(text(&h["host"]), endpoint(&h["server"]), h["user_agent"].as_str()))
            .collect();
        let ours = self
            .ours
            .http_hosts
            .iter()
            .map(|h| line(&h.host, shown(&h.server), h.user_agent.as_deref()))
            .collect();
        self.same_sets("http", &truth, &ours);
    }

    /// A flow whose client sent no name has one of those in the server's certificate.
    fn certificates(&mut self) {
        for certificate in self.list("certificates") {
            let server = endpoint(&certificate["server"]);
            let flow = self.ours.flows.iter().find(|f| shown(&f.responder) == server);
            let silent = self
                .ours
                .hellos
                .iter()
                .any(|h| shown(&h.server) == server && h.sni.is_none());
            let named = flow.is_some_and(|f| {
                let name = f.name.as_deref().unwrap_or_default();
                let said = certificate["names"].as_array().into_iter().flatten().map(text);
                f.name_source == Some(NameSource::Certificate)
                    && said.map(|n| n.trim_start_matches("*.")).any(|n| n == name)
            });
            if silent && !named {
                let found = flow.map(|f| (f.name.clone(), f.name_source));
                self.differs
                    .push(format!("certificate of {server}: the flow is named {found:?}"));
            }
        }
    }

    fn apps(&mut self) {
        for app in self.list("apps") {
            let Some(found) = self
                .ours
                .summary
                .apps
                .iter()
                .find(|a| Some(i64::from(a.uid)) == app["uid"].as_i64())
                .cloned()
            else {
                self.differs.push(format!("app {} is missing", app["uid"]));
                continue;
            };
            let said = |key: &str| app[key].as_str().map(str::to_owned);
            // PCAPdroid's trailer may cut a label within a letter; that letter's rest may show as a replacement character.
            let label = found.label.map(|l| l.trim_end_matches('\u{fffd}').to_owned());
            self.same("label", &said("label"), &label);
            if let Some(package) = said("package") {
                self.same("package", &Some(package), &found.package);
            }
            for talk in app["talks"].as_array().into_iter().flatten() {
                let has = self.ours.flows.iter().any(|f| {
                    shown(&f.responder) == endpoint(&talk["server"])
                        && Some(u64::from(f.initiator.port)) == talk["local_port"].as_u64()
                        && f.app == Some(found.id)
                });
                if !has {
                    self.differs
                        .push(format!("app {} does not have its flow {talk}", app["uid"]));
                }
            }
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text in the truth")
}

fn number(value: &Value) -> u64 {
    value.as_u64().expect("a number in the truth")
}

fn endpoint(value: &Value) -> String {
    format!("{} {}", text(&value["address"]), number(&value["port"]))
}

fn shown(endpoint: &Endpoint) -> String {
    format!("{} {}", endpoint.address, endpoint.port)
}

fn add(flows: &mut BTreeMap<String, [u64; 4]>, transport: &str, a: String, b: String, ab: [u64; 2], ba: [u64; 2]) {
    let (low, high, first, second) = if a <= b { (a, b, ab, ba) } else { (b, a, ba, ab) };
    let sums = flows.entry(format!("{transport} {low} {high}")).or_default();
    for (sum, more) in sums.iter_mut().zip(first.into_iter().chain(second)) {
        *sum += more;
    }
}

fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("tests/captures")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn our_own_captures_say_what_their_clients_did() {
    let folder = folder();
    let mut wrong = Vec::new();
    let mut held = BTreeSet::new();
    for name in names_in(&folder).iter().filter(|n| n.ends_with(".truth.json")) {
        let bytes = fs::read(folder.join(name)).expect("a truth");
        let truth: Value = serde_json::from_slice(&bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
        let capture = text(&truth["capture"]).to_owned();
        let mut case = Case {
            ours: audit(&folder.join(&capture)),
            partial: !truth["stops"].is_null() || !truth["cut_short"].is_null(),
            truth,
            differs: Vec::new(),
        };
        for check in [
            Case::counts,
            Case::flows,
            Case::carried,
            Case::hellos,
            Case::dns,
            Case::http,
            Case::certificates,
            Case::apps,
        ] {
            check(&mut case);
        }
        wrong.extend(case.differs.into_iter().map(|d| format!("{capture}: {d}")));
        held.insert(capture);
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(held.len() > 50, "only {} captures", held.len());
    let without: Vec<String> = names_in(&folder)
        .into_iter()
        .filter(|n| n.contains(".pcap") && !n.starts_with("not-") && !held.contains(n))
        .collect();
    assert!(without.is_empty(), "captures without a truth: {without:?}");
}

#[test]
fn files_that_are_no_captures_are_refused_by_what_they_look_like() {
    let files: Vec<String> = names_in(&folder())
        .into_iter()
        .filter(|n| n.starts_with("not-"))
        .collect();
    assert!(files.len() >= 4, "{files:?}");
    for name in files {
        let refused = CaptureFile::open(&folder().join(&name)).err();
        assert!(
            matches!(refused, Some(CaptureError::NotACapture(_))),
            "{name}: {refused:?}"
        );
    }
}

#[test]
fn the_example_tells_of_one_phone_and_of_many_companies() {
    let outcome = audit(&folder().join("example.pcapng"));
    let summary = &outcome.summary;
    let phones: Vec<_> = summary
        .devices
        .iter()
        .map(|d| (d.name.as_deref(), d.mac_random))
        .collect();
    assert_eq!(phones, [(Some("Lea-s-phone"), true)]);
    let names: BTreeSet<&str> = outcome
        .servers
        .iter()
        .filter(|s| !s.local)
        .filter_map(|s| s.name.as_deref())
        .collect();
    assert!((35..=60).contains(&names.len()), "{} names: {names:?}", names.len());
    assert!(summary.company_count >= 18, "{} companies", summary.company_count);
    assert!(
        summary.tracker_companies >= 8,
        "{} companies that follow or measure",
        summary.tracker_companies
    );
    let span = summary.span.expect("packets");
    let minutes = (span.last.0 - span.first.0) / 60_000_000_000;
    assert!((10..=15).contains(&minutes), "{minutes} minutes");
    assert!(summary.coverage.clear_text_bytes > 0 && summary.coverage.encrypted_dns_flows > 0);
    let size = fs::metadata(folder().join("example.pcapng"))
        .expect("the example")
        .len();
    assert!(size <= 600_000, "{size} octets are built into the program");
}
