//! Takes whole handshake messages out of TLS records.
//!
//! Called by whoever holds the start of a stream. Never here: what a message says.

use super::ClientHello;
use crate::{DissectError, Layer, reader::Reader};

/// Handshake messages longer than this are not waited for. A `ClientHello` with post-quantum keys and a ticket stays below
/// 4 kB, a certificate chain below 20 kB; the length field would allow 16 MB of a stranger's choosing.
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
    /// It is TLS so far, and the next message has not arrived wholly: ask again when the stream has grown. `begun` are the
    /// octets of that message behind its type and length which lie in the record at the end of the stream, for a reader who will get
    /// no more ([`ClientHello::parse_beginning`]); empty when nothing is known of it.
    Incomplete {
        /// Type of the message that has begun, when its first octet is there.
        kind: Option<HandshakeKind>,
        /// What is there of its body.
        begun: &'a [u8],
    },
    /// It is TLS, and no message in the clear follows: encryption, application data or an alert has begun, or the message is
    /// longer than [`MAX_MESSAGE_LEN`].
    Ended,
    /// The octets are no TLS records. Everything found before still stands.
    NotTls,
}

/// A place in a stream of TLS records: 24 octets, kept beside the stream. Each call gets the same stream from its start, as far as it has grown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Handshakes {
    /// Octets from the start of the stream to the record in which the next message starts.
    record: usize,
    /// Octets of that record's content that are read.
    within: usize,
    /// A `ChangeCipherSpec` has passed: only a hello can still be in the clear (middlebox compatibility, RFC 8446 appendix D.4).
    changed_cipher: bool,
}

impl Handshakes {
    /// The next whole handshake message of `stream`, which must start with the octets of the call before and may have grown.
    /// A message that lies in one record is borrowed from `stream`; `scratch` is overwritten, and grown to at most
    /// [`MAX_MESSAGE_LEN`] and one record, only when a message spans records.
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
        if head.body > MAX_MESSAGE_LEN {
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

/// True when `start`, the first octets of a stream (five suffice), can be a TLS record or an SSL 2.0 hello. Cheap, and rarely true of
/// anything else; with fewer than three octets it cannot tell and says no.
pub fn looks_like_record(start: &[u8]) -> bool {
    if looks_like_ssl_2(start) {
        return true;
    }
    match *start {
        // A first message longer than the limit, or of no known type, is no handshake.
        [22, _, _, _, _, kind, ..] if !matches!(kind, 0..=6 | 8 | 11..=16 | 20..=25) => false,
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
