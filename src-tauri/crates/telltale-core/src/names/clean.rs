//! Strangers' texts made safe to show, compare and look up.

use std::fmt::Write;

/// Octets of a name (RFC 1035 section 2.3.4 less root and lengths); longer ones are no names.
const MAX_NAME_LEN: usize = 253;
/// Characters of a device's name or a program's own description that are kept.
const MAX_LABEL_CHARS: usize = 200;

/// Writes a server's name to `out` (which is emptied): lower case, without dots at the end, octets that are no visible ASCII as
/// `\DDD` (RFC 4343 section 2.1). False when nothing is left or it is too long to be a name.
pub(crate) fn clean_name(name: &[u8], out: &mut String) -> bool {
    out.clear();
    let end = name
        .iter()
        .rposition(|octet| *octet != b'.')
        .map_or(0, |last| last.saturating_add(1));
    let name = name.get(..end).unwrap_or_default();
    if name.is_empty() || name.len() > MAX_NAME_LEN {
        return false;
    }
    for octet in name {
        if octet.is_ascii_graphic() {
            out.push(char::from(octet.to_ascii_lowercase()));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\{octet:03}");
        }
    }
    true
}

/// As [`clean_name`], for the host of a request: `out` keeps the port as sent.
pub(crate) fn clean_host(host: &str, out: &mut String) -> bool {
    clean_name(host.trim().as_bytes(), out)
}

/// A host without its port: `[2001:db8::1]:80` gives `2001:db8::1`.
pub(crate) fn without_port(host: &str) -> &str {
    if let Some(inner) = host.strip_prefix('[') {
        return inner.split(']').next().unwrap_or(inner);
    }
    match host.split_once(':') {
        // An IPv6 address without brackets has more colons.
        Some((name, port)) if !port.contains(':') => name.trim_end_matches('.'),
        _ => host,
    }
}

/// A text for people (a device's name, a program's description): invisible and direction-changing characters are left out,
/// and all beyond [`MAX_LABEL_CHARS`], and a last character of which only a part came. `None` when nothing is left.
pub(crate) fn clean_label(text: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(without_cut_end(text));
    let kept: String = text.chars().filter(|c| is_visible(*c)).take(MAX_LABEL_CHARS).collect();
    let kept = kept.trim();
    (!kept.is_empty()).then(|| kept.to_owned())
}

/// The text without the beginning of a character at its end: fields of fixed length cut where they end.
fn without_cut_end(text: &[u8]) -> &[u8] {
    match std::str::from_utf8(text) {
        Err(error) if error.error_len().is_none() => text.get(..error.valid_up_to()).unwrap_or(text),
        _ => text,
    }
}

fn is_visible(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &[u8]) -> Option<String> {
        let mut out = String::from("old");
        clean_name(text, &mut out).then_some(out)
    }

    #[test]
    fn names_are_lower_case_and_visible() {
        assert_eq!(name(b"WWW.Example.ORG.").as_deref(), Some("www.example.org"));
        assert_eq!(name(b"a\x00b\x1b[31m.com").as_deref(), Some("a\\000b\\027[31m.com"));
        assert_eq!(name("é.fr".as_bytes()).as_deref(), Some("\\195\\169.fr"));
        assert_eq!(name(b"..."), None);
        assert_eq!(name(&[b'a'; 254]), None);
    }

    #[test]
    fn hosts_lose_their_port_only() {
        assert_eq!(without_port("example.org:8080"), "example.org");
        assert_eq!(without_port("[2001:db8::1]:80"), "2001:db8::1");
        assert_eq!(without_port("2001:db8::1"), "2001:db8::1");
        assert_eq!(without_port("example.org"), "example.org");
    }

    #[test]
    fn labels_cannot_turn_the_writing_direction() {
        assert_eq!(clean_label("Zoé\u{202e}gnp\u{0}".as_bytes()).as_deref(), Some("Zoégnp"));
        assert_eq!(clean_label(b" \x01 "), None);
    }

    #[test]
    fn a_label_that_was_cut_within_a_character_ends_before_it() {
        assert_eq!(clean_label(&"Météo".as_bytes()[..5]).as_deref(), Some("Mét"));
        assert_eq!(clean_label(&"Mé".as_bytes()[..2]).as_deref(), Some("M"));
        assert_eq!(clean_label(b"M\xffx").as_deref(), Some("M\u{fffd}x"));
    }
}
