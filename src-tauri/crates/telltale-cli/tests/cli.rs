//! The terminal's promises, held on the built program: exit codes, what goes to which stream, what is left on the disk.
//!
//! Captures are those of `tests/captures`. Never here: whether an audit is right, which other tests say.
#![allow(clippy::unwrap_used, reason = "a test that cannot run its program fails")]

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const CLI: &str = env!("CARGO_BIN_EXE_telltale-cli");

fn capture(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/captures");
    folder.canonicalize().unwrap().join(name).to_str().unwrap().to_owned()
}

fn run(arguments: &[&str]) -> Output {
    Command::new(CLI).args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Runs and expects an exit code; gives what was said on stderr.
#[track_caller]
fn refused(code: i32, arguments: &[&str]) -> String {
    let output = run(arguments);
    let said = text(&output.stderr).to_owned();
    assert_eq!(output.status.code(), Some(code), "{arguments:?} said {said}");
    assert!(
        output.stdout.is_empty(),
        "{arguments:?} printed {}",
        text(&output.stdout)
    );
    said
}

/// The audit of a capture as JSON from stdout.
#[track_caller]
fn audit(arguments: &[&str]) -> (Value, String) {
    let output = run(&[&["audit", "--json", "-"], arguments].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    (
        serde_json::from_slice(&output.stdout).unwrap(),
        text(&output.stderr).to_owned(),
    )
}

fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().file_name().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn an_audit_as_json_goes_to_stdout_alone() {
    let (json, said) = audit(&[&capture("example.pcapng")]);
    assert_eq!(json["schema"], "telltale.audit/1");
    assert!(
        json["counts"]["packets"].as_u64().unwrap() > 1_000,
        "{}",
        json["counts"]
    );
    assert!(!json["flows"].as_array().unwrap().is_empty());
    assert_eq!(said, "", "nothing to say about a sound file");
}

#[test]
fn without_an_output_the_answer_is_one_sentence_in_the_language_asked() {
    let example = capture("example.pcapng");
    let (english, french) = (run(&["audit", &example]), run(&["audit", &example, "--lang", "fr"]));
    for output in [&english, &french] {
        assert_eq!(output.status.code(), Some(0));
        assert!(text(&output.stdout).ends_with('\n') && text(&output.stdout).trim().len() > 20);
    }
    assert_ne!(english.stdout, french.stdout);
}

#[test]
fn all_reports_are_written_in_one_run_and_nothing_else_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (json, csv, html) = (path("a.json"), path("a.csv"), path("a.html"));
    fs::write(&json, "an older report").unwrap();
    let example = capture("example.pcapng");
    let output = run(&[
        "audit", &example, "--json", &json, "--csv", &csv, "--html", &html, "--lang", "fr",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(output.stdout.is_empty());
    assert_eq!(names_in(folder.path()), ["a.csv", "a.html", "a.json"]);
    let audit: Value = serde_json::from_slice(&fs::read(&json).unwrap()).unwrap();
    assert_eq!(audit["schema"], "telltale.audit/1");
    assert!(
        fs::read_to_string(&csv).unwrap().lines().count() > 1,
        "a head and a row for each server"
    );
    let page = fs::read_to_string(&html).unwrap();
    assert!(page.to_lowercase().starts_with("<!doctype html>") && page.contains("lang=\"fr\""));
    assert!(!page.contains("<script"), "the page shows, it does not run");
}

#[test]
fn the_same_capture_gives_the_same_csv() {
    let example = capture("example.pcapng");
    let once = run(&["audit", &example, "--csv", "-"]);
    assert_eq!(once.status.code(), Some(0));
    assert_eq!(once.stdout, run(&["audit", &example, "--csv", "-"]).stdout);
}

#[test]
fn the_device_can_be_told() {
    let base = capture("base.pcapng");
    let (found, _) = audit(&[&base]);
    let responder = found["flows"][0]["responder"]["address"].as_str().unwrap().to_owned();
    let (told, _) = audit(&[&base, "--device", &responder]);
    let devices = told["devices"].as_array().unwrap();
    assert_eq!(devices.len(), 1, "{devices:?}");
    assert_eq!(devices[0]["addresses"][0], responder.as_str());
}

#[test]
fn a_damaged_file_is_read_up_to_its_damage_and_says_so() {
    for name in ["cut-in-packet.pcap", "cut-in-block.pcapng", "pcap-cut-packed.pcap.gz"] {
        let (json, said) = audit(&[&capture(name)]);
        assert!(json["counts"]["packets"].as_u64().unwrap() > 0, "{name}");
        assert!(said.starts_with("telltale-cli: ") && said.contains(name), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn what_is_no_capture_ends_with_3_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut inputs: Vec<_> = ["not-empty.pcap", "not-har.pcap", "not-text.pcap", "not-zip.pcapng"]
        .map(capture)
        .into_iter()
        .collect();
    inputs.push(folder.path().join("nothing-here.pcap").to_str().unwrap().to_owned());
    inputs.push(folder.path().to_str().unwrap().to_owned());
    for input in inputs {
        let out = folder.path().join("out.json");
        let said = refused(3, &["audit", &input, "--json", out.to_str().unwrap()]);
        assert!(said.starts_with("telltale-cli: ") && said.contains(&input), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(!out.exists(), "no report of what was not read");
    }
    assert!(
        refused(3, &["audit", &capture("not-zip.pcapng")])
            .to_lowercase()
            .contains("zip")
    );
}

#[test]
fn a_wrong_command_line_ends_with_2_and_says_how() {
    let example = capture("example.pcapng");
    let wrong: &[&[&str]] = &[
        &[],
        &["audit"],
        &["lookup"],
        &["listen"],
        &["audit", &example, "--jsn", "-"],
        &["audit", &example, "--device", "my phone"],
        &["audit", &example, "--lang", "de"],
    ];
    for arguments in wrong {
        let said = refused(2, arguments);
        assert!(said.contains("Usage") || said.contains("--help"), "{said}");
    }
}

#[test]
fn a_report_that_cannot_be_written_ends_with_1() {
    let (base, folder) = (capture("base.pcapng"), tempfile::tempdir().unwrap());
    let nowhere = folder.path().join("no-such-folder/a.json");
    let said = refused(1, &["audit", &base, "--json", nowhere.to_str().unwrap()]);
    assert!(said.contains("no-such-folder"), "{said}");
    #[cfg(target_os = "linux")]
    for form in ["--json", "--csv", "--html"] {
        assert!(refused(1, &["audit", &base, form, "/dev/full"]).contains("/dev/full"));
    }
}

/// A disk that fills up while the report is written: a limit on the size of files, whose signal is ignored.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_old_report_and_no_half_of_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("a.json");
    fs::write(&report, "an older report").unwrap();
    let limited = "trap '' XFSZ; ulimit -f 16; exec \"$@\"";
    let output = Command::new("sh")
        .args(["-c", limited, "sh", CLI, "audit", &capture("example.pcapng"), "--json"])
        .arg(&report)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("a.json"), "{}", text(&output.stderr));
    assert_eq!(fs::read_to_string(&report).unwrap(), "an older report");
    assert_eq!(names_in(folder.path()), ["a.json"]);
}

/// A reader that goes away, as `head` does, is an output that cannot be written, and no crash.
#[test]
fn a_reader_that_goes_away_is_no_crash() {
    let example = capture("example.pcapng");
    let many: Vec<_> = (0..4_000).map(|n| format!("host-{n}.example.com")).collect();
    let lookup: Vec<_> = ["lookup"].into_iter().chain(many.iter().map(String::as_str)).collect();
    for arguments in [
        &["audit", &example, "--json", "-"][..],
        &["audit", &example, "--html", "-"],
        &lookup,
    ] {
        let mut child = Command::new(CLI)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(!said.contains("panicked"), "{said}");
    }
}

#[test]
fn a_look_up_answers_in_the_order_asked() {
    let asked = [
        "www.wikipedia.org",
        "https://app-measurement.com/a?b",
        "8.8.8.8",
        "::1",
        "not a name!",
        "WWW.Wikipedia.ORG.",
    ];
    let output = run(&[&["lookup", "--json"], &asked[..]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let rows: Value = serde_json::from_slice(&output.stdout).unwrap();
    let rows = rows.as_array().unwrap();
    assert_eq!(
        rows.iter().map(|r| r["query"].as_str().unwrap()).collect::<Vec<_>>(),
        asked
    );
    for row in rows {
        for field in [
            "owner",
            "service",
            "purpose",
            "tracker",
            "organisation",
            "country",
            "sources",
        ] {
            assert!(row.get(field).is_some(), "{row} lacks {field}");
        }
        assert!(row["tracker"].is_boolean() && row["sources"].is_array(), "{row}");
    }
    let [site, tracker, address, loopback, nonsense, again] = rows.iter().collect::<Vec<_>>()[..] else {
        panic!()
    };
    assert_eq!(
        (&site["registrable_domain"], &site["tracker"]),
        (&"wikipedia.org".into(), &false.into())
    );
    assert!(
        site["owner"].is_string() && !site["sources"].as_array().unwrap().is_empty(),
        "{site}"
    );
    assert_eq!(
        (&tracker["tracker"], &tracker["owner"]),
        (&true.into(), &"Google".into()),
        "{tracker}"
    );
    assert!(
        address["organisation"].is_string() && address["country"].is_string(),
        "{address}"
    );
    assert!(loopback["owner"].is_null() && nonsense["owner"].is_null());
    assert_eq!(nonsense["valid"], false);
    assert_eq!(
        site["owner"], again["owner"],
        "letters' case and the last dot do not matter"
    );
}

#[test]
fn a_look_up_for_people_says_company_and_source() {
    let output = run(&["lookup", "app-measurement.com", "???"]);
    assert_eq!(output.status.code(), Some(0));
    let said = text(&output.stdout);
    assert!(
        said.contains("Google") && said.contains("tracker") && said.contains("neither a name nor an address"),
        "{said}"
    );
}

#[test]
fn the_help_tells_the_exit_codes() {
    let output = run(&["--help"]);
    assert_eq!(output.status.code(), Some(0));
    let said = text(&output.stdout);
    assert!(
        ["Exit codes", "0 ", "1 ", "2 ", "3 ", "4 "]
            .iter()
            .all(|word| said.contains(word)),
        "{said}"
    );
    let version = run(&["--version"]);
    assert_eq!(
        text(&version.stdout).trim(),
        format!("telltale-cli {}", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn paths_may_hold_anything() {
    let folder = tempfile::tempdir().unwrap();
    let odd: PathBuf = folder.path().join("my phone's café, 1.pcapng");
    fs::copy(capture("base.pcapng"), &odd).unwrap();
    let (json, said) = audit(&[odd.to_str().unwrap()]);
    assert_eq!(json["schema"], "telltale.audit/1");
    assert_eq!(said, "");
}

#[test]
fn devices_are_listed_for_people_and_for_programs() {
    let (plain, told) = (run(&["devices"]), run(&["devices", "--json"]));
    assert_eq!((plain.status.code(), told.status.code()), (Some(0), Some(0)));
    let devices: Vec<Value> = serde_json::from_slice(&told.stdout).unwrap();
    let itself = devices.iter().find(|d| d["kind"] == "loopback").expect("the loopback");
    assert!(text(&plain.stdout).contains(itself["name"].as_str().unwrap()));
    for key in ["up", "running", "default_route", "likely"] {
        assert!(itself[key].is_boolean(), "{key} of {itself}");
    }
    for key in ["received_bytes", "sent_bytes", "received_packets", "sent_packets"] {
        assert!(itself[key].is_u64(), "{key} of {itself}");
    }
}

/// What needs rights and a phone is tried by `tests/live`.
#[test]
fn a_watch_that_cannot_be_is_refused_before_it_begins() {
    let said = refused(4, &["watch", "no-such-device"]);
    assert!(
        said.contains("no-such-device") && said.contains("lo"),
        "it names those that are there: {said}"
    );
    refused(2, &["watch"]);
    refused(2, &["watch", "lo", "--duration", "0"]);
    let said = refused(2, &["watch", "lo", "--filter", "udp prot 53"]);
    let lines: Vec<_> = said.lines().collect();
    let [.., expression, mark] = lines[..] else {
        panic!("{said}")
    };
    assert_eq!(
        mark.find('^'),
        expression.find("prot"),
        "the mark stands below the word that is wrong: {said}"
    );
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("none/audit.json");
    let said = refused(1, &["watch", "lo", "--json", nowhere.to_str().unwrap()]);
    assert!(said.contains("there is no such folder"), "{said}");
}
