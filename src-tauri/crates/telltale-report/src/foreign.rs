//! Text that a stranger chose, made harmless to look at: names, hosts, organisations, notes, file names.
//!
//! Every such text passes here before it goes into a page or a chart; escaping for the form follows there. Never here: markup.

use std::borrow::Cow;

/// Characters shown of a text; a host name has at most 253.
const MAX_SHOWN: usize = 300;
/// Stands for a character that cannot be seen.
const BOX: char = '\u{25af}';

/// Controls, direction marks and overrides, joiners without width, line separators, tags, noncharacters: with these
/// a name could look like another, or turn the text around it.
const fn is_odd(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{fffe}'..='\u{ffff}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// The text with each invisible character as a small box, cut after [`MAX_SHOWN`] characters.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    shortened(text, MAX_SHOWN)
}

/// The same, of at most `most` characters.
pub(crate) fn shortened(text: &str, most: usize) -> Cow<'_, str> {
    let long = text.len() > most && text.chars().nth(most).is_some();
    if !long && !text.chars().any(is_odd) {
        return text.into();
    }
    let keep = if long { most.saturating_sub(1) } else { most };
    let mut shown: String = text
        .chars()
        .take(keep)
        .map(|c| if is_odd(c) { BOX } else { c })
        .collect();
    if long {
        shown.push('…');
    }
    shown.into()
}

/// A person's own notes: line ends stay, nothing is cut.
pub(crate) fn notes(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .map(|c| if is_odd(c) && c != '\n' { BOX } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_invisible_stays() {
        assert_eq!(visible("a\u{202e}b\0c\u{200b}d\ne"), "a▯b▯c▯d▯e");
        assert_eq!(visible("bücher.example 例え"), "bücher.example 例え");
        assert_eq!(visible(""), "");
        assert_eq!(notes("one\r\ntwo\u{202e}"), "one\ntwo▯");
    }

    #[test]
    fn long_names_are_cut_between_characters() {
        assert_eq!(shortened("ééééé", 5), "ééééé");
        assert_eq!(shortened("éééééé", 5), "éééé…");
        assert_eq!(visible(&"x".repeat(5_000)).chars().count(), MAX_SHOWN);
    }
}
