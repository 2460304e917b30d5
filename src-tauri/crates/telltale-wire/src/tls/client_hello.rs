//! The parts of a `ClientHello` that say who is being called, and by what kind of client.
//!
//! Called with whole messages of TLS records, DTLS fragments or QUIC CRYPTO frames. Never here: the fingerprint
//! ([`crate::ja4`]), or a judgement of what a name means.

use super::{Version, is_grease};
use crate::{DissectError, ErrorKind, Layer, reader::Reader};

/// A `ClientHello` (RFC 8446 section 4.1.2, RFC 6347 section 4.2.1), borrowed. `Copy`; lists are read in place on
/// demand.
#[derive(Clone, Copy, Debug)]
pub struct ClientHello<'a> {
    /// The version field: the highest version up to TLS 1.2 that the client speaks; see
    /// [`ClientHello::highest_version`].
    pub legacy_version: Version,
    /// The session id, 0 to 32 octets.
    pub session_id: &'a [u8],
    /// DTLS's cookie (RFC 6347 section 4.2.1): `None` in TLS, empty in the first hello of a DTLS client.
    pub cookie: Option<&'a [u8]>,
    /// False when only the beginning of the hello was there ([`ClientHello::parse_beginning`]).
    pub is_whole: bool,
    cipher_suites: &'a [u8],
    /// The list's content, without its length.
    extensions: &'a [u8],
    sni: Option<&'a [u8]>,
    has_sni_extension: bool,
    /// Octets of each suite: 2, or 3 in SSL 2.0's form.
    suite_len: u8,
}

/// A number of the registry "TLS `ExtensionType` Values". A newtype, since files hold any number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExtensionKind(pub u16);

impl ExtensionKind {
    /// `server_name` (RFC 6066 section 3).
    pub const SERVER_NAME: Self = Self(0);
    /// `signature_algorithms` (RFC 8446 section 4.2.3).
    pub const SIGNATURE_ALGORITHMS: Self = Self(13);
    /// `application_layer_protocol_negotiation` (RFC 7301).
    pub const ALPN: Self = Self(16);
    /// `supported_versions` (RFC 8446 section 4.2.1).
    pub const SUPPORTED_VERSIONS: Self = Self(43);
    /// `quic_transport_parameters` (RFC 9001 section 8.2).
    pub const QUIC_TRANSPORT_PARAMETERS: Self = Self(57);
    /// `encrypted_client_hello` (RFC 9849 section 5).
    pub const ECH: Self = Self(0xfe0d);
    /// `encrypted_server_name` of the drafts before ECH (draft-ietf-tls-esni-02).
    pub const ESNI: Self = Self(0xffce);
}

/// One extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension<'a> {
    /// What it is.
    pub kind: ExtensionKind,
    /// Its content.
    pub content: &'a [u8],
}

/// The outer part of Encrypted Client Hello (RFC 9849 section 5): the hello that counts lies encrypted inside, and the
/// server name outside is that of the provider's front (`cloudflare-ech.com`).
///
/// **Or not**: a client without a key for the server sends the same extension with random content (GREASE, section
/// 6.2), made so that nobody on the way can tell. What an observer can say is [`Ech::is_certainly_grease`]; else
/// compare the outer name: real ECH shows a provider's public name, GREASE shows the name that the user called, which
/// the device has mostly just asked DNS for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ech {
    /// Key derivation and encryption of the payload.
    pub suite: EchCipherSuite,
    /// Which of the server's keys was used; random in GREASE.
    pub config_id: u8,
    /// Octets of the encapsulated key; 0 in the hello after a `HelloRetryRequest`.
    pub enc_len: u16,
    /// Octets of the encrypted inner hello.
    pub payload_len: u16,
}

/// HPKE algorithms (RFC 9180 sections 7.2 and 7.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EchCipherSuite {
    /// Key derivation function: 1 is HKDF-SHA256.
    pub kdf: u16,
    /// Authenticated encryption: 1 is AES-128-GCM, 2 AES-256-GCM, 3 ChaCha20-Poly1305.
    pub aead: u16,
}

impl Ech {
    /// True when no real client could have made it: unregistered algorithms, a key length that no registered KEM has,
    /// or a payload too short for the shortest hello (2 + 32 + 1 + 4 + 2 + 2 octets and the 16 of the tag). False says
    /// nothing.
    pub const fn is_certainly_grease(&self) -> bool {
        !matches!(self.suite.kdf, 1..=3)
            || !matches!(self.suite.aead, 1..=3)
            || !matches!(self.enc_len, 0 | 32 | 56 | 65 | 97 | 133 | 1120)
            || self.payload_len < 59
    }
}

impl<'a> ClientHello<'a> {
    /// Reads the body of a TLS `ClientHello`, also one out of QUIC.
    ///
    /// # Errors
    /// Truncated or malformed as the field says; extensions other than the server name are not looked into here.
    pub fn parse(body: &'a [u8]) -> Result<Self, DissectError> {
        let mut hello = Self::EMPTY;
        hello.read(Reader::new(Layer::Tls, body), false)?;
        Ok(hello)
    }

    /// Reads the body of a DTLS `ClientHello`, which has a cookie. Errors as [`ClientHello::parse`].
    pub fn parse_dtls(body: &'a [u8]) -> Result<Self, DissectError> {
        let mut hello = Self::EMPTY;
        hello.read(Reader::new(Layer::Dtls, body), true)?;
        Ok(hello)
    }

    /// Reads a TLS hello as far as it is there: the rest was cut by the snap length or lost. What lies behind the cut
    /// is missing from every list, so it has no fingerprint.
    ///
    /// # Errors
    /// Malformed, or truncated before the first cipher suite.
    pub fn parse_beginning(begun: &'a [u8]) -> Result<Self, DissectError> {
        let mut hello = Self::EMPTY;
        match hello.read(Reader::new(Layer::Tls, begun), false) {
            Err(DissectError {
                kind: ErrorKind::Truncated { .. },
                ..
            }) if !hello.cipher_suites.is_empty() => {
                hello.is_whole = false;
                Ok(hello)
            }
            Err(error) => Err(error),
            Ok(()) => Ok(hello),
        }
    }

    /// Reads a hello in SSL 2.0's form, which has no extensions and hence no server name; `body` starts at the message
    /// type.
    ///
    /// # Errors
    /// Truncated or malformed as the field says.
    pub fn parse_ssl_2(body: &'a [u8]) -> Result<Self, DissectError> {
        let mut r = Reader::new(Layer::Tls, body);
        if r.u8()? != 1 {
            return Err(r.malformed("an SSL 2.0 hello has type 1"));
        }
        let legacy_version = Version(r.u16()?);
        let [ciphers, session, challenge] = [r.u16()?, r.u16()?, r.u16()?].map(usize::from);
        if !ciphers.is_multiple_of(3) {
            return Err(r.malformed("an SSL 2.0 cipher has three octets"));
        }
        let cipher_suites = r.take(ciphers)?;
        let session_id = r.take(session)?;
        r.skip(challenge)?;
        Ok(Self {
            legacy_version,
            session_id,
            cipher_suites,
            suite_len: 3,
            ..Self::EMPTY
        })
    }

    /// The server name as the client wrote it (RFC 6066 section 3), mostly lower-case ASCII without a final dot, but
    /// any octets may come.
    pub const fn sni(&self) -> Option<&'a [u8]> {
        self.sni
    }

    /// True when the extension is there, even with nothing readable in it.
    pub const fn has_sni_extension(&self) -> bool {
        self.has_sni_extension
    }

    /// Cipher suites in the client's order, GREASE with them; of SSL 2.0's form, those that are TLS's.
    pub fn cipher_suites(&self) -> impl Iterator<Item = u16> + Clone + use<'a> {
        let in_three = self.suite_len == 3;
        self.cipher_suites
            .chunks_exact(usize::from(self.suite_len.max(2)))
            .filter_map(move |suite| match *suite {
                [high, low] => Some(u16::from_be_bytes([high, low])),
                [0, high, low] if in_three => Some(u16::from_be_bytes([high, low])),
                _ => None,
            })
    }

    /// Extensions in the client's order, GREASE with them.
    pub const fn extensions(&self) -> Extensions<'a> {
        Extensions { rest: self.extensions }
    }

    /// The content of the first extension of that kind.
    pub fn extension(&self, kind: ExtensionKind) -> Option<&'a [u8]> {
        self.extensions()
            .find(|extension| extension.kind == kind)
            .map(|extension| extension.content)
    }

    /// Application protocols that the client offers, most wanted first: `h2`, `http/1.1`, `h3`, `doq`, `dot`.
    pub fn alpn(&self) -> Names<'a> {
        let list = self.extension(ExtensionKind::ALPN).unwrap_or_default();
        Names {
            rest: Reader::new(Layer::Tls, list).vec_u16().unwrap_or_default(),
        }
    }

    /// Versions of the `supported_versions` extension in the client's order, GREASE with them; empty before TLS 1.3.
    pub fn supported_versions(&self) -> Numbers<'a> {
        let list = self.extension(ExtensionKind::SUPPORTED_VERSIONS).unwrap_or_default();
        Numbers {
            rest: Reader::new(Layer::Tls, list).vec_u8().unwrap_or_default(),
        }
    }

    /// The highest version that the client speaks. Drafts of TLS 1.3 count as what they are, numbers of their own.
    pub fn highest_version(&self) -> Version {
        let offered = self
            .supported_versions()
            .filter(|version| !is_grease(*version))
            .map(Version);
        let is_dtls = self.legacy_version.0 >> 8 == 0xfe;
        // DTLS writes its versions as the complement: the smaller number is the newer version.
        let highest = if is_dtls { offered.min() } else { offered.max() };
        highest.unwrap_or(self.legacy_version)
    }

    /// Signature algorithms in the client's order.
    pub fn signature_algorithms(&self) -> Numbers<'a> {
        let list = self.extension(ExtensionKind::SIGNATURE_ALGORITHMS).unwrap_or_default();
        Numbers {
            rest: Reader::new(Layer::Tls, list).vec_u16().unwrap_or_default(),
        }
    }

    /// The Encrypted Client Hello extension, real or GREASE; `None` also when it is written as no version of it is.
    pub fn ech(&self) -> Option<Ech> {
        let mut r = Reader::new(Layer::Tls, self.extension(ExtensionKind::ECH)?);
        let read = |r: &mut Reader<'a>| {
            let is_inner = r.u8()? != 0;
            let suite = EchCipherSuite {
                kdf: r.u16()?,
                aead: r.u16()?,
            };
            let config_id = r.u8()?;
            let enc_len = r.sub_u16()?.len();
            let payload_len = r.sub_u16()?.len();
            Ok::<_, DissectError>((!is_inner).then_some((suite, config_id, enc_len, payload_len)))
        };
        let (suite, config_id, enc_len, payload_len) = read(&mut r).ok()??;
        let [enc_len, payload_len] = [enc_len, payload_len].map(|len| u16::try_from(len).unwrap_or(u16::MAX));
        Some(Ech {
            suite,
            config_id,
            enc_len,
            payload_len,
        })
    }

    /// True when the name is hidden by the extension that came before ECH (drafts 2 to 6 of ESNI, 2018 to 2020).
    pub fn has_esni(&self) -> bool {
        self.extension(ExtensionKind::ESNI).is_some()
    }

    const EMPTY: Self = Self {
        legacy_version: Version(0),
        session_id: &[],
        cookie: None,
        is_whole: true,
        cipher_suites: &[],
        extensions: &[],
        sni: None,
        has_sni_extension: false,
        suite_len: 2,
    };

    /// Fills `self` field by field, so that what was read before an error stands.
    fn read(&mut self, mut r: Reader<'a>, is_dtls: bool) -> Result<(), DissectError> {
        self.legacy_version = Version(r.u16()?);
        r.skip(32)?; // random
        self.session_id = r.vec_u8()?;
        if self.session_id.len() > 32 {
            return Err(r.malformed("a session id has at most 32 octets"));
        }
        if is_dtls {
            self.cookie = Some(r.vec_u8()?);
        }
        let cipher_suites = r.vec_u16()?;
        if cipher_suites.is_empty() || !cipher_suites.len().is_multiple_of(2) {
            return Err(r.malformed("cipher suites are a list of 16-bit numbers"));
        }
        self.cipher_suites = cipher_suites;
        r.vec_u8()?; // compression methods
        if r.is_empty() {
            return Ok(()); // no extensions, as SSL 3.0 wrote it
        }
        let claimed = usize::from(r.u16()?);
        let there = r.rest().get(..claimed).unwrap_or(r.rest());
        let missing = r.truncated(claimed);
        let mut list = Reader::at_offset(Layer::Tls, there, r.offset());
        r.skip(there.len())?;
        while !list.is_empty() {
            let kind = ExtensionKind(list.u16()?);
            let content = list.sub_u16()?;
            // Only whole extensions count, so that a cut hello's list holds no half one.
            let len = there.len().saturating_sub(list.len());
            self.extensions = there.get(..len).unwrap_or(there);
            if kind == ExtensionKind::SERVER_NAME && !self.has_sni_extension {
                self.has_sni_extension = true;
                self.sni = host_name(content)?;
            }
        }
        if there.len() < claimed {
            return Err(missing);
        }
        if !r.is_empty() {
            return Err(r.malformed("nothing follows the extensions"));
        }
        Ok(())
    }
}

/// The first entry of type `host_name` in a server name list (RFC 6066 section 3).
fn host_name(mut content: Reader<'_>) -> Result<Option<&[u8]>, DissectError> {
    if content.is_empty() {
        return Ok(None); // a server's way to say that it took the name; clients that send it name nobody
    }
    let mut list = content.sub_u16()?;
    while !list.is_empty() {
        let kind = list.u8()?;
        let name = list.vec_u16()?;
        if kind == 0 {
            return Ok(Some(name).filter(|name| !name.is_empty()));
        }
    }
    Ok(None)
}

/// The extensions of a hello; ends at one that is cut.
#[derive(Clone, Debug)]
pub struct Extensions<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Extensions<'a> {
    type Item = Extension<'a>;

    fn next(&mut self) -> Option<Extension<'a>> {
        let mut r = Reader::new(Layer::Tls, self.rest);
        let kind = ExtensionKind(r.u16().ok()?);
        let content = r.vec_u16().ok()?;
        self.rest = r.rest();
        Some(Extension { kind, content })
    }
}

/// Names behind one-octet lengths; ends at one that is cut.
#[derive(Clone, Debug)]
pub struct Names<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Names<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let mut r = Reader::new(Layer::Tls, self.rest);
        let name = r.vec_u8().ok()?;
        self.rest = r.rest();
        Some(name)
    }
}

/// 16-bit numbers, one behind the other.
#[derive(Clone, Debug)]
pub struct Numbers<'a> {
    rest: &'a [u8],
}

impl Iterator for Numbers<'_> {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        let (number, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(u16::from_be_bytes(*number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8448 section 3, as a whole handshake message.
    const RFC_8448: &[u8] = include_bytes!("../../testdata/rfc8448-3-client-hello.bin");

    /// A hello's body out of its parts.
    fn body(extensions: &[(u16, &[u8])]) -> Vec<u8> {
        let list: Vec<u8> = extensions
            .iter()
            .flat_map(|(kind, content)| {
                [&kind.to_be_bytes()[..], &(content.len() as u16).to_be_bytes(), *content].concat()
            })
            .collect();
        let mut body = vec![3, 3];
        body.extend([7; 32]);
        body.extend([0, 0, 4, 0x13, 0x01, 0xc0, 0x2b, 1, 0]);
        body.extend((list.len() as u16).to_be_bytes());
        body.extend(list);
        body
    }

    #[test]
    fn reads_the_hello_of_rfc_8448() {
        let hello = ClientHello::parse(&RFC_8448[4..]).unwrap();
        assert_eq!(hello.legacy_version, Version::TLS_1_2);
        assert_eq!(hello.highest_version(), Version::TLS_1_3);
        assert_eq!(hello.sni(), Some(&b"server"[..]));
        assert_eq!(hello.cipher_suites().collect::<Vec<_>>(), [0x1301, 0x1303, 0x1302]);
        let kinds: Vec<u16> = hello.extensions().map(|extension| extension.kind.0).collect();
        assert_eq!(kinds, [0, 0xff01, 10, 35, 51, 43, 13, 45, 28]);
        assert_eq!(
            hello.signature_algorithms().take(3).collect::<Vec<_>>(),
            [0x0403, 0x0503, 0x0603]
        );
        assert_eq!(hello.alpn().count(), 0);
        assert!(hello.is_whole && hello.session_id.is_empty() && hello.cookie.is_none());
        assert!(hello.ech().is_none() && !hello.has_esni());
    }

    #[test]
    fn every_truncation_is_an_error_that_says_truncated() {
        for len in 0..RFC_8448.len() - 4 {
            // Right behind the compression methods a hello may end: extensions are optional.
            if len == 2 + 32 + 1 + 2 + 6 + 2 {
                assert_eq!(
                    ClientHello::parse(&RFC_8448[4..4 + len]).unwrap().extensions().count(),
                    0
                );
                continue;
            }
            let error = ClientHello::parse(&RFC_8448[4..4 + len]).unwrap_err();
            assert!(matches!(error.kind, ErrorKind::Truncated { .. }), "{len}: {error:?}");
            assert!(error.offset as usize <= len, "{len}: {error:?}");
        }
    }

    #[test]
    fn the_beginning_of_a_cut_hello_gives_the_name_as_soon_as_it_is_there() {
        let body = &RFC_8448[4..];
        let named: Vec<usize> = (0..body.len())
            .filter(|len| ClientHello::parse_beginning(&body[..*len]).is_ok_and(|hello| hello.sni() == Some(b"server")))
            .collect();
        let first = body.windows(6).position(|at| at == b"server").unwrap() + 6;
        assert_eq!(named, (first..body.len()).collect::<Vec<_>>());
        let cut = ClientHello::parse_beginning(&body[..first + 2]).unwrap();
        assert!(!cut.is_whole);
        assert_eq!(cut.extensions().count(), 1);
        assert!(ClientHello::parse_beginning(body).unwrap().is_whole);
        assert!(ClientHello::parse_beginning(&body[..36]).is_err());
    }

    #[test]
    fn octets_behind_the_extensions_are_refused() {
        let mut body = body(&[]);
        body.push(0);
        let error = ClientHello::parse(&body).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Malformed("nothing follows the extensions"));
        assert_eq!(error.offset as usize, body.len() - 1);
    }

    #[test]
    fn a_session_id_longer_than_32_octets_is_refused() {
        let mut body = vec![3, 3];
        body.extend([7; 32]);
        body.push(33);
        body.extend([1; 33]);
        body.extend([0, 2, 0x13, 1, 1, 0]);
        assert!(matches!(
            ClientHello::parse(&body).unwrap_err().kind,
            ErrorKind::Malformed(_)
        ));
    }

    #[test]
    fn cipher_suites_of_an_odd_length_or_none_are_refused() {
        for suites in [&[0, 0][..], &[0, 3, 1, 2, 3]] {
            let body = [&[3, 3][..], &[7; 32], &[0], suites, &[1, 0]].concat();
            assert!(matches!(
                ClientHello::parse(&body).unwrap_err().kind,
                ErrorKind::Malformed(_)
            ));
        }
    }

    #[test]
    fn a_name_list_that_is_cut_inside_its_extension_is_refused() {
        for list in [
            &[0, 9, 0, 0, 3, b'a', b'b', b'c'][..],
            &[0, 6, 0, 0, 9, b'a', b'b', b'c'],
        ] {
            let body = body(&[(0, list)]);
            assert!(matches!(
                ClientHello::parse(&body).unwrap_err().kind,
                ErrorKind::Truncated { .. }
            ));
        }
    }

    #[test]
    fn names_of_other_types_and_empty_names_are_no_server_name() {
        for (list, name) in [
            (&[][..], None),
            (&[0, 0], None),
            (&[0, 3, 0, 0, 0], None),
            (&[0, 5, 1, 0, 2, b'x', b'y'], None),
            (&[0, 9, 1, 0, 1, b'x', 0, 0, 2, b'o', b'k'], Some(&b"ok"[..])),
        ] {
            let body = body(&[(0, list)]);
            let hello = ClientHello::parse(&body).unwrap();
            assert_eq!((hello.sni(), hello.has_sni_extension()), (name, true));
        }
    }

    #[test]
    fn the_first_of_two_server_name_extensions_counts() {
        let (one, two) = ([0, 6, 0, 0, 3, b'o', b'n', b'e'], [0, 6, 0, 0, 3, b't', b'w', b'o']);
        let body = body(&[(0, &one), (0, &two)]);
        assert_eq!(ClientHello::parse(&body).unwrap().sni(), Some(&b"one"[..]));
    }

    #[test]
    fn grease_is_no_version() {
        let body = body(&[(43, &[6, 0xfa, 0xfa, 3, 4, 3, 3])]);
        let hello = ClientHello::parse(&body).unwrap();
        assert_eq!(hello.supported_versions().collect::<Vec<_>>(), [0xfafa, 0x0304, 0x0303]);
        assert_eq!(hello.highest_version(), Version::TLS_1_3);
    }

    #[test]
    fn protocols_are_read_in_order_and_end_at_a_cut_one() {
        let whole = [0, 12, 2, b'h', b'2', 8, b'h', b't', b't', b'p', b'/', b'1', b'.', b'1'];
        let cut = [0, 5, 2, b'h', b'2', 8, b'h'];
        let (whole, cut) = (body(&[(16, &whole)]), body(&[(16, &cut)]));
        let names: Vec<&[u8]> = ClientHello::parse(&whole).unwrap().alpn().collect();
        assert_eq!(names, [&b"h2"[..], b"http/1.1"]);
        assert_eq!(ClientHello::parse(&cut).unwrap().alpn().collect::<Vec<_>>(), [b"h2"]);
    }

    #[test]
    fn ech_is_read_and_impossible_ech_is_grease() {
        let ech = |kdf: u8, enc: u8, payload: u8| {
            let mut content = vec![0, 0, kdf, 0, 1, 42, 0, enc];
            content.extend(vec![1; enc.into()]);
            content.extend([0, payload]);
            content.extend(vec![2; payload.into()]);
            let body = body(&[(0xfe0d, &content)]);
            ClientHello::parse(&body).unwrap().ech()
        };
        let real = ech(1, 32, 176).unwrap();
        assert_eq!((real.suite, real.config_id), (EchCipherSuite { kdf: 1, aead: 1 }, 42));
        assert_eq!((real.enc_len, real.payload_len), (32, 176));
        assert!(!real.is_certainly_grease());
        assert!(ech(9, 32, 176).unwrap().is_certainly_grease());
        assert!(ech(1, 31, 176).unwrap().is_certainly_grease());
        assert!(ech(1, 32, 20).unwrap().is_certainly_grease());
        let inner = body(&[(0xfe0d, &[1])]);
        assert!(ClientHello::parse(&inner).unwrap().ech().is_none());
        let esni = body(&[(0xffce, &[])]);
        assert!(ClientHello::parse(&esni).unwrap().has_esni());
    }

    #[test]
    fn a_dtls_hello_has_a_cookie_and_newer_versions_are_smaller_numbers() {
        let extensions = [0, 9, 0, 43, 0, 5, 4, 0xfe, 0xfc, 0xfe, 0xfd];
        let body = [
            &[0xfe, 0xfd][..],
            &[7; 32],
            &[0, 3, 9, 8, 7, 0, 2, 0x13, 1, 1, 0],
            &extensions,
        ]
        .concat();
        let hello = ClientHello::parse_dtls(&body).unwrap();
        assert_eq!(hello.cookie, Some(&[9, 8, 7][..]));
        assert_eq!(hello.highest_version(), Version::DTLS_1_3);
        assert_eq!(hello.cipher_suites().collect::<Vec<_>>(), [0x1301]);
    }

    #[test]
    fn an_ssl_2_hello_gives_the_suites_that_are_of_tls() {
        let body = [
            &[1, 3, 1, 0, 9, 0, 0, 0, 16][..],
            &[0, 0, 4, 1, 0, 0x80, 0, 0, 0x2f],
            &[5; 16],
        ]
        .concat();
        let hello = ClientHello::parse_ssl_2(&body).unwrap();
        assert_eq!(hello.legacy_version, Version::TLS_1_0);
        assert_eq!(hello.cipher_suites().collect::<Vec<_>>(), [4, 0x2f]);
        assert_eq!(hello.sni(), None);
        for len in 0..body.len() {
            assert!(ClientHello::parse_ssl_2(&body[..len]).is_err(), "{len}");
        }
    }
}
