//! An authority's certificate as people hand it over: a file of openssl's, or text that lost its line breaks on the way. Pure.
//!
//! Never here: whether anybody trusts it.

use super::account::LinkError;
use super::tls;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Octets of a file or a text at most: a few certificates with their descriptions.
pub const MAX_AUTHORITY: usize = 65_536;
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";
/// Letters of a line (RFC 7468).
const LINE: usize = 64;
/// What every DER certificate begins with: a sequence whose length has two octets.
const DER: [u8; 2] = [0x30, 0x82];

/// Reads one or more certificates, PEM or DER, and gives them as PEM in its usual form; what stands around them is left out.
pub fn read_authority(octets: &[u8]) -> Result<String, LinkError> {
    if octets.len() > MAX_AUTHORITY {
        return Err(wrong("this is larger than a certificate is"));
    }
    let pem = if octets.starts_with(&DER) {
        block(&STANDARD.encode(octets))
    } else {
        let text = std::str::from_utf8(octets).map_err(|_| wrong("there is none in it"))?;
        usual(text)?
    };
    tls::roots(&pem)?;
    Ok(pem)
}

pub(super) fn wrong(what: impl std::fmt::Display) -> LinkError {
    LinkError::Invalid(format!("the authority's certificate cannot be read: {what}"))
}

/// PEM in its usual form, whatever became of its line breaks.
pub(super) fn usual(text: &str) -> Result<String, LinkError> {
    let mut pem = String::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(BEGIN) {
        let (inside, next) = after.split_once(END).ok_or_else(|| wrong("its end is missing"))?;
        // Line breaks that were written as letters, as in JSON.
        let inside = inside.replace("\\r", "").replace("\\n", "");
        let letters: String = inside.chars().filter(|c| !c.is_whitespace()).collect();
        if !letters
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b))
        {
            return Err(wrong("there are signs in it that no certificate has"));
        }
        pem.push_str(&block(&letters));
        rest = next;
    }
    match (pem.is_empty(), text.contains("PRIVATE KEY-----")) {
        (true, true) => Err(wrong("this is a private key; keep it to yourself")),
        (true, false) => Err(wrong("there is none in the text")),
        (false, _) => Ok(pem),
    }
}

fn block(base64: &str) -> String {
    let mut text = format!("{BEGIN}\n");
    let mut rest = base64;
    while !rest.is_empty() {
        // Only ASCII stands here.
        let (line, after) = rest.split_at(rest.len().min(LINE));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text.push_str(END);
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio_rustls::rustls::pki_types::CertificateDer;
    use tokio_rustls::rustls::pki_types::pem::PemObject;

    /// An authority that openssl made for this test.
    const PEM: &str = include_str!("../../tests/common/authority.pem");

    #[test]
    fn whatever_became_of_its_line_breaks_it_is_the_same_certificate() {
        let one_line = PEM.replace('\n', "");
        let forms = [
            PEM.to_owned(),
            PEM.replace('\n', "\r\n"),
            PEM.replace('\n', "\r"),
            PEM.replace('\n', " "),
            PEM.replace('\n', "\\n"),
            one_line.clone(),
            format!("subject=CN=authority\n  {one_line}  \nand more"),
        ];
        for form in forms {
            assert_eq!(read_authority(form.as_bytes()).as_deref(), Ok(PEM), "{form}");
        }
        let der = CertificateDer::from_pem_slice(PEM.as_bytes()).expect("a certificate");
        assert_eq!(read_authority(&der).as_deref(), Ok(PEM), "DER");
        let two = read_authority(format!("{one_line}{one_line}").as_bytes());
        assert_eq!(two, Ok(format!("{PEM}{PEM}")));
    }

    #[test]
    fn what_is_no_certificate_is_told() {
        let cut = PEM.len() - 30;
        let cases = [
            (String::new(), "there is none"),
            ("hello".to_owned(), "there is none"),
            (
                "-----BEGIN PRIVATE KEY-----\nMC4\n-----END PRIVATE KEY-----".to_owned(),
                "a private key",
            ),
            (PEM[..cut].to_owned(), "its end is missing"),
            (format!("{BEGIN}aa<b>aa{END}"), "signs in it"),
            (format!("{BEGIN}aaaa{END}"), "cannot be read"),
            (format!("{BEGIN}{END}"), "cannot be read"),
            (PEM.replace('M', "N"), "cannot be read"),
            ("x".repeat(MAX_AUTHORITY + 1), "larger"),
        ];
        for (text, wanted) in cases {
            let said = read_authority(text.as_bytes()).expect_err(&text).to_string();
            assert!(said.contains(wanted), "{said}");
        }
        assert!(read_authority(&[0x30, 0x82, 1, 2]).is_err());
        assert!(read_authority(&[0xff, 0xfe]).is_err());
    }
}
