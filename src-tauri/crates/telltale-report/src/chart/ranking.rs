//! Lying bars: companies (sent over received) and purposes (both ways, in the colour of their group).

use super::{
    Look,
    canvas::{Caption, Hold, Ink, draw, pixels},
};
use crate::{
    Language, ReportError,
    foreign::{shortened, visible},
};
use std::fmt::Write as _;
use telltale_core::model::{Company, PurposeShare};

const WIDTH: u32 = 960;
/// Where the labels end and the bars begin.
const LABELS: i32 = 252;
const BARS: i32 = 264;
/// Where the longest bar ends; its value stands behind it.
const LONGEST: i32 = 830;
/// Pixels that a label may take before [`LABELS`].
const ROOM: u32 = 244;
/// Companies in the chart; a table behind it holds more.
pub(crate) const MAX_COMPANIES: usize = 15;
const TOP: i32 = 6;

/// The companies with the most octets, sent above received.
pub fn companies(companies: &[Company], language: Language, look: Look) -> Result<String, ReportError> {
    const ROW: i32 = 42;
    let text = language.text();
    let shown = &companies[..companies.len().min(MAX_COMPANIES)];
    let most = shown
        .iter()
        .map(|c| c.sent_bytes.max(c.received_bytes))
        .max()
        .unwrap_or(0);
    let name = |c: &Company| match &c.name {
        None => text.parties.nobody.to_owned(),
        Some(name) if !c.by_network => fitted(name, ROOM),
        Some(name) => {
            let word = text.parties.network_short;
            format!("{} ({word})", fitted(name, ROOM - width(word) - width(" ()")))
        }
    };
    let mut description = String::new();
    for company in shown {
        let (sent, received) = (
            language.octets(company.sent_bytes),
            language.octets(company.received_bytes),
        );
        let _ = write!(description, "{}{}{sent} ↑ {received} ↓. ", name(company), text.colon);
    }
    let caption = Caption {
        id: "chart-companies",
        title: text.parties.companies,
        description: description.trim_end(),
    };
    draw((WIDTH, height(shown.len(), ROW)), look, &caption, |canvas| {
        for (company, row) in shown.iter().zip(0..) {
            let y = TOP + row * ROW;
            canvas.text((LABELS, y + ROW / 2 - 3), &name(company), (15, Hold::Right, Ink::Text))?;
            for (octets, offset, ink, arrow) in [
                (company.sent_bytes, 3, Ink::Sent, '↑'),
                (company.received_bytes, 19, Ink::Received, '↓'),
            ] {
                let end = BARS + pixels(octets, most, LONGEST - BARS);
                canvas.rect((BARS, y + offset), (end, y + offset + 14), ink)?;
                let value = format!("{} {arrow}", language.octets(octets));
                canvas.text((end + 8, y + offset + 7), &value, (13, Hold::Left, Ink::Soft))?;
            }
        }
        Ok(())
    })
}

/// The purposes by octets both ways.
pub fn purposes(purposes: &[PurposeShare], language: Language, look: Look) -> Result<String, ReportError> {
    const ROW: i32 = 32;
    let text = language.text();
    let octets = |p: &PurposeShare| p.sent_bytes.saturating_add(p.received_bytes);
    let mut shown: Vec<&PurposeShare> = purposes.iter().collect();
    shown.sort_by_key(|p| std::cmp::Reverse(octets(p)));
    let most = shown.first().map_or(0, |p| octets(p));
    let name = |p: &PurposeShare| (text.purpose)(p.purpose).0;
    let mut description = String::new();
    for purpose in &shown {
        let _ = write!(
            description,
            "{}{}{}. ",
            name(purpose),
            text.colon,
            language.octets(octets(purpose))
        );
    }
    let caption = Caption {
        id: "chart-purposes",
        title: text.parties.purposes,
        description: description.trim_end(),
    };
    draw((WIDTH, height(shown.len(), ROW)), look, &caption, |canvas| {
        for (purpose, row) in shown.iter().zip(0..) {
            let y = TOP + row * ROW;
            let end = BARS + pixels(octets(purpose), most, LONGEST - BARS - 60);
            canvas.text((LABELS, y + ROW / 2), name(purpose), (15, Hold::Right, Ink::Text))?;
            canvas.rect((BARS, y + 5), (end, y + ROW - 5), Ink::of(purpose.purpose.group()))?;
            let value = format!(
                "{} · {}",
                language.octets(octets(purpose)),
                language.counted(purpose.servers.into(), text.server)
            );
            canvas.text((end + 8, y + ROW / 2), &value, (13, Hold::Left, Ink::Soft))?;
        }
        Ok(())
    })
}

/// Pixels that a text of 15 takes at most in the common sans-serif faces: nobody here knows the reader's.
fn width(text: &str) -> u32 {
    let letter = |c: char| match c {
        'i' | 'j' | 'l' | 'f' | 't' | 'r' | 'I' | ' ' | '.' | ',' | ':' | ';' | '!' | '|' | '(' | ')' | '-' | '’' => {
            6
        }
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 14,
        'a'..='z' | '0'..='9' => 9,
        '\0'..='\u{24f}' => 11,
        _ => 15,
    };
    text.chars().map(letter).sum()
}

/// The text, cut so that it fits into as many pixels.
fn fitted(text: &str, pixels: u32) -> String {
    let text = visible(text);
    let mut keep = text.chars().count();
    while keep > 1 && width(&shortened(&text, keep)) > pixels {
        keep -= 1;
    }
    shortened(&text, keep).into_owned()
}

fn height(rows: usize, row: i32) -> u32 {
    let rows = i32::try_from(rows).unwrap_or(i32::MAX);
    rows.saturating_mul(row).saturating_add(2 * TOP).unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_fit() {
        assert_eq!(fitted("Example Networks", ROOM), "Example Networks");
        for long in [
            "NINGBO, ZHEJIANG PROVINCE, P.R. CHINA",
            &"例".repeat(300),
            &"i".repeat(300),
            &"W".repeat(300),
        ] {
            let label = fitted(long, ROOM);
            assert!(
                label.ends_with('…') && width(&label) <= ROOM && width(&label) > ROOM - 30,
                "{label}"
            );
        }
    }
}
