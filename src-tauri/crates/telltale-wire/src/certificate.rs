//! The names in a server's certificate (X.509, RFC 5280).
//!
//! Called by `telltale-core` with the DER out of a `Certificate` message. Never here: trust. Nothing is verified; a
//! name in here is what the server claims. Our own walk, as the X.509 crates either allocate for every field or hand
//! out no common name; only the path to the names is read.

use crate::{DissectError, Layer, reader::Reader};
use std::net::IpAddr;

/// The names for which a certificate stands, borrowed from its DER.
#[derive(Clone, Copy, Debug)]
pub struct Certificate<'a> {
    /// Content of the subject alternative names.
    alternative_names: &'a [u8],
    /// The subject's common name, kept only when there are no alternative names.
    common_name: Option<&'a [u8]>,
}

/// A name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name<'a> {
    /// A DNS name as written; a star may stand for the first label. Any octets may come.
    Dns(&'a [u8]),
    /// An address.
    Ip(IpAddr),
    /// The subject's common name, given only when the certificate has no alternative name. May be no host name at all.
    Common(&'a [u8]),
}

impl<'a> Certificate<'a> {
    /// Finds the names in a DER certificate (RFC 5280 section 4.1). Fields that are not needed are passed over unread.
    ///
    /// # Errors
    /// Truncated or malformed as the field says.
    pub fn parse(der: &'a [u8]) -> Result<Self, DissectError> {
        let mut outer = Reader::new(Layer::Certificate, der);
        let mut certificate = element(&mut outer, SEQUENCE)?;
        let mut r = element(&mut certificate, SEQUENCE)?; // tbsCertificate
        if tag(&r) == Some(VERSION) {
            any(&mut r)?;
        }
        element(&mut r, INTEGER)?; // serial number
        element(&mut r, SEQUENCE)?; // signature algorithm
        element(&mut r, SEQUENCE)?; // issuer
        element(&mut r, SEQUENCE)?; // validity
        let subject = element(&mut r, SEQUENCE)?;
        element(&mut r, SEQUENCE)?; // public key
        let mut names = None;
        while !r.is_empty() {
            let (kind, mut content) = any(&mut r)?;
            if kind == EXTENSIONS {
                names = alternative_names(element(&mut content, SEQUENCE)?)?;
            }
        }
        Ok(Self {
            common_name: if names.is_none() { common_name(subject)? } else { None },
            alternative_names: names.unwrap_or_default(),
        })
    }

    /// The names, in the certificate's order; none of kinds that name no server (mail, directory names).
    pub fn names(&self) -> impl Iterator<Item = Name<'a>> + use<'a> {
        let mut r = Reader::new(Layer::Certificate, self.alternative_names);
        let alternative = std::iter::from_fn(move || (!r.is_empty()).then(|| any(&mut r).ok()).flatten());
        let alternative = alternative.filter_map(|(kind, content)| match kind {
            DNS_NAME if !content.is_empty() => Some(Name::Dns(content.rest())),
            IP_ADDRESS => address(content.rest()).map(Name::Ip),
            _ => None,
        });
        alternative.chain(self.common_name.map(Name::Common))
    }
}

/// The content of the subject alternative names extension, if there is one (RFC 5280 section 4.2.1.6).
fn alternative_names(mut extensions: Reader<'_>) -> Result<Option<&[u8]>, DissectError> {
    while !extensions.is_empty() {
        let mut extension = element(&mut extensions, SEQUENCE)?;
        if element(&mut extension, OBJECT_ID)?.rest() != SUBJECT_ALTERNATIVE_NAME {
            continue;
        }
        if tag(&extension) == Some(BOOLEAN) {
            any(&mut extension)?; // critical or not
        }
        let mut value = element(&mut extension, OCTET_STRING)?;
        return Ok(Some(element(&mut value, SEQUENCE)?.rest()));
    }
    Ok(None)
}

/// The last common name of a distinguished name, as the most specific one comes last (RFC 5280 section 4.1.2.4).
fn common_name(mut subject: Reader<'_>) -> Result<Option<&[u8]>, DissectError> {
    let mut found = None;
    while !subject.is_empty() {
        let mut set = element(&mut subject, SET)?;
        while !set.is_empty() {
            let mut attribute = element(&mut set, SEQUENCE)?;
            let is_common_name = element(&mut attribute, OBJECT_ID)?.rest() == COMMON_NAME;
            // 16-bit strings (BMPString) hold no host name and are left out.
            let (kind, text) = any(&mut attribute)?;
            if is_common_name
                && matches!(kind, UTF8_STRING | PRINTABLE_STRING | T61_STRING | IA5_STRING)
                && !text.is_empty()
            {
                found = Some(text.rest());
            }
        }
    }
    Ok(found)
}

fn address(octets: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from)).ok()
}

/// The tag of the next element.
fn tag(r: &Reader<'_>) -> Option<u8> {
    r.rest().first().copied()
}

/// The content of the next element, which must have that tag.
fn element<'a>(r: &mut Reader<'a>, wanted: u8) -> Result<Reader<'a>, DissectError> {
    let start = *r;
    let (tag, content) = any(r)?;
    if tag == wanted {
        Ok(content)
    } else {
        Err(start.malformed("another kind of element belongs here in a certificate"))
    }
}

/// Tag and content of the next element (X.690 sections 8.1 and 10.1: DER's one-octet tags and definite, shortest
/// lengths).
fn any<'a>(r: &mut Reader<'a>) -> Result<(u8, Reader<'a>), DissectError> {
    let tag = r.u8()?;
    if tag & 0x1f == 0x1f {
        return Err(r.malformed("a certificate's tags have one octet"));
    }
    let len = match r.u8()? {
        short @ ..=0x7f => u32::from(short),
        0x81 => u32::from(r.u8()?),
        0x82 => u32::from(r.u16()?),
        0x83 => r.u24()?,
        _ => return Err(r.malformed("a certificate's lengths are definite and below 16 MB")),
    };
    let content = r.sub(usize::try_from(len).unwrap_or(usize::MAX))?;
    Ok((tag, content))
}

const BOOLEAN: u8 = 0x01;
const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const OBJECT_ID: u8 = 0x06;
const UTF8_STRING: u8 = 0x0c;
const PRINTABLE_STRING: u8 = 0x13;
const T61_STRING: u8 = 0x14;
const IA5_STRING: u8 = 0x16;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
/// `[0]`: the version, left out in version 1.
const VERSION: u8 = 0xa0;
/// `[3]`: the extensions, in version 3.
const EXTENSIONS: u8 = 0xa3;
/// `[2]` in a `GeneralName`.
const DNS_NAME: u8 = 0x82;
/// `[7]` in a `GeneralName`.
const IP_ADDRESS: u8 = 0x87;
/// 2.5.29.17.
const SUBJECT_ALTERNATIVE_NAME: [u8; 3] = [0x55, 0x1d, 0x11];
/// 2.5.4.3.
const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn der(tag: u8, content: &[u8]) -> Vec<u8> {
        let len = content.len();
        let head = if len < 0x80 {
            vec![tag, len as u8]
        } else {
            vec![tag, 0x82, (len >> 8) as u8, len as u8]
        };
        [head, content.to_vec()].concat()
    }

    fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
        der(SEQUENCE, &parts.concat())
    }

    /// A distinguished name of an organisation and these common names.
    fn subject(names: &[(u8, &[u8])]) -> Vec<u8> {
        let attribute = |id: &[u8], tag, text| der(SET, &sequence(&[der(OBJECT_ID, id), der(tag, text)]));
        let mut parts = vec![attribute(&[0x55, 0x04, 0x0a], PRINTABLE_STRING, b"Example Ltd")];
        parts.extend(names.iter().map(|(tag, name)| attribute(&COMMON_NAME, *tag, name)));
        sequence(&parts)
    }

    /// A certificate of version 3 with an empty issuer, validity, key and signature.
    fn certificate(subject: Vec<u8>, names: Option<&[u8]>) -> Vec<u8> {
        let mut parts = vec![
            der(VERSION, &der(INTEGER, &[2])),
            der(INTEGER, &[1; 16]),
            sequence(&[]),
            subject_of_issuer(),
            sequence(&[]),
            subject,
            sequence(&[]),
        ];
        let constraints = sequence(&[
            der(OBJECT_ID, &[0x55, 0x1d, 0x13]),
            der(BOOLEAN, &[0xff]),
            der(OCTET_STRING, &sequence(&[])),
        ]);
        let mut extensions = vec![constraints];
        if let Some(names) = names {
            let value = der(OCTET_STRING, &der(SEQUENCE, names));
            extensions.push(sequence(&[
                der(OBJECT_ID, &SUBJECT_ALTERNATIVE_NAME),
                der(BOOLEAN, &[0xff]),
                value,
            ]));
        }
        parts.push(der(EXTENSIONS, &sequence(&extensions)));
        sequence(&[sequence(&parts), sequence(&[]), der(0x03, &[0; 300])])
    }

    fn subject_of_issuer() -> Vec<u8> {
        subject(&[(UTF8_STRING, b"issuer.example")])
    }

    fn names(der: &[u8]) -> Vec<Name<'_>> {
        Certificate::parse(der).unwrap().names().collect()
    }

    #[test]
    fn alternative_names_and_no_common_name_beside_them() {
        let list = [
            der(DNS_NAME, b"example.org"),
            der(0x81, b"mail@example.org"),
            der(DNS_NAME, b"*.example.org"),
            der(IP_ADDRESS, &[192, 0, 2, 1]),
            der(IP_ADDRESS, &[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
            der(IP_ADDRESS, &[1, 2, 3]),
            der(DNS_NAME, b""),
        ]
        .concat();
        let der = certificate(subject(&[(UTF8_STRING, b"old.example")]), Some(&list));
        let (v4, v6) = ("192.0.2.1".parse().unwrap(), "2001:db8::1".parse().unwrap());
        assert_eq!(
            names(&der),
            [
                Name::Dns(b"example.org"),
                Name::Dns(b"*.example.org"),
                Name::Ip(v4),
                Name::Ip(v6)
            ]
        );
    }

    #[test]
    fn the_last_common_name_where_there_is_no_alternative_name() {
        let both = subject(&[(PRINTABLE_STRING, b"first.example"), (UTF8_STRING, b"last.example")]);
        assert_eq!(names(&certificate(both, None)), [Name::Common(b"last.example")]);
        let wide = subject(&[(0x1e, &[0, b'a', 0, b'b'])]);
        assert_eq!(names(&certificate(wide, None)), []);
        assert_eq!(names(&certificate(sequence(&[]), None)), []);
        // An alternative name of another kind still takes the common name's place (RFC 6125 section 6.4.4).
        let named = subject(&[(UTF8_STRING, b"common.example")]);
        assert_eq!(names(&certificate(named, Some(&der(0x81, b"a@b")))), []);
    }

    #[test]
    fn a_certificate_of_version_1_has_no_extensions() {
        let subject = subject(&[(T61_STRING, b"old.example")]);
        let parts = [
            der(INTEGER, &[1]),
            sequence(&[]),
            subject_of_issuer(),
            sequence(&[]),
            subject,
            sequence(&[]),
        ];
        assert_eq!(
            names(&sequence(&[sequence(&parts), sequence(&[]), der(3, &[0])])),
            [Name::Common(b"old.example")]
        );
    }

    #[test]
    fn every_truncation_is_an_error() {
        let der = certificate(
            subject(&[(UTF8_STRING, b"a.example")]),
            Some(&der(DNS_NAME, b"a.example")),
        );
        for len in 0..der.len() {
            let error = Certificate::parse(&der[..len]).unwrap_err();
            assert!(matches!(error.kind, ErrorKind::Truncated { .. }), "{len}: {error:?}");
        }
    }

    #[test]
    fn tags_of_several_octets_and_lengths_without_end_are_refused() {
        for bad in [
            &[0x3f, 0x81, 1, 0][..],
            &[0x30, 0x80, 0, 0],
            &[0x30, 0x84, 0, 0, 0, 0],
            &[0x31, 0],
        ] {
            assert!(matches!(
                Certificate::parse(bad).unwrap_err().kind,
                ErrorKind::Malformed(_)
            ));
        }
    }

    #[test]
    fn names_end_at_a_broken_one() {
        let list = [der(DNS_NAME, b"one.example"), vec![DNS_NAME, 99, b'x']].concat();
        let der = certificate(sequence(&[]), Some(&list));
        assert_eq!(names(&der), [Name::Dns(b"one.example")]);
    }
}
