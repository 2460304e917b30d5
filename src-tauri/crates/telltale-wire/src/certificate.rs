//! The names in a server's certificate (X.509, RFC 5280).
//!
//! Called by `telltale-core` with the DER out of a `Certificate` message. Never here: trust. Nothing is verified; a
//! name in here is what the server claims.

use crate::{DissectError, Layer, reader::Reader};
use std::net::IpAddr;

/// The names for which a certificate stands, borrowed from its DER.
#[derive(Clone, Copy, Debug)]
pub struct Certificate<'a> {
    /// Content of the subject alternative names.
    alternative_names: &'a [u8],
    /// The subject's common name, last one wins.
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
    /// Finds the names in a DER certificate.
    ///
    /// # Errors
    /// Truncated or malformed as the field says.
    pub fn parse(der: &'a [u8]) -> Result<Self, DissectError> {
        let _ = Reader::new(Layer::Certificate, der);
        todo!()
    }

    /// The names, in the certificate's order.
    pub fn names(&self) -> impl Iterator<Item = Name<'a>> {
        let _ = self.alternative_names;
        self.common_name.map(Name::Common).into_iter()
    }
}
