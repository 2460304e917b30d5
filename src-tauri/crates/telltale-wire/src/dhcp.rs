//! DHCP messages (RFC 2131, RFC 8415): how a phone calls itself, and which address it gets.
//!
//! Called by `telltale-core` with UDP payloads of ports 67/68 (version 4) and 546/547 (version 6). Never here: leases.

use crate::{DissectError, Layer, Reader};
use std::net::Ipv4Addr;

/// A `DHCPv4` message, either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// Option 53: 1 discover, 2 offer, 3 request, 5 acknowledgement; `None` for BOOTP.
    pub message_type: Option<u8>,
    /// The client's hardware address, where it is an Ethernet one.
    pub client_mac: Option<[u8; 6]>,
    /// Address that the client uses already (`ciaddr`).
    pub client_address: Option<Ipv4Addr>,
    /// Address that the server gives (`yiaddr`).
    pub your_address: Option<Ipv4Addr>,
    /// Option 50: address that the client wants.
    pub requested_address: Option<Ipv4Addr>,
    /// Option 12: host name, as written by the client.
    pub host_name: Option<&'a [u8]>,
    /// Option 81 (RFC 4702): the name, in the encoding that `fqdn_is_wire` tells.
    pub fqdn: Option<&'a [u8]>,
    /// True when `fqdn` is a DNS name on the wire (length octets), false when it is text.
    pub fqdn_is_wire: bool,
    /// Option 60: vendor class, for instance `android-dhcp-14`.
    pub vendor_class: Option<&'a [u8]>,
}

impl<'a> Message<'a> {
    /// Reads one message.
    ///
    /// # Errors
    /// Truncated inside the fixed part; malformed without the magic cookie. Cut options end the reading quietly.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, DissectError> {
        Err(Reader::new(Layer::Dhcp, bytes).malformed("no magic cookie"))
    }
}

/// A `DHCPv6` message of a client, or one relayed by nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageV6<'a> {
    /// Message type: 1 solicit, 3 request, 7 reply.
    pub message_type: u8,
    /// Ethernet address in the client's identifier (DUID-LLT or DUID-LL).
    pub client_mac: Option<[u8; 6]>,
    /// Option 39 (RFC 4704): the client's name, a DNS name on the wire.
    pub fqdn: Option<&'a [u8]>,
}

impl<'a> MessageV6<'a> {
    /// Reads one message. Errors as [`Message::parse`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, DissectError> {
        Err(Reader::new(Layer::Dhcp, bytes).malformed("no message"))
    }
}
