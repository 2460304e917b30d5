//! TCP (RFC 9293), UDP (RFC 768) and ICMP headers.
//!
//! Called by `ip` and, for datagrams put together from fragments, by `telltale-core` through `transport_of`. Never here: streams.

use crate::ip::protocol;
use crate::{DissectError, Layer, Reader, Tcp, TcpFlags, Transport};

/// Reads the header of `number` at `body`, whose IP packet ends on the wire at `wire_end` (octets from the frame's start).
/// What was wrong goes into `stop`; ports are given all the same where they could be read.
#[inline]
pub(crate) fn read<'a>(number: u8, body: Reader<'a>, wire_end: u32, stop: &mut Option<DissectError>) -> Transport<'a> {
    let body = body.within(Layer::Transport);
    match number {
        protocol::TCP => tcp(body, wire_end, stop),
        protocol::UDP => udp(body, stop),
        protocol::ICMP | protocol::ICMPV6 => icmp(body, stop),
        _ => Transport::Other,
    }
}

#[inline]
fn tcp<'a>(body: Reader<'a>, wire_end: u32, stop: &mut Option<DissectError>) -> Transport<'a> {
    let mut r = body;
    // Up to the control bits: what a flow needs. A snap length that cuts the rest of the header cuts only options.
    let Ok([s0, s1, d0, d1, q0, q1, q2, q3, a0, a1, a2, a3, offset, flags]) = r.array::<14>() else {
        return cut(protocol::TCP, body, stop);
    };
    let mut header_len = usize::from(offset >> 4).wrapping_mul(4); // at most 60
    if header_len < 20 {
        *stop = Some(body.malformed("the TCP header is at least five words long"));
        header_len = usize::MAX;
    }
    let on_wire = wire_end.saturating_sub(body.offset());
    Transport::Tcp(Tcp {
        source_port: u16::from_be_bytes([s0, s1]),
        destination_port: u16::from_be_bytes([d0, d1]),
        sequence: u32::from_be_bytes([q0, q1, q2, q3]),
        acknowledgement: u32::from_be_bytes([a0, a1, a2, a3]),
        flags: TcpFlags(flags),
        payload: body.rest().get(header_len..).unwrap_or_default(),
        payload_len: on_wire.saturating_sub(u32::try_from(header_len).unwrap_or(u32::MAX)),
    })
}

#[inline]
fn udp<'a>(body: Reader<'a>, stop: &mut Option<DissectError>) -> Transport<'a> {
    let mut r = body;
    let Ok([s0, s1, d0, d1, l0, l1, _, _]) = r.array::<8>() else {
        return cut(protocol::UDP, body, stop);
    };
    match u16::from_be_bytes([l0, l1]) {
        0 => {} // a jumbogram (RFC 2675 section 4), or left open by offload: the IP length tells
        1..8 => {
            r.limit(0);
            *stop = Some(body.malformed("the UDP length holds its header"));
        }
        len => r.limit(usize::from(len).saturating_sub(8)),
    }
    Transport::Udp {
        source_port: u16::from_be_bytes([s0, s1]),
        destination_port: u16::from_be_bytes([d0, d1]),
        payload: r.rest(),
    }
}

fn icmp<'a>(body: Reader<'a>, stop: &mut Option<DissectError>) -> Transport<'a> {
    let mut r = body;
    if let Ok([kind, code]) = r.array::<2>() {
        return Transport::Icmp { kind, code };
    }
    *stop = Some(body.truncated(8));
    Transport::Cut
}

/// What is left of a header that is cut before all that a flow needs: with its ports it still says which flow it belongs to.
#[cold]
fn cut<'a>(number: u8, body: Reader<'a>, stop: &mut Option<DissectError>) -> Transport<'a> {
    *stop = Some(body.truncated(if number == protocol::UDP { 8 } else { 20 }));
    let mut r = body;
    let (Ok(source_port), Ok(destination_port)) = (r.u16(), r.u16()) else {
        return Transport::Cut;
    };
    if number == protocol::UDP {
        return Transport::Udp {
            source_port,
            destination_port,
            payload: &[],
        };
    }
    Transport::Tcp(Tcp {
        source_port,
        destination_port,
        sequence: 0,
        acknowledgement: 0,
        flags: TcpFlags::default(),
        payload: &[],
        payload_len: 0,
    })
}
