//! How the octets came to their names: one bar, parts of one whole.

use super::{
    Look,
    canvas::{Caption, Hold, Ink, draw, pixels},
};
use crate::{Language, ReportError, text::Text};
use std::fmt::Write as _;
use telltale_core::model::Coverage;

const SIZE: (u32, u32) = (960, 44);
/// Pixels below which a part's share does not fit into it.
const ROOM: i32 = 48;

/// The parts, surest first: words, octets. They add up to the whole; what no counter claims is "nothing known".
pub(crate) fn parts(coverage: &Coverage, text: &Text) -> [(&'static str, u64); 5] {
    let known = [
        (text.unseen.observed, coverage.observed_name_bytes),
        (text.unseen.inferred, coverage.inferred_name_bytes),
        (text.unseen.address_only, coverage.address_only_bytes),
        (text.unseen.tunnel, coverage.tunnel_bytes),
    ];
    let claimed = known.iter().map(|p| p.1).fold(0, u64::saturating_add);
    let [a, b, c, d] = known;
    [
        a,
        b,
        c,
        d,
        (text.unseen.nothing, coverage.bytes.saturating_sub(claimed)),
    ]
}

const INKS: [Ink; 5] = [Ink::Sent, Ink::Inferred, Ink::Received, Ink::Axis, Ink::Line];

/// Names of the classes that `page/style.css` gives the same colours.
pub(crate) const fn swatch(part: usize) -> &'static str {
    ["observed", "inferred", "address", "tunnel", "nothing"][part]
}

/// Draws it.
pub fn coverage(coverage: &Coverage, language: Language, look: Look) -> Result<String, ReportError> {
    let text = language.text();
    let parts = parts(coverage, text);
    let whole = parts.iter().map(|p| p.1).fold(0, u64::saturating_add);
    let mut description = String::new();
    for (words, octets) in parts.iter().filter(|p| p.1 > 0) {
        let _ = write!(description, "{}{}{words}. ", language.share(*octets, whole), text.colon);
    }
    let caption = Caption {
        id: "chart-coverage",
        title: text.unseen.covered,
        description: description.trim_end(),
    };
    draw(SIZE, look, &caption, |canvas| {
        let (width, height) = (960, 44);
        let mut passed: u64 = 0;
        for ((_, octets), ink) in parts.iter().zip(INKS) {
            let from = pixels(passed, whole, width);
            passed = passed.saturating_add(*octets);
            let to = pixels(passed, whole, width);
            canvas.rect((from, 0), (to - i32::from(to < width && to - from > 2), height), ink)?;
            if to - from >= ROOM {
                let on = match ink {
                    Ink::Sent | Ink::Axis => Ink::Ground,
                    _ => Ink::Text,
                };
                canvas.bold(
                    (from.midpoint(to), height / 2),
                    &language.share(*octets, whole),
                    (14, Hold::Middle, on),
                )?;
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_the_whole() {
        let coverage_of = Coverage {
            bytes: 100,
            observed_name_bytes: 60,
            tunnel_bytes: 30,
            ..Coverage::default()
        };
        let parts = parts(&coverage_of, Language::En.text());
        assert_eq!(parts.map(|p| p.1), [60, 0, 0, 30, 10]);
        let svg = coverage(&coverage_of, Language::En, Look::Page).unwrap();
        assert!(svg.contains("60%") && svg.contains("30%"), "{svg}");
        assert!(
            coverage(&Coverage::default(), Language::Fr, Look::Light)
                .unwrap()
                .contains("<svg")
        );
    }
}
