//! How a TCP connection stands, and when one 5-tuple is a new connection (RFC 9293 section 3.3.2, seen from outside).

use super::Direction;
use crate::model::TcpState;
use telltale_wire::{Tcp, TcpFlags};

/// The parts of a segment that state and streams need.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment<'a> {
    pub(crate) sequence: u32,
    pub(crate) acknowledgement: u32,
    pub(crate) flags: TcpFlags,
    pub(crate) payload: &'a [u8],
    /// Payload octets on the wire; more than `payload` holds when the snap length cut the packet.
    pub(crate) payload_len: u32,
}

impl<'a> From<&Tcp<'a>> for Segment<'a> {
    fn from(tcp: &Tcp<'a>) -> Self {
        Self {
            sequence: tcp.sequence,
            acknowledgement: tcp.acknowledgement,
            flags: tcp.flags,
            payload: tcp.payload,
            payload_len: tcp.payload_len,
        }
    }
}

/// State of one connection; of no meaning for UDP.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TcpTrack {
    state: Option<TcpState>,
    /// Sequence number of the initiator's SYN, or what the answer to it says of it.
    initial: Option<u32>,
    /// The first packet seen was no SYN.
    midstream: bool,
    fin_low: bool,
    fin_high: bool,
}

impl TcpTrack {
    /// State at the last packet; `None` before the first (and for UDP).
    pub(crate) const fn state(&self) -> Option<TcpState> {
        self.state
    }

    /// Sequence number of the initiator's first octet, where known.
    pub(crate) fn first_octet(&self) -> Option<u32> {
        self.initial.map(|initial| initial.wrapping_add(1))
    }

    /// Whether the first packet seen was no SYN.
    pub(crate) const fn started_before(&self) -> bool {
        self.midstream
    }

    /// The direction in which the initiator sends, where the first packet of a connection tells: a SYN is the initiator's, a
    /// SYN with ACK answers it.
    pub(crate) const fn initiator(flags: TcpFlags, direction: Direction) -> Option<Direction> {
        match (flags.syn(), flags.ack()) {
            (true, false) => Some(direction),
            (true, true) => Some(direction.reversed()),
            _ => None,
        }
    }

    /// Whether the segment opens a new connection on the same 5-tuple: a SYN with another initial number, after the old
    /// connection was closed, or got so far that its SYN cannot come again. In `Opening` a SYN with another number is
    /// another attempt at the same connection.
    pub(crate) fn is_reopened_by(&self, segment: &Segment<'_>) -> bool {
        segment.flags.syn()
            && !segment.flags.ack()
            && !matches!(self.state, None | Some(TcpState::Opening))
            && self.initial != Some(segment.sequence)
    }

    /// Takes one segment.
    pub(crate) fn take(&mut self, segment: &Segment<'_>, direction: Direction) {
        let flags = segment.flags;
        let Some(state) = self.state else {
            self.midstream = !flags.syn();
            self.state = Some(if flags.syn() {
                TcpState::Opening
            } else {
                TcpState::Midstream
            });
            self.note_initial(segment);
            self.close(flags, direction);
            return;
        };
        if flags.syn() {
            self.note_initial(segment);
        } else if state == TcpState::Opening && flags.ack() {
            self.state = Some(TcpState::Established);
        }
        self.close(flags, direction);
    }

    /// The SYN itself tells the number; its answer, which only repeats it, where the SYN was not seen.
    fn note_initial(&mut self, segment: &Segment<'_>) {
        match (segment.flags.syn(), segment.flags.ack()) {
            (true, false) if matches!(self.state, None | Some(TcpState::Opening)) => {
                self.initial = Some(segment.sequence);
            }
            (true, true) if self.initial.is_none() => self.initial = Some(segment.acknowledgement.wrapping_sub(1)),
            _ => {}
        }
    }

    fn close(&mut self, flags: TcpFlags, direction: Direction) {
        if flags.rst() {
            if self.state != Some(TcpState::Closed) {
                self.state = Some(TcpState::Reset);
            }
            return;
        }
        if !flags.fin() || self.state == Some(TcpState::Reset) {
            return;
        }
        match direction {
            Direction::FromLow => self.fin_low = true,
            Direction::FromHigh => self.fin_high = true,
        }
        self.state = Some(if self.fin_low && self.fin_high {
            TcpState::Closed
        } else {
            TcpState::Closing
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Direction::{FromHigh, FromLow};

    const FIN: u8 = 0x01;
    const SYN: u8 = 0x02;
    const RST: u8 = 0x04;
    const ACK: u8 = 0x10;

    fn segment(flags: u8, sequence: u32) -> Segment<'static> {
        Segment {
            sequence,
            acknowledgement: 0,
            flags: TcpFlags(flags),
            payload: &[],
            payload_len: 0,
        }
    }

    fn after(steps: &[(u8, Direction)]) -> Option<TcpState> {
        let mut track = TcpTrack::default();
        for (flags, direction) in steps {
            track.take(&segment(*flags, 7), *direction);
        }
        track.state()
    }

    #[test]
    fn a_connection_goes_through_its_states() {
        let mut steps = vec![(SYN, FromLow)];
        assert_eq!(after(&steps), Some(TcpState::Opening));
        steps.push((SYN | ACK, FromHigh));
        assert_eq!(after(&steps), Some(TcpState::Opening));
        steps.push((ACK, FromLow));
        assert_eq!(after(&steps), Some(TcpState::Established));
        steps.push((FIN | ACK, FromLow));
        assert_eq!(after(&steps), Some(TcpState::Closing));
        steps.push((FIN | ACK, FromHigh));
        assert_eq!(after(&steps), Some(TcpState::Closed));
        steps.push((RST, FromLow));
        assert_eq!(
            after(&steps),
            Some(TcpState::Closed),
            "a reset behind both FINs closes nothing any more"
        );
    }

    #[test]
    fn refused_and_missed_openings_are_told_apart() {
        assert_eq!(after(&[(SYN, FromLow), (RST | ACK, FromHigh)]), Some(TcpState::Reset));
        assert_eq!(after(&[(ACK, FromLow)]), Some(TcpState::Midstream));
        assert_eq!(after(&[(ACK, FromLow), (ACK, FromHigh)]), Some(TcpState::Midstream));
        assert_eq!(after(&[(ACK, FromLow), (FIN, FromHigh)]), Some(TcpState::Closing));
    }

    #[test]
    fn only_another_initial_number_reopens() {
        let mut track = TcpTrack::default();
        track.take(&segment(SYN, 100), FromLow);
        assert!(!track.is_reopened_by(&segment(SYN, 100)), "sent again");
        assert!(!track.is_reopened_by(&segment(SYN, 200)), "another attempt");
        track.take(&segment(ACK, 101), FromLow);
        track.take(&segment(RST, 101), FromLow);
        assert!(!track.is_reopened_by(&segment(SYN, 100)), "a late copy of the old one");
        assert!(!track.is_reopened_by(&segment(SYN | ACK, 200)));
        assert!(track.is_reopened_by(&segment(SYN, 200)));
    }

    #[test]
    fn the_syn_tells_the_initiator_and_so_does_its_answer() {
        assert_eq!(TcpTrack::initiator(TcpFlags(SYN), FromLow), Some(FromLow));
        assert_eq!(TcpTrack::initiator(TcpFlags(SYN | ACK), FromLow), Some(FromHigh));
        assert_eq!(TcpTrack::initiator(TcpFlags(ACK), FromLow), None);
    }
}
