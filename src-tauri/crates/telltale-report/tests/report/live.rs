//! A report of a live audit says how it was watched, and when nothing could be seen.

use crate::{hostile, sample};
use telltale_core::model::{Connection, Gap, GapReason, LiveFacts, Outcome, SourceFacts, Timestamp};
use telltale_report::Language;

const MINUTE: i64 = 60_000_000_000;

/// The sample as if it had been watched over a hotspot, with a pause of five minutes and a gap that lasts.
pub(crate) fn outcome() -> Outcome {
    let mut outcome = sample::outcome();
    let at = |minutes: i64| Timestamp(sample::START + minutes * MINUTE);
    outcome.summary.source = SourceFacts {
        interfaces: vec!["wlan0".to_owned()],
        live: Some(LiveFacts {
            source: "wlan0".to_owned(),
            filter: Some("ether host da:a1:19:00:00:17".to_owned()),
            connection: Connection::Hotspot,
            snap_len: Some(256),
            began: at(-1),
            ended: None,
        }),
        gaps: vec![
            Gap {
                from: at(2),
                to: Some(at(7)),
                reason: GapReason::Paused,
            },
            Gap {
                from: Timestamp(sample::context(Language::En, &[], None).made.0 - 2 * MINUTE),
                to: None,
                reason: GapReason::DeviceGone,
            },
        ],
        ..SourceFacts::default()
    };
    outcome.summary.pandore.seconds = 419.0;
    outcome
}

fn page(outcome: &Outcome, language: Language) -> String {
    let mut made = Vec::new();
    telltale_report::html(outcome, &sample::context(language, &[], None), &mut made).unwrap();
    String::from_utf8(made).unwrap().replace('\u{a0}', " ")
}

#[test]
fn the_page_says_how_and_when_in_both_languages() {
    let outcome = outcome();
    let english = page(&outcome, Language::En);
    for said in [
        "In 7 minutes, your phone talked",
        "The watching has 2 gaps, 7 minutes in all: what the phone did then is not in this report.",
        "How it was watched",
        "over this computer’s hotspot",
        "ether host da:a1:19:00:00:17",
        "its first 256 octets",
        "it was still going on",
        "You had paused.",
        "The network device was gone.",
        "5 minutes",
        "lasts still",
        "<dt>Packets lost on the way to Telltale</dt><dd>7</dd>",
    ] {
        assert!(english.contains(said), "{said}");
    }
    assert!(!english.contains("Read to its end"), "there was no file");
    let french = page(&outcome, Language::Fr);
    for said in [
        "En 7 minutes",
        "L’observation compte 2 interruptions, soit 7 minutes en tout",
        "Comment l’observation s’est faite",
        "par le point d’accès de cet ordinateur",
        "ses 256 premiers octets",
        "Vous aviez mis en pause.",
        "L’interface réseau avait disparu.",
        "dure encore",
    ] {
        assert!(french.contains(said), "{said}");
    }
}

#[test]
fn a_page_of_very_many_gaps_lists_some_and_says_how_many_more() {
    let mut outcome = outcome();
    let gap = outcome.summary.source.gaps[0];
    outcome.summary.source.gaps = vec![gap; 500];
    let english = page(&outcome, Language::En);
    assert_eq!(english.matches("You had paused.").count(), 100);
    assert!(english.contains("400 more are left out here"));
}

#[test]
fn what_a_device_or_a_filter_is_called_stays_text() {
    let plain = page(&outcome(), Language::En);
    for text in hostile::TEXTS {
        let mut outcome = outcome();
        if let Some(live) = &mut outcome.summary.source.live {
            (live.source, live.filter) = (text.to_owned(), Some(text.to_owned()));
        }
        let made = page(&outcome, Language::En);
        for mark in ["<script", "<img", "<svg", "</title>", "\u{202e}", "\0"] {
            assert_eq!(
                made.matches(mark).count(),
                plain.matches(mark).count(),
                "{text:?}: {mark}"
            );
        }
    }
}
