//! What a flow's payload says: which protocol it is, and who is called.

use super::{Direction, Segment, datagram::Datagrams, http, stream::Stream, tls};
use crate::{
    limits::{EAGER_STREAM_OCTETS, MAX_EAGER_READS, MAX_SEARCHED_OCTETS, STREAM_STEP_OCTETS},
    model::{DnsKind, FlowProtocol, HelloVia},
};
use telltale_wire::{
    dns::{PORT as DNS_PORT, tcp_messages},
    gquic::Chlo,
    http::{RequestHead, is_http2_preface, looks_like_request, response_status},
    tls::{ClientHello, Handshakes, looks_like_record},
};

/// Who wants to hear what payloads say. `direction` is that of the speaker.
pub(crate) trait Ear {
    /// The protocol was recognised; may come again, a later one is the better one.
    fn protocol(&mut self, protocol: FlowProtocol);
    /// A client's hello.
    fn client_hello(&mut self, via: HelloVia, hello: &ClientHello<'_>, direction: Direction);
    /// A hello of Google's own handshake.
    fn google_hello(&mut self, hello: &Chlo<'_>, direction: Direction);
    /// A server's certificate (DER).
    fn certificate(&mut self, certificate: &[u8], direction: Direction);
    /// A request in the clear.
    fn request(&mut self, head: &RequestHead<'_>, direction: Direction);
    /// A DNS message.
    fn dns(&mut self, kind: DnsKind, message: &[u8], direction: Direction);
    /// A DHCP message of version 4, or 6.
    fn dhcp(&mut self, message: &[u8], version: u8, direction: Direction);
}

/// The state of listening to one flow. Most UDP flows need a few octets of it, so these lie in the flow itself.
#[derive(Debug)]
pub(crate) enum Content {
    /// A TCP connection.
    Tcp(Box<Halves>),
    /// A UDP flow.
    Udp(Datagrams),
}

/// Both directions of a TCP connection.
#[derive(Debug, Default)]
pub(crate) struct Halves {
    low: Half,
    high: Half,
}

#[derive(Debug, Default)]
struct Half {
    stream: Stream,
    listener: Listener,
    /// Octets looked at without finding anything.
    searched: u64,
    /// Requests were found: later ones are looked for without an end.
    requests: bool,
    abandoned: u64,
    /// Octets that were there when they were read last.
    read_to: usize,
    /// Readings again of a long message for a short segment.
    eager: u8,
}

/// The longest start that a decision may need: HTTP/2's preface; a method's name and a space are shorter.
const ENOUGH: usize = 24;

/// What a direction is taken for.
#[derive(Debug, Default)]
enum Listener {
    /// Its start is awaited.
    #[default]
    Start,
    /// Nothing known: the start of each segment is looked at.
    Search,
    Tls(Handshakes),
    Http(http::Requests),
    Dns,
    /// Nothing more is to be learned.
    Done,
}

impl Content {
    /// Memory held beside the flow itself.
    pub(crate) fn held(&self) -> usize {
        match self {
            Self::Tcp(halves) => halves.held(),
            Self::Udp(datagrams) => datagrams.held(),
        }
    }
}

impl Halves {
    /// Takes one segment. `start` is the sequence number of the direction's first octet, where known; `ports` are those of
    /// both ends. False when nothing more is to be learned from the connection.
    pub(crate) fn take(
        &mut self,
        segment: &Segment<'_>,
        direction: Direction,
        start: Option<u32>,
        ports: (u16, u16),
        scratch: &mut Vec<u8>,
        ear: &mut impl Ear,
    ) -> bool {
        let (half, other) = match direction {
            Direction::FromLow => (&mut self.low, &mut self.high),
            Direction::FromHigh => (&mut self.high, &mut self.low),
        };
        let mut hears = Hears {
            direction,
            dns: ports.0 == DNS_PORT || ports.1 == DNS_PORT,
            scratch,
            ear,
        };
        if segment.flags.ack() && other.stream.is_hole_confirmed(segment.acknowledgement) {
            hears.direction = direction.reversed();
            other.pass_hole(&mut hears);
            hears.direction = direction;
        }
        if segment.payload_len > 0 && !matches!(half.listener, Listener::Done) {
            if let Some(start) = start {
                half.stream.start_at(start);
            }
            half.take(segment, &mut hears);
            if matches!(half.listener, Listener::Http(_)) {
                other.finish();
            }
        }
        !(matches!(self.low.listener, Listener::Done) && matches!(self.high.listener, Listener::Done))
    }

    /// No more segments will come: reads what still waits behind holes.
    pub(crate) fn end(&mut self, ports: (u16, u16), scratch: &mut Vec<u8>, ear: &mut impl Ear) {
        let dns = ports.0 == DNS_PORT || ports.1 == DNS_PORT;
        for (half, direction) in [
            (&mut self.low, Direction::FromLow),
            (&mut self.high, Direction::FromHigh),
        ] {
            let mut hears = Hears {
                direction,
                dns,
                scratch: &mut *scratch,
                ear: &mut *ear,
            };
            half.read(&mut hears);
            // Each round passes a hole, or gives up all that waits.
            while half.stream.is_waiting() && !matches!(half.listener, Listener::Done) {
                half.pass_hole(&mut hears);
            }
            half.lose(&mut hears);
            half.finish();
        }
    }

    /// Memory held beside the structure itself.
    pub(crate) fn held(&self) -> usize {
        self.low.stream.held().saturating_add(self.high.stream.held())
    }

    /// Holes that were given up with something behind them.
    pub(crate) const fn abandoned(&self) -> u64 {
        self.low.abandoned.saturating_add(self.high.abandoned)
    }
}

/// What reading needs besides the half itself.
struct Hears<'a, E> {
    direction: Direction,
    dns: bool,
    scratch: &'a mut Vec<u8>,
    ear: &'a mut E,
}

impl Half {
    fn finish(&mut self) {
        self.listener = Listener::Done;
        self.stream.give_up();
    }

    fn take<E: Ear>(&mut self, segment: &Segment<'_>, hears: &mut Hears<'_, E>) {
        // TCP Fast Open sends octets with the SYN, which itself takes one number (RFC 7413).
        let sequence = segment.sequence.wrapping_add(u32::from(segment.flags.syn()));
        let missing = segment
            .payload_len
            .saturating_sub(u32::try_from(segment.payload.len()).unwrap_or(u32::MAX));
        match self.listener {
            Listener::Search => self.search(sequence, segment.payload, missing, hears),
            Listener::Start if missing == 0 && !hears.dns && self.stream.is_fresh_at(sequence) => {
                self.start(sequence, segment.payload, hears);
            }
            _ => self.push(sequence, segment.payload, missing, hears),
        }
    }

    /// The first segment, in its place: most hellos lie in it wholly, and what is nothing known mostly shows it. Neither needs a copy.
    fn start<E: Ear>(&mut self, sequence: u32, payload: &[u8], hears: &mut Hears<'_, E>) {
        match self.recognise(payload, hears) {
            Some(Listener::Tls(mut at)) => {
                if tls::read(&mut at, payload, hears.scratch, hears.direction, hears.ear) == tls::Next::Done {
                    return self.finish();
                }
                self.listener = Listener::Tls(at);
            }
            Some(Listener::Done) => return self.finish(),
            Some(listener) => self.listener = listener,
            None if payload.len() >= ENOUGH => {
                self.searched = payload.len() as u64;
                self.listener = Listener::Search;
                return;
            }
            None => {}
        }
        self.push(sequence, payload, 0, hears);
    }

    fn push<E: Ear>(&mut self, sequence: u32, payload: &[u8], missing: u32, hears: &mut Hears<'_, E>) {
        use super::stream::Pushed;
        match self.stream.push(sequence, payload, missing) {
            Pushed::Grown if self.is_worth_reading() => self.read(hears),
            Pushed::Grown | Pushed::Nothing => {}
            Pushed::Stuck => {
                self.read(hears);
                if !matches!(self.listener, Listener::Done | Listener::Search) {
                    self.pass_hole(hears);
                }
            }
        }
    }

    /// Whether an unfinished message has grown enough to be tried again.
    fn is_worth_reading(&mut self) -> bool {
        let len = self.stream.octets().len();
        if len <= EAGER_STREAM_OCTETS || len >= self.read_to.saturating_add(STREAM_STEP_OCTETS) {
            return true;
        }
        self.eager = self.eager.saturating_add(1);
        self.eager <= MAX_EAGER_READS
    }

    /// Reads what is in order.
    fn read<E: Ear>(&mut self, hears: &mut Hears<'_, E>) {
        self.read_listening(hears);
        self.read_to = self.stream.octets().len();
    }

    fn read_listening<E: Ear>(&mut self, hears: &mut Hears<'_, E>) {
        loop {
            match &mut self.listener {
                Listener::Start => {
                    if !self.begin(hears) {
                        return;
                    }
                }
                Listener::Tls(at) => {
                    if tls::read(at, self.stream.octets(), hears.scratch, hears.direction, hears.ear) == tls::Next::Done
                    {
                        self.finish();
                    }
                    return;
                }
                Listener::Http(requests) => match requests.read(&mut self.stream, hears.direction, hears.ear) {
                    http::Next::Wait => return,
                    http::Next::Anew => self.listener = Listener::Start,
                    http::Next::Search => {
                        self.requests = true;
                        self.stream.give_up();
                        self.listener = Listener::Search;
                        return;
                    }
                },
                Listener::Dns => {
                    let mut read = 0;
                    for (message, end) in tcp_messages(self.stream.octets()) {
                        hears.ear.dns(DnsKind::Dns, message, hears.direction);
                        read = end;
                    }
                    self.stream.consume(read);
                    return;
                }
                Listener::Search | Listener::Done => return,
            }
        }
    }

    /// Decides what the start of the stream is; false when more octets are needed, or it is nothing known.
    fn begin<E: Ear>(&mut self, hears: &mut Hears<'_, E>) -> bool {
        let octets = self.stream.octets();
        if octets.is_empty() {
            return false;
        }
        if hears.dns {
            self.listener = Listener::Dns;
            hears.ear.protocol(FlowProtocol::Dns);
            return true;
        }
        if let Some(listener) = self.recognise(octets, hears) {
            self.listener = listener;
            return true;
        }
        if octets.len() >= ENOUGH || !could_become_known(octets) {
            self.searched = self.searched.saturating_add(octets.len() as u64);
            self.stream.give_up();
            self.listener = Listener::Search;
        }
        false
    }

    fn recognise<E: Ear>(&self, octets: &[u8], hears: &mut Hears<'_, E>) -> Option<Listener> {
        if looks_like_record(octets) {
            hears.ear.protocol(FlowProtocol::Tls);
            return Some(Listener::Tls(Handshakes::default()));
        }
        if looks_like_request(octets) {
            return Some(Listener::Http(http::Requests::default()));
        }
        if is_http2_preface(octets) {
            hears.ear.protocol(FlowProtocol::Http2);
            return Some(Listener::Done);
        }
        if !self.requests && response_status(octets).is_some() {
            hears.ear.protocol(FlowProtocol::Http);
            return Some(Listener::Done);
        }
        None
    }

    /// Looks at the start of one segment, whatever its place in the stream.
    fn search<E: Ear>(&mut self, sequence: u32, payload: &[u8], missing: u32, hears: &mut Hears<'_, E>) {
        if let Some(listener) = self.recognise(payload, hears) {
            self.listener = listener;
            self.stream.give_up();
            if !matches!(self.listener, Listener::Done) {
                self.push(sequence, payload, missing, hears);
            }
            self.requests |= matches!(self.listener, Listener::Http(_));
            return;
        }
        self.searched = self.searched.saturating_add(payload.len() as u64);
        if self.searched > MAX_SEARCHED_OCTETS && !self.requests {
            self.finish();
        }
    }

    /// The hole will not be filled: goes on behind it.
    fn pass_hole<E: Ear>(&mut self, hears: &mut Hears<'_, E>) {
        if self.stream.pass_hole() {
            return self.read(hears);
        }
        self.lose(hears);
        let waiting = self.stream.give_up();
        self.abandoned = self.abandoned.saturating_add(u64::from(!waiting.is_empty()));
        if matches!(self.listener, Listener::Done) {
            return;
        }
        // Messages of DNS mostly start with a segment.
        let dns = matches!(self.listener, Listener::Dns);
        self.requests |= matches!(self.listener, Listener::Http(_));
        self.listener = if dns { Listener::Dns } else { Listener::Search };
        for (sequence, payload) in waiting {
            if matches!(self.listener, Listener::Search) {
                self.search(sequence, &payload, 0, hears);
            } else if self.stream.push(sequence, &payload, 0) == super::stream::Pushed::Grown {
                self.read(hears);
            }
        }
    }

    /// What has begun will not come to its end.
    fn lose<E: Ear>(&mut self, hears: &mut Hears<'_, E>) {
        match &mut self.listener {
            Listener::Tls(at) => tls::lost(at, self.stream.octets(), hears.scratch, hears.direction, hears.ear),
            Listener::Http(requests) => requests.lost(&self.stream, hears.direction, hears.ear),
            _ => {}
        }
    }
}

/// Whether so few octets may still be the start of something known.
fn could_become_known(octets: &[u8]) -> bool {
    octets.len() < 6 || octets.iter().all(u8::is_ascii_graphic) || octets.first().is_some_and(|o| o & 0x80 != 0)
}
