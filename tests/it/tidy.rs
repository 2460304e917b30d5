//! The rules of the house, held as tests: what lies where, which room may say which word, how long things may be.
//!
//! Each rule lists every place that breaks it. Change a rule together with the code map in `README.md`, never to let one line
//! through. Never here: what clippy and rustc hold already.

mod house;

use house::{HOUSE, Ignored, SourceFile, file, root};
use std::collections::BTreeSet;
use std::fs;
use toml::Table;

const CRATES: &str = "src-tauri/crates";

/// The crates, and which of ours each may import; the arrows of the code map.
const ROOMS: &[(&str, &[&str])] = &[
    ("src-tauri/crates/telltale-wire", &[]),
    ("src-tauri/crates/telltale-capture", &[]),
    ("src-tauri/crates/telltale-core", &["telltale-wire"]),
    ("src-tauri/crates/telltale-data", &["telltale-core"]),
    ("src-tauri/crates/telltale-report", &["telltale-core"]),
    ("src-tauri/crates/telltale-hotspot", &[]),
    ("src-tauri/crates/telltale-mesh", &["telltale-core"]),
    (
        "src-tauri/crates/telltale-engine",
        &[
            "telltale-capture",
            "telltale-core",
            "telltale-hotspot",
            "telltale-mesh",
            "telltale-report",
            "telltale-wire",
        ],
    ),
    (
        "src-tauri/crates/telltale-cli",
        &["telltale-core", "telltale-engine", "telltale-report"],
    ),
    ("src-tauri", &["telltale-core", "telltale-engine"]),
    (
        "tests",
        &[
            "telltale-capture",
            "telltale-core",
            "telltale-engine",
            "telltale-mesh",
            "telltale-report",
            "telltale-wire",
        ],
    ),
];

/// Crates of others that belong to one room, and the rooms that may name them in their manifest.
const OUTSIDE: &[(&str, &[&str])] = &[
    ("etherparse", &["telltale-wire"]),
    ("httparse", &["telltale-wire"]),
    ("maxminddb", &["telltale-core", "telltale-data"]),
    ("psl", &["telltale-core", "telltale-data"]),
    ("pcap", &["telltale-capture"]),
    ("if-addrs", &["telltale-capture"]),
    ("plotters", &["telltale-report"]),
    ("plotters-svg", &["telltale-report"]),
    ("csv", &["telltale-report", "telltale-data"]),
    ("sqlx", &["telltale-engine"]),
    ("tracing", &["telltale-engine", "telltale-cli"]),
    (
        "tokio",
        &[
            "telltale-engine",
            "telltale-hotspot",
            "telltale-mesh",
            "telltale",
            "telltale-cli",
            "telltale-tests",
        ],
    ),
    ("tokio-xmpp", &["telltale-mesh"]),
    ("xmpp-parsers", &["telltale-mesh"]),
    ("sasl", &["telltale-mesh"]),
    ("rustls-native-certs", &["telltale-mesh", "telltale-engine"]),
    ("tokio-rustls", &["telltale-mesh", "telltale-engine"]),
    ("hickory-resolver", &["telltale-mesh", "telltale-engine"]),
    ("axum", &["telltale-engine"]),
    ("nix", &["telltale-engine"]),
    ("roxmltree", &["telltale-engine"]),
    ("webpki-roots", &["telltale-engine"]),
    ("x509-parser", &["telltale-engine"]),
    ("jiff", &["telltale-core", "telltale-engine", "telltale-mesh"]),
    ("hyper", &["telltale-engine"]),
    ("hyper-util", &["telltale-engine"]),
    ("tokio-io-timeout", &["telltale-engine"]),
    ("zbus", &["telltale-hotspot", "telltale-engine"]),
    ("qrcode", &["telltale-hotspot"]),
    ("tauri", &["telltale"]),
    ("tauri-specta", &["telltale"]),
    ("tauri-plugin-dialog", &["telltale"]),
    ("notify-rust", &["telltale"]),
    ("specta", &["telltale", "telltale-core"]),
];

/// A word, what kind of file it is looked for in, and the only places that may say it.
const WORDS: &[(&str, &str, &[&str])] = &[
    (
        "sqlx::",
        "rs",
        &[
            "src-tauri/crates/telltale-engine/src/store/",
            "src-tauri/crates/telltale-engine/src/error.rs",
        ],
    ),
    ("tauri::", "rs", &["src-tauri/src/"]),
    (
        "specta::",
        "rs",
        &["src-tauri/src/", "src-tauri/crates/telltale-core/src/model/"],
    ),
    ("pcap::", "rs", &["src-tauri/crates/telltale-capture/"]),
    (
        "zbus::",
        "rs",
        &[
            "src-tauri/crates/telltale-hotspot/",
            "src-tauri/crates/telltale-engine/src/password/keyring.rs",
        ],
    ),
    (
        "hyper::",
        "rs",
        &[
            "src-tauri/crates/telltale-engine/src/api/",
            "src-tauri/crates/telltale-engine/src/doors/",
            "src-tauri/crates/telltale-engine/src/checks/",
            "src-tauri/crates/telltale-engine/src/outputs/",
        ],
    ),
    ("tokio_xmpp::", "rs", &["src-tauri/crates/telltale-mesh/"]),
    ("xmpp_parsers::", "rs", &["src-tauri/crates/telltale-mesh/"]),
    ("axum::", "rs", &["src-tauri/crates/telltale-engine/src/api/"]),
    ("plotters", "rs", &["src-tauri/crates/telltale-report/"]),
    (
        "maxminddb::",
        "rs",
        &[
            "src-tauri/crates/telltale-core/src/enrich/",
            "src-tauri/crates/telltale-data/",
        ],
    ),
    (
        "SystemTime::now",
        "rs",
        &[
            "src-tauri/crates/telltale-engine/",
            "src-tauri/crates/telltale-capture/src/bin/telltale-capd/stream.rs",
        ],
    ),
    (
        "Instant::now",
        "rs",
        &[
            // The terminal waits so long for an audit to end, and no longer.
            "src-tauri/crates/telltale-cli/src/watch.rs",
            "src-tauri/crates/telltale-cli/tests/",
            "src-tauri/crates/telltale-engine/",
            "src-tauri/crates/telltale-data/",
            "src-tauri/crates/telltale-capture/src/bin/telltale-capd/stream.rs",
            // An agent waits for confirmations and answers by a clock that nobody sets; time stamps come in.
            "src-tauri/crates/telltale-mesh/src/agent/",
            "src-tauri/crates/telltale-mesh/tests/",
        ],
    ),
    (
        "tracing::",
        "rs",
        &[
            "src-tauri/crates/telltale-engine/",
            // Where what the engine says is written down.
            "src-tauri/crates/telltale-cli/src/agent/log.rs",
        ],
    ),
    ("@tauri-apps", "ts", &["ui/src/ipc/"]),
    ("@tauri-apps", "svelte", &[]),
    ("invoke(", "ts", &["ui/src/ipc/"]),
    ("invoke(", "svelte", &[]),
    ("listen(", "ts", &["ui/src/ipc/"]),
    ("listen(", "svelte", &[]),
    ("{@html", "svelte", &[]),
    ("innerHTML", "ts", &[]),
    ("innerHTML", "svelte", &[]),
    ("XMLHttpRequest", "ts", &[]),
    ("WebSocket(", "ts", &[]),
    ("window.fetch", "ts", &[]),
    ("fetch('", "ts", &[]),
    ("fetch('", "svelte", &[]),
];

/// Names that say nothing; a type is called by what it is.
const EMPTY_NAMES: &[&str] = &[
    "Manager",
    "Helper",
    "Util",
    "Utils",
    "Processor",
    "Handler",
    "Info",
    "Data",
];

/// Names that end like those above, but are the field's own: RDATA of RFC 1035.
const FIELD_NAMES: &[&str] = &["RecordData"];

/// Files of the wire that read no bytes of a stranger by themselves: each other one has a fuzz target.
const NO_PARSER: &[&str] = &["lib", "error", "frame", "reader", "octets", "link_type", "ether_type"];

/// Fails with every line that `broken` holds.
#[track_caller]
fn none(rule: &str, broken: &[String]) {
    assert!(broken.is_empty(), "{rule}\n  {}", broken.join("\n  "));
}

fn sources(extension: &str) -> impl Iterator<Item = &'static SourceFile> {
    HOUSE.iter().filter(move |f| f.is(extension))
}

fn manifest(room: &str) -> Table {
    file(&format!("{room}/Cargo.toml"))
        .text
        .parse()
        .unwrap_or_else(|e| panic!("{room}/Cargo.toml: {e}"))
}

/// Names in `[dependencies]` and `[build-dependencies]`, also below `[target]`; with `dev`, `[dev-dependencies]` alone.
fn dependencies(table: &Table, dev: bool) -> BTreeSet<String> {
    let kinds: &[&str] = if dev {
        &["dev-dependencies"]
    } else {
        &["dependencies", "build-dependencies"]
    };
    let mut names = BTreeSet::new();
    for (key, value) in table.iter().filter_map(|(k, v)| Some((k, v.as_table()?))) {
        if kinds.contains(&key.as_str()) {
            names.extend(value.keys().cloned());
        } else if key == "target" {
            names.extend(
                value
                    .values()
                    .filter_map(|v| v.as_table())
                    .flat_map(|t| dependencies(t, dev)),
            );
        }
    }
    names
}

#[test]
fn the_top_level_is_what_the_code_map_says() {
    let left_out = Ignored::read();
    let entries = fs::read_dir(root())
        .expect("the house can be listed")
        .map(|e| e.expect("an entry").path());
    let there: BTreeSet<String> = entries
        .filter(|path| !left_out.holds(path))
        .filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
        .filter(|name| !name.starts_with('.'))
        .collect();
    let wanted = [
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE",
        "README.md",
        "icons",
        "package-lock.json",
        "package.json",
    ];
    let wanted = wanted
        .into_iter()
        .chain(["src-tauri", "tests", "ui"])
        .map(str::to_owned)
        .collect();
    assert_eq!(there, wanted, "the top level is fixed");
}

#[test]
fn rooms_import_only_the_rooms_below_them() {
    let workspace: Table = file("Cargo.toml").text.parse().expect("Cargo.toml");
    let members = workspace["workspace"]["members"].as_array().expect("members");
    let members: BTreeSet<_> = members.iter().filter_map(|m| m.as_str()).collect();
    assert_eq!(
        members,
        ROOMS.iter().map(|(room, _)| *room).collect(),
        "a member without a line in ROOMS, or the reverse"
    );

    let mut broken = Vec::new();
    for (room, may) in ROOMS {
        let manifest = manifest(room);
        let mut named = dependencies(&manifest, false);
        named.extend(dependencies(&manifest, true));
        let ours = named.iter().filter(|n| n.starts_with("telltale"));
        broken.extend(
            ours.filter(|n| !may.contains(&n.as_str()))
                .map(|n| format!("{room} imports {n}")),
        );
    }
    none("an arrow that the code map does not have", &broken);
}

#[test]
fn libraries_of_others_stay_in_the_room_that_owns_them() {
    let mut broken = Vec::new();
    for (room, _) in ROOMS {
        let manifest = manifest(room);
        let name = manifest["package"]["name"].as_str().expect("a name").to_owned();
        let named = dependencies(&manifest, false);
        let foreign = OUTSIDE
            .iter()
            .filter(|(lib, owners)| named.contains(*lib) && !owners.contains(&name.as_str()));
        broken.extend(foreign.map(|(lib, owners)| format!("{name} depends on {lib}, which belongs to {owners:?}")));
    }
    none("a library in the wrong room", &broken);
}

#[test]
fn members_say_their_purpose_and_obey_the_lints() {
    let mut broken = Vec::new();
    for (room, _) in ROOMS {
        let manifest = manifest(room);
        if manifest["package"]
            .get("description")
            .and_then(|d| d.as_str())
            .is_none_or(str::is_empty)
        {
            broken.push(format!("{room} has no description"));
        }
        if manifest
            .get("lints")
            .and_then(|l| l.get("workspace"))
            .and_then(toml::Value::as_bool)
            != Some(true)
        {
            broken.push(format!("{room} does not take the workspace's lints"));
        }
    }
    none("manifests", &broken);
}

#[test]
fn words_are_said_in_their_room_only() {
    let mut broken = Vec::new();
    for (word, kind, places) in WORDS {
        for source in sources(kind).filter(|f| !f.below(places) && !f.below(&["tests/", ".ci/"])) {
            let said = source.code().filter(|(_, line)| says(line, word));
            broken.extend(said.map(|(n, _)| format!("{}:{n} says {word}", source.path)));
        }
    }
    none("a word of another room", &broken);
}

/// Whether `word` stands in `line` by itself: `telltale_pcap::` is not `pcap::`.
fn says(line: &str, word: &str) -> bool {
    let starts_name = word.starts_with(|c: char| c.is_ascii_alphanumeric());
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !(starts_name && before.is_some_and(|c| c.is_ascii_alphanumeric() || "_.-#".contains(c)))
    })
}

#[test]
fn files_are_short() {
    let limits = [("rs", 500), ("ts", 500), ("svelte", 200), ("mjs", 500)];
    let long = limits
        .iter()
        .flat_map(|(kind, most)| sources(kind).map(move |f| (f, *most)));
    let long = long.filter(|(f, _)| !f.is_test() && f.path != "ui/src/ipc/bindings.ts");
    let broken: Vec<_> = long
        .filter(|(f, most)| f.length() > *most)
        .map(|(f, most)| format!("{}: {} lines of code, at most {most}", f.path, f.length()))
        .collect();
    none("long files", &broken);
}

#[test]
fn functions_are_short() {
    // Aim at 60 lines; what is longer than this is two functions.
    const MOST: usize = 75;
    // Tables that are written as functions.
    const TABLES: &[&str] = &[
        "src-tauri/crates/telltale-data/src/manifest.rs",
        "src-tauri/src/bridge.rs",
    ];
    let mut broken = Vec::new();
    for source in sources("rs").filter(|f| !f.is_test() && !TABLES.contains(&f.path.as_str())) {
        let lines: Vec<_> = source.code().map(|(_, line)| line.trim_end()).collect();
        for (at, line) in lines.iter().enumerate() {
            let words = line.trim_start();
            if !words
                .split_whitespace()
                .take_while(|w| !w.starts_with("//"))
                .take(5)
                .any(|w| w == "fn")
            {
                continue;
            }
            let end = format!("{}}}", &line[..line.len() - words.len()]);
            let body = lines[at..]
                .iter()
                .take_while(|l| **l != end)
                .filter(|l| !l.is_empty())
                .count();
            if line.ends_with('{') && body > MOST {
                broken.push(format!("{}:{} has {body} lines, at most {MOST}", source.path, at + 1));
            }
        }
    }
    none("long functions", &broken);
}

#[test]
fn commands_only_translate() {
    let mut broken = Vec::new();
    for source in sources("rs").filter(|f| f.below(&["src-tauri/src/"])) {
        let lines: Vec<_> = source.text.lines().collect();
        for at in (0..lines.len()).filter(|at| lines[*at] == "#[tauri::command]") {
            let from = at
                + lines[at..]
                    .iter()
                    .position(|l| l.contains("fn "))
                    .expect("a command is a function");
            let to = from + lines[from..].iter().position(|l| *l == "}").expect("a function ends");
            let place = format!("{}:{}", source.path, from + 1);
            let opens = from + lines[from..].iter().position(|l| l.ends_with('{')).expect("a body");
            if to - opens > 15 {
                broken.push(format!("{place} has {} lines, at most 15", to - opens));
            }
            // One that is not async runs on the thread that draws the window, and freezes it.
            if !lines[from].contains("async fn") {
                broken.push(format!("{place} is not async"));
            }
            if !source.below(&["src-tauri/src/command/", "src-tauri/src/live.rs"]) {
                broken.push(format!("{place} does not stand in command/"));
            }
        }
    }
    none("commands", &broken);
}

#[test]
fn modules_say_what_lives_in_them() {
    let opens = |f: &SourceFile| {
        let text = f.text.trim_start();
        match f.path.rsplit('.').next() {
            Some("rs") => text.starts_with("//!"),
            Some("svelte") => text.starts_with("<!--"),
            Some("sql") => text.starts_with("--"),
            Some("toml") => true,
            _ => ["//", "/*", "#!/"].iter().any(|c| text.starts_with(c)),
        }
    };
    let broken: Vec<_> = ["rs", "ts", "svelte", "sql", "mjs"]
        .into_iter()
        .flat_map(sources)
        .filter(|f| !opens(f) && !f.below(&["ui/src/i18n/en/", "ui/src/i18n/fr/"]))
        .filter(|f| ![".test.ts", ".config.ts"].iter().any(|end| f.path.ends_with(end)))
        .map(|f| format!("{} begins without saying what lives there", f.path))
        .collect();
    none("head comments", &broken);
}

#[test]
fn nothing_is_left_half_done() {
    // Put together here, so that this file does not break its own rule.
    let marks = ["TO", "FIX", "XX"]
        .iter()
        .zip(["DO", "ME", "X"])
        .map(|(a, b)| format!("{a}{b}"));
    let marks: Vec<_> = marks
        .chain(["dbg!(", "todo!(", "unimplemented!("].map(str::to_owned))
        .collect();
    let mut broken = Vec::new();
    for source in HOUSE.iter().filter(|f| {
        !["tests/it/tidy.rs", "ui/src/i18n/complete.test.ts"].contains(&f.path.as_str())
            && !f.is("toml")
            && !f.is("json")
            && f.path != "LICENSE"
    }) {
        for (n, line) in source.text.lines().enumerate() {
            let said = marks.iter().filter(|m| says(line, m) && !line.contains("XXXX"));
            broken.extend(said.map(|mark| format!("{}:{} says {mark}", source.path, n + 1)));
        }
    }
    none("unfinished work", &broken);
}

#[test]
fn no_path_of_a_machine_is_written_down() {
    // The fake backend, and what is tested over it, shows made-up folders, as a person would see theirs.
    let paths = ["work", "home", "root", "tmp", "Users"].map(|folder| format!("/{folder}/"));
    let mut broken = Vec::new();
    for source in HOUSE
        .iter()
        .filter(|f| f.path != "tests/it/tidy.rs" && !f.below(&["ui/src/ipc/fake/", "tests/ui/"]))
    {
        for (n, line) in source.text.lines().enumerate() {
            let begins = |at: usize| {
                line[..at]
                    .chars()
                    .next_back()
                    .is_none_or(|c| !(c.is_alphanumeric() || "./-_{})*".contains(c)))
            };
            let said = paths
                .iter()
                .filter(|p| line.match_indices(p.as_str()).any(|(at, _)| begins(at)));
            broken.extend(said.map(|path| format!("{}:{} says {path}", source.path, n + 1)));
        }
    }
    none("paths that are only right on one machine", &broken);
}

#[test]
fn types_are_called_by_what_they_are() {
    let mut broken = Vec::new();
    for source in sources("rs").chain(sources("ts")).chain(sources("svelte")) {
        for (n, line) in source.code() {
            let words: Vec<_> = line
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .filter(|w| !w.is_empty())
                .collect();
            for pair in words
                .windows(2)
                .filter(|w| ["struct", "enum", "trait", "type", "class", "interface"].contains(&w[0]))
            {
                if EMPTY_NAMES.iter().any(|name| pair[1].ends_with(name)) && !FIELD_NAMES.contains(&pair[1]) {
                    broken.push(format!("{}:{n} {} {}", source.path, pair[0], pair[1]));
                }
            }
        }
    }
    none("names that say nothing", &broken);
}

#[test]
fn each_parser_of_the_wire_has_a_fuzz_target() {
    let wire = format!("{CRATES}/telltale-wire");
    let targets = &file(&format!("{wire}/fuzz/src/targets.rs")).text;
    let listed = targets
        .split_once("TARGETS")
        .expect("the list")
        .1
        .split_once("];")
        .expect("its end")
        .0;
    let folder = format!("{wire}/src/");
    let mut broken = Vec::new();
    for source in sources("rs").filter(|f| f.below(&[&folder])) {
        let module = source.path[folder.len()..].split(['/', '.']).next().expect("a name");
        // What dissects a frame is reached through one door.
        let door = match module {
            "link" | "ip" | "transport" | "tunnel" => "dissect",
            other => other,
        };
        let called = ["::", "("]
            .iter()
            .any(|then| targets.contains(&format!("{door}{then}")));
        if !NO_PARSER.contains(&module) && !called {
            broken.push(format!("{} is called by no fuzz target", source.path));
        }
    }
    let listed = listed
        .match_indices("(\"")
        .map(|(at, _)| &listed[at + 2..])
        .filter_map(|t| t.split('"').next());
    for name in listed.take_while(|name| !name.is_empty()) {
        let has = |place: String| HOUSE.iter().any(|f| f.path.starts_with(&place)) || root().join(&place).exists();
        if !has(format!("{wire}/fuzz/src/bin/{name}.rs")) || !has(format!("{wire}/fuzz/corpus/{name}")) {
            broken.push(format!("fuzz target {name} lacks its program or its corpus"));
        }
    }
    none("parsers that nobody throws bytes at", &broken);
}

#[test]
fn migrations_are_numbered_without_a_gap() {
    let folder = format!("{CRATES}/telltale-engine/migrations/");
    let names = HOUSE.iter().filter_map(|f| f.path.strip_prefix(&folder));
    for (at, name) in names.enumerate() {
        let number = format!("{:04}_", at + 1);
        assert!(
            name.starts_with(&number) && file(&format!("{folder}{name}")).is("sql"),
            "{name} should be {number}what_it_adds.sql"
        );
    }
}

#[test]
fn each_purpose_is_documented() {
    let documented = &file("src-tauri/crates/telltale-core/catalogue/README.md").text;
    let claim = &file("src-tauri/crates/telltale-core/src/model/claim.rs").text;
    let listed = claim
        .split_once("pub enum Purpose {")
        .expect("the enum")
        .1
        .split_once('}')
        .expect("its end")
        .0;
    let names = listed
        .lines()
        .map(str::trim)
        .filter(|l| !l.starts_with("//"))
        .filter_map(|l| l.strip_suffix(','));
    let names: Vec<_> = names.map(str::to_lowercase).filter(|n| n != "unknown").collect();
    assert!(names.len() >= 10, "the purposes were not found: {names:?}");
    let broken: Vec<_> = names
        .into_iter()
        .filter(|n| !documented.contains(&format!("| `{n}` |")))
        .collect();
    none("purposes that catalogue/README.md does not explain", &broken);
}

#[test]
fn the_wire_and_the_core_deny_what_can_panic() {
    for room in ["telltale-wire", "telltale-core"] {
        let lib = &file(&format!("{CRATES}/{room}/src/lib.rs")).text;
        let shipped = lib.split("#![cfg_attr(").next().unwrap_or(lib);
        assert!(
            shipped.contains("#![forbid(unsafe_code)]"),
            "{room} forbids unsafe code"
        );
        let lints = [
            "indexing_slicing",
            "unwrap_used",
            "expect_used",
            "panic",
            "arithmetic_side_effects",
        ];
        for lint in lints.into_iter().chain(["cast_possible_truncation"]) {
            assert!(
                shipped.contains(&format!("clippy::{lint}")),
                "{room} denies clippy::{lint}"
            );
        }
    }
}

#[test]
fn an_exception_to_a_lint_says_why() {
    let mut broken = Vec::new();
    for source in sources("rs").filter(|f| !f.is_test()) {
        let shipped = source.text.split("\n#[cfg(test)]\n").next().unwrap_or_default();
        for (at, _) in shipped
            .match_indices("allow(")
            .chain(shipped.match_indices("expect(clippy"))
        {
            let begins = shipped[..at].trim_end();
            if !(begins.ends_with("#[") || begins.ends_with("#![")) {
                continue;
            }
            let attribute = shipped[at..].split(")]").next().unwrap_or_default();
            if !attribute.contains("reason = ") {
                let n = shipped[..at].lines().count();
                broken.push(format!("{}:{n} allows without a reason", source.path));
            }
        }
    }
    none("exceptions without a reason", &broken);
}

#[test]
fn the_readme_names_every_room_and_every_script() {
    let readme = &file("README.md").text;
    let package: serde_json::Value = serde_json::from_str(&file("package.json").text).expect("package.json");
    let scripts = package["scripts"].as_object().expect("scripts").keys();
    let commands = scripts
        .filter(|s| !s.contains(':'))
        .map(|script| match script.as_str() {
            "start" | "test" => format!("npm {script}"),
            _ => format!("npm run {script}"),
        });
    let rooms = ROOMS
        .iter()
        .map(|(room, _)| room.rsplit('/').next().unwrap_or(room).to_owned());
    let broken: Vec<_> = commands
        .chain(rooms)
        .filter(|word| !readme.contains(word.as_str()))
        .collect();
    none("README.md does not name", &broken);
}
