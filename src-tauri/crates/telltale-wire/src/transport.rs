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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use crate::octets::{tcp, udp};
    use crate::transport_of;

    /// Reads a header whose packet ends on the wire where its octets do.
    fn read_all(number: u8, octets: &[u8]) -> (Transport<'_>, Option<ErrorKind>) {
        let (body, mut stop) = (Reader::new(Layer::Ip, octets), None);
        let transport = read(number, body, body.end(), &mut stop);
        (transport, stop.map(|stop| stop.kind))
    }

    #[test]
    fn tcp_fields_are_read() {
        let octets = tcp(443, b"abc");
        let (Transport::Tcp(tcp), None) = read_all(6, &octets) else {
            panic!()
        };
        assert_eq!(
            (tcp.source_port, tcp.destination_port, tcp.sequence, tcp.acknowledgement),
            (0x1234, 443, 1, 2)
        );
        assert!(tcp.flags.ack() && !tcp.flags.syn() && !tcp.flags.fin() && !tcp.flags.rst());
        assert_eq!((tcp.payload, tcp.payload_len), (&b"abc"[..], 3));
        assert_eq!([TcpFlags(1).fin(), TcpFlags(2).syn(), TcpFlags(4).rst()], [true; 3]);
    }

    #[test]
    fn tcp_options_are_passed_over() {
        let mut octets = tcp(443, b"\x02\x04\x05\xb4abc");
        octets[12] = 0x60;
        let (Transport::Tcp(tcp), None) = read_all(6, &octets) else {
            panic!()
        };
        assert_eq!((tcp.payload, tcp.payload_len), (&b"abc"[..], 3));
        // Cut inside the options, behind the control bits: no payload is there, yet it was on the wire.
        let (body, mut stop) = (Reader::new(Layer::Ip, &octets[..22]), None);
        let Transport::Tcp(tcp) = read(6, body, 27, &mut stop) else {
            panic!()
        };
        assert_eq!((tcp.payload, tcp.payload_len, stop), (&b""[..], 3, None));
    }

    #[test]
    fn a_cut_header_still_tells_its_ports() {
        let octets = tcp(443, b"");
        let (Transport::Tcp(tcp), Some(ErrorKind::Truncated { need: 20, have: 13 })) = read_all(6, &octets[..13])
        else {
            panic!()
        };
        assert_eq!((tcp.destination_port, tcp.sequence, tcp.payload_len), (443, 0, 0));
        let octets = udp(53, b"");
        let (
            Transport::Udp {
                destination_port: 53,
                payload: [],
                ..
            },
            Some(_),
        ) = read_all(17, &octets[..4])
        else {
            panic!()
        };
        for number in [6, 17] {
            assert!(matches!(
                read_all(number, &octets[..3]),
                (Transport::Cut, Some(ErrorKind::Truncated { .. }))
            ));
        }
        assert!(matches!(read_all(1, &[8]), (Transport::Cut, Some(_))));
    }

    #[test]
    fn a_tcp_header_that_lies_about_its_length_has_no_payload() {
        let mut octets = tcp(443, b"abc");
        octets[12] = 0x40;
        let (Transport::Tcp(tcp), Some(kind)) = read_all(6, &octets) else {
            panic!()
        };
        assert_eq!(kind, ErrorKind::Malformed("the TCP header is at least five words long"));
        assert_eq!((tcp.destination_port, tcp.payload, tcp.payload_len), (443, &b""[..], 0));
        octets[12] = 0xf0;
        let (Transport::Tcp(tcp), None) = read_all(6, &octets) else {
            panic!()
        };
        assert_eq!((tcp.payload, tcp.payload_len), (&b""[..], 0));
    }

    #[test]
    fn udp_is_cut_to_its_length() {
        let payload_with_len = |len| {
            let mut octets = udp(53, b"abcdef");
            octets[5] = len;
            let (
                Transport::Udp {
                    payload,
                    source_port: 0x1234,
                    destination_port: 53,
                },
                stop,
            ) = read_all(17, &octets)
            else {
                panic!()
            };
            (payload.len(), stop)
        };
        assert_eq!(payload_with_len(14), (6, None));
        assert_eq!(payload_with_len(11), (3, None));
        assert_eq!(payload_with_len(200), (6, None), "a first fragment, or cut");
        assert_eq!(payload_with_len(0), (6, None), "a jumbogram");
        assert_eq!(
            payload_with_len(7),
            (0, Some(ErrorKind::Malformed("the UDP length holds its header")))
        );
    }

    #[test]
    fn icmp_tells_type_and_code() {
        assert!(matches!(
            transport_of(1, &[8, 0, 0, 0]),
            Transport::Icmp { kind: 8, code: 0 }
        ));
        assert!(matches!(
            transport_of(58, &[1, 4, 0, 0]),
            Transport::Icmp { kind: 1, code: 4 }
        ));
        assert!(matches!(transport_of(132, &[1, 4, 0, 0]), Transport::Other));
    }
}
