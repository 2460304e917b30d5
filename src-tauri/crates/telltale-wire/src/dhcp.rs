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

/// First octets of the options (RFC 2131 section 3).
const MAGIC_COOKIE: [u8; 4] = [99, 130, 83, 99];

impl<'a> Message<'a> {
    /// Reads one message.
    ///
    /// # Errors
    /// Truncated inside the fixed part; malformed without the magic cookie. Cut options end the reading quietly.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, DissectError> {
        let mut r = Reader::new(Layer::Dhcp, bytes);
        let [operation, hardware, hardware_len, _] = r.array::<4>()?;
        if !matches!(operation, 1 | 2) {
            return Err(r.malformed("a message is a request or a reply"));
        }
        r.skip(8)?; // transaction, seconds, flags
        let (client, your) = (r.array::<4>()?, r.array::<4>()?);
        r.skip(8)?; // server, relay
        let mac = r.array::<6>()?;
        r.skip(10 + 64 + 128)?; // padding, server name, boot file
        if r.array::<4>()? != MAGIC_COOKIE {
            return Err(r.malformed("options begin with the magic cookie"));
        }
        let mut message = Message {
            message_type: None,
            client_mac: (hardware == 1 && hardware_len == 6).then_some(mac),
            client_address: specified(client),
            your_address: specified(your),
            requested_address: None,
            host_name: None,
            fqdn: None,
            fqdn_is_wire: false,
            vendor_class: None,
        };
        while let Ok(code) = r.u8() {
            match code {
                0 => continue, // padding
                255 => break,
                _ => {}
            }
            let Ok(value) = r.vec_u8() else { break };
            message.accept(code, value);
        }
        Ok(message)
    }

    fn accept(&mut self, code: u8, value: &'a [u8]) {
        match (code, value) {
            (12, [_, ..]) => self.host_name = Some(value),
            (50, _) => self.requested_address = value.first_chunk().copied().and_then(specified),
            (53, [kind]) => self.message_type = Some(*kind),
            (60, [_, ..]) => self.vendor_class = Some(value),
            // Flags, two result codes of old, the name.
            (81, [flags, _, _, name @ ..]) if !name.is_empty() => {
                self.fqdn = Some(name);
                self.fqdn_is_wire = flags & 0x04 != 0;
            }
            _ => {}
        }
    }
}

/// A `DHCPv6` message between client and server; those of relays are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageV6<'a> {
    /// Message type: 1 solicit, 3 request, 7 reply.
    pub message_type: u8,
    /// Ethernet address in the client's identifier (DUID-LLT or DUID-LL). It may be that of another of its interfaces.
    pub client_mac: Option<[u8; 6]>,
    /// Option 39 (RFC 4704): the client's name, a DNS name on the wire.
    pub fqdn: Option<&'a [u8]>,
}

impl<'a> MessageV6<'a> {
    /// Reads one message.
    ///
    /// # Errors
    /// Truncated under 4 octets; unsupported for relays' messages and unknown types. Cut options end the reading quietly.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, DissectError> {
        let mut r = Reader::new(Layer::Dhcp, bytes);
        let message_type = r.u8()?;
        if !matches!(message_type, 1..=11) {
            return Err(r.unsupported(u32::from(message_type)));
        }
        r.skip(3)?; // transaction
        let mut message = MessageV6 {
            message_type,
            client_mac: None,
            fqdn: None,
        };
        while let (Ok(code), Ok(value)) = (r.u16(), r.vec_u16()) {
            match code {
                1 => message.client_mac = mac_of_identifier(value),
                39 => message.fqdn = value.get(1..).filter(|name| !name.is_empty()),
                _ => {}
            }
        }
        Ok(message)
    }
}

/// The Ethernet address in a DUID (RFC 8415 section 11): behind type and hardware type, in DUID-LLT also a time.
fn mac_of_identifier(duid: &[u8]) -> Option<[u8; 6]> {
    let mac = duid
        .strip_prefix(&[0, 1, 0, 1])
        .and_then(|rest| rest.get(4..))
        .or(duid.strip_prefix(&[0, 3, 0, 1]))?;
    <[u8; 6]>::try_from(mac).ok()
}

fn specified(octets: [u8; 4]) -> Option<Ipv4Addr> {
    Some(Ipv4Addr::from(octets)).filter(|address| !address.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    /// A request with the given options.
    fn request(options: &[u8]) -> Vec<u8> {
        let mut bytes = vec![1, 1, 6, 0, 1, 2, 3, 4, 0, 0, 0, 0];
        bytes.extend([0; 4]);
        bytes.extend([192, 0, 2, 9]);
        bytes.extend([0; 8]);
        bytes.extend([2, 0, 0, 0, 0, 7]);
        bytes.extend([0; 202]);
        bytes.extend(MAGIC_COOKIE);
        bytes.extend(options);
        bytes
    }

    #[test]
    fn a_request_tells_who_asks() {
        let bytes =
            request(b"\x35\x01\x03\x00\x0c\x06Pixel8\x32\x04\xc0\0\x02\x21\x3c\x0fandroid-dhcp-14\xff\x0c\x01x");
        let message = Message::parse(&bytes).unwrap();
        let expect = Message {
            message_type: Some(3),
            client_mac: Some([2, 0, 0, 0, 0, 7]),
            client_address: None,
            your_address: Some([192, 0, 2, 9].into()),
            requested_address: Some([192, 0, 2, 33].into()),
            host_name: Some(b"Pixel8"),
            fqdn: None,
            fqdn_is_wire: false,
            vendor_class: Some(b"android-dhcp-14"),
        };
        assert_eq!(message, expect);
    }

    #[test]
    fn option_81_tells_its_encoding() {
        let fqdn = |options: &[u8]| {
            let bytes = request(options);
            let message = Message::parse(&bytes).unwrap();
            (message.fqdn.map(<[u8]>::to_vec), message.fqdn_is_wire)
        };
        assert_eq!(
            fqdn(b"\x51\x09\x04\0\0\x02PC\x01a\0"),
            (Some(b"\x02PC\x01a\0".to_vec()), true)
        );
        assert_eq!(fqdn(b"\x51\x07\0\0\0pc.a"), (Some(b"pc.a".to_vec()), false));
        assert_eq!(fqdn(b"\x51\x03\0\0\0"), (None, false));
        assert_eq!(Message::parse(&request(b"\x0c\x00")).unwrap().host_name, None);
    }

    #[test]
    fn cut_options_end_quietly() {
        let message = Message::parse(&request(b"\x35\x01\x01\x0c\x09Pix")).is_ok_and(|m| m.host_name.is_none());
        assert!(message);
    }

    #[test]
    fn the_fixed_part_has_to_be_whole() {
        let bytes = request(b"");
        for len in 0..240 {
            assert!(
                matches!(
                    Message::parse(&bytes[..len]).unwrap_err().kind,
                    ErrorKind::Truncated { .. }
                ),
                "{len}"
            );
        }
    }

    #[test]
    fn without_cookie_or_operation_it_is_refused() {
        let mut bytes = request(b"");
        bytes[236] = 0;
        assert_eq!(
            Message::parse(&bytes).unwrap_err().kind,
            ErrorKind::Malformed("options begin with the magic cookie")
        );
        bytes[0] = 3;
        assert_eq!(
            Message::parse(&bytes).unwrap_err().kind,
            ErrorKind::Malformed("a message is a request or a reply")
        );
    }

    #[test]
    fn version_6_tells_name_and_address() {
        let bytes =
            b"\x01\xaa\xbb\xcc\0\x01\0\x0e\0\x01\0\x01\x2c\x11\x22\x33\x02\0\0\0\0\x05\0\x27\0\x08\x01\x05phone\0";
        let message = MessageV6::parse(bytes).unwrap();
        assert_eq!(
            (message.message_type, message.client_mac),
            (1, Some([2, 0, 0, 0, 0, 5]))
        );
        assert_eq!(message.fqdn, Some(&b"\x05phone\0"[..]));
        let link_layer = b"\x03\xaa\xbb\xcc\0\x01\0\x0a\0\x03\0\x01\x02\0\0\0\0\x06";
        assert_eq!(
            MessageV6::parse(link_layer).unwrap().client_mac,
            Some([2, 0, 0, 0, 0, 6])
        );
        let relayed = MessageV6::parse(b"\x0c\0\0\0");
        assert_eq!(relayed.unwrap_err().kind, ErrorKind::Unsupported(12));
        assert!(matches!(
            MessageV6::parse(b"\x01\0").unwrap_err().kind,
            ErrorKind::Truncated { .. }
        ));
    }
}
