//! Frames as a hotspot's device sees them, octet by octet.

use std::net::{IpAddr, Ipv4Addr};

pub(crate) const FIN: u8 = 0x01;
pub(crate) const SYN: u8 = 0x02;
pub(crate) const RST: u8 = 0x04;
pub(crate) const ACK: u8 = 0x10;

/// One end of a packet.
#[derive(Clone, Copy)]
pub(crate) struct End {
    pub(crate) mac: [u8; 6],
    pub(crate) ip: IpAddr,
    pub(crate) port: u16,
}

/// A UDP datagram from one end to another, as an Ethernet frame.
pub(crate) fn udp(from: End, to: End, payload: &[u8]) -> Vec<u8> {
    let mut p = Vec::with_capacity(8 + payload.len());
    for field in [from.port, to.port, payload.len() as u16 + 8, 0] {
        p.extend(field.to_be_bytes());
    }
    p.extend(payload);
    ip(from, to, 17, &p)
}

/// A TCP segment.
pub(crate) fn tcp(from: End, to: End, flags: u8, sequence: u32, payload: &[u8]) -> Vec<u8> {
    let mut p = Vec::with_capacity(20 + payload.len());
    p.extend(from.port.to_be_bytes());
    p.extend(to.port.to_be_bytes());
    p.extend(sequence.to_be_bytes());
    p.extend([0; 4]);
    p.extend([0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    p.extend(payload);
    ip(from, to, 6, &p)
}

fn ip(from: End, to: End, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let mut p = Vec::with_capacity(54 + payload.len());
    p.extend(to.mac);
    p.extend(from.mac);
    match (from.ip, to.ip) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            p.extend([8, 0, 0x45, 0]);
            p.extend((payload.len() as u16 + 20).to_be_bytes());
            p.extend([0, 1, 0, 0, 64, protocol, 0, 0]);
            p.extend(from.octets());
            p.extend(to.octets());
        }
        (IpAddr::V6(from), IpAddr::V6(to)) => {
            p.extend([0x86, 0xdd, 0x60, 0, 0, 0]);
            p.extend((payload.len() as u16).to_be_bytes());
            p.extend([protocol, 64]);
            p.extend(from.octets());
            p.extend(to.octets());
        }
        _ => unreachable!("both ends have one version"),
    }
    p.extend(payload);
    p
}

/// A TLS record with a `ClientHello` that names `name` and offers h2.
pub(crate) fn client_hello(name: &str) -> Vec<u8> {
    fn block(len: usize, content: &[u8]) -> Vec<u8> {
        let size = (content.len() as u32).to_be_bytes();
        let mut out = size[4 - len..].to_vec();
        out.extend(content);
        out
    }
    let mut entry = vec![0];
    entry.extend(block(2, name.as_bytes()));
    let mut extensions = vec![0, 0];
    extensions.extend(block(2, &block(2, &entry)));
    extensions.extend([0, 16]);
    extensions.extend(block(2, &block(2, &block(1, b"h2"))));
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    body.push(0);
    body.extend(block(2, &[0x13, 1, 0x13, 2]));
    body.extend(block(1, &[0]));
    body.extend(block(2, &extensions));
    let mut message = vec![1];
    message.extend(block(3, &body));
    let mut record = vec![22, 3, 1];
    record.extend(block(2, &message));
    record
}

/// A DNS query for `name`, or the response with its address.
pub(crate) fn dns(name: &str, address: Option<IpAddr>) -> Vec<u8> {
    let mut wire = Vec::new();
    for label in name.split('.') {
        wire.push(label.len() as u8);
        wire.extend(label.bytes());
    }
    wire.push(0);
    let kind = if address.is_some_and(|address| address.is_ipv6()) {
        28
    } else {
        1
    };
    let flags = if address.is_some() { [0x81, 0x80] } else { [1, 0] };
    let mut m = vec![
        0,
        1,
        flags[0],
        flags[1],
        0,
        1,
        0,
        u8::from(address.is_some()),
        0,
        0,
        0,
        0,
    ];
    m.extend(&wire);
    m.extend([0, kind, 0, 1]);
    if let Some(address) = address {
        m.extend(&wire);
        m.extend([0, kind, 0, 1, 0, 0, 0, 60]);
        match address {
            IpAddr::V4(v4) => {
                m.extend([0, 4]);
                m.extend(v4.octets());
            }
            IpAddr::V6(v6) => {
                m.extend([0, 16]);
                m.extend(v6.octets());
            }
        }
    }
    m
}

/// A DHCP request under a host name, or what gives the address to the machine.
pub(crate) fn dhcp(mac: [u8; 6], name: &str, given: Option<Ipv4Addr>) -> Vec<u8> {
    let mut m = vec![if given.is_some() { 2 } else { 1 }, 1, 6, 0, 0, 0, 0, 7];
    m.extend([0; 8]);
    m.extend(given.map_or([0; 4], |given| given.octets()));
    m.extend([0; 8]);
    m.extend(mac);
    m.extend([0; 10 + 192]);
    m.extend([99, 130, 83, 99, 53, 1, if given.is_some() { 5 } else { 3 }]);
    if given.is_none() {
        m.extend([12, name.len() as u8]);
        m.extend(name.as_bytes());
    }
    m.push(255);
    m
}
