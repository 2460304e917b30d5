//! Names are chosen by strangers: whatever they hold, a report stays a report.

use crate::{apps, sample};
use serde_json::Value;
use std::sync::Arc;
use telltale_core::{
    enrich::DataSet,
    model::{
        Company, Counts, Coverage, Outcome, Owner, PandoreFacts, Score, SourceFacts, Summary, Timeline, Timestamp,
    },
};
use telltale_report::{Language, ReportContext, chart};

/// Markup, formulas, controls, direction overrides, quotes, the longest host name, nothing at all.
pub(crate) const TEXTS: [&str; 12] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'onmouseover='alert(1)",
    "</title></style></svg></desc><svg/onload=alert(1)>",
    "=HYPERLINK(\"http://evil.example\",\"x\")",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\u{202e}moc.elgoog\u{202c}\u{200b}\u{feff}",
    "\0\u{1}\u{8}\u{1b}[31m\u{7f}\u{85}\u{2028}",
    "a\r\nSet-Cookie: x=1\r\n\r\n,\"b\";\tc",
    "&lt;b&gt; &amp; {} %s $(x) `y` ${z} \\u003c",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "",
];

/// The sample with this text wherever a stranger, a file or a list could put one.
pub(crate) fn outcome(text: &str) -> Outcome {
    let mut outcome = sample::outcome();
    let shared: Arc<str> = text.into();
    let some = || Some(Arc::clone(&shared));
    for server in &mut outcome.servers {
        let owner: &mut Owner = Arc::make_mut(&mut server.owner);
        server.name = some();
        owner.registrable_domain = some();
        owner.company = some();
        owner.parent = some();
        owner.service = some();
        owner.what_en = some();
        owner.what_fr = some();
        owner.how = some();
        owner.organisation = some();
        for claim in &mut owner.claims {
            claim.set = Arc::clone(&shared);
            claim.matched = Arc::clone(&shared);
        }
    }
    for flow in &mut outcome.flows {
        (flow.name, flow.alpn, flow.ja4) = (some(), some(), some());
    }
    for answer in &mut outcome.dns {
        answer.name = Arc::clone(&shared);
        answer.aliases = vec![Arc::clone(&shared)];
    }
    for hello in &mut outcome.hellos {
        hello.sni = some();
        hello.alpn = vec![Arc::clone(&shared)];
    }
    for host in &mut outcome.http_hosts {
        host.host = Arc::clone(&shared);
        host.user_agent = some();
    }
    outcome.apps_imported = Some(apps::named(text, &outcome.servers));
    strangers(&mut outcome.summary, text, &shared);
    outcome
}

fn strangers(summary: &mut Summary, text: &str, shared: &Arc<str>) {
    summary.source = SourceFacts {
        file: Some(text.to_owned()),
        format: text.to_owned(),
        link_types: vec![text.to_owned()],
        interfaces: vec![text.to_owned()],
        stopped: Some(text.to_owned()),
        ..SourceFacts::default()
    };
    for device in &mut summary.devices {
        device.name = Some(text.to_owned());
        device.maker = Some(text.to_owned());
        text.clone_into(&mut device.because);
    }
    for app in &mut summary.apps {
        (app.label, app.package) = (Some(text.to_owned()), Some(text.to_owned()));
    }
    for company in &mut summary.companies {
        company.name = Some(Arc::clone(shared));
    }
    for contact in &mut summary.contacts {
        contact.name = Arc::clone(shared);
    }
    for reason in &mut summary.score.reasons {
        text.clone_into(&mut reason.key);
    }
}

/// A capture without a packet.
pub(crate) fn empty() -> Outcome {
    let score = Score {
        profile: "telltale/1".to_owned(),
        points: None,
        grade: None,
        worst_grade: None,
        reasons: vec![],
    };
    let summary = Summary {
        source: SourceFacts::default(),
        span: None,
        counts: Counts::default(),
        coverage: Coverage::default(),
        devices: vec![],
        apps: vec![],
        servers: 0,
        flows: 0,
        company_count: 0,
        tracker_companies: 0,
        companies: vec![],
        countries: vec![],
        purposes: vec![],
        timeline: Timeline::default(),
        contacts: vec![],
        pandore: PandoreFacts::default(),
        score,
    };
    Outcome {
        summary,
        flows: vec![],
        servers: vec![],
        dns: vec![],
        hellos: vec![],
        http_hosts: vec![],
        apps_imported: None,
    }
}

fn page(outcome: &Outcome, text: &str, language: Language) -> String {
    let set = DataSet {
        key: text.to_owned(),
        name: text.to_owned(),
        attribution: text.to_owned(),
        homepage: text.to_owned(),
        ..DataSet::default()
    };
    let sets = [set];
    let context = ReportContext {
        title: text,
        description: text,
        version: text,
        ..sample::context(language, &sets, Some(&outcome.summary.score))
    };
    let mut made = Vec::new();
    telltale_report::html(outcome, &context, &mut made).unwrap();
    String::from_utf8(made).unwrap()
}

/// The tags of a page in order, without what stands inside of `style`.
fn tags(page: &str) -> Vec<&str> {
    page.split('<')
        .skip(1)
        .map(|t| {
            t.split(|c: char| c.is_whitespace() || c == '>')
                .next()
                .unwrap_or_default()
        })
        .collect()
}

#[test]
fn markup_of_a_page_does_not_depend_on_names() {
    for language in [Language::En, Language::Fr] {
        let plain = page(&outcome("plain"), "plain", language);
        for text in TEXTS.into_iter().filter(|t| !t.is_empty()) {
            let made = page(&outcome(text), text, language);
            assert_eq!(tags(&made), tags(&plain), "{text:?}");
            for odd in [
                "<script",
                "<img",
                "onerror=alert(1)>\"",
                "\u{202e}",
                "\u{200b}",
                "\0",
                "\u{1b}",
                "\u{2028}",
                "href=\"http",
            ] {
                assert!(!made.contains(odd), "{odd:?} of {text:?}");
            }
        }
    }
}

#[test]
fn a_page_fetches_and_runs_nothing() {
    let made = page(&sample::outcome(), "x", Language::En);
    assert!(made.contains("http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';"));
    for word in [
        "<script",
        "<link",
        "<iframe",
        "<img",
        "url(",
        "@import",
        "javascript:",
        " onload",
        " onclick",
        " src=",
    ] {
        assert!(!made.contains(word), "{word}");
    }
}

#[test]
fn charts_hold_only_escaped_names() {
    for text in TEXTS {
        let companies: Vec<Company> = outcome(text).summary.companies;
        let svg = chart::companies(&companies, Language::En, chart::Look::Dark).unwrap();
        assert!(
            !svg.contains("<script") && !svg.contains("<img") && !svg.contains('\u{202e}') && !svg.contains('\0'),
            "{text:?}"
        );
        assert_eq!(svg.matches("</svg>").count(), 1);
    }
}

#[test]
fn json_gives_every_text_back() {
    for text in TEXTS {
        let audit = outcome(text);
        let mut made = Vec::new();
        telltale_report::json(&audit, &sample::context(Language::En, &[], None), &mut made).unwrap();
        let report: Value = serde_json::from_slice(&made).unwrap();
        for pointer in [
            "/flows/0/name",
            "/servers/0/name",
            "/hellos/0/sni",
            "/dns/0/name",
            "/http_hosts/0/host",
            "/source/file",
        ] {
            assert_eq!(report.pointer(pointer).unwrap(), text, "{pointer}");
        }
    }
}

#[test]
fn no_cell_of_a_spreadsheet_is_a_formula() {
    for text in TEXTS
        .into_iter()
        .chain(["+1", "-1", "\t=1", " =1", "＝1", "\r=1", "\n=1", "=1\"+\"2", "'=1"])
    {
        let mut made = Vec::new();
        telltale_report::csv(&outcome(text), &sample::context(Language::Fr, &[], None), &mut made).unwrap();
        let made = String::from_utf8(made).unwrap();
        let made = made.strip_prefix('\u{feff}').unwrap();
        let mut rows = csv::ReaderBuilder::new().from_reader(made.as_bytes());
        let columns = rows.headers().unwrap().len();
        let mut count = 0;
        for row in rows.records() {
            let row = row.unwrap();
            assert_eq!(row.len(), columns, "{text:?}");
            for cell in &row {
                let first = cell.trim_start_matches(' ').chars().next();
                assert!(
                    !matches!(first, Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝')),
                    "{cell:?} of {text:?}"
                );
                assert!(!cell.contains('\0'));
            }
            count += 1;
        }
        assert_eq!(count, outcome(text).servers.len());
    }
}

#[test]
fn an_empty_audit_has_every_report() {
    let nothing = empty();
    for language in [Language::En, Language::Fr] {
        let made = page(&nothing, "", language);
        assert!(made.contains(if language == Language::En {
            "This capture is empty."
        } else {
            "Cette capture est vide."
        }));
        assert!(made.ends_with("</html>"));
    }
    let mut made = Vec::new();
    telltale_report::csv(&nothing, &sample::context(Language::En, &[], None), &mut made).unwrap();
    assert_eq!(String::from_utf8(made).unwrap().lines().count(), 1);
}

#[test]
fn a_million_octets_and_extreme_times_are_written() {
    let mut audit = sample::outcome();
    for server in &mut audit.servers {
        (server.sent_bytes, server.received_bytes, server.flows) = (u64::MAX, u64::MAX, u32::MAX);
        (server.first, server.last) = (Timestamp(i64::MIN), Timestamp(i64::MAX));
    }
    for company in &mut audit.summary.companies {
        (company.sent_bytes, company.received_bytes) = (u64::MAX, 0);
    }
    audit.summary.coverage.observed_name_bytes = u64::MAX;
    audit.summary.score.reasons[0].value = f64::NAN;
    page(&audit, "x", Language::Fr);
    let mut made = Vec::new();
    telltale_report::json(&audit, &sample::context(Language::En, &[], None), &mut made).unwrap();
    let report: Value = serde_json::from_slice(&made).unwrap();
    assert_eq!(report["servers"][0]["sent_bytes"], u64::MAX);
    assert_eq!(report["servers"][0]["first"], "1677-09-21T00:12:43.145224192Z");
    assert!(report["score"]["reasons"][0]["value"].is_null());
}

#[test]
fn a_lookup_answers_in_the_order_asked() {
    let servers = sample::outcome().servers;
    let mut rows: Vec<(String, Option<Owner>)> = servers
        .iter()
        .take(3)
        .map(|s| (s.name.as_deref().unwrap().to_owned(), Some((*s.owner).clone())))
        .collect();
    rows.insert(1, ("<nobody>".to_owned(), None));
    let mut made = Vec::new();
    telltale_report::lookup_json(&rows, &mut made).unwrap();
    let answers: Value = serde_json::from_slice(&made).unwrap();
    assert_eq!(answers.as_array().unwrap().len(), 4);
    assert_eq!(answers[0]["query"], "www.youtube.example");
    assert_eq!(
        (&answers[0]["owner"], &answers[0]["service"], &answers[0]["tracker"]),
        (&"Google".into(), &"YouTube".into(), &false.into())
    );
    assert_eq!(answers[1]["query"], "<nobody>");
    assert_eq!(
        (&answers[1]["owner"], &answers[1]["tracker"], &answers[1]["purpose"]),
        (&Value::Null, &false.into(), &"unknown".into())
    );
    assert_eq!(
        (
            &answers[3]["purpose"],
            &answers[3]["tracker"],
            &answers[3]["home_country"]
        ),
        (&"attribution".into(), &true.into(), &"DE".into())
    );
    assert_eq!(answers[3]["sources"][0], "catalogue: adjust.example (reputed)");
}
