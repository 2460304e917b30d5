//! JA4: a short fingerprint of a client's TLS library, out of its hello.
//!
//! Only JA4 for TLS clients, which its authors (`FoxIO`) gave under the BSD 3-clause licence; nothing of JA4+ (other licence) may come here.
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

/// Cipher suites, and extensions, that a fingerprinted hello may have at most. The registries hold some 370 suites and 70
/// extensions; the list must be sorted without the heap, and a stranger may send 32,767.
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

/// First and last character of the first application protocol; of its hexadecimal form when either is no letter or digit
/// (section "ALPN Extension Value").
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

/// The first 12 hexadecimal digits of the SHA-256 of a list, written as `002f,0035`, with what follows it behind an underscore; zeros for an
/// empty list (sections "Cipher hash" and "Extension hash").
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

/// Text put together on the stack. What does not fit is left away: the capacities here hold the longest text there can be.
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
