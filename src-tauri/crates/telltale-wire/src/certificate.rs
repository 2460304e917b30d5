//! The names in a server's certificate (X.509, RFC 5280).
//!
//! Called by `telltale-core` with the DER out of a `Certificate` message. Never here: trust. Nothing is verified; a
//! name in here is what the server claims. Our own walk, as the X.509 crates either allocate for every field or hand out no
//! common name; only the path to the names is read.

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
    /// A DNS name as written; a star may stand for the first label.
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

/// Tag and content of the next element (X.690 sections 8.1 and 10.1: DER's one-octet tags and definite, shortest lengths).
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
