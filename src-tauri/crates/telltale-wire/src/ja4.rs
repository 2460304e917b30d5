//! JA4: a short fingerprint of a client's TLS library, out of its hello.
//!
//! Only JA4 for TLS clients, which its authors (`FoxIO`) gave under the BSD 3-clause licence; nothing of JA4+ (other
//! licence) may come here.
//! Source: <https://github.com/FoxIO-LLC/ja4/blob/main/technical_details/JA4.md>.

use crate::tls::{ClientHello, ExtensionKind, Version, is_grease};
use ring::digest;
use std::fmt;

/// A fingerprint such as `t13d1516h2_8daaf6152771_e5627efa2ab1`: 36 ASCII characters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ja4([u8; 36]);

/// What carried the hello.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// TLS over TCP, `t`.
    Tcp,
    /// QUIC, `q`.
    Quic,
    /// DTLS, `d`.
    Dtls,
}

/// Cipher suites, and extensions, that a fingerprinted hello may have at most. The registries hold some 370 suites and
/// 70 extensions; the list must be sorted without the heap, and a stranger may send 32,767.
pub const MAX_NUMBERS: usize = 512;

impl Ja4 {
    /// The fingerprint of a hello; `None` when the hello is not whole or has more than [`MAX_NUMBERS`] of a kind.
    pub fn of(hello: &ClientHello<'_>, carrier: Carrier) -> Option<Self> {
        if !hello.is_whole {
            return None;
        }
        let real = |number: &u16| !is_grease(*number);
        let mut ciphers = List::collect(hello.cipher_suites().filter(real))?;
        let all = hello.extensions().map(|extension| extension.kind.0).filter(real);
        let extension_count = all.clone().count();
        let named_apart = [ExtensionKind::SERVER_NAME.0, ExtensionKind::ALPN.0];
        let mut extensions = List::collect(all.filter(|kind| !named_apart.contains(kind)))?;
        let algorithms = List::collect(hello.signature_algorithms().filter(real))?;
        ciphers.sort();
        extensions.sort();

        let mut text = Text::<36>::new();
        text.push(&[match carrier {
            Carrier::Tcp => b't',
            Carrier::Quic => b'q',
            Carrier::Dtls => b'd',
        }]);
        text.push(version(hello.highest_version()));
        text.push(if hello.has_sni_extension() { b"d" } else { b"i" });
        text.push(&two_digits(ciphers.len));
        text.push(&two_digits(extension_count));
        text.push(&first_protocol(hello));
        text.push(b"_");
        text.push(&hash(&ciphers, None));
        text.push(b"_");
        text.push(&hash(&extensions, Some(&algorithms)));
        Some(Self(text.octets))
    }

    /// The characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Ja4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Ja4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ja4({self})")
    }
}

/// Two characters for the version (section "TLS and DTLS Version").
const fn version(version: Version) -> &'static [u8; 2] {
    match version {
        Version::TLS_1_3 => b"13",
        Version::TLS_1_2 => b"12",
        Version::TLS_1_1 => b"11",
        Version::TLS_1_0 => b"10",
        Version::SSL_3 => b"s3",
        Version::SSL_2 => b"s2",
        Version::DTLS_1_0 => b"d1",
        Version::DTLS_1_2 => b"d2",
        Version::DTLS_1_3 => b"d3",
        _ => b"00",
    }
}

/// A count as two digits; 99 stands for more.
fn two_digits(count: usize) -> [u8; 2] {
    let count = u8::try_from(count).unwrap_or(99).min(99);
    [count / 10, count % 10].map(|digit| digit.saturating_add(b'0'))
}

/// First and last character of the first application protocol; of its hexadecimal form when either is no letter or
/// digit (section "ALPN Extension Value").
fn first_protocol(hello: &ClientHello<'_>) -> [u8; 2] {
    let is_real = |name: &&[u8]| <[u8; 2]>::try_from(*name).map_or(true, |name| !is_grease(u16::from_be_bytes(name)));
    let (Some(first), Some(last)) = hello
        .alpn()
        .find(is_real)
        .map_or((None, None), |name| (name.first(), name.last()))
    else {
        return *b"00";
    };
    if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
        return [*first, *last];
    }
    [hex_digit(first >> 4), hex_digit(last & 0x0f)]
}

/// The first 12 hexadecimal digits of the SHA-256 of a list, written as `002f,0035`, with what follows it behind an
/// underscore; zeros for an empty list (sections "Cipher hash" and "Extension hash").
fn hash(list: &List, followed_by: Option<&List>) -> [u8; 12] {
    if list.len == 0 {
        return [b'0'; 12];
    }
    let mut text = Text::<{ 2 * 5 * MAX_NUMBERS }>::new();
    list.write(&mut text);
    if let Some(next) = followed_by.filter(|next| next.len != 0) {
        text.push(b"_");
        next.write(&mut text);
    }
    let sum = digest::digest(&digest::SHA256, text.written());
    let mut out = [b'0'; 12];
    for (digits, octet) in out.as_chunks_mut::<2>().0.iter_mut().zip(sum.as_ref()) {
        *digits = [hex_digit(octet >> 4), hex_digit(octet & 0x0f)];
    }
    out
}

const fn hex_digit(half: u8) -> u8 {
    match half {
        0..=9 => half.saturating_add(b'0'),
        _ => half.saturating_add(b'a' - 10),
    }
}

/// Up to [`MAX_NUMBERS`] numbers on the stack.
struct List {
    numbers: [u16; MAX_NUMBERS],
    len: usize,
}

impl List {
    fn collect(numbers: impl Iterator<Item = u16>) -> Option<Self> {
        let mut list = Self {
            numbers: [0; MAX_NUMBERS],
            len: 0,
        };
        for number in numbers {
            *list.numbers.get_mut(list.len)? = number;
            list.len = list.len.saturating_add(1);
        }
        Some(list)
    }

    fn sort(&mut self) {
        if let Some(numbers) = self.numbers.get_mut(..self.len) {
            numbers.sort_unstable();
        }
    }

    /// Four hexadecimal digits each, commas between them.
    fn write<const N: usize>(&self, text: &mut Text<N>) {
        for (index, number) in self.numbers.iter().take(self.len).enumerate() {
            let [high, low] = number.to_be_bytes();
            let digits = [high >> 4, high & 0x0f, low >> 4, low & 0x0f].map(hex_digit);
            text.push(if index == 0 { b"" } else { b"," });
            text.push(&digits);
        }
    }
}

/// Text put together on the stack. What does not fit is left away: the capacities here hold the longest text there can
/// be.
struct Text<const N: usize> {
    octets: [u8; N],
    len: usize,
}

impl<const N: usize> Text<N> {
    const fn new() -> Self {
        Self { octets: [0; N], len: 0 }
    }

    #[inline]
    fn push(&mut self, octets: &[u8]) {
        let end = self.len.saturating_add(octets.len());
        if let Some(place) = self.octets.get_mut(self.len..end) {
            place.copy_from_slice(octets);
            self.len = end;
        }
    }

    fn written(&self) -> &[u8] {
        self.octets.get(..self.len).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A hello's body with these suites and extensions.
    fn body(suites: &[u16], extensions: &[(u16, &[u8])]) -> Vec<u8> {
        let suites: Vec<u8> = suites.iter().flat_map(|suite| suite.to_be_bytes()).collect();
        let list: Vec<u8> = extensions
            .iter()
            .flat_map(|(kind, content)| {
                [&kind.to_be_bytes()[..], &(content.len() as u16).to_be_bytes(), *content].concat()
            })
            .collect();
        let mut body = vec![3, 3];
        body.extend([7; 32]);
        body.push(0);
        body.extend((suites.len() as u16).to_be_bytes());
        body.extend(suites);
        body.extend([1, 0]);
        body.extend((list.len() as u16).to_be_bytes());
        body.extend(list);
        body
    }

    fn fingerprint(body: &[u8]) -> String {
        Ja4::of(&ClientHello::parse(body).unwrap(), Carrier::Tcp)
            .unwrap()
            .to_string()
    }

    const ALGORITHMS: [u8; 18] = [0, 16, 4, 3, 8, 4, 4, 1, 5, 3, 8, 5, 5, 1, 8, 6, 6, 1];
    const SUITES: [u16; 16] = [
        0x0a0a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d,
        0x002f, 0x0035,
    ];

    /// The specification's own example, with the GREASE that Chrome adds.
    fn example(alpn: &[u8]) -> Vec<(u16, &[u8])> {
        let kinds = [
            0x2a2a, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023, 0x0012, 0x002b,
            0xff01, 0x000b, 0x000a, 0x0015, 0xfafa,
        ];
        let content = |kind| match kind {
            0x0000 => &[0, 4, 0, 0, 1, b'x'][..],
            0x0010 => alpn,
            0x000d => &ALGORITHMS,
            0x002b => &[6, 0x3a, 0x3a, 3, 4, 3, 3],
            _ => &[],
        };
        kinds.map(|kind| (kind, content(kind))).to_vec()
    }

    const H2: [u8; 14] = [0, 12, 2, b'h', b'2', 8, b'h', b't', b't', b'p', b'/', b'1', b'.', b'1'];

    #[test]
    fn the_specifications_example() {
        assert_eq!(
            fingerprint(&body(&SUITES, &example(&H2))),
            "t13d1516h2_8daaf6152771_e5627efa2ab1"
        );
    }

    #[test]
    fn without_signature_algorithms_the_hash_ends_without_an_underscore() {
        let extensions: Vec<_> = example(&H2)
            .into_iter()
            .map(|(kind, content)| (kind, if kind == 13 { &[] } else { content }))
            .collect();
        assert_eq!(
            fingerprint(&body(&SUITES, &extensions)),
            "t13d1516h2_8daaf6152771_6d807ffa2a79"
        );
    }

    #[test]
    fn empty_lists_are_zeros() {
        assert_eq!(
            fingerprint(&body(&[0x0a0a], &[])),
            "t12i000000_000000000000_000000000000"
        );
        assert_eq!(
            fingerprint(&body(&[0x0a0a], &[(16, &H2)])),
            "t12i0001h2_000000000000_000000000000"
        );
    }

    #[test]
    fn the_protocols_characters() {
        let protocol = |name: &[u8]| {
            let list = [&[0, name.len() as u8 + 1, name.len() as u8][..], name].concat();
            fingerprint(&body(&[0x1301], &[(16, &list)]))[8..10].to_owned()
        };
        assert_eq!(protocol(b"http/1.1"), "h1");
        assert_eq!(protocol(b"h"), "hh");
        // The specification's examples.
        assert_eq!(protocol(&[0xab]), "ab");
        assert_eq!(protocol(&[0xab, 0xcd]), "ad");
        assert_eq!(protocol(&[0x30, 0xab]), "3b");
        assert_eq!(protocol(&[0x30, 0x31, 0xab, 0xcd]), "3d");
        assert_eq!(protocol(&[0x30, 0xab, 0xcd, 0x31]), "01");
        // GREASE and an empty name.
        assert_eq!(protocol(&[0xfa, 0xfa]), "00");
        assert_eq!(protocol(&[]), "00");
    }

    #[test]
    fn counts_stop_at_99_and_lists_at_the_limit() {
        let many: Vec<u16> = (1..=200).collect();
        assert!(fingerprint(&body(&many, &[])).starts_with("t12i9900"));
        let limit: Vec<u16> = (1..=MAX_NUMBERS as u16).collect();
        assert!(Ja4::of(&ClientHello::parse(&body(&limit, &[])).unwrap(), Carrier::Tcp).is_some());
        let over: Vec<u16> = (1..=MAX_NUMBERS as u16 + 1).collect();
        assert_eq!(
            Ja4::of(&ClientHello::parse(&body(&over, &[])).unwrap(), Carrier::Tcp),
            None
        );
    }

    #[test]
    fn versions_and_carriers() {
        for (number, text) in [(0x0301_u16, "10"), (0x0300, "s3"), (0x0002, "s2"), (0x7f17, "00")] {
            let mut body = body(&[0x1301], &[]);
            body[..2].copy_from_slice(&number.to_be_bytes());
            assert_eq!(&fingerprint(&body)[1..3], text);
        }
        let dtls = [&[0xfe, 0xfd][..], &[7; 32], &[0, 0, 0, 2, 0xc0, 0x2b, 1, 0]].concat();
        let hello = ClientHello::parse_dtls(&dtls).unwrap();
        assert!(
            Ja4::of(&hello, Carrier::Dtls)
                .unwrap()
                .as_str()
                .starts_with("dd2i010000_")
        );
        let tls = body(&[0x1301], &[]);
        let hello = ClientHello::parse(&tls).unwrap();
        assert!(
            Ja4::of(&hello, Carrier::Quic)
                .unwrap()
                .as_str()
                .starts_with("q12i010000_")
        );
    }

    #[test]
    fn a_cut_hello_has_no_fingerprint() {
        let whole = body(&SUITES, &example(&H2));
        let hello = ClientHello::parse_beginning(&whole[..whole.len() - 1]).unwrap();
        assert_eq!(Ja4::of(&hello, Carrier::Tcp), None);
    }
}
