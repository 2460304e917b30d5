//! Files good and bad, and that what is written follows the schema.

use super::*;
use crate::model::{
    AuditSource, Behaviour, Check, Every, Expectation, OutputParser, ProbeResult, Reach, ResultVia, Timestamp,
    ValueTest, Verdict,
};

const ID: &str = "56163b3b-c563-4c03-b30a-3ae2549e98c3";

fn probe(check: Check, behaviour: Behaviour) -> Probe {
    Probe {
        id: ID.to_owned(),
        revision: 3,
        name: "Is the door closed?".to_owned(),
        check,
        behaviour,
        missed: Missed::Once,
        overlap: Overlap::Skip,
        limits: Limits::default(),
        expected: None,
        runs_on: RunsOn::Here,
        enabled: true,
    }
}

fn command(parser: OutputParser) -> Check {
    Check::Command {
        program: "nmap".into(),
        args: vec!["-p".into(), "{target}".into()],
        target: "localhost".into(),
        parser,
    }
}

/// One of each kind of check, behaviour, expectation and runner.
fn all() -> Vec<Probe> {
    let host = || "example.org".to_owned();
    let pattern = "(?<n>[0-9]+)".to_owned();
    let checks = vec![
        Check::Audit {
            source: AuditSource::Device { device: "wlan0".into() },
            seconds: 60,
        },
        Check::Audit {
            source: AuditSource::File {
                path: "/captures/a.pcap".into(),
            },
            seconds: 1,
        },
        Check::Reachability {
            host: host(),
            how: Reach::Icmp,
            attempts: 3,
        },
        Check::Reachability {
            host: host(),
            how: Reach::Tcp { port: 443 },
            attempts: 1,
        },
        Check::Reachability {
            host: host(),
            how: Reach::Udp { port: 53 },
            attempts: 20,
        },
        Check::Dns {
            name: host(),
            record: "AAAA".into(),
            resolvers: vec!["system".into(), "192.0.2.1:5353".into()],
        },
        Check::Tls {
            host: host(),
            port: 443,
            server_name: None,
            warn_days: 14,
        },
        Check::Http {
            url: "https://example.org/".into(),
            method: "HEAD".into(),
            headers: vec![("Accept".into(), "*/*".into())],
        },
        Check::Trace {
            host: host(),
            max_hops: 30,
        },
        Check::Tampering {
            portal_url: Some("http://example.org/204".into()),
            dns_name: Some(host()),
            dns_expected: vec!["192.0.2.1".into()],
            tls_host: None,
            tls_pin: None,
        },
        command(OutputParser::Json),
        command(OutputParser::Lines),
        command(OutputParser::Regex { pattern }),
        command(OutputParser::NmapXml),
    ];
    let once = || Behaviour::OneShot { at: None };
    let mut probes: Vec<_> = checks.into_iter().map(|check| probe(check, once())).collect();
    let periodic = |every| Behaviour::Periodic { every };
    let behaviours = [
        Behaviour::OneShot {
            at: Some(Timestamp(1_795_000_000_000_000_000)),
        },
        periodic(Every::Period { period_s: 31_536_000 }),
        periodic(Every::Calendar {
            weekdays: vec![1, 7],
            times: vec!["07:30".into(), "23:59".into()],
            zone: Some("Europe/Paris".into()),
        }),
        periodic(Every::Calendar {
            weekdays: vec![],
            times: vec!["00:00".into()],
            zone: None,
        }),
        Behaviour::Cyclic { pause_s: 1 },
    ];
    probes.extend(behaviours.map(|behaviour| probe(command(OutputParser::Json), behaviour)));
    let tests = [
        ValueTest::Equals {
            value: json!({"a": [1]}),
        },
        ValueTest::Below { number: 1.5 },
        ValueTest::Above { number: -1.0 },
        ValueTest::Contains { text: "x".into() },
        ValueTest::Unchanged,
    ];
    for test in tests {
        let mut probe = probe(command(OutputParser::Json), once());
        probe.expected = Some(Expectation {
            field: "/output/n".into(),
            test,
        });
        probes.push(probe);
    }
    let role = || "probe".to_owned();
    for runs_on in [RunsOn::Role { role: role() }, RunsOn::EveryAgent { role: role() }] {
        let mut probe = probe(command(OutputParser::Json), once());
        probe.runs_on = runs_on;
        probe.missed = Missed::Skip;
        probe.overlap = Overlap::Wait;
        probe.enabled = false;
        probes.push(probe);
    }
    probes
}

#[test]
fn kinds_are_called_as_in_the_files() {
    let mut seen = std::collections::BTreeSet::new();
    for probe in all() {
        assert_eq!(json!(probe.check)["kind"], kind(&probe.check));
        assert!(!target(&probe.check).is_empty());
        seen.insert(kind(&probe.check));
    }
    assert_eq!(seen, KINDS.iter().copied().collect());
    let check = Check::Reachability {
        host: "2001:db8::1".into(),
        how: Reach::Udp { port: 53 },
        attempts: 1,
    };
    assert_eq!(target(&check), "[2001:db8::1]:53/udp");
}

fn schema(text: &str) -> jsonschema::Validator {
    let schema: Value = serde_json::from_str(text).unwrap();
    assert!(jsonschema::meta::is_valid(&schema));
    jsonschema::validator_for(&schema).unwrap()
}

fn probe_schema() -> jsonschema::Validator {
    schema(include_str!("../../schema/probe.schema.json"))
}

#[test]
fn what_is_written_is_read_again_and_follows_the_schema() {
    let probes = all();
    let text = write(&probes);
    assert_eq!(read(&text).unwrap(), probes);
    let schema = probe_schema();
    for probe in &probes {
        let value = serde_json::to_value(probe).unwrap();
        let wrong: Vec<_> = schema
            .iter_errors(&value)
            .map(|e| format!("{}: {e}", e.instance_path()))
            .collect();
        assert!(wrong.is_empty(), "{value}: {wrong:?}");
        assert_eq!(read(&value.to_string()).unwrap(), std::slice::from_ref(probe), "alone");
    }
}

#[test]
fn the_schema_and_the_check_refuse_the_same() {
    let good = serde_json::to_value(probe(command(OutputParser::Lines), Behaviour::Cyclic { pause_s: 5 })).unwrap();
    let schema = probe_schema();
    assert!(schema.is_valid(&good));
    let calendar = |weekdays: Value, times: Value, zone: Value| json!({"kind": "periodic", "every": {"by": "calendar", "weekdays": weekdays, "times": times, "zone": zone}});
    let expected = |field: &str, test: Value| json!({"field": field, "test": test});
    let audit = |source: Value, seconds: u32| json!({"kind": "audit", "source": source, "seconds": seconds});
    for (place, wrong) in [
        ("name", json!("")),
        ("name", json!("x".repeat(201))),
        ("behaviour", json!({"kind": "cyclic", "pause_s": 0})),
        ("behaviour", json!({"kind": "cyclic", "pause_s": 31_536_001})),
        ("behaviour", json!({"kind": "cyclic"})),
        ("behaviour", json!({"kind": "sometimes"})),
        (
            "behaviour",
            json!({"kind": "periodic", "every": {"by": "period", "period_s": 0}}),
        ),
        ("behaviour", calendar(json!([0]), json!(["07:30"]), json!(null))),
        ("behaviour", calendar(json!([8]), json!(["07:30"]), json!(null))),
        ("behaviour", calendar(json!([1, 1]), json!(["07:30"]), json!(null))),
        ("behaviour", calendar(json!([]), json!([]), json!(null))),
        ("behaviour", calendar(json!([]), json!(["7:30"]), json!(null))),
        ("behaviour", calendar(json!([]), json!(["24:00"]), json!(null))),
        ("behaviour", calendar(json!([]), json!(["07:30"]), json!(""))),
        ("limits", json!({"timeout_s": 0, "output_bytes": 1, "memory_mb": 1})),
        (
            "limits",
            json!({"timeout_s": 86_401, "output_bytes": 1, "memory_mb": 1}),
        ),
        (
            "limits",
            json!({"timeout_s": 1, "output_bytes": 16_777_217, "memory_mb": 1}),
        ),
        ("limits", json!({"timeout_s": 1, "output_bytes": 1, "memory_mb": 0})),
        ("limits", json!({"timeout_s": -1, "output_bytes": 1, "memory_mb": 1})),
        ("expected", expected("status", json!({"is": "unchanged"}))),
        ("expected", expected("/status", json!({"is": "contains", "text": ""}))),
        ("expected", expected("/status", json!({"is": "nice"}))),
        ("runs_on", json!({"by": "role", "role": ""})),
        ("runs_on", json!({"by": "role", "role": "two words"})),
        ("runs_on", json!({"by": "address", "address": "192.0.2.1"})),
        ("check", audit(json!({"from": "device", "device": ""}), 1)),
        ("check", audit(json!({"from": "device", "device": "wlan0"}), 0)),
        ("check", audit(json!({"from": "device", "device": "wlan0"}), 86_401)),
        ("check", json!({"kind": "shell", "line": "rm -rf ."})),
        ("missed", json!("twice")),
        ("overlap", json!("both")),
        ("perod", json!(3)),
    ] {
        let mut bad = good.clone();
        bad[place] = wrong;
        assert!(!schema.is_valid(&bad), "the schema takes {bad}");
        assert!(read(&bad.to_string()).is_err(), "the check takes {bad}");
    }
}

#[test]
fn results_follow_their_schema() {
    let schema = schema(include_str!("../../schema/result.schema.json"));
    let mut result = ProbeResult {
        id: ID.to_owned(),
        probe: ID.to_owned(),
        probe_name: "Is the door closed?".into(),
        kind: "http".into(),
        agent: "local".into(),
        target: "https://example.org/".into(),
        due: Timestamp(1),
        started: Timestamp(1_795_000_000_123_456_789),
        ended: Timestamp(1_795_000_000_123_456_789),
        verdict: Verdict::Expected,
        exit_code: None,
        problem: None,
        summary: "It answered 200.".into(),
        changed: vec!["/status".into()],
        facts: json!({"status": 200}),
        via: ResultVia::Here,
    };
    let verdicts = [
        Verdict::Expected,
        Verdict::Unexpected,
        Verdict::Failed,
        Verdict::TimedOut,
        Verdict::Killed,
    ];
    for verdict in verdicts {
        for via in [ResultVia::Here, ResultVia::Mesh, ResultVia::Http] {
            (result.verdict, result.via) = (verdict, via);
            (result.exit_code, result.problem) = (Some(-1), Some("It did not.".into()));
            assert!(schema.is_valid(&serde_json::to_value(&result).unwrap()), "{result:?}");
        }
    }
    result.facts = Value::Null;
    let good = serde_json::to_value(&result).unwrap();
    assert!(schema.is_valid(&good));
    for (place, wrong) in [
        ("id", json!("7")),
        ("verdict", json!("fine")),
        ("started", json!("2026-11-22")),
        ("facts", json!("text")),
        ("changed", json!([1])),
        ("via", json!("post")),
        ("summary", json!(null)),
        ("more", json!(1)),
    ] {
        let mut bad = good.clone();
        bad[place] = wrong;
        assert!(!schema.is_valid(&bad), "the schema takes {bad}");
    }
}

#[test]
fn a_short_probe_gets_the_rest() {
    let short = json!({"name": "Shop", "check": {"kind": "trace", "host": "example.org", "max_hops": 8},
        "behaviour": {"kind": "cyclic", "pause_s": 60}});
    let [probe] = &read(&short.to_string()).unwrap()[..] else {
        panic!("one probe")
    };
    assert_eq!((probe.id.as_str(), probe.revision, probe.enabled), ("", 1, true));
    assert_eq!((probe.limits, probe.missed), (Limits::default(), Missed::Once));
    let two = json!({"schema": SCHEMA, "probes": [short, short]});
    assert_eq!(read(&two.to_string()).unwrap().len(), 2);
    assert_eq!(read(&json!([short, short]).to_string()).unwrap().len(), 2);
}

#[test]
fn what_is_no_probe_file_says_why() {
    let deep = "[".repeat(100_000);
    let many = Value::Array(vec![json!({}); MAX_PROBES + 1]).to_string();
    let large = " ".repeat(MAX_FILE + 1);
    for (text, why) in [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[]", "0 probes"),
        ("3", "not an object"),
        ("{}", "missing field `name`"),
        (r#"{"schema": "telltale.probes/2", "probes": []}"#, "telltale.probes/1"),
        (r#"{"probes": []}"#, "telltale.probes/1"),
        (r#"{"schema": "telltale.probes/1", "probes": {}}"#, "not a list"),
        (&deep, "not JSON"),
        (&many, "1001 probes"),
        (&large, "4 MB"),
    ] {
        let refused = read(text).unwrap_err().to_string();
        assert!(refused.contains(why), "{refused} should say {why}");
    }
}

/// Scandale's own example file.
fn scandale(change: impl Fn(&mut Value)) -> Result<Vec<Probe>, Refusal> {
    let mut file = json!({"uuid": ID, "version": "1.0", "type": "scan", "period": 3600, "target": "", "command": "fortune",
        "format": "nmap", "args": [], "jid": "probe1@localhost", "passwd": "a secret", "up_agent": "engine@localhost"});
    change(&mut file);
    read(&file.to_string())
}

#[test]
fn scandales_file_is_read() {
    let probes = scandale(|_| ()).unwrap();
    let every = Every::Period { period_s: 3_600 };
    let wanted = Probe {
        id: ID.to_owned(),
        revision: 1,
        name: "fortune".into(),
        check: Check::Command {
            program: "fortune".into(),
            args: vec![],
            target: String::new(),
            parser: OutputParser::Lines,
        },
        behaviour: Behaviour::Periodic { every },
        missed: Missed::Once,
        overlap: Overlap::Skip,
        limits: Limits::default(),
        expected: None,
        runs_on: RunsOn::Here,
        enabled: false,
    };
    assert_eq!(probes, [wanted]);
    assert!(!write(&probes).contains("secret"), "no password is kept");
}

#[test]
fn a_command_line_becomes_arguments() {
    let args = |command: &str, args: Value, target: &str| {
        let probes = scandale(|file| {
            file["command"] = command.into();
            file["args"] = args.clone();
            file["target"] = target.into();
        });
        match probes.unwrap().remove(0).check {
            Check::Command {
                program, args, parser, ..
            } => (program, args.join("|"), parser),
            other => panic!("{other:?}"),
        }
    };
    let (program, words, parser) = args("nmap -p 443 --script 'my scan.nse' 127.0.0.1", json!([]), "");
    assert_eq!((program.as_str(), parser), ("nmap", OutputParser::NmapXml));
    assert_eq!(
        words, "-oX|-|-p|443|--script|my scan.nse|127.0.0.1",
        "nmap writes XML if it is asked to"
    );
    let (_, words, _) = args("/usr/bin/nmap -oX - 127.0.0.1", json!(["-p", 443]), "127.0.0.1");
    assert_eq!(words, "-oX|-|{target}|-p|443");
    let (_, words, _) = args("check --host={target}", json!(["-v"]), "a b; rm x");
    assert_eq!(
        words, "--host={target}|-v",
        "a target is one argument, whatever it has in it"
    );
    let (_, words, _) = args("ping -c 1", json!([]), "localhost");
    assert_eq!(words, "-c|1|{target}");
    for wrong in ["", "  ", "a | b", "cat $HOME", "''"] {
        assert!(scandale(|file| file["command"] = wrong.into()).is_err(), "{wrong}");
    }
    assert!(scandale(|file| file["args"] = json!([{}])).is_err());
    assert!(scandale(|file| file["command"] = json!(["fortune"])).is_err());
}

#[test]
fn pumpkins_file_is_read() {
    let pumpkin = json!({"uuid": "", "period": 3600, "target": "", "command": "fortune", "args": [],
        "jid": "probe1@localhost", "passwd": "a secret"});
    let probe = read(&pumpkin.to_string()).unwrap().remove(0);
    assert_eq!(
        (probe.id.as_str(), probe.name.as_str(), probe.enabled),
        ("", "fortune", false)
    );
    let both = json!([pumpkin, pumpkin]);
    assert_eq!(read(&both.to_string()).unwrap().len(), 2);
}

#[test]
fn the_words_that_nobody_read_there_are_read_here() {
    let one = |change: &dyn Fn(&mut Value)| scandale(change).map(|mut probes| probes.remove(0));
    for (period, behaviour) in [
        (json!(0), Some(Behaviour::OneShot { at: None })),
        (json!(null), Some(Behaviour::OneShot { at: None })),
        (
            json!("60"),
            Some(Behaviour::Periodic {
                every: Every::Period { period_s: 60 },
            }),
        ),
        (
            json!(0.5),
            Some(Behaviour::Periodic {
                every: Every::Period { period_s: 1 },
            }),
        ),
        (json!(-1), None),
        (json!("soon"), None),
        (json!(1e12), None),
        (json!([]), None),
    ] {
        let read = one(&|file: &mut Value| file["period"] = period.clone());
        assert_eq!(read.ok().map(|p| p.behaviour), behaviour, "{period}");
    }
    let json = one(&|file: &mut Value| {
        file["result_parser"] = "json".into();
        file["expected_value"] = json!({"open": false});
    });
    let json = json.unwrap();
    let value = json!({"open": false});
    assert_eq!(
        json.expected.map(|e| (e.field, e.test)),
        Some(("/json".into(), ValueTest::Equals { value }))
    );
    let lines = one(&|file: &mut Value| file["expected_value"] = "7".into()).unwrap();
    assert_eq!(lines.expected.map(|e| e.field), Some("/lines".into()));
    assert!(
        one(&|file: &mut Value| file["bash"] = "x".into()).is_err(),
        "an unknown word"
    );
}
