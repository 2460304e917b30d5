//! One captured packet -> its [`Frame`]: the way in for `telltale-core`.

use crate::{Frame, LinkType, Transport};

/// Dissects one captured packet: `data` as captured (perhaps cut by the snap length), `original_len` its octets on the wire.
///
/// Never fails: what could be read is in the frame, and [`Frame::stop`] says what ended the reading.
pub fn dissect<'a>(link: LinkType, data: &'a [u8], original_len: u32) -> Frame<'a> {
    let _ = (link, data, original_len);
    unimplemented!()
}

/// Reads the transport header of `protocol` (an IANA number) from a datagram's payload, for instance one that
/// `telltale-core` put together from fragments.
pub fn transport_of(protocol: u8, payload: &[u8]) -> Transport<'_> {
    let _ = (protocol, payload);
    unimplemented!()
}
