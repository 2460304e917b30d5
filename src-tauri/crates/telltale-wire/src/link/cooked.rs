//! Linux cooked captures, versions 1 and 2: what `tcpdump -i any` writes.

use super::{Opening, ethernet};
use crate::{LinkHeader, Reader};

/// `ARPHRD_NETLINK`: the packet is a message between kernel and programs, its protocol no `EtherType`.
const HARDWARE_NETLINK: u16 = 824;
/// `ETH_P_802_2`: an LLC header follows. Stands where an `EtherType` would.
const PROTOCOL_LLC: u16 = 4;

/// Version 1 (`LINKTYPE_LINUX_SLL`): 16 octets.
pub(super) fn v1<'a>(mut reader: Reader<'a>, wire_end: u32, header: &mut LinkHeader) -> Opening<'a> {
    reader.skip(2)?; // direction
    let hardware = reader.u16()?;
    let address_len = reader.u16()?;
    let address = reader.array::<8>()?;
    let protocol = reader.u16()?;
    header.source_mac = mac(address_len, address);
    payload(hardware, protocol, reader, wire_end, header)
}

/// Version 2 (`LINKTYPE_LINUX_SLL2`): 20 octets.
pub(super) fn v2<'a>(mut reader: Reader<'a>, wire_end: u32, header: &mut LinkHeader) -> Opening<'a> {
    let protocol = reader.u16()?;
    reader.skip(6)?; // reserved, interface
    let hardware = reader.u16()?;
    reader.skip(1)?; // direction
    let address_len = u16::from(reader.u8()?);
    let address = reader.array::<8>()?;
    header.source_mac = mac(address_len, address);
    payload(hardware, protocol, reader, wire_end, header)
}

fn mac(len: u16, address: [u8; 8]) -> Option<[u8; 6]> {
    if len == 6 { address.first_chunk().copied() } else { None }
}

fn payload<'a>(
    hardware: u16,
    protocol: u16,
    mut reader: Reader<'a>,
    wire_end: u32,
    header: &mut LinkHeader,
) -> Opening<'a> {
    match protocol {
        _ if hardware == HARDWARE_NETLINK => Ok(None),
        PROTOCOL_LLC => match ethernet::llc(&mut reader)? {
            Some(kind) => ethernet::payload(kind, reader, wire_end, header),
            None => Ok(None),
        },
        // Below the lengths of 802.3 stand Linux's own numbers (CAN, raw 802.3 ...): no IP.
        0..=crate::ether_type::MAX_LENGTH => Ok(None),
        _ => ethernet::payload(protocol, reader, wire_end, header),
    }
}
