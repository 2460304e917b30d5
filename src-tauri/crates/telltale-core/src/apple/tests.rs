//! Reading and joining, over a report written by hand (no real person's).

use super::{CLOCK_TOLERANCE_NS, NotAReport, ReportReader, Seen, join};
use crate::{
    limits::{MAX_REPORT_LINE_OCTETS, MAX_REPORTED_APPS},
    model::{AccessCategory, AppReport, Initiator, ReportTally, ReportedApp, ReportedDomain, ServerId, Timestamp},
};

const SAMPLE: &[u8] = include_bytes!("../../tests/app-privacy-report.ndjson");
const SECOND: i64 = 1_000_000_000;
/// 2026-11-22T00:00:00Z.
const DAY: i64 = 1_795_305_600 * SECOND;

fn at(hour: i64, minute: i64, second: i64) -> Timestamp {
    Timestamp(DAY + (hour * 3_600 + minute * 60 + second) * SECOND)
}

fn read(octets: &[u8]) -> Result<(AppReport, ReportTally), NotAReport> {
    let mut reader = ReportReader::default();
    reader.feed(octets);
    reader.finish()
}

fn read_after(earlier: AppReport, octets: &[u8]) -> AppReport {
    let mut reader = ReportReader::after(earlier);
    reader.feed(octets);
    reader.finish().unwrap().0
}

fn app<'a>(report: &'a AppReport, bundle: &str) -> &'a ReportedApp {
    report.apps.iter().find(|a| &*a.bundle == bundle).unwrap()
}

fn domain<'a>(report: &'a AppReport, bundle: &str, name: &str) -> &'a ReportedDomain {
    app(report, bundle).domains.iter().find(|d| &*d.domain == name).unwrap()
}

/// A line of one contact, `first` and `last` minutes past ten.
fn line(bundle: &str, name: &str, hits: u32, first: u32, last: u32) -> String {
    format!(
        r#"{{"type":"networkActivity","bundleID":"{bundle}","domain":"{name}","context":"","domainOwner":"","domainType":2,"initiatedType":"AppInitiated","hits":{hits},"firstTimeStamp":"2026-11-22T10:{first:02}:00Z","timeStamp":"2026-11-22T10:{last:02}:00.5Z"}}"#
    ) + "\n"
}

#[test]
fn a_report_is_read_field_by_field() {
    let (report, tally) = read(SAMPLE).unwrap();
    let names: Vec<_> = report.apps.iter().map(|a| &*a.bundle).collect();
    assert_eq!(
        names,
        ["org.example.puzzle", "org.example.weather", "org.mozilla.ios.Firefox"]
    );
    assert_eq!(
        tally,
        ReportTally {
            lines: 27,
            bad_lines: 1,
            unknown_lines: 1,
            dropped: 0
        }
    );
    assert_eq!(report.tally, tally);

    let ads = domain(&report, "org.example.weather", "googleads.g.doubleclick.net");
    assert_eq!(ads.owner.as_deref(), Some("Google LLC"));
    assert_eq!(
        (ads.may_profile, ads.initiator, ads.hits),
        (Some(true), Some(Initiator::App), 7)
    );
    assert_eq!((ads.first, ads.last), (at(9, 46, 10), at(9, 57, 0)));
    assert_eq!(ads.context, None);
    // Cleaned as every other name.
    assert_eq!(
        domain(&report, "org.example.puzzle", "googleads.g.doubleclick.net").hits,
        19
    );

    // One domain in two websites is two rows.
    let browser = app(&report, "org.mozilla.ios.Firefox");
    let contexts: Vec<_> = browser
        .domains
        .iter()
        .filter(|d| &*d.domain == "app-measurement.com")
        .map(|d| (d.context.as_deref(), d.initiator, d.hits))
        .collect();
    let person = Some(Initiator::Person);
    assert_eq!(
        contexts,
        [(Some("news.example"), person, 6), (Some("shop.example"), person, 1)]
    );
}

#[test]
fn accesses_are_paired_and_open_ones_kept() {
    let (report, _) = read(SAMPLE).unwrap();
    let location = &app(&report, "org.example.weather").accesses;
    assert_eq!(location.len(), 3);
    // In order of time; the end that stands before its beginning is paired too.
    assert_eq!(location[2].begin, Some(Timestamp(at(9, 51, 40).0 + 700_000_000)));
    assert_eq!(location[2].end, Some(Timestamp(at(9, 52, 11).0 + 2_000_000)));

    let browser = &app(&report, "org.mozilla.ios.Firefox").accesses;
    assert_eq!(browser[0].category, AccessCategory::ScreenRecording);
    assert_eq!(browser[0].broadcaster.as_deref(), Some("org.example.meeting"));
    assert_eq!((browser[1].begin, browser[1].end), (Some(at(9, 55, 0)), None));

    let puzzle = &app(&report, "org.example.puzzle").accesses;
    assert_eq!(puzzle[0].category, AccessCategory::Contacts);
    assert_eq!((puzzle[0].begin, puzzle[0].end.is_some()), (None, true));
    assert_eq!(puzzle[2].category, AccessCategory::Other);
}

#[test]
fn overlapping_exports_give_the_most_and_the_widest_never_a_sum() {
    let week = line("a", "x.example", 5, 10, 20) + &line("a", "y.example", 1, 10, 11);
    let next = line("a", "x.example", 3, 15, 40) + &line("b", "x.example", 9, 30, 31);
    let (one, _) = read(week.as_bytes()).unwrap();
    let both = read_after(one.clone(), next.as_bytes());
    let x = domain(&both, "a", "x.example");
    assert_eq!(
        (x.hits, x.first, x.last.0),
        (5, at(10, 10, 0), at(10, 40, 0).0 + SECOND / 2)
    );
    assert_eq!(both.apps.len(), 2);
    assert_eq!(both.tally.lines, 4);
    // The same file again changes nothing but the count of lines; and the order of the files does not matter.
    assert_eq!(read_after(both.clone(), week.as_bytes()).apps, both.apps);
    let (two, _) = read(next.as_bytes()).unwrap();
    assert_eq!(read_after(two, week.as_bytes()).apps, both.apps);
    // Twice in one file is told as once.
    let (twice, _) = read((week.clone() + &week).as_bytes()).unwrap();
    assert_eq!(twice.apps, one.apps);
}

#[test]
fn an_open_access_is_closed_by_the_next_export() {
    let touch = |kind: &str, minute: u32| {
        format!(
            r#"{{"type":"access","accessor":{{"identifier":"a","identifierType":"bundleID"}},"category":"camera","identifier":"N","kind":"{kind}","timeStamp":"2026-11-22T10:{minute:02}:00Z"}}"#
        )
    };
    let (open, _) = read(touch("intervalBegin", 1).as_bytes()).unwrap();
    let closed = read_after(open, touch("intervalEnd", 5).as_bytes());
    let [access] = &closed.apps[0].accesses[..] else {
        panic!("one access")
    };
    assert_eq!((access.begin, access.end), (Some(at(10, 1, 0)), Some(at(10, 5, 0))));
}

#[test]
fn the_shapes_of_the_betas_are_read() {
    let lines = r#"{"stream":"com.apple.privacy.accounting.stream.tcc","accessor":{"identifier":"org.example.a","identifierType":"bundleID"},"tccService":"kTCCServiceAddressBook","identifier":"N","kind":"event","timestamp":"2021-06-09T14:19:48.270-05:00","version":3}
{"stream":"com.apple.privacy.accounting.stream.location","accessor":{"identifier":"org.example.a"},"identifier":"M","kind":"intervalBegin","timestamp":"2021-06-09T14:20:00.000-05:00","version":3}
{"type":"networkActivity","domain":"x.example","hasApp":{"bundleName":"org.example.b"},"effectiveUserId":501,"timeStamp":"2021-06-09T14:20:00Z"}"#;
    let (report, tally) = read(lines.as_bytes()).unwrap();
    assert_eq!((tally.bad_lines, tally.unknown_lines), (0, 0));
    let accesses = &app(&report, "org.example.a").accesses;
    assert_eq!(accesses[0].category, AccessCategory::Contacts);
    assert_eq!(
        (accesses[0].begin, accesses[0].begin),
        (accesses[0].end, accesses[0].end)
    );
    assert_eq!(accesses[1].category, AccessCategory::Location);
    let b = domain(&report, "org.example.b", "x.example");
    assert_eq!((b.hits, b.first, b.may_profile), (1, b.last, None));
}

#[test]
fn what_is_no_report_says_so() {
    assert_eq!(read(b"").unwrap_err(), NotAReport::Empty);
    assert_eq!(read(b"\n \r\n").unwrap_err(), NotAReport::Empty);
    assert_eq!(read(b"hello\nworld\n").unwrap_err(), NotAReport::Foreign);
    assert_eq!(read(br#"{"log":{"entries":[]}}"#).unwrap_err(), NotAReport::Foreign);
    assert_eq!(
        read(&[0x0a, 0x0d, 0x0d, 0x0a, 0, 0, 0]).unwrap_err(),
        NotAReport::Foreign
    );
    let old = br#"{"stream":"com.apple.privacy.accounting.stream.tcc","version":2,"kind":"event"}"#;
    assert_eq!(read(old).unwrap_err(), NotAReport::TooOld);
    let new = br#"{"type":"networkActivityV9","fields":[1,2]}"#;
    assert_eq!(read(new).unwrap_err(), NotAReport::UnknownForm { read: 0, unread: 1 });
    // The known kinds with other fields: better nothing than the few lines that happen to fit.
    let renamed =
        line("a", "x.example", 1, 1, 2) + &line("a", "y.example", 1, 1, 2).replace("bundleID", "app").repeat(3);
    assert_eq!(
        read(renamed.as_bytes()).unwrap_err(),
        NotAReport::UnknownForm { read: 1, unread: 3 }
    );
}

#[test]
fn one_bad_line_does_not_lose_the_file() {
    let good = line("a", "x.example", 1, 1, 2);
    let wrong = [
        "{".to_owned(),
        "[]".to_owned(),
        good.replace("10:01:00Z", "yesterday"),
        good.replace("\"hits\":1", "\"hits\":-1"),
        good.replace("x.example", "..."),
        good.replace("\"a\"", "\"\""),
        good.replace("2026-11-22T10:02", "9999-11-22T10:02"),
        format!(
            "{{\"type\":\"networkActivity\",\"pad\":\"{}\"}}",
            "x".repeat(MAX_REPORT_LINE_OCTETS)
        ),
        "[".repeat(30_000),
    ];
    for bad in wrong {
        let text = format!("\u{feff}{good}{}\n{}", bad.trim_end(), line("b", "y.example", 1, 1, 2));
        let (report, tally) = read(text.as_bytes()).unwrap();
        assert_eq!(
            (report.apps.len(), tally.bad_lines),
            (2, 1),
            "{}",
            &bad[..bad.len().min(80)]
        );
    }
}

#[test]
fn the_size_of_the_pieces_does_not_matter() {
    let whole = read(SAMPLE);
    for size in [1, 7, 4_096] {
        let mut reader = ReportReader::default();
        SAMPLE.chunks(size).for_each(|piece| reader.feed(piece));
        assert_eq!(reader.finish(), whole);
    }
}

#[test]
fn limits_drop_and_count() {
    let mut reader = ReportReader::default();
    for n in 0..=MAX_REPORTED_APPS + 1 {
        reader.feed(line(&format!("app{n}"), "x.example", 1, 1, 2).as_bytes());
    }
    let (report, tally) = reader.finish().unwrap();
    assert_eq!((report.apps.len(), tally.dropped), (MAX_REPORTED_APPS, 2));
}

#[test]
fn nothing_panics_and_nothing_hostile_comes_through() {
    for end in 0..SAMPLE.len() {
        let _ = read(&SAMPLE[..end]);
    }
    let mut octets = SAMPLE.to_vec();
    for place in 0..octets.len() {
        for bit in [0, 2, 5, 7] {
            octets[place] ^= 1 << bit;
            // The whole file each time would take minutes; the line and its neighbours are what changes.
            let (from, to) = (place.saturating_sub(400), (place + 400).min(octets.len()));
            if let Ok((report, _)) = read(&octets[from..to]) {
                for app in &report.apps {
                    assert!(app.bundle.chars().all(|c| !c.is_control()));
                    for d in &app.domains {
                        assert!(d.domain.is_ascii() && d.first <= d.last);
                    }
                }
                let _ = join(&report, [seen(1, "app-measurement.com", at(9, 50, 0), at(9, 51, 0))]);
            }
            octets[place] ^= 1 << bit;
        }
    }
}

fn seen(id: u32, name: &str, first: Timestamp, last: Timestamp) -> Seen<'_> {
    Seen {
        id: ServerId(id),
        name: Some(name),
        addresses: &[],
        first,
        last,
    }
}

#[test]
fn apps_are_joined_by_exact_name_and_time() {
    let (report, _) = read(SAMPLE).unwrap();
    let (from, to) = (at(9, 45, 21), at(9, 57, 39));
    let address = ["185.86.137.17".parse().unwrap()];
    let nameless = Seen {
        name: None,
        addresses: &address,
        ..seen(9, "", from, to)
    };
    let servers = [
        seen(1, "googleads.g.doubleclick.net", from, to),
        seen(2, "app-measurement.com", from, to),
        seen(3, "www.google.com", from, to),
        seen(4, "api.onesignal.com", from, to),
        seen(5, "launches.appsflyersdk.com", from, to),
        nameless,
    ];
    let joined = join(&report, servers);
    let of = |n: usize| -> Vec<u32> { joined.apps[n].servers.iter().map(|s| s.0).collect() };
    // Puzzle, weather, browser. www.google.com was contacted the day before only.
    assert_eq!((of(0), of(1), of(2)), (vec![1], vec![1, 2, 5], vec![2, 9]));
    assert_eq!(joined.apps_of(ServerId(1)), [0, 1]);
    assert_eq!(joined.apps_of(ServerId(3)), [0_usize; 0]);
    // The report names onesignal.com; api.onesignal.com is not joined, but told of.
    assert_eq!(joined.apps_of(ServerId(4)), [0_usize; 0]);
    let place = report.apps[0]
        .domains
        .iter()
        .position(|d| &*d.domain == "onesignal.com")
        .unwrap();
    assert_eq!(joined.apps[0].domains[place].below, 1);
}

#[test]
fn clocks_may_differ_by_the_tolerance_and_no_more() {
    let (report, _) = read(line("a", "x.example", 1, 10, 20).as_bytes()).unwrap();
    let end = report.apps[0].domains[0].last.0;
    let begin = at(10, 10, 0).0;
    for (first, last, wanted) in [
        (end + CLOCK_TOLERANCE_NS, end + 2 * CLOCK_TOLERANCE_NS, true),
        (end + CLOCK_TOLERANCE_NS + 1, end + 2 * CLOCK_TOLERANCE_NS, false),
        (begin - 2 * CLOCK_TOLERANCE_NS, begin - CLOCK_TOLERANCE_NS, true),
        (begin - 2 * CLOCK_TOLERANCE_NS, begin - CLOCK_TOLERANCE_NS - 1, false),
        (begin + 1, begin + 2, true),
    ] {
        let joined = join(&report, [seen(1, "x.example", Timestamp(first), Timestamp(last))]);
        assert_eq!(!joined.apps[0].servers.is_empty(), wanted, "{first} {last}");
    }
}
