//! The first sentence of every report: the whole audit in plain words.

use crate::Language;
use telltale_core::model::Summary;

/// One or two sentences in plain words on whom the devices talked to: the same that the window shows first.
pub fn answer(summary: &Summary, language: Language) -> String {
    if summary.counts.packets == 0 {
        return match language {
            Language::En => "This capture is empty.",
            Language::Fr => "Cette capture est vide.",
        }
        .to_owned();
    }
    if summary.servers == 0 {
        return match language {
            Language::En => "No phone was seen talking to anybody.",
            Language::Fr => "Aucun téléphone n’a été vu en train de parler à qui que ce soit.",
        }
        .to_owned();
    }
    match language {
        Language::En => english(summary),
        Language::Fr => french(summary),
    }
}

fn time(summary: &Summary, language: Language) -> String {
    let watched = if summary.source.gaps.is_empty() {
        summary.span.map_or(0, |s| s.last.since(s.first))
    } else {
        // Without the times in which nothing could be seen.
        nanoseconds(summary.pandore.seconds)
    };
    language.duration(watched)
}

#[allow(clippy::cast_possible_truncation, reason = "the cast saturates")]
fn nanoseconds(seconds: f64) -> i64 {
    (seconds * 1e9) as i64
}

fn english(summary: &Summary) -> String {
    let language = Language::En;
    let whole = |n: u32| language.whole(n.into());
    let device = match summary.devices.len() {
        0 | 1 => "your phone".to_owned(),
        n => format!("your {n} devices"),
    };
    let servers = if summary.servers == 1 {
        "1 server".to_owned()
    } else {
        format!("{} servers", whole(summary.servers))
    };
    let companies = match summary.company_count {
        0 => " whose company is not known".to_owned(),
        1 => " of 1 company".to_owned(),
        n => format!(" of {} companies", whole(n)),
    };
    let followers = match (summary.company_count, summary.tracker_companies) {
        (0, _) => String::new(),
        (1, 0) => " It is not known to measure or follow people.".to_owned(),
        (_, 0) => " None of them is known to measure or follow people.".to_owned(),
        (1, _) => " It is there to measure or follow people.".to_owned(),
        (_, 1) => " One of them is there to measure or follow people.".to_owned(),
        (_, n) => format!(" {} of them are there to measure or follow people.", whole(n)),
    };
    format!(
        "In {}, {device} talked to {servers}{companies}.{followers}",
        time(summary, language)
    )
}

fn french(summary: &Summary) -> String {
    let language = Language::Fr;
    let whole = |n: u32| language.whole(n.into());
    let device = match summary.devices.len() {
        0 | 1 => "votre téléphone a parlé".to_owned(),
        n => format!("vos {n} appareils ont parlé"),
    };
    let servers = if summary.servers == 1 {
        "1 serveur".to_owned()
    } else {
        format!("{} serveurs", whole(summary.servers))
    };
    let companies = match summary.company_count {
        0 if summary.servers == 1 => " dont l’entreprise n’est pas connue".to_owned(),
        0 => " dont les entreprises ne sont pas connues".to_owned(),
        1 => " d’une seule entreprise".to_owned(),
        n => format!(" de {} entreprises", whole(n)),
    };
    let followers = match (summary.company_count, summary.tracker_companies) {
        (0, _) => String::new(),
        (1, 0) => " Elle n’est pas connue pour mesurer ou suivre les personnes.".to_owned(),
        (_, 0) => " Aucune n’est connue pour mesurer ou suivre les personnes.".to_owned(),
        (1, _) => " Elle est là pour mesurer ou suivre les personnes.".to_owned(),
        (_, 1) => " L’une d’elles est là pour mesurer ou suivre les personnes.".to_owned(),
        (_, n) => format!(
            " {} d’entre elles sont là pour mesurer ou suivre les personnes.",
            whole(n)
        ),
    };
    format!(
        "En {}, {device} à {servers}{companies}.{followers}",
        time(summary, language)
    )
}
