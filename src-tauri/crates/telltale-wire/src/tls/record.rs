//! Takes whole handshake messages out of TLS records.
//!
//! Called by whoever holds the start of a stream. Never here: what a message says.

use super::ClientHello;
use crate::{DissectError, Layer, reader::Reader};

/// Handshake messages longer than this are not waited for. A `ClientHello` with post-quantum keys and a ticket stays
/// below 4 kB, a certificate chain below 20 kB; the length field would allow 16 MB of a stranger's choosing.
pub const MAX_MESSAGE_LEN: usize = 65_535;

/// Octets that a record may hold: 2^14, and what encryption adds at most (RFC 5246 section 6.2.3).
const MAX_RECORD_LEN: u16 = 16_384 + 2_048;

/// Type of a handshake message (IANA "TLS `HandshakeType`"). A newtype, since files hold any number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HandshakeKind(pub u8);

impl HandshakeKind {
    /// `ClientHello`.
    pub const CLIENT_HELLO: Self = Self(1);
    /// `ServerHello` or `HelloRetryRequest`.
    pub const SERVER_HELLO: Self = Self(2);
    /// DTLS's `HelloVerifyRequest`.
    pub const HELLO_VERIFY_REQUEST: Self = Self(3);
    /// `Certificate`.
    pub const CERTIFICATE: Self = Self(11);
    /// `ServerKeyExchange`, up to TLS 1.2.
    pub const SERVER_KEY_EXCHANGE: Self = Self(12);
    /// `ServerHelloDone`, up to TLS 1.2.
    pub const SERVER_HELLO_DONE: Self = Self(14);

    /// A registered type; any other octet at a message's start is encrypted, as when a capture begins inside a
    /// connection.
    const fn is_sent_in_the_clear(self) -> bool {
        matches!(self.0, 0..=6 | 8 | 11..=16 | 20..=25)
    }
}

/// One whole handshake message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handshake<'a> {
    /// What the message is.
    pub kind: HandshakeKind,
    /// Octets behind the four octets of type and length (of an SSL 2.0 hello: behind the two octets of length).
    pub body: &'a [u8],
    /// The hello is written in SSL 2.0's form (RFC 5246 appendix E.2), as clients did until about 2010.
    pub ssl_2: bool,
}

impl<'a> Handshake<'a> {
    /// The message as a `ClientHello`; `None` when it is another message.
    pub fn client_hello(&self) -> Option<Result<ClientHello<'a>, DissectError>> {
        (self.kind == HandshakeKind::CLIENT_HELLO).then(|| {
            if self.ssl_2 {
                ClientHello::parse_ssl_2(self.body)
            } else {
                ClientHello::parse(self.body)
            }
        })
    }
}

/// What [`Handshakes::next`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// A whole message; ask again for the next one.
    Message(Handshake<'a>),
    /// It is TLS so far, and the next message has not arrived wholly: ask again when the stream has grown. What is
    /// there of it can be read by who will get no more ([`ClientHello::parse_beginning`]).
    Incomplete {
        /// Type of the message that has begun, when its first octet is there.
        kind: Option<HandshakeKind>,
        /// What is there of its body, out of all its records; empty when nothing is known of it.
        begun: &'a [u8],
    },
    /// It is TLS, and no message in the clear follows: encryption, application data or an alert has begun, or the
    /// message is longer than [`MAX_MESSAGE_LEN`].
    Ended,
    /// The octets are no TLS records. Everything found before still stands.
    NotTls,
}

/// A place in a stream of TLS records: 24 octets, kept beside the stream. Each call gets the same stream from its
/// start, as far as it has grown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Handshakes {
    /// Octets from the start of the stream to the record in which the next message starts.
    record: usize,
    /// Octets of that record's content that are read.
    within: usize,
    /// A `ChangeCipherSpec` has passed: only a hello can still be in the clear (middlebox compatibility, RFC 8446
    /// appendix D.4).
    changed_cipher: bool,
}

impl Handshakes {
    /// The next whole handshake message of `stream`, which must start with the octets of the call before and may have
    /// grown. A message that lies in one record is borrowed from `stream`; `scratch` is overwritten, and grown to at
    /// most [`MAX_MESSAGE_LEN`] and one record, only when a message spans records.
    pub fn next<'a>(&mut self, stream: &'a [u8], scratch: &'a mut Vec<u8>) -> Step<'a> {
        if *self == Self::default() && looks_like_ssl_2(stream) {
            return self.ssl_2_hello(stream);
        }
        loop {
            let record = match record_at(stream, self.record) {
                Ok(record) => record,
                Err(step) => return step,
            };
            match record.content_type {
                ContentType::Handshake if self.within < usize::from(record.len) => break,
                ContentType::Handshake => {}
                ContentType::ChangeCipherSpec => self.changed_cipher = true,
                // A warning (an unrecognised name, say) does not end the handshake.
                ContentType::Alert if record.is_warning() => {}
                _ => return Step::Ended,
            }
            if !record.is_whole() {
                return Step::Incomplete { kind: None, begun: &[] };
            }
            self.pass(&record);
        }
        self.message(stream, scratch)
    }

    /// The message that starts in the handshake record at `self.record`.
    fn message<'a>(&mut self, stream: &'a [u8], scratch: &'a mut Vec<u8>) -> Step<'a> {
        let record = match record_at(stream, self.record) {
            Ok(record) => record,
            Err(step) => return step,
        };
        let there = record.content.get(self.within..).unwrap_or_default();
        let left = usize::from(record.len).saturating_sub(self.within);
        let Some(head) = Head::read(there) else {
            return if left < Head::LEN {
                self.spanning(stream, scratch)
            } else {
                Step::Incomplete {
                    kind: there.first().copied().map(HandshakeKind),
                    begun: &[],
                }
            };
        };
        // After a ChangeCipherSpec the octets are encrypted, but for a second hello, which fills its record.
        let is_hello = head.kind == HandshakeKind::CLIENT_HELLO || head.kind == HandshakeKind::SERVER_HELLO;
        if self.changed_cipher && !(is_hello && head.whole() == left) {
            return Step::Ended;
        }
        if head.body > MAX_MESSAGE_LEN || !head.kind.is_sent_in_the_clear() {
            return Step::Ended;
        }
        if head.whole() > left {
            return self.spanning(stream, scratch);
        }
        let behind = there.get(Head::LEN..).unwrap_or_default();
        match behind.get(..head.body) {
            Some(body) => {
                self.within = self.within.saturating_add(head.whole());
                Step::Message(Handshake {
                    kind: head.kind,
                    body,
                    ssl_2: false,
                })
            }
            None => Step::Incomplete {
                kind: Some(head.kind),
                begun: behind,
            },
        }
    }

    /// The message that starts at `self` and goes on in the next records, put together in `scratch`.
    fn spanning<'a>(&mut self, stream: &'a [u8], scratch: &'a mut Vec<u8>) -> Step<'a> {
        scratch.clear();
        let mut at = *self;
        loop {
            let record = match record_at(stream, at.record) {
                Ok(record) => record,
                Err(Step::NotTls) => return Step::NotTls,
                Err(_) => break,
            };
            if record.content_type != ContentType::Handshake {
                return Step::Ended;
            }
            let there = record.content.get(at.within..).unwrap_or_default();
            let head = Head::read(scratch).or_else(|| {
                let mut head = [0; Head::LEN];
                let octets = scratch.iter().chain(there).take(Head::LEN);
                (octets.clone().count() == Head::LEN).then(|| {
                    head.iter_mut().zip(octets).for_each(|(to, from)| *to = *from);
                    Head::of(head)
                })
            });
            if head.is_some_and(|head| head.body > MAX_MESSAGE_LEN) {
                return Step::Ended;
            }
            let missing = head.map_or(Head::LEN, Head::whole).saturating_sub(scratch.len());
            let taken = there.get(..missing).unwrap_or(there);
            scratch.extend_from_slice(taken);
            at.within = at.within.saturating_add(taken.len());
            if let Some(head) = head.filter(|head| scratch.len() >= head.whole()) {
                *self = at;
                let body = scratch.get(Head::LEN..head.whole()).unwrap_or_default();
                return Step::Message(Handshake {
                    kind: head.kind,
                    body,
                    ssl_2: false,
                });
            }
            if !record.is_whole() {
                break;
            }
            at.pass(&record);
        }
        Step::Incomplete {
            kind: scratch.first().copied().map(HandshakeKind),
            begun: scratch.get(Head::LEN..).unwrap_or_default(),
        }
    }

    /// Goes on behind `record`.
    fn pass(&mut self, record: &Record<'_>) {
        self.record = self
            .record
            .saturating_add(RECORD_HEADER_LEN)
            .saturating_add(usize::from(record.len));
        self.within = 0;
    }

    /// The SSL 2.0 hello at the start of `stream`. What follows it is in TLS records again.
    fn ssl_2_hello<'a>(&mut self, stream: &'a [u8]) -> Step<'a> {
        let mut r = Reader::new(Layer::Tls, stream);
        let len = r.u16().map_or(0, |len| usize::from(len & 0x7fff));
        let begun = r.rest();
        let Some(body) = begun.get(..len) else {
            return Step::Incomplete {
                kind: Some(HandshakeKind::CLIENT_HELLO),
                begun: &[],
            };
        };
        self.record = len.saturating_add(2);
        Step::Message(Handshake {
            kind: HandshakeKind::CLIENT_HELLO,
            body,
            ssl_2: true,
        })
    }
}

/// True when `start`, the first octets of a stream (five suffice), can be a TLS record or an SSL 2.0 hello. Cheap, and
/// rarely true of anything else; with fewer than three octets it cannot tell and says no.
pub fn looks_like_record(start: &[u8]) -> bool {
    if looks_like_ssl_2(start) {
        return true;
    }
    match *start {
        [22, _, _, _, _, kind, ..] if !HandshakeKind(kind).is_sent_in_the_clear() => false,
        [content_type, major, minor, high, low, ..] => {
            (20..=24).contains(&content_type)
                && is_version(major, minor)
                && (1..=MAX_RECORD_LEN).contains(&u16::from_be_bytes([high, low]))
        }
        [content_type, major, minor, ..] => (20..=24).contains(&content_type) && is_version(major, minor),
        _ => false,
    }
}

/// SSL 3.0 to TLS 1.3, or the Chinese TLCP (GB/T 38636), which shares the format and which some phone apps speak.
const fn is_version(major: u8, minor: u8) -> bool {
    matches!((major, minor), (3, 0..=4) | (1, 1))
}

/// The header of an SSL 2.0 `ClientHello` (RFC 5246 appendix E.2): length, type 1, a version, and lengths that add up.
fn looks_like_ssl_2(start: &[u8]) -> bool {
    let [
        high,
        low,
        1,
        major,
        minor,
        ciphers_high,
        ciphers_low,
        session_high,
        session_low,
        challenge_high,
        challenge_low,
        ..,
    ] = *start
    else {
        return false;
    };
    let len = u16::from_be_bytes([high & 0x7f, low]);
    let ciphers = u16::from_be_bytes([ciphers_high, ciphers_low]);
    let session = u16::from_be_bytes([session_high, session_low]);
    let challenge = u16::from_be_bytes([challenge_high, challenge_low]);
    let sum = 9_u32
        .saturating_add(ciphers.into())
        .saturating_add(session.into())
        .saturating_add(challenge.into());
    high & 0x80 != 0
        && (is_version(major, minor) || (major, minor) == (0, 2))
        && ciphers != 0
        && ciphers.is_multiple_of(3)
        && matches!(session, 0 | 16)
        && (16..=32).contains(&challenge)
        && sum == u32::from(len)
}

/// Content type, version and length before each record (RFC 8446 section 5.1).
const RECORD_HEADER_LEN: usize = 5;

/// Content types (IANA "TLS `ContentType`") as far as they matter here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ContentType {
    ChangeCipherSpec,
    Alert,
    Handshake,
    /// Application data or heartbeat.
    Other,
}

/// One record, perhaps not there to its end.
struct Record<'a> {
    content_type: ContentType,
    /// Octets that the header claims.
    len: u16,
    /// Those of them that are there.
    content: &'a [u8],
}

impl Record<'_> {
    fn is_whole(&self) -> bool {
        self.content.len() >= usize::from(self.len)
    }

    /// An alert in the clear of level "warning" that is no `close_notify` (RFC 5246 section 7.2).
    fn is_warning(&self) -> bool {
        self.len == 2 && matches!(*self.content, [] | [1] | [1, 1..=255])
    }
}

/// The record whose header is `at` octets into the stream, or the step to report when there is none.
fn record_at(stream: &[u8], at: usize) -> Result<Record<'_>, Step<'static>> {
    let rest = stream.get(at..).unwrap_or_default();
    let possible = |index: usize, is: fn(u8) -> bool| rest.get(index).is_none_or(|octet| is(*octet));
    if !possible(0, |octet| (20..=24).contains(&octet)) || !possible(1, |octet| matches!(octet, 1 | 3)) {
        return Err(Step::NotTls);
    }
    let [content_type, major, minor, high, low, behind @ ..] = rest else {
        return Err(Step::Incomplete { kind: None, begun: &[] });
    };
    let len = u16::from_be_bytes([*high, *low]);
    if !is_version(*major, *minor) || len > MAX_RECORD_LEN {
        return Err(Step::NotTls);
    }
    let content_type = match content_type {
        20 => ContentType::ChangeCipherSpec,
        21 => ContentType::Alert,
        22 => ContentType::Handshake,
        _ => ContentType::Other,
    };
    let content = behind.get(..usize::from(len)).unwrap_or(behind);
    Ok(Record {
        content_type,
        len,
        content,
    })
}

/// Type and length before each handshake message (RFC 8446 section 4).
#[derive(Clone, Copy)]
struct Head {
    kind: HandshakeKind,
    /// Octets behind the head.
    body: usize,
}

impl Head {
    const LEN: usize = 4;

    fn read(octets: &[u8]) -> Option<Self> {
        octets.first_chunk().copied().map(Self::of)
    }

    fn of([kind, a, b, c]: [u8; 4]) -> Self {
        let body = u32::from_be_bytes([0, a, b, c]) as usize; // 24 bits fit every usize that we build for
        Self {
            kind: HandshakeKind(kind),
            body,
        }
    }

    const fn whole(self) -> usize {
        self.body.saturating_add(Self::LEN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(content_type: u8, content: &[u8]) -> Vec<u8> {
        [
            &[content_type, 3, 1][..],
            &(content.len() as u16).to_be_bytes(),
            content,
        ]
        .concat()
    }

    fn message(kind: u8, len: usize) -> Vec<u8> {
        let body: Vec<u8> = (0..len).map(|octet| octet as u8).collect();
        [&[kind][..], &(len as u32).to_be_bytes()[1..], &body].concat()
    }

    /// Kinds and lengths of all messages, and how the stream ends.
    fn read(stream: &[u8]) -> (Vec<(u8, usize)>, &'static str) {
        let (mut at, mut scratch, mut found) = (Handshakes::default(), Vec::new(), Vec::new());
        loop {
            match at.next(stream, &mut scratch) {
                Step::Message(message) => {
                    assert!(message.body.iter().enumerate().all(|(at, octet)| *octet == at as u8));
                    found.push((message.kind.0, message.body.len()));
                }
                Step::Incomplete { .. } => return (found, "incomplete"),
                Step::Ended => return (found, "ended"),
                Step::NotTls => return (found, "not tls"),
            }
        }
    }

    #[test]
    fn several_messages_in_one_record_and_one_message_in_several_records() {
        let together = [message(2, 70), message(11, 500), message(14, 0)].concat();
        for piece in [1, 2, 3, 5, 64, 100, 300, together.len()] {
            let stream: Vec<u8> = together.chunks(piece).flat_map(|content| record(22, content)).collect();
            assert_eq!(
                read(&stream),
                (vec![(2, 70), (11, 500), (14, 0)], "incomplete"),
                "{piece}"
            );
        }
    }

    #[test]
    fn a_growing_stream_gives_each_message_once() {
        let messages = [message(2, 70), message(11, 500), message(14, 0)].concat();
        let stream: Vec<u8> = messages.chunks(90).flat_map(|content| record(22, content)).collect();
        let (mut at, mut scratch, mut found) = (Handshakes::default(), Vec::new(), Vec::new());
        for len in 0..=stream.len() {
            loop {
                match at.next(&stream[..len], &mut scratch) {
                    Step::Message(message) => found.push((message.kind.0, message.body.len())),
                    Step::Incomplete { .. } => break,
                    other => panic!("{other:?} at {len}"),
                }
            }
        }
        assert_eq!(found, [(2, 70), (11, 500), (14, 0)]);
    }

    #[test]
    fn what_has_begun_can_be_seen() {
        let hello = message(1, 200);
        let whole = record(22, &hello);
        let (mut at, mut scratch) = (Handshakes::default(), Vec::new());
        let kind = Some(HandshakeKind::CLIENT_HELLO);
        assert_eq!(
            at.next(&whole[..50], &mut scratch),
            Step::Incomplete {
                kind,
                begun: &hello[4..45]
            }
        );
        let split: Vec<u8> = hello.chunks(40).flat_map(|content| record(22, content)).collect();
        assert_eq!(
            at.next(&split[..100], &mut scratch),
            Step::Incomplete {
                kind,
                begun: &hello[4..85]
            }
        );
    }

    #[test]
    fn a_warning_does_not_end_the_handshake_but_everything_encrypted_does() {
        let hello = record(22, &message(2, 50));
        let warned = [record(21, &[1, 112]), hello.clone(), record(23, &[0; 40])].concat();
        assert_eq!(read(&warned), (vec![(2, 50)], "ended"));
        assert_eq!(
            read(&[hello.clone(), record(21, &[2, 40])].concat()),
            (vec![(2, 50)], "ended")
        );
        assert_eq!(
            read(&[hello.clone(), record(21, &[1, 0])].concat()),
            (vec![(2, 50)], "ended")
        );
        assert_eq!(read(&record(23, &[0; 40])), (vec![], "ended"));
        // Behind a ChangeCipherSpec: an encrypted Finished, and a second hello in the clear.
        let change = record(20, &[1]);
        assert_eq!(
            read(&[hello.clone(), change.clone(), record(22, &[0x91; 40])].concat()),
            (vec![(2, 50)], "ended")
        );
        let second = [hello.clone(), change, hello].concat();
        assert_eq!(read(&second), (vec![(2, 50), (2, 50)], "incomplete"));
    }

    #[test]
    fn other_octets_are_no_tls() {
        for stream in [
            &b"GET / HTTP/1.1"[..],
            &[22, 9],
            &[22, 3, 1, 0xff, 0xff],
            &[0],
            &[0x80, 0x2e, 4],
        ] {
            assert_eq!(read(stream).1, "not tls", "{stream:?}");
            assert!(!looks_like_record(stream), "{stream:?}");
        }
        let after = [record(22, &message(2, 50)), b"HTTP".to_vec()].concat();
        assert_eq!(read(&after), (vec![(2, 50)], "not tls"));
        let inside = [record(22, &message(2, 50)[..20]), b"HTTP".to_vec()].concat();
        assert_eq!(read(&inside), (vec![], "not tls"));
    }

    #[test]
    fn a_message_of_no_known_type_or_beyond_the_limit_is_not_waited_for() {
        let long = record(22, &[11, 1, 0, 0, 1, 2, 3]);
        assert_eq!(read(&long), (vec![], "ended"));
        let unknown = record(22, &[99, 0, 0, 3, 1, 2, 3]);
        assert_eq!(read(&unknown), (vec![], "ended"));
        let split = [record(22, &[11, 1]), record(22, &[0, 0, 1, 2, 3])].concat();
        assert_eq!(read(&split), (vec![], "ended"));
    }

    #[test]
    fn empty_records_are_passed_over() {
        let stream = [
            record(22, &[]),
            record(22, &message(2, 9)),
            record(22, &[]),
            record(22, &message(14, 0)),
        ]
        .concat();
        assert_eq!(read(&stream), (vec![(2, 9), (14, 0)], "incomplete"));
    }

    #[test]
    fn the_first_octets_tell_a_record() {
        let hello = record(22, &message(1, 300));
        for len in 3..hello.len() {
            assert!(looks_like_record(&hello[..len]), "{len}");
        }
        assert!(looks_like_record(&[23, 3, 3, 0, 40]));
        assert!(looks_like_record(&[22, 1, 1, 0, 90, 1])); // TLCP
        assert!(!looks_like_record(&hello[..2]));
        assert!(!looks_like_record(&[22, 3, 1, 0, 90, 99]));
        assert!(!looks_like_record(&[22, 3, 1, 0, 0]));
    }

    #[test]
    fn an_ssl_2_hello_is_read_and_what_follows_is_tls() {
        let body = [&[1, 3, 1, 0, 3, 0, 0, 0, 16][..], &[0, 0, 4], &[5; 16]].concat();
        let hello = [&[0x80, body.len() as u8][..], &body].concat();
        let stream = [hello.clone(), record(22, &message(16, 30))].concat();
        let (mut at, mut scratch) = (Handshakes::default(), Vec::new());
        assert!(matches!(at.next(&hello[..20], &mut scratch), Step::Incomplete { .. }));
        let Step::Message(message) = at.next(&stream, &mut scratch) else {
            panic!()
        };
        assert_eq!(
            message
                .client_hello()
                .unwrap()
                .unwrap()
                .cipher_suites()
                .collect::<Vec<_>>(),
            [4]
        );
        assert!(matches!(
            at.next(&stream, &mut scratch),
            Step::Message(Handshake {
                kind: HandshakeKind(16),
                ..
            })
        ));
        let mut wrong = hello;
        wrong[1] += 1;
        assert!(!looks_like_record(&wrong));
    }
}
