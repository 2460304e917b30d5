//! TCP (RFC 9293), UDP (RFC 768) and ICMP headers.
//!
//! Called by `ip` and, for datagrams put together from fragments, by `telltale-core` through `transport_of`. Never here: streams.

use crate::ip::protocol;
use crate::{DissectError, Layer, Reader, Tcp, TcpFlags, Transport};

/// Reads the header of `number` at `body`, whose IP packet ends on the wire at `wire_end` (octets from the frame's start).
/// The error says what was wrong; ports are given all the same where they could be read.
#[inline]
pub(crate) fn read(number: u8, body: Reader<'_>, wire_end: u32) -> (Transport<'_>, Option<DissectError>) {
    let body = body.within(Layer::Transport);
    let read = match number {
        protocol::TCP => tcp(body, wire_end),
        protocol::UDP => udp(body),
        protocol::ICMP | protocol::ICMPV6 => icmp(body),
        _ => return (Transport::Other, None),
    };
    match read {
        Ok(read) => read,
        Err(cut) => (Transport::Cut, Some(cut)),
    }
}

type Read<'a> = Result<(Transport<'a>, Option<DissectError>), DissectError>;

#[inline]
fn tcp(body: Reader<'_>, wire_end: u32) -> Read<'_> {
    let mut r = body;
    // Up to the control bits: what a flow needs. A snap length that cuts the rest of the header cuts only options.
    let Ok([s0, s1, d0, d1, q0, q1, q2, q3, a0, a1, a2, a3, offset, flags]) = r.array::<14>() else {
        return ports_of_tcp(body);
    };
    let header_len = usize::from(offset >> 4).wrapping_mul(4); // at most 60
    let stop = (header_len < 20).then(|| body.malformed("the TCP header is at least five words long"));
    let (payload, payload_len) = if stop.is_some() {
        (&[][..], 0)
    } else {
        let on_wire = wire_end.saturating_sub(body.offset());
        let payload = body.rest().get(header_len..).unwrap_or_default();
        (payload, on_wire.saturating_sub(u32::from(offset >> 4).wrapping_mul(4)))
    };
    let tcp = Tcp {
        source_port: u16::from_be_bytes([s0, s1]),
        destination_port: u16::from_be_bytes([d0, d1]),
        sequence: u32::from_be_bytes([q0, q1, q2, q3]),
        acknowledgement: u32::from_be_bytes([a0, a1, a2, a3]),
        flags: TcpFlags(flags),
        payload,
        payload_len,
    };
    Ok((Transport::Tcp(tcp), stop))
}

/// What is left of a TCP header that is cut before its control bits: it still says which flow it belongs to.
#[cold]
fn ports_of_tcp(body: Reader<'_>) -> Read<'_> {
    let mut r = body;
    let tcp = Tcp {
        source_port: r.u16()?,
        destination_port: r.u16()?,
        sequence: 0,
        acknowledgement: 0,
        flags: TcpFlags::default(),
        payload: &[],
        payload_len: 0,
    };
    Ok((Transport::Tcp(tcp), Some(body.truncated(20))))
}

#[inline]
fn udp(body: Reader<'_>) -> Read<'_> {
    let mut r = body;
    let source_port = r.u16()?;
    let destination_port = r.u16()?;
    let (Ok(len), Ok(_checksum)) = (r.u16(), r.u16()) else {
        return Ok((
            Transport::Udp {
                source_port,
                destination_port,
                payload: &[],
            },
            Some(body.truncated(8)),
        ));
    };
    let stop = match len {
        0 => None, // a jumbogram (RFC 2675 section 4), or left open by offload: the IP length tells
        1..8 => {
            r.limit(0);
            Some(body.malformed("the UDP length holds its header"))
        }
        _ => {
            r.limit(usize::from(len).saturating_sub(8));
            None
        }
    };
    Ok((
        Transport::Udp {
            source_port,
            destination_port,
            payload: r.rest(),
        },
        stop,
    ))
}

fn icmp(body: Reader<'_>) -> Read<'_> {
    let mut r = body;
    Ok((
        Transport::Icmp {
            kind: r.u8()?,
            code: r.u8()?,
        },
        None,
    ))
}
