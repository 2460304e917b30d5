//! What a phone's camera reads to join: the text of the Wi-Fi QR form, and the code as a square of modules.
//!
//! Called by the engine; pure. The form: `WIFI:T:WPA;S:name;P:password;H:true;;` (the wiki of `ZXing`, "Barcode Contents"; Wi-Fi Alliance,
//! WPA3 specification 7.1).

use crate::HotspotError;
use qrcode::{Color, EcLevel};

/// A QR code; draw it with a border of four light modules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QrCode {
    /// Modules of one side.
    pub size: usize,
    /// `size * size` modules row by row; `true` is dark.
    pub modules: Vec<bool>,
}

impl QrCode {
    /// Encodes `text`, readable with 15 % of it damaged.
    pub fn encode(text: &str) -> Result<Self, HotspotError> {
        let code = qrcode::QrCode::with_error_correction_level(text, EcLevel::M)
            .map_err(|e| HotspotError::System(format!("the text does not fit into a QR code: {e}")))?;
        Ok(Self {
            size: code.width(),
            modules: code.to_colors().into_iter().map(|c| c == Color::Dark).collect(),
        })
    }
}

/// The text that makes a phone join the network `ssid`.
pub fn join_text(ssid: &str, password: &str, hidden: bool) -> String {
    // A name that could be a row of hexadecimal digits is taken for one by some readers, unless it stands in quotes. A passphrase
    // is taken for a key only with exactly 64 digits, which it never has.
    let hex = !ssid.is_empty() && ssid.bytes().all(|b| b.is_ascii_hexdigit());
    let name = if hex { format!("\"{ssid}\"") } else { escaped(ssid) };
    let hidden = if hidden { "H:true;" } else { "" };
    format!("WIFI:T:WPA;S:{name};P:{};{hidden};", escaped(password))
}

/// Puts a backslash before each character that means something in the form.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | ';' | ',' | ':' | '"') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_in_the_form_is_escaped() {
        assert_eq!(
            join_text("Telltale-7F3K", "abcd-efgh", false),
            "WIFI:T:WPA;S:Telltale-7F3K;P:abcd-efgh;;"
        );
        assert_eq!(
            join_text(r#"a;b,c:d\e"f"#, r";,:\\", true),
            r#"WIFI:T:WPA;S:a\;b\,c\:d\\e\"f;P:\;\,\:\\\\;H:true;;"#
        );
        assert_eq!(
            join_text("Café 2", "motdepasse", false),
            "WIFI:T:WPA;S:Café 2;P:motdepasse;;"
        );
    }

    #[test]
    fn a_name_of_hexadecimal_digits_stands_in_quotes() {
        assert_eq!(
            join_text("ABCD", "deadbeef", false),
            "WIFI:T:WPA;S:\"ABCD\";P:deadbeef;;"
        );
        assert_eq!(join_text("ABCDG", "deadbeef", false), "WIFI:T:WPA;S:ABCDG;P:deadbeef;;");
    }

    #[test]
    fn another_program_reads_the_code() {
        let longest = (&"\"".repeat(32), &";".repeat(63));
        for (ssid, password) in [
            (&"Telltale-7F3K".to_owned(), &"ab2c-de3f-gh4j-km5n".to_owned()),
            longest,
            (&"Été 📱".to_owned(), &"x y;z:\\".to_owned()),
        ] {
            let text = join_text(ssid, password, false);
            let code = QrCode::encode(&text).expect("it fits");
            assert_eq!(code.modules.len(), code.size * code.size);
            let grid = rqrr::SimpleGrid::from_func(code.size, |x, y| code.modules[y * code.size + x]);
            let (_, read) = rqrr::Grid::new(grid).decode().expect("a code that can be read");
            assert_eq!(read, text);
        }
    }

    #[test]
    fn what_is_too_long_is_refused() {
        assert!(QrCode::encode(&"x".repeat(3_000)).is_err());
    }
}
